"""BI tools read while releases come: nothing torn, comments to read, clients of DuckDB 1.5 welcome."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from release_company import publish_cycle, scorecard

DUCKDB15_PYTHON = os.environ.get("SOP_DUCKDB15_PYTHON")


def test_a_reader_never_sees_a_torn_release_during_twenty_publications(tmp_path):
    publish_cycle(tmp_path, "2026-04", units=1)
    client = Path(__file__).with_name("reading_client.py")
    reader = subprocess.Popen(
        [sys.executable, client, tmp_path], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"
        published = [publish_cycle(tmp_path, "2026-04", units=units).release_id for units in range(2, 22)]
    finally:
        (tmp_path / "stop").touch()
        output, errors = reader.communicate(timeout=60)
    assert reader.returncode == 0, errors
    seen = json.loads(output)
    assert len(set(published)) == 20
    assert len(seen) > 1, "the reader saw only one release: it did not read while releases came"


def test_a_client_that_keeps_a_release_open_keeps_reading_it(tmp_path):
    publish_cycle(tmp_path, "2026-04", units=1)
    with duckdb.connect(str((tmp_path / "current").resolve() / "sop.duckdb"), read_only=True) as connection:
        publish_cycle(tmp_path, "2026-04", units=2)
        assert connection.execute("select max(lines) from marts.kpi_scorecard").fetchall() == [(1,)]


def test_tables_and_columns_carry_their_contract_as_comments(tmp_path):
    publish_cycle(tmp_path, "2026-04")
    with duckdb.connect(str(tmp_path / "current" / "sop.duckdb"), read_only=True) as connection:
        tables = dict(
            connection.execute("select table_name, comment from duckdb_tables() order by 1").fetchall()
        )
        columns = connection.execute(
            "select column_name, data_type, comment from duckdb_columns()"
            " where table_name = 'fct_demand_plan'"
        ).fetchall()
        undescribed = connection.execute(
            "select column_name from duckdb_columns() where comment is null and not internal"
        ).fetchall()
    assert undescribed == []
    assert tables["fct_demand_plan"] == "One row per item and month: the company's demand plan."
    assert ("forecast_units", "DECIMAL(18,3)", "Forecast, base units") in columns


@pytest.mark.skipif(not DUCKDB15_PYTHON, reason="SOP_DUCKDB15_PYTHON names no Python with DuckDB 1.5")
def test_a_client_of_duckdb_15_opens_the_released_file(tmp_path):
    publish_cycle(tmp_path, "2026-04", units=1)
    publish_cycle(tmp_path, "2026-05", units=2, tables=(scorecard("2026-05", 2),))
    script = (
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True);"
        "print(duckdb.__version__, c.execute('select cycle_id, lines from marts.kpi_scorecard"
        " where lines is not null order by 1').fetchall(),"
        " c.execute(\"select comment from duckdb_columns() where column_name = 'kpi_value'\").fetchall())"
    )
    client = subprocess.run(
        [str(DUCKDB15_PYTHON), "-c", script, tmp_path / "current" / "sop.duckdb"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert client.returncode == 0, client.stderr
    version, _, answer = client.stdout.strip().partition(" ")
    assert version.startswith("1.5.")
    assert answer == "[('2026-04', 1), ('2026-05', 2)] [(\"Value, in the KPI's unit\",)]"
