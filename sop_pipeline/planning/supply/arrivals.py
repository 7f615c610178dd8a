"""When released units arrive: a lead time with a part of a month shares them over two months.

Add here: how lead times become months. Keep out: lead times themselves (`inventory.lead_times`), quantities.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from sop_pipeline.planning.supply.network import Floats, Integers

LEAD_TIME_DUST = 1e-9
"""A part of a month below it is none."""


def arrival_shares(lead_time_months: float) -> Iterable[tuple[int, float]]:
    """Months after release and the share available then: 0.4 months is 60 % at once and 40 % a month later."""
    whole = int(np.floor(lead_time_months + LEAD_TIME_DUST))
    part = max(lead_time_months - whole, 0.0)
    if part < LEAD_TIME_DUST:
        return ((whole, 1.0),)
    return ((whole, 1.0 - part), (whole + 1, part))


def arrivals_by_month(lead_time_months: Floats) -> Iterator[tuple[Integers, Floats]]:
    """The same for many lead times at once: twice months after release and the share, which may be 0, by lead time."""
    whole = np.floor(lead_time_months + LEAD_TIME_DUST).astype(np.int64)
    part = np.maximum(lead_time_months - whole, 0.0)
    part = np.where(part < LEAD_TIME_DUST, 0.0, part)
    yield whole, 1.0 - part
    yield whole + 1, part
