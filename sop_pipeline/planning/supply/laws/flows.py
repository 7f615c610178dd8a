"""Flows of supply: make, buy, move and subcontract are the same thing, a source.

A released unit takes its components at once and delivers its yield after the lead time. Add here: what every source
does. Keep out: resource hours (`capacity`), limits (`source_limits`), one kind of source alone (it is rows).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.arrivals import arrivals_by_month
from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.laws.terms import by_month

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

    $used_{nt} = \sum_s u_{snt}\, release_{st}$, $u_{snt}$ by the bill in force when a unit is released in month t
    """
    network, flows = model.network, model.network.flows
    release = model.add_variables(
        "release", model.source_names(), lower=flows.minimum_units, is_whole=network.has_whole_units
    )
    _add_arrivals(model)
    model.balance.add(
        by_month(flows.input_item_site, model.months),
        release[flows.input_source],
        -flows.units_per_unit,
    )
    types = flows.frame["source_type"].to_numpy()
    for source_type in dict.fromkeys(types.tolist()):
        chosen = types == source_type
        model.cost_terms[COST_TERM_OF_TYPE[source_type]].add(0, release[chosen], flows.unit_cost[chosen])
    if network.breaks_ties:
        ranks = np.minimum(flows.frame["priority"].to_numpy(dtype=float), 9.0)
        preference = PREFERENCE_RATIO * model.prices.replacement[flows.output] * ranks
        model.preferences.add(0, release, preference[:, None])


def _add_arrivals(model: SupplyModel) -> None:
    """Good units arrive in one month, or shared over two where a lead time has a part of a month."""
    flows, release = model.network.flows, model.variables["release"]
    for delay, share in arrivals_by_month(flows.lead_time_months):
        month = np.arange(model.months) + delay[:, None]
        arrives = (month < model.months) & (share[:, None] > 0)
        rows = flows.output[:, None] * model.months + month
        good = np.broadcast_to((share * flows.yields)[:, None], rows.shape)
        model.balance.add(rows[arrives], release[arrives], good[arrives])
