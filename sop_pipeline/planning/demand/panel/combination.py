"""How much each candidate counts in a series' forecast.

Regular demand: prior share times inverse squared mean absolute error of the backtest (Bates & Granger 1969): combining beats
choosing on every data set we measured. Rare demand: one set of weights for all such series by least squares, never negative
and without bias in sum, beside three single models; how much each of the four counts in a series follows from its squared
errors, drawn to those of all series, since a single rare series tells little.
Add here: other ways to weigh. Keep out: making forecasts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from sop_pipeline.planning.demand.kernels.batch import FloatArray
from sop_pipeline.planning.demand.panel.candidates import Forecasts

POWER = 2.0
SMALLEST_WEIGHT = 0.005  # what counts less is left out
WEIGHT_DECIMALS = 6
LEAST_RARE_SERIES = 30
UNBIASED_PULL = 1e2  # of the condition that all rare forecasts together equal what came
# Beside the weights of all series (share 2). Seasonal naive: orders that come every quarter look rare and are not, the
# others see a rate only. The mean of all history: best where nothing changes. IMAPA: where much does. Shares, power and prior
# were chosen on simulated demand of ten kinds and on the first 39 months of carparts (bench/README.md).
RARE_SHARES = {"seasonal_naive": 1.0, "historic_average": 1.0, "imapa": 0.25}
COMMON_SHARE = 2.0
RARE_POWER = 6.0  # of inverse mean squared errors
RARE_PRIOR_MONTHS = 24.0  # tested months that all series' errors count for in a series' own
BIAS_LIMITS = (0.8, 1.25)


@dataclass(frozen=True)
class Judgement:
    """Errors and weights: arrays series x models; NaN where a model was not tested. error = forecast - actual, units."""

    origins: np.ndarray
    mean_absolute_error: FloatArray
    mean_error: FloatArray
    root_mean_squared_error: FloatArray
    weights: FloatArray


@dataclass(frozen=True)
class RareWeights:
    """What rare series teach each other: weights by model, and of common weights, seasonal naive, ... the usual squared error.

    `relative_errors`: mean squared error over the mean square of demand, common weights first, then `RARE_SHARES`; `usual_square`:
    mean square of demand of all series, units squared; `bias_factor`: by which all rare forecasts are multiplied.
    """

    common: FloatArray
    relative_errors: FloatArray
    usual_square: float
    bias_factor: float


def judge(forecasts: Forecasts, shares: FloatArray, rare_weights: RareWeights | None) -> Judgement:
    """Errors over all origins and steps, and the weights that follow; models are compared on the same periods only.

    `shares` by model; `rare_weights` (need not add up to 1) replaces inverse errors where given.
    """
    error, is_tested = _errors(forecasts)
    count = np.maximum(is_tested.sum(axis=(1, 2)), 1)[:, None]
    tested = is_tested[:, None]
    absolute = np.where(tested, np.abs(error), 0.0).sum(axis=(2, 3)) / count
    mean = np.where(tested, error, 0.0).sum(axis=(2, 3)) / count
    squared = np.where(tested, error**2, 0.0).sum(axis=(2, 3)) / count
    weights = (
        weigh(absolute, usable(forecasts), shares)
        if rare_weights is None
        else weigh_rare(forecasts, rare_weights)
    )
    origins = is_tested.any(axis=2).sum(axis=1)
    return Judgement(origins, absolute, mean, np.sqrt(squared), weights)


def _errors(forecasts: Forecasts) -> tuple[FloatArray, np.ndarray]:
    error = forecasts.units[:, :, :-1] - forecasts.actual_units[:, None]
    return error, np.isfinite(forecasts.actual_units)


def usable(forecasts: Forecasts) -> np.ndarray:
    """Models (series x models) with a forecast ahead and at every tested origin of the series."""
    is_tested = np.isfinite(forecasts.actual_units)[:, None]
    past = (np.isfinite(forecasts.units[:, :, :-1]) | ~is_tested).all(axis=(2, 3))
    return np.asarray(past & np.isfinite(forecasts.units[:, :, -1]).all(axis=2))


def weigh(absolute: FloatArray, is_usable: np.ndarray, shares: FloatArray) -> FloatArray:
    """Shares times inverse errors, adding up to 1 in every series that has a usable model; else 0."""
    allowed = is_usable & (shares > 0)[None, :]
    error = np.where(allowed, absolute, np.inf)
    best = error.min(axis=1, keepdims=True)
    floor = np.where(np.isfinite(best), np.maximum(best, 1e-12), 1.0)
    relative = np.maximum(error, 1e-12) / floor  # a perfect model stands nearly alone, and divides by no zero
    raw = np.where(allowed, shares[None, :] * relative**-POWER, 0.0)
    total = raw.sum(axis=1, keepdims=True)
    weights = np.divide(raw, total, out=np.zeros_like(raw), where=total > 0)
    weights = np.where(weights >= SMALLEST_WEIGHT, weights, 0.0)
    total = weights.sum(axis=1, keepdims=True)
    weights = np.divide(weights, total, out=np.zeros_like(raw), where=total > 0).round(WEIGHT_DECIMALS)
    rows = np.arange(len(weights))
    heaviest = weights.argmax(axis=1)
    weights[rows, heaviest] += np.where(total[:, 0] > 0, 1.0 - weights.sum(axis=1), 0.0)
    return weights.round(WEIGHT_DECIMALS)


def _same(forecasts: Forecasts, rare_weights: FloatArray) -> FloatArray:
    weights = np.where(usable(forecasts), rare_weights[None, :], 0.0)
    total, whole = weights.sum(axis=1, keepdims=True), rare_weights.sum()
    return np.divide(weights * whole, total, out=np.zeros_like(weights), where=total > 0)


def learn_rare_weights(forecasts: Forecasts, shares: FloatArray) -> RareWeights:
    """Common weights of the models of rare demand, how wrong they and single models were, and the bias that remains.

    The bias factor comes from the latest origins (each counts twice the one before it), since demand that dies out is what
    biases a rate; few series: 1.
    """
    common = common_rare_weights(forecasts, shares)
    square, count = _mean_squares(forecasts)
    usual = float((square * count).sum() / max(count.sum(), 1.0))
    plain = RareWeights(common, np.ones(len(RARE_SHARES) + 1), usual, 1.0)
    relative, is_allowed = _relative_errors(forecasts, plain)
    tested = np.where(is_allowed, count[:, None], 0.0)
    mean = np.where(is_allowed, relative, 0.0).sum(axis=0) / np.maximum(tested.sum(axis=0), 1.0)
    learnt = RareWeights(common, np.maximum(mean, 1e-12), usual, 1.0)
    if len(forecasts.units) < LEAST_RARE_SERIES:
        return learnt
    made = combine(forecasts, weigh_rare(forecasts, learnt))[:, :-1]
    is_tested = np.isfinite(forecasts.actual_units) & np.isfinite(made)
    recent = (2.0 ** np.arange(made.shape[1]))[None, :, None] * is_tested
    total = float((recent * np.where(is_tested, made, 0.0)).sum())
    actual = float((recent * np.where(is_tested, forecasts.actual_units, 0.0)).sum())
    factor = float(np.clip(actual / total, *BIAS_LIMITS)) if total > 0 and actual > 0 else 1.0
    return RareWeights(common, learnt.relative_errors, usual, factor)


def weigh_rare(forecasts: Forecasts, learnt: RareWeights) -> FloatArray:
    """Weights, series x models: common weights and single models by inverse squared errors, times the bias factor."""
    relative, is_allowed = _relative_errors(forecasts, learnt)
    count = np.isfinite(forecasts.actual_units).sum(axis=(1, 2))[:, None]
    error = (relative + RARE_PRIOR_MONTHS * learnt.relative_errors) / (count + RARE_PRIOR_MONTHS)
    shares = np.array([COMMON_SHARE, *RARE_SHARES.values()])
    raw = np.where(is_allowed, shares * np.maximum(error, 1e-12) ** -RARE_POWER, 0.0)
    total = raw.sum(axis=1, keepdims=True)
    parts = np.divide(raw, total, out=np.zeros_like(raw), where=total > 0)
    weights = parts[:, :1] * _same(forecasts, learnt.common)
    for place, name in enumerate(RARE_SHARES, start=1):
        weights[:, forecasts.names.index(name)] += parts[:, place]
    return (weights * learnt.bias_factor).round(WEIGHT_DECIMALS)


def _relative_errors(forecasts: Forecasts, learnt: RareWeights) -> tuple[FloatArray, np.ndarray]:
    """Squared errors summed over tested months, over the mean square of demand, and where there is a forecast.

    Series x (common weights, `RARE_SHARES`). A tenth of one month of usual demand is added to each, so that none divides by 0.
    """
    common = combine(forecasts, _same(forecasts, learnt.common))[:, None]
    places = [forecasts.names.index(name) for name in RARE_SHARES]
    units = np.concatenate([common, forecasts.units[:, places]], axis=1)
    is_tested = np.isfinite(forecasts.actual_units)[:, None]
    error = np.where(is_tested, units[:, :, :-1] - forecasts.actual_units[:, None], 0.0)
    is_allowed = np.isfinite(error).all(axis=(2, 3)) & np.isfinite(units[:, :, -1]).all(axis=2)
    square, count = _mean_squares(forecasts)
    level = np.maximum(square + 0.1 * learnt.usual_square / np.maximum(count, 1.0), 1e-12)
    return np.where(is_allowed, (error**2).sum(axis=(2, 3)), 0.0) / level[:, None], is_allowed


def _mean_squares(forecasts: Forecasts) -> tuple[FloatArray, FloatArray]:
    """Mean square of the tested months' demand, and how many there are, by series."""
    is_tested = np.isfinite(forecasts.actual_units)
    count = is_tested.sum(axis=(1, 2)).astype(np.float64)
    square = np.where(is_tested, forecasts.actual_units, 0.0) ** 2
    return square.sum(axis=(1, 2)) / np.maximum(count, 1.0), count


