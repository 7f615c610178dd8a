"""Setups: what costs or takes hours before the first unit runs, and the smallest run.

A setup may serve several sources (a lane opened for all products, a mould for a family). Add here: rules of being set up.
Keep out: whole lots (`lots`), limits without a setup (`source_limits`).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.laws.terms import Terms, by_month


def add_setups(model: SupplyModel) -> None:
    r"""Nothing runs without its setup; a setup costs, takes hours, and asks for its smallest run.

    $\sum_{s \in u} release_{st} \le M_{ut}\, setup_{ut}$, $\sum_{s \in u} release_{st} \ge m_{ut}\, setup_{ut}$

    $setup_{ut} \in \{0, 1\}$, $\sum_t setup_{ut} \le N_u$
    """
    network, setups = model.network, model.network.setups
    if setups is None:
        return
    names = [(name,) for name in setups.names]
    setup = model.add_variables("setup", names, upper=1.0, is_whole=True)
    rows = by_month(np.arange(len(names)), model.months)
    runs = by_month(setups.setup, model.months)
    release = model.variables["release"][setups.source]
    most, least = Terms(), Terms()
    for terms, size in ((most, setups.maximum_units), (least, setups.minimum_units)):
        terms.add(runs, release, 1.0)
        terms.add(rows, setup, -size)
    every = np.argwhere(np.ones(rows.shape, dtype=bool))
    model.add_rows("run_needs_setup", names, every, most, upper=0.0)
    has_least = np.argwhere(setups.minimum_units > 0)
    chosen = least.of_rows(has_least[:, 0] * model.months + has_least[:, 1])
    model.add_rows("smallest_run", names, has_least, chosen, lower=0.0)
    limited = np.flatnonzero(setups.maximum_count < model.months)
    counts = Terms()
    counts.add(np.arange(len(limited))[:, None], setup[limited], 1.0)
    horizon = np.column_stack([limited, np.full(len(limited), -1)])
    model.add_rows("setup_count", names, horizon, counts, upper=setups.maximum_count[limited])
    hours = setups.hours[:, None]
    model.hours.add(by_month(setups.hours_resource, model.months), setup[setups.hours_setup], hours)
    worked = hours * network.regular_cost[setups.hours_resource]
    model.cost_terms["regular_labour"].add(0, setup[setups.hours_setup], worked)
    model.cost_terms["setup"].add(0, setup, setups.cost)
