"""Sales' forecast by account: corrected by its submitter's measured bias, weighted by how reliable he has been.

An account is a customer group with an item at a site in a channel. Its share of a series' forecast is what the layers
below say of it (`base_units`). What sales submits is divided by its submitter's usual ratio of forecast to orders, and
moves the account from the base towards itself by a weight between 0 and 1:

    sales_units = weight x (corrected - base)

Add here: how a submission becomes units. Keep out: who was how good at what (`submitters`), overrides.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.consensus import LAYERS, THOUSANDTHS, to_thousandths
from sop_pipeline.planning.demand.series import (
    SERIES,
    SERIES_PERIOD,
    UNIT_DECIMALS,
    FloatArray,
    describe_rows,
)
from sop_pipeline.planning.demand.submitters import RATIO_DECIMALS, SalesPolicy, measure_submitters

ACCOUNT = ["customer_group", *SERIES]
ACCOUNT_PERIOD = [*ACCOUNT, "period_start_date"]
SHARE_PRIOR_MONTHS = 3.0  # months of a series' orders that its channel's usual share is worth beside its own

ACCOUNT_LEVEL = "item"  # a forecast of a single account is one of an item; others are of `sales_levels`
OF_ACCOUNTS = "account"  # submission_id of these, which have none

INPUT_COLUMNS = [
    "cycle_id",
    "submission_id",
    "submitter",
    "level",
    "level_id",
    *ACCOUNT_PERIOD,
    "submitted_at",
    "submission_state",
    "input_state",
    "forecast_units",
    "bias_ratio",
    "corrected_units",
    "account_share_ratio",
    "base_units",
    "weight_ratio",
    "measured_count",
    "sales_units",
]


@dataclass(frozen=True)
class SalesLayer:
    """Tables `sales_submitters`, `sales_inputs`, and the layers with sales_units in them."""

    submitters: pd.DataFrame
    inputs: pd.DataFrame
    layers: pd.DataFrame


def add_sales(
    layers: pd.DataFrame,
    sales_forecasts: pd.DataFrame,
    account_demand: pd.DataFrame,
    results: pd.DataFrame,
    parameters: pd.DataFrame,
    cycle: Cycle,
    level_forecasts: pd.DataFrame | None = None,
) -> SalesLayer:
    """Lay `planner.sales_forecasts` on `layers` (see `consensus.stack_layers`).

    `account_demand`: table `core.fct_account_demand`, the last closed year; `results`: table
    `core.fct_sales_forecast_results`; `parameters`: table `core.fct_parameters`. Every submission comes back as one row
    of `inputs` with what was done with it: applied, closed_month, beyond_horizon, or no_series where the series is not
    forecast at all. Who handed in `level_forecasts` (see `sales_levels`) is measured too. sales_units of a series and month is the exact sum over its accounts, and never takes more than
    the layers below hold.

    Raises ValueError where submissions repeat an account and month or hold no units of 0 or more.
    """
    _refuse_unfit(sales_forecasts)
    policy = SalesPolicy.of(parameters)
    submitters = measure_submitters(results, _who(sales_forecasts, level_forecasts), policy, cycle)
    of_accounts = submitters[submitters["level"] == ACCOUNT_LEVEL]
    account_demand = account_demand[account_demand["account_type"] == "customer_group"]
    frame = sales_forecasts.rename(columns={"submitted_by": "submitter"})
    frame = frame.sort_values(ACCOUNT_PERIOD, ignore_index=True)
    frame = frame.merge(
        of_accounts[["submitter", "bias_ratio", "weight_ratio", "measured_count"]],
        on="submitter",
        how="left",
        validate="m:1",
    )
    frame["account_share_ratio"] = account_shares(frame, account_demand)
    below = layers[[*SERIES_PERIOD, "forecast_units"]].rename(columns={"forecast_units": "below_units"})
    frame = frame.merge(below, on=SERIES_PERIOD, how="left", validate="m:1")
    frame["input_state"] = _states(frame, layers, cycle)
    frame["submission_state"] = timeliness(frame["submitted_at"], policy, cycle)
    units = frame["forecast_units"].astype(np.float64)
    frame["corrected_units"] = (units / (1.0 + frame["bias_ratio"])).round(UNIT_DECIMALS)
    frame["base_units"] = (frame["account_share_ratio"] * frame["below_units"]).round(UNIT_DECIMALS)
    is_applied = (frame["input_state"] == "applied").to_numpy()
    change = frame["weight_ratio"] * (frame["corrected_units"] - frame["base_units"])
    frame["sales_units"] = np.where(is_applied, _whole(change), 0.0)
    frame.loc[~is_applied, ["base_units", "account_share_ratio"]] = np.nan
    frame["cycle_id"] = cycle.cycle_id
    frame["submission_id"] = OF_ACCOUNTS
    frame["level"], frame["level_id"] = ACCOUNT_LEVEL, frame["item_id"]
    return SalesLayer(submitters, frame[INPUT_COLUMNS], lay_on(layers, frame))


def _who(sales_forecasts: pd.DataFrame, level_forecasts: pd.DataFrame | None) -> pd.DataFrame:
    """Submitter and level of everything that was handed in."""
    accounts = sales_forecasts[["submitted_by"]].assign(level=ACCOUNT_LEVEL)
    both = (
        accounts
        if level_forecasts is None
        else pd.concat([accounts, level_forecasts[["submitted_by", "level"]]])
    )
    return both.rename(columns={"submitted_by": "submitter"}).drop_duplicates()


def _refuse_unfit(sales_forecasts: pd.DataFrame) -> None:
    problems = {
        "repeat an account and month": sales_forecasts.duplicated(ACCOUNT_PERIOD, keep=False),
        "have no forecast_units of 0 or more": ~(sales_forecasts["forecast_units"].astype(np.float64) >= 0),
    }
    found = [
        f" * {describe_rows(sales_forecasts[bad], ACCOUNT_PERIOD)} {what}"
        for what, bad in problems.items()
        if bad.any()
    ]
    if found:
        raise ValueError(
            "planner.sales_forecasts cannot be used:\n" + "\n".join(found) + "\nCorrect the submission."
        )


def account_shares(frame: pd.DataFrame, account_demand: pd.DataFrame) -> FloatArray:
    """Share of each row's account in its series: its orders, and the group's share of the channel at the site as a prior.

    An account that nobody has an order of has share 0: all that sales expects of it is new.
    """
    known = frame[ACCOUNT].merge(account_demand, on=ACCOUNT, how="left", validate="m:1")
    numbers = ["account_units", "series_units", "group_units", "stream_units"]
    account, series, group, stream = (known[name].fillna(0.0).to_numpy(dtype=np.float64) for name in numbers)
    usual = np.divide(group, stream, out=np.zeros_like(group), where=stream > 0)
    prior = series * SHARE_PRIOR_MONTHS / 12.0
    share = np.divide(account + prior * usual, series + prior, out=usual.copy(), where=series > 0)
    return np.asarray(np.clip(share, 0.0, 1.0).round(RATIO_DECIMALS), dtype=np.float64)


def _states(frame: pd.DataFrame, layers: pd.DataFrame, cycle: Cycle) -> pd.Series:
    month = frame["period_start_date"]
    is_forecast = pd.MultiIndex.from_frame(frame[SERIES]).isin(pd.MultiIndex.from_frame(layers[SERIES]))
    states = np.select(
        [month < cycle.start, ~month.isin(cycle.periods), ~is_forecast],
        ["closed_month", "beyond_horizon", "no_series"],
        "applied",
    )
    return pd.Series(states, index=frame.index, dtype=object)


def timeliness(submitted_at: pd.Series, policy: SalesPolicy, cycle: Cycle) -> pd.Series:
    """on_time: after the due moment of the cycle before and up to that of this one; before it stale, after it late."""
    due = cycle.start + pd.Timedelta(days=policy.due_days)
    due_before = cycle.start - pd.DateOffset(months=1) + pd.Timedelta(days=policy.due_days)
    moments = pd.to_datetime(submitted_at)
    states = np.select([moments > due, moments <= due_before], ["late", "stale"], "on_time")
    return pd.Series(states, index=submitted_at.index, dtype=object)


def _whole(units: pd.Series) -> FloatArray:
    """Units cut to whole thousandths towards 0: accounts that share a series never take more than it has."""
    thousandths = units.fillna(0.0).to_numpy(dtype=np.float64) * THOUSANDTHS
    return np.asarray(np.trunc(np.round(thousandths, 3)) / THOUSANDTHS + 0.0, dtype=np.float64)


def lay_on(layers: pd.DataFrame, inputs: pd.DataFrame) -> pd.DataFrame:
    """Layers whose sales_units are the exact sum of the applied rows of `inputs`."""
    rows = inputs[inputs["input_state"] == "applied"]
    rows = rows[SERIES_PERIOD].assign(whole=to_thousandths(rows["sales_units"]))
    summed = rows.groupby(SERIES_PERIOD, as_index=False).agg(thousandths=("whole", "sum"))
    frame = layers.merge(summed, on=SERIES_PERIOD, how="left", validate="1:1")
    change = frame["thousandths"].fillna(0).to_numpy(dtype=np.int64)
    others = sum(
        (to_thousandths(frame[layer]) for layer in LAYERS if layer != "sales_units"),
        np.zeros(len(frame), dtype=np.int64),
    )
    frame["sales_units"] = change / THOUSANDTHS
    frame["forecast_units"] = (others + change) / THOUSANDTHS
    return frame[layers.columns]
