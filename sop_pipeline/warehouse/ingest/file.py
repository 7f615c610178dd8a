"""One delivered file, from its bytes to typed rows, problems and counts.

The read and cast statements are generated from the contract, identifiers quoted, paths bound. Add here: a step that every
file takes. Keep out: the steps themselves, each a module of its own.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from sop_pipeline.delivery.company import NOTHING_DECLARED, CompanyFormats
from sop_pipeline.delivery.formats import Format
from sop_pipeline.delivery.names import files_called, names_of
from sop_pipeline.warehouse.contracts import Column, Contract
from sop_pipeline.warehouse.ingest.counts import PROBLEMS_SHOWN, check_counts
from sop_pipeline.warehouse.ingest.csv_files import (
    BrokenFile,
    CsvFacts,
    in_utf_8,
    refuse_broken_rows,
    scan_csv,
    with_one_line_end,
)
from sop_pipeline.warehouse.ingest.header import match_columns
from sop_pipeline.warehouse.ingest.ingested import (
    PROVENANCE,
    QUARANTINE_SCHEMA,
    IngestedFile,
    RejectedFile,
    listed,
)
from sop_pipeline.warehouse.ingest.parquet_files import read_parquet_schema, type_problems
from sop_pipeline.warehouse.ingest.plain import plain, repairs
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


def delivered_file(
    contract: Contract, folder: Path, company: CompanyFormats = NOTHING_DECLARED
) -> Path | None:
    """The file of a table in a landing folder, under the name that the company or the contract declares."""
    names = names_of(contract.name, contract.meta.get("file"), company.files.get(contract.name))
    found = [path for path in files_called(folder, names) if path.is_file()]
    if len(found) > 1:
        raise RejectedFile(
            f"{contract.table}: {len(found)} files of {folder} are called as its file is: "
            f"{', '.join(path.name for path in found)}. Deliver one."
        )
    return found[0] if found else None


def ingest_file(
    contract: Contract,
    folder: Path,
    quarantine_maximum_ratio: float,
    company: CompanyFormats = NOTHING_DECLARED,
) -> IngestedFile:
    """Type one delivered table. `company`: what formats.yml declares.

    An optional table that was not delivered is empty. Raises RejectedFile for a mandatory file that is missing, a file
    that is broken (`csv_files`, `parquet_files`), a header with missing, repeated or no columns, values written in
    another way than declared (decimal commas, dates with the day first), fewer rows than the contract asks for, and for
    more quarantined rows than `quarantine_maximum_ratio` of the file.
    """
    path = delivered_file(contract, folder, company)
    if path is None:
        return _not_delivered(contract, folder)
    of_table = company.format_of(contract.schema, contract.name, contract.declared_format)
    formats = {
        column.name: company.format_of_column(
            contract.name, {column.name, column.header}, of_table, column.declared_format
        )
        for column in contract.columns
    }
    try:
        return _ingest(contract, path, of_table, formats, quarantine_maximum_ratio)
    except BrokenFile as error:
        raise RejectedFile(f"{path.name} {error}") from error


def _ingest(
    contract: Contract,
    path: Path,
    written: Format,
    formats: Mapping[str, Format],
    quarantine_maximum_ratio: float,
) -> IngestedFile:
    with tempfile.TemporaryDirectory(prefix="sop-ingest-") as folder:
        is_csv = path.suffix.casefold() != ".parquet"
        read_from = path
        if is_csv and not written.is_utf_8:
            read_from = in_utf_8(path, written.encoding, Path(folder) / "in_utf_8.csv")
        facts = scan_csv(read_from, written) if is_csv else None
        schema = None if facts else read_parquet_schema(path)
        header = list(facts.header if facts else schema.names if schema else [])
        columns = match_columns(contract, path, header, written.delimiter)
        if schema and (problems := list(type_problems(schema, columns))):
            raise RejectedFile(listed(f"{path.name} does not have the types of {contract.table}", problems))
        if facts and facts.quotes:
            refuse_broken_rows(read_from, facts, written)
        sha256 = file_sha256(path)
        with _memory_database() as connection:
            delivered = _load_as_text(connection, path, read_from, facts, written, columns)
            if facts and not facts.quotes and facts.delimiters != (delivered + 1) * (len(header) - 1):
                refuse_broken_rows(
                    read_from, facts, written
                )  # DuckDB 2.0.0 shifts a row whose last of too many fields is empty
            for column in set(contract.columns) - set(columns.values()):
                connection.execute(f"alter table delivered add column {quoted(column.name)} varchar")
            fixes = _file_fixes(facts, written)
            if not (facts and facts.is_ascii):
                fixes += _mend_codes(connection, contract)
            fixes += _put_plainly(connection, contract, formats)
            repeated = _keep_out_repeated_keys(connection, contract)
            fixes += [f"{repeated} rows that came twice, word for word"] if repeated else []
            rows = _typed_rows(connection, contract, sha256)
            all_good = rows.num_rows == delivered - repeated
            quarantined = (
                QUARANTINE_SCHEMA.empty_table() if all_good else _problems(connection, contract, path, sha256)
            )
        ingested = IngestedFile(
            contract, path, sha256, rows, quarantined, delivered, delivered - repeated - rows.num_rows,
            tuple(name for name in header if name not in columns), tuple(fixes), formats,
        )  # fmt: skip
        check_counts(ingested, quarantine_maximum_ratio, read_from)
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


def _put_plainly(
    connection: duckdb.DuckDBPyConnection, contract: Contract, formats: Mapping[str, Format]
) -> list[str]:
    """Make view `plain`: the delivered values written the strict way; say how many of them were converted, and how."""
    values = ", ".join(
        f"{plain(column, formats[column.name])} as {quoted(column.name)}" for column in contract.columns
    )
    connection.execute(f"create view plain as select source_row_number, {values} from delivered")
    found = [
        (column, repair) for column in contract.columns for repair in repairs(column, formats[column.name])
    ]
    if not found:
        return []
    counts = ", ".join(f"count(*) filter (where {repair.condition})" for _, repair in found)
    counted = connection.execute(f"select {counts} from delivered").fetchone() or ()
    by_words: dict[str, list[str]] = {}
    for (column, repair), count in zip(found, counted, strict=False):
        if count:
            by_words.setdefault(repair.words, []).append(f"{count} in {column.header}")
    return [f"{words}: {', '.join(places)}" for words, places in by_words.items()]


def _memory_database() -> duckdb.DuckDBPyConnection:
    import duckdb

    connection = duckdb.connect()
    connection.execute("set autoinstall_known_extensions = false")
    connection.execute("set autoload_known_extensions = false")
    connection.execute("set preserve_insertion_order = true")
    connection.execute("set TimeZone = 'UTC'")
    return connection


def _load_as_text(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    read_from: Path,
    facts: CsvFacts | None,
    written: Format,
    columns: dict[str, Column],
) -> int:
    """Load the contract's columns as text into table `delivered`, rows numbered in file order; return their number."""
    with tempfile.TemporaryDirectory(prefix="sop-ingest-") as folder:
        if facts and facts.has_mixed_line_ends:
            read_from = with_one_line_end(read_from, Path(folder) / "delivered.csv")
        _read(connection, path, read_from, facts, written, columns)
    counted = connection.execute("select count(*) from delivered").fetchone()
    return int(counted[0]) if counted else 0


