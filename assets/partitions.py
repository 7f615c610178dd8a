"""The one monthly partition set: a partition is a planning cycle."""

from __future__ import annotations

from functools import lru_cache

import dagster as dg

from sop_pipeline.settings import Settings


@lru_cache(maxsize=8)
def planning_cycles(first_cycle: str, timezone: str) -> dg.MonthlyPartitionsDefinition:
    """Cycles YYYY-MM from the first on; the current month is one, since a cycle is run within its own month."""
    return dg.MonthlyPartitionsDefinition(
        start_date=first_cycle, fmt="%Y-%m", timezone=timezone, end_offset=1
    )


def partitions_of(settings: Settings) -> dg.MonthlyPartitionsDefinition:
    """The partition set of these settings."""
    return planning_cycles(settings.first_cycle, settings.timezone)


ONE_CYCLE_A_RUN = dg.BackfillPolicy.multi_run(max_partitions_per_run=1)
"""A run computes one cycle, in a backfill too: each needs what the one before published."""
