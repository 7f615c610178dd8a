"""Recompute everything that a release claims, and say all that does not hold.

Every sha256, the content hash and the release's name, rows, types and control totals from the Parquet files,
sop.duckdb against the Parquet files row by row, earlier cycles' files against the releases they come from,
the pointer, and of every demand plan that was agreed that its release still has it. It shows accidents and edits of single files; somebody who rewrites a release, the registry
and every copy of the manifest's hash is found by what was signed outside (an approval, a mail with the hash).
Add here: a claim of a release that can be recomputed. Keep out: judging numbers (that is `quality`'s).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sop_pipeline.release import approvals
from sop_pipeline.release.database import find_differences
from sop_pipeline.release.integrity import find_file_problems, find_table_problems
from sop_pipeline.release.layout import (
    DATABASE_FILE,
    current_pointer,
    cycle_of_release,
    release_folder,
    releases_folder,
)
from sop_pipeline.release.manifest import Manifest, UnreadableManifest, find_edits, read_manifest
from sop_pipeline.release.pointer import current_release
from sop_pipeline.release.registry import find_forgotten_edits


@dataclass(frozen=True)
class VerificationReport:
    release_id: str | None  # None where there is no release to verify
    problems: tuple[str, ...]
    files: int = 0  # recomputed
    tables: int = 0
    rows: int = 0  # of the release's own cycle

    @property
    def is_sound(self) -> bool:
        return not self.problems


def verify(home: Path, release: str | None = None) -> VerificationReport:
    """Verify one release; without a name, the one that `current` names and the home around it."""
    if release is None:
        name = current_release(home)
        problems = find_home_problems(home)
    else:
        name, problems = release, []
    if name is None:
        return VerificationReport(None, tuple(problems))
    if cycle_of_release(name) is None or not release_folder(home, name).is_dir():
        return VerificationReport(name, (*problems, f"there is no release {name} in {releases_folder(home)}"))
    return _verify_folder(home, release_folder(home, name), problems)


def verify_home(home: Path) -> tuple[VerificationReport, ...]:
    """Verify the current release and the home, then every other release."""
    current = verify(home)
    folder = releases_folder(home)
    names = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    others = [name for name in names if cycle_of_release(name) and name != current.release_id]
    return (current, *(verify(home, name) for name in others))


def find_home_problems(home: Path) -> list[str]:
    """What is wrong around the releases: the pointer, folders that are none, agreed plans that are not there."""
    problems = []
    pointer = current_pointer(home)
    if not pointer.is_symlink() and not pointer.exists():
        problems.append(f"nothing is published: {pointer} does not exist")
    elif current_release(home) is None:
        problems.append(f"{pointer} does not name a release in {releases_folder(home)}")
    folder = releases_folder(home)
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if cycle_of_release(path.name) is None and not path.name.startswith("."):
            problems.append(f"{path} is not a release")
    return [*problems, *approvals.find_problems(home)]


def _verify_folder(home: Path, folder: Path, problems: list[str]) -> VerificationReport:
    try:
        manifest = read_manifest(folder)
    except UnreadableManifest as error:
        return VerificationReport(folder.name, (*problems, str(error)))
    problems = [*problems, *find_edits(manifest, folder)]
    problems += find_forgotten_edits(home, {folder.name: manifest})
    file_problems = find_file_problems(folder, manifest)
    problems += file_problems
    problems += _find_history_problems(home, manifest)
    if not file_problems:  # a damaged file is not opened: what it seems to say proves nothing
        problems += find_table_problems(folder, manifest)
        problems += [f"{folder.name}: {difference}" for difference in find_differences(folder, manifest)]
    else:
        problems.append(f"{folder.name}: tables and {DATABASE_FILE} were not compared, see the files above")
    rows = sum(table.rows for table in manifest.tables)
    return VerificationReport(folder.name, tuple(problems), len(manifest.files), len(manifest.shown), rows)


def _find_history_problems(home: Path, manifest: Manifest) -> list[str]:
    """Earlier cycles' files that are not what their own releases say they are."""
    problems = []
    for earlier in manifest.history:
        origin = release_folder(home, earlier.release_id)
        if not origin.is_dir():  # no longer kept; the file's own sha256 is checked like any other
            continue
        try:
            released = read_manifest(origin).own_files()
        except UnreadableManifest as error:
            problems.append(f"{manifest.release_id}: history cannot be compared: {error}")
            continue
        shown = {file: manifest.files[file].sha256 for file in earlier.files}
        if shown != released:
            problems.append(
                f"{manifest.release_id}: the files of cycle {earlier.cycle_id} are not {earlier.release_id}'s"
            )
    return problems
