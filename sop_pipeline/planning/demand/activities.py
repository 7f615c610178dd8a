"""Activities: what promotions, prices, new customers and phase-outs add to the baseline.

Add here: how planned activities become units. Keep out: their effect in the past (see `history`), launches.
"""

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.realisations import realisation_of
from sop_pipeline.planning.demand.series import SERIES_PERIOD, UNIT_DECIMALS, describe_rows

OPEN_STATUSES = ("planned", "confirmed")

COLUMNS = ["cycle_id", *SERIES_PERIOD, "activity_count", "planned_units", "uplift_units"]


def sum_activities(
    activity_plans: pd.DataFrame, cycle: Cycle, realisations: pd.DataFrame | None = None
) -> pd.DataFrame:
    """One row per series and horizon month with an open activity: table `activity_uplifts`.

    planned_units = sum of uplift_units * confidence_ratio of `planner.activity_plans`, signed, 3 decimals; uplift_units
    takes each at the ratio of its type in table `activity_realisations`, what was measured already (`is_measured`) as
    it is. Activities that are done or cancelled do not count, nor do months outside the horizon.

    Raises ValueError where a confidence_ratio is not between 0 and 1 or an uplift is missing.
    """
    unfit = ~activity_plans["confidence_ratio"].between(0, 1) | activity_plans["uplift_units"].isna()
    if unfit.any():
        raise ValueError(
            "planner.activity_plans: "
            f"{describe_rows(activity_plans[unfit], ['activity_id', *SERIES_PERIOD])} have no uplift_units or a "
            "confidence_ratio outside 0 to 1.\nState confidence as a share: 0.8 for 80 percent."
        )
    is_open = activity_plans["activity_status"].isin(OPEN_STATUSES)
    plans = activity_plans[is_open & activity_plans["period_start_date"].isin(cycle.periods)]
    plans = plans.sort_values([*SERIES_PERIOD, "activity_id"])
    planned = (plans["uplift_units"] * plans["confidence_ratio"]).astype(np.float64)
    ratio = realisation_of(plans, realisations if realisations is not None else pd.DataFrame())
    if "is_measured" in plans.columns:
        ratio = ratio.where(~plans["is_measured"].fillna(False).astype(bool), 1.0)
    plans = plans.assign(planned=planned, expected=planned * ratio)
    summed = plans.groupby(SERIES_PERIOD, as_index=False).agg(
        activity_count=("activity_id", "nunique"),
        planned_units=("planned", "sum"),
        uplift_units=("expected", "sum"),
    )
    units = ["planned_units", "uplift_units"]
    summed[units] = summed[units].astype(np.float64).round(UNIT_DECIMALS)
    summed["cycle_id"] = cycle.cycle_id
    return summed[COLUMNS]
