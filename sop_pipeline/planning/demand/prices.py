"""Price changes: by how much demand moved when prices did, and what an announced change will do.

Elasticity is the ratio of relative changes, measured on price steps of the past: the mean price of three months against
that of the three before, each with the cleansed demand of the same months without their season. Promotions are no price
steps. Few and small steps tell little, so the measured value is drawn towards PRIOR_ELASTICITY (normal prior).
Add here: cross-price effects. Keep out: promotions (`effects`), prices themselves (core).
"""

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.series import (
    SERIES_PERIOD,
    UNIT_DECIMALS,
    FloatArray,
    build_grid,
)

STEP_MONTHS = 3
SMALLEST_STEP = 0.03  # of the price; below it the mix of customers moves the mean price as much
PRIOR_ELASTICITY, PRIOR_SIGMA = -1.0, 0.75
SMALLEST_NOISE = 0.05  # of the log of three months' demand
LEAST_STEPS = 10  # with fewer, what the planner hopes for is taken
LOWEST_ELASTICITY, HIGHEST_ELASTICITY = -5.0, 0.0

COLUMNS = [
    "cycle_id",
    "channel_id",
    "step_count",
    "raw_elasticity",
    "standard_error",
    "elasticity",
    "elasticity_basis",
]


def measure_elasticities(history: pd.DataFrame, clean: pd.DataFrame, cycle: Cycle) -> pd.DataFrame:
    """Table `price_elasticities`: one row per channel. `history` is `core.fct_demand_history`, `clean` its cleansed form."""
    if clean.empty:
        return pd.DataFrame(columns=COLUMNS)
    rows = clean[[*SERIES_PERIOD, "clean_units", "season_ratio"]].merge(
        history[[*SERIES_PERIOD, "ordered_units", "promoted_units", "revenue"]],
        on=SERIES_PERIOD,
        how="left",
        validate="1:1",
    )
    units = rows["ordered_units"].astype(np.float64)
    plain = (units > 0) & (rows["promoted_units"].astype(np.float64) <= 0)
    rows["price"] = np.where(plain, rows["revenue"].astype(np.float64) / units, 0.0)
    rows["level"] = rows["clean_units"] / rows["season_ratio"]
    price, level = (build_grid(rows, column, cycle) for column in ("price", "level"))
    steps, moved = _steps(np.where(price.values > 0, price.values, np.nan), level.values)
    channels = price.keys["channel_id"].to_numpy(dtype=object)
    found = [
        _elasticity(channel, steps[channels == channel], moved[channels == channel])
        for channel in sorted(set(channels))
    ]
    return pd.DataFrame(found).assign(cycle_id=cycle.cycle_id)[COLUMNS]


def with_price_effects(
    activity_plans: pd.DataFrame, elasticities: pd.DataFrame, statistical: pd.DataFrame
) -> pd.DataFrame:
    """`activity_plans` with the uplift of price changes reckoned from the elasticity where that was measured.

    A row with price_change_ratio p in a channel of elasticity e gets forecast x ((1 + p)^e - 1); `is_measured` is then
    true. Where too few steps were seen, the planner's own uplift_units stand.
    """
    plans = activity_plans.assign(is_measured=False)
    if "price_change_ratio" not in plans.columns or plans.empty or elasticities.empty:
        return plans
    known = elasticities[elasticities["elasticity_basis"] == "measured"].set_index("channel_id")["elasticity"]
    elasticity = plans["channel_id"].map(known).astype(np.float64)
    base = plans[SERIES_PERIOD].merge(
        statistical[[*SERIES_PERIOD, "forecast_units"]], on=SERIES_PERIOD, how="left", validate="m:1"
    )["forecast_units"]
    change = plans["price_change_ratio"].astype(np.float64).clip(lower=-0.95).to_numpy(dtype=np.float64)
    effect = base.to_numpy(dtype=np.float64) * ((1.0 + change) ** elasticity.to_numpy(dtype=np.float64) - 1.0)
    is_price = (plans["activity_type"] == "price").to_numpy(dtype=bool)
    plans["is_measured"] = ~np.isnan(effect) & is_price
    units = plans["uplift_units"].to_numpy(dtype=np.float64)
    plans["uplift_units"] = np.where(plans["is_measured"], effect.round(UNIT_DECIMALS), units)
    return plans


def _steps(price: FloatArray, level: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Log changes of price and of demand at each month that begins a step, NaN elsewhere: series x months."""
    months = price.shape[1]
    step, moved = np.full(price.shape, np.nan), np.full(price.shape, np.nan)
    for month in range(STEP_MONTHS, months - STEP_MONTHS + 1):
        before, after = slice(month - STEP_MONTHS, month), slice(month, month + STEP_MONTHS)
        ratio = price[:, after].mean(axis=1) / price[:, before].mean(axis=1)
        demand_before, demand_after = level[:, before].sum(axis=1), level[:, after].sum(axis=1)
        usable = (demand_before > 0) & (demand_after > 0) & ~np.isnan(ratio)
        step[usable, month] = np.log(ratio[usable])
        moved[usable, month] = np.log(demand_after[usable] / demand_before[usable])
    size = np.nan_to_num(np.abs(step))
    around = np.stack([np.roll(size, shift, axis=1) for shift in range(1 - STEP_MONTHS, STEP_MONTHS)])
    is_step = (size >= SMALLEST_STEP) & (
        size >= around.max(axis=0)
    )  # a step shows in the months beside it as well
    return np.where(is_step, step, np.nan), np.where(is_step, moved, np.nan)


def _elasticity(channel: str, steps: FloatArray, moved: FloatArray) -> dict[str, object]:
    is_step = ~np.isnan(steps)
    x, y = steps[is_step], moved[is_step]
    squares = float((x**2).sum())
    row: dict[str, object] = {
        "channel_id": channel,
        "step_count": len(x),
        "raw_elasticity": None,
        "standard_error": None,
        "elasticity": PRIOR_ELASTICITY,
        "elasticity_basis": "prior",
    }
    if len(x) < LEAST_STEPS:
        return row
    raw = float((x * y).sum()) / squares
    noise = max(float(np.sqrt(((y - raw * x) ** 2).sum() / (len(x) - 1))), SMALLEST_NOISE)
    precision, prior = squares / noise**2, 1.0 / PRIOR_SIGMA**2
    drawn = (precision * raw + prior * PRIOR_ELASTICITY) / (precision + prior)
    return row | {
        "raw_elasticity": round(raw, 6),
        "standard_error": round(1.0 / np.sqrt(precision), 6),
        "elasticity": round(float(np.clip(drawn, LOWEST_ELASTICITY, HIGHEST_ELASTICITY)), 6),
        "elasticity_basis": "measured",
    }
