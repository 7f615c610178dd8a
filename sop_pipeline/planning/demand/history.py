"""Demand history made fit to forecast from, without touching what was recorded.

Every change of a month is a signed number with a reason, published beside the raw units: stock_out, promotion,
one_off_order, outlier. Only clear cases are changed: a wrong correction costs more than a missed one.
Add here: another reason to correct a month. Keep out: the expectation itself (see `baseline`), forecasting.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.baseline import MAD_TO_SIGMA, Baseline, median_over, robust_baseline
from sop_pipeline.planning.demand.lost_demand import lost_share
from sop_pipeline.planning.demand.series import (
    SERIES,
    SERIES_PERIOD,
    UNIT_DECIMALS,
    BoolArray,
    FloatArray,
    SeriesGrid,
    build_grid,
    describe_rows,
    series_months,
)

OUTLIER_SIGMAS = 4.0  # on the log scale: demand errs by factors, and upwards further than downwards
OUTLIER_MULTIPLE = 2.0  # of the expectation; with a small spread four sigmas alone would be an ordinary month
RARE_OUTLIER_MULTIPLE = 4.0  # of the usual size of a rare demand
EVIDENCE_SIGMAS = 1.0  # lifting or cutting every month within the noise would move the mean
REPEAT_RATIO = 0.6  # a peak that another year reached to this share in the same month is a season
REGULAR_INTERVAL_MONTHS = 1.32  # Syntetos-Boylan: above it a month without demand is normal
MINIMUM_DEMANDS = 6
MINIMUM_USABLE_RATIO = 0.5  # with fewer plain months than this, all months must serve as evidence

COLUMNS = ["cycle_id", *SERIES_PERIOD, "raw_units", "adjustment_units", "clean_units", "adjustment_reason"]
_MEASURES = ["ordered_units", "promoted_units", "order_lines", "stock_out_days"]


@dataclass(frozen=True)
class _Evidence:
    """The grids of `fct_demand_history` that a correction may rest on, series x months."""

    raw: FloatArray
    promoted: FloatArray
    order_lines: FloatArray
    stock_out_ratio: FloatArray
    regular: BoolArray
    channels: np.ndarray
    baseline: Baseline


def clean_history(history: pd.DataFrame, cycle: Cycle) -> pd.DataFrame:
    """Dense monthly history per series with its corrections: table `demand_history_clean`.

    `history` has the columns of `core.fct_demand_history` (units, days). A series runs from the month of its first
    demand to the month before the cycle, 0 where nothing was ordered; a series never in demand has no rows.
    clean_units = raw_units + adjustment_units, never negative, 3 decimals.

    Raises ValueError naming all problems: repeated keys, missing or infinite units, months at or after the cycle.
    """
    _refuse_unfit(history, cycle)
    live = _since_first_demand(history)
    raw = build_grid(live, "ordered_units", cycle)
    if raw.keys.empty:
        return _empty()
    evidence = _gather(live, raw, cycle)
    adjustment = np.zeros_like(raw.values)
    reason = np.full(raw.values.shape, None, dtype=object)
    for name, change in (
        ("promotion", _promotion(evidence)),
        *_outliers(evidence, raw).items(),
        ("stock_out", _stock_out(evidence)),
    ):
        takes = (change != 0) & (adjustment == 0)
        adjustment[takes] = change[takes]
        reason[takes] = name
    return _to_rows(raw, adjustment, reason, cycle)


def _refuse_unfit(history: pd.DataFrame, cycle: Cycle) -> None:
    dates = history["period_start_date"]
    unfit = ~np.isfinite(history[_MEASURES].to_numpy(dtype=np.float64)).all(axis=1)
    problems = {
        "repeat a series and month": history.duplicated(SERIES_PERIOD, keep=False),
        "lie at or after the cycle's start: they would leak the future": dates >= cycle.start,
        "do not start on the first of a month": dates.dt.day != 1,
        "have missing or infinite measures": pd.Series(unfit, index=history.index),
    }
    found = [
        f" * {describe_rows(history[bad], SERIES_PERIOD)} {what}"
        for what, bad in problems.items()
        if bad.any()
    ]
    if found:
        raise ValueError(
            "core.fct_demand_history cannot be cleaned:\n"
            + "\n".join(found)
            + "\nCorrect the core model or its source."
        )


def _since_first_demand(history: pd.DataFrame) -> pd.DataFrame:
    demanded = history[history["ordered_units"] > 0]
    first = demanded.groupby(SERIES, as_index=False).agg(first_period=("period_start_date", "min"))
    live = history.merge(first, on=SERIES, how="inner", validate="m:1")
    return live[live["period_start_date"] >= live["first_period"]].sort_values(
        SERIES_PERIOD, ignore_index=True
    )


def _gather(live: pd.DataFrame, raw: SeriesGrid, cycle: Cycle) -> _Evidence:
    promoted, lines, stock_out_days = (
        build_grid(live, column, cycle).values
        for column in ("promoted_units", "order_lines", "stock_out_days")
    )
    days = np.asarray(raw.periods.days_in_month, dtype=np.float64)
    active = ~np.isnan(raw.values)
    plain = active & (promoted <= 0) & (stock_out_days <= 0)
    enough = plain.sum(axis=1) >= MINIMUM_USABLE_RATIO * active.sum(axis=1)
    usable = np.where(enough[:, None], plain, active)
    demands = (raw.values > 0).sum(axis=1)
    return _Evidence(
        raw=raw.values,
        promoted=promoted,
        order_lines=lines,
        stock_out_ratio=np.clip(stock_out_days / days, 0.0, 1.0),
        regular=active.sum(axis=1) / np.maximum(demands, 1) < REGULAR_INTERVAL_MONTHS,
        channels=raw.keys["channel_id"].to_numpy(dtype=object),
        baseline=robust_baseline(raw.values, usable, raw.calendar_months),
    )


def _promotion(evidence: _Evidence) -> FloatArray:
    """Cut promoted units above the expectation, where the month stands out of the noise at all."""
    expected = evidence.baseline.expected_units
    excess = evidence.raw - expected
    shown = excess > EVIDENCE_SIGMAS * evidence.baseline.spread_ratio[:, None] * expected
    shown &= (evidence.promoted > 0) & evidence.regular[:, None]
    return np.where(shown, -np.minimum(evidence.promoted, excess), 0.0)


def _stock_out(evidence: _Evidence) -> FloatArray:
    """Lift a month without stock that fell below the expectation, as far as its channel loses demand at all."""
    expected = evidence.baseline.expected_units
    gap = expected - evidence.raw
    comparable = (expected > 0) & (evidence.promoted <= 0) & evidence.regular[:, None]
    shown = comparable & (gap > EVIDENCE_SIGMAS * evidence.baseline.spread_ratio[:, None] * expected)
    shown &= evidence.stock_out_ratio > 0
    share = lost_share(evidence.raw, expected, evidence.stock_out_ratio, comparable, shown, evidence.channels)
    return np.where(shown, gap * share, 0.0)


def _outliers(evidence: _Evidence, raw: SeriesGrid) -> dict[str, FloatArray]:
    """Bring clear, lonely, unrepeated peaks down to what is usual.

    A peak of no more order lines than usual is a one-off order. Any other peak is an outlier, but not in the last
    closed month: there it may be the first month of a new level, and the next month will tell.
    """
    regular = evidence.regular[:, None]
    usual, threshold = _usual_size(evidence)
    peak = np.where(np.isnan(evidence.raw), 0.0, evidence.raw) > np.where(regular, threshold, np.inf)
    rare_usual, rare_threshold = _usual_rare_size(evidence)
    peak |= ~regular & (np.nan_to_num(evidence.raw) > rare_threshold[:, None])
    usual = np.where(regular, usual, rare_usual[:, None])
    lonely = peak & ~_shifted(peak, 1) & ~_shifted(peak, -1) & ~_repeated(evidence.raw, raw)
    lines = median_over(np.where(evidence.raw > 0, evidence.order_lines, np.nan), axis=1)
    one_off = lonely & (evidence.order_lines <= 1.5 * lines[:, None])
    outlier = lonely & ~one_off
    outlier[:, -1] = False
    change = np.where(lonely, usual - evidence.raw, 0.0)
    return {"one_off_order": np.where(one_off, change, 0.0), "outlier": np.where(outlier, change, 0.0)}


def _usual_size(evidence: _Evidence) -> tuple[FloatArray, FloatArray]:
    expected = evidence.baseline.expected_units
    multiple = np.maximum(_far_out(evidence.baseline.spread_ratio), OUTLIER_MULTIPLE)
    threshold = multiple[:, None] * expected
    return expected, np.where(threshold > 0, threshold, np.inf)


def _usual_rare_size(evidence: _Evidence) -> tuple[FloatArray, FloatArray]:
    """Median of the demands that happened, and the size above which one is not of their kind (log scale)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        sizes = np.log(np.where(evidence.raw > 0, evidence.raw, np.nan))
    middle = median_over(sizes, axis=1)
    sigma = MAD_TO_SIGMA * median_over(np.abs(sizes - middle[:, None]), axis=1)
    multiple = np.maximum(_far_out(sigma), RARE_OUTLIER_MULTIPLE)
    enough = (~np.isnan(sizes)).sum(axis=1) >= MINIMUM_DEMANDS
    usual = np.exp(middle)
    return usual, np.where(enough, usual * multiple, np.inf)


