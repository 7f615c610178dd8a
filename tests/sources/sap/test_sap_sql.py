"""The traps of SAP's tables as unit tests of the SQL, and the data tests of the staging models on the hand-written extract."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from built_tables import BuiltTables

from assets.dbt import BOUND_DBT, bound_environment, dbt_environment, prepare_manifest
from sop_pipeline.settings import DBT_PROJECT_DIR, load_settings


def test_the_sql_of_sap_does_what_its_tests_say(sap_tables: BuiltTables, tmp_path: Path) -> None:
    """On a copy: dbt takes the columns of a unit test's rows from the relations of a database in which they are built."""
    settings = load_settings(home=sap_tables.database.parent.parent, source="sap")
    database = tmp_path / "sop.duckdb"
    shutil.copy(sap_tables.database, database)
    environment = dbt_environment(settings, "2026-01", {}) | {"SOP_WORK_DATABASE": str(database)}
    prepare_manifest(settings)
    environment |= bound_environment(settings)
    command = [str(BOUND_DBT), "test", "--select", "sop.staging", "--indirect-selection", "cautious"]
    command += ["--target-path", str(tmp_path / "target"), "--project-dir", str(DBT_PROJECT_DIR)]
    command += ["--profiles-dir", str(DBT_PROJECT_DIR)]

    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)

    if done.returncode:
        pytest.fail(f"Tests of SAP's staging models failed:\n{done.stdout[-8000:]}")
    assert "ERROR=0" in done.stdout and "PASS=0" not in done.stdout
