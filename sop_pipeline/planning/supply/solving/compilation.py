"""From the Pyomo model to arrays: what the solver gets is read off Pyomo's own expressions.

Add here: nothing but the reading. Keep out: the algebra (`supply_model`), solving (`solve`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from scipy import sparse

from sop_pipeline.planning.supply.laws.model import collector_paused
from sop_pipeline.planning.supply.laws.supply_model import SupplyModel, as_pyomo
from sop_pipeline.planning.supply.network import Floats, Integers
from sop_pipeline.planning.supply.solving.arrays import Arrays
from sop_pipeline.planning.supply.solving.implied import implied_rows
from sop_pipeline.planning.supply.solving.ties import tie_weights

EXPRESSIONS_READ = 50_000


class Places:
    """Columns of Pyomo's variables; as arrays, because a dictionary of a million variables takes 100 MB."""

    def __init__(self, variables: list[Any]) -> None:
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
    """The Pyomo model as arrays, read off its own expressions: columns and rows in the order of the blocks."""
    with collector_paused():
        algebra = as_pyomo(model)
        place = Places(algebra.variables)
        counts, columns, coefficients = _terms_of(algebra.bodies, place)
        cost = np.zeros(len(algebra.variables))
        priced = algebra.model.total_cost.expr.args
        for start in range(0, len(priced), EXPRESSIONS_READ):
            np.add.at(cost, *_read_terms(priced[start : start + EXPRESSIONS_READ], place))
    shape = (len(algebra.bodies), len(algebra.variables))
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
    )


def _terms_of(expressions: list[Any], place: Places) -> tuple[Integers, Integers, Floats]:
    """Number of terms of each linear expression, and column and coefficient of every term; in parts, to spare memory."""
    read = [
        _terms_of_part(expressions[start : start + EXPRESSIONS_READ], place)
        for start in range(0, max(len(expressions), 1), EXPRESSIONS_READ)
    ]
    counts, columns, factors = zip(*read, strict=True)
    return np.concatenate(counts), np.concatenate(columns), np.concatenate(factors)


def _terms_of_part(expressions: list[Any], place: Places) -> tuple[Integers, Integers, Floats]:
    parts = [expression.args for expression in expressions]
    counts = np.fromiter(map(len, parts), dtype=np.int64, count=len(parts))
    return counts, *_read_terms([term for part in parts for term in part], place)


def _read_terms(terms: list[Any], place: Places) -> tuple[Integers, Floats]:
    """Column and coefficient of each: Pyomo's monomial, coefficient x variable, or a variable alone."""
    from pyomo.core.expr.numeric_expr import MonomialTermExpression

    pairs = [term.args if term.__class__ is MonomialTermExpression else (1.0, term) for term in terms]
    columns = place.of(variable for _, variable in pairs)
    return columns, np.fromiter((factor for factor, _ in pairs), dtype=np.float64, count=len(pairs))


def _joined(parts: Iterable[Floats]) -> Floats:
    blocks = list(parts)
    joined: Floats = np.concatenate(blocks) if blocks else np.zeros(0)
    return joined
