"""Risks of supply: what may go wrong, how likely by what was measured, what it would cost, and who acts.

Add here: a view of the risk register. Keep out: limits that bind already and what they are worth (see `shortages`).
"""

from __future__ import annotations

import math

import pandas as pd

from sop_pipeline.pack import words
from sop_pipeline.pack.chart import ACCENT, FULL_WIDTH, INK, NEUTRAL, Spec, amount_axis, draw, records
from sop_pipeline.pack.content import Cell, Column, Figure, Key, Section, Table, absent
from sop_pipeline.pack.inputs import Pack

LISTED = 12
DRAWN = 60
AXIS = 56
WIDTH, HEIGHT = FULL_WIDTH - AXIS - 20, 330
REACH_ACROSS, REACH_UP = 42, 13
"""Pixels within which two dots share a label."""

KINDS = {
    "supplier_unreliable": "Supplier late or short",
    "single_source": "Only supplier fails",
    "long_lead_time": "Demand outruns a long lead time",
    "limit": "Limit without slack",
    "event": "Expected event",
    "stoppage": "Announced stoppage",
    "expiring_terms": "Supplier terms end",
}
CHANCES = {
    "order_lines": "of {} order lines",
    "months_of_item": "of {} months, with the record of all purchases",
    "tested_forecasts": "of {} tested forecasts",
    "plan_months": "of {} months of the plan",
    "ended_terms": "of {} terms that ended",
    "announced": "announced",
    "people": "as its owner says",
}


def section(pack: Pack) -> Section:
    question = "What may go wrong with supply, and is somebody on it?"
    risks = pack.rows("marts.fct_supply_risks").sort_values("risk_rank", ignore_index=True)
    if risks.empty:
        reason = "No risk: nothing that demand hangs on was ever late, single, long or full."
        return Section("risks", "Risks", question, (absent(reason),))
    return Section("risks", "Risks", question, (risk_figure(pack, risks), risk_table(pack, risks)))


def risk_figure(pack: Pack, risks: pd.DataFrame) -> Figure:
    """Every risk by likelihood and impact; those that are listed carry their rank."""
    drawn = risks[(risks["impact_margin"] >= 1) & risks["likelihood_ratio"].notna()].head(DRAWN)
    listed = drawn["risk_rank"] <= LISTED
    decades = [10.0**power for power in _decades(drawn["impact_margin"])]
    widest = min(math.ceil(11 * drawn["likelihood_ratio"].max()) / 10, 1.0) if len(drawn) else 1.0
    x: Spec = {
        "field": "likelihood_ratio", "type": "quantitative", "scale": {"domain": [0, widest], "nice": False, "padding": 10},
        "axis": {"format": ".0%", "title": "Likelihood", "grid": True, "tickCount": 6},
    }  # fmt: skip
    y = amount_axis("impact_margin")
    y |= {
        "scale": {"type": "log", "domain": [decades[0], decades[-1]], "nice": False},
        "axis": y["axis"]
        | {
            "values": decades,
            "tickCount": len(decades),
            "labelOverlap": False,
            "minExtent": AXIS - 6,
            "maxExtent": AXIS - 6,
        },
    }
    layers: list[Spec] = [
        _dots(drawn[~listed], x, y, NEUTRAL, 40),
        _dots(drawn[listed], x, y, ACCENT, 80),
        {
            "data": {"values": _labels(drawn[listed], decades, widest)},
            "mark": {"type": "text", "color": INK, "fontSize": 12, "fontWeight": "bold", "baseline": "middle",
                     "align": {"expr": "datum.is_right ? 'right' : 'left'"}, "dx": {"expr": "datum.is_right ? -9 : 9"}},
            "encoding": {"x": x, "y": y, "text": {"field": "label", "type": "nominal"}},
        },
    ]  # fmt: skip
    return Figure(
        title=f"Likelihood, and what one event would cost, {pack.currency_code}",
        svg=draw({"width": WIDTH, "height": HEIGHT, "layer": layers}, "risks"),
        description="Risks of supply by likelihood and by the margin that one event would cost, on a logarithmic scale.",
        legend=(Key("dot accent", "Listed below, by its number"), Key("dot neutral", "Other risks")),
        caption="The cost is on a scale on which each line is ten times the one below.",
    )


