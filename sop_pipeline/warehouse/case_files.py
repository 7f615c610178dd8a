"""A planner's case as files: a folder of CSV tables in, the answer's tables out.

Add here: another format of the same tables. Keep out: what the tables mean (`planning.supply.case`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

LARGEST_FILE_BYTES = 2_000_000_000


class CaseFolderError(ValueError):
    """A folder cannot be read as a case. The message names everything that is wrong, and the remedy."""


def read_case_folder(folder: Path) -> dict[str, pd.DataFrame]:
    """Every CSV of a folder as a frame of text by file name without `.csv`, with the line of each row in `line`.

    Files are UTF-8 (with or without a byte order mark), separated by commas or semicolons; empty lines and lines that
    start with `#` are no rows. Raises CaseFolderError.
    """
    if not folder.is_dir():
        raise CaseFolderError(
            f"{folder} is no folder. A case is a folder of CSV files: `sop solve --template DIR` writes one."
        )
    paths = sorted(path for path in folder.iterdir() if path.suffix.casefold() == ".csv" and path.is_file())
    if not paths:
        raise CaseFolderError(
            f"{folder} holds no CSV file. A case needs at least demand.csv: `sop solve --template DIR` writes empty ones."
        )
    frames, problems = {}, []
    for path in paths:
        try:
            frames[path.stem.casefold()] = _read(path)
        except (ValueError, csv.Error) as error:
            problems.append(f"{path.name}: {error}")
    if problems:
        raise CaseFolderError(
            f"{folder} cannot be read:\n" + "\n".join(f" * {problem}" for problem in problems)
        )
    return frames


def _read(path: Path) -> pd.DataFrame:
    if path.stat().st_size > LARGEST_FILE_BYTES:
        raise ValueError(f"is larger than {LARGEST_FILE_BYTES:,} bytes")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8 (byte {error.start}): save it as CSV UTF-8") from None
    header_line = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    if not header_line:
        return pd.DataFrame({"line": pd.Series(dtype=int)})
    delimiter = ";" if header_line.count(";") > header_line.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    rows, wrong = [], []
    for cells in reader:
        if not any(cell.strip() for cell in cells) or cells[0].startswith("#"):
            continue
        if not header:
            header = [cell.strip() for cell in cells]
            continue
        if len(cells) != len(header):
            wrong.append(f"line {reader.line_num} has {len(cells)} fields instead of {len(header)}")
        else:
            rows.append([*cells, str(reader.line_num)])
    if wrong:
        raise ValueError("; ".join(wrong[:5]) + (f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""))
    return pd.DataFrame(rows, columns=[*header, "line"], dtype=str).astype({"line": int})


def write_tables(tables: Mapping[str, pd.DataFrame], folder: Path) -> list[Path]:
    """Write tables as `<name>.csv` into a folder, made where it is missing; return the files.

    They are opened in spreadsheets: a text that one would take for a formula gets an apostrophe before it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, table in tables.items():
        path = folder / f"{name}.csv"
        table.apply(_no_formulas).to_csv(path, index=False, lineterminator="\n", float_format="%.10g")
        written.append(path)
    return written


def _no_formulas(column: pd.Series) -> pd.Series:
    if column.dtype != object and not pd.api.types.is_string_dtype(column):
        return column
    return column.map(_no_formula)


def _no_formula(value: object) -> object:
    if not isinstance(value, str) or not value.startswith(FORMULA_STARTS):
        return value
    return "'" + value.replace("\r", " ")


FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A text that begins so is computed by a spreadsheet that opens the file (OWASP, CSV injection)."""
