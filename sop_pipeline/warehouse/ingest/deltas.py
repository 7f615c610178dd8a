"""The state of a table that comes as deltas: the last full extract and every delta after it up to the cycle, by key.

Files `<table>.<sequence>.csv` hold new and changed rows and, with is_deleted, rows that are gone; a full extract has the
table's own name. All of them lie in the landing zone, so that the state of an earlier cycle can be made again from its
files alone. Within a key the higher sequence counts, within a file the later change. Add here: a rule on how deltas
follow each other. Keep out: one file (`file`), merging of planners' inputs (workbook).
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import pyarrow as pa

from sop_pipeline.delivery.accepted import AcceptedDelivery
from sop_pipeline.delivery.company import read_company_formats
from sop_pipeline.delivery.names import delta_files, files_called, names_of
from sop_pipeline.warehouse.contracts import Column, Contract
from sop_pipeline.warehouse.ingest.file import Limits, ingest_path
from sop_pipeline.warehouse.ingest.ingested import IngestedFile, RejectedFile
from sop_pipeline.warehouse.ingest.promised import CHANGED_AT, Background
from sop_pipeline.warehouse.ingest.rows import scratch_database
from sop_pipeline.warehouse.ingest.value_rules import literal, quoted

EXAMPLES = 5
IS_DELETED = "is_deleted"
_COUNTED = re.compile(r"(\d+) (.+)")
_DELETED_COLUMN = Column(IS_DELETED, "boolean", "True where the row is gone", is_optional=True)


@dataclass(frozen=True)
class Part:
    """A file of a table: the delivery it came with, its sequence (None: a full extract that names none)."""

    delivery: AcceptedDelivery
    path: Path
    sequence: int | None
    is_full: bool

    @property
    def sha256(self) -> str | None:
        """sha256 of the file as it landed."""
        return self.delivery.sha256s.get(self.path.name)


def ingest_state(
    contract: Contract,
    history: Sequence[AcceptedDelivery],
    quarantine_maximum_ratio: float,
    limits: Limits,
) -> IngestedFile:
    """A table's state as of the last delivery of `history` (oldest first).

    Raises RejectedFile where there is no full extract to start from, where a sequence is missing or came twice with
    different content, where the last delivery brought nothing of the table, and as `ingest_path` does for each file.
    """
    parts = [part for delivery in history for part in _parts(contract, delivery)]
    if not any(part.delivery is history[-1] for part in parts):
        raise RejectedFile(
            f"{contract.table}: neither a full extract nor a delta came for cycle {history[-1].cycle_id}. Deliver the next "
            "delta, also where nothing has changed (a header alone)."
        )
    state = _state_of(contract, parts, quarantine_maximum_ratio, limits)
    base = _chain(contract, parts)[0][0]
    before = [part for part in parts if part is not base and (part.is_full or not _is_after(part, base))]
    if base.delivery is not history[-1] or not any(part.is_full for part in before):
        return state
    earlier = _state_of(contract, before, quarantine_maximum_ratio, limits)
    return replace(state, warnings=(*state.warnings, *_lost_keys(contract, earlier, state, limits)))


def _state_of(
    contract: Contract, parts: Sequence[Part], quarantine_maximum_ratio: float, limits: Limits
) -> IngestedFile:
    chain, skipped = _chain(contract, parts)
    full = _with_deleted(contract)
    delta = replace(full, meta={**full.meta, "delivery": {**full.delivery, "minimum_rows": 0}})
    ingested = []
    for part in chain:
        company = read_company_formats(part.delivery.folder)
        background = Background.of(part.delivery, part.path.name)
        kind = full if part.is_full else delta
        file = ingest_path(kind, part.path, quarantine_maximum_ratio, company, limits, background)
        if part.sha256 != file.sha256:
            raise RejectedFile(
                f"{part.path} is not what it was when it landed. Landed files are evidence: restore it."
            )
        ingested.append(file)
    state = _merge(contract, chain, ingested, limits)
    return replace(state, fixes=(*state.fixes, *skipped))


def _with_deleted(contract: Contract) -> Contract:
    if any(column.name == IS_DELETED for column in contract.columns):
        return contract
    return replace(contract, columns=(*contract.columns, _DELETED_COLUMN))


def _parts(contract: Contract, delivery: AcceptedDelivery) -> list[Part]:
    """A delivery's files of the table, named as the company named them then: a full extract, then deltas."""
    company = read_company_formats(delivery.folder)
    names = names_of(contract.name, contract.meta.get("file"), company.files.get(contract.name))
    deltas = delta_files(delivery.folder, names)
    is_delta = {path for _, path in deltas}
    full = [path for path in files_called(delivery.folder, names) if path not in is_delta]
    return [
        *(Part(delivery, path, delivery.promises.of(path.name).sequence, is_full=True) for path in full[:1]),
        *(Part(delivery, path, sequence, is_full=False) for sequence, path in deltas),
    ]


def _is_after(part: Part, base: Part) -> bool:
    """A delta that changes a full extract: it came with it or later and, where the extract has a sequence, follows it."""
    if part.delivery.cycle_id < base.delivery.cycle_id:
        return False
    return base.sequence is None or part.sequence is None or part.sequence > base.sequence


