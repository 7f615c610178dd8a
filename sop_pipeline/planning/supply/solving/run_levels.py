"""What items cost at least when each is planned by itself: dynamic programming over months and over what was made so far.

A level is what an item was made in all; a run lifts it, demand eats it up. Between two levels of the grid (a cell) the cost of the rest
of the horizon is held from below by a straight line, so a finer grid proves more and any grid proves something. All items go
at once. Add here: how the least cost is found. Keep out: which items it is said of, and what they are asked for (`item_bounds`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sop_pipeline.planning.supply.network import Floats, Integers

BIG = 1e15
DUST = 1e-9
Line = tuple[Floats, Floats, Floats]
"""Where a x before + b x after = c: a cost bends there."""


@dataclass(frozen=True)
class Asked:
    """What items are asked for and what it costs; item x month where not said otherwise. All prices are at least 0.

    A run is there to `1 - late` in its month, to `1 - very_late` in the next, and then whole. Needed: the level at which nobody waits.
    """

    needed: Floats  # in units, may be below 0
    target: Floats
    holding: Floats
    below: Floats  # not above `waiting` + `holding`
    waiting: Floats
    losing: Floats
    most: Floats  # of a run
    unit: Floats
    setup: Floats
    late: Floats  # by item, below 1
    very_late: Floats  # by item
    unfinished: Floats  # by item: of a run of the last month, what is not there by its end
    wanted: Floats  # by item: units that should be unfinished then
    missing: Floats  # by item: price of one that is not

    @property
    def shape(self) -> tuple[int, int]:
        count, months = self.needed.shape
        return count, months


@dataclass(frozen=True)
class Rest:
    """From below, what the rest of the horizon costs: a straight line on every cell, by its two ends; item x cell."""

    left: Floats
    right: Floats


class RunLevels:
    r"""The recursion, from the last month back.

    $U_t(k)$, of months t to the end at level k, is the least of no run, $f_t(k) + U_{t+1}(k)$, and of a run to Y, $V_t(k)$:
    $S_t + p_t (Y - k) + f_t(\ldots)$ and then a month without a run, whose level is known from k and Y, and $U_{t+2}(Y)$;
    or a run again, $V_{t+1}(Y)$, where what is very late counts as there for service (not for holding).
    $f_t$ is convex, so over two cells its least with two straight lines is at a corner or where a bend meets a side or another bend.
    A sale lost in t lifts the level: it cannot be worth while in a month that is passed over if $U$ falls by no more than
    the price less what waiting costs, so U and V are lowered to where they do.
    """

    def __init__(self, asked: Asked, grid: int) -> None:
        self.asked = asked
        self.bend = (asked.needed, asked.needed + asked.target)
        self.rush = np.divide(
            asked.wanted, asked.unfinished, out=np.zeros_like(asked.wanted), where=asked.unfinished > 0
        )
        self.grid = self._levels(grid)
        self.width = np.diff(self.grid, axis=1)
        self.is_up = np.triu(np.ones((self.grid.shape[1],) * 2, dtype=bool))
        self.item = np.arange(len(self.grid))[:, None]
        self.places = np.arange(len(self.grid))[:, None] * (float(self.grid.max()) + 1.0)

    def _levels(self, grid: int) -> Floats:
        """Every bend, points between, and a last one above which a unit more is of no use; the first cell is nothing but 0."""
        bends = np.sort(np.concatenate(self.bend, axis=1).clip(0.0), axis=1)
        between = [(bends[:, 1:] * part + bends[:, :-1] * (grid - part)) / grid for part in range(1, grid)]
        top = bends[:, -1:]
        last = top / (1.0 - self.asked.late[:, None]) + self.rush[:, None]
        parts = [np.zeros_like(top), np.zeros_like(top), bends, *between, top + self.rush[:, None], last]
        levels: Floats = np.sort(np.concatenate(parts, axis=1), axis=1)
        return levels

    def least(self) -> Floats:
        """By item; nothing was made yet."""
        months = self.asked.shape[1]
        nothing = Rest(np.zeros_like(self.width), np.zeros_like(self.width))
        after_next, after, run = nothing, nothing, None
        for month in range(months - 1, -1, -1):
            now = self._with_run(month, after, after_next, run)
            idle = self._idle(month, self.grid, self.grid) + (
                (self.asked.missing * self.asked.wanted)[:, None] if month == months - 1 else 0.0
            )
            rest = Rest(
                np.minimum(after.left + idle[:, :-1], now.left),
                np.minimum(after.right + idle[:, 1:], now.right),
            )
            after_next, after, run = after, self._closed(month, rest), self._closed(month, now)
        return after.left[:, 0]

    def _with_run(self, month: int, after: Rest, after_next: Rest, run: Rest | None) -> Rest:
        """V of a month: the better of what may follow."""
        if run is None:
            return self._best_run(month, after, False, np.zeros(len(self.grid)))
        ahead = self.asked.very_late * self.asked.holding[:, month + 1]
        quiet = self._best_run(month, after_next, True, np.zeros(len(self.grid)))
        again = self._best_run(month, run, False, ahead)
        return Rest(np.minimum(quiet.left, again.left), np.minimum(quiet.right, again.right))

    def _best_run(self, month: int, rest: Rest, is_quiet: bool, saved: Floats) -> Rest:
        """From below, by cell of the level before: the cheapest run of the month with what follows. `saved`: of a unit's price."""
        grid, asked = self.grid, self.asked
        unit = (asked.unit[:, month] - saved)[:, None]
        left, right = rest.left + unit * grid[:, :-1], rest.right + unit * grid[:, 1:]
        corner = np.full(grid.shape, BIG)
        corner[:, :-1] = left
        corner[:, 1:] = np.minimum(corner[:, 1:], right)
        slope = np.divide(right - left, self.width, out=np.zeros_like(left), where=self.width > DUST)

        def of(before: Floats, level: Floats) -> Floats:
            cell = self._cell(level)
            follows = left[self.item, cell] + slope[self.item, cell] * (level - grid[self.item, cell])
            cost: Floats = self._served(month, is_quiet, before, level) + follows - unit * before
            return cost

        at = self._served(month, is_quiet, grid[:, :, None], grid[:, None, :]) + corner[:, None, :]
        most = asked.most[:, month, None] + DUST
        is_run = self.is_up & (grid[:, None, :] - grid[:, :, None] <= most[:, :, None])
        at = np.where(is_run, at, BIG).min(axis=2) - unit * grid
        lower = np.concatenate([grid[:, :1], grid[:, :-1]], axis=1)
        within = np.full(grid.shape, BIG)  # runs that stay in the cell that ends at a level
        within[:, 1:] = self._served(month, is_quiet, grid[:, 1:], grid[:, :-1]) + corner[:, :-1]
        within -= unit * grid
        lines = list(self._lines(month, is_quiet))
        for a, b, c in lines:
            level = (c[:, None] - a[:, None] * grid) / b[:, None]
            cost = of(grid, level)
            is_run = (level >= grid) & (level <= grid[:, -1:]) & (level - grid <= most)
            at = np.where(is_run, np.minimum(at, cost), at)
            within = np.where((level <= grid) & (level >= lower), np.minimum(within, cost), within)
        found = Rest(at[:, :-1], np.minimum(at[:, 1:], within[:, 1:]))
        dent = np.zeros_like(self.width)
        upper = np.concatenate([grid[:, 1:], grid[:, -1:]], axis=1)
        for a, b, c in lines:
            before = np.divide(
                c[:, None] - b[:, None] * grid,
                a[:, None],
                out=np.full(grid.shape, -1.0),
                where=a[:, None] != 0.0,
            )
            cost = self._served(month, is_quiet, before, grid) + corner - unit * before
            is_run = (before <= upper) & (grid - before <= most)
            self._dent(dent, found, np.where(is_run, before, -1.0), cost)
        for place, (a, b, c) in enumerate(lines):
            for d, e, g in lines[:place]:
                crossed = a * e - b * d
                is_one = np.abs(crossed) > DUST
                crossed = np.where(is_one, crossed, 1.0)
                before = np.where(is_one, (c * e - b * g) / crossed, -1.0)[:, None]
                level = ((a * g - c * d) / crossed)[:, None]
                is_run = (level >= before) & (level <= grid[:, -1:]) & (level - before <= most)
                self._dent(dent, found, np.where(is_run, before, -1.0), of(before, level))
        setup = asked.setup[:, month, None]
        return Rest(found.left + dent + setup, found.right + dent + setup)

    def _dent(self, dent: Floats, found: Rest, before: Floats, cost: Floats) -> None:
        """Note by how much a cost at levels inside cells is below the straight lines of the cells."""
        cell = self._cell(before)
        part = np.divide(
            before - self.grid[self.item, cell],
            self.width[self.item, cell],
            out=np.zeros(before.shape),
            where=self.width[self.item, cell] > DUST,
        )
        line = found.left[self.item, cell] * (1.0 - part) + found.right[self.item, cell] * part
        is_there = (before >= 0.0) & (before <= self.grid[:, -1:])
        gap = np.where(is_there, np.minimum(cost - line, 0.0), 0.0)
        np.minimum.at(dent, (np.broadcast_to(self.item, cell.shape), cell), gap)

    def _closed(self, month: int, rest: Rest) -> Rest:
        """Lowered to where no sale that is lost, in the month or in one before that is passed over, gains by it."""
        asked, grid = self.asked, self.grid
        price = asked.losing[:, month]
        if month:
            price = np.minimum(price, asked.losing[:, month - 1] - asked.waiting[:, month - 1])
        price = price[:, None]
        least = np.minimum(rest.left + price * grid[:, :-1], rest.right + price * grid[:, 1:])
        onward = np.minimum.accumulate(least[:, ::-1], axis=1)[:, ::-1]
        later = np.concatenate([onward[:, 1:], np.full((len(grid), 1), BIG)], axis=1)
        return Rest(
            np.minimum(rest.left, onward - price * grid[:, :-1]),
            np.minimum(rest.right, later - price * grid[:, 1:]),
        )

    def _served(self, month: int, is_quiet: bool, before: Floats, level: Floats) -> Floats:
        """Stock, service and what is on its way, of the month of a run, and of the next one if it is quiet."""
        asked, last = self.asked, self.asked.shape[1] - 1
        late, very_late = (_by(each, before) for each in (asked.late, asked.very_late))
        there = before * late + level * (1.0 - late)
        if month == last:
            unfinished = _by(asked.unfinished, before)
            missing = np.maximum(_by(asked.wanted, before) - unfinished * (level - before), 0.0)
            arrived = before * unfinished + level * (1.0 - unfinished)
            return self._idle(month, there, arrived) + _by(asked.missing, before) * missing
        cost = self._idle(month, there, there)
        if is_quiet:
            there = before * very_late + level * (1.0 - very_late)
            is_end = month + 1 == last
            cost = cost + self._idle(month + 1, there, level if is_end else there)
            if is_end:
                cost = cost + _by(asked.missing * asked.wanted, before)
        return cost

    def _idle(self, month: int, held: Floats, serving: Floats) -> Floats:
        """Of a month: holding of one level, service of another."""
        asked = self.asked
        needed, target, holding, below, waiting = (
            _by(each[:, month], held)
            for each in (asked.needed, asked.target, asked.holding, asked.below, asked.waiting)
        )
        stock = serving - needed
        short = np.maximum(-stock, 0.0)
        cost: Floats = (
            holding * (held - needed)
            + (waiting + holding) * short
            + below * np.maximum(target - np.maximum(stock, 0.0), 0.0)
        )
        return cost

    def _lines(self, month: int, is_quiet: bool) -> Iterator[Line]:
        """Where the cost of `_served` bends, but for levels of the grid, and where runs end."""
        asked, last = self.asked, self.asked.shape[1] - 1
        late = asked.unfinished if month == last else asked.late
        ones = np.ones(len(late))
        yield -ones, ones, np.minimum(asked.most[:, month], BIG)
        for bend in self.bend:
            yield late, 1.0 - late, bend[:, month]
        if month == last:
            yield -ones, ones, self.rush
        if is_quiet and month + 1 < last:
            for bend in self.bend:
                yield asked.very_late, 1.0 - asked.very_late, bend[:, month + 1]

    def _cell(self, level: Floats) -> Integers:
        """Number of the cell that a level is in, item x any."""
        levels = (self.grid + self.places).ravel()
        asked = np.clip(level, 0.0, self.grid[:, -1:]) + self.places
        place = np.searchsorted(levels, asked.ravel(), side="right").reshape(level.shape)
        found: Integers = np.clip(place - self.item * self.grid.shape[1] - 1, 0, self.width.shape[1] - 1)
        return found


def _by(of_item: Floats, like: Floats) -> Floats:
    return of_item.reshape((-1,) + (1,) * (like.ndim - 1))
