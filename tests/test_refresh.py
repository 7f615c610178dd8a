"""The refresh as a whole: run again, run twice at once, killed, fed with bad files, and read while it runs.

Whole refreshes are dear, so each fixture lets several things happen to one home and the tests say what must be true of it.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sop_pipeline.release.layout import holder_file
from sop_pipeline.release.lock import read_holder
from sop_pipeline.release.pointer import current_release
from sop_pipeline.release.registry import list_cycles
from sop_pipeline.release.verify import verify
from sop_pipeline.sources.landing import accepted_delivery

if TYPE_CHECKING:
    from conftest import CommandLine, PublishedHome

pytestmark = pytest.mark.slow

SECONDS_TO_TAKE_THE_HOME = 120

READING_CLIENT = """
import sys, time
from pathlib import Path
import duckdb, pyarrow.parquet

home, stop = Path(sys.argv[1]), Path(sys.argv[2])
seen = []
while not stop.exists():
    release = (home / "current").resolve(strict=True)
    with duckdb.connect(str(release / "sop.duckdb"), read_only=True) as connection:
        ((name, cycle_id),) = connection.execute("select release_id, cycle_id from main.release_facts").fetchall()
        ((rows,),) = connection.execute(
            "select count(*) from marts.kpi_scorecard where cycle_id = ?", [cycle_id]).fetchall()
    in_file = pyarrow.parquet.read_table(release / "marts" / "kpi_scorecard" / f"cycle={cycle_id}.parquet").num_rows
    pyarrow.parquet.read_table(home / "current" / "marts" / "fct_demand_plan" / "cycle=2026-01.parquet")
    if name != release.name or rows == 0 or rows != in_file:
        raise SystemExit(f"{release.name} calls itself {name}; {rows} rows in the database, {in_file} in the file")
    seen.append(name)
    time.sleep(0.3)
