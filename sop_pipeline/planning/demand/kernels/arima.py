"""Seasonal ARIMA by conditional sum of squares: a few small orders, the best by AICc.

Orders (p,d,q)(P,D,Q) with at most two coefficients of each kind; differences by the caller. Cheap where the full search of
StatsForecast's AutoARIMA takes 200 ms a series. Add here: another order in `ORDERS`. Keep out: season taken out beforehand.
"""

import numpy as np
from numba import njit

from sop_pipeline.planning.demand.kernels.search import advance, start_simplex

# p, q, P, Q, constant: of the differenced series. A constant is left out where the series was differenced twice.
ORDERS = np.array(
    [
        [0, 1, 0, 1, 0],
        [1, 1, 0, 1, 0],
        [1, 0, 0, 1, 0],
        [0, 2, 0, 1, 0],
        [1, 0, 1, 0, 0],
        [0, 1, 0, 1, 1],
        [1, 0, 0, 1, 1],
        [1, 1, 0, 1, 1],
        [2, 0, 0, 1, 1],
    ],
    dtype=np.int64,
)
KPSS_CRITICAL = 0.463  # 5 %, around a level (Kwiatkowski et al. 1992)


@njit(nogil=True, cache=True)
def needs_difference(w):
    """KPSS test of stationarity around a level."""
    n = w.size
    mean = 0.0
    for t in range(n):
        mean += w[t] / n
    lags = int(3 * np.sqrt(n) / 13)
    partial = total = 0.0
    for t in range(n):
        partial += w[t] - mean
        total += partial * partial
    variance = 0.0
    for lag in range(lags + 1):
        product = 0.0
        for t in range(lag, n):
            product += (w[t] - mean) * (w[t - lag] - mean)
        variance += product if lag == 0 else 2.0 * (1.0 - lag / (lags + 1.0)) * product
    variance /= n
    return variance > 1e-300 and total / (n * n * variance) > KPSS_CRITICAL


@njit(nogil=True)
def _errors(p, w, aux, m):
    """Conditional sum of squares; aux[0:4] holds the orders, aux[4:] the errors (w.size)."""
    np_, nq, sp, sq = int(aux[0]), int(aux[1]), int(aux[2]), int(aux[3])
    has_mean = p.size > np_ + nq + sp + sq
    mean = p[p.size - 1] if has_mean else 0.0
    ar1 = p[0] if np_ > 0 else 0.0
    ar2 = p[1] if np_ > 1 else 0.0
    ma1 = p[np_] if nq > 0 else 0.0
    ma2 = p[np_ + 1] if nq > 1 else 0.0
    sar = p[np_ + nq] if sp > 0 else 0.0
    sma = p[np_ + nq + sp] if sq > 0 else 0.0
    n = w.size
    e = aux[4:]
    start = np_ + sp * m
    total = 0.0
    for t in range(n):
        if t < start:
            e[t] = 0.0
            continue
        value = w[t] - mean
        if np_ > 0:
            value -= ar1 * (w[t - 1] - mean)
            if np_ > 1:
                value -= ar2 * (w[t - 2] - mean)
        if sp > 0:
            value -= sar * (w[t - m] - mean)
            if np_ > 0:
                value += sar * ar1 * (w[t - m - 1] - mean)
                if np_ > 1:
                    value += sar * ar2 * (w[t - m - 2] - mean)
        if nq > 0 and t > 0:
            value -= ma1 * e[t - 1]
            if nq > 1 and t > 1:
                value -= ma2 * e[t - 2]
        if sq > 0 and t >= m:
            value -= sma * e[t - m]
            if nq > 0 and t > m:
                value -= sma * ma1 * e[t - m - 1]
                if nq > 1 and t > m + 1:
                    value -= sma * ma2 * e[t - m - 2]
        e[t] = value
        total += value * value
        if not total < 1e250:
            return 1e300
    return max(total, 1e-300)


@njit(nogil=True)
def _difference(y, lag, w):
    for t in range(lag, y.size):
        w[t - lag] = y[t] - y[t - lag]
    return y.size - lag


