"""What a role needs to see while it fills in its inputs: sheets to read, from the published marts.

Add here: a view, in the list of its roles. Keep out: inputs (their roles stand in the contracts), arithmetic (marts).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

MOST_ROWS = 50_000
SHOWN_HISTORY_MONTHS = 12


@dataclass(frozen=True)
class View:
    """A sheet to read. `rows`: columns that name a row. `by_month`: columns whose values stand one month a column, in the
    order history, horizon; else `values` stand as they are. `only`: column -> value that rows must have."""

    title: str
    note: str
    table: str
    rows: tuple[str, ...]
    values: tuple[str, ...] = ()
    by_month: tuple[str, ...] = ()
    only: tuple[tuple[str, object], ...] = ()
    unit: str = ""
    is_horizon_only: bool = False
    warn_above: float | None = None


@dataclass(frozen=True)
class ReferenceSheet:
    """A sheet that is written as it stands. `past`: columns of closed months."""

    title: str
    note: str
    frame: pd.DataFrame
    names: int
    past: int = 0
    unit: str = ""
    warn_above: float | None = None


_SERIES = ("family_id", "item_id", "site_id", "channel_id")
_PLAN = ("scenario_id", "base")

DEMAND = View(
    "Demand by month",
    "Closed months: what was ordered. Months to come: the demand plan as published, all layers and overrides included.",
    "marts.fct_demand_plan", _SERIES, by_month=("actual_units", "forecast_units"), unit="base units",
)  # fmt: skip
LAYERS = View(
    "Forecast by layer",
    "Of what each month's forecast is made: the statistical forecast, launches, activities, sales, orders on hand, overrides.",
    "marts.fct_demand_plan", (*_SERIES, "period_start_date"),
    ("statistical_units", "launch_units", "activity_units", "sales_units", "order_book_units", "override_units", "forecast_units"),
    only=(("is_history", False),), unit="base units",
)  # fmt: skip
ACCURACY = View(
    "Forecast accuracy", "How good the published forecasts were, by family, one month ahead (1 = right on average).",
    "marts.fct_forecast_performance", ("level", "level_id", "period_start_date"),
    ("forecast_units", "actual_units", "accuracy_ratio", "bias_ratio"), only=(("lag_months", 1), ("level", "family"), ("stream", "final")),
)  # fmt: skip
LOAD = View(
    "Load of resources", "Hours that the demand plan asks for, as a share of the regular hours: above 1 they do not reach.",
    "marts.fct_capacity_load", ("resource_id", "resource_name", "site_id"), by_month=("required_load_ratio",), only=(_PLAN,),
    unit="share of regular hours", is_horizon_only=True, warn_above=1.0,
)  # fmt: skip
HOURS = View(
    "Regular hours", "Hours of each resource that the plan reckons with, capacity overrides included.",
    "marts.fct_capacity_load", ("resource_id", "resource_name", "site_id"), by_month=("regular_hours",), only=(_PLAN,),
    unit="hours", is_horizon_only=True,
)  # fmt: skip
SHORTAGES = View(
    "Shortages", "What the plan runs short of, with the demand that is at risk for it.",
    "marts.fct_resource_shortages", ("shortage_type", "object_id", "object_name", "period_start_date", "unit"),
    ("required_quantity", "available_quantity", "short_quantity", "demand_at_risk_units", "demand_at_risk_margin"),
    only=(_PLAN,),
)  # fmt: skip
GOALS = View(
    "Gap to goal", "What is projected against budget and latest estimate.",
    "marts.fct_gap_to_goal", ("metric", "level", "level_id", "period_start_date"),
    ("projected_value", "budget_value", "latest_estimate_value", "gap_to_budget"), unit="company currency or base units",
)  # fmt: skip
KPIS = View(
    "KPI scorecard", "Each KPI with its target, as published.",
    "marts.kpi_scorecard", ("kpi_id", "kpi_name", "unit", "better_is"), ("actual_value", "target_value", "status"),
)  # fmt: skip

VIEWS: Mapping[str, tuple[View, ...]] = {
    "demand": (DEMAND, LAYERS, ACCURACY),
    "sales": (DEMAND, ACCURACY),
    "marketing": (DEMAND, LAYERS),
    "supply": (LOAD, HOURS, SHORTAGES, DEMAND),
    "finance": (GOALS, KPIS),
}
"""What each role sees, in the order of the sheets."""


def columns_of(view: View) -> list[str]:
    """Columns of the mart that a view reads."""
    months = ["period_start_date"] if view.by_month else []
    return list(
        dict.fromkeys([*view.rows, *view.values, *view.by_month, *months, *(name for name, _ in view.only)])
    )


def sheet_of(view: View, rows: pd.DataFrame, cycle_start: pd.Timestamp) -> ReferenceSheet:
    """A view of a mart's rows of the cycle. A table that is too long for a sheet is cut, and says so."""
    for name, value in view.only:
        rows = rows[rows[name] == value]
    if view.by_month:
        frame, past = _by_month(view, rows, cycle_start)
    else:
        frame = rows[[*view.rows, *view.values]].sort_values([*view.rows], ignore_index=True)
        past = 0
    note = view.note
    if len(frame) > MOST_ROWS:
        note += f" Only the first {MOST_ROWS:,} of {len(frame):,} rows: the whole is in {view.table} of the release."
        frame = frame.head(MOST_ROWS)
    return ReferenceSheet(view.title, note, frame, len(view.rows), past, view.unit, view.warn_above)


def with_names(sheet: ReferenceSheet, names: Mapping[str, str]) -> ReferenceSheet:
    """The sheet with what items are called beside their numbers."""
    if "item_id" not in sheet.frame.columns:
        return sheet
    frame = sheet.frame.copy()
    frame.insert(
        list(frame.columns).index("item_id") + 1, "item_name", frame["item_id"].map(names).fillna("")
    )
    return replace(sheet, frame=frame, names=sheet.names + 1)


def _by_month(view: View, rows: pd.DataFrame, cycle_start: pd.Timestamp) -> tuple[pd.DataFrame, int]:
    first = cycle_start if view.is_horizon_only else cycle_start - pd.DateOffset(months=SHOWN_HISTORY_MONTHS)
    rows = rows[rows["period_start_date"] >= first]
    shown = (
        rows[list(view.by_month)].bfill(axis=1).iloc[:, 0]
        if len(view.by_month) > 1
        else rows[view.by_month[0]]
    )
    named = rows.assign(shown=shown.astype(float)).set_index([*view.rows, "period_start_date"])["shown"]
    table = named.unstack("period_start_date").sort_index()
    past = sum(pd.Timestamp(month) < cycle_start for month in table.columns)
    table.columns = pd.Index([f"{month:%b %Y}" for month in table.columns])
    return table.reset_index(), past
