"""Write a workbook for a role: a guide, one sheet for each input with the rows in force, sheets to read, hidden facts.

Text stays text (nothing of the data becomes a formula or a link), what may be typed into is unlocked and coloured, and what
a cell may hold is checked by Excel itself where it can. The hidden sheets say what was exported, row by row, so that what
comes back can be told from what went out.
Add here: another part of a workbook. Keep out: colours and widths (`look`), which rows are in force (planner_inputs).
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import pandas as pd

from sop_pipeline.workbook.content import GUIDE_SHEET, HEADER_ROW, Content, InputSheet
from sop_pipeline.workbook.contract import (
    TEMPLATE_VERSION,
    ColumnContract,
    is_cycle,
    is_month,
    label,
    scale_of,
    schema_hash,
)
from sop_pipeline.workbook.guide import write_guide
from sop_pipeline.workbook.look import (
    BAD,
    INPUT,
    KEY,
    OPEN,
    PAST,
    READ_ONLY,
    TAB_INPUT,
    TAB_REFERENCE,
    Look,
    decimals_format,
    height_of,
    number_format,
    width_of,
)
from sop_pipeline.workbook.parse import BASE_SHEET, META_SHEET, Cell
from sop_pipeline.workbook.reference import ReferenceSheet
from sop_pipeline.workbook.validation import KeyLists, validate_column
from sop_pipeline.workbook.values import row_hash, value_of

FEWEST_EMPTY_ROWS, MOST_EMPTY_ROWS = 40, 400
LOCKED_BUT = {
    "insert_rows": True,
    "delete_rows": True,
    "sort": True,
    "autofilter": True,
    "format_columns": True,
    "format_rows": True,
    "format_cells": True,
}
"""What a protected input sheet allows beside typing: protection is against slips, it has no password."""


def write_workbook(content: Content, before: Any = None) -> bytes:
    """The bytes of a workbook. `before(book, look)` may write sheets of its own in front of the others."""
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties(
        {
            "title": f"{content.company}, cycle {content.cycle_id}, {content.role}",
            "created": datetime.fromisoformat("2000-01-01"),
        }
    )
    book.set_size(2400, 1500)
    look = Look(book)
    if before:
        before(book, look)
    guide = book.add_worksheet(GUIDE_SHEET)
    lists = KeyLists(content.keys, [sheet.contract for sheet in content.inputs])
    for sheet in content.inputs:
        _input_sheet(book, look, sheet, lists)
    for reference in content.references:
        _reference_sheet(book, look, reference)
    lists.write(book, look)
    write_guide(guide, look, content)
    _hidden_sheets(book, content)
    if not before:
        guide.activate()
    book.close()
    return buffer.getvalue()


# -- inputs


def _input_sheet(book: Any, look: Look, content: InputSheet, lists: KeyLists) -> None:
    contract = content.contract
    sheet = book.add_worksheet(label(contract.name))
    sheet.set_tab_color(TAB_INPUT)
    sheet.hide_gridlines(2)
    sheet.write_string(0, 0, label(contract.name), look.title())
    sheet.write_string(1, 0, contract.description, look.note())
    sheet.set_row(0, 24)
    sheet.set_row(3, 24)
    sheet.set_row(HEADER_ROW, 32)
    first, count = HEADER_ROW + 1, len(content.rows) + len(content.added)
    last = first + count + min(max(count // 5, FEWEST_EMPTY_ROWS), MOST_EMPTY_ROWS) - 1
    widths = []
    for place, column in enumerate(contract.columns):
        _head(sheet, look, place, column)
        texts = [row.get(column.name) for row in content.rows]
        background = KEY if column.name in contract.grain else INPUT
        widths.append((column.description, width_of(label(column.name), _shown(column, texts[:500]))))
        sheet.set_column(place, place, widths[-1][1])
        for offset, text in enumerate(texts):
            _write(sheet, look, content, (first + offset, place, offset), column, text, background)
        for offset, row in enumerate(content.added, start=len(content.rows)):
            place_of_cell = (first + offset, place, offset)
            _write(sheet, look, content, place_of_cell, column, row.get(column.name), background)
        empty = "General" if scale_of(column) else number_format(column, None)
        for number in range(first + count, last + 1):
            sheet.write_blank(number, place, None, look.cell(background, empty, False))
        validate_column(sheet, column, contract, lists, (first, last, place))
    sheet.set_row(2, height_of(((text, width * 1.2) for text, width in widths), 11))
    sheet.freeze_panes(first, 1)
    sheet.protect("", LOCKED_BUT)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADER_ROW)


def _head(sheet: Any, look: Look, place: int, column: ColumnContract) -> None:
    words = column.description[:1].upper() + column.description[1:]
    sheet.write_string(2, place, words, look.hint())
    sheet.write_string(3, place, unit_words(column), look.unit())
    is_figure = scale_of(column) is not None or column.data_type in ("date", "timestamp")
    sheet.write_string(HEADER_ROW, place, label(column.name), look.header(is_figure))
    example = f"\nExample: {column.example}" if column.example else ""
    sheet.write_comment(
        HEADER_ROW, place, f"{column.description}.{example}", {"x_scale": 1.6, "font_size": 9}
    )


def unit_words(column: ColumnContract) -> str:
    """What is written under a column's hint: its unit or form, and whether it may stay empty."""
    if is_month(column):
        form = "month: its first day"
    elif column.data_type == "date":
        form = "day"
    elif is_cycle(column):
        form = "cycle, YYYY-MM"
    elif column.accepted_values or column.data_type == "boolean":
        form = "one of a list"
    elif column.references or column.references_by:
        form = "a valid key"
    else:
        form = column.unit or ("number" if scale_of(column) is not None else "text")
    return form if column.is_required else f"{form}, or empty"


