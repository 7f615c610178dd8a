"""What activities of the past brought, of what their plans had hoped for.

Whoever plans an activity hopes. Over the closed months that are still in the plan, hoped and measured units are added up
by type and channel; open activities of the type are taken at that ratio. A promotion's units are those that cleansing
measured (`effects`). Of any other activity (new customers, prices, channels, phase-outs) they are the units of the month
less what the half year before the activity leads to expect of it, season included: such an activity stays, and later
months would take it for what is usual. The ratio of a type is drawn towards 1, that of a channel towards its type's, by
PRIOR_MONTHS planned months.
Add here: another way to measure what an activity brought. Keep out: effects that an ERP announces (`announced`).
"""

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.series import SERIES, SERIES_PERIOD, month_number

PRIOR_MONTHS = 6.0
BEFORE_MONTHS = 6
LARGEST_RATIO = 2.0
RATIO_DECIMALS = 6

COLUMNS = [
    "cycle_id",
    "activity_type",
    "channel_id",
    "planned_months",
    "planned_units",
    "measured_units",
    "raw_ratio",
    "realisation_ratio",
]


def measure_realisations(
    activity_plans: pd.DataFrame, clean: pd.DataFrame, adjustments: pd.DataFrame, cycle: Cycle
) -> pd.DataFrame:
    """Table `activity_realisations`: one row per type and channel with planned units in closed months.

    `activity_plans` is `planner.activity_plans` (what was cancelled does not count), `clean` table
    `demand_history_clean`, `adjustments` table `demand_history_adjustments`. Units are signed with the plan: a ratio of
    1 is a phase-out that took what was planned, too.
    """
    past = activity_plans[
        (activity_plans["period_start_date"] < cycle.start)
        & (activity_plans["activity_status"] != "cancelled")
    ]
    past = past[past["uplift_units"].astype(np.float64) != 0]
    rows = past.merge(clean[[*SERIES_PERIOD, "raw_units", "season_ratio"]], on=SERIES_PERIOD, validate="m:1")
    if rows.empty:
        return pd.DataFrame(columns=COLUMNS)
    planned = rows["uplift_units"].astype(np.float64)
    rows["measured_units"] = np.where(
        rows["activity_type"] == "promotion", _promoted(rows, adjustments), _since_before(rows, clean, past)
    )
    rows = rows[rows["measured_units"].notna()].copy()
    sign = np.sign(planned.loc[rows.index])
    rows["planned_units"], rows["measured_units"] = (
        planned.loc[rows.index].abs(),
        rows["measured_units"] * sign,
    )
    by_type = _added_up(rows, ["activity_type"])
    by_type["type_ratio"] = _drawn(by_type, 1.0)
    summed = _added_up(rows, ["activity_type", "channel_id"])
    summed = summed.merge(by_type[["activity_type", "type_ratio"]], on="activity_type", validate="m:1")
    summed["realisation_ratio"] = _drawn(summed, summed["type_ratio"])
    ratios = ["raw_ratio", "realisation_ratio"]
    summed[ratios] = summed[ratios].round(RATIO_DECIMALS)
    units = ["planned_units", "measured_units"]
    summed[units] = summed[units].round(3)
    return summed.assign(cycle_id=cycle.cycle_id)[COLUMNS].sort_values(
        ["activity_type", "channel_id"], ignore_index=True
    )


def realisation_of(plans: pd.DataFrame, realisations: pd.DataFrame) -> pd.Series:
    """Ratio at which each row of `planner.activity_plans` is taken: 1 where nothing of its type is known."""
    if realisations.empty or "activity_type" not in plans.columns:
        return pd.Series(1.0, index=plans.index)
    known = realisations.set_index(["activity_type", "channel_id"])["realisation_ratio"].astype(np.float64)
    keys = pd.MultiIndex.from_frame(plans[["activity_type", "channel_id"]])
    return pd.Series(known.reindex(keys).fillna(1.0).to_numpy(), index=plans.index)


def _promoted(rows: pd.DataFrame, adjustments: pd.DataFrame) -> np.ndarray:
    """Uplift that cleansing measured of the month, shared among its plans by what they hoped for."""
    promoted = adjustments[adjustments["reason"] == "promotion"]
    found = promoted.groupby(SERIES_PERIOD, as_index=False).agg(adjustment_units=("adjustment_units", "sum"))
    units = rows[SERIES_PERIOD].merge(found, on=SERIES_PERIOD, how="left", validate="m:1")
    hoped = rows["uplift_units"].astype(np.float64).abs()
    together = hoped.groupby([rows[column] for column in SERIES_PERIOD]).transform("sum")
    brought = -units["adjustment_units"].astype(np.float64).fillna(0.0).to_numpy()
    return np.asarray(brought * (hoped / together).to_numpy(), dtype=np.float64)


def _since_before(rows: pd.DataFrame, clean: pd.DataFrame, past: pd.DataFrame) -> np.ndarray:
    """Units of the month less what the months before the activity began lead to expect; NaN where there are too few."""
    begun = past.groupby(SERIES, as_index=False)["period_start_date"].min()
    begun["first"] = month_number(begun["period_start_date"])
    before = clean.merge(begun[[*SERIES, "first"]], on=SERIES, validate="m:1")
    age = before["first"].to_numpy() - month_number(before["period_start_date"])
    before = before[(age > 0) & (age <= BEFORE_MONTHS)]
    usual = before.groupby(SERIES, as_index=False).agg(
        units=("clean_units", "sum"), season=("season_ratio", "sum"), months=("clean_units", "size")
    )
    known = rows[SERIES].merge(usual, on=SERIES, how="left", validate="m:1")
    level = np.where(known["months"] >= BEFORE_MONTHS / 2, known["units"] / known["season"], np.nan)
    season = rows["season_ratio"].to_numpy(dtype=np.float64)
    return np.asarray(rows["raw_units"].to_numpy(dtype=np.float64) - level * season, dtype=np.float64)


def _added_up(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    summed = rows.groupby(keys, as_index=False).agg(
        planned_months=("planned_units", "size"),
        planned_units=("planned_units", "sum"),
        measured_units=("measured_units", "sum"),
    )
    summed["raw_ratio"] = summed["measured_units"] / summed["planned_units"]
    return summed


def _drawn(summed: pd.DataFrame, towards: pd.Series | float) -> pd.Series:
    months = summed["planned_months"].astype(np.float64)
    ratio = summed["raw_ratio"].clip(0.0, LARGEST_RATIO)
    return (months * ratio + PRIOR_MONTHS * towards) / (months + PRIOR_MONTHS)
