"""What needs no fit: last value, last season, drift, means. Yardsticks, and hard to beat where a level has jumped.

Add here: another rule without parameters. Keep out: anything that searches.
"""

import numpy as np
from numba import njit


@njit(nogil=True, cache=True)
def forecast_last_season(y, m, out):
    """Seasonal naive; the last value where there is no whole season."""
    lag = m if y.size >= m else 1
    for k in range(out.size):
        out[k] = y[y.size - lag + k % lag]


@njit(nogil=True, cache=True)
def forecast_seasons_mean(y, m, seasons, out):
    """Mean of the same phase in the last `seasons` seasons that are there: StatsForecast's SeasonalWindowAverage."""
    there = min(seasons, y.size // m)
    for k in range(out.size):
        if there == 0:
            out[k] = y[y.size - 1]
            continue
        total = 0.0
        for s in range(1, there + 1):
            total += y[y.size - s * m + k % m]
        out[k] = total / there


@njit(nogil=True, cache=True)
def forecast_window_mean(y, window, out):
    """Mean of the last `window` values: StatsForecast's WindowAverage."""
    count = min(window, y.size)
    total = 0.0
    for t in range(y.size - count, y.size):
        total += y[t]
    out[:] = total / count


@njit(nogil=True, cache=True)
def forecast_drift(y, out):
    """The line through the first and the last value: StatsForecast's RandomWalkWithDrift."""
    slope = (y[y.size - 1] - y[0]) / (y.size - 1) if y.size > 1 else 0.0
    for k in range(out.size):
        out[k] = y[y.size - 1] + (k + 1) * slope


@njit(nogil=True, cache=True)
def forecast_mean(y, out):
    """Mean of all values: StatsForecast's HistoricAverage."""
    out[:] = np.mean(y)
