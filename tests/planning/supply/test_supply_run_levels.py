"""The least cost of an item by months and levels is below its optimum by whole numbers, and near it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import Bounds, LinearConstraint, milp

from sop_pipeline.planning.supply.solving.run_levels import Asked, RunLevels

MONTHS = 7


def drawn(seed: int) -> Asked:
    """Three items; the first is there at once, of the others a run comes in over two or three months."""
    random = np.random.default_rng(seed)
    shape = (3, MONTHS)
    waiting = np.full(shape, 3.0)
    waiting[:, -1] = 30.0
    late, on_way = np.array([0.0, 0.3, 0.3]), np.array([0.0, 0.0, 0.25])
    return Asked(
        needed=np.cumsum(random.integers(0, 40, shape), axis=1)
        - random.integers(0, 30, (3, 1)).astype(float),
        target=random.integers(0, 15, shape).astype(float),
        holding=random.uniform(0.3, 1.0, shape),
        below=np.full(shape, 0.9),
        waiting=waiting,
        losing=np.full(shape, 30.0),
        most=random.integers(40, 120, shape).astype(float),
        unit=random.uniform(2.0, 4.0, shape),
        setup=random.uniform(10.0, 60.0, shape),
        late=1.0 - (1.0 - late) * (1.0 - on_way),
        very_late=late * on_way,
        unfinished=late,
        wanted=np.array([0.0, 8.0, 5.0]),
        missing=np.full(3, 6.0),
    )


def optimum(asked: Asked, item: int) -> float:
    """The same with whole numbers: run, set up, lost, short, below by month, and what is missing in the end."""
    run, setup, lost, short, below = np.arange(5 * MONTHS).reshape(5, MONTHS)
    cost, rows, least = np.zeros(5 * MONTHS + 1), [], []
    cost[run], cost[setup], cost[lost] = asked.unit[item], asked.setup[item], asked.losing[item]
    cost[short], cost[below] = asked.waiting[item] + asked.holding[item], asked.below[item]
    cost[-1] = asked.missing[item]
    there = np.array([1.0 - asked.late[item], 1.0 - asked.very_late[item], *np.ones(MONTHS)])
    fixed = 0.0
    for month in range(MONTHS):
        level = np.zeros(len(cost))
        level[run[: month + 1]], level[lost[: month + 1]] = there[month::-1], 1.0
        cost += asked.holding[item, month] * level
        fixed -= asked.holding[item, month] * asked.needed[item, month]
        if month == MONTHS - 1:  # by its end service counts what is made, for the way is aimed at like stock
            level[run[:month]], level[run[month]] = 1.0, 1.0 - asked.unfinished[item]
        served = level.copy()
        served[short[month]] = 1.0
        aimed = served.copy()
        aimed[below[month]] = 1.0
        opened = np.zeros(len(cost))
        opened[run[month]], opened[setup[month]] = -1.0, asked.most[item, month]
        rows += [served, aimed, opened]
        least += [asked.needed[item, month], asked.needed[item, month] + asked.target[item, month], 0.0]
    on_way = np.zeros(len(cost))
    on_way[run[-1]], on_way[-1] = asked.unfinished[item], 1.0
    whole, upper = np.zeros(len(cost)), np.full(len(cost), np.inf)
    whole[setup], upper[setup] = 1.0, 1.0
    found = milp(
        cost,
        constraints=LinearConstraint(np.array([*rows, on_way]), [*least, asked.wanted[item]], np.inf),
        bounds=Bounds(0.0, upper),
        integrality=whole,
        options={"mip_rel_gap": 0.0},
    )
    return float(found.fun) + fixed


@pytest.mark.parametrize("seed", range(6))
def test_the_least_cost_is_below_the_optimum_and_near_it(seed):
    asked = drawn(seed)
    best = np.array([optimum(asked, item) for item in range(3)])
    coarse, fine = (RunLevels(asked, grid).least() for grid in (1, 6))
    assert (coarse <= best + 1e-6).all()
    assert (fine <= best + 1e-6).all()
    assert (fine >= 0.97 * best).all(), fine / best
