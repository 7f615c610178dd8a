"""People behind hours: headcount, hiring and layoff, and the overtime that they can work.

Add here: rules of the number of people. Keep out: hours of machines (`capacity`), shifts (levers of a scenario).
"""

from __future__ import annotations

from sop_pipeline.planning.supply.supply_model import SupplyModel
from sop_pipeline.planning.supply.terms import LinearSum, add_rows, add_variables


def add_labour(model: SupplyModel) -> None:
    r"""People give their hours, are hired and laid off at a cost, and work overtime up to their limit.

    $heads_{lt} = heads_{l,t-1} + hired_{lt} - laidoff_{lt}$

    $- g_{lt}\, heads_{lt}$ in the hours of their resource, $overtime_{rt} - o_{lt}\, heads_{lt} \le O_{rt}$
    """
    network, labour = model.network, model.network.labour
    if labour is None:
        return
    months = network.months
    names = [(network.resources[resource],) for resource in labour.resource.tolist()]
    heads = add_variables(
        model.pyomo,
        "heads",
        names,
        months,
        lower=labour.minimum_heads,
        upper=labour.maximum_heads,
        is_whole=network.has_whole_units,
    )
    hired, laid_off = (
        add_variables(model.pyomo, name, names, months, is_whole=network.has_whole_units)
        for name in ("hired", "laid_off")
    )
    model.variables |= {"heads": heads, "hired": hired, "laid_off": laid_off}
    keys, people, overtime = [], [], []
    for row, resource in enumerate(labour.resource.tolist()):
        for month in range(len(months)):
            keys.append((row, month))
            change = LinearSum([1.0, -1.0, 1.0], [heads[row, month], hired[row, month], laid_off[row, month]])
            if month:
                change.add(-1.0, heads[row, month - 1])
            people.append(change)
            worked = model.variables["overtime"][model.overtime_row[resource], month]
            overtime.append(
                LinearSum(
                    [1.0, -float(labour.overtime_hours_per_head[row, month])], [worked, heads[row, month]]
                )
            )
            model.hours[resource, month].add(-float(labour.hours_per_head[row, month]), heads[row, month])
        model.cost_terms["wages"].extend(labour.wage_per_head[row].tolist(), heads[row])
        model.cost_terms["hiring"].extend([float(labour.hire_cost[row])] * len(months), hired[row])
        model.cost_terms["layoff"].extend([float(labour.layoff_cost[row])] * len(months), laid_off[row])
    row_names = [(*names[row], months[month]) for row, month in keys]
    opening, allowed = labour.opening_heads, network.overtime_maximum_hours
    rows = add_rows(
        model.pyomo,
        "headcount",
        row_names,
        people,
        lambda row, total: (total, float(opening[keys[row][0]]) if keys[row][1] == 0 else 0.0),
    )
    model.rows["headcount"] = (keys, rows)
    rows = add_rows(
        model.pyomo,
        "overtime_of_people",
        row_names,
        overtime,
        lambda row, total: (None, total, float(allowed[labour.resource[keys[row][0]], keys[row][1]])),
    )
    model.rows["overtime_of_people"] = (keys, rows)
