"""Solving the supply plan's linear programme: compile, reduce, scale, take apart, solve, break ties, and all the way back.

The optimum ends in a basis, which the shadow prices need, and which of several plans of equal cost is the plan does not depend on
the way there (`ties`). Add here: a step between a model and its solution. Keep out: the solver's options and statuses (`highs`), anything
of the business.
"""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from sop_pipeline.planning.supply.laws.supply_model import RowBlock, SupplyModel
from sop_pipeline.planning.supply.laws.terms import Columns, Terms
from sop_pipeline.planning.supply.network import Floats
from sop_pipeline.planning.supply.solve_limits import Algorithm, SolveLimits
from sop_pipeline.planning.supply.solving.arrays import Arrays
from sop_pipeline.planning.supply.solving.choice import Choice, choose_algorithm
from sop_pipeline.planning.supply.solving.compilation import compile_model
from sop_pipeline.planning.supply.solving.components import Part, independent_parts
from sop_pipeline.planning.supply.solving.face import TIED, Vertex, on_face, read_vertex
from sop_pipeline.planning.supply.solving.highs import SOLVER_OF, hand_over, run_or_change, solver_options
from sop_pipeline.planning.supply.solving.reduction import Reduced, reduce_marks
from sop_pipeline.planning.supply.solving.scaling import cost_scale_of, equilibrate, scale_arrays
from sop_pipeline.planning.supply.solving.whole_numbers import branch_and_bound

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Held:
    """A scaled programme, how it came of the whole one, and where it was solved (see `warm`)."""

    scaled: Arrays
    reduced: Reduced
    row_scale: Floats
    column_scale: Floats
    cost_scale: float
    parts: list[tuple[Part, Any]]  # with the solver of each, in its optimal basis
    choice: Choice  # of the largest part

    def in_one_solver(self) -> Any:
        """A new solver that holds the whole programme in its optimal basis: how edges are weighed, HiGHS keeps from a solver's first solve."""
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
    return solve_compiled(model, compile_model(model), limits or SolveLimits())


def solve_compiled(model: SupplyModel, arrays: Arrays, limits: SolveLimits) -> Solved:
    """Solve the compiled programme of a model. Raises SupplySolveError unless it ends in an optimal basis."""
    if not len(arrays.cost):
        return Solved(arrays, np.zeros(0), np.zeros(0), 0.0, "optimal")
    fixed, termination, gap_ratio = _with_wholes_found(arrays, limits)
    values, prices, held = solve_and_hold(fixed, limits)
    preferences = _cost_of(model.preferences, values)
    objective = float(arrays.cost @ values) - preferences
    return Solved(arrays, values, prices, objective, termination, gap_ratio, held)


def solve_arrays(arrays: Arrays, limits: SolveLimits) -> tuple[Floats, Floats, str, float]:
    """Values, row prices, how it ended and the gap. Whole numbers are found first, then fixed for the prices."""
    fixed, termination, gap_ratio = _with_wholes_found(arrays, limits)
    values, prices, _ = solve_and_hold(fixed, limits)
    return values, prices, termination, gap_ratio


def _with_wholes_found(arrays: Arrays, limits: SolveLimits) -> tuple[Arrays, str, float]:
    """The programme with its whole numbers found and fixed, how the search ended, and the gap; as it is without any."""
    if not len(arrays.whole):
        return arrays, "optimal", 0.0
    found, termination, gap_ratio = branch_and_bound(arrays, limits)
    return arrays.with_whole(found[arrays.whole]), termination, gap_ratio


def solve_and_hold(arrays: Arrays, limits: SolveLimits) -> tuple[Floats, Floats, Held]:
    """Values and row prices of a programme without whole numbers, and what is needed to solve it again.

    Raises SupplySolveError unless every part ends in an optimal basis.
    """
    held, vertices = _solve_scaled(arrays, [], limits)
    return *read_whole(held, arrays, *vertices[-1].proof), held


def solve_by_rank(
    arrays: Arrays, objectives: list[Floats], limits: SolveLimits
) -> tuple[Arrays, Floats, Floats]:
    """The plan that is best by each objective in turn, the programme's own cost last, and its proof.

    The proof is one of the programme with a row for each objective, which is returned: as little as can be had, then least cost.
    """
    held, vertices = _solve_scaled(arrays, objectives, limits)
    scaled, last = held.scaled, vertices[-1]
    reduced_costs, prices, ranked = last.reduced_costs.copy(), last.prices.copy(), []
    for vertex in reversed(vertices[:-1]):
        outweighs = _outweighing(vertex, reduced_costs, prices, scaled)
        reduced_costs += outweighs * vertex.reduced_costs
        prices += outweighs * vertex.prices
        ranked.append(-outweighs)
    values, row_prices = read_whole(held, arrays, last.values, reduced_costs, prices)
    for objective in objectives:
        arrays = arrays.with_least(objective, values)
    return arrays, values, np.concatenate([row_prices, ranked[::-1]])


RANK_STEP = 2.0
"""How much dearer each objective is than the next in the solve that the ranked ones start from; more makes that solve longer, less
leaves more to the ranked ones."""


