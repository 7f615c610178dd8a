"""Rows of Odoo's tables with their running numbers, and how PostgreSQL writes values into a CSV file.

Add here: how a kind of value is written, what several areas look up. Keep out: which columns a table has.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Hashable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from sop_pipeline.sources.demo.shapes.tables import ShapeFile, Tables

Row = dict[str, Any]
CREATED = datetime(2021, 12, 1, 8, 0, tzinfo=UTC)
OFFICE_ZONE = "Europe/Berlin"


class Rows:
    """Tables of Odoo while they are written. `numbers`: (table, key of the demo company) -> id of its row.

    `zones`: company -> its time zone. `net`: (item, location, month) -> what movements brought, in base units.
    """

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.written: dict[str, list[Row]] = defaultdict(list)
        self.numbers: dict[tuple[str, Hashable], int] = {}
        self.zones: dict[int, ZoneInfo] = {}
        self.net: dict[tuple[str, str, date], Decimal] = defaultdict(Decimal)

    def add(self, table: str, key: Hashable = None, **columns: Any) -> int:
        """Write a row, numbered in its table, and remember its number under the key."""
        number = len(self.written[table]) + 1
        self.written[table].append({"id": number, **columns})
        if key is not None:
            self.numbers[table, key] = number
        return number

    def relate(self, table: str, **columns: int) -> None:
        """Write a row of a relation, which has no number."""
        self.written[table].append(columns)

    def of(self, table: str, key: Hashable) -> int:
        """Number of the row of a key. Raises KeyError where it was not written."""
        return self.numbers[table, key]

    def delivered(self, table: str) -> Iterator[Row]:
        """Rows of a table of our own contract."""
        return iter(self.tables[table].to_dict("records"))

    def moment(self, company: int, day: date | None, hour: int = 12, minute: int = 0) -> datetime | None:
        """A moment of a day in a company's time zone, as Odoo stores it: in UTC, without a zone."""
        return self.moment_in(self.zones[company].key, day, hour, minute)

    def moment_in(self, zone: str, day: date | None, hour: int = 12, minute: int = 0) -> datetime | None:
        """A moment of a day in a time zone, in UTC without a zone."""
        if day is None:
            return None
        local = datetime.combine(day, time(hour, minute), tzinfo=ZoneInfo(zone))
        return local.astimezone(UTC).replace(tzinfo=None)


def translated(text: str) -> str:
    """A name by language."""
    return json.dumps({"en_US": text}, ensure_ascii=False)


def by_company(values: dict[int, Any]) -> str:
    """A value by company."""
    return json.dumps({str(company): value for company, value in values.items()})


def plain(value: Any) -> str | None:
    """A value as PostgreSQL writes it into a CSV file."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return repr(value)


def file_of(table: str, rows: pd.DataFrame) -> ShapeFile:
    """The file of a table: its rows as text."""
    text = {name: [None if pd.isna(value) else plain(value) for value in rows[name]] for name in rows.columns}
    return ShapeFile(f"{table}.csv", pd.DataFrame(text, dtype=object))
