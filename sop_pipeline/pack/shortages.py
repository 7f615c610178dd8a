"""Shortages: what limits the plan, when, and what it is worth to lift the limit.

Add here: a view of binding limits. Keep out: hours of resources that are not short (see `capacity`).
"""

from __future__ import annotations

import pandas as pd

from sop_pipeline.pack import words
from sop_pipeline.pack.content import Cell, Column, Key, Section, Sentence, Table, absent
from sop_pipeline.pack.inputs import Pack

LISTED = 15
CHAINS = 10
HEAT_ROWS = 12
SHORT_STEPS = ((0.05, "short-1"), (0.15, "short-2"), (0.3, "short-3"))

HEAT_LEGEND = (
    Key("swatch binds", "○ used up, nothing short"),
    Key("swatch short-1", "to 5 %"),
    Key("swatch short-2", "to 15 %"),
    Key("swatch short-3", "to 30 %"),
    Key("swatch short-4", "above 30 %"),
)


def section(pack: Pack) -> Section:
    question = "What holds the plan back, and what would lifting it be worth?"
    shortages = pack.rows("marts.fct_resource_shortages")
    if shortages.empty:
        reason = (
            "No shortage: no resource, supplier, lane or store limits the plan in any month of the horizon."
        )
        return Section("shortages", "Shortages", question, (absent(reason),))
    shortages = _worst_first(shortages)
    chains = pack.rows("marts.fct_shortage_chains")
    blocks = (heat_table(pack, shortages), worth_table(pack, shortages), chain_table(pack, chains))
    return Section("shortages", "Shortages", question, blocks)


def _worst_first(shortages: pd.DataFrame) -> pd.DataFrame:
    """By margin at risk in whole currency; after that by how much is short and what one more is worth."""
    keys = ["margin", "short_ratio", "shadow_price", "shortage_type", "object_id", "period_start_date"]
    return (
        shortages.assign(margin=shortages["demand_at_risk_margin"].round())
        .sort_values(keys, ascending=[False, False, False, True, True, True], ignore_index=True)
        .drop(columns="margin")
    )


def heat_table(pack: Pack, shortages: pd.DataFrame) -> Table:
    """Short over required, limit by month; the limit with most margin at risk in a month comes first."""
    months = pack.months()
    short = {(row["shortage_type"], row["object_id"], row["period_start_date"]): row["short_ratio"]
             for row in shortages.to_dict("records")}  # fmt: skip
    limits = shortages.drop_duplicates(["shortage_type", "object_id"])
    shown = limits.head(HEAT_ROWS)
    columns = (Column("Limit", is_number=False), *(Column(words.short_month(month)) for month in months))
    rows = tuple(
        (
            Cell(f"{limit['object_name']} · {limit['shortage_type']}", "name"),
            *(short_cell(short.get((limit["shortage_type"], limit["object_id"], month))) for month in months),
        )
        for limit in shown.to_dict("records")
    )
    rest = len(limits) - len(shown)
    return Table(
        title="Short as a share of what is required, %",
        columns=columns,
        rows=rows,
        caption=f"{words.plural(rest, 'further limit')} bind with less margin at risk." if rest else "",
        legend=HEAT_LEGEND,
        is_dense=True,
    )


def worth_table(pack: Pack, shortages: pd.DataFrame) -> Table:
    money = words.money_for(shortages["demand_at_risk_margin"], pack.currency_code)
    columns = (
        Column("Limit", is_number=False),
        Column("Kind", is_number=False),
        Column("Month", is_number=False),
        Column("Required"),
        Column("Available"),
        Column("Short"),
        Column("Unit", is_number=False),
        Column("Demand at risk", "units"),
        Column("Margin at risk", money.unit),
        Column("One more is worth", f"{pack.currency_code} a unit or hour"),
        Column("It holds between"),
        Column("Solved again", is_number=False),
    )
    rest = len(shortages) - LISTED
    return Table(
        title="What the shortages are worth",
        columns=columns,
        rows=tuple(_worth_row(row, money) for row in shortages.head(LISTED).to_dict("records")),
        caption=(
            "At risk: late or lost demand of the month whose supply uses the limit; one unit may stand under several limits. "
            "It holds between: the price of one more is the same as long as what is available stays there. Solved again: the plan "
            "was made anew with more of it, and saved what the price says."
            + (f" {words.plural(rest, 'smaller shortage')} not listed." if rest > 0 else "")
        ),
    )


