"""Series that are forecast by models: candidates at all origins, weights from their errors, intervals, and what it was worth.

Composition of `monthly` and `panel`, for series of the pipeline and for sums of them alike.
Add here: another figure of a backtest. Keep out: series without a model and reasons (`forecasts`), which sums (`levels`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_pipeline.planning.demand.monthly import MonthlyPanel, known_months, monthly_shares, run_monthly
from sop_pipeline.planning.demand.panel.candidates import Forecasts
from sop_pipeline.planning.demand.panel.combination import (
    Judgement,
    combine,
    combine_past,
    judge,
    learn_rare_weights,
)
from sop_pipeline.planning.demand.panel.intervals import QUANTILES, bounds, learn_spread, usual_errors
from sop_pipeline.planning.demand.panel.learning import MOST_SERIES, series_scales, train_overall
from sop_pipeline.planning.demand.panel.rare_intervals import learn_rare_spread, rare_bounds
from sop_pipeline.planning.demand.series import LARGEST_CREDIBLE_UNITS, FloatArray, IntArray

CHUNK = 2_048
YARDSTICK = "seasonal_naive"
PAST_LEADS = 3  # months ahead of which past forecasts are kept: orders seldom come earlier


@dataclass(frozen=True)
class Tested:
    """Series of one kind with a forecast: `rows` of the panel; arrays by row, those of `ahead` and `bounds` by month as well.

    `errors`: a row per series (column `series`, number in the panel) and candidate. `summary`: a row per series with the errors
    of what is published at past origins, weights from the other origins; error = forecast - actual.
    """

    rows: IntArray
    ahead: FloatArray
    bounds: dict[str, FloatArray]
    model: np.ndarray
    mean_squared_error: FloatArray
    errors: pd.DataFrame
    summary: pd.DataFrame
    past: pd.DataFrame


def forecast_tested(
    panel: MonthlyPanel, rows: IntArray, horizon: int, is_rare: bool, threads: int, learns: bool = True
) -> Tested:
    """Forecast the series `rows`; those for which no model works, or with incredible numbers, are left out of the result.

    `learns` False: without the networks over all series, which a few dozen series cannot teach.
    """
    if not len(rows):
        empty = np.empty((0, horizon))
        frame = pd.DataFrame()
        return Tested(
            rows,
            empty,
            dict.fromkeys(QUANTILES, empty),
            np.empty(0, object),
            np.empty(0),
            frame,
            frame,
            frame,
        )
    sample = rows[:: max(1, -(-len(rows) // MOST_SERIES))]
    overall = train_overall(panel.series(sample), horizon, threads) if learns and not is_rare else ()
    shares = monthly_shares(is_rare)
    learnt = run_monthly(panel, sample, horizon, is_rare, overall, threads)
    rare_weights = learn_rare_weights(learnt, shares) if is_rare else None
    past = combine_past(learnt, shares, rare_weights)
    taught = panel.series(sample)
    rare_spread = None
    if is_rare:
        rare_spread = learn_rare_spread(taught, known_months(taught.lengths), past, learnt.actual_units)
    spread = learn_spread(learnt.actual_units - past, series_scales(taught))
    parts = []
    for first in range(0, len(rows), CHUNK):
        chunk = rows[first : first + CHUNK]
        is_known = len(sample) == len(rows) <= CHUNK
        tested = learnt if is_known else run_monthly(panel, chunk, horizon, is_rare, overall, threads)
        judged = judge(tested, shares, rare_weights)
        ahead = combine(tested, judged.weights)[:, -1]
        past = combine_past(tested, shares, rare_weights)
        series = panel.series(chunk)
        scales = series_scales(series)
        if rare_spread is not None:
            found = rare_bounds(series, series.lengths, ahead, rare_spread)
        else:
            usual = usual_errors(tested.actual_units - past, scales, spread)
            found = bounds(ahead, usual, spread, np.ones(len(chunk), dtype=bool))
        known = _past_rows(panel, chunk, past)
        parts.append(_keep_sound(chunk, tested, judged, ahead, past, found, scales, known))
    return _joined(parts)


def _keep_sound(
    rows: IntArray,
    tested: Forecasts,
    judged: Judgement,
    ahead: FloatArray,
    past: FloatArray,
    found: dict[str, FloatArray],
    scales: FloatArray,
    known: pd.DataFrame,
) -> Tested:
    with np.errstate(invalid="ignore"):
        sound = np.isfinite(ahead).all(axis=1) & (ahead <= LARGEST_CREDIBLE_UNITS).all(axis=1)
    names = np.array(tested.names, dtype=object)
    heaviest = judged.weights.argmax(axis=1)
    is_single = (judged.weights > 0).sum(axis=1) == 1
    errors = pd.DataFrame(
        {
            "series": np.repeat(rows, len(names)),
            "model": np.tile(names, len(rows)),
            "origins": np.repeat(judged.origins, len(names)),
            "mean_absolute_error": judged.mean_absolute_error.ravel(),
            "mean_error": judged.mean_error.ravel(),
            "root_mean_squared_error": judged.root_mean_squared_error.ravel(),
            "mase": (judged.mean_absolute_error / np.where(scales > 0, scales, np.nan)[:, None]).ravel(),
            "weight": judged.weights.ravel(),
            "is_champion": (np.arange(len(names))[None, :] == heaviest[:, None]).ravel(),
        }
    )
    is_kept = np.isfinite(errors["mean_absolute_error"]) & np.repeat(sound, len(names))
    summary = _summary(rows, tested, past, judged)
    return Tested(
        rows[sound],
        ahead[sound],
        {name: found[name][sound] for name in QUANTILES},
        np.where(is_single, names[heaviest], "combination")[sound],
        summary["mean_squared_error"].to_numpy(dtype=np.float64)[sound],
        errors.loc[is_kept],
        summary.iloc[np.flatnonzero(sound)],
        known[known["series"].isin(rows[sound])],
    )


def _past_rows(panel: MonthlyPanel, rows: IntArray, past: FloatArray) -> pd.DataFrame:
    """What would have been published at each origin, from the months before it alone but for the weights."""
    lengths = panel.history_months[rows]
    lead = np.arange(min(PAST_LEADS, past.shape[2]))
    first = panel.values.shape[1] - lengths[:, None] + known_months(lengths)[:, :-1]
    is_origin = np.broadcast_to((known_months(lengths)[:, :-1] > 0)[:, :, None], past[:, :, lead].shape)
    kept = is_origin & np.isfinite(past[:, :, lead])
    number, _, ahead = np.nonzero(kept)
    month = np.broadcast_to(first[:, :, None] + lead, kept.shape)[kept]
    units = past[:, :, lead][kept]
    return pd.DataFrame(
        {"series": rows[number], "month": month, "lead_months": lead[ahead], "forecast_units": units}
    )


def _summary(rows: IntArray, tested: Forecasts, past: FloatArray, judged: Judgement) -> pd.DataFrame:
    """Errors of the combination and of the yardstick over the same tested months, by series."""
    naive = tested.units[:, tested.names.index(YARDSTICK), :-1]
    is_tested = np.isfinite(tested.actual_units) & np.isfinite(past) & np.isfinite(naive)
    count = is_tested.sum(axis=(1, 2))
    months = np.where(count > 0, count, np.nan)

    def mean(values: FloatArray) -> FloatArray:
        return np.asarray(np.where(is_tested, values, 0.0).sum(axis=(1, 2)) / months, dtype=np.float64)

    error, naive_error = past - tested.actual_units, naive - tested.actual_units
    return pd.DataFrame(
        {
            "series": rows,
            "origins": judged.origins,
            "tested_months": count,
            "mean_actual": mean(tested.actual_units),
            "mean_error": mean(error),
            "mean_absolute_error": mean(np.abs(error)),
            "mean_squared_error": mean(error**2),
            "naive_mean_absolute_error": mean(np.abs(naive_error)),
            "naive_mean_squared_error": mean(naive_error**2),
        }
    )


def _joined(parts: list[Tested]) -> Tested:
    if len(parts) == 1:
        return parts[0]
    return Tested(
        np.concatenate([part.rows for part in parts]),
        np.concatenate([part.ahead for part in parts]),
        {name: np.concatenate([part.bounds[name] for part in parts]) for name in QUANTILES},
        np.concatenate([part.model for part in parts]),
        np.concatenate([part.mean_squared_error for part in parts]),
        pd.concat([part.errors for part in parts], ignore_index=True),
        pd.concat([part.summary for part in parts], ignore_index=True),
        pd.concat([part.past for part in parts], ignore_index=True),
    )
