"""A table as a Parquet file whose bytes depend on its rows only, and the control totals an auditor adds up.

Rows are sorted by the grain, columns have one chunk, no metadata goes in but the types, and every option of
the writer is fixed: the same rows in any order are the same bytes. (Another version of the Parquet library
may write other bytes; it is pinned.)
Add here: what a table file promises. Keep out: where files lie (see `layout`), the DuckDB file (see
`database`).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sop_pipeline.release.problems import examples

CYCLE_COLUMN = "cycle_id"

_ROWS_PER_GROUP = 131_072
_SUM_DIGITS = 76  # of decimal256: no sum of rows that fit a disk can overflow it


def find_row_problems(rows: pa.Table, grain: Sequence[str], cycle_id: str) -> Iterator[str]:
    """What makes these rows unfit for a release: types, the grain, the cycle, numbers that are none."""
    unfit = [f"{field.name} ({field.type})" for field in rows.schema if not _is_releasable(field.type)]
    if unfit:
        yield f"{len(unfit)} column(s) of a type that is not released: {examples(unfit)}"
        return
    yield from _find_grain_problems(rows, grain)
    if CYCLE_COLUMN not in rows.column_names:
        yield f"has no column {CYCLE_COLUMN}"
    else:
        strangers = sorted({str(value) for value in pc.unique(rows[CYCLE_COLUMN]).to_pylist()} - {cycle_id})
        if strangers:
            yield f"holds rows of other cycles: {examples(strangers)}"
    for field in rows.schema:
        if pa.types.is_floating(field.type):
            count = pc.sum(pc.invert(pc.is_finite(rows[field.name]))).as_py()
            if count:
                yield f"{count} value(s) of {field.name} are not finite numbers"


def _is_releasable(arrow_type: Any) -> bool:
    return bool(
        pa.types.is_string(arrow_type)
        or pa.types.is_large_string(arrow_type)
        or pa.types.is_boolean(arrow_type)
        or pa.types.is_integer(arrow_type)
        or arrow_type in (pa.float32(), pa.float64())
        or pa.types.is_decimal128(arrow_type)
        or pa.types.is_date32(arrow_type)
        or pa.types.is_timestamp(arrow_type)
    )


def _find_grain_problems(rows: pa.Table, grain: Sequence[str]) -> Iterator[str]:
    for column in grain:
        if rows[column].null_count:
            yield f"{rows[column].null_count} row(s) without {column}, which is part of the grain"
    counted = rows.select(list(grain)).group_by(list(grain)).aggregate([([], "count_all")])
    repeated = counted.filter(pc.greater(counted["count_all"], 1))
    if repeated.num_rows:
        keys = (" / ".join(str(row[column]) for column in grain) for row in repeated.slice(0, 6).to_pylist())
        yield f"{repeated.num_rows} key(s) of the grain ({', '.join(grain)}) repeat, e.g. {examples(keys)}"


def table_bytes(rows: pa.Table, grain: Sequence[str]) -> bytes:
    """The rows as a Parquet file."""
    ordered = _normalise(rows).sort_by([(column, "ascending") for column in grain]).combine_chunks()
    sink = pa.BufferOutputStream()
    pq.write_table(
        ordered,
        sink,
        row_group_size=_ROWS_PER_GROUP,
        version="2.6",
        data_page_version="1.0",
        compression="zstd",
        compression_level=3,
        use_dictionary=True,
        write_statistics=True,
        store_schema=False,
    )
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _normalise(rows: pa.Table) -> pa.Table:
    """One Arrow type for text, and no metadata (frames and Parquet readers leave some)."""
    fields = [
        pa.field(field.name, pa.string() if pa.types.is_large_string(field.type) else field.type)
        for field in rows.schema
    ]
    return rows.cast(pa.schema(fields))


def read_table(path: Path) -> pa.Table:
    """The rows of one released file, exactly as they stand in it."""
    return pq.ParquetFile(path, memory_map=False).read()


def control_totals(rows: pa.Table) -> dict[str, str]:
    """The exact sum of every numeric column, as text; floats are summed without error and rounded once."""
    totals = {}
    for field in rows.schema:
        if pa.types.is_floating(field.type):
            totals[field.name] = repr(math.fsum(rows[field.name].drop_null().to_pylist()))
        elif pa.types.is_integer(field.type) or pa.types.is_decimal(field.type):
            totals[field.name] = format(_exact_sum(rows[field.name]), "f")
    return totals


def _exact_sum(values: Any) -> Decimal:
    scale = values.type.scale if pa.types.is_decimal(values.type) else 0
    total: Decimal | None = pc.sum(values.cast(pa.decimal256(_SUM_DIGITS, scale))).as_py()
    return Decimal(0).scaleb(-scale) if total is None else total


def column_types(rows: pa.Table) -> dict[str, str]:
    """Column -> type as the Parquet file gives it back, in the order of the columns."""
    return {field.name: str(field.type) for field in rows.schema}
