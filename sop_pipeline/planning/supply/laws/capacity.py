"""Resource capacity in the supply plan.

Releases use hours of a resource; overtime may be bought above the regular hours. Other blocks append what gives or takes
hours (people, setups, stoppages); the sum is closed last. Add here: what every resource does. Keep out: material flow (see
`flows` and `balance`), people (`labour`), setups (`setups`), stoppages (`maintenance`).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.laws.terms import by_month
from sop_pipeline.planning.supply.network import Integers


def add_hours(model: SupplyModel) -> None:
    r"""Releases take hours; overtime gives more of them, up to a maximum.

    $+ \sum_s h_{sr}\, release_{st} - overtime_{rt}$ in the hours of a resource, $overtime_{rt} \le O_{rt}$

    A used hour costs the regular rate, an hour of overtime its own rate instead.
    """
    network, flows = model.network, model.network.flows
    release, used = model.variables["release"], used_resources(model)
    most = network.overtime_maximum_hours[used].copy()
    if network.labour is not None:  # people's overtime is limited by their number, in their own law
        most[np.isin(used, network.labour.resource)] = np.inf
    overtime = model.add_variables("overtime", model.resource_names(used.tolist()), upper=most)
    hours = flows.hours_per_unit[:, None]
    model.hours.add(by_month(flows.load_resource, model.months), release[flows.load_source], hours)
    model.hours.add(by_month(used, model.months), overtime, -1.0)
    labour = model.cost_terms["regular_labour"]
    labour.add(0, release[flows.load_source], hours * network.regular_cost[flows.load_resource])
    labour.add(0, overtime, -network.regular_cost[used])
    model.cost_terms["overtime"].add(0, overtime, network.overtime_cost[used])
    model.overtime_row = {resource: row for row, resource in enumerate(used.tolist())}


def used_resources(model: SupplyModel) -> Integers:
    """Resources that anything takes hours of or gives hours to."""
    network = model.network
    parts = [
        network.flows.load_resource,
        network.labour.resource if network.labour else np.zeros(0),
        network.setups.hours_resource if network.setups else np.zeros(0),
        network.maintenance.resource if network.maintenance else np.zeros(0),
        network.relief.hours.place if network.relief else np.zeros(0),
    ]
    return np.unique(np.concatenate(parts).astype(np.int64))


def add_capacity(model: SupplyModel) -> None:
    r"""Hours taken may not exceed the regular hours: the sum of everything that gives or takes hours is closed.

    $\sum_s h_{sr}\, release_{st} - overtime_{rt} + \ldots \le H_{rt}$
    """
    network, used = model.network, used_resources(model)
    is_limited = np.zeros(network.regular_hours.shape, dtype=bool)
    is_limited[used] = np.isfinite(network.regular_hours[used])
    keys = np.argwhere(is_limited)
    terms = model.hours.of_rows(keys[:, 0] * model.months + keys[:, 1])
    names = model.resource_names(range(len(network.resources)))
    model.add_rows("capacity", names, keys, terms, upper=network.regular_hours[is_limited])
