"""The unit tests of the SQL: a model, a few rows in, the rows that must come out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from assets.dbt import dbt_environment
from sop_pipeline.settings import DBT_PROJECT_DIR, load_settings


def run_unit_tests(home: Path, cycle_id: str, folder: Path) -> str:
    """Run dbt's unit tests of the home's system on a copy of its working database, and return what dbt says.

    dbt takes the columns of a unit test's rows from the relations of a database in which everything is built.
    """
    settings = load_settings(home=home)
    database = folder / "sop.duckdb"
    shutil.copy(settings.paths.work_database, database)
    environment = dbt_environment(settings, cycle_id, {}) | {"SOP_WORK_DATABASE": str(database)}
    dbt = Path(sys.executable).with_name("dbt")
    command = [str(dbt), "test", "--select", "test_type:unit", "--target-path", str(folder / "target")]
    command += ["--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR)]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"Unit tests of the SQL failed:\n{done.stdout[-6000:]}")
    return done.stdout


def test_the_sql_of_the_contract_system_does_what_its_unit_tests_say(
    published_home: Any, tmp_path: Path
) -> None:
    assert "ERROR=0" in run_unit_tests(published_home.root, "2026-02", tmp_path)


def test_the_sql_of_adventureworks_does_what_its_unit_tests_say(
    adventureworks_home: Path, tmp_path: Path
) -> None:
    assert "ERROR=0" in run_unit_tests(adventureworks_home, "2014-01", tmp_path)
