"""Setups: what costs or takes hours before the first unit runs, and the smallest run.

A setup may serve several sources (a lane opened for all products, a mould for a family). Add here: rules of being set up.
Keep out: whole lots (`lots`), limits without a setup (`source_limits`).
"""

from __future__ import annotations

from sop_pipeline.planning.supply.supply_model import SupplyModel
from sop_pipeline.planning.supply.terms import LinearSum, add_rows, add_variables


def add_setups(model: SupplyModel) -> None:
    r"""Nothing runs without its setup; a setup costs, takes hours, and asks for its smallest run.

    $\sum_{s \in u} release_{st} \le M_{ut}\, setup_{ut}$, $\sum_{s \in u} release_{st} \ge m_{ut}\, setup_{ut}$

    $setup_{ut} \in \{0, 1\}$, $\sum_t setup_{ut} \le N_u$
    """
    network, setups = model.network, model.network.setups
    if setups is None:
        return
    months = network.months
    names = [(name,) for name in setups.names]
    setup = add_variables(
        model.pyomo,
        "setup",
        names,
        months,
        upper=[[1.0] * len(months)] * len(names),
        is_whole=True,
    )
    model.variables["setup"] = setup
    release = model.variables["release"]
    sources: list[list[int]] = [[] for _ in names]
    for source, row in zip(setups.source.tolist(), setups.setup.tolist(), strict=True):
        sources[row].append(source)
    keys, most, least, least_keys = [], [], [], []
    for row, served in enumerate(sources):
        for month in range(len(months)):
            run = [release[source, month] for source in served]
            ones = [1.0] * len(run)
            keys.append((row, month))
            largest = float(setups.maximum_units[row, month])
            most.append(LinearSum([*ones, -largest], [*run, setup[row, month]]))
            smallest = float(setups.minimum_units[row, month])
            if smallest > 0:
                least_keys.append((row, month))
                least.append(LinearSum([*ones, -smallest], [*run, setup[row, month]]))
        model.cost_terms["setup"].extend(setups.cost[row].tolist(), setup[row])
    for row, resource, hours in zip(
        setups.hours_setup.tolist(), setups.hours_resource.tolist(), setups.hours.tolist(), strict=True
    ):
        for month in range(len(months)):
            model.hours[resource, month].add(hours, setup[row, month])
        model.cost_terms["regular_labour"].extend(
            (hours * network.regular_cost[resource]).tolist(), setup[row]
        )
    limited = [row for row in range(len(names)) if setups.maximum_count[row] < len(months)]
    laws = {
        "run_needs_setup": (keys, most, lambda _, total: (None, total, 0.0)),
        "smallest_run": (least_keys, least, lambda _, total: (0.0, total, None)),
    }
    for law, (of, sums, bound) in laws.items():
        rows = add_rows(model.pyomo, law, [(*names[row], months[month]) for row, month in of], sums, bound)
        model.rows[law] = (of, rows)
    counts = [LinearSum([1.0] * len(months), setup[row].tolist()) for row in limited]
    rows = add_rows(
        model.pyomo,
        "setup_count",
        [names[row] for row in limited],
        counts,
        lambda row, total: (None, total, float(setups.maximum_count[limited[row]])),
    )
    model.rows["setup_count"] = ([(row, 0) for row in limited], rows)
