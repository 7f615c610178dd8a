"""What the plan keeps to: the rules in force, and the months in which it breaks one.

Add here: a view of how rules are kept. Keep out: when a rule is broken (marts), what a shortage is worth (`shortages`).
"""

from __future__ import annotations

import pandas as pd

from sop_pipeline.pack import words
from sop_pipeline.pack.content import Block, Cell, Column, Section, Sentence, Table, absent
from sop_pipeline.pack.inputs import Pack

LAWS = {
    "source_shares": "Shares of sources",
    "to_order": "Made or bought to order",
    "labour": "People behind resources",
    "subcontracting": "Subcontracting",
    "shelf_life": "Shelf life",
    "storage_room": "Room of sites",
    "lot_orders": "Lots of orders",
    "setup_hours": "Setups in the hours of a lot",
    "smallest_run": "Exact smallest runs",
    "whole_lots": "Exact whole lots",
    "fair_share": "Shortage shared alike",
    "channel_priority": "Shortage by rank of channels",
}
"""Law -> what the meeting calls it."""

POLICIES = {
    "storage_room": ("Room of a site", "room"),
    "lot_hours": ("Hours, once ordered in lots", "hours"),
    "share": ("Share of a source", "units"),
    "shelf_life": ("Shelf life", "units"),
    "smallest_lot": ("Smallest lot", "units"),
}
"""Policy -> what it is called, and what is missing to it; what costs most to mend first."""
SHOWN = 4

NOTE = (
    "Missing: room to be found outside, hours too many, units below the least share or the smallest lot, units that grow too old. Of each rule "
    "those first that miss most over all their months. Row by row in marts.fct_policy_breaches; the releases as orders in lots in planning.lot_orders."
)


def section(pack: Pack) -> Section:
    question = "Which of our rules does the plan keep to, and where does it break one?"
    return Section("policies", "Rules of the plan", question, (laws(pack), breaches(pack)))


def laws(pack: Pack) -> Block:
    """One sentence: what is in force with how many objects, and what no data switch on."""
    rows = pack.rows("planning.plan_laws").set_index("law")["object_count"].to_dict()
    held = [f"{name.lower()} ({rows[law]:,})" for law, name in LAWS.items() if rows.get(law, 0)]
    absent_laws = [name.lower() for law, name in LAWS.items() if not rows.get(law, 0)]
    if not held:
        return Sentence("No rule is in force beside materials, hours and limits: nobody has said any.")
    rest = f" Nothing is said of {words_of(absent_laws)}." if absent_laws else ""
    return Sentence(f"In force, each with the number of objects that it holds for: {words_of(held)}.{rest}")


def words_of(names: list[str]) -> str:
    """Names as people list them."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def breaches(pack: Pack) -> Block:
    """By rule and object: in how many months, and the worst of them."""
    rows = pack.rows("marts.fct_policy_breaches")
    if rows.empty:
        return absent("The plan breaks no rule.")
    rows = rows.sort_values(["missed_ratio", "object_id", "period_start_date"], ascending=[False, True, True])
    of_object = rows.groupby(["policy_type", "object_id"])["missed_ratio"]
    rows = rows.assign(months=of_object.transform("size"), weight=of_object.transform("sum"))
    worst = rows.drop_duplicates(["policy_type", "object_id"])
    worst = worst.sort_values(["weight", "object_id"], ascending=[False, True])
    columns = (Column("Rule", is_number=False), Column("Where", is_number=False), Column("Months"), Column("Worst month", is_number=False),
               Column("Asked for or there"), Column("Missing"), Column("Share"), Column("Of", is_number=False))  # fmt: skip
    cells, left_out = [], []
    for policy, (name, unit) in POLICIES.items():
        of_policy = worst[worst["policy_type"] == policy]
        cells += [_row(name, unit, row) for row in of_policy.head(SHOWN).to_dict("records")]
        if len(of_policy) > SHOWN:
            left_out.append(f"{len(of_policy) - SHOWN:,} more of {name.lower()}")
    title = f"{words.plural(len(worst), 'place')} where a rule is broken, {words.plural(len(rows), 'month')} in all"
    caption = f"Not listed: {words_of(left_out)}. {NOTE}" if left_out else NOTE
    return Table(title, columns, tuple(cells), caption=caption)


def _row(name: str, unit: str, row: dict) -> tuple[Cell, ...]:
    return (
        Cell(name, "name"),
        Cell(row["object_id"]),
        Cell(words.number(row["months"])),
        Cell(words.short_month(pd.Timestamp(row["period_start_date"]))),
        Cell(words.number(row["base_quantity"])),
        Cell(words.number(row["missed_quantity"]), "strong"),
        Cell(words.percent(row["missed_ratio"])),
        Cell(unit),
    )
