"""Overrides: what people change in the forecast, by rule and never by editing a cell.

An override speaks about an item, subfamily, family, category, site, channel, customer group or the whole company in a
month; its change is spread over the series it covers in proportion to their forecast (of a customer group: to its share
of them), so that the total is what was asked for, to 0.001 unit.
Add here: another operation or level. Keep out: judging overrides (forecast value added is a mart).
"""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.consensus import THOUSANDTHS, to_thousandths
from sop_pipeline.planning.demand.sales import account_shares
from sop_pipeline.planning.demand.series import (
    LARGEST_CREDIBLE_UNITS,
    SERIES,
    SERIES_PERIOD,
    BoolArray,
    FloatArray,
    IntArray,
)

LEVEL_COLUMNS = {
    "item": "item_id",
    "subfamily": "subfamily_id",
    "family": "family_id",
    "category": "category_id",
    "site": "site_id",
    "channel": "channel_id",
}
ITEM_LEVELS = ("item", "subfamily", "family", "category")
CUSTOMER_GROUP, COMPANY, WHOLE_COMPANY = "customer_group", "company", "all"
LEVELS = (*LEVEL_COLUMNS, CUSTOMER_GROUP, COMPANY)
OPERATIONS = ("set", "add", "multiply")

EFFECT_COLUMNS = [
    "cycle_id",
    "override_id",
    *SERIES_PERIOD,
    "before_units",
    "override_units",
    "owner",
    "reason_code",
]
REJECTED_COLUMNS = ["override_id", "period_start_date", "rule", "value", "owner"]
HAD_THEIR_DAY = ("expired", "closed_month")
"""Rules of overrides that nobody has to correct: they are told, and are no fault."""
EXPIRY = re.compile(r"\d{4}-(0[1-9]|1[0-2])(-\d{2})?")


@dataclass(frozen=True)
class AppliedOverrides:
    """Table `override_effects`, and the overrides that could not be applied: override, month, rule, offending value."""

    effects: pd.DataFrame
    rejected_overrides: pd.DataFrame


def apply_overrides(
    overrides: pd.DataFrame,
    layers: pd.DataFrame,
    items: pd.DataFrame,
    cycle: Cycle,
    account_demand: pd.DataFrame | None = None,
) -> AppliedOverrides:
    """Apply `planner.overrides` to the forecast in `layers` (see `consensus.stack_layers`), in order of override_id.

    set gives what is covered together override_value units in the month, add changes its sum by it, multiply
    multiplies it (a factor). Each sees the result of those before; empty site_id or channel_id covers all of them. Of a
    customer group its share of each series is covered (table `core.fct_account_demand`, `account_demand`).
    The new total, never below 0, is spread in proportion to the forecast before, evenly where that is 0, with largest
    remainders in thousandths of a unit: totals hold exactly. One effect row per series and month that changes.

    An override that is not applied does not stop the monthly refresh and is not dropped silently: it comes back in
    `rejected_overrides` with the rule. expired (past its expires_cycle_id, a cycle or a day) and closed_month have had
    their day; the others broke a rule (unknown_level, unknown_operation, unknown_level_id, unusable_value,
    unreadable_expiry, beyond_horizon, no_series): show these to the owner, who corrects the key or the value.
    """
    current = to_thousandths(layers["forecast_units"])
    covered = layers[SERIES_PERIOD].merge(
        items[[LEVEL_COLUMNS[level] for level in ITEM_LEVELS]], on="item_id", how="left", validate="m:1"
    )
    groups = pd.DataFrame({CUSTOMER_GROUP: []})
    if account_demand is not None:
        groups = account_demand[account_demand["account_type"] == CUSTOMER_GROUP]
    known_ids = {level: set(items[LEVEL_COLUMNS[level]].dropna()) for level in ITEM_LEVELS}
    known_ids |= {level: set(layers[LEVEL_COLUMNS[level]]) for level in ("site", "channel")}
    known_ids |= {CUSTOMER_GROUP: set(groups[CUSTOMER_GROUP]), COMPANY: {WHOLE_COMPANY}}
    effects: list[pd.DataFrame] = []
    rejected: list[tuple[Any, ...]] = []
    for override in overrides.sort_values(["override_id", "period_start_date"]).itertuples(index=False):
        fault = _fault(override, known_ids, cycle)
        rows = np.empty(0, dtype=np.int64) if fault else np.flatnonzero(_matches(override, covered))
        shares = None
        if override.level == CUSTOMER_GROUP and rows.size:
            shares = _group_shares(str(override.level_id), covered.loc[rows, SERIES], groups)
            rows, shares = rows[shares > 0], shares[shares > 0]
        if not fault and rows.size == 0:
            fault = ("no_series", f"{override.level} {override.level_id}")
        if fault:
            rejected.append((override.override_id, override.period_start_date, *fault, override.owner))
            continue
        before = current[rows]
        held = before if shares is None else np.asarray(np.floor(before * shares), dtype=np.int64)
        current[rows] = before - held + spread_whole(_new_total(override, int(held.sum())), held)
        effects.append(_effect_rows(override, covered.loc[rows], before, current[rows], cycle))
    frame = pd.concat(effects, ignore_index=True) if effects else _no_effects()
    refused = pd.DataFrame(rejected, columns=REJECTED_COLUMNS)
    return AppliedOverrides(frame.sort_values(["override_id", *SERIES_PERIOD], ignore_index=True), refused)


