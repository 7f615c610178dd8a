"""Rough-cut view: what demand requires, before any limit.

Demand is exploded through the first-choice source of every item-site, in the month it is due, without lead times: the
bill of capacity of the textbooks. Add here: unconstrained requirements. Keep out: anything the solver decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from sop_pipeline.planning.supply.inputs import SupplyInputError
from sop_pipeline.planning.supply.network import Floats, Flows, Integers, Network

Units = TypeVar("Units")
Found = TypeVar("Found")


def once(flows: Flows, what: str, of: tuple[Any, ...], make: Callable[[], Found]) -> Found:
    """What `make` says of the arrays `of`, made once for the very same arrays: a scenario's network shares most of them."""
    known = flows.derived.get(what)
    if known is None or any(one is not other for one, other in zip(known[0], of, strict=True)):
        known = flows.derived[what] = (of, make())
    found: Found = known[1]
    return found


def components_of(flows: Flows) -> list[list[tuple[int, float]]]:
    """By source: item-sites taken from and units for one released unit, the mean of the months where a bill changes."""
    of = (flows.input_source, flows.input_item_site, flows.units_per_unit)
    return once(
        flows, "components", of, lambda: _by_source(flows, flows.units_per_unit.mean(axis=1).tolist())
    )


def components_by_month(flows: Flows) -> list[list[tuple[int, Floats]]]:
    """By source: item-sites taken from and units for one unit released in each month."""
    return _by_source(flows, list(flows.units_per_unit))


def _by_source(flows: Flows, units_of: list[Units]) -> list[list[tuple[int, Units]]]:
    components: list[list[tuple[int, Units]]] = [[] for _ in range(len(flows.output))]
    for source, item_site, units in zip(
        flows.input_source.tolist(), flows.input_item_site.tolist(), units_of, strict=True
    ):
        components[source].append((item_site, units))
    return components


def explosion_order(network: Network) -> list[int]:
    """Item-sites such that each stands after everything that its first-choice source feeds.

    Raises SupplyInputError where first-choice sources supply each other in a loop.
    """
    flows = network.flows
    of = (flows.input_source, flows.input_item_site, flows.default)
    return once(flows, "explosion_order", of, lambda: _explosion_order(network))


def _explosion_order(network: Network) -> list[int]:
    flows = network.flows
    components = components_of(flows)
    count = len(network.item_sites)
    waiting = np.zeros(count, dtype=np.int64)
    for source in flows.default[flows.default >= 0].tolist():
        for item_site, _ in components[source]:
            waiting[item_site] += 1
    ready = [item_site for item_site in range(count - 1, -1, -1) if waiting[item_site] == 0]
    order: list[int] = []
    while ready:
        item_site = ready.pop()
        order.append(item_site)
        source = int(flows.default[item_site])
        for component, _ in components[source] if source >= 0 else []:
            waiting[component] -= 1
            if waiting[component] == 0:
                ready.append(component)
    if len(order) < count:
        raise SupplyInputError(_loop_message(network, np.flatnonzero(waiting > 0)))
    return order


def _loop_message(network: Network, members: Integers) -> str:
    names = [network.flows.names[source] for source in network.flows.default[members].tolist() if source >= 0]
    return (
        f"core.fct_sources: {len(members)} item-site(s) are supplied in a loop by their first-choice sources, "
        f"e.g. {'; '.join(names[:5])}.\n"
        "Give one of them a later priority (lanes), or correct the bill of materials."
    )


def independent_demand(network: Network) -> Floats:
    """Demand of customers by item-site and month; what is owed at the start is due in the first month."""
    units = np.zeros_like(network.target)
    np.add.at(units, network.stream_item_site, network.demand)
    np.add.at(units[:, 0], network.stream_item_site, network.opening_backlog)
    return units


def explode(network: Network, is_netted: bool = False) -> tuple[Floats, Floats]:
    """Gross requirement by item-site and month, and the releases that meet it, by source and month.

    Netted: stock above the target and open orders are used first.
    """
    flows = network.flows
    gross = independent_demand(network)
    releases = np.zeros((len(flows.output), len(network.periods)))
    for level in _levels(network):
        needed = gross[level.item_sites]
        if is_netted:
            pairs = zip(needed, level.item_sites.tolist(), strict=True)
            needed = np.array([_net(network, gross_units, item_site) for gross_units, item_site in pairs])
        releases[level.sources] = needed / flows.yields[level.sources][:, None]
        taken = flows.units_per_unit[level.inputs] * releases[flows.input_source[level.inputs]]
        np.add.at(gross, flows.input_item_site[level.inputs], taken)
    return gross, releases


@dataclass(frozen=True)
class _Level:
    """Item-sites of one depth under finished goods, their first-choice sources, and the inputs of these."""

    item_sites: Integers
    sources: Integers
    inputs: Integers


def _levels(network: Network) -> list[_Level]:
    flows = network.flows
    of = (flows.input_source, flows.input_item_site, flows.default)
    return once(flows, "levels", of, lambda: _levels_of(network))


def _levels_of(network: Network) -> list[_Level]:
    flows, components = network.flows, components_of(network.flows)
    depth = np.zeros(len(network.item_sites), dtype=np.int64)
    for item_site in explosion_order(network):
        source = int(flows.default[item_site])
        for component, _ in components[source] if source >= 0 else []:
            depth[component] = max(depth[component], depth[item_site] + 1)
    levels = []
    for number in range(int(depth.max(initial=-1)) + 1):
        item_sites = np.flatnonzero((depth == number) & (flows.default >= 0))
        sources = flows.default[item_sites]
        if len(item_sites):
            levels.append(_Level(item_sites, sources, np.flatnonzero(np.isin(flows.input_source, sources))))
    return levels


def _net(network: Network, gross: Floats, item_site: int) -> Floats:
    """What stock above the target and open orders leave: by each month's end, the most that they ever fell short until then."""
    available = max(network.opening[item_site] - network.target[item_site, 0], 0.0)
    missing = np.cumsum(gross) - available - np.cumsum(network.open_supply[item_site])
    net: Floats = np.diff(np.maximum.accumulate(np.maximum(missing, 0.0)), prepend=0.0)
    return net


def load_hours(network: Network, releases: Floats) -> Floats:
    """Hours by resource and month that releases take."""
    flows = network.flows
    hours = np.zeros_like(network.regular_hours)
    np.add.at(hours, flows.load_resource, flows.hours_per_unit[:, None] * releases[flows.load_source])
    return hours


def required_hours(network: Network) -> Floats:
    """Hours of the unconstrained demand by resource and month, netted of stock and open orders."""
    return load_hours(network, explode(network, is_netted=True)[1])
