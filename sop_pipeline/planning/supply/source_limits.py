"""Limits of single sources: what a supplier delivers or a lane carries in a month.

Add here: limits counted in released units. Keep out: hours (`capacity`), storage (`storage`).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.supply_model import SupplyModel
from sop_pipeline.planning.supply.terms import LinearSum, add_rows


def add_source_limits(model: SupplyModel) -> None:
    r"""A source releases no more than its limit of the month.

    $release_{st} \le M_{st}$, the tighter of the limit that always holds and the limit of the month
    """
    network, limits = model.network, model.network.flows.maximum_units
    limited = np.argwhere(np.isfinite(limits))
    keys = [(int(source), int(month)) for source, month in limited]
    sums = [LinearSum([1.0], [model.variables["release"][key]]) for key in keys]
    names = [(network.flows.names[source], network.months[month]) for source, month in keys]
    rows = add_rows(
        model.pyomo, "source_limit", names, sums, lambda row, total: (None, total, float(limits[keys[row]]))
    )
    model.rows["source_limit"] = (keys, rows)
