"""Whole numbers: setups, lots, stoppages, whole units and people.

Branch and bound proves a small case. A large one full of setups gets, before it, a bound from the rows that setups imply and a first plan
from rounding what that programme would set up; branch and bound starts there. Add here: how whole numbers are searched for. Keep out:
prices, which belong to the programme in which they are fixed (`solve`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sop_pipeline.planning.supply.network import Floats
from sop_pipeline.planning.supply.solve_limits import SolveLimits
from sop_pipeline.planning.supply.solving.arrays import Arrays
from sop_pipeline.planning.supply.solving.highs import hand_over, refuse_status, solver_options

PROVEN_BY_ITSELF = 200
"""Whole numbers up to which branch and bound alone is fastest."""
SET_UP_FROM = (0.35, 0.3, 0.25)
"""Shares of a setup from which on it is made; the cheapest of the plans counts."""
NOTHING_KNOWN: tuple[None, float] = (None, -np.inf)


def branch_and_bound(arrays: Arrays, limits: SolveLimits) -> tuple[Floats, str, float]:
    """Values with whole numbers, how the search ended, and the gap. Raises SupplySolveError where nothing was found."""
    import highspy

    is_large = arrays.implied is not None and len(arrays.whole) > PROVEN_BY_ITSELF
    is_binary = bool((arrays.upper[arrays.whole] <= 1.0).all())
    start, bound = rounded_plan(arrays, limits) if is_large and is_binary else NOTHING_KNOWN
    if start is not None and _gap(float(arrays.cost @ start), bound) <= limits.gap_ratio:
        return start, "optimal", _gap(float(arrays.cost @ start), bound)
    options: dict[str, bool | int | float | str] = {
        "output_flag": False,
        "threads": 1,
        "random_seed": limits.seed,
        "time_limit": limits.time_limit_seconds,
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
    status, information = solver.getModelStatus(), solver.getInfo()
    has_plan = int(information.primal_solution_status) == int(highspy.SolutionStatus.kSolutionStatusFeasible)
    is_stopped = status in (highspy.HighsModelStatus.kTimeLimit, highspy.HighsModelStatus.kSolutionLimit)
    if not has_plan or not (status == highspy.HighsModelStatus.kOptimal or is_stopped):
        refuse_status(solver)
    values = np.asarray(solver.getSolution().col_value, dtype=float)
    gap = min(float(information.mip_gap), _gap(float(arrays.cost @ values), bound))
    return values, "time_limit" if is_stopped else "optimal", gap if np.isfinite(gap) else 1.0


def rounded_plan(arrays: Arrays, limits: SolveLimits) -> tuple[Floats | None, float]:
    """A plan whose setups are those that the relaxed programme makes in large part, and a bound that no plan is cheaper than.

    None for the plan where no rounding leaves one, or time is up before.
    """
    relaxed = _solved(arrays.relaxed(), limits)
    if not _is_optimal(relaxed):
        return NOTHING_KNOWN
    bound = float(relaxed.getInfo().objective_function_value)
    share = np.asarray(relaxed.getSolution().col_value, dtype=float)[arrays.whole]
    best: Floats | None = None
    for least in SET_UP_FROM:
        solver = _solved(arrays.with_whole(np.where(share >= least, 1.0, 0.0)), limits)
        if not _is_optimal(solver):
            continue
        values = np.asarray(solver.getSolution().col_value, dtype=float)
        if best is None or arrays.cost @ values < arrays.cost @ best:
            best = values
    return best, bound


def _solved(arrays: Arrays, limits: SolveLimits) -> Any:
    solver = hand_over(arrays, solver_options(limits, len(arrays.cost)) | {"presolve": "on"})
    solver.run()
    return solver


def _is_optimal(solver: Any) -> bool:
    import highspy

    return bool(solver.getModelStatus() == highspy.HighsModelStatus.kOptimal)


def _gap(cost: float, bound: float) -> float:
    return (cost - bound) / max(abs(cost), 1e-9)
