"""Stock that stands at an item-site at month end.

Add here: what holding stock costs. Keep out: targets (`targets`), storage limits (`storage`).
"""

from __future__ import annotations

from sop_pipeline.planning.supply.supply_model import SupplyModel
from sop_pipeline.planning.supply.terms import add_variables


def add_stock(model: SupplyModel) -> None:
    r"""Closing stock is carried into the next month at a holding cost, and is never negative.

    $+ stock_{n,t-1} - stock_{nt}$ in the balance
    """
    network = model.network
    stock = add_variables(model.pyomo, "stock", model.item_site_names(), network.months)
    model.variables["stock"] = stock
    months = len(network.periods)
    for item_site in range(len(network.item_sites)):
        for month in range(months):
            model.balance[item_site, month].add(-1.0, stock[item_site, month])
            if month:
                model.balance[item_site, month].add(1.0, stock[item_site, month - 1])
        model.cost_terms["holding"].extend(model.prices.holding[item_site].tolist(), stock[item_site])
