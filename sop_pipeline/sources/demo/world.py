"""The demo company's state on disk, month by month, and the calls that move it on.

`world_dir/world.json` says which company it is; `world_dir/month=YYYY-MM/` holds the books after that month and the
documents the month finished. A month is built from the folder of the month before and its plan alone, in a temporary
folder that is renamed when it is complete; `lineage` in `month.json` names the plans that led to it.
Add here: a call on a world. Keep out: what happens in a month (`execution`) and file formats (`delivery`).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from sop_pipeline.sources.demo import delivery, storage, truth
from sop_pipeline.sources.demo.columns import Columns, stack, totals
from sop_pipeline.sources.demo.execution import Measures, run_month, snapshot
from sop_pipeline.sources.demo.firm import Firm, build_firm, explode
from sop_pipeline.sources.demo.masters import resource_ids
from sop_pipeline.sources.demo.network import BUY
from sop_pipeline.sources.demo.orders import month_lines
from sop_pipeline.sources.demo.randomness import Floats
from sop_pipeline.sources.demo.rule import DAYS_PER_MONTH, planned_releases
from sop_pipeline.sources.demo.state import State, new_state
from sop_pipeline.sources.demo.timeline import LAST_MONTH, OPENING_MONTHS, cycle_of, first_day, month_of
from sop_pipeline.sources.protocol import SourceError

VERSION = 2  # raise it when the same seed is to give another company


@dataclass(frozen=True)
class PublishedPlan:
    """The plan that a cycle published.

    `supply_plan`: rows of marts `fct_supply_plan` (at least source_id, period_start_date, released_units). `actions`,
    where there are any: action_type (`add_hours` on a resource_id, `expedite` of a source_id), object_id, value (hours,
    negative where maintenance takes them; or the ratio that the lead time is brought down to).
    """

    supply_plan: pd.DataFrame
    actions: pd.DataFrame | None = None


def open_world(world_dir: Path, scale: float = 1.0, seed: int = 0) -> None:
    """Make the company and its 48 opening months, unless they are there. The same bytes for a seed and scale."""
    identity = {"scale": scale, "seed": seed, "version": VERSION}
    described = world_dir / "world.json"
    if described.exists():
        found = json.loads(described.read_text())
        if found != identity:
            raise SourceError(
                f"{world_dir} holds another company ({found}), not {identity}. Choose another folder."
            )
    firm = build_firm(scale, seed)
    lineage = _digest("opening", json.dumps(identity, sort_keys=True))
    if storage.lineage(world_dir, OPENING_MONTHS - 1) == lineage:
        return
    state, opening = _opening_state(firm)
    months = [{"snapshots": opening}]
    for month in range(OPENING_MONTHS):
        months.append(
            run_month(firm, state, month, planned_releases(firm, state, month), Measures.none(firm))
        )
    filed = {
        name: stack([part[name] for part in months if name in part])
        for name in sorted({n for p in months for n in p})
    }
    world_dir.mkdir(parents=True, exist_ok=True)
    storage.write_month(world_dir, OPENING_MONTHS - 1, state, filed, lineage)
    storage.write_text(described, json.dumps(identity, sort_keys=True) + "\n")


def advance(world_dir: Path, cycle: str, plan: PublishedPlan | None = None) -> None:
    """Execute the month of a cycle under the plan published in it; without one the planners' own rule runs.

    A function of the company and its plans so far: run again, a month gives the same bytes, and a month run again
    with another plan leaves the months after it stale until they are run again too.
    """
    firm, month = _firm(world_dir), month_of(cycle)
    if not OPENING_MONTHS <= month < LAST_MONTH - 1:
        raise SourceError(
            f"The demo company can be moved on from 2026-01 to {cycle_of(LAST_MONTH - 2)}, not in {cycle}."
        )
    before = storage.require_month(world_dir, month - 1)
    decided = _plan_digest(plan, cycle)
    lineage = _digest(before, cycle, decided)
    if storage.lineage(world_dir, month) == lineage:
        return
    state = storage.read_state(world_dir, month - 1)
    released = planned_releases(firm, state, month) if plan is None else _releases(firm, plan, cycle)
    filed = run_month(firm, state, month, released, _measures(firm, plan))
    storage.write_month(world_dir, month, state, filed, lineage, parent=before)


def write_delivery(world_dir: Path, cycle: str, folder: Path) -> None:
    """Write every table as of the start of a cycle: actuals are closed through the month before."""
    firm, month = _firm(world_dir), month_of(cycle)
    delivery.write_files(
        firm, storage.filed(world_dir, month), storage.read_state(world_dir, month - 1), month, folder
    )


def write_truth(world_dir: Path, cycle: str, folder: Path) -> None:
    """Write what only the simulator knows about the months before a cycle; never into a folder that is ingested."""
    firm, month = _firm(world_dir), month_of(cycle)
    truth.write_truth_files(firm, storage.filed(world_dir, month), month, folder)


def _firm(world_dir: Path) -> Firm:
    described = world_dir / "world.json"
    if not described.exists():
        raise SourceError(f"{world_dir} holds no demo company. Open one first (open_world).")
    identity = json.loads(described.read_text())
    return build_firm(float(identity["scale"]), int(identity["seed"]))


def _opening_state(firm: Firm) -> tuple[State, Columns]:
    """Stock for about a month everywhere, material for its lead time, and the first order book."""
    network = firm.network
    units = totals(firm.series_node, firm.demand.expected(0), network.nodes)
    buys = network.of_kind(BUY)
    months = np.full(network.nodes, 0.9)
    months[network.node[: firm.makes]] = 0.4
    months[network.node[buys]] = network.lead_days[buys] / DAYS_PER_MONTH + 1.6
    state = new_state(explode(network, firm.bills, units) * months, month_lines(firm, 0))
    return state, snapshot(state, first_day(0) - 1)


def _own_month(plan: PublishedPlan, cycle: str) -> list[tuple[str, float]]:
    """Source and units of the releases in the cycle's own month, in an order of their own."""
    months = pd.to_datetime(plan.supply_plan["period_start_date"])
    rows = plan.supply_plan[months == pd.Timestamp(f"{cycle}-01")]
    return sorted(zip(rows["source_id"].astype(str), rows["released_units"].astype(float), strict=True))


