"""Rows of what the meeting starts from: scorecard, data quality, and what people entered, of the made-up company.

Add here: rows of a list that people keep. Keep out: the company itself (`made_up_company`).
"""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
from made_up_company import HISTORY, HORIZON, START


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


def meeting_rows() -> dict[str, list[dict]]:
    """Table -> its rows."""
    return {
        "marts.dim_horizon": [{"period_start_date": month, "zone": "mid"} for month in HORIZON],
        "marts.kpi_scorecard": list(scorecard()),
        "marts.data_findings": list(findings()),
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
