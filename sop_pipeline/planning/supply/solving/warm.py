"""Solving again with one right-hand side moved, from where a solve ended: the old basis is a few pivots from the new optimum.

Every answer is held against the programme itself before it is believed: HiGHS 1.15.1 may take a basis in, factorise it badly and
call a point optimal that does not satisfy its own rows (its issues 3194 and 3294). Add here: a kind of change of the programme.
Keep out: other changes (`near`), what a change means
to the business (`confirmation`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from sop_pipeline.planning.supply.network import Floats, Integers
from sop_pipeline.planning.supply.solve_limits import SolveLimits
from sop_pipeline.planning.supply.solving.highs import SupplySolveError, require_optimal, solver_options
from sop_pipeline.planning.supply.solving.reduction import NONE
from sop_pipeline.planning.supply.solving.solve import Held

RESIDUAL_TOLERANCE = 1e-6
"""Largest error of a row or a reduced cost, scaled, that an answer may have."""
STILL = 1e-9
"""Movement of a column or row below it is none."""
OPTIONS: dict[str, bool | int | float | str] = {
    "solver": "simplex",
    # without perturbation a few pivots stay a few; with it, now and then 20,000
    "dual_simplex_cost_perturbation_multiplier": 0.0,
    "primal_simplex_bound_perturbation_multiplier": 0.0,
    "simplex_scale_strategy": 0,  # scaled already, exactly
    "simplex_dual_edge_weight_strategy": 1,  # steepest edges take longer to begin with than the whole solve
    "factor_pivot_threshold": 0.5,  # at 0.1 the demo's basis is factorised with rows wrong by units
    "primal_feasibility_tolerance": 1e-9,
    "dual_feasibility_tolerance": 1e-9,
}


@dataclass(frozen=True)
class Point:
    """Where the solver stands, scaled: values and reduced costs of columns, values and prices of rows."""

    values: Floats
    reduced_costs: Floats
    row_values: Floats
    prices: Floats


class WarmModel:
    """A solved programme that can be changed a little and solved again. Raises SupplySolveError as a cold solve does."""

    def __init__(self, held: Held, time_limit_seconds: float) -> None:
        self.held, self.time_limit_seconds = held, time_limit_seconds
        self.solver = held.in_one_solver()
        self.place_of_row = {row: place for place, row in enumerate(held.reduced.kept_rows.tolist())}
        above = held.reduced.above_row
        self.column_of_row = {
            int(row): int(column)
            for row, column in zip(above, held.reduced.split, strict=True)
            if row != NONE
        }
        use_simplex(self.solver)
        self.base = self.solve()
        self.base_basis = self.solver.getBasis()

    def _cold_options(self) -> dict[str, bool | int | float | str]:
        return solver_options(SolveLimits(self.time_limit_seconds), len(self.held.scaled.cost))

    def can_move(self, row: int) -> bool:
        """Whether the right-hand side of a row of the whole programme can be moved by itself."""
        return row in self.place_of_row or row in self.column_of_row

    @contextmanager
    def moved(self, row: int, step: float) -> Iterator[None]:
        """The programme with `step` more on the upper side of a row (of the whole programme); moved back at the end."""
        held, solver = self.held, self.solver
        if row in self.place_of_row:
            place = self.place_of_row[row]
            lower, upper = float(held.scaled.row_lower[place]), float(held.scaled.row_upper[place])
            by = step * float(held.row_scale[place])
            change = solver.changeRowBounds
            low = lower + by  # an infinite side stays where it is
        else:
            place = self.column_of_row[row]
            lower, upper = float(held.scaled.lower[place]), float(held.scaled.upper[place])
            by = step / float(held.column_scale[place])
            change = solver.changeColBounds
            low = lower
        change(place, low, upper + by)
        try:
            yield
        finally:
            change(place, lower, upper)

    def value_moved(self, row: int, step: float) -> float:
        """What the cost changes by when the right-hand side of a row moves by `step`."""
        with self.moved(row, step):
            return self.beyond_base(self.solve())

    def price_moved(self, row: int, step: float) -> float:
        """Saving per unit of the row after its right-hand side moved by `step`."""
        with self.moved(row, step):
            point = self.solve()
        return self.saving(point, row)

    def saving(self, point: Point, row: int) -> float:
        """What one more unit on the right-hand side of a row would save."""
        held = self.held
        if row in self.place_of_row:
            place = self.place_of_row[row]
            return float(-point.prices[place] * held.row_scale[place] / held.cost_scale)
        place = self.column_of_row[row]
        return float(-point.reduced_costs[place] / held.column_scale[place] / held.cost_scale)

    def solve(self) -> Point:
        """Solve from the present basis. An answer that does not satisfy its programme is thrown away and made anew."""
        solver = self.solver
        for attempt in ("as it stands", "basis taken in anew", "cold"):
            if attempt == "basis taken in anew":
                basis = solver.getBasis()
                solver.clearSolver()
                solver.setBasis(basis)
            elif attempt == "cold":
                solver.clearSolver()
                for option, value in self._cold_options().items():
                    solver.setOptionValue(option, value)
            solver.run()
            require_optimal(solver)
            if attempt == "cold":
                use_simplex(solver)
            point = read_point(solver)
            error = error_of(point, self.held.scaled.matrix, self.held.scaled.cost)
            if error <= RESIDUAL_TOLERANCE:
                return point
        raise SupplySolveError(
            f"The solver's plan misses a row of its own by {error:.2g}: look for numbers of very different size "
            "in units, hours or costs."
        )

    def beyond_base(self, point: Point) -> float:
        """What a plan costs more than the base's, as its prices see it: errors of the values cancel to the second order. Summed over
        differences, of which most are none, so that nothing is lost against the size of the whole cost."""
        base = self.base
        rows = point.prices * point.row_values - base.prices * base.row_values
        columns = point.reduced_costs * point.values - base.reduced_costs * base.values
        return math.fsum((rows.sum(), columns.sum())) / self.held.cost_scale

    def reset(self) -> None:
        """Back to the basis of the base programme."""
        self.solver.setBasis(self.base_basis)

    def range_of(self, row: int) -> tuple[float, float]:
        """How far the right-hand side of a row may go down and up while the base's basis, and so its price, holds."""
        held = self.held
        if row in self.place_of_row:
            place = self.place_of_row[row]
            direction = np.zeros(len(held.row_scale))
            direction[place] = held.row_scale[place]
            fixed, own_row, own_step = NONE, place, 0.0
        else:
            fixed, own_row = self.column_of_row[row], NONE
            own_step = 1.0 / float(held.column_scale[fixed])
            direction = -held.scaled.matrix[:, [fixed]].toarray().ravel() * own_step
        movement = np.zeros(len(held.scaled.cost))
        basic, values = self._basic_columns(), np.asarray(self.solver.getBasisSolve(direction)[1])
        is_column = basic >= 0
        movement[basic[is_column]] = values[is_column]
        if fixed != NONE:
            movement[fixed] = own_step
        row_movement = held.scaled.matrix @ movement
        columns = _room(self.base.values, movement, held.scaled.lower, held.scaled.upper, fixed)
        rows = _room(
            self.base.row_values, row_movement, held.scaled.row_lower, held.scaled.row_upper, own_row
        )
        return min(columns[0], rows[0]), min(columns[1], rows[1])

    def _basic_columns(self) -> Integers:
        """By place in the basis: the column that is basic, negative where it is a row's slack."""
        return np.asarray(self.solver.getBasicVariables()[1], dtype=np.int64)


