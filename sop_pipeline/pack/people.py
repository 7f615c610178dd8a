"""What people entered: problems, actions, decisions, events and assumptions that the meeting speaks about, what became of
them, and who changed which input.

Add here: another list that people keep. Keep out: what follows from an input in figures (the other sections).
"""

from __future__ import annotations

from sop_pipeline.pack import words
from sop_pipeline.pack.content import Block, Cell, Column, Section, Table, absent
from sop_pipeline.pack.inputs import Pack

DELTAS_SHOWN = 12
SEVERITIES = ("blocking", "high", "medium", "low")
STATES = {
    "in_force": "in force",
    "conflict": "two people differ: not in force",
    "superseded": "the delivery has changed since: not in force",
}
"""What the meeting hears of changes; what was replaced or settled is history, in ingest.planner_changes."""


def section(pack: Pack) -> Section:
    question = "What do people know, ask and promise that the figures do not say?"
    blocks = (
        issues(pack),
        actions(pack),
        effects(pack),
        decisions(pack),
        assumptions(pack),
        events(pack),
        activity_deltas(pack),
        changes(pack),
    )
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
            Cell(row["action_name"] + (" (carried over)" if row["is_carried_over"] else ""), "name"),
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


def effects(pack: Pack) -> Block:
    """What finished actions did, beside what was expected of them."""
    rows = pack.rows("marts.fct_actions")
    rows = rows[rows["effect_state"] == "measured"].sort_values(["closed_date", "action_id"])
    if rows.empty:
        return absent("No effect of a finished action has been measured yet.")
    cells = tuple(
        (
            Cell(row["action_name"], "name"),
            Cell(words.sentence_case(row["metric"])),
            Cell(words.number(row["before_value"], 3)),
            Cell(words.number(row["after_value"], 3)),
            Cell(words.number(row["verified_effect_value"], 3, signed=True), "strong"),
            Cell(_expected_effect(row)),
        )
        for row in rows.to_dict("records")
    )
    columns = (Column("Action", is_number=False), Column("Measured by", is_number=False), Column("Before"), Column("After"),
               Column("Effect"), Column("Expected"))  # fmt: skip
    caption = "Before: the three months before it was opened. After: the closed months after it was done, three at most."
    return Table(f"{words.plural(len(rows), 'effect')} measured", columns, cells, caption=caption)


def _expected_effect(row: dict) -> str:
    if words.is_empty(row["expected_effect_value"]):
        return words.EMPTY
    unit = "" if words.is_empty(row["effect_unit"]) else f" {row['effect_unit']}"
    return words.number(row["expected_effect_value"], 3, signed=True) + unit


ASSUMPTION_STATES = ("broken", "expired", "held", "open", "not_testable")
"""In the order in which the meeting reads them."""


def assumptions(pack: Pack) -> Block:
    """What the plan rests on, and whether the actuals bear it out; what does not hold first."""
    rows = pack.rows("marts.fct_assumption_results")
    if rows.empty:
        return absent("No assumption is registered.")
    rows = rows.assign(rank=rows["state"].map({name: n for n, name in enumerate(ASSUMPTION_STATES)}))
    rows = rows.sort_values(["rank", "assumption_id"])
    cells = tuple(
        (
            Cell(row["statement"], "name"),
            Cell(words.number(row["expected_value"], 3)),
            Cell(words.number(row["tolerance_value"], 3)),
            Cell(words.number(row["actual_value"], 3), "strong"),
            Cell(words.EMPTY if words.is_empty(row["unit"]) else row["unit"]),
            Cell(_state_words(row), "red" if row["state"] == "broken" else ""),
            Cell(row["owner"]),
        )
        for row in rows.to_dict("records")
    )
    columns = (Column("Assumption", is_number=False), Column("Expected"), Column("± "), Column("Measured"),
               Column("Unit", is_number=False), Column("State", is_number=False), Column("Owner", is_number=False))  # fmt: skip
    ratio = rows["hit_ratio"].iloc[0]
    held = (
        "none could be measured yet"
        if words.is_empty(ratio)
        else f"{words.percent(ratio)} of those measured hold"
    )
    return Table(f"{words.plural(len(rows), 'assumption')}, {held}", columns, cells)


def _state_words(row: dict) -> str:
    if row["state"] == "expired":
        return "over: it held" if bool(row["is_within_tolerance"]) else "over: it did not hold"
    return row["state"].replace("_", " ")


def activity_deltas(pack: Pack) -> Block:
    """What changed in activity plans since the cycle before; what came too late to supply for first."""
    rows = pack.rows("marts.fct_activity_deltas")
    if rows.empty:
        return absent(
            "Activity plans of the coming months are as the cycle before released them, or it released none."
        )
    late = int(rows["is_in_frozen_zone"].astype(bool).sum())
    rows = rows.assign(size=rows["expected_change_units"].abs()).sort_values(
        ["is_in_frozen_zone", "size", "activity_id", "item_id", "site_id", "channel_id"],
        ascending=[False, False, True, True, True, True],
    )
    cells = tuple(
        (
            Cell(row["activity_name"], "name"),
            Cell(f"{row['item_id']} @ {row['site_id']} / {row['channel_id']}"),
            Cell(row["delta_type"]),
            Cell(
                words.short_month(row["first_changed_period_start_date"])
                + (" ◆ frozen" if row["is_in_frozen_zone"] else ""),
                "red" if row["is_in_frozen_zone"] else "",
            ),
            Cell(words.number(row["expected_change_units"], signed=True), "strong"),
            Cell(words.EMPTY if words.is_empty(row["owner"]) else row["owner"]),
        )
        for row in rows.head(DELTAS_SHOWN).to_dict("records")
    )
    columns = (Column("Activity", is_number=False), Column("Series", is_number=False), Column("Change", is_number=False),
               Column("From", is_number=False), Column("To be expected", "units"), Column("Owner", is_number=False))  # fmt: skip
    caption = f"The first {DELTAS_SHOWN}." if len(rows) > DELTAS_SHOWN else ""
    title = f"{words.plural(len(rows), 'activity plan')} changed since the cycle before, {late} inside the frozen zone"
    return Table(title, columns, cells, caption=caption)


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
