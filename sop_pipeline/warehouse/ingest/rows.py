"""From a whole file to typed rows, in a stream: text as delivered, put plainly, held to the rules, cast, written to Parquet.

DuckDB reads the file once into Parquet of text, whose dictionaries make each rule look at a repeated value once; every
further step is a stream over that. Nothing is held in memory but rows at fault, and those spill to disk. Same file in,
same bytes out: rows keep the order of the file, whatever the number of threads.
Add here: a step over all rows of a file. Keep out: what a value must be (`value_rules`, `plain`), counts (`counts`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sop_pipeline.delivery.formats import Format
from sop_pipeline.warehouse.contracts import Column, Contract
from sop_pipeline.warehouse.ingest.csv_files import BrokenFile, refuse_broken_rows
from sop_pipeline.warehouse.ingest.ingested import QUARANTINE_SCHEMA, listed
from sop_pipeline.warehouse.ingest.plain import plain, repairs
from sop_pipeline.warehouse.ingest.scan import CsvFacts
from sop_pipeline.warehouse.ingest.value_rules import (
    fault_of,
    is_code,
    literal,
    mended_code,
    quoted,
    rules_of,
    text_of,
    typed,
)

if TYPE_CHECKING:
    import duckdb

MEMORY_MB = 1024
PROBLEMS_SHOWN = 10
TEXT_FILE = "text.parquet"
TEXT_ROWS = 61_440
"""Rows in a group of the text: dictionaries of half as many rows as by default stay in the processor's cache."""
IS_AT_FAULT = " is at fault"
STAYS_ABOVE = "random() < 0"
"""Never true. A filter on it is not pushed below the projection that casts and judges, where all would be cast twice."""
AS_DELIVERED = " as delivered"
"""Ends the name of a column of view `plain` that holds the text before it was put plainly."""


@contextmanager
def scratch_database(folder: Path, memory_mb: int = MEMORY_MB) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB in memory that spills into a folder and loads no extension from anywhere."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute("set autoinstall_known_extensions = false")
        connection.execute("set autoload_known_extensions = false")
        connection.execute("set enable_progress_bar = false")
        connection.execute("set preserve_insertion_order = true")
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"set memory_limit = '{memory_mb}MB'")
        connection.execute(f"set temp_directory = {literal(str(folder / 'spill'))}")
        yield connection


def only_in(connection: duckdb.DuckDBPyConnection, folders: Iterable[Path]) -> None:
    """From here on a connection reads and writes nothing outside these folders, loads nothing, and cannot be told otherwise.

    Whatever a delivered text might make of a statement, it reaches no other file, no network and no setting.
    """
    listed_folders = ", ".join(literal(str(folder)) for folder in folders)
    connection.execute(f"set allowed_directories = [{listed_folders}]")
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def read_text(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    path: Path,
    facts: CsvFacts | None,
    written: Format,
    columns: Mapping[str, Column],
    folder: Path,
) -> int:
    """Read the contract's columns as text into view `delivered`, rows numbered in file order; return their number.

    `columns`: name in the file -> column; a column that was left out is empty. Raises BrokenFile where the file cannot be read, or not all of it was.
    """
    import duckdb

    if facts is None:
        reader = "read_parquet($path)"
    else:
        declared = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in facts.header)
        reader = (
            f"read_csv($path, header = true, delim = {literal(written.delimiter)}, quote = {literal(written.quote)}, "
            f"escape = {literal(written.quote)}, auto_detect = false, columns = {{{declared}}}, strict_mode = true, "
            "null_padding = false)"
        )
    names = ", ".join(f"cast({quoted(name)} as varchar) as {quoted(c.name)}" for name, c in columns.items())
    left_out = [column for column in contract.columns if column not in columns.values()]
    names += "".join(f", cast(null as varchar) as {quoted(column.name)}" for column in left_out)
    text = folder / TEXT_FILE
    statement = (
        f"copy (select {names} from {reader}) to {literal(str(text))} "
        f"(format parquet, compression snappy, row_group_size {TEXT_ROWS}, preserve_order true)"
    )
    try:
        counted = connection.execute(statement, {"path": str(path)}).fetchone()
    except duckdb.OutOfMemoryException:
        raise
    except duckdb.Error as error:
        if facts:
            refuse_broken_rows(path, len(facts.header), written)  # says what and where, for every row
        # without the path of the landed copy
        reason = str(error).splitlines()[0].split('": ')[-1].rstrip(".")
        raise BrokenFile(f"cannot be read as a table: {reason}. Deliver it again.") from error
    connection.execute(
        "create view delivered as select cast(file_row_number + 1 as integer) as source_row_number, "
        f"* exclude (file_row_number) from read_parquet({literal(str(text))}, file_row_number = true)"
    )
    rows = int(counted[0]) if counted else 0
    if facts and facts.rows is not None and len(facts.header) > 1 and rows != facts.rows:
        refuse_broken_rows(path, len(facts.header), written)
        raise BrokenFile(
            f"has {facts.rows} lines of rows, of which {rows} could be read. Put quotes around texts that hold "
            "quotes or separators, and deliver it again."
        )
    return rows


