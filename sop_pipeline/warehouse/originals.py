"""The text of rows that were kept out, as it was delivered: looked up in the landed files by sha256 and row number.

A rule over several tables sees typed rows; whoever has to correct one needs what the file said. Landed files are kept for
the auditor, so the text is read from them, once, for the few rows concerned.
Add here: how the text of another kind of file is found. Keep out: which rows are kept out (ingest, dbt).
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from sop_pipeline.delivery.formats import STRICT, Format
from sop_pipeline.warehouse.contracts import Contract
from sop_pipeline.warehouse.ingest.value_rules import LARGEST_NUMBER

MANIFEST = "manifest.json"
_COUNTED = re.compile(r"(\d+) (.+)")


@dataclass(frozen=True)
class OriginalRow:
    """A delivered row: its file, its number there (header not counted, first row 1), its text, and its values by header."""

    file_name: str
    sha256: str
    number: int
    text: str
    values: Mapping[str, str]


def landed_files(landing_dir: Path) -> dict[str, Path]:
    """sha256 -> file, of every delivery that landed."""
    found: dict[str, Path] = {}
    for manifest in sorted(landing_dir.glob(f"*/cycle=*/delivery=*/{MANIFEST}")):
        files = json.loads(manifest.read_text(encoding="utf-8"))["files"]
        found |= {str(facts["sha256"]): manifest.parent / name for name, facts in files.items()}
    return found


def original_rows(
    path: Path, sha256: str, numbers: Iterable[int], written: Format = STRICT
) -> list[OriginalRow]:
    """The rows of a landed file that have these numbers, in their order. `written`: how its text was declared to be."""
    wanted = sorted(set(numbers))
    if path.suffix.lower() == ".parquet":
        return _of_parquet(path, sha256, wanted)
    return _of_text(path, sha256, wanted, written)


def _of_parquet(path: Path, sha256: str, wanted: list[int]) -> list[OriginalRow]:
    rows = pq.read_table(path).take([number - 1 for number in wanted]).to_pylist()
    texts = [{name: "" if value is None else str(value) for name, value in row.items()} for row in rows]
    return [
        OriginalRow(path.name, sha256, number, _line(values.values()), values)
        for number, values in zip(wanted, texts, strict=True)
    ]


def _of_text(path: Path, sha256: str, wanted: list[int], written: Format) -> list[OriginalRow]:
    """A row is a line: ingest refuses texts that break over lines. Lines without anything are no rows."""
    found: list[OriginalRow] = []
    numbers, number, header = set(wanted), -1, ""
    encoding = "utf-8-sig" if written.is_utf_8 else written.encoding
    with open(path, encoding=encoding, errors="replace", newline="") as file:
        for line in _lines(file):
            if line == "":
                continue
            number += 1
            if number == 0:
                header = line
            elif number in numbers:
                found.append(OriginalRow(path.name, sha256, number, line, _values(header, line, written)))
                if len(found) == len(numbers):
                    break
    return found


def _lines(file: io.TextIOBase) -> Iterable[str]:
    return (line.rstrip("\r\n") for line in file)


def _values(header: str, line: str, written: Format) -> dict[str, str]:
    names, values = (next(csv.reader([text], delimiter=written.delimiter), []) for text in (header, line))
    return dict(zip((name.casefold() for name in names), values, strict=False))


def _line(values: Iterable[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(values)
    return text.getvalue()


def originals_frame(rows: Iterable[OriginalRow], contracts: Mapping[str, Contract]) -> pd.DataFrame:
    """Rows of `ingest.original_rows` but for the cycle. `contracts`: by file name, those of the files' tables; quantity
    and amount are read from the text where it can be read, in the units and the currency of the row."""
    described = [
        {
            "source_file_sha256": row.sha256,
            "source_row_number": row.number,
            "file_name": row.file_name,
            "original_text": row.text,
        }
        | _measures(row, contracts.get(row.file_name))
        for row in rows
    ]
    columns = ["source_file_sha256", "source_row_number", "file_name", "original_text", "delivered_quantity",
               "delivered_amount", "currency_code"]  # fmt: skip
    return pd.DataFrame(described, columns=columns)


def _measures(row: OriginalRow, contract: Contract | None) -> dict[str, Any]:
    """What a row was worth: its first quantity, its amount (or that quantity times its price) and its currency."""
    headers = {column.name: column.header.casefold() for column in contract.columns} if contract else {}
    quantities = [name for name in headers if name.endswith("_quantity")]
    quantity = _number(row.values.get(headers[quantities[0]])) if quantities else None
    amount = _number(row.values.get(headers.get("net_amount", "")))
    price = _number(row.values.get(headers.get("unit_price", "")))
    if amount is None and quantity is not None and price is not None:
        amount = quantity * price
    currency = row.values.get(headers.get("currency_code", ""))
    return {
        "delivered_quantity": quantity,
        "delivered_amount": amount,
        "currency_code": currency.strip() if currency else None,
    }


def _number(text: str | None) -> Decimal | None:
    try:
        number = Decimal((text or "").strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) <= Decimal(LARGEST_NUMBER) else None


def repairs_frame(deliveries: pd.DataFrame) -> pd.DataFrame:
    """One row per thing that was put right in reading a file, but for the cycle: `fixes` and `declared_repairs` of
    ingest.deliveries, counted.

    What concerns a file and not its rows (a byte order mark) counts no rows.
    """
    repairs = []
    for file in deliveries.to_dict("records"):
        told = [str(file[column]) for column in ("fixes", "declared_repairs") if file.get(column)]
        for fix in "; ".join(told).split("; ") if told else ():
            counted = _COUNTED.fullmatch(fix)
            repairs.append(
                {
                    "table_name": file["table_name"],
                    "file_name": file["file_name"],
                    "repair": counted[2] if counted else fix,
                    "repaired_rows": int(counted[1]) if counted else 0,
                }
            )
    return pd.DataFrame(repairs, columns=["table_name", "file_name", "repair", "repaired_rows"])
