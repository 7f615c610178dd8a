"""Work orders and job cards, purchase orders and receipts.

Add here: a document of making or buying. Keep out: stock and transfers (`stock`), documents to customers (`sales`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, time

from sop_pipeline.sources.demo.shapes.erpnext.records import (
    Plant,
    Record,
    doctype_file,
    line_number,
    records,
    row_name,
    supplement_file,
)
from sop_pipeline.sources.demo.shapes.tables import ShapeFile, Tables

STATUS = {"open": "In Process", "closed": "Completed", "cancelled": "Cancelled"}


def supply_files(tables: Tables, plant: Plant) -> Iterator[ShapeFile]:
    """Work Order, Job Card, Purchase Order, Purchase Receipt, their child tables, and the supplement to them."""
    yield doctype_file("Work Order", _work_orders(records(tables["production_orders"]), plant))
    yield doctype_file("Job Card", _job_cards(records(tables["operation_confirmations"])))
    yield from _purchase_orders(records(tables["purchase_order_lines"]), plant)
    yield from _receipts(records(tables["purchase_receipts"]), plant)


def _at(day: object, hour: int) -> object:
    """A moment of the day, in the site's own time; empty stays empty."""
    return None if day is None else datetime.combine(day, time(hour))  # type: ignore[arg-type]


def _work_orders(orders: list[Record], plant: Plant) -> Iterator[Record]:
    for row in orders:
        factor = plant.factor[row["item_id"], row["uom_id"]]
        order = {
            "name": row["production_order_id"],
            "docstatus": 2 if row["order_status"] == "cancelled" else 1,
            "amended_from": None,
            "production_item": row["item_id"],
            "qty": row["ordered_quantity"] * factor,
            "produced_qty": row["completed_quantity"] * factor,
            "process_loss_qty": row["scrapped_quantity"] * factor,
            "stock_uom": plant.base_uom[row["item_id"]],
            "fg_warehouse": plant.stores(row["site_id"]),
            # early in the morning: were it read as UTC, the day before would start it
            "planned_start_date": _at(row["start_date"], 0),
            "planned_end_date": _at(row["due_date"], 23),
            "actual_start_date": _at(row["start_date"], 0) if row["order_status"] == "closed" else None,
            "actual_end_date": _at(row["completed_date"], 23),
            "status": STATUS[row["order_status"]],
        }
        yield order
        if row["production_order_id"].endswith("99"):
            yield order | {"name": f"{order['name']}-DRAFT", "docstatus": 0, "status": "Draft"}


def _job_cards(confirmations: list[Record]) -> Iterator[Record]:
    """Some steps were worked in two cards."""
    for number, row in enumerate(confirmations):
        parts = 2 if number % 50 == 0 else 1
        for part in range(parts):
            yield {
                "name": f"PO-JOB{number:06d}-{part + 1}",
                "docstatus": 1,
                "work_order": row["production_order_id"],
                "operation": row["resource_id"],
                "sequence_id": int(row["operation_number"]),
                "workstation": row["resource_id"],
                "total_time_in_mins": row["confirmed_hours"] * 60 / parts,
                "posting_date": row["confirmed_date"],
                "actual_end_date": _at(row["confirmed_date"], 20),
            }


def _purchase_orders(lines: list[Record], plant: Plant) -> Iterator[ShapeFile]:
    orders: dict[str, list[Record]] = defaultdict(list)
    for row in lines:
        orders[row["purchase_order_id"]].append(row)
    headers, details, told = [], [], []
    for name, of_order in orders.items():
        header = _purchase_order(name, of_order)
        headers.append(header)
        details += [_purchase_line(number, row, plant) for number, row in enumerate(of_order)]
        told += [
            {"purchase_order_id": name, "line_id": row["line_id"], "is_closed": row["is_closed"]}
            for row in of_order
            if row["is_closed"] != _is_over(header, row)
        ]
    for extra, docstatus in (("PO-DRAFT", 0), ("PO-CANCELLED", 2)):
        headers.append(headers[0] | {"name": extra, "docstatus": docstatus})
        details.append(details[0] | {"parent": extra})
    yield doctype_file("Purchase Order", headers)
    yield doctype_file("Purchase Order Item", details, "Purchase Order", "items")
    yield supplement_file("purchase_order_lines", told, ("purchase_order_id", "line_id", "is_closed"))


def _purchase_order(name: str, lines: list[Record]) -> Record:
    first, is_over = lines[0], all(row["is_closed"] for row in lines)
    is_whole = all(row["received_quantity"] >= row["ordered_quantity"] for row in lines)
    return {
        "name": name,
        "docstatus": 1,
        "supplier": first["supplier_id"],
        "transaction_date": first["ordered_date"],
        "currency": first["currency_code"],
        "status": "Completed" if is_over and is_whole else "Closed" if is_over else "To Receive and Bill",
    }


def _is_over(order: Record, row: Record) -> bool:
    """What ERPNext says of a line."""
    return order["status"] != "To Receive and Bill" or row["received_quantity"] >= row["ordered_quantity"]


def _purchase_line(number: int, row: Record, plant: Plant) -> Record:
    item = row["item_id"]
    factor = plant.factor[item, row["uom_id"]]
    # some suppliers promised another day than the one we asked for
    is_promised = number % 2 == 1
    return {
        "parent": row["purchase_order_id"],
        "idx": line_number(row["line_id"]),
        "item_code": item,
        "schedule_date": row["ordered_date"] if is_promised else row["due_date"],
        "expected_delivery_date": row["due_date"] if is_promised else None,
        "qty": row["ordered_quantity"],
        "uom": row["uom_id"],
        "conversion_factor": factor,
        "stock_uom": plant.base_uom[item],
        "stock_qty": row["ordered_quantity"] * factor,
        "received_qty": row["received_quantity"],
        "net_rate": row["unit_price"],
        "warehouse": plant.stores(row["site_id"]),
    }


def _receipts(receipts: list[Record], plant: Plant) -> Iterator[ShapeFile]:
    headers = [
        {"name": row["receipt_id"], "docstatus": 1, "supplier": row["supplier_id"],
         "posting_date": row["received_date"], "is_return": False}
        for row in receipts
    ]  # fmt: skip
    details = [_receipt_line(row, plant) for row in receipts]
    # what goes back to a supplier is a receipt with negative quantities
    headers.append(headers[0] | {"name": "GR-RETURN", "is_return": True})
    details.append(details[0] | {"parent": "GR-RETURN", "received_qty": -details[0]["received_qty"]})
    yield doctype_file("Purchase Receipt", headers)
    yield doctype_file("Purchase Receipt Item", details, "Purchase Receipt", "items")


def _receipt_line(row: Record, plant: Plant) -> Record:
    item = row["item_id"]
    return {
        "parent": row["receipt_id"],
        "idx": 1,
        "item_code": item,
        "received_qty": row["received_quantity"],
        "rejected_qty": row["rejected_quantity"],
        "returned_qty": 0,
        "uom": row["uom_id"],
        "conversion_factor": plant.factor[item, row["uom_id"]],
        "stock_uom": plant.base_uom[item],
        "warehouse": plant.stores(row["site_id"]),
        "rejected_warehouse": None,
        "purchase_order": row["purchase_order_id"],
        "purchase_order_item": row_name(
            "Purchase Order Item", row["purchase_order_id"], line_number(row["line_id"])
        ),
    }
