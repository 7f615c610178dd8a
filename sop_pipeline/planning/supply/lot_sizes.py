"""Sizes of lots that a system knows: the smallest, the multiple and the largest order of a source.

The plan releases what a month needs; orders come in lots. Setups are spread over the smallest lot (core.fct_source_loads), so that
hours and costs of the releases are those of lots; what the lots are, and what they bring before it is needed, is `results.lots`.
Where people ask for whole lots, releases themselves are lots (`policies`). Add here: another rule of size. Keep out: laws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.network import Floats, Integers, Network, floats

MINIMUM, MULTIPLE, MAXIMUM = "minimum_lot_units", "lot_multiple_units", "maximum_lot_units"


@dataclass(frozen=True)
class LotSizes:
    """Sources with a rule of size: 0 where there is no smallest lot or multiple, infinite where there is no largest."""

    source: Integers
    minimum: Floats
    multiple: Floats
    maximum: Floats


def column_or_empty(frame: pd.DataFrame, name: str) -> Floats:
    """A column of numbers that may be missing or empty."""
    if name not in frame.columns:
        return np.full(len(frame), np.nan)
    return floats(frame[name].astype(float))


def lot_sizes(network: Network) -> LotSizes:
    """Rules of the sources that have any. A largest lot below the smallest is none: data rules refuse it before."""
    frame = network.flows.frame
    minimum, multiple, maximum = (column_or_empty(frame, name) for name in (MINIMUM, MULTIPLE, MAXIMUM))
    minimum, multiple = np.nan_to_num(minimum), np.nan_to_num(multiple)
    maximum = np.where(np.isnan(maximum) | (maximum < np.maximum(minimum, multiple)), np.inf, maximum)
    chosen = np.flatnonzero((minimum > 0) | (multiple > 0) | np.isfinite(maximum))
    return LotSizes(chosen, minimum[chosen], multiple[chosen], maximum[chosen])


def largest_release(network: Network) -> Floats:
    """Source x month: more than this no plan has a use for, of what limits and all needs of the horizon allow."""
    flows, sizes = network.flows, lot_sizes(network)
    items, of = np.unique(network.item_sites["item_id"].to_numpy(dtype=str), return_inverse=True)
    own = np.zeros(len(items))
    np.add.at(own, of[network.stream_item_site], network.owed.sum(axis=1))
    np.add.at(own, of, network.target.max(axis=1, initial=0.0))
    beyond = np.maximum(sizes.minimum, sizes.multiple)
    np.add.at(own, of[flows.output[sizes.source]], beyond)
    made, used = of[flows.output[flows.input_source]], of[flows.input_item_site]
    per_unit = flows.units_per_unit.max(axis=1, initial=0.0) / flows.yields[flows.input_source]
    needed, step = own, own
    for _ in range(len(items)):  # as deep as bills are; a move needs nothing more of its own item
        wanted = np.where(made != used, per_unit * step[made], 0.0)
        step = np.zeros(len(items))
        np.add.at(step, used, wanted)
        if not step.any():
            break
        needed = needed + step
    most: Floats = np.minimum(flows.maximum_units, (needed[of[flows.output]] / flows.yields)[:, None])
    return most
