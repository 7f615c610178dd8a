"""Rules on what arrives from SAP: is it this month's extract, is it all of it, can the numbers be true?

Add here: one line a rule on a table of SAP's. Keep out: types, keys and references (contract and dbt tests).
"""

from __future__ import annotations

from quality.rules import (
    CYCLE_END,
    LAST_CLOSED_MONTH,
    Rule,
    above_zero,
    latest,
    not_negative,
    rows_between,
    within,
)

SAP: tuple[Rule, ...] = (
    # -- is it this month's extract, and all of it?
    latest("sales_documents_reach_the_last_closed_month", "sap.vbak", "audat", LAST_CLOSED_MONTH, CYCLE_END,
           "Older: last month's extract was delivered again. Newer: "
           "the clock or the year of the extract is wrong."),
    latest("goods_issues_reach_the_last_closed_month", "sap.likp", "wadat_ist", LAST_CLOSED_MONTH, CYCLE_END,
           "Service is measured on the last closed month; deliveries "
           "that stop earlier read as missed ones."),
    latest("purchase_history_reaches_the_last_closed_month", "sap.ekbe", "budat", LAST_CLOSED_MONTH, None,
           "Suppliers are measured on their receipts; a history that "
           "stops earlier shows every order as late.", severity="warning"),
    rows_between("materials_may_be_sold", "sap.mvke", "matnr", 1, None,
                  "Without sales views (MVKE) no material is saleable, and nothing is planned."),
    # -- can the numbers be true?
    above_zero("sold_quantity_is_positive", "sap.vbap", "kwmeng",
               "Returns are marked by the document's category; an "
               "empty or negative quantity is an extract error.",
               kwargs={"mostly": 0.999}, keys=("vbeln", "posnr")),
    not_negative("sold_price_is_not_negative", "sap.vbap", "netpr",
                 "Below zero the sign was lost on the way: a text dump writes it behind the number.",
                 keys=("vbeln", "posnr")),
    above_zero("base_units_have_a_numerator", "sap.marm", "umrez",
               "A factor of zero has no unit: all quantities in it would be kept out.",
               keys=("matnr", "meinh")),
    above_zero("operations_have_a_base_quantity", "sap.plpo", "bmsch",
               "Standard values are for so many units; for zero units they mean nothing.",
               keys=("plnty", "plnnr", "plnkn")),
    within("utilisation_is_percent", "sap.kako", "ngrad", 2, 200,
           "90 means 90 %; a ratio written for it would close the work centre.", severity="warning", keys=("kapid",)),
    within("component_scrap_is_credible", "sap.stpo", "ausch", 0, 400,
           "Above 400 % four fifths of the component are lost: the percent sign was moved.",
           severity="warning", keys=("stlnr", "stlkn", "stpoz")),
    within("operation_scrap_leaves_something_over", "sap.plpo", "aufak", 0, 90,
           "At 100 % nothing comes out of the operation.", keys=("plnty", "plnnr", "plnkn")),
    above_zero("prices_are_for_some_units", "sap.mbew", "peinh",
               "A cost for zero units is no cost.", keys=("matnr", "bwkey")),
    within("delivery_times_are_credible", "sap.eine", "aplfz", 0, 730,
           "Beyond two years no supply falls inside the horizon: the unit is wrong.",
           severity="warning", keys=("infnr", "ekorg", "werks")),
    within("calendar_years_are_credible", "sap.tfacs", "jahr", 1990, 2100,
           "Capacity is counted by these years.", keys=("ident", "jahr")),
)  # fmt: skip