def _fault(override: Any, known_ids: dict[str, set[Any]], cycle: Cycle) -> tuple[str, str] | None:
    """Rule for which the override is not applied, and the value that is the reason."""
    value = float(override.override_value)
    expires = override.expires_cycle_id
    expires = expires if isinstance(expires, str) and expires else None
    faults = (
        ("expired", expires, bool(expires and EXPIRY.fullmatch(expires) and expires < cycle.cycle_id)),
        ("closed_month", override.period_start_date, override.period_start_date < cycle.start),
        ("unreadable_expiry", expires, bool(expires and not EXPIRY.fullmatch(expires))),
        ("unknown_level", override.level, override.level not in LEVELS),
        ("unknown_operation", override.operation, override.operation not in OPERATIONS),
        (
            "unknown_level_id",
            override.level_id,
            override.level_id not in known_ids.get(override.level, set()),
        ),
        (
            "unusable_value",
            value,
            not abs(value) <= LARGEST_CREDIBLE_UNITS or (value < 0 and override.operation != "add"),
        ),
        ("beyond_horizon", override.period_start_date, override.period_start_date not in cycle.periods),
    )
    return next(((rule, str(found)) for rule, found, broken in faults if broken), None)


def _group_shares(customer_group: str, series: pd.DataFrame, groups: pd.DataFrame) -> FloatArray:
    """Share of the group in each series; 0 where it is not known to buy."""
    accounts = series.assign(customer_group=customer_group)
    of_group = groups[groups[CUSTOMER_GROUP] == customer_group]
    buys = pd.MultiIndex.from_frame(series).isin(pd.MultiIndex.from_frame(of_group[SERIES]))
    return np.where(buys, account_shares(accounts, of_group), 0.0)


def _matches(override: Any, covered: pd.DataFrame) -> BoolArray:
    match = (covered["period_start_date"] == override.period_start_date).to_numpy(dtype=bool)
    if override.level in LEVEL_COLUMNS:
        match &= (covered[LEVEL_COLUMNS[override.level]] == override.level_id).to_numpy(dtype=bool)
    for column in ("site_id", "channel_id"):
        wanted = getattr(override, column)
        if isinstance(wanted, str) and wanted:
            match &= (covered[column] == wanted).to_numpy(dtype=bool)
    return np.asarray(match, dtype=bool)


def _new_total(override: Any, total: int) -> int:
    """Total of the covered series after the override, in thousandths, never below 0."""
    value = float(override.override_value)
    if override.operation == "multiply":
        return int(max(round(total * value), 0))
    change = round(value * THOUSANDTHS)
    return int(max(change if override.operation == "set" else total + change, 0))


def spread_whole(total: int, shares: IntArray) -> IntArray:
    """Whole numbers in proportion to `shares` (evenly where these are all 0) that add up to `total` exactly.

    Largest remainder; ties go to the first row. Python integers, because the products outgrow 64 bits.
    """
    weights = [int(share) for share in shares] if shares.sum() > 0 else [1] * len(shares)
    whole = sum(weights)
    parts = [divmod(total * weight, whole) for weight in weights]
    missing = total - sum(part for part, _ in parts)
    by_remainder = sorted(range(len(parts)), key=lambda number: (-parts[number][1], number))
    spread = np.array([part for part, _ in parts], dtype=np.int64)
    spread[by_remainder[:missing]] += 1
    return spread


def _effect_rows(
    override: Any, rows: pd.DataFrame, before: IntArray, after: IntArray, cycle: Cycle
) -> pd.DataFrame:
    frame = rows[SERIES_PERIOD].reset_index(drop=True)
    frame["cycle_id"] = cycle.cycle_id
    frame["override_id"] = override.override_id
    frame["before_units"] = before / THOUSANDTHS
    frame["override_units"] = (after - before) / THOUSANDTHS
    frame["owner"] = override.owner
    frame["reason_code"] = override.reason_code
    return frame.loc[after != before, EFFECT_COLUMNS]


def _no_effects() -> pd.DataFrame:
    frame = pd.DataFrame({column: pd.Series(dtype=object) for column in EFFECT_COLUMNS})
    return frame.astype(
        {"period_start_date": "datetime64[ns]", "before_units": float, "override_units": float}
    )
