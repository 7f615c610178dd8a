"""One refresh of a home at a time: the second is told who is first, a killed one leaves nothing to clean."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sop_pipeline.release.layout import holder_file
from sop_pipeline.release.lock import HomeIsBusy, read_holder, refresh_lock

ROOT = Path(__file__).parents[2]
START = datetime(2026, 4, 6, 6, 0, tzinfo=UTC)

HOLDING = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from sop_pipeline.release.lock import refresh_lock
start = datetime(2026, 4, 6, tzinfo=UTC)
with refresh_lock(Path(sys.argv[1]), purpose="refresh of 2026-04", started_at=start):
    print("holding", flush=True)
    sys.stdin.readline()
"""

CONTENDING = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from sop_pipeline.release.lock import HomeIsBusy, refresh_lock
print("ready", flush=True)
sys.stdin.readline()
try:
    with refresh_lock(Path(sys.argv[1]), purpose="refresh", started_at=datetime(2026, 4, 6, tzinfo=UTC)):
        print("holding", flush=True)
        sys.stdin.readline()
except HomeIsBusy as busy:
    print("told", busy.pid, flush=True)
"""


def start_process(home, script):
    return subprocess.Popen(
        [sys.executable, "-c", script, home],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.fixture
def other_process(tmp_path):
    process = start_process(tmp_path, HOLDING)
    assert process.stdout.readline() == "holding\n"
    yield process
    process.kill()
    process.communicate()


def test_a_second_refresh_is_told_at_once_who_is_first(tmp_path, other_process):
    start = time.monotonic()
    with pytest.raises(HomeIsBusy) as busy, refresh_lock(tmp_path, purpose="refresh", started_at=START):
        pytest.fail("two processes hold the home")
    assert time.monotonic() - start < 2
    assert busy.value.pid == other_process.pid
    assert f"process {other_process.pid} on " in str(busy.value)
    assert "since 2026-04-06T00:00:00+00:00 (refresh of 2026-04)" in str(busy.value)
    assert read_holder(tmp_path).pid == other_process.pid  # asking did not erase the answer


def test_a_killed_refresh_leaves_nothing_to_clean_up(tmp_path, other_process):
    other_process.kill()
    other_process.wait()
    with refresh_lock(tmp_path, purpose="refresh", started_at=START) as holder:
        assert holder.pid == os.getpid() == read_holder(tmp_path).pid


def test_two_refreshes_in_one_process_are_two_refreshes(tmp_path):
    with (
        refresh_lock(tmp_path, purpose="first", started_at=START),
        pytest.raises(HomeIsBusy, match="first"),
        refresh_lock(tmp_path, purpose="second", started_at=START),
    ):
        pytest.fail("the home is held twice")


def test_the_home_is_free_after_a_refresh_and_after_an_error_in_one(tmp_path):
    with pytest.raises(ZeroDivisionError), refresh_lock(tmp_path, purpose="fails", started_at=START):
        raise ZeroDivisionError
    for _ in range(3):
        with refresh_lock(tmp_path, purpose="refresh", started_at=START):
            pass


def test_homes_do_not_disturb_each_other(tmp_path):
    with (
        refresh_lock(tmp_path / "one", purpose="refresh", started_at=START),
        refresh_lock(tmp_path / "other", purpose="refresh", started_at=START),
    ):
        pass


def test_a_name_left_by_a_process_that_ended_is_not_told(tmp_path, other_process):
    """Between taking the lock and writing its name a holder is nameless; the name before it is wrong."""
    name = holder_file(tmp_path)
    name.write_text(name.read_text().replace(f'"pid": {other_process.pid}', '"pid": 999999999'))
    with (
        pytest.raises(HomeIsBusy, match="by another process") as busy,
        refresh_lock(tmp_path, purpose="refresh", started_at=START),
    ):
        pytest.fail("two processes hold the home")
    assert busy.value.pid is None


def test_only_one_of_many_refreshes_started_together_runs(tmp_path):
    contenders = [start_process(tmp_path, CONTENDING) for _ in range(4)]
    for process in contenders:
        assert process.stdout.readline() == "ready\n"
    for process in contenders:
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = {process.pid: process.stdout.readline().strip() for process in contenders}
    for process in contenders:
        process.communicate("end\n" if process.poll() is None else None)

    winners = [pid for pid, answer in answers.items() if answer == "holding"]
    assert len(winners) == 1
    assert sorted(answers.values()) == ["holding", *[f"told {winners[0]}"] * 3]
