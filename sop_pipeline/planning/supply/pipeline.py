"""The pipeline at the end of the horizon: orders whose goods arrive after the last month planned.

Without it nothing would be released in the last months, because nothing within the horizon would need it. Add here:
what must be on its way when the horizon ends. Keep out: stock on hand (`targets`).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.network import Network, arrival_shares
from sop_pipeline.planning.supply.prices import pipeline_target
from sop_pipeline.planning.supply.supply_model import SupplyModel
from sop_pipeline.planning.supply.terms import LinearSum, add_rows, add_variables


def add_pipeline(model: SupplyModel) -> None:
    r"""What is on its way to an item-site at the end covers the last months' use over its lead time, or is priced.

    $\sum_{s \to n} y_s \sum_t (1 - \sum_{k \le T-t} a_{sk})\, release_{st} + missing_n \ge L_n\, use_n$
    """
    network = model.network
    wanted = pipeline_target(network)
    aimed = np.flatnonzero(wanted > 0)
    names, last = model.item_site_names(), network.months[-1:]
    missing = add_variables(model.pyomo, "missing", [names[item_site] for item_site in aimed], last)
    model.variables["missing"] = missing
    sums = {item_site: LinearSum([1.0], [missing[row, 0]]) for row, item_site in enumerate(aimed.tolist())}
    for source, month, share in undelivered_shares(network):
        output = int(network.flows.output[source])
        if output in sums:
            sums[output].add(share, model.variables["release"][source, month])
    row_names = [(*names[item_site], *last) for item_site in sums]
    keys = [(item_site, len(network.periods) - 1) for item_site in sums]
    rows = add_rows(
        model.pyomo,
        "pipeline",
        row_names,
        list(sums.values()),
        lambda row, total: (float(wanted[keys[row][0]]), total, None),
    )
    model.rows["pipeline"] = (keys, rows)
    model.cost_terms["below_target"].extend(model.prices.pipeline[aimed].tolist(), missing[:, 0])


def undelivered_shares(network: Network) -> list[tuple[int, int, float]]:
    """Source, month and good units of one released unit that arrive after the horizon."""
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
