"""The schedule on a home of its own: two months pass, in one of them the daemon is down, each cycle comes out once.

The pieces are those of the daemon: the home's instance, the code location in its own process, the scheduler's evaluation
of a tick, the run queue, and runs in processes of their own. Only the clock is ours.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._core.scheduler.instigation import TickStatus
from dagster._core.test_utils import create_test_daemon_workspace_context, freeze_time
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget
from dagster._daemon.run_coordinator import QueuedRunCoordinatorDaemon
from dagster._scheduler.scheduler import launch_scheduled_runs

from sop_pipeline.refresh import environment_of
from sop_pipeline.release.registry import list_cycles
from sop_pipeline.release.verify import verify
from sop_pipeline.settings import PROJECT_DIR, Settings, load_settings, open_home

if TYPE_CHECKING:
    from conftest import PublishedHome

SCHEDULE = "monthly_refresh_schedule"
RUN_LIMIT_SECONDS = 600


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(ZoneInfo("UTC"))


class Daemon:
    """A daemon that is up: it looks at the schedule, and runs what is queued."""

    def __init__(self, instance: dg.DagsterInstance, workspace: WorkspaceProcessContext) -> None:
        self.instance = instance
        self._workspace = workspace
        self._queue = QueuedRunCoordinatorDaemon(interval_seconds=1)

    def switch_schedule_on(self, moment: str) -> None:
        with freeze_time(berlin(moment)):
            self.instance.start_schedule(self._schedule())

    def look(self, moment: str) -> None:
        """What the scheduler does at this minute of the company's time."""
        with freeze_time(berlin(moment)):
            errors = list(
                launch_scheduled_runs(self._workspace, logging.getLogger("daemon"), berlin(moment), {})
            )
        assert [error for error in errors if error is not None] == []

    def run_what_is_queued(self) -> None:
        """Start queued runs, one at a time, and wait until none is under way any more."""
        deadline = time.monotonic() + RUN_LIMIT_SECONDS
        while unfinished := [run for run in self.instance.get_runs() if not run.is_finished]:
            errors = [error for error in self._queue.run_iteration(self._workspace) if error is not None]
            assert errors == []
            assert time.monotonic() < deadline, f"still {unfinished[0].status}: run {unfinished[0].run_id}"
            time.sleep(1)

    def ticks(self) -> list[tuple[str, TickStatus]]:
        """Day and outcome of each tick, oldest first."""
        schedule = self._schedule()
        ticks = self.instance.get_ticks(schedule.get_remote_origin_id(), schedule.selector_id)
        zone = ZoneInfo("Europe/Berlin")
        days = [f"{datetime.fromtimestamp(tick.timestamp, zone):%Y-%m-%d %H:%M}" for tick in ticks]
        return sorted(zip(days, [tick.status for tick in ticks], strict=True))

    def _schedule(self):  # type: ignore[no-untyped-def]
        (entry,) = self._workspace.create_request_context().get_code_location_entries().values()
        assert entry.code_location, entry.load_error
        (repository,) = entry.code_location.get_repositories().values()
        return repository.get_schedule(SCHEDULE)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, smallest_scale: float) -> Settings:
    """A new home of the smallest demo company; the code location and its runs find it by the environment."""
    settings = load_settings(home=tmp_path / "home", source="demo", demo_scale=smallest_scale)
    open_home(settings)
    for name, value in environment_of(settings).items():
        monkeypatch.setenv(name, value)
    return settings


@pytest.fixture
def start_daemon(settings: Settings) -> Callable[[], object]:
    @contextmanager
    def started() -> Iterator[Daemon]:
        target = WorkspaceFileTarget([str(PROJECT_DIR / "workspace.yaml")])
        with (
            dg.DagsterInstance.from_config(str(settings.paths.dagster)) as instance,
            create_test_daemon_workspace_context(target, instance) as workspace,
        ):
            yield Daemon(instance, workspace)

    return started


@pytest.mark.slow
def test_each_due_cycle_is_published_once_though_the_daemon_was_down(
    settings: Settings, start_daemon: Callable[[], object], published_home: PublishedHome
) -> None:
    home = settings.paths.root
    with start_daemon() as daemon:
        daemon.switch_schedule_on("2026-01-02T12:00")
        daemon.look("2026-01-05T06:00")
        assert daemon.instance.get_runs_count() == 0  # the third working day is the 6th
        daemon.look("2026-01-06T06:00")
        daemon.look("2026-01-06T06:01")
        daemon.look("2026-01-07T06:00")  # the run still waits in the queue
        assert daemon.instance.get_runs_count() == 1
        daemon.run_what_is_queued()
        assert [cycle.cycle_id for cycle in list_cycles(home)] == ["2026-01"], failures(daemon.instance)
        daemon.look("2026-01-08T06:00")
        assert daemon.instance.get_runs_count() == 1

    # the daemon is down on 4 February, when the next cycle is due, and for two weeks more
    with start_daemon() as daemon:
        daemon.look("2026-02-19T11:17")
        daemon.run_what_is_queued()
        cycles = [cycle.cycle_id for cycle in list_cycles(home)]
        assert cycles == ["2026-01", "2026-02"], failures(daemon.instance)
        daemon.look("2026-02-20T06:00")
        daemon.look("2026-02-27T06:00")

        runs = daemon.instance.get_runs()
        assert [run.status for run in runs] == [dg.DagsterRunStatus.SUCCESS] * 2
        assert [run.tags["dagster/schedule_name"] for run in runs] == [SCHEDULE] * 2
        outcomes = dict(daemon.ticks())
        assert outcomes["2026-01-05 06:00"] == outcomes["2026-02-20 06:00"] == TickStatus.SKIPPED
        assert TickStatus.FAILURE not in outcomes.values()
        assert sum(outcome == TickStatus.SUCCESS for outcome in outcomes.values()) == 2

    cycles = list_cycles(home)
    assert [cycle.superseded for cycle in cycles] == [(), ()]
    assert verify(home).problems == ()
    # the schedule's path is the command line's: the same extracts become the same releases
    assert {cycle.cycle_id: cycle.release_id for cycle in cycles} == published_home.release_ids


def failures(instance: dg.DagsterInstance) -> str:
    """What failed runs said, for the message of a test."""
    failed = [run for run in instance.get_runs() if run.status != dg.DagsterRunStatus.SUCCESS]
    events = [entry.dagster_event for run in failed for entry in instance.all_logs(run.run_id)]
    said = [event.message for event in events if event and (event.is_failure or event.is_step_failure)]
    return "\n".join([f"{run.run_id} {run.status}" for run in failed] + said)
