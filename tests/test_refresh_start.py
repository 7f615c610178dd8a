"""How a refresh starts: one at a time, told at once; what killed ones left in the list of runs; which cause is told."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import dagster as dg
from dagster import DagsterInstance, DagsterRunStatus
from dagster._core.test_utils import create_run_for_test

from sop_pipeline.refresh import PROCESS_TAG, _close_dead_runs, cause_of
from sop_pipeline.release.layout import holder_file
from sop_pipeline.release.lock import refresh_lock
from sop_pipeline.sources.protocol import SourceError

SECOND = """
import sys
from pathlib import Path
from sop_pipeline.refresh import refresher
from sop_pipeline.release.lock import HomeIsBusy
from sop_pipeline.settings import load_settings
try:
    with refresher(load_settings(home=Path(sys.argv[1]))):
        print("runs")
except HomeIsBusy as busy:
    print(busy.pid, "dagster" in sys.modules)
"""


def test_who_comes_second_is_told_before_anything_slow_is_loaded(tmp_path: Path) -> None:
    """Two that are started together both look before either holds the home: it is the lock that decides."""
    with refresh_lock(tmp_path, purpose="a refresh that starts", started_at=datetime(2026, 1, 5, tzinfo=UTC)):
        said = subprocess.run(
            [sys.executable, "-c", SECOND, tmp_path], capture_output=True, text=True, check=True
        )
    assert said.stdout.split() == [str(os.getpid()), "False"]
    assert holder_file(tmp_path).exists()


def test_a_run_whose_process_was_killed_is_closed_and_others_are_left_alone() -> None:
    with DagsterInstance.ephemeral() as instance:
        killed = create_run_for_test(
            instance, tags={PROCESS_TAG: "4711 on host"}, status=DagsterRunStatus.STARTED
        )
        of_daemon = create_run_for_test(instance, status=DagsterRunStatus.STARTED)
        done = create_run_for_test(
            instance, tags={PROCESS_TAG: "4710 on host"}, status=DagsterRunStatus.SUCCESS
        )
        _close_dead_runs(instance)
        found = {run.run_id: run.status for run in instance.get_runs()}
    assert found == {
        killed.run_id: DagsterRunStatus.CANCELED,  # cancelled, not failed: the daemon starts failed runs again
        of_daemon.run_id: DagsterRunStatus.STARTED,  # the daemon watches its own
        done.run_id: DagsterRunStatus.SUCCESS,
    }


def chained(outer: Exception, inner: Exception) -> Exception:
    outer.__cause__ = inner
    return outer


def test_our_own_error_is_told_and_not_what_it_was_made_from() -> None:
    ours = chained(
        SourceError("The file is not UTF-8. Export it as UTF-8."), UnicodeDecodeError("utf-8", b"", 0, 1, "")
    )
    assert cause_of(chained(dg.DagsterError("step failed"), ours)) is ours


def test_where_no_error_is_ours_the_last_one_is_told() -> None:
    full = OSError(28, "No space left on device", "/srv/sop/lake")
    assert cause_of(chained(dg.DagsterError("step failed"), chained(RuntimeError("write"), full))) is full
