"""What ERPNext's doctypes must be, before anything is made of them.

Add here: a rule on one doctype, with its reason. Keep out: rules that hold for every system (`arrivals`), rules that
need two tables (macros/erp_rules.sql).
"""

from __future__ import annotations

from quality.rules import (
    CYCLE_END,
    LAST_CLOSED_MONTH,
    CycleDay,
    Rule,
    above_zero,
    latest,
    not_negative,
    rows_between,
    within,
)

_ORDER_LINE = ("parent", "idx")
_FIRST_PLAUSIBLE_DAY = CycleDay(months=-240)

ERPNEXT: tuple[Rule, ...] = (
    # -- is it this month's extract, and all of it?
    latest("sales_orders_reach_the_last_closed_month", "erpnext.sales_order", "transaction_date",
           LAST_CLOSED_MONTH, CYCLE_END,
           "Older: last month's export was delivered again, or the REST API stopped at its page limit. "
           "Newer: the clock or the year is wrong."),
    latest("delivery_notes_reach_the_last_closed_month", "erpnext.delivery_note", "posting_date",
           LAST_CLOSED_MONTH, CYCLE_END,
           "Service is measured on the last closed month. A company that delivers by invoices with "
           "Update Stock has none of these.", severity="warning"),
    latest("the_stock_ledger_reaches_the_last_closed_month", "erpnext.stock_ledger_entry", "posting_date",
           LAST_CLOSED_MONTH, CYCLE_END,
           "The plan opens with the balance of this ledger; without it the bins stand in, which have no day.",
           severity="warning"),
    rows_between("stock_items_arrived", "erpnext.item", "name", 1, None,
                 "Only stock items are planned: without the flag nothing is.", where={"is_stock_item": True}),
    # -- can the numbers be true?
    above_zero("sales_quantity_is_positive", "erpnext.sales_order_item", "qty",
               "ERPNext keeps returns on delivery notes; zero or less on an order is an error of the export.",
               kwargs={"mostly": 0.999}, keys=_ORDER_LINE),
    above_zero("sales_units_have_a_factor", "erpnext.sales_order_item", "conversion_factor",
               "Prices are brought to the stock unit by it.", kwargs={"mostly": 0.999}, keys=_ORDER_LINE),
    not_negative("net_rates_are_not_negative", "erpnext.sales_order_item", "net_rate",
                 "Below zero the sign of a discount was lost on the way.", keys=_ORDER_LINE),
    within("sales_quantity_is_credible", "erpnext.sales_order_item", "stock_qty", None, 1e9,
           "Above a thousand million units a column was shifted; it would swamp every forecast.",
           keys=_ORDER_LINE),
    within("sales_order_days_are_credible", "erpnext.sales_order", "transaction_date",
           _FIRST_PLAUSIBLE_DAY, CYCLE_END,
           "Orders from another age are placeholders and would stretch the history to them.", keys=("name",)),
    above_zero("bills_are_for_a_quantity", "erpnext.bom", "quantity",
               "Components and minutes are divided by it.", keys=("name",)),
    within("process_loss_leaves_something_over", "erpnext.bom", "process_loss_percentage", 0, 90,
           "It is written in percent; above 90 the plan would start ten units for one.", keys=("name",)),
    above_zero("bill_components_are_consumed", "erpnext.bom_item", "stock_qty",
               "Zero consumption hides a shortage of the component.", kwargs={"mostly": 0.99}, keys=_ORDER_LINE),
    within("operation_minutes_are_credible", "erpnext.bom_operation", "time_in_mins", 0, 600_000,
           "Ten thousand hours for a bill's quantity is a mix-up of units.", keys=_ORDER_LINE),
    within("job_card_minutes_are_credible", "erpnext.job_card", "total_time_in_mins", 0, 600_000,
           "A clock that was never stopped counts as hours of the resource.", severity="warning", keys=("name",)),
    not_negative("hour_rates_are_not_negative", "erpnext.workstation", "hour_rate",
                 "The plan would work overtime for nothing.", keys=("name",)),
    within("item_lead_times_are_credible", "erpnext.item", "lead_time_days", 0, 730,
           "Beyond two years no supply falls inside the horizon.", severity="warning", keys=("name",)),
    above_zero("purchase_units_have_a_factor", "erpnext.purchase_order_item", "conversion_factor",
               "Quantities received and prices are brought to the stock unit by it.",
               kwargs={"mostly": 0.999}, keys=_ORDER_LINE),
    not_negative("list_prices_are_not_negative", "erpnext.item_price", "price_list_rate",
                 "The plan would buy without end from a supplier that pays for it.", keys=("name",)),
    above_zero("currency_exchange_is_positive", "erpnext.currency_exchange", "exchange_rate",
               "A rate of zero wipes out the money of a whole country.", keys=("name",)),
)  # fmt: skip
