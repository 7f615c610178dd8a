"""The monthly schedule: looks every day, runs what is due (sop_pipeline.schedules has the calendar).

Add here: a schedule of a review step. Keep out: dates and working days.
"""

from collections.abc import Iterator

import dagster as dg

from assets.jobs import REFRESH
from sop_pipeline.release import registry
from sop_pipeline.schedules import due_at, due_cycles
from sop_pipeline.settings import Settings

UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def build_schedule(settings: Settings) -> dg.ScheduleDefinition:
    """Every day at the refresh hour: one run for each due cycle that is neither published nor under way."""

    @dg.schedule(
        job_name=REFRESH,
        name="monthly_refresh_schedule",
        cron_schedule=f"0 {settings.refresh_hour} * * *",
        execution_timezone=settings.timezone,
        description=f"Working day {settings.working_day} of each month ({settings.country}), "
        f"{settings.refresh_hour:02d}:00 {settings.timezone}; catches up what was missed.",
    )
    def monthly_refresh_schedule(
        context: dg.ScheduleEvaluationContext,
    ) -> Iterator[dg.RunRequest | dg.SkipReason]:
        now = context.scheduled_execution_time
        published = [record.cycle_id for record in registry.list_cycles(settings.paths.root)]
        due = due_cycles(now, published, settings)
        if not due:
            this_month = f"{now:%Y-%m}"
            yield dg.SkipReason(
                f"Nothing is due: {this_month} is refreshed from {due_at(this_month, settings):%d %B %H:%M} on."
            )
            return
        busy = _under_way(context.instance, REFRESH)
        waiting = [cycle for cycle in due if cycle not in busy]
        if not waiting:
            yield dg.SkipReason(f"Under way: {', '.join(due)}.")
        for cycle in waiting:
            yield dg.RunRequest(run_key=f"{cycle} of {now:%Y-%m-%d}", partition_key=cycle)

    return monthly_refresh_schedule


def _under_way(instance: dg.DagsterInstance, job_name: str) -> set[str]:
    runs = instance.get_runs(filters=dg.RunsFilter(job_name=job_name, statuses=UNDER_WAY))
    return {run.tags.get("dagster/partition", "") for run in runs}
