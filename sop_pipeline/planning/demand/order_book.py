"""Orders on hand: what customers have already ordered for the months to come consumes the forecast of these months.

A forecast is for all demand of a month, also for the part that was ordered before the month began. How large that part
usually is, is measured by channel from closed months: the share of a month's demand that stood in the books so many
months ahead. What is in the books beyond it moves the forecast as far as that has proved to mean more demand and not
earlier orders (weight w between 0 and 1, see `book_weights`), and what is ordered is planned in any case:

    demand = forecast + w x (orders on hand - usual share x forecast), at least the orders on hand

So a channel whose orders always come a month ahead is known (share 1, w 1: the orders on hand), one that orders and
takes on the same day is forecast, no order is counted twice, and orders that only come earlier than usual change little.
Taking the larger of the two by item instead would plan too much: of many items some are always ordered above their
forecast.
Add here: how orders and forecast become one number. Keep out: orders whose day has passed (backlog: planning.supply).
"""

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.book_weights import CHANNEL_LEAD, PRIOR_WEIGHT, share_of
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
    layers: pd.DataFrame,
    orders_on_hand: pd.DataFrame,
    lead_times: pd.DataFrame,
    weights: pd.DataFrame,
    cycle: Cycle,
) -> pd.DataFrame:
    """`layers` (see `consensus.stack_layers`) with its layer order_book_units, and the sum forecast_units with it.

    `orders_on_hand`: table `core.fct_orders_on_hand`; `lead_times`: table `core.fct_order_lead_times`; `weights`: table
    `planning.order_book_weights`; where it has no row, the weight is the prior (1). Series that have orders
    and no forecast get all months. order_book_units is what moves the layers below it, in whole thousandths; the sum is
    at least what is ordered. Where the book is the usual share of demand and chance, weight x usual share is the part of
    the forecast's squared error that it takes away (the regression's R squared): the interval narrows to sqrt(1 - that).
    It holds no less than what is ordered.

    Raises ValueError where orders are negative, or repeat a series and month.
    """
    orders = orders_on_hand[orders_on_hand["period_start_date"].isin(cycle.periods)]
    _refuse_unfit(orders)
    frame = _with_series_of(orders, layers, cycle)
    frame = frame.merge(
        orders[[*SERIES_PERIOD, "ordered_units"]], on=SERIES_PERIOD, how="left", validate="1:1"
    )
    ordered = to_thousandths(frame["ordered_units"].astype(np.float64).fillna(0.0))
    share, weight = shares_and_weights(frame, lead_times, weights, cycle)
    below = to_thousandths(frame["forecast_units"])
    moved = below + np.rint(weight * (ordered - share * below)).astype(np.int64)
    total = np.maximum(moved, ordered)
    statistical = to_thousandths(frame["statistical_units"])
    for bound in BOUNDS:
        width = np.sqrt(1.0 - weight * share) * (to_thousandths(frame[bound]) - statistical)
        whole = np.maximum(statistical + np.rint(width).astype(np.int64), statistical + ordered - total)
        frame[bound] = whole / THOUSANDTHS
    frame["order_book_units"] = (total - below) / THOUSANDTHS
    frame["forecast_units"] = total / THOUSANDTHS
    return frame[layers.columns].sort_values(SERIES_PERIOD, ignore_index=True)


def shares_and_weights(
    frame: pd.DataFrame, lead_times: pd.DataFrame, weights: pd.DataFrame, cycle: Cycle
) -> tuple[FloatArray, FloatArray]:
    """Usual share on hand, and weight of what is beyond it, for each row of series and month; both 0 to 1."""
    ahead = month_number(frame["period_start_date"]) - month_number(pd.DatetimeIndex([cycle.start]))[0]
    places = pd.DataFrame({"channel_id": frame["channel_id"].to_numpy(dtype=object), "lead_months": ahead})
    cells = places.drop_duplicates().reset_index(drop=True)
    cells["share"] = [share_of(lead_times, channel, lead) for channel, lead in cells.to_numpy()]
    known = weights[[*CHANNEL_LEAD, "weight_ratio"]]
    cells = cells.merge(known, on=CHANNEL_LEAD, how="left", validate="1:1")
    cells["weight"] = cells["weight_ratio"].astype(np.float64).fillna(PRIOR_WEIGHT)
    found = places.merge(cells, on=CHANNEL_LEAD, how="left", validate="m:1")
    return found["share"].to_numpy(dtype=np.float64), found["weight"].to_numpy(dtype=np.float64)


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
