"""Statements over typed rows: a planner input of a cycle as it was delivered becomes the one in force.

Add here: what a row must carry to say where it comes from. Keep out: who is right (`merge`), Parquet and lakes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from sop_pipeline.workbook.changes import Change, Statement
from sop_pipeline.workbook.contract import TableContract
from sop_pipeline.workbook.merge import Merged, RowName, State, replay
from sop_pipeline.workbook.values import Key, Row, key_of, key_words, text_of, value_of

AUTHOR, VERSION, SHA256, ROW_NUMBER = (
    "input_author",
    "input_version",
    "source_file_sha256",
    "source_row_number",
)
PROVENANCE = (AUTHOR, VERSION, SHA256, ROW_NUMBER)
"""Who wrote a row last and by which import (empty and 0 for a row as it was delivered), and where it stands in the file."""


@dataclass(frozen=True)
class InForce:
    """Planner inputs in force. `tables`: name -> typed rows with provenance. `merged`: how it came about."""

    tables: Mapping[str, pa.Table]
    merged: Merged
    statements: tuple[Statement, ...]


def in_force(
    contracts: Iterable[TableContract], delivered: Mapping[str, pa.Table], statements: Iterable[Statement]
) -> InForce:
    """Apply statements to delivered tables (by name, typed as the contract says, with source_file_sha256 and
    source_row_number). Rows keep their places; new ones come after them."""
    told, known = tuple(statements), {contract.name: contract for contract in contracts}
    places: dict[str, dict[Key, int]] = {}
    base: dict[RowName, Row] = {}
    for table in {change.table for one in told for change in one.changes} & known.keys():
        places[table] = {key: place for place, key in enumerate(keys_of(delivered[table], known[table]))}
    for change in (change for one in told for change in one.changes):
        place = places.get(change.table, {}).get(change.key)
        if place is not None and (change.table, change.key) not in base:
            base[change.table, change.key] = texts_of(
                delivered[change.table].slice(place, 1), known[change.table]
            )[0]
    merged = replay(base, told, known)
    tables = {
        name: _changed(contract, delivered[name], places.get(name, {}), base, merged)
        for name, contract in known.items()
    }
    return InForce(tables, merged, told)


def keys_of(rows: pa.Table, contract: TableContract) -> list[Key]:
    """The key of each row."""
    grain = [column for column in contract.columns if column.name in contract.grain]
    texts = {
        column.name: [text_of(value, column) or "" for value in rows[column.name].to_pylist()] for column in grain
    }  # fmt: skip
    return list(zip(*(texts[name] for name in contract.grain), strict=True))


def texts_of(rows: pa.Table, contract: TableContract) -> list[dict[str, str | None]]:
    """Rows as canonical texts, the contract's columns only."""
    columns = {c.name: [text_of(value, c) for value in rows[c.name].to_pylist()] for c in contract.columns}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _changed(
    contract: TableContract,
    delivered: pa.Table,
    places: Mapping[Key, int],
    base: Mapping[RowName, Row],
    merged: Merged,
) -> pa.Table:
    rows = delivered.append_column(AUTHOR, pa.nulls(delivered.num_rows, pa.string()))
    rows = rows.append_column(VERSION, pa.array([0] * delivered.num_rows, pa.int32()))
    new: list[dict[str, Any]] = []
    order: list[int] = list(range(delivered.num_rows))
    gone: set[int] = set()
    for (table, key), row in merged.rows.items():
        if table != contract.name or row == base.get((table, key)):
            continue
        place = places.get(key)
        if row is not None:
            new.append(_typed(contract, row, merged, (table, key)))
            number = delivered.num_rows + len(new) - 1
            if place is None:
                order.append(number)
            else:
                order[place] = number
        elif place is not None:
            gone.add(place)
    if not new and not gone:
        return rows
    kept = [number for number in order if number not in gone]
    added = pa.Table.from_pylist(new, schema=rows.schema)
    return pa.concat_tables([rows, added]).take(pa.array(kept, pa.int64())).combine_chunks()


def _typed(contract: TableContract, row: Row, merged: Merged, name: RowName) -> dict[str, Any]:
    said = merged.touched_by[name]
    values = {column.name: value_of(row.get(column.name), column) for column in contract.columns}
    return values | {
        AUTHOR: said.statement.author,
        VERSION: said.statement.number,
        SHA256: said.statement.sha256,
        ROW_NUMBER: said.change.row_number,
    }


def change_rows(found: InForce, cycle_id: str) -> list[dict[str, Any]]:
    """Rows of ingest.planner_changes: every change with what became of it."""
    states: Mapping[tuple[int, int], State] = found.merged.states
    return [
        {
            "cycle_id": cycle_id,
            "import_number": one.number,
            "change_number": place + 1,
            "imported_cycle_id": one.cycle_id,
            "author": one.author,
            "imported_at": one.imported_at,
            "table_name": f"planner.{change.table}",
            "row_key": key_words(change.key),
            "change_kind": change.kind,
            "column_name": change.column,
            "base_text": change.base,
            "value_text": _value_text(change),
            "change_state": states[one.number, place],
            "source_file_name": one.file_name,
            "source_file_sha256": one.sha256,
            "source_row_number": change.row_number,
        }
        for one in found.statements
        for place, change in enumerate(one.changes)
        if (one.number, place) in states
    ]


def _value_text(change: Change) -> str | None:
    if change.kind != "insert":
        return change.value
    filled = {name: text for name, text in (change.row or {}).items() if text is not None}
    return ", ".join(f"{name} {text}" for name, text in filled.items())


__all__ = ["PROVENANCE", "InForce", "change_rows", "in_force", "key_of", "keys_of", "texts_of"]
