"""Windows of many series, brought to one scale: what a model over all series learns from.

A window is `width` logarithms of values (season taken out or left in) and the `horizon` after them, both moved by the
window's recent level and divided by its usual change, so that big and small series teach the same lesson.
Add here: another view of a window. Keep out: learning (`network`).
"""

import numpy as np
from numba import njit

from sop_pipeline.planning.demand.kernels.season import adjust

FLOOR_RATIO = 0.01  # of the mean: what a zero counts as under the logarithm
SMALLEST_CHANGE = 0.01
RECENT = 6
CLIP = 4.0


@njit(nogil=True, cache=True)
def prepare_logs(y, m, takes_season_out, index, adjusted, z):
    """Fill `z` with logarithms and `index` with the multiplicative season that was taken out (1: none)."""
    kind = adjust(y, m, index, adjusted) if takes_season_out else 0
    if kind != 1:
        index[:] = 1.0
    total = 0.0
    for t in range(y.size):
        total += abs(y[t])
    floor = max(FLOOR_RATIO * total / y.size, 1e-9)
    for t in range(y.size):
        z[t] = np.log(max(y[t] / index[t % m], floor))


@njit(nogil=True, cache=True)
def fill_window(z, t, width, lag, row):
    """Inputs of the window that ends before t into `row` (width + 1); returns (level, scale). Padded with the first value."""
    level = 0.0
    recent = min(RECENT, t)
    for j in range(t - recent, t):
        level += z[j] / recent
    change, count = 0.0, 0
    for j in range(max(t - width, 0) + lag, t):
        change += abs(z[j] - z[j - lag])
        count += 1
    scale = (change / count if count > 0 else 0.0) + SMALLEST_CHANGE
    for k in range(width):
        j = max(t - width + k, 0)
        row[k] = CLIP * np.tanh((z[j] - level) / (CLIP * scale))
    row[width] = np.log(scale) + 2.5
    return level, scale


@njit(nogil=True, cache=True)
def build_windows(
    values, starts, chosen, ends, m, width, horizon, takes_season_out, stride, first, inputs, targets, weights
):
    """Training windows of the `chosen` series up to `ends`; fills inputs, targets, weights; returns how many rows.

    A window weighs what an error of one scale costs over the series' seasonal naive error: the network learns for MASE.
    """
    row = 0
    lag = 1 if takes_season_out or m < 2 else m
    index = np.ones(m)
    for s in chosen:
        y = values[starts[s] : starts[s] + ends[s]]
        n = y.size
        adjusted, z = np.empty(n), np.empty(n)
        prepare_logs(y, m, takes_season_out, index, adjusted, z)
        naive, away = 0.0, m if n > m else 1
        for t in range(away, n):
            naive += abs(y[t] - y[t - away]) / (n - away)
        naive = max(naive, 1e-3 * abs(np.mean(y)), 1e-9)
        for t in range(n - horizon, first - 1, -stride):
            if row >= inputs.shape[0]:
                return row
            level, scale = fill_window(z, t, width, lag, inputs[row])
            for k in range(horizon):
                targets[row, k] = (z[t + k] - level) / scale
            weights[row] = scale * np.exp(level) / naive
            row += 1
    return row


@njit(nogil=True, cache=True)
def build_last_windows(values, starts, ends, m, width, takes_season_out, inputs, levels, scales, indices):
    """The window at the end of every series, what brings its answer back, and the season by series."""
    lag = 1 if takes_season_out or m < 2 else m
    for s in range(starts.size - 1):
        y = values[starts[s] : starts[s] + ends[s]]
        n = y.size
        adjusted, z = np.empty(n), np.empty(n)
        prepare_logs(y, m, takes_season_out, indices[s], adjusted, z)
        levels[s], scales[s] = fill_window(z, n, width, lag, inputs[s])
