"""Tables as named numpy arrays of equal length: the simulator's documents while it runs.

Add here: an operation on such tables that knows no business. Keep out: column names.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sop_pipeline.sources.demo.randomness import Floats, Integers

Columns = dict[str, NDArray[Any]]


def totals(group: Integers, values: NDArray[Any], groups: int) -> Floats:
    """Sum of the values of each group, added in the order of the rows."""
    result: Floats = np.bincount(group, weights=values, minlength=groups).astype(np.float64)
    return result


def rows(table: Columns) -> int:
    """Rows of the table."""
    return len(next(iter(table.values())))


def take(table: Columns, chosen: NDArray[Any]) -> Columns:
    """The chosen rows (mask or positions)."""
    return {name: values[chosen] for name, values in table.items()}


def stack(tables: Sequence[Columns]) -> Columns:
    """All rows of tables of the same columns, in order."""
    return {name: np.concatenate([table[name] for table in tables]) for name in tables[0]}


def empty(names: Sequence[str]) -> Columns:
    """A table without rows; every column holds whole numbers."""
    return {name: np.zeros(0, dtype=np.int64) for name in names}


def number_groups(keys: Integers) -> tuple[Integers, Integers]:
    """For each row: the rank of its key among the distinct keys, and its position among the rows of that key."""
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    starts_group = np.ones(len(keys), dtype=bool)
    starts_group[1:] = ordered[1:] != ordered[:-1]
    group = np.cumsum(starts_group) - 1
    begins = np.flatnonzero(starts_group)
    position = np.arange(len(keys)) - begins[group] if len(keys) else np.zeros(0, dtype=np.int64)
    groups, positions = np.zeros(len(keys), dtype=np.int64), np.zeros(len(keys), dtype=np.int64)
    groups[order], positions[order] = group, position
    return groups, positions


def running_total(values: Integers, group: Integers) -> Integers:
    """Sum of the values before each row within its group; rows of a group stand together."""
    total = np.cumsum(values) - values
    starts = np.ones(len(values), dtype=bool)
    starts[1:] = group[1:] != group[:-1]
    base = np.zeros(len(values), dtype=np.int64)
    begins = np.flatnonzero(starts)
    base = total[begins][np.cumsum(starts) - 1] if len(values) else base
    result: Integers = total - base
    return result
