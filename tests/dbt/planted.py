"""A tiny company, planted as tables in a working database, on which dbt runs some of the product's models.

Rows say only what a case is about; the rest is plain. Add here: what tests of planted companies share. Keep out: cases.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest

from assets.dbt import BOUND_DBT, bound_environment, dbt_environment, prepare_manifest
from sop_pipeline.settings import DBT_PROJECT_DIR, load_settings
from sop_pipeline.warehouse.contracts import Contract, load_contracts

CONTRACTS = load_contracts(DBT_PROJECT_DIR)
Row = Mapping[str, Any]
CYCLE = "2026-03"

PLAIN = {"varchar": "x", "boolean": False, "date": "2026-02-10", "timestamp": "2026-02-10 00:00:00"}
"""A value for a required column that a case does not care about; numbers are 1."""


def rows_of(*rows: Row, **shared: Any) -> list[dict[str, Any]]:
    """Rows that share some values."""
    return [{**shared, **row} for row in rows]


def plant(
    database: Path, company: Mapping[str, Sequence[Row]], schemas: Sequence[str], built: Sequence[str]
) -> None:
    """Write every table of the schemas but those that dbt is to build; tables without rows are empty."""
    with duckdb.connect(str(database)) as connection:
        for schema in schemas:
            for contract in CONTRACTS.of_schema(schema):
                if contract.columns and contract.table not in built:
                    _build(connection, contract, company.get(contract.table, []))


def _build(connection: duckdb.DuckDBPyConnection, contract: Contract, rows: Sequence[Row]) -> None:
    known = {column.name for column in contract.columns}
    unknown = {name for row in rows for name in row} - known
    assert not unknown, f"{contract.table} has no {unknown}"
    typed = ", ".join(f'"{column.name}" {column.data_type}' for column in contract.columns)
    connection.execute(f"create schema if not exists {contract.schema}")
    connection.execute(f"create table {contract.table} ({typed})")
    values = [
        [
            row.get(column.name, PLAIN.get(column.data_type, 1) if column.is_required else None)
            for column in contract.columns
        ]
        for row in rows
    ]
    if values:
        marks = ", ".join("?" * len(contract.columns))
        connection.executemany(f"insert into {contract.table} values ({marks})", values)


def run_models(
    folder: Path, database: Path, models: Sequence[str], before: Mapping[str, Sequence[Row]] | None = None
) -> None:
    """Let dbt build the models on what is planted. `before`: rows of marts that earlier cycles published.

    Fails the test with dbt's words where it cannot.
    """
    done = run_dbt(folder, database, ["run", "--select", *models], before)
    if done.returncode:
        pytest.fail(f"{', '.join(models)} could not be built:\n{done.stdout[-6000:]}")


def run_dbt(
    folder: Path,
    database: Path,
    command: Sequence[str],
    before: Mapping[str, Sequence[Row]] | None = None,
    not_yet: Collection[str] = (),
) -> subprocess.CompletedProcess[str]:
    """Run dbt on what is planted. `not_yet`: columns that the releases of earlier cycles did not have."""
    published = {name: [_published(folder, name, rows, not_yet)] for name, rows in (before or {}).items()}
    settings = load_settings(home=folder / "home", source="contract", input_dir=folder)
    environment = dbt_environment(settings, CYCLE, published)
    environment |= {"SOP_WORK_DATABASE": str(database), "SOP_SYSTEM": "contract"}
    prepare_manifest(settings)
    environment |= bound_environment(settings)
    arguments = [str(BOUND_DBT), *command, "--target-path", str(folder / "target")]
    arguments += ["--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR)]
    return subprocess.run(
        arguments, env=os.environ | environment, capture_output=True, text=True, check=False
    )


def _published(folder: Path, name: str, rows: Sequence[Row], not_yet: Collection[str]) -> Path:
    path = folder / f"{name}.parquet"
    with duckdb.connect() as connection:
        _build(connection, CONTRACTS[f"published.{name}"], rows)
        kept = [c.name for c in CONTRACTS[f"published.{name}"].columns if c.name not in not_yet]
        connection.execute(f"copy (select {', '.join(kept)} from published.{name}) to '{path}'")
    return path
