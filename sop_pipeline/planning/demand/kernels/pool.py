"""All models on one series, at all its origins: the compiled loop that everything else feeds.

At each origin the season is tested and taken out of the known values only, then each model is fitted again, its search
starting from the parameters that a shorter history of the same series gave. Add here: a model, with its name in the list
of its pool. Keep out: how a model works (its family), what its errors mean (`learn`).
"""

import numpy as np
from numba import njit

from sop_pipeline.planning.demand.kernels.arima import forecast_arima
from sop_pipeline.planning.demand.kernels.complex_smoothing import forecast_complex
from sop_pipeline.planning.demand.kernels.decomposition import decompose_by_loess
from sop_pipeline.planning.demand.kernels.intermittent import (
    aggregated_rate,
    aggregation_periods,
    croston_rate,
    imapa_rate,
    split_demand,
    tsb_rate,
)
from sop_pipeline.planning.demand.kernels.naive import (
    forecast_last_season,
    forecast_mean,
    forecast_seasons_mean,
    forecast_window_mean,
)
from sop_pipeline.planning.demand.kernels.season import adjust, decompose, restore, seasonal_strength
from sop_pipeline.planning.demand.kernels.seasonal_smoothing import forecast_seasonal
from sop_pipeline.planning.demand.kernels.smoothing import forecast_trend
from sop_pipeline.planning.demand.kernels.theta import forecast_theta

ORDER_KEPT = (
    3  # origins at which the order of an ARIMA is kept before it is searched again; always at the last one
)
DIFFERENCED_STRENGTH = 0.64  # of the season, from which it is differenced (as AutoARIMA does)

REGULAR_MODELS = (
    "seasonal_naive",
    "seasonal_window_average",
    "window_average",
    "damped_trend",
    "dynamic_theta",
    "log_dynamic_theta",
    "seasonal_level",
    "complex",
    "complex_partial",
    "seasonal_additive",
    "seasonal_multiplicative",
    "arima",
    "log_damped_trend",
    "log_arima",
    "mstl",
)
FAST_MODELS = REGULAR_MODELS[:7]
RARE_MODELS = (
    "seasonal_naive",
    "window_average",
    "season_average",
    "long_average",
    "croston_sba",
    "croston_optimized",
    "tsb",
    "adida",
    "imapa",
    "historic_average",
)


