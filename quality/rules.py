"""What a data rule is, and the words that rules are written with.

A rule names a table (`schema.table`), a Great Expectations expectation and the reason it is there. A
critical rule closes the gate; a warning is shown and the run goes on. Tables are named as text: no rule
needs to import a table.
Add here: a way of saying what rules often say. Keep out: rules themselves (`arrivals`, `core`, `publication`), those that
a contract implies (`contract_suites`), great_expectations.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

Severity = Literal["critical", "warning"]

ROW_COUNT = "row_count"
"""Column that a rule with `rows_per` judges: how many rows each of its groups has."""


@dataclass(frozen=True)
class CycleDay:
    """A day counted from the first day of the cycle's month; the cycle is known when the rule runs."""

    months: int = 0
    days: int = 0

    def on(self, cycle_id: str) -> pd.Timestamp:
        first = pd.Timestamp(f"{cycle_id}-01")
        return first + pd.DateOffset(months=self.months) + pd.Timedelta(days=self.days)


@dataclass(frozen=True)
class ThisCycle:
    """The identifier of the cycle that the rule runs in."""

    def on(self, cycle_id: str) -> str:
        return cycle_id


CYCLE_START = CycleDay()
CYCLE_END = CycleDay(months=1, days=-1)
LAST_CLOSED_MONTH = CycleDay(months=-1)
THIS_CYCLE = ThisCycle()


@dataclass(frozen=True)
class Rule:
    """One expectation on one table, with its reason.

    `where` keeps the rows that the rule is about (column -> value, or a tuple of values). `rows_per` judges
    groups instead of rows: the rule sees one row a group with its `row_count`. `keys` name the offending rows
    in examples. `holds_back` is False where a later table of the same gate is built from this one: such a rule
    closes the gate, but does not keep that table from being built. Rules of a table with the same `check` are shown as
    one Dagster check. `origin`: written by hand, or generated from the table's contract.
    """

    name: str
    table: str
    expectation: str
    why: str
    column: str | None = None
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    severity: Severity = "critical"
    where: Mapping[str, Any] = field(default_factory=dict)
    rows_per: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()
    holds_back: bool = True
    check: str = ""
    origin: Literal["written", "contract"] = "written"

    def check_name(self) -> str:
        """Name of the Dagster check that shows the rule: its own, or one that it shares with others of its table."""
        return self.check or self.name

    def judged(self) -> list[str]:
        """Columns whose values the rule judges."""
        pair = [self.kwargs[name] for name in ("column_A", "column_B") if name in self.kwargs]
        return [self.column] if self.column else pair or list(self.kwargs.get("column_list", ()))

    def shown(self) -> list[str]:
        """Columns that name a row at fault: its keys, then what is judged."""
        return [*self.keys, *(column for column in self.judged() if column not in self.keys)]

    def columns(self) -> list[str]:
        """Columns of the table that the rule needs, and no other."""
        is_counted = bool(self.rows_per) and self.column == ROW_COUNT
        named = [self.column] if self.column and not is_counted else []
        named += [self.kwargs[name] for name in ("column_A", "column_B") if name in self.kwargs]
        named += list(self.kwargs.get("column_list", ()))
        return list(dict.fromkeys([*self.keys, *self.rows_per, *self.where, *named]))

    def expectation_kwargs(self, cycle_id: str) -> dict[str, Any]:
        """Arguments of the expectation, with the days counted from the cycle."""
        kwargs = {name: _in_cycle(value, cycle_id) for name, value in self.kwargs.items()}
        return kwargs | ({"column": self.column} if self.column else {})

    def view(self) -> tuple[str, tuple[tuple[str, Any], ...], tuple[str, ...]]:
        """Rules with the same view are judged together: the same rows of the same table."""
        return self.table, tuple(sorted(self.where.items())), self.rows_per


def _in_cycle(value: Any, cycle_id: str) -> Any:
    if isinstance(value, CycleDay):
        return value.on(cycle_id).to_pydatetime()
    if isinstance(value, ThisCycle):
        return value.on(cycle_id)
    if isinstance(value, list | tuple):
        return [_in_cycle(member, cycle_id) for member in value]
    return value


# -- words of range and shape; `rest` takes severity, where, keys, and kwargs such as `mostly`


