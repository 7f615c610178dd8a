"""Sales' forecasts at a level: of a family, a region, a customer group or the whole company, brought down to the series below.

What was submitted is corrected by its submitter's bias at that level and weighed against what the layers below say of the same
demand; the change is spread over the active series in proportion to these. Forecasts of single accounts come first (`sales`),
then levels from narrow to wide, each on what those before it have made. Where two levels speak of the same demand, both hold in
that order, and how far they are apart is told.
Add here: another level. Keep out: single accounts (`sales`), what people set by rule (`overrides`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.consensus import THOUSANDTHS, to_thousandths
from sop_pipeline.planning.demand.overrides import (
    COMPANY,
    CUSTOMER_GROUP,
    ITEM_LEVELS,
    LEVEL_COLUMNS,
    WHOLE_COMPANY,
    spread_whole,
)
from sop_pipeline.planning.demand.sales import (
    INPUT_COLUMNS,
    SalesLayer,
    account_shares,
    lay_on,
    timeliness,
)
from sop_pipeline.planning.demand.series import SERIES, SERIES_PERIOD, BoolArray, IntArray
from sop_pipeline.planning.demand.submitters import SalesPolicy

REGION = "region"
LEVELS = (*LEVEL_COLUMNS, REGION, CUSTOMER_GROUP, COMPANY)
EVERYBODY = "all"  # customer_group of a forecast that speaks of all customers

LEVEL_INPUT_COLUMNS = [
    "cycle_id",
    "submission_id",
    "period_start_date",
    "submitter",
    "level",
    "level_id",
    "customer_group",
    "site_id",
    "channel_id",
    "submitted_at",
    "submission_state",
    "input_state",
    "series_count",
    "forecast_units",
    "bias_ratio",
    "corrected_units",
    "base_units",
    "weight_ratio",
    "sales_units",
    "below_count",
    "below_units",
    "difference_ratio",
    "agreement",
]


@dataclass(frozen=True)
class SalesLevels:
    """The layer with levels in it, and table `sales_level_inputs`: what became of each row of `planner.sales_level_forecasts`."""

    layer: SalesLayer
    level_inputs: pd.DataFrame


@dataclass(frozen=True)
class _Scope:
    """Series that a row covers (positions in the layers), and how much of each, in thousandths, the layers say of its demand."""

    rows: IntArray
    held: IntArray
    is_region: bool
    customer_group: str


def add_sales_levels(
    layer: SalesLayer,
    level_forecasts: pd.DataFrame,
    items: pd.DataFrame,
    account_demand: pd.DataFrame,
    parameters: pd.DataFrame,
    cycle: Cycle,
) -> SalesLevels:
    """Lay `planner.sales_level_forecasts` on what `add_sales` made.

    `items`: table `core.dim_items`; `account_demand`: `core.fct_account_demand`, with the groups and regions that rows name.
    input_state: applied, closed_month, beyond_horizon, no_series (nothing below it is forecast, or the level has no such id), or
    nothing_to_spread (what is below is forecast at 0: no proportion). agreement: alone, or beside what was said of the same
    demand before it agrees or contradicts, by `conflict_minimum_ratio`; below_units is what that comes to.
    An applied row is in `inputs` once per series, its units spread in thousandths that add up to it.
    """
    if level_forecasts.empty:
        return SalesLevels(layer, _no_rows(LEVEL_INPUT_COLUMNS))
    policy = SalesPolicy.of(parameters)
    known = _records(layer.submitters)
    layers = layer.layers
    covered = layers[SERIES_PERIOD].merge(
        items[["item_id", *(LEVEL_COLUMNS[level] for level in ITEM_LEVELS if level != "item")]],
        on="item_id",
        how="left",
        validate="m:1",
    )
    frame = level_forecasts.rename(columns={"submitted_by": "submitter"}).reset_index(drop=True)
    frame["submission_state"] = timeliness(frame["submitted_at"], policy, cycle)
    without = to_thousandths(layers["forecast_units"]) - to_thousandths(layers["sales_units"])
    current = to_thousandths(layers["forecast_units"])
    plain = [_scope(row, covered, without, account_demand) for row in frame.itertuples(index=False)]
    order = sorted(
        range(len(frame)),
        key=lambda n: (len(plain[n].rows), frame.at[n, "submission_id"], frame.at[n, "period_start_date"]),
    )
    said = _account_statements(layer.inputs, layers)
    rows, parts = [], []
    for number in order:
        row: Any = next(frame.iloc[[number]].itertuples(index=False))
        scope = _scope(row, covered, current, account_demand)
        state = _state(row, scope, cycle)
        bias, weight, count = known[row.submitter, row.level]
        units = round(float(row.forecast_units) * THOUSANDTHS)
        corrected = round(units / (1.0 + bias))
        held = int(scope.held.sum())
        change = int(np.trunc(weight * (corrected - held))) if state == "applied" else 0
        told = row._asdict() | {
            "cycle_id": cycle.cycle_id,
            "customer_group": scope.customer_group,
            "input_state": state,
            "series_count": len(scope.rows),
            "forecast_units": units / THOUSANDTHS,
            "bias_ratio": bias,
            "corrected_units": corrected / THOUSANDTHS,
            "base_units": held / THOUSANDTHS if state == "applied" else np.nan,
            "weight_ratio": weight,
            "sales_units": change / THOUSANDTHS,
            "below_count": 0,
            "below_units": np.nan,
            "difference_ratio": np.nan,
            "agreement": "alone",
        }
        if state == "applied":
            speaks = _speaks_of(said, scope)
            told |= _agreement(said[speaks], plain[number], corrected, policy)
            moved = np.sign(change) * spread_whole(abs(change), scope.held)
            current[scope.rows] += moved
            parts.append(_series_rows(told, scope, units, corrected, moved, covered, count))
            said = pd.concat([said[~speaks], _level_statements(scope, plain[number], corrected)])
        rows.append(told)
    filled = [frame for frame in (layer.inputs, *parts) if not frame.empty]
    inputs = pd.concat(filled, ignore_index=True) if filled else layer.inputs
    level_inputs = pd.DataFrame(rows, columns=LEVEL_INPUT_COLUMNS)
    made = SalesLayer(layer.submitters, inputs[INPUT_COLUMNS], lay_on(layers, inputs))
    return SalesLevels(
        made, level_inputs.sort_values(["submission_id", "period_start_date"], ignore_index=True)
    )


def _scope(row: Any, covered: pd.DataFrame, current: IntArray, account_demand: pd.DataFrame) -> _Scope:
    match: BoolArray = (covered["period_start_date"] == row.period_start_date).to_numpy(dtype=bool)
    if row.level in LEVEL_COLUMNS:
        match &= (covered[LEVEL_COLUMNS[row.level]] == row.level_id).to_numpy(dtype=bool)
    elif row.level == COMPANY:
        match &= row.level_id == WHOLE_COMPANY
    for column in ("site_id", "channel_id"):
        wanted = getattr(row, column)
        if isinstance(wanted, str) and wanted:
            match &= (covered[column] == wanted).to_numpy(dtype=bool)
    at = np.flatnonzero(match)
    group = row.customer_group if isinstance(row.customer_group, str) and row.customer_group else None
    group = str(row.level_id) if row.level == CUSTOMER_GROUP else group
    is_region = row.level == REGION
    buyer = str(row.level_id) if is_region else group
    if buyer is None:
        return _Scope(at, current[at], False, EVERYBODY)
    of_buyer = account_demand[
        (account_demand["account_type"] == (REGION if is_region else CUSTOMER_GROUP))
        & (account_demand["customer_group"] == buyer)
    ]
    series = covered.loc[at, SERIES].assign(customer_group=buyer)
    buys = pd.MultiIndex.from_frame(series[SERIES]).isin(pd.MultiIndex.from_frame(of_buyer[SERIES]))
    shares = np.where(buys, account_shares(series, of_buyer), 0.0)
    at, shares = at[shares > 0], shares[shares > 0]
    held = np.floor(current[at] * shares).astype(np.int64)
    return _Scope(at, held, is_region, group or EVERYBODY)


def _state(row: Any, scope: _Scope, cycle: Cycle) -> str:
    if row.period_start_date < cycle.start:
        return "closed_month"
    if row.period_start_date not in cycle.periods:
        return "beyond_horizon"
    if not len(scope.rows):
        return "no_series"
    return "applied" if scope.held.sum() > 0 else "nothing_to_spread"


def _records(submitters: pd.DataFrame) -> dict[tuple[str, str], tuple[float, float, int]]:
    """Bias, weight and measured count of every submitter at each of his levels."""
    names = ["submitter", "level", "bias_ratio", "weight_ratio", "measured_count"]
    rows = submitters[names].itertuples(index=False, name=None)
    return {
        (who, level): (float(bias), float(weight), int(count)) for who, level, bias, weight, count in rows
    }


def _account_statements(inputs: pd.DataFrame, layers: pd.DataFrame) -> pd.DataFrame:
    """What single accounts say of a series and month beyond the layers below sales: row of the layers, group, thousandths."""
    rows = inputs[inputs["input_state"] == "applied"]
    number = pd.MultiIndex.from_frame(layers[SERIES_PERIOD]).get_indexer(
        pd.MultiIndex.from_frame(rows[SERIES_PERIOD])
    )
    beyond = to_thousandths(rows["corrected_units"]) - to_thousandths(rows["base_units"])
    return pd.DataFrame(
        {"row": number, "customer_group": rows["customer_group"].to_numpy(dtype=object), "beyond": beyond}
    )


def _level_statements(scope: _Scope, plain: _Scope, corrected: int) -> pd.DataFrame:
    """The same of a row at a level, which stands in the place of those it covers from here on."""
    rows = pd.DataFrame({"row": scope.rows, "beyond": spread_whole(corrected, scope.held) - plain.held})
    return rows.assign(customer_group=REGION if scope.is_region else scope.customer_group)


def _speaks_of(said: pd.DataFrame, scope: _Scope) -> BoolArray:
    """Statements about demand that the row speaks of too: all of its series, or those of the same customers; of a region none,
    whose customers belong to many groups."""
    there = said["row"].isin(scope.rows)
    if scope.is_region:
        there &= False
    elif scope.customer_group == EVERYBODY:
        there &= said["customer_group"] != REGION
    else:
        there &= said["customer_group"] == scope.customer_group
    return there.to_numpy(dtype=bool)


def _agreement(below: pd.DataFrame, plain: _Scope, corrected: int, policy: SalesPolicy) -> dict[str, object]:
    """How far the row is from what was said of its demand at lower levels, and by the layers below sales of the rest of it."""
    if below.empty:
        return {}
    would_be = max(int(plain.held.sum()) + int(below["beyond"].sum()), 0)
    difference = corrected / would_be - 1.0 if would_be > 0 else np.inf
    return {
        "below_count": len(below),
        "below_units": would_be / THOUSANDTHS,
        "difference_ratio": round(difference, 6) if np.isfinite(difference) else np.nan,
        "agreement": "contradicts" if abs(difference) > policy.conflict_minimum_ratio else "agrees",
    }


def _series_rows(
    told: dict[str, Any],
    scope: _Scope,
    units: int,
    corrected: int,
    moved: IntArray,
    covered: pd.DataFrame,
    count: int,
) -> pd.DataFrame:
    """The row once per series, as `sales_inputs` holds it: submitted and corrected units in proportion to the base."""
    frame = covered.loc[scope.rows, SERIES_PERIOD].reset_index(drop=True)
    for name in ("cycle_id", "submitter", "level", "level_id", "customer_group", "submitted_at"):
        frame[name] = told[name]
    for name in ("submission_state", "input_state", "bias_ratio", "weight_ratio", "submission_id"):
        frame[name] = told[name]
    frame["forecast_units"] = spread_whole(units, scope.held) / THOUSANDTHS
    frame["corrected_units"] = spread_whole(corrected, scope.held) / THOUSANDTHS
    frame["base_units"] = scope.held / THOUSANDTHS
    frame["account_share_ratio"] = np.nan
    frame["measured_count"] = count
    frame["sales_units"] = moved / THOUSANDTHS
    return frame[INPUT_COLUMNS]


def _no_rows(columns: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame({column: pd.Series(dtype=object) for column in columns})
    return frame.astype({"period_start_date": "datetime64[ns]", "submitted_at": "datetime64[ns]"})
