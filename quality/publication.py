"""Rules on what the cycle decides and publishes: the demand plan, the supply plan, the marts.

Each is a gate of its own, because a gate holds back what follows: supply is not planned on a demand plan that failed,
marts are not built on a plan that breaks a law, and nothing is released from marts that an executive could not act on.
Add here: one line a rule. Keep out: identities between columns (dbt data tests), laws of the plan (its audit).
"""

from __future__ import annotations

from pathlib import Path

from quality.contract_suites import contract_suites
from quality.rules import (
    CYCLE_START,
    LAST_CLOSED_MONTH,
    THIS_CYCLE,
    CycleDay,
    Rule,
    filled,
    latest,
    not_negative,
    one_of,
    ordered,
    rows_between,
    rows_for_each,
    share,
    within,
)
from sop_pipeline.warehouse.contracts import load_contracts

DBT_PROJECT_DIR = Path(__file__).resolve().parent.parent / "dbt_project"

_SERIES = ("item_id", "site_id", "channel_id")
_SERIES_MONTH = (*_SERIES, "period_start_date")
_STOCK_MONTH = ("item_id", "site_id", "period_start_date")
_LAWS = (
    "material_balance", "demand_balance", "capacity", "source_limit", "non_negative", "open_supply",
    "cost_terms", "objective", "source_shares", "to_order", "headcount", "shelf_life", "storage_room", "whole_lots", "smallest_run", "lot_orders", "allocation",
)  # fmt: skip
_STATES = (
    "unconstrained_draft", "unconstrained_agreed", "evaluated", "constrained_proposed",
    "constrained_approved",
)  # fmt: skip

DEMAND: tuple[Rule, ...] = (
    not_negative("agreed_demand_is_not_negative", "planning.unconstrained_forecasts", "forecast_units",
                 "Nobody orders less than nothing; the supply plan would make room for it.",
                 keys=_SERIES_MONTH),
    rows_for_each("demand_plan_covers_a_year", "planning.unconstrained_forecasts", _SERIES, 12, 36,
                  "The rolling agreement is for 12 to 18 months (36 at most) of every active series."),
    ordered("intervals_are_the_right_way_round", "planning.unconstrained_forecasts",
            "lower_80_units", "upper_80_units",
            "An upside-down interval turns risk into certainty.", keys=_SERIES_MONTH),
    within("model_weights_are_plausible", "planning.backtest_errors", "weight", 0, 1.5,
           "The published forecast is the weighted sum of its models: weights add up to 1, or, for rare demand, take out a bias "
           "that all such series share, a quarter at the most.", keys=(*_SERIES, "model"), holds_back=False),
    one_of("forecasts_rarely_fall_back", "planning.statistical_forecasts", "reason_code",
           ("backtest", "short_history", "inactive", "new_item"),
           "More than a twentieth on the fallback means that the models failed, not the series.",
           severity="warning", kwargs={"mostly": 0.95}, keys=_SERIES),
    one_of("sales_agrees_with_itself", "planning.sales_level_inputs", "agreement", ("alone", "agrees"),
           "Two forecasts of sales about the same demand are further apart than declared: both hold, the wider one last; "
           "let sales settle which it means.", severity="warning", keys=("submission_id", "submitter", "difference_ratio")),
    one_of("sales_forecasts_reach_a_series", "planning.sales_level_inputs", "input_state", ("applied", "closed_month"),
           "It speaks of nothing that is forecast, or of months beyond the plan: it changes nothing, and its submitter should know.",
           severity="warning", keys=("submission_id", "submitter")),
)  # fmt: skip
"""Rules on the demand plan, before supply is planned for it."""

