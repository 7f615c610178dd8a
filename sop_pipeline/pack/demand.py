"""Demand: what was ordered, what is forecast and how sure we are, against the budget.

Add here: a chart of the demand plan. Keep out: accuracy (see `accuracy`), what can be delivered (see `gap`).
"""

from __future__ import annotations

import pandas as pd

from sop_pipeline.pack.chart import (
    ACCENT,
    ACCENT_TINT,
    INK,
    MUTED,
    PLOT_WIDTH,
    Spec,
    amount_axis,
    draw,
    month_axis,
    panels,
    records,
)
from sop_pipeline.pack.content import Block, Figure, Key, Section, absent
from sop_pipeline.pack.inputs import Pack

HISTORY_MONTHS = 24
FAMILY_PANELS = 12

LEGEND = (
    Key("line ink", "Demand ordered"),
    Key("line accent", "Demand plan"),
    Key("band inner", "80 % interval"),
    Key("band outer", "95 % interval"),
)
BUDGET_KEY = Key("line dashed", "Budget")
LAST_YEAR_KEY = Key("line dotted", "Same month a year before")
INTERVAL_CAPTION = (
    "Intervals add up those of the single series, as if all of them erred the same way at once: "
    "the widest that the total can be."
)


def section(pack: Pack) -> Section:
    question = "What will customers want, and how does it compare with what was ordered and budgeted?"
    series = pack.rows("marts.fct_demand_plan")
    if series.empty:
        reason = "There is no demand plan: no series was ordered in the past and no launch is planned."
        return Section("demand", "Demand", question, (absent(reason),))
    blocks: tuple[Block, ...] = (total_figure(pack, series), family_figure(pack, series))
    return Section("demand", "Demand", question, blocks)


def total_figure(pack: Pack, series: pd.DataFrame) -> Figure:
    months = _by_month(pack, series, []).merge(_budget(pack, "company"), how="left", on="period_start_date")
    specification = {
        "data": {"values": records(months)},
        "width": PLOT_WIDTH,
        "height": 270,
        "layer": [*_layers(2), _cycle_rule(pack)],
    }
    return Figure(
        title="Company, units a month",
        svg=draw(specification, "demand-total"),
        description="Units ordered in the last 24 months, the demand plan with its intervals, the budget, and the year before.",
        legend=_legend(months),
        caption=INTERVAL_CAPTION,
    )


def family_figure(pack: Pack, series: pd.DataFrame) -> Figure:
    budget = _budget(pack, "family").rename(columns={"level_id": "family_id"})
    months = _by_month(pack, series, ["family_id"]).merge(
        budget, how="left", on=["family_id", "period_start_date"]
    )
    largest = months.groupby("family_id")["forecast_units"].sum().sort_values(ascending=False, kind="stable")
    shown = list(largest.index[:FAMILY_PANELS])
    rest = len(largest) - len(shown)
    months = months[months["family_id"].isin(shown)]
    return Figure(
        title="Families, units a month",
        svg=draw(panels("family_id", _layers(6), records(months), shown), "demand-families"),
        description="The same by family, largest first.",
        legend=_legend(months),
        caption=f"The {len(shown)} largest families; {rest} smaller ones are not drawn." if rest else "",
    )


def _by_month(pack: Pack, series: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Series stacked to what the chart draws: the last months of history and the horizon."""
    since = pack.cycle_start - pd.DateOffset(months=HISTORY_MONTHS)
    units = [column for column in series.columns if column.endswith("_units")]
    months = series.groupby([*keys, "period_start_date"], as_index=False)[units].sum(min_count=1)
    ordered = months[[*keys, "period_start_date", "actual_units"]].dropna(subset="actual_units")
    a_year_on = ordered.assign(period_start_date=ordered["period_start_date"] + pd.DateOffset(years=1))
    a_year_on = a_year_on.rename(columns={"actual_units": "last_year_units"})
    months = months.merge(a_year_on, how="left", on=[*keys, "period_start_date"], validate="1:1")
    return months[months["period_start_date"] >= since]


def _budget(pack: Pack, level: str) -> pd.DataFrame:
    goals = pack.rows("marts.fct_gap_to_goal")
    goals = goals[(goals["metric"] == "units") & (goals["level"] == level)]
    keys = ["level_id", "period_start_date"] if level != "company" else ["period_start_date"]
    return goals[[*keys, "budget_value"]]


def _legend(months: pd.DataFrame) -> tuple[Key, ...]:
    budget = (BUDGET_KEY,) if months["budget_value"].notna().any() else ()
    last_year = (LAST_YEAR_KEY,) if _coming(months)["last_year_units"].notna().any() else ()
    return (*LEGEND, *budget, *last_year)


def _coming(months: pd.DataFrame) -> pd.DataFrame:
    return months[months["forecast_units"].notna()]


def _layers(every_months: int) -> list[Spec]:
    x = month_axis(every_months=every_months)
    line = {"interpolate": "monotone"}
    return [
        _band(x, "lower_95_units", "upper_95_units", 0.45),
        _band(x, "lower_80_units", "upper_80_units", 0.75),
        {"mark": {"type": "line", "strokeDash": [4, 3], "strokeWidth": 1.4, "color": MUTED},
         "transform": [{"filter": "isValid(datum.budget_value)"}],
         "encoding": {"x": x, "y": amount_axis("budget_value")}},
        {"mark": {"type": "line", "strokeDash": [1, 3], "strokeWidth": 1.6, "color": INK, **line},
         "transform": [{"filter": "isValid(datum.last_year_units) && isValid(datum.forecast_units)"}],
         "encoding": {"x": x, "y": amount_axis("last_year_units")}},
        {"mark": {"type": "line", "color": INK, **line}, "transform": [{"filter": "isValid(datum.actual_units)"}],
         "encoding": {"x": x, "y": amount_axis("actual_units")}},
        {"mark": {"type": "line", "color": ACCENT, "strokeWidth": 2.4, **line},
         "transform": [{"filter": "isValid(datum.forecast_units)"}],
         "encoding": {"x": x, "y": amount_axis("forecast_units")}},
    ]  # fmt: skip


def _band(x: Spec, low: str, high: str, opacity: float) -> Spec:
    return {
        "mark": {"type": "area", "color": ACCENT_TINT, "opacity": opacity, "interpolate": "monotone"},
        "transform": [{"filter": f"isValid(datum.{low})"}],
        "encoding": {"x": x, "y": amount_axis(low), "y2": {"field": high}},
    }


def _cycle_rule(pack: Pack) -> Spec:
    """A hairline where closed months end and the plan begins."""
    return {
        "data": {"values": [{"period_start_date": pack.cycle_start.strftime("%Y-%m-%d"), "label": "plan"}]},
        "layer": [
            {"mark": {"type": "rule", "color": MUTED, "strokeDash": [2, 3]}, "encoding": {"x": month_axis()}},
            {"mark": {"type": "text", "align": "left", "dx": 5, "y": 8, "color": MUTED, "fontSize": 11},
             "encoding": {"x": month_axis(), "text": {"field": "label"}}},
        ],
    }  # fmt: skip
