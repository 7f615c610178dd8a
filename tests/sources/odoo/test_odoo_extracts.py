"""Hand-written extracts of a small Odoo 17 become the canonical rows that somebody who knows its fields writes down.

The company is Chinese, so that a moment of Odoo (UTC) is most often another day than it looks. `expected/` says what each
table of erp must hold, column by column; a table that is not there must be empty. Add here: a trap, as rows of `extracts/`
and what they must become. Keep out: the demo company (`tests/sources/shapes`).
"""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from built_tables import CONTRACTS, BuiltTables, build_tables, run_unit_tests

HERE = Path(__file__).parent
CYCLE = "2025-12"
SAID = sorted(path.stem for path in (HERE / "expected").glob("*.csv"))
IN_PART = {"resource_capacities": "period_start_date < date '2026-01-01'"}
"""Table -> the rows that were written down, where there are more: working hours go on for years."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> BuiltTables:
    """The extracts through ingest and staging."""
    home = tmp_path_factory.mktemp("odoo") / "home"
    return build_tables(
        home,
        "odoo",
        HERE / "extracts",
        CYCLE,
        ("sop.staging", "sop.erp", "sop.quarantine", "dim_cycle"),
        currency="CNY",
    )


def text_of(value: Any) -> str:
    """A value as it is written down in a CSV file."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else str(value)


@pytest.mark.parametrize("table", SAID)
def test_the_extract_becomes_what_was_written_down(built: BuiltTables, table: str) -> None:
    with (HERE / "expected" / f"{table}.csv").open(newline="", encoding="utf-8") as file:
        expected = list(csv.DictReader(file))
    columns = list(expected[0])
    where = f" where {IN_PART[table]}" if table in IN_PART else ""
    found = built.query(f"select {', '.join(columns)} from erp.{table}{where}")

    rows = [{name: text_of(row[name]) for name in columns} for row in found.to_dict("records")]

    assert sorted(rows, key=str) == sorted(expected, key=str)


def test_no_row_is_kept_out_and_no_other_table_has_rows(built: BuiltTables) -> None:
    assert built.kept_out() == {}
    for contract in CONTRACTS.of_schema("erp"):
        if contract.name not in SAID:
            assert built.query(f"select count(*) as n from erp.{contract.name}")["n"][0] == 0, contract.name


def test_the_unit_tests_of_the_staging_models_hold(built: BuiltTables) -> None:
    said = run_unit_tests(built.database.parents[1], "odoo", CYCLE, "sop.staging.odoo")

    assert "ERROR=0" in said
    assert "PASS=0" not in said
