"""Solving the supply plan's linear programme with HiGHS.

The Pyomo model is compiled to arrays, made smaller (`reduction`), scaled by powers of two (exact) and handed over as
arrays; the interior point method finds the optimum and crossover makes a basis of it, which the shadow prices need. One
thread, fixed seed. Add here: solver options and what a status means. Keep out: anything of the business.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, NoReturn

import numpy as np
from scipy import sparse

from sop_pipeline.planning.supply.arrays import Arrays
from sop_pipeline.planning.supply.model import collector_paused
from sop_pipeline.planning.supply.network import Floats, Integers
from sop_pipeline.planning.supply.reduction import Reduced, reduce_marks
from sop_pipeline.planning.supply.supply_model import RowBlock, SupplyModel, as_pyomo
from sop_pipeline.planning.supply.terms import Columns, Terms

SCALING_PASSES = 4
EXPRESSIONS_READ = 50_000
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


TIME_LIMIT_SECONDS = 1800.0
"""A demo cycle takes 10 s, one of ten times its size some minutes."""


class SupplySolveError(RuntimeError):
    """The solver ended without an optimal plan. `status` is HiGHS' own word for it."""

    def __init__(self, message: str, status: str = "") -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class SolveLimits:
    """When to stop looking: seconds, and for whole numbers the gap to the best bound that is good enough."""

    time_limit_seconds: float = TIME_LIMIT_SECONDS
    gap_ratio: float = 1e-6


@dataclass(frozen=True)
class Held:
    """The solver in its optimal basis, the programme it holds, and how that came of the whole one (see `warm`)."""

    solver: Any
    scaled: Arrays
    reduced: Reduced
    row_scale: Floats
    column_scale: Floats
    cost_scale: float


@dataclass(frozen=True)
class Solved:
    """Primal values and row prices of an optimal basis, by position in `arrays`.

    With whole numbers the prices are those of the programme in which these are fixed.
    """

    arrays: Arrays
    values: Floats
    duals: Floats
    objective_value: float  # cost of the plan, tie-breaking preferences apart
    termination: str
    gap_ratio: float = 0.0  # of whole numbers: distance to the best bound, by the size of the objective
    held: Held | None = None  # to solve again from where it ended; None where there was nothing to solve

    def values_of(self, columns: Columns) -> Floats:
        """Values of a table of variables."""
        result: Floats = self.values[columns]
        return result

    def saving_per_unit(self, rows: RowBlock) -> Floats:
        """What one more unit on the right-hand side of the rows of a law would save."""
        result: Floats = -self.duals[rows.positions]
        return result


def solve_model(model: SupplyModel, limits: SolveLimits | None = None) -> Solved:
    """Compile and solve. Raises SupplySolveError unless it ends in an optimal basis."""
    limits = limits or SolveLimits()
    arrays = compile_model(model)
    if not len(arrays.cost):
        return Solved(arrays, np.zeros(0), np.zeros(0), 0.0, "optimal")
    if len(arrays.whole):
        values, prices, termination, gap_ratio = solve_arrays(arrays, limits)
        held = None
    else:
        values, prices, held = solve_and_hold(arrays, limits)
        termination, gap_ratio = "optimal", 0.0
    preferences = _cost_of(model.preferences, values)
    objective = float(arrays.cost @ values) - preferences
    return Solved(arrays, values, prices, objective, termination, gap_ratio, held)


def solve_arrays(arrays: Arrays, limits: SolveLimits) -> tuple[Floats, Floats, str, float]:
    """Values, row prices, how it ended and the gap. Whole numbers are found first, then fixed for the prices."""
    if not len(arrays.whole):
        return *solve_and_hold(arrays, limits)[:2], "optimal", 0.0
    found, termination, gap_ratio = _branch_and_bound(arrays, limits)
    fixed_lower, fixed_upper = arrays.lower.copy(), arrays.upper.copy()
    fixed_lower[arrays.whole] = fixed_upper[arrays.whole] = np.rint(found[arrays.whole])
    fixed = replace(arrays, lower=fixed_lower, upper=fixed_upper, whole=np.zeros(0, dtype=np.int64))
    values, prices, _ = solve_and_hold(fixed, limits)
    return values, prices, termination, gap_ratio


