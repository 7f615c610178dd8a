"""Intervals of rare demand: how often nothing comes, and how large a demand is when one does.

With a forecast of m units and demands of usually s units, a period has one with probability m / s; sizes are those of the series
itself, drawn to those of all series. Of whole units no interval holds exactly 80 %: 0 alone holds too seldom, 0 and 1 too often.
A value belongs to the interval where its mid-distribution, P(less) + P(equal) / 2 (Parzen 1997), is at most the level: of two
bounds that is the one whose probability is nearer, so that all series together hold as often as they say.
Which level that is, the backtest tells. Add here: other distributions of rare demand. Keep out: the forecasts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_pipeline.planning.demand.kernels.batch import FloatArray, IntArray, Series
from sop_pipeline.planning.demand.panel.intervals import LEAST_ERRORS

LEVELS = (0.80, 0.95)
SIZE_POINTS = 20  # quantiles of relative sizes that stand for all series
PRIOR_SIZES = 4.0  # demands of a series for which the sizes of all series count in its own


@dataclass(frozen=True)
class RareSpread:
    """What rare series teach each other: sizes over their series' mean, ascending, and the measured level of `LEVELS`."""

    relative_sizes: FloatArray
    reach: FloatArray


@dataclass(frozen=True)
class _Sizes:
    """By series, from what is known at one origin: `units` ascending (series x atoms), 0 first; `mid` of sizes; their mean."""

    units: FloatArray
    mid: FloatArray
    mean: FloatArray


def learn_rare_spread(
    series: Series, lengths: IntArray, past: FloatArray, actual_units: FloatArray
) -> RareSpread:
    """`lengths`: periods known at each origin and at the end; `past`, `actual_units`: series x origins x horizon, units."""
    spread = RareSpread(_relative_sizes(series), np.array(LEVELS))
    scores: list[list[FloatArray]] = [[] for _ in LEVELS]
    for origin in range(past.shape[1]):
        mean, actual = past[:, origin], actual_units[:, origin]
        is_tested = np.isfinite(mean) & np.isfinite(actual)
        rows = np.flatnonzero(is_tested.any(axis=1))
        if not rows.size:
            continue
        sizes = _sizes(series.take(rows), lengths[rows, origin], spread)
        mean, actual, is_tested = np.nan_to_num(mean[rows]), np.nan_to_num(actual[rows]), is_tested[rows]
        mid = _mid_distribution(sizes, mean, actual)
        for place, level in enumerate(LEVELS):
            has_floor = _none_chance(sizes, mean) < (1.0 - level) / 2.0
            score = np.where(has_floor, np.abs(2.0 * mid - 1.0), np.where(actual <= mean, 0.0, mid))
            scores[place].append(score[is_tested])
    if sum(map(len, scores[0])) < LEAST_ERRORS:
        return spread
    reach = [
        float(np.quantile(np.concatenate(found), level)) for found, level in zip(scores, LEVELS, strict=True)
    ]
    return RareSpread(spread.relative_sizes, np.array(reach))


def rare_bounds(
    series: Series, lengths: IntArray, mean: FloatArray, spread: RareSpread
) -> dict[str, FloatArray]:
    """Bounds by name, series x horizon, of forecasts `mean` of series of which `lengths` periods are known: never crossing."""
    sizes = _sizes(series, lengths, spread)
    found: dict[str, FloatArray] = {}
    for level, reach, name in zip(LEVELS, spread.reach, ("80", "95"), strict=True):
        has_floor = _none_chance(sizes, mean) < (1.0 - level) / 2.0
        found[f"hi{name}"] = np.maximum(
            _units_at(sizes, mean, np.where(has_floor, 0.5 + reach / 2.0, reach)), mean
        )
        low = _units_at(sizes, mean, np.full(mean.shape, 0.5 - reach / 2.0))
        found[f"lo{name}"] = np.minimum(np.where(has_floor, low, 0.0), mean)
    found["lo95"] = np.minimum(found["lo95"], found["lo80"])
    found["hi95"] = np.maximum(found["hi95"], found["hi80"])
    return found


def _relative_sizes(series: Series) -> FloatArray:
    is_demand = series.values > 0
    owner = np.repeat(np.arange(len(series)), series.lengths)[is_demand]
    units = series.values[is_demand]
    if not units.size:
        return np.ones(SIZE_POINTS)
    mean = np.bincount(owner, units, len(series)) / np.maximum(np.bincount(owner, minlength=len(series)), 1)
    return np.asarray(np.quantile(units / mean[owner], (np.arange(SIZE_POINTS) + 0.5) / SIZE_POINTS))


