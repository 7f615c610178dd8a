"""The code location: assets, checks, jobs, schedule and resources of one home, composed and nothing else.

Read by `dagster dev`, by the daemon and, in process, by `sop refresh`: one path, not two. SOP_HOME says which home.
"""

from __future__ import annotations

import warnings

import dagster as dg

from assets.dbt import prepare_manifest
from assets.definitions import build_assets, build_checks, build_resources
from assets.jobs import build_jobs
from assets.schedule import build_schedule
from sop_pipeline.settings import Settings, load_settings, open_home


def build_definitions(settings: Settings) -> dg.Definitions:
    """Everything that Dagster needs to know of a home with these settings."""
    manifest = prepare_manifest(settings)
    # A run computes one cycle (BackfillPolicy, still called beta): asked for on purpose, so not worth a line each.
    warnings.filterwarnings("ignore", category=dg.BetaWarning, message=".*backfill_policy.*")
    gates = build_checks(settings)
    return dg.Definitions(
        assets=build_assets(settings, manifest),
        asset_checks=gates,
        jobs=build_jobs(gates),
        schedules=[build_schedule(settings)],
        resources=build_resources(settings),
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """Definitions of the home that the environment names."""
    settings = load_settings()
    open_home(settings)
    return build_definitions(settings)
