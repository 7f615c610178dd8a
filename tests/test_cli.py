"""The command line: what people and scripts get, exit codes, and one helpful message where something is wrong."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest

from sop_pipeline import cli
from sop_pipeline.cli.refresh import _print_summary
from sop_pipeline.release.lock import refresh_lock
from sop_pipeline.settings import load_settings, open_home
from sop_pipeline.sources.late import LateFiles

if TYPE_CHECKING:
    from conftest import PublishedHome

NOON = datetime(2026, 2, 4, 12, tzinfo=ZoneInfo("Europe/Berlin"))


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def said(self) -> Any:
        return json.loads(self.out)


Call = Callable[..., Answer]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Call the entry point in this process, as the installed command does."""
    monkeypatch.setenv("COLUMNS", "200")

    def called(*arguments: str | Path) -> Answer:
        monkeypatch.setattr("sys.argv", ["sop", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as end:
            cli.main()
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return Answer(int(end.value.code or 0), out, err)

    return called


def test_help_names_every_command(call: Call) -> None:
    answer = call("--help")
    assert answer.code == 0
    for command in ("refresh", "status", "tables", "findings", "verify"):
        assert command in answer.out


@pytest.mark.parametrize("command", ["refresh", "status", "tables", "findings", "verify"])
def test_each_command_explains_itself(call: Call, command: str) -> None:
    answer = call(command, "--help")
    assert answer.code == 0
    assert "--home" in answer.out
    assert "--json" in answer.out


def test_an_unknown_option_is_wrong_usage(call: Call) -> None:
    answer = call("refresh", "--yesterday")
    assert answer.code == 2
    assert "--yesterday" in answer.err


# -- the demo company as files


def test_the_demo_company_is_written_as_files_that_a_refresh_can_read(call: Call, tmp_path: Path) -> None:
    answer = call("demo", "export", tmp_path / "files", "--scale", "0.05", "--json")

    assert answer.code == 0
    assert (
        answer.said["next"] == f"sop refresh --source contract --input {tmp_path / 'files'} --cycle 2026-01"
    )
    assert {"items.csv", "sales_order_lines.csv", "goals.csv"} <= set(answer.said["files"])
    assert answer.said["files"] == sorted(path.name for path in (tmp_path / "files").iterdir())


def test_a_folder_that_holds_something_is_not_written_into(call: Call, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").touch()

    answer = call("demo", "export", tmp_path)

    assert answer.code == 2
    assert "not an empty folder" in answer.err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]


def test_an_unknown_shape_is_told_with_the_known_ones(call: Call, tmp_path: Path) -> None:
    answer = call("demo", "export", tmp_path / "files", "--shape", "peoplesoft")
    assert answer.code == 2
    assert "'peoplesoft'" in answer.err and "contract" in answer.err


# -- a home with releases


def test_status_shows_the_company_and_its_cycles(call: Call, published_home: PublishedHome) -> None:
    answer = call("status", "--home", published_home.root)
    assert answer.code == 0
    assert "Nordhaus Appliances (source demo, EUR)" in answer.out
    assert f"Current  {published_home.release_ids['2026-02']}" in answer.out
    assert "2026-01" in answer.out
    assert "under way" not in answer.out


def test_status_for_scripts(call: Call, published_home: PublishedHome) -> None:
    said = call("status", "--home", published_home.root, "--json").said
    assert said["current_release"] == published_home.release_ids["2026-02"]
    assert said["refreshing_process_id"] is None
    assert {cycle["cycle_id"]: cycle["release_id"] for cycle in said["cycles"]} == published_home.release_ids


@pytest.mark.bad_input(2)
def test_late_files_are_told_by_status_and_by_the_next_refresh(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = load_settings(home=tmp_path / "home", source="contract")
    open_home(settings)
    found = [LateFiles("2026-01", arrived=("prices.csv",), changed=("sites.csv",))]
    monkeypatch.setattr("sop_pipeline.sources.late.late_files", lambda *given: found)
    words = "after cycle 2026-01 had landed: prices.csv arrived, sites.csv changed. Take it in: sop refresh --cycle 2026-01"
    assert words in " ".join(call("status", "--home", settings.paths.root).out.split())
    _print_summary(settings, [])  # what a refresh says at its end
    assert words in " ".join(capsys.readouterr().out.split())


def test_status_names_the_process_of_a_refresh_under_way(call: Call, published_home: PublishedHome) -> None:
    with refresh_lock(published_home.root, purpose="refresh of 2026-02", started_at=NOON):
        assert (
            f"A refresh is under way: process {os.getpid()}."
            in call("status", "--home", published_home.root).out
        )
        said = call("status", "--home", published_home.root, "--json").said
    assert said["refreshing_process_id"] == os.getpid()


def test_tables_lists_what_is_published(call: Call, published_home: PublishedHome) -> None:
    answer = call("tables", "--home", published_home.root)
    assert answer.code == 0
    assert f"Release {published_home.release_ids['2026-02']}: rows of cycle 2026-02" in answer.out
    (line,) = [line for line in answer.out.splitlines() if line.startswith("marts.kpi_scorecard ")]
    assert "cycle_id, kpi_id" in line


def test_tables_for_scripts(call: Call, published_home: PublishedHome) -> None:
    said = call("tables", "--home", published_home.root, "--json").said
    (plan,) = [table for table in said if table["table"] == "marts.fct_demand_plan"]
    assert plan["rows"] > 100
    assert plan["grain"] == ["cycle_id", "item_id", "site_id", "channel_id", "period_start_date"]
    assert all(table["description"] for table in said)


def test_tables_of_an_earlier_release(call: Call, published_home: PublishedHome) -> None:
    answer = call("tables", "--home", published_home.root, "--release", published_home.release_ids["2026-01"])
    assert "rows of cycle 2026-01" in answer.out


def test_findings_say_what_is_wrong_how_much_and_what_the_plan_does(
    call: Call, published_home: PublishedHome
) -> None:
    answer = call("findings", "--home", published_home.root)
    said = call("findings", "--home", published_home.root, "--json").said
    assert answer.code == 0
    found = [row for row in said if row["status"] != "none"]
    assert 0 < len(found) < len(said)
    assert f"{len(found)} findings of {len(said)} looked for" in answer.out
    assert "of them new or worse" in answer.out  # January was published before
    for row in found:
        assert (
            row["finding_name"] in answer.out
            and row["handling"] in answer.out
            and row["remedy"] in answer.out
        )
    clean = answer.out.split("Looked for and not found: ")[1]
    assert all(row["finding_name"] in clean for row in said if row["status"] == "none")


def test_findings_of_a_first_cycle_have_nothing_to_be_compared_with(
    call: Call, published_home: PublishedHome
) -> None:
    answer = call(
        "findings", "--home", published_home.root, "--release", published_home.release_ids["2026-01"]
    )
    assert "nothing published before to compare with" in answer.out


def test_a_release_that_is_not_there(call: Call, published_home: PublishedHome) -> None:
    for command in (["tables", "--release"], ["findings", "--release"], ["verify"]):
        answer = call(*command, "2026-02-000000000000", "--home", published_home.root)
        assert answer.code == 1
        assert "2026-02-000000000000" in answer.err


def test_verify_recomputes_a_whole_release(call: Call, published_home: PublishedHome) -> None:
    answer = call("verify", "--home", published_home.root)
    assert answer.code == 0
    assert f"{published_home.release_ids['2026-02']} is whole" in answer.out
    said = call("verify", published_home.release_ids["2026-01"], "--home", published_home.root, "--json").said
    assert said["is_sound"] is True
    assert said["problems"] == []
    assert said["rows"] > 1000


def test_verify_names_what_was_changed(
    call: Call, published_home: PublishedHome, copy_of: Callable[[Path], Path]
) -> None:
    home = copy_of(published_home.root)
    pack = home / "current" / "pack.html"
    pack.chmod(0o644)
    pack.write_bytes(pack.read_bytes().replace(b"</html>", b"<p>All is well.</p></html>"))
    answer = call("verify", "--home", home)
    assert answer.code == 1
    assert "pack.html" in answer.err
    said = call("verify", "--home", home, "--json")
    assert (said.code, said.said["is_sound"]) == (1, False)


# -- nothing published yet


def test_a_home_without_releases_says_what_to_do(call: Call, tmp_path: Path) -> None:
    home = tmp_path / "new"
    answer = call("status", "--home", home)
    assert answer.code == 2
    assert f"There is no home in {home}" in answer.err
    for command in ("tables", "findings", "verify"):
        answer = call(command, "--home", home)
        assert answer.code == 1
        assert "sop refresh" in answer.err or "nothing is published" in answer.err
    assert not home.exists()  # looking makes nothing


# -- wrong usage


@pytest.mark.parametrize("cycle", ["January", "2026-13", "2026-1", "2025-00", "202602", "2026-02-01"])
def test_a_cycle_is_named_by_its_month(call: Call, tmp_path: Path, cycle: str) -> None:
    answer = call("refresh", "--source", "demo", "--cycle", cycle, "--home", tmp_path)
    assert answer.code == 2
    assert cycle in answer.err
    assert "YYYY-MM" in answer.err


def test_a_month_that_has_not_come_cannot_be_run(call: Call, tmp_path: Path) -> None:
    answer = call("refresh", "--source", "demo", "--cycle", "2199-01", "--home", tmp_path)
    assert answer.code == 2
    assert "2199-01" in answer.err
    assert "to the month that it is" in answer.err


def test_a_range_that_ends_before_it_begins(call: Call, tmp_path: Path) -> None:
    answer = call("refresh", "--cycle", "2026-02", "--through", "2026-01", "--home", tmp_path)
    assert answer.code == 2
    assert "ends (2026-01) before it begins (2026-02)" in answer.err


def test_a_source_that_nobody_knows(call: Call, tmp_path: Path) -> None:
    answer = call("refresh", "--source", "oracle", "--home", tmp_path)
    assert answer.code == 2
    for known in ("'oracle'", "demo", "contract", "adventureworks", "sap"):
        assert known in answer.err


def test_the_home_of_another_company_is_refused(call: Call, published_home: PublishedHome) -> None:
    answer = call("refresh", "--source", "adventureworks", "--home", published_home.root)
    assert answer.code == 2
    assert "belongs to another company" in answer.err
    assert "--home" in answer.err


def test_a_home_that_is_a_file(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a folder", encoding="utf-8")
    answer = call("refresh", "--home", file)
    assert answer.code in (1, 2)
    assert "notes.txt" in answer.err


def test_an_error_for_a_script(call: Call, tmp_path: Path) -> None:
    answer = call("refresh", "--source", "oracle", "--home", tmp_path, "--json")
    assert answer.code == 2
    assert answer.said["exit_code"] == 2
    assert "'oracle'" in answer.said["error"]


# -- another refresh holds the home


def test_a_busy_home_is_refused_at_once(call: Call, published_home: PublishedHome) -> None:
    with refresh_lock(published_home.root, purpose="refresh of 2026-02", started_at=NOON):
        answer = call("refresh", "--cycle", "2026-02", "--home", published_home.root)
        for_script = call("refresh", "--cycle", "2026-02", "--home", published_home.root, "--json")
    assert answer.code == for_script.code == 3
    assert f"process {os.getpid()}" in answer.err
    assert for_script.said["exit_code"] == 3


# -- a refresh that cannot begin


def test_a_source_without_its_folder_says_which_option_to_use(call: Call, tmp_path: Path) -> None:
    answer = call("refresh", "--source", "contract", "--cycle", "2026-02", "--home", tmp_path / "home")
    assert answer.code == 2
    assert "no folder of delivered files was given. Name it with --input DIR" in answer.err
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("source", ["contract", "adventureworks"])
def test_wrong_folders_are_told_before_a_home_is_made(call: Call, tmp_path: Path, source: str) -> None:
    nowhere, empty, home = tmp_path / "nowhere", tmp_path / "empty", tmp_path / "home"
    empty.mkdir()
    answer = call(
        "refresh", "--source", source, "--input", nowhere, "--planner", nowhere, "--cycle", "2014-01", "--home", home
    )  # fmt: skip
    assert answer.code == 2
    assert f"{nowhere}, the folder of delivered files, is not a folder" in answer.err
    assert f"{nowhere}, the folder of planners' CSV files, is not a folder" in answer.err
    answer = call("refresh", "--source", source, "--input", empty, "--cycle", "2014-01", "--home", home)
    assert answer.code == 2
    assert f"{empty} holds no file that source {source} reads" in answer.err
    assert not home.exists()


def test_the_demo_company_takes_no_folder(call: Call, tmp_path: Path) -> None:
    answer = call(
        "refresh", "--source", "demo", "--input", tmp_path, "--cycle", "2026-01", "--home", tmp_path / "home"
    )
    assert answer.code == 2
    assert "source demo makes its own extracts and takes no --input" in answer.err
