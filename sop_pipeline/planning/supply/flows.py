"""Flows of supply: make, buy and move are the same thing, a source.

A released unit takes its components at once and delivers its yield after the lead time. Add here: what every source
does. Keep out: resource hours (`capacity`), limits (`source_limits`), one kind of source alone (it is rows).
"""

from __future__ import annotations

from sop_pipeline.planning.supply.network import arrival_shares
from sop_pipeline.planning.supply.supply_model import SupplyModel
from sop_pipeline.planning.supply.terms import add_variables

COST_TERM_OF_TYPE = {
    "make": "production",
    "buy": "purchase",
    "move": "freight",
    "subcontract": "subcontracting",
}

# Where costs tie, the first choice goes first; far below what any published amount shows.
PREFERENCE_RATIO = 5e-7


def add_flows(model: SupplyModel) -> None:
    r"""Releases of a source deliver to its output and take from its inputs.

    $arrivals_{nt} = \sum_{s \to n} y_s \sum_k a_{sk}\, release_{s,t-k}$, $a_{sk}$ the share that arrives k months later

    $used_{nt} = \sum_s u_{sn}\, release_{st}$
    """
    network, flows = model.network, model.network.flows
    names = [(name,) for name in flows.names]
    release = add_variables(
        model.pyomo,
        "release",
        names,
        network.months,
        lower=flows.minimum_units,
        is_whole=network.has_whole_units,
    )
    model.variables["release"] = release
    months = len(network.periods)
    for source, output in enumerate(flows.output.tolist()):
        for delay, share in arrival_shares(float(flows.lead_time_months[source])):
            for month in range(months - delay):
                arrival = share * float(flows.yields[source])
                model.balance[output, month + delay].add(arrival, release[source, month])
    inputs = zip(
        flows.input_source.tolist(),
        flows.input_item_site.tolist(),
        flows.units_per_unit.tolist(),
        strict=True,
    )
    for source, item_site, units in inputs:
        for month in range(months):
            model.balance[item_site, month].add(-units, release[source, month])
    ranks = flows.frame["priority"].to_numpy(dtype=float)
    for source, source_type in enumerate(flows.frame["source_type"]):
        costs = flows.unit_cost[source].tolist()
        model.cost_terms[COST_TERM_OF_TYPE[source_type]].extend(costs, release[source])
        value = float(model.prices.replacement[flows.output[source]])
        preference = PREFERENCE_RATIO * value * min(ranks[source], 9.0) if network.breaks_ties else 0.0
        model.preferences.extend([preference] * months, release[source])
