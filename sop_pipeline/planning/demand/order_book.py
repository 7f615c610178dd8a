"""Orders on hand: what customers have already ordered for the months to come consumes the forecast of these months.

A forecast is for all demand of a month, also for the part that was ordered before the month began. How large that part
usually is, is measured by channel from closed months: the share of a month's demand that stood in the books so many
months ahead. The expected demand is then what is in the books now plus the usual rest of the forecast:

    demand = orders on hand + (1 - usual share on hand) x forecast

So a channel whose orders always come a month ahead is known, one that orders and takes on the same day is forecast, and
no order is counted twice. Taking the larger of the two by item instead would plan too much: of many items some are
always ordered above their forecast.
Add here: how orders and forecast become one number. Keep out: orders whose day has passed (backlog: planning.supply).
"""

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.consensus import BOUNDS, LAYERS, THOUSANDTHS, to_thousandths
from sop_pipeline.planning.demand.series import (
    SERIES,
    SERIES_PERIOD,
    FloatArray,
    describe_rows,
    month_number,
    series_months,
)

NUMBERS = [*LAYERS, "forecast_units", *BOUNDS]


def consume_orders(
    layers: pd.DataFrame, orders_on_hand: pd.DataFrame, lead_times: pd.DataFrame, cycle: Cycle
) -> pd.DataFrame:
    """`layers` (see `consensus.stack_layers`) with its layer order_book_units, and the sum forecast_units with it.

    `orders_on_hand`: table `core.fct_orders_on_hand`; `lead_times`: table `core.fct_order_lead_times`. Series that
    have orders and no forecast get all months. order_book_units = ordered units - usual share x the layers below, in
    whole thousandths; the sum is at least what is ordered. The interval narrows with what is known.

    Raises ValueError where orders are negative, or repeat a series and month.
    """
    orders = orders_on_hand[orders_on_hand["period_start_date"].isin(cycle.periods)]
    _refuse_unfit(orders)
    frame = _with_series_of(orders, layers, cycle)
    frame = frame.merge(
        orders[[*SERIES_PERIOD, "ordered_units"]], on=SERIES_PERIOD, how="left", validate="1:1"
    )
    ordered = to_thousandths(frame["ordered_units"].astype(np.float64).fillna(0.0))
    share = usual_shares(frame, lead_times, cycle)
    below = to_thousandths(frame["forecast_units"])
    book = ordered - np.rint(share * below).astype(np.int64)
    statistical = frame["statistical_units"].to_numpy(dtype=np.float64)
    for bound in BOUNDS:
        width = frame[bound].to_numpy(dtype=np.float64) - statistical
        frame[bound] = np.rint((statistical + (1.0 - share) * width) * THOUSANDTHS) / THOUSANDTHS
    frame["order_book_units"] = book / THOUSANDTHS
    frame["forecast_units"] = (below + book) / THOUSANDTHS
    return frame[layers.columns].sort_values(SERIES_PERIOD, ignore_index=True)


def usual_shares(frame: pd.DataFrame, lead_times: pd.DataFrame, cycle: Cycle) -> FloatArray:
    """Share of a month's demand that is usually in the books now, for each row of series and month; 0 to 1.

    An order placed n months before its month of demand (0 = in the month itself) is in the books at the start of the
    cycle for demand less than n months ahead. A channel without a closed month is not known to order ahead: 0.
    """
    ahead = month_number(frame["period_start_date"]) - month_number(pd.DatetimeIndex([cycle.start]))[0]
    shares = np.zeros(len(frame))
    channels = frame["channel_id"].to_numpy(dtype=object)
    for channel, rows in lead_times.groupby("channel_id"):
        units = rows["ordered_units"].to_numpy(dtype=np.float64)
        lead = rows["lead_months"].to_numpy(dtype=np.int64)
        if units.sum() <= 0:
            continue
        of_channel = channels == channel
        earlier = lead[None, :] > ahead[of_channel][:, None]
        shares[of_channel] = (earlier * units[None, :]).sum(axis=1) / units.sum()
    return shares


def _with_series_of(orders: pd.DataFrame, layers: pd.DataFrame, cycle: Cycle) -> pd.DataFrame:
    keys = orders[SERIES].drop_duplicates()
    known = pd.MultiIndex.from_frame(layers[SERIES])
    strangers = keys[~pd.MultiIndex.from_frame(keys).isin(known)]
    if strangers.empty:
        return layers.copy()
    rows = series_months(strangers.sort_values(SERIES, ignore_index=True), cycle.periods)
    return pd.concat([layers, rows.assign(**dict.fromkeys(NUMBERS, 0.0))[layers.columns]], ignore_index=True)


def _refuse_unfit(orders: pd.DataFrame) -> None:
    problems = {
        "repeat a series and month": orders.duplicated(SERIES_PERIOD, keep=False),
        "have no units, or fewer than 0": ~(orders["ordered_units"].astype(np.float64) >= 0),
    }
    found = [
        f" * {describe_rows(orders[bad], SERIES_PERIOD)} {what}"
        for what, bad in problems.items()
        if bad.any()
    ]
    if found:
        raise ValueError(
            "core.fct_orders_on_hand cannot consume the forecast:\n"
            + "\n".join(found)
            + "\nCorrect the core model or its source."
        )
