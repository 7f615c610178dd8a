"""The season of one series: is there one, and which; classical decomposition by centred moving average.

Add here: another decomposition. Keep out: forecasting. `additive` and `multiplicative` are those of
statsmodels.tsa.seasonal.seasonal_decompose, which StatsForecast's theta models use.
"""

import math

import numpy as np
from numba import njit

Z_90 = 1.6448536269514722  # normal quantile 0.95: a two-sided test at 90 %


@njit(nogil=True, cache=True)
def is_seasonal(y, m):
    """Test of the autocorrelation at a season against Bartlett's band (Fiorucci et al. 2016), 90 %."""
    n = y.size
    if m < 2 or n < 2 * m:
        return False
    mean = 0.0
    for t in range(n):
        mean += y[t]
    mean /= n
    variance = 0.0
    for t in range(n):
        variance += (y[t] - mean) ** 2
    if variance <= 1e-12 * max(1.0, mean * mean) * n:
        return False
    total, last = 0.0, 0.0
    for lag in range(1, m + 1):
        product = 0.0
        for t in range(n - lag):
            product += (y[t] - mean) * (y[t + lag] - mean)
        last = product / variance
        if lag < m:
            total += last * last
    return abs(last) / math.sqrt((1.0 + 2.0 * total) / n) > Z_90


@njit(nogil=True, cache=True)
def decompose(y, m, is_multiplicative, index):
    """Seasonal `index` (filled, m values, of the phase t modulo m): mean 1 multiplicative, mean 0 additive.

    Needs two seasons. Ratios or differences to the centred moving average, averaged by phase, normalised.
    """
    n = y.size
    sums, counts = np.zeros(m), np.zeros(m)
    half = m // 2
    is_even = m % 2 == 0
    total = 0.0
    for t in range(half, n - half):
        if t == half:
            total = 0.0
            for j in range(t - half, t + half + 1):
                total += y[j]
        else:
            total += y[t + half] - y[t - half - 1]
        trend = (total - 0.5 * (y[t - half] + y[t + half])) / m if is_even else total / m
        if is_multiplicative:
            if trend > 0.0:
                sums[t % m] += y[t] / trend
                counts[t % m] += 1.0
        else:
            sums[t % m] += y[t] - trend
            counts[t % m] += 1.0
    mean = 0.0
    for j in range(m):
        index[j] = sums[j] / counts[j] if counts[j] > 0.0 else (1.0 if is_multiplicative else 0.0)
        mean += index[j]
    mean /= m
    for j in range(m):
        if is_multiplicative:
            index[j] = index[j] / mean if mean > 0.0 else 1.0
        else:
            index[j] -= mean


@njit(nogil=True, cache=True)
def adjust(y, m, index, adjusted):
    """Test, decompose and take the season out: 0 no season, 1 multiplicative, 2 additive (values not all positive).

    Fills `index` (neutral without a season) and `adjusted` (len(y)).
    """
    n = y.size
    index[:] = 1.0
    adjusted[:n] = y
    if not is_seasonal(y, m):
        return 0
    smallest = y[0]
    for t in range(n):
        smallest = min(smallest, y[t])
    if smallest > 0.0:
        decompose(y, m, True, index)
        lowest = index[0]
        for j in range(m):
            lowest = min(lowest, index[j])
        if lowest >= 0.01:
            for t in range(n):
                adjusted[t] = y[t] / index[t % m]
            return 1
    decompose(y, m, False, index)
    for t in range(n):
        adjusted[t] = y[t] - index[t % m]
    return 2


@njit(nogil=True, cache=True)
def restore(kind, index, m, n, forecast):
    """Give a forecast of `adjusted` values (first of period n) its season back, in place."""
    if kind == 0:
        return
    for k in range(forecast.size):
        if kind == 1:
            forecast[k] *= index[(n + k) % m]
        else:
            forecast[k] += index[(n + k) % m]


@njit(nogil=True, cache=True)
def seasonal_strength(y, m, index):
    """1 - variance of what is left over that of season and rest (Wang, Smith & Hyndman 2006); additive `index`."""
    n, half = y.size, m // 2
    if n < 2 * m + 1:
        return 0.0
    count = 0
    sum_r = sum_rr = sum_d = sum_dd = 0.0
    for t in range(half, n - half):
        total = 0.0
        for j in range(t - half, t + half + 1):
            total += y[j]
        trend = (total - 0.5 * (y[t - half] + y[t + half])) / m if m % 2 == 0 else total / m
        detrended = y[t] - trend
        rest = detrended - index[t % m]
        count += 1
        sum_d += detrended
        sum_dd += detrended * detrended
        sum_r += rest
        sum_rr += rest * rest
    whole = sum_dd - sum_d * sum_d / count
    return max(0.0, 1.0 - (sum_rr - sum_r * sum_r / count) / whole) if whole > 1e-300 else 0.0
