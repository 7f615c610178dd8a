"""Scaling of a programme by powers of two, which is exact: rows, columns and money.

Add here: another exact scale. Keep out: solving.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse

from sop_pipeline.planning.supply.network import Floats
from sop_pipeline.planning.supply.solving.arrays import Arrays

SCALING_PASSES = 4


def equilibrate(matrix: Any) -> tuple[Floats, Floats]:
    """Row and column factors, powers of two, that bring the coefficients towards 1 (geometric mean)."""
    absolute = abs(sparse.coo_array(matrix))
    logs = np.log2(absolute.data)
    row, column = absolute.coords
    row_log, column_log = np.zeros(matrix.shape[0]), np.zeros(matrix.shape[1])
    row_count = np.maximum(np.bincount(row, minlength=len(row_log)), 1)
    column_count = np.maximum(np.bincount(column, minlength=len(column_log)), 1)
    for _ in range(SCALING_PASSES):
        row_log = -np.bincount(row, weights=logs + column_log[column], minlength=len(row_log)) / row_count
        column_log = (
            -np.bincount(column, weights=logs + row_log[row], minlength=len(column_log)) / column_count
        )
    return np.exp2(np.round(row_log)), np.exp2(np.round(column_log))


def cost_scale_of(cost: Floats) -> float:
    # The solver stops at prices of 1e-7: a typical price of 64 lets it see the preferences that break ties.
    priced = np.abs(cost[cost != 0])
    return float(np.exp2(6.0 - np.round(np.log2(np.median(priced))))) if len(priced) else 1.0


def scale_arrays(arrays: Arrays, row_scale: Floats, column_scale: Floats, cost_scale: float) -> Arrays:
    """The programme in scaled rows, columns and money."""
    matrix = sparse.csc_array(
        sparse.diags_array(row_scale) @ arrays.matrix @ sparse.diags_array(column_scale)
    )
    return scale_numbers(replace(arrays, matrix=matrix), arrays, row_scale, column_scale, cost_scale)


def scale_numbers(
    scaled: Arrays, arrays: Arrays, row_scale: Floats, column_scale: Floats, cost_scale: float
) -> Arrays:
    """A scaled programme with the bounds, right-hand sides and costs of `arrays`; its matrix stays."""
    return replace(
        scaled,
        cost=arrays.cost * column_scale * cost_scale,
        lower=arrays.lower / column_scale,
        upper=arrays.upper / column_scale,
        row_lower=arrays.row_lower * row_scale,
        row_upper=arrays.row_upper * row_scale,
    )
