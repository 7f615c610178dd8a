"""Fair share: a shortage of an item-site is spread over its channels in proportion to what they ask for.

Add here: rules of who goes short. Keep out: which item-sites a rule is for (`policies`), a strict order of channels (it is an order of
prices, see `prices`).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.laws.terms import Terms


def add_fair_share(model: SupplyModel) -> None:
    r"""Of what is asked of an item-site in a month, every channel goes without the same part.

    $backlog_{dt} + lost_{dt} = f_{nt}\, demand_{dt}$, $0 \le f_{nt} \le 1$, for every stream $d$ of $n$ that asks for something; what is
    owed at the start counts as demand of the first month
    """
    network = model.network
    if network.fair_share is None:
        return
    names = model.item_site_names()
    short = model.add_variables("short_part", [names[n] for n in network.fair_share.tolist()], upper=1.0)
    place = np.full(len(names), -1, dtype=np.int64)
    place[network.fair_share] = np.arange(len(network.fair_share))
    row_of = place[network.stream_item_site]
    keys = np.argwhere((network.owed > 0) & (row_of >= 0)[:, None])
    stream, month = keys.T
    rows, terms = np.arange(len(keys)), Terms()
    for name in ("backlog", "lost"):
        terms.add(rows, model.variables[name][stream, month], 1.0)
    terms.add(rows, short[row_of[stream], month], -network.owed[stream, month])
    model.add_rows("fair_share", model.stream_names(), keys, terms, 0.0, 0.0)
