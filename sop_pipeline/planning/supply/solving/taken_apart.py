"""A programme taken apart for a bound: rows given up for their price, and the parts that then share no row.

Add here: another way to take it apart. Keep out: what the parts cost (`lot_sizing`, `item_bounds`), parts of a solve (`components`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse

from sop_pipeline.planning.supply.network import Floats, Integers
from sop_pipeline.planning.supply.solving.arrays import Arrays
from sop_pipeline.planning.supply.solving.implied import Implied


def programme_parts(matrix: Any, implied: Implied) -> list[tuple[Integers, Integers]]:
    """Rows and columns that hang together by the programme's rows or by what may be implied, where there is a row."""
    rows, columns = matrix.shape
    joined = sparse.coo_array(sparse.vstack([matrix, implied.links]))
    row, column = joined.coords
    shape = (joined.shape[0] + columns,) * 2
    links = sparse.coo_array((np.ones(len(row), dtype=np.int8), (row, joined.shape[0] + column)), shape=shape)
    _, label = sparse.csgraph.connected_components(links, directed=False)
    order = np.argsort(label, kind="stable")
    groups = np.split(order, np.flatnonzero(np.diff(label[order])) + 1)
    parts = [(group[group < rows], group[group >= joined.shape[0]] - joined.shape[0]) for group in groups]
    return [(of_rows, of_columns) for of_rows, of_columns in parts if len(of_rows)]


def part_of_programme(arrays: Arrays, rows: Integers, columns: Integers) -> Arrays:
    """A part of a programme by itself."""
    return Arrays(
        cost=arrays.cost[columns],
        matrix=sparse.csc_array(sparse.csr_array(arrays.matrix)[rows][:, columns]),
        lower=arrays.lower[columns],
        upper=arrays.upper[columns],
        row_lower=arrays.row_lower[rows],
        row_upper=arrays.row_upper[rows],
        whole=np.flatnonzero(np.isin(columns, arrays.whole)),
    )


def at_prices(arrays: Arrays, rows: Integers, prices: Floats) -> Arrays:
    """The programme without some rows: what they hold costs its price instead."""
    by_row = sparse.csr_array(arrays.matrix)
    kept = np.setdiff1d(np.arange(len(arrays.row_lower)), rows)
    return replace(
        arrays,
        cost=arrays.cost - by_row[rows].T @ prices,
        matrix=by_row[kept],
        row_lower=arrays.row_lower[kept],
        row_upper=arrays.row_upper[kept],
    )


def least_cost(arrays: Arrays, columns: Integers) -> float:
    """Of columns that nothing holds but their bounds."""
    cost = arrays.cost[columns]
    side = np.where(cost < 0, arrays.upper[columns], arrays.lower[columns])
    return float((cost * side)[cost != 0].sum())