@njit(nogil=True, cache=True)
def forecast_arima(y, m, is_seasonal, choice, p, most, aux, out):
    """Fill `out`. `choice` (number of the order, differences; below 0: search) and `p` (6) hold the model and its start.

    The series is differenced over a season where `is_seasonal`, and once where the KPSS test asks for it. Returns AICc.
    """
    n = y.size
    is_warm = choice[0] >= 0
    w = y
    if is_seasonal:
        seasonal = np.empty(n)
        w = seasonal[: _difference(y, m, seasonal)]
    if not is_warm:
        choice[1] = 1 if needs_difference(w) else 0
    once = choice[1]
    if once:
        first = np.empty(w.size)
        w = first[: _difference(w, 1, first)]
    count = w.size
    lowest = np.inf
    begin, end = (choice[0], choice[0] + 1) if choice[0] >= 0 else (0, ORDERS.shape[0])
    best = p.copy()
    used = 0
    for k in range(begin, end):
        np_, nq, sp, sq, constant = ORDERS[k]
        if not is_seasonal:
            sp, sq = 0, 0
            if k == 4:
                continue
        if constant and once and is_seasonal:
            continue
        if not constant and not once:
            continue
        size = np_ + nq + sp + sq + constant
        if size == 0 or count < 2 * (np_ + sp * m) + 3 * size + 4:
            continue
        aux[0], aux[1], aux[2], aux[3] = np_, nq, sp, sq
        trial = np.zeros(size)
        step = np.full(size, 0.3)
        lower, upper = np.full(size, -0.98), np.full(size, 0.98)
        if np_ > 1:
            lower[1] = -0.9
        mean = 0.0
        for t in range(count):
            mean += w[t]
        mean /= count
        if constant:
            spread = 0.0
            for t in range(count):
                spread += abs(w[t] - mean)
            spread = spread / count + 1e-9
            lower[size - 1], upper[size - 1] = mean - 2 * spread, mean + 2 * spread
            trial[size - 1], step[size - 1] = mean, 0.2 * spread
        for i in range(np_, np_ + nq):
            trial[i] = -0.3 if i == np_ else 0.0
        if sq > 0:
            trial[np_ + nq + sp] = -0.5
        if is_warm:
            trial[:] = p[:size]
            step *= 0.3
        points, values, moves = start_simplex(trial, lower, upper, step)
        while advance(points, values, moves, lower, upper, 1e-6, most, _errors(points[-1], w, aux, m)):
            pass
        trial[:] = points[0]
        value = values[0]
        effective = count - np_ - sp * m
        parameters = size + 1
        criterion = effective * np.log(value / effective) * (count / effective) + 2.0 * parameters * (
            1.0 + (parameters + 1.0) / max(effective - parameters - 1.0, 1.0)
        )
        if criterion < lowest:
            lowest = criterion
            used = k
            best[:size] = trial
    if lowest == np.inf:
        for k in range(out.size):
            out[k] = y[n - m + k % m] if is_seasonal and n >= m else y[n - 1]
        return lowest
    choice[0] = used
    p[:] = best
    np_, nq, sp, sq, constant = ORDERS[used]
    if not is_seasonal:
        sp, sq = 0, 0
    size = np_ + nq + sp + sq + constant
    aux[0], aux[1], aux[2], aux[3] = np_, nq, sp, sq
    _errors(p[:size], w, aux, m)
    _extend(y, w, p[:size], aux, m, is_seasonal, once, np_, nq, sp, sq, out)
    return lowest


@njit(nogil=True)
def _extend(y, w, p, aux, m, is_seasonal, once, np_, nq, sp, sq, out):
    n, count, h = y.size, w.size, out.size
    mean = p[p.size - 1] if p.size > np_ + nq + sp + sq else 0.0
    values, e = np.empty(count + h), np.zeros(count + h)
    values[:count] = w - mean
    e[:count] = aux[4 : 4 + count]
    sar = p[np_ + nq] if sp > 0 else 0.0
    sma = p[np_ + nq + sp] if sq > 0 else 0.0
    for k in range(h):
        t = count + k
        value = 0.0
        for i in range(np_):
            value += p[i] * values[t - 1 - i]
            if sp > 0:
                value -= sar * p[i] * values[t - m - 1 - i]
        if sp > 0:
            value += sar * values[t - m]
        for i in range(nq):
            value += p[np_ + i] * e[t - 1 - i]
            if sq > 0 and t - m - 1 - i >= 0:
                value += sma * p[np_ + i] * e[t - m - 1 - i]
        if sq > 0 and t >= m:
            value += sma * e[t - m]
        values[t] = value
    full = np.empty(n + h)
    full[:n] = y
    for k in range(h):
        t = n + k
        change = values[count + k] + mean
        if is_seasonal:
            change += full[t - m]
            if once:
                change += full[t - 1] - full[t - m - 1]
        elif once:
            change += full[t - 1]
        full[t] = change
        out[k] = change
