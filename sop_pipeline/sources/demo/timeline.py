"""Months and days as whole numbers.

A month is counted from January 2022 (0), a day from 1970-01-01. A month is worked in four buckets of 7 or 8 days.
Add here: calendar arithmetic of the simulator. Keep out: what happens on a day.
"""

from __future__ import annotations

import re

import numpy as np

FIRST_MONTH = np.datetime64("2022-01", "M")
OPENING_MONTHS = 48
LAST_MONTH = 144  # demand and calendars are drawn through 2033
BUCKETS = 4
BUCKET_STARTS = (0, 7, 15, 23)
NO_DAY = -1


def month_of(cycle: str) -> int:
    """Number of the month written YYYY-MM."""
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", cycle):
        raise ValueError(f"'{cycle}' is not a cycle: write it YYYY-MM, for example 2026-01.")
    return int((np.datetime64(cycle, "M") - FIRST_MONTH).astype(np.int64))


def cycle_of(month: int) -> str:
    """YYYY-MM of a month."""
    return str(FIRST_MONTH + month)


def first_day(month: int) -> int:
    """Day number of the first of the month."""
    return int((FIRST_MONTH + month).astype("datetime64[D]").astype(np.int64))


def year_of(month: int) -> int:
    """Calendar year of the month."""
    return 2022 + month // 12


def january(year: int) -> int:
    """Month number of January of a year."""
    return (year - 2022) * 12


def buckets(month: int) -> list[tuple[int, int]]:
    """First and last day of each bucket of the month."""
    start, end = first_day(month), first_day(month + 1)
    starts = [start + offset for offset in BUCKET_STARTS]
    return [(day, following - 1) for day, following in zip(starts, [*starts[1:], end], strict=True)]


def working_days(month: int) -> int:
    """Weekdays of the month."""
    start = np.datetime64(first_day(month), "D")
    return int(np.busday_count(start, np.datetime64(first_day(month + 1), "D")))
