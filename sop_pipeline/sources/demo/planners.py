"""What the company's people hand in for a cycle, table by table.

They know the business, but not exactly: budgets are stretched, uplifts are hoped for.
Add here: a short input that people own, and each input's place in the list. Keep out: the ERP's tables, what these people
could not know, and long inputs (`planner_goals`, `planner_demand`, `planner_supply`, `planner_agenda`).
"""

from __future__ import annotations

from sop_pipeline.sources.demo import planner_agenda, planner_demand, planner_goals, planner_supply
from sop_pipeline.sources.demo.export import Extract, from_rows
from sop_pipeline.sources.demo.firm import Firm

KPI_TARGETS: tuple[tuple[str, float, float, str], ...] = (
    ("forecast_accuracy_lag_1", 0.75, 0.05, "head of demand planning"),
    ("forecast_bias_lag_1", 0.0, 0.05, "head of demand planning"),
    ("customer_otif", 0.93, 0.04, "head of logistics"),
    ("fill_rate", 0.96, 0.03, "head of logistics"),
    ("inventory_turns", 9.0, 1.5, "head of supply planning"),
    ("days_of_inventory", 40.0, 8.0, "head of supply planning"),
    ("capacity_utilisation", 0.88, 0.08, "head of production"),
    ("plan_attainment_mix", 0.92, 0.05, "head of production"),
    ("plan_attainment_volume", 0.98, 0.04, "head of production"),
    ("revenue_to_budget", 1.0, 0.03, "head of sales"),
    ("gross_margin_to_budget", 1.0, 0.04, "head of finance"),
    ("supplier_otif", 0.85, 0.07, "head of purchasing"),
    ("supplier_lead_time_error", 0.0, 4.0, "head of purchasing"),
    ("purchase_adherence", 0.80, 0.10, "head of purchasing"),
)
PARAMETERS: tuple[tuple[str, str, str, float, str, str], ...] = (
    (
        "holding_cost_ratio_per_year",
        "company",
        "all",
        0.18,
        "ratio",
        "Finance: capital and storage; reviewed every January",
    ),
    ("cycle_service_ratio", "company", "all", 0.95, "ratio", "Management decision"),
    ("overtime_cost_factor", "company", "all", 1.5, "ratio", "Works agreement"),
)


def planner_extracts(firm: Firm, month: int) -> dict[str, Extract]:
    """All planner tables as handed in for the cycle of the month."""
    return {
        "goals": planner_goals.goals(firm, month),
        "activity_plans": planner_demand.activity_plans(firm, month),
        "npd_plans": planner_demand.npd_plans(firm, month),
        "sales_forecasts": planner_demand.sales_forecasts(firm, month),
        "sales_level_forecasts": planner_demand.sales_level_forecasts(firm, month),
        "overrides": planner_demand.overrides(firm, month),
        "kpi_targets": from_rows(("kpi_id", "target_value", "tolerance_value", "owner"), KPI_TARGETS),
        "priorities": _priorities(),
        "service_targets": _service_targets(),
        "planning_parameters": from_rows(
            ("parameter_id", "scope", "scope_id", "parameter_value", "unit", "reason"), PARAMETERS
        ),
        "events": planner_agenda.events(month),
        "market_indices": planner_agenda.market_indices(firm, month),
        "assumptions": planner_agenda.assumptions(month),
        "cause_confirmations": planner_demand.cause_confirmations(firm, month),
        "actions": planner_agenda.actions(month),
        "issues": planner_agenda.issues(month),
        "decisions": planner_agenda.decisions(month),
        "roles": planner_agenda.roles(),
        "scenarios": planner_agenda.scenarios(month),
        "scenario_levers": planner_agenda.scenario_levers(month),
        "capacity_options": planner_supply.capacity_options(firm, month),
        "capacity_overrides": planner_supply.capacity_overrides(firm, month),
        "item_policies": planner_supply.item_policies(firm, month),
        "parameter_decisions": planner_supply.parameter_decisions(firm),
        "inventory_policies": planner_supply.inventory_policies(firm, month),
        "labour_groups": planner_supply.labour_groups(firm, month),
        "allocation_rules": planner_supply.allocation_rules(),
    }


def _priorities() -> Extract:
    names = ("channel_id", "priority", "backlog_cost_ratio", "lost_sale_cost_ratio", "backlog_maximum_ratio")
    return from_rows(names, [("trade", 1, 0.06, 0.20, 0.80), ("online", 2, 0.10, 0.10, 0.20)])


def _service_targets() -> Extract:
    rows = [("all", 0.95), ("COFFEE", 0.97), ("CORDLESS", 0.97), ("FILTERS", 0.90)]
    return from_rows(("family_id", "cycle_service_ratio"), rows)
