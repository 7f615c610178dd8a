"""Whole lots: a release is a number of full lots.

Add here: sizes of lots. Keep out: the smallest run (`setups`), rounding of what is published (`rounding`).
"""

from __future__ import annotations

from sop_pipeline.planning.supply.supply_model import SupplyModel
from sop_pipeline.planning.supply.terms import LinearSum, add_rows, add_variables


def add_lots(model: SupplyModel) -> None:
    r"""A release is a whole number of lots.

    $release_{st} = L_s\, lots_{st}$, $lots_{st} \in \{0, 1, 2, \ldots\}$
    """
    network, lots = model.network, model.network.lots
    if lots is None:
        return
    months, release = network.months, model.variables["release"]
    names = [(network.flows.names[source],) for source in lots.source.tolist()]
    number = add_variables(model.pyomo, "lots", names, months, is_whole=True)
    model.variables["lots"] = number
    keys = [(row, month) for row in range(len(names)) for month in range(len(months))]
    sums = [
        LinearSum([1.0, -float(lots.units[row])], [release[int(lots.source[row]), month], number[row, month]])
        for row, month in keys
    ]
    row_names = [(*names[row], months[month]) for row, month in keys]
    rows = add_rows(model.pyomo, "whole_lots", row_names, sums, lambda _, total: (total, 0.0))
    model.rows["whole_lots"] = (keys, rows)