def solve_and_hold(arrays: Arrays, limits: SolveLimits) -> tuple[Floats, Floats, Held]:
    """Values and row prices of a programme without whole numbers, and the solver where it ended.

    Reduce, scale, solve and go all the way back. Raises SupplySolveError unless it ends in an optimal basis.
    """
    reduced = reduce_marks(arrays)
    row_scale, column_scale = equilibrate(reduced.arrays.matrix)
    cost_scale = _cost_scale(reduced.arrays.cost * column_scale)
    scaled = scale_arrays(reduced.arrays, row_scale, column_scale, cost_scale)
    solver = hand_over(scaled, solver_options(limits.time_limit_seconds))
    solver.run()
    require_optimal(solver)
    held = Held(solver, scaled, reduced, row_scale, column_scale, cost_scale)
    return *read_whole(held, arrays), held


def read_whole(held: Held, arrays: Arrays) -> tuple[Floats, Floats]:
    """Values and row prices of the whole programme from what the solver holds."""
    solution = held.solver.getSolution()
    found = (solution.col_value, solution.row_dual, solution.col_dual)
    primal, dual, cost = (np.asarray(part, dtype=float) for part in found)
    values = np.clip(held.reduced.values(primal * held.column_scale), arrays.lower, arrays.upper)
    row_prices = dual * held.row_scale / held.cost_scale
    reduced_costs = cost / held.column_scale / held.cost_scale
    return values, held.reduced.row_prices(row_prices, reduced_costs, arrays.cost)


def compile_model(model: SupplyModel) -> Arrays:
    """The Pyomo model as arrays, read off its own expressions: columns and rows in the order of the blocks."""
    with collector_paused():
        algebra = as_pyomo(model)
        place = dict(zip(map(id, algebra.variables), range(len(algebra.variables)), strict=True))
        counts, columns, coefficients = _terms_of(algebra.bodies, place)
        _, cost_columns, cost_terms = _terms_of([algebra.model.total_cost.expr], place)
    shape = (len(algebra.bodies), len(algebra.variables))
    pointers = np.concatenate([[0], np.cumsum(counts)])
    cost = np.zeros(shape[1])
    np.add.at(cost, cost_columns, cost_terms)
    wholes = [block.columns.ravel() for block in model.variable_blocks if block.is_whole]
    rows = model.rows.values()
    return Arrays(
        cost=cost,
        matrix=sparse.csc_array(sparse.csr_array((coefficients, columns, pointers), shape=shape)),
        lower=_joined(block.lower.ravel() for block in model.variable_blocks),
        upper=_joined(block.upper.ravel() for block in model.variable_blocks),
        row_lower=_joined(block.lower for block in rows),
        row_upper=_joined(block.upper for block in rows),
        whole=np.concatenate(wholes) if wholes else np.zeros(0, dtype=np.int64),
    )


def _terms_of(expressions: list[Any], place: dict[int, int]) -> tuple[Integers, Integers, Floats]:
    """Number of terms of each linear expression, and column and coefficient of every term; in parts, to spare memory."""
    read = [
        _terms_of_part(expressions[start : start + EXPRESSIONS_READ], place)
        for start in range(0, max(len(expressions), 1), EXPRESSIONS_READ)
    ]
    counts, columns, factors = zip(*read, strict=True)
    return np.concatenate(counts), np.concatenate(columns), np.concatenate(factors)


