"""From a landed file to a typed lake table: header matched by name, all read as text, cast by the contract, row quarantine.

The read and cast statements are generated from the contract, identifiers quoted, paths bound. Add here: a rule that
holds for every delivered file. Keep out: what one ERP means by a column (dbt staging), rules over two tables (dbt erp).
"""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq

from sop_pipeline.warehouse.contracts import Column, Contract

if TYPE_CHECKING:
    import duckdb

LARGEST_NUMBER = 1e12  # beyond it a quantity is a mistake, and HiGHS starts to read numbers as infinite
PROVENANCE = pa.schema([("source_file_sha256", pa.string()), ("source_row_number", pa.int32())])


class RejectedFile(ValueError):
    """A delivered file is not what the contract says; nothing of it is loaded. The message names file, rule, remedy."""


@dataclass(frozen=True)
class IngestedFile:
    """A landed file made into a table: typed rows with provenance, problems of rows kept out, and the counts.

    `rows`: the contract's columns plus source_file_sha256 and source_row_number. `quarantined`: columns of
    ingest.quarantined_rows except cycle_id.
    """

    contract: Contract
    path: Path | None
    sha256: str | None
    rows: pa.Table
    quarantined: pa.Table
    delivered_rows: int
    quarantined_rows: int
    ignored_columns: tuple[str, ...] = ()


QUARANTINE_SCHEMA = pa.schema(
    [
        ("table_name", pa.string()),
        ("rule_id", pa.string()),
        ("column_name", pa.string()),
        ("original_text", pa.string()),
        ("file_name", pa.string()),
        ("source_file_sha256", pa.string()),
        ("source_row_number", pa.int32()),
    ]
)


def delivered_file(contract: Contract, folder: Path) -> Path | None:
    """The file of a table in a landing folder: the declared file name, or <table>.csv, or <table>.parquet."""
    names = (
        [contract.meta["file"]]
        if "file" in contract.meta
        else [f"{contract.name}.csv", f"{contract.name}.parquet"]
    )
    return next((folder / name for name in names if (folder / name).is_file()), None)


def ingest_file(contract: Contract, folder: Path, quarantine_maximum_ratio: float) -> IngestedFile:
    """Type one delivered table.

    An optional table that was not delivered is empty. Raises RejectedFile for a mandatory file that is missing, an
    empty or unreadable file, a header with missing, duplicate or no columns, fewer rows than the contract asks for,
    and for more quarantined rows than `quarantine_maximum_ratio` of the file.
    """
    path = delivered_file(contract, folder)
    if path is None:
        return _not_delivered(contract, folder)
    header = _read_header(path)
    _check_header(contract, path, header)
    sha256 = file_sha256(path)
    with _memory_database() as connection:
        delivered = _load_as_text(connection, contract, path, header)
        rows = _typed_rows(connection, contract, sha256)
        all_good = rows.num_rows == delivered
        quarantined = (
            QUARANTINE_SCHEMA.empty_table() if all_good else _problems(connection, contract, path, sha256)
        )
    ingested = IngestedFile(
        contract, path, sha256, rows, quarantined, delivered, delivered - rows.num_rows,
        tuple(name for name in header if name not in {c.header for c in contract.columns}),
    )  # fmt: skip
    _check_counts(ingested, quarantine_maximum_ratio)
    return ingested


