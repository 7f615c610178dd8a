"""Options and scenarios: what the plan would be with them, each a solve of its own.

Add here: a comparison of plans. Keep out: the limits that they would lift (see `shortages`).
"""

from __future__ import annotations

import pandas as pd

from sop_pipeline.pack import words
from sop_pipeline.pack.content import Block, Cell, Column, Section, Sentence, Table, absent
from sop_pipeline.pack.inputs import Pack

NO_OPTION = "No option: nobody has entered a way to win capacity (planner.capacity_options)."
NO_SCENARIO = "No scenario is active (planner.scenarios)."


def section(pack: Pack) -> Section:
    question = "What would each option win, and what would the plan be if?"
    blocks: tuple[Block, ...] = (option_table(pack), scenario_table(pack))
    if all(isinstance(block, Sentence) for block in blocks):
        blocks = (absent(f"{NO_OPTION} {NO_SCENARIO}"),)
    return Section("options", "Options and scenarios", question, blocks)


def option_table(pack: Pack) -> Table | Sentence:
    """Options by what they are worth; those that could not be solved last, with the reason."""
    options = pack.rows("marts.fct_supply_options")
    if options.empty:
        return absent(NO_OPTION)
    money = words.money_for(
        options[["cost_saving", "option_cost", "recovered_margin"]].stack(), pack.currency_code
    )
    columns = (
        Column("Option", is_number=False),
        Column("Kind", is_number=False),
        Column("From", is_number=False),
        Column("Used", "hours"),
        Column("Costs", money.unit),
        Column("Saves", money.unit),
        Column("Recovers", "units"),
        Column("Margin won", money.unit),
        Column("Net value", money.unit),
    )
    ordered = options.sort_values(["value_rank", "option_id"], na_position="last")
    return Table(
        title="Options of the company, each solved",
        columns=columns,
        rows=tuple(_option_row(row, money) for row in ordered.to_dict("records")),
        caption=(
            "An option is used as far as its hours pay in the plan; one with nothing used is dearer than what it would replace. Saves: "
            "what all other costs fall by, the price of late and lost demand and of missing stock among them."
        ),
    )


def _option_row(row: dict, money: words.Money) -> tuple[Cell, ...]:
    name = Cell(row["option_name"], "name")
    kind = Cell(str(row["option_type"]).replace("_", " "))
    if not row["is_solved"]:
        return (
            name,
            kind,
            Cell(f"not solved: {row['reason']}", "prose"),
            *(Cell(words.EMPTY) for _ in range(6)),
        )
    return (
        name,
        kind,
        Cell(words.short_month(row["feasible_from_date"]), "brief"),
        Cell(words.number(row["used_hours"])),
        Cell(money.show(row["option_cost"])),
        Cell(money.show(row["cost_saving"])),
        Cell(words.number(row["recovered_units"])),
        Cell(money.show(row["recovered_margin"])),
        Cell(money.show(row["net_value"]), "strong"),
    )


def scenario_table(pack: Pack) -> Table | Sentence:
    scenarios = pack.tables["marts.fct_scenario_kpis"]
    changed = scenarios[scenarios["scenario_id"] != "base"]
    if changed.empty:
        return absent(NO_SCENARIO)
    money = words.money_for(
        changed[["revenue_change", "margin_change", "cost_change"]].stack(), pack.currency_code
    )
    columns = (
        Column("Scenario", is_number=False),
        Column("Question", is_number=False),
        Column("Delivered", "units, change"),
        Column("Late or lost", "units, change"),
        Column("Revenue", f"{money.unit}, change"),
        Column("Margin", f"{money.unit}, change"),
        Column("Cost of the plan", f"{money.unit}, change"),
    )
    return Table(
        title="Scenarios beside the plan of record",
        columns=columns,
        rows=tuple(
            _scenario_row(row, money) for row in changed.sort_values("scenario_id").to_dict("records")
        ),
        caption="Over the horizon, against the plan of record. Margin at standard cost.",
    )


def _scenario_row(row: dict, money: words.Money) -> tuple[Cell, ...]:
    name = Cell(row["scenario_name"], "name")
    if not row["is_solved"]:
        return (name, Cell(f"not solved: {row['reason']}", "prose"), *(Cell(words.EMPTY) for _ in range(5)))
    question = "" if pd.isna(row["question"]) else str(row["question"])
    return (
        name,
        Cell(question, "prose"),
        Cell(words.number(row["delivered_units_change"], signed=True)),
        Cell(words.number(row["unserved_units_change"], signed=True)),
        Cell(money.show(row["revenue_change"], signed=True)),
        Cell(money.show(row["margin_change"], signed=True)),
        Cell(money.show(row["cost_change"], signed=True)),
    )
