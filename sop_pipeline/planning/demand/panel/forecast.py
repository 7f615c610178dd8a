"""The statistical forecast of a panel: every series, every period ahead, with intervals, its models and its reason.

Composition only: learn over series, then for chunks of series run the candidates at all origins, judge, combine, spread.
Add here: the order of these. Keep out: each of them (rooms of their own), files, engines (`engine`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_pipeline.planning.demand.kernels.batch import FloatArray, IntArray, Series
from sop_pipeline.planning.demand.panel.candidates import (
    candidates_of,
    origin_lengths,
    run_candidates,
    shares_of,
)
from sop_pipeline.planning.demand.panel.classes import Classes, classify, trim_unborn, with_births
from sop_pipeline.planning.demand.panel.combination import combine, combine_past, judge
from sop_pipeline.planning.demand.panel.intervals import QUANTILES, UNKNOWN_RATIO, bounds, usual_errors
from sop_pipeline.planning.demand.panel.learning import (
    MOST_SERIES,
    Knowledge,
    choose_rows,
    errors_of_now,
    learn,
    series_scales,
)
from sop_pipeline.planning.demand.panel.rare_intervals import rare_bounds
from sop_pipeline.planning.demand.panel.reading import Panel, read_panel

CHUNK = 2_048
RECENT, FADING_RATIO = 6, 0.7
FORECAST_COLUMNS = ["unique_id", "ds", "forecast", "lo80", "hi80", "lo95", "hi95", "model", "reason"]
ERROR_COLUMNS = [
    "unique_id",
    "model",
    "origins",
    "mean_absolute_error",
    "mean_error",
    "root_mean_squared_error",
    "mase",
    "weight",
]
SERIES_COLUMNS = [
    "unique_id",
    "demand_class",
    "reason",
    "model",
    "periods",
    "origins",
    "backtest_mase",
    "backtest_bias",
]


@dataclass(frozen=True)
class PanelForecast:
    """`forecasts` (unique_id, ds), `errors` (unique_id, model) and `series` (unique_id) as long frames; what had to be told."""

    forecasts: pd.DataFrame
    errors: pd.DataFrame
    series: pd.DataFrame
    notes: tuple[str, ...]


def forecast_panel(
    frame: pd.DataFrame,
    horizon: int,
    season: int | None = None,
    *,
    is_fast: bool = False,
    frequency: str | None = None,
    gaps: str = "zero",
    threads: int | None = None,
    knowledge: Knowledge | None = None,
) -> PanelForecast:
    """Forecast a long frame (unique_id, ds, y): each series `horizon` periods past its own end.

    `season` in periods (default by frequency: 12 months, 52 weeks, 7 days ...). `knowledge` learnt elsewhere is taken as it is;
    otherwise it is learnt from this panel. Raises UnreadablePanel and UnknownFrequency for a frame that is no panel.
    """
    panel = read_panel(frame, season, frequency, gaps)
    trimmed = trim_unborn(panel.series)
    classes = classify(trimmed, panel.is_repaired, panel.is_broken)
    trimmed = with_births(panel.series, trimmed, classes)
    threads = threads or os.cpu_count() or 1
    if knowledge is None:
        knowledge = learn_from(panel, trimmed, classes, horizon, is_fast, threads)
    return _forecast(panel, trimmed, classes, horizon, knowledge, threads)


def series_hashes(ids: np.ndarray) -> np.ndarray:
    """A number for each series that depends on its name alone."""
    return np.asarray(pd.util.hash_array(ids.astype(str).astype(object)), dtype=np.uint64)


def learn_from(
    panel: Panel, trimmed: Series, classes: Classes, horizon: int, is_fast: bool, threads: int
) -> Knowledge:
    """What the panel's series teach each other; regular and rare ones are chosen apart."""
    tested = np.isin(classes.reason, ["backtest", "repaired"])
    hashes = series_hashes(panel.ids)
    chosen = []
    for kind in (classes.is_rare, ~classes.is_rare):
        rows = np.flatnonzero(tested & kind)
        chosen.append(rows[choose_rows(hashes[rows], MOST_SERIES)])
    rows = np.sort(np.concatenate(chosen))
    return learn(trimmed.take(rows), classes.is_rare[rows], horizon, is_fast, threads)


@dataclass
class _Result:
    """Arrays of all series, filled chunk by chunk."""

    mean: FloatArray
    bounds: dict[str, FloatArray]
    model: np.ndarray
    reason: np.ndarray
    origins: IntArray
    mase: FloatArray
    bias: FloatArray
    errors: list[pd.DataFrame]


def _forecast(
    panel: Panel, trimmed: Series, classes: Classes, horizon: int, knowledge: Knowledge, threads: int
) -> PanelForecast:
    count = len(trimmed)
    result = _plain(trimmed, classes, horizon, knowledge)
    for is_rare in (False, True):
        wanted = np.flatnonzero(
            np.isin(classes.reason, ["backtest", "repaired"]) & (classes.is_rare == is_rare)
        )
        for first in range(0, len(wanted), CHUNK):
            _modelled(
                panel.ids,
                trimmed,
                wanted[first : first + CHUNK],
                classes,
                is_rare,
                horizon,
                knowledge,
                threads,
                result,
            )
    numbers = panel.last_period[:, None] + np.arange(1, horizon + 1)[None, :]
    forecasts = pd.DataFrame(
        {
            "unique_id": np.repeat(panel.ids, horizon),
            "ds": panel.calendar.dates(numbers.ravel()),
            "forecast": result.mean.ravel(),
            **{name: result.bounds[name].ravel() for name in ("lo80", "hi80", "lo95", "hi95")},
            "model": np.repeat(result.model, horizon),
            "reason": np.repeat(result.reason, horizon),
        }
    )
    series = pd.DataFrame(
        {
            "unique_id": panel.ids,
            "demand_class": classes.demand_class,
            "reason": result.reason,
            "model": result.model,
            "periods": trimmed.lengths if count else np.empty(0, np.int64),
            "origins": result.origins,
            "backtest_mase": result.mase,
            "backtest_bias": result.bias,
        }
    )
    errors = (
        pd.concat(result.errors, ignore_index=True) if result.errors else pd.DataFrame(columns=ERROR_COLUMNS)
    )
    return PanelForecast(forecasts[FORECAST_COLUMNS], errors, series[SERIES_COLUMNS], tuple(panel.notes))


