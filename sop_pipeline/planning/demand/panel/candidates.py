"""The models that may try on a series, how much each counts before anybody has been judged, and where series are tested.

`REGULAR` and `RARE` say why a model is worth its time; the order is that of the kernels. Rolling origins: at each one every
candidate knows only the periods before it. Add here: a candidate (after its kernel). Keep out: what follows from errors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_pipeline.planning.demand.kernels.batch import FloatArray, IntArray, Series, forecast_batch
from sop_pipeline.planning.demand.kernels.network import OverallModel
from sop_pipeline.planning.demand.kernels.pool import FAST_MODELS, RARE_MODELS, REGULAR_MODELS

ORIGINS = 6
MOST_STEP = (
    11  # periods between origins: far apart, so that they see different years, and no multiple of a year
)
LEAST_TRAINING = 4
LARGEST_MULTIPLE = (
    30.0  # of the largest value of a series: a forecast beyond it is an accident, and counts as missing
)


@dataclass(frozen=True)
class Candidate:
    """A model, its share before errors are known (fast and accurate configuration), and why it is there."""

    name: str
    fast_share: float
    accurate_share: float
    reason: str


REGULAR = (
    Candidate(
        "seasonal_naive", 0.05, 0.02, "The yardstick: a model that cannot beat last year earns no weight."
    ),
    Candidate("seasonal_window_average", 0.19, 0.03, "Last two years' mean: half the noise of last year's."),
    Candidate(
        "window_average", 0.19, 0.02, "Six periods' mean, season apart: hard to beat where a level jumps."
    ),
    Candidate(
        "damped_trend", 0.19, 0.02, "A trend that dies out (Gardner & McKenzie), states solved exactly."
    ),
    Candidate("dynamic_theta", 0.19, 0.05, "Best single model of M3 among those that take a millisecond."),
    Candidate(
        "log_dynamic_theta", 0.19, 0.05, "The same on logarithms: 0.3 sMAPE better on M3's training part."
    ),
    Candidate("seasonal_level", 0.19, 0.05, "Level and season that both move: seasons that change."),
    Candidate("complex", 0.0, 0.05, "Complex smoothing: between level and trend without choosing."),
    Candidate("complex_partial", 0.0, 0.05, "The same with its own season."),
    Candidate("seasonal_additive", 0.0, 0.05, "Holt-Winters, damped, additive."),
    Candidate("seasonal_multiplicative", 0.0, 0.05, "Holt-Winters, damped, multiplicative."),
    Candidate(
        "arima",
        0.0,
        0.05,
        "Another family: its errors are unlike the others', which is what a mean lives on.",
    ),
    Candidate("log_damped_trend", 0.0, 0.05, "Damped trend in percent."),
    Candidate("log_arima", 0.0, 0.05, "ARIMA in percent."),
    Candidate(
        "mstl",
        0.0,
        0.10,
        "A season that drifts, by loess, and dynamic theta on the rest: from two seasons at every origin, "
        "best single model of M3's training part by MASE.",
    ),
)
OVERALL = (
    Candidate(
        "network_adjusted", 0.0, 0.23, "A network over all series, season taken out: learns from the others."
    ),
    Candidate("network_raw", 0.0, 0.23, "The same, which has to see the season itself."),
)
# Shares where there is no season: a trend is most of what yearly series have, the mean of six years says little, and both networks
# see the same (chosen on the training parts of yearly M1, M3 and tourism and of M3's others, last horizon held back).
SEASONLESS_SHARES = {
    "seasonal_naive": 0.04,
    "damped_trend": 0.04,
    "dynamic_theta": 0.50,
    "log_dynamic_theta": 0.12,
    "complex": 0.12,
    "arima": 0.05,
    "network_adjusted": 0.40,
}
FAST_SEASONLESS_SHARES = {
    "seasonal_naive": 0.10,
    "damped_trend": 0.10,
    "dynamic_theta": 0.60,
    "log_dynamic_theta": 0.20,
}
RARE = (
    Candidate("seasonal_naive", 0.0, 0.0, "The yardstick."),
    Candidate("window_average", 0.0, 0.0, "Six periods' mean."),
    Candidate("season_average", 0.25, 0.25, "A season's mean."),
    Candidate("long_average", 0.0, 0.0, "A season and a half."),
    Candidate("croston_sba", 0.0, 0.0, "Croston with the Syntetos-Boylan correction: the standard."),
    Candidate("croston_optimized", 0.0, 0.0, "Croston with its smoothing searched."),
    Candidate("tsb", 0.25, 0.25, "Teunter, Syntetos & Babai: demand that dies out decays."),
    Candidate("adida", 0.25, 0.25, "Smoothing of sums over the usual interval."),
    Candidate("imapa", 0.25, 0.25, "Mean over temporal aggregations."),
    Candidate("historic_average", 0.0, 0.0, "Mean of all history: no model beats it where nothing changes."),
)
assert tuple(c.name for c in REGULAR) == REGULAR_MODELS and tuple(c.name for c in RARE) == RARE_MODELS


def candidates_of(is_rare: bool, is_fast: bool) -> tuple[Candidate, ...]:
    """The models that try, in the order of `Forecasts.units`."""
    if is_rare:
        return RARE
    return REGULAR[: len(FAST_MODELS)] if is_fast else REGULAR + OVERALL


def shares_of(is_rare: bool, is_fast: bool, season: int) -> FloatArray:
    """Shares of `candidates_of` before errors are known; they need not add up to 1."""
    candidates = candidates_of(is_rare, is_fast)
    if season < 2 and not is_rare:
        seasonless = FAST_SEASONLESS_SHARES if is_fast else SEASONLESS_SHARES
        return np.array([seasonless.get(candidate.name, 0.0) for candidate in candidates])
    return np.array([c.fast_share if is_fast else c.accurate_share for c in candidates])


@dataclass(frozen=True)
class Forecasts:
    """Every candidate at every origin: `units` is series x models x (origins, last the end of history) x horizon.

    NaN where a candidate has no sensible forecast. `actual_units`: series x origins x horizon, NaN where nothing came yet.
    """

    names: tuple[str, ...]
    units: FloatArray
    actual_units: FloatArray


def origin_lengths(lengths: IntArray, season: int, horizon: int, is_rare: bool = False) -> IntArray:
    """Periods known at each origin and at the end: series x (ORIGINS + 1), short to long.

    The latest origin leaves out a whole horizon (a third of a short series), the others lie up to 11 periods apart, but so
    that two seasons and a half are known where that can be. Rare demand, which is forecast as one rate, is tested nearer to
    the end, on what has come of the horizon since. 0: no origin.
    """
    tested = np.clip(lengths // (6 if is_rare else 3), 1, horizon)
    least = lengths // 2
    if not is_rare:
        least = np.minimum(2 * season + season // 2 if season > 1 else 10, least)
    step = np.clip((lengths - tested - least) // (ORIGINS - 1), 1, MOST_STEP)
    origins = (lengths - tested)[:, None] - np.arange(ORIGINS - 1, -1, -1)[None, :] * step[:, None]
    origins = np.where(origins >= LEAST_TRAINING, origins, 0)
    return np.ascontiguousarray(np.concatenate([origins, lengths[:, None]], axis=1).astype(np.int64))


def network_offsets(series: Series, horizon: int) -> tuple[int, ...]:
    """Periods before the end up to which the networks are trained, from long to short, the end itself last."""
    usual = np.array([int(np.median(series.lengths))])
    origins = origin_lengths(usual, series.season, horizon)[0]
    return tuple(int(usual[0] - length) for length in origins if length > 0)


def run_candidates(
    series: Series,
    lengths: IntArray,
    horizon: int,
    is_rare: bool,
    is_fast: bool,
    overall: tuple[OverallModel, ...],
    threads: int,
) -> Forecasts:
    """All candidates on all series. `overall`: the trained networks, adjusted and raw, or none."""
    candidates = candidates_of(is_rare, is_fast)
    models = sum(candidate not in OVERALL for candidate in candidates)
    units = forecast_batch(series, lengths, horizon, models, is_rare, threads)
    if not is_rare and not is_fast:
        parts = [model.forecast(series, lengths, horizon)[:, None] for model in overall]
        while len(parts) < len(OVERALL):
            parts.append(np.full((len(series), 1, lengths.shape[1], horizon), np.nan))
        units = np.concatenate([units, *parts], axis=1)
    largest = np.maximum.reduceat(np.abs(series.values), series.starts[:-1])
    smallest = np.minimum.reduceat(series.values, series.starts[:-1])
    with np.errstate(invalid="ignore"):
        sensible = np.abs(units) <= LARGEST_MULTIPLE * largest[:, None, None, None]
    units = np.where(sensible, units, np.nan)
    np.maximum(units, 0.0, out=units, where=(smallest >= 0)[:, None, None, None])
    return Forecasts(tuple(c.name for c in candidates), units, _actuals(series, lengths, horizon))


def _actuals(series: Series, lengths: IntArray, horizon: int) -> FloatArray:
    column = lengths[:, :-1, None] + np.arange(horizon)[None, None, :]
    is_known = (column < series.lengths[:, None, None]) & (lengths[:, :-1, None] > 0)
    position = series.starts[:-1, None, None] + np.where(is_known, column, 0)
    return np.where(is_known, series.values[position], np.nan)
