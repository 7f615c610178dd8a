"""Working hours of companies and sites: Monday to Friday, days worked beside them, and leave where a calendar has none.

Add here: when sites work. Keep out: hours of work centres (`making`).
"""

from __future__ import annotations

from collections import defaultdict

from sop_pipeline.sources.demo.shapes.odoo.rows import OFFICE_ZONE, Row, Rows

ZONES = {"GB": "Europe/London"}
WEEKDAYS = range(5)
OPENS, CLOSES = 8.0, 16.0
LAST_SECOND = (23, 59)


def company_calendars(book: Rows) -> dict[str, str]:
    """Company -> the calendar of the first of its sites: the one that Odoo can name."""
    found: dict[str, str] = {}
    for row in book.delivered("sites"):
        if row["calendar_id"]:
            found.setdefault(row["company_id"], row["calendar_id"])
    return found


def write_working_days(book: Rows) -> None:
    """A calendar of each that the demo company has, called as it is. Needs the numbers of companies, in the order in which
    `masters` writes them. A company whose calendar no other company has names none in its leave: it is for all of the company."""
    of_companies = company_calendars(book)
    numbers = {row["company_id"]: place for place, row in enumerate(book.delivered("companies"), start=1)}
    owners: dict[str, set[str]] = defaultdict(set)
    for row in book.delivered("sites"):
        owners[row["calendar_id"]].add(row["company_id"])
    calendars_of: dict[str, set[str]] = defaultdict(set)
    for calendar, companies in owners.items():
        for company in companies:
            calendars_of[company].add(calendar)
    days: dict[str, list[Row]] = defaultdict(list)
    for row in book.delivered("calendars"):
        days[row["calendar_id"]].append(row)
    for calendar, rows in days.items():
        zone = ZONES.get(calendar, OFFICE_ZONE)
        company = numbers[min(owners[calendar])] if owners[calendar] else None
        number = book.add("resource_calendar", ("calendar", calendar), name=calendar, tz=zone, company_id=company,
                          two_weeks_calendar=False)  # fmt: skip
        for weekday in WEEKDAYS:
            _attendance(book, number, weekday)
        is_alone = any(calendars_of[name] == {calendar} == {of_companies[name]} for name in owners[calendar])
        for row in rows:
            day = row["calendar_date"]
            if not row["is_working_day"]:
                book.add("resource_calendar_leaves", name=row["day_name"], calendar_id=None if is_alone else number,
                         resource_id=None, company_id=company, date_from=book.moment_in(zone, day, 0, 0),
                         date_to=book.moment_in(zone, day, *LAST_SECOND))  # fmt: skip
            elif day.weekday() not in WEEKDAYS:
                _attendance(book, number, day.weekday(), day)


def _attendance(book: Rows, calendar: int, weekday: int, day: object = None) -> None:
    book.add(
        "resource_calendar_attendance", calendar_id=calendar, dayofweek=str(weekday), hour_from=OPENS, hour_to=CLOSES,
        day_period="full_day", date_from=day, date_to=day, week_type=None, display_type=None, name="Office",
    )  # fmt: skip
