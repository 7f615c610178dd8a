"""Sourcing shares: how much of an item-site's supply comes from one source.

Add here: rules on the mix of sources. Keep out: limits of one source in units (`source_limits`).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.supply_model import SupplyModel
from sop_pipeline.planning.supply.terms import Terms


def add_shares(model: SupplyModel) -> None:
    r"""Over the horizon a source gives at least and at most its share of what its item-site is supplied with.

    $a_s \sum_{r \to n} y_r\, release_r \le y_s\, release_s \le b_s \sum_{r \to n} y_r\, release_r$, summed over the months
    """
    network, shares = model.network, model.network.shares
    if shares is None:
        return
    flows, release = network.flows, model.variables["release"]
    names = model.source_names(shares.source.tolist())
    for law, ratios, sign in (
        ("least_share", shares.minimum_ratio, 1.0),
        ("most_share", shares.maximum_ratio, -1.0),
    ):
        said = np.flatnonzero(ratios > 0.0 if sign > 0 else ratios < 1.0)
        terms = Terms()
        for row, place in enumerate(said.tolist()):
            source = int(shares.source[place])
            together = np.flatnonzero(flows.output == flows.output[source])
            weight = (together == source).astype(float) - float(ratios[place])
            terms.add(row, release[together], (sign * weight * flows.yields[together])[:, None])
        horizon = np.column_stack([said, np.full(len(said), -1)])
        model.add_rows(law, names, horizon, terms, lower=0.0)
