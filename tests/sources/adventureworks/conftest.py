"""The extract of AdventureWorks, and the tables that it becomes: lake, staging, erp and what was kept out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from sop_pipeline.settings import DBT_PROJECT_DIR, PROJECT_DIR
from sop_pipeline.sources.adventureworks import AdventureWorksSource
from sop_pipeline.sources.protocol import DeliveryRequest
from sop_pipeline.warehouse.contracts import load_contracts
from sop_pipeline.warehouse.ingest import IngestedFile, ingest_file
from sop_pipeline.warehouse.lake import lake_file, write_parquet

CYCLE_ID = "2014-01"
EXTRACT = PROJECT_DIR.parent / "shared" / "data" / "adventureworks_2013-12"
MODELS = ["path:models/staging/adventureworks", "path:models/erp", "path:models/quarantine"]


@pytest.fixture(scope="session")
def adventureworks_extract() -> Path:
    """Folder of the extract as of 31 December 2013. Its absence fails in CI and skips elsewhere."""
    if not EXTRACT.is_dir():
        message = f"{EXTRACT} is not here: the AdventureWorks extract is not part of the repository."
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return EXTRACT


@pytest.fixture(scope="session")
def delivered(adventureworks_extract: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cycle's delivery, as it lands."""
    folder = tmp_path_factory.mktemp("delivery")
    AdventureWorksSource().deliver(DeliveryRequest(CYCLE_ID, folder, adventureworks_extract))
    return folder


@pytest.fixture(scope="session")
def ingested(delivered: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, IngestedFile]:
    """Every table of the delivery, typed, and written to a lake whose folder is that of `lake_dir`."""
    contracts = load_contracts(DBT_PROJECT_DIR)
    wanted = [*contracts.of_schema("adventureworks"), *contracts.of_schema("planner")]
    return {contract.table: ingest_file(contract, delivered, 0.0) for contract in wanted}


@pytest.fixture(scope="session")
def canonical(
    ingested: dict[str, IngestedFile], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """The working database after staging, erp and quarantine, with their dbt tests and unit tests passed."""
    home = tmp_path_factory.mktemp("home")
    for table, file in ingested.items():
        write_parquet(file.rows, lake_file(home / "lake", table, CYCLE_ID))
    _build(home)
    with duckdb.connect(str(home / "sop.duckdb"), read_only=True) as connection:
        yield connection


def _build(home: Path) -> None:
    variables = {
        "SOP_SYSTEM": "adventureworks",
        "SOP_WORK_DATABASE": str(home / "sop.duckdb"),
        "SOP_LAKE_DIR": str(home / "lake"),
        "SOP_CYCLE_ID": CYCLE_ID,
        "SOP_PUBLISHED_FILES": json.dumps({}),
        "SOP_HORIZON_MONTHS": "18",
        "SOP_FROZEN_MONTHS": "1",
        "SOP_CURRENCY": "USD",
    }
    command = [str(Path(sys.executable).parent / "dbt"), "build", "--select", *MODELS, "--quiet"]
    command += ["--indirect-selection", "cautious"]  # tests that also read later layers have their own place
    command += ["--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR)]
    command += ["--target-path", str(home / "target"), "--log-path", str(home / "logs")]
    done = subprocess.run(command, env=os.environ | variables, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"dbt build of AdventureWorks failed:\n{done.stdout[-4000:]}{done.stderr[-2000:]}")
