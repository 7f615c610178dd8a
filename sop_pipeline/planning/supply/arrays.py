"""The linear programme as arrays, between the Pyomo model and the solver.

Add here: what every user of the arrays must know of them. Keep out: how they are made (`solve`) or made smaller
(`reduction`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import sparse

from sop_pipeline.planning.supply.network import Floats, Integers

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
    weights: Floats | None = None  # by column: which of several plans of equal cost is the plan (see `ties`)

    def with_cost(self, cost: Floats) -> Arrays:
        """The same programme with another objective."""
        return replace(self, cost=cost)

    def with_least(self, objective: Floats, values: Floats) -> Arrays:
        """The programme with a row at its end that holds an objective to what it is at `values`."""
        least = float(objective @ values)
        return replace(
            self,
            matrix=sparse.csc_array(sparse.vstack([self.matrix, sparse.csr_array(objective[None, :])])),
            row_lower=np.append(self.row_lower, -np.inf),
            row_upper=np.append(self.row_upper, least + LEAST_SLACK * max(1.0, least)),
        )
