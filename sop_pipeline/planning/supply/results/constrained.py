"""The constrained forecast: of what is asked, what can be delivered, and why not more.

Add here: reason codes. Keep out: allocation between customers, money.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

KEY = ["item_id", "site_id", "channel_id", "period_start_date"]

# Rounding a plan to thousandths may move a few of them between months: that is no shortage.
NOISE_UNITS = 0.01


def constrained_forecasts(
    fulfilment: pd.DataFrame, forecast_state: str = "constrained_proposed"
) -> pd.DataFrame:
    """Delivered against asked by stream and month: short_supply below, catch_up above (earlier backlog), else
    unconstrained."""
    frame = fulfilment[KEY].copy()
    frame["forecast_state"] = forecast_state
    frame["unconstrained_units"] = fulfilment["demand_units"]
    frame["constrained_units"] = fulfilment["delivered_units"]
    gap = (fulfilment["delivered_units"] - fulfilment["demand_units"]).round(3)
    frame["gap_units"] = gap
    frame["backlog_units"] = fulfilment["backlog_units"]
    frame["lost_units"] = fulfilment["lost_units"]
    frame["reason_code"] = np.select(
        [gap < -NOISE_UNITS, gap > NOISE_UNITS], ["short_supply", "catch_up"], default="unconstrained"
    )
    return frame
