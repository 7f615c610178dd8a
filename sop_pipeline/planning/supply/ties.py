"""Which of several plans of equal cost is the plan: a second solve on the face of all optimal plans.

Prices prove which plans are optimal: a column with a reduced cost and a row with a price stand where they stand in every optimal
plan. What is left free is weighed by its own name, and the plan of least weight is the plan: the same from any order of rows, any
seed, any algorithm. The prices stay what they were, since every plan of the face is proven by them. Add here: what is preferred where costs
tie. Keep out: costs.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sop_pipeline.planning.supply.arrays import Arrays
from sop_pipeline.planning.supply.highs import require_optimal
from sop_pipeline.planning.supply.network import Floats
from sop_pipeline.planning.supply.supply_model import SupplyModel, VariableBlock

Flags = NDArray[np.bool_]
TIED = 1e-7
"""A scaled reduced cost or price up to it is none: the solver's own tolerance of optimality."""
SPREAD = 0.125
"""How far weights of equal rank differ by name: less than a rank does."""
LAST_RANK = 9.0
OPTIONS: dict[str, bool | int | float | str] = {
    "solver": "simplex",
    "simplex_strategy": 4,  # primal: the plan at hand is feasible, only the objective is another
    "simplex_scale_strategy": 0,  # scaled already, exactly
    "primal_simplex_bound_perturbation_multiplier": 0.0,
    "factor_pivot_threshold": 0.5,
    "primal_feasibility_tolerance": 1e-9,
    "dual_feasibility_tolerance": 1e-9,
    "presolve": "off",
}


@dataclass(frozen=True)
class Vertex:
    """An optimal plan and its proof: values and reduced costs of columns, prices of rows, and which are basic."""

    values: Floats
    reduced_costs: Floats
    prices: Floats
    is_basic: Flags
    row_is_basic: Flags


def tie_weights(model: SupplyModel) -> Floats:
    """Weight of every column: by rank 1 to 9 (first choice of sources, first customers served), and within it by name.

    Names of objects and periods are hashed, so that a weight depends on nothing else of the programme.
    """
    weights = np.zeros(model.column_count)
    period = np.array([_hash(name) for name in model.network.months], dtype=np.uint64)
    for block in model.variable_blocks:
        count = block.columns.shape[1]
        object_ = np.array([_hash("|".join((block.name, *of))) for of in block.objects], dtype=np.uint64)
        mixed = _mixed(object_.reshape(-1, 1) ^ period[len(period) - count :])
        share = (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53
        weights[block.columns] = _rank(model, block)[:, None] * (1.0 + SPREAD * share)
    return weights


def _hash(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little")


def _mixed(numbers: Any) -> Any:
    """The finalizer of SplitMix64 (Steele, Lea and Flood 2014): every bit of the sum moves every bit of the result."""
    with np.errstate(over="ignore"):
        numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def _rank(model: SupplyModel, block: VariableBlock) -> Floats:
    network = model.network
    if block.name == "release":
        choice: Floats = np.clip(network.flows.frame["priority"].to_numpy(dtype=float), 1.0, LAST_RANK)
        return choice
    if block.name in ("backlog", "lost"):
        first = np.clip(network.streams["priority"].to_numpy(dtype=float), 1.0, LAST_RANK)
        served: Floats = LAST_RANK + 1.0 - first
        return served
    return np.ones(len(block.objects))


def read_vertex(solver: Any) -> Vertex:
    """Where the solver stands."""
    import highspy

    solution, basis, basic = solver.getSolution(), solver.getBasis(), highspy.HighsBasisStatus.kBasic
    # `getBasicVariables` would be shorter; it makes its arrays without Python's lock, and crashes beside another thread
    return Vertex(
        np.asarray(solution.col_value, dtype=float),
        np.asarray(solution.col_dual, dtype=float),
        np.asarray(solution.row_dual, dtype=float),
        np.array([status is basic for status in basis.col_status], dtype=bool),
        np.array([status is basic for status in basis.row_status], dtype=bool),
    )


def break_ties(solver: Any, arrays: Arrays, vertex: Vertex) -> Vertex:
    """The plan of least weight among those that `vertex` proves optimal; the solver is left in its basis, with its own costs.

    Raises SupplySolveError where the second solve fails.
    """
    if arrays.weights is None:
        return vertex
    priced = ~vertex.is_basic & (np.abs(vertex.reduced_costs) > TIED)
    row_priced = ~vertex.row_is_basic & (np.abs(vertex.prices) > TIED)
    is_tied = ~vertex.is_basic & ~priced & (arrays.lower < arrays.upper)
    row_is_tied = ~vertex.row_is_basic & ~row_priced & (arrays.row_lower < arrays.row_upper)
    if not (is_tied.any() or row_is_tied.any()):
        return vertex  # nothing could move: no other plan costs the same
    lower, upper = _pinned(arrays.lower, arrays.upper, priced, vertex.reduced_costs)
    row_lower, row_upper = _pinned(arrays.row_lower, arrays.row_upper, row_priced, vertex.prices)
    columns = len(arrays.cost)
    every = np.arange(columns, dtype=np.int32)
    pinned, pinned_rows = (np.flatnonzero(which).astype(np.int32) for which in (priced, row_priced))
    previous = {name: solver.getOptionValue(name)[1] for name in OPTIONS}
    for name, value in OPTIONS.items():
        solver.setOptionValue(name, value)
    solver.changeColsCost(columns, every, arrays.weights)
    solver.changeColsBounds(len(pinned), pinned, lower[pinned], upper[pinned])
    solver.changeRowsBounds(len(pinned_rows), pinned_rows, row_lower[pinned_rows], row_upper[pinned_rows])
    solver.run()
    require_optimal(solver)
    found = read_vertex(solver)
    solver.changeColsCost(columns, every, arrays.cost)
    solver.changeColsBounds(len(pinned), pinned, arrays.lower[pinned], arrays.upper[pinned])
    solver.changeRowsBounds(
        len(pinned_rows), pinned_rows, arrays.row_lower[pinned_rows], arrays.row_upper[pinned_rows]
    )
    for name, value in previous.items():
        solver.setOptionValue(name, value)
    return replace(found, reduced_costs=vertex.reduced_costs, prices=vertex.prices)


def _pinned(lower: Floats, upper: Floats, priced: Flags, prices: Floats) -> tuple[Floats, Floats]:
    """Bounds in which what has a price stays on the side that the price stands on."""
    side = np.where(prices > 0, lower, upper)
    return np.where(priced, side, lower), np.where(priced, side, upper)