def short_cell(ratio: float | None) -> Cell:
    if ratio is None or words.is_empty(ratio):
        return Cell("·", "quiet")
    text = words.number(ratio * 100)
    if words.is_shown_as_zero(text):
        return Cell("○", "binds")
    return Cell(text, next((tone for limit, tone in SHORT_STEPS if ratio <= limit), "short-4"))


def _worth_row(row: dict, money: words.Money) -> tuple[Cell, ...]:
    return (
        Cell(row["object_name"], "name"),
        Cell(row["shortage_type"]),
        Cell(words.short_month(row["period_start_date"]), "brief"),
        Cell(words.number(row["required_quantity"])),
        Cell(words.number(row["available_quantity"])),
        Cell(words.number(row["short_quantity"])),
        Cell(row["unit"]),
        Cell(words.number(row["demand_at_risk_units"])),
        Cell(money.show(row["demand_at_risk_margin"]), "strong"),
        Cell(words.number(row["shadow_price"], 2)),
        Cell(_range(row)),
        Cell(_proof(row), "brief"),
    )


def _range(row: dict) -> str:
    """From and to of what is available within which the price holds; open where nothing ends it."""
    low, high = row["price_from_quantity"], row["price_to_quantity"]
    if words.is_empty(low) and words.is_empty(high):
        return "any amount" if not words.is_empty(row["confirmed_price"]) else words.EMPTY
    digits = 1 if not (words.is_empty(low) or words.is_empty(high)) and high - low < 5 else 0
    ends = (words.EMPTY if words.is_empty(end) else words.number(end, digits) for end in (low, high))
    return " to ".join(ends)


def _proof(row: dict) -> str:
    if words.is_empty(row["is_confirmed"]):
        return words.EMPTY
    return "confirmed" if row["is_confirmed"] else f"not confirmed: {words.number(row['confirmed_price'], 2)}"


def chain_table(pack: Pack, chains: pd.DataFrame) -> Table | Sentence:
    """The largest demands that go short or hang on a limit, with the way from the limit to them."""
    if chains.empty:
        return absent(
            "No demand goes short, and none is served at more than plain cost: nothing hangs on a limit."
        )
    demand = ["item_id", "site_id", "channel_id", "period_start_date"]
    ends = chains[chains["is_limit"]].sort_values(
        ["short_margin", "short_units", "demand_units", *demand],
        ascending=[False, False, False, True, True, True, True],
    )
    shown = ends.head(CHAINS)
    steps = chains.sort_values("step_number").groupby(demand, sort=False)
    columns = (
        Column("Demand", is_number=False),
        Column("Month", is_number=False),
        Column("Asked", "units"),
        Column("Short", "units"),
        Column("Hangs on", is_number=False),
        Column("By way of", is_number=False),
        Column("It takes", "units or hours each"),
    )
    rows = tuple(
        (
            Cell(f"{end['item_name']} at {end['site_id']} · {end['channel_id']}", "name"),
            Cell(words.short_month(end["period_start_date"]), "brief"),
            Cell(words.number(end["demand_units"])),
            Cell(words.number(end["short_units"])),
            Cell(
                f"{end['object_name']} · {end['step_type']} · {words.short_month(end['step_period_start_date'])}",
                "strong",
            ),
            Cell(_way(steps.get_group(tuple(end[key] for key in demand)))),
            Cell(words.number(end["quantity_per_unit"], 3)),
        )
        for end in shown.to_dict("records")
    )
    rest = len(ends) - len(shown)
    return Table(
        title="From the demand to the limit that it hangs on",
        columns=columns,
        rows=rows,
        caption=(
            "Along the cheapest ways at the plan's own prices, to the hour, supplier, lane, room or material that sets the price of "
            "one unit more." + (f" {words.plural(rest, 'smaller demand')} not listed." if rest > 0 else "")
        ),
    )


def _way(steps: pd.DataFrame) -> str:
    between = steps[steps["step_type"].isin(["make", "buy", "move"])]
    return " ← ".join(between["object_name"]) or "its own stock"
