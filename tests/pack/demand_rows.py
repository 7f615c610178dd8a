"""Rows of the marts of the demand review, of the made-up company.

Add here: rows of a mart that a section on demand draws. Keep out: the company itself (`made_up_company`).
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from made_up_company import CYCLE_ID, FAMILIES, HISTORY, HORIZON, START, months_from_start, noise, units_of

ASSUMPTION_COLUMNS = (
    "assumption_id", "statement", "expected_value", "tolerance_value", "actual_value", "unit", "state", "state_reason",
    "is_within_tolerance", "owner",
)  # fmt: skip


def demand_outlook() -> Iterator[dict]:
    """Families and their sum, whose errors cancel in part: its interval is narrower than the sum of theirs."""
    for month in [*HISTORY, *HORIZON]:
        families = [outlook_of("family", family, month, [family]) for family in FAMILIES]
        yield outlook_of("company", "all", month, list(FAMILIES))
        yield from families


def outlook_of(level: str, level_id: str, month: pd.Timestamp, families: list[str]) -> dict:
    is_history = month < START
    units = sum(units_of(family, month) for family in families)
    spread = units * (0.05 + 0.006 * months_from_start(month)) / len(families) ** 0.5
    year_ago = month - pd.DateOffset(years=1)
    ahead = {
        "forecast_units": units,
        "lower_80_units": units - 1.28 * spread,
        "upper_80_units": units + 1.28 * spread,
        "lower_95_units": units - 1.96 * spread,
        "upper_95_units": units + 1.96 * spread,
    }
    return {
        "level": level,
        "level_id": level_id,
        "period_start_date": month,
        "is_history": is_history,
        "actual_units": ordered(families, month) if is_history else None,
        "last_year_units": ordered(families, year_ago) if HISTORY[0] <= year_ago < START else None,
        "budget_units": units * (1.03 if month.month < 7 else 0.985) if month >= HISTORY[-12] else None,
        **(dict.fromkeys(ahead) if is_history else ahead),
    }


def ordered(families: list[str], month: pd.Timestamp) -> float:
    return sum(units_of(family, month) * (1 + 0.06 * noise(family, month)) for family in families)


def goals() -> Iterator[dict]:
    for metric in ("revenue", "gross_margin", "units"):
        for month in [*HISTORY[-12:], *HORIZON]:
            by_family = {}
            for family, facts in FAMILIES.items():
                worth = {"revenue": facts[4], "gross_margin": facts[4] - facts[5], "units": 1.0}[metric]
                by_family[family] = units_of(family, month) * worth
            for level, level_id, value in [
                ("company", "all", sum(by_family.values())),
                *(("family", family, value) for family, value in by_family.items()),
            ]:
                projected = value * (1 + 0.04 * noise(metric, level_id, month))
                budget = value * (1.03 if month.month < 7 else 0.985)
                yield {
                    "metric": metric,
                    "level": level,
                    "level_id": level_id,
                    "period_start_date": month,
                    "is_actual": month < START,
                    "projected_value": projected,
                    "budget_value": budget,
                    "latest_estimate_value": value * 1.01 if month.year == 2026 else None,
                    "gap_to_budget": projected - budget,
                    "gap_ratio": (projected - budget) / budget,
                }


def performance() -> Iterator[dict]:
    levels = [("company", "all"), *(("family", family) for family in FAMILIES)]
    for lag in (0, 1, 2, 3):
        for level, level_id in levels:
            for month in HISTORY[-6:]:
                demand = (
                    sum(units_of(f, month) for f in FAMILIES)
                    if level == "company"
                    else units_of(level_id, month)
                )
                accuracy = 0.87 - 0.022 * lag + 0.05 * noise(level_id, month, lag)
                bias = 0.03 * noise(month, level_id)
                yield {
                    "lag_months": lag,
                    "level": level,
                    "level_id": level_id,
                    "stream": "final",
                    "period_start_date": month,
                    "forecast_units": demand * (1 + bias),
                    "actual_units": demand,
                    "accuracy_ratio": accuracy,
                    "bias_ratio": bias,
                    "value_added_ratio": 0.06 + 0.05 * noise(level_id, lag),
                    "tracking_signal": -4.6 if level_id == "Helmets" else 1.2,
                    "is_beyond_limit": level_id == "Helmets",
                }


# step, WAPE before, after, verdict
STAIR = [
    ("statistical", 0.31, 0.22, "better"),
    ("launches", 0.22, 0.215, "not_proven"),
    ("activities", 0.215, 0.2, "better"),
    ("order_book", 0.2, 0.2, "unchanged"),
    ("overrides", 0.2, 0.208, "worse"),
]
# step, detail, name, units taken off the error, verdict
ENTERED = [
    ("activities", "person", "never shown below its level", 1.0, "better"),
    ("sales", "person", "sales.west", -310.0, "worse"),
    ("overrides", "person", "demand.planning", 95.0, "not_proven"),
    ("overrides", "override", "OV-7", -12.0, "too_few"),
    ("overrides", "override", "not recorded", 107.0, "better"),
]


def value_added() -> Iterator[dict]:
    for lag in (0, 1, 2):
        shared = {"lag_months": lag, "first_period_start_date": HISTORY[-3], "last_period_start_date": HISTORY[-1],
                  "month_count": 3 - lag, "observation_count": 41}  # fmt: skip
        for number, (step, before, after, verdict) in enumerate(STAIR, start=1):
            yield shared | {
                "level": "company", "level_id": "all", "step": step, "detail": "step", "detail_id": "all", "step_number": number,
                "value_added_units": (before - after) * 40_000, "wape_before_ratio": before + 0.01 * lag,
                "wape_after_ratio": after + 0.01 * lag, "value_added_ratio": before - after, "touched_value_added_ratio": 0.1,
                "verdict": verdict,
            }  # fmt: skip
        for step, detail, name, units, verdict in ENTERED:
            yield shared | {
                "level": "family" if step == "activities" else "company", "level_id": "all", "step": step, "detail": detail,
                "detail_id": name, "step_number": 6, "value_added_units": units, "wape_before_ratio": None, "wape_after_ratio": None,
                "value_added_ratio": units / 40_000, "touched_value_added_ratio": units / 2_000, "verdict": verdict,
            }  # fmt: skip


def waterfall() -> Iterator[dict]:
    """The statistical forecast rose by 40 units a month since the cycle before, a launch was taken back by 15."""
    changes = {"statistical_change_units": 40.0, "launch_change_units": -15.0, "activity_change_units": 0.0,
               "sales_change_units": 0.0, "order_book_change_units": 0.0, "override_change_units": 0.0}  # fmt: skip
    for level, level_id in (("company", "all"), *(("family", family) for family in FAMILIES)):
        for month in [HISTORY[-1], *HORIZON[:12]]:
            for age, cycle in enumerate(("2025-11", "2025-12", CYCLE_ID)):
                if month >= pd.Timestamp(f"{cycle}-01"):
                    has_previous = age > 0
                    yield {
                        "level": level, "level_id": level_id, "period_start_date": month, "made_in_cycle_id": cycle,
                        "previous_cycle_id": ("2025-11", "2025-12")[age - 1] if has_previous else None,
                        "forecast_units": 9_000.0 + 25 * age, "actual_units": 9_100.0 if month < START else None,
                        "previous_forecast_units": 9_000.0 + 25 * (age - 1) if has_previous else None,
                        "change_units": 25.0 if has_previous else None,
                        **(changes if has_previous else dict.fromkeys(changes)),
                    }  # fmt: skip


def demand_rows() -> dict[str, list[dict]]:
    """Mart -> its rows."""
    return {
        "marts.fct_demand_outlook": list(demand_outlook()),
        "marts.fct_forecast_performance": list(performance()),
        "marts.fct_forecast_value_added": list(value_added()),
        "marts.fct_forecast_waterfall": list(waterfall()),
        "marts.fct_gap_to_goal": list(goals()),
        "marts.fct_assumption_results": [
            dict(
                zip(ASSUMPTION_COLUMNS, values, strict=True),
                hit_ratio=0.5,
                scope_id="Helmets",
                metric="units",
            )
            for values in (
                (
                    "AS-1",
                    "Helmets grow by a tenth",
                    1.1,
                    0.05,
                    0.98,
                    "ratio to last year",
                    "broken",
                    "Beyond its tolerance",
                    False,
                    "demand.planning",
                ),
                (
                    "AS-2",
                    "No new rival",
                    None,
                    None,
                    None,
                    None,
                    "not_testable",
                    "No measure is named",
                    None,
                    "marketing",
                ),
                (
                    "AS-3",
                    "Steel stays where it is",
                    9.0,
                    0.5,
                    9.2,
                    "EUR",
                    "expired",
                    "Its last cycle is over",
                    True,
                    "purchasing",
                ),
            )
        ],
        "marts.fct_activity_deltas": [
            {
                "activity_id": "P-7",
                "activity_name": "Spring promotion",
                "item_id": "HL-1",
                "site_id": "HQ",
                "channel_id": "shops",
                "delta_type": "moved",
                "first_changed_period_start_date": START,
                "expected_change_units": 120.0,
                "is_in_frozen_zone": True,
                "owner": "marketing",
            }
        ],
        "marts.fct_customer_profiles": [
            {
                "customer_id": f"C{n}",
                "channel_id": "shops",
                "customer_group": "KEY",
                "abc_class": "A" if n < 3 else "B",
                "revenue": 90_000.0 / n,
                "revenue_ratio": 0.3 / n,
                "variation_ratio": 0.4,
                "requested_lead_time_days": 7.0,
                "otif_ratio": 0.91,
                "otif_target_ratio": 0.95,
            }
            for n in range(1, 5)
        ],
        "marts.fct_deviation_cause_totals": [
            {
                "lag_months": lag,
                "level": "company",
                "level_id": "all",
                "period_start_date": pd.Timestamp("2025-12-01"),
                "cause_code": cause,
                "rule_number": rule,
                "cause_units": units,
                "absolute_units": abs(units) * 2 + lag,
                "absolute_ratio": ratio,
                "absolute_value": abs(units) * 40.0,
                "within_interval_ratio": 0.75,
                "series_count": 12,
            }
            for lag in (0, 1)
            for cause, rule, units, ratio in (
                ("stock_out", 1, 310.0, 0.2),
                ("promotion_miss", 3, -120.0, 0.1),
                ("unexplained", 8, 940.0, 0.7),
            )
        ],
        "marts.fct_cause_confirmations": [
            {
                "confirmation_id": "CF-1",
                "item_id": "HL-1",
                "site_id": "HQ",
                "channel_id": "WEB",
                "period_start_date": pd.Timestamp("2025-12-01"),
                "cause_code": "unexplained",
                "confirmed_cause_code": "timing",
                "owner": "sales",
                "comment": "The fair moved to January",
                "confirmation_state": "replaced",
                "absolute_units": 40.0,
            },
        ],
        "marts.fct_cause_recurrence": [
            {
                "cause_id": "stock_out:HL-1@HQ",
                "cause_code": "stock_out",
                "item_id": "HL-1",
                "site_id": "HQ",
                "cycles_seen": 3,
                "absolute_units": 90.0,
                "absolute_value": 3_100.0,
                "action_id": None,
                "is_exception": True,
            },
            {
                "cause_id": "model_bias:HL-2@HQ",
                "cause_code": "model_bias",
                "item_id": "HL-2",
                "site_id": "HQ",
                "cycles_seen": 2,
                "absolute_units": 40.0,
                "absolute_value": 800.0,
                "action_id": "AC-1",
                "is_exception": False,
            },
        ],
    }
