"""Runs of refreshes that were killed, and the cause that is told of many errors in a chain."""

from __future__ import annotations

import dagster as dg
from dagster import DagsterInstance, DagsterRunStatus
from dagster._core.test_utils import create_run_for_test

from sop_pipeline.refresh import PROCESS_TAG, _close_dead_runs, cause_of
from sop_pipeline.sources.protocol import SourceError


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
