"""What a caller asks to be published, and what must be true of it before anything is written.

`check_request` collects everything wrong and raises `PublicationRefused` once.
Add here: a fact that a publication needs from its caller, a reason to refuse one. Keep out: reading files,
writing files.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from sop_pipeline.release.hashing import canonical_json
from sop_pipeline.release.layout import (
    CYCLE_PATTERN,
    FACTS_TABLE,
    IDENTIFIER_PATTERN,
    SHA256_PATTERN,
    TableName,
)
from sop_pipeline.release.problems import PublicationRefused, examples
from sop_pipeline.release.table_files import find_row_problems


@dataclass(frozen=True)
class ReleasedTable:
    """One table of the cycle: its rows, and the facts of its contract."""

    name: TableName
    rows: pa.Table
    grain: tuple[str, ...]
    description: str
    column_descriptions: Mapping[str, str]  # column -> meaning, every column


@dataclass(frozen=True)
class PublishRequest:
    """Everything that a release is made of. The clock and the environment are the caller's."""

    home: Path
    cycle_id: str
    tables: tuple[ReleasedTable, ...]
    pack: bytes  # the meeting pack, self-contained HTML
    inputs: Mapping[str, str]  # landing file -> sha256, as the landing manifest says
    required_gates: Collection[str]  # gates without which nothing may be published
    gates: Mapping[str, bool]  # gate -> True where it is open (the check passed)
    solver: Mapping[str, Any]  # status, objective, gap ... of the plan's solve
    versions: Mapping[str, str]  # code and packages
    contract_version: str  # of the tables' contracts
    history: Mapping[str, str]  # earlier cycle -> release that this cycle read (`registry.releases_before`)
    published_at: datetime  # with a time zone
    data_docs: bytes = (
        b""  # every data rule and what it found, self-contained HTML; empty where none are made
    )


def check_request(request: PublishRequest) -> None:
    """Raise with everything that speaks against this publication."""
    problems = [*_find_gate_problems(request), *_find_fact_problems(request)]
    for table in request.tables:
        problems += [f"{table.name}: {problem}" for problem in _find_table_problems(table, request.cycle_id)]
    if problems:
        raise PublicationRefused(
            f"Cycle {request.cycle_id} is not published: {len(problems)} problem(s).",
            problems,
            "Nothing was changed. Put right what is named above and run the cycle again.",
        )


def _find_gate_problems(request: PublishRequest) -> Iterator[str]:
    for gate in sorted({*request.required_gates} - {*request.gates}):
        yield f"gate '{gate}' has no result: its check did not run"
    for gate, is_open in sorted(request.gates.items()):
        if not is_open:
            yield f"gate '{gate}' is closed: its check failed"


def _find_fact_problems(request: PublishRequest) -> Iterator[str]:
    if not CYCLE_PATTERN.fullmatch(request.cycle_id):
        yield f"'{request.cycle_id}' does not name a cycle (YYYY-MM)"
    if request.published_at.tzinfo is None:
        yield "published_at has no time zone"
    if not request.pack:
        yield "the meeting pack is empty"
    if not request.contract_version:
        yield "no contract version is given"
    if not request.tables:
        yield "no table is given"
    if not request.inputs:
        yield "no input is named: a release must say what it was made from"
    unhashed = sorted(name for name, sha in request.inputs.items() if not SHA256_PATTERN.fullmatch(sha))
    if unhashed:
        yield f"{len(unhashed)} input(s) without a sha256: {examples(unhashed)}"
    try:
        canonical_json({**request.solver})
    except (TypeError, ValueError) as error:
        yield f"the solver's facts cannot be written as JSON: {error}"
    repeated = sorted(name for name, count in Counter(t.name for t in request.tables).items() if count > 1)
    if repeated:
        yield f"{len(repeated)} table(s) given more than once: {examples(repeated)}"


def _find_table_problems(table: ReleasedTable, cycle_id: str) -> Iterator[str]:
    columns = list(table.rows.column_names)
    names = [table.name.schema, table.name.table, *columns]
    unfit = [name for name in names if not IDENTIFIER_PATTERN.fullmatch(name)]
    if unfit:
        yield f"not a name in lower snake case: {examples(unfit)}"
    if table.name.schema == FACTS_TABLE.schema:
        yield f"the schema {FACTS_TABLE.schema} is kept for facts about the release"
    repeated = [name for name, count in Counter(columns).items() if count > 1]
    if repeated:
        yield f"column(s) given more than once: {examples(repeated)}"
        return
    if undescribed := sorted({*columns} - {*table.column_descriptions}):
        yield f"{len(undescribed)} column(s) that the contract does not have: {examples(undescribed)}"
    if missing := sorted({*table.column_descriptions} - {*columns}):
        yield f"{len(missing)} column(s) of the contract missing: {examples(missing)}"
    if not table.grain or (unknown := sorted({*table.grain} - {*columns})):
        yield f"its grain is not among its columns: {examples(unknown if table.grain else ['no grain'])}"
        return
    yield from find_row_problems(table.rows, table.grain, cycle_id)
