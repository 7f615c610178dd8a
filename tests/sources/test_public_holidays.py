"""Public holidays come from a library behind a table: known days of known countries, one row a day."""

from __future__ import annotations

from datetime import date

from sop_pipeline.sources.public_holidays import public_holidays


def test_known_holidays_are_there_once_and_of_the_years_asked_for() -> None:
    table = public_holidays([2025, 2026])
    days = set(zip(table["country_code"], table["holiday_date"], strict=True))
    assert len(days) == len(table)
    assert {("DE", date(2026, 5, 1)), ("FR", date(2026, 7, 14)), ("US", date(2025, 11, 27))} <= days
    assert ("GB", date(2026, 7, 14)) not in days
    assert {day.year for day in table["holiday_date"]} == {2025, 2026}
    assert table["country_code"].str.fullmatch("[A-Z]{2}").all()
    assert table.notna().all(axis=None)