def put_plainly(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    formats: Mapping[str, Format],
    is_ascii: bool,
) -> tuple[list[str], list[str]]:
    """Make view `plain`: codes without hidden characters, values written the strict way; beside each the text as it came.

    Returns what was put right and what was read as declared, in words and counts. Raises BrokenFile for control characters.
    """
    source = "delivered"
    fixes: list[str] = []
    if not is_ascii:
        fixes += _mend_codes(connection, contract)
        source = "mended"
    values = ", ".join(
        f"{plain(column, formats[column.name])} as {quoted(column.name)}" for column in contract.columns
    )
    texts = ", ".join(
        f"{quoted(column.name)} as {quoted(column.name + AS_DELIVERED)}" for column in contract.columns
    )
    connection.execute(f"create view plain as select source_row_number, {values}, {texts} from {source}")
    found = [
        (column, repair) for column in contract.columns for repair in repairs(column, formats[column.name])
    ]
    counts = ", ".join(f"count(*) filter (where {repair.condition})" for _, repair in found)
    counted = connection.execute(f"select {counts} from {source}").fetchone() if found else None
    declared = [
        f"{count} {repair.words} in {column.header}"
        for (column, repair), count in zip(found, counted or (), strict=True)
        if count
    ]
    return fixes, declared


def _mend_codes(connection: duckdb.DuckDBPyConnection, contract: Contract) -> list[str]:
    """Make view `mended`, where codes lost wide and hidden characters; refuse control characters; say what was put right."""
    connection.create_function("mended_code", mended_code, ["VARCHAR"], "VARCHAR")
    texts = [column for column in contract.columns if column.data_type == "varchar"]

    def is_odd(column: Column) -> str:
        return f"regexp_matches({quoted(column.name)}, '[^ -~]')"

    any_odd = ", ".join(f"bool_or({is_odd(column)})" for column in texts) or "false"
    looked = connection.execute(f"select {any_odd} from delivered").fetchone() or ()
    odd = [column for column, is_so in zip(texts, looked, strict=False) if is_so]
    fixes, problems = [], []
    for column in odd:
        name = quoted(column.name)
        problems += [
            f"column '{column.header}' has a control character, row {row}: {text!r}"
            for text, row in connection.execute(
                f"select {name}, min(source_row_number) from delivered "
                f"where regexp_matches(trim({name}), '[\\x00-\\x1f\\x7f]') group by 1 order by 2 limit {PROBLEMS_SHOWN}"
            ).fetchall()
        ]
        if is_code(column):
            meant = f"case when {is_odd(column)} then mended_code({name}) else {name} end"
            counted = connection.execute(f"select count(*) from delivered where {meant} <> {name}").fetchone()
            if counted and counted[0]:
                fixes.append(f"{counted[0]} codes with wide or hidden characters in {column.header}")
    if problems:
        remedy_line = "Remove them in the system that they come from, and deliver the file again."
        raise BrokenFile(listed("holds control characters", problems[:PROBLEMS_SHOWN]) + f"\n{remedy_line}")
    names = ", ".join(
        f"case when {is_odd(c)} then mended_code({quoted(c.name)}) else {quoted(c.name)} end as {quoted(c.name)}"
        if c in odd and is_code(c)
        else quoted(c.name)
        for c in contract.columns
    )
    connection.execute(f"create view mended as select source_row_number, {names} from delivered")
    return fixes


def set_repeated_keys_aside(connection: duckdb.DuckDBPyConnection, contract: Contract) -> int:
    """Where the contract wants one row a key on arrival: rows that repeat another word for word are listed in table
    `copies`, and counted; rows of one key with different content in table `conflicting`, to be kept out."""
    connection.execute("create table copies (source_row_number integer)")
    connection.execute("create table conflicting (source_row_number integer)")
    if contract.delivery.get("repeated_keys") != "kept_out" or not contract.grain:
        return 0
    by_name = {column.name: column for column in contract.columns}
    everything = ", ".join(text_of(column) for column in contract.columns)
    connection.execute(
        "insert into copies select source_row_number from (select source_row_number, row_number() over "
        f"(partition by {everything} order by source_row_number) as copy from plain) where copy > 1"
    )
    key = ", ".join(text_of(by_name[name]) for name in contract.grain)
    connection.execute(
        "insert into conflicting select source_row_number from (select source_row_number, "
        f"count(*) over (partition by {key}) as rows_of_key from plain "
        "where source_row_number not in (select source_row_number from copies)) where rows_of_key > 1"
    )
    counted = connection.execute("select count(*) from copies").fetchone()
    return int(counted[0]) if counted else 0


