"""Complex exponential smoothing (Svetunkov, Kourentzes & Ord 2022): without a season, or with a partial one.

Filter forward, backward and forward again, as StatsForecast's CES does, so that the initial states matter little; the two
(three) smoothing parameters by search in the same bounds. Add here: the other seasonal forms. Keep out: other families.
"""

import numpy as np
from numba import njit

from sop_pipeline.planning.demand.kernels.search import advance, start_simplex

LOWER = (0.01, 0.01, 0.01)
UPPER = (1.8, 1.9, 1.5)


@njit(nogil=True)
def _pass(a0, a1, b0, y, is_reversed, s, m):
    """One run over y; `s` holds level, potential, then the season by phase of this direction (m = 0: none)."""
    n = y.size
    level, potential = s[0], s[1]
    total = 0.0
    for i in range(n):
        value = y[n - 1 - i] if is_reversed else y[i]
        error = value - level
        if m > 0:
            j = 2 + i % m
            error -= s[j]
            s[j] += b0 * error
        total += error * error
        level, potential = (
            level - (1.0 - a1) * potential + (a0 - a1) * error,
            level + (1.0 - a0) * potential + (a0 + a1) * error,
        )
    s[0], s[1] = level, potential
    return total


@njit(nogil=True)
def _turn(p, n, s, m):
    """States for the run in the other direction: one empty step past the end, and the season read backwards."""
    s[0], s[1] = s[0] - (1.0 - p[1]) * s[1], s[0] + (1.0 - p[0]) * s[1]
    if m > 0:
        # phase (n - 1 - i) of this direction is met at step i of the next one
        turned = np.empty(m)
        for i in range(m):
            turned[i] = s[2 + (n - 1 - i) % m]
        for i in range(m):
            s[2 + i] = turned[i]


@njit(nogil=True)
def _run(p, y, aux, m):
    k = 2 + m
    s = aux[k : 2 * k]
    s[:] = aux[:k]
    b0 = p[2] if m > 0 else 0.0
    n = y.size
    _pass(p[0], p[1], b0, y, False, s, m)
    _turn(p, n, s, m)
    _pass(p[0], p[1], b0, y, True, s, m)
    _turn(p, n, s, m)
    return _pass(p[0], p[1], b0, y, False, s, m)


@njit(nogil=True)
def _criterion(p, y, aux, m):
    total = _run(p, y, aux, m)
    return y.size * np.log(max(total, 1e-300)) if total < 1e250 else 1e300


@njit(nogil=True, cache=True)
def forecast_complex(y, m, index, p, is_warm, most, aux, out):
    """Fill `out`. m = 0: no season, p = (a0, a1); m > 0: partial season starting from `index` (additive), p = (a0, a1, b0).

    `aux` needs 2 (m + 2) places.
    """
    k = 2 + m
    n = y.size
    count = min(max(10, m), n) if m == 0 else min(m, n)
    mean = 0.0
    for t in range(count):
        mean += y[t]
    mean /= count
    aux[0], aux[1] = mean, mean / 1.1
    for j in range(m):
        aux[2 + j] = index[j]
    size = p.size
    lower, upper = np.array(LOWER)[:size], np.array(UPPER)[:size]
    step = np.array([0.07, 0.05, 0.05])[:size] * (0.6 if is_warm else 1.0)
    value = np.inf
    for _ in range(1 if is_warm else 2):  # a simplex that has fallen onto a bound gets up again
        points, values, state = start_simplex(p, lower, upper, step)
        while advance(points, values, state, lower, upper, 1e-7, most, _criterion(points[-1], y, aux, m)):
            pass
        p[:] = points[0]
        value = values[0]
    _run(p, y, aux, m)
    s = aux[k : 2 * k]
    level, potential = s[0], s[1]
    for i in range(out.size):
        out[i] = level + (s[2 + (n + i) % m] if m > 0 else 0.0)
        level, potential = level - (1.0 - p[1]) * potential, level + (1.0 - p[0]) * potential
    return value
