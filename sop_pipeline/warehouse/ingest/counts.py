"""Is too much of a file kept out, or is it written in another way than declared? Then it is refused, with examples.

Add here: a rule on how much of a file may be wrong. Keep out: rules on values (`value_rules`), between files (deliveries).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sop_pipeline.delivery.formats import STRICT, Format
from sop_pipeline.warehouse.contracts import Contract
from sop_pipeline.warehouse.ingest.csv_files import line_numbers
from sop_pipeline.warehouse.ingest.ingested import RejectedFile, listed
from sop_pipeline.warehouse.ingest.value_rules import remedy, rules_of

if TYPE_CHECKING:
    import duckdb

EXAMPLES = 5
PROBLEMS_SHOWN = 10
Example = tuple[int, str | None]
"""Row and text of a problem."""


def check_counts(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    path: Path,
    read_from: Path,
    formats: Mapping[str, Format],
    delivered: int,
    at_fault: int,
    quarantine_maximum_ratio: float,
) -> None:
    """Raise RejectedFile for fewer rows than the contract asks for, for values that say that the whole file is written
    in another way, and for more rows kept out than `quarantine_maximum_ratio` of it.

    Reads table `problems`. `read_from`: the file in UTF-8, for the lines of examples.
    """
    minimum = int(contract.delivery.get("minimum_rows", 0))
    if delivered < minimum:
        optional = contract.delivery.get("mandatory", True) is False
        raise RejectedFile(
            f"{path.name}: {delivered} rows, {contract.table} needs at least {minimum}. Deliver the whole extract"
            + (", or leave the file out where the company has none of it." if optional else ".")
        )
    if not at_fault:
        return
    refusing = {
        (column.name, rule.rule_id) for column in contract.columns for rule in rules_of(column) if rule.refuses_file
    }  # fmt: skip
    counted = connection.execute("select column_name, rule_id, count(*) from problems group by 1, 2")
    found = {(column, rule): count for column, rule, count in counted.fetchall()}
    written_otherwise = {key: count for key, count in found.items() if key in refusing}
    if written_otherwise:
        told = f"{path.name}: values of {contract.table} are written in another way than its contract says"
        raise RejectedFile(
            _message(connection, contract, read_from, formats, told, written_otherwise)
            + "\nThe whole file is refused: what happens to read well in it may be wrong too. Export it again."
        )
    if at_fault > quarantine_maximum_ratio * delivered:
        told = (
            f"{path.name}: {at_fault} of {delivered} rows of {contract.table} break its contract, more than "
            f"{quarantine_maximum_ratio:.1%}"
        )
        raise RejectedFile(
            _message(connection, contract, read_from, formats, told, found)
            + "\nCorrect the extract, or raise SOP_QUARANTINE_MAXIMUM_RATIO if these rows may be left out."
        )


def _message(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    read_from: Path,
    formats: Mapping[str, Format],
    what: str,
    found: dict[tuple[str, str], int],
) -> str:
    """Problems by column and rule, most frequent first, with examples by line (in Parquet by row) and words on each."""
    columns = {column.name: column for column in contract.columns}
    most_frequent = sorted(found.items(), key=lambda item: (-item[1], item[0]))[:PROBLEMS_SHOWN]
    examples = {key: _examples(connection, *key) for key, _ in most_frequent}
    lines: dict[int, int] = {}
    if read_from.suffix.casefold() != ".parquet":
        lines = line_numbers(read_from, [row for rows in examples.values() for row, _ in rows])
    problems = []
    for (name, rule), count in most_frequent:
        shown = "; ".join(_located(row, text, lines) for row, text in examples[name, rule])
        first = examples[name, rule][0][1] or ""
        told = (
            "different rows of one key" if name not in columns
            else remedy(rule, first, columns[name], formats.get(name, STRICT))
        )  # fmt: skip
        header = columns[name].header if name in columns else name
        problems.append(
            f"{header}: {rule}, {count} row{'s' if count > 1 else ''}, e.g. {shown}{f' ({told})' if told else ''}"
        )
    return listed(what, problems)


def _examples(connection: duckdb.DuckDBPyConnection, column: str, rule: str) -> list[Example]:
    rows = connection.execute(
        "select source_row_number, original_text from problems where column_name = ? and rule_id = ? "
        f"order by source_row_number limit {EXAMPLES}",
        [column, rule],
    )
    return [(int(row), text) for row, text in rows.fetchall()]


def _located(row: int, text: str | None, lines: Mapping[int, int]) -> str:
    where = f"line {lines[row]}" if row in lines else f"row {row}"
    return f"{where}: {'empty' if text is None else repr(text)}"
