"""Launches: what a new item will sell before its own history can say, and what it takes from others.

The launch plan is a layer: it adds its units and names the statistical units that it replaces, so that the blend of
plan and history is visible. The plan fades out as the item's own months come in. What a launch cannibalises is taken
from the statistical forecast of the other item, never more than there is. A successor without a launch plan takes over
what its predecessor sold, from the month after the predecessor's end: before it the predecessor has its own forecast,
after it none, so nothing counts twice.
Add here: what else a launch changes. Keep out: how launches grow (see `launch_curves`).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.launch_curves import Starts, choose_curve, tell_curves
from sop_pipeline.planning.demand.series import (
    MONTHS_PER_YEAR,
    SERIES,
    SERIES_PERIOD,
    UNIT_DECIMALS,
    FloatArray,
    describe_rows,
    month_number,
    series_months,
)

GROWN_UP_MONTHS = 12  # from here on an item's own history is long enough to be tested, and speaks alone

COLUMNS = [
    "cycle_id",
    *SERIES_PERIOD,
    "like_item_id",
    "curve_id",
    "launch_units",
    "replaced_statistical_units",
    "cannibalised_units",
]


@dataclass(frozen=True)
class LaunchPlan:
    """Tables `npd_forecasts` and `launch_curves`."""

    forecasts: pd.DataFrame
    curves: pd.DataFrame


def plan_launches(
    npd_plans: pd.DataFrame, statistical: pd.DataFrame, clean: pd.DataFrame, cycle: Cycle
) -> pd.DataFrame:
    """Table `npd_forecasts` of the plans alone, families and successors not known (see `launch_items`)."""
    return launch_items(npd_plans, statistical, clean, None, cycle).forecasts


def launch_items(
    npd_plans: pd.DataFrame,
    statistical: pd.DataFrame,
    clean: pd.DataFrame,
    items: pd.DataFrame | None,
    cycle: Cycle,
) -> LaunchPlan:
    """One row per launched, cannibalised or succeeding series and horizon month; units with 3 decimals.

    `npd_plans` is `planner.npd_plans`, `statistical` table `statistical_forecasts`, `clean` table
    `demand_history_clean`, `items` table `core.dim_items`. In month k of a launch (0 is the first) the plan says
    peak_units_per_month times the curve's ratio (`launch_curves`); after the ramp it is 1.

    An item with m months of own history gets (1 - m/12) of the plan, and loses that share of its statistical forecast
    (replaced_statistical_units) from its launch month on. Before the launch month both are 0. Of launch_units the
    cannibalisation_ratio is taken from cannibalised_item_id at the same site and channel: cannibalised_units, part of
    that series' replaced_statistical_units.

    Raises ValueError for plans that repeat a series, whose units or ramp are negative or missing, or whose
    cannibalisation_ratio is not between 0 and 1.
    """
    _refuse_unfit(npd_plans)
    plans = npd_plans.sort_values(SERIES, ignore_index=True)
    starts = Starts.of(clean, items)
    ramps = np.maximum(plans["ramp_months"].to_numpy(dtype=np.float64).astype(np.int64), 1)
    peaks = plans["peak_units_per_month"].to_numpy(dtype=np.float64)
    rows = plans.itertuples(index=False)
    curves = [choose_curve(plan, int(ramp), starts) for plan, ramp in zip(rows, ramps, strict=True)]
    planned = np.zeros((len(plans), cycle.horizon_months))
    ages = _launch_age(plans, cycle)
    for number, curve in enumerate(curves):
        ramp = len(curve.peak_ratios)
        ratio = np.where(ages[number] >= ramp, 1.0, curve.peak_ratios[np.clip(ages[number], 0, ramp - 1)])
        planned[number] = np.where(ages[number] < 0, 0.0, ratio) * peaks[number]
    like = [name if isinstance(name, str) and name else None for name in plans["like_item_id"]]
    parts = [
        _rows(plans, planned, ages >= 0, like, [curve.curve_id for curve in curves], clean, cycle),
        *_successions(plans, clean, items, cycle),
    ]
    frame = pd.concat(parts, ignore_index=True)
    frame = _cannibalised(frame, plans, cycle)
    frame = frame.merge(
        statistical[[*SERIES_PERIOD, "forecast_units"]], on=SERIES_PERIOD, how="left", validate="1:1"
    )
    base = frame["forecast_units"].astype(np.float64).fillna(0.0)
    own = (frame["replaced_ratio"] * base).round(UNIT_DECIMALS)
    frame["cannibalised_units"] = np.minimum(frame["wanted_units"], base - own).round(UNIT_DECIMALS)
    frame["replaced_statistical_units"] = (own + frame["cannibalised_units"]).round(UNIT_DECIMALS)
    frame["cycle_id"] = cycle.cycle_id
    ordered = frame[COLUMNS].sort_values(SERIES_PERIOD, ignore_index=True)
    return LaunchPlan(ordered, tell_curves(curves, cycle))


def _refuse_unfit(npd_plans: pd.DataFrame) -> None:
    problems = {
        "repeat a series": npd_plans.duplicated(SERIES, keep=False),
        "have no peak_units_per_month of 0 or more": ~(npd_plans["peak_units_per_month"] >= 0),
        "have no ramp_months of 0 or more": ~(npd_plans["ramp_months"] >= 0),
        "have no launch_period_start_date": npd_plans["launch_period_start_date"].isna(),
        "have a cannibalisation_ratio outside 0 to 1": ~_cannibalisation(npd_plans).between(0, 1),
    }
    found = [
        f" * {describe_rows(npd_plans[bad], SERIES)} {what}" for what, bad in problems.items() if bad.any()
    ]
    if found:
        raise ValueError(
            "planner.npd_plans cannot be planned:\n" + "\n".join(found) + "\nCorrect the launch plan."
        )


def _cannibalisation(npd_plans: pd.DataFrame) -> pd.Series:
    if "cannibalisation_ratio" not in npd_plans.columns:
        return pd.Series(0.0, index=npd_plans.index)
    return npd_plans["cannibalisation_ratio"].astype(np.float64).fillna(0.0)


def _launch_age(plans: pd.DataFrame, cycle: Cycle) -> np.ndarray:
    """Months since launch, plans x horizon; negative before it."""
    launched = month_number(plans["launch_period_start_date"])
    return np.asarray(month_number(cycle.periods)[None, :] - launched[:, None], dtype=np.int64)


def _rows(
    keys: pd.DataFrame,
    planned: FloatArray,
    launched: np.ndarray,
    like: list[str | None],
    curve_ids: list[str],
    clean: pd.DataFrame,
    cycle: Cycle,
) -> pd.DataFrame:
    """Series x months with launch_units and replaced_ratio, both faded by the series' own history."""
    share = _plan_share(keys, clean)[:, None]
    frame = series_months(keys, cycle.periods)
    frame["launch_units"] = (planned * share).ravel().round(UNIT_DECIMALS)
    frame["replaced_ratio"] = np.where(launched, share, 0.0).ravel()
    frame["like_item_id"] = np.repeat(np.array(like, dtype=object), cycle.horizon_months)
    frame["curve_id"] = np.repeat(np.array(curve_ids, dtype=object), cycle.horizon_months)
    return frame


