"""A case's prices confirmed by solving again: which limits, how many, and what the price table says of it.

Add here: a kind of limit that is confirmed. Keep out: how a price is confirmed (`supply.confirmation`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.shortages.confirmation import EQUAL_RATIO
from sop_pipeline.planning.supply.solve_limits import SolveLimits
from sop_pipeline.planning.supply.solving.arrays import Arrays
from sop_pipeline.planning.supply.solving.highs import SupplySolveError
from sop_pipeline.planning.supply.solving.solve import solve_and_hold, solve_arrays
from sop_pipeline.planning.supply.solving.warm import WarmModel

CONFIRMED_LIMITS = (
    "capacity",
    "overtime_of_people",
    "source_limit",
    "storage",
    "space",
    "target_stock",
    "shelf_life",
)
LARGEST_BY_ITSELF = 20_000
"""Columns up to which prices are confirmed without being asked for: each takes two solves."""


def confirm_prices(
    arrays: Arrays, base_cost: float, prices: pd.DataFrame, count: int, limits: SolveLimits
) -> pd.DataFrame:
    """The price table with, for its dearest `count` limits, `saving_of_one_more`, `loss_of_one_less` and `is_confirmed`.

    `arrays`: the programme with its whole numbers fixed; `prices` carries `row` (place of the limit) and `step` (what one
    unit more is on the right-hand side). A side that no plan can have (one less is infeasible) is empty. Confirmed: one more
    unit saves what the price says, to a millionth; else the price holds for less than a whole unit, between the two sides.
    """
    told = prices.assign(saving_of_one_more=np.nan, loss_of_one_less=np.nan, is_confirmed="")
    chosen = told[told["limit"].isin(CONFIRMED_LIMITS)]
    order = chosen["shadow_price"].abs().sort_values(ascending=False, kind="stable").index[:count]
    if not len(order):
        return told
    fixed = replace(arrays, whole=np.zeros(0, dtype=np.int64))
    warm = WarmModel(solve_and_hold(fixed, limits)[2], limits.time_limit_seconds)
    for index in order:
        row, step = int(chosen.loc[index, "row"]), float(chosen.loc[index, "step"])
        more = -_cost_change(warm, fixed, base_cost, row, step, limits)
        less = _cost_change(warm, fixed, base_cost, row, -step, limits)
        price = float(chosen.loc[index, "shadow_price"])
        told.loc[index, ["saving_of_one_more", "loss_of_one_less"]] = more, less
        is_equal = abs(more - price) <= EQUAL_RATIO * max(1.0, abs(price))
        told.loc[index, "is_confirmed"] = "yes" if is_equal else "for less than one unit"
    return told


def _cost_change(
    warm: WarmModel, arrays: Arrays, base_cost: float, row: int, step: float, limits: SolveLimits
) -> float:
    """Cost with the row moved, less the base's: from where the base ended, or anew where the row is not one of its own."""
    try:
        if warm.can_move(row):
            return warm.value_moved(row, step)
        lower, upper = arrays.row_lower.copy(), arrays.row_upper.copy()
        lower[row], upper[row] = lower[row] + step, upper[row] + step
        values, *_ = solve_arrays(replace(arrays, row_lower=lower, row_upper=upper), limits)
    except SupplySolveError:
        warm.reset()
        return float("nan")
    return float(arrays.cost @ values) - base_cost
