"""A fault at every effect of a refresh: the quick tier. `make faults` is the full one; see README.md beside this."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conftest import PublishedHome

pytestmark = pytest.mark.slow

CAMPAIGN = Path(__file__).with_name("campaign.py")


@dataclass(frozen=True)
class Campaign:
    """What the quick campaign found, by what was done."""

    found: dict[str, dict[str, Any]]
    said: str

    def of(self, word: str) -> list[dict[str, Any]]:
        return [result for what, result in self.found.items() if what.startswith(word)]

    def problems_of(self, word: str) -> dict[str, list[str]]:
        return {result["what"]: result["problems"] for result in self.of(word) if result["problems"]}

    @property
    def points(self) -> list[dict[str, Any]]:
        points: list[dict[str, Any]] = self.found["survey"]["points"]
        return points


@pytest.fixture(scope="module")
def campaign(published_home: PublishedHome, tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    folder = tmp_path_factory.mktemp("faults")
    homes = ["--before", published_home.after_january, "--clean", published_home.root]
    command = [sys.executable, CAMPAIGN, "--quick", "--folder", folder, *homes]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "faults: " in done.stdout, done.stdout + done.stderr
    lines = (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()
    found = {result["what"]: result for result in map(json.loads, lines)}
    assert done.returncode == (1 if any(result["problems"] for result in found.values()) else 0)
    return Campaign(found, done.stdout)


def test_points_are_where_a_refresh_acts(campaign: Campaign) -> None:
    """A hook that goes deaf would find everything in order."""
    assert campaign.problems_of("survey") == {}
    by_kind = {kind: sum(point["kind"] == kind for point in campaign.points) for kind in
               ("open", "write", "sync", "rename", "remove", "link", "symlink", "mode", "database", "dbt node")}  # fmt: skip
    assert min(by_kind.values()) > 0, by_kind
    assert by_kind["rename"] > 50
    assert by_kind["dbt node"] > 50
    assert sum(point["kind"] == "subprocess" for point in campaign.points) == 2
    assert sum(point["kind"] == "solve" for point in campaign.points) >= 1
    for step in ("start", "landing__delivery", "lake", "solve_constrained_plan", "release__published_cycle"):
        assert any(point["step"] == step for point in campaign.points), step


def test_a_refresh_killed_at_any_point_leaves_readers_a_whole_release_and_the_home_free(
    campaign: Campaign,
) -> None:
    assert campaign.problems_of("whole") == {}
    looked_at = {result["what"].split()[1] for result in campaign.of("whole")}
    assert looked_at == {point["key"] for point in campaign.points}
    assert len(looked_at) > 8


def test_the_next_run_needs_no_clean_up_and_reads_nothing_that_a_killed_one_computed(
    campaign: Campaign,
) -> None:
    """The state nearest to the release is run again, its lake files emptied and its working folder full of rubbish; and so
    is every state that only a failure leaves."""
    assert campaign.problems_of("again") == {}
    assert len(campaign.of("again ")) - len(campaign.of("again after fail")) == 1


def test_a_kill_leaves_the_state_that_was_looked_at(campaign: Campaign) -> None:
    assert campaign.problems_of("kill") == {}
    assert [result["is_same_state"] for result in campaign.of("kill")] == [True, True]


def test_an_effect_that_fails_is_told_in_a_line_with_file_and_remedy(campaign: Campaign) -> None:
    assert campaign.problems_of("fail") == {}
    assert len(campaign.of("fail")) == 6
    assert sum(result["code"] != 0 for result in campaign.of("fail")) >= 3


def test_a_full_disk_is_told_in_a_line_with_the_remedy(campaign: Campaign) -> None:
    if "skipped: disk with" in campaign.said:
        pytest.skip("A small disk cannot be mounted on this machine.")
    (full,) = campaign.of("disk with")
    assert (full["problems"], full["code"]) == ([], 1)
    # SQLite, DuckDB or the file system, whoever meets it first
    assert "disk is full" in full["said"] or "No space left on device" in full["said"]


def test_a_kill_at_a_random_time_leaves_no_process_and_no_lock(campaign: Campaign) -> None:
    assert campaign.problems_of("random") == {}
    assert len(campaign.of("random kill")) == 1


def test_of_two_refreshes_at_once_one_runs_and_the_other_names_it(campaign: Campaign) -> None:
    assert campaign.problems_of("pair") == {}
    assert len(campaign.of("pair")) == 1