def use_simplex(solver: Any) -> None:
    """Options of a solve from a basis near the optimum."""
    for option, value in OPTIONS.items():
        solver.setOptionValue(option, value)


def read_point(solver: Any) -> Point:
    """Where a solver stands."""
    solution = solver.getSolution()
    parts = (solution.col_value, solution.col_dual, solution.row_value, solution.row_dual)
    return Point(*(np.asarray(part, dtype=float) for part in parts))


def error_of(point: Point, matrix: Any, cost: Floats) -> float:
    """Largest error of a row, and of a reduced cost, of a programme."""
    rows = np.abs(matrix @ point.values - point.row_values).max(initial=0.0)
    costs = np.abs(cost - matrix.T @ point.prices - point.reduced_costs).max(initial=0.0)
    return float(max(rows, costs))


def _room(
    values: Floats, movement: Floats, lower: Floats, upper: Floats, without: int
) -> tuple[float, float]:
    """Steps down and up until the first bound is reached."""
    moves = np.abs(movement) > STILL
    if without != NONE:
        moves[without] = False
    by = movement[moves]
    above = np.maximum(upper[moves] - values[moves], 0.0)
    below = np.maximum(values[moves] - lower[moves], 0.0)
    up = np.where(by > 0, above, below) / np.abs(by)
    down = np.where(by > 0, below, above) / np.abs(by)
    return float(down.min(initial=np.inf)), float(up.min(initial=np.inf))
