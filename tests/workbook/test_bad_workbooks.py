"""What is wrong with files that planners send, each fed through the command: what it gets, and that nothing else is lost.

The numbers are those of the list of bad inputs.
"""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from planners_files import CYCLE, HEADER_ROW, PlannersDesk, append, place

from sop_pipeline.settings import SettingsError

Edited = Callable[..., Path]
NEW = {
    "level": "family", "level_id": "KETTLES", "period_start_date": date(2026, 3, 1), "operation": "multiply",
    "override_value": 1.05, "reason_code": "market", "owner": "tests",
}  # fmt: skip


def overrides(book: Any) -> Any:
    return book["Overrides"]


def rules(answer: dict[str, Any]) -> list[str]:
    return [rejection["rule"] for rejection in answer["rejected"]]


def with_new_row(**values: Any) -> Callable[[Any], None]:
    """A change of the workbook: one override more."""
    return lambda book: append(overrides(book), **(NEW | values)) and None


def rules_by_row(
    desk: PlannersDesk, edited: Edited, rows: list[dict[str, Any]]
) -> tuple[list[str], dict[str, Any]]:
    """Import the workbook with these overrides more, and return the rule that each of them broke."""

    def add(book: Any) -> None:
        for number, values in enumerate(rows):
            append(overrides(book), **(NEW | {"override_id": f"OV-{number}"} | values))

    code, answer = desk.take(edited(add), "anna")
    assert (code, answer["taken"]) == (1, [])
    assert all(rejection["fix"] for rejection in answer["rejected"])
    by_row = {rejection["row"]: rejection["rule"] for rejection in answer["rejected"]}
    assert len(by_row) == len(answer["rejected"]) == len(rows)
    return [by_row[number] for number in sorted(by_row)], answer


# -- 75, 76, 77: what an override may not be


@pytest.mark.bad_input(75)
@pytest.mark.bad_input(77)
def test_75_77_overrides_that_cannot_be_meant_come_back(desk: PlannersDesk, edited: Edited) -> None:
    bad: list[tuple[dict[str, Any], str]] = [
        ({"level_id": "KETTLE"}, "unknown_key"),
        ({"level": "item", "level_id": "XX"}, "unknown_key"),
        ({"expires_cycle_id": "2026-01"}, "expired"),
        ({"period_start_date": date(2026, 1, 1)}, "closed_month"),
        ({"period_start_date": date(2031, 1, 1)}, "beyond_horizon"),
        ({"period_start_date": date(2026, 3, 2)}, "not_first_of_month"),
        ({"override_value": 2.5}, "change_without_reason"),
        ({"operation": "set", "override_value": 0}, "change_without_reason"),
        ({"override_value": -1}, "unusable_value"),
    ]
    found, answer = rules_by_row(desk, edited, [values for values, _ in bad])
    assert found == [rule for _, rule in bad]
    reply = openpyxl.load_workbook(answer["reply"])
    assert reply.sheetnames[0] == "Reply"
    cells = [
        cell for row in overrides(reply).iter_rows(min_row=HEADER_ROW + 1) for cell in row if cell.comment
    ]
    assert [cell.comment.text.split(":")[0] for cell in cells] == found


def test_a_change_beyond_a_fifth_is_taken_with_a_reason(fresh_desk: PlannersDesk, edited: Edited) -> None:
    file = edited(with_new_row(override_id="OV-BIG", override_value=2.5, reason="A chain lists the range"))
    code, answer = fresh_desk.take(file, "anna")
    assert (code, len(answer["taken"])) == (0, 1)


@pytest.mark.bad_input(75)
def test_a_workbook_of_another_cycle_is_refused(desk: PlannersDesk, edited: Edited) -> None:
    def other_cycle(book: Any) -> None:
        for row in book["_meta"].iter_rows():
            if row[0].value == "cycle_id":
                row[1].value = "2026-01"

    code, answer = desk.take(edited(other_cycle), "anna")
    assert code == 1
    assert "is of cycle 2026-01, and 2026-02 is open" in answer["refused"]


@pytest.mark.bad_input(76)
def test_76_two_people_change_the_same_cell(fresh_desk: PlannersDesk, edited: Edited) -> None:
    def to(value: float) -> Callable[[Any], None]:
        def change(book: Any) -> None:
            place(overrides(book), "OV-2026-02-3", "Override value", "2026-02").value = value

        return change

    assert fresh_desk.take(edited(to(54), "a.xlsx"), "anna")[0] == 0
    code, answer = fresh_desk.take(edited(to(55), "b.xlsx"), "bert")
    (conflict,) = answer["conflicts"]
    assert (code, answer["taken"], conflict["authors"]) == (1, [], ["anna", "bert"])
    _, listed = fresh_desk.json("conflicts")
    assert [one["id"] for one in listed] == [conflict["id"]]
    now = openpyxl.load_workbook(fresh_desk.exported("demand", fresh_desk.exports / "now.xlsx"))
    assert place(overrides(now), "OV-2026-02-3", "Override value", "2026-02").value == 53
    with pytest.raises(SettingsError, match="--take is one of anna, bert"):
        fresh_desk.run("resolve", conflict["id"], "--take", "carl", "--author", "chair")
    code, _ = fresh_desk.run("resolve", conflict["id"], "--take", "bert", "--author", "chair")
    assert (code, fresh_desk.json("conflicts")[1]) == (0, [])
    now = openpyxl.load_workbook(fresh_desk.exported("demand", fresh_desk.exports / "then.xlsx"))
    assert place(overrides(now), "OV-2026-02-3", "Override value", "2026-02").value == 55