def _read(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    read_from: Path,
    facts: CsvFacts | None,
    written: Format,
    columns: dict[str, Column],
) -> None:
    import duckdb

    if facts is None:
        reader = "read_parquet($path)"
    else:
        declared = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in facts.header)
        reader = (
            f"read_csv($path, header = true, delim = {literal(written.delimiter)}, quote = {literal(written.quote)}, "
            f"escape = {literal(written.quote)}, auto_detect = false, columns = {{{declared}}}, strict_mode = true, null_padding = false, parallel = false)"
        )
    names = ", ".join(
        f"cast({quoted(name)} as varchar) as {quoted(column.name)}" for name, column in columns.items()
    )
    statement = (
        "create table delivered as "
        f"select cast(row_number() over () as integer) as source_row_number, {names} from {reader}"
    )
    try:
        connection.execute(statement, {"path": str(read_from)})
    except duckdb.Error as error:
        if facts:
            refuse_broken_rows(read_from, facts, written)  # says what and where, for every row
        reason = (
            str(error).splitlines()[0].split('": ')[-1].rstrip(".")
        )  # without the path of the landed copy
        raise RejectedFile(f"{path.name} cannot be read as a table: {reason}. Deliver it again.") from error


def _file_fixes(facts: CsvFacts | None, written: Format) -> list[str]:
    if facts is None:
        return []
    found = {
        f"read as {written.encoding}": not written.is_utf_8,
        "byte order mark": facts.has_byte_order_mark and written.encoding == "utf-8",
        "mixed line ends": facts.has_mixed_line_ends,
        "last line without an end: is the file whole?": not facts.ends_with_line_end,
    }
    return [what for what, is_so in found.items() if is_so]


