"""Rules on what arrives: extracts of the ERP systems and the files of the planners, as they lie in the lake.

Ingest has already cast every value and quarantined rows that break the contract. These rules ask what a
contract cannot: is it this month's extract, is it all of it, can the numbers be true?
Add here: one line a rule, in the block of its system; a new ERP system gets a block and its entry in
ARRIVALS. Keep out: types, keys and references (contract and dbt tests).
"""

from __future__ import annotations

from pathlib import Path

from quality.contract_suites import contract_suites
from quality.erpnext_arrivals import ERPNEXT
from quality.rules import (
    CYCLE_END,
    CYCLE_START,
    LAST_CLOSED_MONTH,
    CycleDay,
    Rule,
    above_zero,
    filled,
    latest,
    not_negative,
    one_of,
    ordered,
    rows_between,
    share,
    within,
)
from quality.sap_arrivals import SAP
from sop_pipeline.warehouse.contracts import load_contracts

DBT_PROJECT_DIR = Path(__file__).resolve().parent.parent / "dbt_project"

_ORDER_LINE = ("order_id", "line_id")
_NEARLY_ALL = {"mostly": 0.98}
"""Of these rules single rows are kept out later, one by one (macros/erp_rules.sql): here more of them close the gate."""
_FIRST_PLAUSIBLE_DAY = CycleDay(months=-240)

