"""Among the plans that are optimal for one objective, the best by the next: without a row that holds the first objective.

Prices prove which plans are optimal: a column with a reduced cost and a row with a price stand where they stand in every optimal
plan (complementary slackness), and what they leave free is the face of all of them. Pinning them is exact, keeps the programme as sparse
as it was, and the plan at hand is a feasible start for primal simplex. So one machine serves two ends: objectives by rank, and the choice
between plans of equal cost. Add here: nothing but that machine. Keep out: what is preferred (`ties`), what the objectives are.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sop_pipeline.planning.supply.network import Floats
from sop_pipeline.planning.supply.solving.arrays import Arrays
from sop_pipeline.planning.supply.solving.highs import is_optimal_basis, require_optimal

LOG = logging.getLogger(__name__)
Flags = NDArray[np.bool_]
TIED = 1e-7
"""A scaled reduced cost or price up to it is none: the solver's own tolerance of optimality."""
STANDS = 1e-7
"""A scaled value that near to a bound stands on it."""
LIMIT_WEIGHT = 2.0**-6
"""Weight of a row's price beside that of a column's reduced cost."""
OPTIONS: dict[str, bool | int | float | str] = {
    "solver": "simplex",
    "simplex_strategy": 4,  # primal: the plan at hand is feasible, only the objective is another
    "simplex_scale_strategy": 0,  # scaled already, exactly
    "primal_simplex_bound_perturbation_multiplier": 0.0,
    "dual_simplex_cost_perturbation_multiplier": 0.0,
    "factor_pivot_threshold": 0.5,
    "primal_feasibility_tolerance": 1e-9,
    "dual_feasibility_tolerance": 1e-9,
    "presolve": "off",
}
PRICING: dict[str, bool | int | float | str] = {
    "simplex_strategy": 1,  # dual: the prices at hand are feasible, what is to give way is another
    "dual_feasibility_tolerance": TIED,  # no stricter than the solve that found them
}


@dataclass(frozen=True)
class Vertex:
    """An optimal plan and its proof: values and reduced costs of columns, prices of rows, and which are basic."""

    values: Floats
    reduced_costs: Floats
    prices: Floats
    is_basic: Flags
    row_is_basic: Flags

    @property
    def proof(self) -> tuple[Floats, Floats, Floats]:
        """Values, reduced costs and prices."""
        return self.values, self.reduced_costs, self.prices

    def proven_by(self, other: Vertex) -> Vertex:
        """The plan with the reduced costs and prices of another of the same face, which prove both."""
        return replace(self, reduced_costs=other.reduced_costs, prices=other.prices)


def read_vertex(solver: Any) -> Vertex:
    """Where the solver stands."""
    import highspy

    solution, basis, basic = solver.getSolution(), solver.getBasis(), highspy.HighsBasisStatus.kBasic
    # `getBasicVariables` would be shorter; it makes its arrays without Python's lock, and crashes beside another thread
    return Vertex(
        np.asarray(solution.col_value, dtype=float),
        np.asarray(solution.col_dual, dtype=float),
        np.asarray(solution.row_dual, dtype=float),
        np.array([status is basic for status in basis.col_status], dtype=bool),
        np.array([status is basic for status in basis.row_status], dtype=bool),
    )


