"""When to set up, in a company too large for branch and bound: a plan that is near the best one, and a bound that says how near.

1. From afar (`pooled`) the programme without whole numbers is held by the rows that setups imply (`implied`), as they are broken.
2. From there setups are fixed, the most certain first, with a solve after each handful (a dive): these are the plan's.
3. The hours' prices of 1 take the programme apart (Lagrange). What each item costs at least is found by dynamic programming
   (`item_bounds`); an item that it does not know is a small programme, tightened and branched for a moment. Whatever the prices,
   the sum is a bound of the whole.
4. The programme itself with the setups fixed is the plan.

Add here: a step of this search. Keep out: what setups imply, branch and bound of the whole (`whole_numbers`).
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence

import numpy as np
from scipy import sparse

from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.network import Floats, Integers
from sop_pipeline.planning.supply.solve_limits import SolveLimits
from sop_pipeline.planning.supply.solving.arrays import Arrays
from sop_pipeline.planning.supply.solving.assembly import assemble
from sop_pipeline.planning.supply.solving.highs import hand_over, solver_options
from sop_pipeline.planning.supply.solving.implied import Cut, Implied, Rows
from sop_pipeline.planning.supply.solving.item_bounds import ItemBounds
from sop_pipeline.planning.supply.solving.pooled import pooled_model
from sop_pipeline.planning.supply.solving.taken_apart import (
    at_prices,
    least_cost,
    part_of_programme,
    programme_parts,
)

BROKEN_RATIO = 0.01
"""A row that is broken by less, of what it is about, is not worth its place."""
FAR_ROUNDS = 5
"""Rounds of rows from afar, where the whole line is one programme."""
ROUNDS = 4
"""Of an item by itself, which begins with the rows that hold it from afar."""
GAIN_RATIO = 2e-5
"""Of the cost: a round of rows that raises the bound by less was the last."""
SURE = 1e-6
"""A setup within it of 0 or 1 is whole; a row with more slack, by its size, is idle."""
ROUNDED_UP_RATIO = 0.12
"""Of the setups that are open yet, those that a step of the dive makes."""
DROPPED = 0.2
"""A setup that is made to less is not made."""
LOOSE_RATIO = 0.005
"""Of the bound: where the plan is further away, the bound is looked for in small programmes of all items too."""
NODES = 30
"""Small solves that the branching of an item may take."""
OPTIONS: dict[str, bool | int | float | str] = {"solver": "simplex", "simplex_scale_strategy": 0}


class Tightened:
    """A programme without whole numbers in a solver that keeps its basis, and the implied rows that hold it."""

    def __init__(self, arrays: Arrays, limits: SolveLimits) -> None:
        self.own_rows, self.whole = len(arrays.row_lower), arrays.whole
        self.lower = np.zeros(0)
        self.cuts: list[Cut | None] = []  # by row that was added; None for one that stays
        self.solver = hand_over(arrays.relaxed(), solver_options(limits, 0) | OPTIONS)

    def solve(self) -> bool:
        """Solve from where the last solve ended; whether there is an optimum."""
        import highspy

        self.solver.run()
        return bool(self.solver.getModelStatus() == highspy.HighsModelStatus.kOptimal)

    @property
    def is_infeasible(self) -> bool:
        """Whether the last solve proved that there is nothing: any other end without an optimum proves nothing."""
        import highspy

        return bool(self.solver.getModelStatus() == highspy.HighsModelStatus.kInfeasible)

    @property
    def values(self) -> Floats:
        return np.asarray(self.solver.getSolution().col_value, dtype=float)

    @property
    def prices(self) -> Floats:
        """Of the programme's own rows."""
        return np.asarray(self.solver.getSolution().row_dual, dtype=float)[: self.own_rows]

    @property
    def bound(self) -> float:
        return float(self.solver.getInfo().objective_function_value)

    def hold(self, lower: Floats, upper: Floats) -> bool:
        """Other bounds of the setups, and a solve."""
        self.solver.changeColsBounds(len(self.whole), self.whole.astype(np.int32), lower, upper)
        return self.solve()

    def add(self, rows: Rows, cuts: Sequence[Cut | None]) -> None:
        """Hold the programme by more rows."""
        if not len(rows):
            return
        matrix = rows.matrix
        self.solver.addRows(
            len(rows),
            rows.lower,
            np.full(len(rows), np.inf),
            matrix.nnz,
            matrix.indptr[:-1].astype(np.int32),
            matrix.indices.astype(np.int32),
            matrix.data,
        )
        self.lower = np.append(self.lower, rows.lower)
        self.cuts += cuts

    def drop_idle(self) -> None:
        """Take away the rows that do not hold anything where the solver stands."""
        at = np.asarray(self.solver.getSolution().row_value, dtype=float)[self.own_rows :]
        is_idle = at - self.lower > SURE * np.maximum(1.0, np.abs(self.lower))
        idle = [place for place in np.flatnonzero(is_idle).tolist() if self.cuts[place] is not None]
        if idle:
            self.solver.deleteRows(len(idle), np.array(idle, dtype=np.int32) + self.own_rows)
            self.lower = np.delete(self.lower, idle)
            gone = set(idle)
            self.cuts = [cut for place, cut in enumerate(self.cuts) if place not in gone]


