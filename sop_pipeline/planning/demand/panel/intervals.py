"""How far off a forecast may be: 80 and 95 % intervals from the errors that the backtest made, of all series together.

Each error is divided by the usual error of its own series at the *other* origins; the quantiles of what results, step by
step, are the pool's, and what they are multiplied with is the series' own (split conformal prediction, pooled). So a series
with few origins still gets intervals of the right width. Add here: other ways to spread. Keep out: the forecasts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_pipeline.planning.demand.kernels.batch import FloatArray

QUANTILES = {"lo95": 0.025, "lo80": 0.10, "hi80": 0.90, "hi95": 0.975}
NORMAL = np.array([-1.959964, -1.281552, 1.281552, 1.959964]) / 0.797885  # over the mean absolute error
LEAST_ERRORS = 200
PRIOR_ERRORS = 12.0  # errors that the pool's usual size counts for in a series' own
UNKNOWN_RATIO = 0.5  # usual error over the scale of a series where nothing has been tested


@dataclass(frozen=True)
class Spread:
    """What the pool says: `multiples` (horizon x QUANTILES) of a series' usual error, and that error over its scale."""

    multiples: FloatArray
    error_ratio: float


def learn_spread(errors: FloatArray, scales: FloatArray, forecasts: FloatArray, is_rare: bool) -> Spread:
    """`errors` (actual - forecast) of `forecasts`, series x origins x horizon, NaN where untested; `scales` by series, units.

    Rare demand is often 0 and its lower bounds cannot be missed there: the upper ones are then drawn closer, so that both
    together hold as often as they say.
    """
    horizon = errors.shape[2]
    is_tested = np.isfinite(errors) & (scales > 0)[:, None, None]
    if is_tested.sum() < LEAST_ERRORS:
        return Spread(np.tile(NORMAL, (horizon, 1)) * _widening(horizon), UNKNOWN_RATIO)
    absolute = np.where(is_tested, np.abs(errors), 0.0)
    ratio = float((absolute / np.where(scales > 0, scales, 1.0)[:, None, None]).sum() / is_tested.sum())
    total, count = absolute.sum(axis=2), is_tested.sum(axis=2)
    others = total.sum(axis=1, keepdims=True) - total
    usual = (others + PRIOR_ERRORS * ratio * scales[:, None]) / (
        count.sum(axis=1, keepdims=True) - count + PRIOR_ERRORS
    )
    standard = np.where(is_tested, errors / np.maximum(usual, 1e-12)[:, :, None], np.nan)
    multiples = np.tile(NORMAL, (horizon, 1)) * _widening(horizon)
    tested_steps = []
    for step in range(horizon):
        near = standard[:, :, max(step - 1, 0) : step + 2]
        near = near[np.isfinite(near)]
        if len(near) >= LEAST_ERRORS:
            multiples[step] = np.quantile(near, list(QUANTILES.values()))
            tested_steps.append(step)
            if is_rare:
                size = np.maximum(usual, 1e-12)[:, :, None]
                floor = (
                    -forecasts[:, :, max(step - 1, 0) : step + 2] / size
                )  # where the forecast less the error is 0
                floor = floor[np.isfinite(standard[:, :, max(step - 1, 0) : step + 2])]
                below = [float((near < np.maximum(multiples[step, k], floor)).mean()) for k in (1, 0)]
                multiples[step, 2:] = np.quantile(
                    near, [min(0.80 + below[0], 0.999), min(0.95 + below[1], 0.999)]
                )
    if tested_steps and tested_steps[-1] < horizon - 1:
        last = tested_steps[-1]
        multiples[last + 1 :] = multiples[last] * (_widening(horizon)[last + 1 :] / _widening(horizon)[last])
    return Spread(multiples, ratio)


def _widening(horizon: int) -> FloatArray:
    """Normal intervals where nothing is known: the root of the step, slowed."""
    return np.asarray(np.arange(1, horizon + 1) ** 0.25, dtype=np.float64)[:, None]


def usual_errors(errors: FloatArray, scales: FloatArray, spread: Spread) -> FloatArray:
    """A series' usual absolute error, units: its own, drawn to the pool's where it has few."""
    is_tested = np.isfinite(errors)
    total = np.where(is_tested, np.abs(errors), 0.0).sum(axis=(1, 2))
    count = is_tested.sum(axis=(1, 2)) + PRIOR_ERRORS
    return np.asarray((total + PRIOR_ERRORS * spread.error_ratio * scales) / count, dtype=np.float64)


def bounds(
    mean: FloatArray, usual: FloatArray, spread: Spread, is_nonnegative: np.ndarray
) -> dict[str, FloatArray]:
    """Bounds of series x horizon by name: they never cross, hold the forecast, and are not negative where demand is not."""
    found = {
        name: mean + spread.multiples[None, : mean.shape[1], k] * usual[:, None]
        for k, name in enumerate(QUANTILES)
    }
    floor = np.where(is_nonnegative, 0.0, -np.inf)[:, None]
    found["lo80"] = np.maximum(np.minimum(found["lo80"], mean), floor)
    found["lo95"] = np.maximum(np.minimum(found["lo95"], found["lo80"]), floor)
    found["hi80"] = np.maximum(found["hi80"], mean)
    found["hi95"] = np.maximum(found["hi95"], found["hi80"])
    return found
