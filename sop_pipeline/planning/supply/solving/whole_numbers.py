"""Whole numbers: setups, lots, stoppages, whole units and people.

Branch and bound proves a small case. A large one full of setups gets a plan and a bound before it (`lot_sizing`); branch and bound
starts there. Add here: how whole numbers are searched for. Keep out:
prices, which belong to the programme in which they are fixed (`solve`).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.network import Floats
from sop_pipeline.planning.supply.solve_limits import SolveLimits
from sop_pipeline.planning.supply.solving.arrays import Arrays
from sop_pipeline.planning.supply.solving.highs import hand_over, refuse_status
from sop_pipeline.planning.supply.solving.lot_sizing import plan_setups

PROVEN_BY_ITSELF = 200
"""Whole numbers up to which branch and bound alone is fastest."""
NOTHING_KNOWN: tuple[None, float] = (None, -np.inf)


def branch_and_bound(arrays: Arrays, limits: SolveLimits) -> tuple[Floats, str, float]:
    """Values with whole numbers, how the search ended, and the gap. Raises SupplySolveError where nothing was found."""
    import highspy

    is_large = arrays.implied is not None and len(arrays.whole) > PROVEN_BY_ITSELF
    is_binary = bool((arrays.upper[arrays.whole] <= 1.0).all())
    start, bound = plan_setups(arrays, limits) if is_large and is_binary else NOTHING_KNOWN
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


def _gap(cost: float, bound: float) -> float:
    return (cost - bound) / max(abs(cost), 1e-9)
