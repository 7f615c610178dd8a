"""An ERP's tables read straight from its database, through dlt's sql_database source, into files like any other extract.

Every table of a system's source contract that the database has is read by name, in chunks, and only the columns that the
contract names; each value as the database writes it as text, so that it is typed by the same rules as a value of a CSV file.
What an ERP cannot carry, its supplement, still comes as files. Credentials come from the variable SOP_DATABASE_URL alone:
they stand in no setting, file, log or message. Needs the extra `database` (pip install 'sop-pipeline[database]').
Add here: how a database is read. Keep out: which tables an ERP has (its source contract), Dagster (assets.database).
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from sop_pipeline.delivery.company import FORMATS_FILE
from sop_pipeline.sources import folders
from sop_pipeline.sources.catalogue import URL_VARIABLE
from sop_pipeline.sources.folders import (
    company_formats,
    copy_file,
    copy_files,
    declared_files,
    refuse,
    unknown_file_problems,
)
from sop_pipeline.sources.protocol import SourceError

if TYPE_CHECKING:
    import sqlalchemy as sa
    from dlt.extract.source import DltSource
    from dlt.pipeline.pipeline import Pipeline

CHUNK_ROWS = 50_000
DRIVERS = {
    "postgresql": "psycopg2", "postgresql+psycopg2": "psycopg2", "mysql": "pymysql", "mariadb": "pymysql",
    "mysql+pymysql": "pymysql", "mariadb+pymysql": "pymysql",
}  # fmt: skip
"""Kind of database in the URL -> the driver that reads it."""
SUPPLEMENT = "supplement_"
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_$-]{0,62}")


@dataclass(frozen=True)
class DatabaseTable:
    """A table of a source contract in the ERP's database.

    `table`: its name in the contract; `physical`: in the database; `file`: what its extract is called; `columns`: those
    that the contract reads.
    """

    table: str
    physical: str
    file: str
    columns: tuple[str, ...]
    is_mandatory: bool
    description: str = ""


def database_tables(system: str) -> list[DatabaseTable]:
    """The tables of a system's contract that its database has; its supplement is not among them."""
    tables = []
    for path in sorted((folders.STAGING_DIR / system).glob("_*__sources.yml")):
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        for source in document["sources"]:
            tables += [
                _database_table(entry)
                for entry in source["tables"]
                if not entry["name"].startswith(SUPPLEMENT)
            ]
    return tables


def _database_table(entry: Mapping[str, Any]) -> DatabaseTable:
    meta = entry["config"]["meta"]
    names = meta.get("file", [f"{entry['name']}.parquet"])
    files = [name for name in ([names] if isinstance(names, str) else names) if name.endswith(".parquet")]
    columns = [
        str(column.get("config", {}).get("meta", {}).get("source_column", column["name"]))
        for column in entry["columns"]
    ]
    return DatabaseTable(
        table=entry["name"],
        physical=f"tab{meta['doctype']}"
        if "doctype" in meta
        else entry["name"],  # ERPNext: a doctype is a table
        file=files[0] if files else f"{entry['name']}.parquet",
        columns=tuple(columns),
        is_mandatory=bool(meta.get("delivery", {}).get("mandatory", True)),
        description=str(entry.get("description", "")),
    )


def database_mistakes(schema: str = "") -> list[str]:
    """What keeps a database from being read, seen without connecting: the extra, the variable, the kind, the schema."""
    mistakes = []
    if any(find_spec(module) is None for module in ("dlt", "sqlalchemy")):
        mistakes.append("the extra `database` is not installed: pip install 'sop-pipeline[database]'.")
    url = os.environ.get(URL_VARIABLE, "").strip()
    kind = url.partition("://")[0]
    if not url:
        mistakes.append(
            f"{URL_VARIABLE} is not set. Give the address of a read-only replica: postgresql://user:password@host/database "
            "for Odoo, mariadb://user:password@host/database for ERPNext."
        )
    elif kind not in DRIVERS:
        mistakes.append(
            f"{URL_VARIABLE} names no kind of database that is read: {', '.join(sorted(DRIVERS))}."
        )
    elif find_spec(DRIVERS[kind]) is None:
        mistakes.append(f"the driver {DRIVERS[kind]} is not installed: pip install 'sop-pipeline[database]'.")
    if schema and not _IDENTIFIER.fullmatch(schema):
        mistakes.append(f"{schema[:80]!r} is no name of a schema: letters, digits and _ only.")
    return mistakes


def open_database() -> sa.Engine:
    """An engine on the database that the environment names. Raises SourceError where it cannot be."""
    import sqlalchemy

    refuse("The database", database_mistakes(), "Nothing was read.")
    url = os.environ[URL_VARIABLE].strip()
    kind, _, rest = url.partition("://")
    name = kind if "+" in kind else f"{kind}+{DRIVERS[kind]}"
    try:
        return sqlalchemy.create_engine(f"{name}://{rest}", hide_parameters=True, pool_pre_ping=True)
    except (sqlalchemy.exc.ArgumentError, ValueError):
        # the message of SQLAlchemy repeats the whole address
        raise SourceError(
            f"{URL_VARIABLE} is no address of a database: write kind://user:password@host:port/database."
        ) from None


