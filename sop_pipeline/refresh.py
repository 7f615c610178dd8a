"""Run cycles in process: the same job, on the same Dagster instance, that the schedule runs.

Add here: how a refresh is started and what it reports. Keep out: what it computes (assets), how it is shown (`cli`).
"""

from __future__ import annotations

import gc
import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from sop_pipeline.causes import explain
from sop_pipeline.preflight import check_home
from sop_pipeline.progress import ClosedGateListener, StepClock, StepListener
from sop_pipeline.release import registry
from sop_pipeline.release.findings import FindingCount, count_findings, findings_of, rows_by_outcome
from sop_pipeline.release.layout import CYCLE_PATTERN
from sop_pipeline.release.lock import HomeIsBusy, refresh_lock
from sop_pipeline.schedules import cycle_of, next_cycle, planning_now
from sop_pipeline.settings import Settings, SettingsError, open_home

if TYPE_CHECKING:
    from dagster import DagsterInstance

DEMO_FIRST_CYCLE = "2026-01"

FOR_ARRIVALS = ("great_expectations",)
FOR_PLANNING = ("numba", "pyomo.environ", "highspy", "vl_convert")
COLLECT_SELDOM = (50_000, 20, 100)
"""Loading makes millions of objects that stay: collecting as often as Python does by itself cost 1.5 s of start-up."""
DBT_STEP = "core_models"
"""While this step runs, the process only waits: what planning needs is loaded then."""
OUR_ROOMS = ("sop_pipeline.", "assets.", "quality.")
PROCESS_TAG = "sop/refresh_process"
"""Tag of runs in this process's own hands: nobody else watches them, see `_close_dead_runs`."""


class RefreshFailed(RuntimeError):
    """A refresh failed. The message is the cause and the data rules that failed; `step` is where; the run is in the instance."""

    def __init__(
        self,
        cycle_id: str,
        step: str,
        cause: BaseException,
        home: Path,
        run_id: str,
        rules: Sequence[str] = (),
    ) -> None:
        super().__init__("\n * ".join([explain(cause, home), *rules]))
        self.cycle_id, self.step, self.run_id = cycle_id, step, run_id
        self.is_busy = isinstance(cause, HomeIsBusy)


class CannotStart(RuntimeError):
    """A refresh failed before its first step. The message is the cause and the remedy."""


@dataclass(frozen=True)
class RefreshedCycle:
    """What a refresh came to: its release, whether it is new, and how long each step took."""

    cycle_id: str
    release_id: str
    is_new: bool
    seconds: float
    step_seconds: dict[str, float]
    warnings: list[str]
    findings: FindingCount
    rows: dict[str, int] = field(default_factory=dict)
    """Rows delivered in files; rows quarantined, skipped and repaired on their way to a table."""


def choose_cycles(settings: Settings, first: str | None, last: str | None, now: datetime) -> list[str]:
    """Cycles to run, oldest first.

    Without a choice: the month that it is; for the demo company, whose world has a time of its own, the cycle after
    the newest published one. Raises SettingsError for what is no cycle, one outside the calendar, or an empty range.
    """
    this_month = cycle_of(now, settings)
    if first is None:
        first = _next_demo_cycle(settings) if settings.source == "demo" else this_month
    last = last or first
    for cycle in (first, last):
        if not CYCLE_PATTERN.fullmatch(cycle):
            raise SettingsError(
                f"'{cycle}' does not name a cycle: give its month as YYYY-MM, e.g. {this_month}."
            )
        if not settings.first_cycle <= cycle <= this_month:
            raise SettingsError(
                f"Cycle {cycle} cannot be run: cycles run from {settings.first_cycle} (SOP_FIRST_CYCLE) "
                f"to the month that it is, {this_month} ({settings.timezone})."
            )
    if last < first:
        raise SettingsError(f"The range ends ({last}) before it begins ({first}).")
    cycles = [first]
    while cycles[-1] < last:
        cycles.append(next_cycle(cycles[-1]))
    return cycles


def _next_demo_cycle(settings: Settings) -> str:
    published = [record.cycle_id for record in registry.list_cycles(settings.paths.root)]
    return next_cycle(max(published)) if published else DEMO_FIRST_CYCLE


