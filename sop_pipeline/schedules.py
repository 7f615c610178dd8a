"""The company's calendar: which cycle is due when.

The refresh of a cycle is due on the n-th working day of its month, at a fixed local hour of the planning timezone. The
schedule looks every day, asks for every cycle that is due and not published, and skips with a reason otherwise: a
daemon that was down for weeks misses nothing, and nothing is published twice. Add here: a review step or a date of it.
Keep out: what a refresh does.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sop_pipeline.settings import Settings


def working_days(year: int, month: int, country: str) -> list[date]:
    """Working days of a month: Monday to Friday, without the country's public holidays."""
    import holidays

    public = holidays.country_holidays(country, years=year)
    first = date(year, month, 1)
    days = (first + timedelta(days=n) for n in range(31))
    return [day for day in days if day.month == month and day.weekday() < 5 and day not in public]


def due_at(cycle_id: str, settings: Settings) -> datetime:
    """When the cycle's refresh is due, in the planning timezone."""
    year, month = (int(part) for part in cycle_id.split("-"))
    day = working_days(year, month, settings.country)[settings.working_day - 1]
    return datetime.combine(day, time(settings.refresh_hour), ZoneInfo(settings.timezone))


def cycle_of(moment: datetime, settings: Settings) -> str:
    """The cycle of the month that it is, in the planning timezone."""
    return f"{moment.astimezone(ZoneInfo(settings.timezone)):%Y-%m}"


def next_cycle(cycle_id: str) -> str:
    """The cycle of the month after."""
    year, month = (int(part) for part in cycle_id.split("-"))
    return f"{year + month // 12}-{month % 12 + 1:02d}"


def due_cycles(now: datetime, published: Iterable[str], settings: Settings) -> list[str]:
    """Cycles that are due and not published, oldest first.

    The schedule starts with `schedule_from`; where that is not set, after the newest published cycle, and in a home
    without any with the cycle of this month.
    """
    done = set(published)
    this_month = cycle_of(now, settings)
    cycle = settings.schedule_from or (next_cycle(max(done)) if done else this_month)
    due = []
    while cycle <= this_month:
        if cycle not in done and due_at(cycle, settings) <= now:
            due.append(cycle)
        cycle = next_cycle(cycle)
    return due


def planning_now(settings: Settings) -> datetime:
    """The time that it is, in the planning timezone."""
    return datetime.now(ZoneInfo(settings.timezone))
