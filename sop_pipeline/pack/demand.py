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

LEGEND = (Key("line ink", "Demand ordered"), Key("line accent", "Demand plan"))
INTERVAL_KEYS = (Key("band inner", "80 % interval"), Key("band outer", "95 % interval"))
BUDGET_KEY = Key("line dashed", "Budget")
LAST_YEAR_KEY = Key("line dotted", "Same month a year before")
INTERVAL_CAPTION = (
    "Intervals are those of the forecast of the total itself, tested on past months: errors of single series that cancel do not "
    "widen them. What people and orders change moves them with the plan; it does not make them narrower."
)
UNTESTED = "No interval for {}: too little demand in the past to test a forecast of it."


def section(pack: Pack) -> Section:
    question = "What will customers want, and how does it compare with what was ordered and budgeted?"
    outlook = pack.rows("marts.fct_demand_outlook")
    if outlook.empty:
        reason = "There is no demand plan: no series was ordered in the past and no launch is planned."
        return Section("demand", "Demand", question, (absent(reason),))
    shown = outlook[outlook["period_start_date"] >= pack.cycle_start - pd.DateOffset(months=HISTORY_MONTHS)]
    blocks: list[Block] = [total_figure(pack, shown[shown["level"] == "company"])]
    families = shown[shown["level"] == "family"]
    if families["level_id"].nunique() > 1:
        blocks.append(family_figure(families))
    return Section("demand", "Demand", question, tuple(blocks))


def total_figure(pack: Pack, months: pd.DataFrame) -> Figure:
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
        caption=INTERVAL_CAPTION if _has_interval(months) else UNTESTED.format("the company"),
    )


def family_figure(months: pd.DataFrame) -> Figure:
    largest = months.groupby("level_id")["forecast_units"].sum().sort_values(ascending=False, kind="stable")
    shown = list(largest.index[:FAMILY_PANELS])
    drawn = months[months["level_id"].isin(shown)]
    return Figure(
        title="Families, units a month",
        svg=draw(panels("level_id", _layers(6), records(drawn), shown), "demand-families"),
        description="The same by family, largest first.",
        legend=_legend(drawn),
        caption=" ".join(_family_notes(drawn, shown, len(largest) - len(shown))),
    )


def _family_notes(drawn: pd.DataFrame, shown: list[str], rest: int) -> list[str]:
    tested = drawn.groupby("level_id")["upper_95_units"].count()
    untested = [family for family in shown if not tested[family]]
    notes = [UNTESTED.format(", ".join(untested))] if untested else []
    if rest:
        notes.append(f"The {len(shown)} largest families; {rest} smaller ones are not drawn.")
    return notes


def _legend(months: pd.DataFrame) -> tuple[Key, ...]:
    coming = months[~months["is_history"].astype(bool)]
    intervals = INTERVAL_KEYS if _has_interval(months) else ()
    budget = (BUDGET_KEY,) if months["budget_units"].notna().any() else ()
    last_year = (LAST_YEAR_KEY,) if coming["last_year_units"].notna().any() else ()
    return (*LEGEND, *intervals, *budget, *last_year)


def _has_interval(months: pd.DataFrame) -> bool:
    return bool(months["upper_95_units"].notna().any())


def _layers(every_months: int) -> list[Spec]:
    x = month_axis(every_months=every_months)
    line = {"interpolate": "monotone"}
    return [
        _band(x, "lower_95_units", "upper_95_units", 0.45),
        _band(x, "lower_80_units", "upper_80_units", 0.75),
        {"mark": {"type": "line", "strokeDash": [4, 3], "strokeWidth": 1.4, "color": MUTED},
         "transform": [{"filter": "isValid(datum.budget_units)"}],
         "encoding": {"x": x, "y": amount_axis("budget_units")}},
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
