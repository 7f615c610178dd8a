"""Is the home fit for a refresh? Asked before anything is written, so that a refusal changes nothing.

Add here: a condition that can be known before the first step. Keep out: what a step finds out by itself (bad files,
closed gates), and repairing a home: what a killed refresh left behind is removed, nothing else.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from sop_pipeline.release.processes import user_name
from sop_pipeline.settings import Home

SMALLEST_FREE_BYTES = 256 << 20
FREE_TIMES_LAST_CYCLE = 3
"""DuckDB spills and a release is built beside the old one: three times what the last cycle wrote is room enough."""

OUR_TEMPORARY_FOLDERS = ("sop-ingest-*", "sop-parse-*", "sop-release-*", "sop-demo-*")
FORGOTTEN_SECONDS = 24 * 3600


class HomeNotReady(Exception):
    """The home cannot take a refresh now. The message names every problem and the remedy; nothing was changed."""


def check_home(home: Home) -> None:
    """Raise HomeNotReady where a folder may not be written or the disk has no room for a cycle; writes nothing."""
    problems = [f"{path} may not be written by {user_name()}" for path in _closed_paths(home)]
    if problems:
        raise HomeNotReady(
            _listed(f"{home.root} cannot take a refresh: {len(problems)} of its folders and files are read-only",
                    problems, f"Give {user_name()} the right to write there (a read-only mount, an owner, a mode), "
                    "and run the same command again. Nothing was changed.")
        )  # fmt: skip
    if not home.root.exists():
        return
    free, needed = shutil.disk_usage(home.root).free, _needed_bytes(home)
    if free < needed:
        raise HomeNotReady(
            f"The disk of {home.root} has {_megabytes(free)} free, a refresh may need {_megabytes(needed)} "
            f"({FREE_TIMES_LAST_CYCLE} times what the last cycle wrote, at least {_megabytes(SMALLEST_FREE_BYTES)}). "
            "Free some space, or move the home to a larger disk; then run the same command again. Nothing was changed."
        )


def remove_leftovers(home: Home) -> None:
    """Remove temporary files and folders that a killed refresh left; the caller holds the home's lock.

    What stands under a temporary name in the home was left by a refresh that is over. In the machine's temporary folder
    others may be at work: what is ours there goes when it is older than a day. Stages of releases are removed where
    releases are made.
    """
    for path in [*_leftovers(home), *_forgotten(Path(tempfile.gettempdir()), time.time())]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


def _leftovers(home: Home) -> Iterator[Path]:
    yield from sorted(home.root.glob(".home.json.*.tmp"))
    yield from sorted(home.dagster.glob(".dagster.yaml.*.tmp"))
    yield from sorted(home.lake.glob("*/*/cycle=*/.data.parquet.*.tmp"))
    yield from sorted(home.landing.glob("*/cycle=*/.delivering"))
    yield from sorted(home.landing.glob("*/cycle=*/.accepted.json.*.tmp"))
    yield from sorted(home.world.glob(".*"))
    yield from sorted(home.work.glob(f"{home.work_database.name}.tmp"))  # where DuckDB spilled to
    yield from sorted(home.work.glob("sop-ingest-*"))  # typed rows that were not taken into the lake


def _forgotten(temporary: Path, now: float) -> Iterator[Path]:
    """Folders of ours in the machine's temporary folder, whose process was killed before it could remove them."""
    for name in OUR_TEMPORARY_FOLDERS:
        for path in sorted(temporary.glob(name)):
            with suppress(FileNotFoundError):  # another refresh removes them too
                found = path.lstat()
                if found.st_uid == os.getuid() and now - found.st_mtime > FORGOTTEN_SECONDS:
                    yield path


def _closed_paths(home: Home) -> list[Path]:
    """What a refresh writes below and may not; of folders that are not there yet, the one that is to hold them."""
    if not home.root.exists():
        above = next(parent for parent in home.root.parents if parent.exists())
        return [] if _is_open(above) else [above]
    folders = [home.root, home.landing, home.lake, home.work, home.dagster, home.world]
    folders += [home.root / "releases", home.root / "registry"]
    folders += [
        path for room in (home.lake, home.landing) for path in sorted(room.glob("*")) if path.is_dir()
    ]
    files = [
        home.opened_with,
        home.work_database,
        home.work / "refresh.log",
        home.root / "registry" / "refresh.lock",
    ]
    files += [*sorted(home.dagster.glob("storage/*.db")), *sorted(home.dagster.glob("history/**/*.db"))]
    return [path for path in (*folders, *files) if path.exists() and not _is_open(path)]


def _is_open(path: Path) -> bool:
    return os.access(path, os.W_OK | os.X_OK if path.is_dir() else os.W_OK)


def _needed_bytes(home: Home) -> int:
    """Three times what the last cycle wrote: its working folder, its landed files, its lake, its release."""
    current = home.root / "current"
    last = [home.work, *([current.resolve()] if current.exists() else [])]
    if current.exists():
        cycle = current.resolve().name[:7]
        last += [*home.landing.glob(f"*/cycle={cycle}"), *home.lake.glob(f"*/*/cycle={cycle}")]
    return max(SMALLEST_FREE_BYTES, FREE_TIMES_LAST_CYCLE * sum(_size(folder) for folder in last))


def _size(folder: Path) -> int:
    return sum(
        path.lstat().st_size
        for parent, _, names in os.walk(folder)
        for path in (Path(parent) / n for n in names)
    )


def _megabytes(size: int) -> str:
    return f"{size / (1 << 20):,.0f} MB"


def _listed(head: str, problems: list[str], remedy: str) -> str:
    shown = [*problems[:5], *([f"and {len(problems) - 5} more"] if len(problems) > 5 else [])]
    return f"{head}:\n" + "\n".join(f" * {problem}" for problem in shown) + f"\n{remedy}"
