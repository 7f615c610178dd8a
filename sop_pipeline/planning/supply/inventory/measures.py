"""Service, safety stock and reorder points, under normal and under rare demand.

Textbook formulas on plain numbers and arrays; any one unit of time, the same for demand and lead time. Normal demand:
Chopra and Meindl, "Supply Chain Management", chapter on uncertainty. Rare demand: the negative binomial distribution with
the same mean and variance, Syntetos and Boylan, "Intermittent Demand Forecasting" (2021). Add here: a measure of stock.
Keep out: tables (see `safety_stock`).
"""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

NORMAL = NormalDist()
HALVINGS = 60
"""Of an interval in search of a root: far below the thousandth that is published."""
LARGEST_FACTOR = 8.0
"""Safety factor at which no shortage is left in double precision."""


def lead_time_deviation(
    demand: float, demand_deviation: float, lead_time: float, lead_time_deviation: float = 0.0
) -> float:
    r"""Standard deviation of demand over the lead time, $\sqrt{L \sigma_D^2 + D^2 \sigma_L^2}$.

    >>> round(lead_time_deviation(2500, 500, 2), 2)
    707.11
    """
    return math.sqrt(lead_time * demand_deviation**2 + (demand * lead_time_deviation) ** 2)


def safety_stock_units(cycle_service_ratio: float, deviation: float) -> float:
    r"""Stock that covers a share of replenishment cycles, $z(service)\, \sigma$; never negative."""
    return max(NORMAL.inv_cdf(cycle_service_ratio) * deviation, 0.0)


def cycle_service_ratio(safety_stock: float, deviation: float) -> float:
    """Share of replenishment cycles without a stock-out."""
    return NORMAL.cdf(safety_stock / deviation)


def expected_shortage_units(safety_stock: float, deviation: float) -> float:
    r"""Units short in a replenishment cycle, $-s\,(1 - \Phi(s/\sigma)) + \sigma\, \varphi(s/\sigma)$."""
    ratio = safety_stock / deviation
    return deviation * NORMAL.pdf(ratio) - safety_stock * NORMAL.cdf(-ratio)


def fill_ratio(safety_stock: float, deviation: float, lot_units: float) -> float:
    """Share of demand served from stock when replenished in lots."""
    return 1.0 - expected_shortage_units(safety_stock, deviation) / lot_units


def safety_factors(cycle_service_ratios: Floats) -> Floats:
    """z of each service ratio; never negative."""
    known = {
        float(ratio): max(NORMAL.inv_cdf(float(ratio)), 0.0) for ratio in np.unique(cycle_service_ratios)
    }
    result: Floats = np.array([known[float(ratio)] for ratio in cycle_service_ratios], dtype=np.float64)
    return result


def fill_factors(fill_ratios: Floats, deviations: Floats, lot_units: Floats) -> Floats:
    r"""Safety factor k at which a share of demand is served from stock: $\sigma\, G(k) = (1 - fill)\, Q$ with the loss
    function $G(k) = \varphi(k) - k\,(1 - \Phi(k))$; 0 where lots alone serve it.

    >>> float(fill_factors(np.array([0.997487]), np.array([707.11]), np.array([10000.0])).round(2)[0])
    1.41
    """
    from scipy.special import ndtr

    with np.errstate(divide="ignore", invalid="ignore"):
        wanted = np.where(deviations > 0, (1.0 - fill_ratios) * lot_units / deviations, np.inf)
    low, high = np.zeros_like(wanted), np.full_like(wanted, LARGEST_FACTOR)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        loss = np.exp(-0.5 * middle**2) / math.sqrt(2 * math.pi) - middle * ndtr(-middle)
        low, high = np.where(loss > wanted, middle, low), np.where(loss > wanted, high, middle)
    result: Floats = np.where(wanted >= 1 / math.sqrt(2 * math.pi), 0.0, high)
    return result


def rare_demand_stock_units(cycle_service_ratios: Floats, means: Floats, deviations: Floats) -> Floats:
    r"""Whole units that cover the demand of a share of replenishment cycles, less the mean demand; never negative.

    Demand over the exposure is negative binomial with $r = \mu^2 / (\sigma^2 - \mu)$ and $p = \mu / \sigma^2$; where its
    variance is not above its mean it is taken as Poisson (a variance a thousandth above the mean).

    >>> rare_demand_stock_units(np.array([0.95]), np.array([1.0]), np.array([2**0.5])).tolist()  # 1 - 0.5^(k+1), k = 4
    [3.0]
    """
    from scipy.special import betainc

    mean = np.maximum(means, 1e-9)
    variance = np.maximum(deviations**2, mean * 1.001)
    successes, chance = mean**2 / (variance - mean), mean / variance
    low = np.full_like(mean, -1.0)  # too few, or none needed
    high = np.ceil(mean + 2 * LARGEST_FACTOR * np.sqrt(variance) + 10.0)
    while bool((high - low > 1.0).any()):
        middle = np.floor(0.5 * (low + high))
        is_enough = betainc(successes, np.maximum(middle, 0.0) + 1.0, chance) >= cycle_service_ratios
        is_open = high - low > 1.0
        high = np.where(is_open & is_enough, middle, high)
        low = np.where(is_open & ~is_enough, middle, low)
    result: Floats = np.where(means > 0, np.maximum(high - means, 0.0), 0.0)
    return result
