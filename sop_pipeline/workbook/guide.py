"""The first sheet of a workbook: what to do until when, what happens then, what the colours mean, where to find what.

Add here: what somebody who opens the file for the first time has to know. Keep out: the other sheets (`export`).
"""

from __future__ import annotations

from typing import Any

from sop_pipeline.workbook.content import Content
from sop_pipeline.workbook.contract import label
from sop_pipeline.workbook.look import BAD, INPUT, KEY, OPEN, READ_ONLY, TAB_GUIDE, Look
from sop_pipeline.workbook.parse import KEYS_SHEET


def write_guide(sheet: Any, look: Look, content: Content) -> None:
    """Fill the first sheet: what to do until when, what happens then, colours, and the sheets."""
    sheet.hide_gridlines(2)
    sheet.set_tab_color(TAB_GUIDE)
    sheet.set_column(0, 0, 3)
    sheet.set_column(1, 1, 26)
    sheet.set_column(2, 2, 92)
    sheet.set_row(1, 26)
    sheet.write_string(
        1, 1, f"{content.company}: inputs of {content.role} for cycle {content.cycle_id}", look.title()
    )
    facts = [
        ("Hand in until", content.until),
        (
            "What to do",
            "Fill in the yellow sheets: change cells, add rows below the last one, delete rows that no longer hold. "
            "Save, and hand the file to whoever imports it: sop workbook import FILE --author YOUR-NAME.",
        ),
        (
            "What happens then",
            "Only what you changed is taken. A cell that cannot be taken comes back in a reply workbook, "
            "marked, with what to do. Where somebody else changed the same cell, you both hear of it and neither change holds "
            "until it is settled. The next refresh plans with it.",
        ),
        (
            "Please",
            "Values only, no formulas. No merged cells. Leave sheets and columns where they are; a copy of a figure "
            "from elsewhere is pasted as value (Paste Special, Values). A month is its first day.",
        ),
        (
            "Shown is",
            f"what is in force, and the figures of release {content.facts.get('release_id', 'none yet')}.",
        ),
    ]
    row = 3
    for name, text in facts:
        sheet.write_string(row, 1, name, look.of(bold=True, valign="top"))
        sheet.write_string(row, 2, text, look.prose())
        sheet.set_row(row, 15 * (1 + len(text) // 118))
        row += 1
    row = _legend(sheet, look, row + 1)
    sheet.write_string(row, 1, "Sheets", look.of(bold=True, font_size=12, font_color="#1F3A4D"))
    link = look.of(font_color="#1F5C99", underline=1, valign="top")
    for one in content.inputs:
        row += 1
        sheet.write_url(row, 1, f"internal:'{label(one.contract.name)}'!A1", link, label(one.contract.name))
        rows = len(one.rows)
        sheet.write_string(
            row,
            2,
            f"to fill in: {one.contract.description} {rows} {'row' if rows == 1 else 'rows'} in force.",
            look.prose(),
        )
        sheet.set_row(row, 15 * (1 + (len(one.contract.description) + 34) // 118))
    for reference in content.references:
        row += 1
        sheet.write_url(row, 1, f"internal:'{reference.title}'!A1", link, reference.title)
        sheet.write_string(row, 2, f"to read: {reference.note}", look.prose())
        sheet.set_row(row, 15 * (1 + (len(reference.note) + 9) // 118))
    row += 1
    sheet.write_url(row, 1, f"internal:'{KEYS_SHEET}'!A1", link, KEYS_SHEET)
    sheet.write_string(
        row, 2, "to read: identifiers that may be named, with what they stand for.", look.prose()
    )
    sheet.protect("", {"select_locked_cells": True})
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _legend(sheet: Any, look: Look, row: int) -> int:
    sheet.write_string(row, 1, "Colours", look.of(bold=True, font_size=12, font_color="#1F3A4D"))
    for colour, text in (
        (INPUT, "fill in"),
        (KEY, "fill in; together these columns name the row, so that a changed one is another row"),
        (READ_ONLY, "to read"),
        (BAD, "in a reply: was not taken; the comment says why"),
        (OPEN, "in a reply: two people differ; neither holds until it is settled"),
    ):
        row += 1
        sheet.write_blank(row, 1, None, look.cell(colour, "General", True))
        sheet.write_string(row, 2, text, look.of(text_wrap=True, indent=1))
    return row + 2
