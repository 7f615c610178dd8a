"""Capacity: hours that demand requires of every resource against the hours it has.

Add here: a view of resource hours. Keep out: what a shortage is worth (see `shortages`).
"""

from __future__ import annotations

import pandas as pd

from sop_pipeline.pack import requirements, words
from sop_pipeline.pack.chart import (
    ACCENT,
    Spec,
    amount_axis,
    bars_against_limit,
    draw,
    month_axis,
    panels,
    records,
)
from sop_pipeline.pack.content import Cell, Column, Figure, Key, Section, Table, absent
from sop_pipeline.pack.inputs import Pack

RESOURCE_PANELS = 6
LOAD_STEPS = ((0.6, "load-1"), (0.8, "load-2"), (0.95, "load-3"), (1.0, "load-4"))
"""Load up to and including the ratio gets the shade; above the last it is over."""

HEAT_LEGEND = (
    Key("swatch load-1", "to 60 %"),
    Key("swatch load-2", "to 80 %"),
    Key("swatch load-3", "to 95 %"),
    Key("swatch load-4", "to 100 %"),
    Key("swatch over", "▲ above 100 %"),
)


def section(pack: Pack) -> Section:
    question = "Which resources does demand overload, when, and what does the plan do about it?"
    load = pack.rows("marts.fct_capacity_load")
    if load.empty:
        reason = "No capacity load: the ERP carries no resource with hours, or no routing uses one."
        return Section("capacity", "Capacity", question, (absent(reason),))
    load = load.assign(resource=_names(load))
    order = _most_loaded_first(load)
    views = (load_table(pack, load, order), hours_figure(load, order), *requirements.blocks(pack))
    return Section("capacity", "Capacity", question, views)


def load_table(pack: Pack, load: pd.DataFrame, order: list[str]) -> Table:
    """Required over regular hours, resource by month."""
    months = pack.months()
    ratios = {
        (row["resource_id"], row["period_start_date"]): row["required_load_ratio"]
        for row in load.to_dict("records")
    }
    names = dict(zip(load["resource_id"], load["resource"], strict=True))
    columns = (Column("Resource", is_number=False), *(Column(words.short_month(month)) for month in months))
    rows = [
        (Cell(names[resource], "name"), *(load_cell(ratios.get((resource, month))) for month in months))
        for resource in order
    ]
    return Table(
        title="Required hours as a share of regular hours",
        columns=columns,
        rows=tuple(rows),
        caption=f"Required: hours that the unconstrained demand needs in the month it is due, net of stock and open orders.{_basis(load)}",
        legend=HEAT_LEGEND,
        is_dense=True,
    )


def hours_figure(load: pd.DataFrame, order: list[str]) -> Figure:
    shown = order[:RESOURCE_PANELS]
    rows = load[load["resource_id"].isin(shown)]
    names = dict(zip(load["resource_id"], load["resource"], strict=True))
    panel_order = [names[resource] for resource in shown]
    return Figure(
        title="Hours a month of the most loaded resources",
        svg=draw(panels("resource", _layers(), records(rows), panel_order), "capacity-hours"),
        description="Required and used hours by month against regular hours, for the most loaded resources.",
        legend=(
            Key("bar tint", "Required"),
            Key("bar red", "Required above regular hours"),
            Key("dot accent", "Used by the plan, overtime included"),
            Key("line ink", "Regular hours"),
        ),
    )


def load_cell(ratio: float | None) -> Cell:
    if ratio is None or words.is_empty(ratio):
        return Cell(words.EMPTY)
    text = words.number(ratio * 100)
    tone = next((tone for limit, tone in LOAD_STEPS if ratio <= limit), "over")
    return Cell(f"▲{text}" if tone == "over" else text, tone)


def _basis(load: pd.DataFrame) -> str:
    """What is said where hours are those that were worked in the past, as the ERP does not know any."""
    resources = load.drop_duplicates("resource_id")
    measured = int((resources["capacity_basis"] == "demonstrated").sum())
    if not measured:
        return ""
    which = "all resources" if measured == len(resources) else words.plural(measured, "resource")
    return (
        f" Regular hours of {which} are calibrated from hours that were demonstrated in the past: the ERP states no calendar for them. "
        "More may be possible than was ever asked of them."
    )


def _names(load: pd.DataFrame) -> pd.Series:
    """The resource's name, with its site where two resources share the name."""
    is_shared = load.groupby("resource_name")["resource_id"].transform("nunique") > 1
    return load["resource_name"].where(~is_shared, load["resource_name"] + " · " + load["site_id"])


def _most_loaded_first(load: pd.DataFrame) -> list[str]:
    peak = load.groupby("resource_id")["required_load_ratio"].max()
    return list(peak.sort_values(ascending=False, kind="stable").index)


def _layers() -> list[Spec]:
    """Required against regular hours; dots where the plan ends up."""
    used = {"x": month_axis(every_months=3, padding=9), "y": amount_axis("used_hours")}
    return [
        *bars_against_limit("required_hours", "regular_hours", "datum.required_load_ratio > 1"),
        {"mark": {"type": "point", "filled": True, "color": ACCENT, "size": 26, "opacity": 1, "stroke": "white",
                  "strokeWidth": 0.6},
         "encoding": used},
    ]  # fmt: skip