PLAN: tuple[Rule, ...] = (
    within("plan_breaks_no_law", "planning.plan_audit", "violations", 0, 0,
           "The audit recomputes every law without the solver; a plan that breaks one cannot be carried out.",
           keys=("scenario_id", "law", "example")),
    Rule("every_law_was_audited", "planning.plan_audit", "ExpectColumnDistinctValuesToContainSet",
         "A law that nobody recomputed is not a law that holds.", column="law", kwargs={"value_set": _LAWS}),
    one_of("plan_is_proven_optimal", "planning.plan_certificate", "is_proven", (True,),
           "A bound from the plan's own prices, recomputed without solver and algebraic model, must meet its cost; "
           "without it nobody knows that no plan is cheaper.",
           keys=("scenario_id", "gap_ratio", "primal_infeasibility_ratio", "dual_infeasibility_ratio")),
    rows_between("plan_of_record_has_its_proof", "planning.plan_certificate", "is_proven", 1, None,
                 "A plan without evidence is a claim.", where={"scenario_id": "base"}),
    one_of("prices_are_confirmed", "planning.resource_shortages", "is_confirmed", (True,),
           "A shadow price that another solve does not bear out would send money to the wrong limit.",
           severity="warning", keys=("shortage_type", "object_id", "shadow_price", "confirmed_price")),
    one_of("plan_is_optimal", "planning.solve_log", "termination", ("optimal",),
           "A plan that the solver gave up on may be far from the "
           "cheapest, and its shadow prices mean nothing.",
           keys=("scenario_id", "solver")),
    rows_between("plan_of_record_was_solved", "planning.solve_log", "solver", 1, None,
                  "The base scenario is the plan that the meeting approves.", where={"scenario_id": "base"}),
    within("safety_stock_is_affordable", "planning.safety_stocks", "lead_time_months", 0, 24,
           "An exposure beyond two years is a wrong lead time, and the safety stock grows with its root.",
           severity="warning", keys=("item_id", "site_id")),
)  # fmt: skip