def _plain(trimmed: Series, classes: Classes, horizon: int, knowledge: Knowledge) -> _Result:
    """Every series without a model: recent average, constant, zero; the modelled ones are overwritten afterwards."""
    level = recent_average(trimmed)
    level[classes.reason == "inactive"] = 0.0
    model = np.where(classes.reason == "inactive", "zero", "recent_average").astype(object)
    model[classes.reason == "constant"] = "constant"
    mean = np.repeat(level[:, None], horizon, axis=1)
    spread = knowledge.regular_spread
    scales = series_scales(trimmed)
    usual = np.maximum(spread.error_ratio * scales, UNKNOWN_RATIO * 0.5 * np.abs(level))
    usual[np.isin(classes.reason, ["inactive", "constant"])] = 0.0
    count = len(trimmed)
    return _Result(
        mean,
        bounds(mean, usual, spread, classes.is_nonnegative),
        model,
        classes.reason.copy(),
        np.zeros(count, dtype=np.int64),
        np.full(count, np.nan),
        np.full(count, np.nan),
        [],
    )


def recent_average(series: Series) -> FloatArray:
    """Mean of the last six periods, later ones counting more; by series."""
    level = np.zeros(len(series))
    weight = np.zeros(len(series))
    for back in range(1, RECENT + 1):
        there = series.lengths >= back
        position = np.where(there, series.starts[1:] - back, 0)
        share = np.where(there, FADING_RATIO ** (back - 1), 0.0)
        level += share * np.where(there, series.values[position], 0.0)
        weight += share
    return level / np.maximum(weight, 1e-12)


def _modelled(
    ids: np.ndarray,
    trimmed: Series,
    rows: IntArray,
    classes: Classes,
    is_rare: bool,
    horizon: int,
    knowledge: Knowledge,
    threads: int,
    result: _Result,
) -> None:
    series = trimmed.take(rows)
    lengths = origin_lengths(series.lengths, series.season, horizon, is_rare)
    made = run_candidates(series, lengths, horizon, is_rare, knowledge.is_fast, knowledge.overall, threads)
    shares = shares_of(is_rare, knowledge.is_fast, series.season)
    rare_weights = knowledge.rare_weights if is_rare else None
    judged = judge(made, shares, rare_weights)
    ahead = combine(made, judged.weights)[:, -1]
    past = combine_past(made, shares, rare_weights)
    residuals = made.actual_units - past
    scales = series_scales(series)
    if is_rare:
        found = rare_bounds(series, series.lengths, ahead, knowledge.rare_spread)
    else:
        usual = usual_errors(errors_of_now(residuals, series, lengths), scales, knowledge.regular_spread)
        found = bounds(ahead, usual, knowledge.regular_spread, classes.is_nonnegative[rows])
    is_sound = np.isfinite(ahead).all(axis=1)
    good = rows[is_sound]
    result.mean[good] = ahead[is_sound]
    for name in QUANTILES:
        result.bounds[name][good] = found[name][is_sound]
    names = np.array([c.name for c in candidates_of(is_rare, knowledge.is_fast)], dtype=object)
    is_single = (judged.weights > 0).sum(axis=1) == 1
    result.model[good] = np.where(is_single, names[judged.weights.argmax(axis=1)], "combination")[is_sound]
    result.reason[rows[~is_sound]] = "fallback"
    result.origins[rows] = judged.origins
    with np.errstate(invalid="ignore", divide="ignore"):
        count = np.isfinite(residuals).sum(axis=(1, 2))
        result.mase[rows] = np.nansum(np.abs(residuals), axis=(1, 2)) / count / scales
        result.bias[rows] = -np.nansum(residuals, axis=(1, 2)) / np.nansum(made.actual_units, axis=(1, 2))
    result.errors.append(_error_rows(ids[rows], names, judged, scales))


def _error_rows(ids: np.ndarray, names: np.ndarray, judged: object, scales: FloatArray) -> pd.DataFrame:
    from sop_pipeline.planning.demand.panel.combination import Judgement

    assert isinstance(judged, Judgement)
    models = len(names)
    frame = pd.DataFrame(
        {
            "unique_id": np.repeat(ids, models),
            "model": np.tile(names, len(ids)),
            "origins": np.repeat(judged.origins, models),
            "mean_absolute_error": judged.mean_absolute_error.ravel(),
            "mean_error": judged.mean_error.ravel(),
            "root_mean_squared_error": judged.root_mean_squared_error.ravel(),
            "mase": (judged.mean_absolute_error / scales[:, None]).ravel(),
            "weight": judged.weights.ravel(),
        }
    )
    return frame[np.isfinite(frame["mean_absolute_error"])].reset_index(drop=True)
