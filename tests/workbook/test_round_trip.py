"""A workbook goes out and comes back: what it shows, what counts as a change, and what the next refresh makes of it."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from planners_files import CYCLE, FIRST_ROW, HEADER_ROW, PlannersDesk, append, place, save_edited

from sop_pipeline.settings import DBT_PROJECT_DIR, SettingsError
from sop_pipeline.sources.landing import accepted_delivery
from sop_pipeline.warehouse.contracts import load_contracts
from sop_pipeline.warehouse.deliveries import ingest_all
from sop_pipeline.workbook.contract import ROLES
from sop_pipeline.workbook.journal import CHANGES_FILE, entries, statements_until, write_changes
from sop_pipeline.workbook.lake_rows import in_force

PLANNER = load_contracts(DBT_PROJECT_DIR).of_schema("planner")


def test_every_input_has_roles_keys_and_an_example_of_each_column() -> None:
    known = {role for contract in PLANNER for role in contract.meta["workbook_roles"]}
    assert known == set(ROLES)
    for contract in PLANNER:
        assert set(contract.grain) <= {column.name for column in contract.columns}
        assert [column.name for column in contract.columns if column.example is None] == []


def test_the_workbook_of_a_role_shows_its_inputs_and_the_figures_of_the_cycle(demand_workbook: Path) -> None:
    book = openpyxl.load_workbook(demand_workbook)
    assert book.sheetnames == [
        "Read me", "Overrides", "Assumptions", "Cause confirmations", "Actions", "Issues", "Demand by month", "Forecast by layer",
        "Forecast accuracy", "Valid keys", "_meta", "_base",
    ]  # fmt: skip
    sheet = book["Overrides"]
    assert [book[name].sheet_state for name in ("_meta", "_base")] == ["veryHidden", "veryHidden"]
    assert (sheet.protection.sheet, sheet.cell(HEADER_ROW, 1).protection.locked) == (True, True)
    assert not sheet.cell(FIRST_ROW, 1).protection.locked
    assert sheet.freeze_panes == f"B{FIRST_ROW}"
    kinds = {(check.type, check.formula1) for check in sheet.data_validations.dataValidation}
    assert ("list", '"set,add,multiply"') in kinds
    assert any(kind == "custom" and "DAY(" in (formula or "") for kind, formula in kinds)
    assert "list_overrides_level_id_family" in book.defined_names
    facts = {row[0].value: row[1].value for row in book["_meta"].iter_rows()}
    assert (facts["cycle_id"], facts["role"], facts["template_version"]) == (CYCLE, "demand", "1")
    assert facts["release_id"].startswith(CYCLE)


def test_a_round_trip_without_edits_changes_nothing(fresh_desk: PlannersDesk, tmp_path: Path) -> None:
    file = fresh_desk.exported("demand", tmp_path / "as_it_was.xlsx")
    code, text = fresh_desk.run("import", file, "--author", "anna")
    assert code == 0
    assert "Nothing was changed: every cell is as it was exported." in text
    landing = fresh_desk.home / "landing"
    # the next delivery gets no file of changes, so that its hash, and every row made of it, is the same
    assert statements_until(landing, CYCLE) == []
    write_changes(statements_until(landing, CYCLE), tmp_path)
    assert not (tmp_path / CHANGES_FILE).exists()
    delivered = {file.contract.name: file.rows for file in ingest_all(PLANNER, accepted_delivery(landing, "demo", CYCLE).folder, 0.005)}  # fmt: skip
    for name, rows in in_force(PLANNER, delivered, []).tables.items():
        assert rows.drop_columns(["input_author", "input_version"]).equals(delivered[name])
    assert "was imported before, as no. 1" in fresh_desk.run("import", file, "--author", "anna")[1]


def test_an_old_export_edits_only_what_was_edited(fresh_desk: PlannersDesk, tmp_path: Path) -> None:
    old = fresh_desk.exported("demand", tmp_path / "old.xlsx")

    def first(book: Any) -> None:
        place(book["Overrides"], "OV-2026-02-3", "Override value", "2026-02").value = 54
        append(
            book["Overrides"], override_id="OV-NEW", level="family", level_id="KETTLES", period_start_date=date(2026, 3, 1),
            operation="multiply", override_value=1.05, reason_code="market", owner="anna",
        )  # fmt: skip

    def second(book: Any) -> None:
        sheet = book["Overrides"]
        place(sheet, "OV-2026-02-3", "Owner", "2026-02").value = "bert"
        sheet.delete_rows(place(sheet, "OV-2026-02-2", "Owner", "2026-04").row)

    assert fresh_desk.take(save_edited(old, tmp_path / "a.xlsx", first), "anna")[0] == 0
    code, answer = fresh_desk.take(save_edited(old, tmp_path / "b.xlsx", second), "bert")
    assert code == 0
    assert answer["taken"] == [
        "Overrides, OV-2026-02-3 / 2026-02-01: Owner demand.planning -> bert",
        "Overrides, OV-2026-02-2 / 2026-04-01: row taken out",
    ]
    sheet = openpyxl.load_workbook(fresh_desk.exported("demand", tmp_path / "now.xlsx"))["Overrides"]
    assert place(sheet, "OV-2026-02-3", "Override value", "2026-02").value == 54
    assert place(sheet, "OV-2026-02-3", "Owner", "2026-02").value == "bert"
    assert place(sheet, "OV-NEW", "Owner", "2026-03").value == "anna"
    kept = [entry.statement for entry in entries(fresh_desk.home / "landing")]
    assert [(one.number, one.author, len(one.changes)) for one in kept] == [(1, "anna", 2), (2, "bert", 2)]
    folders = sorted((fresh_desk.home / "landing" / "planner" / "imports").glob("0*"))
    assert [(folder / "file.xlsx").read_bytes() for folder in folders] == [(tmp_path / f"{n}.xlsx").read_bytes() for n in "ab"]  # fmt: skip


def test_a_sheet_that_was_emptied_takes_nothing_out_unless_it_is_meant(
    fresh_desk: PlannersDesk, tmp_path: Path
) -> None:
    file = fresh_desk.exported("sales", tmp_path / "sales.xlsx")

    def empty(book: Any) -> None:
        book["Sales forecasts"].delete_rows(FIRST_ROW, 500)

    emptied = save_edited(file, tmp_path / "emptied.xlsx", empty)
    code, answer = fresh_desk.take(emptied, "anna")
    assert (code, [one["rule"] for one in answer["rejected"]], answer["taken"]) == (1, ["all_rows_gone"], [])
    code, answer = fresh_desk.take(emptied, "anna", "--allow-empty")
    assert code == 0
    assert all(words.endswith("row taken out") for words in answer["taken"])


def test_what_was_put_right_in_the_reply_is_taken_and_nothing_twice(
    fresh_desk: PlannersDesk, tmp_path: Path
) -> None:
    file = fresh_desk.exported("demand", tmp_path / "demand.xlsx")

    def spoil(book: Any) -> None:
        place(book["Overrides"], "OV-2026-02-3", "Override value", "2026-02").value = "1,234"
        place(book["Overrides"], "OV-2026-02-3", "Override value", "2026-03").value = 55

    code, answer = fresh_desk.take(save_edited(file, tmp_path / "spoilt.xlsx", spoil), "anna")
    assert (code, len(answer["taken"]), len(answer["rejected"])) == (1, 1, 1)

    def put_right(book: Any) -> None:
        place(book["Overrides"], "OV-2026-02-3", "Override value", "2026-02").value = 56

    code, answer = fresh_desk.take(
        save_edited(Path(answer["reply"]), tmp_path / "right.xlsx", put_right), "anna"
    )
    assert (code, answer["taken"]) == (0, ["Overrides, OV-2026-02-3 / 2026-02-01: Override value 53 -> 56"])


def test_a_table_as_csv_is_judged_alike_and_leaves_other_rows_alone(
    fresh_desk: PlannersDesk, tmp_path: Path
) -> None:
    def write(name: str, header: list[str], *rows: list[str]) -> Path:
        with open(tmp_path / name, "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])
        return tmp_path / name

    part = write("priorities.csv", ["channel_id", "backlog_maximum_ratio"], ["trade", "0.75"], ["online", "1.5"], ["shop", "0.5"])  # fmt: skip
    code, answer = fresh_desk.take(part, "anna")
    assert code == 1
    assert answer["taken"] == ["Priorities, trade: Backlog maximum ratio 0.8 -> 0.75"]
    assert {(one["row"], one["rule"]) for one in answer["rejected"]} == {
        (3, "out_of_range"),
        (4, "missing_value"),
    }
    assert "Did you mean goals.csv" in fresh_desk.take(write("goal.csv", ["a"]), "anna")[1]["refused"]
    (tmp_path / "goals.csv").write_bytes("metric\numsätze\n".encode("latin-1"))
    assert "is not UTF-8" in fresh_desk.take(tmp_path / "goals.csv", "anna")[1]["refused"]
    with pytest.raises(SettingsError, match="--author names who answers"):
        fresh_desk.run("import", part, "--author", " ")


@pytest.mark.slow
def test_the_next_refresh_plans_with_it_by_exactly_that(
    sop: Any, published_home: Any, copy_of: Any, tmp_path: Path
) -> None:
    home = copy_of(published_home.root)
    before = home.resolve() / "releases" / published_home.release_ids[CYCLE]
    sop.json(home, "workbook", "export", "--role", "demand", "--out", str(tmp_path / "demand.xlsx"))

    def change(book: Any) -> None:
        cell = place(book["Overrides"], "OV-2026-02-3", "Override value", "2026-03")
        cell.value = cell.value + 27

    file = save_edited(tmp_path / "demand.xlsx", tmp_path / "changed.xlsx", change)
    (answer,) = sop.json(home, "workbook", "import", str(file), "--author", "anna")
    assert len(answer["taken"]) == 1
    (result,) = sop.json(home, "refresh", "--cycle", CYCLE)
    plans = [folder / "marts" / "fct_demand_plan" / f"cycle={CYCLE}.parquet" for folder in (before, home / "releases" / result["release_id"])]  # fmt: skip
    difference = duckdb.execute(
        "select period_start_date, now.override_units - before.override_units, now.forecast_units - before.forecast_units "
        "from read_parquet($before) as before join read_parquet($now) as now "
        "using (item_id, site_id, channel_id, period_start_date) "
        "where now.forecast_units is distinct from before.forecast_units",
        {"before": str(plans[0]), "now": str(plans[1])},
    ).fetchall()
    assert [(day, float(units), float(total)) for day, units, total in difference] == [
        (date(2026, 3, 1), 27.0, 27.0)
    ]
    lake = home / "lake" / "planner" / "overrides" / f"cycle={CYCLE}" / "data.parquet"
    said = duckdb.execute("select override_id, input_author, input_version from read_parquet($lake) where input_version > 0", {"lake": str(lake)})  # fmt: skip
    assert said.fetchall() == [("OV-2026-02-3", "anna", answer["number"])]
    manifest = json.loads(
        (home / "releases" / result["release_id"] / "manifest.json").read_text(encoding="utf-8")
    )
    assert CHANGES_FILE in manifest["inputs"]
