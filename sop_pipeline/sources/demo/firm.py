"""The whole company of one seed and scale, put together once.

Add here: a part of the company, or a parameter that its planners configured (lots, minima, safety stocks).
Keep out: anything that changes from month to month (`state`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from sop_pipeline.sources.demo import catalogue
from sop_pipeline.sources.demo.bills import Bills, build_bills
from sop_pipeline.sources.demo.columns import totals
from sop_pipeline.sources.demo.company import Items, Size, build_items
from sop_pipeline.sources.demo.demand import Demand, build_demand
from sop_pipeline.sources.demo.economics import Economics, build_economics
from sop_pipeline.sources.demo.network import BUY, MAKE, MOVE, Network, build_network, rounded_minimum
from sop_pipeline.sources.demo.partners import Customers, Suppliers, build_customers, build_suppliers
from sop_pipeline.sources.demo.randomness import Floats, Integers, stream, whole

LOT_MULTIPLE = 10  # of every production order, as configured
TRUE_MULTIPLES = (12, 24, 25, 32)
LEAST_LOT_WITH_TOOL = 100  # of smaller lots nobody could tell
WRONG_MULTIPLE_SHARE = 0.2
WRONG_MINIMUM_SHARE = 0.12
WRONG_LOT_SHARE = 0.08
WRONG_LOT_FACTOR = 5

REFERENCE_YEAR = range(24, 36)  # 2024: the year the configured parameters were last set for


@dataclass(frozen=True)
class Firm:
    """Everything about the company that no month changes."""

    seed: int
    scale: float
    size: Size
    items: Items
    customers: Customers
    suppliers: Suppliers
    bills: Bills
    network: Network
    demand: Demand
    economics: Economics
    series_node: Integers
    usage: Floats  # by node: mean units a month in the reference year
    lot_units: Integers  # by make: what a lot is meant to be at least, and what planners work by
    configured_lot_units: Integers  # by make: what the system says of it
    true_multiple: Integers  # hidden: what the lots of a make are multiples of
    safety_units: Integers  # by node, as configured
    maximum_units: Integers

    @property
    def makes(self) -> int:
        return len(self.bills.make_item)

    @property
    def resources(self) -> int:
        return len(self.economics.resource_cost)

    @property
    def yield_ratio(self) -> Floats:
        """Configured yield of every make."""
        ratio = np.ones(self.makes)
        np.multiply.at(ratio, self.bills.operation_make, self.bills.operation_yield)
        return ratio


@lru_cache(maxsize=2)
def build_firm(scale: float, seed: int) -> Firm:
    """The company of a seed and scale."""
    size = Size.of(scale)
    items, suppliers = build_items(seed, size), build_suppliers(seed, size)
    bills = build_bills(seed, size, items)
    network = build_network(seed, size, items, bills, suppliers)
    demand = build_demand(seed, size, items)
    series_node = network.node_of[demand.series_item, demand.series_site]
    usage = _reference_usage(network, bills, demand, series_node)
    lots = rounded_minimum(usage[network.node[: len(bills.make_item)]] * 0.5 + 12.0)
    economics = build_economics(seed, size, items, bills, network, suppliers, demand, lots)
    network = _with_supplier_terms(seed, network, usage)
    safety, maximum = _stock_parameters(network, usage)
    return Firm(
        seed=seed,
        scale=scale,
        size=size,
        items=items,
        customers=build_customers(seed, size),
        suppliers=suppliers,
        bills=bills,
        network=network,
        demand=demand,
        economics=economics,
        series_node=series_node,
        usage=usage,
        lot_units=lots,
        configured_lot_units=_configured_lots(seed, lots),
        true_multiple=_true_multiples(seed, lots),
        safety_units=safety,
        maximum_units=maximum,
    )


def explode(network: Network, bills: Bills, need: Floats) -> Floats:
    """Need of every node when the distribution centres need `need`: through moves and bills, level by level."""
    total = need.copy()
    moves = network.of_kind(MOVE)
    to_centre = np.isin(network.node_site[network.node[moves]], catalogue.DISTRIBUTION_CENTRES)
    makes = len(bills.make_item)
    good = np.ones(makes)
    np.multiply.at(good, bills.operation_make, bills.operation_yield)
    finished = np.isin(
        np.arange(makes), np.flatnonzero(network.node_item[network.node[:makes]] < bills.line_component.min())
    )
    for lane, made in ((moves[to_centre], finished), (moves[~to_centre], ~finished)):
        np.add.at(total, network.from_node[lane], total[network.node[lane]] * network.share[lane])
        started = total[network.node[:makes]] / good
        used = made[network.input_source]
        units = started[network.input_source[used]] * network.input_units[used]
        np.add.at(total, network.input_node[used], units)
    return total


def _reference_usage(network: Network, bills: Bills, demand: Demand, series_node: Integers) -> Floats:
    """Mean monthly usage; items not yet on sale then count with their established volume."""
    units = np.zeros(len(series_node))
    for month in REFERENCE_YEAR:
        units += demand.baseline(month)
    established = 0.8 * demand.item_units[demand.series_item] * demand.share
    units = np.where(units > 0, units / len(REFERENCE_YEAR), established)
    return explode(network, bills, totals(series_node, units, network.nodes))


def _with_supplier_terms(seed: int, network: Network, usage: Floats) -> Network:
    """Order minima, and monthly limits for some parts that one plant buys."""
    rng = stream(seed, "network", 1)
    is_buy = network.kind == BUY
    flow = usage[network.node] * network.share
    minimum = np.where(is_buy, rounded_minimum(flow * 0.7), 0)
    item = network.node_item[network.node]
    places = np.bincount(network.node_item, minlength=len(network.node_of))
    limited = is_buy & (places[item] == 1) & (rng.random(len(item)) < 0.25)
    limit = np.where(limited, whole(flow * 0.19 + 1.0) * 10, 0)
    raised = is_buy & (limit == 0) & (stream(seed, "network", 2).random(len(item)) < WRONG_MINIMUM_SHARE)
    factor = stream(seed, "network", 3).integers(4, 7, len(item))  # half units: twice to three times
    return replace(
        network,
        minimum_units=minimum,
        true_minimum_units=np.where(raised, minimum * factor // 2, minimum),
        monthly_limit=limit,
    )


def _configured_lots(seed: int, lots: Integers) -> Integers:
    """Smallest lots as configured: some were set for another volume, and nobody makes so many at once."""
    is_wrong = stream(seed, "bills", 2).random(len(lots)) < WRONG_LOT_SHARE
    return np.where(is_wrong, lots * WRONG_LOT_FACTOR, lots)


def _true_multiples(seed: int, lots: Integers) -> Integers:
    """What lots really are multiples of: mostly as configured; on some lines the tool or the pallet says otherwise."""
    rng = stream(seed, "bills", 1)
    is_wrong = (rng.random(len(lots)) < WRONG_MULTIPLE_SHARE) & (lots >= LEAST_LOT_WITH_TOOL)
    chosen = np.array(TRUE_MULTIPLES)[rng.integers(0, len(TRUE_MULTIPLES), len(lots))]
    return np.where(is_wrong, chosen, LOT_MULTIPLE)


def _stock_parameters(network: Network, usage: Floats) -> tuple[Integers, Integers]:
    """Configured safety stock in weeks of usage by kind of node, and the most that fits."""
    months = np.full(network.nodes, 0.35)
    months[network.node[network.kind == MAKE]] = 0.25
    buys = network.of_kind(BUY)
    months[network.node[buys]] = 0.25 + network.lead_days[buys] / 120.0
    safety = whole(usage * months)
    return safety, rounded_minimum(usage * 6.0 + 50.0)
