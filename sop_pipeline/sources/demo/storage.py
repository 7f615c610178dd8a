"""A world on disk: a folder for each month, read and written whole.

Add here: how the state is stored. Keep out: what it means (`world`, `execution`).
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet

from sop_pipeline.sources.demo.columns import Columns, stack
from sop_pipeline.sources.demo.state import State
from sop_pipeline.sources.demo.timeline import OPENING_MONTHS, cycle_of
from sop_pipeline.sources.protocol import SourceError

OPEN_TABLES = ("lines", "production", "transfers", "purchases", "returns")


def _folder(world_dir: Path, month: int) -> Path:
    return world_dir / f"month={cycle_of(month)}"


def _month_file(world_dir: Path, month: int) -> dict[str, str]:
    described = _folder(world_dir, month) / "month.json"
    found: dict[str, str] = json.loads(described.read_text()) if described.exists() else {}
    return found


def lineage(world_dir: Path, month: int) -> str | None:
    return _month_file(world_dir, month).get("lineage")


def require_month(world_dir: Path, month: int) -> str:
    """Lineage of a month, whole back to the opening."""
    if month < OPENING_MONTHS - 1:
        raise SourceError(f"The demo company's first cycle is {cycle_of(OPENING_MONTHS)}.")
    for number in range(OPENING_MONTHS - 1, month + 1):
        found = _month_file(world_dir, number)
        if not found:
            raise SourceError(
                f"The demo company was not moved through {cycle_of(number)} yet: advance it first."
            )
        if number >= OPENING_MONTHS and found["parent"] != lineage(world_dir, number - 1):
            raise SourceError(
                f"{cycle_of(number)} was executed before {cycle_of(number - 1)} was executed again: advance it again."
            )
    return str(lineage(world_dir, month))


def filed(world_dir: Path, month: int) -> dict[str, Columns]:
    """Finished documents of all months before the given one."""
    require_month(world_dir, month - 1)
    parts: dict[str, list[Columns]] = {}
    for number in range(OPENING_MONTHS - 1, month):
        for path in sorted(_folder(world_dir, number).glob("filed-*.parquet")):
            parts.setdefault(path.stem.removeprefix("filed-"), []).append(_read_columns(path))
    return {name: stack(tables) for name, tables in parts.items()}


def _read_columns(path: Path) -> Columns:
    table = pyarrow.parquet.read_table(path)
    return {name: table.column(name).to_numpy() for name in table.column_names}


def read_state(world_dir: Path, month: int) -> State:
    folder = _folder(world_dir, month)
    stock = _read_columns(folder / "state-stock.parquet")
    tables = {name: _read_columns(folder / f"state-{name}.parquet") for name in OPEN_TABLES}
    return State(
        stock=stock["usable"].copy(),
        quality=stock["quality"].copy(),
        **{
            name: {column: values.copy() for column, values in table.items()}
            for name, table in tables.items()
        },
    )


def write_month(
    world_dir: Path, month: int, state: State, filed: dict[str, Columns], lineage: str, parent: str = ""
) -> None:
    """Write the month beside its place, then put it there whole."""
    place = _folder(world_dir, month)
    temporary = world_dir / f".{place.name}.{os.getpid()}"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        _write_files(temporary, state, filed, lineage, parent)
        _put_in_place(temporary, place)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    _sync(world_dir)


def _write_files(temporary: Path, state: State, filed: dict[str, Columns], lineage: str, parent: str) -> None:
    tables = {f"filed-{name}": table for name, table in filed.items()}
    tables["state-stock"] = {"usable": state.stock, "quality": state.quality}
    tables |= {f"state-{name}": getattr(state, name) for name in OPEN_TABLES}
    for name, table in tables.items():
        path = temporary / f"{name}.parquet"
        pyarrow.parquet.write_table(pa.table(table), path, compression="zstd")
        _sync(path)
    write_text(
        temporary / "month.json", json.dumps({"lineage": lineage, "parent": parent}, sort_keys=True) + "\n"
    )


def _put_in_place(temporary: Path, place: Path) -> None:
    """A month that is replaced is away for a moment: killed there, it is executed again from the month before."""
    if not place.exists():
        os.replace(temporary, place)
        return
    old = place.with_name(f".{place.name}.old.{os.getpid()}")
    os.replace(place, old)
    os.replace(temporary, place)
    shutil.rmtree(old)


def write_text(path: Path, content: str) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(content, newline="\n")
        _sync(temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