def common_rare_weights(forecasts: Forecasts, shares: FloatArray) -> FloatArray:
    """Weights of the models of rare demand, by model: least squares over the backtest of all rare series together.

    Each series counts by its own spread; the condition that the sum of forecasts equals the sum of actuals keeps least squares
    from shrinking them. Few series: the prior shares, moved as a whole by the measured bias.
    """
    is_tested = np.isfinite(forecasts.actual_units) & np.isfinite(forecasts.units[:, :, :-1]).all(axis=1)
    actual = forecasts.actual_units[is_tested]
    made = np.moveaxis(forecasts.units[:, :, :-1], 1, 3)[is_tested]
    if actual.size == 0 or actual.sum() <= 0:
        return shares / shares.sum()
    if len(forecasts.units) < LEAST_RARE_SERIES:
        prior = shares / shares.sum()
        return prior * np.clip(actual.sum() / max(float(made.sum(axis=0) @ prior), 1e-12), 0.8, 1.25)
    spread = np.sqrt(
        np.nanmean(np.where(is_tested, forecasts.actual_units, np.nan) ** 2, axis=(1, 2), where=is_tested)
    )
    spread = np.nan_to_num(spread) + 0.1 * np.nanmean(spread)
    scale = np.broadcast_to(spread[:, None, None], is_tested.shape)[is_tested]
    by_total = made.sum(axis=0) / actual.sum()
    square, product = (
        (made / scale[:, None]).T @ (made / scale[:, None]),
        (made / scale[:, None]).T @ (actual / scale),
    )
    pull = UNBIASED_PULL * np.trace(square) / len(square)
    square = square + pull * np.outer(by_total, by_total) + 1e-9 * np.trace(square) * np.eye(len(square))
    root = np.linalg.cholesky(square)
    weights, _ = nnls(root.T, np.linalg.solve(root, product + pull * by_total))
    return np.asarray(weights, dtype=np.float64)