@contextmanager
def refresher(
    settings: Settings,
) -> Iterator[Callable[[str, StepListener, ClosedGateListener], RefreshedCycle]]:
    """Load the definitions once and yield a function that runs one cycle.

    The function raises RefreshFailed. Raises HomeNotReady, HomeIsBusy, or CannotStart where it does not come to the
    first step. Dagster's own console log goes to the instance only.
    """
    gc.set_threshold(*COLLECT_SELDOM)
    check_home(settings.paths)
    home = open_home(settings)
    os.environ.update(environment_of(settings))
    # held from here to the last cycle, and before anything slow is loaded: whoever comes second is told at once
    with (
        refresh_lock(home.root, purpose="a refresh that starts", started_at=planning_now(settings)),
        ExitStack() as closing,
    ):
        from sqlalchemy.exc import SQLAlchemyError

        from sop_pipeline.definitions import build_definitions
        from sop_pipeline.event_log import open_instance

        _load_ahead(FOR_ARRIVALS)
        try:
            instance = closing.enter_context(open_instance(home))
            job = build_definitions(settings).resolve_job_def("monthly_refresh")
            _close_dead_runs(instance)
        except (OSError, SQLAlchemyError, RuntimeError) as error:
            raise CannotStart(explain(cause_of(error), home.root)) from error

        def run(cycle_id: str, on_step: StepListener, on_closed_gate: ClosedGateListener) -> RefreshedCycle:
            clock = StepClock(_loading_ahead(on_step), on_closed_gate)
            return _run(job, instance, settings, cycle_id, clock)

        yield run


def _close_dead_runs(instance: DagsterInstance) -> None:
    """Runs of `sop refresh` processes that were killed never end by themselves, and the queue would count them.

    The caller holds the home's lock, so no such process is at work. They are cancelled, not failed: the daemon would
    start a failed run again.
    """
    from dagster import DagsterRunStatus, RunsFilter

    open_statuses = [DagsterRunStatus.NOT_STARTED, DagsterRunStatus.STARTING, DagsterRunStatus.STARTED]
    for run in instance.get_runs(RunsFilter(statuses=open_statuses)):
        if process := run.tags.get(PROCESS_TAG):
            instance.report_run_canceled(run, message=f"Its process, {process}, ended without a word.")


def _loading_ahead(on_step: StepListener) -> StepListener:
    def listen(step: str, state: str, seconds: float) -> None:
        if (step, state) == (DBT_STEP, "started"):
            _load_ahead(FOR_PLANNING)
        on_step(step, state, seconds)

    return listen


def _load_ahead(modules: Sequence[str]) -> None:
    """Import what later steps need while this process waits for files, DuckDB and dbt: about 5 s of a cycle."""
    Thread(target=lambda: [import_module(name) for name in modules], name="load ahead", daemon=True).start()


def environment_of(settings: Settings) -> dict[str, str]:
    """Environment that makes a code location load the same settings."""
    return {"SOP_HOME": str(settings.paths.root), "DAGSTER_HOME": str(settings.paths.dagster)}


def _run(job, instance, settings: Settings, cycle_id: str, clock: StepClock) -> RefreshedCycle:  # type: ignore[no-untyped-def]
    from dagster import DagsterError, DagsterRunStatus

    started = time.monotonic()
    run_id = clock.listen(instance)
    config = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    log_file = settings.paths.work / "refresh.log"
    home = settings.paths.root
    try:
        # what dbt and others print goes to a file (and, by step, into the instance); the terminal is the caller's
        with log_file.open("a", encoding="utf-8") as log, redirect_stdout(log), redirect_stderr(log):
            job.execute_in_process(
                run_config=config,
                instance=instance,
                partition_key=cycle_id,
                tags={PROCESS_TAG: f"{os.getpid()} on {socket.gethostname()}"},
                run_id=run_id,
                raise_on_error=True,
            )
    except DagsterError as error:
        raise RefreshFailed(cycle_id, clock.current, cause_of(error), home, run_id, clock.warnings) from error
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit):
            run = instance.get_run_by_id(run_id)
            if run is not None and not run.is_finished:
                instance.report_run_canceled(run)
            raise
        raise RefreshFailed(cycle_id, clock.current, cause_of(error), home, run_id) from error
    run = instance.get_run_by_id(run_id)
    if run is None or run.status != DagsterRunStatus.SUCCESS:
        raise RefreshFailed(
            cycle_id, clock.current, RuntimeError(f"Run {run_id} ended without success."), home, run_id
        )
    release = registry.read_registry(home).newest_of(cycle_id)
    if release is None:
        raise RefreshFailed(
            cycle_id, clock.current, RuntimeError(f"Run {run_id} published nothing."), home, run_id
        )
    return RefreshedCycle(
        cycle_id,
        release.release_id,
        clock.facts.get("is_new", True),
        time.monotonic() - started,
        clock.seconds,
        clock.warnings,
        count_findings(findings_of(settings.paths.root, release.release_id) or []),
        rows_by_outcome(settings.paths.root, release.release_id),
    )


def cause_of(error: BaseException) -> BaseException:
    """The user's cause at the bottom of Dagster's chain of errors: the first of our own, which has words, or the last."""
    while not type(error).__module__.startswith(OUR_ROOMS):
        inner = getattr(error, "user_exception", None) or error.__cause__
        if inner is None or inner is error:
            break
        error = inner
    return error
