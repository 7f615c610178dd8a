"""Which statement holds, where several people speak about the same cells and deliveries go on."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sop_pipeline.workbook.changes import WHOLE_ROW, Change, Resolution, Statement
from sop_pipeline.workbook.merge import Merged, replay

KEY = ("OV-1", "2026-03-01")
NAME = ("overrides", KEY)
ROW = {"override_id": "OV-1", "override_value": "3", "owner": "plan"}
CELL = ("overrides", KEY, "override_value")


def said(number: int, author: str, *changes: Change, cycle_id: str = "2026-03") -> Statement:
    return Statement(number, author, cycle_id, "2026-03-02T09:00:00+01:00", "file.xlsx", "f" * 64, changes)


def cell(base: str | None, value: str | None, column: str = "override_value", key: Any = KEY) -> Change:
    return Change("overrides", key, "update", column, base, value, row_number=6)


def new_row(value: str) -> Change:
    return Change("overrides", KEY, "insert", row=ROW | {"override_value": value})


def gone(row: dict[str, Any] = ROW) -> Change:
    return Change("overrides", KEY, "delete", row=row)


def settled(number: int, take: str, column: str = "override_value") -> Statement:
    return Statement(
        number, "chair", "2026-03", "later", resolution=Resolution("overrides", KEY, column, take)
    )


def value(merged: Merged) -> str | None:
    row = merged.rows[NAME]
    assert row is not None
    return row["override_value"]


def states(merged: Merged) -> list[str]:
    return [merged.states[place] for place in sorted(merged.states)]


def test_a_change_holds_where_the_cell_is_as_its_author_saw_it() -> None:
    merged = replay({NAME: ROW}, [said(1, "anna", cell("3", "5"))])
    assert value(merged) == "5"
    assert merged.touched_by[NAME].statement.author == "anna"


def test_two_people_who_differ_are_both_listed_and_neither_holds() -> None:
    merged = replay({NAME: ROW}, [said(1, "anna", cell("3", "5")), said(2, "bert", cell("3", "7"))])
    (conflict,) = merged.conflicts
    assert value(merged) == "3"
    assert sorted(conflict.claims) == ["anna", "bert"]
    assert states(merged) == ["conflict", "conflict"]
    assert NAME not in merged.touched_by


def test_two_people_who_agree_are_no_conflict() -> None:
    merged = replay({NAME: ROW}, [said(1, "anna", cell("3", "5")), said(2, "bert", cell("3", "5"))])
    assert (value(merged), merged.conflicts) == ("5", ())


def test_different_cells_of_one_row_are_no_conflict() -> None:
    statements = [said(1, "anna", cell("3", "5")), said(2, "bert", cell("plan", "bert", "owner"))]
    merged = replay({NAME: ROW}, statements)
    assert merged.rows[NAME] == ROW | {"override_value": "5", "owner": "bert"}


def test_who_has_seen_the_other_s_change_may_change_it_again() -> None:
    merged = replay({NAME: ROW}, [said(1, "anna", cell("3", "5")), said(2, "bert", cell("5", "7"))])
    assert (value(merged), states(merged)) == ("7", ["replaced", "in_force"])


def test_an_author_may_correct_an_own_value_from_an_old_export() -> None:
    merged = replay({NAME: ROW}, [said(1, "anna", cell("3", "5")), said(2, "anna", cell("3", "6"))])
    assert value(merged) == "6"


def test_whoever_missed_two_changes_is_in_conflict_with_the_last() -> None:
    # bert exported when the cell was 3; anna has made it 5, then 6
    statements = [said(1, "anna", cell("3", "5")), said(2, "anna", cell("5", "6")), said(3, "bert", cell("3", "7"))]  # fmt: skip
    merged = replay({NAME: ROW}, statements)
    assert value(merged) == "3"
    assert [one.change.value for one in merged.conflicts[0].claims["anna"]] == ["6"]


def test_a_conflict_is_settled_for_one_and_life_goes_on() -> None:
    differ = [said(1, "anna", cell("3", "5")), said(2, "bert", cell("3", "7"))]
    merged = replay({NAME: ROW}, [*differ, settled(3, "bert")])
    assert (value(merged), merged.conflicts) == ("7", ())
    assert states(merged) == ["not_taken", "in_force"]
    later = replay({NAME: ROW}, [*differ, settled(3, "bert"), said(4, "carl", cell("7", "8"))])
    assert value(later) == "8"


def test_a_conflict_ends_when_one_gives_in() -> None:
    statements = [said(1, "anna", cell("3", "5")), said(2, "bert", cell("3", "7")), said(3, "anna", cell("3", "7"))]  # fmt: skip
    merged = replay({NAME: ROW}, statements)
    assert (value(merged), merged.conflicts) == ("7", ())


def test_a_third_voice_joins_the_conflict() -> None:
    statements = [said(number, who, cell("3", what)) for number, who, what in ((1, "anna", "5"), (2, "bert", "7"), (3, "carl", "9"))]  # fmt: skip
    merged = replay({NAME: ROW}, statements)
    assert value(merged) == "3"
    assert sorted(merged.conflicts[0].claims) == ["anna", "bert", "carl"]


def test_a_resolution_for_somebody_who_said_nothing_changes_nothing() -> None:
    merged = replay({NAME: ROW}, [said(1, "anna", cell("3", "5")), settled(2, "bert")])
    assert (value(merged), len(merged.unresolvable)) == ("5", 1)


def test_a_later_delivery_of_another_value_is_the_newer_word() -> None:
    merged = replay({NAME: ROW | {"override_value": "4"}}, [said(1, "anna", cell("3", "5"))])
    assert (value(merged), states(merged)) == ("4", ["superseded"])


def test_a_change_of_a_row_that_is_delivered_no_more_has_had_its_day() -> None:
    merged = replay({}, [said(1, "anna", cell("3", "5"))])
    assert (merged.rows[NAME], states(merged)) == (None, ["superseded"])


def test_a_row_that_was_taken_out_stays_out_while_it_is_delivered_as_it_was() -> None:
    assert replay({NAME: ROW}, [said(1, "anna", gone())]).rows[NAME] is None
    newer = replay({NAME: ROW | {"owner": "new"}}, [said(1, "anna", gone())])
    assert newer.rows[NAME] == ROW | {"owner": "new"}


def test_one_takes_a_row_out_and_another_changes_it() -> None:
    for statements in (
        [said(1, "anna", gone()), said(2, "bert", cell("3", "7"))],
        [said(1, "bert", cell("3", "7")), said(2, "anna", gone())],
    ):
        merged = replay({NAME: ROW}, statements)
        (conflict,) = merged.conflicts
        assert conflict.column == WHOLE_ROW
        assert merged.rows[NAME] == ROW
        assert replay({NAME: ROW}, [*statements, settled(3, "anna", WHOLE_ROW)]).rows[NAME] is None
        taken = replay({NAME: ROW}, [*statements, settled(3, "bert", WHOLE_ROW)])
        assert value(taken) == "7"


def test_two_people_add_a_row_of_one_key() -> None:
    merged = replay({}, [said(1, "anna", new_row("5")), said(2, "bert", new_row("7"))])
    assert merged.rows[NAME] is None
    assert merged.conflicts[0].base is None
    taken = replay({}, [said(1, "anna", new_row("5")), said(2, "bert", new_row("7")), settled(3, "anna", WHOLE_ROW)])  # fmt: skip
    assert value(taken) == "5"


def test_a_row_that_somebody_added_is_changed_like_any_other() -> None:
    merged = replay({}, [said(1, "anna", new_row("5")), said(2, "bert", cell("5", "7"))])
    assert (value(merged), merged.touched_by[NAME].statement.author) == ("7", "bert")


def test_statements_are_read_back_as_they_were_kept() -> None:
    for one in (said(1, "anna", cell("3", "5"), new_row("5"), gone()), settled(2, "anna")):
        assert Statement.from_json(json.loads(json.dumps(one.to_json()))) == one


AUTHORS = st.sampled_from(["anna", "bert", "carl"])
VALUES = st.sampled_from([None, "3", "5", "7"])


@st.composite
def stories(draw: st.DrawFn) -> list[Statement]:
    """People who export at any time and import at any later one."""
    statements: list[Statement] = []
    exported: dict[str, str | None] = {}
    for number in range(1, draw(st.integers(1, 8)) + 1):
        author = draw(AUTHORS)
        if author not in exported or draw(st.booleans()):
            row = replay({NAME: ROW}, statements).rows.get(NAME, ROW)
            exported[author] = (row or ROW)["override_value"]
        base, written = exported[author], draw(VALUES)
        statements.append(said(number, author, *([cell(base, written)] if base != written else [])))
    return statements


@settings(max_examples=300, deadline=None)
@given(stories())
def test_laws_of_any_story(statements: list[Statement]) -> None:
    merged = replay({NAME: ROW}, statements)
    current = (merged.rows.get(NAME) or ROW)["override_value"]
    said_values = {change.value for one in statements for change in one.changes}
    # what stands was delivered or said by somebody
    assert current == "3" or current in said_values
    # every change has a state, and who is in conflict is listed
    assert len(merged.states) == sum(len(one.changes) for one in statements)
    listed = {one.statement.number for conflict in merged.conflicts for claims in conflict.claims.values() for one in claims}  # fmt: skip
    assert {number for (number, _), state in merged.states.items() if state == "conflict"} == listed
    for conflict in merged.conflicts:
        assert len(conflict.claims) > 1
        assert current == conflict.base
    # what is in force is what its author wrote
    for (number, place), state in merged.states.items():
        change = next(one for one in statements if one.number == number).changes[place]
        assert state != "in_force" or change.value == current
    # a settled conflict gives the taken word, and leaves none
    for conflict in merged.conflicts:
        for author, claims in conflict.claims.items():
            done = replay({NAME: ROW}, [*statements, settled(99, author)])
            assert done.conflicts == ()
            assert (done.rows[NAME] or {})["override_value"] == claims[-1].change.value


@settings(max_examples=100, deadline=None)
@given(st.permutations([0, 1, 2]))
def test_changes_of_different_cells_commute(order: list[int]) -> None:
    changes = [cell("3", "5"), cell("plan", "bert", "owner"), cell("OV-1", "OV-2", "override_id")]
    statements = [said(number, f"author {place}", changes[place]) for number, place in enumerate(order, 1)]
    assert replay({NAME: ROW}, statements).rows[NAME] == {"override_id": "OV-2", "override_value": "5", "owner": "bert"}  # fmt: skip
