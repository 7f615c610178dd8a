"""Storage: the most that should stand at an item-site.

Add here: limits on stock. Keep out: targets (`targets`).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.supply_model import SupplyModel
from sop_pipeline.planning.supply.terms import (
    LinearSum,
    add_rows,
    add_variables,
    closed_where_infinite,
    finite,
)


def add_storage(model: SupplyModel) -> None:
    r"""Stock above the maximum is allowed at a price: what arrives has to stand somewhere.

    $stock_{nt} - above_{nt} \le maximum_{nt}$
    """
    network = model.network
    limited = np.flatnonzero(np.isfinite(network.maximum_stock).any(axis=1))
    names, months = model.item_site_names(), network.months
    prices = np.repeat(model.prices.above_maximum[limited][:, None], len(months), axis=1)
    above = add_variables(
        model.pyomo,
        "above_maximum",
        [names[item_site] for item_site in limited],
        months,
        upper=closed_where_infinite(prices),
    )
    model.variables["above_maximum"] = above
    stock = model.variables["stock"]
    keys, sums = [], []
    for row, item_site in enumerate(limited.tolist()):
        for month in np.flatnonzero(np.isfinite(network.maximum_stock[item_site])).tolist():
            keys.append((item_site, month))
            sums.append(LinearSum([1.0, -1.0], [stock[item_site, month], above[row, month]]))
        model.cost_terms["above_maximum"].extend(finite(prices[row]).tolist(), above[row])
    row_names = [(*names[item_site], months[month]) for item_site, month in keys]
    maximum = network.maximum_stock
    rows = add_rows(
        model.pyomo,
        "storage",
        row_names,
        sums,
        lambda row, total: (None, total, float(maximum[keys[row]])),
    )
    model.rows["storage"] = (keys, rows)