def _terms_of_part(expressions: list[Any], place: dict[int, int]) -> tuple[Integers, Integers, Floats]:
    from pyomo.core.expr.numeric_expr import MonomialTermExpression

    parts = [expression.args for expression in expressions]
    counts = np.fromiter(map(len, parts), dtype=np.int64, count=len(parts))
    # a term is Pyomo's monomial, coefficient x variable, or a variable alone
    pairs = [
        term.args if term.__class__ is MonomialTermExpression else (1.0, term)
        for part in parts
        for term in part
    ]
    columns = np.fromiter((place[id(variable)] for _, variable in pairs), dtype=np.int64, count=len(pairs))
    factors = np.fromiter((factor for factor, _ in pairs), dtype=np.float64, count=len(pairs))
    return counts, columns, factors


def _joined(parts: Iterable[Floats]) -> Floats:
    blocks = list(parts)
    joined: Floats = np.concatenate(blocks) if blocks else np.zeros(0)
    return joined


def equilibrate(matrix: Any) -> tuple[Floats, Floats]:
    """Row and column factors, powers of two, that bring the coefficients towards 1 (geometric mean)."""
    absolute = abs(sparse.coo_array(matrix))
    logs = np.log2(absolute.data)
    row, column = absolute.coords
    row_log, column_log = np.zeros(matrix.shape[0]), np.zeros(matrix.shape[1])
    row_count = np.maximum(np.bincount(row, minlength=len(row_log)), 1)
    column_count = np.maximum(np.bincount(column, minlength=len(column_log)), 1)
    for _ in range(SCALING_PASSES):
        row_log = -np.bincount(row, weights=logs + column_log[column], minlength=len(row_log)) / row_count
        column_log = (
            -np.bincount(column, weights=logs + row_log[row], minlength=len(column_log)) / column_count
        )
    return np.exp2(np.round(row_log)), np.exp2(np.round(column_log))


def _cost_scale(cost: Floats) -> float:
    # The solver stops at prices of 1e-7: a typical price of 64 lets it see the preferences that break ties.
    priced = np.abs(cost[cost != 0])
    return float(np.exp2(6.0 - np.round(np.log2(np.median(priced))))) if len(priced) else 1.0


def _cost_of(terms: Terms, values: Floats) -> float:
    _, columns, coefficients = terms.merged()
    return float(coefficients @ values[columns])


def scale_arrays(arrays: Arrays, row_scale: Floats, column_scale: Floats, cost_scale: float) -> Arrays:
    """The programme in scaled rows, columns and money."""
    return replace(
        arrays,
        cost=arrays.cost * column_scale * cost_scale,
        matrix=sparse.csc_array(
            sparse.diags_array(row_scale) @ arrays.matrix @ sparse.diags_array(column_scale)
        ),
        lower=arrays.lower / column_scale,
        upper=arrays.upper / column_scale,
        row_lower=arrays.row_lower * row_scale,
        row_upper=arrays.row_upper * row_scale,
    )


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


def _branch_and_bound(arrays: Arrays, limits: SolveLimits) -> tuple[Floats, str, float]:
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


def solver_options(time_limit_seconds: float) -> dict[str, bool | int | float | str]:
    """Options that make two runs of the same model the same, bit by bit."""
    return {
        "output_flag": False,
        "solver": "ipm",
        "run_crossover": "on",
        # it takes 4 % of the rows away, and at ten times the demo the way back from it lost an optimal basis
        "presolve": "off",
        "threads": 1,
        "random_seed": 1,
        "time_limit": time_limit_seconds,
    }


def require_optimal(solver: Any) -> None:
    """Accept an optimal status with a feasible solution and a basis; name every other status with its remedy."""
    import highspy

    status = solver.getModelStatus()
    information = solver.getInfo()
    feasible = int(highspy.SolutionStatus.kSolutionStatusFeasible)
    is_feasible = int(information.primal_solution_status) == feasible == int(information.dual_solution_status)
    if status == highspy.HighsModelStatus.kOptimal and is_feasible and solver.getBasis().valid:
        return
    refuse_status(solver)


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
