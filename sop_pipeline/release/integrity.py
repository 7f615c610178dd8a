"""Are the files of a release those that its manifest lists, and do its tables add up to what it states?

Add here: a comparison between a release folder and its own manifest. Keep out: the home around it (see
`verify`), the DuckDB file's content (see `database`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from sop_pipeline.release.hashing import sha256_of_file
from sop_pipeline.release.layout import MANIFEST_FILE
from sop_pipeline.release.manifest import FileRecord, Manifest, TableRecord
from sop_pipeline.release.table_files import column_types, control_totals, read_table


def list_files(folder: Path) -> set[str]:
    """Every file below a folder, links and empty folders included: whatever is there must be declared."""
    found = set()
    for parent, folders, files in os.walk(folder):
        inside = Path(parent).relative_to(folder)
        links = [name for name in folders if (Path(parent) / name).is_symlink()]
        found |= {(inside / name).as_posix() for name in [*files, *links]}
        if not files and not folders:
            found.add(inside.as_posix() + "/")
    return found


def describe_file(path: Path) -> FileRecord:
    return FileRecord(sha256=sha256_of_file(path), bytes=path.stat().st_size)


def find_file_problems(folder: Path, manifest: Manifest) -> list[str]:
    """Files that are missing, changed, or not declared."""
    found = list_files(folder) - {MANIFEST_FILE}
    problems = [f"{path} is missing" for path in sorted({*manifest.files} - found)]
    problems += [f"{path} is not declared in the manifest" for path in sorted(found - {*manifest.files})]
    for path in sorted(found & {*manifest.files}):
        problems += find_file_change(folder / path, manifest.files[path], path)
    return [f"{folder.name}: {problem}" for problem in problems]


def find_file_change(file: Path, record: FileRecord, name: str) -> list[str]:
    """How a file differs from its record."""
    if file.is_symlink():
        return [f"{name} is a link; a release holds files"]
    if file.stat().st_size != record.bytes:
        return [f"{name} has {file.stat().st_size} bytes instead of {record.bytes}"]
    if sha256_of_file(file) != record.sha256:
        return [f"{name} was changed: its sha256 is not the one of the manifest"]
    return []


def find_table_problems(folder: Path, manifest: Manifest) -> list[str]:
    """Tables of the cycle whose rows, columns or totals are not those stated."""
    problems: list[str] = []
    for table in manifest.tables:
        try:
            rows = read_table(folder / table.file)
        except (pa.ArrowException, OSError) as error:
            problems.append(f"{table.file} cannot be read: {error}")
        else:
            problems += _compare_table(rows, table)
    return [f"{folder.name}: {problem}" for problem in problems]


def _compare_table(rows: pa.Table, table: TableRecord) -> Iterator[str]:
    if rows.num_rows != table.rows:
        yield f"{table.file} has {rows.num_rows} rows, the manifest states {table.rows}"
    stated = {column.name: column.type for column in table.columns}
    if list(column_types(rows).items()) != list(stated.items()):
        yield f"{table.file} has other columns or types than the manifest states"
        return
    totals = control_totals(rows)
    for column in sorted({*totals} | {*table.control_totals}):
        if totals.get(column) != table.control_totals.get(column):
            yield (
                f"{table.file}: {column} adds up to {totals.get(column)},"
                f" the manifest states {table.control_totals.get(column)}"
            )
