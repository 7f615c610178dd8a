"""Rare demand: Croston and its corrections, Teunter-Syntetos-Babai, temporal aggregation (ADIDA, IMAPA).

Forecasts are rates: one number for the whole horizon. Each equals StatsForecast's model of the same name.
Sources: Croston 1972; Syntetos & Boylan 2005; Teunter, Syntetos & Babai 2011; Nikolopoulos et al. 2011; Petropoulos &
Kourentzes 2015. Add here: another model of rare demand. Keep out: what a class is (`classes`).
"""

import numpy as np
from numba import njit

from sop_pipeline.planning.demand.kernels.smoothing import optimised_ses_level, ses_level

CROSTON_ALPHA = 0.1
LOWEST_ALPHA, HIGHEST_ALPHA = 0.1, 0.3  # bounds of the searched smoothing of sizes, intervals and sums


@njit(nogil=True, cache=True)
def split_demand(y, sizes, intervals):
    """Sizes of demands, and months between them (the first from the start); returns how many."""
    count, last = 0, -1
    for t in range(y.size):
        if y[t] != 0.0:
            sizes[count] = y[t]
            intervals[count] = t - last
            last = t
            count += 1
    return count


@njit(nogil=True, cache=True)
def croston_rate(sizes, intervals, is_optimised):
    """Smoothed size over smoothed interval."""
    if is_optimised:
        return optimised_ses_level(sizes, LOWEST_ALPHA, HIGHEST_ALPHA) / optimised_ses_level(
            intervals, LOWEST_ALPHA, HIGHEST_ALPHA
        )
    return ses_level(sizes, CROSTON_ALPHA) / ses_level(intervals, CROSTON_ALPHA)


@njit(nogil=True, cache=True)
def tsb_rate(y, sizes, alpha_demand, alpha_probability):
    """Smoothed size times smoothed probability, which decays when demand stays away."""
    probability = 1.0 if y[0] != 0.0 else 0.0
    for t in range(1, y.size):
        probability += alpha_probability * ((1.0 if y[t] != 0.0 else 0.0) - probability)
    return ses_level(sizes, alpha_demand) * probability


@njit(nogil=True, cache=True)
def aggregated_rate(y, periods, sums):
    """Searched smoothing of sums over `periods`, per period; what does not fill a sum is cut at the start."""
    count = y.size // periods
    offset = y.size - count * periods
    for i in range(count):
        total = 0.0
        for j in range(periods):
            total += y[offset + i * periods + j]
        sums[i] = total
    if count == 0:
        return np.mean(y)
    return optimised_ses_level(sums[:count], LOWEST_ALPHA, HIGHEST_ALPHA) / periods


@njit(nogil=True, cache=True)
def aggregation_periods(intervals):
    """Mean interval, rounded half to even: the periods that ADIDA adds up."""
    return max(int(np.round(np.mean(intervals))), 1)


@njit(nogil=True, cache=True)
def imapa_rate(y, periods, sums):
    """Mean of the aggregated rates over 1 to `periods`."""
    total = 0.0
    for level in range(1, periods + 1):
        total += aggregated_rate(y, level, sums)
    return total / periods
