"""Jobs: the whole refresh, and each process step by itself.

Add here: a job for another step. Keep out: when jobs run (`schedule`).
"""

from __future__ import annotations

from typing import Any

import dagster as dg

REFRESH = "monthly_refresh"

STEPS = {
    "extracts_and_core": (["extracts", "core"], "Land the extracts, type them, build the core."),
    "business_review": (["start"], "Last month and year to date against budget and last year (start)."),
    "demand_review": (["demand_review"], "Forecast, layers, accuracy (step 1)."),
    "supply_review": (["supply_review"], "Safety stock, constrained plan, load, shortages (step 2)."),
    "pre_sop": (["pre_sop"], "Demand against supply, financial projection (step 3)."),
    "sop_meeting": (["sop_meeting"], "Scorecard and constrained demand (step 4)."),
    "publish": (["release"], "Meeting pack and release of what is computed."),
}
"""Process step -> (asset groups, description)."""


def build_jobs() -> list[Any]:
    """The refresh first, then the steps."""
    refresh = dg.define_asset_job(
        REFRESH,
        selection=dg.AssetSelection.all(),
        description="The monthly cycle, from extracts to a published release.",
    )
    steps = [
        dg.define_asset_job(name, selection=dg.AssetSelection.groups(*groups), description=description)
        for name, (groups, description) in STEPS.items()
    ]
    return [refresh, *steps]
