"""Levers of a scenario: a small difference of the inputs, applied row by row in the order that people gave.

Add here: a kind of lever, as a line of `TARGETS` or a function. Keep out: solving (`scenarios`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sop_pipeline.planning.supply.inputs import SupplyInputs

Mask = NDArray[np.bool_]

TARGETS: dict[str, tuple[str, str]] = {
    "demand": ("demand", "demand_units"),
    "price": ("demand", "unit_price"),
    "capacity": ("capacity", "regular_hours"),
    "unit_cost": ("sources", "unit_cost"),
    "lead_time": ("sources", "lead_time_months"),
    "safety_stock": ("target_stocks", "target_units"),
}
"""Lever -> the input frame and the column that it changes."""


class LeverError(ValueError):
    """A lever that changes nothing, or cannot be applied: its scenario is not solved, and says why."""


def apply_levers(inputs: SupplyInputs, levers: pd.DataFrame) -> SupplyInputs:
    """The inputs with every lever applied. Raises LeverError with the lever that finds no row of the inputs."""
    for lever in levers.sort_values("lever_number").to_dict("records"):
        inputs = _apply(inputs, lever)
    return inputs


def _apply(inputs: SupplyInputs, lever: dict[Any, Any]) -> SupplyInputs:
    name, column = TARGETS[str(lever["lever_type"])]
    frame: pd.DataFrame = getattr(inputs, name)
    chosen = _covered(inputs, frame, lever)
    if "period_start_date" in frame.columns:
        month = pd.to_datetime(frame["period_start_date"])
        first, last = (pd.Timestamp(lever[f"{end}_period_start_date"]) for end in ("first", "last"))
        chosen &= ((month >= first) & (month <= last)).to_numpy()
    if not chosen.any():
        raise LeverError(
            f"lever {lever['lever_number']} ({lever['lever_type']} of {lever['scope']} {lever['scope_id']}) finds nothing to change"
        )
    value, old = float(lever["lever_value"]), frame[column].to_numpy(dtype=float)
    changed = {"set": np.full(len(old), value), "add": old + value, "multiply": old * value}[
        lever["operation"]
    ]
    new = np.maximum(np.where(chosen, changed, old), 0.0)
    return replace(inputs, **{name: frame.assign(**{column: new})})


def _covered(inputs: SupplyInputs, frame: pd.DataFrame, lever: dict[Any, Any]) -> Mask:
    scope, scope_id = str(lever["scope"]), lever["scope_id"]
    if scope == "company":
        return np.ones(len(frame), dtype=bool)
    if scope in ("category", "family"):
        if "item_id" not in frame.columns:
            return np.zeros(len(frame), dtype=bool)
        of_item = inputs.items.set_index("item_id")[f"{scope}_id"]
        return np.asarray(frame["item_id"].map(of_item) == scope_id, dtype=bool)
    column = f"{scope}_id"
    if column not in frame.columns:
        return np.zeros(len(frame), dtype=bool)
    return np.asarray(frame[column] == scope_id, dtype=bool)
