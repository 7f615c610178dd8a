"""Material balance: nothing appears and nothing vanishes.

The blocks before have appended what they bring to and take from an item-site; here the sum is closed. Add here: nothing;
a new flow appends its terms from its own block. Keep out: variables.
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.supply_model import SupplyModel
from sop_pipeline.planning.supply.terms import add_rows


def add_material_balance(model: SupplyModel) -> None:
    r"""Opening stock, open orders and arrivals equal use, deliveries and closing stock.

    $stock_{n,t-1} + openorders_{nt} + arrivals_{nt} - used_{nt} - delivered_{nt} - stock_{nt} = 0$
    """
    network = model.network
    supplied = np.array(network.open_supply)
    supplied[:, 0] += network.opening
    keys = sorted(model.balance)
    names, months = model.item_site_names(), network.months
    row_names = [(*names[item_site], months[month]) for item_site, month in keys]
    sums = [model.balance[key] for key in keys]
    rows = add_rows(
        model.pyomo,
        "material_balance",
        row_names,
        sums,
        lambda row, total: (total, -float(supplied[keys[row]])),
    )
    model.rows["material_balance"] = (keys, rows)