def file_sha256(path: Path) -> str:
    """sha256 of a file's bytes, hexadecimal."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _not_delivered(contract: Contract, folder: Path) -> IngestedFile:
    if contract.delivery.get("mandatory", True):
        expected = contract.meta.get("file", f"{contract.name}.csv")
        raise RejectedFile(
            f"{contract.table}: mandatory file {expected} is not in {folder}. Deliver it and run again."
        )
    rows = _with_provenance_schema(contract).empty_table()
    return IngestedFile(contract, None, None, rows, QUARANTINE_SCHEMA.empty_table(), 0, 0)


def _with_provenance_schema(contract: Contract) -> pa.Schema:
    return pa.schema([*contract.arrow_schema, *PROVENANCE])


def _read_header(path: Path) -> list[str]:
    if path.stat().st_size == 0:
        raise RejectedFile(f"{path.name} is empty (0 bytes). Deliver the file again.")
    if path.suffix == ".parquet":
        try:
            return list(pq.read_schema(path).names)
        except pa.ArrowInvalid as error:
            raise RejectedFile(
                f"{path.name} is not a whole Parquet file ({error}). Deliver it again."
            ) from error
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            return next(csv.reader(file), [])
    except UnicodeDecodeError as error:
        raise RejectedFile(_encoding_message(path, error)) from error


def _encoding_message(path: Path, error: Exception) -> str:
    return f"{path.name} is not UTF-8 ({error}). Export it as UTF-8."


def _check_header(contract: Contract, path: Path, header: list[str]) -> None:
    problems = [f"column '{name}' stands {n} times" for name, n in Counter(header).items() if n > 1]
    unknown = [name for name in header if name not in {column.header for column in contract.columns}]
    for column in contract.columns:
        if column.header not in header:
            guess = get_close_matches(column.header, unknown, n=1)
            problems.append(
                f"column '{column.header}' is missing" + (f" (did you mean '{guess[0]}'?)" if guess else "")
            )
    if problems:
        raise RejectedFile(
            f"{path.name} does not have the header of {contract.table}:\n * " + "\n * ".join(problems)
            + f"\nExpected: {', '.join(c.header for c in contract.columns)}.\nFound: {', '.join(header)}."
        )  # fmt: skip


def _memory_database() -> duckdb.DuckDBPyConnection:
    import duckdb

    connection = duckdb.connect()
    connection.execute("set autoinstall_known_extensions = false")
    connection.execute("set autoload_known_extensions = false")
    connection.execute("set preserve_insertion_order = true")
    return connection


def _load_as_text(
    connection: duckdb.DuckDBPyConnection, contract: Contract, path: Path, header: list[str]
) -> int:
    """Load the contract's columns as text into table `delivered`, rows numbered in file order; return their number."""
    import duckdb

    names = ", ".join(f"cast({_quoted(c.header)} as varchar) as {_quoted(c.name)}" for c in contract.columns)
    if path.suffix == ".parquet":
        reader = "read_parquet($path)"
    else:
        declared = ", ".join(f"{_literal(name)}: 'VARCHAR'" for name in header)
        reader = (
            "read_csv($path, header = true, delim = ',', quote = '\"', escape = '\"', auto_detect = false, "
            f"columns = {{{declared}}}, strict_mode = true, null_padding = false, parallel = false)"
        )
    statement = (
        "create table delivered as "
        f"select cast(row_number() over () as integer) as source_row_number, {names} from {reader}"
    )
    try:
        connection.execute(statement, {"path": str(path)})
    except duckdb.Error as error:
        first_line = str(error).splitlines()[0]
        raise RejectedFile(
            f"{path.name} cannot be read as a table: {first_line}. Deliver it again."
        ) from error
    counted = connection.execute("select count(*) from delivered").fetchone()
    return int(counted[0]) if counted else 0


def _quoted(identifier: str) -> str:
    return '"' + identifier.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _text(column: Column) -> str:
    return f"nullif(trim({_quoted(column.name)}), '')"


def _typed(column: Column) -> str:
    if column.data_type == "varchar":
        return _text(column)
    if column.data_type == "date":  # an ERP's date may carry a midnight
        return f"cast(try_cast({_text(column)} as timestamp) as date)"
    return f"try_cast({_text(column)} as {column.data_type})"


def _rules(column: Column) -> Iterator[tuple[str, str]]:
    """Rules of one column: (rule id, SQL condition that is true for a row at fault)."""
    if column.is_required:
        yield "missing_value", f"{_text(column)} is null"
    if column.data_type != "varchar":
        kind = column.data_type.split("(")[0].replace(" ", "_")
        yield f"not_a_{kind}", f"{_text(column)} is not null and {_typed(column)} is null"
    if column.data_type.startswith(("decimal", "double", "integer", "bigint")):
        yield "out_of_range", f"abs(cast({_typed(column)} as double)) > {LARGEST_NUMBER}"
    if column.accepted_values:
        accepted = ", ".join(_literal(value) for value in column.accepted_values)
        yield "not_accepted", f"{_text(column)} is not null and {_text(column)} not in ({accepted})"