class TightenedParts:
    """Parts of a programme that share no row, tightened together: what is broken is looked for once a round.

    `parts`: rows and columns of those to hold; of the others the columns cost what they cost at their bounds.
    """

    def __init__(
        self,
        arrays: Arrays,
        implied: Implied,
        limits: SolveLimits,
        cuts: Sequence[Cut] = (),
        parts: Sequence[tuple[Integers, Integers]] | None = None,
    ) -> None:
        self.implied, self.row_count = implied, len(arrays.row_lower)
        self.rows: list[Integers] = []
        self.columns: list[Integers] = []
        self.views: list[Tightened] = []
        self.part_of, self.place_of = (np.full(len(arrays.cost), -1, dtype=np.int64) for _ in range(2))
        for rows, columns in programme_parts(arrays.matrix, implied) if parts is None else parts:
            self.part_of[columns], self.place_of[columns] = len(self.views), np.arange(len(columns))
            self.rows.append(rows)
            self.columns.append(columns)
            self.views.append(Tightened(part_of_programme(arrays, rows, columns), limits))
        self._add(implied.always, [None] * len(implied.always))
        self._add(implied.rows(list(cuts)), list(cuts))
        self.alone = least_cost(arrays, np.flatnonzero(self.part_of < 0))
        solved = [view.solve() for view in self.views]
        self.is_solved = all(solved)

    @property
    def values(self) -> Floats:
        """Of the columns that any row names; the others are 0."""
        values = np.zeros(len(self.part_of))
        for columns, view in zip(self.columns, self.views, strict=True):
            values[columns] = view.values
        return values

    @property
    def prices(self) -> Floats:
        """Of the programme's own rows; 0 of a row without columns."""
        prices = np.zeros(self.row_count)
        for rows, view in zip(self.rows, self.views, strict=True):
            prices[rows] = view.prices
        return prices

    @property
    def bound(self) -> float:
        return self.alone + sum(view.bound for view in self.views) if self.is_solved else -np.inf

    @property
    def cuts(self) -> list[Cut]:
        """What holds the parts."""
        return [cut for view in self.views for cut in view.cuts if cut is not None]

    def tighten(self, rounds: int, gain_ratio: float) -> None:
        """Add what is broken and take away what has become idle, round by round, as long as the bound rises by the ratio."""
        for _ in range(rounds):
            if not self.is_solved:
                return
            cuts = self.implied.broken(self.values, BROKEN_RATIO)
            if not cuts:
                return
            before = self.bound
            for part in self._add(self.implied.rows(cuts), cuts, is_dropping=True):
                self.is_solved &= self.views[part].solve()
            if self.bound - before < gain_ratio * abs(before):
                return

    def _add(self, rows: Rows, cuts: Sequence[Cut | None], is_dropping: bool = False) -> list[int]:
        """Give every part its rows; the parts that got any."""
        if not len(rows):
            return []
        matrix = rows.matrix
        part = self.part_of[matrix.indices[matrix.indptr[:-1]]]
        order = np.argsort(part, kind="stable")[(part < 0).sum() :]
        if not len(order):
            return []
        groups = np.split(order, np.flatnonzero(np.diff(part[order])) + 1)
        for group in groups:
            own = matrix[group]
            view = self.views[part[group[0]]]
            if is_dropping:
                view.drop_idle()
            shape = (len(group), len(self.columns[part[group[0]]]))
            moved = sparse.csr_array((own.data, self.place_of[own.indices], own.indptr), shape=shape)
            view.add(Rows(moved, rows.lower[group]), [cuts[place] for place in group.tolist()])
        return [int(part[group[0]]) for group in groups]


