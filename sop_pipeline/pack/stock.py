"""Stock of the last close: what it is for, against its target, what of it is too much, and what to do.

Add here: a view of the actual stock. Keep out: the stock that the plan projects (`inventory`).
"""

from __future__ import annotations

import pandas as pd

from sop_pipeline.pack import words
from sop_pipeline.pack.chart import (
    ACCENT,
    ACCENT_MID,
    ACCENT_TINT,
    FULL_WIDTH,
    INK,
    NEUTRAL,
    RED,
    RED_TINT,
    Spec,
    amount_axis,
    draw,
    records,
)
from sop_pipeline.pack.content import Block, Cell, Column, Figure, Key, Table, absent
from sop_pipeline.pack.inputs import Pack

BARS = 14
PROPOSALS_SHOWN = 8
VISIBLE_RATIO = 0.01
"""A bar shorter than this share of the longest cannot be seen."""
NAME_WIDTH = 190
BAR_STEP = 26

PARTS = (
    ("safety", "Safety stock", ACCENT, "bar accent"),
    ("cycle", "Cycle stock", ACCENT_MID, "bar mid"),
    ("anticipation", "Built or bought ahead", ACCENT_TINT, "bar tint"),
    ("pipeline", "Not usable yet", NEUTRAL, "bar neutral"),
    ("excess", "Excess", RED, "bar red"),
)
"""Parts of a stock, in the order in which they are told off: part, name, colour, mark of the legend."""

PROPOSALS = {
    "scrap_or_sell": "Sell or scrap",
    "stop_buying": "Cancel orders",
    "reduce": "Use up",
    "build_up": "Build up",
    "change_safety_stock": "Change safety stock in the ERP",
}

NO_STOCK = "No stock at the last close, and no target for any item."
NO_EXCESS = "Nothing is in excess: all stock is needed within the horizon that excess is measured against."
NO_PROPOSAL = "No proposal: stock, orders and safety stocks are where the policy wants them."


def blocks(pack: Pack) -> tuple[Block, ...]:
    """Composition by family and by site, excess and obsolete, proposals."""
    stock = pack.rows("marts.fct_inventory_strategy")
    if stock.empty:
        return (absent(NO_STOCK),)
    return (
        composition_figure(pack, stock, "family_id", "family"),
        *([composition_figure(pack, stock, "site_id", "site")] if stock["site_id"].nunique() > 1 else []),
        excess_figure(pack, stock),
        proposal_table(pack),
    )


def composition_figure(pack: Pack, stock: pd.DataFrame, level: str, name: str) -> Figure:
    """Stacked bars of what the stock is for; a tick where its target stands."""
    columns = [f"{part}_value" for part, *_ in PARTS]
    sums = stock.groupby(level, as_index=False)[["actual_value", "target_value", *columns]].sum()
    shown, rest = _largest(sums, level, ["actual_value", "target_value"])
    parts = shown.melt([level], columns, "part", "amount")
    parts["part"] = parts["part"].str.removesuffix("_value")
    parts["order"] = parts["part"].map({part: place for place, (part, *_) in enumerate(PARTS)})
    y = _names(level, list(shown[level]))
    colours = {
        "domain": [part for part, *_ in PARTS],
        "range": [colour for _, _, colour, _ in PARTS],
    }
    bars: Spec = {
        "data": {"values": records(parts)},
        "mark": {"type": "bar", "height": 13},
        "encoding": {
            "y": y,
            "x": _money("amount") | {"stack": "zero"},
            "color": {"field": "part", "type": "nominal", "legend": None, "scale": colours},
            "order": {"field": "order", "type": "quantitative"},
        },
    }
    ticks: Spec = {
        "data": {"values": records(shown[[level, "target_value"]])},
        "mark": {"type": "tick", "color": INK, "thickness": 2, "height": 20, "orient": "vertical"},
        "encoding": {"y": y, "x": _money("target_value")},
    }
    total = words.money_for(sums[["actual_value", "target_value"]].sum(), pack.currency_code)
    return Figure(
        title=f"What the stock is for, by {name}, {pack.currency_code}",
        svg=draw(_bar_chart([bars, ticks], len(shown)), f"stock-{name}"),
        description=f"Stock of the last close by {name}, split into what it is for, against its target.",
        legend=(*(Key(mark, label) for _, label, _, mark in PARTS), Key("tick upright", "Target")),
        caption=(
            f"In all {total.say(sums['actual_value'].sum())}, against a target of {total.say(sums['target_value'].sum())}. "
            "The parts are told off in the order of the legend: together they are the stock."
            + (
                f" {words.plural(rest, f'smaller {name}', f'smaller {_many(name)}')} not drawn."
                if rest
                else ""
            )
        ),
    )


