"""Columns of the simulator as text of an extract: identifiers, dates, amounts, and CSV files of fixed bytes.

Add here: a way to write a kind of value. Keep out: which columns a table has (`masters`, `documents`, `planners`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
from numpy.typing import NDArray

from sop_pipeline.sources.demo.randomness import Integers

Extract = dict[str, pa.Array]


def lookup(values: Sequence[str | None], positions: NDArray[Any]) -> pa.Array:
    """Text at positions of a list; a negative position is missing."""
    codes = pa.array(positions, mask=positions < 0)
    return pa.array(values, type=pa.string()).take(codes)


def numbered(prefix: str, numbers: Integers, width: int = 9) -> pa.Array:
    """Document numbers: prefix and a number with leading zeros."""
    text = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")
    return pc.binary_join_element_wise(prefix, text, "")


def text(numbers: Integers) -> pa.Array:
    """Whole numbers as text."""
    return pa.array(numbers).cast(pa.string())


def dates(days: Integers) -> pa.Array:
    """Days as dates; a negative day is missing."""
    return pa.array(days.astype(np.int32), mask=days < 0).cast(pa.date32())


def moments(days: Integers, salt: Integers) -> pa.Array:
    """Moments of office hours on the days, spread by the salt."""
    seconds = days * 86_400 + 25_200 + (salt * 7_919) % 36_000
    return pa.array(seconds).cast(pa.timestamp("s"))


def cents(amounts: Integers) -> pa.Array:
    """Whole cents as money."""
    return pa.array(amounts / 100.0)


def constant(value: str, count: int) -> pa.Array:
    """The same text in every row."""
    return pa.array([value]).take(pa.array(np.zeros(count, dtype=np.int64)))


def flags(values: NDArray[Any]) -> pa.Array:
    """Booleans."""
    return pa.array(values.astype(bool))


def from_rows(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> Extract:
    """A small table given row by row."""
    return {name: pa.array([row[place] for row in rows]) for place, name in enumerate(names)}


def write_csv(folder: Path, name: str, extract: Mapping[str, pa.Array], grain: Sequence[str]) -> None:
    """One file, rows in the order of the grain, lines ended by a line feed."""
    table = pa.table(dict(extract))
    table = table.sort_by([(column, "ascending") for column in grain])
    with (folder / f"{name}.csv").open("wb") as file:
        file.write((",".join(table.column_names) + "\n").encode())
        options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="none", eol="\n")
        pyarrow.csv.write_csv(table, file, options)
