"""Service, safety stock and reorder points under normally distributed demand.

Textbook formulas on plain numbers; any one unit of time, the same for demand and lead time. Add here: a measure of
stock. Keep out: tables (see `safety_stock`).
"""

from __future__ import annotations

import math
from statistics import NormalDist

NORMAL = NormalDist()


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
