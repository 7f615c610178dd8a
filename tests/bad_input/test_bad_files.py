"""The catalogue of bad files: how each is spoilt, what must become of it, and what the message must say.

One row a defect, held against every source that it can happen to: the demo company, a folder in our contract as CSV and
as Parquet, AdventureWorks' Parquet and its planners' CSV. Add here: what spoils a file as a whole. Keep out: values and rows
(`test_bad_values`), the folder (`test_bad_folders`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from kinds import CSV_KINDS, PARQUET_KINDS

from sop_pipeline.sources.protocol import SourceError
from sop_pipeline.warehouse.ingest import RejectedFile

if TYPE_CHECKING:
    from conftest import Delivery, Extract


DeliveryOf = Callable[[str], "Delivery"]


@dataclass(frozen=True)
class BadFile:
    """A defect of a whole file. `number`: row of the list of bad inputs; `says`: parts of the message, where {number},
    {code} and {day} stand for the columns of the file."""

    name: str
    number: int
    spoil: Callable[[Extract], None]
    says: tuple[str, ...]
    kinds: tuple[str, ...] = (*CSV_KINDS, *PARQUET_KINDS)


def _without(role: str) -> Callable[[Extract], None]:
    def spoil(extract: Extract) -> None:
        def change(header: list[str], rows: list[list[str]]) -> None:
            place = header.index(extract.roles[role])
            for row in [header, *rows]:
                del row[place]

        extract.spoil_rows(change)

    return spoil


def _renamed(extract: Extract) -> None:
    def change(header: list[str], rows: list[list[str]]) -> None:
        header[header.index(extract.roles["number"])] += "s"

    extract.spoil_rows(change)


def _twice(extract: Extract) -> None:
    def change(header: list[str], rows: list[list[str]]) -> None:
        place = header.index(extract.roles["number"])
        for row in [header, *rows]:
            row.append(row[place])

    extract.spoil_rows(change)


def _every(role: str, text: str) -> Callable[[Extract], None]:
    def spoil(extract: Extract) -> None:
        def change(header: list[str], rows: list[list[str]]) -> None:
            for row in rows:
                row[header.index(extract.roles[role])] = text

        extract.spoil_rows(change)

    return spoil


def _one(role: str, text: str) -> Callable[[Extract], None]:
    return lambda extract: extract.put(role, text)


def _without_rows(extract: Extract) -> None:
    extract.spoil_rows(lambda header, rows: rows.clear())


def _bytes(change: Callable[[bytes], bytes]) -> Callable[[Extract], None]:
    return lambda extract: extract.spoil_bytes(change)


def _with_name(name: str, encoding: str) -> Callable[[Extract], None]:
    """A code with letters that are no ASCII, in another encoding."""

    def spoil(extract: Extract) -> None:
        extract.put("code", name)
        extract.spoil_bytes(lambda content: content.decode("utf-8").encode(encoding))

    return spoil


def _mixed(extract: Extract) -> None:
    extract.put("code", "Müller", 1)
    extract.put("code", "Jäger", 2)
    extract.spoil_bytes(lambda content: content.replace("Jäger".encode(), b"J\xe4ger"))


def _line(number: int, change: Callable[[bytes], bytes]) -> Callable[[Extract], None]:
    def spoil(content: bytes) -> bytes:
        lines = content.splitlines(keepends=True)
        lines[number - 1] = change(lines[number - 1])
        return b"".join(lines)

    return _bytes(spoil)


CSV = tuple(CSV_KINDS)
PARQUET = tuple(PARQUET_KINDS)

BAD_FILES = [
    BadFile("empty", 3, _bytes(lambda _: b""), ("is empty (0 bytes)", "Deliver the file again")),
    BadFile("header only", 4, _without_rows, ("0 rows", "needs at least 1"),
            ("demo", "contract_csv", "contract_parquet", "adventureworks")),
    BadFile("cut in a line", 5, _bytes(lambda content: content[: content.rindex(b",")]),
            ("fields instead of", "cut off", "Deliver the whole file again"), CSV),
    BadFile("cut in the middle", 5, _bytes(lambda content: content[: len(content) // 2]),
            ("is not a whole Parquet file", "Deliver it again"), PARQUET),
    BadFile("damaged in the middle", 5, _bytes(lambda content: content[:10] + bytes(len(content) // 3) + content[10 + len(content) // 3 :]),
            ("Deliver it again",), PARQUET),
    BadFile("column missing", 10, _without("number"), ("column '{number}' is missing", "Expected:", "Found:")),
    BadFile("column renamed", 10, _renamed, ("column '{number}' is missing (did you mean '{number}s'?)",)),
    BadFile("column twice", 12, _twice, ("column '{number}' stands 2 times",)),
    BadFile("no header", 13, _line(1, lambda line: b""), ("has no header line: its first line is", "Export it with the column names"), CSV),
    BadFile("semicolons", 14, _bytes(lambda content: content.replace(b",", b";")), ("is separated by semicolons, not by commas",), CSV),
    BadFile("tabs", 14, _bytes(lambda content: content.replace(b",", b"\t")), ("is separated by tabs, not by commas",), CSV),
    BadFile("decimal comma", 15, _every("number", "1.234,56"),
            ("{number}: decimal_comma", "line 2: '1.234,56'", "export numbers with a decimal point"), CSV),
    BadFile("decimal comma in one row", 15, _one("number", "12,5"), ("{number}: decimal_comma, 1 row, e.g. line 4: '12,5'",), CSV),
    BadFile("decimal comma as text", 15, _every("number", "1,5"), ("{number}: decimal_comma", "row 1: '1,5'"), PARQUET),
    BadFile("Latin-1", 19, _with_name("Müller", "latin-1"), ("is not UTF-8: byte ", "(line 4) is 0xfc", "Latin-1", "Export it as UTF-8"), CSV),
    BadFile("GBK", 19, _with_name("上海工厂", "gbk"), ("is not UTF-8: byte ", "(line 4)", "GBK", "Export it as UTF-8"), CSV),
    BadFile("UTF-16", 19, _bytes(lambda content: content.decode().encode("utf-16")), ("UTF-16", "Export it as UTF-8"), CSV),
    BadFile("UTF-16 without a mark", 19, _bytes(lambda content: content.decode().encode("utf-16-le")), ("UTF-16", "Export it as UTF-8"), CSV),
    BadFile("two encodings", 20, _mixed, ("is not UTF-8: byte ", "(line 3) is 0xe4", "mixes encodings: 1 texts are UTF-8 and 1 are not"), CSV),
    BadFile("NUL", 21, _line(3, lambda line: line.replace(b",", b",\0", 1)), ("has a NUL (0x00) at byte ", "line 3"), CSV),
    BadFile("control character", 21, _line(3, lambda line: line.replace(b",", b",\x1a", 1)), ("has a control character (0x1a) at byte ", "line 3"), CSV),
    BadFile("control character in Parquet", 21, _one("code", "A\x071"), ("holds control characters", "column '{code}'", "row 3: 'A\\x071'"), PARQUET),
    BadFile("open quote", 23, _line(4, lambda line: b'"' + line), ("a quote is opened and never closed: 1 row, line 4",), CSV),
    BadFile("line break in a text", 23, _one("code", "A\nB"), ("a text breaks over lines: 1 row, line 4",), CSV),
    BadFile("too few fields", 24, _line(4, lambda line: line.split(b",", 1)[1]), ("fields instead of", "1 row, line 4"), CSV),
    BadFile("too many fields", 24, _line(4, lambda line: b"x," + line), ("fields instead of", "1 row, line 4"), CSV),
    BadFile("day first", 46, _every("day", "01/12/2025"), ("{day}: ambiguous_date", "'01/12/2025'", "Export dates as YYYY-MM-DD")),
    BadFile("day first in one row", 46, _one("day", "31.12.2025"), ("{day}: ambiguous_date, 1 row", "'31.12.2025'")),
    BadFile("two-digit year", 47, _one("day", "25-12-31"), ("{day}: two_digit_year, 1 row", "a year of two digits")),
    BadFile("a time of another zone", 49, _one("day", "2025-12-31T23:30:00+02:00"), ("{day}: date_with_zone, 1 row", "local day")),
    BadFile("time with zone", 49, lambda extract: extract.retype("day", pa.timestamp("us", "UTC"), lambda _: datetime(2025, 12, 31, 23, tzinfo=UTC)),
            ("column '{day}' is timestamp[us, tz=UTC], the contract says date", "local day"), PARQUET),
    BadFile("code as a floating number", 27, lambda extract: extract.retype("code", pa.float64(), lambda row: 4.2e15 + row),
            ("column '{code}' is double, the contract says varchar", "write it as text"), PARQUET),
    BadFile("a list for a number", 27, lambda extract: extract.retype("number", pa.list_(pa.int64()), lambda row: [row]),
            ("column '{number}' is list", "one plain value a row"), PARQUET),
    BadFile("a number for a day", 48, lambda extract: extract.retype("day", pa.int64(), lambda _: 46357),
            ("column '{day}' is int64, the contract says date", "write a date"), PARQUET),
    BadFile("half of the numbers unreadable", 44, _every("number", "n.a."), ("{number}: not_a_decimal", "more than 0.5%", "'n.a.'", "SOP_QUARANTINE_MAXIMUM_RATIO")),
]  # fmt: skip


def _cases(defects: list[BadFile]) -> list[object]:
    return [
        pytest.param(defect, kind, id=f"{defect.number} {defect.name} - {kind}")
        for defect in defects
        for kind in defect.kinds
    ]


@pytest.mark.parametrize(("defect", "kind"), _cases(BAD_FILES))
def test_a_bad_file_is_refused_whole_and_told(defect: BadFile, kind: str, delivery_of: DeliveryOf) -> None:
    delivery = delivery_of(kind)
    defect.spoil(delivery.extract)
    with pytest.raises((RejectedFile, SourceError)) as refused:
        delivery.ingest()
    message = str(refused.value)
    assert delivery.extract.path.name in message
    for part in defect.says:
        assert part.format(**delivery.extract.roles) in message
    assert "Traceback" not in message
