"""Rules as SQL that counts: how many rows were judged, how many are at fault, which, or what the whole table shows.

Great Expectations never sees a fact table: the engine that holds the table counts, in one look at each view of it, and
the gate judges the counts (`suites`). Statements are generated from rules: identifiers quoted, values bound.
Add here: how another expectation is counted. Keep out: hand-written SQL (dbt), rules, great_expectations.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from quality.rules import ROW_COUNT, Rule
from sop_pipeline.warehouse.ingest.value_rules import quoted
from sop_pipeline.warehouse.reader import Scan

if TYPE_CHECKING:
    import duckdb

Scanning = Callable[[], AbstractContextManager[Scan]]
"""Opens the tables of a cycle to be counted."""

EXAMPLES = 5


class CannotCount(ValueError):
    """A rule asks for what cannot be counted: its expectation is not known here, or its columns do not fit it."""


@dataclass(frozen=True)
class Evidence:
    """What a rule's table shows. `rows`: rows, or groups, that the rule is about; `judged`: those with a value;
    `at_fault`: of these, the ones that break it; `observed`: the one figure of rules on the whole table.
    """

    rows: int
    judged: int
    at_fault: int
    observed: Any = None
    examples: tuple[dict[str, Any], ...] = ()
    missing: tuple[Any, ...] = ()


def count_evidence(rules: Sequence[Rule], scan: Scan, cycle_id: str) -> dict[str, Evidence]:
    """Evidence by rule. All rules are of one table. Raises CannotCount."""
    table = rules[0].table
    columns = list(dict.fromkeys(column for rule in rules for column in rule.columns()))
    views: dict[Any, list[Rule]] = {}
    for rule in rules:
        views.setdefault(rule.view(), []).append(rule)
    connection, relation = scan(table, columns)
    found: dict[str, Evidence] = {}
    for rules_of_view in views.values():
        found |= _View(connection, relation, rules_of_view[0]).count(rules_of_view, cycle_id)
    return found


class _View:
    """The rows, or groups of rows, that some rules are about."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, relation: str, rule: Rule) -> None:
        self.connection = connection
        self.bound: list[Any] = []
        conditions = []
        for column, wanted in rule.where.items():
            values = list(wanted) if isinstance(wanted, tuple) else [wanted]
            conditions.append(f"{quoted(column)} in ({', '.join('?' * len(values))})")
            self.bound += values
        where = f" where {' and '.join(conditions)}" if conditions else ""
        self.rows = f"(select * from {relation}{where})"
        if rule.rows_per:
            per = ", ".join(quoted(column) for column in rule.rows_per)
            self.rows = f"(select {per}, count(*) as {ROW_COUNT} from {self.rows} group by {per})"

    def count(self, rules: Sequence[Rule], cycle_id: str) -> dict[str, Evidence]:
        """One look counts for all rules; rows at fault, of which there are few, are looked up by rule."""
        figures, bound = ["count(*)"], []
        for rule in rules:
            sql, values = _figures(rule, rule.expectation_kwargs(cycle_id))
            figures += sql
            bound += values
        row = self._query(f"select {', '.join(figures)} from {self.rows}", bound)[0]
        found, place = {}, 1
        for rule in rules:
            first, second = row[place], row[place + 1]
            place += 2
            found[rule.name] = self._evidence(
                rule, rule.expectation_kwargs(cycle_id), int(row[0]), first, second
            )
        return found

    def _evidence(self, rule: Rule, kwargs: dict[str, Any], rows: int, first: Any, second: Any) -> Evidence:
        if rule.expectation in _FIGURES:
            return Evidence(rows, rows, 0, observed=first)
        if rule.expectation == "ExpectColumnDistinctValuesToContainSet":
            there = {
                value
                for (value,) in self._query(f"select distinct {quoted(str(rule.column))} from {self.rows}")
            }
            missing = tuple(value for value in kwargs["value_set"] if value not in there)
            return Evidence(rows, rows, len(missing), missing=missing)
        if rule.expectation == "ExpectCompoundColumnsToBeUnique":
            return self._repeated(rule, rows)
        if rule.expectation == "ExpectTableColumnsToMatchSet":
            return self._other_columns(kwargs["column_set"], rows)
        judged, at_fault = int(first), int(second)
        examples = self._examples(rule, kwargs) if at_fault else ()
        return Evidence(rows, judged, at_fault, examples=examples)

    def _examples(self, rule: Rule, kwargs: dict[str, Any]) -> tuple[dict[str, Any], ...]:
        condition, values = _fault(rule, kwargs)
        shown = rule.shown()
        names = ", ".join(quoted(column) for column in shown)
        found = self._query(f"select {names} from {self.rows} where {condition} limit {EXAMPLES}", [], values)
        return tuple(dict(zip(shown, row, strict=True)) for row in found)

    def _repeated(self, rule: Rule, rows: int) -> Evidence:
        columns = list(rule.kwargs["column_list"])
        names = ", ".join(quoted(column) for column in columns)
        groups = f"(select {names}, count(*) as times from {self.rows} group by {names} having count(*) > 1)"
        at_fault = int(self._query(f"select coalesce(sum(times), 0) from {groups}")[0][0])
        found = self._query(f"select {names} from {groups} limit {EXAMPLES}") if at_fault else []
        return Evidence(
            rows, rows, at_fault, examples=tuple(dict(zip(columns, row, strict=True)) for row in found)
        )

    def _other_columns(self, wanted: Sequence[str], rows: int) -> Evidence:
        """Columns of the contract that the table lacks, or has in another type."""
        there = {
            f"{name} {_plain(kind)}" for name, kind, *_ in self._query(f"describe select * from {self.rows}")
        }
        missing = tuple(
            column for column in wanted if f"{_name(column)} {_plain(_type(column))}" not in there
        )
        return Evidence(rows, len(wanted), len(missing), missing=missing)

    def _query(
        self, sql: str, before: Sequence[Any] = (), after: Sequence[Any] = ()
    ) -> list[tuple[Any, ...]]:
        import duckdb

        try:
            return self.connection.execute(sql, [*before, *self.bound, *after]).fetchall()
        except duckdb.Error as error:
            raise CannotCount(str(error).splitlines()[0]) from error


