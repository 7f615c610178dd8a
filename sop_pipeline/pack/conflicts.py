"""Where departments say different things of the same quarter.

Add here: a view of conflicts between streams. Keep out: when two streams differ enough (marts).
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from sop_pipeline.pack import words
from sop_pipeline.pack.content import Block, Cell, Column, Section, Table, absent
from sop_pipeline.pack.inputs import Pack

STREAMS = {
    "statistical": "statistics",
    "marketing": "marketing",
    "sales": "sales",
    "budget": "budget",
    "final": "demand plan",
}
"""Stream -> what the meeting calls it."""
SHOWN = 12


def section(pack: Pack) -> Section:
    question = "Where do departments say different things, and who decides?"
    return Section("conflicts", "Conflicts between departments", question, (conflicts(pack),))


def conflicts(pack: Pack) -> Block:
    """The dearest first; what is resolved stays in the table of the release."""
    rows = pack.rows("marts.fct_conflicts")
    unresolved = rows[rows["conflict_status"] != "resolved"]
    if unresolved.empty:
        return absent(
            "No two streams differ by more than declared."
            if rows.empty
            else f"All of {words.plural(len(rows), 'conflict')} have been decided."
        )
    lines = _lines(unresolved)
    cells = tuple(_row(line) for line in lines[:SHOWN])
    columns = (Column("Family", is_number=False), Column("Channel", is_number=False), Column("Quarter", is_number=False),
               Column("Says", is_number=False), Column("Against", is_number=False), Column("Difference"),
               Column("Money", pack.currency_code), Column("Decided by", is_number=False))  # fmt: skip
    title = f"{words.plural(len(unresolved), 'conflict')} not resolved, of {len(rows)}"
    rest = len(lines) - len(cells)
    caption = (
        "Largest in money first; streams that say the same stand in one line. "
        + (f"{words.plural(rest, 'line')} of less money not listed. " if rest else "")
        + "Each conflict has a name in marts.fct_conflicts: a decision whose question holds the name, or an issue whose "
        "evidence does, takes it on."
    )
    return Table(title, columns, cells, caption=caption)


def _lines(unresolved: pd.DataFrame) -> list[dict]:
    """One line for conflicts that differ in nothing but the names of their streams."""
    same = ["family_id", "channel_id", "quarter_start_date", "value_a", "value_b", "difference_ratio", "conflict_value",
            "record_id"]  # fmt: skip
    joined = (
        unresolved.sort_values("conflict_id")
        .groupby(same, as_index=False, dropna=False, sort=False)
        .agg(
            conflict_id=("conflict_id", "first"), party_a=("party_a", "unique"), party_b=("party_b", "unique")
        )
    )
    lines: list[dict] = joined.sort_values(
        ["conflict_value", "conflict_id"], ascending=[False, True]
    ).to_dict("records")
    return lines


def _row(row: dict) -> tuple[Cell, ...]:
    quarter = pd.Timestamp(row["quarter_start_date"])
    taken_on = row["record_id"] if not pd.isna(row["record_id"]) else "nobody yet"
    return (
        Cell(row["family_id"], "name"),
        Cell(row["channel_id"]),
        Cell(f"{quarter.year} Q{quarter.quarter}"),
        Cell(_said(row["party_a"], row["value_a"])),
        Cell(_said(row["party_b"], row["value_b"])),
        Cell(words.percent(row["difference_ratio"], signed=True)),
        Cell(words.number(row["conflict_value"]), "strong"),
        Cell(taken_on),
    )


def _said(parties: Iterable[str], value: float) -> str:
    return f"{', '.join(STREAMS[party] for party in parties)} {words.number(value)}"
