"""HiGHS itself: handing a programme over, options, what a status means.

Add here: solver options and statuses. Keep out: how a programme is made or taken apart (`solve`), anything of the business.
"""

from __future__ import annotations

import logging
from typing import Any, NoReturn

import numpy as np
from scipy import sparse

from sop_pipeline.planning.supply.solve_limits import SIMPLEX_UP_TO, SolveLimits
from sop_pipeline.planning.supply.solving.arrays import Arrays

LOG = logging.getLogger(__name__)
REMEDIES = {
    "kInfeasible": "Every limit of the plan is a priced slack, so a bound contradicts another: look for negative stock, "
    "open orders or demand in the inputs of this cycle.",
    "kUnbounded": "A price is negative: look at unit costs, hourly costs and cost ratios.",
    "kUnboundedOrInfeasible": "A price is negative or a bound contradicts another: look at the costs of this cycle.",
    "kTimeLimit": "The plan did not finish in time: raise the time limit or shorten the horizon.",
    "kIterationLimit": "The solver gave up: look for numbers of very different size in units, hours or costs.",
    "kSolveError": "The solver failed: look for numbers of very different size in units, hours or costs.",
    "kModelError": "The solver refused the model: look for numbers that are not finite in the inputs.",
}

SOLVER_OF = {"simplex": "simplex", "interior_point": "ipm"}
"""HiGHS' words for the algorithms."""
FEASIBLE = 1e-7
"""Largest distance outside a bound, scaled: HiGHS' own tolerance."""
LOST = ("kOptimal", "kUnknown", "kSolveError", "kIterationLimit")
"""Statuses that say nothing of the programme where there is no optimal basis."""


class SupplySolveError(RuntimeError):
    """The solver ended without an optimal plan. `status` is HiGHS' own word for it."""

    def __init__(self, message: str, status: str = "") -> None:
        super().__init__(message)
        self.status = status


def hand_over(arrays: Arrays, options: dict[str, bool | int | float | str]) -> Any:
    """A solver that holds the programme."""
    import highspy

    matrix = sparse.csc_array(arrays.matrix)
    matrix.sort_indices()
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in options.items():
        solver.setOptionValue(option, value)
    rows, columns = matrix.shape
    kinds = np.zeros(columns, dtype=np.int32)
    kinds[arrays.whole] = int(highspy.HighsVarType.kInteger)
    solver.passModel(
        columns,
        rows,
        matrix.nnz,
        int(highspy.MatrixFormat.kColwise),
        int(highspy.ObjSense.kMinimize),
        0.0,
        arrays.cost,
        arrays.lower,
        arrays.upper,
        arrays.row_lower,
        arrays.row_upper,
        matrix.indptr.astype(np.int32),
        matrix.indices.astype(np.int32),
        matrix.data,
        kinds,
    )
    return solver


def solver_options(limits: SolveLimits, columns: int) -> dict[str, bool | int | float | str]:
    """Options that make two runs of the same model the same, bit by bit."""
    is_small = columns <= SIMPLEX_UP_TO if limits.algorithm == "auto" else limits.algorithm == "simplex"
    return {
        "output_flag": False,
        "solver": SOLVER_OF["simplex" if is_small else "interior_point"],
        "run_crossover": "on",
        # it takes 4 % of the rows away, and at ten times the demo the way back from it lost an optimal basis
        "presolve": "off",
        "threads": 1,
        "random_seed": limits.seed,
        "time_limit": limits.time_limit_seconds,
    }


def is_optimal_basis(solver: Any) -> bool:
    """Whether the solver stands in an optimal basis that keeps its bounds to FEASIBLE, also where it was told to be stricter."""
    import highspy

    information = solver.getInfo()
    off = max(information.max_primal_infeasibility, information.max_dual_infeasibility)
    is_feasible = 0.0 <= off <= FEASIBLE
    is_optimal = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return bool(is_optimal and is_feasible and solver.getBasis().valid)


def require_optimal(solver: Any) -> None:
    """Accept an optimal status with a feasible solution and a basis; name every other status with its remedy."""
    if not is_optimal_basis(solver):
        refuse_status(solver)


def run_or_change(solver: Any) -> None:
    """Solve; where an algorithm lost its way by its own numbers the other one starts anew. Raises SupplySolveError."""
    solver.run()
    if not is_optimal_basis(solver) and solver.getModelStatus().name in LOST:
        used = solver.getOptionValue("solver")[1]
        other = SOLVER_OF["simplex" if used == SOLVER_OF["interior_point"] else "interior_point"]
        LOG.warning("HiGHS' %s lost its way (%s): %s starts anew.", used, solver.getModelStatus().name, other)
        solver.clearSolver()
        solver.setOptionValue("solver", other)
        solver.run()
    require_optimal(solver)


def refuse_status(solver: Any) -> NoReturn:
    """Raise SupplySolveError with the status by name and its remedy."""
    status, information = solver.getModelStatus(), solver.getInfo()
    name = getattr(status, "name", str(status))
    remedy = REMEDIES.get(name, "Run the cycle again; if it stays, look at the newest change of the inputs.")
    raise SupplySolveError(
        f"HiGHS ended with {name} (primal {information.primal_solution_status}, dual "
        f"{information.dual_solution_status}, 2 = feasible): there is no plan to publish.\n{remedy}",
        name,
    )
