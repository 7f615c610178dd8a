"""The catalogue of bad files: how each is spoilt, what must become of it, and what the message must say.

One row a defect, held against every source that it can happen to: the demo company, a folder in our contract as CSV and
as Parquet, AdventureWorks' Parquet and its planners' CSV. `R`: the file is refused whole. `Q`: the row is kept out and
listed, and, where that is too much, the message says the same. `F`: put right, and told. `W`: read, and told.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sop_pipeline.settings import DBT_PROJECT_DIR
from sop_pipeline.sources.protocol import SourceError
from sop_pipeline.warehouse.contracts import Column, load_contracts
from sop_pipeline.warehouse.deliveries import ingest_all
from sop_pipeline.warehouse.ingest import RejectedFile
from sop_pipeline.warehouse.ingest.value_rules import remedy

if TYPE_CHECKING:
    from conftest import Delivery, Extract

CSV_KINDS = ["demo", "contract_csv", "adventureworks_planner"]
PARQUET_KINDS = ["contract_parquet", "adventureworks"]
SPOILT_ROW = 3

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


# -- values


@dataclass(frozen=True)
class BadValue:
    """A value that keeps its row out: the rule that says so, and what the message adds when it is too much."""

    number: int
    role: str
    text: str
    rule: str
    says: str = ""


BAD_VALUES = [
    BadValue(16, "number", "1,234", "not_a_decimal", "thousands separators"),
    BadValue(17, "number", "10.000-", "not_a_decimal", "the minus stands behind the number"),
    BadValue(22, "number", "１２３", "not_a_decimal", "wide digits"),
    BadValue(22, "number", "1\N{NO-BREAK SPACE}234", "not_a_decimal", "wide digits or hidden blanks"),
    BadValue(27, "code", "4.2E+15", "scientific_notation", "a spreadsheet made a number of the code"),
    BadValue(43, "number", "inf", "not_a_decimal", "not a finite number"),
    BadValue(43, "number", "NaN", "not_a_decimal", "not a finite number"),
    BadValue(43, "number", "1e308", "out_of_range", "no number is above 1e+12"),
    BadValue(43, "number", "1e20", "out_of_range", "no number is above 1e+12"),
    BadValue(44, "number", "#N/A", "not_a_decimal", "a placeholder is not a value"),
    BadValue(44, "number", "-", "not_a_decimal", "a placeholder is not a value"),
    BadValue(44, "number", "NULL", "not_a_decimal", "a placeholder is not a value"),
    BadValue(44, "number", "?", "not_a_decimal", "a placeholder is not a value"),
    BadValue(44, "number", "", "missing_value", "a value is required"),
    BadValue(44, "number", "0x10", "not_a_decimal"),
    BadValue(44, "number", "1_000", "not_a_decimal"),
    BadValue(
        44, "code", "#N/A", "placeholder", "a placeholder is not a value: leave the field empty, or look"
    ),
    BadValue(45, "day", "2025-02-30", "not_a_date", "no such day"),
    BadValue(45, "day", "00000000", "not_a_date", "no such day"),
    BadValue(45, "day", "1900-01-00", "not_a_date", "no such day"),
    BadValue(45, "day", "9999-12-31", "out_of_range", "days run from 1901-01-01 to 2199-12-31"),
    BadValue(45, "day", "infinity", "not_a_date", "no such day"),
    BadValue(48, "day", "46357", "not_a_date", "no such day, or not written as YYYY-MM-DD"),
]


@pytest.mark.parametrize("kind", [*CSV_KINDS, *PARQUET_KINDS])
def test_a_bad_value_keeps_its_row_out_and_no_other(kind: str, delivery_of: DeliveryOf) -> None:
    delivery = delivery_of(kind)
    by_header = {column.header: column.name for column in delivery.extract.contract.columns}

    def spoil(header: list[str], rows: list[list[str]]) -> None:
        for place, bad in enumerate(BAD_VALUES, start=1):
            rows[2 * place][header.index(delivery.extract.roles[bad.role])] = bad.text

    delivery.extract.spoil_rows(spoil)
    ingested = delivery.ingest(kept_out_maximum=0.1)
    found = {
        row["source_row_number"]: (row["column_name"], row["rule_id"], row["original_text"] or "")
        for row in ingested.quarantined.to_pylist()
    }
    assert found == {
        2 * place + 1: (by_header[delivery.extract.roles[bad.role]], bad.rule, bad.text)
        for place, bad in enumerate(BAD_VALUES, start=1)
    }
    assert ingested.rows.num_rows == ingested.delivered_rows - len(BAD_VALUES)
    assert set(ingested.quarantined["file_name"].to_pylist()) == {delivery.extract.path.name}


@pytest.mark.parametrize("kind", [*CSV_KINDS, *PARQUET_KINDS])
def test_too_many_bad_values_are_told_with_their_places_and_the_remedy(
    kind: str, delivery_of: DeliveryOf
) -> None:
    delivery = delivery_of(kind)
    delivery.extract.put("number", "10.000-", 3)
    delivery.extract.put("day", "00000000", 5)
    delivery.extract.put("code", "4.2E+15", 7)
    with pytest.raises(RejectedFile) as refused:
        delivery.ingest(kept_out_maximum=0.001)
    roles = delivery.extract.roles
    places = ("line 4", "line 6", "line 8") if delivery.extract.is_csv else ("row 3", "row 5", "row 7")
    lines = str(refused.value).splitlines()
    assert f"{delivery.extract.path.name}: 3 of " in lines[0]
    assert lines[0].endswith("break its contract, more than 0.1%:")
    assert set(lines[1:4]) == {
        f" * {roles['number']}: not_a_decimal, 1 row, e.g. {places[0]}: '10.000-' "
        "(the minus stands behind the number: put it in front)",
        f" * {roles['day']}: not_a_date, 1 row, e.g. {places[1]}: '00000000' (no such day, or not written as YYYY-MM-DD)",
        f" * {roles['code']}: scientific_notation, 1 row, e.g. {places[2]}: '4.2E+15' "
        "(a spreadsheet made a number of the code: export it as text)",
    }
    assert lines[4].startswith("Correct the extract")


@pytest.mark.parametrize("bad", BAD_VALUES, ids=lambda bad: f"{bad.number} {bad.role} {bad.text}")
def test_a_bad_value_comes_with_words(bad: BadValue) -> None:
    kind = {"number": "decimal(18,3)", "day": "date", "code": "varchar"}[bad.role]
    said = remedy(bad.rule, bad.text, Column(f"{bad.role}_id", kind, "", is_required=True))
    assert said.startswith(bad.says) if bad.says else said == ""


# -- what is put right, and what is only told


@pytest.mark.parametrize("kind", CSV_KINDS)
def test_byte_order_mark_and_mixed_line_ends_are_put_right_and_told(
    kind: str, delivery_of: DeliveryOf
) -> None:
    delivery = delivery_of(kind)
    expected = delivery.ingest().rows.drop_columns(["source_file_sha256"])

    def spoil(content: bytes) -> bytes:
        first, second, rest = content.split(b"\n", 2)
        return b"\xef\xbb\xbf" + first + b"\r\n" + second + b"\r" + rest

    delivery.extract.spoil_bytes(spoil)
    ingested = delivery.ingest()
    assert ingested.rows.drop_columns(["source_file_sha256"]).equals(expected)
    assert ingested.fixes == ("byte order mark", "mixed line ends")


@pytest.mark.parametrize("kind", CSV_KINDS)
def test_lines_that_all_end_alike_need_no_word(kind: str, delivery_of: DeliveryOf) -> None:
    delivery = delivery_of(kind)
    expected = delivery.ingest().rows.drop_columns(["source_file_sha256"])
    for end in (b"\r\n", b"\r"):
        delivery.extract.spoil_bytes(
            lambda content, end=end: b"\n".join(content.splitlines()).replace(b"\n", end) + end
        )
        ingested = delivery.ingest()
        assert ingested.fixes == ()
        assert ingested.rows.drop_columns(["source_file_sha256"]).equals(expected)  # fmt: skip


@pytest.mark.parametrize("kind", CSV_KINDS)
def test_a_last_line_without_an_end_may_be_cut_and_is_told(kind: str, delivery_of: DeliveryOf) -> None:
    delivery = delivery_of(kind)
    delivery.extract.spoil_bytes(lambda content: content.rstrip(b"\n"))
    assert delivery.ingest().fixes == ("last line without an end: is the file whole?",)


@pytest.mark.parametrize("kind", [*CSV_KINDS, *PARQUET_KINDS])
def test_codes_lose_wide_and_hidden_characters(kind: str, delivery_of: DeliveryOf) -> None:
    delivery = delivery_of(kind)
    delivery.extract.put("code", "\N{ZERO WIDTH SPACE}Ａ１２\N{NO-BREAK SPACE}")
    ingested = delivery.ingest()
    header = delivery.extract.roles["code"]
    (column,) = [column.name for column in delivery.extract.contract.columns if column.header == header]
    assert ingested.rows[column][SPOILT_ROW - 1].as_py() == "A12"
    assert ingested.fixes == (f"1 codes with wide or hidden characters in {header}",)


@pytest.mark.parametrize("kind", [*CSV_KINDS, *PARQUET_KINDS])
def test_columns_are_found_by_name_in_any_order_and_case_and_others_are_told(
    kind: str, delivery_of: DeliveryOf
) -> None:
    delivery = delivery_of(kind)
    expected = delivery.ingest().rows.drop_columns(["source_file_sha256"])

    def turn(header: list[str], rows: list[list[str]]) -> None:
        header.append("remark")
        for row in rows:
            row.append("hello")
        for row in [header, *rows]:
            row.reverse()
        header[1] = header[1].upper()

    delivery.extract.spoil_rows(turn)
    ingested = delivery.ingest()
    assert ingested.rows.drop_columns(["source_file_sha256"]).equals(expected)
    assert ingested.ignored_columns == ("remark",)


@pytest.mark.parametrize("kind", PARQUET_KINDS)
def test_noise_of_floating_numbers_is_rounded_to_the_contract_s_scale(
    kind: str, delivery_of: DeliveryOf
) -> None:
    delivery = delivery_of(kind)
    delivery.extract.retype("number", pa.float64(), lambda _: 0.1 + 0.2)  # 0.30000000000000004
    header = delivery.extract.roles["number"]
    (column,) = [column.name for column in delivery.extract.contract.columns if column.header == header]
    assert set(delivery.ingest().rows[column].to_pylist()) == {Decimal("0.3")}


def test_a_fraction_is_not_rounded_to_a_whole_number(delivery_of: DeliveryOf) -> None:
    delivery = delivery_of("adventureworks")
    delivery.extract.roles["days"] = "DaysToManufacture"
    delivery.extract.put("days", "1.5")
    (problem,) = delivery.ingest().quarantined.to_pylist()
    assert (problem["rule_id"], problem["original_text"]) == ("not_a_integer", "1.5")


def test_the_end_of_time_is_an_open_end_where_something_ends(delivery_of: DeliveryOf) -> None:
    delivery = delivery_of("adventureworks")
    delivery.extract.roles["end"] = "SellEndDate"
    delivery.extract.put("end", "9999-12-31")
    ingested = delivery.ingest()
    assert ingested.quarantined_rows == 0
    assert ingested.rows["sell_end_date"][SPOILT_ROW - 1].as_py() is None


# -- rows of one key in planners' files (in an ERP's tables dbt judges them, by the newest change)


def test_a_planners_row_that_comes_twice_counts_once(delivery_of: DeliveryOf) -> None:
    delivery = delivery_of("adventureworks_planner")
    delivery.extract.spoil_rows(lambda header, rows: rows.append(list(rows[0])))
    ingested = delivery.ingest()
    assert (ingested.rows.num_rows, ingested.quarantined_rows) == (ingested.delivered_rows - 1, 0)
    assert ingested.fixes == ("1 rows that came twice, word for word",)


def test_planners_rows_that_contradict_each_other_are_both_kept_out(delivery_of: DeliveryOf) -> None:
    delivery = delivery_of("adventureworks_planner")

    def contradict(header: list[str], rows: list[list[str]]) -> None:
        rows.append([*rows[0]])
        rows[-1][header.index("goal_value")] = "2"

    delivery.extract.spoil_rows(contradict)
    ingested = delivery.ingest()
    assert ingested.quarantined["rule_id"].to_pylist() == ["conflicting_rows"] * 2
    assert ingested.quarantined["source_row_number"].to_pylist() == [1, ingested.delivered_rows]
    with pytest.raises(RejectedFile, match="different rows of one key"):
        delivery.ingest(kept_out_maximum=0)


# -- the folder


@pytest.mark.parametrize("kind", ["contract_csv", "contract_parquet", "adventureworks"])
def test_a_missing_file_is_named_with_the_one_that_was_meant(kind: str, delivery_of: DeliveryOf) -> None:
    delivery = delivery_of(kind)
    path = delivery.extract.path
    path.rename(path.with_name(path.name.replace(".", "s.", 1).upper()))
    with pytest.raises(SourceError) as refused:
        delivery.land()
    assert f"is not in {path.parent} (did you mean" in str(refused.value)
    assert path.name in str(refused.value)


def test_a_file_that_the_demo_company_did_not_write_is_named(delivery_of: DeliveryOf) -> None:
    delivery = delivery_of("demo")
    delivery.extract.path.unlink()
    with pytest.raises(RejectedFile, match=r"mandatory file standard_costs\.csv is not in"):
        delivery.ingest()


@pytest.mark.parametrize("kind", ["contract_csv", "contract_parquet", "adventureworks", "adventureworks_planner"])  # fmt: skip
def test_links_and_pipes_are_not_followed(kind: str, delivery_of: DeliveryOf, tmp_path: Path) -> None:
    delivery = delivery_of(kind)
    path = delivery.extract.path
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SourceError, match=f"{path} is a link to '{tmp_path}/elsewhere'"):
        delivery.land()
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(SourceError, match=f"{path} is not a regular file"):
        delivery.land()


def test_a_file_name_that_could_lead_elsewhere_is_shown_and_not_read(delivery_of: DeliveryOf) -> None:
    delivery = delivery_of("contract_csv")
    (delivery.extract.path.parent / "items\n..%2f.csv").write_text("item_id\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"'items\\n\.\.%2f\.csv' belongs to no table"):
        delivery.land()


def test_the_same_files_again_are_the_same_delivery(delivery_of: DeliveryOf) -> None:
    delivery = delivery_of("contract_csv")
    assert delivery.land() == delivery.land()


@pytest.mark.parametrize(
    ("month", "told"),
    [
        ("2025-11-30", "closes with 2025-11 .*too early for cycle 2026-01.*run --cycle 2025-12"),
        ("2026-01-05", "first order is of 2026-01-05.*Run --cycle 2026-02 or a later one"),
    ],
)
def test_adventureworks_files_of_another_month_are_refused(
    month: str, told: str, delivery_of: DeliveryOf
) -> None:
    delivery = delivery_of("adventureworks")
    orders = delivery.extract.path.with_name("Sales.SalesOrderHeader.parquet")
    table = pq.read_table(orders)
    day = pa.array([datetime.fromisoformat(month).date()] * table.num_rows, pa.date32())
    pq.write_table(table.set_column(table.column_names.index("OrderDate"), "OrderDate", day), orders)
    with pytest.raises(SourceError, match=told):
        delivery.land()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b"PAR1" + bytes(100)),
        lambda path: pq.write_table(pa.table({"OrderDate": ["yesterday"]}), path),
        lambda path: pq.write_table(pa.table({"OrderDay": ["2025-12-30"]}), path),
    ],
    ids=["no Parquet", "a text for a day", "no such column"],
)
def test_adventureworks_orders_that_do_not_say_their_month_are_refused(
    spoil: Callable[[Path], None], delivery_of: DeliveryOf
) -> None:
    delivery = delivery_of("adventureworks")
    spoil(delivery.extract.path.with_name("Sales.SalesOrderHeader.parquet"))
    with pytest.raises(SourceError, match="SalesOrderHeader.parquet does not say what month it closes with"):
        delivery.land()


# -- everything at once


def test_all_that_is_wrong_with_a_delivery_is_said_at_once(delivery_of: DeliveryOf) -> None:
    delivery = delivery_of("contract_csv")
    folder = delivery.extract.path.parent
    delivery.extract.put("number", "12,5")
    (folder / "items.csv").write_bytes(b"")
    (folder / "sites.csv").write_bytes((folder / "sites.csv").read_bytes().replace(b",", b";"))
    (folder / "customers.csv").write_bytes("customer_name\nM\xfcller\n".encode("latin-1"))
    contracts = load_contracts(DBT_PROJECT_DIR)
    with pytest.raises(RejectedFile) as refused:
        ingest_all(contracts.of_schema("contract"), delivery.land(), 0.005)
    message = str(refused.value)
    assert message.startswith("4 delivered files were rejected; nothing was loaded.")
    for part in (
        "items.csv is empty (0 bytes)",
        "sites.csv is separated by semicolons",
        "customers.csv is not UTF-8: byte 15",
        "ordered_quantity: decimal_comma, 1 row, e.g. line 4: '12,5'",
    ):
        assert part in message
