"""Launches: what a new item will sell before its own history can say.

The launch plan is a layer: it adds its units and names the statistical units that it replaces, so that the blend of
plan and history is visible. The plan fades out as the item's own months come in.
Add here: other launch curves. Keep out: cannibalised items (an activity plan with a negative uplift says that).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.series import (
    SERIES,
    SERIES_PERIOD,
    UNIT_DECIMALS,
    FloatArray,
    describe_rows,
    month_number,
    series_months,
)

GROWN_UP_MONTHS = 12  # from here on an item's own history is long enough to be tested, and speaks alone
ESTABLISHED_MONTHS = 3  # months after the ramp that a like item must show, to know what its peak was
SMOOTHING_MONTHS = 3  # a like item's single months are noise, its shape is not

COLUMNS = ["cycle_id", *SERIES_PERIOD, "like_item_id", "launch_units", "replaced_statistical_units"]


@dataclass(frozen=True)
class _Starts:
    """Clean history from which the starts of like items are read, and the first month that was recorded at all."""

    clean: pd.DataFrame
    first_recorded_month: int


def plan_launches(
    npd_plans: pd.DataFrame, statistical: pd.DataFrame, clean: pd.DataFrame, cycle: Cycle
) -> pd.DataFrame:
    """One row per launch and horizon month: table `npd_forecasts`, units with 3 decimals.

    `npd_plans` is `planner.npd_plans`, `statistical` table `statistical_forecasts`, `clean` table
    `demand_history_clean`. In month k of a launch (0 is the first) the plan says peak_units_per_month * share(k).
    share follows the start of like_item_id (its months of clean demand over its level after the ramp, never falling,
    at most 1) where its start and three months after the ramp are on record, at the same site and channel if sold
    there, else over all; else it rises evenly to 1 over ramp_months. After the ramp it is 1.

    An item with m months of own history gets (1 - m/12) of the plan, and loses that share of its statistical forecast
    (replaced_statistical_units) from its launch month on. Before the launch month both are 0.

    Raises ValueError for plans that repeat a series, or whose units or ramp are negative or missing.
    """
    _refuse_unfit(npd_plans)
    plans = npd_plans.sort_values(SERIES, ignore_index=True)
    frame = series_months(plans, cycle.periods)
    if plans.empty:
        return frame.assign(cycle_id="", like_item_id="", launch_units=0.0, replaced_statistical_units=0.0)[
            COLUMNS
        ]
    first = int(month_number(clean["period_start_date"]).min()) if len(clean) else 0
    planned = _planned_units(plans, _Starts(clean, first), cycle)
    share = _plan_share(plans, clean)[:, None]
    launched = _launch_age(plans, cycle) >= 0
    frame["launch_units"] = (planned * share).ravel().round(UNIT_DECIMALS)
    frame["replaced_statistical_units"] = np.where(launched, share, 0.0).ravel()
    units = statistical[[*SERIES_PERIOD, "forecast_units"]]
    frame = frame.merge(units, on=SERIES_PERIOD, how="left", validate="1:1")
    frame["replaced_statistical_units"] *= frame["forecast_units"].astype(np.float64).fillna(0.0)
    frame["replaced_statistical_units"] = frame["replaced_statistical_units"].round(UNIT_DECIMALS)
    frame["cycle_id"] = cycle.cycle_id
    like = [name if isinstance(name, str) and name else None for name in plans["like_item_id"]]
    frame["like_item_id"] = np.repeat(np.array(like, dtype=object), cycle.horizon_months)
    return frame[COLUMNS]


def _refuse_unfit(npd_plans: pd.DataFrame) -> None:
    problems = {
        "repeat a series": npd_plans.duplicated(SERIES, keep=False),
        "have no peak_units_per_month of 0 or more": ~(npd_plans["peak_units_per_month"] >= 0),
        "have no ramp_months of 0 or more": ~(npd_plans["ramp_months"] >= 0),
        "have no launch_period_start_date": npd_plans["launch_period_start_date"].isna(),
    }
    found = [
        f" * {describe_rows(npd_plans[bad], SERIES)} {what}" for what, bad in problems.items() if bad.any()
    ]
    if found:
        raise ValueError(
            "planner.npd_plans cannot be planned:\n" + "\n".join(found) + "\nCorrect the launch plan."
        )


def _launch_age(plans: pd.DataFrame, cycle: Cycle) -> FloatArray:
    """Months since launch, plans x horizon; negative before it."""
    launched = month_number(plans["launch_period_start_date"])
    return np.asarray(month_number(cycle.periods)[None, :] - launched[:, None], dtype=np.float64)


def _planned_units(plans: pd.DataFrame, starts: _Starts, cycle: Cycle) -> FloatArray:
    ages = _launch_age(plans, cycle).astype(np.int64)
    planned = np.zeros(ages.shape)
    for number, plan in enumerate(plans.itertuples(index=False)):
        ramp = max(int(str(plan.ramp_months).split(".")[0]), 1)
        shares = _like_shares(plan, ramp, starts)
        if shares is None:
            shares = np.arange(1, ramp + 1) / ramp
        age = ages[number]
        share = np.where(age >= ramp, 1.0, shares[np.clip(age, 0, ramp - 1)])
        planned[number] = np.where(age < 0, 0.0, share) * float(str(plan.peak_units_per_month))
    return planned


def _like_shares(plan: object, ramp: int, starts: _Starts) -> FloatArray | None:
    """Share of peak in each month of the ramp as the like item went, or None where its start is not on record."""
    like, site, channel = (getattr(plan, name) for name in ("like_item_id", "site_id", "channel_id"))
    rows = starts.clean[starts.clean["item_id"] == like]
    same = rows[(rows["site_id"] == site) & (rows["channel_id"] == channel)]
    rows = same if len(same) else rows
    monthly = rows.groupby("period_start_date")["clean_units"].sum().sort_index()
    known_start = len(monthly) and month_number(monthly.index[:1])[0] > starts.first_recorded_month
    if not known_start or len(monthly) < ramp + ESTABLISHED_MONTHS:
        return None
    smooth = monthly.rolling(SMOOTHING_MONTHS, min_periods=1).mean().to_numpy(dtype=np.float64)
    peak = float(monthly.iloc[ramp : ramp + GROWN_UP_MONTHS].mean())
    if not peak > 0:
        return None
    return np.asarray(np.clip(np.maximum.accumulate(smooth[:ramp]) / peak, 0.0, 1.0), dtype=np.float64)


def _plan_share(plans: pd.DataFrame, clean: pd.DataFrame) -> FloatArray:
    """1 for an item without history, falling evenly to 0 when it has a year of it."""
    months = clean.groupby(SERIES).size().rename("history_months").reset_index()
    own = plans[SERIES].merge(months, on=SERIES, how="left", validate="1:1")["history_months"].fillna(0)
    return np.asarray(
        np.clip(1.0 - own.to_numpy(dtype=np.float64) / GROWN_UP_MONTHS, 0.0, 1.0), dtype=np.float64
    )
