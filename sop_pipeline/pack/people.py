"""What people entered: problems, actions, decisions and events that the meeting speaks about, and who changed which input.

Add here: another list that people keep. Keep out: what follows from an input in figures (the other sections).
"""

from __future__ import annotations

from sop_pipeline.pack import words
from sop_pipeline.pack.content import Block, Cell, Column, Section, Table, absent
from sop_pipeline.pack.inputs import Pack

SEVERITIES = ("blocking", "high", "medium", "low")
STATES = {
    "in_force": "in force",
    "conflict": "two people differ: not in force",
    "superseded": "the delivery has changed since: not in force",
}
"""What the meeting hears of changes; what was replaced or settled is history, in ingest.planner_changes."""


def section(pack: Pack) -> Section:
    question = "What do people know, ask and promise that the figures do not say?"
    blocks = (issues(pack), actions(pack), decisions(pack), events(pack), changes(pack))
    return Section("people", "What people entered", question, blocks)


def issues(pack: Pack) -> Block:
    """Open problems, the worst first; one that blocks and has no action stands out."""
    rows = pack.rows("marts.fct_issues")
    rows = rows[rows["is_open"].astype(bool)]
    if rows.empty:
        return absent("No issue is open.")
    rows = rows.assign(rank=rows["severity"].map({name: n for n, name in enumerate(SEVERITIES)}))
    rows = rows.sort_values(["rank", "issue_id"])
    cells = tuple(
        (
            Cell(row["issue_name"], "name"),
            Cell(row["severity"], "red" if row["needs_action"] else ""),
            Cell("none ◆ needs one" if row["needs_action"] else words.number(row["action_count"])),
            Cell(row["owner"]),
        )
        for row in rows.to_dict("records")
    )
    columns = (Column("Issue", is_number=False), Column("Severity", is_number=False), Column("Actions"), Column("Owner", is_number=False))  # fmt: skip
    return Table(words.plural(len(rows), "open issue"), columns, cells)


def actions(pack: Pack) -> Block:
    """Open actions, the latest first."""
    rows = pack.rows("marts.fct_actions")
    rows = rows[rows["is_open"].astype(bool)].sort_values(
        ["days_overdue", "due_date", "action_id"], ascending=[False, True, True]
    )
    if rows.empty:
        return absent("No action is open.")
    late = int((rows["days_overdue"] > 0).sum())
    cells = tuple(
        (
            Cell(row["action_name"], "name"),
            Cell(row["owner"]),
            Cell(f"{row['due_date']:%Y-%m-%d}"),
            Cell(words.plural(int(row["days_overdue"]), "day"), "red")
            if row["days_overdue"] > 0
            else Cell(words.EMPTY),
        )
        for row in rows.to_dict("records")
    )
    columns = (Column("Action", is_number=False), Column("Owner", is_number=False), Column("Due", is_number=False), Column("Late"))  # fmt: skip
    return Table(f"{words.plural(len(rows), 'open action')}, {late} late", columns, cells)


def decisions(pack: Pack) -> Block:
    """Questions that wait for the meeting."""
    rows = pack.rows("marts.fct_decisions")
    rows = rows[rows["is_open"].astype(bool)].sort_values("decision_id")
    if rows.empty:
        return absent("No decision waits for the meeting.")
    cells = tuple(
        (
            Cell(row["question"], "name"),
            Cell(row["options"]),
            Cell(row["recommendation"] or words.EMPTY),
            Cell(words.number(row["money_effect"], signed=True)),
            Cell(row["approver"]),
        )
        for row in rows.to_dict("records")
    )
    columns = (Column("Question", is_number=False), Column("Options", is_number=False),
               Column("Recommended", is_number=False), Column("Effect", pack.currency_code), Column("Decides", is_number=False))  # fmt: skip
    return Table(f"{words.plural(len(rows), 'decision')} to take", columns, cells)


def events(pack: Pack) -> Block:
    """What may move a figure in the horizon, with what is to be expected of it."""
    rows = pack.rows("marts.fct_events")
    rows = rows[rows["is_in_horizon"].astype(bool) & (rows["event_status"] != "cancelled")]
    if rows.empty:
        return absent("No event is expected in the horizon.")
    cells = tuple(
        (
            Cell(row["event_name"], "name"),
            Cell(row["scope_id"]),
            Cell(f"{words.short_month(row['first_period_start_date'])} to {words.short_month(row['last_period_start_date'])}"),
            Cell(words.percent(row["probability_ratio"])),
            Cell(f"{words.number(row['expected_impact_value'], signed=True)} {row['metric'].replace('_', ' ')}"),
            Cell(row["owner"]),
        )
        for row in rows.sort_values("event_id").to_dict("records")
    )  # fmt: skip
    columns = (Column("Event", is_number=False), Column("Touches", is_number=False), Column("When", is_number=False),
               Column("Probability"), Column("To be expected"), Column("Owner", is_number=False))  # fmt: skip
    caption = (
        "To be expected: the effect if it happens, times its probability. The plan does not reckon with it."
    )
    return Table(words.plural(len(rows), "event"), columns, cells, caption=caption)


def changes(pack: Pack) -> Block:
    """Who changed which input by a file, and what of it is in force."""
    if "planner_changes" not in pack.tables:
        return absent("Changes of inputs were not handed to this pack: they stand in ingest.planner_changes.")
    rows = pack.rows("planner_changes")
    rows = rows[rows["change_state"].isin(list(STATES))]
    if rows.empty:
        return absent("Nobody changed an input by workbook; inputs are as they were delivered.")
    counted = rows.groupby(["table_name", "author", "change_state"], as_index=False).agg(
        count=("row_key", "size")
    )
    cells = tuple(
        (
            Cell(words.sentence_case(row["table_name"].removeprefix("planner.")), "name"),
            Cell(row["author"]),
            Cell(words.number(row["count"]), "strong"),
            Cell(STATES[row["change_state"]], "" if row["change_state"] == "in_force" else "red"),
        )
        for row in counted.to_dict("records")
    )
    columns = (Column("Input", is_number=False), Column("By", is_number=False), Column("Changes"), Column("State", is_number=False))  # fmt: skip
    caption = (
        "Each change stands in ingest.planner_changes: what it was, what it is, from which file and row."
    )
    return Table("Changes of inputs", columns, cells, caption=caption)
