"""Names of the folders and files of a home's releases.

Add here: the place and the name of anything that a release or the registry holds. Keep out: reading or
writing it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

DATABASE_FILE = "sop.duckdb"
PACK_FILE = "pack.html"
DATA_DOCS_FILE = "data_docs.html"
MANIFEST_FILE = "manifest.json"

CYCLE_PATTERN = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")
IDENTIFIER_PATTERN = re.compile(r"[a-z][a-z0-9_]{0,62}")
SHA256_PATTERN = re.compile(r"[0-9a-f]{64}")
_RELEASE_PATTERN = re.compile(r"(?P<cycle_id>[0-9]{4}-(?:0[1-9]|1[0-2]))-[0-9a-f]{12}")
_STAGE_PATTERN = re.compile(r"\.tmp-[0-9]{4}-[0-9]{2}-(?P<pid>[0-9]+)")


@dataclass(frozen=True, order=True)
class TableName:
    """A table by its schema and name, as in SQL: `marts.kpi_scorecard`."""

    schema: str
    table: str

    def __str__(self) -> str:
        return f"{self.schema}.{self.table}"

    def file_of(self, cycle_id: str) -> str:
        """Path of a cycle's rows inside a release folder."""
        return f"{self.schema}/{self.table}/cycle={cycle_id}.parquet"


# The one table of sop.duckdb that is not released data: which release the file is.
FACTS_TABLE = TableName("main", "release_facts")


def releases_folder(home: Path) -> Path:
    return home / "releases"


def release_folder(home: Path, release_id: str) -> Path:
    return releases_folder(home) / release_id


def stage_folder(home: Path, cycle_id: str, pid: int) -> Path:
    """Where a release is built. The leading dot keeps it out of every reader's listing."""
    return releases_folder(home) / f".tmp-{cycle_id}-{pid}"


def pid_of_stage(name: str) -> int | None:
    """The process that built this stage folder, or None where the name is not that of a stage."""
    match = _STAGE_PATTERN.fullmatch(name)
    return int(match["pid"]) if match else None


def name_release(cycle_id: str, content_hash: str) -> str:
    return f"{cycle_id}-{content_hash[:12]}"


def cycle_of_release(release_id: str) -> str | None:
    """The cycle that a release id names, or None where it is not a release id."""
    match = _RELEASE_PATTERN.fullmatch(release_id)
    return match["cycle_id"] if match else None


def current_pointer(home: Path) -> Path:
    return home / "current"


def registry_index(home: Path) -> Path:
    return home / "registry" / "cycles.json"


def approvals_folder(home: Path) -> Path:
    return home / "registry" / "approvals"


def approval_file(home: Path, cycle_id: str, number: int) -> Path:
    """The n-th act on a cycle's plan, 1 first."""
    return approvals_folder(home) / f"{cycle_id}-{number:03d}.json"


def lock_file(home: Path) -> Path:
    return home / "registry" / "refresh.lock"


def holder_file(home: Path) -> Path:
    return home / "registry" / "refresh.holder.json"