def combine(forecasts: Forecasts, weights: FloatArray) -> FloatArray:
    """Weighted sum at every origin and at the end: series x origins x horizon; NaN where a series has no weights."""
    units = np.einsum("sm,smoh->soh", weights, np.nan_to_num(forecasts.units))
    return np.where((weights.sum(axis=1) > 0)[:, None, None], units, np.nan)


def combine_past(forecasts: Forecasts, shares: FloatArray, rare_weights: RareWeights | None) -> FloatArray:
    """As `combine` for the past origins, each with weights from the *other* origins' errors: what intervals learn from."""
    if rare_weights is not None:
        return combine(forecasts, weigh_rare(forecasts, rare_weights))[:, :-1]
    error, is_tested = _errors(forecasts)
    absolute = np.where(is_tested[:, None], np.abs(error), 0.0).sum(axis=3)
    counts = is_tested.sum(axis=2)
    is_usable = usable(forecasts)
    out = np.full(forecasts.actual_units.shape, np.nan)
    for o in range(absolute.shape[2]):
        others = counts.sum(axis=1) - counts[:, o]
        rest = absolute.sum(axis=2) - absolute[:, :, o]
        alone = others == 0
        rest[alone] = 1.0  # a single origin: the prior shares
        weights = weigh(rest / np.maximum(others, 1)[:, None], is_usable, shares)
        units = np.einsum("sm,smh->sh", weights, np.nan_to_num(forecasts.units[:, :, o]))
        out[:, o] = np.where((weights.sum(axis=1) > 0)[:, None], units, np.nan)
    return out
