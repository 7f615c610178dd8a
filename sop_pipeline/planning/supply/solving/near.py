"""Solving a programme of other numbers from where the base's solve ended: part by part, and only the parts that it touches.

Other bounds leave a basis dual feasible, other costs leave it primal feasible: each is taken by the simplex that starts from there. Where
the basis breaks so much that this would be the longer way, the part is solved from nothing; that is decided after a few pivots, and
pivots are counted, not seconds, so that the same difference goes the same way on every machine. Add here: a sign that the way is long.
Keep out: single right-hand sides (`warm`), what a difference means to the business (`scenarios`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sop_pipeline.planning.supply.network import Floats, Integers
from sop_pipeline.planning.supply.solve_limits import SolveLimits
from sop_pipeline.planning.supply.solving.arrays import Arrays
from sop_pipeline.planning.supply.solving.components import Part
from sop_pipeline.planning.supply.solving.highs import (
    hand_over,
    refuse_status,
    require_optimal,
    solver_options,
)
from sop_pipeline.planning.supply.solving.scaling import scale_numbers
from sop_pipeline.planning.supply.solving.solve import Held, solve_part
from sop_pipeline.planning.supply.solving.warm import (
    OPTIONS,
    RESIDUAL_TOLERANCE,
    Point,
    error_of,
    read_point,
)

DUAL, PRIMAL = 1, 4
FEW_PIVOTS = 50
"""Pivots after which it is asked how much is still broken; most small differences take fewer."""
MANY_PIVOTS = 1000
"""More pivots, after which less must be broken than after the few: on the demo a fifth of a solve from nothing."""
BROKEN_ROWS_RATIO = {DUAL: 0.065, PRIMAL: 0.22}
"""Broken bounds (dual simplex) or prices (primal) after the few pivots, of the rows, above which solving from nothing is the shorter way.
Demo: 1,400 bounds took 800 to 1,400 pivots; 5,300 prices took 4,300, which is as long, 14,100 more than 6,000."""
FEWEST_BROKEN = 100
"""However small the part."""
PIVOTS_ROWS_RATIO = 0.2
"""Pivots, of the rows, that take as long as a solve from nothing, which is begun then."""
FEWEST_PIVOTS = 1000
WITHOUT_PLAN = ("kInfeasible", "kUnbounded", "kUnboundedOrInfeasible", "kTimeLimit")


class ProgrammeDiffers(ValueError):
    """A difference is more than bounds and costs."""


class _TooFar(RuntimeError):
    """Solving from nothing is the shorter way."""


@dataclass(frozen=True)
class Near:
    """The optimum of the changed programme: `held` with its numbers, where it stands, and whether all of it was near."""

    held: Held
    point: Point
    is_warm: bool


@dataclass(frozen=True)
class _NearPart:
    """A part in its base's optimum: its solver, the basis and point there, and its coefficients."""

    part: Part
    solver: Any
    basis: Any
    base: Point
    matrix: Any


class NearModel:
    """A solved programme that is solved again with other bounds and costs. Raises SupplySolveError as a cold solve does."""

    def __init__(self, held: Held, base: Arrays, time_limit_seconds: float) -> None:
        self.held, self.base, self.limits = held, base, SolveLimits(time_limit_seconds)
        self.parts = [_stand(held, part, solved) for part, solved in held.parts]

    @property
    def reduced_costs(self) -> Floats:
        """What one more of every column of the base would cost more than it saves, by column of the whole programme."""
        found = np.zeros(len(self.base.cost))
        for near in self.parts:
            found[near.part.columns] = near.base.reduced_costs
        costs: Floats = found / self.held.column_scale / self.held.cost_scale
        return costs

    def solve(self, arrays: Arrays, is_patient: bool = False) -> Near:
        """The optimum with the numbers of `arrays`; the base is there again afterwards. Patient: however much is broken.

        Raises ProgrammeDiffers where coefficients or the shape differ: that is another programme, to be solved by itself.
        """
        held = self.held
        reduced = (
            held.reduced.of_other_numbers(arrays) if same_matrix(arrays.matrix, self.base.matrix) else None
        )
        if reduced is None:
            raise ProgrammeDiffers
        new = scale_numbers(held.scaled, reduced.arrays, held.row_scale, held.column_scale, held.cost_scale)
        whole = Point(*(np.zeros(len(part)) for part in (new.cost, new.cost, new.row_lower, new.row_lower)))
        is_warm = True
        for near in self.parts:
            change = _Change.between(held.scaled, new, near.part)
            point = near.base
            if change.is_any:
                point, is_near = self._solve_part(near, new, change, is_patient)
                is_warm &= is_near
            _place(whole, near.part, point)
        return Near(replace(held, scaled=new, reduced=reduced), whole, is_warm)

    def _solve_part(
        self, near: _NearPart, new: Arrays, change: _Change, is_patient: bool
    ) -> tuple[Point, bool]:
        """Where the part's optimum stands, and whether it was reached from the base's basis."""
        near.solver.setBasis(near.basis)
        try:
            point = _solve_from_basis(near, new, change, is_patient)
            if point is not None:
                return point, True
        finally:
            change.put(near.solver, self.held.scaled, bounds=True, costs=True)
        own = near.part.of(new)
        _, vertices = solve_part(own, own.cost, [], self.limits)
        values, reduced_costs, prices = vertices[-1].proof
        return Point(values, reduced_costs, own.matrix @ values, prices), False


