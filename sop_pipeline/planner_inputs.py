"""Workbooks of a home: what is in force for a cycle, what planners may see and name, and files that come back.

Brings together what the rooms know: the delivery that landed (sources), its typed rows (warehouse), the release of the
cycle, and the statements in the journal (workbook). The command line calls this, and nothing else.
Add here: what a workbook needs of a home. Keep out: what a workbook is (workbook), what commands say (`cli`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.release import registry
from sop_pipeline.release.layout import release_folder
from sop_pipeline.release.manifest import read_manifest
from sop_pipeline.settings import DBT_PROJECT_DIR, Settings, SettingsError
from sop_pipeline.sources.landing import accepted_delivery, deliveries_until
from sop_pipeline.sources.protocol import SourceError
from sop_pipeline.warehouse.contracts import Contract, load_contracts
from sop_pipeline.warehouse.deliveries import ingest_all
from sop_pipeline.workbook import journal
from sop_pipeline.workbook.changes import Resolution, Statement
from sop_pipeline.workbook.contract import ROLES, label, schema_hash, tables_of_role
from sop_pipeline.workbook.export import Content, InputSheet, write_workbook
from sop_pipeline.workbook.judge import Keys, Rejection
from sop_pipeline.workbook.lake_rows import InForce, in_force, texts_of
from sop_pipeline.workbook.merge import Conflict
from sop_pipeline.workbook.parse import ParsedFile, read_csv_table, read_workbook
from sop_pipeline.workbook.receive import Received, receive
from sop_pipeline.workbook.reference import VIEWS, columns_of, sheet_of, with_names
from sop_pipeline.workbook.reply import Answer, marked_sheet, write_reply
from sop_pipeline.workbook.rules import CHANGE_MAXIMUM_RATIO, CHANGE_PARAMETER, Context
from sop_pipeline.workbook.security import RefusedFile
from sop_pipeline.workbook.values import Row, key_of, key_words

LONGEST_AUTHOR = 60
PARAMETERS_TABLE = "planning_parameters"
KEYS_TABLE, PLAN_TABLE = "marts.dim_planner_keys", "marts.fct_demand_plan"
PLAN_COLUMNS = ["item_id", "site_id", "channel_id", "family_id", "category_id", "period_start_date", "is_history",
                "forecast_units", "override_units"]  # fmt: skip


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


@dataclass(frozen=True)
class Desk:
    """One cycle of a home, as planners' files see it."""

    settings: Settings
    cycle_id: str
    release_id: str
    _delivered: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def landing(self) -> Path:
        """The home's landing zone."""
        return self.settings.paths.landing

    @cached_property
    def contracts(self) -> list[Contract]:
        """Every planner input."""
        return load_contracts(DBT_PROJECT_DIR).of_schema("planner")

    @cached_property
    def folder(self) -> Path:
        """The delivery of the cycle that landed last."""
        return accepted_delivery(self.landing, self.settings.source, self.cycle_id).folder

    def delivered(self, contract: Contract) -> Any:
        """An input as the source delivered it, typed."""
        if contract.name not in self._delivered:
            history = deliveries_until(self.landing, self.settings.source, self.cycle_id)
            ratio = self.settings.quarantine_maximum_ratio
            (file,) = ingest_all([contract], self.folder, ratio, history=history)
            self._delivered[contract.name] = file.rows
        return self._delivered[contract.name]

    def in_force(
        self, statements: list[Statement] | None = None, tables: Iterable[str] | None = None
    ) -> InForce:
        """What holds for the cycle by now, or by these statements; of these inputs, or of all."""
        told = journal.statements_until(self.landing, self.cycle_id) if statements is None else statements
        chosen = (
            self.contracts if tables is None else [one for one in self.contracts if one.name in set(tables)]
        )
        return in_force(chosen, {one.name: self.delivered(one) for one in chosen}, told)

    def touched(self) -> list[str]:
        """Inputs that anybody has spoken of."""
        told = journal.entries(self.landing)
        return sorted({change.table for entry in told for change in entry.statement.changes})

    def released(self, table: str, columns: list[str]) -> pd.DataFrame:
        """Rows of the cycle's release; days as timestamps, decimals as numbers."""
        from sop_pipeline.warehouse.reader import to_frame

        folder = release_folder(self.settings.paths.root, self.release_id)
        found = next((one for one in read_manifest(folder).tables if str(one.name) == table), None)
        if found is None:
            raise SettingsError(
                f"Release {self.release_id} was published before it held {table}: run sop refresh --cycle {self.cycle_id}."
            )
        return to_frame(pq.read_table(folder / found.file, columns=columns))

    @cached_property
    def key_rows(self) -> pd.DataFrame:
        """Identifiers that may be named, with what they stand for and what they belong to."""
        return self.released(KEYS_TABLE, ["reference", "key_id", "key_name", "parent_key_id"])

    @cached_property
    def keys(self) -> Keys:
        """Identifiers that may be named, by what they refer to."""
        by_reference: dict[str, dict[str, str]] = {}
        for row in self.key_rows.itertuples(index=False):
            by_reference.setdefault(str(row.reference), {})[str(row.key_id)] = str(row.key_name)
        return Keys(by_reference)

    def context(self, found: InForce) -> Context:
        """What changed rows are held against."""
        cycle = Cycle(self.cycle_id, self.settings.horizon_months)
        months = [f"{month:%Y-%m-%d}" for month in (cycle.periods[0], cycle.periods[-1])]
        parameters = found.tables[PARAMETERS_TABLE].to_pylist()
        ratio = next(
            (float(row["parameter_value"]) for row in parameters if row["parameter_id"] == CHANGE_PARAMETER),
            CHANGE_MAXIMUM_RATIO,
        )
        return Context(self.cycle_id, months[0], months[1], self._forecast_before_overrides(), ratio)

    def _forecast_before_overrides(self) -> Callable[[str, str, str, str, str], float]:
        plan = self.released(PLAN_TABLE, PLAN_COLUMNS)
        plan = plan[~plan["is_history"].astype(bool)].copy()
        items = self.key_rows[self.key_rows["reference"] == "core.dim_items.item_id"]
        plan["subfamily_id"] = plan["item_id"].map(
            dict(zip(items["key_id"], items["parent_key_id"], strict=True))
        )
        plan["month"] = plan["period_start_date"].dt.strftime("%Y-%m-%d")
        plan["units"] = plan["forecast_units"].fillna(0) - plan["override_units"].fillna(0)

        def units(level: str, level_id: str, site: str, channel: str, month: str) -> float:
            covered = (plan[f"{level}_id"] == level_id) & (plan["month"] == month)
            covered &= (plan["site_id"] == site) | (not site)
            covered &= (plan["channel_id"] == channel) | (not channel)
            return float(plan.loc[covered, "units"].sum())

        return units

    def facts(self, exported_at: datetime) -> dict[str, str]:
        """What a workbook carries of where it comes from."""
        return {
            "source": self.settings.source,
            "release_id": self.release_id,
            "exported_at": exported_at.isoformat(timespec="seconds"),
        }