def _rule(
    name: str, table: str, expectation: str, why: str, kwargs: dict[str, Any], rest: dict[str, Any]
) -> Rule:
    """A rule without the bounds that are open, and with the arguments of its line on top."""
    closed = {key: value for key, value in kwargs.items() if value is not None}
    return Rule(name, table, expectation, why, kwargs=closed | rest.pop("kwargs", {}), **rest)


def rows_between(
    name: str, table: str, counting: str, low: int, high: int | None, why: str, **rest: Any
) -> Rule:
    """The rows that `where` keeps are so many; `counting` is the column read to count them."""
    rest["keys"] = (counting,)
    return _rule(
        name, table, "ExpectTableRowCountToBeBetween", why, {"min_value": low, "max_value": high}, rest
    )


def within(name: str, table: str, column: str, low: Any, high: Any, why: str, **rest: Any) -> Rule:
    """Every value lies between the two, both included; empty values are another rule's business."""
    rest["column"] = column
    return _rule(
        name, table, "ExpectColumnValuesToBeBetween", why, {"min_value": low, "max_value": high}, rest
    )


def not_negative(name: str, table: str, column: str, why: str, **rest: Any) -> Rule:
    return within(name, table, column, 0, None, why, **rest)


def above_zero(name: str, table: str, column: str, why: str, **rest: Any) -> Rule:
    rest["kwargs"] = {"strict_min": True} | rest.get("kwargs", {})
    return within(name, table, column, 0, None, why, **rest)


def share(name: str, table: str, column: str, why: str, **rest: Any) -> Rule:
    """A ratio that is a share: between 0 and 1."""
    return within(name, table, column, 0, 1, why, **rest)


def one_of(name: str, table: str, column: str, values: Sequence[Any], why: str, **rest: Any) -> Rule:
    rest["column"] = column
    return _rule(name, table, "ExpectColumnValuesToBeInSet", why, {"value_set": tuple(values)}, rest)


def filled(name: str, table: str, column: str, why: str, mostly: float = 1.0, **rest: Any) -> Rule:
    """At least this share of the rows has a value."""
    rest["column"] = column
    return _rule(name, table, "ExpectColumnValuesToNotBeNull", why, {"mostly": mostly}, rest)


def latest(name: str, table: str, column: str, low: Any, high: Any, why: str, **rest: Any) -> Rule:
    """The newest value lies between the two: is this the extract of this cycle?"""
    rest["column"] = column
    return _rule(name, table, "ExpectColumnMaxToBeBetween", why, {"min_value": low, "max_value": high}, rest)


def ordered(name: str, table: str, smaller: str, larger: str, why: str, **rest: Any) -> Rule:
    """The one column is never above the other; rows in which either is empty are left out."""
    pair = {"column_A": larger, "column_B": smaller, "or_equal": True}
    pair["ignore_row_if"] = "either_value_is_missing"
    return _rule(name, table, "ExpectColumnPairValuesAToBeGreaterThanB", why, pair, rest)


def rows_for_each(
    name: str, table: str, per: Sequence[str], low: int, high: int | None, why: str, **rest: Any
) -> Rule:
    """Every group has so many rows."""
    rest |= {"rows_per": tuple(per), "keys": tuple(per)}
    return within(name, table, ROW_COUNT, low, high, why, **rest)


def unique(name: str, table: str, columns: Sequence[str], why: str, **rest: Any) -> Rule:
    rest["keys"] = tuple(columns)
    return _rule(name, table, "ExpectCompoundColumnsToBeUnique", why, {"column_list": tuple(columns)}, rest)


def require_sound(rules: Sequence[Rule]) -> None:
    """Raise on rules that cannot be told apart or that give no reason."""
    times_written = Counter(rule.name for rule in rules)
    problems = [
        f"rule '{name}' is written {times} times" for name, times in times_written.items() if times > 1
    ]
    problems += [f"rule '{rule.name}' has no why" for rule in rules if not rule.why.strip()]
    misnamed = [rule for rule in rules if rule.table.count(".") != 1]
    problems += [f"rule '{rule.name}': table '{rule.table}' is not schema.table" for rule in misnamed]
    problems += [f"rule '{rule.name}' names no column to read" for rule in rules if not rule.columns()]
    if problems:
        listed = "\n * ".join(problems)
        raise ValueError(
            f"Data rules are not sound:\n * {listed}\nGive every rule a name of its own, a table, a column "
            f"and a reason."
        )
