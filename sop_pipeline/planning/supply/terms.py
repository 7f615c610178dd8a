"""Sums under construction: what blocks append to the balance and to the objective.

Pyomo builds fastest from flat lists of coefficients and variables, so blocks append to lists and a row is made of them
once. Add here: nothing of the business. Keep out: laws (each has its own block file).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Variables = NDArray[np.object_]


@dataclass
class LinearSum:
    """A sum of coefficient x variable."""

    coefficients: list[float] = field(default_factory=list)
    variables: list[Any] = field(default_factory=list)

    def add(self, coefficient: float, variable: Any) -> None:
        self.coefficients.append(coefficient)
        self.variables.append(variable)

    def extend(self, coefficients: Iterable[float], variables: Iterable[Any]) -> None:
        """Append many terms; a coefficient of 0 is left out."""
        for coefficient, variable in zip(coefficients, variables, strict=True):
            if coefficient != 0.0:
                self.add(coefficient, variable)


def add_variables(
    model: Any, name: str, objects: Sequence[tuple[str, ...]], months: Sequence[str], upper: Any = None
) -> Variables:
    """Non-negative variables by object and month, indexed in the model by their names."""
    import pyomo.environ as pyo

    keys = [(*item, month) for item in objects for month in months]
    bounds = None if upper is None else [(0.0, bound) for bound in np.asarray(upper).ravel().tolist()]
    position = {key: number for number, key in enumerate(keys)}
    rule = None if bounds is None else (lambda _, *key: bounds[position[key]])
    variable = pyo.Var(keys, within=pyo.NonNegativeReals, bounds=rule)
    setattr(model, name, variable)
    table: Variables = np.empty(len(keys), dtype=object)
    table[:] = [variable[key] for key in keys]
    return table.reshape(len(objects), len(months))


def add_rows(
    model: Any,
    name: str,
    keys: Sequence[tuple[str, ...]],
    sums: Sequence[LinearSum],
    bound: Callable[[int, Any], Any],
) -> list[Any]:
    """One constraint per key; `bound` puts the sum of a row into its relation."""
    import pyomo.environ as pyo
    from pyomo.core.expr.numeric_expr import LinearExpression

    position = {key: number for number, key in enumerate(keys)}

    def rule(_: Any, *key: str) -> Any:
        row = sums[position[key]]
        return bound(
            position[key],
            LinearExpression(constant=0, linear_coefs=row.coefficients, linear_vars=row.variables),
        )

    constraint = pyo.Constraint(list(keys), rule=rule)
    setattr(model, name, constraint)
    return [constraint[key] for key in keys]
