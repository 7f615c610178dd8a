"""Movements of stock, and stock as it is now.

What the demo company's documents do not move, such as material that orders consume, is a correction of the month: so the
movements add up to its stock at every month's end. Add here: how stock moves. Keep out: the documents that move it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sop_pipeline.sources.demo.shapes.odoo.masters import unit
from sop_pipeline.sources.demo.shapes.odoo.rows import Row, Rows

ADJUSTMENT = "Virtual Locations/Inventory adjustment"
LAST_SECOND = (23, 59)
AREAS = {"unrestricted": "Stock", "quality": "Quality Control"}
ZERO = Decimal(0)


def move(
    book: Rows, row: Row, start: str, end: str, quantity: Decimal, day: date, company: int, state: str = "done",
    promised: date | None = None, **references: Any,
) -> int:  # fmt: skip
    """A movement of the item of a row, in its unit, on a local day just after midnight."""
    columns: dict[str, Any] = {
        "picking_id": None, "sale_line_id": None, "purchase_line_id": None, "production_id": None,
        "origin_returned_move_id": None, "bom_line_id": None,
    }  # fmt: skip
    number = book.add("stock_move", **columns | references | {
        "product_id": book.of("product_product", row["item_id"]), "product_uom": unit(book, row), "product_uom_qty": quantity,
        "quantity": quantity if state == "done" else ZERO, "state": state, "location_id": book.of("stock_location", start),
        "location_dest_id": book.of("stock_location", end), "date": book.moment(company, day, 0, 35),
        "date_deadline": book.moment(company, promised, 0, 35), "company_id": company,
    })  # fmt: skip
    if state == "done":
        units = quantity * book.of("size of unit", (row["item_id"], row["uom_id"]))
        for place, sign in ((start, -1), (end, 1)):
            book.net[row["item_id"], place, day.replace(day=1)] += sign * units
    return number


def picking(book: Rows, name: str, site: str, code: str) -> int:
    """The transfer of a name, written when it is first named."""
    if ("stock_picking", name) not in book.numbers:
        kind = book.of("stock_picking_type", (site, code))
        book.add("stock_picking", name, name=name, picking_type_id=kind)
    return book.of("stock_picking", name)


def write_stock(book: Rows, cycle_id: str) -> None:
    """Corrections of each month, then the stock of now, which is that of the last month's end."""
    base_units = {row["item_id"]: row["base_uom_id"] for row in book.delivered("items")}
    told: dict[tuple[str, str, str], dict[date, Decimal]] = defaultdict(dict)
    for row in book.delivered("inventory_snapshots"):
        key = row["item_id"], row["site_id"], row["stock_status"]
        told[key][row["snapshot_date"].replace(day=1)] = row["on_hand_quantity"]
    months = sorted({month for stock in told.values() for month in stock})
    for (item, site, status), stock in told.items():
        row = {"item_id": item, "uom_id": base_units[item]}
        place, before = f"{site}/{AREAS[status]}", ZERO
        company = book.of("company of site", site)
        for month in months:
            now = stock.get(month, ZERO)
            short = now - before - book.net[item, place, month]
            is_first_count = month in stock and month == min(stock) and not book.net[item, place, month]
            if short or (is_first_count and status == "unrestricted"):
                ways = (ADJUSTMENT, place) if short >= 0 else (place, ADJUSTMENT)
                move(book, row, *ways, abs(short), _last_day(month), company)
            before = now
        if before:
            book.add("stock_quant", product_id=book.of("product_product", item), quantity=before, owner_id=None,
                     location_id=book.of("stock_location", place))  # fmt: skip


def _last_day(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)
