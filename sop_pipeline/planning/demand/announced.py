"""Activities that the ERP announces (offers of limited time): their effect, measured on those of the past.

An ERP says what is offered when, not what it will sell. The effect of an activity is a ratio: units on top of what the
series sells otherwise, for each of these, while it runs. It is measured over past activities of the same type in the same
channel; where these are too few, over all types in the channel; where these are too few, it is the declared parameter
`activity_uplift_ratio`. What a planner has planned under the same name (`planner.activity_plans`) goes before it.
Add here: how an announced activity becomes units. Keep out: activities in units (see `activities`), launches.
"""

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.series import SERIES, SERIES_PERIOD, UNIT_DECIMALS, month_number

MINIMUM_EVIDENCE_MONTHS = 6  # of single series; with fewer one large order decides
PLAIN_MONTHS_NEEDED = 3  # without an activity, within a year around it, to know what would have been sold
WINDOW_MONTHS = 6
LEAST_ACTIVE_RATIO = 0.5  # a month that an activity hardly touched is evidence of neither
RATIO_DECIMALS = 6

COLUMNS = [
    "cycle_id",
    "activity_id",
    *SERIES_PERIOD,
    "activity_type",
    "active_ratio",
    "statistical_units",
    "effect_ratio",
    "effect_basis",
    "evidence_months",
    "uplift_units",
]


def measure_activities(
    activities: pd.DataFrame,
    history_clean: pd.DataFrame,
    statistical: pd.DataFrame,
    activity_plans: pd.DataFrame,
    parameters: pd.DataFrame,
    cycle: Cycle,
) -> pd.DataFrame:
    """Table `activity_effects`: one row per announced activity, series and horizon month with a forecast.

    `activities`: table `core.fct_activities`; `history_clean`, `statistical`: tables `demand_history_clean`,
    `statistical_forecasts`; `parameters`: table `core.fct_parameters`. uplift_units = forecast x active_ratio x effect_ratio, 3 decimals; the ratio is never below
    -1. An activity that `activity_plans` names has effect 0 and basis `planned`.

    Raises ValueError where `parameters` declare no `activity_uplift_ratio` for the company.
    """
    declared_ratio = _declared_ratio(parameters)
    ahead = activities[activities["period_start_date"].isin(cycle.periods)]
    frame = ahead.merge(
        statistical[[*SERIES_PERIOD, "forecast_units"]], on=SERIES_PERIOD, how="inner", validate="m:1"
    ).rename(columns={"forecast_units": "statistical_units"})
    evidence = _evidence(activities, history_clean)
    by_type = _ratios(evidence, ["activity_type", "channel_id"])
    by_channel = _ratios(evidence, ["channel_id"])
    planned = set(activity_plans["activity_id"])
    known = [
        _known(row, planned, by_type, by_channel, declared_ratio) for row in frame.itertuples(index=False)
    ]
    frame["effect_ratio"] = np.round([ratio for ratio, _, _ in known], RATIO_DECIMALS)
    frame["effect_basis"] = pd.Series([basis for _, basis, _ in known], index=frame.index, dtype=object)
    frame["evidence_months"] = np.array([months for _, _, months in known], dtype=np.int64)
    numbers = frame[["statistical_units", "active_ratio", "effect_ratio"]].astype(np.float64)
    frame["uplift_units"] = numbers.prod(axis=1).round(UNIT_DECIMALS)
    frame["cycle_id"] = cycle.cycle_id
    return frame[COLUMNS].sort_values(["activity_id", *SERIES_PERIOD], ignore_index=True)


def with_announced(activity_plans: pd.DataFrame, effects: pd.DataFrame) -> pd.DataFrame:
    """`planner.activity_plans` and the measured effects in its columns, ready for `sum_activities`."""
    rows = effects.loc[effects["effect_basis"] != "planned", ["activity_id", *SERIES_PERIOD, "uplift_units"]]
    rows = rows.assign(confidence_ratio=1.0, activity_status="confirmed", is_measured=True)
    both = [plans for plans in (activity_plans, rows) if len(plans)]
    return pd.concat(both, ignore_index=True) if both else activity_plans


def _declared_ratio(parameters: pd.DataFrame) -> float:
    rows = parameters[
        (parameters["parameter_id"] == "activity_uplift_ratio") & (parameters["scope"] == "company")
    ]
    if len(rows) != 1:
        raise ValueError(
            f"core.fct_parameters has {len(rows)} rows for activity_uplift_ratio at scope company, 1 is needed.\n"
            "Declare it in planner.planning_parameters or in the dictionary of defaults."
        )
    return float(rows["parameter_value"].iloc[0])


def _known(
    row: object,
    planned: set[str],
    by_type: dict[tuple[str, ...], tuple[float, int]],
    by_channel: dict[tuple[str, ...], tuple[float, int]],
    declared_ratio: float,
) -> tuple[float, str, int]:
    """Effect ratio of an activity, how it is known, and on how many months."""
    activity_id, activity_type, channel_id = row.activity_id, row.activity_type, row.channel_id  # type: ignore[attr-defined]
    if activity_id in planned:
        return 0.0, "planned", 0
    of_type = by_type.get((activity_type, channel_id), (0.0, 0))
    if of_type[1] >= MINIMUM_EVIDENCE_MONTHS:
        return of_type[0], "measured_type", of_type[1]
    of_channel = by_channel.get((channel_id,), (0.0, 0))
    if of_channel[1] >= MINIMUM_EVIDENCE_MONTHS:
        return of_channel[0], "measured_channel", of_channel[1]
    return declared_ratio, "declared", of_channel[1]


def _evidence(activities: pd.DataFrame, history_clean: pd.DataFrame) -> pd.DataFrame:
    """Series and months that an activity ran in: units sold, and units that plain months around them lead to expect."""
    ran = activities.groupby(SERIES_PERIOD, as_index=False).agg(
        active_ratio=("active_ratio", "max"), activity_type=("activity_type", "first")
    )
    months = history_clean[[*SERIES_PERIOD, "raw_units"]].merge(ran, on=SERIES_PERIOD, how="left")
    months["number"] = month_number(months["period_start_date"])
    touched = months[months["active_ratio"] >= LEAST_ACTIVE_RATIO]
    plain = months.loc[months["active_ratio"].isna(), [*SERIES, "number", "raw_units"]]
    pairs = touched.merge(plain, on=SERIES, suffixes=("", "_plain"))
    pairs = pairs[(pairs["number"] - pairs["number_plain"]).abs() <= WINDOW_MONTHS]
    expected = pairs.groupby(SERIES_PERIOD, as_index=False).agg(
        expected_units=("raw_units_plain", "mean"), plain_months=("raw_units_plain", "size")
    )
    known = touched.merge(expected, on=SERIES_PERIOD, validate="1:1")
    return known[(known["plain_months"] >= PLAIN_MONTHS_NEEDED) & (known["expected_units"] > 0)]


def _ratios(evidence: pd.DataFrame, keys: list[str]) -> dict[tuple[str, ...], tuple[float, int]]:
    """Extra units over expected ones while active, pooled, and the number of months they were measured on."""
    ratios: dict[tuple[str, ...], tuple[float, int]] = {}
    for key, rows in evidence.groupby(keys):
        expected = rows["expected_units"].astype(np.float64)
        extra = (rows["raw_units"].astype(np.float64) - expected).sum()
        ratio = extra / (expected * rows["active_ratio"].astype(np.float64)).sum()
        ratios[tuple(str(part) for part in key)] = (max(float(ratio), -1.0), len(rows))
    return ratios
