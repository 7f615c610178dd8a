"""The most that a source can usefully release: what closes the door while it is not set up.

The closer it is, the faster the search for setups. Add here: another reason why no best plan releases more. Keep out: limits
that the case declares (`problem`).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sop_pipeline.planning.supply.arrivals import LEAD_TIME_DUST
from sop_pipeline.planning.supply.inputs import SupplyInputError
from sop_pipeline.planning.supply.network import Floats, Network
from sop_pipeline.planning.supply.prices import pipeline_target


def largest_useful_release(network: Network) -> Floats:
    """Source x period: more than this no best plan releases, of what limits, hours and all later needs allow.

    The closer it is, the faster the search for setups. What an item can be needed for is followed over its sources;
    moves keep the item. Raises SupplyInputError where items are made of each other in a loop.
    """
    flows, shape = network.flows, network.flows.maximum_units.shape
    items = network.item_sites["item_id"].to_numpy()
    needed = _needed_by_item(network, items)
    item_of = items[flows.output]
    later = np.vstack([needed[item] for item in item_of]) if len(item_of) else np.zeros(shape)
    most: Floats = np.minimum(flows.maximum_units, later / flows.yields[:, None])
    most = np.minimum(most, _limited_by_materials(network))
    hours = network.regular_hours + network.overtime_maximum_hours
    if network.labour is not None:
        hours = hours.copy()
        hours[network.labour.resource] = np.inf
    for source, resource, taken in zip(
        flows.load_source.tolist(), flows.load_resource.tolist(), flows.hours_per_unit.tolist(), strict=True
    ):
        most[source] = np.minimum(most[source], hours[resource] / taken)
    return most


def _needed_by_item(network: Network, items: Any) -> dict[str, Floats]:
    """Most of an item that all later needs together can ask for, by the period from which on they count."""
    periods = len(network.periods)
    own: dict[str, Floats] = {str(item): np.zeros(periods) for item in items}
    waiting: dict[str, Floats] = {str(item): np.zeros(periods) for item in items}
    for row, item in enumerate(items[network.stream_item_site]):
        own[item] += network.owed[row]
        asked = np.cumsum(network.owed[row])[:-1]
        waiting[item][1:] += np.minimum(network.backlog_limit[row, :-1], asked)
    on_its_way = pipeline_target(network)
    for row, item in enumerate(items):
        own[item][-1] += network.target[row].max(initial=0.0) + on_its_way[row]
    # whole lots, smallest runs and least releases may bring more than anybody needs
    flows = network.flows
    of_source = flows.frame[["minimum_units", "lot_units"]].to_numpy(dtype=float).max(axis=1, initial=0.0)
    beyond = np.maximum(of_source, flows.minimum_units.sum(axis=1))
    for source, output in enumerate(flows.output.tolist()):
        own[items[output]][-1] += beyond[source]
    parents: dict[str, list[tuple[str, float]]] = {str(item): [] for item in items}
    for source, item_site, units in zip(
        flows.input_source.tolist(),
        flows.input_item_site.tolist(),
        flows.units_per_unit.max(axis=1).tolist(),
        strict=True,
    ):
        made, used = items[flows.output[source]], items[item_site]
        if made != used:
            parents[used].append((made, units / float(flows.yields[source])))
    known: dict[str, tuple[Floats, Floats]] = {}
    path: list[str] = []

    def needs(item: str) -> tuple[Floats, Floats]:
        if item in path:
            loop = " -> ".join([*path[path.index(item) :], item])
            raise SupplyInputError(f"source_inputs.csv: items are made of each other in a loop: {loop}.")
        if item not in known:
            path.append(item)
            total, late = own[item].copy(), waiting[item].copy()
            dearest: dict[str, float] = {}
            for made, units in parents[item]:
                dearest[made] = max(dearest.get(made, 0.0), units)
            for made, units in dearest.items():
                of_made, late_of_made = needs(made)
                total, late = total + units * of_made, late + units * late_of_made
            known[item] = total, late
            path.pop()
        return known[item]

    result = {}
    for item in own:
        total, late = needs(item)
        result[item] = np.cumsum(total[::-1])[::-1] + late
    return result


def _limited_by_materials(network: Network) -> Floats:
    """Source x period: what the components in stock and on order allow, until the first that is ordered now can arrive."""
    flows, periods = network.flows, len(network.periods)
    first = np.full(len(network.item_sites), periods)
    np.minimum.at(first, flows.output, np.floor(flows.lead_time_months + LEAD_TIME_DUST).astype(np.int64))
    there = network.opening[:, None] + np.cumsum(network.open_supply, axis=1)
    there[np.arange(periods) >= first[:, None]] = np.inf
    most = np.full(flows.maximum_units.shape, np.inf)
    taken = np.where(flows.units_per_unit > 0, flows.units_per_unit, 1.0)
    can_make = np.where(flows.units_per_unit > 0, there[flows.input_item_site] / taken, np.inf)
    np.minimum.at(most, flows.input_source, can_make)
    return most
