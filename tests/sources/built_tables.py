"""Delivered files made into tables of the erp and core layers, without a whole refresh: ingest, then dbt.

Add here: how a delivery is built, read and held against another. Keep out: what is delivered (a source's own tests).
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from assets.dbt import BOUND_DBT, bound_environment, dbt_environment, prepare_manifest
from sop_pipeline.settings import DBT_PROJECT_DIR, Settings, load_settings
from sop_pipeline.sources.catalogue import open_source
from sop_pipeline.sources.protocol import DeliveryRequest
from sop_pipeline.sources.public_holidays import public_holidays
from sop_pipeline.warehouse.conform import conform
from sop_pipeline.warehouse.contracts import Contract, load_contracts
from sop_pipeline.warehouse.deliveries import describe_deliveries, ingest_all
from sop_pipeline.warehouse.ingest import Limits
from sop_pipeline.warehouse.lake import lake_file, write_parquet

CONTRACTS = load_contracts(DBT_PROJECT_DIR)
UP_TO_CORE = ("sop.staging", "sop.erp", "sop.quarantine", "sop.core")
PROVENANCE = ("source_file_sha256", "source_row_number")
EXAMPLES = 5


@dataclass(frozen=True)
class BuiltTables:
    """The database of a cycle with the layers up to core, to be read and not changed."""

    database: Path

    def query(self, sql: str) -> pd.DataFrame:
        """Rows of a query; decimals, days and empty values as Python has them."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            rows = connection.sql(sql).to_arrow_table()
        return pd.DataFrame(
            {name: pd.Series(rows[name].to_pylist(), dtype=object) for name in rows.column_names}
        )

    def kept_out(self) -> dict[str, int]:
        """Table -> rows in its quarantine, with the rule, of the tables that have any."""
        tables = [c.name for c in CONTRACTS.of_schema("erp")]
        union = " union all ".join(f"select table_name, rule_id from quarantine.{name}" for name in tables)
        counted = self.query(
            f"select table_name || ': ' || rule_id as what, count(*) as rows from ({union}) group by 1"
        )
        return dict(zip(counted["what"], counted["rows"], strict=True))


def build_tables(
    home: Path,
    source: str,
    folder: Path,
    cycle_id: str,
    select: tuple[str, ...] = UP_TO_CORE,
    **settings: Any,
) -> BuiltTables:
    """Let a source deliver a folder, ingest it and build the selected models; fail with dbt's words where they do not."""
    chosen = load_settings(home=home, source=source, input_dir=folder, **settings)
    landed = home / "landing"
    landed.mkdir(parents=True)
    open_source(source).deliver(DeliveryRequest(cycle_id, landed, input_dir=folder))
    delivered = CONTRACTS.of_schema(chosen.system) + CONTRACTS.of_schema("planner")
    chosen.paths.work.mkdir(parents=True, exist_ok=True)  # what a killed test leaves lies in its own folder
    limits = Limits(folder=chosen.paths.work)
    ingested = ingest_all(delivered, landed, chosen.quarantine_maximum_ratio, limits)
    for file in ingested:
        write_parquet(file.rows, lake_file(chosen.paths.lake, file.contract.table, cycle_id))
    before = pd.DataFrame({"table_name": [], "delivered_rows": []})
    described = conform(describe_deliveries(ingested, cycle_id, before), CONTRACTS["ingest.deliveries"])
    write_parquet(described, lake_file(chosen.paths.lake, "ingest.deliveries", cycle_id))
    kept_out = pd.concat([file.quarantined.to_pandas() for file in ingested]).assign(cycle_id=cycle_id)
    rows = conform(kept_out, CONTRACTS["ingest.quarantined_rows"])
    write_parquet(rows, lake_file(chosen.paths.lake, "ingest.quarantined_rows", cycle_id))
    year = int(cycle_id[:4])
    holidays = conform(public_holidays(range(year - 2, year + 5)), CONTRACTS["reference.public_holidays"])
    write_parquet(holidays, lake_file(chosen.paths.lake, "reference.public_holidays", cycle_id))
    _run_dbt(chosen, cycle_id, select)
    return BuiltTables(chosen.paths.work_database)


