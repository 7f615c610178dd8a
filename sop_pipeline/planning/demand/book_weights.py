"""How far orders on hand may move a forecast: measured by channel and months ahead, from closed months.

A book above its usual part of the forecast says two things at once: that more will be ordered in all, and that what
comes anyway was ordered earlier. Closed months tell them apart. The weight is the best linear predictor of what the
forecast missed, from what the book had over its usual part (regression through the origin, over series and months):

    w = sum(x y) / sum(x x),  y = actual - forecast known then,  x = book then - usual share x forecast known then

A channel that always orders ahead gives 1, one whose timing is chance 0. Few months say little: beside the measured
weight the prior counts as PRIOR_COUNT months of series; the mean of both, limited to 0 to 1, is used. The prior
is 1: where customers order independently of each other, a book beyond its usual part says nothing of what is still to
come, so all of it is more demand (AdventureWorks' internet: measured 1.2; the demo's trade, whose months are fixed and
only the days are chance: 0.36).

The forecast known then has to be that of the same models, with the months before it alone: a worse one misses more, the
book then repairs what a good forecast does not lack, and w comes out too high. So it is the backtest's
(`planning.backtest_forecasts`), and series without one do not count. Months whose demand was corrected (promotions,
empty shelves, one-off orders) are left out: at the time they were planned by layers that the backtest lacks.
Add here: another way to measure what a book is worth. Keep out: what it does to a forecast (`order_book`).
"""

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.series import MONTHS_PER_YEAR, SERIES_PERIOD

LEADS = (0, 1, 2)
BOOK_MONTHS = 36  # of `core.fct_order_book_history`
PRIOR_WEIGHT = 1.0
PRIOR_COUNT = 24
RATIO_DECIMALS = 6
CHANNEL_LEAD = ["channel_id", "lead_months"]

COLUMNS = [
    "cycle_id",
    *CHANNEL_LEAD,
    "share_ratio",
    "observation_count",
    "month_count",
    "measured_weight_ratio",
    "prior_weight_ratio",
    "prior_count",
    "weight_ratio",
    "error_before_ratio",
    "error_after_ratio",
]


def measure_book_weights(
    backtest_forecasts: pd.DataFrame,
    clean: pd.DataFrame,
    book_history: pd.DataFrame,
    lead_times: pd.DataFrame,
    cycle: Cycle,
) -> pd.DataFrame:
    """Table `order_book_weights`: one row per channel with a closed month and lead of 0, 1, 2 months ahead.

    Takes tables `backtest_forecasts`, `demand_history_clean`, `core.fct_order_book_history` and
    `core.fct_order_lead_times`. measured_weight_ratio is the regression's slope as it is, empty where the book never
    differed; weight_ratio lies in [0, 1]. Counted are months in which the book differed from its usual part. Errors are
    sums of |error| over sums of demand of the same months, with the forecast alone and with the book at weight_ratio.
    """
    seen = _observations(backtest_forecasts, clean, book_history, cycle)
    rows = []
    for channel in sorted(clean["channel_id"].unique()):
        for lead in LEADS:
            mine = seen[(seen["channel_id"] == channel) & (seen["lead_months"] == lead)]
            rows.append(
                {
                    "channel_id": channel,
                    "lead_months": lead,
                    **_weigh(mine, share_of(lead_times, channel, lead)),
                }
            )
    frame = pd.DataFrame(rows, columns=[name for name in COLUMNS if name != "cycle_id"])
    frame["cycle_id"] = cycle.cycle_id
    ratios = [name for name in COLUMNS if name.endswith("_ratio")]
    frame[ratios] = frame[ratios].astype(np.float64).round(RATIO_DECIMALS)
    return frame[COLUMNS]


def share_of(lead_times: pd.DataFrame, channel_id: str, ahead: int) -> float:
    """Share of a month's demand that is usually in the books so many months before it; 0 for an unknown channel.

    An order placed n months before its month of demand (0 = in the month itself) is in the books at the start of a
    month for demand less than n months ahead. `lead_times`: table `core.fct_order_lead_times`.
    """
    mine = lead_times[lead_times["channel_id"] == channel_id]
    units = mine["ordered_units"].to_numpy(dtype=np.float64)
    if not units.sum() > 0:
        return 0.0
    return float(units[mine["lead_months"].to_numpy(dtype=np.int64) > ahead].sum() / units.sum())


