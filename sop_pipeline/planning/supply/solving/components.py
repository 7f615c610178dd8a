"""Independent parts of a programme: what shares no row is solved apart, and at the same time.

Interior point steps get dearer faster than the programme grows, and HiGHS lets go of Python's lock while it runs. Small parts are
bundled, so that thousands of them do not cost a solver each. Add here: another way to take a programme apart without changing
its plans. Keep out: solving.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import sparse

from sop_pipeline.planning.supply.network import Integers
from sop_pipeline.planning.supply.solving.arrays import Arrays


@dataclass(frozen=True)
class Part:
    """Columns and rows of the whole that hang together, in their order."""

    columns: Integers
    rows: Integers

    def of(self, arrays: Arrays) -> Arrays:
        """The programme of this part alone."""
        place = np.full(len(arrays.cost), -1, dtype=np.int64)
        place[self.columns] = np.arange(len(self.columns))
        return Arrays(
            cost=arrays.cost[self.columns],
            matrix=sparse.csc_array(sparse.csr_array(arrays.matrix[:, self.columns])[self.rows]),
            lower=arrays.lower[self.columns],
            upper=arrays.upper[self.columns],
            row_lower=arrays.row_lower[self.rows],
            row_upper=arrays.row_upper[self.rows],
            whole=place[arrays.whole][place[arrays.whole] >= 0],
            weights=None if arrays.weights is None else arrays.weights[self.columns],
            row_weights=None if arrays.row_weights is None else arrays.row_weights[self.rows],
            asked_ratio=None if arrays.asked_ratio is None else arrays.asked_ratio[self.rows],
        )


def independent_parts(matrix: Any, bundle_columns: int) -> list[Part]:
    """Parts that share no row, small ones together up to `bundle_columns`; the largest first."""
    rows, columns = matrix.shape
    if columns < 2 * bundle_columns:
        return [Part(np.arange(columns), np.arange(rows))]
    entries = sparse.coo_array(matrix)
    row, column = entries.coords
    links = sparse.coo_array(
        (np.ones(len(row), dtype=np.int8), (row, rows + column)), shape=(rows + columns,) * 2
    )
    count, label = sparse.csgraph.connected_components(links, directed=False)
    if count == 1:
        return [Part(np.arange(columns), np.arange(rows))]
    size = np.bincount(label[rows:], minlength=count)
    bundle = (np.cumsum(size) - size) // bundle_columns
    of_row, of_column = bundle[label[:rows]], bundle[label[rows:]]
    parts = [
        Part(columns_of, rows_of)
        for columns_of, rows_of in zip(_grouped(of_column, bundle), _grouped(of_row, bundle), strict=True)
        if len(columns_of)
    ]
    return sorted(parts, key=lambda part: -len(part.columns))


def _grouped(bundle_of: Integers, bundles: Integers) -> list[Integers]:
    """Places by bundle, each in order."""
    order = np.argsort(bundle_of, kind="stable")
    edges = np.searchsorted(bundle_of[order], np.arange(int(bundles[-1]) + 2))
    return [order[start:end] for start, end in pairwise(edges.tolist())]
