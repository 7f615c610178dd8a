"""The algebraic model of the plan in Pyomo, made in bulk from what the blocks wrote: one component a kind of variable and a law.

A million variables are a gigabyte of Pyomo's objects when all rows stand at once, so rows can be had in slices, each of which is let go
before the next is made; variables stay, because what they are is how Pyomo knows them. Add here: nothing but the making. Keep out:
equations (the blocks), reading (`solving.compilation`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from sop_pipeline.planning.supply.laws.supply_model import RowBlock, SupplyModel, VariableBlock
from sop_pipeline.planning.supply.network import Floats, Integers

ROWS_AT_ONCE = 20_000
"""Rows of a slice: some 15 MB of Pyomo's objects."""
TERMS_AT_ONCE = 50_000
"""Priced variables of a slice of the objective."""


@dataclass(frozen=True)
class Algebra:
    """Pyomo's model with its variables in the order of the programme; laws are added one by one."""

    model: Any
    variables: Any  # array of Pyomo's variables

    def add_rows(self, rows: RowBlock) -> None:
        """All constraints of a law."""
        for _, relations in _expressions(self.variables, rows, max(len(rows.keys), 1)):
            setattr(self.model, rows.law, _component(relations))

    def slices_of_rows(self, rows: RowBlock) -> Iterator[list[Any]]:
        """Left-hand sides of a law's constraints, slice by slice; a slice is taken off the model before the next is made."""
        for bodies, relations in _expressions(self.variables, rows, ROWS_AT_ONCE):
            setattr(self.model, rows.law, _component(relations))
            yield bodies
            self.model.del_component(rows.law)

    def slices_of_cost(self, model: SupplyModel) -> Iterator[Any]:
        """The objective as expressions to be summed, slice by slice."""
        from pyomo.core.expr.numeric_expr import LinearExpression

        cost = np.zeros(len(self.variables))
        for sums in (*model.cost_terms.values(), model.preferences):
            _, columns, coefficients = sums.merged()
            np.add.at(cost, columns, coefficients)
        priced = np.flatnonzero(cost)
        for first in range(0, len(priced), TERMS_AT_ONCE):
            columns = priced[first : first + TERMS_AT_ONCE]
            yield LinearExpression(_products(self.variables, columns, cost[columns]))


def variables_in_pyomo(model: SupplyModel) -> Algebra:
    """A Pyomo model with the variables and their bounds, without rows."""
    import pyomo.environ as pyo

    algebra = pyo.ConcreteModel(name="supply_plan")
    table = np.empty(model.column_count, dtype=object)
    for block in model.variable_blocks:
        domain = pyo.NonNegativeIntegers if block.is_whole else pyo.NonNegativeReals
        component = pyo.Var(pyo.RangeSet(0, block.columns.size - 1), within=domain)
        setattr(algebra, block.name, component)
        made = list(component.values())
        _set_bounds(made, block)
        table[block.columns.ravel()] = made
    return Algebra(algebra, table)


def as_pyomo(model: SupplyModel) -> Algebra:
    """The whole model at once: variables, constraints and objective."""
    import pyomo.core as pyo

    algebra = variables_in_pyomo(model)
    for rows in model.rows.values():
        algebra.add_rows(rows)
    algebra.model.total_cost = pyo.Objective(expr=sum(algebra.slices_of_cost(model)))
    return algebra


def _expressions(variables: Any, rows: RowBlock, at_once: int) -> Iterator[tuple[list[Any], list[Any]]]:
    """Left-hand sides and relations of a law's rows, in slices."""
    from pyomo.core.expr.numeric_expr import LinearExpression

    start, columns, coefficients = _by_row(rows)
    for first in range(0, len(rows.keys), at_once):
        edges = start[first : first + at_once + 1]
        inside = slice(edges[0], edges[-1])
        terms = _products(variables, columns[inside], coefficients[inside])
        bodies = [LinearExpression(terms[a:b]) for a, b in pairwise((edges - edges[0]).tolist())]
        within = slice(first, first + at_once)
        yield bodies, _relations(bodies, rows.lower[within].tolist(), rows.upper[within].tolist())


def _products(variables: Any, columns: Integers, coefficients: Floats) -> list[Any]:
    """Coefficient x variable; the variable itself where the coefficient is 1, which spares half of the memory."""
    from pyomo.core.expr.numeric_expr import MonomialTermExpression

    return [
        variable if factor == 1.0 else MonomialTermExpression((factor, variable))
        for factor, variable in zip(coefficients.tolist(), variables[columns].tolist(), strict=True)
    ]


def _relations(bodies: list[Any], low: list[float], high: list[float]) -> list[Any]:
    from pyomo.core.expr.relational_expr import EqualityExpression, InequalityExpression, RangedExpression

    def relation(body: Any, least: float, most: float) -> Any:
        if least == most:
            return EqualityExpression((body, least))
        if least == -np.inf:
            return InequalityExpression((body, most), False)
        if most == np.inf:
            return InequalityExpression((least, body), False)
        return RangedExpression((least, body, most), (False, False))

    return [relation(*of) for of in zip(bodies, low, high, strict=True)]


def _component(relations: list[Any]) -> Any:
    import pyomo.core as pyo

    return pyo.Constraint(pyo.RangeSet(0, len(relations) - 1), rule=relations)


def _set_bounds(variables: list[Any], block: VariableBlock) -> None:
    for place in np.flatnonzero(block.lower.ravel() > 0).tolist():
        variables[place].setlb(float(block.lower.flat[place]))
    for place in np.flatnonzero(np.isfinite(block.upper.ravel())).tolist():
        variables[place].setub(float(block.upper.flat[place]))


def _by_row(rows: RowBlock) -> tuple[Integers, Integers, Floats]:
    """Terms of a law sorted by row, and where each row starts."""
    row, columns, coefficients = rows.terms.merged()
    order = np.argsort(row, kind="stable")
    start = np.searchsorted(row[order], np.arange(len(rows.keys) + 1))
    return start, columns[order], coefficients[order]
