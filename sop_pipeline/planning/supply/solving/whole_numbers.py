"""Whole numbers: setups, lots, stoppages, whole units and people.

Branch and bound proves a small case. A large one full of setups gets a plan and a bound before it (`lot_sizing`); branch and bound
starts there. Of several best plans of a small case the names choose. Add here: how whole numbers are searched for. Keep out:
prices, which belong to the programme in which they are fixed (`solve`).
"""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse

from sop_pipeline.planning.supply.network import Floats
from sop_pipeline.planning.supply.solve_limits import SolveLimits
from sop_pipeline.planning.supply.solving.arrays import Arrays
from sop_pipeline.planning.supply.solving.highs import hand_over, refuse_status
from sop_pipeline.planning.supply.solving.lot_sizing import plan_setups

PROVEN_BY_ITSELF = 200
"""Whole numbers up to which branch and bound alone is fastest."""
PROVEN_RATIO = 1e-6
"""A plan within it of the bound is proven best: which of the best it is goes by name."""
TIED_RATIO = 1e-9
"""Of the cost: plans that differ by less cost the same."""


def branch_and_bound(
    arrays: Arrays, limits: SolveLimits, start: Floats | None = None
) -> tuple[Floats, str, float]:
    """Values with whole numbers, how the search ended, and the gap. Raises SupplySolveError where nothing was found.

    `start`: a plan to begin with, where one is known; it must keep every row.
    """
    began, bound = time.perf_counter(), -np.inf
    is_small = len(arrays.whole) <= PROVEN_BY_ITSELF
    is_binary = bool((arrays.upper[arrays.whole] <= 1.0).all())
    if start is None and arrays.implied is not None and is_binary and not is_small:
        start, bound = plan_setups(arrays, limits)
    if start is not None and _gap(float(arrays.cost @ start), bound) <= limits.gap_ratio:
        return start, "optimal", _gap(float(arrays.cost @ start), bound)
    left = max(limits.time_limit_seconds - (time.perf_counter() - began), 0.0)
    solver = _searched(arrays, limits, left, start)
    is_stopped = _require_plan(solver)
    values = np.asarray(solver.getSolution().col_value, dtype=float)
    gap = min(float(solver.getInfo().mip_gap), _gap(float(arrays.cost @ values), bound))
    gap = gap if np.isfinite(gap) else 1.0
    if is_small and gap <= PROVEN_RATIO and arrays.weights is not None:
        left = max(limits.time_limit_seconds - (time.perf_counter() - began), 0.0)
        values = _chosen_by_name(arrays, values, limits, left)
    return values, "time_limit" if is_stopped else "optimal", gap


def _searched(arrays: Arrays, limits: SolveLimits, seconds: float, start: Floats | None) -> Any:
    """HiGHS after its search."""
    import highspy

    options: dict[str, bool | int | float | str] = {
        "output_flag": False,
        "threads": 1,
        "random_seed": limits.seed,
        "time_limit": seconds,
        "mip_rel_gap": limits.gap_ratio,
        "mip_abs_gap": 1e-9,
        "mip_feasibility_tolerance": 1e-9,
    }
    solver = hand_over(arrays, options)
    if start is not None:
        plan = highspy.HighsSolution()
        plan.col_value = start.tolist()
        solver.setSolution(plan)
    solver.run()
    return solver


def _require_plan(solver: Any) -> bool:
    """Whether the search was stopped with a plan in hand. Raises SupplySolveError where there is none."""
    import highspy

    status, information = solver.getModelStatus(), solver.getInfo()
    has_plan = int(information.primal_solution_status) == int(highspy.SolutionStatus.kSolutionStatusFeasible)
    is_stopped = status in (highspy.HighsModelStatus.kTimeLimit, highspy.HighsModelStatus.kSolutionLimit)
    if not has_plan or not (status == highspy.HighsModelStatus.kOptimal or is_stopped):
        refuse_status(solver)
    return is_stopped


def _chosen_by_name(arrays: Arrays, values: Floats, limits: SolveLimits, seconds: float) -> Floats:
    """Of the plans that cost as little, the one whose whole numbers weigh least (see `ties`): it does not depend on the way here.

    What is proven best stays as it is where this search does not end in its time.
    """
    import highspy

    assert arrays.weights is not None  # asked before
    weight = np.zeros(len(arrays.cost))
    weight[arrays.whole] = arrays.weights[arrays.whole]
    least = float(arrays.cost @ values)
    row = sparse.csr_array(-arrays.cost[None, :])
    held = arrays.with_rows(row, np.array([-least - TIED_RATIO * max(abs(least), 1.0)])).with_cost(weight)
    solver = _searched(held, replace(limits, gap_ratio=0.0), seconds, values)
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return values
    return np.asarray(solver.getSolution().col_value, dtype=float)


def _gap(cost: float, bound: float) -> float:
    return (cost - bound) / max(abs(cost), 1e-9)
