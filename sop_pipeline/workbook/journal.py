"""What was imported, kept for good: `landing/planner/imports/000001-<sha256>/` with the file untouched and `import.json`.

Append-only: an import is a folder that appears whole and is never changed; a resolution is one without a file. A cycle's
delivery carries the statements that were made until it landed, in `planner_changes.json`, so that a lake can be made again
from what landed alone.
Add here: what is kept of an import. Keep out: what a statement does (`merge`).
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from filelock import FileLock

from sop_pipeline.workbook.changes import Statement

CHANGES_FILE = "planner_changes.json"
RECORD = "import.json"
_FOLDER = re.compile(r"(\d{6})-[0-9a-z]+")
LOCK_SECONDS = 60


@dataclass(frozen=True)
class Entry:
    """An import with all that is known of it. `rejected`, `warnings`: as they were told; `facts`: role, release, ..."""

    statement: Statement
    rejected: tuple[Mapping[str, Any], ...] = ()
    warnings: tuple[str, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


class DamagedJournal(ValueError):
    """A record of an import is not what was written. Imports are evidence: restore them from a backup."""


def imports_folder(landing_dir: Path) -> Path:
    """Where imports of a home are kept."""
    return landing_dir / "planner" / "imports"


@contextmanager
def held(landing_dir: Path) -> Iterator[None]:
    """One import at a time, so that each is judged on all before it."""
    folder = imports_folder(landing_dir)
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(str(folder / ".lock"), timeout=LOCK_SECONDS):
        yield


def entries(landing_dir: Path) -> list[Entry]:
    """Every import, oldest first. Raises DamagedJournal for a record that cannot be read."""
    folder = imports_folder(landing_dir)
    if not folder.is_dir():
        return []
    found = [path for path in sorted(folder.iterdir()) if _FOLDER.fullmatch(path.name)]
    return [_read(path / RECORD) for path in found]


def statements_until(landing_dir: Path, cycle_id: str) -> list[Statement]:
    """Statements that hold for a cycle: made for it or for an earlier one, and that say something."""
    told = [entry.statement for entry in entries(landing_dir)]
    return [one for one in told if one.cycle_id <= cycle_id and (one.changes or one.resolution)]


def keep(landing_dir: Path, entry: Entry, file: Path | None) -> Entry:
    """Keep an import, with its file, under the next number; return it with that number. Call it while `held`."""
    number = max((one.statement.number for one in entries(landing_dir)), default=0) + 1
    kept = replace(entry, statement=replace(entry.statement, number=number))
    folder = imports_folder(landing_dir)
    temporary = folder / f".importing.{os.getpid()}"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        if file is not None:
            _copy(file, temporary / f"file{file.suffix.lower()}")
        record = kept.statement.to_json() | {
            "rejected": list(kept.rejected), "warnings": list(kept.warnings), "facts": dict(kept.facts),
        }  # fmt: skip
        _write(temporary / RECORD, json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
        os.replace(temporary, folder / f"{number:06d}-{kept.statement.sha256[:12] or 'resolution'}")
        _sync(folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return kept


def write_changes(statements: list[Statement], folder: Path) -> None:
    """Put the statements beside the files of a delivery; nothing where there are none."""
    if statements:
        record = {"statements": [one.to_json() for one in statements]}
        _write(folder / CHANGES_FILE, json.dumps(record, indent=1, sort_keys=True, ensure_ascii=False) + "\n")


def read_changes(folder: Path) -> list[Statement]:
    """The statements that a delivery carries. Raises DamagedJournal."""
    path = folder / CHANGES_FILE
    if not path.exists():
        return []
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return [Statement.from_json(one) for one in found["statements"]]
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedJournal(f"{path} cannot be read: {error}. Run the refresh again.") from error


def _read(path: Path) -> Entry:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return Entry(
            Statement.from_json(found), tuple(found["rejected"]), tuple(found["warnings"]), found["facts"]
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DamagedJournal(
            f"{path} cannot be read: {error}. Imports are evidence: restore it from a backup."
        ) from error


def _copy(file: Path, into: Path) -> None:
    shutil.copyfile(file, into, follow_symlinks=False)
    descriptor = os.open(into, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(path: Path, text: str) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
