"""Storage: the most that should stand at an item-site.

Add here: limits on stock. Keep out: targets (`targets`), room that item-sites share (`space`).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.laws.relief import add_to_limit
from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.laws.terms import Terms, by_month, closed_where_infinite, finite


def add_storage(model: SupplyModel) -> None:
    r"""Stock above the maximum is allowed at a price: what arrives has to stand somewhere.

    $stock_{nt} - above_{nt} \le maximum_{nt}$

    Where the price is infinite, nothing may be above.
    """
    network, names = model.network, model.item_site_names()
    is_limited = np.isfinite(network.maximum_stock)
    limited = np.flatnonzero(is_limited.any(axis=1))
    prices = np.repeat(model.prices.above_maximum[limited][:, None], model.months, axis=1)
    above = model.add_variables(
        "above_maximum",
        [names[item_site] for item_site in limited.tolist()],
        upper=closed_where_infinite(prices),
    )
    rows, terms = by_month(np.arange(len(limited)), model.months), Terms()
    terms.add(rows, model.variables["stock"][limited], 1.0)
    terms.add(rows, above, -1.0)
    model.cost_terms["above_maximum"].add(0, above, finite(prices))
    place, month = np.argwhere(is_limited[limited]).T
    chosen = terms.of_rows(place * model.months + month)
    if network.relief is not None:
        row_of = np.full(network.maximum_stock.shape, -1)
        row_of[limited[place], month] = np.arange(len(place))
        add_to_limit(model, chosen, row_of, network.relief.room)
    keys = np.column_stack([limited[place], month])
    most = network.maximum_stock[limited[place], month]
    model.add_rows("storage", names, keys, chosen, upper=most)