CONTRACT: tuple[Rule, ...] = (
    # -- is it this month's extract, and all of it?
    rows_between("orders_arrived", "contract.sales_order_lines", "order_id", 1, None,
                  "Without orders there is no demand history, and every later number would be zero."),
    latest("orders_reach_the_last_closed_month", "contract.sales_order_lines", "ordered_date",
           LAST_CLOSED_MONTH, CYCLE_END,
           "Older: last month's file was delivered again. Newer: the "
           "clock or the year of the extract is wrong."),
    latest("shipments_reach_the_last_closed_month", "contract.shipment_lines", "shipped_date",
           LAST_CLOSED_MONTH, CYCLE_END,
           "Service is measured on the last closed month; shipments "
           "that stop earlier read as missed deliveries."),
    latest("stock_is_taken_at_the_close", "contract.inventory_snapshots", "snapshot_date",
           CycleDay(days=-4), CycleDay(days=3),
           "The plan opens with this stock; a snapshot off the close by "
           "more than a weekend and a day is another stock."),
    rows_between("saleable_items_arrived", "contract.items", "item_id", 1, None,
                  "A company that sells nothing needs no plan: the master "
                  "data extract is empty or its flag is lost.",
                  where={"is_saleable": True}),
    # -- can the numbers be true?
    above_zero("ordered_quantity_is_positive", "contract.sales_order_lines", "ordered_quantity",
               "Returns are marked by order_type; a negative or empty order is an extract error.",
               kwargs={"mostly": 0.999}, keys=_ORDER_LINE),
    not_negative("order_price_is_not_negative", "contract.sales_order_lines", "unit_price",
                 "Discounts lower the price; below zero the sign "
                 "of an amount was lost on the way.", kwargs=_NEARLY_ALL, keys=_ORDER_LINE),
    within("ordered_quantity_is_credible", "contract.sales_order_lines", "ordered_quantity", None, 1e9,
           "Above a thousand million units the column was shifted or "
           "overflowed; it would swamp every forecast.",
           keys=_ORDER_LINE),
    within("order_dates_are_credible", "contract.sales_order_lines", "ordered_date",
           _FIRST_PLAUSIBLE_DAY, CYCLE_END,
           "Orders from another age (1900, 2099) are placeholder "
           "dates, and would stretch the history to them.",
           keys=_ORDER_LINE),
    within("changes_are_of_the_past", "contract.sales_order_lines", "changed_at", None, CycleDay(months=1),
           "A change after the cycle's month comes from a wrong clock; of two versions of a row it would always win.",
           severity="warning", keys=_ORDER_LINE),
    ordered("orders_are_requested_after_they_are_placed", "contract.sales_order_lines",
            "ordered_date", "requested_date",
            "A customer cannot want goods before ordering them; many "
            "such lines mean that two columns are swapped.",
            severity="warning", kwargs={"mostly": 0.99}, keys=_ORDER_LINE),
    filled("most_orders_carry_a_promise", "contract.sales_order_lines", "confirmed_date",
           "On-time delivery against our own promise needs the promise; below half it says nothing.",
           mostly=0.5, severity="warning"),
    above_zero("shipped_quantity_is_positive", "contract.shipment_lines", "shipped_quantity",
               "Returned goods are flagged; a negative shipment would be subtracted from service twice.",
               kwargs={"mostly": 0.999}, keys=("shipment_id", "line_id")),
    not_negative("stock_is_not_negative", "contract.inventory_snapshots", "on_hand_quantity",
                 "The plan counts negative stock as zero; more than a few rows mean postings are missing.",
                 severity="warning", kwargs={"mostly": 0.995}, keys=("snapshot_date", "item_id", "site_id")),
    above_zero("components_are_consumed", "contract.bom_lines", "component_quantity",
               "Zero consumption hides a shortage of the component, and below zero would make material.",
               kwargs=_NEARLY_ALL, keys=("parent_item_id", "site_id", "component_item_id")),
    within("scrap_leaves_something_over", "contract.bom_lines", "scrap_ratio", 0, 0.9,
           "At 1 nothing comes out; above 0.9 the ratio was almost surely written in percent.",
           kwargs=_NEARLY_ALL, keys=("parent_item_id", "site_id", "component_item_id")),
    within("yield_is_a_share", "contract.routing_operations", "yield_ratio", 0, 1,
           "Yield divides the plan: 0 stops it, and above 1 makes goods out of nothing.",
           kwargs={"strict_min": True} | _NEARLY_ALL, keys=("item_id", "site_id", "operation_number")),
    within("run_hours_are_credible", "contract.routing_operations", "run_hours_per_unit", 0, 1000,
           "More than a thousand hours a unit is a mix-up of minutes, hours and lot sizes.",
           kwargs=_NEARLY_ALL, keys=("item_id", "site_id", "operation_number")),
    within("capacity_fits_into_a_month", "contract.resource_capacities", "available_hours", 0, 744_000,
           "A group of a thousand machines around the clock has 744 000 "
           "hours in a month; above, the unit is wrong.",
           keys=("resource_id", "period_start_date")),
    latest("capacity_covers_a_year", "contract.resource_capacities", "period_start_date",
           CycleDay(months=11), None,
           "The plan needs the hours of the coming months; after the "
           "last month given, capacity would be a guess.",
           severity="warning"),
    within("supplier_lead_times_are_credible", "contract.supplier_items", "lead_time_days", 0, 730,
           "Beyond two years no supply falls inside the horizon: the "
           "unit is wrong, or the source is not one.",
           severity="warning", keys=("supplier_id", "item_id", "site_id")),
    not_negative("purchase_prices_are_not_negative", "contract.supplier_items", "unit_price",
                 "The plan would buy without end from a supplier that pays for it.",
                 kwargs=_NEARLY_ALL, keys=("supplier_id", "item_id", "site_id")),
    above_zero("items_have_a_cost", "contract.standard_costs", "unit_cost",
               "Without a cost, stock is free and margin is revenue; a few spare parts may pass.",
               severity="warning", kwargs={"mostly": 0.98}, keys=("item_id", "site_id")),
    above_zero("exchange_rates_are_positive", "contract.fx_rates", "rate",
               "A rate of zero wipes out the money of a whole country.",
               keys=("from_currency_code", "to_currency_code", "rate_date")),
    Rule("budget_covers_a_year", "planner.goals", "ExpectColumnUniqueValueCountToBeBetween",
         "The meeting compares twelve months with the budget; a "
         "shorter one shows a gap where there is no goal.",
         column="period_start_date", kwargs={"min_value": 12}, severity="warning",
         where={"goal_version": "budget"}),
)  # fmt: skip

