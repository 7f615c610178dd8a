"""The process that opens a workbook: cells in, one JSON document out; it knows nothing of planning and keeps nothing.

Started by `parse` as `python -I child.py PATH`, with bounded memory and time. It imports openpyxl alone, so that a file
which breaks the parser breaks nothing else.
Add here: another fact of a cell or sheet. Keep out: what the facts mean (`parse`, `judge`).
"""

from __future__ import annotations

import json
import os
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

MOST_ROWS, MOST_COLUMNS = 200_000, 500


def describe(path: str) -> dict[str, Any]:
    """Every sheet: its cells that hold something, and what is merged, hidden, filtered."""
    import openpyxl
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    book = openpyxl.load_workbook(path, data_only=False, keep_links=False, rich_text=False)
    return {
        "is_1904": book.epoch == CALENDAR_MAC_1904,
        "sheets": [
            _sheet(sheet)
            if hasattr(sheet, "iter_rows")
            else {"name": sheet.title, "state": sheet.sheet_state, "is_chart": True}
            for sheet in (book[name] for name in book.sheetnames)
        ],
    }


def _sheet(sheet: Any) -> dict[str, Any]:
    if sheet.max_row > MOST_ROWS or sheet.max_column > MOST_COLUMNS:
        return {
            "name": sheet.title,
            "state": sheet.sheet_state,
            "is_too_large": [sheet.max_row, sheet.max_column],
        }
    rows = []
    for cells in sheet.iter_rows():
        found = [_cell(cell) for cell in cells if cell.value is not None]
        if found:
            rows.append([cells[0].row, found])
    filters = [part.colId for part in getattr(sheet.auto_filter, "filterColumn", ())]
    return {
        "name": sheet.title,
        "state": sheet.sheet_state,
        "rows": rows,
        "merged": [str(area) for area in sheet.merged_cells.ranges],
        "hidden_rows": sorted(number for number, row in sheet.row_dimensions.items() if row.hidden),
        "hidden_columns": sorted(name for name, column in sheet.column_dimensions.items() if column.hidden),
        "is_filtered": bool(filters),
    }


def _cell(cell: Any) -> list[Any]:
    """Column number, kind (text, number, bool, date, formula, error, other), value as text."""
    value = cell.value
    if cell.data_type == "f":
        return [cell.column, "formula", str(getattr(value, "text", value))[:200]]
    if cell.data_type == "e":
        return [cell.column, "error", str(value)]
    if isinstance(value, bool):
        return [cell.column, "bool", "true" if value else "false"]
    if isinstance(value, datetime):
        return [cell.column, "date", value.isoformat(sep=" ", timespec="seconds")]
    if isinstance(value, date):
        return [cell.column, "date", value.isoformat()]
    if isinstance(value, (time, timedelta)):
        return [cell.column, "other", str(value)]
    if isinstance(value, (int, float)):
        return [cell.column, "number", repr(value)]
    return [cell.column, "text", str(value)]


def main() -> None:
    """Bound this process, describe the workbook, write what was found."""
    import resource

    memory, seconds = int(sys.argv[2]), int(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.umask(0o077)
    found = describe(sys.argv[1])
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
