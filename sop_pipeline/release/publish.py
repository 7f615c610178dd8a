"""Publishing a cycle: build beside, check, seal, rename, point.

The caller holds the refresh lock (see `lock`). Killed at any moment, a publication leaves `current` on a
whole release, and running it again ends in the same state without any clean-up:

1. everything is refused that may not be published; nothing has been written yet
2. the tables, the earlier cycles' files, the pack and the data docs go to a stage folder no reader looks at
3. where the newest release of this cycle already says the same, the stage is dropped and that release stands
4. else sop.duckdb and the manifest are added, all is brought to the disk, made read-only, and renamed in one
   step
5. `current` moves to the newest cycle's newest release (never back), and the registry's index follows

Add here: a step of publishing. Keep out: how a step is done (its module), what the tables say.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sop_pipeline.release import effects
from sop_pipeline.release.approvals import refuse_agreed
from sop_pipeline.release.database import build_database
from sop_pipeline.release.hashing import sha256_of_bytes
from sop_pipeline.release.history import check_history, history_records, link_history, show_history
from sop_pipeline.release.integrity import describe_file, find_file_problems
from sop_pipeline.release.layout import (
    DATA_DOCS_FILE,
    DATABASE_FILE,
    MANIFEST_FILE,
    PACK_FILE,
    pid_of_stage,
    release_folder,
    releases_folder,
    stage_folder,
)
from sop_pipeline.release.manifest import (
    SCHEMA_VERSION,
    ColumnRecord,
    FileRecord,
    Manifest,
    ShownColumn,
    ShownTable,
    TableRecord,
    hash_content,
    manifest_bytes,
    name_content,
    seal,
)
from sop_pipeline.release.pointer import point_current
from sop_pipeline.release.problems import DamagedReleases, PublicationRefused
from sop_pipeline.release.processes import is_running
from sop_pipeline.release.registry import Registry, read_registry, write_index
from sop_pipeline.release.request import PublishRequest, ReleasedTable, check_request
from sop_pipeline.release.table_files import column_types, control_totals, table_bytes


@dataclass(frozen=True)
class PublishedRelease:
    """What stands after publishing."""

    release_id: str
    cycle_id: str
    folder: Path
    is_new: bool  # False where the cycle's newest release already said the same
    supersedes: str | None  # the cycle's release before this one
    current_release_id: str  # what `current` names now
    stale_cycles: tuple[str, ...]  # later cycles to run again
    manifest: Manifest


def publish(request: PublishRequest) -> PublishedRelease:
    """Publish a cycle, or find that it is published already; see the module for what is promised."""
    check_request(request)
    home = request.home
    refuse_agreed(home, [request.cycle_id])
    registry = read_registry(home)
    _check_history_read(request, registry)
    effects.make_folder(releases_folder(home))
    remove_leftovers(home)
    write_index(home, registry)
    newest = registry.newest_of(request.cycle_id)
    with _stage(home, request.cycle_id) as stage:
        draft = _stage_content(stage, request, registry)
        if newest and hash_content(draft, newest.supersedes) == newest.content_hash:
            published = _confirm(home, newest)
        else:
            named = name_content(draft, supersedes=newest.release_id if newest else None)
            published = _seal_stage(home, stage, named)
    return _settle(home, published, is_new=published is not newest)


def remove_leftovers(home: Path) -> None:
    """Remove the stage folders of processes that are no more."""
    for folder in sorted(releases_folder(home).iterdir()):
        pid = pid_of_stage(folder.name)
        if pid is not None and (pid == os.getpid() or not is_running(pid)):
            effects.remove_folder(folder)


def _check_history_read(request: PublishRequest, registry: Registry) -> None:
    """The run read earlier cycles at its start; it may only be published over the same ones."""
    newest = {manifest.cycle_id: manifest.release_id for manifest in registry.before(request.cycle_id)}
    problems = [
        f"cycle {cycle_id}: the run read {request.history.get(cycle_id, 'nothing')},"
        f" its newest release is {newest.get(cycle_id, 'none')}"
        for cycle_id in sorted({*newest} | {*request.history})
        if newest.get(cycle_id) != request.history.get(cycle_id)
    ]
    if problems:
        raise PublicationRefused(
            f"Cycle {request.cycle_id} was computed from other releases than stand now.",
            problems,
            "Nothing was changed. Run the cycle again, so that it reads the newest releases.",
        )
    check_history(request.home, registry.before(request.cycle_id))


@contextmanager
def _stage(home: Path, cycle_id: str) -> Iterator[Path]:
    """A folder to build a release in; whatever is not renamed by the end is removed."""
    stage = stage_folder(home, cycle_id, os.getpid())
    effects.make_folder(stage)
    try:
        yield stage
    finally:
        if stage.is_dir():
            effects.remove_folder(stage)


def _stage_content(stage: Path, request: PublishRequest, registry: Registry) -> Manifest:
    """Write what the content hash covers, and describe it in a manifest without a name yet."""
    earlier = registry.before(request.cycle_id)
    history = link_history(request.home, stage, earlier)
    files = history_records(earlier)
    tables = []
    for table in sorted(request.tables, key=lambda table: table.name):
        record, files[record.file] = _write_table(stage, table, request.cycle_id)
        tables.append(record)
    files[PACK_FILE] = _write(stage, PACK_FILE, request.pack)
    if request.data_docs:
        files[DATA_DOCS_FILE] = _write(stage, DATA_DOCS_FILE, request.data_docs)
    return Manifest(
        schema_version=SCHEMA_VERSION,
        release_id="",
        cycle_id=request.cycle_id,
        content_hash="",
        manifest_sha256="",
        supersedes=None,
        published_at=request.published_at.isoformat(),
        contract_version=request.contract_version,
        tables=tuple(tables),
        shown=show_history(earlier, [_show(table, request.cycle_id) for table in request.tables]),
        history=history,
        files=files,
        inputs=dict(request.inputs),
        gates=dict(request.gates),
        solver=dict(request.solver),
        versions=dict(request.versions),
    )


def _write_table(stage: Path, table: ReleasedTable, cycle_id: str) -> tuple[TableRecord, FileRecord]:
    file = table.name.file_of(cycle_id)
    record = TableRecord(
        schema=table.name.schema,
        table=table.name.table,
        file=file,
        grain=table.grain,
        columns=tuple(ColumnRecord(name, type_) for name, type_ in column_types(table.rows).items()),
        rows=table.rows.num_rows,
        control_totals=control_totals(table.rows),
    )
    effects.make_folder((stage / file).parent)
    return record, _write(stage, file, table_bytes(table.rows, table.grain))


def _show(table: ReleasedTable, cycle_id: str) -> ShownTable:
    columns = tuple(ShownColumn(name, table.column_descriptions[name]) for name in table.rows.column_names)
    return ShownTable(
        table.name.schema, table.name.table, table.description, columns, (table.name.file_of(cycle_id),)
    )


def _write(stage: Path, file: str, content: bytes) -> FileRecord:
    effects.write_file(stage / file, content)
    return FileRecord(sha256=sha256_of_bytes(content), bytes=len(content))


def _seal_stage(home: Path, stage: Path, named: Manifest) -> Manifest:
    """Complete the stage, make it durable and read-only, and give it its name."""
    build_database(stage, named)
    sealed = seal(replace(named, files=named.files | {DATABASE_FILE: describe_file(stage / DATABASE_FILE)}))
    effects.write_file(stage / MANIFEST_FILE, manifest_bytes(sealed))
    for parent, _, files in os.walk(stage, topdown=False):
        for file in sorted(files):
            effects.make_read_only(Path(parent) / file)
        effects.sync_folder(Path(parent))
        if Path(parent) != stage:  # a folder that is itself renamed must be writable on some systems
            effects.make_read_only(Path(parent))
    folder = release_folder(home, sealed.release_id)
    effects.rename(stage, folder)
    effects.make_read_only(folder)
    return sealed


def _confirm(home: Path, newest: Manifest) -> Manifest:
    """An equal release stands already: make sure that it is whole."""
    folder = release_folder(home, newest.release_id)
    if problems := find_file_problems(folder, newest):
        raise DamagedReleases(
            f"Cycle {newest.cycle_id} is published as {newest.release_id}, but that was changed since.",
            problems,
            f"Restore {folder} from a backup, or move it out of there; then run the cycle again.",
        )
    effects.make_read_only(folder)
    return newest


def _settle(home: Path, published: Manifest, is_new: bool) -> PublishedRelease:
    """Move the pointer forward and bring the index up to date, also where a kill left them behind."""
    registry = read_registry(home)
    current = registry.cycles[-1].release_id
    point_current(home, current)
    write_index(home, registry)
    return PublishedRelease(
        release_id=published.release_id,
        cycle_id=published.cycle_id,
        folder=release_folder(home, published.release_id),
        is_new=is_new,
        supersedes=published.supersedes,
        current_release_id=current,
        stale_cycles=tuple(record.cycle_id for record in registry.cycles if record.is_stale),
        manifest=published,
    )