# -- 78, 79: no plain table: the file is refused whole, every place named


@pytest.mark.bad_input(78)
def test_78_merged_cells(desk: PlannersDesk, edited: Edited) -> None:
    def merge(book: Any) -> None:
        append(overrides(book), override_id="OV-GOOD", **NEW)
        overrides(book).merge_cells("A6:A7")

    code, answer = desk.take(edited(merge), "anna")
    assert (code, rules(answer), answer["taken"]) == (1, ["merged_cells"], [])
    assert "Unmerge A6:A7" in answer["rejected"][0]["fix"]


@pytest.mark.parametrize(("value", "rule"), [("=1+1", "formula"), ("#N/A", "error_value")])
@pytest.mark.bad_input(79)
def test_79_formulas_and_errors(desk: PlannersDesk, edited: Edited, value: str, rule: str) -> None:
    def spoil(book: Any) -> None:
        overrides(book)["H6"].value = value
        append(overrides(book), override_id="OV-GOOD", **NEW)

    code, answer = desk.take(edited(spoil), "anna")
    assert (code, rules(answer), answer["taken"]) == (1, [rule], [])
    assert answer["rejected"][0]["row"] == 6


# -- 80, 81, 82, 27: told, or kept out


@pytest.mark.bad_input(80)
def test_80_hidden_rows_and_columns_and_filters_are_read_and_told(
    fresh_desk: PlannersDesk, edited: Edited
) -> None:
    def hide(book: Any) -> None:
        sheet = overrides(book)
        row = append(sheet, override_id="OV-HIDDEN", **NEW)
        sheet.row_dimensions[row].hidden = True
        sheet.column_dimensions["K"].hidden = True
        sheet.auto_filter.ref = "A5:L14"
        sheet.auto_filter.add_filter_column(0, ["OV-2026-02-1"])
        book["Actions"].sheet_state = "hidden"

    code, answer = fresh_desk.take(edited(hide), "anna")
    assert (code, len(answer["taken"])) == (0, 1)
    told = "\n".join(answer["warnings"])
    for words in (
        "1 hidden rows were read",
        "hidden columns were read (K)",
        "is filtered",
        "'Actions' is hidden",
    ):
        assert words in told


@pytest.mark.bad_input(81)
def test_81_rows_that_add_up_others(desk: PlannersDesk, edited: Edited) -> None:
    words = ["Total", "Subtotal", "Summe", "Grand total:"]
    found, _ = rules_by_row(desk, edited, [{"override_id": word} for word in words])
    assert found == ["subtotal_row"] * len(words)


@pytest.mark.bad_input(82)
def test_82_numbers_that_are_text(desk: PlannersDesk, edited: Edited) -> None:
    typed = {
        "1,234": "thousands_separator", "1 234": "thousands_separator", "1.234,5": "thousands_separator",
        "0,95": "decimal_comma", "5-": "trailing_minus", "5 %": "percent_as_text", "five": "not_a_number",
        "１２": "not_a_number", "n/a": "placeholder",
    }  # fmt: skip
    found, _ = rules_by_row(desk, edited, [{"override_value": text} for text in typed])
    assert found == list(typed.values())


def test_82_text_that_is_plainly_a_number_is_taken_and_told(fresh_desk: PlannersDesk, edited: Edited) -> None:
    file = edited(with_new_row(override_id="OV-T", override_value="1.05"))
    code, answer = fresh_desk.take(file, "anna")
    assert (code, len(answer["taken"])) == (0, 1)
    assert "numbers that were stored as text" in answer["warnings"][0]


@pytest.mark.bad_input(26)
@pytest.mark.bad_input(27)
def test_26_27_codes_that_became_numbers(desk: PlannersDesk, edited: Edited) -> None:
    rows = [{"level": "item", "level_id": typed} for typed in ("4.2E+15", 4.2e15, 400003)]
    found, answer = rules_by_row(desk, edited, rows)
    assert found == ["scientific_notation", "unknown_key", "unknown_key"]
    assert "it is '00400003'" in answer["rejected"][-1]["fix"]


# -- days