def _plan_share(keys: pd.DataFrame, clean: pd.DataFrame) -> FloatArray:
    """1 for a series without history, falling evenly to 0 when it has a year of it."""
    months = clean.groupby(SERIES).size().rename("history_months").reset_index()
    own = keys[SERIES].merge(months, on=SERIES, how="left", validate="1:1")["history_months"].fillna(0)
    return np.asarray(
        np.clip(1.0 - own.to_numpy(dtype=np.float64) / GROWN_UP_MONTHS, 0.0, 1.0), dtype=np.float64
    )


def _successions(
    plans: pd.DataFrame, clean: pd.DataFrame, items: pd.DataFrame | None, cycle: Cycle
) -> list[pd.DataFrame]:
    """Series of successors that nobody has planned: each month after the end, what the predecessor sold a year before."""
    if items is None or "successor_item_id" not in items.columns:
        return []
    ending = items[items["successor_item_id"].notna() & items["end_date"].notna()]
    ending = ending[["item_id", "successor_item_id", "end_date"]].drop_duplicates("successor_item_id")
    sold = clean[SERIES].drop_duplicates().merge(ending, on="item_id", validate="m:1")
    keys = sold.assign(item_id=sold["successor_item_id"], predecessor=sold["item_id"])
    is_planned = pd.MultiIndex.from_frame(keys[SERIES]).isin(pd.MultiIndex.from_frame(plans[SERIES]))
    keys = keys[~is_planned].sort_values(SERIES, ignore_index=True)
    keys = keys[_plan_share(keys, clean) > 0].reset_index(drop=True)
    if keys.empty:
        return []
    planned = np.zeros((len(keys), cycle.horizon_months))
    after_end = np.zeros(planned.shape, dtype=bool)
    for number, key in enumerate(keys.itertuples(index=False)):
        rows = clean[(clean["item_id"] == key.predecessor) & (clean["site_id"] == key.site_id)]
        rows = rows[(rows["channel_id"] == key.channel_id) & (rows["period_start_date"] <= key.end_date)]
        year = rows.sort_values("period_start_date").tail(MONTHS_PER_YEAR)
        by_month = year.groupby(year["period_start_date"].dt.month)["clean_units"].mean()
        after_end[number] = cycle.periods.to_numpy() > np.datetime64(pd.Timestamp(str(key.end_date)))
        usual = by_month.reindex(cycle.periods.month).fillna(by_month.mean()).to_numpy(dtype=np.float64)
        planned[number] = np.where(after_end[number], np.nan_to_num(usual), 0.0)
    curve_ids = [f"successor of {name}" for name in keys["predecessor"]]
    return [_rows(keys, planned, after_end, list(keys["predecessor"]), curve_ids, clean, cycle)]


