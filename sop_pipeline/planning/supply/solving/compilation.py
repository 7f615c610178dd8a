"""From the Pyomo model to arrays: what the solver gets is read off Pyomo's own expressions.

Add here: nothing but the reading. Keep out: the algebra (`laws.algebra`), solving (`solve`).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

import numpy as np
from scipy import sparse

from sop_pipeline.planning.supply.laws.algebra import variables_in_pyomo
from sop_pipeline.planning.supply.laws.model import collector_paused
from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.network import Floats, Integers
from sop_pipeline.planning.supply.solving.arrays import Arrays
from sop_pipeline.planning.supply.solving.choice import asked_ratio_of_rows
from sop_pipeline.planning.supply.solving.implied import implied_rows
from sop_pipeline.planning.supply.solving.ties import price_weights, tie_weights

NO_ROWS = (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))


class Places:
    """Columns of Pyomo's variables; as arrays, because a dictionary of a million variables takes 100 MB."""

    def __init__(self, variables: Any) -> None:
        known = np.fromiter(map(id, variables), dtype=np.int64, count=len(variables))
        self.order = np.argsort(known)
        self.known = known[self.order]

    def of(self, variables: Iterable[Any]) -> Integers:
        """The column of each variable."""
        columns: Integers = self.order[
            np.searchsorted(self.known, np.fromiter(map(id, variables), dtype=np.int64))
        ]
        return columns


def compile_model(model: SupplyModel) -> Arrays:
    """The Pyomo model as arrays, read off its own expressions: columns and rows in the order of the blocks.

    Rows are made in slices and let go when they are read.
    """
    with collector_paused():
        algebra = variables_in_pyomo(model)
        place = Places(algebra.variables)
        read = [
            _read_rows(bodies, place)
            for rows in model.rows.values()
            for bodies in algebra.slices_of_rows(rows)
        ]
        cost = np.zeros(len(algebra.variables))
        for expression in algebra.slices_of_cost(model):
            np.add.at(cost, *_read_terms(expression.args, place))
    counts, columns, coefficients = (_joined(parts) for parts in zip(NO_ROWS, *read, strict=True))
    shape = (model.row_count, model.column_count)
    pointers = np.concatenate([[0], np.cumsum(counts)])
    wholes = [block.columns.ravel() for block in model.variable_blocks if block.is_whole]
    rows = model.rows.values()
    return Arrays(
        cost=cost,
        matrix=sparse.csc_array(sparse.csr_array((coefficients, columns, pointers), shape=shape)),
        lower=_joined(block.lower.ravel() for block in model.variable_blocks),
        upper=_joined(block.upper.ravel() for block in model.variable_blocks),
        row_lower=_joined(block.lower for block in rows),
        row_upper=_joined(block.upper for block in rows),
        whole=np.concatenate(wholes) if wholes else np.zeros(0, dtype=np.int64),
        implied=implied_rows(model),
        weights=tie_weights(model),
        row_weights=price_weights(model),
        asked_ratio=asked_ratio_of_rows(model),
    )


def _read_rows(bodies: list[Any], place: Places) -> tuple[Integers, Integers, Floats]:
    """Number of terms of each linear expression, and column and coefficient of every term."""
    parts = [expression.args for expression in bodies]
    counts = np.fromiter(map(len, parts), dtype=np.int64, count=len(parts))
    return counts, *_read_terms(list(chain.from_iterable(parts)), place)


def _read_terms(terms: list[Any], place: Places) -> tuple[Integers, Floats]:
    """Column and coefficient of each: Pyomo's monomial, coefficient x variable, or a variable alone."""
    from pyomo.core.expr.numeric_expr import MonomialTermExpression

    pairs = [term.args if term.__class__ is MonomialTermExpression else (1.0, term) for term in terms]
    factors, variables = zip(*pairs, strict=True) if pairs else ((), ())
    return place.of(variables), np.array(factors, dtype=np.float64)


def _joined(parts: Iterable[Floats]) -> Floats:
    blocks = list(parts)
    joined: Floats = np.concatenate(blocks) if blocks else np.zeros(0)
    return joined