def excess_figure(pack: Pack, stock: pd.DataFrame) -> Block:
    """Money in stock that nothing asks for within the horizon of excess, and in stock that nothing asks for at all."""
    obsolete = stock["is_obsolete"].astype(bool)
    parts = pd.concat([
        stock[~obsolete].assign(part="excess", amount=stock["excess_value"]),
        stock[obsolete].assign(part="obsolete", amount=stock["obsolete_value"]),
    ])  # fmt: skip
    sums = parts.groupby(["family_id", "part"], as_index=False)["amount"].sum()
    totals = sums.groupby("family_id", as_index=False)["amount"].sum()
    totals = totals[totals["amount"] > 0]
    if totals.empty:
        return absent(NO_EXCESS)
    visible = totals[totals["amount"] >= VISIBLE_RATIO * totals["amount"].max()]
    shown, rest = _largest(visible, "family_id", ["amount"])
    rest += len(totals) - len(visible)
    rows = sums[sums["family_id"].isin(shown["family_id"])]
    bars: Spec = {
        "data": {"values": records(rows)},
        "mark": {"type": "bar", "height": 13},
        "encoding": {
            "y": _names("family_id", list(shown["family_id"])),
            "x": _money("amount") | {"stack": "zero"},
            "color": {
                "field": "part", "type": "nominal", "legend": None,
                "scale": {"domain": ["obsolete", "excess"], "range": [RED, RED_TINT]},
            },
            "order": {"field": "part", "type": "nominal", "sort": "descending"},
        },
    }  # fmt: skip
    money = words.money_for(sums.groupby("part")["amount"].sum(), pack.currency_code)
    by_part = sums.groupby("part")["amount"].sum()
    return Figure(
        title=f"Excess and obsolete stock, {pack.currency_code}",
        svg=draw(_bar_chart([bars], len(shown)), "stock-excess"),
        description="Money in excess and in obsolete stock by family, most first.",
        legend=(
            Key("bar red", "Obsolete: nothing required, nothing left the shelf"),
            Key("bar red-tint", "Excess: beyond the demand of the months ahead"),
        ),
        caption=(
            f"Obsolete {money.say(by_part.get('obsolete', 0.0))}, excess {money.say(by_part.get('excess', 0.0))}."
            + (f" {words.plural(rest, 'smaller family', 'smaller families')} not drawn." if rest else "")
        ),
    )


def proposal_table(pack: Pack) -> Block:
    """What would free most money, and what would bind most, each with its reason."""
    proposals = pack.rows("marts.fct_inventory_proposals")
    if proposals.empty:
        return absent(NO_PROPOSAL)
    money = words.money_for(proposals["freed_value"], pack.currency_code)
    keys = ["item_id", "site_id", "proposal"]
    frees = proposals[proposals["freed_value"] > 0].sort_values(
        ["freed_value", *keys], ascending=[False, True, True, True]
    )
    binds = proposals[proposals["freed_value"] < 0].sort_values(["freed_value", *keys])
    columns = (
        Column("Item", is_number=False),
        Column("Site", is_number=False),
        Column("Proposal", is_number=False),
        Column("Change", "units"),
        Column("Frees", money.unit),
        Column("Why", is_number=False),
    )
    rows: list[tuple[Cell, ...]] = []
    for title, part in (("Frees money", frees), ("Binds money", binds)):
        if part.empty:
            continue
        heading = f"{title}: {words.plural(len(part), 'proposal')}"
        rows.append((Cell(heading, "group"), *(Cell("") for _ in columns[1:])))
        rows += [_proposal_row(row, money) for row in part.head(PROPOSALS_SHOWN).to_dict("records")]
    return Table(
        title="Proposals for the stock",
        columns=columns,
        rows=tuple(rows),
        caption=f"The {PROPOSALS_SHOWN} largest each way. At standard cost; an item may have more than one, and they do not add up.",
    )


def _proposal_row(row: dict, money: words.Money) -> tuple[Cell, ...]:
    return (
        Cell(row["item_name"], "name"),
        Cell(row["site_id"]),
        Cell(PROPOSALS[row["proposal"]], "half"),
        Cell(words.number(row["change_units"], signed=True)),
        Cell(money.show(row["freed_value"], signed=True), "strong"),
        Cell(row["reason"], "prose"),
    )


def _largest(sums: pd.DataFrame, level: str, measures: list[str]) -> tuple[pd.DataFrame, int]:
    """Rows with the largest of the measures, and how many are left out."""
    rank = sums[measures].max(axis=1)
    ordered = (
        sums.assign(rank=rank).sort_values(["rank", level], ascending=[False, True]).drop(columns="rank")
    )
    return ordered.head(BARS), max(len(ordered) - BARS, 0)


def _names(level: str, order: list[str]) -> Spec:
    axis = {
        "labelLimit": NAME_WIDTH - 10,
        "minExtent": NAME_WIDTH - 6,
        "maxExtent": NAME_WIDTH - 6,
        "labelColor": INK,
    }
    return {"field": level, "type": "nominal", "sort": order, "axis": axis}


def _money(field: str) -> Spec:
    """Amounts along the bottom."""
    axis = amount_axis(field)
    return axis | {"axis": axis["axis"] | {"grid": True, "tickCount": 6, "domain": False, "title": None}}


def _bar_chart(layers: list[Spec], bars: int) -> Spec:
    return {"width": FULL_WIDTH - NAME_WIDTH - 20, "height": bars * BAR_STEP, "layer": layers}


def _many(name: str) -> str:
    return {"family": "families", "site": "sites"}[name]
