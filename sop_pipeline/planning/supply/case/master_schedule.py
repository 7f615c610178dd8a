"""Master schedule of one item by fixed lots, and what of it can be promised.

The arithmetic of the textbooks, for cases and for checks by hand. Add here: rules of lots and of promising. Keep out: the
constrained plan (`model`), which decides under capacity.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from sop_pipeline.planning.supply.network import Floats


@dataclass(frozen=True)
class MasterSchedule:
    """By period: stock projected at its end, units scheduled, units available to promise (0 between two schedules)."""

    projected: Floats
    scheduled: Floats
    available_to_promise: Floats


def schedule_in_lots(opening: float, forecast: Floats, orders: Floats, lot: float) -> MasterSchedule:
    """Schedule whole lots (lot 0: just what is missing) whenever the projected stock would go negative.

    projected_t = projected_{t-1} - max(forecast_t, orders_t) + scheduled_t. Available to promise, the discrete rule: what a
    schedule brings (in the first period with the opening stock) less the orders until the next one. APICS Dictionary.
    """
    periods = len(forecast)
    projected, scheduled, promise = (np.zeros(periods) for _ in range(3))
    stock = opening
    for period in range(periods):
        stock -= max(float(forecast[period]), float(orders[period]))
        if stock < 0:
            scheduled[period] = np.ceil(-stock / lot) * lot if lot > 0 else -stock
            stock += scheduled[period]
        projected[period] = stock
    starts = [0, *(period for period in range(1, periods) if scheduled[period] > 0), periods]
    for start, end in pairwise(starts):
        brought = scheduled[start] + (opening if start == 0 else 0.0)
        promise[start] = brought - float(orders[start:end].sum())
    return MasterSchedule(projected, scheduled, promise)
