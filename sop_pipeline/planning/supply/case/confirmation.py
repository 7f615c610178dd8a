"""Prices confirmed by solving again: what one unit more of a limit really saves, and what one less really costs.

A shadow price holds for a step that may be smaller than one unit, and where a plan is degenerate it differs to the left and to
the right. Add here: another way to test a price. Keep out: the prices themselves (`solution`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.arrays import Arrays
from sop_pipeline.planning.supply.solve import SolveLimits, SupplySolveError, solve_arrays

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
EQUAL_RATIO = 1e-6


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
    for index in order:
        row, step = int(chosen.loc[index, "row"]), float(chosen.loc[index, "step"])
        more = base_cost - _cost_with(arrays, row, step, limits)
        less = _cost_with(arrays, row, -step, limits) - base_cost
        price = float(chosen.loc[index, "shadow_price"])
        told.loc[index, ["saving_of_one_more", "loss_of_one_less"]] = more, less
        is_equal = abs(more - price) <= EQUAL_RATIO * max(1.0, abs(price))
        told.loc[index, "is_confirmed"] = "yes" if is_equal else "for less than one unit"
    return told


def _cost_with(arrays: Arrays, row: int, step: float, limits: SolveLimits) -> float:
    lower, upper = arrays.row_lower.copy(), arrays.row_upper.copy()
    lower[row], upper[row] = lower[row] + step, upper[row] + step
    moved = replace(arrays, row_lower=lower, row_upper=upper)
    try:
        values, *_ = solve_arrays(moved, limits)
    except SupplySolveError:
        return float("nan")
    return float(arrays.cost @ values)
