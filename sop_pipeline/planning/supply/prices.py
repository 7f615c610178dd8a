"""Unit prices of the objective, by object and month.

One place that says what a unit of stock, of stock off target, late or lost costs; the model and `costs` both read it.
Unserved demand is always the dearest outcome and stock missing at the end the next, whatever the data say:

    replacement < terminal price = 1.2 x replacement < lost sale >= 1.5 x replacement

Add here: a price. Keep out: quantities.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_pipeline.planning.supply.network import Floats, Network
from sop_pipeline.planning.supply.rough_cut import components_of, explode, explosion_order

# A unit missing at the end of the horizon has to be bought back: dearer than making it now, cheaper than losing a sale.
TERMINAL_RATIO = 1.2
# Refusing demand that can be served is for people to decide, not for a price below cost.
LOST_SALE_FLOOR_RATIO = 1.5
# Months of demand that the pipeline at the end of the horizon is measured against.
PIPELINE_MONTHS = 3

# Of what a unit costs, for a unit off its source's share. Counted twice, below one share and above another, it stays under a lost sale.
OFF_SHARE_RATIO = 0.5
# Of two channels in strict order the better one is dearer to leave unserved by this factor.
PRIORITY_STEP_RATIO = 1.02


@dataclass(frozen=True)
class LimitPrices:
    """Company currency for a unit and month by which a limit that people set is not held."""

    off_share: Floats  # item-site
    too_old: Floats  # item-site
    outside: Floats  # space, by unit of its room


@dataclass(frozen=True)
class UnitPrices:
    """Company currency for one unit (holding, off target and backlog: for one unit and month).

    An infinite price of being below target, above maximum, or of a lost unit says that it may not be.
    """

    holding: Floats  # item-site x month
    below_target: Floats  # item-site x month; the last month at the terminal price
    above_maximum: Floats  # item-site
    pipeline: Floats  # item-site: a unit missing on its way at the end of the horizon
    backlog: Floats  # stream x month; a unit still owed at the end is as good as lost
    lost_sale: Floats  # stream x month
    replacement: Floats  # item-site
    revenue: Floats  # stream x month: what a delivered unit brings, where the plan is made for margin; else 0
    limits: LimitPrices | None = None  # None: shares, shelf life and shared room must be held


def unit_prices(network: Network) -> UnitPrices:
    """Price everything that the objective counts."""
    parameters = network.parameters
    replacement = replacement_cost(network)
    below = np.repeat(
        (network.unit_cost * parameters["below_target_cost_ratio_per_month"])[:, None],
        len(network.periods),
        axis=1,
    )
    below[:, -1] = np.maximum(below[:, -1], TERMINAL_RATIO * replacement)
    floor = LOST_SALE_FLOOR_RATIO * replacement[network.stream_item_site][:, None]
    ratio = network.streams["lost_sale_cost_ratio"].to_numpy(dtype=float)[:, None]
    lost_sale = np.maximum(network.unit_price * (1.0 + ratio), floor)
    value = np.maximum(network.unit_price, network.unit_cost[network.stream_item_site][:, None])
    backlog = value * network.streams["backlog_cost_ratio"].to_numpy(dtype=float)[:, None]
    lost_sale, backlog = (_in_strict_order(network, price) for price in (lost_sale, backlog))
    backlog[:, -1] = np.maximum(backlog[:, -1], lost_sale[:, -1])
    return UnitPrices(
        holding=np.repeat(
            (network.unit_cost * parameters["holding_cost_ratio_per_year"] / 12.0)[:, None],
            len(network.periods),
            axis=1,
        ),
        below_target=below,
        above_maximum=network.unit_cost * parameters["above_maximum_cost_ratio_per_month"],
        pipeline=TERMINAL_RATIO * replacement,
        backlog=backlog,
        lost_sale=lost_sale,
        replacement=replacement,
        revenue=np.zeros_like(lost_sale),
        limits=_limit_prices(network, replacement),
    )


def _in_strict_order(network: Network, price: Floats) -> Floats:
    """Prices of unserved demand such that a channel of a better priority is always dearer, where it is to be served first."""
    if network.by_priority is None:
        return price
    ordered, rank = price.copy(), network.streams["priority"].to_numpy(dtype=float)
    for item_site in network.by_priority.tolist():
        rows = np.flatnonzero(network.stream_item_site == item_site)
        dearest = np.zeros(price.shape[1])
        for priority in sorted(set(rank[rows].tolist()), reverse=True):
            together = rows[rank[rows] == priority]
            ordered[together] = np.maximum(ordered[together], PRIORITY_STEP_RATIO * dearest)
            dearest = ordered[together].max(axis=0)
    return ordered


def _limit_prices(network: Network, replacement: Floats) -> LimitPrices:
    """A unit off its share at half of its cost, a unit kept too long at its cost, room outside as stock above a maximum.

    Room has the price of the middle one of its items by worth in the room, and at most what a unit of any of them costs.
    """
    outside = np.zeros(0)
    if network.space is not None:
        outside = np.zeros(len(network.space.names))
        ratio = network.parameters["above_maximum_cost_ratio_per_month"]
        for space in range(len(outside)):
            of = (network.space.space == space) & (network.space.space_per_unit > 0)
            taken, held = network.space.space_per_unit[of], network.space.item_site[of]
            if len(held):
                worth = float(np.median(network.unit_cost[held] / taken))
                outside[space] = min(ratio * worth, float((replacement[held] / taken).min()))
    return LimitPrices(off_share=OFF_SHARE_RATIO * replacement, too_old=network.unit_cost, outside=outside)


def replacement_cost(network: Network) -> Floats:
    """What a unit costs through its first-choice source, rolled up, or its standard cost where that is higher."""
    flows = network.flows
    components = components_of(flows)
    hourly = network.regular_cost + network.wage_rate
    hour_cost = hourly.mean(axis=1) if len(network.resources) else np.zeros(0)
    labour = np.zeros(len(flows.output))
    np.add.at(labour, flows.load_source, flows.hours_per_unit * hour_cost[flows.load_resource])
    cost: Floats = np.array(network.unit_cost)
    for item_site in reversed(explosion_order(network)):
        source = int(flows.default[item_site])
        if source >= 0:
            parts = sum(units * cost[component] for component, units in components[source])
            rolled = (flows.unit_cost[source, 0] + labour[source] + parts) / flows.yields[source]
            cost[item_site] = max(cost[item_site], rolled)
    return cost


def pipeline_target(network: Network) -> Floats:
    """Units that should be on their way to an item-site when the horizon ends: lead time x the last months' use."""
    if not network.has_pipeline_target:
        return np.zeros(len(network.item_sites))
    gross = explode(network)[0]
    monthly = gross[:, -PIPELINE_MONTHS:].mean(axis=1)
    default = network.flows.default
    lead_time = np.zeros(len(default))
    lead_time[default >= 0] = network.flows.lead_time_months[default[default >= 0]]
    target: Floats = np.round(monthly * lead_time, 3)
    return target