def _typed_rows(connection: duckdb.DuckDBPyConnection, contract: Contract, sha256: str) -> pa.Table:
    columns = ", ".join(f"{_typed(column)} as {_quoted(column.name)}" for column in contract.columns)
    faults = [
        f"coalesce({condition}, false)" for column in contract.columns for _, condition in _rules(column)
    ]
    statement = (
        f"select {columns}, $sha256 as source_file_sha256, source_row_number from delivered "
        f"where not ({' or '.join(faults) or 'false'}) order by source_row_number"
    )
    connection.execute("create table typed as " + statement, {"sha256": sha256})
    return connection.sql("select * from typed order by source_row_number").to_arrow_table().cast(
        _with_provenance_schema(contract)
    )  # fmt: skip


def _problems(connection: duckdb.DuckDBPyConnection, contract: Contract, path: Path, sha256: str) -> pa.Table:
    """Every problem of every row kept out; the first rule that a column breaks is the one named."""
    connection.execute(
        "create table problems (rule_id varchar, column_name varchar, original_text varchar, source_row_number integer)"
    )
    for column in contract.columns:
        rules = list(_rules(column))
        if not rules:
            continue
        cases = " ".join(f"when {condition} then {_literal(rule_id)}" for rule_id, condition in rules)
        connection.execute(
            "insert into problems select rule_id, $column, original_text, source_row_number from ("
            f"select case {cases} end as rule_id, {_quoted(column.name)} as original_text, source_row_number "
            "from delivered) where rule_id is not null",
            {"column": column.name},
        )
    connection.execute(
        "create table named as select $table_name as table_name, rule_id, column_name, original_text, "
        "$file_name as file_name, $sha256 as source_file_sha256, source_row_number from problems",
        {"table_name": contract.table, "file_name": path.name, "sha256": sha256},
    )
    ordered = connection.sql("select * from named order by source_row_number, column_name")
    return ordered.to_arrow_table().cast(QUARANTINE_SCHEMA)


def _check_counts(ingested: IngestedFile, quarantine_maximum_ratio: float) -> None:
    contract, path = ingested.contract, ingested.path
    minimum = int(contract.delivery.get("minimum_rows", 0))
    if ingested.delivered_rows < minimum:
        raise RejectedFile(
            f"{path.name if path else contract.table}: {ingested.delivered_rows} rows, "
            f"{contract.table} needs at least {minimum}. Deliver the whole extract."
        )
    if ingested.quarantined_rows > quarantine_maximum_ratio * ingested.delivered_rows:
        raise RejectedFile(_too_many_message(ingested, quarantine_maximum_ratio))


def _too_many_message(ingested: IngestedFile, quarantine_maximum_ratio: float) -> str:
    found = Counter(
        (row["column_name"], row["rule_id"]) for row in ingested.quarantined.select(["column_name", "rule_id"]).to_pylist()
    )  # fmt: skip
    lines = [
        f"{ingested.path.name if ingested.path else ''}: {ingested.quarantined_rows} of {ingested.delivered_rows} rows "
        f"of {ingested.contract.table} break its contract, more than {quarantine_maximum_ratio:.1%}:"
    ]
    for (column, rule), count in found.most_common(10):
        examples = [
            f"row {row['source_row_number']}: {row['original_text']!r}"
            for row in ingested.quarantined.to_pylist()
            if row["column_name"] == column and row["rule_id"] == rule
        ][:5]
        lines.append(f" * {column}: {rule}, {count} rows, e.g. {'; '.join(examples)}")
    lines.append("Correct the extract, or raise SOP_QUARANTINE_MAXIMUM_RATIO if these rows may be left out.")
    return "\n".join(lines)