def open_desk(settings: Settings, cycle_id: str | None) -> Desk:
    """The desk of a cycle, by default the newest that is published. Raises SettingsError where there is none."""
    published = {record.cycle_id: record.release_id for record in registry.list_cycles(settings.paths.root)}
    if not published:
        raise SettingsError(
            f"Nothing is published in {settings.paths.root} yet: workbooks show a cycle's figures, so run `sop refresh` first."
        )
    chosen = cycle_id or max(published)
    if chosen not in published:
        raise SettingsError(
            f"Cycle {chosen} is not published in {settings.paths.root}: run `sop refresh --cycle {chosen}` first. Published: {', '.join(sorted(published))}."
        )
    desk = Desk(settings, chosen, published[chosen])
    try:
        _ = desk.folder
    except SourceError as error:
        raise SettingsError(str(error)) from error
    return desk


def export(desk: Desk, role: str, exported_at: datetime, until: str | None = None) -> bytes:
    """The workbook of a role for the desk's cycle. Raises SettingsError for an unknown role."""
    if role not in ROLES:
        raise SettingsError(f"Nobody is called {role!r} here: --role is one of {', '.join(ROLES)}.")
    chosen = tables_of_role(desk.contracts, role)
    found = desk.in_force(tables=[contract.name for contract in chosen])
    inputs = [InputSheet(contract, texts_of(found.tables[contract.name], contract)) for contract in chosen]
    start = Cycle(desk.cycle_id, desk.settings.horizon_months).start
    names = desk.keys.of("core.dim_items.item_id") or {}
    references = [
        with_names(sheet_of(view, desk.released(view.table, columns_of(view)), start), names)
        for view in VIEWS[role]
    ]
    return write_workbook(
        Content(
            company=desk.settings.company,
            cycle_id=desk.cycle_id,
            role=role,
            until=until or _end_of(desk.cycle_id),
            facts=desk.facts(exported_at),
            inputs=inputs,
            references=references,
            keys=desk.keys,
        )
    )


def _end_of(cycle_id: str) -> str:
    first = date.fromisoformat(f"{cycle_id}-01")
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return f"{last:%Y-%m-%d} (the end of the cycle's month)"


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
        until=_end_of(desk.cycle_id),
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
