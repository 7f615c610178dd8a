"""Extracts of the books as of a cycle: companies, terms of payment, stock postings, balances of the general ledger.

The ledger is what the documents add up to: revenue is what was invoiced, inventory what stood in store at standard cost.
Add here: what accountants keep. Keep out: the documents themselves (`documents`).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from sop_pipeline.sources.demo import catalogue
from sop_pipeline.sources.demo.columns import Columns, stack, totals
from sop_pipeline.sources.demo.export import Extract, cents, dates, from_rows, lookup, numbered
from sop_pipeline.sources.demo.firm import Firm
from sop_pipeline.sources.demo.randomness import Integers
from sop_pipeline.sources.demo.state import MOVEMENTS
from sop_pipeline.sources.demo.terms import standard_costs
from sop_pipeline.sources.demo.timeline import LAST_MONTH, first_day

INTO_STOCK = ("receipt", "production", "transfer_in", "customer_return")
FIRST_DAYS = np.array([first_day(month) for month in range(LAST_MONTH + 1)])
REVENUE, COST_OF_SALES, INVENTORY = 0, 1, 2
ACCOUNTS = (("400000", "Revenue goods", "revenue"), ("500000", "Cost of sales", "cost_of_sales"),
            ("140000", "Inventories", "inventory"))  # fmt: skip


def book_extracts(firm: Firm, filed: dict[str, Columns], month: int) -> dict[str, Extract]:
    """All tables of the books as of the first day of the month."""
    return {
        "companies": _companies(),
        "payment_terms": _payment_terms(),
        "inventory_movements": _movements(firm, filed["movements"]),
        "ledger_balances": _ledger(firm, filed, month),
    }


def _companies() -> Extract:
    names = ("company_id", "company_name", "country_code", "currency_code")
    return from_rows(names, catalogue.COMPANIES)


def _payment_terms() -> Extract:
    names = (
        "payment_term_id",
        "payment_term_name",
        "net_days",
        "is_from_month_end",
        "discount_days",
        "discount_ratio",
    )
    return from_rows(names, catalogue.PAYMENT_TERMS)


def stock_value_cents(firm: Firm, node: Integers, units: Integers, months: Integers) -> Integers:
    """Value of units at the standard cost of the month's year, whole cents of the site's currency.

    What stood there before the first month is valued at its costs.
    """
    months = np.maximum(months, 0)
    value = np.zeros(len(node), dtype=np.int64)
    for year in np.unique(2022 + months // 12):
        of_year = months // 12 == year - 2022
        cost = standard_costs(firm, node[of_year], int(year))
        value[of_year] = np.floor(units[of_year] * cost * 100.0 + 0.5).astype(np.int64)
    return value


def months_of(days: Integers) -> Integers:
    """Number of the month that each day lies in."""
    months: Integers = np.searchsorted(FIRST_DAYS, days, side="right") - 1
    return months


def _movements(firm: Firm, table: Columns) -> Extract:
    """A collective posting of each month, item, site and kind of movement, on the last day of the month."""
    parts = [
        {"kind": np.full(len(table["node"]), kind), "month": table["month"], "node": table["node"],
         "units": table[name] * (1 if name in INTO_STOCK else -1)}
        for kind, name in enumerate(MOVEMENTS)
    ]  # fmt: skip
    every = stack(parts)
    moved = {name: values[every["units"] != 0] for name, values in every.items()}
    order = np.lexsort((moved["kind"], moved["node"], moved["month"]))
    moved = {name: values[order] for name, values in moved.items()}
    month, node, kind = moved["month"], moved["node"], moved["kind"]
    site, item = firm.network.node_site[node], firm.network.node_item[node]
    value = np.sign(moved["units"]) * stock_value_cents(firm, node, np.abs(moved["units"]), month)
    return {
        "movement_id": numbered("MV", month * 1_000_000 + node),
        "line_id": pa.array((kind + 1) * 10).cast(pa.string()),
        "posted_date": dates(FIRST_DAYS[month + 1] - 1),
        "movement_type": lookup(MOVEMENTS, kind),
        "item_id": lookup(firm.items.item_id, item),
        "site_id": lookup(catalogue.SITES, site),
        "moved_quantity": pa.array(moved["units"]),
        "uom_id": lookup(firm.items.base_uom, item),
        "movement_amount": cents(value),
        "currency_code": lookup(catalogue.SITE_CURRENCIES, site),
    }


def _ledger(firm: Firm, filed: dict[str, Columns], month: int) -> Extract:
    """Months of revenue, cost of sales and inventory of each company, debits positive."""
    companies = len(catalogue.COMPANIES)
    of_site = np.array(catalogue.SITE_COMPANIES)
    amounts = np.zeros((len(ACCOUNTS), companies, month), dtype=np.int64)

    def add(account: int, site: Integers, when: Integers, value: Integers) -> None:
        seen = (when >= 0) & (when < month)
        key = of_site[site[seen]] * month + when[seen]
        amounts[account] += (
            totals(key, value[seen], companies * month).astype(np.int64).reshape(companies, month)
        )

    invoices, shipments, snapshots = filed["invoices"], filed["shipments"], filed["snapshots"]
    add(
        REVENUE,
        firm.demand.series_site[invoices["series"]],
        months_of(invoices["day"]),
        -invoices["amount_cents"],
    )
    when, node = months_of(shipments["day"]), firm.series_node[shipments["series"]]
    sign = np.where(shipments["is_return"] == 1, -1, 1)
    cost = sign * stock_value_cents(firm, node, shipments["units"], when)
    add(COST_OF_SALES, firm.network.node_site[node], when, cost)
    when, node = months_of(snapshots["day"]), snapshots["node"]
    held = stock_value_cents(firm, node, snapshots["usable"], when)
    held += stock_value_cents(firm, node, snapshots["quality"], when)
    add(INVENTORY, firm.network.node_site[node], when, held)
    opening = totals(of_site[firm.network.node_site[node]], np.where(when < 0, held, 0), companies)

    account, company, period = (axis.ravel() for axis in np.indices(amounts.shape))
    closing, in_period = amounts.ravel().copy(), amounts.copy()
    in_period[INVENTORY, :, 1:] -= amounts[INVENTORY, :, :-1]
    in_period[INVENTORY, :, 0] -= opening.astype(np.int64)
    is_balance = account == INVENTORY
    return {
        "company_id": lookup([row[0] for row in catalogue.COMPANIES], company),
        "account_id": lookup([row[0] for row in ACCOUNTS], account),
        "cost_object_id": pa.nulls(len(account), pa.string()),
        "period_start_date": dates(FIRST_DAYS[period]),
        "account_name": lookup([row[1] for row in ACCOUNTS], account),
        "account_type": lookup([row[2] for row in ACCOUNTS], account),
        "period_amount": cents(in_period.ravel()),
        "closing_amount": pa.array(closing / 100.0, mask=~is_balance),
        "currency_code": lookup([row[3] for row in catalogue.COMPANIES], company),
    }
