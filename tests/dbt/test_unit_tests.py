"""The unit tests of the SQL: a model, a few rows in, the rows that must come out."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from assets.dbt import BOUND_DBT, bound_environment, dbt_environment, prepare_manifest
from sop_pipeline.settings import DBT_PROJECT_DIR, load_settings


def run_unit_tests(home: Path, cycle_id: str, folder: Path) -> str:
    """Run dbt's unit tests of the home's system on a copy of its working database, and return what dbt says.

    dbt takes the columns of a unit test's rows from the relations of a database in which everything is built.
    """
    settings = load_settings(home=home)
    database = folder / "sop.duckdb"
    shutil.copy(settings.paths.work_database, database)
    environment = dbt_environment(settings, cycle_id, {}) | {"SOP_WORK_DATABASE": str(database)}
    prepare_manifest(settings)
    environment |= bound_environment(settings)
    command = [str(BOUND_DBT), "test", "--select", "test_type:unit", "--target-path", str(folder / "target")]
    command += ["--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR)]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"Unit tests of the SQL failed:\n{done.stdout[-6000:]}")
    return done.stdout


@pytest.fixture(scope="module")
def said(published_home: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """What dbt says of the unit tests of the contract system."""
    return run_unit_tests(published_home.root, "2026-02", tmp_path_factory.mktemp("unit_tests"))


def test_the_sql_of_the_contract_system_does_what_its_unit_tests_say(said: str) -> None:
    assert "ERROR=0" in said


BAD_INPUTS = [
    (31, "demand_counts_in_the_month_it_was_wanted"),
    (32, "demand_counts_in_the_month_it_was_wanted"),
    (34, "quantities_come_to_base_units_and_prices_follow"),
    (35, "a_factor_that_cannot_be_trusted_is_none"),
    (36, "a_factor_that_cannot_be_trusted_is_none"),
    (36, "quantities_come_to_base_units_and_prices_follow"),
    (61, "the_lowest_alternative_in_force_is_the_bill"),
    (69, "the_opening_position_is_the_last_snapshot_and_what_is_owed"),
    (70, "the_opening_position_is_the_last_snapshot_and_what_is_owed"),
    (72, "open_orders_arrive_when_the_plan_can_use_them"),
]
"""Entry of the list of bad inputs -> the unit test of the SQL that feeds it."""


@pytest.mark.parametrize("name", [pytest.param(name, id=f"{number} {name}") for number, name in BAD_INPUTS])
def test_a_unit_test_of_the_sql_held(said: str, name: str) -> None:
    lines = [line for line in said.splitlines() if f"::{name}" in line]
    assert any("PASS" in line for line in lines), lines


def test_the_sql_of_adventureworks_does_what_its_unit_tests_say(
    adventureworks_home: Path, tmp_path: Path
) -> None:
    assert "ERROR=0" in run_unit_tests(adventureworks_home, "2014-01", tmp_path)