def _weigh(seen: pd.DataFrame, share: float) -> dict[str, object]:
    over, missed = (seen[name].to_numpy(dtype=np.float64) for name in ("over_units", "missed_units"))
    differs = over != 0.0
    count = int(differs.sum())
    slope = float((over * missed).sum() / (over**2).sum()) if count else None
    drawn = (count * (slope or 0.0) + PRIOR_COUNT * PRIOR_WEIGHT) / (count + PRIOR_COUNT)
    weight = float(np.clip(drawn, 0.0, 1.0))
    demand = float(seen["raw_units"].sum())
    after = np.maximum(seen["forecast_units"] + weight * over, seen["book_units"]) - seen["raw_units"]
    return {
        "share_ratio": share,
        "observation_count": count,
        "month_count": seen.loc[differs, "period_start_date"].nunique(),
        "measured_weight_ratio": slope,
        "prior_weight_ratio": PRIOR_WEIGHT,
        "prior_count": PRIOR_COUNT,
        "weight_ratio": weight,
        "error_before_ratio": float(np.abs(missed).sum()) / demand if demand > 0 else None,
        "error_after_ratio": float(np.abs(after).sum()) / demand if demand > 0 else None,
    }


def _observations(
    backtest: pd.DataFrame, clean: pd.DataFrame, book_history: pd.DataFrame, cycle: Cycle
) -> pd.DataFrame:
    """Closed months with a forecast known then, uncorrected, of channels whose usual share was known then."""
    plain = clean.loc[clean["adjustment_units"].astype(np.float64) == 0, [*SERIES_PERIOD, "raw_units"]]
    seen = backtest[[*SERIES_PERIOD, "lead_months", "forecast_units"]].merge(
        plain, on=SERIES_PERIOD, validate="m:1"
    )
    seen = seen.merge(
        _shares_then(clean, book_history, cycle), on=[*CHANNEL_LEAD, "period_start_date"], validate="m:1"
    )
    book = book_history.rename(columns={"ordered_units": "book_units"})
    book = book[[*SERIES_PERIOD, "lead_months", "book_units"]]
    seen = seen.merge(book, on=[*SERIES_PERIOD, "lead_months"], how="left", validate="1:1")
    numbers = ["forecast_units", "raw_units", "book_units"]
    seen[numbers] = seen[numbers].astype(np.float64).fillna(0.0)
    seen["missed_units"] = seen["raw_units"] - seen["forecast_units"]
    seen["over_units"] = seen["book_units"] - seen["share_ratio"] * seen["forecast_units"]
    return seen


def _shares_then(clean: pd.DataFrame, book_history: pd.DataFrame, cycle: Cycle) -> pd.DataFrame:
    """Usual share by channel, lead and month of demand, from the twelve months closed when the book was looked at."""
    months = pd.date_range(end=cycle.shifted(-1).start, periods=BOOK_MONTHS, freq="MS")
    demand = _by_channel(clean, "raw_units", months)
    parts = []
    for lead in LEADS:
        book = _by_channel(book_history[book_history["lead_months"] == lead], "ordered_units", months)
        book = book.reindex(columns=demand.columns, fill_value=0.0)
        year = [
            table.rolling(MONTHS_PER_YEAR, min_periods=1).sum().shift(lead + 1) for table in (book, demand)
        ]
        share = year[0] / year[1].where(year[1] > 0)
        share = share.rename_axis(index="period_start_date", columns="channel_id")
        rows = share.reset_index().melt("period_start_date", var_name="channel_id", value_name="share_ratio")
        parts.append(rows.assign(lead_months=lead))
    return pd.concat(parts, ignore_index=True).dropna(subset="share_ratio")


def _by_channel(rows: pd.DataFrame, column: str, months: pd.DatetimeIndex) -> pd.DataFrame:
    """Units by month (rows) and channel (columns)."""
    rows = rows[["period_start_date", "channel_id"]].assign(units=rows[column].astype(np.float64))
    table = rows.pivot_table(index="period_start_date", columns="channel_id", values="units", aggfunc="sum")
    return table.reindex(months).fillna(0.0)
