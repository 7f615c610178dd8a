"""One cell: what somebody typed becomes the canonical text of its column, or a rejection that says how to put it right.

Strict where a guess could be wrong, helpful where there is no doubt: text that is plainly a number is a number, a day that
Excel shows as its serial number is that day, and both are told.
Add here: a rule on one cell. Keep out: rules on rows and over rows (`rules`), files (`parse`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any

from sop_pipeline.workbook.contract import ColumnContract, is_code, is_cycle, is_month, scale_of
from sop_pipeline.workbook.parse import Cell
from sop_pipeline.workbook.values import decimal_text

LONGEST_TEXT = 1_000
LARGEST_NUMBER = Decimal(10) ** 12
FIRST_SERIAL, LAST_SERIAL = 29_221, 73_415  # 1980-01-01 and 2100-12-31 as Excel counts from 1900
EXCEL_EPOCH, MAC_EPOCH = date(1899, 12, 30), date(1904, 1, 1)

_PLAIN_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)")
_SCIENTIFIC = re.compile(r"[+-]?\d([.,]\d+)?[eE][+-]?\d+")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}([ ',.  ]\d{3})+([.,]\d+)?-?")
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}([ T]00:00(:00)?)?")
_CYCLE = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_PLACEHOLDERS = {"#n/a", "n/a", "na", "null", "none", "nan", "?", "-", "--", "tbd", "tba"}
_YES, _NO = {"true", "yes", "wahr", "1"}, {"false", "no", "falsch", "0"}


@dataclass(frozen=True)
class Rejection:
    """A cell, or with an empty `column` a row, that was not taken, and how to put it right."""

    sheet: str
    row: int | None
    column: str
    value: str
    rule: str
    fix: str

    def to_json(self) -> dict[str, Any]:
        """As told and kept."""
        return dict(self.__dict__)


class Refused(Exception):
    """A cell is not good: rule and remedy."""

    def __init__(self, rule: str, fix: str) -> None:
        super().__init__(rule)
        self.rule, self.fix = rule, fix


@dataclass(frozen=True)
class Keys:
    """What may be named. `by_reference`: schema.table.column -> identifier -> what it is called."""

    by_reference: Mapping[str, Mapping[str, str]]

    def of(self, reference: str) -> Mapping[str, str] | None:
        """The identifiers of a column; None where they are not known."""
        return self.by_reference.get(reference)


def text_of_cell(cell: Cell | None, column: ColumnContract, is_1904: bool, fixes: list[str]) -> str | None:
    """The canonical text of a cell. Raises Refused. `fixes` collects what was put right without a doubt."""
    if cell is None or (cell.kind == "text" and not cell.text.strip()):
        if column.is_required:
            raise Refused(
                "missing_value", f"Fill it in: {column.description}. Example: {column.example or '-'}."
            )
        return None
    if cell.kind == "formula":
        raise Refused("formula", "Replace it by its value: copy, Paste Special, Values.")
    if cell.kind == "error":
        raise Refused("error_value", "Look the value up and type it in, or leave the cell empty.")
    if (
        cell.kind == "text"
        and cell.text.strip().casefold() in _PLACEHOLDERS
        and column.data_type != "varchar"
    ):
        raise Refused(
            "placeholder", "A placeholder is not a value: leave the cell empty, or look the value up."
        )
    if column.data_type == "varchar":
        return _text(cell, column)
    if column.data_type == "boolean":
        return _boolean(cell)
    if column.data_type == "date":
        return _day(cell, column, is_1904, fixes)
    if column.data_type == "timestamp":
        return _moment(cell)
    return _number(cell, column, fixes)


def _text(cell: Cell, column: ColumnContract) -> str:
    text = cell.text
    if is_code(column):
        text = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    text = " ".join(text.split()) if is_code(column) else text.strip()
    if any(ord(c) < 32 for c in text):
        raise Refused("control_character", "The text breaks over lines or hides a character: type it again.")
    if len(text) > LONGEST_TEXT:
        raise Refused("too_long", f"{len(text)} characters; {LONGEST_TEXT} are read. Shorten it.")
    if is_cycle(column):
        return _cycle(cell, text)
    if is_code(column):
        if cell.kind == "number":
            text = re.sub(r"\.0$", "", text)
        if _SCIENTIFIC.fullmatch(text):
            raise Refused(
                "scientific_notation",
                "Excel made a number of the code: format the cell as text, and type the code.",
            )
        if text.casefold() in _PLACEHOLDERS:
            raise Refused("placeholder", "A placeholder is no code: leave the cell empty, or look it up.")
    if column.accepted_values and text not in column.accepted_values:
        raise Refused("not_accepted", f"One of: {', '.join(column.accepted_values)}.")
    return text


def _cycle(cell: Cell, text: str) -> str:
    if cell.kind == "date":
        text = text[:7]
    if not _CYCLE.fullmatch(text):
        raise Refused("not_a_cycle", "Write the cycle as YYYY-MM, for example 2026-03.")
    return text


def _boolean(cell: Cell) -> str:
    text = cell.text.strip().casefold()
    if text.removesuffix(".0") in _YES:
        return "true"
    if text.removesuffix(".0") in _NO:
        return "false"
    raise Refused("not_a_boolean", "Write true or false.")


def _day(cell: Cell, column: ColumnContract, is_1904: bool, fixes: list[str]) -> str:
    if cell.kind == "date":
        day = datetime.fromisoformat(cell.text)
        if (day.hour, day.minute, day.second) != (0, 0, 0):
            raise Refused("not_a_date", "A day without a time is wanted: YYYY-MM-DD.")
        found = day.date()
    elif cell.kind == "number":
        found = _serial_day(cell.text, is_1904)
        fixes.append(f"{column.name}: days that were written as Excel's serial numbers")
    elif _ISO_DAY.fullmatch(cell.text.strip()):
        try:
            found = date.fromisoformat(cell.text.strip()[:10])
        except ValueError:
            raise Refused("not_a_date", "There is no such day. Write YYYY-MM-DD.") from None
    else:
        raise Refused(
            "not_a_date", "Write the day as YYYY-MM-DD; what comes first, day or month, is not guessed."
        )
    if not date(1980, 1, 1) <= found <= date(2100, 12, 31):
        raise Refused("out_of_range", "Days run from 1980 to 2100. Was the workbook counted from 1904?")
    if is_month(column) and found.day != 1:
        raise Refused("not_first_of_month", f"Months are named by their first day: {found:%Y-%m}-01.")
    return found.isoformat()


def _serial_day(text: str, is_1904: bool) -> date:
    number = float(text)
    days = number + (1_462 if is_1904 else 0)
    if not (number.is_integer() and FIRST_SERIAL <= days <= LAST_SERIAL):
        raise Refused("not_a_date", "A number is no day: write YYYY-MM-DD.")
    return (MAC_EPOCH if is_1904 else EXCEL_EPOCH) + timedelta(days=int(number))


def _moment(cell: Cell) -> str:
    try:
        moment = datetime.fromisoformat(cell.text.strip())
    except ValueError:
        raise Refused("not_a_timestamp", "Write YYYY-MM-DD HH:MM:SS, in UTC.") from None
    if moment.tzinfo is not None:
        raise Refused("not_a_timestamp", "Write the moment in UTC, without a zone.")
    return moment.isoformat(sep=" ", timespec="seconds")


def _number(cell: Cell, column: ColumnContract, fixes: list[str]) -> str:
    text, scale = cell.text.strip(), scale_of(column) or 0
    if cell.kind == "text":
        _refuse_ambiguous_number(text)
        if cell.text != text or not text.isascii():
            raise Refused("not_a_number", "Hidden blanks or wide digits: type the number again.")
        fixes.append(f"{column.name}: numbers that were stored as text")
    elif cell.kind != "number":
        raise Refused("not_a_number", "A number is wanted here.")
    try:
        number = (
            Decimal(repr(float(text))) if cell.kind == "number" and "e" in text.lower() else Decimal(text)
        )
    except InvalidOperation:
        raise Refused("not_a_number", "A number is wanted here.") from None
    if not number.is_finite() or abs(number) > LARGEST_NUMBER:
        raise Refused("out_of_range", "No figure of a plan is that large: was a code pasted here?")
    if column.data_type in ("integer", "bigint") and number != number.to_integral_value():
        raise Refused("not_a_whole_number", "A whole number is wanted here.")
    if column.minimum is not None and number < Decimal(str(column.minimum)):
        raise Refused("out_of_range", f"Not below {column.minimum:g}.")
    if column.maximum is not None and number > Decimal(str(column.maximum)):
        hint = " Is it in percent? 90 % is 0.9." if column.maximum == 1 else ""
        raise Refused("out_of_range", f"Not above {column.maximum:g}.{hint}")
    return decimal_text(number, scale)


def _refuse_ambiguous_number(text: str) -> None:
    if _PLAIN_NUMBER.fullmatch(text):
        return
    if _THOUSANDS.fullmatch(text):
        raise Refused(
            "thousands_separator", "Text with separators, not a number: type the number alone, 1234.5."
        )
    if re.fullmatch(r"[+-]?\d*,\d+", text):
        raise Refused("decimal_comma", "Text with a decimal comma: type the number again, 1234.5.")
    if re.fullmatch(r"[\d.,]+-", text):
        raise Refused("trailing_minus", "Put the minus in front of the number.")
    if re.fullmatch(r"[+-]?[\d.,]+\s*%", text):
        raise Refused("percent_as_text", "Type the share as a number: 90 % is 0.9.")
    raise Refused("not_a_number", "A number is wanted here, with a point before decimals.")


def refuse_unknown(
    text: str | None, column: ColumnContract, row: Mapping[str, str | None], keys: Keys
) -> None:
    """Raise Refused where a cell names something that there is not."""
    if text is None or text in column.references_also:
        return
    reference = column.references
    for other, by_value in column.references_by.items():
        reference = by_value.get(row.get(other) or "")
    if reference is None:
        return
    if "." not in reference:
        if text != reference:
            raise Refused("unknown_key", f"Write '{reference}' here.")
        return
    known = keys.of(reference)
    if known is None or text in known:
        return
    raise Refused("unknown_key", _meant(text, known, reference))


def _meant(text: str, known: Mapping[str, str], reference: str) -> str:
    what = reference.split(".")[-1].removesuffix("_id").replace("_", " ")
    padded = [key for key in known if key.lstrip("0") == text.lstrip("0")]
    named = [key for key, name in known.items() if name.casefold() == text.casefold()]
    near = (
        padded
        or named
        or get_close_matches(text.upper(), known, n=1, cutoff=0.7)
        or get_close_matches(text, known, n=1, cutoff=0.7)
    )
    if padded:
        return f"Excel dropped the zeros in front: it is '{near[0]}'. Format the cell as text, and type it again."
    if near:
        return f"No {what} is called so. Did you mean '{near[0]}'?"
    return f"No {what} is called so: take one from the sheet 'Valid keys'."
