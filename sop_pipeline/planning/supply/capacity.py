"""Resource capacity in the supply plan.

Releases use hours of a resource; overtime may be bought above the regular hours. Other blocks append what gives or takes
hours (people, setups, stoppages); the sum is closed last. Add here: what every resource does. Keep out: material flow (see
`flows` and `balance`), people (`labour`), setups (`setups`), stoppages (`maintenance`).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.supply_model import SupplyModel
from sop_pipeline.planning.supply.terms import add_rows, add_variables


def add_hours(model: SupplyModel) -> None:
    r"""Releases take hours; overtime gives more of them, up to a maximum.

    $+ \sum_s h_{sr}\, release_{st} - overtime_{rt}$ in the hours of a resource, $overtime_{rt} \le O_{rt}$

    A used hour costs the regular rate, an hour of overtime its own rate instead.
    """
    network, flows = model.network, model.network.flows
    release, months = model.variables["release"], network.months
    used = np.unique(np.concatenate([flows.load_resource, _named_elsewhere(model)]))
    names = [(network.resources[resource],) for resource in used.tolist()]
    most = network.overtime_maximum_hours[used].copy()
    if network.labour is not None:  # people's overtime is limited by their number, in their own law
        most[np.isin(used, network.labour.resource)] = np.inf
    overtime = add_variables(model.pyomo, "overtime", names, months, upper=most)
    model.variables["overtime"] = overtime
    labour = model.cost_terms["regular_labour"]
    loads = zip(
        flows.load_source.tolist(), flows.load_resource.tolist(), flows.hours_per_unit.tolist(), strict=True
    )
    for resource in used.tolist():
        for month in range(len(months)):
            model.hours[resource, month]
    for source, resource, hours in loads:
        for month in range(len(months)):
            model.hours[resource, month].add(hours, release[source, month])
        labour.extend((hours * network.regular_cost[resource]).tolist(), release[source])
    for row, resource in enumerate(used.tolist()):
        for month in range(len(months)):
            model.hours[resource, month].add(-1.0, overtime[row, month])
        labour.extend((-network.regular_cost[resource]).tolist(), overtime[row])
        model.cost_terms["overtime"].extend(network.overtime_cost[resource].tolist(), overtime[row])
    model.overtime_row = {resource: row for row, resource in enumerate(used.tolist())}


def _named_elsewhere(model: SupplyModel) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    network = model.network
    parts = [
        network.labour.resource if network.labour else np.zeros(0),
        network.setups.hours_resource if network.setups else np.zeros(0),
        network.maintenance.resource if network.maintenance else np.zeros(0),
    ]
    return np.concatenate(parts).astype(np.int64)


def add_capacity(model: SupplyModel) -> None:
    r"""Hours taken may not exceed the regular hours: the sum of everything that gives or takes hours is closed.

    $\sum_s h_{sr}\, release_{st} - overtime_{rt} + \ldots \le H_{rt}$
    """
    network, months = model.network, model.network.months
    keys = sorted(key for key in model.hours if np.isfinite(network.regular_hours[key]))
    row_names = [(network.resources[resource], months[month]) for resource, month in keys]
    hours_available = network.regular_hours
    rows = add_rows(
        model.pyomo,
        "capacity",
        row_names,
        [model.hours[key] for key in keys],
        lambda row, total: (None, total, float(hours_available[keys[row]])),
    )
    model.rows["capacity"] = (keys, rows)
