"""Files that planners send: judged against what is in force, kept, answered; and conflicts between people settled.

Add here: what happens to a file that came back. Keep out: what is in force and what may be seen (`planner_inputs`), what a
workbook is (workbook), what commands say (`cli`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sop_pipeline.planner_inputs import PARAMETERS_TABLE, Desk, end_of
from sop_pipeline.settings import SettingsError
from sop_pipeline.workbook import journal
from sop_pipeline.workbook.changes import Resolution, Statement
from sop_pipeline.workbook.content import Content
from sop_pipeline.workbook.contract import ROLES, label, schema_hash
from sop_pipeline.workbook.judge import Rejection
from sop_pipeline.workbook.lake_rows import InForce, texts_of
from sop_pipeline.workbook.merge import Conflict
from sop_pipeline.workbook.parse import ParsedFile, read_csv_table, read_workbook
from sop_pipeline.workbook.receive import Received, receive
from sop_pipeline.workbook.reply import Answer, marked_sheet, write_reply
from sop_pipeline.workbook.security import RefusedFile
from sop_pipeline.workbook.values import Row, key_of, key_words

LONGEST_AUTHOR = 60


@dataclass(frozen=True)
class Receipt:
    """What became of one file. `taken`, `superseded`: changes in words; `number`: of the import, None where none was kept."""

    file: str
    number: int | None
    rows_read: int
    taken: tuple[str, ...]
    rejections: tuple[Rejection, ...]
    conflicts: tuple[Conflict, ...]
    superseded: tuple[str, ...]
    warnings: tuple[str, ...]
    reply: bytes | None = None
    is_repeated: bool = False

    @property
    def is_clean(self) -> bool:
        """Nothing was left out and nothing is to settle."""
        return not (self.rejections or self.conflicts or self.superseded)


def take_in(desk: Desk, file: Path, author: str, imported_at: datetime, may_empty: bool = False) -> Receipt:
    """Judge a file, keep it, and let what is good in it hold from the next refresh on.

    Raises RefusedFile for a file that may not be opened or belongs to another cycle or company, SettingsError for an author
    without a name. A file that is no plain table is refused whole, with every place that says so in the receipt.
    """
    _refuse_nameless(author)
    parsed = (
        read_csv_table(file, desk.contracts)
        if file.suffix.lower() == ".csv"
        else read_workbook(file, desk.contracts)
    )
    _refuse_foreign(desk, parsed)
    with journal.held(desk.landing):
        return _take_in(desk, file, parsed, author, imported_at, may_empty)


def _take_in(
    desk: Desk, file: Path, parsed: ParsedFile, author: str, imported_at: datetime, may_empty: bool
) -> Receipt:
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    earlier = [entry for entry in journal.entries(desk.landing) if entry.statement.sha256 == sha256]
    if any(not entry.rejected for entry in earlier):
        return Receipt(file.name, earlier[-1].statement.number, 0, (), (), (), (), (), is_repeated=True)
    statements = journal.statements_until(desk.landing, desk.cycle_id)
    tables = [*(table.contract.name for table in parsed.tables), PARAMETERS_TABLE]
    before = desk.in_force(statements, tables)
    received = _received(desk, parsed, before, may_empty)
    said_before = {change for entry in earlier for change in map(_repeatable, entry.statement.changes)}
    changes = tuple(change for change in received.changes if _repeatable(change) not in said_before)
    number = max((entry.statement.number for entry in journal.entries(desk.landing)), default=0) + 1
    statement = Statement(
        number, author, desk.cycle_id, imported_at.isoformat(timespec="seconds"), file.name, sha256, changes
    )
    after = desk.in_force([*statements, statement], tables) if changes else before
    warnings = (*parsed.warnings, *received.notes)
    facts = {
        name: parsed.facts[name]
        for name in ("role", "release_id", "exported_at", "template_version")
        if name in parsed.facts
    }
    rejected = tuple(rejection.to_json() for rejection in received.rejections)
    kept = journal.keep(desk.landing, journal.Entry(statement, rejected, warnings, facts), file)
    receipt = _receipt(kept.statement, after, received, warnings, parsed)
    return (
        receipt
        if receipt.is_clean
        else replace(receipt, reply=_reply(desk, parsed, received, after, receipt, author, imported_at))
    )


def _repeatable(change: Any) -> tuple[Any, ...]:
    return change.table, change.key, change.kind, change.column, change.base, change.value


def _received(desk: Desk, parsed: ParsedFile, before: InForce, may_empty: bool) -> Received:
    if parsed.problems:
        refused = [
            Rejection(one["sheet"], one["row"], one["column"], one["value"], one["rule"], one["fix"])
            for one in parsed.problems
        ]
        return Received(rejections=refused, rows_read=sum(len(table.rows) for table in parsed.tables))
    current = {
        table.contract.name: {
            key_of(row, table.contract.grain): row
            for row in texts_of(before.tables[table.contract.name], table.contract)
        }
        for table in parsed.tables
    }
    return receive(parsed, current, desk.keys, desk.context(before), may_empty)


def _receipt(
    statement: Statement, after: InForce, received: Received, warnings: tuple[str, ...], parsed: ParsedFile
) -> Receipt:
    states = after.merged.states
    words: dict[str, list[str]] = {"in_force": [], "superseded": []}
    for place, change in enumerate(statement.changes):
        state = states.get((statement.number, place))
        if state in words:
            words[state].append(change_words(change))
    mine = tuple(
        one
        for one in after.merged.conflicts
        if any(said.statement.number == statement.number for claims in one.claims.values() for said in claims)
    )
    return Receipt(
        parsed.path.name,
        statement.number,
        received.rows_read,
        tuple(words["in_force"]),
        tuple(received.rejections),
        mine,
        tuple(words["superseded"]),
        warnings,
    )


def change_words(change: Any) -> str:
    """A change as people read it."""
    where = f"{label(change.table)}, {key_words(change.key)}"
    if change.kind == "insert":
        return f"{where}: new row"
    if change.kind == "delete":
        return f"{where}: row taken out"
    shown = [text if text is not None else "(empty)" for text in (change.base, change.value)]
    return f"{where}: {label(change.column or '')} {shown[0]} -> {shown[1]}"


def _reply(
    desk: Desk,
    parsed: ParsedFile,
    received: Received,
    after: InForce,
    receipt: Receipt,
    author: str,
    imported_at: datetime,
) -> bytes:
    by_place = {table.contract.name: table.place for table in parsed.tables}
    sheets = []
    for contract in desk.contracts:
        name = contract.name
        if name not in by_place or parsed.problems:
            continue
        mine = [one for one in receipt.rejections if one.sheet == by_place[name]]
        differ = [one for one in after.merged.conflicts if one.table == name]
        if name in received.held_back or differ:
            rows: list[Row] = list(texts_of(after.tables[name], contract))
            sheets.append(marked_sheet(contract, rows, received.held_back.get(name, {}), mine, differ))
    content = Content(
        company=desk.settings.company,
        cycle_id=desk.cycle_id,
        role=parsed.facts.get("role", "planner"),
        until=end_of(desk.cycle_id),
        facts=desk.facts(imported_at),
        inputs=sheets,
        references=(),
        keys=desk.keys,
    )
    return write_reply(
        content,
        Answer(
            parsed.path.name,
            author,
            receipt.taken,
            receipt.rejections,
            receipt.conflicts,
            receipt.superseded,
            receipt.warnings,
        ),
    )


def _refuse_nameless(author: str) -> None:
    if not author.strip() or not author.isprintable() or len(author) > LONGEST_AUTHOR:
        raise SettingsError(
            f"--author names who answers for the figures, in up to {LONGEST_AUTHOR} printable characters; got {author[:80]!r}."
        )


def _refuse_foreign(desk: Desk, parsed: ParsedFile) -> None:
    """A workbook of another company, cycle or contract says nothing about this one."""
    facts = parsed.facts
    if "cycle_id" not in facts:
        return
    name = parsed.path.name
    if facts.get("company") != desk.settings.company or facts.get("source") != desk.settings.source:
        raise RefusedFile(
            f"{name} was exported for {facts.get('company')} (source {facts.get('source')}), and this home is of {desk.settings.company} (source {desk.settings.source}). Name the right home with --home."
        )
    if facts["cycle_id"] != desk.cycle_id:
        raise RefusedFile(
            f"{name} is of cycle {facts['cycle_id']}, and {desk.cycle_id} is open. Export a fresh workbook and copy into it what still holds; to change the old cycle all the same, name it with --cycle {facts['cycle_id']}."
        )
    if facts.get("role") not in (*ROLES, "planner"):
        raise RefusedFile(
            f"{name} is of role {facts.get('role')!r}, which there is not: {', '.join(ROLES)}. Start from a fresh export."
        )
    tables = [contract for contract in desk.contracts if contract.name in facts.get("tables", "").split(",")]
    if facts.get("schema_hash") != schema_hash(tables):
        raise RefusedFile(
            f"{name} was exported before the inputs' columns changed. Export a fresh workbook and copy your figures into it."
        )


# -- conflicts


def conflict_id(conflict: Conflict) -> str:
    """A short name of a conflict, the same for as long as it lasts."""
    text = "\0".join([conflict.table, *conflict.key, conflict.column])
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def settle(desk: Desk, name: str, take: str, author: str, settled_at: datetime) -> Conflict:
    """Take one author's word in a conflict. Raises SettingsError where there is no such conflict or claim."""
    _refuse_nameless(author)
    with journal.held(desk.landing):
        open_ones = {conflict_id(one): one for one in desk.in_force(tables=desk.touched()).merged.conflicts}
        if name not in open_ones:
            raise SettingsError(f"There is no conflict {name}. Open: {', '.join(open_ones) or 'none'}.")
        conflict = open_ones[name]
        if take not in conflict.claims:
            raise SettingsError(
                f"{take!r} says nothing in conflict {name}: --take is one of {', '.join(sorted(conflict.claims))}."
            )
        resolution = Resolution(conflict.table, conflict.key, conflict.column, take)
        statement = Statement(
            0, author, desk.cycle_id, settled_at.isoformat(timespec="seconds"), resolution=resolution
        )
        journal.keep(desk.landing, journal.Entry(statement), None)
    return conflict
