"""SAP's tables as people meet them, and what they mean: extracts and expected rows were both written by hand.

The expected rows come from what SAP's fields mean, worked out on paper; nothing here was made by the exporter. Each table's
traps are named beside it in `dbt_project/models/staging/sap/_sap__models.yml`.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from built_tables import BuiltTables

EXPECTED = Path(__file__).with_name("expected")
TABLES = sorted(path.stem for path in EXPECTED.glob("*.csv"))


@pytest.mark.parametrize("table", TABLES)
def test_the_rows_of_a_table_are_those_worked_out_by_hand(sap_tables: BuiltTables, table: str) -> None:
    with (EXPECTED / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        header, *expected = list(csv.reader(file))

    found = sap_tables.query(f"select {', '.join(header)} from staging.stg_sap__{table}")

    texts = [[_text(value) for value in row] for row in found.itertuples(index=False)]
    assert sorted(texts) == sorted(expected)


def test_what_has_no_factor_is_kept_out_with_a_reason_and_nothing_else_is(sap_tables: BuiltTables) -> None:
    """The routing of BIKE-1 is timed per carton, and a frame has no cartons."""
    assert sap_tables.kept_out() == {"routing_operations: run_hours_per_unit_empty": 1}


def test_capacity_is_counted_on_working_days_unless_hours_are_agreed(sap_tables: BuiltTables) -> None:
    """January 2026 has 21 working days: two machines for 7.5 hours at 90 %, four people through the night for 8."""
    hours = sap_tables.query(
        "select resource_id, period_start_date, available_hours, overtime_maximum_hours, overtime_cost_per_hour "
        "from staging.stg_sap__resource_capacities where period_start_date < '2026-04-01' order by all"
    )

    assert [[_text(value) for value in row] for row in hours.itertuples(index=False)] == [
        ["1000/MONTAGE/001", "2026-01-01", "283.5000", "0.0000", "42.000000"],
        ["1000/MONTAGE/001", "2026-02-01", "270.0000", "40.0000", "60.500000"],
        ["1000/MONTAGE/001", "2026-03-01", "0.0000", "0.0000", "60.500000"],
        ["1000/MONTAGE/002", "2026-01-01", "672.0000", "0.0000", "35.000000"],
        ["1000/MONTAGE/002", "2026-02-01", "640.0000", "0.0000", "35.000000"],
        ["1000/MONTAGE/002", "2026-03-01", "704.0000", "0.0000", "35.000000"],
    ]


def test_the_calendar_is_there_day_by_day(sap_tables: BuiltTables) -> None:
    days = sap_tables.query(
        "select count(*) as days, count(*) filter (where is_working_day) as working from staging.stg_sap__calendars "
        "where calendar_date between '2026-01-01' and '2026-01-31'"
    )
    assert (days["days"][0], days["working"][0]) == (31, 21)


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