def write_good_rows(
    connection: duckdb.DuckDBPyConnection, contract: Contract, sha256: str, into: Path, extra_fault: str = ""
) -> int:
    """Judge and cast every row in one look; write those that break no rule to Parquet, with where they came from.

    Rows listed in `copies` and `conflicting` are left out. `extra_fault`: SQL of a rule that is not on one value. Returns
    how many were written.
    """
    faults = [f"({fault_of(column)})" for column in contract.columns]
    faults += [f"coalesce({extra_fault}, false)"] if extra_fault else []
    casts = ", ".join(f"{typed(column)} as {quoted(column.name)}" for column in contract.columns)
    names = ", ".join(quoted(column.name) for column in contract.columns)
    aside = [table for table in ("copies", "conflicting") if _rows_of(connection, table)]
    kept = "".join(
        f" and source_row_number not in (select source_row_number from {table})" for table in aside
    )
    # of an enumeration of one word the writer of Parquet need not hash 64 letters a row
    connection.execute(f"create type source_file as enum ({literal(sha256)})")
    statement = (
        f"copy (select {names}, cast({literal(sha256)} as source_file) as source_file_sha256, source_row_number from (select {casts}, "
        f"source_row_number, {' or '.join([*faults, STAYS_ABOVE])} as {quoted(IS_AT_FAULT)} from plain) "
        f"where not {quoted(IS_AT_FAULT)}{kept}) to {literal(str(into))} (format parquet, compression zstd, "
        "write_bloom_filter false, preserve_order true)"
    )
    return int(connection.execute(statement).fetchall()[0][0])


def list_faults(connection: duckdb.DuckDBPyConnection, written: Path, delivered: int, accepted: int) -> int:
    """Make table `at_fault`, values and texts of the rows that were kept out: those that `written` lacks and that are no
    copies. Return their number."""
    copies = [row for (row,) in connection.execute("select source_row_number from copies").fetchall()]
    at_fault = delivered - accepted - len(copies)
    if not at_fault:
        return 0
    connection.register("kept_out", pa.table({"source_row_number": _lacking(written, delivered, copies)}))
    connection.execute(
        "create table at_fault as select * from plain where source_row_number in (select source_row_number from kept_out)"
    )
    found = _rows_of(connection, "at_fault")
    if found != at_fault:
        raise RuntimeError(f"{at_fault} rows were kept out as at fault, {found} of them were found again")
    return found


def _lacking(written: Path, delivered: int, copies: Sequence[int]) -> pa.Array:
    """Numbers of the rows, 1 to `delivered`, that a Parquet file of typed rows does not have, without copies."""
    is_lacking = np.ones(delivered + 1, dtype=bool)
    is_lacking[[0, *copies]] = False
    with pq.ParquetFile(written) as file:
        for group in range(file.num_row_groups):
            is_lacking[file.read_row_group(group, ["source_row_number"]).column(0).to_numpy()] = False
    return pa.array(np.flatnonzero(is_lacking).astype(np.int32))


def _rows_of(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    counted = connection.execute(f"select count(*) from {table}").fetchall()
    return int(counted[0][0])


def list_problems(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    file_name: str,
    sha256: str,
    extra_rules: Mapping[str, str] | None = None,
) -> None:
    """Make table `problems`: every problem of every row at fault; the first rule that a column breaks is the one named.

    `extra_rules`: column -> SQL case that names the rule it breaks, for rules that are not on the value alone.
    """
    connection.execute(
        "create table problems (table_name varchar, rule_id varchar, column_name varchar, original_text varchar, "
        "file_name varchar, source_file_sha256 varchar, source_row_number integer)"
    )
    fixed = f"{literal(contract.table)}, rule_id, {{column}}, original_text, {literal(file_name)}, {literal(sha256)}, source_row_number"
    for column in contract.columns:
        cases = [f"when {rule.condition} then {literal(rule.rule_id)}" for rule in rules_of(column)]
        if extra_rules and column.name in extra_rules:
            cases.append(extra_rules[column.name])
        if cases:
            connection.execute(
                f"insert into problems select {fixed.format(column=literal(column.name))} from (select case "
                f"{' '.join(cases)} end as rule_id, {quoted(column.name + AS_DELIVERED)} as original_text, "
                "source_row_number from at_fault) where rule_id is not null"
            )
    if contract.grain and _rows_of(connection, "conflicting"):
        key = " || ' / ' || ".join(f"coalesce({quoted(name)}, 'empty')" for name in contract.grain)
        columns = literal(", ".join(contract.grain))
        connection.execute(
            f"insert into problems select {fixed.format(column=columns)} from (select 'conflicting_rows' as rule_id, "
            f"{key} as original_text, source_row_number from at_fault "
            "where source_row_number in (select source_row_number from conflicting))"
        )


def problem_rows(connection: duckdb.DuckDBPyConnection) -> pa.Table:
    """Table `problems`, in the order of the file."""
    ordered = connection.sql("select * from problems order by source_row_number, column_name")
    return ordered.to_arrow_table().cast(QUARANTINE_SCHEMA)
