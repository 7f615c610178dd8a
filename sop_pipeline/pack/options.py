"""Options and scenarios: what the plan would be with them, each a solve of its own.

Add here: a comparison of plans. Keep out: the limits that they would lift (see `shortages`).
"""

from __future__ import annotations

import pandas as pd

from sop_pipeline.pack import words
from sop_pipeline.pack.chart import (
    ACCENT,
    FULL_WIDTH,
    INK,
    MUTED,
    NEUTRAL,
    RED,
    Spec,
    amount_axis,
    draw,
    records,
)
from sop_pipeline.pack.content import (
    Block,
    Cell,
    Column,
    Figure,
    Key,
    Section,
    Sentence,
    Table,
    absent,
)
from sop_pipeline.pack.inputs import Pack

NO_OPTION = "No option: nobody has entered one (planner.capacity_options), and no limit is dear enough to propose one."
NO_SCENARIO = "No scenario is active (planner.scenarios)."
USED = 0.001
LONGEST_PAYBACK_MONTHS = 120
NAME_WIDTH, ROW_HEIGHT = 300, 30


def section(pack: Pack) -> Section:
    question = "What would each option win, and what would the plan be if?"
    blocks: tuple[Block, ...] = (option_table(pack), scenario_table(pack))
    if all(isinstance(block, Sentence) for block in blocks):
        blocks = (absent(f"{NO_OPTION} {NO_SCENARIO}"),)
    figure = option_figure(pack)
    return Section("options", "Options and scenarios", question, (figure, *blocks) if figure else blocks)


def option_figure(pack: Pack) -> Figure | None:
    """What the used options cost and save, on one axis of money: the way between the two is the net value."""
    options = pack.rows("marts.fct_supply_options")
    solved = options[options["value_rank"].notna()]
    used = solved[solved["used_quantity"].abs() > USED].sort_values("value_rank")
    if used.empty:
        return None
    shown = used.assign(
        pays=used["net_value"] > 0,
        start=[words.short_month(month) for month in used["feasible_from_date"]],
        least=used[["option_cost", "cost_saving"]].min(axis=1),
        most=used[["option_cost", "cost_saving"]].max(axis=1),
    )
    columns = ["option_name", "option_cost", "cost_saving", "least", "most", "pays", "start"]
    rest = len(solved) - len(used)
    return Figure(
        title=f"What the options cost and save over the horizon, {pack.currency_code}",
        svg=draw(_dumbbells(records(shown[columns]), shown["option_name"].tolist()), "option-comparison"),
        description="By option its cost and its saving, the dearest net value first, with the month from which it works.",
        legend=(
            Key("dot ink", "Costs"),
            Key("dot accent", "Saves; the way between is the net value"),
            Key("bar red", "Costs more than it saves"),
        ),
        caption="On the right the month from which the option works."
        + (
            f" {words.plural(rest, 'option')} would not be used: dearer than what it replaces."
            if rest
            else ""
        ),
    )


def _dumbbells(rows: list[Spec], order: list[str]) -> Spec:
    names = {
        "field": "option_name",
        "type": "nominal",
        "sort": order,
        "axis": {
            "labelLimit": NAME_WIDTH - 10,
            "minExtent": NAME_WIDTH,
            "maxExtent": NAME_WIDTH,
            "labelColor": INK,
        },
    }
    way = {"condition": {"test": "datum.pays", "value": ACCENT}, "value": RED}
    cost, saving = amount_axis("option_cost"), amount_axis("cost_saving")
    for axis in (cost, saving):
        axis["axis"] |= {"tickCount": 6}
    dot = {"type": "point", "filled": True, "size": 70, "opacity": 1, "stroke": "white", "strokeWidth": 0.8}
    return {
        "data": {"values": rows},
        "width": FULL_WIDTH - NAME_WIDTH - 80,
        "height": {"step": ROW_HEIGHT},
        "layer": [
            {"mark": {"type": "rule", "color": NEUTRAL, "strokeWidth": 0.8}, "encoding": {"x": {"datum": 0}}},
            {"mark": {"type": "rule", "strokeWidth": 3, "opacity": 0.55},
             "encoding": {"y": names, "x": amount_axis("least"), "x2": {"field": "most"}, "color": way}},
            {"mark": dot | {"color": INK}, "encoding": {"y": names, "x": cost}},
            {"mark": dot | {"color": ACCENT}, "encoding": {"y": names, "x": saving}},
            {"mark": {"type": "text", "align": "left", "dx": 12, "color": MUTED, "fontSize": 11},
             "encoding": {"y": names, "x": amount_axis("most"), "text": {"field": "start"}}},
        ],
    }  # fmt: skip


