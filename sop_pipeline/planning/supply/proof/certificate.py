"""Proof that a solution is optimal, computed from the arrays alone: neither the solver nor Pyomo is asked.

Weak duality: any row prices y give a bound on the cost of every plan; where the bound meets the plan's own cost, no plan is
cheaper. Add here: evidence that anyone can recompute. Keep out: laws of the business (`audit`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from sop_pipeline.planning.supply.network import Floats
from sop_pipeline.planning.supply.solving.arrays import Arrays

TOLERANCE_RATIO = 1e-6


@dataclass(frozen=True)
class Certificate:
    """Evidence in the units of the programme. `is_proven`: each ratio is within a millionth.

    `primal_infeasibility_ratio`: largest violation of a row or bound, by the size of its side or of the row's terms. `dual_infeasibility_ratio`:
    largest reduced cost of the wrong sign, by the largest cost. `complementarity_ratio`: largest price x slack, by the
    size of the objective. `gap_ratio`: distance of the plan's cost from the bound that the prices prove.
    """

    primal_objective: float
    dual_objective: float
    gap_ratio: float
    primal_infeasibility_ratio: float
    dual_infeasibility_ratio: float
    complementarity_ratio: float

    @property
    def is_proven(self) -> bool:
        """Whether the plan is optimal for the programme."""
        return (
            max(
                self.gap_ratio,
                self.primal_infeasibility_ratio,
                self.dual_infeasibility_ratio,
                self.complementarity_ratio,
            )
            <= TOLERANCE_RATIO
        )

    def as_dict(self) -> dict[str, float | bool]:
        """The evidence by name."""
        return asdict(self) | {"is_proven": self.is_proven}


def certify(arrays: Arrays, values: Floats, prices: Floats) -> Certificate:
    """Evidence for primal `values` and row `prices` (what one more unit on the right-hand side costs)."""
    activity = arrays.matrix @ values
    reduced = arrays.cost - arrays.matrix.T @ prices
    size = 1.0 + float(np.abs(arrays.cost @ values))
    largest_cost = 1.0 + float(np.abs(arrays.cost).max(initial=0.0))
    terms = abs(arrays.matrix) @ np.abs(values)
    rows = _outside(activity, arrays.row_lower, arrays.row_upper, terms)
    columns = _outside(values, arrays.lower, arrays.upper, np.zeros(len(values)))
    row_bound, row_wrong, row_slack = _bound_of(prices, activity, arrays.row_lower, arrays.row_upper)
    column_bound, column_wrong, column_slack = _bound_of(reduced, values, arrays.lower, arrays.upper)
    primal, dual = float(arrays.cost @ values), row_bound + column_bound
    return Certificate(
        primal_objective=primal,
        dual_objective=dual,
        gap_ratio=abs(primal - dual) / size,
        primal_infeasibility_ratio=max(rows, columns),
        dual_infeasibility_ratio=max(row_wrong, column_wrong) / largest_cost,
        complementarity_ratio=max(row_slack, column_slack) / size,
    )


def _outside(values: Floats, lower: Floats, upper: Floats, terms: Floats) -> float:
    """Largest distance outside the bounds, by the size of the bound or of the terms that add up to the value."""
    worst = 0.0
    for side, sign in ((lower, 1.0), (upper, -1.0)):
        is_there = np.isfinite(side)
        distance = sign * (side[is_there] - values[is_there])
        size = 1.0 + np.maximum(np.abs(side[is_there]), terms[is_there])
        worst = max(worst, float((distance / size).max(initial=0.0)))
    return worst


def _bound_of(prices: Floats, values: Floats, lower: Floats, upper: Floats) -> tuple[float, float, float]:
    """What the prices prove over the bounds, the largest price without a bound to stand on, the largest price x slack."""
    side = np.where(prices > 0, lower, upper)
    stands = np.isfinite(side)
    held = np.where(stands, side, 0.0)
    bound = float((prices * held)[stands].sum())
    wrong = float(np.abs(prices[~stands]).max(initial=0.0))
    slack = float((np.abs(prices) * np.abs(values - held))[stands].max(initial=0.0))
    return bound, wrong, slack
