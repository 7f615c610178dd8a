"""Purchase orders with their receipts and returns, and transfers between warehouses.

Add here: what buying and moving leave in Odoo. Keep out: terms of suppliers (`prices`).
"""

from __future__ import annotations

from sop_pipeline.sources.demo.shapes.odoo.masters import unit
from sop_pipeline.sources.demo.shapes.odoo.rows import Rows
from sop_pipeline.sources.demo.shapes.odoo.stock import move, picking

VENDORS = "Partner Locations/Vendors"
TRANSIT = "Physical Locations/Inter-warehouse transit"


def write_buying(book: Rows) -> None:
    """Orders, receipts, transfers."""
    _orders(book)
    _receipts(book)
    _transfers(book)


def _orders(book: Rows) -> None:
    rows = sorted(
        book.delivered("purchase_order_lines"),
        key=lambda row: (row["purchase_order_id"], int(row["line_id"])),
    )
    for row in rows:
        order_id, site = row["purchase_order_id"], row["site_id"]
        company = book.numbers.setdefault(("company of order", order_id), book.of("company of site", site))
        if ("purchase_order", order_id) not in book.numbers:
            book.add(
                "purchase_order", order_id, name=order_id, state="purchase", company_id=company,
                partner_id=book.of("res_partner", ("supplier", row["supplier_id"])),
                date_order=book.moment(company, row["ordered_date"], 0, 20), date_approve=book.moment(company, row["ordered_date"], 0, 25),
                currency_id=book.of("res_currency", row["currency_code"]),
                picking_type_id=book.of("stock_picking_type", (site, "incoming")),
            )  # fmt: skip
        line = book.add(
            "purchase_order_line", (order_id, row["line_id"]), order_id=book.of("purchase_order", order_id), display_type=None,
            product_id=book.of("product_product", row["item_id"]), product_uom=unit(book, row), discount=0,
            product_qty=row["ordered_quantity"], qty_received=row["received_quantity"], price_unit=row["unit_price"],
            date_planned=book.moment(company, row["due_date"], 0, 40),
        )  # fmt: skip
        rest = row["ordered_quantity"] - row["received_quantity"]
        if rest > 0:
            move(
                book, row, VENDORS, f"{site}/Stock", rest, row["due_date"], book.of("company of site", site), purchase_line_id=line,
                state="cancel" if row["is_closed"] else "assigned",
                picking_id=picking(book, f"{site}/IN/{order_id}", site, "incoming"), promised=row["due_date"],
            )  # fmt: skip


def _receipts(book: Rows) -> None:
    for row in book.delivered("purchase_receipts"):
        site = row["site_id"]
        line = book.of("purchase_order_line", (row["purchase_order_id"], row["line_id"]))
        day, company = row["received_date"], book.of("company of site", site)
        received = move(
            book, row, VENDORS, f"{site}/Stock", row["received_quantity"], day, company, purchase_line_id=line,
            picking_id=picking(book, row["receipt_id"], site, "incoming"),
        )  # fmt: skip
        if row["rejected_quantity"]:
            move(
                book, row, f"{site}/Stock", VENDORS, row["rejected_quantity"], day, company, purchase_line_id=line,
                picking_id=picking(book, f"{site}/RET/{row['receipt_id']}", site, "outgoing"), origin_returned_move_id=received,
            )  # fmt: skip


def _transfers(book: Rows) -> None:
    for row in book.delivered("transfer_orders"):
        start, end = row["from_site_id"], row["to_site_id"]
        sent = move(
            book, row, f"{start}/Stock", TRANSIT, row["shipped_quantity"], row["shipped_date"],
            book.of("company of site", start), picking_id=picking(book, row["transfer_order_id"], start, "internal"),
            promised=row["due_date"],
        )  # fmt: skip
        arrived = move(
            book, row, TRANSIT, f"{end}/Stock", row["shipped_quantity"], row["received_date"] or row["due_date"],
            book.of("company of site", end), state="done" if row["received_date"] else "assigned",
            picking_id=picking(book, f"{row['transfer_order_id']}/IN", end, "internal"), promised=row["due_date"],
        )  # fmt: skip
        book.relate("stock_move_move_rel", move_orig_id=sent, move_dest_id=arrived)
