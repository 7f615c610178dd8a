"""Room that several item-sites share: a warehouse, a tank farm, a cold store.

Add here: limits on the sum of stocks. Keep out: the limit of one item-site (`storage`).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.laws.terms import Terms, by_month


def add_space(model: SupplyModel) -> None:
    r"""What stands in a space at month end fits into it.

    $\sum_{n \in w} v_{wn}\, stock_{nt} - outside_{wt} \le V_{wt}$

    Where room may be found outside it has a price; else there is no $outside$.
    """
    space = model.network.space
    if space is None:
        return
    terms = Terms()
    taken = space.space_per_unit[:, None]
    terms.add(by_month(space.space, model.months), model.variables["stock"][space.item_site], taken)
    if model.prices.limits is not None:
        outside = model.add_variables("outside", [(name,) for name in space.names])
        terms.add(by_month(np.arange(len(space.names)), model.months), outside, -1.0)
        model.cost_terms["outside_storage"].add(0, outside, model.prices.limits.outside[:, None])
    is_limited = np.isfinite(space.maximum)
    keys = np.argwhere(is_limited)
    chosen = terms.of_rows(keys[:, 0] * model.months + keys[:, 1])
    names = [(name,) for name in space.names]
    model.add_rows("space", names, keys, chosen, upper=space.maximum[is_limited])
