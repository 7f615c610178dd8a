"""Delivering from a folder: find the files that the contracts name, say at once what is wrong, copy them untouched.

Which files a system delivers is read from its source contract, so that it is written in one place. Add here: what holds
for every source that is handed a folder of files. Keep out: what one system's files are called or hold (its module), and
what is in the files (warehouse.ingest).
"""

from __future__ import annotations

import shutil
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
        """The files of the table in a folder."""
        return [folder / name for name in self.names if (folder / name).is_file()]


def declared_files(system: str) -> list[DeclaredFile]:
    """The files of a system's source contract, in its order."""
    path = STAGING_DIR / system / f"_{system}__sources.yml"
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return [
        _declared_file(table["name"], table["config"]["meta"]) for table in document["sources"][0]["tables"]
    ]


def _declared_file(table: str, meta: dict[str, object]) -> DeclaredFile:
    delivery = meta["delivery"]
    is_mandatory = bool(delivery["mandatory"]) if isinstance(delivery, dict) else True
    names = (str(meta["file"]),) if "file" in meta else (f"{table}.csv", f"{table}.parquet")
    return DeclaredFile(table, names, is_mandatory)


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
    return problems


def _guess(folder: Path, file: DeclaredFile) -> str:
    near = get_close_matches(file.names[0], sorted(path.name for path in folder.iterdir()), n=1, cutoff=0.8)
    return f" (did you mean {near[0]}?)" if near else ""


def unknown_file_problems(folder: Path, declared: Sequence[DeclaredFile]) -> list[str]:
    """Tables in a folder that no contract asks for: most often a misspelt name, whose rows would silently be missing."""
    known = [name for file in declared for name in file.names]
    found = sorted(
        p.name for p in folder.iterdir() if p.suffix in {".csv", ".parquet"} and p.name not in known
    )
    problems: list[str] = []
    for name in found:
        near = get_close_matches(name, known, n=1)
        guess = f" Did you mean {near[0]}?" if near else f" Known: {', '.join(f.names[0] for f in declared)}."
        problems.append(f"{folder / name} belongs to no table.{guess}")
    return problems


def refuse(what: str, problems: Sequence[str], remedy: str) -> None:
    """Raise one SourceError that names every problem; do nothing where there is none."""
    if problems:
        lines = "\n".join(f" * {problem}" for problem in problems)
        raise SourceError(f"{what} cannot be delivered:\n{lines}\n{remedy}")


def copy_files(folder: Path, declared: Sequence[DeclaredFile], into: Path) -> None:
    """Copy the declared files that a folder holds, byte by byte."""
    for file in declared:
        for path in file.found_in(folder):
            shutil.copyfile(path, into / path.name)