def run_unit_tests(home: Path, source: str, cycle_id: str, select: str) -> str:
    """Run the unit tests of the selected models on a database that `build_tables` made in the home, and return what dbt says.

    dbt takes the columns of their rows from the relations of that database.
    """
    chosen = load_settings(home=home, source=source)
    return _run_dbt(chosen, cycle_id, (f"{select},test_type:unit",), command="test")


def _run_dbt(chosen: Settings, cycle_id: str, select: tuple[str, ...], command: str = "run") -> str:
    prepare_manifest(chosen)
    environment = dbt_environment(chosen, cycle_id, {}) | bound_environment(chosen)
    words = [str(BOUND_DBT), command, "--select", *select]
    words += ["--target-path", str(chosen.paths.root / "target"), "--project-dir", str(DBT_PROJECT_DIR)]
    words += ["--profiles-dir", str(DBT_PROJECT_DIR)]
    done = subprocess.run(words, env=os.environ | environment, capture_output=True, text=True, check=False)
    if done.returncode:
        said = "The models cannot be built" if command == "run" else "Unit tests of the SQL failed"
        pytest.fail(f"{said}:\n{done.stdout[-6000:]}{done.stderr[-2000:]}")
    return done.stdout


def differences(
    one: BuiltTables,
    other: BuiltTables,
    schema: str = "core",
    tables: tuple[str, ...] = (),
    surplus: bool = True,
) -> list[str]:
    """Every table of a schema that is not row by row the same in two databases, with the columns and examples.

    All columns count but those of provenance; a decimal is equal only to itself. `tables`: those that are compared; default
    all. `surplus`: whether rows that only the other one has count too.
    """
    with duckdb.connect() as connection:
        connection.execute(f"attach '{one.database}' as one_db (read_only)")
        connection.execute(f"attach '{other.database}' as other_db (read_only)")
        chosen = [c for c in CONTRACTS.of_schema(schema) if c.is_model and (not tables or c.name in tables)]
        return [
            difference for table in chosen for difference in _table_differences(connection, table, surplus)
        ]


def _table_differences(
    connection: duckdb.DuckDBPyConnection, contract: Contract, surplus: bool = True
) -> list[str]:
    names = [f'"{c.name}"' for c in contract.columns if c.name not in PROVENANCE]
    lines = []
    ways = (("missing", "one_db", "other_db"), ("unexpected", "other_db", "one_db"))
    for word, here, there in ways if surplus else ways[:1]:
        alone = (
            f"select {', '.join(names)} from {here}.{contract.table} except all "
            f"select {', '.join(names)} from {there}.{contract.table}"
        )
        count = connection.execute(f"select count(*) from ({alone})").fetchall()[0][0]
        if count:
            found = connection.execute(f"select * from ({alone}) order by all limit {EXAMPLES}").fetchall()
            lines += [
                f"{contract.table}: {count} rows {word}",
                *(f"    {tuple(map(str, row))}" for row in found),
            ]
    if lines and contract.grain:
        lines.append(
            f"    columns that differ in rows of one key: {_columns(connection, contract) or 'none'}"
        )
    return ["\n".join(lines)] if lines else []


def _columns(connection: duckdb.DuckDBPyConnection, contract: Contract) -> str:
    same_key = " and ".join(f'a."{key}" is not distinct from b."{key}"' for key in contract.grain)
    values = [c.name for c in contract.columns if c.name not in (*PROVENANCE, *contract.grain)]
    if not values:
        return ""
    counts = ", ".join(f'count(*) filter (where a."{name}" is distinct from b."{name}")' for name in values)
    joined = f"one_db.{contract.table} as a inner join other_db.{contract.table} as b on {same_key}"
    counted = connection.execute(f"select {counts} from {joined}").fetchall()[0]
    return ", ".join(f"{name} ({count})" for name, count in zip(values, counted, strict=True) if count)
