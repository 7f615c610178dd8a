"""The extract of AdventureWorks, and the tables that it becomes: lake, staging, erp and what was kept out."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from sop_pipeline.settings import DBT_PROJECT_DIR
from sop_pipeline.sources.adventureworks import AdventureWorksSource
from sop_pipeline.sources.protocol import DeliveryRequest
from sop_pipeline.warehouse.contracts import load_contracts
from sop_pipeline.warehouse.ingest import IngestedFile, ingest_file

CYCLE_ID = "2014-01"
MonthTotals = dict[str, tuple[int, int, int, Decimal]]


@pytest.fixture(scope="session")
def delivered(adventureworks_extract: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The cycle's delivery, as it lands."""
    folder = tmp_path_factory.mktemp("delivery")
    AdventureWorksSource().deliver(DeliveryRequest(CYCLE_ID, folder, adventureworks_extract))
    return folder


@pytest.fixture(scope="session")
def ingested(delivered: Path) -> dict[str, IngestedFile]:
    """Every table of the delivery, typed."""
    contracts = load_contracts(DBT_PROJECT_DIR)
    wanted = [*contracts.of_schema("adventureworks"), *contracts.of_schema("planner")]
    return {contract.table: ingest_file(contract, delivered, 0.0) for contract in wanted}


@pytest.fixture(scope="session")
def canonical(adventureworks_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The working database of the refresh: staging, erp, quarantine, core and marts."""
    with duckdb.connect(str(adventureworks_home / "work" / "sop.duckdb"), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def released(adventureworks_home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The database of the published release."""
    with duckdb.connect(str(adventureworks_home / "current" / "sop.duckdb"), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def readme_totals(adventureworks_extract: Path) -> dict[str, MonthTotals]:
    """Orders, lines, units and revenue by calendar month of the order date, by channel, as the README states them."""
    totals: dict[str, MonthTotals] = {"RESELLER": {}, "INTERNET": {}}
    for line in (adventureworks_extract / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip().replace(",", "") for cell in line.strip("| ").split("|")]
        if len(cells) == 9 and cells[0].startswith("20"):
            for channel, values in (("RESELLER", cells[1:5]), ("INTERNET", cells[5:9])):
                orders, lines, units = map(int, values[:3])
                totals[channel][cells[0]] = (orders, lines, units, Decimal(values[3]))
    assert len(totals["RESELLER"]) == 32
    return totals