_FIGURES = {
    "ExpectTableRowCountToBeBetween": "count(*)",
    "ExpectColumnMaxToBeBetween": "max({column})",
    "ExpectColumnSumToBeBetween": "sum({column})",
    "ExpectColumnUniqueValueCountToBeBetween": "count(distinct {column})",
}
"""Expectations on one figure of the whole table."""

_LOOKED_UP = (
    "ExpectColumnDistinctValuesToContainSet",
    "ExpectCompoundColumnsToBeUnique",
    "ExpectTableColumnsToMatchSet",
)


def _name(column: str) -> str:
    return column.split(" ", 1)[0]


def _type(column: str) -> str:
    return column.split(" ", 1)[1]


def _plain(data_type: str) -> str:
    """A type in DuckDB's words, without blanks."""
    plain = data_type.lower().replace(" ", "").replace("doubleprecision", "double")
    return {"text": "varchar", "int": "integer"}.get(plain, plain)


def _figures(rule: Rule, kwargs: dict[str, Any]) -> tuple[list[str], list[Any]]:
    """Two figures of a rule: rows with a value and rows at fault, or the one that the whole table shows."""
    if rule.expectation in _FIGURES:
        return [_FIGURES[rule.expectation].format(column=quoted(rule.column or "*")), "0"], []
    if rule.expectation in _LOOKED_UP:
        return ["0", "0"], []
    condition, values = _fault(rule, kwargs)
    filled = " and ".join(f"{quoted(column)} is not null" for column in rule.judged())
    judged = "count(*)" if "Null" in rule.expectation else f"count(*) filter (where {filled})"
    return [judged, f"count(*) filter (where {condition})"], values


def _fault(rule: Rule, kwargs: dict[str, Any]) -> tuple[str, list[Any]]:
    """The condition that a row at fault meets, and the values bound in it."""
    if rule.expectation == "ExpectColumnPairValuesAToBeGreaterThanB":
        larger, smaller = quoted(kwargs["column_A"]), quoted(kwargs["column_B"])
        return f"{larger} {'<' if kwargs.get('or_equal') else '<='} {smaller}", []
    column = quoted(str(rule.column))
    if rule.expectation == "ExpectColumnValuesToNotBeNull":
        return f"{column} is null", []
    if rule.expectation == "ExpectColumnValuesToBeNull":
        return f"{column} is not null", []
    if rule.expectation == "ExpectColumnValuesToBeInSet":
        values = list(kwargs["value_set"])
        return f"{column} not in ({', '.join('?' * len(values))})", values
    if rule.expectation in ("ExpectColumnValuesToBeBetween", "ExpectColumnValueLengthsToBeBetween"):
        value = f"length({column})" if "Lengths" in rule.expectation else column
        bounds = [
            (f"{value} {'<=' if kwargs.get('strict_min') else '<'} ?", kwargs.get("min_value")),
            (f"{value} {'>=' if kwargs.get('strict_max') else '>'} ?", kwargs.get("max_value")),
        ]
        given = [(condition, bound) for condition, bound in bounds if bound is not None]
        return " or ".join(condition for condition, _ in given) or "false", [bound for _, bound in given]
    raise CannotCount(f"{rule.expectation} is not an expectation that quality/counting.py knows how to count")


def ratio_at_fault(evidence: Evidence) -> float:
    """Share of the judged rows that is at fault; 0 where none was judged."""
    return evidence.at_fault / evidence.judged if evidence.judged else 0.0


def measured(rule: Rule, evidence: Evidence) -> Any:
    """The figure that the gate judges: that of the whole table, a number of missing values, or a share of rows."""
    if rule.expectation in _FIGURES:
        value = evidence.observed
        is_day = hasattr(value, "year")
        return pd.Timestamp(value) if is_day else value if value is None else float(value)
    if rule.expectation in ("ExpectColumnDistinctValuesToContainSet", "ExpectTableColumnsToMatchSet"):
        return float(len(evidence.missing))
    return ratio_at_fault(evidence)
