"""The tables of a cleansed history: every correction a row, their sums exact, and no month below what was booked.

Add here: how a correction is written down. Keep out: which months are corrected (`history`).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.baseline import Baseline
from sop_pipeline.planning.demand.effects import Effects
from sop_pipeline.planning.demand.postings import REASON as MOVED
from sop_pipeline.planning.demand.series import (
    SERIES_PERIOD,
    UNIT_DECIMALS,
    FloatArray,
    SeriesGrid,
    series_months,
)

COLUMNS = [
    "cycle_id",
    *SERIES_PERIOD,
    "raw_units",
    "adjustment_units",
    "clean_units",
    "adjustment_reason",
    "season_ratio",
]
ADJUSTMENT_COLUMNS = [
    "cycle_id",
    *SERIES_PERIOD,
    "reason",
    "raw_units",
    "expected_units",
    "adjustment_units",
    "effect_ratio",
    "activity_id",
]
CORRECTIONS = ("promotion", "stock_out", "one_off_order", "outlier", "incomplete_month")


@dataclass(frozen=True)
class AdjustedHistory:
    """Tables `demand_history_clean` and `demand_history_adjustments`: the sum of the second is in the first.

    `postings`: table `month_end_postings`.
    """

    clean: pd.DataFrame
    adjustments: pd.DataFrame
    postings: pd.DataFrame


@dataclass(frozen=True)
class Changes:
    """What a history is corrected by, series x months: `corrections` by reason (CORRECTIONS), `moved` between months, and
    what they rest on. Units; `moved` is in the grid that is corrected."""

    corrections: dict[str, FloatArray]
    moved: FloatArray
    effects: Effects
    baseline: Baseline
    activity_ids: np.ndarray


def to_tables(settled: SeriesGrid, changes: Changes, postings: pd.DataFrame, cycle: Cycle) -> AdjustedHistory:
    """The tables from `settled`, units in the month they belong to; each change is rounded first, and a month's corrections
    never take more than its orders.
    """
    units, effects = np.nan_to_num(settled.values), changes.effects
    rounded = {r: np.round(np.nan_to_num(changes.corrections[r]), UNIT_DECIMALS) for r in CORRECTIONS}
    total = sum(rounded.values(), np.zeros(units.shape))
    short = np.minimum(units + total, 0.0)  # a month of corrections below zero stays at what it was booked
    for reason in CORRECTIONS:
        given_back = np.where(rounded[reason] < 0, np.maximum(short, rounded[reason]), 0.0)
        rounded[reason] = np.round(rounded[reason] - given_back, UNIT_DECIMALS)
        short = short - given_back
    booked_below_zero = np.round(np.maximum(-(units + sum(rounded.values(), np.zeros(units.shape))), 0.0), 3)
    rounded["outlier"] = np.round(rounded["outlier"] + booked_below_zero, UNIT_DECIMALS)
    rounded[MOVED] = np.round(changes.moved, UNIT_DECIMALS)
    stacked = np.stack(list(rounded.values()))
    names = np.array(list(rounded), dtype=object)
    frame = series_months(settled.keys, settled.periods)
    frame.insert(0, "cycle_id", cycle.cycle_id)
    frame["raw_units"] = (settled.values - changes.moved).ravel().round(UNIT_DECIMALS)
    frame["adjustment_units"] = stacked.sum(axis=0).ravel().round(UNIT_DECIMALS)
    frame["clean_units"] = (frame["raw_units"] + frame["adjustment_units"]).round(UNIT_DECIMALS)
    frame["adjustment_reason"] = names[np.abs(stacked).argmax(axis=0)].ravel()
    frame.loc[frame["adjustment_units"] == 0, "adjustment_reason"] = None
    season = changes.baseline.season[:, settled.calendar_months]
    frame["season_ratio"] = season.ravel().round(6)
    is_month = frame["raw_units"].notna()
    parts = []
    for reason in rounded:
        part = frame.loc[:, ["cycle_id", *SERIES_PERIOD, "raw_units"]].copy()
        part["reason"] = reason
        part["expected_units"] = effects.expected_units.ravel().round(UNIT_DECIMALS)
        part["adjustment_units"] = rounded[reason].ravel()
        part["activity_id"] = changes.activity_ids.ravel() if reason == "promotion" else None
        part["effect_ratio"] = _effect_ratio(reason, effects).ravel().round(6)
        parts.append(part.loc[is_month & (part["adjustment_units"] != 0), ADJUSTMENT_COLUMNS])
    rows = pd.concat(parts).sort_values([*SERIES_PERIOD, "reason"], ignore_index=True)
    return AdjustedHistory(frame.loc[is_month, COLUMNS].reset_index(drop=True), rows, postings)


def _effect_ratio(reason: str, effects: Effects) -> FloatArray:
    """Of a promotion its uplift, of a stock-out the share of what was wanted that it lost; NaN of others."""
    if reason == "promotion":
        return effects.uplift_ratio
    if reason != "stock_out":
        return np.full(effects.uplift_ratio.shape, np.nan)
    wanted = effects.expected_units * (1.0 + effects.uplift_ratio)
    return np.divide(effects.lost_units, wanted, out=np.zeros_like(wanted), where=wanted > 0)


def empty_table(columns: list[str]) -> pd.DataFrame:
    """No rows, with the types of these columns."""
    frame = pd.DataFrame({column: pd.Series(dtype=object) for column in columns})
    numbers = [column for column in columns if column.endswith(("_units", "_ratio"))]
    return frame.astype({"period_start_date": "datetime64[ns]", **dict.fromkeys(numbers, np.float64)})
