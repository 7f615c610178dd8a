"""Limits of single sources: what a supplier delivers or a lane carries in a month.

Add here: limits counted in released units. Keep out: hours (`capacity`), storage (`storage`).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.laws.relief import add_to_limit
from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.laws.terms import Terms


def add_source_limits(model: SupplyModel) -> None:
    r"""A source releases no more than its limit of the month.

    $release_{st} \le M_{st}$, the tighter of the limit that always holds and the limit of the month
    """
    limits = model.network.flows.maximum_units
    is_limited = np.isfinite(limits)
    keys, terms = np.argwhere(is_limited), Terms()
    terms.add(np.arange(len(keys)), model.variables["release"][is_limited], 1.0)
    if model.network.relief is not None:
        row_of = np.full(limits.shape, -1)
        row_of[is_limited] = np.arange(len(keys))
        add_to_limit(model, terms, row_of, model.network.relief.limits)
    model.add_rows("source_limit", model.source_names(), keys, terms, upper=limits[is_limited])