ADVENTUREWORKS: tuple[Rule, ...] = (
    # -- is it this month's extract, and all of it?
    latest("sales_reach_the_last_closed_month", "adventureworks.sales_order_header", "order_date",
           LAST_CLOSED_MONTH, CYCLE_END,
           "Older: last month's file was delivered again. Newer: the clock of the extract is wrong."),
    latest("dispatch_reaches_the_last_closed_month", "adventureworks.sales_order_header", "ship_date",
           LAST_CLOSED_MONTH, CYCLE_END,
           "Service is measured on the last closed month; dispatch that "
           "stops earlier reads as missed deliveries."),
    latest("work_orders_reach_the_last_closed_month", "adventureworks.work_order", "start_date",
           LAST_CLOSED_MONTH, CYCLE_END,
           "Resources and yields are measured on work orders; an old extract hides what is being made."),
    rows_between("finished_goods_arrived", "adventureworks.product", "product_id", 1, None,
                 "Only finished goods are sold: without the flag nothing is planned.",
                 where={"is_finished_good": True}),
    # -- can the numbers be true?
    above_zero("sold_quantity_is_positive", "adventureworks.sales_order_detail", "ordered_quantity",
               "This system keeps no returns on sales orders: zero or less is an error of the extract.",
               keys=("sales_order_id", "sales_order_detail_id")),
    above_zero("sold_price_is_positive", "adventureworks.sales_order_detail", "unit_price",
               "Free goods would halve the realised price that the plan's revenue is valued at.",
               kwargs={"mostly": 0.999}, keys=("sales_order_id", "sales_order_detail_id")),
    within("discounts_leave_a_price", "adventureworks.sales_order_detail",
           "unit_price_discount_ratio", 0, 0.9,
           "The ratio multiplies the price; 35 written for 0.35 would turn revenue negative.",
           keys=("sales_order_id", "sales_order_detail_id")),
    ordered("sales_are_due_after_they_are_placed", "adventureworks.sales_order_header",
            "order_date", "due_date",
            "A day wanted before the order was placed is a date in the wrong field; service is measured against it.",
            keys=("sales_order_id",)),
    one_of("order_status_is_known", "adventureworks.sales_order_header", "status", (1, 2, 3, 4, 5, 6),
           "In process, approved, backordered, rejected, shipped, "
           "cancelled: any other status has no meaning here.",
           keys=("sales_order_id",)),
    above_zero("made_quantity_is_positive", "adventureworks.work_order", "ordered_quantity",
               "A work order for nothing would divide the yield by zero.", keys=("work_order_id",)),
    ordered("scrap_is_part_of_the_order", "adventureworks.work_order",
            "scrapped_quantity", "ordered_quantity",
            "More scrap than was started gives a negative yield.", keys=("work_order_id",)),
    within("operations_take_credible_hours", "adventureworks.work_order_routing",
           "actual_resource_hours", 0, 1000,
           "Run hours are learnt from these rows; minutes booked as hours would close every work centre.",
           keys=("work_order_id", "operation_sequence")),
    above_zero("components_have_a_quantity", "adventureworks.bill_of_materials", "component_quantity",
               "Zero consumption hides a shortage of the component.", keys=("bill_of_materials_id",)),
    not_negative("counted_stock_is_not_negative", "adventureworks.product_inventory", "quantity",
                 "The plan opens with this stock.", keys=("product_id", "location_id")),
    within("vendor_lead_times_are_credible", "adventureworks.product_vendor",
           "average_lead_time_days", 0, 730,
           "Beyond two years no supply falls inside the horizon: the unit is wrong.",
           severity="warning", keys=("product_id", "vendor_id")),
    above_zero("finished_goods_have_a_cost", "adventureworks.product", "standard_cost",
               "Without a cost, stock is free and margin is revenue.",
               where={"is_finished_good": True}, keys=("product_id",)),
    above_zero("currency_rates_are_positive", "adventureworks.currency_rate", "end_of_day_rate",
               "A rate of zero wipes out the money of a whole country.",
               keys=("from_currency_code", "to_currency_code", "rate_date")),
)  # fmt: skip

