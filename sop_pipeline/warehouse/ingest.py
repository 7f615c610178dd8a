"""From a landed file to a typed lake table: header matched by name, all read as text, cast by the contract, row quarantine.

The read and cast statements are generated from the contract, identifiers quoted, paths bound. Add here: a rule that
holds for every delivered file. Keep out: whether a file is whole (`csv_files`, `parquet_files`), what one value must be
(`value_rules`), what one ERP means by a column (dbt staging), rules over two tables (dbt erp).
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from sop_pipeline.warehouse.contracts import Column, Contract
from sop_pipeline.warehouse.csv_files import (
    BrokenFile,
    CsvFacts,
    line_numbers,
    refuse_broken_rows,
    scan_csv,
    with_one_line_end,
)
from sop_pipeline.warehouse.parquet_files import read_parquet_schema, type_problems
from sop_pipeline.warehouse.value_rules import (
    fault_of,
    is_code,
    literal,
    mended_code,
    quoted,
    remedy,
    rules_of,
    text_of,
    typed,
)

if TYPE_CHECKING:
    import duckdb

EXAMPLES = 5
PROBLEMS_SHOWN = 10
PROVENANCE = pa.schema([("source_file_sha256", pa.string()), ("source_row_number", pa.int32())])


class RejectedFile(ValueError):
    """A delivered file is not what the contract says; nothing of it is loaded. The message names file, rule, remedy."""


@dataclass(frozen=True)
class IngestedFile:
    """A landed file made into a table: typed rows with provenance, problems of rows kept out, and the counts.

    `rows`: the contract's columns plus source_file_sha256 and source_row_number. `quarantined`: columns of
    ingest.quarantined_rows except cycle_id. `fixes`: what was put right in reading, in words and counts.
    """

    contract: Contract
    path: Path | None
    sha256: str | None
    rows: pa.Table
    quarantined: pa.Table
    delivered_rows: int
    quarantined_rows: int
    ignored_columns: tuple[str, ...] = ()
    fixes: tuple[str, ...] = ()


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

    An optional table that was not delivered is empty. Raises RejectedFile for a mandatory file that is missing, a file
    that is broken (`csv_files`, `parquet_files`), a header with missing, repeated or no columns, values written in
    another way than the contract's (decimal commas, dates with the day first), fewer rows than the contract asks for,
    and for more quarantined rows than `quarantine_maximum_ratio` of the file.
    """
    path = delivered_file(contract, folder)
    if path is None:
        return _not_delivered(contract, folder)
    try:
        return _ingest(contract, path, quarantine_maximum_ratio)
    except BrokenFile as error:
        raise RejectedFile(f"{path.name} {error}") from error


