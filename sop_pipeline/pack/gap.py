"""Supply against demand: what the plan cannot deliver in the month it is wanted, and what that is worth.

Add here: a view of the gap. Keep out: why there is a gap (see `shortages`).
"""

from __future__ import annotations

import pandas as pd

from sop_pipeline.pack import words
from sop_pipeline.pack.chart import ACCENT, PLOT_WIDTH, RED, amount_axis, draw, month_axis, records, zero_rule
from sop_pipeline.pack.content import Block, Cell, Column, Figure, Key, Section, Sentence, Table, absent
from sop_pipeline.pack.inputs import Pack


def section(pack: Pack) -> Section:
    question = "Where does the plan fall short of demand, and what is the difference worth?"
    gaps = pack.rows("marts.fct_supply_demand_gap")
    if gaps.empty:
        reason = "No comparison of demand and supply: nothing is asked for in the horizon."
        return Section("gap", "Supply against demand", question, (absent(reason),))
    if not (gaps["gap_units"] != 0).any():
        reason = "No gap: the plan delivers all demand in the month it is wanted, in every family."
        return Section("gap", "Supply against demand", question, (absent(reason),))
    return Section(
        "gap", "Supply against demand", question, (company_figure(pack, gaps), family_table(pack, gaps))
    )


def company_figure(pack: Pack, gaps: pd.DataFrame) -> Figure:
    company = gaps[gaps["level"] == "company"]
    colour = {"condition": {"test": "datum.gap_revenue < 0", "value": RED}, "value": ACCENT}
    bars = {
        "mark": {"type": "bar", "width": 22},
        "encoding": {"x": month_axis(1, padding=16), "y": amount_axis("gap_revenue"), "color": colour},
    }
    specification = {
        "data": {"values": records(company)},
        "width": PLOT_WIDTH,
        "height": 180,
        "layer": [bars, zero_rule()],
    }
    return Figure(
        title=f"Company, gap at expected prices, {pack.currency_code} a month",
        svg=draw(specification, "gap-company"),
        description="Supply minus demand by month at expected prices.",
        legend=(Key("bar red", "Short of demand"), Key("bar accent", "Catching up on earlier months")),
    )


def family_table(pack: Pack, gaps: pd.DataFrame) -> Block:
    """Gap at expected prices, family by month; the family that is furthest behind in a month comes first."""
    families = gaps[gaps["level"] == "family"]
    money = words.money_for(families["gap_revenue"], pack.currency_code)
    months = pack.months()
    values = {(row["level_id"], row["period_start_date"]): row for row in families.to_dict("records")}
    worst = families.groupby("level_id")["gap_revenue"].min().sort_values(kind="stable")
    behind = [
        family
        for family in worst.index
        if worst[family] < 0 and not words.is_shown_as_zero(money.show(worst[family]))
    ]
    if not behind:
        return Sentence(
            f"No family falls short of its demand by {money.say(money.scale)} or more in any month."
        )
    columns = (Column("Family", is_number=False), *(Column(words.short_month(month)) for month in months))
    rows = tuple(
        (Cell(family, "name"), *(gap_cell(values.get((family, month)), money) for month in months))
        for family in behind
    )
    rest = len(worst) - len(behind)
    return Table(
        title=f"Families, gap at expected prices, {money.unit}",
        columns=columns,
        rows=rows,
        caption=f"{words.plural(rest, 'family', 'families')} without a shortfall not listed." if rest else "",
        legend=(Key("swatch behind", "− short of demand"), Key("swatch ahead", "+ catching up")),
        is_dense=True,
    )


def gap_cell(row: dict | None, money: words.Money) -> Cell:
    text = words.EMPTY if row is None else money.show(row["gap_revenue"], signed=True)
    if row is None or words.is_shown_as_zero(text):
        return Cell("·", "quiet")
    return Cell(text, "behind" if row["gap_revenue"] < 0 else "ahead")
