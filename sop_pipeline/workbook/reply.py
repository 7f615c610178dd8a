"""The answer to a file: what was not taken and why, in a workbook that can be put right and imported again.

It is an export of what is in force now, with the rows that were not taken on top, as they were typed and marked; so what
was taken is not lost when the reply comes back.
Add here: another part of the answer. Keep out: how sheets of inputs are written (`export`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sop_pipeline.workbook.changes import WHOLE_ROW
from sop_pipeline.workbook.content import Content, InputSheet, Mark
from sop_pipeline.workbook.contract import TableContract, label
from sop_pipeline.workbook.export import write_workbook
from sop_pipeline.workbook.judge import Rejection
from sop_pipeline.workbook.look import BAD, OPEN, READ_ONLY, TAB_REPLY, Look
from sop_pipeline.workbook.merge import Conflict
from sop_pipeline.workbook.parse import Cell
from sop_pipeline.workbook.values import Key, Row, key_of, key_words

REPLY_SHEET = "Reply"
_WIDTHS = (22, 7, 24, 34, 24, 96)


@dataclass(frozen=True)
class Answer:
    """What the reply says: `taken` in words."""

    file_name: str
    author: str
    taken: Sequence[str]
    rejections: Sequence[Rejection]
    conflicts: Sequence[Conflict]
    superseded: Sequence[str]
    warnings: Sequence[str]


def write_reply(content: Content, answer: Answer) -> bytes:
    """The bytes of the reply: the answer in front, then the inputs it speaks of (`content`)."""
    return write_workbook(content, lambda book, look: _reply_sheet(book, look, answer))


def marked_sheet(
    contract: TableContract,
    rows: Sequence[Row],
    held_back: Mapping[int, tuple[Key | None, Mapping[str, Cell]]],
    rejections: Iterable[Rejection],
    conflicts: Iterable[Conflict],
) -> InputSheet:
    """An input in force with the rows of `held_back` (row number in the file -> key if it can be read, cells) on top."""
    place_of = {key_of(row, contract.grain): place for place, row in enumerate(rows)}
    overlay: dict[int, Mapping[str, Cell]] = {}
    added: list[Mapping[str, Cell]] = []
    placed: dict[int, int] = {}
    for number, (key, cells) in held_back.items():
        place = place_of.get(key) if key is not None else None
        if place is None or place in overlay:
            added.append(cells)
            place = len(rows) + len(added) - 1
        else:
            overlay[place] = cells
        placed[number] = place
    marks: dict[tuple[int, str], Mark] = {}
    for rejection in rejections:
        if rejection.row in placed:
            column = rejection.column or contract.columns[0].name
            marks[placed[rejection.row], column] = Mark("bad", f"{rejection.rule}: {rejection.fix}")
    for conflict in conflicts:
        place = place_of.get(conflict.key)
        if place is not None:
            column = contract.columns[0].name if conflict.column == WHOLE_ROW else conflict.column
            marks.setdefault((place, column), Mark("open", claims_words(conflict)))
    return InputSheet(contract, rows, overlay, added, marks)


def claims_words(conflict: Conflict) -> str:
    """Who says what, and what stands until it is settled."""
    said = []
    for author, claims in sorted(conflict.claims.items()):
        words = []
        for one in claims:
            change = one.change
            if change.kind == "update":
                words.append(
                    f"{label(change.column or '')} {change.value if change.value is not None else '(empty)'}"
                )
            else:
                words.append("a new row" if change.kind == "insert" else "take the row out")
        said.append(f"{author}: {', '.join(words)}")
    if conflict.column == WHOLE_ROW:
        stands = "no row" if conflict.base is None else "the row as it was"
    else:
        stands = conflict.base if conflict.base is not None else "(empty)"
    return f"{'; '.join(said)}. Until it is settled: {stands}."


def _reply_sheet(book: Any, look: Look, answer: Answer) -> None:
    sheet = book.add_worksheet(REPLY_SHEET)
    sheet.set_tab_color(TAB_REPLY)
    sheet.hide_gridlines(2)
    for place, width in enumerate(_WIDTHS):
        sheet.set_column(place, place, width)
    sheet.set_row(0, 26)
    sheet.write_string(0, 0, f"Reply to {answer.file_name} of {answer.author}", look.title())
    sheet.write_string(1, 0, _summary(answer), look.note())
    row = 3
    if answer.rejections:
        row = _head(
            sheet, look, row, "Not taken", ("Sheet", "Row", "Column", "Value", "Rule", "How to put it right")
        )
        for rejection in answer.rejections:
            number = str(rejection.row) if rejection.row else ""
            texts = (
                rejection.sheet,
                number,
                label(rejection.column) if rejection.column else "",
                rejection.value,
                rejection.rule,
                rejection.fix,
            )
            row = _line(sheet, look, row, texts, BAD, marked=3)
        row += 1
    if answer.conflicts:
        row = _head(
            sheet, look, row, "Two people differ", ("Sheet", "", "Column", "Row's key", "", "Who says what")
        )
        for conflict in answer.conflicts:
            column = "" if conflict.column == WHOLE_ROW else label(conflict.column)
            texts = (label(conflict.table), "", column, key_words(conflict.key), "", claims_words(conflict))
            row = _line(sheet, look, row, texts, OPEN, marked=3)
        row += 1
    for title, lines in (
        ("Not taken: the row has changed since your export", answer.superseded),
        ("Taken", answer.taken),
        ("Please note", answer.warnings),
    ):
        if lines:
            sheet.write_string(row, 0, title, look.of(bold=True, font_size=12, font_color="#1F3A4D"))
            row += 1
            for line in lines:
                sheet.write_string(row, 0, line, look.of())
                row += 1
            row += 1
    sheet.freeze_panes(3, 0)
    sheet.activate()
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def _summary(answer: Answer) -> str:
    parts = [f"{len(answer.taken)} changes taken"]
    if answer.rejections:
        parts.append(f"{len(answer.rejections)} things to put right")
    if answer.conflicts:
        parts.append(f"{len(answer.conflicts)} to settle with somebody")
    what = "Put the marked cells right in the sheets of this file and import it; what was taken stands in it already."
    return f"{', '.join(parts)}. {what}"


def _head(sheet: Any, look: Look, row: int, title: str, names: Sequence[str]) -> int:
    sheet.write_string(row, 0, title, look.of(bold=True, font_size=12, font_color="#1F3A4D"))
    for place, name in enumerate(names):
        sheet.write_string(row + 1, place, name, look.header())
    return row + 2


def _line(sheet: Any, look: Look, row: int, texts: Sequence[str], colour: str, marked: int) -> int:
    for place, text in enumerate(texts):
        background = colour if place == marked else READ_ONLY
        cell = look.of(bg_color=background, border=1, border_color="#D5DADD", text_wrap=True, num_format="@")
        sheet.write_string(row, place, text, cell)
    longest = max(len(text) / width for text, width in zip(texts, _WIDTHS, strict=True))
    sheet.set_row(row, 15 * (1 + int(longest)))
    return row + 1
