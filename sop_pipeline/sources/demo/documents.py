"""Extracts of documents as of a cycle: orders, shipments, invoices, production, purchases, transfers, stock.

A document is exported once it was written before the cycle's first day; open ones show how far they are.
Add here: a document table or column of the source contract. Keep out: master data, and anything hidden.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from sop_pipeline.sources.demo import catalogue
from sop_pipeline.sources.demo.bookkeeping import months_of, stock_value_cents
from sop_pipeline.sources.demo.columns import Columns, stack, take
from sop_pipeline.sources.demo.export import (
    Extract,
    cents,
    constant,
    dates,
    flags,
    lookup,
    moments,
    numbered,
    text,
)
from sop_pipeline.sources.demo.firm import Firm
from sop_pipeline.sources.demo.masters import operation_numbers, resource_ids
from sop_pipeline.sources.demo.orders import customer_currency
from sop_pipeline.sources.demo.state import State
from sop_pipeline.sources.demo.terms import buy_prices
from sop_pipeline.sources.demo.timeline import NO_DAY, first_day

OPEN, CLOSED = 0, 1


def document_extracts(firm: Firm, filed: dict[str, Columns], state: State, month: int) -> dict[str, Extract]:
    """All document tables as of the first day of the month."""
    start = first_day(month)
    return {
        "sales_order_lines": _order_lines(firm, _both(filed, "lines", state.lines), start),
        "shipment_lines": _shipments(firm, _before(filed["shipments"], "day", start)),
        "invoice_lines": _invoices(firm, _before(filed["invoices"], "day", start)),
        "inventory_snapshots": _snapshots(firm, filed["snapshots"]),
        "production_orders": _production(firm, _both(filed, "production", state.production)),
        "operation_confirmations": _confirmations(firm, filed["confirmations"]),
        "purchase_order_lines": _purchases(firm, _both(filed, "purchases", state.purchases)),
        "purchase_receipts": _receipts(firm, filed["receipts"]),
        "transfer_orders": _transfers(firm, _both(filed, "transfers", state.transfers)),
    }


def _both(filed: dict[str, Columns], document: str, open_rows: Columns) -> Columns:
    """Finished and open documents."""
    return stack([filed[document], open_rows]) if document in filed else open_rows


def _before(table: Columns, day: str, start: int) -> Columns:
    return take(table, table[day] < start)


def _series(firm: Firm, series: np.ndarray) -> Extract:
    return {
        "item_id": lookup(firm.items.item_id, firm.demand.series_item[series]),
        "site_id": lookup(catalogue.SITES, firm.demand.series_site[series]),
    }


def _order_number(number: np.ndarray, is_return: np.ndarray) -> pa.Array:
    prefix = lookup(["SO", "RO"], is_return)
    return pa.compute.binary_join_element_wise(prefix, numbered("", number), "")


def _order_lines(firm: Firm, every: Columns, start: int) -> Extract:
    """A line is visible once it was entered; what happened to it later is not."""
    lines = take(every, every["posted_day"] < start)
    series, customer = lines["series"], lines["customer"]
    by_carton = lines["by_carton"]
    size = np.where(by_carton == 1, firm.items.carton[firm.demand.series_item[series]], 1)
    activity = [
        firm.demand.activities.activity_id(number) for number in range(len(firm.demand.activities.month))
    ]
    return {
        "order_id": _order_number(lines["order_number"], lines["is_return"]),
        "line_id": text(lines["line_number"]),
        "order_type": lookup(["order", "return"], lines["is_return"]),
        "customer_id": lookup(firm.customers.customer_id, customer),
        "channel_id": lookup(catalogue.CHANNELS, firm.demand.series_channel[series]),
        **_series(firm, series),
        "ordered_date": dates(lines["ordered_day"]),
        "requested_date": dates(lines["requested_day"]),
        "confirmed_date": dates(lines["confirmed_day"]),
        "ordered_quantity": pa.array(lines["quantity"] // size),
        "uom_id": lookup(["PCE", "CAR"], by_carton),
        "unit_price": cents(lines["price_cents"] * size),
        "net_amount": cents(lines["price_cents"] * lines["quantity"]),
        "currency_code": lookup(catalogue.CURRENCIES, customer_currency(firm)[customer]),
        "is_cancelled": flags(lines["is_cancelled"]),
        "activity_id": lookup(activity, lines["activity"]),
        "changed_at": moments(lines["changed_day"], lines["order_number"] + lines["line_number"]),
        "delivered_quantity": pa.array(np.floor(lines["shipped"] / size * 1e6 + 0.5) / 1e6),
    }


def _shipments(firm: Firm, table: Columns) -> Extract:
    count = len(table["number"])
    return {
        "shipment_id": numbered("SH", table["number"]),
        "line_id": text(table["line"]),
        "order_id": _order_number(table["order_number"], table["is_return"]),
        "order_line_id": text(table["order_line"]),
        **_series(firm, table["series"]),
        "customer_id": lookup(firm.customers.customer_id, table["customer"]),
        "shipped_date": dates(table["day"]),
        "shipped_quantity": pa.array(table["units"]),
        "uom_id": constant("PCE", count),
        "is_return": flags(table["is_return"]),
    }


def _invoices(firm: Firm, table: Columns) -> Extract:
    prefix = lookup(["IN", "CN", "CN"], table["is_credit"])
    return {
        "invoice_id": pa.compute.binary_join_element_wise(prefix, numbered("", table["number"]), ""),
        "line_id": text(table["line"]),
        "order_id": _order_number(table["order_number"], (table["is_credit"] == 1).astype(np.int64)),
        "order_line_id": text(table["order_line"]),
        "item_id": lookup(firm.items.item_id, firm.demand.series_item[table["series"]]),
        "customer_id": lookup(firm.customers.customer_id, table["customer"]),
        "site_id": lookup(catalogue.SITES, firm.demand.series_site[table["series"]]),
        "channel_id": lookup(catalogue.CHANNELS, firm.demand.series_channel[table["series"]]),
        "invoiced_date": dates(table["day"]),
        "invoiced_quantity": pa.array(table["units"]),
        "uom_id": constant("PCE", len(table["number"])),
        "net_amount": cents(table["amount_cents"]),
        "currency_code": lookup(catalogue.CURRENCIES, customer_currency(firm)[table["customer"]]),
    }


def _snapshots(firm: Firm, table: Columns) -> Extract:
    """Every item of every site at every month end, empty shelves included; quality stock only where there is any."""
    in_quality = np.flatnonzero(table["quality"] > 0)
    row = np.concatenate([np.arange(len(table["node"])), in_quality])
    is_quality = np.repeat([0, 1], [len(table["node"]), len(in_quality)])
    item = firm.network.node_item[table["node"][row]]
    units = np.where(is_quality == 1, table["quality"][row], table["usable"][row])
    extract = {
        "snapshot_date": table["day"][row],
        "item_id": item,
        "node": table["node"][row],
        "site_id": firm.network.node_site[table["node"][row]],
        "stock_status": is_quality,
        "units": units,
    }
    launched = firm.items.launch[item]
    on_books = (units > 0) | (
        np.array([first_day(max(0, int(m))) for m in range(200)])[np.clip(launched, 0, 199)]
        <= extract["snapshot_date"]
    )
    extract = take(extract, on_books)
    value = stock_value_cents(firm, extract["node"], extract["units"], months_of(extract["snapshot_date"]))
    return {
        "snapshot_date": dates(extract["snapshot_date"]),
        "item_id": lookup(firm.items.item_id, extract["item_id"]),
        "site_id": lookup(catalogue.SITES, extract["site_id"]),
        "stock_status": lookup(["unrestricted", "quality"], extract["stock_status"]),
        "on_hand_quantity": pa.array(extract["units"]),
        "uom_id": lookup(firm.items.base_uom, extract["item_id"]),
        "inventory_value": cents(value),
        "currency_code": lookup(catalogue.SITE_CURRENCIES, extract["site_id"]),
    }


def _production(firm: Firm, table: Columns) -> Extract:
    make, done = table["make"], table["done_day"] >= 0
    return {
        "production_order_id": numbered("PR", table["number"]),
        "item_id": lookup(firm.items.item_id, firm.bills.make_item[make]),
        "site_id": lookup(catalogue.SITES, firm.bills.make_site[make]),
        "ordered_quantity": pa.array(table["ordered"]),
        "completed_quantity": pa.array(np.where(done, table["good"], 0)),
        "scrapped_quantity": pa.array(np.where(done, table["scrapped"], 0)),
        "uom_id": lookup(firm.items.base_uom, firm.bills.make_item[make]),
        "start_date": dates(table["start_day"]),
        "due_date": dates(table["due_day"]),
        "completed_date": dates(table["done_day"]),
        "order_status": lookup(["open", "closed"], done.astype(np.int64)),
    }


def _confirmations(firm: Firm, table: Columns) -> Extract:
    operation = table["operation"]
    return {
        "production_order_id": numbered("PR", table["number"]),
        "operation_number": text(operation_numbers(firm)[operation]),
        "resource_id": lookup(resource_ids(firm), firm.bills.operation_resource[operation]),
        "confirmed_date": dates(table["day"]),
        "confirmed_hours": pa.array(table["ten_thousandths"] / 10_000.0),
    }


def _bought(firm: Firm, source: np.ndarray) -> tuple[Extract, np.ndarray, np.ndarray]:
    """Supplier, item and site of a buy; whether it is ordered in tonnes."""
    node, supplier = firm.network.node[source], firm.network.supplier[source]
    item = firm.network.node_item[node]
    extract = {
        "supplier_id": lookup(firm.suppliers.supplier_id, supplier),
        "item_id": lookup(firm.items.item_id, item),
        "site_id": lookup(catalogue.SITES, firm.network.node_site[node]),
    }
    is_kg = np.array([unit == "KG" for unit in firm.items.base_uom])
    return extract, item, is_kg[item]


def _purchases(firm: Firm, table: Columns) -> Extract:
    """Granulate is ordered in tonnes and received in kg."""
    source = table["source"]
    bought, item, in_tonnes = _bought(firm, source)
    size = np.where(in_tonnes, 1000.0, 1.0)
    price = buy_prices(firm, source, table["price_year"])
    return {
        "purchase_order_id": numbered("PO", table["number"]),
        "line_id": text(table["line"]),
        **bought,
        "ordered_date": dates(table["ordered_day"]),
        "due_date": dates(table["due_day"]),
        "ordered_quantity": pa.array(table["units"] / size),
        "received_quantity": pa.array(table["received"] / size),
        "uom_id": pa.compute.if_else(flags(in_tonnes), "T", lookup(firm.items.base_uom, item)),
        "unit_price": pa.array(np.floor(price * size * 10_000 + 0.5) / 10_000),
        "currency_code": lookup(catalogue.CURRENCIES, firm.suppliers.currency[firm.network.supplier[source]]),
        "is_closed": flags(table["closed"]),
    }


def _receipts(firm: Firm, table: Columns) -> Extract:
    bought, item, _ = _bought(firm, table["source"])
    return {
        "receipt_id": numbered("GR", table["number"]),
        "purchase_order_id": numbered("PO", table["order"]),
        "line_id": text(table["line"]),
        **bought,
        "received_date": dates(table["day"]),
        "received_quantity": pa.array(table["units"]),
        "rejected_quantity": pa.array(table["rejected"]),
        "uom_id": lookup(firm.items.base_uom, item),
    }


def _transfers(firm: Firm, table: Columns) -> Extract:
    network, source = firm.network, table["source"]
    item = network.node_item[network.node[source]]
    return {
        "transfer_order_id": numbered("TR", table["number"]),
        "item_id": lookup(firm.items.item_id, item),
        "from_site_id": lookup(catalogue.SITES, network.node_site[network.from_node[source]]),
        "to_site_id": lookup(catalogue.SITES, network.node_site[network.node[source]]),
        "shipped_date": dates(table["shipped_day"]),
        "due_date": dates(table["due_day"]),
        "received_date": dates(np.where(table["done_day"] >= 0, table["done_day"], NO_DAY)),
        "shipped_quantity": pa.array(table["units"]),
        "uom_id": lookup(firm.items.base_uom, item),
        "order_status": lookup(["in_transit", "received"], (table["done_day"] >= 0).astype(np.int64)),
    }
