"""Shelf life: what is in stock must leave before it is too old.

Add here: ageing of stock. Keep out: write-off of what is too old already (a matter of the opening stock).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.supply_model import SupplyModel
from sop_pipeline.planning.supply.terms import LinearSum, add_rows


def add_shelf_life(model: SupplyModel) -> None:
    r"""Stock is used first in, first out, so it may not exceed what leaves within its shelf life.

    $stock_{nt} \le \sum_{k=1}^{L_n} leaves_{n,t+k}$, for months whose shelf life ends within the horizon;
    $leaves_{nt} = \sum_s u_{sn}\, release_{st} + \sum_d delivered_{dt}$
    """
    network = model.network
    ageing = np.flatnonzero(np.isfinite(network.shelf_life_months)).tolist()
    if not ageing:
        return
    flows, months = network.flows, network.months
    stock, release, delivered = (model.variables[name] for name in ("stock", "release", "delivered"))
    takers: dict[int, list[tuple[float, int]]] = {item_site: [] for item_site in ageing}
    for source, item_site, units in zip(
        flows.input_source.tolist(),
        flows.input_item_site.tolist(),
        flows.units_per_unit.tolist(),
        strict=True,
    ):
        if item_site in takers:
            takers[item_site].append((units, source))
    keys, sums = [], []
    for item_site in ageing:
        life = int(network.shelf_life_months[item_site])
        streams = np.flatnonzero(network.stream_item_site == item_site).tolist()
        for month in range(len(months) - life):
            row = LinearSum([1.0], [stock[item_site, month]])
            for later in range(month + 1, month + life + 1):
                for units, source in takers[item_site]:
                    row.add(-units, release[source, later])
                for stream in streams:
                    row.add(-1.0, delivered[stream, later])
            keys.append((item_site, month))
            sums.append(row)
    names = model.item_site_names()
    row_names = [(*names[item_site], months[month]) for item_site, month in keys]
    rows = add_rows(model.pyomo, "shelf_life", row_names, sums, lambda _, total: (None, total, 0.0))
    model.rows["shelf_life"] = (keys, rows)
