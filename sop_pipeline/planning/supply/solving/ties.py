"""Which of several plans of equal cost is the plan, and which of several prices is the price: those of least weight, and weights go by name.

Add here: what is preferred where costs tie. Keep out: costs, how the plan of least weight is found (`face`).
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from sop_pipeline.planning.supply.laws.supply_model import SupplyModel, VariableBlock
from sop_pipeline.planning.supply.network import Floats

SPREAD = 0.125
"""How far weights of equal rank differ by name: less than a rank does."""
LAST_RANK = 9.0


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
        weights[block.columns] = _rank(model, block)[:, None] * (1.0 + SPREAD * _share(mixed))
    return weights


def price_weights(model: SupplyModel) -> Floats:
    """Weight of every row where a plan has several price systems (see `face.Face.prices_by_name`): 1 to 2, by law, object and period."""
    weights = np.ones(model.row_count)
    period = np.array(
        [*map(_hash, (*model.network.months, ""))], dtype=np.uint64
    )  # the last: the whole horizon
    for law, rows in model.rows.items():
        object_ = np.array([_hash("|".join((law, *of))) for of in rows.objects], dtype=np.uint64)
        if len(rows.keys):
            mixed = _mixed(object_[rows.keys[:, 0]] ^ period[rows.keys[:, 1]])
            weights[rows.positions] += _share(mixed)
    return weights


def _share(mixed: Any) -> Floats:
    """Mixed bits as a number from 0 to 1."""
    share: Floats = (mixed >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return share


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