def found_tables(engine: sa.Engine, system: str, schema: str = "") -> list[DatabaseTable]:
    """The tables of the contract that the database has, under the schema (default: the connection's own).

    Raises SourceError for a database that does not answer, a schema that is not there, and, all at once, for mandatory
    tables that it lacks.
    """
    import sqlalchemy

    try:
        inspector = sqlalchemy.inspect(engine)
        schemas = inspector.get_schema_names()
        if schema and schema not in schemas:
            raise SourceError(f"The database has no schema {schema!r}: it has {', '.join(sorted(schemas))}.")
        existing = {*inspector.get_table_names(schema or None), *inspector.get_view_names(schema or None)}
    except sqlalchemy.exc.SQLAlchemyError as error:
        reason = str(getattr(error, "orig", error)).splitlines()
        raise SourceError(
            f"The database that {URL_VARIABLE} names does not answer: {reason[0] if reason else error}."
        ) from None
    tables = database_tables(system)
    refuse(
        f"Source {system}",
        [
            f"table {t.physical!r} is not in the database"
            for t in tables
            if t.is_mandatory and t.physical not in existing
        ],
        "Give the user of SOP_DATABASE_URL the right to read them, or name the right schema with SOP_DATABASE_SCHEMA.",
    )
    return [table for table in tables if table.physical in existing]


def database_source(engine: sa.Engine, tables: Iterable[DatabaseTable], schema: str = "") -> DltSource:
    """dlt's sql_database source over the tables by name; each resource yields Arrow tables of text."""
    _configure_dlt()
    from dlt.sources.sql_database import sql_database

    chosen = list(tables)
    wanted = {table.physical: set(table.columns) for table in chosen}
    source = sql_database(
        credentials=engine,
        schema=schema or None,
        table_names=[table.physical for table in chosen],
        chunk_size=CHUNK_ROWS,
        backend="pyarrow",
        include_views=True,
        table_adapter_callback=_only(wanted),
        query_adapter_callback=_as_text,
    )
    for table in chosen:
        source.resources[table.physical].apply_hints(table_name=table.table, write_disposition="replace")
    return source


def _only(wanted: Mapping[str, set[str]]) -> Callable[[Any], None]:
    """Leave a reflected table the columns that its contract reads, each as text."""

    def adapt(table: Any) -> None:
        import sqlalchemy

        for column in list(table.columns):
            if column.name in wanted[table.name]:
                column.type = sqlalchemy.Text()
            else:
                table._columns.remove(column)

    return adapt


def _as_text(query: Any, table: Any) -> Any:
    """Every column as the database writes it: exact numerics, days and moments as they are, JSON as it is."""
    import sqlalchemy

    return query.with_only_columns(
        *[sqlalchemy.cast(c, sqlalchemy.Text()).label(c.name) for c in table.columns]
    )


def extract_pipeline(system: str, folder: Path) -> Pipeline:
    """A dlt pipeline that leaves the Parquet files of each table in `folder/parts/<table>/`."""
    _configure_dlt()
    import dlt

    parts = folder / "parts"

    @dlt.destination(
        batch_size=0, loader_file_format="parquet", name="extract_folder", max_parallel_load_jobs=1
    )
    def extract_folder(items: str, table: Mapping[str, Any]) -> None:
        place = parts / str(table["name"])
        place.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(items, place / Path(items).name)

    return dlt.pipeline(
        pipeline_name=f"sop_{system}",
        destination=extract_folder(),
        dataset_name=system,
        pipelines_dir=str(folder / "dlt"),
    )


def assemble(tables: Iterable[DatabaseTable], folder: Path, into: Path) -> dict[str, int]:
    """Make one Parquet file of each table's parts; a table without rows has its columns. Returns the rows by table."""
    into.mkdir(parents=True, exist_ok=True)
    rows = {}
    for table in tables:
        parts = sorted((folder / "parts" / table.table).glob("*"))
        schema = (
            pq.read_schema(parts[0]) if parts else pa.schema([(name, pa.string()) for name in table.columns])
        )
        with pq.ParquetWriter(into / table.file, schema, compression="zstd") as writer:
            rows[table.table] = 0
            for part in parts:
                for batch in pq.ParquetFile(part).iter_batches(CHUNK_ROWS):
                    writer.write_batch(batch.cast(schema) if batch.schema != schema else batch)
                    rows[table.table] += batch.num_rows
    return rows


def copy_supplement(system: str, input_dir: Path | None, into: Path) -> None:
    """Copy what comes as files all the same: the system's supplement, planners' files and formats.yml that a folder holds.

    None where no folder was given. Raises SourceError for what stands there twice or belongs to no table.
    """
    if input_dir is None:
        return
    company, formats_file, problems = company_formats(input_dir, system)
    declared = [*declared_files(system, company), *declared_files("planner", company)]
    supplement = [file for file in declared_files(system, company) if file.table.startswith(SUPPLEMENT)]
    refuse(
        f"The supplement of source {system}",
        [*problems, *unknown_file_problems(input_dir, declared)],
        f"The tables and their columns are listed in dbt_project/models/staging/{system}.",
    )
    copy_files(input_dir, [*supplement, *declared_files("planner", company)], into)
    if formats_file is not None:
        copy_file(formats_file, into / FORMATS_FILE)


def fresh_folder(folder: Path) -> Path:
    """An empty folder: what an earlier reading left is removed."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _configure_dlt() -> None:
    """dlt reports nothing to anybody, says only errors, and reads one table at a time."""
    os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
    os.environ.setdefault("RUNTIME__LOG_LEVEL", "ERROR")
    os.environ.setdefault(
        "EXTRACT__NEXT_ITEM_MODE", "fifo"
    )  # one table after the other: one connection, not sixty
