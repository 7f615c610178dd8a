"""Periods of a panel: which frequency its dates have, their numbers, and the dates after the last one.

Months may be named by their first or last day, weeks by any one weekday; whole numbers are periods themselves.
Add here: another frequency. Keep out: values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

SEASONS = {"Y": 1, "Q": 4, "M": 12, "W": 52, "D": 7, "h": 24, "number": 1}
NAMES = {
    "Y": "yearly",
    "Q": "quarterly",
    "M": "monthly",
    "W": "weekly",
    "D": "daily",
    "h": "hourly",
    "number": "numbered periods",
}


class UnknownFrequency(ValueError):
    """Dates that follow no frequency we know."""


@dataclass(frozen=True)
class Calendar:
    """`kind` is a key of `SEASONS`; months, quarters and years are named by their last day where `names_last_day`."""

    kind: str
    names_last_day: bool = False
    weekday: int = 0

    @property
    def season(self) -> int:
        """Usual periods of a season."""
        return SEASONS[self.kind]

    def numbers(self, ds: pd.Series) -> np.ndarray:
        """Period numbers of dates."""
        if self.kind == "number":
            return ds.to_numpy(dtype=np.int64)
        if self.kind in ("D", "h", "W"):
            seconds = ds.to_numpy(dtype="datetime64[s]").astype(np.int64)
            hours = np.floor_divide(seconds, 3600)
            days = np.floor_divide(hours, 24)
            if self.kind == "h":
                return hours
            return days if self.kind == "D" else np.floor_divide(days - self._monday(), 7)
        months = ds.to_numpy(dtype="datetime64[M]").astype(np.int64)
        return np.floor_divide(months, {"M": 1, "Q": 3, "Y": 12}[self.kind]) if self.kind != "M" else months

    def dates(self, numbers: np.ndarray) -> np.ndarray:
        """Dates of period numbers."""
        if self.kind == "number":
            return numbers
        if self.kind == "h":
            return numbers.astype("datetime64[h]").astype("datetime64[ns]")
        if self.kind in ("D", "W"):
            days = numbers if self.kind == "D" else numbers * 7 + self._monday()
            return days.astype("datetime64[D]").astype("datetime64[ns]")
        length = {"M": 1, "Q": 3, "Y": 12}[self.kind]
        if self.names_last_day:
            return ((numbers + 1) * length).astype("datetime64[M]").astype("datetime64[D]").astype(
                "datetime64[ns]"
            ) - (np.timedelta64(1, "D"))
        return (numbers * length).astype("datetime64[M]").astype("datetime64[ns]")

    def _monday(self) -> int:
        return self.weekday - 3  # 1970-01-01 was a Thursday


def find_calendar(ds: pd.Series, by_series: np.ndarray) -> Calendar:
    """The calendar of dates sorted by series and date; `by_series` numbers the series of each row.

    Raises UnknownFrequency with the spacing that was found, where it is none of ours.
    """
    if pd.api.types.is_integer_dtype(ds):
        return Calendar("number")
    days = ds.to_numpy(dtype="datetime64[s]").astype(np.int64) / 86400.0
    gaps = np.diff(days)[np.diff(by_series) == 0]
    gaps = gaps[gaps > 0]
    if gaps.size == 0:
        raise UnknownFrequency(
            "No series has two periods: the frequency cannot be told. Give it with frequency (--freq)."
        )
    usual = float(np.median(gaps))
    index = pd.DatetimeIndex(ds)
    is_last = bool((index.day == index.days_in_month).all())
    if abs(usual - 1 / 24) < 1e-6:
        return Calendar("h")
    if usual < 3:
        return Calendar("D")
    if 6.5 <= usual <= 7.5:
        weekday = int(np.bincount(index.weekday).argmax())
        return Calendar("W", weekday=weekday)
    for kind, least, most in (("M", 27, 32), ("Q", 88, 94), ("Y", 360, 370)):
        if least <= usual <= most:
            return Calendar(kind, names_last_day=is_last)
    raise UnknownFrequency(
        f"The dates are usually {usual:g} days apart, which is none of hourly, daily, weekly, monthly, quarterly, yearly. "
        "Add the rows up to one of these first, or number the periods with whole numbers."
    )


def named_calendar(kind: str, ds: pd.Series) -> Calendar:
    """The calendar that a person named: Y, Q, M, W, D, h. Raises UnknownFrequency for another word."""
    known = {name.upper(): name for name in SEASONS if name != "number"} | {"MS": "M", "ME": "M", "A": "Y"}
    if kind.upper() not in known:
        raise UnknownFrequency(f"Frequency '{kind}' is not known. Known: Y, Q, M, W, D, h.")
    index = pd.DatetimeIndex(ds)
    is_last = bool(len(index)) and bool((index.day == index.days_in_month).all())
    weekday = int(np.bincount(index.weekday).argmax()) if len(index) else 0
    return Calendar(known[kind.upper()], names_last_day=is_last, weekday=weekday)