def _shown(column: ColumnContract, texts: Sequence[str | None]) -> list[str]:
    if column.data_type == "date":
        return ["2026-01-01"]
    scale = scale_of(column)
    if scale is None:
        return [text for text in texts if text]
    return [f"{Decimal(text):,}" for text in texts if text]


def _write(
    sheet: Any,
    look: Look,
    content: InputSheet,
    place: tuple[int, int, int],
    column: ColumnContract,
    text: str | Cell | None,
    usual: str,
) -> None:
    row, where, offset = place
    mark = content.marks.get((offset, column.name))
    typed = content.overlay[offset].get(column.name) if offset in content.overlay else text
    shown = number_format(column, typed.text if isinstance(typed, Cell) else typed)
    format_of = look.cell({"bad": BAD, "open": OPEN}[mark.kind] if mark else usual, shown, False)
    if isinstance(typed, Cell):
        _write_cell(sheet, row, where, typed, format_of)
    elif typed is None:
        sheet.write_blank(row, where, None, format_of)
    else:
        write_value(sheet, row, where, value_of(typed, column), format_of)
    if mark:
        sheet.write_comment(row, where, mark.words, {"x_scale": 1.8, "y_scale": 1.2, "font_size": 9})


def write_value(sheet: Any, row: int, place: int, value: Any, format_of: Any) -> None:
    """A typed value as what it is: text never becomes anything else."""
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        sheet.write_blank(row, place, None, format_of)
    elif isinstance(value, bool):
        sheet.write_boolean(row, place, value, format_of)
    elif isinstance(value, str):
        sheet.write_string(row, place, value, format_of)
    elif hasattr(value, "year"):
        sheet.write_datetime(row, place, value, format_of)
    else:
        sheet.write_number(row, place, float(value), format_of)


def _write_cell(sheet: Any, row: int, place: int, cell: Cell, format_of: Any) -> None:
    """A cell as somebody typed it."""
    if cell.kind == "number":
        try:
            sheet.write_number(row, place, float(Decimal(cell.text)), format_of)
            return
        except (InvalidOperation, ValueError, OverflowError):
            pass
    if cell.kind == "date":
        moment = datetime.fromisoformat(cell.text)
        if moment.year >= 1900:
            sheet.write_datetime(row, place, moment, format_of)
            return
    sheet.write_string(row, place, cell.text, format_of)


