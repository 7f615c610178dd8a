"""Whole numbers by branch and bound: setups, lots, stoppages, whole units and people.

Add here: how they are searched for. Keep out: prices, which belong to the programme in which they are fixed (`solve`).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.arrays import Arrays
from sop_pipeline.planning.supply.highs import SolveLimits, hand_over, refuse_status
from sop_pipeline.planning.supply.network import Floats


def branch_and_bound(arrays: Arrays, limits: SolveLimits) -> tuple[Floats, str, float]:
    """Values with whole numbers, how the search ended, and the gap. Raises SupplySolveError where nothing was found."""
    import highspy

    options: dict[str, bool | int | float | str] = {
        "output_flag": False,
        "threads": 1,
        "random_seed": 1,
        "time_limit": limits.time_limit_seconds,
        "mip_rel_gap": limits.gap_ratio,
        "mip_abs_gap": 1e-9,
        "mip_feasibility_tolerance": 1e-9,
    }
    solver = hand_over(arrays, options)
    solver.run()
    status, information = solver.getModelStatus(), solver.getInfo()
    has_plan = int(information.primal_solution_status) == int(highspy.SolutionStatus.kSolutionStatusFeasible)
    is_stopped = status in (highspy.HighsModelStatus.kTimeLimit, highspy.HighsModelStatus.kSolutionLimit)
    if not has_plan or not (status == highspy.HighsModelStatus.kOptimal or is_stopped):
        refuse_status(solver)
    gap = float(information.mip_gap)
    return (
        np.asarray(solver.getSolution().col_value, dtype=float),
        "time_limit" if is_stopped else "optimal",
        gap if np.isfinite(gap) else 1.0,
    )