def _actions(plan: PublishedPlan) -> list[tuple[str, str, float]]:
    """Type, object and value of every action."""
    if plan.actions is None:
        return []
    columns = [plan.actions[name] for name in ("action_type", "object_id", "value")]
    return sorted(
        (str(kind), str(target), float(value)) for kind, target, value in zip(*columns, strict=True)
    )


def _releases(firm: Firm, plan: PublishedPlan, cycle: str) -> Floats:
    """Units to release of every source in the cycle's own month."""
    rows = _own_month(plan, cycle)
    if not rows:
        raise SourceError(
            f"The plan of {cycle} has no row for its own month: was another cycle's handed over?"
        )
    position = {source_id: number for number, source_id in enumerate(firm.network.source_id)}
    unknown = sorted({source for source, _ in rows if source not in position})
    wrong = sorted({source for source, units in rows if not 0.0 <= units < 1e12})
    problems = [
        f" * {len(found)} sources {what}, e.g. {', '.join(found[:5])}"
        for found, what in (
            (unknown, "are not the demo company's: was it another company's plan?"),
            (wrong, "release no number of units from 0 up"),
        )
        if found
    ]
    if problems:
        raise SourceError("\n".join([f"The plan of {cycle} cannot be executed:", *problems]))
    released = np.zeros(len(position))
    for source, units in rows:
        released[position[source]] += units
    return released


def _measures(firm: Firm, plan: PublishedPlan | None) -> Measures:
    measures = Measures.none(firm)
    resources, sources = resource_ids(firm), firm.network.source_id
    for kind, target, value in [] if plan is None else _actions(plan):
        if kind == "add_hours" and target in resources:
            measures.extra_hours[resources.index(target)] += value
        elif kind == "expedite" and target in sources:
            measures.lead_ratio[sources.index(target)] = value
        else:
            raise SourceError(
                f"Action {kind} on {target} is not known: add_hours on a resource, expedite of a source."
            )
    return measures


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _plan_digest(plan: PublishedPlan | None, cycle: str) -> str:
    """Names the content of what was decided for the month."""
    if plan is None:
        return "rule"
    units = [f"{source} {units!r}" for source, units in _own_month(plan, cycle)]
    actions = [f"{kind} {target} {value!r}" for kind, target, value in _actions(plan)]
    return _digest("plan", *units, "actions", *actions)
