"""Sales orders with their deliveries, and invoices.

Add here: what selling leaves in Odoo. Keep out: price lists (`prices`).
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from sop_pipeline.sources.demo.shapes.odoo.books import CLEARING, posting
from sop_pipeline.sources.demo.shapes.odoo.masters import unit
from sop_pipeline.sources.demo.shapes.odoo.rows import Row, Rows
from sop_pipeline.sources.demo.shapes.odoo.stock import move, picking

CUSTOMERS = "Partner Locations/Customers"
LINE_STEP = 10


def write_sales(book: Rows) -> None:
    """Orders, then movements, then invoices: each names what came before it."""
    lines = sorted(
        book.delivered("sales_order_lines"), key=lambda row: (row["order_id"], int(row["line_id"]))
    )
    lines, given_up = _with_parts_given_up(lines)
    shipped = _order_lines(book, lines)
    _deliveries(book, lines, shipped, given_up)
    _invoices(book)


def _with_parts_given_up(lines: list[Row]) -> tuple[list[Row], dict[tuple[str, str], Decimal]]:
    """Where the demo company gives up a part of line 30 it writes a line 35; in Odoo the line stays whole, and the movement
    of the part is cancelled. Returns the whole lines, and the quantity given up of each."""
    whole: dict[tuple[str, str], Row] = {}
    given_up: dict[tuple[str, str], Decimal] = {}
    for row in lines:
        place = int(row["line_id"])
        key = row["order_id"], str(place - place % LINE_STEP)
        if place % LINE_STEP == 0:
            whole[key] = dict(row)
        else:
            given_up[key] = row["ordered_quantity"]
            for column in ("ordered_quantity", "net_amount"):
                whole[key][column] += row[column]
    return list(whole.values()), given_up


def _order_lines(book: Rows, lines: list[Row]) -> dict[tuple[str, str], Decimal]:
    """Orders and their lines. A line keeps its place: where the demo company counts on, a note stands between."""
    of_orders: dict[str, list[Row]] = defaultdict(list)
    for row in lines:
        of_orders[row["order_id"]].append(row)
    for order_id, rows in of_orders.items():
        first = rows[0]
        company = book.of("company of site", first["site_id"])
        # orders of companies name their address, those of others themselves
        kind = "address" if first["customer_id"][-1] in "02468" else "customer"
        order = book.add(
            "sale_order", order_id, name=order_id, state="cancel" if all(row["is_cancelled"] for row in rows) else "sale",
            date_order=book.moment(company, first["ordered_date"], 0, 30), partner_id=book.of("res_partner", (kind, first["customer_id"])),
            commitment_date=book.moment(company, first["requested_date"], 0, 10), company_id=company,
            warehouse_id=book.of("stock_warehouse", first["site_id"]), team_id=book.of("crm_team", first["channel_id"]),
            currency_id=book.of("res_currency", first["currency_code"]),
        )  # fmt: skip
        place = LINE_STEP
        for row in rows:
            while place < int(row["line_id"]):
                book.add("sale_order_line", **_note(order))
                place += LINE_STEP
            _order_line(book, order, row)
            place += LINE_STEP
    shipped: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for row in book.delivered("shipment_lines"):
        size = book.of("size of unit", (row["item_id"], row["uom_id"]))
        shipped[row["order_id"], row["order_line_id"]] += row["shipped_quantity"] * size
    return shipped


_EMPTY: dict[str, Any] = {
    "product_id": None, "product_uom": None, "product_uom_qty": Decimal(0), "price_unit": Decimal(0),
    "discount": Decimal(0), "price_subtotal": Decimal(0), "customer_lead": 0.0, "warehouse_id": None, "qty_delivered": None,
    "qty_invoiced": None, "write_date": None, "is_downpayment": False,
}  # fmt: skip


def _note(order: int) -> Row:
    return {"order_id": order, "display_type": "line_note"} | _EMPTY


def _order_line(book: Rows, order: int, row: Row) -> None:
    sign = -1 if row["order_type"] == "return" else 1
    # a promotion leaves a discount: what was agreed is the price after it
    discount = Decimal(20) if row["activity_id"] else Decimal(0)
    book.add(
        "sale_order_line", (row["order_id"], row["line_id"]), **{"order_id": order, "display_type": None} | _EMPTY | {
            "product_id": book.of("product_product", row["item_id"]), "product_uom": unit(book, row),
            "product_uom_qty": sign * row["ordered_quantity"], "price_unit": row["unit_price"] / (1 - discount / 100),
            "discount": discount, "price_subtotal": sign * row["net_amount"],
            "warehouse_id": book.of("stock_warehouse", row["site_id"]), "write_date": row["changed_at"],
            "qty_delivered": row.get("delivered_quantity"),
        },
    )  # fmt: skip


def _deliveries(
    book: Rows,
    lines: list[Row],
    shipped: dict[tuple[str, str], Decimal],
    given_up: dict[tuple[str, str], Decimal],
) -> None:
    by_key = {(row["order_id"], row["line_id"]): row for row in lines}
    rows = sorted(book.delivered("shipment_lines"), key=lambda row: (row["shipment_id"], int(row["line_id"])))
    for row in rows:
        line = by_key[row["order_id"], row["order_line_id"]]
        _delivery(book, row, line, row["shipped_quantity"], row["shipped_date"], row["shipment_id"], "done")
    for key, line in by_key.items():
        size = book.of("size of unit", (line["item_id"], line["uom_id"]))
        lost = given_up.get(key, Decimal(0))
        rest = line["ordered_quantity"] - lost - shipped.get(key, Decimal(0)) / size
        day, document = (
            line["confirmed_date"] or line["requested_date"],
            f"{line['site_id']}/OUT/{line['order_id']}",
        )
        if lost:
            _delivery(book, line, line, lost, day, document, "cancel")
        if rest > 0:
            _delivery(book, line, line, rest, day, document, "cancel" if line["is_cancelled"] else "assigned")


def _delivery(
    book: Rows, row: Row, line: Row, quantity: Decimal, day: Any, document: str, state: str
) -> None:
    site, company = line["site_id"], book.of("company of site", line["site_id"])
    way = (CUSTOMERS, f"{site}/Stock") if line["order_type"] == "return" else (f"{site}/Stock", CUSTOMERS)
    move(
        book, row, *way, quantity, day, company, state=state, sale_line_id=book.of("sale_order_line", (line["order_id"], line["line_id"])),
        picking_id=picking(book, document, site, "outgoing"), promised=line["confirmed_date"],
    )  # fmt: skip


def _invoices(book: Rows) -> None:
    """One document a day: an invoice of the demo company that was written on two days is two of Odoo's."""
    channels = {
        (row["order_id"], row["line_id"]): row["channel_id"] for row in book.delivered("sales_order_lines")
    }
    days: dict[str, list[Any]] = defaultdict(list)
    rows = sorted(
        book.delivered("invoice_lines"),
        key=lambda row: (row["invoice_id"], row["invoiced_date"], int(row["line_id"])),
    )
    for row in rows:
        is_credit = row["net_amount"] < 0 or row["invoiced_quantity"] < 0
        key = row["invoice_id"], row["invoiced_date"], is_credit
        if key not in days[row["invoice_id"]]:
            days[row["invoice_id"]].append(key)
            suffix = f"-{len(days[row['invoice_id']])}" if len(days[row["invoice_id"]]) > 1 else ""
            book.add(
                "account_move", key, name=row["invoice_id"] + suffix, move_type="out_refund" if is_credit else "out_invoice",
                state="posted", invoice_date=row["invoiced_date"],
                commercial_partner_id=book.of("res_partner", ("customer", row["customer_id"])),
                team_id=book.of("crm_team", row["channel_id"] or channels[row["order_id"], row["order_line_id"]]),
                currency_id=book.of("res_currency", row["currency_code"]), company_id=book.of("company of site", row["site_id"]),
            )  # fmt: skip
        sign = -1 if is_credit else 1
        line = book.add(
            "account_move_line", move_id=book.of("account_move", key), display_type="product",
            product_id=book.of("product_product", row["item_id"]), quantity=sign * row["invoiced_quantity"],
            product_uom_id=unit(book, row), price_subtotal=sign * row["net_amount"],
            **posting(book, "revenue", row["invoiced_date"], -row["net_amount"]),
        )  # fmt: skip
        order_line = book.numbers.get(("sale_order_line", (row["order_id"], row["order_line_id"])))
        if order_line:
            book.relate("sale_order_line_invoice_rel", invoice_line_id=line, order_line_id=order_line)
    owed: dict[int, Decimal] = defaultdict(Decimal)
    for row in book.written["account_move_line"]:
        owed[row["move_id"]] += row["credit"] - row["debit"]
    for entry in list(book.written["account_move"]):
        book.add("account_move_line", move_id=entry["id"], display_type="payment_term", product_id=None, quantity=None,
                 product_uom_id=None, price_subtotal=None,
                 **posting(book, CLEARING, entry["invoice_date"], owed[entry["id"]]))  # fmt: skip
