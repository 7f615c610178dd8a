"""Rules become Great Expectations suites, run on frames, and come back as results.

Great Expectations takes seconds to import: only the functions below import it, so that definitions load
without it. It runs on pandas frames of the columns that the rules need; it is the gate and the document,
SQL finds the rows.
Add here: how rules are run and how their results read. Keep out: rules, Dagster.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

import pandas as pd

from quality.rules import ROW_COUNT, Rule, require_sound

FrameReader = Callable[[str, list[str]], pd.DataFrame]
"""Reads the columns of a table: `reader('contract.items', ['item_id'])`."""

EXAMPLES = 5

RESULT_COLUMNS = [
    "table_name", "rule", "severity", "passed", "unexpected_count", "element_count", "examples", "why",
]  # fmt: skip


class RulesCouldNotRun(RuntimeError):
    """A rule raised instead of passing or failing: it is wrong, or its table has not the shape it needs."""


@dataclass(frozen=True)
class RuleResult:
    rule: Rule
    passed: bool
    unexpected_count: int
    element_count: int
    examples: tuple[str, ...]


def run_rules(rules: Sequence[Rule], read: FrameReader, cycle_id: str) -> list[RuleResult]:
    """Judge every rule, in their order; each table is read once, with the columns that its rules need."""
    require_sound(rules)
    results: dict[str, RuleResult] = {}
    for table, rules_of_table in _by(rules, lambda rule: rule.table).items():
        columns = list(dict.fromkeys(column for rule in rules_of_table for column in rule.columns()))
        frame = _comparable(read(table, columns))
        for rules_of_view in _by(rules_of_table, lambda rule: rule.view()).values():
            view = _view(frame, rules_of_view[0])
            results |= {result.rule.name: result for result in _judge(rules_of_view, view, cycle_id)}
    return [results[rule.name] for rule in rules]


def results_frame(results: Sequence[RuleResult]) -> pd.DataFrame:
    """One row per rule: what was checked, how it went, and why it matters. For `gate_results`."""
    rows = [
        {
            "table_name": result.rule.table,
            "rule": result.rule.name,
            "severity": result.rule.severity,
            "passed": result.passed,
            "unexpected_count": result.unexpected_count,
            "element_count": result.element_count,
            "examples": "; ".join(result.examples),
            "why": result.rule.why,
        }
        for result in results
    ]
    return pd.DataFrame(rows, columns=RESULT_COLUMNS).sort_values(["table_name", "rule"], ignore_index=True)


# -- frames as the expectations need them


def _by(rules: Iterable[Rule], key: Callable[[Rule], Any]) -> dict[Any, list[Rule]]:
    groups: dict[Any, list[Rule]] = defaultdict(list)
    for rule in rules:
        groups[key(rule)].append(rule)
    return groups


def _comparable(frame: pd.DataFrame) -> pd.DataFrame:
    """Decimals as floats and days as timestamps, whatever engine the frame was read with."""
    casts: dict[str, pd.Series] = {}
    for name, column in frame.items():
        if column.dtype != object:
            continue
        filled = column.dropna()
        first = filled.iloc[0] if len(filled) else None
        if isinstance(first, Decimal):
            casts[str(name)] = column.astype("float64")
        elif isinstance(first, date):
            casts[str(name)] = pd.to_datetime(column)
    return frame.assign(**casts)


def _view(frame: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """The rows, or the groups of rows, that the rule is about."""
    for column, wanted in rule.where.items():
        values = wanted if isinstance(wanted, tuple) else (wanted,)
        frame = frame[frame[column].isin(values)]
    if rule.rows_per:
        return frame.groupby(list(rule.rows_per), dropna=False, sort=True).size().reset_index(name=ROW_COUNT)
    return frame.reset_index(drop=True)


# -- Great Expectations


def _judge(rules: Sequence[Rule], frame: pd.DataFrame, cycle_id: str) -> list[RuleResult]:
    """Run rules that look at the same rows as one suite."""
    validation = _validate(rules, frame, cycle_id)
    _require_no_exception(rules[0].table, validation.results)
    outcomes = {outcome.expectation_config.meta["rule"]: outcome for outcome in validation.results}
    return [_result(rule, outcomes[rule.name], frame) for rule in rules]


def _validate(rules: Sequence[Rule], frame: pd.DataFrame, cycle_id: str) -> Any:
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    context = gx.get_context(mode="ephemeral")  # before the suite: it holds the suite
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    suite = context.suites.add(gx.ExpectationSuite(name=rules[0].table))
    for rule in rules:
        suite.add_expectation(_expectation(gx, rule, cycle_id))
    asset = context.data_sources.add_pandas("frames").add_dataframe_asset(rules[0].table)
    batch = asset.add_batch_definition_whole_dataframe("rows").get_batch({"dataframe": frame})
    result_format = {"result_format": "SUMMARY", "partial_unexpected_count": EXAMPLES}
    return batch.validate(suite, result_format=result_format)


def _expectation(gx: Any, rule: Rule, cycle_id: str) -> Any:
    kwargs = rule.expectation_kwargs(cycle_id)
    build = getattr(gx.expectations, rule.expectation)
    return build(**kwargs, severity=rule.severity, meta={"rule": rule.name, "why": rule.why})


def _require_no_exception(table: str, outcomes: Iterable[Any]) -> None:
    """An expectation that raised is reported as failed: tell a broken rule from broken data."""
    problems = []
    for outcome in outcomes:
        info = outcome.exception_info or {}
        raised = [info] if "raised_exception" in info else list(info.values())
        problems += [
            f"rule '{outcome.expectation_config.meta['rule']}': {entry['exception_message']}"
            for entry in raised
            if entry.get("raised_exception")
        ]
    if problems:
        listed = "\n * ".join(problems)
        raise RulesCouldNotRun(
            f"Rules on {table} could not run:\n * {listed}\n"
            "Compare the rule's column and bounds with the contract of the table."
        )


def _result(rule: Rule, outcome: Any, frame: pd.DataFrame) -> RuleResult:
    """Expectations on rows count the rows that failed; expectations on the whole table count as one."""
    found = outcome.result
    if "unexpected_count" in found:
        count = int(found["unexpected_count"])
        examples = _row_examples(rule, found, frame)
    else:
        count = 0 if outcome.success else 1
        examples = () if outcome.success else _table_examples(found)
    return RuleResult(rule, bool(outcome.success), count, len(frame), examples)


def _row_examples(rule: Rule, found: dict[str, Any], frame: pd.DataFrame) -> tuple[str, ...]:
    """Name the first offending rows by their keys, with the value that offends."""
    shown = [*rule.keys, *(column for column in _judged(rule) if column not in rule.keys)]
    rows = frame.loc[list(found.get("partial_unexpected_index_list") or [])[:EXAMPLES], shown]
    return tuple(
        ", ".join(f"{name} {_text(row[name])}" for name in shown) + _nearest(rule, row)
        for row in rows.to_dict("records")
    )


def _nearest(rule: Rule, row: dict[Any, Any]) -> str:
    """What a text that is not in the set was most likely meant to be."""
    if rule.expectation != "ExpectColumnValuesToBeInSet":
        return ""
    known = [value for value in rule.kwargs.get("value_set", ()) if isinstance(value, str)]
    near = get_close_matches(str(row.get(rule.column)), known, n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def _table_examples(found: dict[str, Any]) -> tuple[str, ...]:
    """What is missing from a set, or else what was observed of the whole table."""
    missing = found.get("partial_missing_list") or []
    return tuple(f"missing {_text(value)}" for value in missing[:EXAMPLES]) or (
        f"observed {_text(found.get('observed_value'))}",
    )


def _judged(rule: Rule) -> list[str]:
    pair = [rule.kwargs[name] for name in ("column_A", "column_B") if name in rule.kwargs]
    return [rule.column] if rule.column else pair


def _text(value: Any) -> str:
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat() if value == value.normalize() else value.isoformat()
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
        return "empty"
    if isinstance(value, float):
        return f"{value:.10g}"
    return str(value)
