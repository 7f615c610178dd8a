"""Demand of customers: delivered, late or lost.

Add here: rules of a demand stream (item, site, channel). Keep out: who may wait how long (data of the channel), stock.
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.laws.terms import Terms, by_month, closed_where_infinite, finite

# Above the solver's tolerance, far below a published amount.
PREFERENCE_RATIO = 1e-6


def add_demand(model: SupplyModel) -> None:
    r"""What is asked is delivered, owed to the next month, or lost; only a share of customers waits.

    $delivered_{dt} + backlog_{dt} + lost_{dt} = demand_{dt} + backlog_{d,t-1}$

    $backlog_{dt} \le w_d\, demand_{dt}$, what is owed at the start counting as demand of the first month
    """
    network, prices, names = model.network, model.prices, model.stream_names()
    delivered = model.add_variables("delivered", names)
    backlog = model.add_variables("backlog", names, upper=network.backlog_limit)
    lost = model.add_variables("lost", names, upper=closed_where_infinite(prices.lost_sale))
    rows, terms = by_month(np.arange(len(names)), model.months), Terms()
    for part in (delivered, backlog, lost):
        terms.add(rows, part, 1.0)
    terms.add(rows[:, 1:], backlog[:, :-1], -1.0)
    asked = network.owed.ravel()
    keys = np.argwhere(np.ones(rows.shape, dtype=bool))
    model.add_rows("demand_balance", names, keys, terms, asked, asked)
    model.balance.add(by_month(network.stream_item_site, model.months), delivered, -1.0)
    model.cost_terms["backlog"].add(0, backlog, prices.backlog)
    model.cost_terms["lost_sales"].add(0, lost, finite(prices.lost_sale))
    model.cost_terms["revenue"].add(0, delivered, -prices.revenue)
    if network.breaks_ties:
        _prefer_first_channels(model)


def _prefer_first_channels(model: SupplyModel) -> None:
    """Where prices tie, the channel with the lower priority number is served first."""
    priority = model.network.streams["priority"].to_numpy(dtype=float)
    lateness = PREFERENCE_RATIO * model.prices.lost_sale / np.maximum(priority, 1.0)[:, None]
    for name in ("backlog", "lost"):
        model.preferences.add(0, model.variables[name], lateness)
