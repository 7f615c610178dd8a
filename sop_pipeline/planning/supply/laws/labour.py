"""People behind hours: headcount, hiring and layoff, and the overtime that they can work.

Add here: rules of the number of people. Keep out: hours of machines (`capacity`), shifts (levers of a scenario).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.laws.terms import Terms, by_month


def add_labour(model: SupplyModel) -> None:
    r"""People give their hours, are hired and laid off at a cost, and work overtime up to their limit.

    $heads_{lt} = heads_{l,t-1} + hired_{lt} - laidoff_{lt}$

    $- g_{lt}\, heads_{lt}$ in the hours of their resource, $overtime_{rt} - o_{lt}\, heads_{lt} \le O_{rt}$
    """
    network, labour = model.network, model.network.labour
    if labour is None:
        return
    names, is_whole = model.resource_names(labour.resource.tolist()), network.has_whole_units
    heads = model.add_variables(
        "heads", names, lower=labour.minimum_heads, upper=labour.maximum_heads, is_whole=is_whole
    )
    hired = model.add_variables("hired", names, is_whole=is_whole)
    laid_off = model.add_variables("laid_off", names, is_whole=is_whole)
    rows = by_month(np.arange(len(names)), model.months)
    keys = np.argwhere(np.ones(rows.shape, dtype=bool))
    change = Terms()
    change.add(rows, heads, 1.0)
    change.add(rows[:, 1:], heads[:, :-1], -1.0)
    change.add(rows, hired, -1.0)
    change.add(rows, laid_off, 1.0)
    before = np.zeros(rows.shape)
    before[:, 0] = labour.opening_heads
    model.add_rows("headcount", names, keys, change, before.ravel(), before.ravel())
    worked = model.variables["overtime"][
        [model.overtime_row[resource] for resource in labour.resource.tolist()]
    ]
    overtime = Terms()
    overtime.add(rows, worked, 1.0)
    overtime.add(rows, heads, -labour.overtime_hours_per_head)
    allowed = network.overtime_maximum_hours[labour.resource].ravel()
    model.add_rows("overtime_of_people", names, keys, overtime, upper=allowed)
    model.hours.add(by_month(labour.resource, model.months), heads, -labour.hours_per_head)
    model.cost_terms["wages"].add(0, heads, labour.wage_per_head)
    model.cost_terms["hiring"].add(0, hired, labour.hire_cost[:, None])
    model.cost_terms["layoff"].add(0, laid_off, labour.layoff_cost[:, None])