def _chain(contract: Contract, parts: Sequence[Part]) -> tuple[list[Part], list[str]]:
    """The last full extract and the deltas after it, in their order; and what was skipped, in words."""
    bases = [part for part in parts if part.is_full]
    if not bases:
        raise RejectedFile(
            f"{contract.table}: there are deltas and no full extract that they change. Deliver the whole table once."
        )
    base = bases[-1]
    by_sequence: dict[int, Part] = {}
    skipped, problems = [], []
    for part in parts:
        if part.is_full or not _is_after(part, base) or part.sequence is None:
            continue
        first = by_sequence.setdefault(part.sequence, part)
        if first is part:
            continue
        if first.sha256 == part.sha256 and first.sha256 is not None:
            skipped.append(
                f"delta {part.sequence} of cycle {part.delivery.cycle_id} came before, byte for byte: skipped"
            )
        else:
            problems.append(
                f"sequence {part.sequence} came twice with different content: {first.path.name} of cycle "
                f"{first.delivery.cycle_id} and {part.path.name} of cycle {part.delivery.cycle_id}"
            )
    sequences = sorted(by_sequence)
    if sequences and base.sequence is not None:
        sequences.insert(0, base.sequence)
    problems += [
        f"sequence {before} is followed by {after}: {', '.join(map(str, range(before + 1, min(after, before + 6))))} "
        f"{'is' if after == before + 2 else 'are'} missing"
        for before, after in pairwise(sequences)
        if after > before + 1
    ]
    if problems:
        listed = "\n * ".join(problems)
        raise RejectedFile(
            f"{contract.table}: its deltas do not follow each other:\n * {listed}\nDeliver what is missing, or the whole "
            "table; rows changed in between would be lost."
        )
    return [base, *(by_sequence[sequence] for sequence in sorted(by_sequence))], skipped


def _merge(
    contract: Contract, chain: Sequence[Part], ingested: Sequence[IngestedFile], limits: Limits
) -> IngestedFile:
    """Rows of the base whose key no delta has, and the last row of each key that a delta has, but of deleted ones."""
    base, *deltas = ingested
    scratch = tempfile.TemporaryDirectory(prefix="sop-ingest-", dir=limits.folder)
    data = Path(scratch.name) / "data.parquet"
    names = ", ".join(
        quoted(name)
        for name in (
            *(column.name for column in contract.columns),
            "source_file_sha256",
            "source_row_number",
        )
    )
    key = ", ".join(quoted(name) for name in contract.grain)
    same_key = " and ".join(
        f"base.{quoted(name)} is not distinct from changed.{quoted(name)}" for name in contract.grain
    )
    newest = (
        f", {quoted(CHANGED_AT)} desc nulls last"
        if any(c.name == CHANGED_AT for c in contract.columns)
        else ""
    )
    files = " union all by name ".join(
        f"select *, {place} as place from read_parquet({literal(str(file.data))})"
        for place, file in enumerate(deltas)
    )
    with scratch_database(Path(scratch.name), limits.memory_mb) as connection:
        if deltas:
            connection.execute(
                f"create table changed as select * exclude (place, n) from (select *, row_number() over (partition by {key} "
                f"order by place desc{newest}, source_row_number desc) as n from ({files})) where n = 1"
            )
            untouched = f"where not exists (select 1 from changed where {same_key})"
            new = f"union all select {names} from changed where not coalesce({IS_DELETED}, false)"
        else:
            untouched, new = "", ""
        counted = connection.execute(
            f"copy (select {names} from (select * from read_parquet({literal(str(base.data))}) as base "
            f"where not coalesce({IS_DELETED}, false)) as base {untouched} {new} order by {key}, source_file_sha256, source_row_number) "
            f"to {literal(str(data))} (format parquet, compression zstd, preserve_order true)"
        ).fetchone()
    accepted = int(counted[0]) if counted else 0
    quarantined = sum(file.quarantined_rows for file in ingested)
    return IngestedFile(
        contract,
        chain[-1].path,
        hashlib.sha256("".join(str(file.sha256) for file in ingested).encode()).hexdigest(),
        data,
        pa.concat_tables([file.quarantined for file in ingested]),
        accepted + quarantined,
        accepted,
        quarantined,
        tuple(dict.fromkeys(name for file in ingested for name in file.ignored_columns)),
        _summed(fix for file in ingested for fix in file.fixes),
        _summed(repair for file in ingested for repair in file.declared_repairs),
        tuple(warning for file in ingested for warning in file.warnings),
        base.formats,
        scratch,
    )


def _summed(told: Iterable[str]) -> tuple[str, ...]:
    """What was put right in several files, counts of the same thing added up."""
    counts: dict[str, int] = {}
    for text in told:
        counted = _COUNTED.fullmatch(text)
        words, count = (counted[2], int(counted[1])) if counted else (text, 0)
        counts[words] = counts.get(words, 0) + count
    return tuple(f"{count} {words}" if count else words for words, count in counts.items())


def _lost_keys(contract: Contract, earlier: IngestedFile, state: IngestedFile, limits: Limits) -> list[str]:
    """The monthly reconcile: keys of the state that the deltas had led to and that the new full extract does not have.

    A delete that no delta told of looks so, and so does an extract that is not whole.
    """
    same = " and ".join(f"a.{quoted(name)} is not distinct from b.{quoted(name)}" for name in contract.grain)
    key = " || ' / ' || ".join(
        f"coalesce(cast({quoted(name)} as varchar), 'empty')" for name in contract.grain
    )
    with scratch_database(Path(state.data).parent, limits.memory_mb) as connection:
        connection.execute(
            f"create table lost as select {key} as key from read_parquet({literal(str(earlier.data))}) as a where not exists "
            f"(select 1 from read_parquet({literal(str(state.data))}) as b where {same})"
        )
        counted = connection.execute("select count(*) from lost").fetchone()
        examples = [
            row[0]
            for row in connection.execute(f"select key from lost order by key limit {EXAMPLES}").fetchall()
        ]
    count = int(counted[0]) if counted else 0
    if not count:
        return []
    return [
        f"{count} rows of the state before are not in the new full extract, e.g. {', '.join(examples)}: deleted without a "
        "delta that says so, or the extract is not whole"
    ]
