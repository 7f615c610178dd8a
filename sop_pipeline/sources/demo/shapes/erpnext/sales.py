"""Sales orders, delivery notes and sales invoices.

Add here: a document to customers. Keep out: master data, and documents of supply.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal

from sop_pipeline.sources.demo.shapes.erpnext.records import (
    Plant,
    Record,
    delivery_name,
    doctype_file,
    line_number,
    order_name,
    records,
    row_name,
    supplement_file,
)
from sop_pipeline.sources.demo.shapes.tables import ShapeFile, Tables

Key = tuple[str, str]


def sales_files(tables: Tables, plant: Plant) -> Iterator[ShapeFile]:
    """Sales Order, Delivery Note, Sales Invoice, their child tables, and the supplement to order lines."""
    lines, shipments = records(tables["sales_order_lines"]), records(tables["shipment_lines"])
    groups = {row["customer_id"]: row["customer_group"] for row in records(tables["customers"])}
    by_key = {(row["order_id"], row["line_id"]): row for row in lines}
    yield from _orders([row for row in lines if row["order_type"] == "order"], shipments, groups, plant)
    yield from _deliveries(shipments, by_key, groups, plant)
    yield from _invoices(records(tables["invoice_lines"]), by_key, groups, plant)


def _orders(
    lines: list[Record], shipments: list[Record], groups: dict[str, str], plant: Plant
) -> Iterator[ShapeFile]:
    orders: dict[str, list[Record]] = defaultdict(list)
    for row in lines:
        orders[row["order_id"]].append(row)
    shipped: dict[Key, Decimal] = defaultdict(Decimal)
    for row in shipments:
        if not row["is_return"]:
            shipped[row["order_id"], row["order_line_id"]] += row["shipped_quantity"]
    headers, details = [], []
    for order_id, of_order in orders.items():
        header = _order(order_id, of_order, groups)
        rows = [
            _order_line(row, header["name"], shipped[order_id, row["line_id"]], plant) for row in of_order
        ]
        headers.append(header)
        details += rows
        if header["amended_from"]:  # what it replaces was cancelled, and must not count a second time
            headers.append(
                header | {"name": order_id, "docstatus": 2, "status": "Cancelled", "amended_from": None}
            )
            details += [row | {"parent": order_id} for row in rows]
        if order_id.endswith("5"):  # a draft is no order
            headers.append(
                header
                | {"name": f"{order_id}-DRAFT", "docstatus": 0, "status": "Draft", "amended_from": None}
            )
            details += [row | {"parent": f"{order_id}-DRAFT"} for row in rows]
    freight = _order_line(lines[0], details[0]["parent"], Decimal(0), plant)
    details.append(freight | {"idx": 99, "item_code": "FREIGHT"})
    yield doctype_file("Sales Order", headers)
    yield doctype_file("Sales Order Item", details, "Sales Order", "items")
    yield _lacking_of_lines(orders, {row["name"]: row for row in headers})


def _order(order_id: str, lines: list[Record], groups: dict[str, str]) -> Record:
    name, first = order_name(order_id), lines[0]
    # an order of which nothing is wanted any more was cancelled, or closed
    is_over = all(row["is_cancelled"] for row in lines)
    is_closed = is_over and order_id.endswith(("2", "4"))
    return {
        "name": name,
        "docstatus": 2 if is_over and not is_closed else 1,
        "amended_from": None if name == order_id else order_id,
        "transaction_date": first["ordered_date"],
        "customer": first["customer_id"],
        "customer_group": groups[first["customer_id"]],
        "currency": first["currency_code"],
        "status": "Closed" if is_closed else "Cancelled" if is_over else "To Deliver and Bill",
        "modified": max(row["changed_at"] for row in lines),
    }


def _order_line(row: Record, order: str, shipped: Decimal, plant: Plant) -> Record:
    item, uom = row["item_id"], row["uom_id"]
    factor = plant.factor[item, uom]
    return {
        "parent": order,
        "idx": line_number(row["line_id"]),
        "item_code": item,
        "delivery_date": row["requested_date"],
        "qty": row["ordered_quantity"],
        "uom": uom,
        "conversion_factor": factor,
        "stock_uom": plant.base_uom[item],
        "stock_qty": row["ordered_quantity"] * factor,
        "rate": row["unit_price"] * Decimal("1.19"),
        "net_rate": row["unit_price"],
        "net_amount": row["net_amount"],
        "warehouse": plant.stores(row["site_id"]),
        "delivered_qty": shipped / factor,
        "pricing_rules": _pricing_rules(row),
    }


def _lacking_of_lines(orders: dict[str, list[Record]], headers: dict[str, Record]) -> ShapeFile:
    """The day promised where it is not the day wanted; lines cancelled of an order that goes on."""
    told = []
    for order_id, of_order in orders.items():
        header = headers[order_name(order_id)]
        goes_on = header["docstatus"] == 1 and header["status"] != "Closed"
        for row in of_order:
            line = {
                "order_id": header["name"],
                "line_id": row["line_id"],
                "confirmed_date": row["confirmed_date"]
                if row["confirmed_date"] != row["requested_date"]
                else None,
                "is_cancelled": True if row["is_cancelled"] and goes_on else None,
            }
            if line["confirmed_date"] or line["is_cancelled"]:
                told.append(line)
    return supplement_file(
        "sales_order_lines", told, ("order_id", "line_id", "requested_date", "confirmed_date", "is_cancelled")
    )


def _deliveries(
    shipments: list[Record], orders: dict[Key, Record], groups: dict[str, str], plant: Plant
) -> Iterator[ShapeFile]:
    headers: dict[str, Record] = {}
    details = []
    for row in shipments:
        name, order = delivery_name(row), orders[row["order_id"], row["order_line_id"]]
        is_return = row["is_return"]
        left_at = datetime.combine(row["shipped_date"], time(12))
        headers[name] = {
            "name": name,
            "docstatus": 1,
            "posting_date": row["shipped_date"],
            "customer": row["customer_id"],
            "customer_group": groups[row["customer_id"]],
            "currency": order["currency_code"],
            "is_return": is_return,
            "return_against": None,
            "modified": order["changed_at"] if is_return else left_at,
        }
        details.append(_delivery_line(row, order, name, plant))
    taken_back = next(iter(headers))
    headers["CANCELLED"] = headers[taken_back] | {"name": "CANCELLED", "docstatus": 2}
    details += [row | {"parent": "CANCELLED"} for row in details if row["parent"] == taken_back]
    yield doctype_file("Delivery Note", headers.values())
    yield doctype_file("Delivery Note Item", details, "Delivery Note", "items")


def _delivery_line(row: Record, order: Record, name: str, plant: Plant) -> Record:
    item, uom, is_return = row["item_id"], row["uom_id"], row["is_return"]
    factor = plant.factor[item, uom]
    sign = -1 if is_return else 1
    price = order["unit_price"] / plant.factor[item, order["uom_id"]] * factor
    return {
        "parent": name,
        "idx": line_number(row["order_line_id"] if is_return else row["line_id"]),
        "item_code": item,
        "qty": sign * row["shipped_quantity"],
        "uom": uom,
        "conversion_factor": factor,
        "stock_uom": plant.base_uom[item],
        "stock_qty": sign * row["shipped_quantity"] * factor,
        "net_rate": price,
        "net_amount": -order["net_amount"] if is_return else price * row["shipped_quantity"],
        "warehouse": plant.stores(row["site_id"]),
        "against_sales_order": None if is_return else order_name(row["order_id"]),
        "so_detail": None if is_return else order_row(row),
        "pricing_rules": _pricing_rules(order),
    }


def _pricing_rules(row: Record) -> str | None:
    return f'["{row["activity_id"]}"]' if row["activity_id"] else None


def order_row(row: Record) -> str:
    """The row of a sales order that a delivery or an invoice is for."""
    return row_name("Sales Order Item", order_name(row["order_id"]), line_number(row["order_line_id"]))


def _invoices(
    lines: list[Record], orders: dict[Key, Record], groups: dict[str, str], plant: Plant
) -> Iterator[ShapeFile]:
    headers: dict[str, Record] = {}
    details = []
    for row in lines:
        day: date = row["invoiced_date"]
        name = f"{row['invoice_id']}-{day:%y%m%d}"
        headers[name] = {
            "name": name,
            "docstatus": 1,
            "posting_date": day,
            "customer": row["customer_id"],
            "customer_group": groups[row["customer_id"]],
            "currency": row["currency_code"],
            "is_return": row["invoiced_quantity"] < 0,
            "is_opening": "No",
            "update_stock": False,
            "modified": datetime.combine(day, time(18)),
        }
        details.append(_invoice_line(row, name, orders[row["order_id"], row["order_line_id"]], plant))
    taken_back = next(iter(headers))
    headers["CANCELLED"] = headers[taken_back] | {"name": "CANCELLED", "docstatus": 2}
    headers["OPENING"] = headers[taken_back] | {"name": "OPENING", "is_opening": "Yes"}
    for extra in ("CANCELLED", "OPENING"):
        details += [row | {"parent": extra} for row in details if row["parent"] == taken_back]
    yield doctype_file("Sales Invoice", headers.values())
    yield doctype_file("Sales Invoice Item", details, "Sales Invoice", "items")


def _invoice_line(row: Record, name: str, order: Record, plant: Plant) -> Record:
    item, uom = row["item_id"], row["uom_id"]
    factor, quantity = plant.factor[item, uom], row["invoiced_quantity"]
    is_of_return = order["order_type"] == "return"
    place = line_number(row["order_line_id"])
    return {
        "parent": name,
        "idx": line_number(row["line_id"]),
        "item_code": item,
        "qty": quantity,
        "uom": uom,
        "conversion_factor": factor,
        "stock_uom": plant.base_uom[item],
        "stock_qty": quantity * factor,
        "net_rate": row["net_amount"] / quantity if quantity else Decimal(0),
        "net_amount": row["net_amount"],
        "warehouse": plant.stores(row["site_id"]),
        "sales_order": None if is_of_return else order_name(row["order_id"]),
        "so_detail": None if is_of_return else order_row(row),
        "delivery_note": row["order_id"] if is_of_return else None,
        "dn_detail": row_name("Delivery Note Item", row["order_id"], place) if is_of_return else None,
    }