def _far_out(sigma: FloatArray) -> FloatArray:
    """Multiple of the usual beyond which a demand is out of its kind; the cap only keeps it finite."""
    return np.asarray(np.exp(np.minimum(OUTLIER_SIGMAS * sigma, 50.0)), dtype=np.float64)


def _shifted(flags: BoolArray, months: int) -> BoolArray:
    """Flags of the month before (1) or after (-1), False beyond the ends."""
    out = np.roll(flags, months, axis=1)
    out[:, 0 if months > 0 else -1] = False
    return out


def _repeated(values: FloatArray, raw: SeriesGrid) -> BoolArray:
    """True where the same calendar month of another year reached most of the month's height."""
    out = np.zeros(values.shape, dtype=bool)
    for month in np.unique(raw.calendar_months):
        columns = np.flatnonzero(raw.calendar_months == month)
        for column in columns:
            others = values[:, columns[columns != column]]
            if others.shape[1]:
                out[:, column] = (np.nan_to_num(others) >= REPEAT_RATIO * values[:, [column]]).any(axis=1)
    return out


def _to_rows(raw: SeriesGrid, adjustment: FloatArray, reason: np.ndarray, cycle: Cycle) -> pd.DataFrame:
    frame = series_months(raw.keys, raw.periods)
    frame.insert(0, "cycle_id", cycle.cycle_id)
    frame["raw_units"] = raw.values.ravel().round(UNIT_DECIMALS)
    clean = np.maximum(raw.values + adjustment, 0.0).ravel().round(UNIT_DECIMALS)
    frame["adjustment_units"] = (clean - frame["raw_units"]).round(UNIT_DECIMALS)
    frame["clean_units"] = clean
    frame["adjustment_reason"] = reason.ravel()
    frame.loc[frame["adjustment_units"] == 0, "adjustment_reason"] = None
    return frame.loc[frame["raw_units"].notna(), COLUMNS].reset_index(drop=True)


def _empty() -> pd.DataFrame:
    frame = pd.DataFrame({column: pd.Series(dtype=object) for column in COLUMNS})
    numbers = ["raw_units", "adjustment_units", "clean_units"]
    return frame.astype({"period_start_date": "datetime64[ns]", **dict.fromkeys(numbers, np.float64)})
