"""Glossary: what the words of the pack mean, from the dictionary of the marts.

Add here: a column whose meaning readers ask for (EXPLAINED). Keep out: definitions (they stand in the contracts).
"""

from __future__ import annotations

from sop_pipeline.pack.content import Section, Term, Terms, absent
from sop_pipeline.pack.inputs import Pack

EXPLAINED = (
    "fct_demand_plan.forecast_units",
    "fct_forecast_performance.accuracy_ratio",
    "fct_forecast_performance.bias_ratio",
    "fct_forecast_performance.value_added_ratio",
    "fct_forecast_performance.wape_ratio",
    "fct_forecast_value_added.value_added_ratio",
    "fct_capacity_load.required_hours",
    "fct_capacity_load.required_load_ratio",
    "fct_capacity_load.used_hours",
    "fct_inventory_projection.target_units",
    "fct_resource_shortages.demand_at_risk_margin",
    "fct_resource_shortages.shadow_price",
    "fct_supply_demand_gap.gap_units",
    "fct_supply_demand_gap.gap_revenue",
    "fct_financial_projection.standard_gross_margin",
    "fct_gap_to_goal.projected_value",
)


def section(pack: Pack) -> Section:
    question = "What do the words mean?"
    terms = pack.rows("marts.dim_terms")
    shown = terms[terms["table_name"].isna() | (terms["table_name"] == "") | terms["term_id"].isin(EXPLAINED)]
    if shown.empty:
        return Section("glossary", "Glossary", question, (absent("The dictionary of this cycle is empty."),))
    shown = shown.sort_values(["term_name", "term_id"])
    listed = tuple(Term(row["term_name"], row["definition"]) for row in shown.to_dict("records"))
    return Section("glossary", "Glossary", question, (Terms(listed),))
