"""Exponential smoothing with a season: Holt-Winters in error-correction form, additive or multiplicative season.

Initial season from the decomposition, initial level and trend from the first two seasons adjusted, smoothing parameters by
search. Given parameters and initial states the recursion is StatsForecast's ETS(A,*,A) and ETS(M,*,M).
Add here: another seasonal form. Keep out: seasons taken out beforehand (`season`).
"""

import numpy as np
from numba import njit

from sop_pipeline.planning.demand.kernels.search import advance, start_simplex

LOWEST, HIGHEST = 1e-4, 0.9999


@njit(nogil=True)
def run_additive(alpha, beta, gamma, phi, y, state, m):
    """Filter ETS(A,Ad,A) in place: `state` is level, trend, then the season by phase t modulo m. Returns the squares."""
    level, trend = state[0], state[1]
    total = 0.0
    for t in range(y.size):
        j = 2 + t % m
        base = level + phi * trend
        error = y[t] - base - state[j]
        total += error * error
        level = base + alpha * error
        trend = phi * trend + beta * error
        state[j] += gamma * error
    state[0], state[1] = level, trend
    return total


@njit(nogil=True)
def run_multiplicative(alpha, beta, gamma, phi, y, state, m):
    """Filter ETS(M,Ad,M) in place; returns n log(sum of squared relative errors) + 2 sum log|forecast| (to minimise)."""
    level, trend = state[0], state[1]
    total, logs = 0.0, 0.0
    for t in range(y.size):
        j = 2 + t % m
        base = level + phi * trend
        forecast = base * state[j]
        if forecast <= 1e-10 or base <= 1e-10:
            return 1e300
        error = (y[t] - forecast) / forecast
        total += error * error
        logs += np.log(forecast)
        level = base * (1.0 + alpha * error)
        trend = phi * trend + beta * base * error
        state[j] *= 1.0 + gamma * error
    state[0], state[1] = level, trend
    return y.size * np.log(max(total, 1e-300)) + 2.0 * logs


@njit(nogil=True)
def _additive(p, y, aux, m):
    state = aux[m + 2 : 2 * m + 4]
    state[:] = aux[: m + 2]
    has_trend = p.size > 2
    alpha, phi = p[0], p[3] if p.size == 4 else 1.0
    value = run_additive(alpha, alpha * p[2] if has_trend else 0.0, (1.0 - alpha) * p[1], phi, y, state, m)
    return max(value, 1e-300)


@njit(nogil=True)
def _multiplicative(p, y, aux, m):
    state = aux[m + 2 : 2 * m + 4]
    state[:] = aux[: m + 2]
    has_trend = p.size > 2
    alpha, phi = p[0], p[3] if p.size == 4 else 1.0
    return run_multiplicative(
        alpha, alpha * p[2] if has_trend else 0.0, (1.0 - alpha) * p[1], phi, y, state, m
    )


@njit(nogil=True)
def _initial_line(y, m, index, is_multiplicative, has_trend, aux):
    """Level and trend before the first value from a line through the first two adjusted seasons; the season as given."""
    n = min(y.size, max(2 * m, 10))
    st = stt = sy = sty = 0.0
    for t in range(n):
        value = y[t] / index[t % m] if is_multiplicative else y[t] - index[t % m]
        st += t + 1.0
        stt += (t + 1.0) * (t + 1.0)
        sy += value
        sty += (t + 1.0) * value
    slope = (n * sty - st * sy) / (n * stt - st * st) if has_trend else 0.0
    aux[0], aux[1] = (sy - slope * st) / n, slope
    if is_multiplicative and (aux[0] <= 0.0 or aux[0] + 2 * slope <= 0.0):
        aux[0], aux[1] = sy / n, 0.0
    aux[2 : m + 2] = index


@njit(nogil=True, cache=True)
def forecast_seasonal(y, m, index, is_multiplicative, p, is_warm, most, aux, out):
    """Fill `out`; the size of `p` says the form: (alpha, gamma) no trend, + beta / alpha trend, + phi damped.

    gamma is p[1] (1 - alpha). `aux` needs 2 m + 4 places. Returns the criterion.
    """
    size = p.size
    _initial_line(y, m, index, is_multiplicative, size > 2, aux)
    lower = np.array([LOWEST, LOWEST, LOWEST, 0.8])[:size]
    upper = np.array([HIGHEST, HIGHEST, HIGHEST, 0.98])[:size]
    step = np.array([0.1, 0.1, 0.1, -0.05])[:size]
    if is_warm:
        step = 0.4 * step
    points, values, moves = start_simplex(p, lower, upper, step)
    while True:
        trial = points[-1]
        value = _multiplicative(trial, y, aux, m) if is_multiplicative else _additive(trial, y, aux, m)
        if not advance(points, values, moves, lower, upper, 1e-6, most, value):
            break
    p[:] = points[0]
    if is_multiplicative:
        _multiplicative(p, y, aux, m)
    else:
        _additive(p, y, aux, m)
    state = aux[m + 2 : 2 * m + 4]
    extend_seasonal(state, y.size, m, p[3] if size == 4 else 1.0, is_multiplicative, out)
    return values[0]


@njit(nogil=True, cache=True)
def extend_seasonal(state, n, m, phi, is_multiplicative, out):
    """Forecast from the last `state` of n values."""
    factor, total = phi, phi
    for k in range(out.size):
        base = state[0] + total * state[1]
        seasonal = state[2 + (n + k) % m]
        out[k] = base * seasonal if is_multiplicative else base + seasonal
        factor *= phi
        total += factor
