"""What Excel itself checks while somebody types: lists of words and keys, numbers within limits, first days of months.

It helps, and guards nothing: pasting goes around it, and the import judges every cell again (`judge`).
Add here: another check of Excel's. Keep out: what a cell must be.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sop_pipeline.workbook.contract import ColumnContract, TableContract, is_month, label, scale_of
from sop_pipeline.workbook.judge import Keys
from sop_pipeline.workbook.look import READ_ONLY, TAB_REFERENCE, Look, width_of
from sop_pipeline.workbook.parse import KEYS_SHEET, column_letters

FIRST_KEY_ROW = 5  # counted from 1
LONGEST_LIST = 255


class KeyLists:
    """Lists of identifiers on a sheet of their own, and the names by which cells point at them."""

    def __init__(self, keys: Keys, contracts: Sequence[TableContract]) -> None:
        self.lists: dict[str, list[tuple[str, str]]] = {}
        self.places: dict[str, int] = {}
        self.names: dict[str, str] = {}
        for contract in contracts:
            for column in contract.columns:
                if column.references:
                    self._add(keys, column.references, column.references_also)
                for other, by_value in column.references_by.items():
                    for value, reference in by_value.items():
                        place = self._add(keys, reference, ())
                        if place is not None:
                            self.names[_list_name(contract, column, value)] = place
                    self.names.setdefault(f"{contract.name}.{column.name}", other)

    def _add(self, keys: Keys, reference: str, also: tuple[str, ...]) -> str | None:
        title = "+".join([reference, *also])
        if title not in self.lists:
            known = keys.of(reference) if "." in reference else {reference: "every one"}
            if known is None:
                return None
            self.places[title] = 2 * len(self.lists)
            self.lists[title] = [*((word, "every one") for word in also), *sorted(known.items())]
        return title

    def range_of(self, reference: str, also: tuple[str, ...] = ()) -> str | None:
        """Where the identifiers of a reference stand, as a formula."""
        title = "+".join([reference, *also])
        if title not in self.lists or not self.lists[title]:
            return None
        letters = column_letters(self.places[title] + 1)
        last = FIRST_KEY_ROW + len(self.lists[title]) - 1
        return f"='{KEYS_SHEET}'!${letters}${FIRST_KEY_ROW}:${letters}${last}"

    def write(self, book: Any, look: Look) -> None:
        """The sheet of identifiers, and the names that lists depend on."""
        sheet = book.add_worksheet(KEYS_SHEET)
        sheet.set_tab_color(TAB_REFERENCE)
        sheet.hide_gridlines(2)
        sheet.write_string(0, 0, KEYS_SHEET, look.title())
        sheet.write_string(
            1, 0, "To read. Identifiers that may be named, with what they stand for.", look.note()
        )
        sheet.set_row(0, 24)
        sheet.set_row(FIRST_KEY_ROW - 2, 20)
        for title, rows in self.lists.items():
            place = self.places[title]
            what = title.split("+")[0].split(".")[-1]
            sheet.set_column(place + 1, place + 1, 3)
            heads = (label(what) if "." in title else "For the company", "Is called")
            is_named = any(key != name for key, name in rows)
            for side in (0, 1) if is_named else (0,):
                texts = [row[side] for row in rows]
                sheet.set_column(place + side, place + side, width_of(heads[side], texts[:500]))
                sheet.write_string(FIRST_KEY_ROW - 2, place + side, heads[side], look.header())
                for number, text in enumerate(texts, start=FIRST_KEY_ROW - 1):
                    sheet.write_string(number, place + side, text, look.cell(READ_ONLY, "@", True))
        for name, title in self.names.items():
            if title in self.lists:
                reference, *also = title.split("+")
                found = self.range_of(reference, tuple(also))
                if found:
                    book.define_name(name, found)
        sheet.freeze_panes(FIRST_KEY_ROW - 1, 0)
        sheet.protect("", {"autofilter": True, "format_columns": True})
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)


def _list_name(contract: TableContract, column: ColumnContract, value: str) -> str:
    return f"list_{contract.name}_{column.name}_{value}"


def validate_column(
    sheet: Any, column: ColumnContract, contract: TableContract, lists: KeyLists, area: tuple[int, int, int]
) -> None:
    """Let Excel check the cells of a column: rows from `area[0]` to `area[1]`, counted from 0, column `area[2]`."""
    first, last, place = area
    check = _check(column, contract, lists, first)
    if check is None:
        return
    usual = {
        "ignore_blank": True,
        "error_title": label(column.name)[:32],
        "error_message": _words(column)[:255],
    }
    sheet.data_validation(first, place, last, place, usual | check)


def _check(
    column: ColumnContract, contract: TableContract, lists: KeyLists, first: int
) -> dict[str, Any] | None:
    if column.data_type == "boolean":
        return {"validate": "list", "source": ["TRUE", "FALSE"]}
    if column.accepted_values and len(",".join(column.accepted_values)) <= LONGEST_LIST:
        return {"validate": "list", "source": list(column.accepted_values)}
    if column.references:
        found = lists.range_of(column.references, column.references_also)
        return {"validate": "list", "source": found, "error_type": "warning"} if found else None
    for other in column.references_by:
        places = [one.name for one in contract.columns]
        cell = f"${column_letters(places.index(other) + 1)}{first + 1}"
        name = f"list_{contract.name}_{column.name}_"
        return {"validate": "list", "source": f'=INDIRECT("{name}"&{cell})', "error_type": "warning"}
    cell = f"{column_letters([one.name for one in contract.columns].index(column.name) + 1)}{first + 1}"
    if is_month(column):
        return {"validate": "custom", "value": f"=AND(ISNUMBER({cell}),DAY({cell})=1)"}
    if column.data_type == "date":
        return {"validate": "custom", "value": f"=AND(ISNUMBER({cell}),{cell}>=DATE(1980,1,1))"}
    scale = scale_of(column)
    if scale is None:
        return None
    kind = "integer" if scale == 0 else "decimal"
    if column.minimum is not None and column.maximum is not None:
        return {"validate": kind, "criteria": "between", "minimum": column.minimum, "maximum": column.maximum}
    if column.minimum is not None:
        return {"validate": kind, "criteria": ">=", "value": column.minimum}
    return {"validate": kind, "criteria": "between", "minimum": -1e12, "maximum": 1e12}


def _words(column: ColumnContract) -> str:
    if is_month(column):
        return "A month is its first day, for example 2026-03-01."
    if column.minimum is not None:
        most = f" and {column.maximum:g}" if column.maximum is not None else ""
        return f"A number of at least {column.minimum:g}{most} is wanted here."
    if column.references or column.references_by:
        return (
            "That is none of the identifiers on sheet 'Valid keys'. If it is new, keep it; the import tells."
        )
    return f"{column.description}."