def plan_setups(arrays: Arrays, limits: SolveLimits) -> tuple[Floats | None, float]:
    """A plan with whole setups, None where none was found; and a cost that no plan is below.

    For programmes whose only whole numbers are setups; asks `arrays.implied`.
    """
    implied = arrays.implied
    assert implied is not None  # asked before
    model = pooled_model(implied.model)
    if model is None:
        return _in_itself(arrays, implied, limits)
    far = assemble(model, np.zeros(model.column_count))
    if far.implied is None or len(far.whole) != len(arrays.whole):
        return _in_itself(arrays, implied, limits)
    view = TightenedParts(far, far.implied, limits)
    view.tighten(FAR_ROUNDS, GAIN_RATIO)
    if not view.is_solved:
        return _in_itself(arrays, implied, limits)
    rows, prices = _prices_of_hours(implied, model, view)
    plan = _plan_with(arrays, dive(view, far.whole), limits)
    cuts = _same_cuts(view, implied)
    bound = bound_by_prices(arrays, implied, rows, prices, cuts, limits)
    if plan is None or not arrays.cost @ plan - bound <= LOOSE_RATIO * abs(bound):
        bound = max(bound, bound_by_prices(arrays, implied, rows, prices, cuts, limits, is_quick=False))
    return plan, bound


def _in_itself(arrays: Arrays, implied: Implied, limits: SolveLimits) -> tuple[Floats | None, float]:
    """The same without a view from afar: slower."""
    view = TightenedParts(arrays, implied, limits)
    view.tighten(ROUNDS, GAIN_RATIO)
    if not view.is_solved:
        return None, -np.inf
    bound = view.bound
    return _plan_with(arrays, dive(view, arrays.whole), limits), bound


def _same_cuts(view: TightenedParts, implied: Implied) -> list[Cut]:
    """What holds the view from afar, said of the programme itself."""
    place = {item: number for number, item in enumerate(implied.items)}
    seen = view.implied.items
    return [(place[seen[item]], first, ends) for item, first, ends in view.cuts if seen[item] in place]


def dive(parts: TightenedParts, whole: Integers) -> Floats:
    """Setups, 0 or 1, by place in `whole`."""
    setups = np.zeros(len(parts.part_of))
    for columns, view in zip(parts.columns, parts.views, strict=True):
        if len(view.whole):
            setups[columns[view.whole]] = _dive_of_part(view)
    return setups[whole]


