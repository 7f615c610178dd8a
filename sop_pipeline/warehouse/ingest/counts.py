"""Is too much of a file kept out, or is it written in another way than declared? Then it is refused, with examples.

Add here: a rule on how much of a file may be wrong. Keep out: rules on values (`value_rules`), between files (deliveries).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sop_pipeline.delivery.formats import STRICT
from sop_pipeline.warehouse.ingest.csv_files import line_numbers
from sop_pipeline.warehouse.ingest.ingested import IngestedFile, RejectedFile, listed
from sop_pipeline.warehouse.ingest.value_rules import remedy, rules_of

EXAMPLES = 5
PROBLEMS_SHOWN = 10


def check_counts(ingested: IngestedFile, quarantine_maximum_ratio: float, read_from: Path) -> None:
    """Raise RejectedFile for fewer rows than the contract asks for, for values that say that the whole file is written
    in another way, and for more rows kept out than `quarantine_maximum_ratio` of it. `read_from`: the file in UTF-8, for the lines of examples."""
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
            _problems_message(ingested, read_from, told, written_otherwise)
            + "\nThe whole file is refused: what happens to read well in it may be wrong too. Export it again."
        )
    if ingested.quarantined_rows > quarantine_maximum_ratio * ingested.delivered_rows:
        told = (
            f"{path.name if path else ''}: {ingested.quarantined_rows} of {ingested.delivered_rows} rows of "
            f"{contract.table} break its contract, more than {quarantine_maximum_ratio:.1%}"
        )
        raise RejectedFile(
            _problems_message(ingested, read_from, told, found)
            + "\nCorrect the extract, or raise SOP_QUARANTINE_MAXIMUM_RATIO if these rows may be left out."
        )


def _problems_message(
    ingested: IngestedFile, read_from: Path, what: str, found: dict[tuple[str, str], int]
) -> str:
    """Problems by column and rule, most frequent first, with examples by line (in Parquet by row) and words on each."""
    columns = {column.name: column for column in ingested.contract.columns}
    examples = {key: _examples(ingested.quarantined, *key) for key in found}
    lines = {}
    if read_from.suffix.casefold() != ".parquet":
        lines = line_numbers(
            read_from, [row["source_row_number"] for rows in examples.values() for row in rows]
        )
    problems = []
    for (column, rule), count in sorted(found.items(), key=lambda item: (-item[1], item[0]))[:PROBLEMS_SHOWN]:
        shown = "; ".join(_located(row, lines) for row in examples[column, rule])
        name = columns[column].header if column in columns else column
        told = (
            "different rows of one key" if column not in columns
            else remedy(rule, examples[column, rule][0]["original_text"] or "", columns[column], ingested.formats.get(column, STRICT))
        )  # fmt: skip
        problems.append(
            f"{name}: {rule}, {count} row{'s' if count > 1 else ''}, e.g. {shown}{f' ({told})' if told else ''}"
        )
    return listed(what, problems)


def _examples(quarantined: pa.Table, column: str, rule: str) -> list[dict[str, Any]]:
    is_one = pc.and_(pc.equal(quarantined["column_name"], column), pc.equal(quarantined["rule_id"], rule))
    rows: list[dict[str, Any]] = quarantined.filter(is_one).slice(0, EXAMPLES).to_pylist()
    return rows


def _located(row: dict[str, Any], lines: dict[int, int]) -> str:
    number = row["source_row_number"]
    where = f"line {lines[number]}" if number in lines else f"row {number}"
    text = row["original_text"]
    return f"{where}: {'empty' if text is None else repr(text)}"
