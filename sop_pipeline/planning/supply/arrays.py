"""The linear programme as arrays, between the Pyomo model and the solver.

Add here: what every user of the arrays must know of them. Keep out: how they are made (`solve`) or made smaller
(`reduction`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sop_pipeline.planning.supply.network import Floats


@dataclass(frozen=True)
class Arrays:
    """A linear programme as arrays, in the order of `columns` and `rows`."""

    cost: Floats
    matrix: Any  # scipy.sparse csc
    lower: Floats
    upper: Floats
    row_lower: Floats
    row_upper: Floats
    columns: dict[int, int]  # id of a Pyomo variable -> position
    rows: dict[int, int]  # id of a Pyomo constraint -> position
