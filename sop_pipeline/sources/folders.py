"""Delivering from a folder: find the files that the contracts name, say at once what is wrong, copy them untouched.

Which files a system delivers is read from its source contract, so that it is written in one place. Add here: what holds
for every source that is handed a folder of files. Keep out: what one system's files are called or hold (its module), and
what is in the files (warehouse.ingest).
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import yaml

from sop_pipeline.sources.protocol import SourceError

PROJECT_DIR = Path(__file__).resolve().parents[2]
STAGING_DIR = PROJECT_DIR / "dbt_project" / "models" / "staging"


@dataclass(frozen=True)
class DeclaredFile:
    """A file that a contract asks for: its table, the names it may have, and whether a cycle can do without it."""

    table: str
    names: tuple[str, ...]
    is_mandatory: bool

    def found_in(self, folder: Path) -> list[Path]:
        """What a folder holds under the table's names, whatever it is."""
        return [folder / name for name in self.names if os.path.lexists(folder / name)]


def declared_files(system: str) -> list[DeclaredFile]:
    """The files of a system's source contract, in its order: every table of its sources, whatever YAML file of its
    staging folder they stand in."""
    documents = [
        yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        for path in sorted((STAGING_DIR / system).glob("_*__sources.yml"))
    ]
    return [
        _declared_file(table["name"], table["config"]["meta"])
        for document in documents
        for source in document["sources"]
        if source["name"] == system
        for table in source["tables"]
    ]


def _declared_file(table: str, meta: dict[str, object]) -> DeclaredFile:
    delivery = meta["delivery"]
    is_mandatory = bool(delivery["mandatory"]) if isinstance(delivery, dict) else True
    names = (str(meta["file"]),) if "file" in meta else (f"{table}.csv", f"{table}.parquet")
    return DeclaredFile(table, names, is_mandatory)


def cycle_folder(folder: Path, cycle_id: str) -> Path:
    """The cycle's own folder below a delivery folder (`cycle=YYYY-MM`), where there is one; else the folder itself."""
    own = folder / f"cycle={cycle_id}"
    return own if own.is_dir() else folder


def folder_problems(what: str, folder: Path | None, remedy: str) -> list[str]:
    """Why a folder cannot be read from; nothing where it can."""
    if folder is None:
        return [f"no folder of {what} was given. {remedy}"]
    if not folder.is_dir():
        return [f"{folder}, the folder of {what}, is not a folder. {remedy}"]
    return []


def file_problems(
    folder: Path, declared: Sequence[DeclaredFile], also_mandatory: Iterable[str] = ()
) -> list[str]:
    """Mandatory files that a folder lacks, and tables that it holds twice."""
    mandatory = set(also_mandatory)
    problems: list[str] = []
    for file in declared:
        found = file.found_in(folder)
        if not found and (file.is_mandatory or file.table in mandatory):
            problems.append(f"{' or '.join(file.names)} is not in {folder}{_guess(folder, file)}")
        if len(found) > 1:
            problems.append(
                f"{folder} holds {file.table} twice: {', '.join(p.name for p in found)}. Remove one."
            )
        problems += [problem for path in found if (problem := _not_a_file(path))]
    return problems


def _not_a_file(path: Path) -> str:
    """Why something under a file's name is not read: a link may lead anywhere, a pipe or device never ends."""
    kind = os.lstat(path).st_mode
    if stat.S_ISLNK(kind):
        return f"{path} is a link to '{path.readlink()}'. Deliver the file itself: links are not followed."
    if not stat.S_ISREG(kind):
        return f"{path} is not a regular file. Deliver a file of that name."
    return ""


def _guess(folder: Path, file: DeclaredFile) -> str:
    names = {path.name.casefold(): path.name for path in sorted(folder.iterdir())}
    near = [m for name in file.names for m in get_close_matches(name.casefold(), names, n=1, cutoff=0.8)]
    return f" (did you mean {_shown(names[near[0]])}?)" if near else ""


def _shown(name: str) -> str:
    """A file name as it may stand in a message: whatever does not print is spelt out."""
    return name if name.isprintable() and len(name) <= 100 else repr(name[:100])


def unknown_file_problems(folder: Path, declared: Sequence[DeclaredFile]) -> list[str]:
    """Tables in a folder that no contract asks for: most often a misspelt name, whose rows would silently be missing."""
    known = [name for file in declared for name in file.names]
    found = sorted(
        p.name for p in folder.iterdir() if p.suffix.lower() in {".csv", ".parquet"} and p.name not in known
    )
    problems: list[str] = []
    for name in found:
        near = get_close_matches(name, known, n=1)
        guess = f" Did you mean {near[0]}?" if near else f" Known: {', '.join(f.names[0] for f in declared)}."
        problems.append(f"{folder / _shown(name)} belongs to no table.{guess}")
    return problems


def refuse(what: str, problems: Sequence[str], remedy: str) -> None:
    """Raise one SourceError that names every problem; do nothing where there is none."""
    if problems:
        lines = "\n".join(f" * {problem}" for problem in problems)
        raise SourceError(f"{what} cannot be delivered:\n{lines}\n{remedy}")


def copy_files(folder: Path, declared: Sequence[DeclaredFile], into: Path) -> None:
    """Copy the declared files that a folder holds, byte by byte.

    Raises SourceError, naming every file, for what cannot be read and for a file that grows while it is copied.
    """
    problems = [
        problem
        for file in declared
        for path in file.found_in(folder)
        if (problem := _copy(path, into / path.name))
    ]
    refuse(f"{folder}", problems, "Correct this and run again; nothing has landed.")


def _copy(path: Path, into: Path) -> str:
    try:
        # no link is followed, also not one that was put there since the folder was looked at
        with (
            os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file,
            open(into, "wb") as copy,
        ):
            before = os.fstat(file.fileno())
            shutil.copyfileobj(file, copy, 1 << 20)
            after = os.fstat(file.fileno())
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}. Give the refresh the right to read it."
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        return f"{path} is still being written: it changed while it was copied. Deliver it whole, then run again."
    return ""
