"""A planner's value as text, and back: one text for one value, so that equal means equal.

Add here: another type of column. Keep out: judging what somebody typed (`judge`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from sop_pipeline.workbook.contract import ColumnContract, scale_of

Row = Mapping[str, str | None]
"""Column -> canonical text; None = empty."""
Key = tuple[str, ...]
"""Canonical texts of the grain."""


def text_of(value: Any, column: ColumnContract) -> str | None:
    """The canonical text of a typed value: ISO days and moments, plain decimals without trailing zeros, true and false."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if column.data_type == "timestamp":
        return value.isoformat(sep=" ", timespec="seconds") if isinstance(value, datetime) else str(value)
    if column.data_type == "date":
        day = value.date() if isinstance(value, datetime) else value
        return day.isoformat() if isinstance(day, date) else str(day)
    scale = scale_of(column)
    if scale is not None:
        return decimal_text(Decimal(str(value)), scale)
    return str(value)


def decimal_text(number: Decimal, scale: int) -> str:
    """A number rounded to its scale, in plain digits, without trailing zeros."""
    rounded = number.quantize(Decimal(1).scaleb(-scale), rounding=ROUND_HALF_EVEN)
    text = format(rounded, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def value_of(text: str | None, column: ColumnContract) -> Any:
    """The typed value of a canonical text: str, int, Decimal, date, datetime or bool; None where empty."""
    if text is None:
        return None
    if column.data_type == "boolean":
        return text == "true"
    if column.data_type == "date":
        return date.fromisoformat(text)
    if column.data_type == "timestamp":
        return datetime.fromisoformat(text)
    scale = scale_of(column)
    if scale is None:
        return text
    return int(text) if column.data_type in ("integer", "bigint") else Decimal(text)


def key_of(row: Row, grain: Sequence[str]) -> Key:
    """The key of a row; an empty part is an empty text."""
    return tuple(row[name] or "" for name in grain)


def row_hash(row: Row) -> str:
    """sha256 of a row's texts."""
    return hashlib.sha256(json.dumps(dict(row), sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def key_words(key: Key) -> str:
    """A key as people read it."""
    return " / ".join(part or "(all)" for part in key)
