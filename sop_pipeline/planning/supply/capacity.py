"""Resource capacity in the supply plan.

Releases use hours of a resource; overtime may be bought above the regular hours. Add here: anything measured in
resource hours. Keep out: material flow (see `flows` and `balance`).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.supply_model import SupplyModel
from sop_pipeline.planning.supply.terms import LinearSum, add_rows, add_variables


def add_capacity(model: SupplyModel) -> None:
    r"""Hours used may not exceed regular hours plus overtime bought; overtime has a maximum.

    $\sum_s h_{sr}\, release_{st} - overtime_{rt} \le H_{rt}$, $overtime_{rt} \le O_{rt}$

    A used hour costs the regular rate, an hour of overtime its own rate instead.
    """
    network, flows = model.network, model.network.flows
    release, months = model.variables["release"], network.months
    used = np.unique(flows.load_resource)
    names = [(network.resources[resource],) for resource in used.tolist()]
    overtime = add_variables(
        model.pyomo, "overtime", names, months, upper=network.overtime_maximum_hours[used]
    )
    model.variables["overtime"] = overtime
    sums = {(resource, month): LinearSum() for resource in used.tolist() for month in range(len(months))}
    labour = model.cost_terms["regular_labour"]
    loads = zip(
        flows.load_source.tolist(), flows.load_resource.tolist(), flows.hours_per_unit.tolist(), strict=True
    )
    for source, resource, hours in loads:
        for month in range(len(months)):
            sums[resource, month].add(hours, release[source, month])
        labour.extend((hours * network.regular_cost[resource]).tolist(), release[source])
    for row, resource in enumerate(used.tolist()):
        for month in range(len(months)):
            sums[resource, month].add(-1.0, overtime[row, month])
        labour.extend((-network.regular_cost[resource]).tolist(), overtime[row])
        model.cost_terms["overtime"].extend(network.overtime_cost[resource].tolist(), overtime[row])
    keys = list(sums)
    row_names = [(network.resources[resource], months[month]) for resource, month in keys]
    hours_available = network.regular_hours
    rows = add_rows(
        model.pyomo,
        "capacity",
        row_names,
        list(sums.values()),
        lambda row, total: (None, total, float(hours_available[keys[row]])),
    )
    model.rows["capacity"] = (keys, rows)
