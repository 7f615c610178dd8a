"""A small company in mart frames: what a pack is rendered from.

The numbers are made by formulas, so that a chart shows a season, a launch ramp and a bottleneck that a reader knows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

import pandas as pd
import pytest

CYCLE_ID = "2026-01"
START = pd.Timestamp("2026-01-01")
HISTORY = pd.date_range("2023-07-01", periods=30, freq="MS")  # older than what the pack shows
HORIZON = pd.date_range(START, periods=18, freq="MS")

# family -> (category, units a month, growth a month, season, price, standard cost)
FAMILIES = {
    "Mountain Bikes": ("Bikes", 5200, 0.004, 0.30, 1450.0, 940.0),
    "Road Bikes": ("Bikes", 4100, 0.002, 0.36, 1680.0, 1120.0),
    "Touring Bikes": ("Bikes", 1500, 0.012, 0.28, 1190.0, 800.0),
    "Helmets": ("Accessories", 9800, 0.003, 0.22, 34.0, 14.0),
    "Jerseys": ("Clothing", 7400, 0.001, 0.25, 48.0, 31.0),
    "Wheels": ("Components", 2600, 0.000, 0.12, 210.0, 128.0),
    "Frames": ("Components", 1900, -0.004, 0.10, 540.0, 390.0),
}
RESOURCES = {
    "WC-10": ("Frame Forming", 3100.0, 0.94),
    "WC-20": ("Frame Welding", 2900.0, 1.03),
    "WC-30": ("Debur and Polish", 1400.0, 0.61),
    "WC-40": ("Paint", 2100.0, 0.88),
    "WC-50": ("Subassembly", 3900.0, 0.79),
    "WC-60": ("Final Assembly", 5200.0, 0.97),
    "WC-70": ("Specialized Paint", 900.0, 0.52),
}


def reconciled(
    name: str,
    object_id: str,
    month: str,
    left: float | None,
    right: float | None,
    currency: str | None,
    off: float | None,
) -> dict[str, object]:
    """A row of marts.fct_reconciliations."""
    status = "not_given" if left is None else "differs" if off else "agrees"
    return {
        "reconciliation_id": name,
        "reconciliation_name": f"What {name.replace('_', ' ')} must be",
        "object_id": object_id,
        "period_start_date": pd.Timestamp(month),
        "left_name": "net amount invoiced",
        "left_value": left,
        "right_name": "revenue of the ledger",
        "right_value": right,
        "difference": off,
        "tolerance": 1,
        "unit": "currency_code" if currency else "base units",
        "currency_code": currency,
        "checked_count": 12,
        "status": status,
    }


def season(month: pd.Timestamp, strength: float) -> float:
    return 1 + strength * math.sin((month.month - 3.5) / 12 * 2 * math.pi)


def months_from_start(month: pd.Timestamp) -> int:
    return (month.year - START.year) * 12 + month.month - START.month


def units_of(family: str, month: pd.Timestamp) -> float:
    _, level, growth, strength, _, _ = FAMILIES[family]
    return level * (1 + growth) ** months_from_start(month) * season(month, strength)


def noise(*words: object) -> float:
    """Between -1 and 1, the same for the same words on every machine."""
    return math.sin(
        sum(ord(letter) * (place + 7) for place, letter in enumerate("|".join(map(str, words)))) * 12.9898
    )


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


def capacity_load() -> Iterator[dict]:
    for resource, (name, hours, load) in RESOURCES.items():
        for month in HORIZON:
            required = hours * load * season(month, 0.22)
            used = min(required, hours * 1.15)
            yield {
                "scenario_id": "base",
                "resource_id": resource,
                "resource_name": name,
                "site_id": "PLANT",
                "period_start_date": month,
                "regular_hours": hours,
                "required_hours": required,
                "used_hours": used,
                "overtime_hours": max(0.0, used - hours),
                "required_load_ratio": required / hours,
                "shadow_price": 41.5 if required > hours * 1.15 else 0.0,
            }


def inventory() -> Iterator[dict]:
    for family in [*FAMILIES, "Raw Tubes"]:
        _, level, _, strength, _, cost = FAMILIES.get(family, ("Material", 30000, 0.0, 0.15, 0.0, 6.0))
        for month in HORIZON:
            yield {
                "scenario_id": "base",
                "family_id": family,
                "period_start_date": month,
                "inventory_value": level
                * cost
                * (0.9 - 0.5 * (season(month, strength) - 1) + 0.1 * noise(family, month)),
                "target_value": level * cost * 0.8 * season(month, strength),
            }


def shortages() -> Iterator[dict]:
    short = [row for row in capacity_load() if row["required_load_ratio"] > 1]
    for row in short:
        missing = row["required_hours"] - row["regular_hours"]
        yield {
            "scenario_id": "base",
            "shortage_type": "resource",
            "object_id": row["resource_id"],
            "object_name": row["resource_name"],
            "period_start_date": row["period_start_date"],
            "unit": "hours",
            "required_quantity": row["required_hours"],
            "available_quantity": row["regular_hours"],
            "short_quantity": missing,
            "short_ratio": missing / row["required_hours"],
            "shadow_price": row["shadow_price"],
            "price_from_quantity": row["regular_hours"] - 40,
            "price_to_quantity": row["regular_hours"] + 90,
            "confirmed_price": row["shadow_price"],
            "is_confirmed": True,
            "demand_at_risk_units": max(0.0, missing - 300) * 1.7,
            "demand_at_risk_margin": max(0.0, missing - 300) * 1.7 * 480,
        }
    for month in HORIZON[3:7]:
        yield {
            "scenario_id": "base",
            "shortage_type": "supplier",
            "object_id": "buy:TUBE@PLANT<ALU",
            "object_name": "Aluminium tube, Alu Nord",
            "period_start_date": month,
            "unit": "units",
            "required_quantity": 31000.0,
            "available_quantity": 29500.0,
            "short_quantity": 1500.0,
            "short_ratio": 1500 / 31000,
            "shadow_price": 3.2,
            # not among the dearest: nobody solved it again
            "price_from_quantity": 29000.0,
            "price_to_quantity": None,
            "confirmed_price": None,
            "is_confirmed": None,
            "demand_at_risk_units": 210.0,
            "demand_at_risk_margin": 96_600.0,
        }


def shortage_chains() -> Iterator[dict]:
    """One demand goes short for want of aluminium tube, one is only served dearly, in overtime."""
    steps = (
        ("item_site", "Trail bike at NORTH", 1.0),
        ("move", "Trail bike from PLANT to NORTH", 1.0),
        ("make", "Trail bike made at PLANT", 1.02),
    )
    ends = (("supplier", "Aluminium tube, Alu Nord", 3.1, 210.0), ("resource", "Painting", 0.4, 0.0))
    for channel, (limit, name, quantity, short) in zip(("retail", "web"), ends, strict=True):
        for number, (kind, what, each) in enumerate([*steps, (limit, name, quantity)], start=1):
            yield {
                "scenario_id": "base", "item_id": "TRAIL", "site_id": "NORTH", "channel_id": channel,
                "period_start_date": HORIZON[4], "step_number": number, "item_name": "Trail bike", "step_type": kind,
                "object_name": what, "step_period_start_date": HORIZON[3], "quantity_per_unit": each,
                "is_limit": number == len(steps) + 1, "demand_units": 900.0, "short_units": short,
                "short_margin": short * 460,
            }  # fmt: skip


def supply_options() -> Iterator[dict]:
    """One that pays, one that does not, one that cannot be solved."""
    nothing = dict.fromkeys(
        ("feasible_from_date", "used_hours", "option_cost", "cost_saving", "recovered_units", "recovered_margin", "net_value",
         "value_rank", "reason"))  # fmt: skip
    yield nothing | {
        "option_id": "O1", "option_name": "Late shift", "option_type": "shift", "is_solved": True, "feasible_from_date": HORIZON[2],
        "used_hours": 480.0, "option_cost": 42_000.0, "cost_saving": 131_000.0, "recovered_units": 210.0,
        "recovered_margin": 96_600.0, "net_value": 89_000.0, "value_rank": 1,
    }  # fmt: skip
    yield nothing | {
        "option_id": "O2", "option_name": "Sunday shift", "option_type": "shift", "is_solved": True,
        "feasible_from_date": HORIZON[1], "used_hours": 0.0, "option_cost": 0.0, "cost_saving": 0.0, "recovered_units": 0.0,
        "recovered_margin": 0.0, "net_value": 0.0, "value_rank": 2,
    }  # fmt: skip
    yield nothing | {
        "option_id": "O3", "option_name": "Second hall", "option_type": "reallocation", "is_solved": False,
        "reason": "adds to a storage: only hours of resources are solved",
    }  # fmt: skip


def scenario_kpis() -> Iterator[dict]:
    for name, delivered, revenue in (("base", 0.0, 0.0), ("rain", -900.0, -410_000.0)):
        yield {
            "scenario_id": name, "scenario_name": "Rainy summer", "question": "What if it rains?", "is_solved": True, "reason": None,
            "delivered_units_change": delivered, "unserved_units_change": 0.0, "revenue_change": revenue,
            "margin_change": revenue * 0.4, "cost_change": revenue * 0.55,
        }  # fmt: skip


def supply_demand_gap() -> Iterator[dict]:
    for month in HORIZON:
        family_rows = []
        for family, facts in FAMILIES.items():
            demand = units_of(family, month)
            share = 0.0
            if facts[0] == "Bikes":
                share = {5: -0.04, 6: -0.07, 7: -0.05, 8: 0.06}.get(month.month, 0.0) * (
                    1 + 0.4 * noise(family)
                )
            family_rows.append(
                {
                    "level": "family",
                    "level_id": family,
                    "demand_units": demand,
                    "gap_units": demand * share,
                    "gap_revenue": demand * share * facts[4],
                }
            )
        total = {"level": "company", "level_id": "all"} | {
            name: sum(row[name] for row in family_rows)
            for name in ("demand_units", "gap_units", "gap_revenue")
        }
        for row in [total, *family_rows]:
            yield {
                "scenario_id": "base",
                "period_start_date": month,
                **row,
                "supply_units": row["demand_units"] + row["gap_units"],
                "gap_ratio": row["gap_units"] / row["demand_units"],
            }


def financial_projection() -> Iterator[dict]:
    for family, (_, _, _, _, price, cost) in FAMILIES.items():
        for month in HORIZON:
            units = units_of(family, month)
            yield {
                "scenario_id": "base",
                "period_start_date": month,
                "revenue": units * price,
                "standard_cost_of_sales": units * cost,
                "standard_gross_margin": units * (price - cost),
                "production_cost": units * cost * 0.18,
                "purchase_cost": units * cost * 0.55,
                "freight_cost": units * 4.2,
                "regular_labour_cost": units * cost * 0.14,
                "overtime_cost": units * cost * (0.01 if 4 <= month.month <= 7 else 0.0),
                "holding_cost": units * cost * 0.011,
                "inventory_value": units * cost * 0.8,
            }


# kpi_id, name, step, unit, better, actual, target, prior, status, reason
KPIS = [
    ("revenue_to_budget_year_to_date", "Revenue to budget, year to date", "start", "ratio", "higher", 1.012, 1.0, 1.004, "green",
     "1.2 points above the target of 100 %."),
    ("gross_margin_ratio", "Gross margin", "start", "ratio", "higher", 0.342, 0.35, 0.347, "amber",
     "0.8 points below the target, inside the tolerance of 1.5 points."),
    ("forecast_accuracy_lag_1", "Forecast accuracy, one month ahead", "demand_review", "ratio", "higher", 0.846, 0.85, 0.861, "amber",
     "0.4 points below the target, inside the tolerance of 2 points."),
    ("forecast_bias_lag_1", "Forecast bias, one month ahead", "demand_review", "ratio", "target", 0.031, 0.0, 0.012, "green",
     "Forecasts were 3.1 % too high, inside the tolerance of 5 points."),
    ("customer_otif", "Orders delivered on time in full", "supply_review", "ratio", "higher", 0.871, 0.95, 0.902, "red",
     "7.9 points below the target, beyond the tolerance of 3 points."),
    ("supplier_otif", "Suppliers on time in full", "supply_review", "ratio", "higher", 0.934, 0.92, 0.918, "green",
     "1.4 points above the target."),
    ("capacity_utilisation", "Capacity utilisation", "supply_review", "ratio", "target", 0.913, 0.85, 0.887, "amber",
     "6.3 points above the target, inside the tolerance of 10 points."),
    ("plan_attainment_mix", "Production plan attainment, mix", "supply_review", "ratio", "higher", None, 0.95, None, "no_data",
     "No plan was published for the last closed month."),
    ("planned_demand_fulfilment", "Planned demand fulfilment", "pre_sop", "ratio", "higher", 0.987, 0.98, 0.991, "green",
     "0.7 points above the target."),
    ("days_of_inventory", "Days of inventory", "pre_sop", "days", "lower", 41.3, 45.0, 43.8, "green",
     "3.7 days below the target of 45."),
    ("inventory_turns", "Inventory turns", "pre_sop", "turns per year", "higher", 8.8, None, 8.3, "no_target",
     "Nobody has set a target."),
]  # fmt: skip
KPI_COLUMNS = (
    "kpi_id",
    "kpi_name",
    "process_step",
    "unit",
    "better_is",
    "actual_value",
    "target_value",
    "prior_value",
    "status",
    "status_reason",
)


def scorecard() -> Iterator[dict]:
    for kpi in KPIS:
        row = dict(zip(KPI_COLUMNS, kpi, strict=True))
        measured = row["actual_value"] is not None and row["target_value"] is not None
        gap = row["actual_value"] - row["target_value"] if measured else None
        yield row | {"period_start_date": HISTORY[-1], "gap_value": gap}


def terms() -> Iterator[dict]:
    for kpi in KPIS:
        yield {
            "term_id": kpi[0],
            "table_name": None,
            "term_name": kpi[1],
            "definition": f"How it is computed: {kpi[1].lower()} over what was due.",
        }
    columns = {
        "fct_demand_plan.forecast_units": ("Demand plan", "The sum of its layers, never negative"),
        "fct_resource_shortages.shadow_price": ("Shadow price", "Saving from one more unit of the limit"),
        "fct_demand_plan.channel_id": ("Sales channel", "Not explained in the pack"),
    }
    for term_id, (name, definition) in columns.items():
        yield {"term_id": term_id, "table_name": "fct", "term_name": name, "definition": definition}


# finding_id, name, step, severity, objects, found, of, money, status, trend, before, meaning, handling, owner
FINDINGS = [
    ("customer_orders_overdue", "Customer orders overdue", "demand_review", "warning", "order lines", 312, 4210, 1_840_000.0, "found",
     "worse", 290, "Goods are owed from earlier months.", "Carries them into the first month as backlog.", "sales operations"),
    ("short_lives", "Items too young for a season", "demand_review", "information", "items", 14, 120, 96_300.0, "found", "unchanged", 14,
     "They cannot show a season.", "Forecasts them without one.", "product management"),
    ("made_items_without_routing", "Sold made items without a routing", "supply_review", "critical", "items", 3, 60, 5_200.0, "over_limit",
     "new", 0, "Their hours are not in the load.", "Makes them without hours.", "industrial engineering"),
    ("overrides_rejected", "Overrides that were not applied", "demand_review", "warning", "overrides", 1, None, None, "found", "better", 2,
     "Somebody believes that the plan was changed.", "Leaves the forecast as it was.", "demand planning"),
    ("stock_negative", "Negative stock", "supply_review", "warning", "stock records", 0, 900, None, "none", "none", 0,
     "A receipt was not posted.", "Takes the stock as zero.", "inventory control"),
]  # fmt: skip
FINDING_COLUMNS = (
    "finding_id", "finding_name", "process_step", "severity", "object_name", "finding_count", "checked_count", "finding_value", "status",
    "trend", "prior_count", "meaning", "handling", "owner",
)  # fmt: skip


def findings() -> Iterator[dict]:
    plain = {"unit": "units", "finding_quantity": 1.0, "checked_quantity": None}
    for finding in FINDINGS:
        yield dict(zip(FINDING_COLUMNS, finding, strict=True)) | plain


ASSUMPTION_COLUMNS = (
    "assumption_id", "statement", "expected_value", "tolerance_value", "actual_value", "unit", "state", "state_reason",
    "is_within_tolerance", "owner",
)  # fmt: skip


def make_tables() -> dict[str, pd.DataFrame]:
    frames: dict[str, list[dict]] = {
        "marts.dim_horizon": [{"period_start_date": month, "zone": "mid"} for month in HORIZON],
        "marts.kpi_scorecard": list(scorecard()),
        "marts.fct_demand_outlook": list(demand_outlook()),
        "marts.fct_forecast_performance": list(performance()),
        "marts.fct_forecast_value_added": list(value_added()),
        "marts.fct_forecast_waterfall": list(waterfall()),
        "marts.fct_capacity_load": list(capacity_load()),
        "marts.fct_inventory_projection": list(inventory()),
        "marts.fct_resource_shortages": list(shortages()),
        "marts.fct_shortage_chains": list(shortage_chains()),
        "marts.fct_supply_options": list(supply_options()),
        "marts.fct_scenario_kpis": list(scenario_kpis()),
        "marts.fct_supply_demand_gap": list(supply_demand_gap()),
        "marts.fct_gap_to_goal": list(goals()),
        "marts.data_findings": list(findings()),
        "marts.fct_financial_projection": list(financial_projection()),
        "marts.dim_terms": list(terms()),
        "marts.fct_reconciliations": [
            *(
                reconciled("revenue", "1000", month, 250_000, 250_000 + off, "EUR", off)
                for month, off in (("2025-11-01", 0), ("2025-12-01", 12_500))
            ),
            reconciled("stock", "HQ", "2025-12-01", 5_000, 5_000, None, 0),
            reconciled("stock_value", "all", "2025-12-01", None, None, None, None),
        ],
        "marts.fct_issues": [
            {
                "issue_id": "IS-1",
                "issue_name": "One supplier of frames",
                "severity": "high",
                "owner": "purchasing",
                "is_open": True,
                "action_count": 1,
                "needs_action": False,
            },
            {
                "issue_id": "IS-2",
                "issue_name": "Welding does not reach",
                "severity": "blocking",
                "owner": "supply.planning",
                "is_open": True,
                "action_count": 0,
                "needs_action": True,
            },
            {
                "issue_id": "IS-3",
                "issue_name": "Old and solved",
                "severity": "low",
                "owner": "plant",
                "is_open": False,
                "action_count": 0,
                "needs_action": False,
            },
        ],
        "marts.fct_actions": [
            {
                "action_id": "AC-1",
                "action_name": "Qualify a second supplier",
                "owner": "purchasing",
                "due_date": pd.Timestamp("2025-12-22"),
                "is_open": True,
                "days_overdue": 10,
                "is_carried_over": True,
                "closed_date": None,
                "metric": None,
                "expected_effect_value": None,
                "effect_unit": None,
                "before_value": None,
                "after_value": None,
                "verified_effect_value": None,
                "effect_state": "not_measurable",
            },
            {
                "action_id": "AC-2",
                "action_name": "Train a second operator",
                "owner": "plant",
                "due_date": pd.Timestamp("2025-09-22"),
                "is_open": False,
                "days_overdue": 0,
                "is_carried_over": False,
                "closed_date": pd.Timestamp("2025-09-20"),
                "metric": "customer_otif",
                "expected_effect_value": 0.02,
                "effect_unit": "ratio",
                "before_value": 0.7,
                "after_value": 0.812,
                "verified_effect_value": 0.112,
                "effect_state": "measured",
            },
        ],
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
        "marts.fct_conflicts": [
            {
                "conflict_id": f"CF:2026-Q2:{family}/all:budget-final",
                "family_id": family,
                "channel_id": "all",
                "quarter_start_date": pd.Timestamp("2026-04-01"),
                "party_a": "budget",
                "value_a": 1_000.0,
                "party_b": "final",
                "value_b": 1_300.0,
                "difference_ratio": -0.23,
                "conflict_value": 10_200.0,
                "conflict_status": status,
                "record_id": record,
            }
            for family, status, record in (("Helmets", "open", None), ("Wheels", "resolved", "DE-1"))
        ],
        "marts.fct_decisions": [
            {
                "decision_id": "DE-1",
                "question": "Saturday shift?",
                "options": "yes; no",
                "recommendation": "yes",
                "money_effect": 48000.0,
                "approver": "managing.director",
                "is_open": True,
            },
        ],
        "marts.fct_events": [
            {
                "event_id": "EV-1",
                "event_name": "Rival leaves",
                "scope_id": "Helmets",
                "first_period_start_date": START,
                "last_period_start_date": HORIZON[5],
                "metric": "units",
                "probability_ratio": 0.5,
                "event_status": "expected",
                "owner": "marketing",
                "expected_impact_value": 300.0,
                "is_in_horizon": True,
            },
        ],
        "marts.fct_quarantined_rows": [
            *(
                {
                    "table_name": "erp.purchase_order_lines",
                    "rule_id": "ordered_units_not_convertible",
                    "row_key": f"4500{n:03d}/10",
                    "is_lost": True,
                    "problem": "ordered_units is empty: no factor from DZ to the base unit of the item",
                }
                for n in range(17)
            ),
            # the same row twice: nothing of it is missing
            {
                "table_name": "erp.items",
                "rule_id": "repeated_row",
                "row_key": "A-100",
                "is_lost": False,
                "problem": "another row is the same word for word",
            },
        ],
        "gate_results": [
            {
                "table_name": "contract.standard_costs",
                "rule": "items_have_a_cost",
                "severity": "warning",
                "passed": False,
                "unexpected_count": 6,
                "element_count": 504,
                "why": "Without a cost, stock is free and margin is revenue.",
            },
            {
                "table_name": "contract.items",
                "rule": "saleable_items_arrived",
                "severity": "critical",
                "passed": True,
                "unexpected_count": 0,
                "element_count": 295,
                "why": "A company that sells nothing needs no plan.",
            },
        ],
    }
    return {name: pd.DataFrame(rows) for name, rows in frames.items()}


@pytest.fixture
def tables() -> dict[str, pd.DataFrame]:
    return make_tables()


@pytest.fixture
def render() -> Callable[..., str]:
    """Render as the release step does, and read the page back."""
    from sop_pipeline.pack import render_pack

    def page(tables: dict[str, pd.DataFrame], company_name: str = "Northwind Cycles", **rest: object) -> str:
        return render_pack(tables, CYCLE_ID, company_name, "EUR", **rest).decode("utf-8")

    return page
