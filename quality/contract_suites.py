"""The suite that a table's contract implies: columns and types, required values, accepted values, keys, ranges.

Ingest casts by the same contract and dbt enforces it while it builds; this suite asks the table that stands there, however
its rows came, and is the document of it. One Dagster check a table shows all of its rules.
Add here: what another word of a contract implies. Keep out: rules that a contract cannot know (`arrivals`, `core`,
`publication`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import pandas as pd

from quality.rules import Rule, Severity, filled, one_of, unique, within
from sop_pipeline.warehouse.contracts import Column, Contract
from sop_pipeline.warehouse.ingest.value_rules import FIRST_DAY, LARGEST_NUMBER, LAST_DAY

CHECK = "holds_its_contract"
"""Name of the Dagster check that shows the suite of a table."""

_NUMBERS = ("decimal", "double", "integer", "bigint")


def contract_suite(contract: Contract, holds_back: bool = True) -> list[Rule]:
    """Rules that a contract implies. Of a delivered table whose repeated keys dbt judges, the key only warns."""
    rules = [_types_rule(contract)]
    for column in contract.columns:
        rules += _column_rules(contract.table, column)
    if contract.grain:
        is_judged_later = bool(contract.delivery) and contract.delivery.get("repeated_keys") != "kept_out"
        rules.append(_key_rule(contract, "warning" if is_judged_later else "critical"))
    return [replace(rule, check=CHECK, origin="contract", holds_back=holds_back) for rule in rules]


def contract_suites(contracts: Iterable[Contract], holds_back: bool = True) -> list[Rule]:
    """Rules that several contracts imply."""
    return [rule for contract in contracts for rule in contract_suite(contract, holds_back)]


def _named(table: str, what: str) -> str:
    return f"{table.replace('.', '_')}__{what}"


def _types_rule(contract: Contract) -> Rule:
    wanted = tuple(f"{column.name} {column.data_type}" for column in contract.columns)
    return Rule(
        _named(contract.table, "has_its_columns"), contract.table, "ExpectTableColumnsToMatchSet",
        "A column that is missing or of another type was written by something that does not know the contract.",
        kwargs={"column_set": wanted, "exact_match": False}, keys=(contract.columns[0].name,),
    )  # fmt: skip


def _key_rule(contract: Contract, severity: Severity) -> Rule:
    why = f"One row per {', '.join(contract.grain)}: a key that stands twice counts twice" + (
        "; the rules of erp keep the newest row, or none." if severity == "warning" else "."
    )
    return unique(
        _named(contract.table, "key_is_unique"), contract.table, contract.grain, why, severity=severity
    )


def _column_rules(table: str, column: Column) -> Iterator[Rule]:
    meaning = column.description.rstrip(".") or column.name
    if column.is_required:
        why = f"The contract requires a value in every row: {meaning}."
        yield filled(_named(table, f"{column.name}_is_filled"), table, column.name, why)
    if column.accepted_values:
        why = f"The contract accepts no other value: {meaning}."
        values = tuple(_typed(value, column) for value in column.accepted_values)
        yield one_of(_named(table, f"{column.name}_is_known"), table, column.name, values, why)
    yield from _range_rules(table, column)


def _range_rules(table: str, column: Column) -> Iterator[Rule]:
    """The contract's own bounds; else what no number of a company exceeds, and the days that a calendar can hold."""
    name = _named(table, f"{column.name}_is_in_range")
    minimum, maximum = getattr(column, "minimum", None), getattr(column, "maximum", None)
    if minimum is not None or maximum is not None:
        why = f"The contract bounds it: {column.description.rstrip('.') or column.name}."
        yield within(name, table, column.name, minimum, maximum, why)
    elif column.data_type.startswith(_NUMBERS):
        why = "Beyond a million millions a number is a mistake, and the solver begins to read it as infinite."
        yield within(name, table, column.name, -LARGEST_NUMBER, LARGEST_NUMBER, why)
    elif column.data_type in ("date", "timestamp"):
        if column.name.startswith("valid_"):
            return  # open ends are written as days that no calendar holds
        low, high = pd.Timestamp(FIRST_DAY), pd.Timestamp(LAST_DAY) + pd.Timedelta(days=1)
        why = "Days of another age are placeholders: they stretch calendars and histories to themselves."
        yield within(name, table, column.name, low.to_pydatetime(), high.to_pydatetime(), why)


def _typed(value: str, column: Column) -> object:
    """Accepted values stand in the YAML as text; the table holds them typed."""
    if column.data_type in ("integer", "bigint"):
        return int(value)
    if column.data_type == "boolean":
        return str(value).lower() == "true"
    return value