def _cannibalised(frame: pd.DataFrame, plans: pd.DataFrame, cycle: Cycle) -> pd.DataFrame:
    """`frame` with wanted_units: what launches at the site and channel would take of each series; theirs are added."""
    frame = frame.assign(wanted_units=0.0)
    ratio = _cannibalisation(plans)
    if not (ratio > 0).any():
        return frame
    takes = plans.loc[ratio > 0, [*SERIES, "cannibalised_item_id"]].assign(ratio=ratio[ratio > 0])
    taken = frame.merge(takes, on=SERIES, how="inner", validate="m:1")
    taken = taken[taken["cannibalised_item_id"].notna()]
    taken["item_id"], taken["wanted_units"] = (
        taken["cannibalised_item_id"],
        taken["launch_units"] * taken["ratio"],
    )
    summed = taken.groupby(SERIES_PERIOD, as_index=False)["wanted_units"].sum()
    keys = pd.DataFrame(summed[SERIES]).drop_duplicates().sort_values(SERIES, ignore_index=True)
    losers = series_months(keys, cycle.periods)
    both = frame.drop(columns="wanted_units").merge(losers, on=SERIES_PERIOD, how="outer", validate="1:1")
    both = both.merge(summed, on=SERIES_PERIOD, how="left", validate="1:1")
    numbers = ["launch_units", "replaced_ratio", "wanted_units"]
    both[numbers] = both[numbers].astype(np.float64).fillna(0.0)
    for text in ("like_item_id", "curve_id"):
        both[text] = both[text].astype(object)
        both.loc[both[text].isna(), text] = None
    return both
