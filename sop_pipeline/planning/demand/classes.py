"""What kind of demand a series has: how regular, how valuable, how variable.

The class decides which forecast models may try (see `models`), the letters decide service and attention.
Add here: another way to tell series apart. Keep out: what is done about it.
"""

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.series import (
    MONTHS_PER_YEAR,
    SERIES,
    BoolArray,
    FloatArray,
    SeriesGrid,
    build_grid,
    describe_rows,
)

INTERVAL_CUT_MONTHS = 1.32
SQUARED_VARIATION_CUT = 0.49
NEW_MONTHS = 6
A_RATIO, B_RATIO = 0.80, 0.95
X_VARIATION, Y_VARIATION = 0.5, 1.0

COLUMNS = [
    "cycle_id",
    *SERIES,
    "demand_class",
    "abc_class",
    "xyz_class",
    "average_interval_months",
    "squared_variation",
    "history_months",
    "revenue_last_12_months",
]


def classify_demand(
    clean: pd.DataFrame, items: pd.DataFrame, history: pd.DataFrame, cycle: Cycle
) -> pd.DataFrame:
    """One row per series of `clean`: table `demand_classes`.

    demand_class: inactive (no clean demand in the last 12 months, or the item's end_date lies before the cycle), new
    (fewer than 6 months since first demand), else by Syntetos, Boylan & Croston (2005): intermittent where the mean
    months between demands (ADI) reach 1.32, erratic where the squared variation of the demands (CV2) reaches 0.49,
    lumpy where both do, smooth where neither does.
    abc_class by revenue of the last 12 months (money of `history`): the series that begin below 80 % of the total are
    A, below 95 % B. xyz_class by the variation coefficient of up to 12 months: X below 0.5, Y below 1.0.

    Raises ValueError where a series' item is not in `items`.
    """
    grid = build_grid(clean, "clean_units", cycle)
    frame = grid.keys.copy()
    frame.insert(0, "cycle_id", cycle.cycle_id)
    frame["history_months"] = grid.history_months
    frame["average_interval_months"], frame["squared_variation"] = _regularity(grid)
    frame["demand_class"] = _demand_class(frame, _inactive(grid, items, cycle))
    frame["revenue_last_12_months"] = _revenue_last_12_months(grid.keys, history, cycle)
    frame["abc_class"] = _abc(frame)
    frame["xyz_class"] = _xyz(grid)
    return frame[COLUMNS]


def _regularity(grid: SeriesGrid) -> tuple[FloatArray, FloatArray]:
    sizes = np.where(grid.values > 0, grid.values, np.nan)
    demands = np.maximum((~np.isnan(sizes)).sum(axis=1), 1)
    mean = np.nansum(sizes, axis=1) / demands
    squares = np.nansum((sizes - mean[:, None]) ** 2, axis=1) / np.maximum(demands - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        variation = np.nan_to_num(squares / mean**2)
    return (grid.history_months / demands).round(6), variation.round(6)


def _inactive(grid: SeriesGrid, items: pd.DataFrame, cycle: Cycle) -> BoolArray:
    silent = np.nansum(grid.values[:, -MONTHS_PER_YEAR:], axis=1) <= 0
    ended = end_dates(grid.keys, items) < cycle.start
    return np.asarray(silent | ended.to_numpy(), dtype=bool)


def end_dates(keys: pd.DataFrame, items: pd.DataFrame) -> pd.Series:
    """Last day on sale of each series' item, NaT where it has none; ValueError where `items` lacks the item."""
    merged = keys[["item_id"]].merge(
        items[["item_id", "end_date"]], on="item_id", how="left", validate="m:1", indicator=True
    )
    unknown = merged[merged["_merge"] == "left_only"]
    if not unknown.empty:
        raise ValueError(
            f"core.dim_items lacks items that are in demand: {describe_rows(unknown.drop_duplicates(), ['item_id'])}.\n"
            "Add them to the item master, or keep their orders out of core.fct_demand_history."
        )
    return pd.to_datetime(merged["end_date"])


def _demand_class(frame: pd.DataFrame, inactive: BoolArray) -> np.ndarray:
    rare = frame["average_interval_months"] >= INTERVAL_CUT_MONTHS
    varied = frame["squared_variation"] >= SQUARED_VARIATION_CUT
    return np.select(
        [inactive, frame["history_months"] < NEW_MONTHS, rare & varied, rare, varied],
        ["inactive", "new", "lumpy", "intermittent", "erratic"],
        default="smooth",
    )


def _revenue_last_12_months(keys: pd.DataFrame, history: pd.DataFrame, cycle: Cycle) -> FloatArray:
    since = cycle.start - pd.DateOffset(months=MONTHS_PER_YEAR)
    dates = history["period_start_date"]
    recent = history[(dates >= since) & (dates < cycle.start)].sort_values([*SERIES, "period_start_date"])
    revenue = recent.groupby(SERIES, as_index=False)["revenue"].sum()
    merged = keys.merge(revenue, on=SERIES, how="left", validate="1:1")
    return merged["revenue"].fillna(0.0).to_numpy(dtype=np.float64).round(4)


def _abc(frame: pd.DataFrame) -> pd.Series:
    ranked = frame.sort_values(["revenue_last_12_months", *SERIES], ascending=[False, True, True, True])
    revenue = ranked["revenue_last_12_months"].clip(lower=0.0)
    total = revenue.sum()
    # Revenue of the dearer ones before it: the series that crosses a boundary still belongs above it.
    before = ((revenue.cumsum() - revenue) / total).round(9) if total > 0 else revenue + 1.0
    letters = np.select([revenue <= 0, before < A_RATIO, before < B_RATIO], ["C", "A", "B"], default="C")
    return pd.Series(letters, index=ranked.index).reindex(frame.index)


def _xyz(grid: SeriesGrid) -> np.ndarray:
    recent = grid.values[:, -MONTHS_PER_YEAR:]
    months = np.maximum((~np.isnan(recent)).sum(axis=1), 1)
    mean = np.nansum(recent, axis=1) / months
    deviation = np.sqrt(np.nansum((recent - mean[:, None]) ** 2, axis=1) / months)
    with np.errstate(divide="ignore", invalid="ignore"):
        variation = np.where(mean > 0, deviation / mean, np.inf)
    return np.select([variation < X_VARIATION, variation < Y_VARIATION], ["X", "Y"], default="Z")
