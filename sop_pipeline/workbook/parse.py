"""A workbook or CSV file as rows of cells, read in a process of its own, with the sheets matched to planner inputs.

Add here: a fact of a file that the judgement needs. Keep out: whether a file may be opened (`security`), whether a value is
good (`judge`).
"""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from sop_pipeline.workbook.contract import TEMPLATE_VERSION, TableContract, label, name_of_label
from sop_pipeline.workbook.security import RefusedFile, refuse_unreadable, refuse_unsafe
from sop_pipeline.workbook.values import Key, Row, key_of, row_hash

META_SHEET, BASE_SHEET, KEYS_SHEET = "_meta", "_base", "Valid keys"
CHILD = Path(__file__).with_name("child.py")
MEMORY_BYTES, CPU_SECONDS, WALL_SECONDS = 2 << 30, 60, 120
HEADER_WITHIN_ROWS = 20


@dataclass(frozen=True)
class Cell:
    """What stands in a cell. `kind`: text, number, bool, date, formula, error or other."""

    kind: str
    text: str


@dataclass
class ParsedTable:
    """Rows of one input as somebody sent them: row number -> column -> cell. `base`: as exported, None for a CSV file."""

    contract: TableContract
    place: str
    columns: tuple[str, ...]
    rows: list[tuple[int, dict[str, Cell]]]
    base: dict[Key, Row] | None = None


@dataclass
class ParsedFile:
    """A whole file. `problems` refuse it; `warnings` do not."""

    path: Path
    facts: dict[str, str]
    tables: list[ParsedTable] = field(default_factory=list)
    problems: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def refuse(
        self, rule: str, fix: str, place: str = "", row: int | None = None, column: str = "", value: str = ""
    ) -> None:
        """Note why the file is refused."""
        self.problems.append(
            {"sheet": place, "row": row, "column": column, "value": value, "rule": rule, "fix": fix}
        )


def read_workbook(path: Path, contracts: Sequence[TableContract]) -> ParsedFile:
    """Open a workbook safely. Raises RefusedFile for what may not be opened or is no workbook of ours."""
    refuse_unsafe(path)
    found = _described(path)
    sheets = {sheet["name"]: sheet for sheet in found["sheets"]}
    parsed = ParsedFile(path, _meta(path, sheets) | {"is_1904": str(found["is_1904"]).lower()})
    bases = _bases(path, sheets, contracts)
    expected = parsed.facts.get("tables", "").split(",")
    by_name = {contract.name: contract for contract in contracts}
    matched = {name_of_label(name): name for name in sheets}
    for table in expected:
        if table in by_name and table not in matched:
            _sheet_is_missing(parsed, table, sheets)
    references = set(parsed.facts.get("reference_sheets", "").split("\t"))
    for name, sheet in sheets.items():
        table = name_of_label(name)
        if name in references | {META_SHEET, BASE_SHEET, KEYS_SHEET, "Read me"}:
            continue
        if table not in by_name:
            parsed.warnings.append(f"Sheet '{name}' is no planner input and was not read.")
        elif table not in expected:
            parsed.refuse(
                "sheet_of_another_role",
                f"{label(table)} is not an input of role {parsed.facts.get('role')}: export a workbook of the role that it belongs to.",
                name,
            )
        else:
            _read_sheet(parsed, by_name[table], sheet, bases.get(table, {}))
    return parsed


