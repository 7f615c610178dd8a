"""The calendar: which cycle is due when."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sop_pipeline.schedules import due_at, due_cycles, next_cycle, working_days
from sop_pipeline.settings import Settings

BERLIN = ZoneInfo("Europe/Berlin")
SETTINGS = Settings(home=Path("unused"), timezone="Europe/Berlin", country="DE", working_day=3)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def test_weekends_and_public_holidays_are_not_working_days() -> None:
    # January 2026 begins with New Year on a Thursday, then a Friday and a weekend
    assert [day.day for day in working_days(2026, 1, "DE")[:3]] == [2, 5, 6]


def test_the_refresh_is_due_on_its_working_day_at_its_local_hour() -> None:
    assert due_at("2026-01", SETTINGS) == at("2026-01-06T06:00")


def test_a_cycle_is_due_from_its_working_day_on_and_not_before() -> None:
    assert due_cycles(at("2026-01-06T05:59"), ["2025-12"], SETTINGS) == []
    assert due_cycles(at("2026-01-06T06:00"), ["2025-12"], SETTINGS) == ["2026-01"]


def test_a_published_cycle_is_not_due_again() -> None:
    assert due_cycles(at("2026-01-20T06:00"), ["2025-12", "2026-01"], SETTINGS) == []


def test_months_that_were_missed_are_due_oldest_first() -> None:
    assert due_cycles(at("2026-03-10T06:00"), ["2025-12"], SETTINGS) == ["2026-01", "2026-02", "2026-03"]


def test_a_new_home_begins_with_the_month_that_it_is() -> None:
    assert due_cycles(at("2026-03-10T06:00"), [], SETTINGS) == ["2026-03"]


def test_the_month_is_the_planning_timezone_s() -> None:
    # 31 March 22:30 UTC is already 1 April in Berlin; its third working day is still to come
    moment = datetime(2026, 3, 31, 22, 30, tzinfo=ZoneInfo("UTC"))
    assert due_cycles(moment, ["2026-03"], SETTINGS) == []
    assert next_cycle("2026-12") == "2027-01"


def test_daylight_saving_moves_the_moment_not_the_hour() -> None:
    winter, summer = due_at("2026-03", SETTINGS), due_at("2026-04", SETTINGS)
    assert (winter.hour, summer.hour) == (6, 6)
    assert winter.utcoffset() != summer.utcoffset()
