"""Stoppages of resources that the plan may place: how many in which window, what hours each takes.

A stoppage with a date is no decision: it is capacity that is not there (`capacity`). Add here: rules of placing. Keep out:
breakdowns (measured, they are yield and rates).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.laws.terms import Terms, by_month


def add_maintenance(model: SupplyModel) -> None:
    r"""Every stoppage is placed in its window, takes its hours, and not too many come together.

    $\sum_{t \in W_i} stopped_{it} = N_i$, $stopped_{it} \le m_i$ and whole, $+ q_i\, stopped_{it}$ in the hours
    """
    maintenance = model.network.maintenance
    if maintenance is None:
        return
    names = [(name,) for name in maintenance.names]
    month = np.arange(model.months)
    is_inside = (month >= maintenance.first[:, None]) & (month <= maintenance.last[:, None])
    most = np.where(is_inside, maintenance.maximum_per_month[:, None], 0.0)
    stopped = model.add_variables("stopped", names, upper=most, is_whole=True)
    hours = maintenance.hours[:, None]
    model.hours.add(by_month(maintenance.resource, model.months), stopped, hours)
    place, terms = np.arange(len(names)), Terms()
    terms.add(place[:, None], stopped, 1.0)
    horizon = np.column_stack([place, np.full(len(names), -1)])
    model.add_rows("maintenance", names, horizon, terms, maintenance.stoppages, maintenance.stoppages)