def _sizes(series: Series, lengths: IntArray, spread: RareSpread) -> _Sizes:
    longest = int(series.lengths.max())
    column = np.arange(longest)[None, :]
    is_known = column < np.minimum(lengths, series.lengths)[:, None]
    values = series.values[np.where(is_known, series.starts[:-1, None] + column, 0)]
    own = is_known & (values > 0)
    count = own.sum(axis=1)
    mean = np.where(own, values, 0.0).sum(axis=1) / np.maximum(count, 1)
    units = np.concatenate([np.where(own, values, np.inf), mean[:, None] * spread.relative_sizes], axis=1)
    points = len(spread.relative_sizes)
    weights = np.concatenate([own * 1.0, np.full((len(mean), points), PRIOR_SIZES / points)], axis=1)
    order = np.argsort(units, axis=1, kind="stable")
    units, weights = np.take_along_axis(units, order, axis=1), np.take_along_axis(weights, order, axis=1)
    total = np.cumsum(weights, axis=1)
    is_new = np.concatenate([np.ones((len(units), 1), bool), units[:, 1:] > units[:, :-1]], axis=1)
    below = np.maximum.accumulate(np.where(is_new, total - weights, 0.0), axis=1)
    is_last = np.concatenate([is_new[:, 1:], np.ones((len(units), 1), bool)], axis=1)
    up_to = np.minimum.accumulate(np.where(is_last, total, np.inf)[:, ::-1], axis=1)[:, ::-1]
    mid = 0.5 * (below + up_to) / total[:, -1:]
    largest = np.where(np.isfinite(units), units, 0.0).max(axis=1, keepdims=True)
    units = np.where(
        np.isfinite(units), units, 2.0 * largest
    )  # beyond the largest size: half as often as it, and none
    none = np.zeros((len(units), 1))
    return _Sizes(
        np.concatenate([none, units, 2.0 * largest], axis=1),
        np.concatenate([none, mid, none + 1.0], axis=1),
        mean,
    )


def _none_chance(sizes: _Sizes, mean: FloatArray) -> FloatArray:
    """Probability that a period has no demand."""
    usual = np.where(sizes.mean > 0, sizes.mean, 1.0)[:, None]
    return np.asarray(1.0 - np.clip(mean / usual, 0.0, 1.0))


def _mid_distribution(sizes: _Sizes, mean: FloatArray, units: FloatArray) -> FloatArray:
    """P(less) + P(equal) / 2 of `units` (series x horizon), in straight lines between sizes that came."""
    place = np.clip((sizes.units[:, None, :] <= units[:, :, None]).sum(axis=2), 1, sizes.units.shape[1] - 1)
    (low, low_mid), (high, high_mid) = (_atom(sizes, mean, place - 1), _atom(sizes, mean, place))
    share = np.clip(np.divide(units - low, high - low, out=np.zeros_like(units), where=high > low), 0.0, 1.0)
    mid = low_mid + share * (high_mid - low_mid)
    return np.asarray(np.where(units > 0, mid, _none_chance(sizes, mean) / 2.0))


def _units_at(sizes: _Sizes, mean: FloatArray, level: FloatArray) -> FloatArray:
    """Units whose mid-distribution is `level`; 0 where that of 0 alone is as high."""
    none = _none_chance(sizes, mean)[:, :, None]
    mids = np.where(np.arange(sizes.units.shape[1]) == 0, none, none + (1.0 - none) * sizes.mid[:, None, :])
    place = np.clip((mids <= level[:, :, None]).sum(axis=2), 1, sizes.units.shape[1] - 1)
    (low, low_mid), (high, high_mid) = (_atom(sizes, mean, place - 1), _atom(sizes, mean, place))
    share = np.clip(
        np.divide(level - low_mid, high_mid - low_mid, out=np.zeros_like(level), where=high_mid > low_mid),
        0,
        1,
    )
    return np.asarray(low + share * (high - low))


def _atom(sizes: _Sizes, mean: FloatArray, place: IntArray) -> tuple[FloatArray, FloatArray]:
    """Size and mid-distribution at these places of the ascending sizes; the first stands for whatever is just above 0."""
    none = _none_chance(sizes, mean)
    units = np.take_along_axis(sizes.units, place, axis=1)
    mid = none + (1.0 - none) * np.take_along_axis(sizes.mid, place, axis=1)
    return units, np.where(place == 0, none, mid)
