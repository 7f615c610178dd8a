"""Change from cycle to cycle: how the forecast of a month moved on its way, and what moved it since the cycle before.

Add here: a view of what changed in the plan. Keep out: whether a change was right (see `value_added`).
"""

from __future__ import annotations

import pandas as pd

from sop_pipeline.pack import words
from sop_pipeline.pack.chart import ACCENT, INK, NEUTRAL, Spec, amount_axis, draw, panels, records
from sop_pipeline.pack.content import Block, Cell, Column, Figure, Key, Section, Table, absent
from sop_pipeline.pack.inputs import Pack

CLOSED_PANELS = 3
PANELS = 6

LAYERS = {
    "statistical_change_units": "Statistical forecast",
    "launch_change_units": "Launches",
    "activity_change_units": "Market activities",
    "sales_change_units": "Sales forecasts",
    "order_book_change_units": "Orders on hand",
    "override_change_units": "Overrides",
}


def section(pack: Pack) -> Section:
    question = "What has changed since the cycle before, and how did the plan of each month come about?"
    kept = pack.rows("marts.fct_forecast_waterfall")
    changed = kept[kept["previous_cycle_id"].notna() & (kept["level"] == "company")]
    if changed.empty:
        reason = "Nothing to compare with: no earlier cycle has published a forecast of these months. The next cycle shows what changed."
        return Section("waterfall", "Change from cycle to cycle", question, (absent(reason),))
    company = kept[kept["level"] == "company"]
    blocks: list[Block] = [layer_table(pack, changed), snapshot_figure(pack, company)]
    families = family_table(pack, kept)
    return Section("waterfall", "Change from cycle to cycle", question, (*blocks, families))


def layer_table(pack: Pack, changed: pd.DataFrame) -> Block:
    """Change of the demand plan since the cycle before, layer by month."""
    newest = changed[changed["made_in_cycle_id"] == pack.cycle_id]
    if newest.empty:
        return absent("No earlier cycle has forecast a month of this horizon: there is no change to show.")
    by_month = {row["period_start_date"]: row for row in newest.to_dict("records")}
    rows = [
        (Cell(name, "name"), *(_change(by_month.get(month), layer) for month in pack.months()))
        for layer, name in LAYERS.items()
        if not newest[layer].map(_is_shown_as_zero).all()
    ]
    total = (Cell("Demand plan", "name"), *(_change(by_month.get(m), "change_units") for m in pack.months()))
    return Table(
        title=f"Company, change since cycle {newest['previous_cycle_id'].max()}, units",
        columns=_month_columns(pack, "Layer"),
        rows=(total, *rows),
        caption="Layers add up to the demand plan; those without a change of a unit are left out. Months that the cycle before did not plan are empty.",
        legend=_LEGEND,
        is_dense=True,
    )


def family_table(pack: Pack, kept: pd.DataFrame) -> Block:
    """The same in total, family by month; the family that moved most comes first."""
    newest = kept[
        (kept["level"] == "family")
        & (kept["made_in_cycle_id"] == pack.cycle_id)
        & kept["previous_cycle_id"].notna()
    ]
    largest = newest.assign(size=newest["change_units"].abs()).groupby("level_id")["size"].max()
    moved = [family for family in largest.sort_values(ascending=False, kind="stable").index
             if not words.is_shown_as_zero(words.number(largest[family]))]  # fmt: skip
    if not moved:
        return absent("No family's demand plan has changed since the cycle before by a unit or more.")
    by_month = {(row["level_id"], row["period_start_date"]): row for row in newest.to_dict("records")}
    return Table(
        title="Families, change since the cycle before, units",
        columns=_month_columns(pack, "Family"),
        rows=tuple(
            (
                Cell(family, "name"),
                *(_change(by_month.get((family, month)), "change_units") for month in pack.months()),
            )
            for family in moved
        ),
        caption="Largest change first.",
        legend=_LEGEND,
        is_dense=True,
    )


def snapshot_figure(pack: Pack, company: pd.DataFrame) -> Block:
    """The forecast of a month as each cycle published it: a bar from one to the next, and what was ordered."""
    cycles = company.groupby("period_start_date")["made_in_cycle_id"].nunique()
    several = sorted(cycles[cycles > 1].index)
    closed = [month for month in several if month < pack.cycle_start][-CLOSED_PANELS:]
    coming = [month for month in several if month >= pack.cycle_start][: PANELS - len(closed)]
    shown = company[company["period_start_date"].isin([*closed, *coming])]
    titles = {
        month: words.month(month) + (" (closed)" if month in closed else "") for month in [*closed, *coming]
    }
    rows = shown.assign(
        month=shown["period_start_date"].map(titles),
        cycle=[words.short_month(pd.Timestamp(f"{cycle}-01")) for cycle in shown["made_in_cycle_id"]],
    ).sort_values(["period_start_date", "made_in_cycle_id"])
    order = list(rows.sort_values("made_in_cycle_id")["cycle"].unique())
    plain = records(rows.drop(columns="period_start_date"))
    picture = panels("month", _snapshot_layers(order), plain, list(titles.values()), height=130)
    picture["resolve"]["scale"]["x"] = "independent"
    return Figure(
        title="Company, forecast of a month as each cycle published it, units",
        svg=draw(picture, "waterfall"),
        description="Bars lead from the forecast of one cycle to that of the next; a line across is what was ordered.",
        legend=(
            Key("tick", "First forecast that is kept"),
            Key("bar accent", "Raised by the cycle below"),
            Key("bar neutral", "Lowered"),
            *((Key("line ink", "Demand ordered"),) if closed else ()),
        ),
        caption="Each panel has a scale of its own, which does not start at 0: read how far the plan moved, not how large it is.",
    )


def _snapshot_layers(order: list[str]) -> list[Spec]:
    x = {"field": "cycle", "type": "ordinal", "sort": order,
         "axis": {"title": None, "labelAngle": 0, "labelFontSize": 10, "labelOverlap": False}}  # fmt: skip
    scale = {"zero": False, "nice": 4, "padding": 8}
    colour = {"condition": {"test": "datum.change_units < 0", "value": NEUTRAL}, "value": ACCENT}
    has_previous = [{"filter": "isValid(datum.previous_forecast_units)"}]
    return [
        {"mark": {"type": "bar", "width": 16}, "transform": has_previous,
         "encoding": {"x": x, "y": amount_axis("previous_forecast_units", scale=scale), "y2": {"field": "forecast_units"},
                      "color": colour}},
        {"mark": {"type": "tick", "color": INK, "thickness": 2, "width": 18},
         "encoding": {"x": x, "y": amount_axis("forecast_units", scale=scale)}},
        {"mark": {"type": "rule", "color": INK, "strokeWidth": 1.6}, "transform": [{"filter": "isValid(datum.actual_units)"}],
         "encoding": {"y": amount_axis("actual_units", scale=scale, aggregate="max")}},
    ]  # fmt: skip


_LEGEND = (Key("swatch ahead", "+ more than before"), Key("swatch less", "− less"))


def _month_columns(pack: Pack, first: str) -> tuple[Column, ...]:
    return (Column(first, is_number=False), *(Column(words.short_month(month)) for month in pack.months()))


def _is_shown_as_zero(change: float) -> bool:
    return words.is_empty(change) or words.is_shown_as_zero(words.number(change))


def _change(row: dict | None, column: str) -> Cell:
    if row is None:
        return Cell("", "quiet")
    text = words.number(row[column], signed=True)
    if words.is_shown_as_zero(text):
        return Cell("·", "quiet")
    return Cell(text, "less" if row[column] < 0 else "ahead")