# -- sheets to read


def _reference_sheet(book: Any, look: Look, content: ReferenceSheet) -> None:
    sheet = book.add_worksheet(content.title)
    sheet.set_tab_color(TAB_REFERENCE)
    sheet.hide_gridlines(2)
    unit = f" [{content.unit}]" if content.unit else ""
    sheet.write_string(0, 0, content.title, look.title())
    sheet.write_string(1, 0, f"To read. {content.note}{unit}", look.note())
    sheet.set_row(0, 24)
    header = 3
    sheet.set_row(header, 30)
    frame = content.frame
    for place, name in enumerate(frame.columns):
        values = frame[name].tolist()
        is_past = content.names <= place < content.names + content.past
        shown = _reference_format(name, values)
        format_of = look.cell(PAST if is_past else READ_ONLY, shown, True)
        title = label(name) if name.islower() else name
        sheet.write_string(header, place, title, look.header(shown != "@"))
        sheet.set_column(
            place, place, width_of(title, [_reference_text(value, shown) for value in values[:300]])
        )
        for row, value in enumerate(values, start=header + 1):
            write_value(sheet, row, place, value, format_of)
    if content.warn_above is not None and len(frame):
        rule = {
            "type": "cell",
            "criteria": ">",
            "value": content.warn_above,
            "format": look.book.add_format({"bg_color": BAD}),
        }
        sheet.conditional_format(header + 1, content.names, header + len(frame), len(frame.columns) - 1, rule)
    if len(frame):
        sheet.autofilter(header, 0, header + len(frame), len(frame.columns) - 1)
    else:
        sheet.write_string(header + 1, 0, "Nothing to show in this cycle.", look.note())
    sheet.freeze_panes(header + 1, min(content.names, 4))
    sheet.protect("", {"autofilter": True, "sort": True, "format_columns": True})
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(header)


def _reference_text(value: Any, shown: str) -> str:
    if hasattr(value, "year"):
        return "2026-01-01"
    if isinstance(value, float):
        return f"{value:,.2f}" if "." in shown else f"{value:,.0f}"
    return str(value)


def _reference_format(name: str, values: Sequence[Any]) -> str:
    numbers = [abs(value) for value in values if isinstance(value, float) and value == value]
    if any(hasattr(value, "year") for value in values):
        return "mmm yyyy" if name == "period_start_date" else "yyyy-mm-dd"
    if not numbers:
        return "@"
    if name.endswith("_ratio") or max(numbers) < 10:
        return decimals_format(2)
    return decimals_format(0)


# -- what is hidden


def _hidden_sheets(book: Any, content: Content) -> None:
    contracts = [sheet.contract for sheet in content.inputs]
    facts = {
        "template_version": TEMPLATE_VERSION,
        "schema_hash": schema_hash(contracts),
        "cycle_id": content.cycle_id,
        "role": content.role,
        "company": content.company,
        "tables": ",".join(contract.name for contract in contracts),
        "reference_sheets": "\t".join(reference.title for reference in content.references),
        **content.facts,
    }
    meta = book.add_worksheet(META_SHEET)
    for row, (name, text) in enumerate(facts.items()):
        meta.write_string(row, 0, name)
        meta.write_string(row, 1, text)
    meta.very_hidden()
    base = book.add_worksheet(BASE_SHEET)
    for place, name in enumerate(("table", "row_hash", "row")):
        base.write_string(0, place, name)
    number = 1
    for sheet in content.inputs:
        for values in sheet.rows:
            base.write_string(number, 0, sheet.contract.name)
            base.write_string(number, 1, row_hash(values))
            text = json.dumps(dict(values), ensure_ascii=False)
            for part in range(0, len(text), 30_000):
                base.write_string(number, 2 + part // 30_000, text[part : part + 30_000])
            number += 1
    base.very_hidden()
