"""Money: exchange rates, prices, standard costs rolled through the bills, and capacities scarce in season.

Add here: a price, cost or limit of the company. Keep out: what is sold or made at them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_pipeline.sources.demo import catalogue
from sop_pipeline.sources.demo.bills import Bills
from sop_pipeline.sources.demo.columns import totals
from sop_pipeline.sources.demo.company import Items, Size, is_granulate, is_packaging
from sop_pipeline.sources.demo.demand import Demand
from sop_pipeline.sources.demo.network import BUY, MOVE, Network
from sop_pipeline.sources.demo.partners import Suppliers
from sop_pipeline.sources.demo.randomness import Floats, Integers, between, rounded, stream
from sop_pipeline.sources.demo.timeline import LAST_MONTH, working_days

YEARS = LAST_MONTH // 12
INFLATION = 1.02


@dataclass(frozen=True)
class Economics:
    """Rates, costs and prices of 2022; later years are dearer by a fixed inflation."""

    rate: Floats  # currency x month: EUR for one unit
    resource_cost: Floats  # EUR an hour
    buy_price: Floats  # by source, in the supplier's currency (0 where it is no buy)
    freight: Floats  # by source, EUR a unit (0 where it is no move)
    unit_cost: Floats  # by node, EUR
    list_price: Floats  # sold item x channel, EUR
    capacity: Floats  # resource x month: regular hours

    @staticmethod
    def dearer(year: int) -> float:
        """Price level of a year over 2022."""
        level = 1.0
        for _ in range(year - 2022):
            level *= INFLATION
        return level


def build_economics(
    seed: int,
    size: Size,
    items: Items,
    bills: Bills,
    network: Network,
    suppliers: Suppliers,
    demand: Demand,
    lots: Integers,
) -> Economics:
    """Draw prices of material, roll costs up the bills, set prices for a margin and capacities for the season."""
    rng = stream(seed, "economics")
    rate = _rates(rng)
    resource_cost = np.repeat(np.array(catalogue.RESOURCE_COSTS).ravel(), size.lines)
    material = _material_prices(rng, size, items)
    buy_price, freight = _source_prices(rng, items, network, suppliers, material, rate)
    unit_cost = _roll_costs(bills, network, suppliers, buy_price, freight, resource_cost, rate, lots)
    return Economics(
        rate=rate,
        resource_cost=resource_cost,
        buy_price=buy_price,
        freight=freight,
        unit_cost=unit_cost,
        list_price=_list_prices(rng, items, network, unit_cost),
        capacity=_capacities(seed, size, bills, network, demand, lots),
    )


def _rates(rng: np.random.Generator) -> Floats:
    """Exchange rates wander by a per cent or two a month around where they started."""
    rate = np.ones((len(catalogue.CURRENCIES), LAST_MONTH))
    start = np.array(catalogue.CURRENCY_START)
    step = 0.012 * (2.0 * rng.random((len(start), LAST_MONTH)) - 1.0)
    deviation = np.zeros(len(start))
    for month in range(LAST_MONTH):
        deviation = 0.97 * deviation + step[:, month]
        rate[:, month] = start * (1.0 + deviation)
    rate[catalogue.EUR] = 1.0
    return rounded(rate, 6)


def _material_prices(rng: np.random.Generator, size: Size, items: Items) -> Floats:
    """EUR for one base unit of what is bought; parts of dear families are dearer."""
    price = np.zeros(len(items))
    factor = np.array([family.cost_factor for family in catalogue.FAMILIES] + [1.0])
    first = size.finished + size.trade + size.semi
    draws = rng.random(len(items))
    for item in range(first, len(items)):
        component = item - first
        if is_packaging(component):
            price[item] = 0.5 + 0.8 * draws[item]
        elif is_granulate(component):
            price[item] = 1.6 + 1.2 * draws[item]
        else:
            price[item] = (0.6 + 2.6 * draws[item]) * factor[items.family[item]]
    price[size.finished : size.finished + size.trade] = (
        4.0 + 6.0 * draws[size.finished : size.finished + size.trade]
    )
    return price


def _source_prices(
    rng: np.random.Generator,
    items: Items,
    network: Network,
    suppliers: Suppliers,
    material: Floats,
    rate: Floats,
) -> tuple[Floats, Floats]:
    """Price of a buy in the supplier's currency; freight of a move."""
    item = network.node_item[network.node]
    dearer = np.where(network.priority == 2, between(rng, 1.04, 1.12, len(item)), 1.0)
    is_buy = network.kind == BUY
    currency = suppliers.currency[np.maximum(network.supplier, 0)]
    price = np.where(is_buy, material[item] * dearer / rate[currency, 0], 0.0)
    freight = np.zeros(len(item))
    for start, end, _, per_unit, per_kg in catalogue.LANES:
        origin = network.node_site[np.maximum(network.from_node, 0)]
        on_lane = (network.kind == MOVE) & (origin == start) & (network.node_site[network.node] == end)
        freight = np.where(on_lane, per_unit + per_kg * items.weight_kg[item], freight)
    return rounded(price, 4), rounded(freight, 4)


