"""What hangs on what: the demand of customers that an item-site, a resource or a supplier stands behind.

Demand is followed down the first-choice sources, and a demand that uses an object in several ways hangs on it once. Add
here: another kind of object that demand may hang on. Keep out: what the plan does about it (`chains`, `limits`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.inputs import SupplyInputs
from sop_pipeline.planning.supply.network import Floats, Network, build_network
from sop_pipeline.planning.supply.rough_cut import components_of, explosion_order


def hanging_demand(inputs: SupplyInputs, cycle_id: str, periods: pd.DatetimeIndex) -> pd.DataFrame:
    """Table hanging_demand: demand in units, revenue and margin by object and month; no row where nothing hangs.

    object_type is item_site (object_id `item@site`), resource or supplier. The margin is that at standard cost; what is sold
    below cost counts none.
    """
    network = build_network(inputs, periods)
    objects, places = _objects_behind(network)
    measures = [_by_item_site(network, values) for values in _stream_values(network, inputs)]
    sums = np.zeros((len(objects), len(periods), len(measures)))
    if len(places):
        place = np.array(places, dtype=np.int64)
        np.add.at(sums, place[:, 0], np.stack(measures, axis=2)[place[:, 1]])
    row, month = np.nonzero(sums[:, :, 0])
    frame = pd.DataFrame(objects, columns=["object_type", "object_id"]).iloc[row].reset_index(drop=True)
    frame["period_start_date"] = np.asarray(periods)[month]
    for number, (name, decimals) in enumerate((("demand_units", 3), ("revenue", 4), ("margin", 4))):
        frame[name] = sums[row, month, number].round(decimals)
    frame.insert(0, "cycle_id", cycle_id)
    return frame.sort_values(["object_type", "object_id", "period_start_date"], ignore_index=True)


def _stream_values(network: Network, inputs: SupplyInputs) -> tuple[Floats, Floats, Floats]:
    """Units, revenue and margin by stream and month."""
    key = ["item_id", "site_id", "channel_id"]
    cost = inputs.demand.drop_duplicates(key).set_index(key)["unit_cost"].astype(float)
    unit_cost = cost.reindex(pd.MultiIndex.from_frame(network.streams[key])).fillna(0.0).to_numpy()
    unit_margin = np.maximum(network.unit_price - unit_cost[:, None], 0.0)
    return network.demand, network.demand * network.unit_price, network.demand * unit_margin


def _by_item_site(network: Network, values: Floats) -> Floats:
    table = np.zeros((len(network.item_sites), values.shape[1]))
    np.add.at(table, network.stream_item_site, values)
    return table


def _objects_behind(network: Network) -> tuple[list[tuple[str, str]], list[tuple[int, int]]]:
    """Objects by position, and pairs of an object and an item-site with demand of its own that uses it."""
    flows, components = network.flows, components_of(network.flows)
    used: list[frozenset[int]] = [frozenset()] * len(network.item_sites)
    for item_site in reversed(explosion_order(network)):
        source = int(flows.default[item_site])
        below = [used[component] for component, _ in components[source]] if source >= 0 else []
        used[item_site] = frozenset({item_site}).union(*below)
    behind = _objects_of_item_sites(network)
    index: dict[tuple[str, str], int] = {}
    pairs: set[tuple[int, int]] = set()
    for asked in sorted(set(network.stream_item_site.tolist())):
        for item_site in used[asked]:
            for named in behind[item_site]:
                pairs.add((index.setdefault(named, len(index)), asked))
    return list(index), sorted(pairs)


def _objects_of_item_sites(network: Network) -> list[list[tuple[str, str]]]:
    """By item-site: itself, the resources of its first-choice source and the supplier."""
    flows = network.flows
    names = [[("item_site", f"{item}@{site}")] for item, site in network.item_sites.itertuples(index=False)]
    loads: dict[int, list[str]] = {}
    for source, resource in zip(flows.load_source.tolist(), flows.load_resource.tolist(), strict=True):
        loads.setdefault(source, []).append(network.resources[resource])
    suppliers = flows.frame["supplier_id"].tolist()
    for item_site, source in enumerate(flows.default.tolist()):
        if source < 0:
            continue
        names[item_site] += [("resource", resource) for resource in loads.get(source, [])]
        if isinstance(suppliers[source], str):
            names[item_site].append(("supplier", suppliers[source]))
    return names
