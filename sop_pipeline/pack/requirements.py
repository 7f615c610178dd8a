"""Mid and long-term requirements of resources: hours, heads and capital to the end of the horizon.

Add here: a view of what resources will have to be. Keep out: the load of a month (see `capacity`).
"""

from __future__ import annotations

import pandas as pd

from sop_pipeline.pack import words
from sop_pipeline.pack.chart import bars_against_limit, draw, panels, records
from sop_pipeline.pack.content import Block, Cell, Column, Figure, Key, Table
from sop_pipeline.pack.inputs import Pack

HEAD_PANELS = 6


def blocks(pack: Pack) -> tuple[Block, ...]:
    """Heads of labour by month, and a line a resource; nothing where no resource is known."""
    requirements = pack.rows("marts.fct_resource_requirements")
    if requirements.empty:
        return ()
    heads = requirements[requirements["required_heads"].notna()]
    return (*([] if heads.empty else [heads_figure(heads)]), requirement_table(requirements))


def heads_figure(heads: pd.DataFrame) -> Figure:
    peak = heads.groupby("resource_name")["gap_heads"].max()
    shown = list(peak.sort_values(ascending=False, kind="stable").index[:HEAD_PANELS])
    rows = heads[heads["resource_name"].isin(shown)].assign(is_short=lambda frame: frame["gap_heads"] > 0)
    layers = bars_against_limit("required_heads", "available_heads", "datum.is_short")
    rest = len(peak) - len(shown)
    return Figure(
        title="Heads that demand requires of the crews",
        svg=draw(panels("resource_name", layers, records(rows), shown), "requirements-heads"),
        description="Heads required by month against the heads that are there, by crew.",
        legend=(
            Key("bar tint", "Required"),
            Key("bar red", "Required above those available"),
            Key("line ink", "Available"),
        ),
        caption=f"{words.plural(rest, 'other crew')} not drawn." if rest else "",
    )


def requirement_table(requirements: pd.DataFrame) -> Table:
    """The worst month of each resource, and whether hours alone will do."""
    columns = (
        Column("Resource", is_number=False),
        Column("Kind", is_number=False),
        Column("Worst month", is_number=False),
        Column("Required", "hours"),
        Column("Regular", "hours"),
        Column("Beyond overtime", "hours"),
        Column("Heads short"),
        Column("Months short"),
        Column("Calls for", is_number=False),
    )
    order = ["gap_hours", "resource_id", "period_start_date"]
    ranked = requirements.sort_values(order, ascending=[False, True, True])
    worst = ranked.drop_duplicates("resource_id")
    months = requirements[requirements["gap_hours"] > 0].groupby("resource_id").size()
    capital = requirements.groupby("resource_id")["needs_capital"].any()
    return Table(
        title="What the horizon requires of the resources",
        columns=columns,
        rows=tuple(
            _requirement_row(row, int(months.get(row["resource_id"], 0)), bool(capital[row["resource_id"]]))
            for row in worst.to_dict("records")
        ),
        caption="Worst month: that with most hours beyond regular time and overtime, or least room.",
    )


def _requirement_row(row: dict, months_short: int, needs_capital: bool) -> tuple[Cell, ...]:
    gap_heads = row["gap_heads"]
    is_head_short = not words.is_empty(gap_heads) and gap_heads > 0
    calls_for = "capital" if needs_capital else "people" if is_head_short else "overtime" if row["required_hours"] > row["regular_hours"] else words.EMPTY  # fmt: skip
    return (
        Cell(row["resource_name"], "name"),
        Cell(row["resource_type"]),
        Cell(words.short_month(row["period_start_date"]), "brief"),
        Cell(words.number(row["required_hours"])),
        Cell(words.number(row["regular_hours"])),
        Cell(words.number(max(row["gap_hours"], 0.0))),
        Cell(words.number(gap_heads, 1) if is_head_short else words.EMPTY),
        Cell(words.number(months_short)),
        Cell(calls_for, "red" if needs_capital else ""),
    )