class Face:
    """Plans that are optimal for every objective so far; the solver stands in one of them."""

    def __init__(self, solver: Any, arrays: Arrays) -> None:
        self.solver, self.arrays = solver, arrays
        self.lower, self.upper = arrays.lower.copy(), arrays.upper.copy()
        self.row_lower, self.row_upper = arrays.row_lower.copy(), arrays.row_upper.copy()

    def pin(self, vertex: Vertex) -> None:
        """Keep to the plans that the prices of `vertex` prove optimal."""
        priced = ~vertex.is_basic & (np.abs(vertex.reduced_costs) > TIED) & (self.lower < self.upper)
        row_priced = ~vertex.row_is_basic & (np.abs(vertex.prices) > TIED) & (self.row_lower < self.row_upper)
        _pin(self.lower, self.upper, priced, vertex.reduced_costs)
        _pin(self.row_lower, self.row_upper, row_priced, vertex.prices)
        self._set_bounds(priced, row_priced, self.lower, self.upper, self.row_lower, self.row_upper)

    def is_one_plan(self, vertex: Vertex) -> bool:
        """Whether nothing can move from `vertex`: every column and row at rest is pinned."""
        may_move = ~vertex.is_basic & (self.lower < self.upper)
        row_may_move = ~vertex.row_is_basic & (self.row_lower < self.row_upper)
        return not (may_move.any() or row_may_move.any())

    def best(self, cost: Floats) -> Vertex:
        """The best plan of the face by another objective. Raises SupplySolveError where the solver ends without one."""
        self._set_cost(cost)
        self.solver.run()
        require_optimal(self.solver)
        return read_vertex(self.solver)

    def prices_by_name(self, vertex: Vertex) -> Vertex:
        """The plan that the solver stands in, with the least sum of prices x weights among all that prove it.

        A degenerate plan has many price systems, and the algorithm would choose. Their dual is this programme: every bound that the plan
        stands on gives way by its weight, every other is far, and the best direction is sought; it starts dual feasible, and with weights
        that differ by name its prices are unique. Rows that are equations do not give way; those that are limits weigh little, so that a
        scarcity is a price of the limit, as far as that proves the plan, rather than of a quantity that is nothing.
        """
        arrays, solver, stood = self.arrays, self.solver, self.solver.getBasis()
        column_room, row_room = arrays.weights, arrays.row_weights
        if column_room is None or row_room is None:
            return vertex
        row_room = np.where(self.row_lower == self.row_upper, 0.0, LIMIT_WEIGHT * row_room)
        columns = _directions(vertex.values, self.lower, self.upper, column_room)
        rows = _directions(arrays.matrix @ vertex.values, self.row_lower, self.row_upper, row_room)
        everything, every_row = (np.ones(size, dtype=bool) for size in arrays.matrix.shape[::-1])
        self._set_bounds(everything, every_row, *columns, *rows)
        solver.setBasis(stood)
        for name, value in PRICING.items():
            solver.setOptionValue(name, value)
        solver.run()
        if is_optimal_basis(solver):
            vertex = vertex.proven_by(read_vertex(solver))
        else:
            LOG.warning("Prices are those of the solver's own basis: %s", solver.getModelStatus().name)
        for name in PRICING:
            solver.setOptionValue(name, OPTIONS[name])
        self._set_bounds(everything, every_row, self.lower, self.upper, self.row_lower, self.row_upper)
        solver.setBasis(stood)
        return vertex

    def leave(self) -> None:
        """Give the solver the programme's own bounds and costs again; it stays where it stands."""
        arrays = self.arrays
        pinned = (self.lower != arrays.lower) | (self.upper != arrays.upper)
        row_pinned = (self.row_lower != arrays.row_lower) | (self.row_upper != arrays.row_upper)
        own = (arrays.lower, arrays.upper, arrays.row_lower, arrays.row_upper)
        self._set_bounds(pinned, row_pinned, *own)
        self._set_cost(arrays.cost)

    def _set_cost(self, cost: Floats) -> None:
        self.solver.changeColsCost(len(cost), np.arange(len(cost), dtype=np.int32), cost)

    def _set_bounds(
        self, columns: Flags, rows: Flags, lower: Floats, upper: Floats, row_lower: Floats, row_upper: Floats
    ) -> None:
        at, row_at = np.flatnonzero(columns).astype(np.int32), np.flatnonzero(rows).astype(np.int32)
        self.solver.changeColsBounds(len(at), at, lower[at], upper[at])
        self.solver.changeRowsBounds(len(row_at), row_at, row_lower[row_at], row_upper[row_at])


def _directions(values: Floats, lower: Floats, upper: Floats, room: Floats) -> tuple[Floats, Floats]:
    """How far a value may move: by its room beyond a bound that it stands on, as far as it likes where none is near."""
    near = STANDS * (1.0 + np.abs(values))
    return (
        np.where(values <= lower + near, -room, -np.inf),
        np.where(values >= upper - near, room, np.inf),
    )


def _pin(lower: Floats, upper: Floats, priced: Flags, prices: Floats) -> None:
    """What has a price stays on the side that the price stands on."""
    side = np.where(prices > 0, lower, upper)
    lower[priced] = upper[priced] = side[priced]


@contextmanager
def on_face(solver: Any, arrays: Arrays) -> Iterator[Face]:
    """The face of a programme that the solver has solved; at the end the solver has the programme and its options again."""
    face = Face(solver, arrays)
    previous = {name: solver.getOptionValue(name)[1] for name in OPTIONS}
    for name, value in OPTIONS.items():
        solver.setOptionValue(name, value)
    try:
        yield face
    finally:
        face.leave()
        for name, value in previous.items():
            solver.setOptionValue(name, value)
