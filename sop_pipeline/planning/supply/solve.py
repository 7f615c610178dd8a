"""Solving the supply plan's linear programme: compile, reduce, scale, take apart, solve, break ties, and all the way back.

The optimum ends in a basis, which the shadow prices need, and which of several plans of equal cost is the plan does not depend on
the way there (`ties`). Add here: a step between a model and its solution. Keep out: the solver's options and statuses (`highs`), anything
of the business.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sop_pipeline.planning.supply.arrays import Arrays
from sop_pipeline.planning.supply.compilation import compile_model
from sop_pipeline.planning.supply.components import Part, independent_parts
from sop_pipeline.planning.supply.highs import SolveLimits, hand_over, require_optimal, solver_options
from sop_pipeline.planning.supply.network import Floats
from sop_pipeline.planning.supply.reduction import Reduced, reduce_marks
from sop_pipeline.planning.supply.scaling import cost_scale_of, equilibrate, scale_arrays
from sop_pipeline.planning.supply.supply_model import RowBlock, SupplyModel
from sop_pipeline.planning.supply.terms import Columns, Terms
from sop_pipeline.planning.supply.ties import Vertex, break_ties, read_vertex
from sop_pipeline.planning.supply.whole_numbers import branch_and_bound


@dataclass(frozen=True)
class Held:
    """A scaled programme, how it came of the whole one, and where it was solved (see `warm`)."""

    scaled: Arrays
    reduced: Reduced
    row_scale: Floats
    column_scale: Floats
    cost_scale: float
    vertex: Vertex
    parts: list[tuple[Part, Any]]  # with the solver of each, in its optimal basis

    def in_one_solver(self) -> Any:
        """A solver that holds the whole programme in its optimal basis."""
        if len(self.parts) == 1:
            return self.parts[0][1]
        import highspy

        solver = hand_over(self.scaled, solver_options(SolveLimits(), len(self.scaled.cost)))
        basis = highspy.HighsBasis()
        columns, rows = (
            np.empty(len(self.scaled.cost), dtype=object),
            np.empty(len(self.scaled.row_lower), dtype=object),
        )
        for part, solved in self.parts:
            own = solved.getBasis()
            columns[part.columns], rows[part.rows] = own.col_status, own.row_status
        basis.col_status, basis.row_status = columns.tolist(), rows.tolist()
        basis.valid = True
        solver.setBasis(basis)
        return solver


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
    found, termination, gap_ratio = branch_and_bound(arrays, limits)
    fixed_lower, fixed_upper = arrays.lower.copy(), arrays.upper.copy()
    fixed_lower[arrays.whole] = fixed_upper[arrays.whole] = np.rint(found[arrays.whole])
    fixed = replace(arrays, lower=fixed_lower, upper=fixed_upper, whole=np.zeros(0, dtype=np.int64))
    values, prices, _ = solve_and_hold(fixed, limits)
    return values, prices, termination, gap_ratio


def solve_and_hold(arrays: Arrays, limits: SolveLimits) -> tuple[Floats, Floats, Held]:
    """Values and row prices of a programme without whole numbers, and what is needed to solve it again.

    Raises SupplySolveError unless every part ends in an optimal basis.
    """
    reduced = reduce_marks(arrays)
    row_scale, column_scale = equilibrate(reduced.arrays.matrix)
    cost_scale = cost_scale_of(reduced.arrays.cost * column_scale)
    scaled = scale_arrays(reduced.arrays, row_scale, column_scale, cost_scale)
    parts = independent_parts(scaled.matrix, limits.bundle_columns)
    if len(parts) == 1:
        solver, vertex = _solve_part(scaled, limits)
        solved = [(parts[0], solver)]
    else:
        with ThreadPoolExecutor(limits.workers) as pool:
            found = list(pool.map(lambda part: _solve_part(part.of(scaled), limits), parts))
        solved = [(part, solver) for part, (solver, _) in zip(parts, found, strict=True)]
        vertex = _joined(scaled, parts, [vertex for _, vertex in found])
    held = Held(scaled, reduced, row_scale, column_scale, cost_scale, vertex, solved)
    return *read_whole(held, arrays, vertex.values, vertex.reduced_costs, vertex.prices), held


def _solve_part(scaled: Arrays, limits: SolveLimits) -> tuple[Any, Vertex]:
    solver = hand_over(scaled, solver_options(limits, len(scaled.cost)))
    solver.run()
    require_optimal(solver)
    return solver, break_ties(solver, scaled, read_vertex(solver))


def _joined(scaled: Arrays, parts: list[Part], vertices: list[Vertex]) -> Vertex:
    """The vertices of all parts in the order of the whole."""
    columns, rows = len(scaled.cost), len(scaled.row_lower)
    whole = Vertex(
        values=np.zeros(columns),
        reduced_costs=np.zeros(columns),
        prices=np.zeros(rows),
        is_basic=np.zeros(columns, dtype=bool),
        row_is_basic=np.zeros(rows, dtype=bool),
    )
    for part, vertex in zip(parts, vertices, strict=True):
        whole.values[part.columns], whole.reduced_costs[part.columns] = vertex.values, vertex.reduced_costs
        whole.prices[part.rows] = vertex.prices
        whole.is_basic[part.columns], whole.row_is_basic[part.rows] = vertex.is_basic, vertex.row_is_basic
    return whole


def read_whole(
    held: Held, arrays: Arrays, values: Floats, reduced_costs: Floats, prices: Floats
) -> tuple[Floats, Floats]:
    """Values and row prices of the whole programme from those of the scaled one."""
    whole = np.clip(held.reduced.values(values * held.column_scale), arrays.lower, arrays.upper)
    row_prices = prices * held.row_scale / held.cost_scale
    costs = reduced_costs / held.column_scale / held.cost_scale
    return whole, held.reduced.row_prices(row_prices, costs, arrays.cost)


def _cost_of(terms: Terms, values: Floats) -> float:
    _, columns, coefficients = terms.merged()
    return float(coefficients @ values[columns])
