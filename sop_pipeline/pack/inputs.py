"""Which marts the pack reads, and how a section gets at them.

Add here: a table or column that a section needs. Keep out: sums and joins (they belong into a mart).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

_GAP_COLUMNS = (
    "scenario_id",
    "level",
    "level_id",
    "period_start_date",
    "demand_units",
    "supply_units",
    "gap_units",
)

PACK_TABLES: dict[str, tuple[str, ...]] = {
    "marts.dim_horizon": ("period_start_date", "zone"),
    "marts.kpi_scorecard": (
        "kpi_id", "kpi_name", "process_step", "unit", "better_is", "period_start_date", "actual_value",
        "target_value", "gap_value", "prior_value", "status", "status_reason",
    ),
    "marts.fct_demand_outlook": (
        "level", "level_id", "period_start_date", "is_history", "actual_units", "last_year_units", "budget_units",
        "forecast_units", "lower_80_units", "upper_80_units", "lower_95_units", "upper_95_units",
    ),
    "marts.fct_forecast_performance": (
        "lag_months", "level", "level_id", "stream", "period_start_date", "forecast_units", "actual_units",
        "accuracy_ratio", "bias_ratio", "value_added_ratio", "tracking_signal", "is_beyond_limit",
    ),
    "marts.fct_forecast_value_added": (
        "lag_months", "level", "level_id", "step", "detail", "detail_id", "step_number", "first_period_start_date",
        "last_period_start_date", "month_count", "observation_count", "value_added_units", "wape_before_ratio", "wape_after_ratio",
        "value_added_ratio", "touched_value_added_ratio", "verdict",
    ),
    "marts.fct_forecast_waterfall": (
        "level", "level_id", "period_start_date", "made_in_cycle_id", "previous_cycle_id", "forecast_units",
        "previous_forecast_units", "change_units", "statistical_change_units", "launch_change_units", "activity_change_units",
        "sales_change_units", "order_book_change_units", "override_change_units", "actual_units",
    ),
    "marts.fct_capacity_load": (
        "scenario_id", "resource_id", "resource_name", "capacity_basis", "site_id", "period_start_date", "regular_hours",
        "required_hours", "used_hours", "overtime_hours", "required_load_ratio", "shadow_price",
    ),
    "marts.fct_inventory_projection": (
        "scenario_id", "family_id", "period_start_date", "inventory_value", "target_value",
    ),
    "marts.fct_resource_requirements": (
        "scenario_id", "resource_id", "resource_name", "resource_type", "period_start_date", "required_hours", "regular_hours",
        "gap_hours", "required_heads", "available_heads", "gap_heads", "needs_capital",
    ),
    "marts.fct_inventory_strategy": (
        "item_id", "site_id", "family_id", "actual_value", "safety_value", "cycle_value", "anticipation_value",
        "pipeline_value", "excess_value", "obsolete_value", "is_obsolete", "target_value",
    ),
    "marts.fct_inventory_proposals": (
        "item_id", "item_name", "site_id", "proposal", "change_units", "freed_value", "reason",
    ),
    "marts.fct_supply_risks": (
        "risk_rank", "risk_id", "risk_kind", "object_name", "likelihood_basis", "hit_count", "chance_count", "likelihood_ratio",
        "impact_units", "impact_margin", "score_margin", "action_id", "action_name", "owner",
    ),
    "marts.fct_resource_shortages": (
        "scenario_id", "shortage_type", "object_id", "object_name", "period_start_date", "unit",
        "required_quantity", "available_quantity", "short_quantity", "short_ratio", "shadow_price",
        "price_from_quantity", "price_to_quantity", "confirmed_price", "is_confirmed",
        "demand_at_risk_units", "demand_at_risk_margin",
    ),
    "marts.fct_shortage_chains": (
        "scenario_id", "item_id", "site_id", "channel_id", "period_start_date", "step_number", "item_name", "step_type",
        "object_name", "step_period_start_date", "quantity_per_unit", "is_limit", "demand_units", "short_units",
        "short_margin",
    ),
    "planning.plan_laws": ("scenario_id", "law", "object_count"),
    "marts.fct_policy_breaches": (
        "scenario_id", "policy_type", "object_id", "period_start_date", "base_quantity", "missed_quantity", "missed_ratio",
    ),
    "marts.fct_parameter_review": (
        "parameter_id", "object_name", "configured_value", "measured_value", "p50_value", "p90_value", "observation_count",
        "verdict", "proposed_value", "decision_state", "needs_decision", "last_year_value", "value_rank",
    ),
    "marts.fct_supply_deviation_causes": (
        "metric", "period_start_date", "site_id", "cause", "object_id", "unit", "gap_quantity", "due_quantity",
    ),
    "marts.fct_supply_options": (
        "option_id", "option_name", "option_type", "owner", "is_proposed", "is_in_plan", "assumption", "is_solved", "reason",
        "feasible_from_date", "unit", "used_quantity", "option_cost", "cost_saving", "recovered_units", "recovered_margin",
        "net_value", "payback_months", "value_rank",
    ),
    "marts.fct_scenario_kpis": (
        "scenario_id", "scenario_name", "question", "is_solved", "reason", "delivered_units_change",
        "unserved_units_change", "service_ratio", "revenue_change", "margin_change", "stock_value_change", "cost_change",
        "is_dominated", "dominated_by_scenario_id", "priority_rank",
    ),
    "marts.fct_supply_demand_gap": (*_GAP_COLUMNS, "gap_ratio", "gap_revenue"),
    "marts.fct_gap_to_goal": (
        "metric", "level", "level_id", "period_start_date", "is_actual", "projected_value", "budget_value",
        "latest_estimate_value", "gap_to_budget", "gap_ratio",
    ),
    "marts.fct_financial_projection": (
        "scenario_id", "period_start_date", "revenue", "standard_cost_of_sales", "standard_gross_margin",
        "production_cost", "purchase_cost", "freight_cost", "regular_labour_cost", "overtime_cost", "holding_cost",
        "inventory_value",
    ),
    "marts.data_findings": (
        "finding_id", "finding_name", "process_step", "severity", "object_name", "finding_count", "checked_count", "unit",
        "finding_quantity", "checked_quantity", "finding_value", "status", "trend", "prior_count", "meaning", "handling",
        "owner",
    ),
    "marts.fct_reconciliations": (
        "reconciliation_id", "reconciliation_name", "object_id", "period_start_date", "left_name", "left_value",
        "right_name", "right_value", "difference", "tolerance", "unit", "currency_code", "checked_count", "status",
    ),
    "marts.fct_issues": ("issue_id", "issue_name", "severity", "owner", "is_open", "action_count", "needs_action"),
    "marts.fct_actions": (
        "action_id", "action_name", "owner", "due_date", "is_open", "days_overdue", "is_carried_over", "closed_date", "metric",
        "expected_effect_value", "effect_unit", "before_value", "after_value", "verified_effect_value", "effect_state",
    ),
    "marts.fct_assumption_results": (
        "assumption_id", "statement", "metric", "scope_id", "expected_value", "tolerance_value", "actual_value", "unit",
        "state", "state_reason", "is_within_tolerance", "owner", "hit_ratio",
    ),
    "marts.fct_activity_deltas": (
        "activity_id", "activity_name", "item_id", "site_id", "channel_id", "delta_type", "first_changed_period_start_date",
        "expected_change_units", "is_in_frozen_zone", "owner",
    ),
    "marts.fct_customer_profiles": (
        "customer_id", "channel_id", "customer_group", "abc_class", "revenue", "revenue_ratio", "variation_ratio",
        "requested_lead_time_days", "otif_ratio", "otif_target_ratio",
    ),
    "marts.fct_deviation_cause_totals": (
        "lag_months", "level", "level_id", "period_start_date", "cause_code", "rule_number", "cause_units", "absolute_units",
        "absolute_ratio", "absolute_value", "within_interval_ratio", "series_count",
    ),
    "marts.fct_cause_confirmations": (
        "confirmation_id", "item_id", "site_id", "channel_id", "period_start_date", "cause_code", "confirmed_cause_code", "owner", "comment",
        "confirmation_state", "absolute_units",
    ),
    "marts.fct_cause_recurrence": (
        "cause_id", "cause_code", "item_id", "site_id", "cycles_seen", "absolute_units", "absolute_value", "action_id",
        "is_exception",
    ),
    "marts.fct_conflicts": (
        "conflict_id", "family_id", "channel_id", "quarter_start_date", "party_a", "value_a", "party_b", "value_b",
        "difference_ratio", "conflict_value", "conflict_status", "record_id",
    ),
    "marts.fct_decisions": (
        "decision_id", "question", "options", "recommendation", "money_effect", "approver", "is_open",
    ),
    "marts.fct_events": (
        "event_id", "event_name", "scope_id", "first_period_start_date", "last_period_start_date", "metric",
        "probability_ratio", "event_status", "owner", "expected_impact_value", "is_in_horizon",
    ),
    "marts.fct_quarantined_rows": ("table_name", "rule_id", "row_key", "is_lost", "problem"),
    "marts.dim_terms": ("term_id", "table_name", "term_name", "definition"),
}  # fmt: skip
"""Tables that every pack is rendered from, with the columns that it reads."""

OPTIONAL_TABLES: dict[str, tuple[str, ...]] = {
    "gate_results": ("table_name", "rule", "severity", "passed", "unexpected_count", "element_count", "why"),
    "planner_changes": ("table_name", "author", "row_key", "change_state"),
}  # fmt: skip
"""Tables that a section can do without; where one is not handed in, it says so."""

PLAN_OF_RECORD = "base"


class PackInputError(ValueError):
    """The pack was not handed what it needs."""


@dataclass(frozen=True)
class Pack:
    """What the sections are written from."""

    tables: Mapping[str, pd.DataFrame]
    cycle_id: str
    company_name: str
    currency_code: str
    agreement: str
    release_facts: Mapping[str, str]

    @property
    def cycle_start(self) -> pd.Timestamp:
        return pd.Timestamp(f"{self.cycle_id}-01")

    def rows(self, table: str) -> pd.DataFrame:
        """Rows of the plan of record of a table, in the order of everything that they say."""
        frame = self.tables[table]
        if "scenario_id" in frame.columns:
            frame = frame[frame["scenario_id"] == PLAN_OF_RECORD]
        columns = [column for column in (PACK_TABLES | OPTIONAL_TABLES)[table] if column != "scenario_id"]
        return frame[columns].sort_values(columns, ignore_index=True)

    def months(self) -> list[pd.Timestamp]:
        """Months of the horizon."""
        return sorted(self.tables["marts.dim_horizon"]["period_start_date"].unique())


def require_tables(tables: Mapping[str, pd.DataFrame]) -> None:
    """Raise once with every table and column that is missing."""
    problems = [f"table {table} was not handed in" for table in PACK_TABLES if table not in tables]
    for table, columns in (PACK_TABLES | OPTIONAL_TABLES).items():
        missing = [column for column in columns if table in tables and column not in tables[table].columns]
        if missing:
            problems.append(f"{table} has no column {', '.join(missing)}")
    if problems:
        listed = "\n * ".join(problems)
        raise PackInputError(
            f"The meeting pack cannot be rendered:\n * {listed}\n"
            "Hand in the tables of PACK_TABLES with the columns named there."
        )