@njit(nogil=True, cache=True)
def forecast_regular(y, lengths, m, out):
    """Fill `out` (models x origins x horizon, NaN where a model cannot) for one series, origins from short to long.

    As many models as `out` has room for: `FAST_MODELS`, or all of `REGULAR_MODELS`. An origin of length 0 is left out.
    """
    n, is_fast = y.size, out.shape[0] <= 7
    aux = np.empty(3 * n + 3 * m + 64)
    adjusted, logs, index, flat = np.empty(n), np.empty(n), np.ones(m), np.zeros(m)
    drifting, trend, rest = np.empty(n), np.empty(n), np.empty(n)
    damped_p, log_p, level_p = np.empty(3), np.empty(3), np.array([0.2, 0.1])
    complex_p, partial_p = np.array([1.3, 1.0]), np.array([1.3, 1.0, 0.1])
    additive_p, multiplicative_p = np.array([0.2, 0.1, 0.05, 0.95]), np.array([0.2, 0.1, 0.05, 0.95])
    arima_p, log_arima_p = np.zeros(6), np.zeros(6)
    choice, log_choice = np.full(2, -1), np.full(2, -1)
    # Never true here, and 0, but no literals: a kernel that gets a literal is compiled for it and once more for any value.
    is_warm = was_seasonal = logs_warm = is_ratio = lengths.size < 0
    no_season = 0 * lengths.size
    for o in range(lengths.size):
        if lengths[o] < 4:
            continue
        known = y[: lengths[o]]
        size = known.size
        has_season = m > 1 and size >= 2 * m
        kind = adjust(known, m, index, adjusted)
        plain = adjusted[:size]
        is_positive = True
        for t in range(size):
            if known[t] <= 0.0:
                is_positive = False
        most = 40 if is_warm else 120
        forecast_last_season(known, m, out[0, o])
        forecast_seasons_mean(known, m, 2, out[1, o])
        forecast_window_mean(plain, 6, out[2, o])
        restore(kind, index, m, size, out[2, o])
        forecast_trend(plain, True, damped_p, is_warm, most, aux, out[3, o])
        restore(kind, index, m, size, out[3, o])
        forecast_theta(plain, True, True, aux, out[4, o])
        restore(kind, index, m, size, out[4, o])
        if is_positive and kind != 2:
            for t in range(size):
                logs[t] = np.log(plain[t])
            forecast_theta(logs[:size], True, True, aux, out[5, o])
            out[5, o] = np.exp(out[5, o])
            restore(kind, index, m, size, out[5, o])
            if not is_fast:
                forecast_trend(logs[:size], True, log_p, logs_warm, most, aux, out[12, o])
                logs_warm = True
                out[12, o] = np.exp(out[12, o])
                restore(kind, index, m, size, out[12, o])
        if has_season:
            decompose(known, m, False, flat)
            forecast_seasonal(
                known, m, flat, is_ratio, level_p, is_warm, 50 if is_warm else 100, aux, out[6, o]
            )
        if not is_fast:
            if size >= 8:
                forecast_complex(
                    plain, no_season, flat, complex_p, is_warm, 60 if is_warm else 120, aux, out[7, o]
                )
                restore(kind, index, m, size, out[7, o])
            strength = 0.0
            if has_season:
                strength = seasonal_strength(known, m, flat) if kind > 0 and size >= 2 * m + 6 else 0.0
                most = 80 if is_warm else 200
                forecast_complex(known, m, flat, partial_p, is_warm, most, aux, out[8, o])
                forecast_seasonal(known, m, flat, is_ratio, additive_p, is_warm, most, aux, out[9, o])
                if is_positive:
                    decompose(known, m, True, flat)
                    forecast_seasonal(
                        known, m, flat, not is_ratio, multiplicative_p, is_warm, most, aux, out[10, o]
                    )
            is_seasonal = strength > DIFFERENCED_STRENGTH
            if is_seasonal != was_seasonal or o == lengths.size - 1 or o % ORDER_KEPT == 0:
                choice[0], log_choice[0] = -1, -1
                was_seasonal = is_seasonal
            used = known if is_seasonal else plain
            forecast_arima(
                used, m, is_seasonal, choice, arima_p, 60 if choice[0] >= 0 else 150, aux, out[11, o]
            )
            if not is_seasonal:
                restore(kind, index, m, size, out[11, o])
            if is_positive and (is_seasonal or kind != 2):
                for t in range(size):
                    logs[t] = np.log(known[t] if is_seasonal else plain[t])
                most = 60 if log_choice[0] >= 0 else 150
                forecast_arima(logs[:size], m, is_seasonal, log_choice, log_arima_p, most, aux, out[13, o])
                out[13, o] = np.exp(out[13, o])
                if not is_seasonal:
                    restore(kind, index, m, size, out[13, o])
            if has_season:
                decompose_by_loess(known, m, drifting[:size], trend[:size])
                for t in range(size):
                    rest[t] = known[t] - drifting[t]
                forecast_theta(rest[:size], True, True, aux, out[14, o])
                for k in range(out.shape[2]):
                    out[14, o, k] += drifting[size - m + k % m]
        is_warm = True


@njit(nogil=True, cache=True)
def forecast_rare(y, lengths, m, out):
    """As `forecast_regular`, with `RARE_MODELS`."""
    n = y.size
    sizes, intervals, sums = np.empty(n), np.empty(n), np.empty(n)
    for o in range(lengths.size):
        if lengths[o] < 1:
            continue
        known = y[: lengths[o]]
        forecast_last_season(known, m, out[0, o])
        forecast_window_mean(known, 6, out[1, o])
        forecast_window_mean(known, max(m, 6), out[2, o])
        forecast_window_mean(known, max(3 * m // 2, 9), out[3, o])
        count = split_demand(known, sizes, intervals)
        if count == 0:
            out[4:, o] = 0.0
            continue
        out[4, o] = 0.95 * croston_rate(sizes[:count], intervals[:count], False)
        out[5, o] = croston_rate(sizes[:count], intervals[:count], True)
        out[6, o] = tsb_rate(known, sizes[:count], 0.2, 0.2)
        periods = aggregation_periods(intervals[:count])
        out[7, o] = aggregated_rate(known, periods, sums)
        out[8, o] = imapa_rate(known, periods, sums)
        forecast_mean(known, out[9, o])
