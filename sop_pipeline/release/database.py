"""The one DuckDB file of a release: every table with all its cycles, described by its contract.

It is written in the storage format of DuckDB 1.5, so that BI drivers that are not yet on 2.0 open it. It
holds what the Parquet files hold, which `verify` compares row by row.
Add here: what a BI tool needs to find in the file. Keep out: numbers that are not in the released tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from sop_pipeline.release import effects
from sop_pipeline.release.layout import DATABASE_FILE, FACTS_TABLE, TableName
from sop_pipeline.release.manifest import Manifest, ShownTable

STORAGE_VERSION = "v1.5.0"

_FACTS_COMMENT = "One row: which release this file is."
_FACTS_COLUMNS = {
    "release_id": "Release: the cycle and the first digits of its content hash",
    "cycle_id": "Newest planning cycle in this file; every other cycle is history",
    "published_at": "When the release was published, ISO 8601",
}


def build_database(folder: Path, manifest: Manifest) -> None:
    """Write sop.duckdb into a release folder from the Parquet files beside it."""
    path = folder / DATABASE_FILE
    effects.announce("create_database", path)
    spill = folder / ".spill"
    with _open_duckdb(spill) as connection:
        connection.execute(
            f"attach {_text(str(path))} as released (storage_version {_text(STORAGE_VERSION)})"
        )
        connection.execute("use released")
        for table in manifest.shown:
            effects.announce("create_table", path)
            connection.execute(f"create schema if not exists {_name(table.name.schema)}")
            connection.execute(f"create table {_qualified(table.name)} as {_select_files(folder, table)}")
            _describe(connection, table.name, table.description, _meanings(table))
        _write_facts(connection, _release_facts(manifest))
        effects.announce("checkpoint_database", path)
        connection.execute("checkpoint")
        connection.execute("use memory")
        connection.execute("detach released")
    if spill.is_dir():
        effects.remove_folder(spill)
    effects.sync_file(path)


def find_differences(folder: Path, manifest: Manifest) -> list[str]:
    """Where sop.duckdb says something else than the Parquet files beside it, compared row by row."""
    try:
        with TemporaryDirectory(prefix="sop-release-") as spill, _open_duckdb(Path(spill)) as connection:
            connection.execute(f"attach {_text(str(folder / DATABASE_FILE))} as released (read_only)")
            connection.execute("use released")
            return list(_find_differences(connection, folder, manifest))
    except duckdb.Error as error:
        return [f"{DATABASE_FILE} cannot be compared with its Parquet files: {error}"]


def _find_differences(
    connection: duckdb.DuckDBPyConnection, folder: Path, manifest: Manifest
) -> Iterator[str]:
    found = {
        TableName(schema, table): comment or "" for schema, table, comment in _rows(connection, _LIST_TABLES)
    }
    expected = {table.name: table.description for table in manifest.shown} | {FACTS_TABLE: _FACTS_COMMENT}
    for name in sorted({*found} | {*expected}):
        if name not in found or name not in expected:
            yield f"{DATABASE_FILE}: table {name} is {'missing' if name in expected else 'not declared'}"
        elif found[name] != expected[name]:
            yield f"{DATABASE_FILE}: {name} is described otherwise than in the manifest"
    for table in manifest.shown:
        if table.name in found:
            yield from _find_table_differences(connection, folder, table)
    facts = [tuple(_release_facts(manifest).values())]
    if FACTS_TABLE in found and _rows(connection, f"select * from {_qualified(FACTS_TABLE)}") != facts:
        yield f"{DATABASE_FILE}: {FACTS_TABLE} does not name this release"


def _find_table_differences(
    connection: duckdb.DuckDBPyConnection, folder: Path, table: ShownTable
) -> Iterator[str]:
    parquet = _select_files(folder, table)
    declared = [(row[0], row[1]) for row in _rows(connection, f"describe {parquet}")]
    stored = [(row[0], row[1]) for row in _rows(connection, f"describe {_qualified(table.name)}")]
    if stored != declared:
        yield f"{DATABASE_FILE}: the columns of {table.name} are not those of its Parquet files"
        return
    comments = {
        column: comment or "" for column, comment in _rows(connection, _LIST_COLUMNS, _pair(table.name))
    }
    if comments != _meanings(table):
        yield f"{DATABASE_FILE}: columns of {table.name} are described otherwise than in the manifest"
    stored_rows = f"select * from {_qualified(table.name)}"
    missing = _rows(connection, f"select count(*) from ({parquet} except all {stored_rows})")[0][0]
    added = _rows(connection, f"select count(*) from ({stored_rows} except all {parquet})")[0][0]
    if missing or added:
        yield f"{DATABASE_FILE}: {table.name} lacks {missing} row(s) of its Parquet files, has {added} others"


_LIST_TABLES = "select schema_name, table_name, comment from duckdb_tables() where database_name = 'released'"
_LIST_COLUMNS = (
    "select column_name, comment from duckdb_columns()"
    " where database_name = 'released' and schema_name = ? and table_name = ?"
)


def _select_files(folder: Path, table: ShownTable) -> str:
    """The rows of all cycles, by column name: a column that an old file does not have is null there."""
    columns = ", ".join(_name(column.name) for column in table.columns)
    files = ", ".join(_text(str(folder / file)) for file in table.files)
    return f"select {columns} from read_parquet([{files}], union_by_name = true, hive_partitioning = false)"


def _release_facts(manifest: Manifest) -> dict[str, str]:
    return {
        "release_id": manifest.release_id,
        "cycle_id": manifest.cycle_id,
        "published_at": manifest.published_at,
    }


def _write_facts(connection: duckdb.DuckDBPyConnection, facts: Mapping[str, str]) -> None:
    values = ", ".join(f"{_text(facts[column])} as {_name(column)}" for column in _FACTS_COLUMNS)
    connection.execute(f"create table {_qualified(FACTS_TABLE)} as select {values}")
    _describe(connection, FACTS_TABLE, _FACTS_COMMENT, _FACTS_COLUMNS)


def _describe(
    connection: duckdb.DuckDBPyConnection, name: TableName, description: str, columns: Mapping[str, str]
) -> None:
    connection.execute(f"comment on table {_qualified(name)} is {_text(description)}")
    for column, meaning in columns.items():
        connection.execute(f"comment on column {_qualified(name)}.{_name(column)} is {_text(meaning)}")


@contextmanager
def _open_duckdb(spill: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty in-memory DuckDB that fetches nothing and spills, where it must, into the folder `spill`."""
    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "temp_directory": str(spill),
    }
    with duckdb.connect(":memory:", config=settings) as connection:
        yield connection


def _rows(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Sequence[str] = ()
) -> list[tuple[str, ...]]:
    return connection.execute(query, list(parameters)).fetchall()


def _meanings(table: ShownTable) -> dict[str, str]:
    return {column.name: column.description for column in table.columns}


def _pair(name: TableName) -> tuple[str, str]:
    return name.schema, name.table


def _qualified(name: TableName) -> str:
    return f"{_name(name.schema)}.{_name(name.table)}"


def _name(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
