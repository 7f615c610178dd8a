"""Sourcing shares: how much of an item-site's supply comes from one source.

Add here: rules on the mix of sources. Keep out: limits of one source in units (`source_limits`).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.supply_model import SupplyModel
from sop_pipeline.planning.supply.terms import LinearSum, add_rows


def add_shares(model: SupplyModel) -> None:
    r"""Over the horizon a source gives at least and at most its share of what its item-site is supplied with.

    $a_s \sum_{r \to n} y_r\, release_r \le y_s\, release_s \le b_s \sum_{r \to n} y_r\, release_r$, summed over the months
    """
    network, shares = model.network, model.network.shares
    if shares is None:
        return
    flows, release = network.flows, model.variables["release"]
    months = range(len(network.periods))
    for law, ratios, sign in (
        ("least_share", shares.minimum_ratio, 1.0),
        ("most_share", shares.maximum_ratio, -1.0),
    ):
        rows_of, sums = [], []
        for row, source in enumerate(shares.source.tolist()):
            ratio = float(ratios[row])
            if (sign > 0 and ratio <= 0.0) or (sign < 0 and ratio >= 1.0):
                continue
            total = LinearSum()
            for other in np.flatnonzero(flows.output == flows.output[source]).tolist():
                weight = (1.0 if other == source else 0.0) - ratio
                for month in months:
                    total.add(sign * weight * float(flows.yields[other]), release[other, month])
            rows_of.append(row)
            sums.append(total)
        names = [(flows.names[int(shares.source[row])],) for row in rows_of]
        rows = add_rows(model.pyomo, law, names, sums, lambda _, total: (0.0, total, None))
        model.rows[law] = ([(row, 0) for row in rows_of], rows)
