"""How far documents contradict a configured parameter: estimates, their errors, and tests of what is beyond a tolerance.

A parameter that is off by less than its tolerance is right: the question is not whether it is exact, but whether the plan
would do better with another value. Every p-value is of that null hypothesis. Add here: an estimate or a test, with its source.
Keep out: which parameter takes which, and tables (`review`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

TRIMMED_SHARE = 0.2
OUTLIER_DEVIATIONS = 5.0
NORMAL_CONSISTENCY = (
    1.4826  # median absolute deviation of a normal distribution over its standard deviation, inverted
)
EDGE_SHARE = 0.10  # a smallest order is looked for among the lowest tenth of the orders
EDGE_WIDTH = 0.10  # ... and held against what was ordered of up to a tenth more
BROKEN_LOT_SHARE = 0.5  # an order that does not reach this share of the smallest lot breaks it
SCALE = 1000  # quantities have three decimals
GREATEST_COMMON_OF = 12
MEDIAN_ERROR = math.sqrt(math.pi / 2.0)
COVERED_SHARE = 0.95  # of deliveries that a safety time is there for


@dataclass(frozen=True)
class Estimate:
    """A value with its standard error and the degrees of freedom of that error."""

    value: float
    standard_error: float
    freedom: float


@dataclass(frozen=True)
class Counted:
    """A quantity read off orders, how many orders contradict the configured one, and how likely so many are by chance."""

    value: float
    exceptions: int
    p_value: float


def trimmed_mean(values: Floats, resolution: float) -> Estimate:
    """Mean without the lowest and the highest fifth, with its error by winsorised variance.

    One delayed lorry in five moves nothing. `resolution`: step in which values are recorded (days: 1); below it an error
    cannot be known, so that its uniform variance, a twelfth of its square, is added. Needs 4 values.
    Source: Yuen, K. K. (1974), The two-sample trimmed t for unequal population variances, Biometrika 61, 165-170.
    """
    ordered = np.sort(values)
    count = len(ordered)
    cut = int(TRIMMED_SHARE * count)
    kept = count - 2 * cut
    winsorised = np.clip(ordered, ordered[cut], ordered[count - cut - 1])
    squares = float(np.square(winsorised - winsorised.mean()).sum())
    error = math.sqrt(squares / (kept * (kept - 1)) + resolution**2 / 12.0 / count)
    return Estimate(float(ordered[cut : count - cut].mean()), error, kept - 1.0)


def median_of_few(values: Floats, resolution: float) -> Estimate:
    """The median, which one delayed lorry of three does not move; its error is that of the mean times `MEDIAN_ERROR`.

    The factor is that of many normal values and too large for few, which is the safe side. Needs 2 values.
    """
    count = len(values)
    variance = float(values.var(ddof=1)) + resolution**2 / 12.0
    return Estimate(float(np.median(values)), MEDIAN_ERROR * math.sqrt(variance / count), count - 1.0)


def ratio_of_sums(numerator: Floats, denominator: Floats) -> Estimate:
    """Sum over sum, so that a large order counts for more than a small one; its error by linearisation.

    Source: Cochran, W. G. (1977), Sampling Techniques, 3rd ed., section 6.4. Needs 2 values.
    """
    count, total = len(numerator), float(denominator.sum())
    value = float(numerator.sum()) / total
    residual = numerator - value * denominator
    error = math.sqrt(count / (count - 1) * float(np.square(residual).sum())) / total
    return Estimate(value, error, count - 1.0)


def without_outliers(numerator: Floats, denominator: Floats) -> NDArray[np.bool_]:
    """Which orders to keep: those whose ratio lies within five robust standard deviations of the median one.

    A misplaced decimal point is kept out, a slow machine is not. Source: Hampel, F. R. (1974), The influence curve and its
    role in robust estimation, JASA 69, 383-393.
    """
    ratio = numerator / denominator
    middle = float(np.median(ratio))
    spread = NORMAL_CONSISTENCY * float(np.median(np.abs(ratio - middle)))
    keep: NDArray[np.bool_] = np.abs(ratio - middle) <= OUTLIER_DEVIATIONS * max(spread, 0.05 * abs(middle))
    return keep


def beyond_tolerance(estimate: Estimate, configured: float, tolerance: float) -> tuple[float, float]:
    """t and p of the hypothesis that the true value lies within the tolerance of the configured one.

    t = (|measured - configured| - tolerance) / standard error, one-sided; at the edge of the tolerance p is uniform, inside
    it is larger. Source: Murphy, K. R., Myors, B. (1999), Testing the hypothesis that treatments have negligible effects,
    Journal of Applied Psychology 84, 234-248.
    """
    distance = abs(estimate.value - configured) - tolerance
    if estimate.standard_error <= 0.0:
        return (math.inf, 0.0) if distance > 0 else (-math.inf, 1.0)
    t = distance / estimate.standard_error
    return t, float(stats.t.sf(t, estimate.freedom))


def many_exceptions(exceptions: int, count: int, tolerated: float) -> float:
    """p of so many exceptions or more where the tolerated share of orders is one (exact binomial test)."""
    return float(stats.binom.sf(exceptions - 1, count, tolerated))


def smallest_order(quantities: Floats, configured: float, tolerated: float) -> Counted:
    """The smallest order of a supplier: wrong where more orders lie below it than tolerated, or pile up at a larger one.

    A limit from below shows as orders heaped at it and few beneath: at the heap are compared the orders at the quantity with
    those of up to a tenth (at least a step) more, of which a smooth need puts no more at the one than at the others; the
    best of the candidate heaps pays for the number of candidates (Bonferroni).
    Source: Saez, E. (2010), Do taxpayers bunch at kink points?, American Economic Journal: Economic Policy 2, 180-212.
    """
    below = int((quantities < configured * (1 - 1e-9)).sum())
    found, counts = np.unique(quantities, return_counts=True)
    before = np.cumsum(counts) - counts
    edge = found[before <= EDGE_SHARE * len(quantities)]
    step = _common_measure(found)
    p_values = np.ones(len(edge))
    for place, (value, here) in enumerate(zip(edge.tolist(), counts[: len(edge)].tolist(), strict=True)):
        above = (quantities > value) & (quantities <= value + max(EDGE_WIDTH * value, step))
        p_values[place] = stats.binom.sf(here - 1, here + int(above.sum()), 0.5)
    best = int(p_values.argmin())
    heaped = min(1.0, float(p_values[best]) * len(edge)) if edge[best] > configured * 1.05 else 1.0
    p = min(1.0, 2.0 * min(many_exceptions(below, len(quantities), tolerated), heaped))
    return Counted(float(edge[best]), below, p)


def smallest_lot(quantities: Floats, configured: float, tolerated: float) -> Counted:
    """The smallest lot of production: wrong where more orders than tolerated do not reach half of it.

    Planners break a lot now and then, and a plant that is short of hours makes what it can; a lot that most orders are far
    from is none. Measured: the usual order (the lower median). Larger lots do not contradict a smallest one.
    """
    broken = int((quantities < BROKEN_LOT_SHARE * configured).sum())
    value = float(np.quantile(quantities, 0.5, method="lower"))
    return Counted(value, broken, many_exceptions(broken, len(quantities), tolerated))


def lot_multiple(quantities: Floats, configured: float, tolerated: float) -> Counted:
    """What orders are multiples of: wrong where too many are no multiple of the configured, or all are of a larger one.

    Measured: the largest number that all but the tolerated share are multiples of, among the greatest common divisors of the
    most frequent quantities. That different quantities are all multiples of g where they need only be of c happens to each
    with probability c / g; equal quantities count once.
    """
    units = np.rint(quantities * SCALE).astype(np.int64)
    wanted = max(1, round(configured * SCALE))
    broken = int((units % wanted != 0).sum())
    found, counts = np.unique(units, return_counts=True)
    frequent = found[np.argsort(-counts, kind="stable")[:GREATEST_COMMON_OF]]
    candidates = np.unique(np.gcd.outer(frequent, frequent))
    shares = np.array([(units % candidate == 0).mean() for candidate in candidates.tolist()])
    held = candidates[shares >= 1.0 - tolerated]
    measured = int(held.max()) if len(held) else int(np.gcd.reduce(found))
    larger = 1.0
    if measured > wanted and measured % wanted == 0:
        multiples = int((found % measured == 0).sum())
        larger = float(stats.binom.sf(multiples - 1, len(found), wanted / measured)) * len(candidates)
    p = min(1.0, 2.0 * min(many_exceptions(broken, len(units), tolerated), larger))
    return Counted(measured / SCALE, broken, p)


def safety_time(late_days: Floats, configured: float, tolerance: float) -> Counted:
    """Days by which supply must be planned early so that nineteen of twenty deliveries are there when they are needed.

    Wrong where more deliveries than one in twenty are later than the configured time and its tolerance, or so few later than the
    time without the tolerance that one in twenty is no longer credible (exact binomial tests, both sides paid for). Measured: the
    smallest number of days that covers the share, and 0 where supply is early.
    """
    ordered = np.sort(late_days)
    count = len(ordered)
    value = max(0.0, float(ordered[min(count - 1, math.ceil(COVERED_SHARE * count) - 1)]))
    later = int((ordered > configured + tolerance).sum())
    p = many_exceptions(later, count, 1.0 - COVERED_SHARE)
    if configured > tolerance:  # a shorter time exists
        still_late = int((ordered > configured - tolerance).sum())
        p = min(p, float(stats.binom.cdf(still_late, count, 1.0 - COVERED_SHARE)))
    return Counted(value, later, min(1.0, 2.0 * p))


def _common_measure(quantities: Floats) -> float:
    """Greatest common divisor of quantities."""
    return float(np.gcd.reduce(np.rint(quantities * SCALE).astype(np.int64))) / SCALE


def false_discovery_adjusted(p_values: Floats) -> Floats:
    """Adjusted p-values: calling all below r wrong makes at most a share r of what is called wrong wrong by chance.

    Source: Benjamini, Y., Hochberg, Y. (1995), Controlling the false discovery rate, Journal of the Royal Statistical
    Society B 57, 289-300.
    """
    count = len(p_values)
    order = np.argsort(p_values, kind="stable")
    scaled = p_values[order] * count / np.arange(1, count + 1)
    adjusted = np.empty(count)
    adjusted[order] = np.minimum.accumulate(scaled[::-1])[::-1] if count else scaled
    result: Floats = np.minimum(adjusted, 1.0)
    return result
