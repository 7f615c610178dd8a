"""Earlier cycles inside a release: their files as second names of the files they were released in.

A release shows every cycle up to its own, so that BI reads one folder. Nothing is copied where the file
system links.
Add here: how an earlier cycle enters a release. Keep out: which release of a cycle is the newest (see
`registry`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from sop_pipeline.release import effects
from sop_pipeline.release.integrity import find_file_change
from sop_pipeline.release.layout import TableName, release_folder
from sop_pipeline.release.manifest import EarlierCycle, FileRecord, Manifest, ShownColumn, ShownTable
from sop_pipeline.release.problems import DamagedReleases


def check_history(home: Path, earlier: Iterable[Manifest]) -> None:
    """Raise where a file of an earlier cycle is not the one that was released: nothing is built on damage."""
    problems = []
    for manifest in earlier:
        folder = release_folder(home, manifest.release_id)
        for table in manifest.tables:
            if (folder / table.file).is_file():
                changes = find_file_change(folder / table.file, manifest.files[table.file], table.file)
            else:
                changes = [f"{table.file} is missing"]
            problems += [f"{manifest.release_id}: {change}" for change in changes]
    if problems:
        raise DamagedReleases(
            f"{len(problems)} file(s) of earlier cycles are not what was released.",
            problems,
            "Restore them from a backup of the releases folder, then run the cycle again.",
        )


def link_history(home: Path, stage: Path, earlier: Iterable[Manifest]) -> tuple[EarlierCycle, ...]:
    """Give the files of earlier cycles a second name below the stage folder."""
    linked = []
    for manifest in earlier:
        for table in manifest.tables:
            effects.make_folder((stage / table.file).parent)
            effects.link_file(release_folder(home, manifest.release_id) / table.file, stage / table.file)
        files = tuple(table.file for table in manifest.tables)
        linked.append(EarlierCycle(manifest.cycle_id, manifest.release_id, files))
    return tuple(linked)


def history_records(earlier: Iterable[Manifest]) -> dict[str, FileRecord]:
    """The linked files as the manifests of their own releases record them."""
    return {table.file: manifest.files[table.file] for manifest in earlier for table in manifest.tables}


def show_history(earlier: Sequence[Manifest], own: Sequence[ShownTable]) -> tuple[ShownTable, ...]:
    """Every table of every cycle: the cycle's own last, since the newest cycle describes the table."""
    shown: dict[TableName, ShownTable] = {}
    for table in [*(old for manifest in earlier for old in _own_shown(manifest)), *own]:
        shown[table.name] = _merge(shown[table.name], table) if table.name in shown else table
    return tuple(shown[name] for name in sorted(shown))


def _own_shown(manifest: Manifest) -> list[ShownTable]:
    """The tables of a manifest's own cycle, without what it shows of the cycles before it."""
    described = {table.name: table for table in manifest.shown}
    own = []
    for record in manifest.tables:
        table = described[record.name]
        names = {column.name for column in record.columns}
        columns = tuple(column for column in table.columns if column.name in names)
        own.append(ShownTable(record.schema, record.table, table.description, columns, (record.file,)))
    return own


def _merge(older: ShownTable, newer: ShownTable) -> ShownTable:
    names = {column.name for column in newer.columns}
    retired: tuple[ShownColumn, ...] = tuple(c for c in older.columns if c.name not in names)
    files = (*older.files, *newer.files)
    return ShownTable(newer.schema, newer.table, newer.description, (*newer.columns, *retired), files)