def test_days_as_serial_numbers_and_from_1904(fresh_desk: PlannersDesk, edited: Edited) -> None:
    # 46082 = 2026-03-01 counted from 1900; a workbook of a Mac counts from 1904, 1462 days less
    file = edited(with_new_row(override_id="OV-S", period_start_date=46082))
    code, answer = fresh_desk.take(file, "anna")
    assert (code, answer["taken"]) == (0, ["Overrides, OV-S / 2026-03-01: new row"])

    def from_1904(book: Any) -> None:
        from openpyxl.utils.datetime import CALENDAR_MAC_1904

        book.epoch = CALENDAR_MAC_1904
        append(overrides(book), override_id="OV-M", **(NEW | {"period_start_date": 46082 - 1462}))

    code, answer = fresh_desk.take(edited(from_1904, "mac.xlsx"), "anna")
    assert "Overrides, OV-M / 2026-03-01: new row" in answer["taken"]


def test_days_are_not_guessed(desk: PlannersDesk, edited: Edited) -> None:
    typed: list[Any] = ["03/01/2026", "1.3.2026", "March", 12, "2026-02-30"]
    found, _ = rules_by_row(desk, edited, [{"period_start_date": day} for day in typed])
    # Excel shows 12 in a cell of days as a day of January 1900
    assert found == ["not_a_date", "not_a_date", "not_a_date", "out_of_range", "not_a_date"]


# -- keys, sheets, headers


def test_a_key_that_stands_twice(desk: PlannersDesk, edited: Edited) -> None:
    def twice(book: Any) -> None:
        for value in (1.05, 1.06):
            append(overrides(book), override_id="OV-TWICE", **(NEW | {"override_value": value}))

    code, answer = desk.take(edited(twice), "anna")
    assert (code, rules(answer)) == (1, ["duplicate_key", "duplicate_key"])


def test_renamed_sheets_and_columns_are_recognised_and_nothing_is_deleted(
    desk: PlannersDesk, edited: Edited
) -> None:
    def rename(book: Any) -> None:
        overrides(book)["H5"].value = "Override valu"
        book["Actions"].title = "Action list"

    code, answer = desk.take(edited(rename), "anna")
    assert (code, rules(answer), answer["taken"]) == (1, ["sheet_is_missing", "column_is_missing"], [])
    assert "Did you mean 'Override valu'" in answer["rejected"][1]["fix"]
    assert "Is it 'Action list'" in answer["rejected"][0]["fix"]


@pytest.mark.parametrize(
    ("fact", "value", "words"),
    [
        ("template_version", "0", "template version 0"),
        ("schema_hash", "0", "before the inputs' columns changed"),
        ("company", "Another company", "was exported for Another company"),
        ("role", "nobody", "role 'nobody'"),
    ],
)
def test_workbooks_that_are_not_of_here(
    desk: PlannersDesk, edited: Edited, fact: str, value: str, words: str
) -> None:
    def change(book: Any) -> None:
        for row in book["_meta"].iter_rows():
            if row[0].value == fact:
                row[1].value = value

    code, answer = desk.take(edited(change), "anna")
    assert code == 1
    assert words in answer["refused"]


def test_a_sheet_of_another_role_is_not_read(desk: PlannersDesk, edited: Edited) -> None:
    def add(book: Any) -> None:
        book.copy_worksheet(overrides(book)).title = "Goals"

    code, answer = desk.take(edited(add), "anna")
    assert (code, rules(answer)) == (1, ["sheet_of_another_role"])


def test_a_hidden_sheet_that_was_changed_is_noticed(desk: PlannersDesk, edited: Edited) -> None:
    def forge(book: Any) -> None:
        book["_base"]["C2"].value = book["_base"]["C2"].value.replace("1.0", "9.0")

    code, answer = desk.take(edited(forge), "anna")
    assert code == 1
    assert "was changed" in answer["refused"]


# -- 90: nothing of the data becomes a formula


@pytest.mark.bad_input(90)
def test_90_text_stays_text_on_its_way_out(fresh_desk: PlannersDesk, tmp_path: Path) -> None:
    texts = ['=HYPERLINK("http://x")', "+1+1", "-1+1", "@SUM(A1)", "http://x.example"]
    header = [
        "issue_id",
        "opened_cycle_id",
        "process_step",
        "severity",
        "issue_name",
        "owner",
        "issue_status",
    ]
    rows = [[text, CYCLE, "execution", "low", text, "anna", "open"] for text in texts]
    with open(tmp_path / "issues.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    code, answer = fresh_desk.take(tmp_path / "issues.csv", "anna")
    assert (code, len(answer["taken"])) == (0, len(texts))
    exported = fresh_desk.exported("demand", tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(exported)["Issues"]
    found = {cell.value: cell for row in sheet.iter_rows(min_col=1, max_col=1) for cell in row}
    assert [(found[text].data_type, found[text].hyperlink) for text in texts] == [("s", None)] * len(texts)
    with zipfile.ZipFile(exported) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        assert not any(b"<f>" in archive.read(name) for name in sheets)
    assert fresh_desk.take(exported, "bert")[1]["taken"] == []