def _dive_of_part(view: Tightened) -> Floats:
    """The surest setups are fixed, the rest is solved again, until none is in between."""
    lower, upper = np.zeros(len(view.whole)), np.ones(len(view.whole))
    share = view.values[view.whole]
    for _ in range(len(lower)):
        lower[share >= 1.0 - SURE] = 1.0
        open_ = np.flatnonzero((lower < upper) & (share > SURE))
        if not len(open_):
            break
        by_share = open_[np.argsort(-share[open_], kind="stable")]
        lower[by_share[: max(1, int(len(open_) * ROUNDED_UP_RATIO))]] = 1.0
        small = by_share[share[by_share] < DROPPED]
        upper[small[lower[small] < 1.0]] = 0.0
        if not view.hold(lower, upper):
            break
        share = view.values[view.whole]
    return np.where(share >= 0.5, 1.0, 0.0)


def _plan_with(arrays: Arrays, setups: Floats, limits: SolveLimits) -> Floats | None:
    import highspy

    fixed = arrays.with_whole(setups)
    solver = hand_over(fixed, solver_options(limits, 0) | {"solver": "simplex", "presolve": "on"})
    solver.run()
    is_solved = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return np.asarray(solver.getSolution().col_value, dtype=float) if is_solved else None


def _prices_of_hours(implied: Implied, far: SupplyModel, view: TightenedParts) -> tuple[Integers, Floats]:
    """The programme's capacity rows and what an hour of each is worth in the view from afar; it is not above 0."""
    own, seen = implied.model.rows.get("capacity"), far.rows.get("capacity")
    if own is None or seen is None:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    prices = view.prices[seen.positions]
    worth = {tuple(key): price for key, price in zip(seen.keys.tolist(), prices.tolist(), strict=True)}
    return own.positions, np.array([min(worth.get(tuple(key), 0.0), 0.0) for key in own.keys.tolist()])


def bound_by_prices(
    arrays: Arrays,
    implied: Implied,
    rows: Integers,
    prices: Floats,
    cuts: Sequence[Cut],
    limits: SolveLimits,
    is_quick: bool = True,
) -> float:
    """A cost that no plan with whole setups is below.

    It is one whatever the prices are of the rows that are given up, as long as they are not above 0 and the rows say at most. `cuts`: to
    begin with. `is_quick`: without solver where an item's least cost is known.
    """
    apart = at_prices(arrays, rows, prices)
    parts = programme_parts(apart.matrix, implied)
    known = ItemBounds(implied.model, apart).least([columns for _, columns in parts]) if is_quick else {}
    unknown = [part for number, part in enumerate(parts) if number not in known]
    with_setup = [part for part in unknown if np.isin(part[1], arrays.whole).any()]
    if plain := [part for part in unknown if not np.isin(part[1], arrays.whole).any()]:
        rows_of, columns_of = zip(*plain, strict=True)
        unknown = [*with_setup, (np.concatenate(rows_of), np.concatenate(columns_of))]
    held = TightenedParts(apart, implied, limits, cuts if with_setup else (), unknown)
    if with_setup:
        held.tighten(ROUNDS, 0.0)
    if not held.is_solved:
        return -np.inf
    given_up = float(prices @ arrays.row_upper[rows])
    return given_up + held.alone + sum(known.values()) + sum(_branched(view) for view in held.views)


def _branched(view: Tightened) -> float:
    """The bound of a part, raised by branching, lowest first, for a moment."""
    found = view.bound
    if not len(view.whole):
        return found
    number, solves = 0, 0
    queue = [(found, 0, np.zeros(len(view.whole)), np.ones(len(view.whole)), view.values[view.whole])]
    while queue:
        found, _, lower, upper, share = heapq.heappop(queue)
        split = int(np.argmax(np.minimum(share, 1.0 - share)))
        if solves >= NODES or min(share[split], 1.0 - share[split]) <= SURE:
            return found
        for side in (0.0, 1.0):
            low, up = lower.copy(), upper.copy()
            low[split] = up[split] = side
            solves, number = solves + 1, number + 1
            if view.hold(low, up):
                heapq.heappush(queue, (max(view.bound, found), number, low, up, view.values[view.whole]))
            elif not view.is_infeasible:
                return found
    return np.inf
