"""Room that several item-sites share: a warehouse, a tank farm, a cold store.

Add here: limits on the sum of stocks. Keep out: the limit of one item-site (`storage`).
"""

from __future__ import annotations

from sop_pipeline.planning.supply.supply_model import SupplyModel
from sop_pipeline.planning.supply.terms import LinearSum, add_rows


def add_space(model: SupplyModel) -> None:
    r"""What stands in a space at month end fits into it.

    $\sum_{n \in w} v_{wn}\, stock_{nt} \le V_{wt}$
    """
    network, space = model.network, model.network.space
    if space is None:
        return
    months, stock = network.months, model.variables["stock"]
    keys = [
        (row, month)
        for row in range(len(space.names))
        for month in range(len(months))
        if space.maximum[row, month] < float("inf")
    ]
    sums = {key: LinearSum() for key in keys}
    for row, item_site, taken in zip(
        space.space.tolist(), space.item_site.tolist(), space.space_per_unit.tolist(), strict=True
    ):
        for month in range(len(months)):
            if (row, month) in sums:
                sums[row, month].add(taken, stock[item_site, month])
    row_names = [(space.names[row], months[month]) for row, month in keys]
    maximum = space.maximum
    rows = add_rows(
        model.pyomo,
        "space",
        row_names,
        list(sums.values()),
        lambda row, total: (None, total, float(maximum[keys[row]])),
    )
    model.rows["space"] = (keys, rows)
