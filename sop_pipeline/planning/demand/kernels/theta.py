"""The theta family: standard, optimised, and their dynamic forms (Assimakopoulos & Nikolopoulos 2000; Fiorucci et al. 2016).

One-step errors are linear in the initial level and in w = 1 - 1/theta once alpha is given, so both are solved exactly and
only alpha is searched. Same optimum as StatsForecast's models, found without a simplex.
Add here: another theta. Keep out: season (see `season`).
"""

import numpy as np
from numba import njit

LOWEST_ALPHA, HIGHEST_ALPHA = 0.1, 0.99
SKIPPED = 3  # first errors that the criterion leaves out


@njit(nogil=True)
def _linear_parts(alpha, y, is_dynamic, a0, b0, state):
    """Sums of squares and products of (error at level 0 and w 0, level's column, w's column) from SKIPPED on."""
    n = y.size
    level, power = alpha * y[0], 1.0 - alpha  # level = alpha y0 + (1 - alpha) l0
    mean, a, b = y[0], a0, b0
    if is_dynamic:
        a, b = y[0], 0.0
    see = sel = seg = sll = slg = sgg = 0.0
    for t in range(1, n):
        g = a * power + b * (1.0 - power * (1.0 - alpha)) / alpha
        error = y[t] - level
        if t >= SKIPPED:
            see += error * error
            sel += error * power
            seg += error * g
            sll += power * power
            slg += power * g
            sgg += g * g
        level = alpha * y[t] + (1.0 - alpha) * level
        power *= 1.0 - alpha
        if is_dynamic:
            b = ((t - 1) * b + 6.0 * (y[t] - mean) / (t + 1)) / (t + 2)
            mean = (t * mean + y[t]) / (t + 1)
            a = mean - b * (t + 2) / 2.0
    state[0], state[1], state[2], state[3], state[4], state[5] = see, sel, seg, sll, slg, sgg
    state[6], state[7], state[8], state[9], state[10] = level, power, mean, a, b


@njit(nogil=True)
def _solve(state, fixed_w):
    """Best (sum of squares, initial level, w) of the linear parts; w within [0, 1) or as fixed."""
    see, sel, seg, sll, slg, sgg = state[0], state[1], state[2], state[3], state[4], state[5]
    w = fixed_w
    if w < 0.0:
        determinant = sll * sgg - slg * slg
        w = (sll * seg - slg * sel) / determinant if determinant > 1e-12 * sll * sgg else 0.5
        w = min(max(w, 0.0), 1.0 - 1e-10)
    initial = (sel - w * slg) / sll if sll > 1e-300 else 0.0
    value = (
        see - 2 * initial * sel - 2 * w * seg + initial * initial * sll + 2 * initial * w * slg + w * w * sgg
    )
    return value, initial, w


@njit(nogil=True)
def _criterion(alpha, y, aux):
    _linear_parts(alpha, y, aux[0] > 0.0, aux[1], aux[2], aux[4:])
    return _solve(aux[4:], aux[3])[0]


@njit(nogil=True, cache=True)
def forecast_theta(y, is_dynamic, is_optimised, aux, out):
    """Fill `out` with the theta forecast of the season-free `y` (at least 4 values); returns (alpha, level, theta).

    is_dynamic, is_optimised: (False, False) standard, (False, True) OTM, (True, False) DSTM, (True, True) DOTM.
    """
    n = y.size
    a0 = b0 = 0.0
    if not is_dynamic:
        mean = weighted = 0.0
        for t in range(n):
            mean += y[t] / n
            weighted += y[t] * (t + 1) / n
        b0 = 6.0 * (2.0 * weighted - (n + 1) * mean) / (n * n - 1.0)
        a0 = mean - (n + 1) * b0 / 2.0
    aux[0] = 1.0 if is_dynamic else 0.0
    aux[1], aux[2], aux[3] = a0, b0, -1.0 if is_optimised else 0.5
    best, width = LOWEST_ALPHA, (HIGHEST_ALPHA - LOWEST_ALPHA) / 8.0
    lowest = np.inf
    for k in range(9):
        alpha = LOWEST_ALPHA + k * width
        value = _criterion(alpha, y, aux)
        if value < lowest:
            lowest, best = value, alpha
    a, b = max(best - width, LOWEST_ALPHA), min(best + width, HIGHEST_ALPHA)
    for _ in range(9):
        third = (b - a) / 3.0
        if _criterion(a + third, y, aux) < _criterion(b - third, y, aux):
            b -= third
        else:
            a += third
    middle = 0.5 * (a + b)
    if _criterion(middle, y, aux) < lowest:
        best = middle
    _linear_parts(best, y, is_dynamic, a0, b0, aux[4:])
    _, initial, w = _solve(aux[4:], aux[3])
    _extend(best, initial, w, is_dynamic, n, aux[4:], out)
    return best, initial, 1.0 / (1.0 - w)


@njit(nogil=True)
def _extend(alpha, initial, w, is_dynamic, n, state, out):
    power, mean, a, b = state[7], state[8], state[9], state[10]
    level = state[6] + power * initial
    for k in range(out.size):
        i = n + k
        mu = level + w * (a * power + b * (1.0 - power * (1.0 - alpha)) / alpha)
        out[k] = mu
        level = alpha * mu + (1.0 - alpha) * level
        power *= 1.0 - alpha
        if is_dynamic:
            b = ((i - 1) * b + 6.0 * (mu - mean) / (i + 1)) / (i + 2)
            mean = (i * mean + mu) / (i + 1)
            a = mean - b * (i + 2) / 2.0
