"""Material balance: nothing appears and nothing vanishes.

The blocks before have appended what they bring to and take from an item-site; here the sum is closed. Add here: nothing;
a new flow appends its terms from its own block. Keep out: variables.
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.laws.supply_model import SupplyModel


def add_material_balance(model: SupplyModel) -> None:
    r"""Opening stock, open orders and arrivals equal use, deliveries and closing stock.

    $stock_{n,t-1} + openorders_{nt} + arrivals_{nt} - used_{nt} - delivered_{nt} - stock_{nt} = 0$
    """
    network = model.network
    supplied = np.array(network.open_supply)
    supplied[:, 0] += network.opening
    keys = np.argwhere(np.ones(supplied.shape, dtype=bool))
    demanded = -supplied.ravel() + 0.0
    model.add_rows("material_balance", model.item_site_names(), keys, model.balance, demanded, demanded)
