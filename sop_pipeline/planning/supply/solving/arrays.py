"""The linear programme as arrays, between the Pyomo model and the solver.

Add here: what every user of the arrays must know of them. Keep out: how they are made (`solve`) or made smaller
(`reduction`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import sparse

from sop_pipeline.planning.supply.network import Floats, Integers

if TYPE_CHECKING:
    from sop_pipeline.planning.supply.solving.implied import Implied

LEAST_SLACK = 1e-7
"""Share of an objective's least that the row that holds it leaves free: the solver's own tolerance."""


@dataclass(frozen=True)
class Arrays:
    """A linear programme as arrays, columns and rows in the order in which the blocks made them."""

    cost: Floats
    matrix: Any  # scipy.sparse csc
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    whole: Integers  # columns that must be whole numbers
    implied: Implied | None = None  # what whole setups imply; for the search alone
    weights: Floats | None = None  # by column: which of several plans of equal cost is the plan (see `ties`)
    row_weights: Floats | None = None  # by row: which of several price systems is published (see `ties`)
    asked_ratio: Floats | None = None  # by row: what is asked of a limit over what it has (see `choice`)

    def with_cost(self, cost: Floats) -> Arrays:
        """The same programme with another objective."""
        return replace(self, cost=cost)

    def relaxed(self) -> Arrays:
        """The programme without whole numbers."""
        return replace(self, whole=np.zeros(0, dtype=np.int64), implied=None)

    def with_rows(self, matrix: Any, lower: Floats) -> Arrays:
        """The programme with more rows at its end: `matrix` x columns >= `lower`."""
        return replace(
            self,
            matrix=sparse.csc_array(sparse.vstack([self.matrix, matrix])),
            row_lower=np.append(self.row_lower, lower),
            row_upper=np.append(self.row_upper, np.full(len(lower), np.inf)),
            asked_ratio=_with_rows(self.asked_ratio, len(lower), np.nan),
            row_weights=_with_rows(self.row_weights, len(lower), 1.0),
        )

    def with_whole(self, values: Floats) -> Arrays:
        """The programme with its whole numbers fixed at `values`, by place in `whole`."""
        lower, upper = self.lower.copy(), self.upper.copy()
        lower[self.whole] = upper[self.whole] = np.rint(values)
        return replace(self, lower=lower, upper=upper, whole=np.zeros(0, dtype=np.int64))

    def with_least(self, objective: Floats, values: Floats) -> Arrays:
        """The programme with a row at its end that holds an objective to what it is at `values`."""
        least = float(objective @ values)
        return replace(
            self,
            matrix=sparse.csc_array(sparse.vstack([self.matrix, sparse.csr_array(objective[None, :])])),
            row_lower=np.append(self.row_lower, -np.inf),
            row_upper=np.append(self.row_upper, least + LEAST_SLACK * max(1.0, least)),
            asked_ratio=_with_rows(self.asked_ratio, 1, np.nan),
            row_weights=_with_rows(self.row_weights, 1, 1.0),
        )


def _with_rows(told: Floats | None, count: int, unknown: float) -> Floats | None:
    """What is told of rows, of more rows."""
    return None if told is None else np.append(told, np.full(count, unknown))