def _roll_costs(
    bills: Bills,
    network: Network,
    suppliers: Suppliers,
    buy_price: Floats,
    freight: Floats,
    resource_cost: Floats,
    rate: Floats,
    lots: Integers,
) -> Floats:
    """Standard cost of every node: bought at the first supplier's price, made from the bill, moved with freight."""
    cost = np.zeros(network.nodes)
    first = network.priority == 1
    buys = np.flatnonzero(first & (network.kind == BUY))
    cost[network.node[buys]] = buy_price[buys] * rate[suppliers.currency[network.supplier[buys]], 0]
    hours = hours_per_unit(bills, lots)
    makes = len(bills.make_item)
    conversion = totals(bills.operation_make, hours * resource_cost[bills.operation_resource], makes)
    good = np.ones(makes)
    np.multiply.at(good, bills.operation_make, bills.operation_yield)
    moves = np.flatnonzero(first & (network.kind == MOVE))
    for _ in range(3):  # semi-finished, then finished, then the distribution centres
        used = cost[network.input_node] * network.input_units
        material = totals(network.input_source, used, makes)
        cost[network.node[:makes]] = (material + conversion) / good
        cost[network.node[moves]] = cost[network.from_node[moves]] + freight[moves]
    return rounded(cost, 4)


def _list_prices(rng: np.random.Generator, items: Items, network: Network, unit_cost: Floats) -> Floats:
    """List prices that leave 28 to 46 per cent after the usual discounts; online is dearer than trade."""
    sold = items.sold
    cost = unit_cost[network.node_of[:sold, 2]]
    margin = between(rng, 0.30, 0.44, sold)
    trade = cost / (1.0 - margin) / 0.95
    online = trade * between(rng, 1.02, 1.08, sold)
    return rounded(np.stack([trade, online], axis=1), 2)


def hours_per_unit(bills: Bills, lots: Integers) -> Floats:
    """Configured hours of every operation for one unit, its share of the set-up of a smallest lot included."""
    hours: Floats = bills.operation_run_hours + bills.operation_setup_hours / lots[bills.operation_make]
    return hours


def rolled_hours(bills: Bills, network: Network, resources: int, lots: Integers) -> Floats:
    """Hours of every resource that one started unit of each make takes, its semi-finished included."""
    makes = len(bills.make_item)
    hours = np.zeros((makes, resources))
    np.add.at(hours, (bills.operation_make, bills.operation_resource), hours_per_unit(bills, lots))
    made_at = np.full(network.nodes, -1)
    made_at[network.node[:makes]] = np.arange(makes)
    moves = network.of_kind(MOVE)
    feeds = np.arange(network.nodes)
    feeds[network.node[moves[::-1]]] = network.from_node[moves[::-1]]
    semi = np.where(
        made_at[network.input_node] >= 0, made_at[network.input_node], made_at[feeds[network.input_node]]
    )
    own = hours.copy()
    is_made = semi >= 0
    np.add.at(
        hours, network.input_source[is_made], own[semi[is_made]] * network.input_units[is_made][:, None]
    )
    return hours


def expected_makes(network: Network, demand: Demand, month: int, makes: int) -> Floats:
    """Units of each finished make that the expected baseline of a month asks for (0 for semi-finished)."""
    node = network.node_of[demand.series_item, demand.series_site]
    units = totals(node, demand.baseline(month), network.nodes)
    moves = network.of_kind(MOVE)
    at_plant = totals(
        network.from_node[moves], units[network.node[moves]] * network.share[moves], network.nodes
    )
    result: Floats = at_plant[network.node[:makes]]
    return result


def _capacities(
    seed: int, size: Size, bills: Bills, network: Network, demand: Demand, lots: Integers
) -> Floats:
    """Regular hours: some way above the year's mean load, so that the season exceeds them."""
    rng = stream(seed, "capacity")
    resources = len(catalogue.PLANTS) * len(catalogue.RESOURCE_KINDS) * size.lines
    hours = rolled_hours(bills, network, resources, lots)
    makes = len(bills.make_item)
    load = np.zeros((resources, LAST_MONTH))
    for month in range(LAST_MONTH):
        units = expected_makes(network, demand, month, makes)
        for resource in range(resources):
            load[resource, month] = np.cumsum(units * hours[:, resource])[-1]
    headroom = np.repeat(np.tile([1.34, 1.30, 1.20, 1.18], 2), size.lines) * between(
        rng, 0.98, 1.04, resources
    )
    capacity = np.zeros_like(load)
    days = np.array([working_days(month) for month in range(LAST_MONTH)])
    for year in range(YEARS):
        months = slice(12 * year, 12 * year + 12)
        mean = load[:, months].sum(axis=1) / 12.0
        share = days[months] / (days[months].sum() / 12.0)
        capacity[:, months] = (mean * headroom)[:, None] * share[None, :]
    return rounded(np.maximum(capacity, 40.0), 1)