def _outweighing(vertex: Vertex, reduced_costs: Floats, prices: Floats, scaled: Arrays) -> float:
    """How often an objective must be counted so that no gain below it pays for a loss in it."""
    found = 0.0
    for own, below in ((vertex.reduced_costs, reduced_costs), (vertex.prices, prices)):
        is_priced = np.abs(own) > TIED
        found = max(found, float((-below[is_priced] / own[is_priced]).max(initial=0.0)))
    return found


def _solve_scaled(arrays: Arrays, objectives: list[Floats], limits: SolveLimits) -> tuple[Held, list[Vertex]]:
    """Reduce, scale, take apart, solve; a vertex for every objective and the last for the programme's cost."""
    reduced = reduce_marks(arrays)
    row_scale, column_scale = equilibrate(reduced.arrays.matrix)
    cost_scale = cost_scale_of(reduced.arrays.cost * column_scale)
    scaled = scale_arrays(reduced.arrays, row_scale, column_scale, cost_scale)
    ranked = [reduced.cost_of(objective) * column_scale * cost_scale for objective in objectives]
    start, dearest = scaled.cost.copy(), float(np.abs(reduced.arrays.cost).max(initial=1.0))
    for place, objective in enumerate(reversed(ranked)):
        start += RANK_STEP**place * dearest * objective
    parts = independent_parts(scaled.matrix, limits.bundle_columns)
    if len(parts) == 1:
        solved = [solve_part(scaled, start, ranked, limits)]
    else:
        with ThreadPoolExecutor(limits.workers) as pool:
            tasks = [
                pool.submit(
                    solve_part,
                    part.of(scaled),
                    start[part.columns],
                    [objective[part.columns] for objective in ranked],
                    limits,
                )
                for part in parts
            ]
        solved = [task.result() for task in tasks]
    solvers = [(part, solver) for part, (solver, _) in zip(parts, solved, strict=True)]
    by_objective = zip(*(vertices for _, vertices in solved), strict=True)
    vertices = [_joined(scaled, parts, list(each)) for each in by_objective]
    choice = choose_algorithm(parts[0].of(scaled) if len(parts) > 1 else scaled, limits.algorithm)
    used = solvers[0][1].getOptionValue("solver")[1]
    if used != SOLVER_OF[choice.algorithm]:
        why = f"{choice.reason}; {choice.algorithm} lost its way or missed rows"
        choice = Choice("interior_point" if choice.algorithm == "simplex" else "simplex", why)
    return Held(scaled, reduced, row_scale, column_scale, cost_scale, solvers, choice), vertices


MISSED_RATIO = 1e-7
"""A row missed by more, of its bound or of the terms that add up to it, is no rounding: another algorithm is asked."""


def solve_part(
    scaled: Arrays, start: Floats, ranked: list[Floats], limits: SolveLimits
) -> tuple[Any, list[Vertex]]:
    """Solve one part, objective by objective from where `start` as cost ends, and choose among the plans of equal cost.

    HiGHS may call a point optimal that misses rows by more than its tolerance allows; then the other algorithm solves the part, and the
    point that misses least stands.
    """
    chosen = choose_algorithm(scaled, limits.algorithm).algorithm
    found = _solve_part_by(chosen, scaled, start, ranked, limits)
    missed = _missed(scaled, found[1][-1].values)
    if missed <= MISSED_RATIO:
        return found
    other: Algorithm = "interior_point" if chosen == "simplex" else "simplex"
    LOG.warning("HiGHS' %s misses a row by %.1e of its size: %s solves it anew.", chosen, missed, other)
    again = _solve_part_by(other, scaled, start, ranked, limits)
    return again if _missed(scaled, again[1][-1].values) < missed else found


def _missed(scaled: Arrays, values: Floats) -> float:
    """By how much a point is outside the rows, of the bound or of the terms that add up to a row."""
    activity, terms = scaled.matrix @ values, abs(scaled.matrix) @ np.abs(values)
    worst = 0.0
    for bound, distance in (
        (scaled.row_lower, scaled.row_lower - activity),
        (scaled.row_upper, activity - scaled.row_upper),
    ):
        is_there = np.isfinite(bound)
        size = 1.0 + np.maximum(np.abs(bound[is_there]), terms[is_there])
        worst = max(worst, float((distance[is_there] / size).max(initial=0.0)))
    return worst


def _solve_part_by(
    algorithm: Algorithm, scaled: Arrays, start: Floats, ranked: list[Floats], limits: SolveLimits
) -> tuple[Any, list[Vertex]]:
    options = solver_options(limits, len(scaled.cost))
    options["solver"] = SOLVER_OF[algorithm]
    solver = hand_over(scaled.with_cost(start), options)
    run_or_change(solver)
    vertices = []
    with on_face(solver, scaled) as face:
        for objective in ranked:
            vertices.append(face.best(objective))
            face.pin(vertices[-1])
        last = face.best(scaled.cost) if ranked else read_vertex(solver)
        priced = face.prices_by_name(last)
        face.pin(last)
        if scaled.weights is not None and not face.is_one_plan(last):
            last = face.best(scaled.weights)
        last = last.proven_by(priced)
    return solver, [*vertices, last]


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
