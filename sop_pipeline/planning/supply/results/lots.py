"""The releases of the plan as orders in lots: how many of what size, and what they bring before the plan needs it.

Add here: what follows from the size of orders. Keep out: the releases (`solution`), rules of size (`lot_sizes`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.lot_sizes import lot_sizes
from sop_pipeline.planning.supply.network import ITEM_SITE, Floats, Integers, Network
from sop_pipeline.planning.supply.results.rounding import UNIT, RoundedPlan
from sop_pipeline.planning.supply.results.solution import spread


def lot_orders(network: Network, plan: RoundedPlan) -> pd.DataFrame:
    """Sources with a rule of size, by month of release or order.

    An order is placed when what was ordered so far does not cover what is released: of the smallest lot at least, in whole
    multiples. Orders are never later than the plan; `early_units` is what they are ahead of it at the end of the month.
    """
    sizes = lot_sizes(network)
    released = plan.released[sizes.source]
    minimum, multiple = (np.rint(part * UNIT).astype(np.int64) for part in (sizes.minimum, sizes.multiple))
    ordered = in_lots(released, minimum, np.maximum(multiple, 1))
    columns = ["source_id", "source_type", *ITEM_SITE]
    frame = spread(network.flows.frame.loc[sizes.source, columns].astype(object), network)
    months = released.shape[1]
    for name, values in (
        ("minimum_lot_units", np.where(sizes.minimum > 0, sizes.minimum, np.nan)),
        ("lot_multiple_units", np.where(sizes.multiple > 0, sizes.multiple, np.nan)),
        ("maximum_lot_units", np.where(np.isfinite(sizes.maximum), sizes.maximum, np.nan)),
    ):
        frame[name] = np.repeat(values, months)
    frame["released_units"] = released.ravel() / UNIT
    frame["ordered_units"] = ordered.ravel() / UNIT
    frame["order_count"] = order_counts(ordered, sizes.maximum * UNIT).ravel()
    early = np.cumsum(ordered - released, axis=1)
    frame["early_units"] = early.ravel() / UNIT
    said = (released > 0) | (ordered > 0)
    return frame[said.ravel()].reset_index(drop=True)


def in_lots(released: Integers, minimum: Integers, multiple: Integers) -> Integers:
    """Orders by source and month that cover the releases to date: none, or the smallest lot at least, in multiples."""
    ordered = np.zeros_like(released)
    ahead = np.zeros(len(released), dtype=np.int64)
    for month in range(released.shape[1]):
        missing = released[:, month] - ahead
        lot = -(-np.maximum(missing, minimum) // multiple) * multiple
        ordered[:, month] = np.where(missing > 0, lot, 0)
        ahead += ordered[:, month] - released[:, month]
    return ordered


def order_counts(ordered: Integers, maximum: Floats) -> Integers:
    """Orders that a quantity takes where the largest is limited."""
    counts = np.ceil(ordered / np.where(np.isfinite(maximum), maximum, np.inf)[:, None])
    whole: Integers = np.where(ordered > 0, np.maximum(counts, 1), 0).astype(np.int64)
    return whole