print("\\n".join(seen))
"""
"""A BI tool that opens `current` again and again; it prints the release that it saw each time."""


def hashes(home: Path) -> dict[str, str]:
    """sha256 of every file of the lake and of every release, by its path in the home."""
    files = [path for room in ("lake", "releases") for path in (home / room).rglob("*") if path.is_file()]
    return {str(path.relative_to(home)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def differing(one: dict[str, str], other: dict[str, str]) -> list[str]:
    return sorted(path for path in one.keys() | other.keys() if one.get(path) != other.get(path))


# -- run again


def test_running_the_cycles_again_changes_no_byte(
    sop: CommandLine, published_home: PublishedHome, copy_of: Callable[[Path], Path]
) -> None:
    home = copy_of(published_home.root)
    before = hashes(home)
    results = sop.json(home, "refresh", "--cycle", "2026-01", "--through", "2026-02")
    assert [result["is_new"] for result in results] == [False, False]
    assert {result["cycle_id"]: result["release_id"] for result in results} == published_home.release_ids
    assert differing(before, hashes(home)) == []
    assert [cycle.superseded for cycle in list_cycles(home)] == [(), ()]


# -- killed, and run again while others read and a second refresh is tried


@dataclass(frozen=True)
class Kill:
    """A refresh of 2026-02 that was killed: when, and what the home was like right after."""

    after_seconds: float
    problems: tuple[str, ...]
    current: str | None


@dataclass(frozen=True)
class Recovery:
    """What happened to a home with January published: kills, then a refresh that is let through."""

    home: Path
    kills: list[Kill]
    answer: subprocess.CompletedProcess[str]
    process_id: int
    second: subprocess.CompletedProcess[str]
    was_first_still_running: bool
    reader: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def recovery(sop: CommandLine, published_home: PublishedHome, copy_of: Callable[[Path], Path]) -> Recovery:
    home = copy_of(published_home.after_january)
    chance = random.Random(2026)
    # one in each quarter of a refresh, from the imports to the release
    moments = [(n + chance.random()) / 4 * published_home.seconds["2026-02"] for n in range(4)]
    kills = [kill_after(sop, home, seconds) for seconds in moments]

    stop = home / "stop-reading"
    reader = subprocess.Popen(
        [sys.executable, "-c", READING_CLIENT, home, stop],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        first = sop.start(home, "refresh", "--cycle", "2026-02", "--json")
        wait_until_it_holds(home, first)
        second = sop(home, "refresh", "--cycle", "2026-02")
        was_first_still_running = first.poll() is None
        out, err = first.communicate(timeout=600)
    finally:
        stop.touch()
        seen, complaint = reader.communicate(timeout=60)
    return Recovery(
        home,
        kills,
        subprocess.CompletedProcess([], first.returncode, out, err),
        first.pid,
        second,
        was_first_still_running,
        subprocess.CompletedProcess([], reader.returncode, seen, complaint),
    )


def kill_after(sop: CommandLine, home: Path, seconds: float) -> Kill:
    """Start the refresh and kill its process, and nothing but it: dbt, where it runs, is left an orphan."""
    process = sop.start(home, "refresh", "--cycle", "2026-02")
    try:
        process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGKILL)
    process.wait()
    report = verify(home)
    return Kill(seconds, report.problems, report.release_id)


def wait_until_it_holds(home: Path, process: subprocess.Popen[str]) -> None:
    """Wait until the process has the home for its cycle (it looks before, to be able to say no at once)."""
    deadline = time.monotonic() + SECONDS_TO_TAKE_THE_HOME
    while time.monotonic() < deadline and process.poll() is None:
        holder = read_holder(home) if holder_file(home).exists() else None
        if holder and holder.pid == process.pid and holder.purpose == "refresh of 2026-02":
            return
        time.sleep(0.05)
    pytest.fail(f"The refresh did not take the home: {process.communicate(timeout=60)}")


def test_a_kill_leaves_the_current_release_whole(recovery: Recovery, published_home: PublishedHome) -> None:
    assert [kill.problems for kill in recovery.kills] == [()] * 4
    # a kill in the last moments may come after the new release is out
    assert {kill.current for kill in recovery.kills} <= {*published_home.release_ids.values()}
    assert recovery.kills[0].current == published_home.release_ids["2026-01"]


def test_after_kills_the_next_run_comes_to_what_a_first_run_comes_to(
    recovery: Recovery, published_home: PublishedHome
) -> None:
    assert recovery.answer.returncode == 0, recovery.answer.stdout + recovery.answer.stderr
    (result,) = json.loads(recovery.answer.stdout)
    assert result["release_id"] == published_home.release_ids["2026-02"]
    assert current_release(recovery.home) == published_home.release_ids["2026-02"]
    report = verify(recovery.home)
    assert report.problems == ()
    assert [cycle.superseded for cycle in list_cycles(recovery.home)] == [(), ()]
    in_parquet = {path: sha256 for path, sha256 in hashes(recovery.home).items() if path.endswith(".parquet")}
    expected = {
        path: sha256 for path, sha256 in hashes(published_home.root).items() if path.endswith(".parquet")
    }
    assert differing(in_parquet, expected) == []


def test_a_killed_refresh_leaves_no_rubbish_behind(recovery: Recovery, published_home: PublishedHome) -> None:
    found = sorted(path.name for path in (recovery.home / "releases").iterdir())
    assert found == sorted(published_home.release_ids.values())


def test_a_second_refresh_is_told_at_once_who_is_first(recovery: Recovery) -> None:
    assert recovery.second.returncode == 3
    assert f"process {recovery.process_id}" in recovery.second.stderr
    assert "refresh of 2026-02" in recovery.second.stderr
    assert recovery.was_first_still_running


def test_tables_are_read_while_a_refresh_runs(recovery: Recovery, published_home: PublishedHome) -> None:
    assert recovery.reader.returncode == 0, recovery.reader.stderr
    seen = recovery.reader.stdout.split()
    assert len(seen) > 10
    assert set(seen) <= set(published_home.release_ids.values())
    assert seen == sorted(seen)  # once the new release is seen, the old one is not seen again


# -- bad deliveries


@pytest.fixture(scope="module")
def deliver(
    sop: CommandLine, published_home: PublishedHome, copy_of: Callable[[Path], Path]
) -> Callable[[Path], Refused]:
    """Refresh March of a company that has two good cycles from a folder that something is wrong with."""

    def delivered(extracts: Path) -> Refused:
        home = copy_of(published_home.root)
        # the simulator makes no bad files: from here on the company hands over a folder of its own
        opened_with = json.loads((home / "home.json").read_text(encoding="utf-8"))
        opened_with |= {"source": "contract", "input_dir": str(extracts)}
        (home / "home.json").write_text(json.dumps(opened_with), encoding="utf-8")
        before = hashes(home)
        core = (home / "work" / "sop.duckdb").read_bytes()
        answer = sop(home, "refresh", "--cycle", "2026-03", "--json")
        return Refused(
            answer.returncode,
            json.loads(answer.stdout),
            verify(home).problems,
            current_release(home),
            [
                path
                for path in differing(before, hashes(home))
                if path in before or path.startswith("releases")
            ],
            is_core_untouched=core == (home / "work" / "sop.duckdb").read_bytes(),
        )

    return delivered


@dataclass(frozen=True)
class Refused:
    """How a refresh ended that should not publish, and what it did to what was there."""

    code: int
    said: dict[str, Any]
    problems: tuple[str, ...]
    current: str | None
    changed_files: list[str]
    is_core_untouched: bool

    def left_all_as_it_was(self, published_home: PublishedHome) -> bool:
        newest = published_home.release_ids["2026-02"]
        return (self.problems, self.current, self.changed_files) == (
            (),
            newest,
            [],
        ) and self.is_core_untouched


@pytest.fixture
def extracts(published_home: PublishedHome, tmp_path: Path) -> Path:
    """What was delivered for February, as a folder in our own contract."""
    folder = accepted_delivery(published_home.root / "landing", "demo", "2026-02").folder
    shutil.copytree(folder, tmp_path / "extracts", ignore=shutil.ignore_patterns("manifest.json"))
    return tmp_path / "extracts"


def rewrite(path: Path, change: Callable[[list[str], list[list[str]]], Iterable[list[str]]]) -> None:
    """Rewrite a CSV file; `change` gets the header and the rows."""
    with open(path, encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    rows = list(change(header, rows))
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def test_a_broken_file_is_named_with_column_rows_and_remedy(
    deliver: Callable[[Path], Refused], extracts: Path, published_home: PublishedHome
) -> None:
    def no_quantities(header: list[str], rows: list[list[str]]) -> list[list[str]]:
        for row in rows[: len(rows) // 10]:
            row[header.index("ordered_quantity")] = "a dozen"
        return rows

    def another_name(header: list[str], rows: list[list[str]]) -> list[list[str]]:
        header[header.index("unit_cost")] = "unit_costs"
        return rows

    rewrite(extracts / "sales_order_lines.csv", no_quantities)
    rewrite(extracts / "standard_costs.csv", another_name)
    refused = deliver(extracts)
    assert (refused.code, refused.said["exit_code"], refused.said["step"]) == (1, 1, "lake")
    for part in (
        "2 delivered files were rejected",
        "sales_order_lines.csv",
        "ordered_quantity: not_a_decimal",
        "line 2: 'a dozen'",
        "Correct the extract",
        "standard_costs.csv",
        "column 'unit_cost' is missing (did you mean 'unit_costs'?)",
    ):
        assert part in refused.said["error"]
    assert refused.left_all_as_it_was(published_home)


def test_last_month_s_files_again_close_the_gate_before_the_core(
    deliver: Callable[[Path], Refused], extracts: Path, published_home: PublishedHome
) -> None:
    refused = deliver(extracts)
    assert (refused.code, refused.said["exit_code"], refused.said["step"]) == (1, 1, "arrivals")
    for part in ("orders_reach_the_last_closed_month", "contract.sales_order_lines", "delivered again"):
        assert part in refused.said["error"]
    assert refused.left_all_as_it_was(published_home)
