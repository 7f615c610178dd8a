"""Info records and the source list, purchase orders with their history, stock transport orders.

Add here: a table of purchasing. Keep out: vendors (`masters`).
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from sop_pipeline.sources.demo.shapes.sap.codes import PURCHASING, Codes
from sop_pipeline.sources.demo.shapes.sap.text import SapTable, day, number, priced
from sop_pipeline.sources.demo.shapes.tables import Tables


def tables_of(tables: Tables, codes: Codes, cycle_id: str) -> list[SapTable]:
    """Tables of purchasing."""
    headers = SapTable("ekko", "EBELN", "BSTYP", "BSART", "LIFNR", "RESWK", "BEDAT", "WAERS")
    items = SapTable(
        "ekpo", "EBELN", "EBELP", "LOEKZ", "MATNR", "WERKS", "PSTYP", "MENGE", "MEINS", "UMREZ", "UMREN", "NETPR", "PEINH",
        "BPRME", "NETWR", "ELIKZ", "RETPO",
    )  # fmt: skip
    schedules = SapTable("eket", "EBELN", "EBELP", "ETENR", "EINDT", "MENGE", "WEMNG")
    history = SapTable(
        "ekbe", "EBELN", "EBELP", "ZEKKN", "VGABE", "GJAHR", "BELNR", "BUZEI", "BWART", "BUDAT", "MENGE", "SHKZG", "LFGJA",
        "LFBNR", "LFPOS",
    )  # fmt: skip
    _orders(tables, codes, headers, items, schedules)
    inspections = _receipts(tables, codes, history)
    _transfers(tables, codes, headers, items, schedules, history)
    return [headers, items, schedules, history, inspections, *_terms(tables, codes)]


def _orders(tables: Tables, codes: Codes, headers: SapTable, items: SapTable, schedules: SapTable) -> None:
    seen: set[str] = set()
    row: Any
    for place, row in enumerate(tables["purchase_order_lines"].itertuples()):
        if row.purchase_order_id not in seen:
            seen.add(row.purchase_order_id)
            headers.add(row.purchase_order_id, "F", "NB", row.supplier_id, "", day(row.ordered_date), row.currency_code)  # fmt: skip
        position = f"{int(row.line_id):05d}"
        amount, unit, price_unit = _price(row.item_id, row.unit_price, row.uom_id, place, codes)
        value = (row.ordered_quantity * row.unit_price).quantize(Decimal("0.01"))
        items.add(
            row.purchase_order_id, position, "", codes.shown(row.item_id), row.site_id, "0",
            number(row.ordered_quantity, 3), row.uom_id, *codes.factor(row.item_id, row.uom_id), amount, unit, price_unit,
            number(value, 2), "X" if row.is_closed else "", "",
        )  # fmt: skip
        schedules.add(row.purchase_order_id, position, "0001", day(row.due_date), number(row.ordered_quantity, 3), number(row.received_quantity, 3))  # fmt: skip
    headers.add("CONTRACT01", "K", "MK", "V0001", "", "20240101", "EUR")
    items.add("CONTRACT01", "00010", "", codes.shown(row.item_id), row.site_id, "0", "999999.000", row.uom_id, "1", "1", "1.00", "1", row.uom_id, "999999.00", "", "")  # fmt: skip


def _price(item_id: str, price: Decimal, unit: str, place: int, codes: Codes) -> tuple[str, str, str]:
    """Amount, price unit, and the unit that it is for: every other order of tonnes is priced by the kilogram."""
    numerator, denominator = codes.factor(item_id, unit)
    if unit != codes.base_unit[item_id] and place % 2:
        return (*priced(price * int(denominator) / int(numerator)), codes.base_unit[item_id])
    return (*priced(price, 100 if place % 3 == 0 else 1), unit)


def _receipts(tables: Tables, codes: Codes, history: SapTable) -> SapTable:
    inspections = SapTable(
        "qals", "PRUEFLOS", "MJAHR", "MBLNR", "ZEILE", "LMENGE02", "LMENGE04", "MENGENEINH"
    )
    order_unit = {
        (row.purchase_order_id, row.line_id): row.uom_id
        for row in tables["purchase_order_lines"].itertuples()
    }
    row: Any
    for place, row in enumerate(tables["purchase_receipts"].itertuples()):
        # the history counts in the unit of the order
        numerator, denominator = codes.factor(row.item_id, row.uom_id)
        base = row.received_quantity * int(numerator) / int(denominator)
        numerator, denominator = codes.factor(row.item_id, order_unit[row.purchase_order_id, row.line_id])
        quantity = number(base * int(denominator) / int(numerator), 3)
        item = (row.purchase_order_id, f"{int(row.line_id):05d}", "00", "1", str(row.received_date.year))
        received, document = day(row.received_date), row.receipt_id
        history.add(*item, document, "0001", "101", received, quantity, "S", item[-1], document, "0001")
        if place % 40 == 0:  # posted twice, and one of them reversed
            history.add(*item, f"X{document}", "0001", "101", received, quantity, "S", item[-1], f"X{document}", "0001")  # fmt: skip
            history.add(*item, f"Y{document}", "0001", "102", received, quantity, "H", item[-1], f"X{document}", "0001")  # fmt: skip
        if row.rejected_quantity:
            scrapped = (row.rejected_quantity / 2).quantize(Decimal(1))
            inspections.add(
                f"{place + 1:012d}", item[-1], document, "0001", number(scrapped, 3),
                number(row.rejected_quantity - scrapped, 3), row.uom_id,
            )  # fmt: skip
    return inspections


def _transfers(
    tables: Tables,
    codes: Codes,
    headers: SapTable,
    items: SapTable,
    schedules: SapTable,
    history: SapTable,
) -> None:
    row: Any
    for row in tables["transfer_orders"].itertuples():
        order = row.transfer_order_id
        headers.add(order, "F", "UB", "", row.from_site_id, day(row.shipped_date), "EUR")
        quantity = number(row.shipped_quantity, 3)
        received = quantity if row.received_date is not None else number(0, 3)
        items.add(
            order, "00010", "", codes.stored(row.item_id), row.to_site_id, "7", quantity, row.uom_id,
            *codes.factor(row.item_id, row.uom_id), "0.00", "1", row.uom_id, "0.00",
            "X" if row.received_date is not None else "", "",
        )  # fmt: skip
        schedules.add(order, "00010", "0001", day(row.due_date), quantity, received)
        year = str(row.shipped_date.year)
        history.add(order, "00010", "00", "6", year, f"I{order}", "0001", "641", day(row.shipped_date), quantity, "H", "0", "", "0000")  # fmt: skip
        if row.received_date is not None:
            year = str(row.received_date.year)
            history.add(order, "00010", "00", "1", year, f"R{order}", "0001", "101", day(row.received_date), quantity, "S", year, f"R{order}", "0001")  # fmt: skip


def _terms(tables: Tables, codes: Codes) -> list[SapTable]:
    records = SapTable("eina", "INFNR", "MATNR", "LIFNR", "LOEKZ", "MEINS", "UMREZ", "UMREN", "RELIF")
    terms = SapTable(
        "eine",
        "INFNR",
        "EKORG",
        "ESOKZ",
        "WERKS",
        "LOEKZ",
        "APLFZ",
        "MINBM",
        "NETPR",
        "PEINH",
        "BPRME",
        "WAERS",
    )
    source_list = SapTable("eord", "MATNR", "WERKS", "ZEORD", "VDATU", "BDATU", "LIFNR", "FLIFN", "NOTKZ")
    bought = defaultdict(set)
    for row in tables["item_sites"].itertuples():
        if row.procurement_type in ("buy", "both"):
            bought[row.item_id].add(row.site_id)
    sites = defaultdict(set)
    for row in tables["supplier_items"].itertuples():
        sites[row.supplier_id, row.item_id].add(row.site_id)
    numbers: dict[tuple[str, str], str] = {}
    row: Any
    for place, row in enumerate(tables["supplier_items"].itertuples()):
        key = (row.supplier_id, row.item_id)
        base_unit = codes.base_unit[row.item_id]
        order_unit = "T" if base_unit == "KG" else base_unit
        numerator, denominator = codes.factor(row.item_id, order_unit)
        if key not in numbers:
            numbers[key] = f"{len(numbers) + 1:010d}"
            records.add(numbers[key], codes.shown(row.item_id), row.supplier_id, "", order_unit, numerator, denominator, "")  # fmt: skip
        minimum = (row.minimum_order_units or Decimal(0)) * int(denominator) / int(numerator)
        # terms for the only plant that buys the item need not name it
        site = "" if sites[key] == bought[row.item_id] == {row.site_id} else row.site_id
        amount, unit = priced(row.unit_price, 1000 if place % 2 else 1)
        terms.add(
            numbers[key], PURCHASING, "0", site, "" if row.is_active else "X", number(row.lead_time_days, 0),
            number(minimum, 3), amount, unit, base_unit, row.currency_code,
        )  # fmt: skip
        if row.priority == 1:
            source_list.add(codes.stored(row.item_id), row.site_id, f"{place + 1:05d}", "20220101", "99991231", row.supplier_id, "X", "")  # fmt: skip
    return [records, terms, source_list]