def _ingest(contract: Contract, path: Path, quarantine_maximum_ratio: float) -> IngestedFile:
    facts = scan_csv(path) if path.suffix != ".parquet" else None
    schema = None if facts else read_parquet_schema(path)
    header = list(facts.header if facts else schema.names if schema else [])
    _check_header(contract, path, header)
    columns = {header[_folded(header).index(c.header.casefold())]: c for c in contract.columns}
    if schema and (problems := list(type_problems(schema, columns))):
        raise RejectedFile(_listed(f"{path.name} does not have the types of {contract.table}", problems))
    if facts and facts.quotes:
        refuse_broken_rows(path, facts)
    sha256 = file_sha256(path)
    with _memory_database() as connection:
        delivered = _load_as_text(connection, path, facts, columns)
        if facts and not facts.quotes and facts.delimiters != (delivered + 1) * (len(header) - 1):
            refuse_broken_rows(
                path, facts
            )  # DuckDB 2.0.0 shifts a row whose last of too many fields is empty
        fixes = _file_fixes(facts)
        if not (facts and facts.is_ascii):
            fixes += _mend_codes(connection, contract)
        repeated = _keep_out_repeated_keys(connection, contract)
        fixes += [f"{repeated} rows that came twice, word for word"] if repeated else []
        rows = _typed_rows(connection, contract, sha256)
        all_good = rows.num_rows == delivered - repeated
        quarantined = (
            QUARANTINE_SCHEMA.empty_table() if all_good else _problems(connection, contract, path, sha256)
        )
    ingested = IngestedFile(
        contract, path, sha256, rows, quarantined, delivered, delivered - repeated - rows.num_rows,
        tuple(name for name in header if name not in columns), tuple(fixes),
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


def _listed(what: str, problems: Iterable[str]) -> str:
    return f"{what}:\n * " + "\n * ".join(problems)


# -- the header


def _folded(names: Iterable[str]) -> list[str]:
    return [name.casefold() for name in names]


def _check_header(contract: Contract, path: Path, header: list[str]) -> None:
    expected = [column.header for column in contract.columns]
    found = _folded(header)
    if not set(found) & set(_folded(expected)):
        raise RejectedFile(_no_header_message(contract, path, header, expected))
    known = set(_folded(expected))
    problems = [
        f"column '{header[found.index(name)]}' stands {found.count(name)} times"
        for name in dict.fromkeys(found)
        if found.count(name) > 1
    ]
    unknown = [name for name in header if name.casefold() not in known]
    for name in expected:
        if name.casefold() not in found:
            guess = get_close_matches(name.casefold(), _folded(unknown), n=1)
            words = f" (did you mean '{unknown[_folded(unknown).index(guess[0])]}'?)" if guess else ""
            problems.append(f"column '{name}' is missing{words}")
    if problems:
        raise RejectedFile(
            _listed(f"{path.name} does not have the header of {contract.table}", problems)
            + f"\nExpected: {', '.join(expected)}.\nFound: {', '.join(map(_shown, header))}."
            + "\nName the columns as expected, in any order, and deliver the file again."
        )


def _no_header_message(contract: Contract, path: Path, header: list[str], expected: list[str]) -> str:
    first = ",".join(header)
    for delimiter, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if set(_folded(part.strip('" ') for part in first.split(delimiter))) & set(_folded(expected)):
            return (
                f"{path.name} is separated by {name}, not by commas: its first line is {_shown(first)}. "
                "Export it with commas, and with quotes around texts that hold one."
            )
    return (
        f"{path.name} has no header line: its first line is {_shown(first)}, and none of that is a column of "
        f"{contract.table}. Export it with the column names in the first line: {', '.join(expected)}."
    )


def _shown(text: str) -> str:
    return text if text.isprintable() and len(text) <= 80 else repr(text[:80])


# -- reading


def _memory_database() -> duckdb.DuckDBPyConnection:
    import duckdb

    connection = duckdb.connect()
    connection.execute("set autoinstall_known_extensions = false")
    connection.execute("set autoload_known_extensions = false")
    connection.execute("set preserve_insertion_order = true")
    connection.execute("set TimeZone = 'UTC'")
    return connection


def _load_as_text(
    connection: duckdb.DuckDBPyConnection, path: Path, facts: CsvFacts | None, columns: dict[str, Column]
) -> int:
    """Load the contract's columns as text into table `delivered`, rows numbered in file order; return their number."""
    with tempfile.TemporaryDirectory(prefix="sop-ingest-") as folder:
        read_from = path
        if facts and facts.has_mixed_line_ends:
            read_from = with_one_line_end(path, Path(folder) / "delivered.csv")
        _read(connection, path, read_from, facts, columns)
    counted = connection.execute("select count(*) from delivered").fetchone()
    return int(counted[0]) if counted else 0


def _read(
    connection: duckdb.DuckDBPyConnection,
    path: Path,
    read_from: Path,
    facts: CsvFacts | None,
    columns: dict[str, Column],
) -> None:
    import duckdb

    if facts is None:
        reader = "read_parquet($path)"
    else:
        declared = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in facts.header)
        reader = (
            "read_csv($path, header = true, delim = ',', quote = '\"', escape = '\"', auto_detect = false, "
            f"columns = {{{declared}}}, strict_mode = true, null_padding = false, parallel = false)"
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
            refuse_broken_rows(path, facts)  # says what and where, for every row
        reason = (
            str(error).splitlines()[0].split('": ')[-1].rstrip(".")
        )  # without the path of the landed copy
        raise RejectedFile(f"{path.name} cannot be read as a table: {reason}. Deliver it again.") from error


def _file_fixes(facts: CsvFacts | None) -> list[str]:
    if facts is None:
        return []
    found = {
        "byte order mark": facts.has_byte_order_mark,
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
        raise BrokenFile(_listed("holds control characters", problems[:PROBLEMS_SHOWN]) + f"\n{remedy_line}")
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
        f"row_number() over (partition by {everything} order by source_row_number) as copy from delivered) where copy > 1)"
    ).fetchone()
    key = ", ".join(text_of(by_name[name]) for name in contract.grain)
    connection.execute(
        "insert into conflicting select source_row_number from (select source_row_number, "
        f"count(*) over (partition by {key}) as rows_of_key from delivered) where rows_of_key > 1"
    )
    return int(deleted[0]) if deleted else 0


# -- typing


def _typed_rows(connection: duckdb.DuckDBPyConnection, contract: Contract, sha256: str) -> pa.Table:
    columns = ", ".join(f"{typed(column)} as {quoted(column.name)}" for column in contract.columns)
    faults = [fault_of(column) for column in contract.columns]
    faults.append("source_row_number in (select source_row_number from conflicting)")
    statement = (
        f"select {columns}, $sha256 as source_file_sha256, source_row_number from delivered "
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
            f"select case {cases} end as rule_id, {quoted(column.name)} as original_text, source_row_number "
            f"from delivered where {fault_of(column)})",
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


# -- is it too much?


def _check_counts(ingested: IngestedFile, quarantine_maximum_ratio: float) -> None:
    contract, path = ingested.contract, ingested.path
    minimum = int(contract.delivery.get("minimum_rows", 0))
    if ingested.delivered_rows < minimum:
        optional = contract.delivery.get("mandatory", True) is False
        raise RejectedFile(
            f"{path.name if path else contract.table}: {ingested.delivered_rows} rows, "
            f"{contract.table} needs at least {minimum}. Deliver the whole extract"
            + (", or leave the file out where the company has none of it." if optional else ".")
        )
    refusing = {
        (column.name, rule.rule_id) for column in contract.columns for rule in rules_of(column) if rule.refuses_file
    }  # fmt: skip
    groups = ingested.quarantined.group_by(["column_name", "rule_id"]).aggregate([("rule_id", "count")])
    found = {(g["column_name"], g["rule_id"]): g["rule_id_count"] for g in groups.to_pylist()}
    written_otherwise = {key: count for key, count in found.items() if key in refusing}
    if written_otherwise:
        told = f"{path.name if path else ''}: values of {contract.table} are written in another way than its contract says"
        raise RejectedFile(
            _problems_message(ingested, told, written_otherwise)
            + "\nThe whole file is refused: what happens to read well in it may be wrong too. Export it again."
        )
    if ingested.quarantined_rows > quarantine_maximum_ratio * ingested.delivered_rows:
        told = (
            f"{path.name if path else ''}: {ingested.quarantined_rows} of {ingested.delivered_rows} rows of "
            f"{contract.table} break its contract, more than {quarantine_maximum_ratio:.1%}"
        )
        raise RejectedFile(
            _problems_message(ingested, told, found)
            + "\nCorrect the extract, or raise SOP_QUARANTINE_MAXIMUM_RATIO if these rows may be left out."
        )


def _problems_message(ingested: IngestedFile, what: str, found: dict[tuple[str, str], int]) -> str:
    """Problems by column and rule, most frequent first, with examples by line (in Parquet by row) and words on each."""
    columns = {column.name: column for column in ingested.contract.columns}
    examples = {key: _examples(ingested.quarantined, *key) for key in found}
    lines = {}
    if ingested.path and ingested.path.suffix != ".parquet":
        lines = line_numbers(
            ingested.path, [row["source_row_number"] for rows in examples.values() for row in rows]
        )
    problems = []
    for (column, rule), count in sorted(found.items(), key=lambda item: (-item[1], item[0]))[:PROBLEMS_SHOWN]:
        shown = "; ".join(_located(row, lines) for row in examples[column, rule])
        name = columns[column].header if column in columns else column
        told = (
            "different rows of one key" if column not in columns
            else remedy(rule, examples[column, rule][0]["original_text"] or "", columns[column])
        )  # fmt: skip
        problems.append(
            f"{name}: {rule}, {count} row{'s' if count > 1 else ''}, e.g. {shown}{f' ({told})' if told else ''}"
        )
    return _listed(what, problems)


def _examples(quarantined: pa.Table, column: str, rule: str) -> list[dict[str, Any]]:
    is_one = pc.and_(pc.equal(quarantined["column_name"], column), pc.equal(quarantined["rule_id"], rule))
    rows: list[dict[str, Any]] = quarantined.filter(is_one).slice(0, EXAMPLES).to_pylist()
    return rows


def _located(row: dict[str, Any], lines: dict[int, int]) -> str:
    number = row["source_row_number"]
    where = f"line {lines[number]}" if number in lines else f"row {number}"
    text = row["original_text"]
    return f"{where}: {'empty' if text is None else repr(text)}"
