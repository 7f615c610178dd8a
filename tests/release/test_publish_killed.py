"""Killed or failing at any effect: readers keep a whole release, the next run needs no clean-up."""

from __future__ import annotations

import errno
import json
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from release_company import demand_plan, publish_cycle, snapshot

from sop_pipeline.release import effects
from sop_pipeline.release.verify import verify_home

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("scenario", ["the first cycle", "the next cycle", "an old cycle again"])
def test_a_publication_killed_at_any_effect(tmp_path, scenario):
    driver = Path(__file__).with_name("killed_publications.py")
    run = subprocess.run(
        [sys.executable, driver, scenario, tmp_path / "homes"],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT)},
    )
    assert run.returncode == 0, run.stderr
    first, *attempts = [json.loads(line) for line in run.stdout.splitlines()]
    expected = first["expected"]
    assert expected["problems"] == []

    killed = [a for a in attempts if a["signal"] == signal.SIGKILL and a["kill"].startswith("effect")]
    assert len(killed) > 30, "the publication was not killed where it writes"
    for attempt in attempts:
        assert attempt["seen"]["problems"] == [], attempt["kill"]
        assert attempt["seen"]["current"] in (first["before"], expected["current"]), attempt["kill"]
        assert attempt["after"] == expected, attempt["kill"]


def test_a_publication_that_fails_at_any_effect_leaves_nothing_behind(tmp_path):
    """A full disk, say: the error comes through, the stage is gone, and the next run succeeds."""
    publish_one(tmp_path / "clean", "2026-04", 1)
    publish_one(tmp_path / "clean", "2026-05", 2)
    expected = {name: sha for name, sha in snapshot(tmp_path / "clean").items() if name.endswith(".parquet")}

    n, failed = 0, True
    while failed:
        n += 1
        home = tmp_path / f"home {n}"
        publish_one(home, "2026-04", 1)
        failed = _publish_failing_at(home, n)
        assert [problem for report in verify_home(home) for problem in report.problems] == [], n
        publish_one(home, "2026-05", 2)
        assert [path.name for path in home.rglob(".tmp-*")] == [], n
        found = {name: sha for name, sha in snapshot(home).items() if name.endswith(".parquet")}
        assert found == expected, n
    assert n > 30


def _publish_failing_at(home: Path, n: int) -> bool:
    """Publish the next cycle with a full disk at the n-th effect; False where there is no n-th effect."""
    count = 0

    def fail_at_n(effect: str, path: Path) -> None:
        nonlocal count
        count += 1
        if count == n:
            raise OSError(errno.ENOSPC, "No space left on device", str(path))

    with effects.observed_by(fail_at_n), suppress(OSError):
        publish_one(home, "2026-05", 2)
    return count >= n


def publish_one(home: Path, cycle_id: str, units: int) -> None:
    publish_cycle(home, cycle_id, units, tables=(demand_plan(cycle_id, units),))
