"""Inventory: the stock of the last close, then what the projected stock is worth against the stock the plan aims at.

Add here: a view of projected stock. Keep out: the actual stock (`stock`), how stock is valued (marts).
"""

from __future__ import annotations

import pandas as pd

from sop_pipeline.pack import stock as actual_stock
from sop_pipeline.pack.chart import (
    ACCENT,
    ACCENT_TINT,
    INK,
    PLOT_WIDTH,
    Spec,
    amount_axis,
    draw,
    month_axis,
    panels,
    records,
)
from sop_pipeline.pack.content import Figure, Key, Section, absent
from sop_pipeline.pack.inputs import Pack

FAMILY_PANELS = 12
LEGEND = (Key("area accent", "Projected stock"), Key("line dashed-ink", "Target stock"))


def section(pack: Pack) -> Section:
    question = "How much money will be bound in stock, and is it where we want it?"
    stock = pack.rows("marts.fct_inventory_projection")
    if stock.empty:
        reason = "No projected stock: no item can be held at any site."
        return Section("inventory", "Inventory", question, (*actual_stock.blocks(pack), absent(reason)))
    projected = (total_figure(pack, stock), family_figure(pack, stock))
    return Section("inventory", "Inventory", question, (*actual_stock.blocks(pack), *projected))


def total_figure(pack: Pack, stock: pd.DataFrame) -> Figure:
    specification = {
        "data": {"values": records(_by_month(stock, []))},
        "width": PLOT_WIDTH,
        "height": 190,
        "layer": _layers(1),
    }
    return Figure(
        title=f"All sites, month-end stock at standard cost, {pack.currency_code}",
        svg=draw(specification, "inventory-total"),
        description="Value of the projected stock at each month end against the value of the target stock.",
        legend=LEGEND,
    )


def family_figure(pack: Pack, stock: pd.DataFrame) -> Figure:
    months = _by_month(stock, ["family_id"])
    largest = months.groupby("family_id")["inventory_value"].max().sort_values(ascending=False, kind="stable")
    shown = list(largest.index[:FAMILY_PANELS])
    rest = len(largest) - len(shown)
    rows = records(months[months["family_id"].isin(shown)])
    return Figure(
        title=f"Families, components included, {pack.currency_code}",
        svg=draw(panels("family_id", _layers(3), rows, shown), "inventory-families"),
        description="The same by family, most valuable first.",
        legend=LEGEND,
        caption=f"The {len(shown)} most valuable families; {rest} others are not drawn." if rest else "",
    )


def _by_month(stock: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Item and site rows stacked to what the chart draws."""
    return stock.groupby([*keys, "period_start_date"], as_index=False)[
        ["inventory_value", "target_value"]
    ].sum()


def _layers(every_months: int) -> list[Spec]:
    x = month_axis(every_months=every_months)
    area = {
        "type": "area",
        "color": ACCENT_TINT,
        "opacity": 0.55,
        "line": {"color": ACCENT, "strokeWidth": 2},
    }
    return [
        {"mark": area, "encoding": {"x": x, "y": amount_axis("inventory_value")}},
        {"mark": {"type": "line", "color": INK, "strokeDash": [4, 3], "strokeWidth": 1.4},
         "encoding": {"x": x, "y": amount_axis("target_value")}},
    ]  # fmt: skip