def _mend_codes(connection: duckdb.DuckDBPyConnection, contract: Contract) -> list[str]:
    """Put codes right that hold wide or hidden characters, and refuse control characters; say what was put right."""
    fixes, problems = [], []
    texts = [column for column in contract.columns if column.data_type == "varchar"]
    are_odd = ", ".join(f"bool_or(regexp_matches({quoted(c.name)}, '[^ -~]'))" for c in texts) or "false"
    looked = connection.execute(f"select {are_odd} from delivered").fetchone() or ()
    for column in [column for column, is_odd in zip(texts, looked, strict=False) if is_odd]:
        name = quoted(column.name)
        odd = f"select {name}, count(*), min(source_row_number) from delivered where regexp_matches({name}, '[^ -~]') group by 1"
        found = connection.execute(odd).fetchall()
        problems += [
            f"column '{column.header}' has a control character, row {row}: {text!r}"
            for text, _, row in found
            if any(ord(c) < 32 or ord(c) == 127 for c in text.strip())
        ]
        mended = [(text, mended_code(text), n) for text, n, _ in found if mended_code(text) != text]
        if not mended or not is_code(column):
            continue
        for text, meant, _ in mended:
            connection.execute(f"update delivered set {name} = ? where {name} = ?", [meant, text])
        fixes.append(f"{sum(n for *_, n in mended)} codes with wide or hidden characters in {column.header}")
    if problems:
        remedy_line = "Remove them in the system that they come from, and deliver the file again."
        raise BrokenFile(listed("holds control characters", problems[:PROBLEMS_SHOWN]) + f"\n{remedy_line}")
    return fixes


def _keep_out_repeated_keys(connection: duckdb.DuckDBPyConnection, contract: Contract) -> int:
    """Where the contract wants one row a key on arrival: drop rows that repeat another word for word, and return how
    many; rows of one key with different content are listed in table `conflicting`, to be kept out."""
    connection.execute("create table conflicting (source_row_number integer)")
    if contract.delivery.get("repeated_keys") != "kept_out" or not contract.grain:
        return 0
    by_name = {column.name: column for column in contract.columns}
    everything = ", ".join(text_of(column) for column in contract.columns)
    deleted = connection.execute(
        "delete from delivered where source_row_number in (select source_row_number from (select source_row_number, "
        f"row_number() over (partition by {everything} order by source_row_number) as copy from plain) where copy > 1)"
    ).fetchone()
    key = ", ".join(text_of(by_name[name]) for name in contract.grain)
    connection.execute(
        "insert into conflicting select source_row_number from (select source_row_number, "
        f"count(*) over (partition by {key}) as rows_of_key from plain) where rows_of_key > 1"
    )
    return int(deleted[0]) if deleted else 0


# -- typing


def _typed_rows(connection: duckdb.DuckDBPyConnection, contract: Contract, sha256: str) -> pa.Table:
    columns = ", ".join(f"{typed(column)} as {quoted(column.name)}" for column in contract.columns)
    faults = [fault_of(column) for column in contract.columns]
    faults.append("source_row_number in (select source_row_number from conflicting)")
    statement = (
        f"select {columns}, $sha256 as source_file_sha256, source_row_number from plain "
        f"where not ({' or '.join(faults)}) order by source_row_number"
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
        rules = list(rules_of(column))
        if not rules:
            continue
        cases = " ".join(f"when {rule.condition} then {literal(rule.rule_id)}" for rule in rules)
        connection.execute(
            "insert into problems select rule_id, $column, original_text, source_row_number from ("
            f"select case {cases} end as rule_id, source_row_number from plain where {fault_of(column)}) "
            f"join (select source_row_number, {quoted(column.name)} as original_text from delivered) "
            "using (source_row_number)",
            {"column": column.name},
        )
    if contract.grain:
        key = " || ' / ' || ".join(f"coalesce({quoted(name)}, 'empty')" for name in contract.grain)
        connection.execute(
            f"insert into problems select 'conflicting_rows', $column, {key}, source_row_number from delivered "
            "where source_row_number in (select source_row_number from conflicting)",
            {"column": ", ".join(contract.grain)},
        )
    connection.execute(
        "create table named as select $table_name as table_name, rule_id, column_name, original_text, "
        "$file_name as file_name, $sha256 as source_file_sha256, source_row_number from problems",
        {"table_name": contract.table, "file_name": path.name, "sha256": sha256},
    )
    ordered = connection.sql("select * from named order by source_row_number, column_name")
    return ordered.to_arrow_table().cast(QUARANTINE_SCHEMA)