ODOO: tuple[Rule, ...] = (
    # -- is it this month's extract, and all of it?
    latest("odoo_orders_reach_the_last_closed_month", "odoo.sale_order", "date_order", LAST_CLOSED_MONTH, None,
           "Older: last month's extract was delivered again, or the replica has stood still.",
           where={"state": "sale"}),
    latest("odoo_movements_reach_the_last_closed_month", "odoo.stock_move", "date", LAST_CLOSED_MONTH, None,
           "Deliveries, receipts and the stock of a month's end all come from movements.",
           where={"state": "done"}),
    rows_between("odoo_warehouses_hold_locations", "odoo.stock_location", "id", 1, None,
                 "Without locations inside the warehouses no stock and no movement has a site.",
                 where={"usage": "internal"}),
    rows_between("odoo_items_can_be_sold", "odoo.product_template", "id", 1, None,
                 "A company that sells nothing needs no plan: the extract is empty or its flag is lost.",
                 where={"sale_ok": True}),
    # -- can the numbers be true?
    one_of("odoo_order_states_are_known", "odoo.sale_order", "state", ("draft", "sent", "sale", "done", "cancel"),
           "Only sale, done and cancel count as orders: a state of a module of your own needs a place in staging.",
           keys=("name",)),
    one_of("odoo_movement_states_are_known", "odoo.stock_move", "state",
           ("draft", "waiting", "confirmed", "partially_available", "assigned", "done", "cancel"),
           "What is not done and not cancelled is still expected; a state of a module of your own would be too.",
           keys=("id",)),
    within("odoo_discounts_leave_a_price", "odoo.sale_order_line", "discount", -100, 100,
           "Discounts are per cent: above 100 the customer is paid.",
           severity="warning", kwargs={"mostly": 0.999}, keys=("id", "order_id")),
    within("odoo_cycles_take_credible_minutes", "odoo.mrp_routing_workcenter", "time_cycle_manual", 0, 60000,
           "Cycles are minutes; a thousand hours a piece is a mix-up of units.", keys=("id", "bom_id")),
    within("odoo_efficiency_is_per_cent", "odoo.mrp_workcenter", "time_efficiency", 1, 1000,
           "100 is normal: 0.8 written for 80 would stretch every operation a hundred times.",
           keys=("name",)),
    within("odoo_lead_times_are_credible", "odoo.product_supplierinfo", "delay", 0, 730,
           "Beyond two years no supply falls inside the horizon: the unit is wrong.",
           severity="warning", keys=("id", "partner_id")),
    not_negative("odoo_purchase_prices_are_not_negative", "odoo.product_supplierinfo", "price",
                 "The plan would buy without end from a supplier that pays for it.", keys=("id", "partner_id")),
    above_zero("odoo_units_have_a_factor", "odoo.uom_uom", "factor",
               "Every quantity told in the unit goes through the factor.", keys=("id", "name")),
    above_zero("odoo_rates_are_positive", "odoo.res_currency_rate", "rate",
               "A rate is divided by: at zero a whole country has no money.", keys=("currency_id", "name")),
)  # fmt: skip

DELIVERY: tuple[Rule, ...] = (
    ordered("no_table_lost_a_fifth_of_its_rows", "ingest.deliveries", "row_drop_ratio", "row_drop_maximum_ratio",
            "Every delivery is full, so a table that shrinks was cut or filtered on its way. If it is "
            "right, declare row_drop_maximum_ratio with its reason in planning_parameters.csv "
            "(scope table, scope_id the table).",
            keys=("table_name", "delivered_rows", "previous_delivered_rows")),
    Rule("files_are_read_as_they_came", "ingest.deliveries", "ExpectColumnValuesToBeNull",
         "Read after putting right what is listed: have the extract corrected, and make sure that a "
         "file whose last line has no end was not cut.",
         column="fixes", severity="warning", keys=("table_name", "file_name")),
    Rule("files_came_as_they_should", "ingest.deliveries", "ExpectColumnValuesToBeNull",
         "Read all the same: see whether the plan can live with it, and have the sender deliver what is missing.",
         column="warnings", severity="warning", keys=("table_name", "file_name")),
)  # fmt: skip
"""Rules on how the files came, whatever the system."""

