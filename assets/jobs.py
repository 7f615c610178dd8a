"""Jobs: the whole refresh, and each process step by itself.

The job that publishes also judges the marts: their gate spans the groups of several steps, and none of their jobs can
judge it whole. Add here: a job for another step. Keep out: when jobs run (`schedule`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dagster as dg

REFRESH = "monthly_refresh"
PUBLISH = "publish"
PUBLICATION_GATE = "publication"

STEPS = {
    "extracts_and_core": (["extracts", "core"], "Land the extracts, type them, build the core."),
    "business_review": (["start"], "Last month and year to date against budget and last year (start)."),
    "demand_review": (["demand_review"], "Forecast, layers, accuracy (step 1)."),
    "supply_review": (["supply_review"], "Safety stock, constrained plan, load, shortages (step 2)."),
    "pre_sop": (["pre_sop"], "Demand against supply, financial projection (step 3)."),
    "sop_meeting": (["sop_meeting"], "Scorecard, constrained demand and findings in the data (step 4)."),
    PUBLISH: (["release"], "Gate on the marts, meeting pack, and release of what is computed."),
}
"""Process step -> (asset groups, description)."""


def build_jobs(gates: Sequence[dg.AssetChecksDefinition]) -> list[Any]:
    """The refresh first, then the steps. `gates`: every gate by its name; the one on the marts joins the publication."""
    refresh = dg.define_asset_job(
        REFRESH,
        selection=dg.AssetSelection.all(),
        description="The monthly cycle, from extracts to a published release.",
    )
    (marts_gate,) = (gate for gate in gates if gate.node_def.name == PUBLICATION_GATE)
    judged_before = {PUBLISH: dg.AssetSelection.checks(marts_gate)}
    steps = [
        dg.define_asset_job(
            name,
            selection=dg.AssetSelection.groups(*groups) | judged_before[name]
            if name in judged_before
            else dg.AssetSelection.groups(*groups),
            description=description,
        )
        for name, (groups, description) in STEPS.items()
    ]
    return [refresh, *steps]
