"""Rules become Great Expectations suites over what SQL counted, and come back as results.

One suite a table, over what was measured for its rules: shares of rows at fault, figures of the whole table. Great
Expectations judges these; it never sees a table of facts.
Great Expectations takes seconds to import: only the functions below import it, so that definitions load without it.
Add here: how rules are run and how their results read. Keep out: rules, counting (`counting`), Dagster.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import pandas as pd

from quality.counting import CannotCount, Evidence, Scanning, count_evidence, measured
from quality.rules import Rule, require_sound
from quality.words import expected_words, observed_words, value_words

RESULT_COLUMNS = [
    "table_name", "rule", "origin", "severity", "expectation", "expected", "observed", "passed", "unexpected_count",
    "element_count", "examples", "why",
]  # fmt: skip

_A_FIGURE = ("ExpectTableRowCountToBeBetween", "ExpectColumnMaxToBeBetween", "ExpectColumnSumToBeBetween",
             "ExpectColumnUniqueValueCountToBeBetween")  # fmt: skip
_NOTHING_MISSING = ("ExpectColumnDistinctValuesToContainSet", "ExpectTableColumnsToMatchSet")
_SMALL = 1e-12
"""A share of 1 - 0.999 is not exactly 0.001."""


class RulesCouldNotRun(RuntimeError):
    """A rule raised instead of passing or failing: it is wrong, or its table has not the shape it needs."""


@dataclass(frozen=True)
class RuleResult:
    """How a rule held: rows at fault (1 for a rule on the whole table) of the rows that it is about, and which."""

    rule: Rule
    passed: bool
    unexpected_count: int
    element_count: int
    examples: tuple[str, ...]
    expected: str
    observed: str


def run_rules(rules: Sequence[Rule], scanning: Scanning, cycle_id: str) -> list[RuleResult]:
    """Judge every rule, in their order; each table is looked at once for the rules that see the same of its rows."""
    require_sound(rules)
    by_table: dict[str, list[Rule]] = {}
    for rule in rules:
        by_table.setdefault(rule.table, []).append(rule)
    results: dict[str, RuleResult] = {}
    judge = _Judge(cycle_id)
    with scanning() as scan:
        for table, rules_of_table in by_table.items():
            try:
                evidence = count_evidence(rules_of_table, scan, cycle_id)
            except CannotCount as error:
                raise _could_not_run(table, rules_of_table, [str(error)]) from error
            passed = judge.judge(rules_of_table, evidence)
            for rule in rules_of_table:
                results[rule.name] = _result(rule, passed[rule.name], evidence[rule.name], cycle_id)
    return [results[rule.name] for rule in rules]


def results_frame(results: Sequence[RuleResult]) -> pd.DataFrame:
    """One row per rule: what was asked, what was found, and why it matters. For the tables of schema `quality`."""
    rows = [
        {
            "table_name": result.rule.table,
            "rule": result.rule.name,
            "origin": result.rule.origin,
            "severity": result.rule.severity,
            "expectation": result.rule.expectation,
            "expected": result.expected,
            "observed": result.observed,
            "passed": result.passed,
            "unexpected_count": result.unexpected_count,
            "element_count": result.element_count,
            "examples": "; ".join(result.examples),
            "why": result.rule.why,
        }
        for result in results
    ]
    return pd.DataFrame(rows, columns=RESULT_COLUMNS).sort_values(["table_name", "rule"], ignore_index=True)


# -- Great Expectations


class _Judge:
    """One context and one data source of Great Expectations for a gate: making them costs more than judging."""

    def __init__(self, cycle_id: str) -> None:
        import great_expectations as gx
        from great_expectations.data_context.types.base import ProgressBarsConfig

        logging.getLogger("great_expectations").setLevel(logging.WARNING)
        context = gx.get_context(mode="ephemeral")  # before the suites: it holds them
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        asset = context.data_sources.add_pandas("measured").add_dataframe_asset("measured")
        self.gx, self.cycle_id = gx, cycle_id
        self.measured = asset.add_batch_definition_whole_dataframe("measured")

    def judge(self, rules: Sequence[Rule], evidence: dict[str, Evidence]) -> dict[str, bool]:
        """Whether each rule of a table holds. Rules with the same bounds are one expectation on the largest of their
        figures; only where that fails is each of them judged by itself."""
        groups: dict[Any, list[Rule]] = {}
        for rule in rules:
            key = rule.name if rule.expectation in _A_FIGURE else str(self._bounds(rule))
            groups.setdefault((key, rule.severity), []).append(rule)
        together = self._validate(list(groups.values()), evidence)
        in_doubt = [group for group, passed in zip(groups.values(), together, strict=True) if not passed]
        alone = [[rule] for group in in_doubt for rule in group]
        passed = dict.fromkeys((rule.name for rule in rules), True)
        if alone:
            outcomes = self._validate(alone, evidence)
            passed |= {rule.name: held for (rule,), held in zip(alone, outcomes, strict=True)}
        return passed

    def _validate(self, groups: Sequence[Sequence[Rule]], evidence: dict[str, Evidence]) -> list[bool]:
        """Whether each group of rules holds, as a suite of one expectation a group says."""
        table = groups[0][0].table
        columns = {
            f"measured_{place}": pd.Series([measured(rule, evidence[rule.name]) for rule in group])
            for place, group in enumerate(groups)
        }
        suite = self.gx.ExpectationSuite(
            name=table,
            expectations=[
                self._expectation(name, group) for name, group in zip(columns, groups, strict=True)
            ],
        )
        batch = self.measured.get_batch({"dataframe": pd.DataFrame(columns)})
        validation = batch.validate(suite, result_format="BOOLEAN_ONLY")
        problems = [
            entry["exception_message"] for outcome in validation.results for entry in _exceptions(outcome)
        ]
        if problems:
            raise _could_not_run(table, [rule for group in groups for rule in group], problems)
        held = {
            outcome.expectation_config.kwargs["column"]: outcome.success for outcome in validation.results
        }
        return [bool(held[name]) for name in columns]

    def _expectation(self, column: str, rules: Sequence[Rule]) -> Any:
        """What must be true of the figures measured; the rules as they were written go along as the document."""
        meta = {
            "table": rules[0].table,
            "rules": [
                {
                    "rule": rule.name,
                    "expectation": rule.expectation,
                    "expected": expected_words(rule, self.cycle_id),
                }
                for rule in rules
            ],
        }
        return self.gx.expectations.ExpectColumnMaxToBeBetween(
            column=column, **self._bounds(rules[0]), severity=rules[0].severity, meta=meta
        )

    def _bounds(self, rule: Rule) -> dict[str, Any]:
        kwargs = rule.expectation_kwargs(self.cycle_id)
        if rule.expectation in _A_FIGURE:
            return {name: value for name, value in kwargs.items() if name in _BOUNDS}
        if rule.expectation in _NOTHING_MISSING:
            return {"max_value": 0}
        return {"max_value": 1 - float(kwargs.get("mostly", 1.0)) + _SMALL}


_BOUNDS = ("min_value", "max_value", "strict_min", "strict_max")


def _exceptions(outcome: Any) -> list[dict[str, Any]]:
    """An expectation that raised is reported as failed: tell a broken rule from broken data."""
    info = outcome.exception_info or {}
    raised = [info] if "raised_exception" in info else list(info.values())
    return [entry for entry in raised if entry.get("raised_exception")]


def _could_not_run(table: str, rules: Sequence[Rule], problems: Sequence[str]) -> RulesCouldNotRun:
    listed = "\n * ".join(problems)
    named = ", ".join(f"'{rule.name}'" for rule in rules if rule.origin == "written") or "of its contract"
    return RulesCouldNotRun(
        f"Rules on {table} could not run:\n * {listed}\n"
        f"Compare columns and bounds with the contract of the table: rule {named}."
    )


def _result(rule: Rule, passed: bool, evidence: Evidence, cycle_id: str) -> RuleResult:
    """Rules on rows count the rows at fault; rules on the whole table count as one."""
    is_whole = rule.expectation in (*_A_FIGURE, *_NOTHING_MISSING)
    observed = observed_words(rule, evidence)
    if is_whole:
        count = 0 if passed else 1
        missing = tuple(f"missing {value_words(value)}" for value in evidence.missing[:5])
        examples = () if passed else missing or (f"observed {value_words(evidence.observed)}",)
    else:
        count = evidence.at_fault
        examples = tuple(_row_words(rule, row) for row in evidence.examples)
    return RuleResult(rule, passed, count, evidence.rows, examples, expected_words(rule, cycle_id), observed)


def _row_words(rule: Rule, row: dict[str, Any]) -> str:
    """A row at fault, by its keys and the value that offends, and what a text was most likely meant to be."""
    told = ", ".join(f"{name} {value_words(value)}" for name, value in row.items())
    if rule.expectation == "ExpectColumnValuesToBeInSet":
        known = [value for value in rule.kwargs.get("value_set", ()) if isinstance(value, str)]
        near = get_close_matches(str(row.get(str(rule.column))), known, n=1)
        told += f" (did you mean {near[0]}?)" if near else ""
    return told
