"""Numbers, months and money as they are printed.

Add here: a format that two sections share. Keep out: which number to print.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

EMPTY = "–"
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def is_empty(value: object) -> bool:
    return value is None or bool(pd.isna(value))  # type: ignore[call-overload]


def number(value: float | None, decimals: int = 0, signed: bool = False) -> str:
    """1,234 with a true minus; a number that rounds to zero has no sign."""
    if value is None or is_empty(value):
        return EMPTY
    text = f"{abs(value):,.{decimals}f}"
    if not text.strip("0.,"):
        return text
    return ("−" if value < 0 else "+" if signed else "") + text


def percent(ratio: float | None, decimals: int = 0, signed: bool = False) -> str:
    """A ratio of 0.123 is printed 12 %."""
    if ratio is None or is_empty(ratio):
        return EMPTY
    return number(ratio * 100, decimals, signed) + " %"


def month(period_start: pd.Timestamp) -> str:
    return f"{MONTHS[period_start.month - 1]} {period_start.year}"


def short_month(period_start: pd.Timestamp) -> str:
    return f"{MONTHS[period_start.month - 1][:3]} {period_start.year % 100:02d}"


def is_shown_as_zero(text: str) -> bool:
    """True where a printed number says nothing but zero."""
    return not text.strip("−+0.,")


def plural(count: int, one: str, many: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def sentence_case(identifier: str) -> str:
    """`demand_review` is printed Demand review."""
    text = identifier.replace("_", " ")
    return text[:1].upper() + text[1:]


@dataclass(frozen=True)
class Money:
    """Money in one currency and one scale, so that a table's numbers compare at a glance."""

    currency_code: str
    scale: float
    decimals: int = 0

    @property
    def unit(self) -> str:
        scale = {1.0: "", 1e3: "thousand ", 1e6: "million "}[self.scale]
        return f"{scale}{self.currency_code}"

    def show(self, value: float | None, signed: bool = False) -> str:
        return (
            EMPTY if value is None or is_empty(value) else number(value / self.scale, self.decimals, signed)
        )

    def say(self, value: float) -> str:
        """The value with its unit, for a sentence."""
        return f"{self.show(value)} {self.unit}"


def money_for(values: Iterable[float], currency_code: str) -> Money:
    """The scale in which the largest of the values is easy to read."""
    largest = max((abs(value) for value in values if not is_empty(value)), default=0.0)
    if largest >= 1e7:
        return Money(currency_code, 1e6, 1 if largest < 1e9 else 0)
    return Money(currency_code, 1e3 if largest >= 1e4 else 1.0)
