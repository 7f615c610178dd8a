"""A parsed file against what is in force: which cells changed, which of these are good, and what follows from them.

Three-way: a cell counts as changed where it differs from what was exported, whatever is in force by now; a row that was
exported and is gone was taken out. A row is taken whole or not at all: with one bad cell all its changes wait.
Add here: another thing that a file as a whole may say. Keep out: single rules (`judge`, `rules`), who is right (`merge`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sop_pipeline.workbook.changes import Change
from sop_pipeline.workbook.contract import TableContract, label
from sop_pipeline.workbook.judge import Keys, Refused, Rejection, refuse_unknown, text_of_cell
from sop_pipeline.workbook.parse import Cell, ParsedFile, ParsedTable
from sop_pipeline.workbook.rules import Context, fault_of_change, faults_of_row, faults_of_table, is_total
from sop_pipeline.workbook.values import Key, Row, key_of, key_words

ROWS_THAT_MAY_VANISH = 10
"""A sheet that had more rows and has none now was emptied by mistake, unless the author says otherwise."""


@dataclass
class Received:
    """What a file says. `held_back`: table -> row number -> key, if it can be read, and cells of a row that was not
    taken, as they were typed."""

    changes: list[Change] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    held_back: dict[str, dict[int, tuple[Key | None, Mapping[str, Cell]]]] = field(default_factory=dict)
    rows_read: int = 0


def receive(
    parsed: ParsedFile,
    current: Mapping[str, Mapping[Key, Row]],
    keys: Keys,
    context: Context,
    may_empty: bool = False,
) -> Received:
    """Judge a file. `current`: rows in force by table and key; they are the base of a CSV file, which says nothing about
    rows that it does not hold."""
    received = Received()
    for table in parsed.tables:
        is_1904 = parsed.facts.get("is_1904") == "true"
        _Table(table, current.get(table.contract.name, {}), keys, context, is_1904, received).receive(
            may_empty
        )
    return received


class _Table:
    def __init__(
        self,
        parsed: ParsedTable,
        current: Mapping[Key, Row],
        keys: Keys,
        context: Context,
        is_1904: bool,
        received: Received,
    ) -> None:
        self.parsed, self.keys, self.context, self.is_1904, self.received = (
            parsed,
            keys,
            context,
            is_1904,
            received,
        )
        self.contract: TableContract = parsed.contract
        self.base = parsed.base if parsed.base is not None else current
        self.is_whole = parsed.base is not None
        self.fixes: list[str] = []
        self.bad_rows: set[int] = set()
        self.totals: set[int] = set()
        self.key_of_row: dict[int, Key] = {}  # keys of rows that are there, whatever else is wrong with them

    def receive(self, may_empty: bool) -> None:
        self.received.rows_read += len(self.parsed.rows)
        cells = dict(self.parsed.rows)
        rows = {
            number: row
            for number, found in self.parsed.rows
            if (row := self.read_row(number, found)) is not None
        }
        rows = self.without_repeated_keys(rows)
        found = {key_of(row, self.contract.grain): number for number, row in rows.items()}
        changed = {number for key, number in found.items() if self.base.get(key) != rows[number]}
        for number in sorted(changed):
            self.judge_row(number, rows[number], cells[number])
        for number, fault in faults_of_table(self.contract.name, rows).items():
            if number in changed:
                self.reject(number, fault.column, cells[number].get(fault.column), fault.rule, fault.fix)
        for number in sorted(changed - self.bad_rows):
            self.received.changes += self.changes_of(number, rows[number])
        if self.is_whole:
            seen = {*found, *self.key_of_row.values()}
            self.take_out(set(self.base) - seen, may_empty, bool(seen))
        for fix, count in Counter(self.fixes).items():
            self.received.notes.append(f"{self.parsed.place}: {fix} ({count}).")
        held: dict[int, tuple[Key | None, Mapping[str, Cell]]] = {
            number: (self.key_of_row.get(number), cells[number]) for number in sorted(self.bad_rows)
        }
        if held:
            self.received.held_back[self.contract.name] = held

    def read_row(self, number: int, cells: Mapping[str, Cell]) -> Row | None:
        """Cells as texts; None where one of them is not good. A CSV file may leave columns out of rows that are there."""
        named = {*self.contract.grain, self.parsed.columns[0]}
        if is_total([cells[name].text for name in named if name in cells and cells[name].kind == "text"]):
            fix = "A row that adds up others is no row of the table: delete it."
            self.reject(number, "", None, "subtotal_row", fix)
            self.totals.add(number)
            return None
        row: dict[str, str | None] = {}
        is_good = True
        for column in self.contract.columns:
            if column.name not in self.parsed.columns:
                continue
            try:
                row[column.name] = text_of_cell(cells.get(column.name), column, self.is_1904, self.fixes)
            except Refused as refused:
                is_good = False
                self.reject(number, column.name, cells.get(column.name), refused.rule, refused.fix)
        if all(row.get(name) for name in self.contract.grain):
            self.key_of_row[number] = key_of(row, self.contract.grain)
        return self.filled(number, row) if is_good else None

    def filled(self, number: int, row: dict[str, str | None]) -> Row | None:
        missing = [column for column in self.contract.columns if column.name not in row]
        if not missing:
            return row
        before = (
            self.base.get(key_of(row, self.contract.grain))
            if set(self.contract.grain) <= row.keys()
            else None
        )
        for column in missing:
            if before is None and column.is_required:
                self.reject(
                    number, column.name, None, "missing_value", f"A new row needs column {column.name}."
                )
            row[column.name] = before.get(column.name) if before else None
        return None if number in self.bad_rows else row

    def without_repeated_keys(self, rows: Mapping[int, Row]) -> dict[int, Row]:
        by_key: dict[Key, list[int]] = {}
        for number, row in rows.items():
            by_key.setdefault(key_of(row, self.contract.grain), []).append(number)
        kept = dict(rows)
        for key, numbers in by_key.items():
            if len(numbers) > 1:
                where = ", ".join(map(str, numbers))
                for number in numbers:
                    self.reject(
                        number,
                        self.contract.grain[0],
                        Cell("text", key_words(key)),
                        "duplicate_key",
                        f"Rows {where} have the same key ({', '.join(map(label, self.contract.grain))}): keep one.",
                    )
                    del kept[number]
        return kept

    def judge_row(self, number: int, row: Row, cells: Mapping[str, Cell]) -> None:
        before = self.base.get(key_of(row, self.contract.grain))
        for column in self.contract.columns:
            # an identifier that has gone out of use stays where it stands, and may not be written anew
            if before is None or before.get(column.name) != row.get(column.name):
                try:
                    refuse_unknown(row.get(column.name), column, row, self.keys)
                except Refused as refused:
                    self.reject(number, column.name, cells.get(column.name), refused.rule, refused.fix)
        faults = list(faults_of_row(self.contract.name, row, self.context))
        fixed = fault_of_change(self.contract.name, before) if before is not None else None
        for fault in [*faults, *([fixed] if fixed else [])]:
            self.reject(number, fault.column, cells.get(fault.column), fault.rule, fault.fix)

    def changes_of(self, number: int, row: Row) -> list[Change]:
        key = key_of(row, self.contract.grain)
        before = self.base.get(key)
        if before is None:
            return [Change(self.contract.name, key, "insert", row=dict(row), row_number=number)]
        return [
            Change(self.contract.name, key, "update", name, before.get(name), row[name], row_number=number)
            for name in row
            if before.get(name) != row[name]
        ]

    def take_out(self, gone: set[Key], may_empty: bool, has_rows: bool) -> None:
        if not gone:
            return
        place = self.parsed.place
        if any(self.key_of_row.get(number) not in self.base for number in self.bad_rows - self.totals):
            self.received.notes.append(
                f"{place}: {len(gone)} rows of the export are not in the sheet, and were kept: a row that was not taken may be "
                "one of them under another key."
            )
            return
        if not has_rows and not may_empty and len(gone) > ROWS_THAT_MAY_VANISH:
            self.received.rejections.append(
                Rejection(
                    place,
                    None,
                    "",
                    "",
                    "all_rows_gone",
                    f"All {len(gone)} rows are gone; nothing was taken out. If that is meant, import it with --allow-empty.",
                )
            )
            return
        for key in sorted(gone):
            fault = fault_of_change(self.contract.name, self.base[key])
            if fault:
                self.received.rejections.append(
                    Rejection(
                        place, None, "", key_words(key), fault.rule, f"The row was taken out. {fault.fix}"
                    )
                )
            else:
                self.received.changes.append(
                    Change(self.contract.name, key, "delete", row=dict(self.base[key]))
                )

    def reject(self, number: int, column: str, cell: Cell | None, rule: str, fix: str) -> None:
        self.bad_rows.add(number)
        self.received.rejections.append(
            Rejection(
                self.parsed.place,
                number,
                column,
                cell.text[:200].removesuffix(" 00:00:00") if cell else "",
                rule,
                fix,
            )
        )
