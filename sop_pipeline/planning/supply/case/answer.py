"""Solving a case: objective by cost, margin or service, the answer's tables, its audit and its certificate.

Add here: what an answer holds. Keep out: laws (the blocks), arrays (`problem`), tables (`solution`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.case.audit import audit_case
from sop_pipeline.planning.supply.case.confirmation import LARGEST_BY_ITSELF, confirm_prices
from sop_pipeline.planning.supply.case.master_schedule import schedule_in_lots
from sop_pipeline.planning.supply.case.problem import Problem, build_problem, with_everything_allowed
from sop_pipeline.planning.supply.case.reading import CaseTables
from sop_pipeline.planning.supply.case.solution import tables_of
from sop_pipeline.planning.supply.inputs import SupplyInputError
from sop_pipeline.planning.supply.laws.model import build_model
from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.network import STREAM, Floats, floats
from sop_pipeline.planning.supply.proof.certificate import Certificate, certify
from sop_pipeline.planning.supply.solve_limits import SolveLimits
from sop_pipeline.planning.supply.solving.arrays import Arrays
from sop_pipeline.planning.supply.solving.compilation import compile_model
from sop_pipeline.planning.supply.solving.highs import SupplySolveError
from sop_pipeline.planning.supply.solving.solve import Solved, solve_arrays, solve_by_rank

SMALLEST_SHORTAGE = 1e-6
EXAMPLES = 10
CONFIRMED = 50
"""Prices confirmed by another solve where the case does not say how many."""


@dataclass(frozen=True)
class Answer:
    """A solved case.

    `objective_value`: total cost, for margin revenue less cost, in the case's money. `gap_ratio`: for whole numbers, the
    distance to the best bound. `service_levels`: for service, unserved units by priority, first priority first.
    """

    objective: str
    objective_value: float
    total_cost: float
    revenue: float
    termination: str
    gap_ratio: float
    service_levels: dict[str, float]
    tables: dict[str, pd.DataFrame]
    audit: pd.DataFrame
    certificate: Certificate
    variables: int
    constraints: int
    nonzeros: int

    @property
    def violations(self) -> int:
        """Rows that break a law."""
        return int(self.audit["violations"].sum())

    def summary(self) -> dict[str, Any]:
        """The answer's figures for a script."""
        costs = self.tables["costs"].groupby("cost_term", sort=True)["amount"].sum()
        return {
            "objective": self.objective,
            "objective_value": self.objective_value,
            "total_cost": self.total_cost,
            "revenue": self.revenue,
            "margin": self.revenue - self.total_cost,
            "termination": self.termination,
            "gap_ratio": self.gap_ratio,
            "cost_terms": {str(term): float(amount) for term, amount in costs.items()},
            "unserved_units_by_priority": self.service_levels,
            "audit_violations": self.violations,
            "certificate": self.certificate.as_dict(),
            "variables": self.variables,
            "constraints": self.constraints,
            "nonzeros": self.nonzeros,
        }


def solve_case(case: CaseTables, tell: Callable[[str], None] = lambda step: None) -> Answer:
    """Solve a case to proven optimality (for whole numbers to its gap, within its time). `tell`: hears what is being done.

    Raises SupplyInputError with what cannot be met where no plan obeys the case, SupplySolveError for the solver's own
    failures.
    """
    problem = build_problem(case)
    limits = case.limits
    model = build_model(problem.network, problem.prices)
    arrays = compile_model(model)
    tell(f"solving {len(arrays.cost):,} variables in {len(arrays.row_lower):,} rows")
    levels: dict[str, float] = {}
    try:
        if case.objective == "service":
            arrays, levels, found = _service_first(model, arrays, limits)
        else:
            found = solve_arrays(arrays, limits)
        values, prices, termination, gap_ratio = found
    except SupplySolveError as error:
        if error.status not in ("kInfeasible", "kUnboundedOrInfeasible"):
            raise
        raise SupplyInputError(_why_infeasible(problem, limits)) from error
    tell("reading the plan")
    cost = float(arrays.cost @ values)
    solved = Solved(arrays, values, prices, cost, termination, gap_ratio)
    tables = tables_of(problem, model, solved)
    if len(case["master_schedule"]):
        tables["master_schedule"] = _master_schedules(case)
    fixed = arrays.with_whole(values[arrays.whole])
    asked = case.confirm_prices
    count = asked if asked is not None else CONFIRMED if len(values) <= LARGEST_BY_ITSELF else 0
    if count:
        tell(f"solving again for the {count} dearest limits")
    told = confirm_prices(fixed, cost, tables["prices"], count, limits)
    tables["prices"] = told.drop(columns=["row", "step"])
    tell("audit and proof")
    revenue = float(tables["demand"]["revenue"].sum())
    is_margin = case.objective == "margin"
    total_cost = cost + revenue if is_margin else cost
    objective_value = -cost if is_margin else cost
    return Answer(
        objective=case.objective,
        objective_value=objective_value + 0.0,
        total_cost=total_cost,
        revenue=revenue,
        termination=termination,
        gap_ratio=gap_ratio,
        service_levels=levels,
        tables=tables,
        audit=audit_case(case, tables, objective_value),
        certificate=certify(fixed, values, prices),
        variables=arrays.matrix.shape[1],
        constraints=arrays.matrix.shape[0],
        nonzeros=int(arrays.matrix.nnz),
    )


