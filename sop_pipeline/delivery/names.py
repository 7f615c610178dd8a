"""What a table's file is called, and what in a folder is no delivery at all.

A name is found in any case; one with * or ? is a pattern. Add here: another way to call a file. Keep out: which tables
there are (source contracts), whether a file is whole (warehouse.ingest).
"""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart")


def names_of(table: str, declared: str | Sequence[str] | None, company: str | None) -> tuple[str, ...]:
    """Names that a table's file may have: the company's, else the contract's (one or several), else the table's own."""
    chosen = company or declared
    if not chosen:
        return (f"{table}.csv", f"{table}.parquet")
    return (chosen,) if isinstance(chosen, str) else tuple(chosen)


def is_litter(name: str) -> bool:
    """A file that is no delivery: the lock of an open workbook, a copy that is still under way."""
    return name.startswith("~$") or name.casefold().endswith(UNFINISHED)


def files_called(folder: Path, names: Sequence[str]) -> list[Path]:
    """What a folder holds under any of the names, whatever it is, by name; nothing of what is_litter says."""
    wanted = [name.casefold() for name in names]
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if not is_litter(path.name) and any(_is_called(path.name.casefold(), one) for one in wanted)
    )


def _is_called(name: str, wanted: str) -> bool:
    return fnmatchcase(name, wanted) if set(wanted) & set("*?") else name == wanted


def delta_files(folder: Path, names: Sequence[str]) -> list[tuple[int, Path]]:
    """Deltas of a table in a folder, by sequence: `<name>.<sequence>.csv`, for each name that the table's file may have."""
    found = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        stem, _, ending = path.name.casefold().rpartition(".")
        start, _, sequence = stem.rpartition(".")
        if (
            sequence.isascii()
            and sequence.isdigit()
            and any(_is_called(f"{start}.{ending}", name.casefold()) for name in names)
        ):
            found.append((int(sequence), path))
    return sorted(found)
