"""The lake on PostgreSQL: one cycle's Parquet files copied into tables, under the names and types of their contracts.

DuckDB reads the files in place (dbt_project/macros/lake.sql); an engine of its own has to be given them. This module is
that seam: load, then `dbt build --target postgres` builds the same models from the same names. Needs the extra
`postgres`. Add here: what it takes to get lake tables into PostgreSQL. Keep out: models and types (dbt_project), what a
cycle is made of (assets), servers (a company has one; the tests bring theirs).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from sop_pipeline.warehouse.contracts import Contract, Contracts
from sop_pipeline.warehouse.lake import lake_file

if TYPE_CHECKING:
    import adbc_driver_manager.dbapi

PUBLISHED = "published"
"""Schema of earlier cycles' released tables: fed from releases, not from the lake, and never missing."""
LOADED_CYCLE = "lake.loaded_cycle"
"""The one-row table that says which cycle the tables hold; a dbt run of another cycle refuses them (macros/lake.sql)."""
LONGEST_IDENTIFIER = 63
"""Bytes of a PostgreSQL name; longer ones are cut without a word, and two may become one."""

_SQL_TYPES: dict[pa.DataType, str] = {
    pa.string(): "varchar",
    pa.int32(): "integer",
    pa.int64(): "bigint",
    pa.float64(): "double precision",
    pa.bool_(): "boolean",
    pa.date32(): "date",
    pa.timestamp("us"): "timestamp",
}


class MissingDriver(ImportError):
    """The extra `postgres` is not installed."""


class UnloadableTable(ValueError):
    """Lake files that cannot become tables as their contracts say. The message names every one and the remedy."""


def load_lake(
    contracts: Contracts,
    lake_dir: Path,
    cycle_id: str,
    published: Mapping[str, Sequence[Path]],
    uri: str = "postgresql://",
) -> dict[str, int]:
    """Replace the source tables in the database by those of one cycle, all of them or none.

    A table that no step has written yet is left out, as in DuckDB. `published` lists released files of earlier cycles
    by table (release.registry); a table without any is made, empty. `uri` is a libpq connection string; the bare
    default takes host, port, user, password and database from the PG* variables.

    Returns table -> rows. What was built on the replaced tables goes with them: the database, like the working DuckDB
    file, holds one cycle and is built from it. Raises UnloadableTable naming every file that does not fit its contract,
    and then nothing is replaced; MissingDriver; OSError and ADBC errors as they come.
    """
    postgresql = _driver()
    files = _files_of_cycle(contracts, lake_dir, cycle_id, published)
    schemas = {contract.schema for contract, paths in files if paths is not None}
    rows: dict[str, int] = {}
    problems = []
    with postgresql.connect(uri) as connection, connection.cursor() as cursor:
        for schema in sorted(schemas | {LOADED_CYCLE.split(".")[0]}):
            cursor.execute(f"create schema if not exists {_quoted(schema)}")
        for contract, paths in files:
            cursor.execute(f"drop table if exists {_relation(contract)} cascade")
            if paths is None:
                continue
            try:
                table = _read(contract, paths)
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError) as error:
                problems.append(f" * {contract.table}, {', '.join(map(str, paths))}: {error}")
                continue
            _write(cursor, contract, table)
            rows[contract.table] = table.num_rows
        if problems:
            raise UnloadableTable(
                f"{len(problems)} tables of cycle {cycle_id} cannot be loaded; nothing was replaced:\n"
                + "\n".join(problems)
                + "\nRun the steps that write them again: the files do not have the columns of their contracts."
            )
        cursor.execute(f"drop table if exists {LOADED_CYCLE}")
        cursor.execute(
            f"create table {LOADED_CYCLE} as select cast({_literal(cycle_id)} as varchar) as cycle_id"
        )
        connection.commit()
    return rows


def _driver() -> ModuleType:
    try:
        return import_module("adbc_driver_postgresql.dbapi")
    except ImportError as error:
        raise MissingDriver(
            f"The lake cannot be loaded into PostgreSQL without the extra 'postgres' ({error}): "
            "pip install 'sop-pipeline[postgres]'."
        ) from error


def _files_of_cycle(
    contracts: Contracts, lake_dir: Path, cycle_id: str, published: Mapping[str, Sequence[Path]]
) -> list[tuple[Contract, list[Path] | None]]:
    """Every source table with the files that it is made of; None where no step has written it in this home."""
    files: list[tuple[Contract, list[Path] | None]] = []
    for contract in contracts.values():
        if contract.schema == PUBLISHED:
            files.append((contract, list(published.get(contract.name, ()))))
        elif not contract.is_model:
            path = lake_file(lake_dir, contract.table, cycle_id)
            files.append((contract, [path] if path.exists() else None))
    return files


def _read(contract: Contract, paths: Sequence[Path]) -> pa.Table:
    """The files as one table in the contract's types; columns that a lake file has beyond it (provenance) stay.

    A column that an earlier release did not have yet is empty there.
    """
    parts = [pq.ParquetFile(path).read() for path in paths]
    schema = contract.arrow_schema
    if contract.schema != PUBLISHED and parts:
        extra = [field for field in parts[0].schema if field.name not in schema.names]
        schema = pa.schema([*schema, *extra])
        if missing := [name for name in schema.names if name not in parts[0].column_names]:
            raise ValueError(f"column {', '.join(missing)} is not in the file")
    for name in (contract.schema, contract.name, *schema.names):
        if len(name.encode()) > LONGEST_IDENTIFIER:
            raise ValueError(f"the name '{name}' is longer than {LONGEST_IDENTIFIER} bytes")
    schema = pa.schema([field.with_nullable(True) for field in schema])
    aligned = [
        pa.table(
            [
                part[field.name].cast(field.type)
                if field.name in part.column_names
                else pa.nulls(part.num_rows, field.type)
                for field in schema
            ],
            schema=schema,
        )
        for part in parts
    ]
    return pa.concat_tables([schema.empty_table(), *aligned])


def _write(cursor: adbc_driver_manager.dbapi.Cursor, contract: Contract, table: pa.Table) -> None:
    columns = ", ".join(f"{_quoted(field.name)} {_sql_type(field.type)}" for field in table.schema)
    cursor.execute(f"create table {_relation(contract)} ({columns})")
    if table.num_rows:
        cursor.adbc_ingest(contract.name, table, mode="append", db_schema_name=contract.schema)
    cursor.execute(f"analyze {_relation(contract)}")


def _sql_type(arrow_type: pa.DataType) -> str:
    if pa.types.is_decimal(arrow_type):
        return f"decimal({arrow_type.precision},{arrow_type.scale})"
    if arrow_type not in _SQL_TYPES:
        raise ValueError(f"no PostgreSQL type is declared for {arrow_type}")
    return _SQL_TYPES[arrow_type]


def _relation(contract: Contract) -> str:
    return f"{_quoted(contract.schema)}.{_quoted(contract.name)}"


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
