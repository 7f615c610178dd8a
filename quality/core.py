"""Rules on the core that planning reads: after dbt has built it, before a forecast or a plan is made on it.

dbt has enforced types and tested grains and sums. These rules judge what SQL found suspect (core.fct_suspects), whether
there is enough to plan with, and hold every table to its contract once more, as a document.
Add here: one line a rule; a check whose rows SQL must find is a model in models/core/suspects and a line here. Keep out:
what arrives (`arrivals`), what is decided and published (`publication`), what is weak but possible (findings).
"""

from __future__ import annotations

from pathlib import Path

from quality.contract_suites import contract_suites
from quality.rules import (
    CYCLE_START,
    LAST_CLOSED_MONTH,
    CycleDay,
    Rule,
    above_zero,
    latest,
    not_negative,
    rows_between,
    rows_for_each,
    within,
)
from sop_pipeline.warehouse.contracts import load_contracts

DBT_PROJECT_DIR = Path(__file__).resolve().parent.parent / "dbt_project"

_SERIES_MONTH = ("item_id", "site_id", "channel_id", "period_start_date")


def _suspects(name: str, check_id: str, why: str, severity: str = "critical") -> Rule:
    """No row of core.fct_suspects has this check; each one is named with its figures."""
    return Rule(
        name, "core.fct_suspects", "ExpectColumnValuesToBeNull", why, column="check_id", severity=severity,  # type: ignore[arg-type]
        where={"check_id": check_id}, keys=("object_id", "measured_value", "evidence"),
    )  # fmt: skip


CORE: tuple[Rule, ...] = (
    # -- can the numbers be true?
    _suspects("exchange_rates_do_not_jump", "exchange_rate_jumps",
              "A rate ten times the one before it was inverted, is per 100 units, or belongs to another currency: "
              "correct it in fx_rates."),
    _suspects("amounts_fit_the_cost_of_goods", "order_amounts_off",
              "Most lines of a currency are worth fifty times their cost or a fiftieth: its decimals were not applied on "
              "the way (yen and won have none; SAP keeps them as hundredths)."),
    _suspects("prices_fit_the_cost_of_items", "item_prices_off",
              "A price fifty times the standard cost, or a fiftieth of it, is most often one per 100 or 1000 units: check "
              "price unit and cost unit of the item.", severity="warning"),
    _suspects("few_prices_are_off_their_cost", "item_prices_off_in_sum",
              "Items whose price and cost are in different units carry more than a hundredth of the money ordered; every "
              "margin would be wrong."),
    _suspects("bills_can_be_exploded", "bills_too_large",
              "Deeper than twenty levels or larger than ten million rows no bill is sound: correct the items named; "
              "those above them in the same bills are named too."),
    _suspects("bill_lines_do_not_overlap", "bill_lines_overlap",
              "Of lines for one component that overlap the latest start counts; end the earlier ones in the system.",
              severity="warning"),
    _suspects("hours_fit_the_clock", "hours_beyond_the_clock",
              "A month does not hold so many hours: minutes were delivered, or the number of parallel units is wrong."),
    _suspects("item_numbers_are_not_used_again", "item_numbers_used_again",
              "Orders long before the launch belong to another item of the same number: its history is taken for that of "
              "the new one. Give new items new numbers, or correct the launch date.", severity="warning"),
    _suspects("items_stay_in_their_families", "items_changed_family",
              "Figures by family are not comparable with the cycle before; history is shown under the family of now.",
              severity="warning"),
    _suspects("unit_factors_stay_as_they_are", "unit_factors_changed",
              "A unit holds another number of base units from a day on. Rows before that day are read by the factor before it: "
              "check that the day is right.", severity="warning"),
    _suspects("history_stays_in_its_units", "history_in_other_units",
              "Closed months hold other units than were published: a factor or a base unit was changed without the day from "
              "which it holds. Deliver both factors, the new one with its valid_from_date.", severity="warning"),
    above_zero("exchange_rates_of_the_core_are_positive", "core.fct_fx_rates", "rate",
               "A rate of zero wipes out the money of a whole country.", keys=("currency_code", "rate_date")),
    within("yields_of_routings_are_shares", "core.fct_routings", "yield_ratio", 0, 1,
           "Yield divides the plan: 0 stops it, above 1 makes goods out of nothing.", kwargs={"strict_min": True},
           keys=("item_id", "site_id", "resource_id")),
    above_zero("components_of_bills_are_consumed", "core.fct_bill_of_materials", "component_units",
               "Zero consumption hides a shortage, below zero would make material.",
               keys=("parent_item_id", "site_id", "component_item_id")),
    not_negative("demand_history_is_not_negative", "core.fct_demand_history", "ordered_units",
                 "Returns have a column of their own; below zero they were booked as orders.", keys=_SERIES_MONTH),
    not_negative("stock_to_plan_with_is_not_negative", "core.fct_inventory_position", "usable_units",
                 "Negative stock counts as none in the plan; here it was carried on.", keys=("item_id", "site_id")),
    not_negative("open_supply_is_not_negative", "core.fct_open_supply", "open_units",
                 "More received than ordered leaves nothing open, never less than nothing.",
                 keys=("supply_type", "supply_id")),
    not_negative("hours_are_not_negative", "core.fct_capacity", "regular_hours",
                 "A resource cannot work backwards.", keys=("resource_id", "period_start_date")),
    # -- is there enough to plan with, and nothing of another time?
    rows_between("there_is_demand_history", "core.fct_demand_history", "item_id", 1, None,
                 "Without history there is no forecast: orders were lost between the ERP and the core."),
    rows_between("there_are_items_to_plan", "core.dim_items", "item_id", 1, None,
                 "A company that sells nothing needs no plan: the master data or its flag is lost.",
                 where={"is_saleable": True}),
    rows_between("there_are_ways_of_supply", "core.fct_sources", "source_id", 1, None,
                 "Nothing can be made, bought or moved: bills, routings and suppliers are all missing."),
    latest("history_is_closed", "core.fct_demand_history", "period_start_date", CycleDay(months=-13), LAST_CLOSED_MONTH,
           "A month of the plan in the history is a leak; a year of silence means that orders stopped arriving."),
    rows_for_each("every_resource_has_its_months", "core.fct_capacity", ("resource_id",), 12, None,
                  "A resource without a year of hours would be a bottleneck for want of a calendar."),
    latest("rates_reach_the_cycle", "core.fct_fx_rates", "rate_date", CYCLE_START, None,
           "The plan is valued at the rates of the cycle's first day."),
)  # fmt: skip


def core_rules() -> list[Rule]:
    """Rules on the core: what is written here, and what the contracts of its tables imply."""
    return [*CORE, *contract_suites(load_contracts(DBT_PROJECT_DIR).of_schema("core"))]
