"""Exponential smoothing without a season: level, trend, damped trend (Brown; Holt; Gardner & McKenzie).

Additive errors are linear in the initial level and trend once the smoothing parameters are given, so the initial states are
solved exactly and only the parameters are searched: the optimum of StatsForecast's ETS(A,N,N), (A,A,N) and (A,Ad,N).
Add here: another non-seasonal form. Keep out: seasonal forms (`seasonal_smoothing`).
"""

import math

import numpy as np
from numba import njit

from sop_pipeline.planning.demand.kernels.search import advance, start_simplex

LOWEST, HIGHEST = 1e-4, 0.9999
LOWEST_PHI, HIGHEST_PHI = 0.8, 0.98
GOLDEN = (math.sqrt(5.0) + 1.0) / 2.0


@njit(nogil=True, cache=True)
def ses_sum_of_squares(alpha, y):
    """Squared one-step errors of simple smoothing that starts at the first value."""
    level, total = y[0], 0.0
    for t in range(1, y.size):
        error = y[t] - level
        total += error * error
        level += alpha * error
    return total


@njit(nogil=True, cache=True)
def ses_level(y, alpha):
    """Level after the last value, started at the first one."""
    level = y[0]
    for t in range(1, y.size):
        level += alpha * (y[t] - level)
    return level


@njit(nogil=True, cache=True)
def optimised_ses_level(y, lower, upper):
    """Level of simple smoothing with alpha in [lower, upper] by golden section: StatsForecast's `SESOpt` and its kin."""
    a, b = lower, upper
    c, d = b - (b - a) / GOLDEN, a + (b - a) / GOLDEN
    fc, fd = ses_sum_of_squares(c, y), ses_sum_of_squares(d, y)
    while b - a >= 1e-7 and fc != fd:
        if fc < fd:
            b, d, fd = d, c, fc
            c = b - (b - a) / GOLDEN
            fc = ses_sum_of_squares(c, y)
        else:
            a, c, fc = c, d, fd
            d = a + (b - a) / GOLDEN
            fd = ses_sum_of_squares(d, y)
    return ses_level(y, (a + b) / 2.0)


@njit(nogil=True)
def _trend_sums(alpha, beta, phi, y, aux):
    """Sums for the exact initial (level, trend), and the three filters' last states, into `aux`."""
    l0 = t0 = l1 = t1 = l2 = t2 = 0.0
    l1, t2 = 1.0, 1.0
    see = s01 = s02 = s11 = s12 = s22 = 0.0
    for t in range(y.size):
        f0, f1, f2 = l0 + phi * t0, l1 + phi * t1, l2 + phi * t2
        e0 = y[t] - f0
        see += e0 * e0
        s01 += e0 * f1
        s02 += e0 * f2
        s11 += f1 * f1
        s12 += f1 * f2
        s22 += f2 * f2
        l0, t0 = f0 + alpha * e0, phi * t0 + beta * e0
        l1, t1 = f1 - alpha * f1, phi * t1 - beta * f1
        l2, t2 = f2 - alpha * f2, phi * t2 - beta * f2
    aux[0], aux[1], aux[2], aux[3], aux[4], aux[5] = see, s01, s02, s11, s12, s22
    aux[6], aux[7], aux[8], aux[9], aux[10], aux[11] = l0, t0, l1, t1, l2, t2


@njit(nogil=True)
def _initial(aux, has_trend):
    see, s01, s02, s11, s12, s22 = aux[0], aux[1], aux[2], aux[3], aux[4], aux[5]
    if not has_trend:
        level = s01 / s11 if s11 > 0.0 else 0.0
        return see - 2.0 * level * s01 + level * level * s11, level, 0.0
    determinant = s11 * s22 - s12 * s12
    if determinant <= 1e-12 * s11 * s22:
        level = s01 / s11 if s11 > 0.0 else 0.0
        return see - 2.0 * level * s01 + level * level * s11, level, 0.0
    level = (s22 * s01 - s12 * s02) / determinant
    trend = (s11 * s02 - s12 * s01) / determinant
    value = (
        see
        - 2.0 * (level * s01 + trend * s02)
        + level * level * s11
        + 2.0 * level * trend * s12
        + trend * trend * s22
    )
    return value, level, trend


@njit(nogil=True)
def _holt(p, y, aux):
    """p: alpha, beta / alpha, phi (last only where damped)."""
    phi = p[2] if p.size == 3 else 1.0
    _trend_sums(p[0], p[0] * p[1], phi, y, aux)
    return max(_initial(aux, True)[0], 1e-300)


@njit(nogil=True)
def _level(alpha, y, aux):
    _trend_sums(alpha, 0.0, 0.0, y, aux)
    return _initial(aux, False)[0]


@njit(nogil=True, cache=True)
def forecast_level(y, aux, out):
    """ETS(A,N,N) with its initial level solved: fills `out`, returns alpha."""
    a, b = LOWEST, HIGHEST
    c, d = b - (b - a) / GOLDEN, a + (b - a) / GOLDEN
    fc, fd = _level(c, y, aux), _level(d, y, aux)
    while b - a >= 1e-4 and fc != fd:
        if fc < fd:
            b, d, fd = d, c, fc
            c = b - (b - a) / GOLDEN
            fc = _level(c, y, aux)
        else:
            a, c, fc = c, d, fd
            d = a + (b - a) / GOLDEN
            fd = _level(d, y, aux)
    alpha = (a + b) / 2.0
    _level(alpha, y, aux)
    _, initial, _ = _initial(aux, False)
    out[:] = aux[6] + initial * aux[8]
    return alpha


@njit(nogil=True)
def _search_trend(x, lower, upper, step, y, aux, tolerance, most):
    points, values, state = start_simplex(x, lower, upper, step)
    while advance(points, values, state, lower, upper, tolerance, most, _holt(points[-1], y, aux)):
        pass
    x[:] = points[0]
    return values[0]


@njit(nogil=True, cache=True)
def forecast_trend(y, is_damped, p, is_warm, most, aux, out):
    """ETS(A,A,N) or (A,Ad,N): fills `out`; `p` (alpha, beta / alpha, phi) is where the search starts and then ends.

    Where `is_warm`, `p` holds the parameters of a shorter history of the same series and the search stays short.
    Returns the sum of squared one-step errors.
    """
    size = 3 if is_damped else 2
    lower = np.array([LOWEST, LOWEST, LOWEST_PHI])[:size]
    upper = np.array([HIGHEST, HIGHEST, HIGHEST_PHI])[:size]
    step = np.array([0.1, 0.1, -0.05])[:size]
    best = p[:size].copy()
    if is_warm:
        value = _search_trend(best, lower, upper, 0.5 * step, y, aux, 1e-6, most)
    else:
        value = np.inf
        for start in range(3):
            trial = np.array([(0.1, 0.4, 0.8)[start], (0.1, 0.05, 0.2)[start], 0.95])[:size]
            found = _search_trend(trial, lower, upper, step, y, aux, 1e-7, most)
            if found < value:
                value = found
                best[:] = trial
    p[:size] = best
    phi = best[2] if is_damped else 1.0
    _trend_sums(best[0], best[0] * best[1], phi, y, aux)
    _, level, trend = _initial(aux, True)
    last = aux[6] + level * aux[8] + trend * aux[10]
    slope = aux[7] + level * aux[9] + trend * aux[11]
    factor, total = phi, phi
    for k in range(out.size):
        out[k] = last + total * slope
        factor *= phi
        total += factor
    return value
