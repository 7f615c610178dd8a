"""Levers of a scenario: a small difference of the plan's network, applied row by row in the order that people gave.

They change the arrays that the plan of record was made of, not the input frames: what took the frames apart is done once, so that a
scenario costs little more than its own solve. Add here: a kind of lever, as a line of `LEVERS`. Keep out: solving (`solves`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sop_pipeline.planning.supply.checks import LARGEST_NUMBER
from sop_pipeline.planning.supply.network import Floats, Network, opening_backlog_of

Mask = NDArray[np.bool_]

OLD_PRICES = frozenset({"demand", "capacity", "safety_stock"})
"""Levers that leave every unit price as it is."""


class LeverError(ValueError):
    """A lever that changes nothing, or cannot be applied: its scenario is not solved, and says why."""


@dataclass(frozen=True)
class Target:
    """What a lever changes: an array of the network, object x month (or by object), and the table of its objects."""

    values: Callable[[Network], Floats]
    objects: Callable[[Network], pd.DataFrame]
    changed: Callable[[Network, Floats], Network]


def with_demand(network: Network, demand: Floats) -> Network:
    """Demand, and what follows from it: who of an item-site's channels is owed what, and how much may wait."""
    units = np.round(demand, 3)
    backlog = np.zeros(len(network.item_sites))
    np.add.at(backlog, network.stream_item_site, network.opening_backlog)
    opening = opening_backlog_of(np.round(backlog, 3), network.stream_item_site, units)
    changed = replace(network, demand=units, opening_backlog=opening)
    waiting = network.streams["backlog_maximum_ratio"].to_numpy(dtype=float)
    return replace(changed, backlog_limit=changed.owed * waiting[:, None])


def hours_there(network: Network) -> Floats:
    """Regular hours there are; of people, those of the people at the start."""
    hours = network.regular_hours.copy()
    if network.labour is not None:
        hours[network.labour.resource] += (
            network.labour.hours_per_head * network.labour.opening_heads[:, None]
        )
    return hours


def _with_hours(network: Network, hours: Floats) -> Network:
    """Other hours; of people, each gives more or less of them."""
    labour, regular = network.labour, hours.copy()
    if labour is None:
        return replace(network, regular_hours=regular)
    own = regular[labour.resource] - network.regular_hours[labour.resource]
    people = np.where(labour.opening_heads > 0, labour.opening_heads, np.inf)[:, None]
    each = np.where(np.isfinite(people), np.maximum(own, 0.0) / people, labour.hours_per_head)
    regular[labour.resource] = network.regular_hours[labour.resource]
    return replace(network, regular_hours=regular, labour=replace(labour, hours_per_head=each))


def _resources(network: Network) -> pd.DataFrame:
    return pd.DataFrame({"resource_id": network.resources})


LEVERS: dict[str, Target] = {
    "demand": Target(lambda of: of.demand, lambda of: of.streams, with_demand),
    "price": Target(
        lambda of: of.unit_price, lambda of: of.streams, lambda of, new: replace(of, unit_price=new)
    ),
    "capacity": Target(hours_there, _resources, _with_hours),
    "unit_cost": Target(
        lambda of: of.flows.unit_cost,
        lambda of: of.flows.frame,
        lambda of, new: replace(of, flows=replace(of.flows, unit_cost=new)),
    ),
    "lead_time": Target(
        lambda of: of.flows.lead_time_months,
        lambda of: of.flows.frame,
        lambda of, new: replace(of, flows=replace(of.flows, lead_time_months=new)),
    ),
    "safety_stock": Target(
        lambda of: of.target, lambda of: of.item_sites, lambda of, new: replace(of, target=new)
    ),
}


def apply_levers(network: Network, levers: pd.DataFrame, items: pd.DataFrame) -> Network:
    """The network with every lever applied. `items`: category and family of an item.

    Raises LeverError with the lever that finds nothing to change or leaves a number that no plan can be made of.
    """
    for lever in levers.sort_values("lever_number").to_dict("records"):
        network = _apply(network, lever, items)
    return network


def _apply(network: Network, lever: dict[Any, Any], items: pd.DataFrame) -> Network:
    target = LEVERS[str(lever["lever_type"])]
    old = target.values(network)
    chosen = np.broadcast_to(
        _covered(target.objects(network), lever, items).reshape(-1, *[1] * (old.ndim - 1)), old.shape
    )
    if old.ndim == 2:
        first, last = (pd.Timestamp(lever[f"{end}_period_start_date"]) for end in ("first", "last"))
        months = pd.DatetimeIndex(network.periods)
        chosen = chosen & np.asarray((months >= first) & (months <= last))
    if not chosen.any():
        raise LeverError(f"{_named(lever)} finds nothing to change")
    value = float(lever["lever_value"])
    changed = {"set": np.full(old.shape, value), "add": old + value, "multiply": old * value}[
        lever["operation"]
    ]
    new = np.where(chosen, np.maximum(changed, 0.0), old)
    if not (np.abs(new[chosen]) <= LARGEST_NUMBER).all():
        raise LeverError(f"{_named(lever)} makes a number that is not finite or above {LARGEST_NUMBER:.0e}")
    return target.changed(network, new)


def _named(lever: dict[Any, Any]) -> str:
    return f"lever {lever['lever_number']} ({lever['lever_type']} of {lever['scope']} {lever['scope_id']})"


def _covered(objects: pd.DataFrame, lever: dict[Any, Any], items: pd.DataFrame) -> Mask:
    """Objects that the scope of the lever names; none where the scope is no property of them."""
    scope, scope_id = str(lever["scope"]), lever["scope_id"]
    if scope == "company":
        return np.ones(len(objects), dtype=bool)
    column = "item_id" if scope in ("category", "family") else f"{scope}_id"
    if column not in objects.columns:
        return np.zeros(len(objects), dtype=bool)
    values = objects[column]
    if scope in ("category", "family"):
        values = values.map(items.set_index("item_id")[f"{scope}_id"])
    return np.asarray(values == scope_id, dtype=bool)
