"""The look of every chart; a Vega-Lite specification becomes static SVG.

Charts are data: a section writes the specification, this module the house look. One accent colour; red only where
something is short or over its limit. The text is measured with a font that the renderer brings along, so that the
same rows give the same bytes on every machine.
Add here: marks and axes that sections share. Keep out: what a chart shows.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pandas as pd
from markupsafe import Markup

Spec = dict[str, Any]

INK = "#1c2733"
MUTED = "#66727f"
HAIRLINE = "#e3e7eb"
ACCENT = "#1f5a8a"
ACCENT_MID = "#5c8db4"
ACCENT_TINT = "#a9c4da"
NEUTRAL = "#b9c1c9"
RED = "#b3372e"
RED_TINT = "#e0a49e"
FONT = "Liberation Sans, Arial, Helvetica, sans-serif"

VEGA_LITE_VERSION = "v5.21"  # named, so that a newer renderer draws the same picture
AXIS_WIDTH = 44  # every value axis takes this much, so that figures stand below each other on one line
FULL_WIDTH = 1100
PLOT_WIDTH = FULL_WIDTH - AXIS_WIDTH - 10
PANELS_A_ROW = 3

CONFIG: Spec = {
    "aria": False,  # the figure itself carries a description; one on every mark would triple the page
    "background": None,
    "font": FONT,
    "view": {"stroke": None},
    "padding": 2,
    "axis": {
        "labelColor": MUTED, "labelFontSize": 11, "titleColor": MUTED, "titleFontSize": 11, "titleFontWeight": "normal",
        "domainColor": NEUTRAL, "tickColor": NEUTRAL, "gridColor": HAIRLINE, "labelPadding": 6,
    },
    "axisY": {"domain": False, "ticks": False, "tickCount": 4, "title": None,
              "minExtent": AXIS_WIDTH - 4, "maxExtent": AXIS_WIDTH - 4},
    "axisX": {"grid": False, "tickSize": 4, "title": None},
    "header": {"labelAnchor": "start", "labelFontSize": 12, "labelFontWeight": "bold", "labelColor": INK,
               "labelPadding": 8, "title": None},
    "line": {"strokeWidth": 2, "strokeCap": "round", "strokeJoin": "round"},
}  # fmt: skip


def month_axis(every_months: int = 3, padding: int = 0) -> Spec:
    """Months along the bottom, the year below each January; in UTC, so that no machine's clock moves a label.

    `padding` is the room in pixels that bars need beyond the first and last month.
    """
    label = (
        "utcmonth(datum.value) == 0 ? [utcFormat(datum.value, '%b'), utcFormat(datum.value, '%Y')] "
        ": utcFormat(datum.value, '%b')"
    )
    return {
        "field": "period_start_date",
        "type": "temporal",
        "scale": {"type": "utc", "padding": padding},
        "axis": {
            "labelExpr": label,
            "tickCount": {"interval": "month", "step": every_months},
            "labelFlush": False,
            "labelOverlap": True,
        },
    }


def amount_axis(field: str, shown_as: str = "~s", **rest: Any) -> Spec:
    """Amounts on the left, short: 0, 0.5, 500, 1.5k, 2M, 3bn."""
    amount = f"format(datum.value, '{shown_as}')"
    if shown_as == "~s":  # which would say 500m for a half
        amount = f"(abs(datum.value) < 1 ? format(datum.value, '~g') : {amount})"
    label = f"replace(replace({amount}, 'G', 'bn'), '-', '−')"
    return {
        "field": field,
        "type": "quantitative",
        "axis": {"labelExpr": label},
        "scale": {"nice": 4},
        **rest,
    }


def zero_rule() -> Spec:
    return {"mark": {"type": "rule", "color": MUTED, "strokeWidth": 0.8}, "encoding": {"y": {"datum": 0}}}


def panels(field: str, layers: list[Spec], rows: list[Spec], order: list[str], height: int = 110) -> Spec:
    """Small multiples: one panel a name, each on a scale of its own."""
    gap = 22
    width = (FULL_WIDTH - 10 - PANELS_A_ROW * AXIS_WIDTH - (PANELS_A_ROW - 1) * gap) / PANELS_A_ROW
    return {
        "data": {"values": rows},
        "facet": {"field": field, "type": "nominal", "sort": order},
        "columns": PANELS_A_ROW,
        "bounds": "flush",
        "spacing": {"row": 84, "column": AXIS_WIDTH + gap},
        "spec": {"width": round(width), "height": height, "layer": layers},
        "resolve": {"scale": {"y": "independent"}, "axis": {"x": "independent", "y": "independent"}},
    }


def bars_against_limit(required: str, limit: str, is_above: str) -> list[Spec]:
    """Bars of what a month requires, red where they rise above the stepped line of the limit.

    `is_above`: Vega expression over `datum` that tells the months in which they do.
    """
    x = month_axis(every_months=3, padding=9)
    bars = {"x": x, "y": amount_axis(required)}
    return [
        {"mark": {"type": "bar", "width": 9, "color": ACCENT_TINT}, "encoding": bars},
        {"mark": {"type": "bar", "width": 9, "color": RED}, "encoding": bars | {"y2": {"field": limit}},
         "transform": [{"filter": is_above}]},
        {"mark": {"type": "line", "interpolate": "step", "color": INK, "strokeWidth": 1.2},
         "encoding": {"x": x, "y": amount_axis(limit)}},
    ]  # fmt: skip


def records(frame: pd.DataFrame) -> list[Spec]:
    """Rows as plain values: months as text, missing values left out of the picture."""
    plain = frame.copy()
    for column in plain.select_dtypes("datetime").columns:
        plain[column] = plain[column].dt.strftime("%Y-%m-%d")
    for column in plain.select_dtypes("float").columns:
        plain[column] = plain[column].round(4)
    return json.loads(plain.to_json(orient="records"))  # type: ignore[no-any-return]


def draw(specification: Spec, name: str) -> Markup:
    """Static SVG of a specification; `name` keeps the ids inside one figure apart from those of the others."""
    import vl_convert

    whole = {"config": CONFIG} | specification
    svg = vl_convert.vegalite_to_svg(whole, vl_version=VEGA_LITE_VERSION, allowed_base_urls=[])
    return Markup(_own_ids(_without_addresses(svg), name))  # the renderer has escaped the texts in it


def _without_addresses(svg: str) -> str:
    """Inside a page an SVG needs no namespaces, and nothing in a picture points anywhere."""
    head, rest = svg.split(">", 1)
    return re.sub(r'\s(?:xmlns(?::\w+)?|(?:xlink:)?href)="[^"]*"', "", head) + ">" + rest


def _own_ids(svg: str, name: str) -> str:
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{name}-\1"', svg)
    return re.sub(r"url\(#([^)]+)\)", rf"url(#{name}-\1)", svg)
