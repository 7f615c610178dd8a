"""Make to order: no stock is made for its own sake.

Add here: rules of item-sites that wait for demand. Keep out: which they are (`policies`), safety stock (`safety_stock`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sop_pipeline.planning.supply.arrivals import arrival_shares
from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.laws.terms import Terms, by_month
from sop_pipeline.planning.supply.network import Floats, Network


def add_to_order(model: SupplyModel) -> None:
    r"""What arrives of a month's order leaves in that month: stock never rises by what is made.

    $stock_{nt} - stock_{n,t-1} - late_{nt} \le openorders_{nt}$, with the opening stock before the first month

    $late_{nt}$: what arrives a month after the rest of its release, where a lead time has a part of a month; it belongs to an order
    and may wait. With the material balance: $received = delivered + used + late$ at most, so that demand waits instead of stock.
    """
    network = model.network
    if network.to_order is None:
        return
    stock, rows = model.variables["stock"], by_month(np.arange(len(network.to_order)), model.months)
    terms = Terms()
    terms.add(rows, stock[network.to_order], 1.0)
    terms.add(rows[:, 1:], stock[network.to_order][:, :-1], -1.0)
    place = np.full(len(network.item_sites), -1, dtype=np.int64)
    place[network.to_order] = np.arange(len(network.to_order))
    for source, month, good in late_arrivals(network, place >= 0):
        row = rows[place[network.flows.output[source]], month:]
        terms.add(row, model.variables["release"][source, : len(row)], -good)
    keys = np.column_stack([network.to_order[rows.ravel() // model.months], rows.ravel() % model.months])
    model.add_rows(
        "to_order", model.item_site_names(), keys, terms, upper=brought(network)[network.to_order].ravel()
    )


def brought(network: Network) -> Floats:
    """Units by item-site and month that come without anything being decided: open orders; in the first month with the stock."""
    units: Floats = np.array(network.open_supply)
    units[:, 0] += network.opening
    return units


def late_arrivals(network: Network, is_chosen: NDArray[np.bool_]) -> list[tuple[int, int, float]]:
    """Source, months after release and good units of one released unit that arrive a month after the rest of it."""
    flows = network.flows
    found = []
    for source in np.flatnonzero(is_chosen[flows.output]).tolist():
        for delay, share in tuple(arrival_shares(float(flows.lead_time_months[source])))[1:]:
            if delay < len(network.periods):
                found.append((source, delay, share * float(flows.yields[source])))
    return found
