"""What a rule asks and what was found, in words that stand in results, messages and the data docs.

Add here: words for another kind of expectation. Keep out: judging (`suites`), counting (`counting`).
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from quality.counting import Evidence
from quality.rules import Rule

SHOWN_VALUES = 8


def expected_words(rule: Rule, cycle_id: str) -> str:
    """`on_hand_quantity at least 0 in 99.5 % of rows`, `one row per item_id, site_id`."""
    kwargs = rule.expectation_kwargs(cycle_id)
    told = _asked(rule, kwargs)
    if "mostly" in kwargs and kwargs["mostly"] < 1:
        told += f" in {kwargs['mostly'] * 100:g} % of rows"
    if rule.where:
        told += ", where " + " and ".join(
            f"{column} is {_list(wanted)}" for column, wanted in rule.where.items()
        )
    return told


def _asked(rule: Rule, kwargs: dict[str, Any]) -> str:
    if rule.expectation == "ExpectTableRowCountToBeBetween":
        return f"rows {_bounds(kwargs)}"
    if rule.expectation == "ExpectColumnMaxToBeBetween":
        return f"latest {rule.column} {_bounds(kwargs)}"
    if rule.expectation == "ExpectColumnSumToBeBetween":
        return f"sum of {rule.column} {_bounds(kwargs)}"
    if rule.expectation == "ExpectColumnUniqueValueCountToBeBetween":
        return f"different values of {rule.column} {_bounds(kwargs)}"
    if rule.expectation == "ExpectColumnValuesToBeBetween":
        per = f"rows per {', '.join(rule.rows_per)}" if rule.rows_per else rule.column
        return f"{per} {_bounds(kwargs)}"
    if rule.expectation == "ExpectColumnValueLengthsToBeBetween":
        return f"characters in {rule.column} {_bounds(kwargs)}"
    if rule.expectation == "ExpectColumnValuesToBeInSet":
        return f"{rule.column} one of {_list(kwargs['value_set'])}"
    if rule.expectation == "ExpectColumnDistinctValuesToContainSet":
        return f"{rule.column} has each of {_list(kwargs['value_set'])}"
    if rule.expectation == "ExpectColumnValuesToNotBeNull":
        return f"{rule.column} has a value"
    if rule.expectation == "ExpectColumnValuesToBeNull":
        return f"{rule.column} is empty"
    if rule.expectation == "ExpectColumnPairValuesAToBeGreaterThanB":
        return f"{kwargs['column_B']} not above {kwargs['column_A']}"
    if rule.expectation == "ExpectCompoundColumnsToBeUnique":
        return f"one row per {', '.join(kwargs['column_list'])}"
    if rule.expectation == "ExpectTableColumnsToMatchSet":
        return f"{len(kwargs['column_set'])} columns, each of its type"
    return rule.expectation


def _bounds(kwargs: dict[str, Any]) -> str:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    if low is not None and low == high:
        return f"exactly {value_words(low)}"
    parts = []
    if low is not None:
        parts.append(f"{'above' if kwargs.get('strict_min') else 'at least'} {value_words(low)}")
    if high is not None:
        parts.append(f"{'below' if kwargs.get('strict_max') else 'at most'} {value_words(high)}")
    return " and ".join(parts) or "not judged"


def _list(values: Any) -> str:
    listed = list(values) if isinstance(values, list | tuple) else [values]
    shown = ", ".join(value_words(value) for value in listed[:SHOWN_VALUES])
    return shown + (f" and {len(listed) - SHOWN_VALUES} more" if len(listed) > SHOWN_VALUES else "")


def observed_words(rule: Rule, evidence: Evidence) -> str:
    """`3 of 79,447 at fault`, or the figure of the whole table."""
    if evidence.missing:
        return f"{len(evidence.missing)} missing"
    if rule.expectation in ("ExpectColumnDistinctValuesToContainSet", "ExpectTableColumnsToMatchSet"):
        return "none missing"
    if evidence.observed is not None or not evidence.judged:
        return value_words(evidence.observed) if evidence.observed is not None else "no row judged"
    if rule.expectation in ("ExpectColumnMaxToBeBetween", "ExpectColumnSumToBeBetween"):
        return "empty"
    return f"{evidence.at_fault:,} of {evidence.judged:,} at fault"


def value_words(value: Any) -> str:
    """A value of a row: days without a midnight, numbers without noise, nothing as `empty`."""
    if value is None or value is pd.NaT or (isinstance(value, float) and value != value):
        return "empty"
    if isinstance(value, datetime):
        return value.date().isoformat() if value == pd.Timestamp(value).normalize() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float | Decimal):
        return f"{float(value):.10g}"
    return str(value)
