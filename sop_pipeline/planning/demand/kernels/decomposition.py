"""Season and trend by loess (Cleveland et al. 1990): MSTL with the one season that a series has.

The season may drift from year to year, which indices that are means over all years cannot. Windows and rounds are those of
StatsForecast's `mstl` (season: 11 years, degree 0; trend: what follows from both, degree 1; five rounds, not robust). The
weights of loess depend on places only, so they are made once for all rounds. Add here: a second season. Keep out: how the
rest is forecast (`pool`), whether it pays.
"""

import numpy as np
from numba import njit

SEASONAL_WINDOW = 11
ROUNDS = 5


@njit(nogil=True)
def _loess_weights(n, window, degree):
    """Weights of a local fit among `width` = min(window, n) neighbours: (width + 2) x width.

    Row k is the fit at their k-th place, from 1; row 0 that of the period before them, the last row that of the one after.
    """
    width = min(window, n)
    weights = np.zeros((width + 2, width))
    for at in range(width + 2):
        h = max(at - 1, width - at)
        if window > n:
            h += (window - n) // 2
        total = mean = spread = 0.0
        for j in range(1, width + 1):
            r = abs(j - at)
            if r <= 0.999 * h:
                weights[at, j - 1] = 1.0 if r <= 0.001 * h else (1.0 - (r / h) ** 3) ** 3
                total += weights[at, j - 1]
        for j in range(1, width + 1):
            weights[at, j - 1] /= total
            mean += weights[at, j - 1] * j
        if degree > 0:
            for j in range(1, width + 1):
                spread += weights[at, j - 1] * (j - mean) ** 2
            if np.sqrt(spread) > 0.001 * (n - 1.0):
                for j in range(1, width + 1):
                    weights[at, j - 1] *= (at - mean) / spread * (j - mean) + 1.0
    return weights


@njit(nogil=True)
def _loess(y, first, step, n, weights, is_extended, out, out_first):
    """Smooth the n values y[first], y[first + step], ... into `out` at the same distances from `out_first`.

    Where `is_extended`, also the period before them (at `out_first - step`) and the one after.
    """
    width = weights.shape[1]
    half = (width + 1) // 2
    begin, end = (-1, n + 1) if is_extended else (0, n)
    for i in range(begin, end):
        left = max(0, min(i + 1 - half, n - width))
        total = 0.0
        for j in range(width):
            total += weights[i + 1 - left, j] * y[first + (left + j) * step]
        out[out_first + i * step] = total


@njit(nogil=True)
def _moving_average(y, n, length, out):
    total = 0.0
    for t in range(n):
        total += y[t]
        if t >= length:
            total -= y[t - length]
        if t >= length - 1:
            out[t - length + 1] = total / length


@njit(nogil=True)
def _odd_above(value):
    least = int(np.ceil(value))
    return least + 1 if least % 2 == 0 else least


@njit(nogil=True, cache=True)
def decompose_by_loess(y, m, seasonal, trend):
    """Fill `seasonal` and `trend` (len(y)) with those of y; needs two seasons of m > 1 periods."""
    n = y.size
    seasons = n // m  # of the places of a year, the first n % m have one value more
    for_longer = _loess_weights(seasons + 1, SEASONAL_WINDOW, 0)
    for_shorter = _loess_weights(seasons, SEASONAL_WINDOW, 0)
    for_low_pass = _loess_weights(n, _odd_above(m + 1.0), 1)
    for_trend = _loess_weights(n, _odd_above(1.5 * m / (1.0 - 1.5 / SEASONAL_WINDOW)), 1)
    cycle, once, twice = np.empty(n + 2 * m), np.empty(n + 2 * m), np.empty(n + 2 * m)
    is_extended = n > 0  # no literal, see `pool`
    seasonal[:] = 0.0
    trend[:] = 0.0
    for _ in range(ROUNDS):
        for t in range(n):
            once[t] = y[t] - trend[t]
        for j in range(m):
            if j < n - seasons * m:
                _loess(once, j, m, seasons + 1, for_longer, is_extended, cycle, m + j)
            else:
                _loess(once, j, m, seasons, for_shorter, is_extended, cycle, m + j)
        _moving_average(cycle, n + 2 * m, m, once)
        _moving_average(once, n + m + 1, m, twice)
        _moving_average(twice, n + 2, 3, once)
        _loess(once, 0, 1, n, for_low_pass, not is_extended, twice, 0)
        for t in range(n):
            seasonal[t] = cycle[m + t] - twice[t]
            once[t] = y[t] - seasonal[t]
        _loess(once, 0, 1, n, for_trend, not is_extended, trend, 0)
