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
    )


def replacement_cost(network: Network) -> Floats:
    """What a unit costs through its first-choice source, rolled up, or its standard cost where that is higher."""
    flows = network.flows
    components = components_of(flows)
    hour_cost = network.regular_cost.mean(axis=1) if len(network.resources) else np.zeros(0)
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
