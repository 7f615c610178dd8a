"""A company with setups seen from afar: sites of an item are one, moves and bought parts are gone, lines and setups stay.

A third of the columns, and nearly the same trade of setups, stock and hours: where to set up is looked for here, and judged in the
programme itself. Add here: what else the view from afar must show. Keep out: the search (`lot_sizing`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sop_pipeline.planning.supply.laws.model import build_model
from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.network import Floats, Flows, Integers, Network
from sop_pipeline.planning.supply.prices import UnitPrices

POOLED = "all sites"


def pooled_model(model: SupplyModel) -> SupplyModel | None:
    """The view from afar; None where laws that it does not show decide about setups (people, stoppages, whole lots)."""
    network = model.network
    if (
        network.setups is None
        or network.labour is not None
        or network.maintenance is not None
        or network.lots is not None
        or network.has_whole_units
    ):
        return None
    flows = network.flows
    items = network.item_sites["item_id"].to_numpy()
    is_made = ~(flows.frame["source_type"].to_numpy() == "move")
    set_up = list(dict.fromkeys(items[flows.output[network.setups.source]].tolist()))
    number = {item: place for place, item in enumerate(set_up)}
    item_of = np.array([number.get(item, -1) for item in items.tolist()])  # by item-site
    sources = np.flatnonzero(is_made & (item_of[flows.output] >= 0))
    if not np.isin(network.setups.source, sources).all() or (item_of[network.stream_item_site] < 0).all():
        return None
    home = np.array(
        [flows.output[sources[item_of[flows.output[sources]] == item][0]] for item in range(len(set_up))]
    )
    pooled = _pooled_network(network, _sources(model, sources, item_of), item_of, home)
    return build_model(pooled, _prices(model.prices, network, item_of, home, pooled))


def _sources(model: SupplyModel, sources: Integers, item_of: Integers) -> tuple[Flows, Integers]:
    """The sources that stay, with what leaves the view in their cost; and the old place of each."""
    flows, replacement = model.network.flows, model.prices.replacement
    place = np.full(len(flows.output), -1, dtype=np.int64)
    place[sources] = np.arange(len(sources))
    stays = place[flows.input_source] >= 0
    inside = stays & (item_of[flows.input_item_site] >= 0)
    bought = np.zeros((len(sources), model.months))
    outside = stays & ~inside
    np.add.at(
        bought,
        place[flows.input_source[outside]],
        flows.units_per_unit[outside] * replacement[flows.input_item_site[outside], None],
    )
    loads = place[flows.load_source] >= 0
    output = item_of[flows.output[sources]]
    first = np.full(int(item_of.max()) + 1, -1, dtype=np.int64)
    first[output[::-1]] = np.arange(len(sources))[::-1]
    return (
        Flows(
            frame=flows.frame.iloc[sources].reset_index(drop=True),
            output=output,
            yields=flows.yields[sources],
            lead_time_months=flows.lead_time_months[sources] + _way_on(model, item_of)[output],
            unit_cost=flows.unit_cost[sources] + bought,
            minimum_units=flows.minimum_units[sources],
            maximum_units=flows.maximum_units[sources],
            input_source=place[flows.input_source[inside]],
            input_item_site=item_of[flows.input_item_site[inside]],
            units_per_unit=flows.units_per_unit[inside],
            load_source=place[flows.load_source[loads]],
            load_resource=flows.load_resource[loads],
            hours_per_unit=flows.hours_per_unit[loads],
            setup_hours_per_unit=flows.setup_hours_per_unit[loads],
            default=first,
        ),
        place,
    )


def _way_on(model: SupplyModel, item_of: Integers) -> Floats:
    """Months from where an item is made to where it is asked for: its slowest move."""
    flows, longest = model.network.flows, np.zeros(int(item_of.max()) + 1)
    is_move = (flows.frame["source_type"].to_numpy() == "move") & (item_of[flows.output] >= 0)
    is_move &= np.isin(flows.output, model.network.stream_item_site)
    np.maximum.at(longest, item_of[flows.output[is_move]], flows.lead_time_months[is_move])
    return longest


def _pooled_network(
    network: Network, sources: tuple[Flows, Integers], item_of: Integers, home: Integers
) -> Network:
    flows, place = sources
    assert network.setups is not None  # asked before
    streams, demand, waits, first = _pooled_streams(network, item_of)
    return Network(
        periods=network.periods,
        item_sites=network.item_sites.iloc[home].assign(site_id=POOLED).reset_index(drop=True),
        opening=_summed(network.opening, item_of, len(home)),
        unit_cost=network.unit_cost[home],
        maximum_stock=np.full((len(home), len(network.periods)), np.inf),
        open_supply=_summed(network.open_supply, item_of, len(home)),
        target=_summed(network.target, item_of, len(home)),
        streams=network.streams.iloc[first].reset_index(drop=True),
        stream_item_site=streams,
        demand=demand,
        unit_price=network.unit_price[first],
        opening_backlog=np.zeros(len(streams)),
        flows=flows,
        resources=network.resources,
        regular_hours=network.regular_hours,
        overtime_maximum_hours=network.overtime_maximum_hours,
        regular_cost=network.regular_cost,
        overtime_cost=network.overtime_cost,
        parameters=network.parameters,
        backlog_limit=waits,
        shelf_life_months=np.full(len(home), np.inf),
        has_pipeline_target=network.has_pipeline_target,
        breaks_ties=False,
        setups=replace(network.setups, source=place[network.setups.source]),
    )


def _pooled_streams(network: Network, item_of: Integers) -> tuple[Integers, Floats, Floats, Integers]:
    """Item of every pooled stream, what is owed, what may wait, and a stream that stands for it."""
    item = item_of[network.stream_item_site]
    found, first = np.unique(item[item >= 0], return_index=True)
    first = np.flatnonzero(item >= 0)[first]
    owed = np.array([network.owed[item == one].sum(axis=0) for one in found])
    waits = np.array([network.backlog_limit[item == one].sum(axis=0) for one in found])
    return found, owed, waits, first


def _summed(values: Floats, item_of: Integers, count: int) -> Floats:
    total = np.zeros((count, *values.shape[1:]))
    np.add.at(total, item_of[item_of >= 0], values[item_of >= 0])
    return total


def _prices(
    prices: UnitPrices, network: Network, item_of: Integers, home: Integers, pooled: Network
) -> UnitPrices:
    """Those of the site where an item is made; below target those of where it is aimed at, of late and lost demand the mean."""
    item = item_of[network.stream_item_site]
    below = prices.below_target[home].copy()
    for place in np.flatnonzero((network.target > 0).any(axis=1) & (item_of >= 0)).tolist():
        below[item_of[place]] = prices.below_target[place]

    def mean(by_stream: Floats) -> Floats:
        return np.array([by_stream[item == one].mean(axis=0) for one in pooled.stream_item_site])

    return UnitPrices(
        holding=prices.holding[home],
        below_target=below,
        above_maximum=prices.above_maximum[home],
        pipeline=prices.pipeline[home],
        backlog=mean(prices.backlog),
        lost_sale=mean(prices.lost_sale),
        replacement=prices.replacement[home],
        revenue=mean(prices.revenue),
    )
