"""Files of planners as tests send them: the command line on a home, and workbooks changed as somebody would.

Add here: another way to change or send a file. Keep out: what is wrong in it (the tests say it).
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
from typer.testing import CliRunner

from sop_pipeline.cli.terminal import app

CYCLE = "2026-02"
FIRST_ROW, HEADER_ROW = 6, 5
"""Where the rows of an input begin, and its names stand."""
Edit = Callable[[Any], None]


@dataclass(frozen=True)
class PlannersDesk:
    """The command line on a home, as whoever takes in planners' files uses it."""

    home: Path
    exports: Path

    def run(self, *arguments: Any) -> tuple[int, str]:
        """Run `sop workbook ...` and return its exit code and what it says."""
        done = CliRunner().invoke(app, ["workbook", *map(str, arguments), "--home", str(self.home)])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.output

    def json(self, *arguments: Any) -> tuple[int, Any]:
        """The same, as a script hears it."""
        code, text = self.run(*arguments, "--json")
        return code, json.loads(text)

    def take(self, file: Path, author: str, *options: str) -> tuple[int, dict[str, Any]]:
        """Import one file."""
        code, answers = self.json("import", file, "--author", author, *options)
        return code, answers[0]

    def exported(self, role: str, into: Path) -> Path:
        """A workbook of the role as it is in force now."""
        code, text = self.run("export", "--role", role, "--cycle", CYCLE, "--out", into)
        assert code == 0, text
        return into


def save_edited(workbook: Path, into: Path, change: Edit) -> Path:
    """Open a workbook, change it, save it elsewhere."""
    book = openpyxl.load_workbook(workbook)
    change(book)
    book.save(into)
    return into


def place(sheet: Any, row_key: str, column: str, month: str | None = None) -> Any:
    """The cell of a row (by the text in its first column, and its month) and of a named column."""
    names = {str(cell.value): cell.column for cell in sheet[HEADER_ROW]}
    for row in range(FIRST_ROW, sheet.max_row + 1):
        day = sheet.cell(row, names["Period start date"]).value if month else None
        if sheet.cell(row, 1).value == row_key and (month is None or f"{day:%Y-%m}" == month):
            return sheet.cell(row, names[column])
    raise AssertionError(f"No row {row_key} {month}")


def append(sheet: Any, **values: Any) -> int:
    """Add a row below the last one that is filled; return its number."""
    names = {str(cell.value): cell.column for cell in sheet[HEADER_ROW]}
    row = next(
        number for number in range(FIRST_ROW, sheet.max_row + 2) if sheet.cell(number, 1).value is None
    )
    for name, value in values.items():
        sheet.cell(row, names[name.replace("_", " ").capitalize()]).value = value
    return row


def repacked(workbook: Path, into: Path, parts: dict[str, bytes]) -> Path:
    """A workbook with other parts: added, or in place of its own."""
    with zipfile.ZipFile(workbook) as old, zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename not in parts:
                new.writestr(part, old.read(part.filename))
        for name, content in parts.items():
            new.writestr(name, content)
    return into
