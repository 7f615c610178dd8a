"""Target stock: what the plan aims at by month end.

Add here: aims for stock. Keep out: how targets are set (`safety_stock`), limits above (`storage`).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.laws.terms import Terms, by_month, closed_where_infinite, finite


def add_targets(model: SupplyModel) -> None:
    r"""Stock below the target is allowed at a price.

    $stock_{nt} + below_{nt} \ge target_{nt}$

    In the last month the price is that of buying the unit back, so that the plan does not run the network dry. Where the
    price is infinite, the target is a least stock: nothing may be below.
    """
    network, names = model.network, model.item_site_names()
    aimed = np.flatnonzero((network.target > 0).any(axis=1))
    prices = model.prices.below_target[aimed]
    below = model.add_variables(
        "below_target",
        [names[item_site] for item_site in aimed.tolist()],
        upper=closed_where_infinite(prices),
    )
    rows, terms = by_month(np.arange(len(aimed)), model.months), Terms()
    terms.add(rows, model.variables["stock"][aimed], 1.0)
    terms.add(rows, below, 1.0)
    model.cost_terms["below_target"].add(0, below, finite(prices))
    place, month = np.argwhere(np.ones(rows.shape, dtype=bool)).T
    keys = np.column_stack([aimed[place], month])
    model.add_rows("target_stock", names, keys, terms, lower=network.target[aimed].ravel())
