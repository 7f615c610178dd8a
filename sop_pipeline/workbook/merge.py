"""Which statement holds: changes of several people over what was delivered, in the order in which they came.

A change says: I saw `base` and write `value`. It holds where the cell still is what its author saw, or where the author
saw an own earlier value. Where somebody else changed the cell meanwhile, both are in conflict and neither holds until it
is resolved. Where a delivery changed or dropped the row since, the delivery is the newer word and the change is superseded.
Add here: a rule of who is right. Keep out: what values are acceptable (`judge`, `rules`), files.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from sop_pipeline.workbook.changes import WHOLE_ROW, Change, Resolution, Statement
from sop_pipeline.workbook.values import Key, Row

State = Literal["in_force", "replaced", "conflict", "not_taken", "superseded"]
RowName = tuple[str, Key]
Address = tuple[str, Key, str]


@dataclass(frozen=True)
class Said:
    """A change with the statement that it is of; `place` counts from 0 in the statement."""

    statement: Statement
    place: int
    change: Change


@dataclass
class Conflict:
    """People who differ about a cell, or about a whole row; `base` is what stands until it is resolved."""

    table: str
    key: Key
    column: str
    base: str | None
    claims: dict[str, list[Said]] = field(default_factory=dict)


@dataclass(frozen=True)
class Merged:
    """The outcome: rows that were touched (None = gone), who touched each last, and the state of every change."""

    rows: Mapping[RowName, Row | None]
    touched_by: Mapping[RowName, Said]
    states: Mapping[tuple[int, int], State]
    conflicts: tuple[Conflict, ...]
    unresolvable: tuple[Resolution, ...]


@dataclass(frozen=True)
class _Step:
    """A change that was applied: the text before and after (of a cell, or of a whole row as JSON; None = no row).

    `agreed`: who said the same of the cell afterwards.
    """

    said: Said
    before: str | None
    after: str | None
    agreed: list[Said] = field(default_factory=list)

    @property
    def parties(self) -> list[Said]:
        """Everybody whose word it is."""
        return [self.said, *self.agreed]


def replay(
    delivered: Mapping[RowName, Row], statements: Iterable[Statement], tables: Container[str] | None = None
) -> Merged:
    """Apply the statements, in the order of their numbers, to the delivered rows that they speak of.

    `tables`: the inputs that are looked at; what is said of others is passed over.
    """
    return _Replay(delivered, tables).run(sorted(statements, key=lambda statement: statement.number))


class _Replay:
    def __init__(self, delivered: Mapping[RowName, Row], tables: Container[str] | None) -> None:
        self.tables = tables
        self.rows: dict[RowName, dict[str, str | None]] = {name: dict(row) for name, row in delivered.items()}
        self.known = set(self.rows)
        self.steps: dict[Address, list[_Step]] = defaultdict(list)
        self.conflicts: dict[Address, Conflict] = {}
        self.states: dict[tuple[int, int], State] = {}
        self.unresolvable: list[Resolution] = []

    def run(self, statements: Iterable[Statement]) -> Merged:
        for statement in statements:
            if statement.resolution and self.is_looked_at(statement.resolution.table):
                self.resolve(statement.resolution)
            for place, change in enumerate(statement.changes):
                if not self.is_looked_at(change.table):
                    continue
                self.known.add((change.table, change.key))
                self.hear(Said(statement, place, change))
        names = sorted(self.known)
        last: dict[RowName, Said] = {}
        for (table, key, _), steps in self.steps.items():
            for step in steps[-1:]:
                seen = last.get((table, key))
                if seen is None or seen.statement.number <= step.said.statement.number:
                    last[table, key] = step.said
        return Merged(
            rows={name: self.rows.get(name) for name in names},
            touched_by=last,
            states=self.states,
            conflicts=tuple(self.conflicts[address] for address in sorted(self.conflicts)),
            unresolvable=tuple(self.unresolvable),
        )

    def is_looked_at(self, table: str) -> bool:
        return self.tables is None or table in self.tables

    # -- hearing a change

    def hear(self, said: Said) -> None:
        change = said.change
        whole = self.conflicts.get((change.table, change.key, WHOLE_ROW))
        cell = self.conflicts.get((change.table, change.key, change.column or WHOLE_ROW))
        if whole or cell:
            self.join(whole or cell, said)  # type: ignore[arg-type]
        elif change.kind == "update":
            self.hear_update(said)
        elif change.kind == "insert":
            self.hear_insert(said)
        else:
            self.hear_delete(said)

    def hear_update(self, said: Said) -> None:
        change, column = said.change, said.change.column or ""
        row = self.rows.get((change.table, change.key))
        if row is None:
            self.hear_update_of_a_row_that_is_gone(said)
            return
        steps, current = self.steps[change.table, change.key, column], row.get(column)
        if current == change.value:
            self.agree(said, steps)
        elif current == change.base or (steps and steps[-1].said.statement.author == said.statement.author):
            self.apply(said)
        elif steps:
            # the part of the cell's story that the author had not seen
            chain = [steps[0].before, *(step.after for step in steps)]
            seen = max((i for i, text in enumerate(chain) if text == change.base), default=0)
            row[column] = chain[seen]
            self.open((change.table, change.key, column), chain[seen], [*steps[-1].parties, said])
            del steps[seen:]
        else:
            self.mark(said, "superseded")

    def hear_update_of_a_row_that_is_gone(self, said: Said) -> None:
        change = said.change
        steps = self.steps[change.table, change.key, WHOLE_ROW]
        if steps and steps[-1].after is None and steps[-1].said.statement.author != said.statement.author:
            gone = steps.pop()
            self.rows[change.table, change.key] = json.loads(gone.before or "{}")
            self.open((change.table, change.key, WHOLE_ROW), gone.before, [*gone.parties, said])
        else:
            self.mark(said, "superseded")

    def hear_insert(self, said: Said) -> None:
        change, name = said.change, (said.change.table, said.change.key)
        row, steps = self.rows.get(name), self.steps[*name, WHOLE_ROW]
        if row is None or (steps and steps[-1].said.statement.author == said.statement.author):
            self.apply(said)
        elif row == dict(change.row or {}):
            self.agree(said, steps)
        elif steps:
            added = steps.pop()
            del self.rows[name]
            self.open((*name, WHOLE_ROW), None, [*added.parties, said])
        else:
            self.mark(said, "superseded")

    def hear_delete(self, said: Said) -> None:
        name = (said.change.table, said.change.key)
        row, seen = self.rows.get(name), dict(said.change.row or {})
        if row is None:
            self.agree(said, self.steps[*name, WHOLE_ROW])
            return
        changed = [column for column in row if row[column] != seen.get(column)]
        others = {
            column: steps[-1].parties
            for column in changed
            if (steps := self.steps[*name, column])
            and steps[-1].said.statement.author != said.statement.author
        }
        if others:
            for column in others:
                row[column] = seen.get(column)
                self.steps[*name, column].clear()
            self.open(
                (*name, WHOLE_ROW),
                json.dumps(row),
                [*(one for all_of in others.values() for one in all_of), said],
            )
        elif any(not self.steps[*name, column] for column in changed):
            self.mark(said, "superseded")
        else:
            self.apply(said)

    # -- applying

    def apply(self, said: Said) -> None:
        change, name = said.change, (said.change.table, said.change.key)
        before = self.rows.get(name)
        if change.kind == "update":
            row = self.rows.setdefault(name, {})
            column = change.column or ""
            self.push((*name, column), _Step(said, row.get(column), change.value))
            row[column] = change.value
            return
        text = json.dumps(before) if before is not None else None
        if change.kind == "insert":
            self.rows[name] = dict(change.row or {})
            self.push((*name, WHOLE_ROW), _Step(said, text, json.dumps(self.rows[name])))
        else:
            self.rows.pop(name, None)
            self.push((*name, WHOLE_ROW), _Step(said, text, None))

    def agree(self, said: Said, steps: list[_Step]) -> None:
        """Somebody says what stands already."""
        if steps:
            steps[-1].agreed.append(said)
        self.mark(said, "in_force")

    def push(self, address: Address, step: _Step) -> None:
        for earlier in self.steps[address][-1:]:
            for party in earlier.parties:
                self.mark(party, "replaced")
        self.steps[address].append(step)
        self.mark(step.said, "in_force")

    def mark(self, said: Said, state: State) -> None:
        self.states[said.statement.number, said.place] = state

    # -- conflicts

    def open(self, address: Address, base: str | None, parties: list[Said]) -> None:
        conflict = self.conflicts[address] = Conflict(*address, base)
        for said in parties:
            self.claim(conflict, said)

    def claim(self, conflict: Conflict, said: Said) -> None:
        claims = conflict.claims.setdefault(said.statement.author, [])
        again = [
            one for one in claims if one.change.column == said.change.column or said.change.kind != "update"
        ]
        for one in again:
            self.mark(one, "replaced")
            claims.remove(one)
        claims.append(said)
        self.mark(said, "conflict")

    def join(self, conflict: Conflict, said: Said) -> None:
        """Somebody speaks about what is in conflict: agreement of all ends it."""
        self.claim(conflict, said)
        if len({tuple(one.change.says() for one in claims) for claims in conflict.claims.values()}) == 1:
            self.close(conflict, said.statement.author)

    def resolve(self, resolution: Resolution) -> None:
        conflict = self.conflicts.get((resolution.table, resolution.key, resolution.column))
        if conflict is None or resolution.take not in conflict.claims:
            self.unresolvable.append(resolution)
            return
        self.close(conflict, resolution.take)

    def close(self, conflict: Conflict, taken: str) -> None:
        del self.conflicts[conflict.table, conflict.key, conflict.column]
        word = [said.change.says() for said in conflict.claims[taken]]
        for said in conflict.claims.pop(taken):
            self.apply(said)
        for claims in conflict.claims.values():
            is_same = [said.change.says() for said in claims] == word
            for said in claims:
                if is_same and len(word) == 1:
                    address = (conflict.table, conflict.key, said.change.column or WHOLE_ROW)
                    self.agree(said, self.steps[address])
                else:
                    self.mark(said, "in_force" if is_same else "not_taken")
