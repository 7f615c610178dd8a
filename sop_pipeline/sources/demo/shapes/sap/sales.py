"""Sales documents, deliveries and billing documents.

Add here: a table of sales. Keep out: list prices (`valuation`).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sop_pipeline.sources.demo.shapes.sap.codes import Codes
from sop_pipeline.sources.demo.shapes.sap.text import SapTable, day, number, priced
from sop_pipeline.sources.demo.shapes.tables import Tables


def tables_of(tables: Tables, codes: Codes, cycle_id: str) -> list[SapTable]:
    """Tables of sales."""
    return [*_orders(tables, codes), *_deliveries(tables, codes), *_billing(tables, codes)]


def delivery_number(shipment_id: str, shipped: date) -> str:
    """SAP's goods issue is the delivery's, not the line's: what left on different days is so many deliveries."""
    return f"{shipment_id}.{shipped:%Y%m%d}"


def billing_number(invoice_id: str, invoiced: date, is_credit: bool) -> str:
    """A billing document has one date, and is an invoice or a credit memo."""
    return f"{invoice_id}.{invoiced:%Y%m%d}{'C' if is_credit else ''}"


def _orders(tables: Tables, codes: Codes) -> list[SapTable]:
    headers = SapTable(
        "vbak", "VBELN", "VBTYP", "AUART", "AUDAT", "VDATU", "VTWEG", "KUNNR", "WAERK", "AEDAT"
    )
    items = SapTable(
        "vbap", "VBELN", "POSNR", "MATNR", "WERKS", "ABGRU", "KWMENG", "VRKME", "UMVKZ", "UMVKN", "NETPR", "KPEIN", "KMEIN",
        "NETWR", "AKTNR",
    )  # fmt: skip
    schedules = SapTable("vbep", "VBELN", "POSNR", "ETENR", "EDATU", "WMENG", "BMENG")
    lines = tables["sales_order_lines"]
    changed = lines.groupby("order_id")["changed_at"].max()
    seen: set[str] = set()
    row: Any
    for place, row in enumerate(lines.itertuples()):
        is_return = row.order_type == "return"
        if row.order_id not in seen:
            seen.add(row.order_id)
            headers.add(
                row.order_id, "H" if is_return else "C", "RE" if is_return else "TA", day(row.ordered_date),
                day(row.requested_date), codes.channels[row.channel_id], row.customer_id, row.currency_code,
                day(changed[row.order_id]),
            )  # fmt: skip
        position = f"{int(row.line_id):06d}"
        factor = codes.factor(row.item_id, row.uom_id)
        amount, unit = priced(row.unit_price, 100 if place % 3 == 0 else 1)
        items.add(
            row.order_id, position, codes.shown(row.item_id), row.site_id, "10" if row.is_cancelled else "",
            number(row.ordered_quantity, 3), row.uom_id, *factor, amount, unit, row.uom_id, number(row.net_amount, 2),
            row.activity_id or "",
        )  # fmt: skip
        quantity, none = number(row.ordered_quantity, 3), number(0, 3)
        if row.confirmed_date == row.requested_date:
            schedules.add(row.order_id, position, "0001", day(row.requested_date), quantity, quantity)
        else:
            schedules.add(row.order_id, position, "0001", day(row.requested_date), quantity, none)
            if row.confirmed_date is not None:
                schedules.add(row.order_id, position, "0002", day(row.confirmed_date), none, quantity)
    _quotation(headers, items, schedules, row, codes)
    return [headers, items, schedules]


def _quotation(headers: SapTable, items: SapTable, schedules: SapTable, row: Any, codes: Codes) -> None:
    """An offer to the customer of an order line, which is no demand."""
    headers.add("QT000000001", "B", "AG", day(row.ordered_date), day(row.requested_date), codes.channels[row.channel_id], row.customer_id, row.currency_code, day(None))  # fmt: skip
    items.add("QT000000001", "000010", codes.shown(row.item_id), row.site_id, "", "999999.000", row.uom_id, *codes.factor(row.item_id, row.uom_id), "1.00", "1", row.uom_id, "999999.00", "")  # fmt: skip
    schedules.add("QT000000001", "000010", "0001", day(row.requested_date), "999999.000", "0.000")


def _deliveries(tables: Tables, codes: Codes) -> list[SapTable]:
    headers = SapTable("likp", "VBELN", "VBTYP", "KUNAG", "WADAT_IST")
    items = SapTable(
        "lips",
        "VBELN",
        "POSNR",
        "VGBEL",
        "VGPOS",
        "VGTYP",
        "MATNR",
        "WERKS",
        "LFIMG",
        "VRKME",
        "UMVKZ",
        "UMVKN",
    )
    seen: set[str] = set()
    row: Any
    for row in tables["shipment_lines"].itertuples():
        delivery = delivery_number(row.shipment_id, row.shipped_date)
        if delivery not in seen:
            seen.add(delivery)
            headers.add(delivery, "T" if row.is_return else "J", row.customer_id, day(row.shipped_date))
        items.add(
            delivery, f"{int(row.line_id):06d}", row.order_id, f"{int(row.order_line_id):06d}",
            "H" if row.is_return else "C", codes.stored(row.item_id), row.site_id, number(row.shipped_quantity, 3),
            row.uom_id, *codes.factor(row.item_id, row.uom_id),
        )  # fmt: skip
    # picked, and still on the ramp
    headers.add("RAMP", "J", row.customer_id, day(None))
    items.add("RAMP", "000010", row.order_id, "000010", "C", codes.stored(row.item_id), row.site_id, "999999.000", row.uom_id, "1", "1")  # fmt: skip
    return [headers, items]


def _billing(tables: Tables, codes: Codes) -> list[SapTable]:
    headers = SapTable("vbrk", "VBELN", "VBTYP", "FKDAT", "KUNAG", "VTWEG", "WAERK", "FKSTO")
    items = SapTable(
        "vbrp",
        "VBELN",
        "POSNR",
        "AUBEL",
        "AUPOS",
        "MATNR",
        "WERKS",
        "FKIMG",
        "VRKME",
        "UMVKZ",
        "UMVKN",
        "NETWR",
    )
    seen: set[str] = set()
    row: Any
    for place, row in enumerate(tables["invoice_lines"].itertuples()):
        is_credit = row.net_amount < 0 or row.invoiced_quantity < 0
        document = billing_number(row.invoice_id, row.invoiced_date, is_credit)
        sign = -1 if is_credit else 1
        about = (row.order_id, f"{int(row.order_line_id or 0):06d}", codes.shown(row.item_id), row.site_id, number(sign * row.invoiced_quantity, 3), row.uom_id, *codes.factor(row.item_id, row.uom_id), number(sign * row.net_amount, 2))  # fmt: skip
        if document not in seen:
            seen.add(document)
            head = (
                day(row.invoiced_date),
                row.customer_id,
                codes.channels[row.channel_id],
                row.currency_code,
            )
            headers.add(document, "O" if is_credit else "M", *head, "")
            if place % 100 == 0:  # billed by mistake, and cancelled
                headers.add(f"X{document}", "M", *head, "X")
                headers.add(f"Y{document}", "N", *head, "")
                items.add(f"X{document}", "000010", *about)
                items.add(f"Y{document}", "000010", *about)
        items.add(document, f"{int(row.line_id):06d}", *about)
    return [headers, items]
