"""The linear programme as arrays, straight from what the blocks wrote: no algebraic model is asked.

What proves a plan (`certificate`) is built here, so that a fault of the algebraic model or of its compilation would show; and
scenarios, which need the programme again and again, are built here because it takes a hundredth of the time. Add here: nothing but
the assembly. Keep out: solving, equations.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.network import Floats
from sop_pipeline.planning.supply.solving.arrays import Arrays
from sop_pipeline.planning.supply.solving.choice import asked_ratio_of_rows
from sop_pipeline.planning.supply.solving.implied import implied_rows
from sop_pipeline.planning.supply.solving.ties import price_weights, tie_weights


def assemble(model: SupplyModel, weights: Floats | None = None) -> Arrays:
    """Columns and rows in the order of the blocks; terms of the same row and column are summed.

    `weights`: those of another model of the same objects and periods, which are the same (see `ties`).
    """
    shape = (model.row_count, model.column_count)
    rows, columns, factors = [], [], []
    for block in model.rows.values():
        row, column, factor = block.terms.merged()
        rows.append(row + block.first)
        columns.append(column)
        factors.append(factor)
    cost = np.zeros(shape[1])
    for terms in (*model.cost_terms.values(), model.preferences):
        _, column, factor = terms.merged()
        np.add.at(cost, column, factor)
    wholes = [block.columns.ravel() for block in model.variable_blocks if block.is_whole]
    entries = (np.concatenate(factors), (np.concatenate(rows), np.concatenate(columns)))
    blocks, laws = model.variable_blocks, list(model.rows.values())
    return Arrays(
        cost=cost,
        matrix=sparse.csc_array(entries, shape=shape),
        lower=np.concatenate([block.lower.ravel() for block in blocks]),
        upper=np.concatenate([block.upper.ravel() for block in blocks]),
        row_lower=np.concatenate([law.lower for law in laws]),
        row_upper=np.concatenate([law.upper for law in laws]),
        whole=np.concatenate(wholes) if wholes else np.zeros(0, dtype=np.int64),
        implied=implied_rows(model),
        weights=tie_weights(model) if weights is None else weights,
        row_weights=price_weights(model),
        asked_ratio=asked_ratio_of_rows(model),
    )
