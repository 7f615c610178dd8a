"""Target stock: what the plan aims at by month end.

Add here: aims for stock. Keep out: how targets are set (`safety_stock`), limits above (`storage`).
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


def add_targets(model: SupplyModel) -> None:
    r"""Stock below the target is allowed at a price.

    $stock_{nt} + below_{nt} \ge target_{nt}$

    In the last month the price is that of buying the unit back, so that the plan does not run the network dry.
    """
    network = model.network
    aimed = np.flatnonzero((network.target > 0).any(axis=1))
    names, months = model.item_site_names(), network.months
    prices = model.prices.below_target[aimed]
    below = add_variables(
        model.pyomo,
        "below_target",
        [names[item_site] for item_site in aimed],
        months,
        upper=closed_where_infinite(prices),
    )
    model.variables["below_target"] = below
    stock = model.variables["stock"]
    keys, sums = [], []
    for row, item_site in enumerate(aimed.tolist()):
        for month in range(len(months)):
            keys.append((item_site, month))
            sums.append(LinearSum([1.0, 1.0], [stock[item_site, month], below[row, month]]))
        model.cost_terms["below_target"].extend(finite(prices[row]).tolist(), below[row])
    row_names = [(*names[item_site], months[month]) for item_site, month in keys]
    target = network.target
    rows = add_rows(
        model.pyomo,
        "target_stock",
        row_names,
        sums,
        lambda row, total: (float(target[keys[row]]), total, None),
    )
    model.rows["target_stock"] = (keys, rows)