@dataclass(frozen=True)
class _Change:
    """What of a part differs: its places in the part."""

    part: Part
    columns: NDArray[np.int32]
    rows: NDArray[np.int32]
    priced: NDArray[np.int32]

    @classmethod
    def between(cls, old: Arrays, new: Arrays, part: Part) -> _Change:
        columns, rows = part.columns, part.rows
        return cls(
            part,
            _differing((old.lower, new.lower), (old.upper, new.upper), places=columns),
            _differing((old.row_lower, new.row_lower), (old.row_upper, new.row_upper), places=rows),
            _differing((old.cost, new.cost), places=columns),
        )

    @property
    def has_bounds(self) -> bool:
        return bool(len(self.columns) or len(self.rows))

    @property
    def is_any(self) -> bool:
        return self.has_bounds or bool(len(self.priced))

    def put(self, solver: Any, arrays: Arrays, bounds: bool = False, costs: bool = False) -> None:
        """Give the solver the numbers that `arrays` has there."""
        if bounds:
            at, of = self.columns, self.part.columns[self.columns]
            solver.changeColsBounds(len(at), at, arrays.lower[of], arrays.upper[of])
            at, of = self.rows, self.part.rows[self.rows]
            solver.changeRowsBounds(len(at), at, arrays.row_lower[of], arrays.row_upper[of])
        if costs:
            at, of = self.priced, self.part.columns[self.priced]
            solver.changeColsCost(len(at), at, arrays.cost[of])


def _stand(held: Held, part: Part, solved: Any) -> _NearPart:
    """A part in its base's optimum, in a solver of its own: HiGHS keeps how edges are weighed from its first solve."""
    own = held.scaled if len(held.parts) == 1 else part.of(held.scaled)
    solver = hand_over(own, {**solver_options(SolveLimits(), len(own.cost)), **OPTIONS})
    solver.setBasis(solved.getBasis())
    solver.run()
    require_optimal(solver)
    return _NearPart(part, solver, solver.getBasis(), read_point(solver), own.matrix)


def _solve_from_basis(near: _NearPart, new: Arrays, change: _Change, is_patient: bool) -> Point | None:
    """Bounds first, then costs, each by the simplex that starts feasible. None where solving from nothing is shorter, or surer."""
    try:
        if change.has_bounds:
            change.put(near.solver, new, bounds=True)
            _run(near, DUAL, is_patient)
        if len(change.priced):
            change.put(near.solver, new, costs=True)
            _run(near, PRIMAL, is_patient)
    except _TooFar:
        return None
    point = read_point(near.solver)
    is_right = error_of(point, near.matrix, new.cost[near.part.columns]) <= RESIDUAL_TOLERANCE
    return point if is_right else None


def _run(near: _NearPart, strategy: int, is_patient: bool) -> None:
    """Raises _TooFar where it is; SupplySolveError where there is no plan at all."""
    solver, rows = near.solver, len(near.part.rows)
    solver.setOptionValue("simplex_strategy", strategy)
    most, allowed = max(FEWEST_PIVOTS, int(PIVOTS_ROWS_RATIO * rows)), BROKEN_ROWS_RATIO[strategy] * rows
    allowed = np.inf if is_patient else max(FEWEST_BROKEN, allowed)
    for limit in (FEW_PIVOTS, MANY_PIVOTS, most):
        solver.setOptionValue("simplex_iteration_limit", limit)
        solver.run()
        status = solver.getModelStatus().name
        if status == "kOptimal":
            return
        if status in WITHOUT_PLAN:
            refuse_status(solver)
        if status != "kIterationLimit":  # it lost its way: from nothing it may not
            raise _TooFar
        information = solver.getInfo()
        broken = information.num_primal_infeasibilities + information.num_dual_infeasibilities
        if broken > allowed:
            raise _TooFar
        allowed = min(allowed, broken) if not is_patient else allowed
    raise _TooFar


def _place(whole: Point, part: Part, own: Point) -> None:
    whole.values[part.columns], whole.reduced_costs[part.columns] = own.values, own.reduced_costs
    whole.row_values[part.rows], whole.prices[part.rows] = own.row_values, own.prices


def _differing(*pairs: tuple[Floats, Floats], places: Integers) -> NDArray[np.int32]:
    """Places, among those of a part, where any of the pairs differs."""
    differs = np.logical_or.reduce([old[places] != new[places] for old, new in pairs])
    return np.flatnonzero(differs).astype(np.int32)


def same_matrix(one: Any, other: Any) -> bool:
    """Whether two matrices hold the same coefficients at the same places."""
    return one is other or (
        one.shape == other.shape
        and np.array_equal(one.indptr, other.indptr)
        and np.array_equal(one.indices, other.indices)
        and np.array_equal(one.data, other.data)
    )
