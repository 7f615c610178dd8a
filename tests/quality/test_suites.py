"""Each kind of rule passes on good rows and names the bad ones."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pandas as pd
import pytest
from frames import scanning_of

from quality import rules as words
from quality import suites
from quality.rules import CYCLE_END, LAST_CLOSED_MONTH, THIS_CYCLE, CycleDay, Rule
from quality.suites import RulesCouldNotRun, results_frame, run_rules

CYCLE = "2026-01"
TABLE = "lake.orders"
WHY = "The test needs a reason."
DAY = pd.Timestamp


def judge(rule: Rule, rows: dict[str, list]):
    """Run one rule on one frame, as it would be read: only the columns that the rule asks for."""
    frame = pd.DataFrame(rows)
    return run_rules([rule], scanning_of(lambda table, columns: frame[columns]), CYCLE)[0]


KINDS = [
    pytest.param(
        words.rows_between("r", TABLE, "line", 2, None, WHY), {"line": [1, 2]}, {"line": [1]},
        1, "observed 1", id="row count"),
    pytest.param(
        words.not_negative("r", TABLE, "units", WHY, keys=("line",)),
        {"line": ["a", "b"], "units": [0.0, 5.0]}, {"line": ["a", "b"], "units": [0.0, -5.0]},
        1, "line b, units -5", id="not negative"),
    pytest.param(
        words.above_zero("r", TABLE, "units", WHY),
        {"units": [0.5, 5.0]}, {"units": [0.0, 5.0]}, 1, "units 0", id="above zero"),
    pytest.param(
        words.share("r", TABLE, "scrap_ratio", WHY),
        {"scrap_ratio": [0.0, 1.0, None]}, {"scrap_ratio": [0.1, 80.0, None]},
        1, "scrap_ratio 80", id="share"),
    pytest.param(
        words.one_of("r", TABLE, "cycle_id", (THIS_CYCLE,), WHY),
        {"cycle_id": ["2026-01"]}, {"cycle_id": ["2026-01", "2025-12"]},
        1, "cycle_id 2025-12", id="known value"),
    pytest.param(
        words.one_of("r", TABLE, "kpi_id", ("customer_otif", "fill_rate"), WHY),
        {"kpi_id": ["fill_rate"]}, {"kpi_id": ["fill_rate", "customer_otiff"]},
        1, "kpi_id customer_otiff (did you mean customer_otif?)", id="nearest known value"),
    pytest.param(
        words.filled("r", TABLE, "promised", WHY, mostly=0.5),
        {"promised": ["x", None]}, {"promised": ["x", None, None]}, 2, "promised empty", id="share filled"),
    pytest.param(
        words.latest("r", TABLE, "ordered", LAST_CLOSED_MONTH, CYCLE_END, WHY),
        {"ordered": [DAY("2024-01-01"), DAY("2025-12-30")]},
        {"ordered": [DAY("2024-01-01"), DAY("2025-11-30")]},  # last month's file, delivered again
        1, "observed 2025-11-30", id="latest"),
    pytest.param(
        words.within("r", TABLE, "ordered", CycleDay(months=-240), CYCLE_END, WHY),
        {"ordered": [date(2025, 12, 30)]}, {"ordered": [date(2025, 12, 30), date(1900, 1, 1)]},
        1, "ordered 1900-01-01", id="dates, as another engine returns them"),
    pytest.param(
        words.ordered("r", TABLE, "lower", "upper", WHY),
        {"lower": [1.0, 2.0, None], "upper": [1.0, 3.0, 1.0]}, {"lower": [2.0, 2.0], "upper": [1.0, 3.0]},
        1, "upper 1, lower 2", id="pair"),
    pytest.param(
        words.unique("r", TABLE, ("item", "month"), WHY),
        {"item": ["a", "a"], "month": [1, 2]}, {"item": ["a", "a"], "month": [1, 1]}, 2, "item a, month 1",
        id="unique"),
    pytest.param(
        words.rows_for_each("r", TABLE, ("item",), 2, 3, WHY),
        {"item": ["a", "a", "b", "b"]}, {"item": ["a", "a", "b"]},
        1, "item b, row_count 1", id="rows for each"),
    pytest.param(
        words.within("r", TABLE, "factor", 0.2, 5, WHY, where={"operation": "multiply"}),
        {"operation": ["set", "multiply"], "factor": [900.0, 1.1]},  # 900 is units, and so not judged
        {"operation": ["set", "multiply"], "factor": [900.0, 110.0]}, 1, "factor 110", id="some rows only"),
    pytest.param(
        words.not_negative("r", TABLE, "price", WHY),
        {"price": [Decimal("1.50"), None]}, {"price": [Decimal("-1.50"), None]},
        1, "price -1.5", id="decimals"),
    pytest.param(
        Rule("r", TABLE, "ExpectColumnDistinctValuesToContainSet", WHY,
             column="law", kwargs={"value_set": ("a", "b")}),
        {"law": ["a", "b", "c"]}, {"law": ["a", "c"]}, 1, "missing b", id="complete set"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "good", "bad", "count", "example"), KINDS)
def test_a_kind_of_rule_passes_good_rows_and_names_bad_ones(rule, good, bad, count, example):
    assert judge(rule, good).passed
    found = judge(rule, bad)
    assert (found.passed, found.unexpected_count) == (False, count)
    assert found.examples[0] == example


def test_no_more_than_five_examples_are_shown():
    found = judge(words.not_negative("r", TABLE, "units", WHY), {"units": [-float(n) for n in range(1, 50)]})
    assert (found.unexpected_count, found.element_count, len(found.examples)) == (49, 49, 5)


def test_a_few_bad_rows_may_pass_where_the_rule_says_so_and_are_still_counted():
    rule = words.not_negative("r", TABLE, "units", WHY, kwargs={"mostly": 0.9})
    found = judge(rule, {"units": [-1.0, *[1.0] * 99]})
    assert (found.passed, found.unexpected_count) == (True, 1)


def test_an_empty_table_fails_only_the_rules_that_ask_for_rows():
    assert judge(words.not_negative("r", TABLE, "units", WHY), {"units": []}).passed
    assert not judge(words.rows_between("r", TABLE, "units", 1, None, WHY), {"units": []}).passed


def test_each_table_is_looked_at_once_for_only_the_columns_its_rules_need():
    reads = []

    def read(table, columns):
        reads.append((table, columns))
        return pd.DataFrame({column: [1.0] for column in columns})

    rules = [
        words.not_negative("a", TABLE, "units", WHY),
        words.share("b", TABLE, "ratio", WHY, keys=("line",)),
        words.not_negative("c", "lake.stock", "units", WHY),
    ]
    assert [result.rule.name for result in run_rules(rules, scanning_of(read), CYCLE)] == ["a", "b", "c"]
    assert reads == [(TABLE, ["units", "line", "ratio"]), ("lake.stock", ["units"])]


def test_a_rule_that_cannot_run_is_an_error_and_not_a_failure_of_the_data():
    with pytest.raises(RulesCouldNotRun, match=r"(?s)lake\.orders.*rule 'r'"):
        judge(words.not_negative("r", TABLE, "units", WHY), {"units": ["text", "in", "a number column"]})


def test_results_render_to_one_row_a_rule():
    rules = [words.share("z", TABLE, "x", WHY), words.not_negative("a", TABLE, "x", WHY, severity="warning")]
    scanning = scanning_of(lambda table, columns: pd.DataFrame({"x": [-1.0, 2.0]}))
    frame = results_frame(run_rules(rules, scanning, CYCLE))
    assert frame.to_dict("records") == [
        {"table_name": TABLE, "rule": "a", "origin": "written", "severity": "warning",
         "expectation": "ExpectColumnValuesToBeBetween", "expected": "x at least 0", "observed": "1 of 2 at fault",
         "passed": False, "unexpected_count": 1, "element_count": 2, "examples": "x -1", "why": WHY},
        {"table_name": TABLE, "rule": "z", "origin": "written", "severity": "critical",
         "expectation": "ExpectColumnValuesToBeBetween", "expected": "x at least 0 and at most 1",
         "observed": "2 of 2 at fault", "passed": False, "unexpected_count": 2, "element_count": 2,
         "examples": "x -1; x 2", "why": WHY},
    ]  # fmt: skip


def test_what_great_expectations_sees_is_figures_and_never_rows(monkeypatch):
    seen = []
    validate = suites._Judge._validate

    def watched(self, groups, evidence):
        get_batch = self.measured.get_batch
        self.measured = SimpleNamespace(
            get_batch=lambda given: (seen.append(given["dataframe"]), get_batch(given))[1]
        )
        return validate(self, groups, evidence)

    monkeypatch.setattr(suites._Judge, "_validate", watched)
    rules = [words.not_negative("a", TABLE, "units", WHY), words.share("b", TABLE, "units", WHY)]
    rows = pd.DataFrame({"units": [float(n) for n in range(1000)]})
    held = [result.passed for result in run_rules(rules, scanning_of(lambda table, columns: rows), CYCLE)]
    assert held == [True, False]
    assert max(len(frame) for frame in seen) <= len(rules)


def test_rules_judged_together_fail_only_where_they_do():
    rules = [words.not_negative(name, TABLE, name, WHY) for name in ("a", "b", "c")]
    rows = pd.DataFrame({"a": [1.0], "b": [-1.0], "c": [1.0]})
    found = run_rules(rules, scanning_of(lambda table, columns: rows), CYCLE)
    assert [result.passed for result in found] == [True, False, True]
