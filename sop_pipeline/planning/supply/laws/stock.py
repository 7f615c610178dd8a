"""Stock that stands at an item-site at month end.

Add here: what holding stock costs. Keep out: targets (`targets`), storage limits (`storage`).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.laws.terms import by_month


def add_stock(model: SupplyModel) -> None:
    r"""Closing stock is carried into the next month at a holding cost, and is never negative.

    $+ stock_{n,t-1} - stock_{nt}$ in the balance
    """
    stock = model.add_variables("stock", model.item_site_names())
    rows = by_month(np.arange(len(stock)), model.months)
    model.balance.add(rows, stock, -1.0)
    model.balance.add(rows[:, 1:], stock[:, :-1], 1.0)
    model.cost_terms["holding"].add(0, stock, model.prices.holding)
