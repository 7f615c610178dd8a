"""Demand of customers: delivered, late or lost.

Add here: rules of a demand stream (item, site, channel). Keep out: who may wait how long (data of the channel), stock.
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

# Above the solver's tolerance, far below a published amount.
PREFERENCE_RATIO = 1e-6


def add_demand(model: SupplyModel) -> None:
    r"""What is asked is delivered, owed to the next month, or lost; only a share of customers waits.

    $delivered_{dt} + backlog_{dt} + lost_{dt} = demand_{dt} + backlog_{d,t-1}$

    $backlog_{dt} \le w_d\, demand_{dt}$, what is owed at the start counting as demand of the first month
    """
    network = model.network
    names, months = model.stream_names(), network.months
    delivered = add_variables(model.pyomo, "delivered", names, months)
    backlog = add_variables(model.pyomo, "backlog", names, months, upper=network.backlog_limit)
    lost = add_variables(
        model.pyomo, "lost", names, months, upper=closed_where_infinite(model.prices.lost_sale)
    )
    model.variables |= {"delivered": delivered, "backlog": backlog, "lost": lost}
    keys = [(stream, month) for stream in range(len(names)) for month in range(len(months))]
    sums = []
    for stream, month in keys:
        row = LinearSum()
        row.extend([1.0] * 3, [delivered[stream, month], backlog[stream, month], lost[stream, month]])
        if month:
            row.add(-1.0, backlog[stream, month - 1])
        model.balance[int(network.stream_item_site[stream]), month].add(-1.0, delivered[stream, month])
        sums.append(row)
    asked = network.owed
    row_names = [(*names[stream], months[month]) for stream, month in keys]
    rows = add_rows(
        model.pyomo, "demand_balance", row_names, sums, lambda row, total: (total, float(asked[keys[row]]))
    )
    model.rows["demand_balance"] = (keys, rows)
    model.cost_terms["backlog"].extend(model.prices.backlog.ravel().tolist(), backlog.ravel())
    model.cost_terms["lost_sales"].extend(finite(model.prices.lost_sale).ravel().tolist(), lost.ravel())
    model.cost_terms["revenue"].extend((-model.prices.revenue).ravel().tolist(), delivered.ravel())
    if network.breaks_ties:
        _prefer_first_channels(model)


def _prefer_first_channels(model: SupplyModel) -> None:
    """Where prices tie, the channel with the lower priority number is served first."""
    priority = model.network.streams["priority"].to_numpy(dtype=float)
    if not len(priority):
        return
    lateness = PREFERENCE_RATIO * model.prices.lost_sale / np.maximum(priority, 1.0)[:, None]
    for name in ("backlog", "lost"):
        model.preferences.extend(lateness.ravel().tolist(), model.variables[name].ravel())
