"""Tables of a delivery: read from our own contract as typed frames, written as the text files of an ERP.

In a frame text is `str`, a quantity or amount `Decimal` with the decimals of the contract, a day `datetime.date`, a moment
`datetime.datetime` (UTC), a flag `bool`, and empty is None, whatever the column. Add here: what holds for every shape.
Keep out: what an ERP calls a column (its module).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.csv as pa_csv
import yaml

from sop_pipeline.sources.folders import STAGING_DIR

Tables = Mapping[str, pd.DataFrame]
"""Table of our own contract -> its rows; an optional table that was not delivered has its columns and no row."""

_TYPES = {
    "varchar": pa.string(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "timestamp": pa.timestamp("us"),
}


@dataclass(frozen=True)
class ShapeFile:
    """A file of an ERP's extract. `rows`: columns under the ERP's own names, in order; values are text, None is empty.

    `delimiter`, `encoding`: as that ERP's dumps come; its source contract declares the same.
    """

    name: str
    rows: pd.DataFrame
    delimiter: str = ","
    encoding: str = "utf-8"


def read_tables(delivery: Path) -> dict[str, pd.DataFrame]:
    """Every table of our own contract in a delivery's folder, typed by its declaration."""
    path = STAGING_DIR / "contract" / "_contract__sources.yml"
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return {
        table["name"]: _read_table(delivery / f"{table['name']}.csv", table["columns"])
        for table in document["sources"][0]["tables"]
    }


def _read_table(path: Path, columns: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    schema = pa.schema([(column["name"], _arrow_type(column["data_type"])) for column in columns])
    if not path.exists():
        return pd.DataFrame({name: pd.Series(dtype=object) for name in schema.names})
    options = pa_csv.ConvertOptions(
        column_types=schema, strings_can_be_null=True, null_values=[""], include_columns=None
    )
    rows = pa_csv.read_csv(path, convert_options=options)
    # plain Python values: a pandas column would turn a whole number beside an empty one into a double
    return pd.DataFrame({name: pd.Series(rows[name].to_pylist(), dtype=object) for name in rows.column_names})


def _arrow_type(data_type: str) -> pa.DataType:
    decimal = re.fullmatch(r"decimal\((\d+),\s*(\d+)\)", data_type)
    return pa.decimal128(int(decimal[1]), int(decimal[2])) if decimal else _TYPES[data_type]


def write_file(file: ShapeFile, folder: Path) -> Path:
    """Write one file: a header and a line per row, quoted where it must be, lines ended by a line feed.

    Raises TypeError where a value is no text: how a number or a day is written is the shape's to say.
    """
    wrong = sorted(
        str(column)
        for column in file.rows.columns
        if not all(value is None or isinstance(value, str) for value in file.rows[column])
    )
    if wrong:
        raise TypeError(f"{file.name}: columns {', '.join(wrong)} hold values that are no text.")
    path = folder / file.name
    with path.open("w", encoding=file.encoding, newline="") as opened:
        writer = csv.writer(opened, delimiter=file.delimiter, lineterminator="\n")
        writer.writerow(file.rows.columns)
        columns = [["" if value is None else value for value in file.rows[name]] for name in file.rows]
        writer.writerows(zip(*columns, strict=True))
    return path