MARTS: tuple[Rule, ...] = (
    # -- is everything that was delivered in the numbers?
    rows_between("no_row_is_kept_out", "marts.fct_quarantined_rows", "rule_id", 0, 0,
                 "Every row kept out is missing in some number; the table names each with file, row and problem.",
                 severity="warning", where={"is_lost": True}),
    within("data_has_no_findings", "marts.data_findings", "finding_count", 0, 0,
           "What is known to be wrong or weak in the data: named, counted and valued here, explained in "
           "marts.data_findings, row by row in marts.fct_data_findings.",
           severity="warning", keys=("finding_name",)),
    one_of("findings_stay_within_their_limits", "marts.data_findings", "status", ("none", "found"),
           "Beyond its declared limit a finding makes the plan unfit to agree on; correct the data, or declare "
           "another limit in planning_parameters, with the reason.",
           keys=("finding_id", "measured_value", "limit_parameter", "limit_value")),
    # -- does it agree with the books, and the documents with each other? (marts.fct_reconciliations; tolerances and limits stand
    #    in dbt_project/macros/reconciliation_register.sql, a company's own in planning_parameters)
    *(
        one_of(f"reconciliation_{name}_agrees", "marts.fct_reconciliations", "status", ("agrees", "not_given"), why,
               severity="warning", where={"reconciliation_id": name},
               keys=("object_id", "period_start_date", "left_value", "right_value", "differing_count"))
        for name, why in (
            ("control_totals", "Money that came is neither accepted nor kept out: rows are lost on the way."),
            ("order_lines", "More was shipped than ordered: fulfilment and backlog are wrong by as much."),
            ("order_shipments",
             "The orders say that other quantities left than the shipments do: one of the two extracts is not whole."),
            ("stock", "Stock does not follow from its movements: the plan opens with a stock that nobody can explain."),
            ("revenue", "Revenue of the review is not that of the books: finance will not know its numbers."),
            ("stock_value", "The stock is worth something else in the books than in the review."),
        )
    ),
    one_of("reconciliations_stay_within_their_limits", "marts.fct_reconciliations", "status",
           ("agrees", "differs", "not_given"),
           "Two totals that the ERP itself delivered for the last closed month do not tie: one of the extracts is not whole, and "
           "no plan stands on either. Deliver them again, or declare another reconciliation_stop_ratio in planning_parameters, "
           "with the reason.",
           keys=("reconciliation_id", "object_id", "period_start_date", "left_value", "right_value", "stop_limit")),
    # -- is it complete?
    rows_between("horizon_is_twelve_to_thirty_six_months", "marts.dim_horizon", "period_start_date", 12, 36,
                 "Fewer than twelve months cannot carry a budget comparison; more than 36 is not planned."),
    one_of("demand_plan_is_of_this_cycle", "marts.fct_demand_plan", "cycle_id", (THIS_CYCLE,),
           "Rows of another cycle in this cycle's release would be read as this month's plan."),
    latest("history_ends_with_the_last_closed_month", "marts.fct_demand_plan", "period_start_date",
           LAST_CLOSED_MONTH, LAST_CLOSED_MONTH,
           "Actuals are closed through the month before the cycle: a "
           "later one is a leak, an earlier one a hole.",
           where={"is_history": True}),
    rows_for_each("every_series_has_a_year_of_forecast", "marts.fct_demand_plan", _SERIES, 12, 36,
                  "A series that stops inside the year "
                  "reads as demand that stops.", where={"is_history": False}),
    filled("horizon_months_carry_a_forecast", "marts.fct_demand_plan", "forecast_units",
           "An empty month is not zero demand; sums over it would hide that.", where={"is_history": False},
           keys=_SERIES_MONTH),
    filled("nearly_all_demand_is_priced", "marts.fct_demand_plan", "unit_price",
           "Revenue leaves out what has no price; above a hundredth of the rows the total misleads.",
           mostly=0.99, severity="warning", where={"is_history": False}, keys=_SERIES),
    rows_for_each("every_resource_has_a_year_of_load", "marts.fct_capacity_load",
                  ("scenario_id", "resource_id"), 12, 36,
                  "A missing month of a resource looks like a month without work."),
    rows_between("scorecard_is_complete", "marts.kpi_scorecard", "kpi_id", 8, None,
                  "The meeting opens with the scorecard; a KPI without "
                  "data still has its line, which says so."),
    Rule("scorecard_gives_reasons", "marts.kpi_scorecard", "ExpectColumnValueLengthsToBeBetween",
         "Amber and red need a sentence, and so does a number that cannot be measured yet.",
         column="status_reason", kwargs={"min_value": 3}, keys=("kpi_id", "status")),
    one_of("most_kpis_are_measured", "marts.kpi_scorecard", "status", ("green", "amber", "red", "no_target"),
           "The first cycles lack history; when more than half stays unmeasured, an input is missing.",
           severity="warning", kwargs={"mostly": 0.5}, keys=("kpi_id", "status_reason")),
    Rule("terms_are_defined", "marts.dim_terms", "ExpectColumnValueLengthsToBeBetween",
         "A column that nobody can explain will be explained wrongly.",
         column="definition", kwargs={"min_value": 3}, keys=("term_id",)),
    # -- can it be true?
    one_of("people_agree_on_causes", "marts.fct_cause_confirmations", "confirmation_state", ("confirmed", "replaced", "no_such_cause"),
           "Two people say different things of the same part of an error: neither holds until they agree.",
           severity="warning", keys=("confirmation_id", "owner")),
    not_negative("forecasts_are_not_negative", "marts.fct_demand_plan", "forecast_units",
                 "Nobody orders less than nothing.", where={"is_history": False}, keys=_SERIES_MONTH),
    not_negative("deliverable_demand_is_not_negative", "marts.fct_constrained_demand", "constrained_units",
                 "A plan cannot promise less than nothing.", keys=_SERIES_MONTH),
    one_of("forecast_states_are_known", "marts.fct_constrained_demand", "forecast_state", _STATES,
           "The state says which meeting agreed the number; an unknown one was agreed by nobody."),
    not_negative("projected_stock_is_not_negative", "marts.fct_inventory_projection", "closing_units",
                 "Stock below zero is demand that was promised and cannot be delivered.", keys=_STOCK_MONTH),
    not_negative("stock_value_is_not_negative", "marts.fct_inventory_projection", "inventory_value",
                 "Stock is money bound; a negative value is a negative cost.", keys=_STOCK_MONTH),
    not_negative("releases_are_not_negative", "marts.fct_supply_plan", "released_units",
                 "An order cannot be placed backwards.", keys=("source_id", "period_start_date")),
    within("used_hours_can_be_worked", "marts.fct_capacity_load", "utilisation_ratio", 0, 2,
           "Twice the regular hours is more "
           "overtime than any plant has.", keys=("resource_id", "period_start_date")),
    within("required_load_is_credible", "marts.fct_capacity_load", "required_load_ratio", 0, 5,
           "Five times the capacity is a wrong unit in a routing before it is a bottleneck.",
           severity="warning", keys=("resource_id", "period_start_date")),
    share("shortages_are_a_share", "marts.fct_resource_shortages", "short_ratio",
          "Short over required: nobody lacks "
          "more than is asked for.", keys=("object_id", "period_start_date")),
    within("accuracy_uses_forecasts_made_before", "marts.fct_forecast_accuracy", "lag_months", 0, 36,
           "A forecast made after the month is hindsight and would flatter the accuracy.",
           keys=("made_in_cycle_id", "period_start_date")),
    share("service_is_a_share", "marts.fct_supply_performance", "value_ratio",
          "Lines on time are a part of lines due; above 1 a delivery was counted twice.",
          where={"metric": ("customer_otif", "fill_rate", "supplier_otif", "plan_attainment_mix", "yield")},
          keys=("metric", "level_id", "period_start_date")),
    not_negative("projected_revenue_is_not_negative", "marts.fct_financial_projection", "revenue",
                 "Delivered units at expected prices cannot be a loss of revenue.",
                 keys=("family_id", "period_start_date")),
    Rule("the_company_earns_revenue", "marts.fct_financial_projection", "ExpectColumnSumToBeBetween",
         "A plan without revenue has lost its prices or its demand.",
         column="revenue", kwargs={"min_value": 0, "strict_min": True}, where={"scenario_id": "base"}),
    Rule("the_plan_earns_a_margin", "marts.fct_financial_projection", "ExpectColumnSumToBeBetween",
         "A company that sells below standard cost over the whole "
         "horizon has a cost or a price in the wrong unit.",
         column="standard_gross_margin", kwargs={"min_value": 0}, severity="warning",
         where={"scenario_id": "base"}),
    within("revenue_is_near_the_goals", "marts.fct_gap_to_goal", "gap_ratio", -0.5, 1.0,
           "Half or twice the budget in a month is more often a unit or a currency than a market.",
           severity="warning", where={"metric": "revenue", "level": "company"}, keys=("period_start_date",)),
    within("stock_covers_less_than_two_years", "marts.fct_family_balance", "days_of_supply", 0, 730,
           "Two years of cover is a dead family or a demand plan that lost it.",
           severity="warning", keys=("family_id", "period_start_date")),
    within("plan_begins_with_the_cycle", "marts.fct_supply_plan", "period_start_date",
           CYCLE_START, CycleDay(months=35),
           "Nothing can be released in a closed month.", keys=("source_id", "period_start_date")),
)  # fmt: skip


def publication_rules() -> list[Rule]:
    """Rules on what is about to be published: what is written here, and what the contracts of released marts imply."""
    marts = load_contracts(DBT_PROJECT_DIR).of_schema("marts")
    released = [contract for contract in marts if contract.meta.get("is_published", True)]
    return [*MARTS, *contract_suites(released, holds_back=False)]