def _described(path: Path) -> dict[str, Any]:
    environment = {"PATH": os.environ.get("PATH", ""), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-I", str(CHILD), str(path.resolve()), str(MEMORY_BYTES), str(CPU_SECONDS)]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            env=environment,
            timeout=WALL_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        found: dict[str, Any] = json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        raise _too_much(path, f"it takes longer than {WALL_SECONDS} s") from None
    except ValueError:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        raise _too_much(path, said[-1][:200] if said else "it takes more time or memory than any") from None
    return found


def _too_much(path: Path, why: str) -> RefusedFile:
    return RefusedFile(
        f"{path.name} cannot be read as a workbook: {why}. It is damaged, or larger than any workbook of planners: start "
        "from a fresh export and paste values only."
    )


def _meta(path: Path, sheets: Mapping[str, Any]) -> dict[str, str]:
    if META_SHEET not in sheets:
        raise RefusedFile(
            f"{path.name} was not written by `sop workbook export`: it has no sheet {META_SHEET}, which says its cycle and "
            "role. Export a workbook and copy your figures into it, or import one table as .csv."
        )
    facts = {}
    for _, cells in sheets[META_SHEET]["rows"]:
        texts = {column: text for column, _, text in cells}
        facts[texts.get(1, "")] = texts.get(2, "")
    version = facts.get("template_version")
    if version != TEMPLATE_VERSION:
        raise RefusedFile(
            f"{path.name} has template version {version}, and version {TEMPLATE_VERSION} is read. Export a fresh workbook "
            "and copy your figures into it."
        )
    return facts


def _bases(
    path: Path, sheets: Mapping[str, Any], contracts: Iterable[TableContract]
) -> dict[str, dict[Key, Row]]:
    if BASE_SHEET not in sheets:
        raise RefusedFile(
            f"{path.name} has lost its sheet {BASE_SHEET}, which says what was exported. Start from a fresh export."
        )
    grains = {contract.name: contract for contract in contracts}
    found: dict[str, dict[Key, Row]] = {}
    for number, cells in sheets[BASE_SHEET]["rows"][1:]:
        texts = [text for _, _, text in cells]
        contract = grains.get(texts[0]) if texts else None
        if contract is None:
            continue
        try:
            row = json.loads("".join(texts[2:]))
            is_whole = row_hash(row) == texts[1]
        except (ValueError, IndexError):
            is_whole = False
        if not is_whole:
            raise RefusedFile(
                f"{path.name}: row {number} of its sheet {BASE_SHEET} was changed. Start from a fresh export."
            )
        found.setdefault(contract.name, {})[key_of(row, contract.grain)] = row
    return found


def _sheet_is_missing(parsed: ParsedFile, table: str, sheets: Mapping[str, Any]) -> None:
    near = get_close_matches(label(table), sheets, n=1, cutoff=0.5)
    guess = f" Is it '{near[0]}'? Name it '{label(table)}' again." if near else ""
    parsed.refuse(
        "sheet_is_missing",
        f"Sheet '{label(table)}' was exported and is not there.{guess} Nothing is deleted for a sheet that is gone: put it back, or start from a fresh export.",
        label(table),
    )


def _read_sheet(
    parsed: ParsedFile, contract: TableContract, sheet: Mapping[str, Any], base: dict[Key, Row]
) -> None:
    name = sheet["name"]
    if sheet.get("is_chart") or "is_too_large" in sheet:
        parsed.refuse(
            "sheet_too_large",
            f"Sheet '{name}' reaches to row {sheet.get('is_too_large', ['?'])[0]}: delete the empty rows and columns that were filled by mistake.",
            name,
        )
        return
    header_row, columns = _find_header(contract, sheet["rows"])
    if not columns:
        parsed.refuse(
            "header_is_missing", "The row of column names is gone: start from a fresh export.", name
        )
        return
    _judge_header(parsed, contract, name, columns)
    _judge_sheet(parsed, sheet, header_row)
    rows = [
        (number, {columns[column]: Cell(kind, text) for column, kind, text in cells if column in columns})
        for number, cells in sheet["rows"]
        if number > header_row
    ]
    strays = [
        number
        for number, cells in sheet["rows"]
        if number > header_row and any(column not in columns for column, _, _ in cells)
    ]
    if strays:
        parsed.warnings.append(
            f"Sheet '{name}': what stands beside the table was not read (row {strays[0]})."
        )
    known = {column.name for column in contract.columns}
    kept = [
        (
            number,
            {c: cell for c, cell in row.items() if c in known and (cell.text.strip() or cell.kind != "text")},
        )
        for number, row in rows
    ]
    parsed.tables.append(
        ParsedTable(
            contract,
            name,
            tuple(n for n in columns.values() if n in known),
            [(number, row) for number, row in kept if row],
            base,
        )
    )


def _find_header(contract: TableContract, rows: Sequence[Any]) -> tuple[int, dict[int, str]]:
    known = {column.name for column in contract.columns}
    best: tuple[int, int, dict[int, str]] = (0, 0, {})
    for number, cells in rows:
        if number > HEADER_WITHIN_ROWS:
            break
        names = {column: name_of_label(text) for column, kind, text in cells if kind == "text"}
        score = len(known & set(names.values()))
        if score > best[0]:
            best = (score, number, names)
    return best[1], best[2]


def _judge_header(
    parsed: ParsedFile,
    contract: TableContract,
    place: str,
    columns: Mapping[int, str],
    needed: Iterable[str] | None = None,
) -> None:
    """Refuse a file whose columns are not those of the input; `needed`: what it may not leave out (None = nothing)."""
    known = [column.name for column in contract.columns]
    extra = [name for name in columns.values() if name not in known]
    for name in known:
        count = list(columns.values()).count(name)
        if count > 1:
            parsed.refuse(
                "column_stands_twice",
                f"Column '{label(name)}' stands {count} times: delete the copies.",
                place,
                column=name,
            )
        if count == 0 and (needed is None or name in needed):
            near = get_close_matches(name, extra, n=1)
            guess = (
                f" Did you mean '{label(near[0])}'? Name it '{label(name)}' again."
                if near
                else " Put it back, or start from a fresh export."
            )
            parsed.refuse(
                "column_is_missing", f"Column '{label(name)}' is not there.{guess}", place, column=name
            )
    if extra and all(name in columns.values() for name in known):
        parsed.warnings.append(
            f"Sheet '{place}': column {', '.join(map(label, extra))} is no column of it and was not read."
        )


def _judge_sheet(parsed: ParsedFile, sheet: Mapping[str, Any], header_row: int) -> None:
    """What says that the sheet is no plain table: merged cells and formulas refuse the file, the rest is told."""
    name = sheet["name"]
    for area in sheet["merged"]:
        parsed.refuse(
            "merged_cells",
            f"Unmerge {area}: only its first cell has a value, the others are empty.",
            name,
            value=area,
        )
    for number, cells in sheet["rows"]:
        for column, kind, text in cells:
            if number > header_row and kind in ("formula", "error"):
                rule = "formula" if kind == "formula" else "error_value"
                fix = (
                    "Replace it by its value: copy, Paste Special, Values."
                    if kind == "formula"
                    else "Look the value up and type it in, or leave the cell empty."
                )
                parsed.refuse(rule, fix, name, number, column_letters(column), text)
    if sheet["state"] != "visible":
        parsed.warnings.append(f"Sheet '{name}' is hidden; it was read.")
    hidden_rows = [number for number in sheet["hidden_rows"] if number > header_row]
    if hidden_rows:
        parsed.warnings.append(
            f"Sheet '{name}': {len(hidden_rows)} hidden rows were read (first: {hidden_rows[0]})."
        )
    if sheet["hidden_columns"]:
        parsed.warnings.append(
            f"Sheet '{name}': hidden columns were read ({', '.join(sheet['hidden_columns'])})."
        )
    if sheet["is_filtered"]:
        parsed.warnings.append(f"Sheet '{name}' is filtered; the rows that the filter hides were read too.")


def column_letters(number: int) -> str:
    """A, B, ..., Z, AA."""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def read_csv_table(path: Path, contracts: Sequence[TableContract]) -> ParsedFile:
    """One input as CSV, `<table>.csv`, UTF-8 with commas. Raises RefusedFile for what is no such table."""
    refuse_unreadable(path)
    by_name = {contract.name: contract for contract in contracts}
    if path.stem not in by_name:
        near = get_close_matches(path.stem, by_name, n=1)
        guess = f"Did you mean {near[0]}.csv?" if near else f"Inputs: {', '.join(by_name)}."
        raise RefusedFile(f"{path.name} is named after no planner input. {guess}")
    contract = by_name[path.stem]
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RefusedFile(
            f"{path.name} is not UTF-8 (byte {error.start}). Save it as 'CSV UTF-8 (comma delimited)'."
        ) from error
    odd = next((c for c in text if ord(c) < 32 and c not in "\r\n\t"), None)
    if odd:
        raise RefusedFile(f"{path.name} holds a control character (0x{ord(odd):02x}). Export it again.")
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise RefusedFile(f"{path.name} is no CSV table: {error}. Export it again.") from error
    parsed = ParsedFile(path, {})
    names = {number: name_of_label(name) for number, name in enumerate(lines[0] if lines else ())}
    if not set(names.values()) & {column.name for column in contract.columns}:
        raise RefusedFile(
            f"{path.name} has no line of column names separated by commas. Expected: "
            f"{', '.join(column.name for column in contract.columns)}."
        )
    _judge_header(parsed, contract, path.name, names, contract.grain)
    ragged = [number for number, row in enumerate(lines[1:], start=2) if row and len(row) != len(names)]
    for number in ragged:
        parsed.refuse(
            "ragged_row",
            f"Line {number} has not as many fields as the header: put quotes around a text that holds a comma.",
            path.name,
            number,
        )
    rows = [
        (number, {names[place]: Cell("text", text) for place, text in enumerate(row) if text.strip()})
        for number, row in enumerate(lines[1:], start=2)
        if number not in ragged
    ]
    parsed.tables.append(ParsedTable(contract, path.name, tuple(names.values()), [r for r in rows if r[1]]))
    return parsed
