"""Files written in a way that was declared are read as what they mean; what does not follow it is kept out, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sop_pipeline.delivery.company import CompanyFormats
from sop_pipeline.warehouse.contracts import Column, Contract
from sop_pipeline.warehouse.ingest import IngestedFile, RejectedFile, ingest_file

COLUMNS = (
    Column("item_id", "varchar", "Item", is_required=True, declared_format={"pad": {"length": 18}}),
    Column("quantity", "decimal(18,3)", "Quantity"),
    Column("valid_from_date", "date", "First day"),
    Column("valid_to_date", "date", "Last day", has_open_end=True),
    Column("is_deleted", "boolean", "Deleted"),
    Column("changed_at", "timestamp", "Changed"),
)
moment = datetime.fromisoformat
HEADER = [column.name for column in COLUMNS]


def deliver(folder: Path, row: Mapping[str, str], **declared: Any) -> IngestedFile:
    """A file of one row, separated by semicolons, read as declared."""
    contract = Contract(
        "sap", "parts", "Parts", COLUMNS, ("item_id",), Path("_sap__sources.yml"), False,
        declared_format={"delimiter": ";", **declared},
    )  # fmt: skip
    lines = [HEADER, [row.get(name, "") for name in HEADER]]
    text = "".join(";".join(line) + "\r\n" for line in lines)
    (folder / "parts.csv").write_bytes(text.encode())
    return ingest_file(contract, folder, 1.0)


def value(ingested: IngestedFile, column: str) -> Any:
    assert ingested.quarantined.to_pylist() == []
    return ingested.rows[column][0].as_py()


@pytest.mark.parametrize(
    ("text", "declared", "meant"),
    [
        ("1.234,56", {"decimal": ",", "thousands": "."}, "1234.56"),
        ("-1.234.567,5", {"decimal": ",", "thousands": "."}, "-1234567.5"),
        ("1.234", {"decimal": ",", "thousands": "."}, "1234"),
        ("12,5", {"decimal": ","}, "12.5"),
        ("1 234,5", {"decimal": ",", "thousands": " "}, "1234.5"),
        ("1\N{NO-BREAK SPACE}234,5", {"decimal": ",", "thousands": " "}, "1234.5"),
        ("1'234.5", {"thousands": "'"}, "1234.5"),
        ("10.000-", {"sign": "trailing"}, "-10"),
        ("1.234,50-", {"decimal": ",", "thousands": ".", "sign": "trailing"}, "-1234.5"),
        ("10 -", {"sign": "trailing"}, "-10"),
        ("-10", {"sign": "trailing"}, "-10"),
    ],
)
def test_numbers_are_read_as_declared(tmp_path: Path, text: str, declared: Any, meant: str) -> None:
    assert value(deliver(tmp_path, {"item_id": "A", "quantity": text}, **declared), "quantity") == Decimal(
        meant
    )


@pytest.mark.parametrize(
    ("text", "declared"),
    [
        ("1.5", {"decimal": ","}),  # a point where there are no thousands: 15 or 1.5?
        ("1.23", {"decimal": ",", "thousands": "."}),  # a group of two digits
        ("1,234.50", {"decimal": ",", "thousands": "."}),  # the other way round
        ("-10-", {"sign": "trailing"}),
        ("ten", {"decimal": ","}),
        ("0x10", {"decimal": ","}),
    ],
)
def test_numbers_that_are_not_as_declared_are_kept_out_as_delivered(
    tmp_path: Path, text: str, declared: Any
) -> None:
    ingested = deliver(tmp_path, {"item_id": "A", "quantity": text}, **declared)
    (problem,) = ingested.quarantined.to_pylist()
    assert (problem["rule_id"], problem["original_text"]) == ("not_a_decimal", text)


@pytest.mark.parametrize(
    ("column", "text", "declared", "meant"),
    [
        ("valid_from_date", "20260131", {"date": ["%Y%m%d"]}, date(2026, 1, 31)),
        ("valid_from_date", "31.1.2026", {"date": ["%Y%m%d", "%d.%m.%Y"]}, date(2026, 1, 31)),
        ("valid_from_date", "2026-01-31", {"date": ["%Y%m%d", "iso"]}, date(2026, 1, 31)),
        ("valid_from_date", "00000000", {"date": ["%Y%m%d"], "null_dates": ["00000000"]}, None),
        ("valid_from_date", "1900-01-00", {"null_dates": ["1900-01-00"]}, None),
        ("valid_to_date", "99991231", {"date": ["%Y%m%d"], "open_dates": ["99991231"]}, None),
        ("quantity", "N/A", {"null_tokens": ["N/A", "NULL"]}, None),
        ("is_deleted", "X", {"booleans": {"true": ["X"], "false": [""]}}, True),
        ("is_deleted", "", {"booleans": {True: ["X"], False: [""]}}, False),
        ("changed_at", "2026-01-01 00:30:00", {"timezone": "Asia/Shanghai"}, moment("2025-12-31 16:30")),
        ("changed_at", "2026-07-01 12:00:00", {"timezone": "Europe/Berlin"}, moment("2026-07-01 10:00")),
        ("changed_at", "2026-07-01T12:00:00Z", {"timezone": "Europe/Berlin"}, moment("2026-07-01 12:00")),
        ("changed_at", "20260701120000", {"date": ["%Y%m%d", "%Y%m%d%H%M%S"]}, moment("2026-07-01 12:00")),
        ("changed_at", "2026-10-25 02:30:00", {"timezone": "Europe/Berlin"}, moment("2026-10-25 01:30")),  # the second pass
        ("item_id", "42", {}, "000000000000000042"),
        ("item_id", "A-42", {}, "A-42"),
        ("item_id", "0000000000000000000042", {}, "0000000000000000000042"),
    ],
)  # fmt: skip
def test_days_moments_words_and_codes_are_read_as_declared(tmp_path: Path, column: str, text: str, declared: Any, meant: Any) -> None:  # fmt: skip
    assert value(deliver(tmp_path, {"item_id": "A", column: text}, **declared), column) == meant


@pytest.mark.parametrize(
    ("column", "text", "declared", "rule"),
    [
        ("valid_from_date", "2026-01-31", {"date": ["%Y%m%d"]}, "not_a_date"),
        ("valid_from_date", "20260230", {"date": ["%Y%m%d"]}, "not_a_date"),
        ("valid_from_date", "31.12.26", {"date": ["%d.%m.%Y"]}, "out_of_range"),
        ("valid_from_date", "99991231", {"date": ["%Y%m%d"], "open_dates": ["99991231"]}, "out_of_range"),
        ("is_deleted", "true", {"booleans": {"true": ["X"], "false": [""]}}, "not_a_boolean"),
        ("changed_at", "2026-03-29 02:30:00", {"timezone": "Europe/Berlin"}, "no_such_local_time"),
        ("quantity", "NULL", {"null_tokens": ["N/A"]}, "not_a_decimal"),
    ],
)
def test_what_is_not_as_declared_is_kept_out(
    tmp_path: Path, column: str, text: str, declared: Any, rule: str
) -> None:
    (problem,) = deliver(tmp_path, {"item_id": "A", column: text}, **declared).quarantined.to_pylist()
    assert (problem["column_name"], problem["rule_id"], problem["original_text"]) == (column, rule, text)


def test_every_declared_repair_is_counted(tmp_path: Path) -> None:
    row = {
        "item_id": "42", "quantity": "1.234,5-", "valid_from_date": "00000000", "valid_to_date": "99991231",
        "is_deleted": "X", "changed_at": "2026-07-01 12:00",
    }  # fmt: skip
    ingested = deliver(
        tmp_path, row, decimal=",", thousands=".", sign="trailing", null_dates=["00000000"],
        open_dates=["99991231"], date=["%Y%m%d"], booleans={"true": ["X"], "false": [""]}, timezone="Asia/Tokyo",
    )  # fmt: skip
    assert ingested.fixes == ()  # nothing that the sender should have to correct
    assert set(ingested.declared_repairs) == {
        "1 codes filled up in front in item_id",
        "1 decimal commas in quantity",
        "1 thousands separators in quantity",
        "1 minus signs behind the number in quantity",
        "1 days that mean empty in valid_from_date",
        "1 days that mean never in valid_to_date",
        "1 words for true and false in is_deleted",
        "1 local times of Asia/Tokyo as UTC in changed_at",
    }


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-16-le", "utf-8-sig", "big5"])
def test_files_of_a_declared_encoding_are_read_letter_by_letter(tmp_path: Path, encoding: str) -> None:
    assert value(_read(tmp_path, "上海工厂", encoding), "item_id") == "上海工厂"


def _read(folder: Path, text: str, encoding: str, declared: str | None = None) -> IngestedFile:
    contract = Contract(
        "sap", "parts", "Parts", COLUMNS[:2], ("item_id",), Path("_sap__sources.yml"), False,
        declared_format={"encoding": declared or encoding},
    )  # fmt: skip
    (folder / "parts.csv").write_bytes(f"item_id,quantity\n{text},1\n".encode(encoding))
    return ingest_file(contract, folder, 1.0)


def test_a_wrong_declared_encoding_is_told_with_the_byte(tmp_path: Path) -> None:
    with pytest.raises(RejectedFile, match=r"is not gb18030, as declared: byte 19 \(line 2\) is 0xff"):
        (tmp_path / "parts.csv").write_bytes(b"item_id,quantity\nAB\xff\xff,1\n")
        contract = Contract("sap", "parts", "", COLUMNS[:2], ("item_id",), Path("x"), False, declared_format={"encoding": "gb18030"})  # fmt: skip
        ingest_file(contract, tmp_path, 1.0)


def test_utf_8_that_was_declared_as_something_else_is_not_misread(tmp_path: Path) -> None:
    with pytest.raises(RejectedFile, match="is UTF-8, and cp1252 was declared"):
        _read(tmp_path, "Müller", "utf-8", declared="cp1252")


def test_what_the_company_declares_counts_before_the_contract(tmp_path: Path) -> None:
    contract = Contract("sap", "parts", "", COLUMNS[:2], ("item_id",), Path("x"), False, declared_format={"decimal": "."})  # fmt: skip
    (tmp_path / "PARTS_2026.TXT").write_bytes(b"QUANTITY|ITEM_ID\n1,5|A\n")
    company = CompanyFormats({"delimiter": "|"}, {}, {"parts": {"decimal": ","}}, {"parts": "parts_*.txt"})
    ingested = ingest_file(contract, tmp_path, 1.0, company)
    assert value(ingested, "quantity") == Decimal("1.5")


def test_too_many_values_that_are_not_as_declared_are_told_with_what_was_declared(tmp_path: Path) -> None:
    contract = Contract("sap", "parts", "", COLUMNS[:2], ("item_id",), Path("x"), False, declared_format={"decimal": ","})  # fmt: skip
    (tmp_path / "parts.csv").write_bytes(b'item_id,quantity\nA,"1.5"\n')
    with pytest.raises(RejectedFile, match=r"quantity: not_a_decimal, 1 row, e.g. line 2: '1.5' \(declared: decimal ','\)"):  # fmt: skip
        ingest_file(contract, tmp_path, 0.0)
