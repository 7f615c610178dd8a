"""The lake: one Parquet file a table a cycle, replaced whole and atomically.

`lake/<schema>/<table>/cycle=YYYY-MM/data.parquet`. Same rows in, same bytes out: rows come sorted, the writer's options
are fixed, and nothing of the clock goes in. Add here: how lake files are written and read. Keep out: what is in them.
"""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq


def lake_file(lake_dir: Path, table: str, cycle_id: str) -> Path:
    """Path of a table's file of one cycle."""
    schema, name = table.split(".")
    return lake_dir / schema / name / f"cycle={cycle_id}" / "data.parquet"


def write_parquet(table: pa.Table, path: Path) -> None:
    """Write a table to `path` so that a reader sees the old file or the new one, never a part.

    Raises OSError as the file system does; the temporary file is removed then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            pq.write_table(
                table.replace_schema_metadata(None), file, compression="zstd", write_statistics=True
            )
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def adopt_parquet(written: Path, path: Path) -> None:
    """Move a Parquet file that was written elsewhere on the same disk to `path`, so that a reader sees the old file or
    the new one. Raises OSError as the file system does."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(written, "rb") as file:
        os.fsync(file.fileno())
    os.replace(written, path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
