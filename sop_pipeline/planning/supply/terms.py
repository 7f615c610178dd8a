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
    model: Any,
    name: str,
    objects: Sequence[tuple[str, ...]],
    months: Sequence[str],
    upper: Any = None,
    lower: Any = None,
    is_whole: bool = False,
) -> Variables:
    """Non-negative variables by object and month, indexed in the model by their names.

    `upper`, `lower`: bounds, object x month; an infinite upper bound is none.
    """
    import pyomo.environ as pyo

    keys = [(*item, month) for item in objects for month in months]
    position = {key: number for number, key in enumerate(keys)}
    rule = None
    if upper is not None or (lower is not None and np.any(np.asarray(lower) > 0)):
        shape = (len(objects), len(months))
        least = np.zeros(shape) if lower is None else np.asarray(lower, dtype=float)
        most = np.full(shape, np.inf) if upper is None else np.asarray(upper, dtype=float)
        bounds = [
            (low, None if high == np.inf else high)
            for low, high in zip(least.ravel().tolist(), most.ravel().tolist(), strict=True)
        ]
        rule = lambda _, *key: bounds[position[key]]  # noqa: E731 - Pyomo asks for a rule
    domain = pyo.NonNegativeIntegers if is_whole else pyo.NonNegativeReals
    variable = pyo.Var(keys, within=domain, bounds=rule)
    setattr(model, name, variable)
    table: Variables = np.empty(len(keys), dtype=object)
    table[:] = [variable[key] for key in keys]
    return table.reshape(len(objects), len(months))


def finite(prices: NDArray[np.float64]) -> NDArray[np.float64]:
    """Prices as coefficients; what may not be has none, it is closed by its bound."""
    return np.where(np.isinf(prices), 0.0, prices)


def closed_where_infinite(prices: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Upper bounds of what is priced: 0 where the price is infinite. None where everything is allowed."""
    return np.where(np.isinf(prices), 0.0, np.inf) if np.isinf(prices).any() else None


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
