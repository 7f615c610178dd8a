"""The demo company as a source of the pipeline: carries the released plans out, then delivers the cycle.

Add here: how a request is turned into calls on a world. Keep out: the world itself (`world`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from sop_pipeline.sources.demo.timeline import OPENING_MONTHS, cycle_of, month_of
from sop_pipeline.sources.demo.world import PublishedPlan, advance, open_world, write_delivery
from sop_pipeline.sources.protocol import DeliveryRequest, SourceError

PLAN_TABLE = "fct_supply_plan"
BASE_SCENARIO = "base"


@dataclass(frozen=True)
class DemoSource:
    """A simulated manufacturer, in the shape of our own source contract."""

    scale: float = 1.0
    seed: int = 0
    name: str = "demo"
    system: str = "contract"

    def deliver(self, request: DeliveryRequest) -> None:
        """Open the world, execute every month before the cycle under the plan released for it, write the files."""
        if request.world_dir is None:
            raise SourceError("The demo company needs a folder for its state: set world_dir in the request.")
        try:
            month = month_of(request.cycle_id)
        except ValueError as problem:
            raise SourceError(str(problem)) from problem
        if month < OPENING_MONTHS:
            raise SourceError(
                f"The demo company's first cycle is {cycle_of(OPENING_MONTHS)}, not {request.cycle_id}."
            )
        open_world(request.world_dir, self.scale, self.seed)
        for executed in range(OPENING_MONTHS, month):
            cycle = cycle_of(executed)
            advance(request.world_dir, cycle, _released_plan(request.released.get(cycle)))
        write_delivery(request.world_dir, request.cycle_id, request.folder)


def _released_plan(tables: Mapping[str, Path] | None) -> PublishedPlan | None:
    """The supply plan of a release; None where the cycle released none: the company's own rule runs then."""
    if tables is None or PLAN_TABLE not in tables:
        return None
    columns = ["scenario_id", "source_id", "period_start_date", "released_units"]
    plan = pd.read_parquet(tables[PLAN_TABLE], columns=columns)
    return PublishedPlan(supply_plan=plan[plan["scenario_id"] == BASE_SCENARIO])
