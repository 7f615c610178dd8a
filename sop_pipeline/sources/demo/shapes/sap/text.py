"""How SAP's text dumps write values, and a table that is filled row by row.

Add here: a way to write a kind of value. Keep out: what stands in a table.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd

from sop_pipeline.sources.demo.shapes.tables import ShapeFile

CLIENT = "800"
NO_DAY, NEVER = "00000000", "99991231"
PRICE_UNITS = (1, 10, 100, 1000, 10_000)


def padded(code: str, length: int) -> str:
    """A number of digits as SAP stores it; any other stays."""
    return code.rjust(length, "0") if code.isdigit() else code


def stripped(code: str) -> str:
    """A number of digits as it is shown, and as many tools extract it."""
    return (code.lstrip("0") or "0") if code.isdigit() else code


def day(value: date | None) -> str:
    """YYYYMMDD; 00000000 where there is none."""
    return NO_DAY if value is None else value.strftime("%Y%m%d")


def last_day(value: date | None) -> str:
    """A day on which something ends; 99991231 where it does not."""
    return NEVER if value is None else value.strftime("%Y%m%d")


def number(value: Decimal | int | None, places: int) -> str:
    """A number of fixed decimals, its minus behind it; empty is 0. Raises ValueError where decimals would be lost."""
    exact = Decimal(0) if value is None else Decimal(value)
    rounded = exact.quantize(Decimal(1).scaleb(-places))
    if rounded != exact:
        raise ValueError(f"{exact} has more than {places} decimals: SAP's field cannot hold it.")
    return f"{abs(rounded)}{'-' if rounded < 0 else ''}"


def priced(price: Decimal, at_least: int = 1) -> tuple[str, str]:
    """Amount of two decimals and the price unit that it is for; the smallest unit that holds the price exactly."""
    for unit in PRICE_UNITS:
        amount = price * unit
        if unit >= at_least and amount == amount.quantize(Decimal("0.01")):
            return number(amount, 2), str(unit)
    raise ValueError(f"A price of {price} cannot be written per {PRICE_UNITS[-1]} with two decimals.")


class SapTable:
    """Rows of one table under its own column names; the client stands in front, as in every dump."""

    def __init__(self, name: str, *columns: str, client: bool = True) -> None:
        self.name = name
        self.columns = (("MANDT",) if client else ()) + columns
        self._client = client
        self._rows: list[tuple[Any, ...]] = []

    def add(self, *values: str | None) -> None:
        """Append a row: as many values as columns (the client aside)."""
        row = ((CLIENT,) if self._client else ()) + values
        if len(row) != len(self.columns):
            raise ValueError(f"{self.name}: {len(row)} values for {len(self.columns)} columns.")
        self._rows.append(row)

    def file(self) -> ShapeFile:
        """The table as a file."""
        columns = zip(*self._rows, strict=True) if self._rows else [()] * len(self.columns)
        data = {
            name: pd.Series(values, dtype=object) for name, values in zip(self.columns, columns, strict=True)
        }
        name = f"{self.name}.csv" if not self._client else f"{self.name.upper()}.csv"
        return ShapeFile(name, pd.DataFrame(data))
