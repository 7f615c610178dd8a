"""What every record of ERPNext looks like, and the names of the company's nodes that several doctypes refer to.

Add here: how a kind of value is written, a name that two doctypes share. Keep out: records of one doctype.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from sop_pipeline.sources.demo.shapes.tables import ShapeFile, Tables

Record = dict[str, Any]
WRITTEN = "2021-12-01 08:00:00.000000"
"""When a master record was written and last changed."""


def records(table: pd.DataFrame) -> list[Record]:
    """Rows of a table of our contract, as they are typed."""
    rows: list[Record] = table.to_dict("records")  # type: ignore[assignment]
    return rows


def row_name(doctype: str, parent: str, idx: int) -> str:
    """The name that a row of a child table gets: ten characters that say nothing, always the same ones."""
    digest = hashlib.sha256(f"{doctype}/{parent}/{idx}".encode()).digest()
    return base64.b32encode(digest)[:10].decode().lower()


def text(value: Any) -> str | None:
    """A value as ERPNext exports it: flags as 1 and 0, whole numbers without decimals, others with up to nine."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S.%f")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int):
        return str(value)
    rounded = Decimal(value).quantize(Decimal("1e-9"))
    return f"{rounded:f}".rstrip("0").rstrip(".") if rounded else "0"


def doctype_file(doctype: str, rows: Iterable[Record], parent: str = "", field: str = "") -> ShapeFile:
    """A doctype's records, its own fields behind the ones that every record has.

    A child table names its `parent` doctype and the `field` there; its rows give `parent` and `idx`, and get a name.
    """
    written = []
    for row in rows:
        record: Record = {"name": None, "owner": "Administrator", "creation": WRITTEN, "modified": WRITTEN,
                          "modified_by": "Administrator", "docstatus": 0, "idx": 0}  # fmt: skip
        if parent:
            record |= {"name": row_name(doctype, row["parent"], row["idx"]), "parent": None}
            record |= {"parentfield": field, "parenttype": parent}
        written.append({key: text(value) for key, value in (record | row).items()})
    return ShapeFile(f"{doctype}.csv", pd.DataFrame(written, dtype=object))


def supplement_file(table: str, rows: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> ShapeFile:
    """Rows of a table of the supplement, `supplement_<table>`; flags and days in our own contract's way."""
    written = [{name: _plain(row.get(name)) for name in columns} for row in rows]
    return ShapeFile(f"supplement_{table}.csv", pd.DataFrame(written, columns=list(columns), dtype=object))


def _plain(value: Any) -> str | None:
    return str(value).lower() if isinstance(value, bool) else text(value)


@dataclass(frozen=True)
class Plant:
    """Sites as ERPNext's warehouses, and factors of units: what documents of every kind refer to.

    `company_of`, `currency_of`: by site. `base_uom`: by item. `factor`: base units in a unit, by item and unit.
    """

    company_of: dict[str, str]
    currency_of: dict[str, str]
    base_uom: dict[str, str]
    factor: dict[tuple[str, str], Decimal]

    @classmethod
    def of(cls, tables: Tables) -> Plant:
        """Companies by their names, as ERPNext's key is."""
        names = {row["company_id"]: row["company_name"] for row in records(tables["companies"])}
        sites, items = records(tables["sites"]), records(tables["items"])
        factor = {(row["item_id"], row["base_uom_id"]): Decimal(1) for row in items}
        for row in records(tables["uom_conversions"]):
            if row["item_id"] is not None:
                factor[row["item_id"], row["from_uom_id"]] = row["numerator"] / row["denominator"]
        return cls(
            {row["site_id"]: names[row["company_id"]] for row in sites},
            {row["site_id"]: row["currency_code"] for row in sites},
            {row["item_id"]: row["base_uom_id"] for row in items},
            factor,
        )

    def abbreviation(self, company: str) -> str:
        """What ERPNext puts behind the names of the company's warehouses."""
        return f"N{company.split()[-1]}"

    def node(self, site: str) -> str:
        """The group warehouse that is the site."""
        return f"{site} - {self.abbreviation(self.company_of[site])}"

    def stores(self, site: str, kind: str = "Stores") -> str:
        """A warehouse in a site: Stores or Quality."""
        return f"{site} {kind} - {self.abbreviation(self.company_of[site])}"

    def transit(self, site: str) -> str:
        """The transit warehouse of the site's company."""
        return f"Goods In Transit - {self.abbreviation(self.company_of[site])}"


def order_name(order_id: str) -> str:
    """An order as ERPNext names it: some were cancelled and amended, and so end in -1."""
    return f"{order_id}-1" if order_id.startswith("SO") and order_id.endswith("7") else order_id


def line_number(line_id: str) -> int:
    """The demo company numbers its lines 10, 20, 21, ...; ERPNext would count them 1, 2, 3."""
    return int(line_id)


def delivery_name(shipment: Record) -> str:
    """A delivery note has one day: a shipment that left on several is several. A return has no number but its order's."""
    if shipment["is_return"]:
        return str(shipment["order_id"])
    return f"{shipment['shipment_id']}-{shipment['shipped_date']:%y%m%d}"