def _master_schedules(case: CaseTables) -> pd.DataFrame:
    """Every item's master schedule in the lots of its first-choice source."""
    first = case["sources"].sort_values(["priority", "source_id"]).drop_duplicates(["item_id", "site_id"])
    lots = first.set_index(["item_id", "site_id"])["lot_units"].to_dict()
    opening = case["stock"].set_index(["item_id", "site_id"])["opening_units"].to_dict()
    parts = []
    for key, rows in case["master_schedule"].groupby(["item_id", "site_id"], sort=True):
        asked = rows.set_index("period").reindex(case.periods)[["forecast_units", "order_units"]].fillna(0.0)
        forecast, orders = (floats(asked[column]) for column in asked)
        schedule = schedule_in_lots(opening.get(key, 0.0), forecast, orders, lots.get(key, 0.0))
        item_id, site_id = key
        part = pd.DataFrame({"item_id": item_id, "site_id": site_id, "period": case.periods})
        part["forecast_units"], part["order_units"] = forecast, orders
        part["projected_units"] = schedule.projected
        part["mps_units"], part["atp_units"] = schedule.scheduled, schedule.available_to_promise
        parts.append(part)
    return pd.concat(parts, ignore_index=True)


def _service_first(
    model: SupplyModel, arrays: Arrays, limits: SolveLimits
) -> tuple[Arrays, dict[str, float], tuple[Floats, Floats, str, float]]:
    """Least unserved, priority by priority, then least cost: the programme that holds it, how much that is, and what was found."""
    rank = model.network.streams["priority"].to_numpy(dtype=float)
    priorities = sorted(set(rank.tolist()))
    unserved = []
    for priority in priorities:
        counts = np.zeros(len(arrays.cost))
        for name in ("lost", "backlog"):
            counts[model.variables[name][rank == priority]] = 1.0
        unserved.append(counts)
    if len(arrays.whole):  # a basis proves nothing of whole numbers: each priority is a search of its own
        held = arrays
        for counts in unserved:
            values, *_ = solve_arrays(held.with_cost(counts), limits)
            held = held.with_least(counts, values)
        found = solve_arrays(held, limits)
    else:
        held, values, prices = solve_by_rank(arrays, unserved, limits)
        found = (values, prices, "optimal", 0.0)
    levels = {
        f"{priority:g}": round(float(counts @ found[0]), 6)
        for priority, counts in zip(priorities, unserved, strict=True)
    }
    return held, levels, found


def _why_infeasible(problem: Problem, limits: SolveLimits) -> str:
    """What cannot be met, found by allowing everything at a price of 1 a unit."""
    eased = with_everything_allowed(problem)
    model = build_model(eased.network, eased.prices)
    arrays = compile_model(model)
    try:
        values, prices, termination, _ = solve_arrays(arrays, limits)
    except SupplySolveError:
        return (
            "No plan obeys the case, and unserved demand, missing stock or stock above its limit do not explain it: look "
            "at spaces, shelf life, setups, lots, maintenance windows, people's limits and least stock beside opening stock."
        )
    solved = Solved(arrays, values, prices, 0.0, termination)
    network = eased.network
    words = {
        "lost": ("demand that cannot be served", list(network.streams[STREAM].itertuples(index=False))),
        "below_target": (
            "stock below its least",
            list(network.item_sites[(network.target > 0).any(axis=1)].itertuples(index=False)),
        ),
        "above_maximum": (
            "stock above its most",
            list(network.item_sites[np.isfinite(network.maximum_stock).any(axis=1)].itertuples(index=False)),
        ),
    }
    told = []
    for name, (what, objects) in words.items():
        units = solved.values_of(model.variables[name])
        rows = np.argwhere(units > SMALLEST_SHORTAGE)
        shown = [
            f"{' / '.join(map(str, objects[row]))} in {network.months[period]}: {units[row, period]:,.6g} units"
            for row, period in rows[:EXAMPLES].tolist()
        ]
        if shown:
            more = f"; and {len(rows) - EXAMPLES} more" if len(rows) > EXAMPLES else ""
            told.append(f" * {what}: {'; '.join(shown)}{more}")
    listed = "\n".join(told) or " * least releases or sourcing shares contradict other limits"
    return (
        f"No plan obeys the case. The least that has to give way:\n{listed}\n"
        "Give the case more hours, sources, time or stock, allow lost sales (lost_sale_cost_per_unit) or waiting "
        "(backlog_cost_per_unit), or solve it with objective margin or service."
    )
