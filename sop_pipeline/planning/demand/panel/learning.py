"""What one series learns from the others: networks, weights of rare models, the size and shape of errors.

Learnt once, from at most `MOST_SERIES` series chosen by a hash of their names, so that it costs the same for a thousand series
and a hundred thousand, and is the same on one machine and on many. Then every series is forecast by itself.
Add here: another thing that is learnt over series. Keep out: what is applied series by series (`forecast`).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
from threadpoolctl import threadpool_limits

from sop_pipeline.planning.demand.kernels.batch import FloatArray, IntArray, Series
from sop_pipeline.planning.demand.kernels.network import OverallModel, train_networks
from sop_pipeline.planning.demand.panel.candidates import (
    Forecasts,
    network_offsets,
    origin_lengths,
    run_candidates,
    shares_of,
)
from sop_pipeline.planning.demand.panel.combination import RareWeights, combine_past, learn_rare_weights
from sop_pipeline.planning.demand.panel.intervals import Spread, learn_spread
from sop_pipeline.planning.demand.panel.rare_intervals import RareSpread, learn_rare_spread

MOST_SERIES = 2_000
MOST_TESTED = 500  # regular series whose errors tell the pool's intervals: they are run once more for it
SEEDS = (0, 1)
LONG_PERIODS = 4  # periods of a season, up to which errors grow with their series
MOST_GROWTH = 4.0  # of a series' scale since an origin that its errors follow


@dataclass(frozen=True)
class Knowledge:
    """All that is learnt over series, for regular and for rare demand; picklable, a few hundred kilobytes."""

    is_fast: bool
    overall: tuple[OverallModel, ...]
    rare_weights: RareWeights
    regular_spread: Spread
    rare_spread: RareSpread


def learn(series: Series, is_rare: np.ndarray, horizon: int, is_fast: bool, threads: int) -> Knowledge:
    """Learn from these series (all of them: choose before). `is_rare` by series."""
    regular, rare = series.take(np.flatnonzero(~is_rare)), series.take(np.flatnonzero(is_rare))
    overall = train_overall(regular, horizon, threads) if not is_fast and len(regular) else ()
    few = regular.take(np.arange(0, len(regular), max(1, -(-len(regular) // MOST_TESTED))))
    tested = _run(few, horizon, False, is_fast, overall, threads)
    past = combine_past(tested, shares_of(False, is_fast, series.season), None)
    lengths = origin_lengths(few.lengths, few.season, horizon)
    errors = errors_of_now(tested.actual_units - past, few, lengths)
    spread = learn_spread(errors, series_scales(few))
    tested = _run(rare, horizon, True, is_fast, (), threads)
    weights = learn_rare_weights(tested, shares_of(True, is_fast, series.season))
    past = combine_past(tested, shares_of(True, is_fast, series.season), weights)
    lengths = origin_lengths(rare.lengths, rare.season, horizon, True)
    rare_spread = learn_rare_spread(rare, lengths, past, tested.actual_units)
    return Knowledge(is_fast, overall, weights, spread, rare_spread)


def train_overall(series: Series, horizon: int, threads: int) -> tuple[OverallModel, ...]:
    """The networks over these series, season out and season in; none where there is too little to learn from."""
    offsets = network_offsets(series, horizon)
    train = partial(train_networks, series, offsets, horizon, seeds=SEEDS)
    with threadpool_limits(1, "blas"):
        if threads > 1:
            with ThreadPoolExecutor(2) as executor:
                models = list(executor.map(train, (True, False)))
        else:
            models = [train(True), train(False)]
    return tuple(model for model in models if model is not None)


def _run(
    series: Series,
    horizon: int,
    is_rare: bool,
    is_fast: bool,
    overall: tuple[OverallModel, ...],
    threads: int,
) -> Forecasts:
    lengths = origin_lengths(series.lengths, series.season, horizon, is_rare)
    return run_candidates(series, lengths, horizon, is_rare, is_fast, overall, threads)


def series_scales(series: Series) -> FloatArray:
    """Mean absolute change of a series over a season (over a period where there is no whole one), at least a tenth of its mean.

    By series, units: what errors of different series are compared with.
    """
    scales = np.zeros(len(series))
    lengths = series.lengths
    for lag in {1, series.season}:
        rows = np.flatnonzero(
            (lengths > series.season) if lag == series.season else (lengths <= series.season) & (lengths > 1)
        )
        if rows.size:
            scales[rows] = _changes(series.take(rows), lag)
    means = (
        np.add.reduceat(np.abs(series.values), series.starts[:-1]) / np.maximum(lengths, 1)
        if len(series)
        else scales
    )
    return np.maximum(scales, 0.1 * means)


def errors_of_now(errors: FloatArray, series: Series, lengths: IntArray) -> FloatArray:
    """Errors (series x origins x horizon) as large as the series are now: each times how much its scale has grown since.

    Only where a season has at most `LONG_PERIODS` periods: origins of yearly and quarterly series lie many years apart (80 %
    intervals on the training parts of tourism's yearly series held 68 %, with this 78 %; M3's quarterly ones 73 and 77 %).
    """
    if series.season > LONG_PERIODS:
        return errors
    scales = series_scales(series)
    growth = np.ones(errors.shape[:2])
    for origin in range(errors.shape[1]):
        known = lengths[:, origin]
        then = series_scales(series.until(known))
        growth[:, origin] = np.where((known > 0) & (then > 0), scales / np.maximum(then, 1e-12), 1.0)
    return np.asarray(errors * np.clip(growth, 1.0, MOST_GROWTH)[:, :, None])


def _changes(series: Series, lag: int) -> FloatArray:
    change = np.zeros(len(series.values))
    change[lag:] = np.abs(series.values[lag:] - series.values[:-lag])
    first = np.arange(len(series.values)) - np.repeat(series.starts[:-1], series.lengths)
    change[first < lag] = 0.0
    return np.add.reduceat(change, series.starts[:-1]) / (series.lengths - lag)


def choose_rows(hashes: np.ndarray, most: int = MOST_SERIES) -> IntArray:
    """The series to learn from: those with the smallest hashes, in their own order."""
    if len(hashes) <= most:
        return np.arange(len(hashes), dtype=np.int64)
    return np.sort(np.argsort(hashes, kind="stable")[:most]).astype(np.int64)
