"""The pipeline at the end of the horizon: orders whose goods arrive after the last month planned.

Without it nothing would be released in the last months, because nothing within the horizon would need it. Add here:
what must be on its way when the horizon ends. Keep out: stock on hand (`targets`).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.arrivals import arrival_shares
from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.laws.terms import Terms
from sop_pipeline.planning.supply.network import Network
from sop_pipeline.planning.supply.prices import pipeline_target
from sop_pipeline.planning.supply.rough_cut import once


def add_pipeline(model: SupplyModel) -> None:
    r"""What is on its way to an item-site at the end covers the last months' use over its lead time, or is priced.

    $\sum_{s \to n} y_s \sum_t (1 - \sum_{k \le T-t} a_{sk})\, release_{st} + missing_n \ge L_n\, use_n$
    """
    network, names = model.network, model.item_site_names()
    wanted = pipeline_target(network)
    aimed = np.flatnonzero(wanted > 0)
    missing = model.add_variables("missing", [names[item_site] for item_site in aimed.tolist()], months=1)
    place = np.full(len(names), -1, dtype=np.int64)
    place[aimed] = np.arange(len(aimed))
    terms = Terms()
    terms.add(np.arange(len(aimed)), missing[:, 0], 1.0)
    late = [
        (place[network.flows.output[source]], source, month, share)
        for source, month, share in undelivered_shares(network)
        if place[network.flows.output[source]] >= 0
    ]
    if late:
        rows, sources, months, shares = (np.array(part) for part in zip(*late, strict=True))
        terms.add(rows, model.variables["release"][sources, months], shares)
    keys = np.column_stack([aimed, np.full(len(aimed), model.months - 1)])
    model.add_rows("pipeline", names, keys, terms, lower=wanted[aimed])
    model.cost_terms["below_target"].add(0, missing[:, 0], model.prices.pipeline[aimed])


def undelivered_shares(network: Network) -> list[tuple[int, int, float]]:
    """Source, month and good units of one released unit that arrive after the horizon."""
    flows = network.flows
    return once(
        flows,
        "undelivered_shares",
        (flows.lead_time_months, flows.yields),
        lambda: _undelivered_shares(network),
    )


def _undelivered_shares(network: Network) -> list[tuple[int, int, float]]:
    months = len(network.periods)
    shares = []
    for source, (lead_time, good) in enumerate(
        zip(network.flows.lead_time_months.tolist(), network.flows.yields.tolist(), strict=True)
    ):
        arrivals = tuple(arrival_shares(lead_time))
        for month in range(max(months - 1 - int(lead_time + 1.0), 0), months):
            late = sum(share for delay, share in arrivals if month + delay >= months)
            if late > 0:
                shares.append((source, month, good * late))
    return shares