PLANNER: tuple[Rule, ...] = (
    share("activity_confidence_is_a_share", "planner.activity_plans", "confidence_ratio",
          "Uplift counts times confidence: 80 written for 0.80 makes the promotion a hundred times larger.",
          keys=("activity_id", "item_id")),
    within("multiplying_overrides_are_moderate", "planner.overrides", "override_value", 0.2, 5,
           "A factor beyond five-fold is usually meant as units: ask its owner before the review.",
           severity="warning", where={"operation": "multiply"}, keys=("override_id", "owner")),
    within("overrides_are_about_the_future", "planner.overrides", "period_start_date", CYCLE_START, None,
           "A closed month is a fact; an override of it changes nothing and its owner should know.",
           severity="warning", keys=("override_id", "owner")),
    above_zero("launches_sell_something", "planner.npd_plans", "peak_units_per_month",
               "A launch without a peak is a launch "
               "that was not thought through.", keys=("item_id", "owner")),
    within("launch_ramps_are_credible", "planner.npd_plans", "ramp_months", 0, 36,
           "Beyond three years the ramp is longer than any horizon we plan.", keys=("item_id", "owner")),
    not_negative("sales_forecasts_are_not_negative", "planner.sales_forecasts", "forecast_units",
                 "Sales cannot submit negative demand; expected returns are not forecast here.",
                 keys=("customer_group", "item_id", "period_start_date")),
    not_negative("sales_level_forecasts_are_not_negative", "planner.sales_level_forecasts", "forecast_units",
                 "Sales cannot submit negative demand; expected returns are not forecast here.",
                 keys=("submission_id", "period_start_date")),
    not_negative("kpi_tolerances_are_not_negative", "planner.kpi_targets", "tolerance_value",
                 "The tolerance is a distance; below zero "
                 "amber would be better than green.", keys=("kpi_id",)),
    within("service_targets_are_attainable", "planner.service_targets", "cycle_service_ratio", 0.5, 0.9999,
           "At 1 safety stock is infinite; below one half there is none.", keys=("family_id",)),
    share("customers_wait_for_a_share", "planner.priorities", "backlog_maximum_ratio",
          "The share of demand that waits cannot exceed the demand.", keys=("channel_id",)),
)  # fmt: skip

ARRIVALS: dict[str, tuple[Rule, ...]] = {
    "adventureworks": ADVENTUREWORKS,
    "contract": CONTRACT,
    "erpnext": ERPNEXT,
    "odoo": ODOO,
    "sap": SAP,
}
"""Rules of each ERP system that a cycle can be fed from; the planners' files come with any of them."""


def arrival_rules(system: str) -> list[Rule]:
    """Rules on what a cycle of this system starts from."""
    if system not in ARRIVALS:
        known = ", ".join(sorted(ARRIVALS))
        raise KeyError(
            f"No arrival rules for system '{system}'; there are rules for {known}. "
            "Add its block to quality/arrivals.py."
        )
    contracts = load_contracts(DBT_PROJECT_DIR)
    implied = contract_suites([*contracts.of_schema(system), *contracts.of_schema("planner")])
    return [*ARRIVALS[system], *DELIVERY, *_own_contract_rules(system), *PLANNER, *_target_rules(), *implied]


def _own_contract_rules(system: str) -> list[Rule]:
    """Rules on files in our own contract, planners' files and supplements among them. A system's own tables are read in
    part on purpose, so that their other columns are nobody's mistake; nor are the tables that it does not have."""
    contracts = load_contracts(DBT_PROJECT_DIR)
    delivered = [*contracts.of_schema(system), *contracts.of_schema("planner")]
    own = [c for c in delivered if c.schema in ("contract", "planner") or c.name.startswith("supplement_")]
    rules = [
        Rule("no_column_is_left_aside", "ingest.deliveries", "ExpectColumnValuesToBeNull",
             "The contract has no such column: it was not read. A misspelt optional column arrives empty.",
             column="ignored_columns", severity="warning", where={"table_name": tuple(c.table for c in own)},
             keys=("table_name", "file_name")),
    ]  # fmt: skip
    absent = {c.table: str(c.delivery["without_it"]) for c in own if "without_it" in c.delivery}
    if absent:
        rules.append(
            filled("tables_that_a_plan_leans_on_arrived", "ingest.deliveries", "file_name",
                   "Right for a company that has none of it; otherwise deliver the file. Without it: "
                   + "; ".join(f"{table}: {without}" for table, without in absent.items()) + ".",
                   severity="warning", where={"table_name": tuple(absent)}, keys=("table_name",))
        )  # fmt: skip
    return rules


def _target_rules() -> list[Rule]:
    """A KPI is a model kpi_<kpi_id>: targets name no other."""
    models = (DBT_PROJECT_DIR / "models" / "marts" / "meeting" / "kpis").glob("kpi_*.sql")
    kpis = sorted(model.stem.removeprefix("kpi_") for model in models if model.stem != "kpi_measures")
    return [
        one_of("targets_are_for_known_kpis", "planner.kpi_targets", "kpi_id", kpis,
               "No KPI has this name, so the target is not used: correct the name or remove the row.",
               severity="warning", keys=("kpi_id", "owner")),
    ]  # fmt: skip
