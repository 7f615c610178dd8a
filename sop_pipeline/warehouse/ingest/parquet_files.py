"""Is a delivered Parquet file whole, and are its types ones that its contract's columns can be read from?

Add here: a way in which a Parquet file can be broken or a type that misleads. Keep out: values (`value_rules`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sop_pipeline.warehouse.contracts import Column
from sop_pipeline.warehouse.ingest.csv_files import BrokenFile


def read_parquet_schema(path: Path) -> pa.Schema:
    """The schema of a Parquet file. Raises BrokenFile for an empty file and one that is not whole."""
    if path.stat().st_size == 0:
        raise BrokenFile("is empty (0 bytes). Deliver the file again.")
    try:
        return pq.read_schema(path)
    except (pa.ArrowException, OSError) as error:
        raise BrokenFile(
            f"is not a whole Parquet file ({str(error).splitlines()[0].rstrip('.')}). Deliver it again."
        ) from None


def type_problems(schema: pa.Schema, columns: Mapping[str, Column]) -> Iterator[str]:
    """Columns (by their name in the file) whose type would change what they say: codes as floating numbers, days that
    depend on a time zone, lists and bytes."""
    for name, column in columns.items():
        kind = schema.field(name).type
        if pa.types.is_dictionary(kind):
            kind = kind.value_type
        reason = _mismatch(kind, column)
        if reason:
            yield f"column '{name}' is {kind}, the contract says {column.data_type}: {reason}"


def _mismatch(kind: pa.DataType, column: Column) -> str:
    if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return "write one plain value a row"
    is_fraction = pa.types.is_floating(kind) or (pa.types.is_decimal(kind) and kind.scale > 0)
    if column.data_type == "varchar" and is_fraction:
        return "a code as a number loses zeros and gains a '.0'; write it as text"
    if column.data_type == "date" and pa.types.is_timestamp(kind) and kind.tz:
        return "the day depends on the time zone; write the company's local day as a date"
    is_number = column.data_type.startswith(("decimal", "integer", "bigint", "double"))
    if is_number and (pa.types.is_temporal(kind) or pa.types.is_boolean(kind)):
        return "write a number"
    if column.data_type in ("date", "timestamp") and (pa.types.is_integer(kind) or is_fraction):
        return "a number is not a day; write a date"
    if column.data_type == "boolean" and is_fraction:
        return "write true or false"
    return ""
