"""Whole lots: a release is a number of full lots.

Add here: sizes of lots. Keep out: the smallest run (`setups`), rounding of what is published (`rounding`).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.laws.terms import Terms, by_month


def add_lots(model: SupplyModel) -> None:
    r"""A release is a whole number of lots.

    $release_{st} = L_s\, lots_{st}$, $lots_{st} \in \{0, 1, 2, \ldots\}$
    """
    lots = model.network.lots
    if lots is None:
        return
    names = model.source_names(lots.source.tolist())
    number = model.add_variables("lots", names, is_whole=True)
    rows, terms = by_month(np.arange(len(names)), model.months), Terms()
    terms.add(rows, model.variables["release"][lots.source], 1.0)
    terms.add(rows, number, -lots.units[:, None])
    keys = np.argwhere(np.ones(rows.shape, dtype=bool))
    model.add_rows("whole_lots", names, keys, terms, 0.0, 0.0)