def _decades(amounts: pd.Series) -> range:
    """Powers of ten from the one below the smallest amount to the one above the largest."""
    if amounts.empty:
        return range(2)
    return range(math.floor(math.log10(amounts.min())), math.floor(math.log10(amounts.max())) + 2)


def _dots(rows: pd.DataFrame, x: Spec, y: Spec, colour: str, size: int) -> Spec:
    mark = {"type": "point", "filled": True, "color": colour, "size": size, "opacity": 0.9}
    values = records(rows[["likelihood_ratio", "impact_margin"]])
    return {"data": {"values": values}, "mark": mark, "encoding": {"x": x, "y": y}}


def _labels(rows: pd.DataFrame, decades: list[float], widest: float) -> list[Spec]:
    """Ranks beside their dots; dots that lie close together share one label, beside the outermost."""
    height = HEIGHT / math.log10(decades[-1] / decades[0])
    labels: list[Spec] = []
    for row in rows.to_dict("records"):
        likelihood = row["likelihood_ratio"]
        across, up = likelihood / widest * WIDTH, math.log10(row["impact_margin"]) * height
        near = next(
            (
                label
                for label in labels
                if abs(label["across"] - across) < REACH_ACROSS and abs(label["up"] - up) < REACH_UP
            ),
            None,
        )
        if near is None:
            is_right = likelihood > 0.9 * widest
            near = {"ranks": [], "impact_margin": row["impact_margin"], "is_right": is_right, "up": up}
            near |= {"likelihood_ratio": likelihood, "across": across}
            labels.append(near)
        near["ranks"].append(str(row["risk_rank"]))
        if (likelihood < near["likelihood_ratio"]) == near["is_right"]:
            near |= {"likelihood_ratio": likelihood, "across": across}
    drawn = ("likelihood_ratio", "impact_margin", "is_right")
    return [{name: label[name] for name in drawn} | {"label": ", ".join(label["ranks"])} for label in labels]


def risk_table(pack: Pack, risks: pd.DataFrame) -> Table:
    money = words.money_for(risks["impact_margin"].head(LISTED), pack.currency_code)
    columns = (
        Column("", is_number=False),
        Column("Risk", is_number=False),
        Column("Kind", is_number=False),
        Column("Likelihood", is_number=False),
        Column("Demand hit", "units"),
        Column("One event costs", money.unit),
        Column("Score", money.unit),
        Column("Who does what", is_number=False),
    )
    shown = risks.head(LISTED)
    rest = len(risks) - len(shown)
    answered = int(risks["action_id"].notna().sum())
    return Table(
        title="The largest risks, by likelihood times cost",
        columns=columns,
        rows=tuple(_risk_row(row, money) for row in shown.to_dict("records")),
        caption=(
            (f"{words.plural(rest, 'smaller risk')} not listed. " if rest else "")
            + (f"{words.plural(answered, 'risk')} in all {'has' if answered == 1 else 'have'} an open action." if answered
               else "No risk has an open action: name one with its risk_id in the planners' file `actions`.")
        ),
    )  # fmt: skip


def _risk_row(row: dict, money: words.Money) -> tuple[Cell, ...]:
    score = words.EMPTY if words.is_empty(row["score_margin"]) else money.show(row["score_margin"])
    return (
        Cell(words.number(row["risk_rank"]), "strong"),
        Cell(row["object_name"], "name"),
        Cell(KINDS[row["risk_kind"]]),
        Cell(_likelihood(row)),
        Cell(words.number(row["impact_units"])),
        Cell(money.show(row["impact_margin"])),
        Cell(score, "strong"),
        Cell(_answer(row), "" if words.is_empty(row["owner"]) else "prose"),
    )


def _likelihood(row: dict) -> str:
    """Percent, and what it was counted on."""
    said = CHANCES[row["likelihood_basis"]]
    if "{}" in said:
        hits = words.number(row["hit_count"])
        said = f"{hits} {said.format(words.number(row['chance_count']))}"
    return f"{words.percent(row['likelihood_ratio'])}: {said}"


def _answer(row: dict) -> str:
    if words.is_empty(row["owner"]):
        return words.EMPTY
    action = "" if words.is_empty(row["action_name"]) else f": {row['action_name']}"
    return f"{row['owner']}{action}"
