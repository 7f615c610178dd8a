"""Delivering from a folder: find the files that the contracts name, say at once what is wrong, copy them untouched.

Which files a system delivers is read from its source contract, so that it is written in one place. Add here: what holds
for every source that is handed a folder of files. Keep out: what one system's files are called or hold (its module), and
what is in the files (warehouse.ingest).
"""

from __future__ import annotations

import filecmp
import os
import shutil
import stat
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from sop_pipeline.delivery.company import (
    FORMATS_FILE,
    NOTHING_DECLARED,
    CompanyFormats,
    FormatsError,
    read_company_formats,
)
from sop_pipeline.delivery.names import delta_files, files_called, is_litter, names_of
from sop_pipeline.sources.protocol import SourceError

PROJECT_DIR = Path(__file__).resolve().parents[2]
STAGING_DIR = PROJECT_DIR / "dbt_project" / "models" / "staging"
PAUSES_SECONDS = (0.5, 1.0, 2.0)
"""Waits before a file that cannot be read, or is still being written, is tried again."""


@dataclass(frozen=True)
class DeclaredFile:
    """A file that a contract asks for: its table, the names it may have, whether a cycle can do without it, and whether
    deltas of it may come instead."""

    table: str
    names: tuple[str, ...]
    is_mandatory: bool
    has_deltas: bool = False

    def found_in(self, folder: Path) -> list[Path]:
        """What a folder holds under the table's names, whatever it is."""
        return files_called(folder, self.names)

    def deltas_in(self, folder: Path) -> list[Path]:
        """The table's deltas in a folder, by sequence."""
        return [path for _, path in delta_files(folder, self.names)] if self.has_deltas else []


def declared_files(system: str, company: CompanyFormats = NOTHING_DECLARED) -> list[DeclaredFile]:
    """The files of a system's source contract, in its order: every table of its sources, whatever YAML file of its
    staging folder they stand in, under the names that the company gives them."""
    documents = [
        yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        for path in sorted((STAGING_DIR / system).glob("_*__sources.yml"))
    ]
    return [
        _declared_file(table["name"], table["config"]["meta"], company)
        for document in documents
        for source in document["sources"]
        if source["name"] == system
        for table in source["tables"]
    ]


def _declared_file(table: str, meta: dict[str, Any], company: CompanyFormats) -> DeclaredFile:
    delivery = company.delivery_of(table, meta["delivery"])
    names = names_of(table, meta.get("file"), company.files.get(table))
    is_mandatory = bool(delivery.get("mandatory", True)) and "reuse_maximum_days" not in delivery
    return DeclaredFile(table, names, is_mandatory, delivery.get("mode") == "delta")


def company_formats(folder: Path | None, system: str) -> tuple[CompanyFormats, Path | None, list[str]]:
    """What formats.yml of a folder declares, or of the folder above where a cycle has its own; its path; its problems."""
    known = [file.table for file in (*declared_files(system), *declared_files("planner"))]
    places = (
        [] if folder is None else [folder, *([folder.parent] if folder.name.startswith("cycle=") else [])]
    )
    for place in places:
        if (place / FORMATS_FILE).is_file():
            try:
                return read_company_formats(place, known), place / FORMATS_FILE, []
            except FormatsError as error:
                return NOTHING_DECLARED, place / FORMATS_FILE, error.problems
    return NOTHING_DECLARED, None, []


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
        if not found and not file.deltas_in(folder) and (file.is_mandatory or file.table in mandatory):
            problems.append(f"{' or '.join(file.names)} is not in {folder}{_guess(folder, file)}")
        if len(found) > 1 and not are_the_same(found):
            problems.append(
                f"{folder} holds {file.table} twice: {', '.join(p.name for p in found)}. Remove one."
            )
        problems += [problem for path in (*found, *file.deltas_in(folder)) if (problem := _not_a_file(path))]
    return problems


def are_the_same(paths: Sequence[Path]) -> bool:
    """Regular files with the same content."""
    if not all(stat.S_ISREG(os.lstat(path).st_mode) for path in paths):
        return False
    return all(filecmp.cmp(paths[0], path, shallow=False) for path in paths[1:])


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
    meant = {path.name for path in files_called(folder, known)}
    meant |= {path.name for file in declared for path in file.deltas_in(folder)}
    found = sorted(
        path.name
        for path in folder.iterdir()
        if path.suffix.lower() in {".csv", ".parquet"} and path.name not in meant and not is_litter(path.name)
    )
    problems: list[str] = []
    for name in found:
        near = get_close_matches(name, known, n=1)
        guess = f" Did you mean {near[0]}?" if near else f" Known: {', '.join(f.names[0] for f in declared)}."
        problems.append(f"{folder / _shown(name)} belongs to no table.{guess}")
    return problems


def left_lying(folder: Path, declared: Sequence[DeclaredFile]) -> list[str]:
    """What a folder holds beside the delivery: copies under way, locks of open workbooks, the same file twice."""
    litter = sorted(path.name for path in folder.iterdir() if is_litter(path.name))
    told = [
        f"{_shown(name)} was left aside: a copy under way, or the lock of an open workbook" for name in litter
    ]
    for file in declared:
        first, *others = file.found_in(folder) or [None]
        told += [
            f"{other.name} was left aside: it is {first.name}, byte for byte" for other in others if first
        ]
    return told


def refuse(what: str, problems: Sequence[str], remedy: str) -> None:
    """Raise one SourceError that names every problem; do nothing where there is none."""
    if problems:
        lines = "\n".join(f" * {problem}" for problem in problems)
        raise SourceError(f"{what} cannot be delivered:\n{lines}\n{remedy}")


def copy_files(folder: Path, declared: Sequence[DeclaredFile], into: Path) -> None:
    """Copy the declared files that a folder holds, byte by byte.

    Files that somebody holds open or is still writing are tried again, all together, three times. Raises SourceError,
    naming every file, for what cannot be read even then.
    """
    left = [path for file in declared for path in (*file.found_in(folder)[:1], *file.deltas_in(folder))]
    problems: dict[Path, str] = {}
    for pause in (0.0, *PAUSES_SECONDS):
        if pause:
            time.sleep(pause)
        tried = {path: copy_file(path, into / path.name) for path in left}
        problems = {path: problem for path, problem in tried.items() if problem}
        left = [path for path in problems if path.exists() and not path.is_symlink()]
        if not left:
            break
    refuse(
        f"{folder}",
        list(problems.values()),
        f"Correct this and run again; nothing has landed. {_tries(left)}".rstrip(),
    )


def _tries(left: Sequence[Path]) -> str:
    return f"Tried {1 + len(PAUSES_SECONDS)} times." if left else ""


def copy_file(path: Path, into: Path) -> str:
    """Copy one file byte by byte; return what is wrong with it, nothing where it was copied."""
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
        return f"{path} cannot be read: {error.strerror}. Close it where it is open, or give the refresh the right to read it."
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        return f"{path} is still being written: it changed while it was copied. Deliver it whole, then run again."
    return ""
