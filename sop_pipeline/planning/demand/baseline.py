"""What a month's demand should have been, as far as the months around it tell.

A robust, seasonal-aware expectation: medians throughout, so that the very month in question hardly moves it.
Used to judge single months of history. Add here: better robust expectations. Keep out: decisions about months
(see `history`), and forecasting, which must never look at later months (this does, on purpose).
"""

from dataclasses import dataclass

import numpy as np

from sop_pipeline.planning.demand.series import MONTHS_PER_YEAR, BoolArray, FloatArray, IntArray

WINDOW_MONTHS = 13  # a full season and the month itself: a plain median over it is nearly free of season
MINIMUM_WINDOW_MONTHS = 5
SEASON_OBSERVATIONS = 3  # a median of two is their mean, and a single odd month would pass for a season
SMALLEST_SPREAD_RATIO = 0.05  # a constant series has spread 0; a deviation of a few percent is still nothing
MAD_TO_SIGMA = 1.4826  # of a normal distribution


@dataclass(frozen=True)
class Baseline:
    """`expected_units` (series x months; NaN where nobody can tell) and the series' relative `spread_ratio`."""

    expected_units: FloatArray
    spread_ratio: FloatArray


def median_over(values: FloatArray, axis: int) -> FloatArray:
    """Median ignoring NaN; NaN where all are. (numpy's own warns where there is nothing to take a median of.)"""
    if values.shape[axis] == 0:
        return np.full(np.delete(values.shape, axis), np.nan)
    ordered = np.sort(values, axis=axis)  # NaN comes last
    count = (~np.isnan(values)).sum(axis=axis, keepdims=True)
    lower = np.take_along_axis(ordered, np.maximum(count - 1, 0) // 2, axis=axis)
    upper = np.take_along_axis(ordered, np.minimum(count // 2, values.shape[axis] - 1), axis=axis)
    return np.asarray(((lower + upper) / 2).squeeze(axis=axis), dtype=np.float64)


def robust_baseline(values: FloatArray, usable: BoolArray, calendar_months: IntArray) -> Baseline:
    """Expected units of every month from a centred 13-month median and the median season of three years or more.

    `values` is series x months in units, NaN outside a series; months that are not `usable` (promoted, out of stock)
    lend no evidence but get an expectation. Spread is the median absolute deviation over the expectation, as a sigma.
    """
    evidence = np.where(usable, values, np.nan)
    level = _rolling_median(evidence)
    season = _season(evidence, level, calendar_months)
    expected = np.where(np.isnan(values), np.nan, level * season[:, calendar_months])
    with np.errstate(divide="ignore", invalid="ignore"):
        deviation = np.where(expected > 0, np.abs(evidence - expected) / expected, np.nan)
    spread = np.nan_to_num(MAD_TO_SIGMA * median_over(deviation, axis=1), nan=SMALLEST_SPREAD_RATIO)
    return Baseline(expected, np.maximum(spread, SMALLEST_SPREAD_RATIO))


def _rolling_median(values: FloatArray) -> FloatArray:
    half = WINDOW_MONTHS // 2
    padded = np.pad(values, ((0, 0), (half, half)), constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_MONTHS, axis=1)
    enough = (~np.isnan(windows)).sum(axis=2) >= MINIMUM_WINDOW_MONTHS
    return np.where(enough, median_over(windows, axis=2), np.nan)


def _season(values: FloatArray, level: FloatArray, calendar_months: IntArray) -> FloatArray:
    """Median ratio to level by calendar month, 1 where fewer than three years show it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(level > 0, values / level, np.nan)
    season = np.ones((len(values), MONTHS_PER_YEAR))
    for month in range(MONTHS_PER_YEAR):
        years = ratio[:, calendar_months == month]
        seen = (~np.isnan(years)).sum(axis=1)
        season[:, month] = np.where(seen >= SEASON_OBSERVATIONS, median_over(years, axis=1), 1.0)
    return season
