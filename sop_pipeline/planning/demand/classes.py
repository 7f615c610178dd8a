"""What kind of demand a series has: how regular, how valuable, how variable, and where in its life.

The class decides which forecast models may try (`forecast_route`), the letters decide service and attention.
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
    IntArray,
    SeriesGrid,
    build_grid,
    describe_rows,
)

INTERVAL_CUT_MONTHS = 1.32
SQUARED_VARIATION_CUT = 0.49
NEW_MONTHS = 6
TESTABLE_MONTHS = 12  # of history from which a backtest says something
A_RATIO, B_RATIO = 0.80, 0.95
X_VARIATION, Y_VARIATION = 0.5, 1.0
LAUNCH_MONTHS = 12  # a year that has not been seen whole tells no growth from a season
GROWTH_RATIO, DECLINE_RATIO = 1.2, 0.8
STAGE_PAIRS = 6  # pairs of a month and the same month of the year before: fewer tell nothing
SAME_SIDE_RATIO = 0.75  # of the pairs; 9 of 12 on one side come by chance alone 7 times in 100 (sign test)

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
    "margin_last_12_months",
    "abc_basis",
    "life_cycle_stage",
    "stage_reason",
    "growth_ratio",
    "forecast_route",
]


def classify_demand(
    clean: pd.DataFrame,
    items: pd.DataFrame,
    history: pd.DataFrame,
    cycle: Cycle,
    economics: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """One row per series of `clean`: table `demand_classes`.

    demand_class: inactive (no clean demand in the last 12 months, or the item's end_date lies before the cycle), new
    (fewer than 6 months since first demand), else by Syntetos, Boylan & Croston (2005): intermittent where the mean
    months between demands (ADI) reach 1.32, erratic where the squared variation of the demands (CV2) reaches 0.49,
    lumpy where both do, smooth where neither does. forecast_route follows: regular, rare, recent_average or zero.
    abc_class by margin of the last 12 months (revenue of `history` less its units at the unit_cost of `economics`, table
    core.fct_unit_economics): the series that begin below 80 % of the total are A, below 95 % B. By revenue (abc_basis) where
    no series has a cost. xyz_class by the variation coefficient of up to 12 months: X below 0.5, Y below 1.0.
    life_cycle_stage: dead (inactive), phase_out (its end_date lies in the horizon), launch (fewer than 12 months), growth and decline (the last
    months against the same months a year before: 1.2 or 0.8 times in sum, and 3 of 4 on that side), else mature.

    Raises ValueError where a series' item is not in `items`.
    """
    grid = build_grid(clean, "clean_units", cycle)
    frame = grid.keys.copy()
    frame.insert(0, "cycle_id", cycle.cycle_id)
    frame["history_months"] = grid.history_months
    frame["average_interval_months"], frame["squared_variation"] = _regularity(
        grid.values, grid.history_months
    )
    frame["demand_class"] = _demand_class(frame, _inactive(grid, items, cycle))
    frame = frame.assign(**_money_last_12_months(grid.keys, history, economics, cycle))
    has_costs = bool(frame["margin_last_12_months"].notna().any())
    frame["abc_basis"] = "margin" if has_costs else "revenue"
    frame["abc_class"] = _abc(frame, "margin_last_12_months" if has_costs else "revenue_last_12_months")
    frame["xyz_class"] = _xyz(grid)
    frame = frame.assign(**_life_cycle(grid, frame, items, cycle))
    frame["forecast_route"] = _route(frame)
    return frame[COLUMNS]


def _life_cycle(
    grid: SeriesGrid, frame: pd.DataFrame, items: pd.DataFrame, cycle: Cycle
) -> dict[str, np.ndarray]:
    """Stage of each series, the fact that decides it, and demand over that of the same months a year before."""
    recent = grid.values[:, -MONTHS_PER_YEAR:]
    before = grid.values[:, :-MONTHS_PER_YEAR][:, -MONTHS_PER_YEAR:]
    recent = recent[:, recent.shape[1] - before.shape[1] :]
    both = ~np.isnan(before) & ~np.isnan(recent)
    pairs = both.sum(axis=1)
    earlier, later = (np.where(both, year, 0.0).sum(axis=1) for year in (before, recent))
    ratio = np.divide(
        later, earlier, out=np.full(len(later), np.nan), where=(pairs >= STAGE_PAIRS) & (earlier > 0)
    )
    with np.errstate(invalid="ignore"):
        higher, lower = (both & (recent > before)).sum(axis=1), (both & (recent < before)).sum(axis=1)
        grows = (ratio >= GROWTH_RATIO) & (higher >= SAME_SIDE_RATIO * pairs)
        falls = (ratio <= DECLINE_RATIO) & (lower >= SAME_SIDE_RATIO * pairs)
    inactive = (frame["demand_class"] == "inactive").to_numpy()
    ending = (end_dates(grid.keys, items) <= cycle.periods[-1]).to_numpy()
    young = (frame["history_months"] < LAUNCH_MONTHS).to_numpy()
    tests = [inactive & ending, inactive, ending, young, grows, falls, np.isnan(ratio)]
    stages = ["dead", "dead", "phase_out", "launch", "growth", "decline", "mature"]
    reasons = [
        "end_of_sale", "no_demand_12_months", "end_of_sale_set", "under_12_months",
        "above_last_year", "below_last_year", "no_year_to_compare",
    ]  # fmt: skip
    return {
        "life_cycle_stage": np.select(tests, stages, default="mature"),
        "stage_reason": np.select(tests, reasons, default="as_last_year"),
        "growth_ratio": ratio.round(6),
    }


def _route(frame: pd.DataFrame) -> np.ndarray:
    """Which models may try, as far as class and history say: regular, rare, recent_average (no backtest) or zero."""
    kind, is_short = frame["demand_class"], frame["history_months"] < TESTABLE_MONTHS
    return np.select(
        [kind == "inactive", (kind == "new") | is_short, kind.isin(["intermittent", "lumpy"])],
        ["zero", "recent_average", "rare"],
        default="regular",
    )


def regular_or_rare(values: FloatArray) -> np.ndarray:
    """Syntetos-Boylan class of rows of months (NaN before a start) that are no series of an item: sums of them."""
    interval, variation = _regularity(values, (~np.isnan(values)).sum(axis=1))
    return _syntetos_boylan(interval, variation)


def _syntetos_boylan(interval: FloatArray, variation: FloatArray) -> np.ndarray:
    rare, varied = interval >= INTERVAL_CUT_MONTHS, variation >= SQUARED_VARIATION_CUT
    return np.select([rare & varied, rare, varied], ["lumpy", "intermittent", "erratic"], default="smooth")


def _regularity(values: FloatArray, months: IntArray) -> tuple[FloatArray, FloatArray]:
    """Mean months between demands, and squared variation of the demands' sizes."""
    sizes = np.where(values > 0, values, np.nan)
    demands = np.maximum((~np.isnan(sizes)).sum(axis=1), 1)
    mean = np.nansum(sizes, axis=1) / demands
    squares = np.nansum((sizes - mean[:, None]) ** 2, axis=1) / np.maximum(demands - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        variation = np.nan_to_num(squares / mean**2)
    return (months / demands).round(6), variation.round(6)


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
    kinds = _syntetos_boylan(
        frame["average_interval_months"].to_numpy(dtype=np.float64),
        frame["squared_variation"].to_numpy(dtype=np.float64),
    )
    return np.select([inactive, frame["history_months"] < NEW_MONTHS], ["inactive", "new"], default=kinds)


def _money_last_12_months(
    keys: pd.DataFrame, history: pd.DataFrame, economics: pd.DataFrame | None, cycle: Cycle
) -> dict[str, FloatArray]:
    """Revenue and margin of the last 12 months by series, company currency; margin NaN where the cost is unknown."""
    since = cycle.start - pd.DateOffset(months=MONTHS_PER_YEAR)
    dates = history["period_start_date"]
    recent = history[(dates >= since) & (dates < cycle.start)].sort_values([*SERIES, "period_start_date"])
    columns = ["revenue"] if economics is None else ["revenue", "ordered_units"]
    sums = recent.groupby(SERIES, as_index=False)[columns].sum()
    merged = keys.merge(sums, on=SERIES, how="left", validate="1:1")
    revenue = merged["revenue"].fillna(0.0).to_numpy(dtype=np.float64)
    margin = np.full(len(keys), np.nan)
    if economics is not None:
        costs = economics[[*SERIES, "unit_cost"]]
        cost = keys.merge(costs, on=SERIES, how="left", validate="1:1")["unit_cost"].to_numpy(
            dtype=np.float64
        )
        units = merged["ordered_units"].fillna(0.0).to_numpy(dtype=np.float64)
        margin = np.where(cost > 0, revenue - units * cost, np.nan)  # a cost of 0 is one that nobody has set
    return {"revenue_last_12_months": revenue.round(4), "margin_last_12_months": margin.round(4)}


def _abc(frame: pd.DataFrame, by: str) -> pd.Series:
    """Letters by money; a series without a cost counts with the usual share of its revenue."""
    money = frame[by]
    known = money.notna()
    share = money[known].sum() / max(float(frame.loc[known, "revenue_last_12_months"].sum()), 1e-9)
    filled = frame.assign(money=money.fillna(share * frame["revenue_last_12_months"]).clip(lower=0.0))
    ranked = filled.sort_values(["money", *SERIES], ascending=[False, True, True, True])
    total = ranked["money"].sum()
    # Money of the dearer ones before it: the series that crosses a boundary still belongs above it.
    before = (
        ((ranked["money"].cumsum() - ranked["money"]) / total).round(9)
        if total > 0
        else ranked["money"] + 1.0
    )
    letters = np.select(
        [ranked["money"] <= 0, before < A_RATIO, before < B_RATIO], ["C", "A", "B"], default="C"
    )
    return pd.Series(letters, index=ranked.index).reindex(frame.index)


def _xyz(grid: SeriesGrid) -> np.ndarray:
    recent = grid.values[:, -MONTHS_PER_YEAR:]
    months = np.maximum((~np.isnan(recent)).sum(axis=1), 1)
    mean = np.nansum(recent, axis=1) / months
    deviation = np.sqrt(np.nansum((recent - mean[:, None]) ** 2, axis=1) / months)
    with np.errstate(divide="ignore", invalid="ignore"):
        variation = np.where(mean > 0, deviation / mean, np.inf)
    return np.select([variation < X_VARIATION, variation < Y_VARIATION], ["X", "Y"], default="Z")
