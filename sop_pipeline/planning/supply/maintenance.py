"""Stoppages of resources that the plan may place: how many in which window, what hours each takes.

A stoppage with a date is no decision: it is capacity that is not there (`capacity`). Add here: rules of placing. Keep out:
breakdowns (measured, they are yield and rates).
"""

from __future__ import annotations

from sop_pipeline.planning.supply.supply_model import SupplyModel
from sop_pipeline.planning.supply.terms import LinearSum, add_rows, add_variables


def add_maintenance(model: SupplyModel) -> None:
    r"""Every stoppage is placed in its window, takes its hours, and not too many come together.

    $\sum_{t \in W_i} stopped_{it} = N_i$, $stopped_{it} \le m_i$ and whole, $+ q_i\, stopped_{it}$ in the hours
    """
    network, maintenance = model.network, model.network.maintenance
    if maintenance is None:
        return
    months = network.months
    names = [(name,) for name in maintenance.names]
    count = len(names)
    most = [
        [
            float(maintenance.maximum_per_month[row])
            if maintenance.first[row] <= month <= maintenance.last[row]
            else 0.0
            for month in range(len(months))
        ]
        for row in range(count)
    ]
    stopped = add_variables(model.pyomo, "stopped", names, months, upper=most, is_whole=True)
    model.variables["stopped"] = stopped
    for row, resource in enumerate(maintenance.resource.tolist()):
        for month in range(len(months)):
            model.hours[resource, month].add(float(maintenance.hours[row]), stopped[row, month])
    sums = [LinearSum([1.0] * len(months), stopped[row].tolist()) for row in range(count)]
    wanted = maintenance.stoppages
    rows = add_rows(model.pyomo, "maintenance", names, sums, lambda row, total: (total, float(wanted[row])))
    model.rows["maintenance"] = ([(row, 0) for row in range(count)], rows)
