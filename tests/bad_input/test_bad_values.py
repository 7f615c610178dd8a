"""Values that keep their row out, what is put right and told, and rows of one key in planners' files.

Held against every source that they can happen to: the demo company, a folder in our contract as CSV and as Parquet,
AdventureWorks' Parquet and its planners' CSV. Add here: a value that must not be read as it stands. Keep out: files that
are refused whole (`test_bad_files`), folders (`test_bad_folders`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from kinds import CSV_KINDS, PARQUET_KINDS

from sop_pipeline.warehouse.contracts import Column
from sop_pipeline.warehouse.ingest import RejectedFile
from sop_pipeline.warehouse.ingest.value_rules import remedy

if TYPE_CHECKING:
    from conftest import Delivery

SPOILT_ROW = 3

DeliveryOf = Callable[[str], "Delivery"]


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
