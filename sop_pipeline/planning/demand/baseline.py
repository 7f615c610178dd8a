"""What a month's demand should have been, as far as the months around it tell.

A robust, seasonal-aware expectation: medians throughout, so that the very month in question hardly moves it.
Used to judge single months of history. Add here: better robust expectations. Keep out: decisions about months
(see `history`), and forecasting, which must never look at later months (this does, on purpose).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sop_pipeline.planning.demand.series import MONTHS_PER_YEAR, BoolArray, FloatArray, IntArray

WINDOW_MONTHS = 13  # a full season and the month itself: a plain median over it is nearly free of season
MINIMUM_WINDOW_MONTHS = 5
SEASON_OBSERVATIONS = 3  # a median of two is their mean, and a single odd month would pass for a season
SMALLEST_SPREAD_RATIO = 0.05  # a constant series has spread 0; a deviation of a few percent is still nothing
KIN_ROUNDS = (
    3  # level and season in turns: the level of a seasonal series is that of its months without season
)
KIN_OBSERVATIONS = 6  # ratios of kin in a calendar month from which they lend a season
OWN_OBSERVATIONS = 6.0  # own ratios of a calendar month that weigh as much as what kin lend
SMALLEST_SEASON = 0.02
MAD_TO_SIGMA = 1.4826  # of a normal distribution


@dataclass(frozen=True)
class Baseline:
    """`expected_units` (series x months; NaN where nobody can tell), relative `spread_ratio`, `season` (series x 12)."""

    expected_units: FloatArray
    spread_ratio: FloatArray
    season: FloatArray


def median_over(values: FloatArray, axis: int) -> FloatArray:
    """Median ignoring NaN; NaN where all are. (numpy's own warns where there is nothing to take a median of.)"""
    if values.shape[axis] == 0:
        return np.full(np.delete(values.shape, axis), np.nan)
    ordered = np.sort(values, axis=axis)  # NaN comes last
    count = (~np.isnan(values)).sum(axis=axis, keepdims=True)
    lower = np.take_along_axis(ordered, np.maximum(count - 1, 0) // 2, axis=axis)
    upper = np.take_along_axis(ordered, np.minimum(count // 2, values.shape[axis] - 1), axis=axis)
    return np.asarray(((lower + upper) / 2).squeeze(axis=axis), dtype=np.float64)


def robust_baseline(
    values: FloatArray,
    usable: BoolArray,
    calendar_months: IntArray,
    kin: npt.NDArray[np.object_] | None = None,
) -> Baseline:
    """Expected units of every month from a centred 13-month median and the median season of three years or more.

    `values` is series x months in units, NaN outside a series; months that are not `usable` (promoted, out of stock)
    lend no evidence but get an expectation. Series of one label in `kin` lend each other their season: a month that
    was promoted or out of stock in most years of a series would have none otherwise, and its promotions would pass for
    what the season brings. Spread is the median absolute deviation over the expectation, as a sigma.
    """
    evidence = np.where(usable, values, np.nan)
    level = _rolling_median(evidence)
    season = _season(evidence, level, calendar_months)
    if kin is not None:
        for _ in range(KIN_ROUNDS):
            season = _kin_season(evidence, level, calendar_months, kin)
            level = _between_known(_rolling_median(evidence / season[:, calendar_months]))
    expected = np.where(np.isnan(values), np.nan, level * season[:, calendar_months])
    with np.errstate(divide="ignore", invalid="ignore"):
        deviation = np.where(expected > 0, np.abs(evidence - expected) / expected, np.nan)
    spread = np.nan_to_num(MAD_TO_SIGMA * median_over(deviation, axis=1), nan=SMALLEST_SPREAD_RATIO)
    return Baseline(expected, np.maximum(spread, SMALLEST_SPREAD_RATIO), season)


def _rolling_median(values: FloatArray) -> FloatArray:
    half = WINDOW_MONTHS // 2
    padded = np.pad(values, ((0, 0), (half, half)), constant_values=np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_MONTHS, axis=1)
    enough = (~np.isnan(windows)).sum(axis=2) >= MINIMUM_WINDOW_MONTHS
    return np.where(enough, median_over(windows, axis=2), np.nan)


def _between_known(level: FloatArray) -> FloatArray:
    """Levels of months with too little evidence around them: on the line between known ones, the last one at the end.

    Before the first known level an item may still be growing, and nobody can tell.
    """
    out = level.copy()
    months = np.arange(level.shape[1])
    for row in np.flatnonzero(np.isnan(level).any(axis=1) & ~np.isnan(level).all(axis=1)):
        known = np.flatnonzero(~np.isnan(level[row]))
        later = months > known[0]
        out[row, later] = np.interp(months[later], known, level[row, known])
    return out


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


def _kin_season(
    values: FloatArray, level: FloatArray, calendar_months: IntArray, kin: npt.NDArray[np.object_]
) -> FloatArray:
    """Median ratio to level by calendar month: own and kin's blended by how many months each has seen."""
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(level > 0, values / level, np.nan)
    season = np.ones((len(values), MONTHS_PER_YEAR))
    for month in range(MONTHS_PER_YEAR):
        years = ratio[:, calendar_months == month]
        seen = (~np.isnan(years)).sum(axis=1)
        own = np.nan_to_num(median_over(years, axis=1), nan=1.0)
        lent = np.where(seen >= SEASON_OBSERVATIONS, own, 1.0)
        weight = np.where(seen >= SEASON_OBSERVATIONS, np.inf, 0.0)
        for label in np.unique(kin):
            members = kin == label
            if seen[members].sum() >= KIN_OBSERVATIONS and members.sum() > 1:
                lent[members] = median_over(years[members].ravel(), axis=0)
                weight[members] = seen[members] / OWN_OBSERVATIONS
        share = np.where(np.isinf(weight), 1.0, weight / (1.0 + np.where(np.isinf(weight), 0.0, weight)))
        season[:, month] = np.maximum(share * own + (1.0 - share) * lent, SMALLEST_SEASON)
    return season
