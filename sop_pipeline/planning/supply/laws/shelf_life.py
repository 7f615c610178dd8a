"""Shelf life: what is in stock must leave before it is too old.

Add here: ageing of stock. Keep out: write-off of what is too old already (a matter of the opening stock).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.laws.terms import Terms


def add_shelf_life(model: SupplyModel) -> None:
    r"""Stock is used first in, first out, so it may not exceed what leaves within its shelf life.

    $stock_{nt} - tooold_{nt} \le \sum_{k=1}^{L_n} leaves_{n,t+k}$, for months whose shelf life ends within the horizon;
    $leaves_{nt} = \sum_s u_{sn}\, release_{st} + \sum_d delivered_{dt}$

    Where stock may become too old, as an opening stock that nobody asks for, it has a price; else there is no $tooold$.
    """
    network, flows = model.network, model.network.flows
    ageing = np.flatnonzero(np.isfinite(network.shelf_life_months)).tolist()
    if not ageing:
        return
    stock, release, delivered = (model.variables[name] for name in ("stock", "release", "delivered"))
    keys: list[tuple[int, int]] = []
    terms = Terms()
    for item_site in ageing:
        life = int(network.shelf_life_months[item_site])
        streams = np.flatnonzero(network.stream_item_site == item_site)
        uses = np.flatnonzero(flows.input_item_site == item_site)
        for month in range(model.months - life):
            row, later = len(keys), slice(month + 1, month + life + 1)
            terms.add(row, stock[item_site, month], 1.0)
            terms.add(row, release[flows.input_source[uses], later], -flows.units_per_unit[uses, later])
            terms.add(row, delivered[streams, later], -1.0)
            keys.append((item_site, month))
    if model.prices.limits is not None and keys:
        names = model.item_site_names()
        too_old = model.add_variables("too_old", [names[item_site] for item_site in ageing])
        place = {item_site: row for row, item_site in enumerate(ageing)}
        columns = np.array([too_old[place[item_site], month] for item_site, month in keys])
        terms.add(np.arange(len(keys)), columns, -1.0)
        model.cost_terms["too_old"].add(0, too_old, model.prices.limits.too_old[ageing][:, None])
    model.add_rows("shelf_life", model.item_site_names(), np.array(keys).reshape(-1, 2), terms, upper=0.0)
