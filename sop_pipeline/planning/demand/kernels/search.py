"""A search for the few parameters of a model: Nelder-Mead within bounds, as a simplex that asks and is told.

The family evaluates, the simplex says where next; so no function is passed around and compiled code can be kept on disk.
Add here: another way to search, deterministic. Keep out: what is searched for (the families).
"""

import numpy as np
from numba import njit

START, REFLECTED, EXPANDED, CONTRACTED, SHRUNK = 0, 1, 2, 3, 4


@njit(nogil=True, cache=True)
def start_simplex(x, lower, upper, step):
    """Points (n + 1 corners, the reflected one, the trial), their values, and the state; first trial is `x` clipped."""
    n = x.size
    points, values = np.empty((n + 3, n)), np.full(n + 3, np.inf)
    for i in range(n + 1):
        for j in range(n):
            points[i, j] = min(max(x[j], lower[j]), upper[j])
        if i > 0:
            moved = points[i, i - 1] + step[i - 1]
            if moved > upper[i - 1] or moved < lower[i - 1]:
                moved = points[i, i - 1] - step[i - 1]
            points[i, i - 1] = min(max(moved, lower[i - 1]), upper[i - 1])
    points[n + 2] = points[0]
    return points, values, np.zeros(4, np.int64)


@njit(nogil=True, cache=True)
def advance(points, values, state, lower, upper, tolerance, most, value):
    """Take the `value` of the trial (points[-1]) and set the next one; False when done, with the best in points[0].

    Ends after `most` values, or where the corners differ by less than `tolerance` relative to the best (Nelder & Mead 1965,
    reflection 1, expansion 2, contraction and shrinkage 1/2; points beyond a bound are moved onto it).
    """
    n = points.shape[1]
    trial, reflected = points[n + 2], points[n + 1]
    state[3] += 1
    phase, worst = state[0], state[1]
    if not value < np.inf:
        value = 1e300
    if phase in (START, SHRUNK):
        values[state[2]] = value
        state[2] += 1
        if state[2] <= n:
            trial[:] = points[state[2]]
            return True
    elif phase == REFLECTED:
        best, second = state[2], -np.inf
        for i in range(n + 1):
            if i != worst:
                second = max(second, values[i])
        if value < values[best]:
            reflected[:] = trial
            values[n + 1] = value
            for j in range(n):
                # centre + 2 (centre - worst), of which reflected = 2 centre - worst
                trial[j] = min(max(1.5 * reflected[j] - 0.5 * points[worst, j], lower[j]), upper[j])
            state[0] = EXPANDED
            return True
        if value < second or (n == 1 and value < values[worst]):
            points[worst] = trial
            values[worst] = value
        else:
            for j in range(n):
                centre = 0.0
                for i in range(n + 1):
                    if i != worst:
                        centre += points[i, j] / n
                corner = trial[j] if value < values[worst] else points[worst, j]
                reflected[j] = trial[j]
                trial[j] = 0.5 * (centre + corner)
            if value < values[worst]:
                points[worst] = reflected
                values[worst] = value
            state[0] = CONTRACTED
            return True
    elif phase == EXPANDED:
        if value < values[n + 1]:
            points[worst] = trial
            values[worst] = value
        else:
            points[worst] = reflected
            values[worst] = values[n + 1]
    elif value < values[worst]:
        points[worst] = trial
        values[worst] = value
    else:
        best = state[2]
        for j in range(n):
            kept = points[best, j]
            points[best, j] = points[0, j]
            points[0, j] = kept
        kept = values[best]
        values[best] = values[0]
        values[0] = kept
        for i in range(1, n + 1):
            for j in range(n):
                points[i, j] = 0.5 * (points[0, j] + points[i, j])
        state[0], state[2] = SHRUNK, 1
        trial[:] = points[1]
        return True
    return _reflect(points, values, state, lower, upper, tolerance, most)


@njit(nogil=True, cache=True)
def _reflect(points, values, state, lower, upper, tolerance, most):
    n = points.shape[1]
    best, worst = 0, 0
    for i in range(1, n + 1):
        if values[i] < values[best]:
            best = i
        if values[i] >= values[worst]:
            worst = i
    if state[3] >= most or values[worst] - values[best] <= tolerance * (abs(values[best]) + 1e-12):
        for j in range(n):
            points[0, j] = points[best, j]
        values[0] = values[best]
        return False
    for j in range(n):
        centre = 0.0
        for i in range(n + 1):
            if i != worst:
                centre += points[i, j] / n
        points[n + 2, j] = min(max(2.0 * centre - points[worst, j], lower[j]), upper[j])
    state[0], state[1], state[2] = REFLECTED, worst, best
    return True
