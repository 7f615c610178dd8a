"""What must hold of a home after a fault, and when two homes are in the same state as far as the next run can tell.

Add here: an invariant. Keep out: how a fault is made (`injection`), how refreshes are started (`children`).
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from sop_pipeline.release.layout import cycle_of_release
from sop_pipeline.release.lock import peek
from sop_pipeline.release.pointer import current_release
from sop_pipeline.release.verify import verify

LITTER = re.compile(
    r"\.(tmp-|home\.json\.|dagster\.yaml\.|data\.parquet\.|accepted\.json\.|delivering|month=|world\.json)"
)


@dataclass(frozen=True)
class Expected:
    """What a run without faults comes to: the releases by cycle, and the hash of every Parquet file."""

    release_ids: dict[str, str]
    parquet: dict[str, str]

    @classmethod
    def of(cls, home: Path) -> Expected:
        found = {name[:7]: name for name in _names(home / "releases") if cycle_of_release(name)}
        return cls(found, parquet_hashes(home))


def parquet_hashes(home: Path) -> dict[str, str]:
    """sha256 of every Parquet file of lake and releases by its path in the home, temporary ones included."""
    files = [p for room in ("lake", "releases") for p in (home / room).rglob("*") if p.is_file()]
    return {
        p.relative_to(home).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in files
        if "parquet" in p.name
    }


def problems_of_readers(home: Path, expected: Expected) -> list[str]:
    """I1 and I4: `current` names a whole release of those that may be there, and nobody holds the home."""
    problems = []
    name = current_release(home)
    if name not in expected.release_ids.values():
        problems.append(f"I1: `current` names {name}")
    problems += [f"I1: {problem}" for problem in verify(home).problems if not problem.startswith("stage")]
    if holder := peek(home):
        problems.append(f"I4: the home is still held by process {holder.pid} ({holder.purpose})")
    return problems


def problems_of_next_run(home: Path, expected: Expected, code: int, said: str) -> list[str]:
    """I3: the next run came, without any clean-up, to what a first run comes to, and nothing is left lying about."""
    if code != 0:
        return [f"I3: the next run ended with {code}: {said.strip()[-2000:]}"]
    problems = [f"I3: {problem}" for problem in verify(home).problems]
    newest = max(expected.release_ids)
    if current_release(home) != expected.release_ids[newest]:
        problems.append(
            f"I3: the next run came to {current_release(home)}, not {expected.release_ids[newest]}"
        )
    found = parquet_hashes(home)
    differing = sorted(
        p for p in found.keys() | expected.parquet.keys() if found.get(p) != expected.parquet.get(p)
    )
    if differing:
        problems.append(
            f"I3: {len(differing)} Parquet files differ from a run without faults: {differing[:5]}"
        )
    if litter := [path.relative_to(home).as_posix() for path in home.rglob(".*") if LITTER.match(path.name)]:
        problems.append(f"I3: left lying about: {litter[:5]}")
    return problems


# -- states


class StateKeys:
    """Tells states of one home apart by all that the next run reads before it has written it.

    That is everything except: the cycle's lake files and the working folder, which every run writes before it reads
    (`fill_with_rubbish` and the run over it show it); the bytes inside
    temporary files and folders, which are removed unread; Dagster's own database (random kills); the moment of
    publishing.
    """

    def __init__(self, home: Path, cycle_id: str) -> None:
        self.home, self.cycle_id = home, cycle_id
        self._hashes: dict[tuple[int, int, int], str] = {}

    def key(self) -> str:
        """One hash for the state that the home is in now."""
        digest = hashlib.sha256()
        for line in sorted(set(self._facts())):
            digest.update(line.encode() + b"\n")
        return digest.hexdigest()[:16]

    def _facts(self) -> Iterator[str]:
        pointer = self.home / "current"
        yield f"current {pointer.readlink() if pointer.is_symlink() else None}"
        yield f"cycles {_known_releases(self.home)}"
        for room in ("home.json", "dagster/dagster.yaml"):
            yield f"{room} {self._hash(self.home / room)}"
        for room in ("landing", "world", "releases"):
            yield from self._facts_below(self.home / room)
        yield from (
            f"litter {_without_process(path.name)}" for path in (self.home / "lake").rglob(".data.parquet.*")
        )

    def _facts_below(self, folder: Path) -> Iterator[str]:
        for name in _names(folder):
            path = folder / name
            place = path.relative_to(self.home).as_posix()
            if name.startswith("."):
                closed = (
                    any(not Path(p).stat().st_mode & 0o200 for p, _, _ in os.walk(path))
                    if path.is_dir()
                    else ""
                )
                yield f"litter {_without_process(place)} {closed}"
            elif path.is_dir():
                yield place
                yield from self._facts_below(path)
            elif name in ("manifest.json", "sop.duckdb") and place.startswith("releases"):
                yield place  # they carry the moment of publishing
            else:
                yield f"{place} {self._hash(path)}"

    def _hash(self, path: Path) -> str:
        try:
            found = path.stat()
            known = (found.st_ino, found.st_mtime_ns, found.st_size)
            if known not in self._hashes:
                self._hashes[known] = hashlib.sha256(path.read_bytes()).hexdigest()
            return self._hashes[known]
        except FileNotFoundError:
            return "none"


def _known_releases(home: Path) -> list[str]:
    index = home / "registry" / "cycles.json"
    return sorted(json.loads(index.read_bytes())["manifests"]) if index.exists() else []


def _without_process(name: str) -> str:
    return re.sub(r"\d{3,}(?=(\.tmp)?$)", "N", name)


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


# -- copies


def copy_home(home: Path, to: Path) -> Path:
    """A copy of a home as it is at this moment; released files, which nobody writes to, only get a second name."""

    is_same_disk = home.stat().st_dev == to.parent.stat().st_dev

    def copy(source: str, target: str) -> None:
        try:
            if is_same_disk and "/releases/" in source and not Path(source).stat().st_mode & 0o222:
                Path(target).hardlink_to(source)
            else:
                shutil.copy2(source, target)
        except FileNotFoundError:
            pass  # a thread of the refresh took its temporary file away meanwhile

    return Path(shutil.copytree(home, to, symlinks=True, copy_function=copy))


def remove_home(home: Path) -> None:
    """Remove a home, its read-only releases included, where there is one."""
    for parent, _, _ in os.walk(home):
        Path(parent).chmod(0o755)
    shutil.rmtree(home, ignore_errors=True)


def fill_with_rubbish(home: Path, cycle_id: str) -> int:
    """Falsify what a killed refresh of the cycle computed: lake files without a row, a working folder of rubbish.

    A lake file is never torn (it is renamed when it is whole), and dbt looks at the columns of those that are there.
    """
    lake, work = home.glob(f"lake/*/*/cycle={cycle_id}/data.parquet"), home.glob("work/**/*")
    files = {*lake, *(path for path in work if path.is_file())}
    for path in sorted(files):
        if path.suffix == ".parquet":
            pq.write_table(pq.ParquetFile(path).read().slice(0, 0), path)
        else:
            path.write_bytes(b"rubbish" * 100)
        (path.parent / f".{path.name}.4194000.tmp").write_bytes(b"half of a file")
    return len(files)
