"""What an audit of a plan works on: the published rows beside the network, and how far a row is from a law.

Add here: a way to look published quantities up. Keep out: laws (`audit`, `policy_audit`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.network import ITEM_SITE, STREAM, Floats, Network

UNITS_TOLERANCE = 0.0015  # rounding of one published number to thousandths, and of what it is compared with


@dataclass(frozen=True)
class Finding:
    """Distances from a law by row: 0 where it holds. `rows` names what each distance is about."""

    rows: pd.DataFrame
    distance: Floats
    tolerance: float

    @property
    def is_violated(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        # not(<=) instead of > : a number that is not one is a violation too
        return ~(np.abs(self.distance) <= self.tolerance)


@dataclass(frozen=True)
class Books:
    """The published frames beside the network that the inputs describe."""

    network: Network
    frames: dict[str, pd.DataFrame]

    def table(self, name: str, column: str, objects: pd.DataFrame, keys: list[str]) -> Floats:
        """A published quantity by object and month; rows of unknown objects or twice the same show as not a number."""
        frame = self.frames[name]
        months = self.network.periods
        index = pd.MultiIndex.from_frame(objects[keys]) if len(keys) > 1 else pd.Index(objects[keys[0]])
        asked = pd.MultiIndex.from_frame(frame[keys]) if len(keys) > 1 else pd.Index(frame[keys[0]])
        row = np.asarray(index.get_indexer(asked))
        month = np.asarray(months.get_indexer(pd.DatetimeIndex(pd.to_datetime(frame["period_start_date"]))))
        table = np.zeros((len(index), len(months)))
        if len(frame):
            known = (row >= 0) & (month >= 0)
            np.add.at(table, (row[known], month[known]), frame[column].to_numpy(dtype=float)[known])
            seen = np.zeros_like(table)
            np.add.at(seen, (row[known], month[known]), 1.0)
            table[seen > 1] = np.nan
            if not known.all():
                table[:, :] = np.nan
        return table

    def stock(self, column: str) -> Floats:
        return self.table("stock_plan", column, self.network.item_sites, ITEM_SITE)

    def stream(self, column: str) -> Floats:
        return self.table("demand_fulfilment", column, self.network.streams, STREAM)

    def source(self, column: str) -> Floats:
        return self.table("supply_plan", column, self.network.flows.frame, ["source_id"])

    def hours(self, column: str) -> Floats:
        resources = pd.DataFrame({"resource_id": self.network.resources}, dtype=object)
        return self.table("capacity_use", column, resources, ["resource_id"])


def labels_of(network: Network, objects: pd.DataFrame, what: str) -> pd.DataFrame:
    frame = objects.loc[objects.index.repeat(len(network.periods))].reset_index(drop=True)
    frame["month"] = network.months * len(objects)
    frame["what"] = what
    return frame


def finding_of(
    network: Network, objects: pd.DataFrame, distance: Floats, tolerance: float, what: str
) -> Finding:
    return Finding(labels_of(network, objects, what), np.asarray(distance, dtype=float).ravel(), tolerance)
