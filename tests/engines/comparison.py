"""Holds the tables that two engines built from the same SQL against each other, row by row.

Add here: how equal a kind of column has to be. Keep out: which tables those are and how they were built.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from sop_pipeline.warehouse.contracts import Column, Contract

RELATIVE_TOLERANCE = {"double precision": 1e-9}
"""Kind of column -> how far apart two engines may be, relative to the larger number. What is not named here (keys, text,
days, flags, counts, decimals) is exactly equal: a decimal was rounded by a rule that both engines know."""
EXAMPLES = 5


@dataclass(frozen=True)
class Difference:
    """Where two engines do not agree: a table, a column, the rows, and what each engine says of the first of them."""

    table: str
    what: str
    rows: int
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [f"{self.table}: {self.what}", *(f"    {example}" for example in self.examples)]
        return "\n".join(lines)


def compare(contract: Contract, on_duckdb: pa.Table, on_postgres: pa.Table) -> list[Difference]:
    """Every column of a table that differs, the rows that one side alone has, and the grain where it is not unique.

    Both tables have the contract's columns and types. Rows are met by the contract's grain; a table without a grain is
    one of whole rows, each as often on one side as on the other.
    """
    order = [(column.name, "ascending") for column in contract.columns]
    if on_duckdb.sort_by(order).equals(on_postgres.sort_by(order)):
        return []
    connection = duckdb.connect()
    connection.register("on_duckdb", on_duckdb)
    connection.register("on_postgres", on_postgres)
    if not contract.grain:
        return list(_whole_rows(connection, contract))
    return [*_lonely_rows(connection, contract), *_unequal_columns(connection, contract)]


def _unequal_columns(connection: duckdb.DuckDBPyConnection, contract: Contract) -> Iterator[Difference]:
    same_key = " and ".join(f'd."{key}" is not distinct from p."{key}"' for key in contract.grain)
    values = [column for column in contract.columns if column.name not in contract.grain]
    if not values:
        return
    joined = f"from on_duckdb as d inner join on_postgres as p on {same_key}"
    counts = ", ".join(f"count(*) filter (where {_differs(column)})" for column in values)
    counted = connection.execute(f"select {counts} {joined}").fetchall()[0]
    for column, rows in zip(values, counted, strict=True):
        if not rows:
            continue
        keys = ", ".join(f'd."{key}"' for key in contract.grain)
        found = connection.execute(
            f'select d."{column.name}", p."{column.name}", {keys} {joined} where {_differs(column)} '
            f"order by {keys} limit {EXAMPLES}"
        ).fetchall()
        yield Difference(
            contract.table,
            f"column {column.name} ({column.data_type}) differs in {rows} of {_count(connection, 'on_duckdb')} rows",
            rows,
            tuple(f"{_key(contract.grain, key)}: DuckDB {a}, PostgreSQL {b}" for a, b, *key in found),
        )


def _differs(column: Column) -> str:
    left, right = f'd."{column.name}"', f'p."{column.name}"'
    tolerance = RELATIVE_TOLERANCE.get(column.data_type)
    if tolerance is None:
        return f"{left} is distinct from {right}"
    apart = f"abs({left} - {right}) > {tolerance} * greatest(abs({left}), abs({right}))"
    return f"(({left} is null) <> ({right} is null) or coalesce({apart}, false))"


def _lonely_rows(connection: duckdb.DuckDBPyConnection, contract: Contract) -> Iterator[Difference]:
    keys = ", ".join(f'"{key}"' for key in contract.grain)
    for name, here, there in (
        ("DuckDB", "on_duckdb", "on_postgres"),
        ("PostgreSQL", "on_postgres", "on_duckdb"),
    ):
        alone = f"select {keys} from {here} except all select {keys} from {there}"
        rows = connection.execute(f"select count(*) from ({alone})").fetchall()[0][0]
        if rows:
            found = connection.execute(f"select * from ({alone}) order by {keys} limit {EXAMPLES}").fetchall()
            yield Difference(
                contract.table,
                f"{rows} of {_count(connection, here)} rows are on {name} alone",
                rows,
                tuple(_key(contract.grain, key) for key in found),
            )


def _whole_rows(connection: duckdb.DuckDBPyConnection, contract: Contract) -> Iterator[Difference]:
    everything = [column.name for column in contract.columns]
    whole = Contract(
        contract.schema, contract.name, "", contract.columns, tuple(everything), contract.path, True
    )
    yield from _lonely_rows(connection, whole)


def _key(names: Sequence[str], values: Sequence[Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in zip(names, values, strict=True))


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.execute(f"select count(*) from {table}").fetchall()[0][0])