def option_table(pack: Pack) -> Table | Sentence:
    """Options by what they are worth; what the plan does by itself and what could not be solved last."""
    options = pack.rows("marts.fct_supply_options")
    if options.empty:
        return absent(NO_OPTION)
    money = words.Money(pack.currency_code, 1.0)  # options differ a thousandfold: each to the unit
    columns = (
        Column("Option", is_number=False),
        Column("Kind", is_number=False),
        Column("From", is_number=False),
        Column("Used"),
        Column("Costs", money.unit),
        Column("Saves", money.unit),
        Column("Net value", money.unit),
        Column("Recovers", "units"),
        Column("Margin won", money.unit),
        Column("Paid back", "months"),
        Column("Rests on", is_number=False),
    )
    ordered = options.sort_values(["value_rank", "is_solved", "option_id"], ascending=[True, False, True])
    return Table(
        title="Options, each solved",
        columns=columns,
        rows=tuple(_option_row(row, money) for row in ordered.to_dict("records")),
        caption=(
            "An option is used as far as it pays in the plan; one with nothing used is dearer than what it would replace. Saves: "
            "what all other costs fall by, the price of late and lost demand and of missing stock among them; for a price, also what "
            "demand is worth more. Proposed: nobody entered an option for a dear limit; its costs are assumptions. Building ahead is in the plan "
            "already: unit months that stand above their targets only because the plan makes them early, and what these save."
        ),
    )


def _option_row(row: dict, money: words.Money) -> tuple[Cell, ...]:
    name = Cell(row["option_name"], "name")
    kind = Cell(str(row["option_type"]).replace("_", " ") + _standing(row))
    if not row["is_solved"]:
        empty = tuple(Cell(words.EMPTY) for _ in range(8))
        return (name, kind, *empty, Cell(f"not solved: {row['reason']}", "prose"))
    return (
        name,
        kind,
        Cell(words.short_month(row["feasible_from_date"]), "brief"),
        Cell(f"{words.number(row['used_quantity'])} {row['unit']}"),
        Cell(money.show(row["option_cost"])),
        Cell(money.show(row["cost_saving"])),
        Cell(money.show(row["net_value"]), "strong"),
        Cell(words.number(row["recovered_units"])),
        Cell(money.show(row["recovered_margin"])),
        Cell(_payback(row["payback_months"])),
        Cell(_rests_on(row), "prose"),
    )


def _standing(row: dict) -> str:
    if row["is_in_plan"]:
        return " · in the plan"
    return " · proposed" if row["is_proposed"] else ""


def _payback(months: float | None) -> str:
    if not words.is_empty(months) and months > LONGEST_PAYBACK_MONTHS:
        return f"> {LONGEST_PAYBACK_MONTHS}"
    return words.number(months, 1)


def _rests_on(row: dict) -> str:
    told = [
        str(row[column]) for column in ("owner", "assumption", "reason") if not words.is_empty(row[column])
    ]
    return "; ".join(told) or words.EMPTY


def scenario_table(pack: Pack) -> Table | Sentence:
    scenarios = pack.tables["marts.fct_scenario_kpis"]
    changed = scenarios[scenarios["scenario_id"] != "base"]
    if changed.empty:
        return absent(NO_SCENARIO)
    money = words.money_for(
        changed[["revenue_change", "margin_change", "cost_change", "stock_value_change"]].stack(),
        pack.currency_code,
    )
    columns = (
        Column("Scenario", is_number=False),
        Column("Question", is_number=False),
        Column("Delivered", "units, change"),
        Column("Late or lost", "units, change"),
        Column("Service", "%"),
        Column("Revenue", f"{money.unit}, change"),
        Column("Margin", f"{money.unit}, change"),
        Column("Stock", f"{money.unit}, change"),
        Column("Cost", f"{money.unit}, change"),
        Column("Trade-off", is_number=False),
    )
    names = dict(zip(scenarios["scenario_id"], scenarios["scenario_name"], strict=True))
    ordered = changed.sort_values(["priority_rank", "scenario_id"], na_position="last")
    base = scenarios[scenarios["scenario_id"] == "base"].to_dict("records")
    return Table(
        title="Scenarios beside the plan of record",
        columns=columns,
        rows=tuple(_scenario_row(row, money, names) for row in ordered.to_dict("records")),
        caption=(
            "Over the horizon, against the plan of record. Margin at standard cost. Dominated: another is at least as good in margin, "
            "service, stock and cost, and better in one; the others are the efficient frontier, the highest margin first."
            + "".join(f" The plan of record itself: {_trade_off(row, names)}." for row in base)
        ),
    )


def _scenario_row(row: dict, money: words.Money, names: dict[str, str]) -> tuple[Cell, ...]:
    name = Cell(row["scenario_name"], "name")
    if not row["is_solved"]:
        return (name, Cell(f"not solved: {row['reason']}", "prose"), *(Cell(words.EMPTY) for _ in range(8)))
    question = "" if pd.isna(row["question"]) else str(row["question"])
    return (
        name,
        Cell(question, "prose"),
        Cell(words.number(row["delivered_units_change"], signed=True)),
        Cell(words.number(row["unserved_units_change"], signed=True)),
        Cell(words.number(row["service_ratio"] * 100, 2)),
        Cell(money.show(row["revenue_change"], signed=True)),
        Cell(money.show(row["margin_change"], signed=True)),
        Cell(money.show(row["stock_value_change"], signed=True)),
        Cell(money.show(row["cost_change"], signed=True)),
        Cell(_trade_off(row, names)),
    )


def _trade_off(row: dict, names: dict[str, str]) -> str:
    if row["is_dominated"]:
        return f"dominated by {names[row['dominated_by_scenario_id']]}"
    return "on the frontier"
