"""Named checks: what planners may name is what is measured, no more and no less.

Add here: what must hold between the register of measures and the planners' contracts. Keep out: arithmetic (dbt unit tests).
"""

from __future__ import annotations

import re

import pytest

from sop_pipeline.settings import DBT_PROJECT_DIR
from sop_pipeline.warehouse.contracts import load_contracts
from sop_pipeline.warehouse.ingest.value_rules import remedy

CONTRACTS = load_contracts(DBT_PROJECT_DIR)


def registered_metrics() -> list[str]:
    """Metrics of the register, in its order."""
    register = (DBT_PROJECT_DIR / "macros" / "measure_register.sql").read_text(encoding="utf-8")
    return re.findall(r"'metric': '(\w+)'", register)


@pytest.mark.parametrize(
    "table, besides",
    [
        ("planner.assumptions", ["not_testable"]),
        ("planner.actions", []),
        ("marts.fct_assumptions", ["not_testable"]),
    ],
)
def test_a_metric_can_be_named_where_it_is_measured(table: str, besides: list[str]) -> None:
    metric = next(column for column in CONTRACTS[table].columns if column.name == "metric")

    assert list(metric.accepted_values) == registered_metrics() + besides


def test_a_metric_that_is_not_measured_is_kept_out_with_the_list_of_those_that_are() -> None:
    metric = next(column for column in CONTRACTS["planner.assumptions"].columns if column.name == "metric")
    words = remedy("not_accepted", "sunshine", metric)

    assert words.startswith("accepted: units, revenue, ") and words.endswith(", not_testable")
    assert len(registered_metrics()) == len(set(registered_metrics()))
