"""The objects of a case in the order of their names, and its tables as arrays over them.

Sorting here makes an answer independent of the order of rows. Add here: another kind of object. Keep out: what a table means
to the model (`problem`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.case.reading import CaseTables
from sop_pipeline.planning.supply.network import ITEM_SITE, STREAM, Floats, Integers, floats


class Places:
    """Objects of the case in order of their names, and tables as arrays over them."""

    def __init__(self, case: CaseTables) -> None:
        self.case, self.periods = case, pd.Index(case.periods, dtype=object)
        sources, inputs = case["sources"], components_of_case(case)
        pairs = [
            case[name][ITEM_SITE]
            for name in ("demand", "stock", "stock_periods", "open_orders", "space_uses", "master_schedule")
        ]
        pairs += [sources[ITEM_SITE], inputs[ITEM_SITE]]
        joined = pd.concat([pair for pair in pairs if len(pair)])
        self.item_sites = joined.drop_duplicates().sort_values(ITEM_SITE).reset_index(drop=True)
        self.site_index = pd.MultiIndex.from_frame(self.item_sites)
        asked = case["demand"][STREAM]
        owing = case["stock"].loc[case["stock"]["opening_backlog_units"] > 0, ITEM_SITE]
        silent = owing[~pd.MultiIndex.from_frame(owing).isin(pd.MultiIndex.from_frame(asked[ITEM_SITE]))]
        streams = pd.concat([asked, silent.assign(channel_id="all")])
        self.streams = streams.drop_duplicates().sort_values(STREAM).reset_index(drop=True)
        self.stream_index = pd.MultiIndex.from_frame(self.streams)
        names = [case[name]["resource_id"] for name in ("resources", "capacity", "labour", "source_loads")]
        self.resources = sorted({str(name) for part in names for name in part})
        self.resource_index = pd.Index(self.resources, dtype=object)
        self.sources = sources.sort_values("source_id").reset_index(drop=True)
        self.source_index = pd.Index(self.sources["source_id"], dtype=object)

    def positions(self, index: pd.Index, frame: pd.DataFrame, columns: list[str]) -> Integers:
        """Place of every row's object."""
        keys = pd.MultiIndex.from_frame(frame[columns]) if len(columns) > 1 else pd.Index(frame[columns[0]])
        return np.asarray(index.get_indexer(keys), dtype=np.int64)

    def by_period(
        self, frame: pd.DataFrame, column: str, index: pd.Index, keys: list[str], default: float | Floats
    ) -> Floats:
        """A column by object and period; where the frame says nothing, the default (a number, or one an object)."""
        start = np.asarray(default, dtype=float)
        table: Floats = np.tile(start[:, None] if start.ndim == 1 else start, (1, len(self.periods)))
        if start.ndim == 0:
            table = np.full((len(index), len(self.periods)), float(start))
        said = frame[frame[column].notna() & frame["period"].isin(self.periods)]
        if len(said):
            table[self.positions(index, said, keys), self.periods.get_indexer(pd.Index(said["period"]))] = (
                said[column]
            )
        return table

    def stock(self, column: str, default: float = 0.0) -> Floats:
        """A column of stock.csv by item-site."""
        said = self.case["stock"].set_index(ITEM_SITE)[column].astype(float)
        return floats(said.reindex(self.site_index).fillna(default))


def at_their_sites(case: CaseTables, name: str) -> pd.DataFrame:
    """Rows of a table of components; where they name no site, it is the source's."""
    sites = case["sources"][["source_id", "site_id"]]
    said = case[name].merge(sites, on="source_id", suffixes=("", "_of"))
    said["site_id"] = said["site_id"].where(said["site_id"] != "", said["site_id_of"])
    return said


def components_of_case(case: CaseTables) -> pd.DataFrame:
    """Components of every source, with 0 units those that only some periods take; a move takes its own item at the site it leaves."""
    sources = case["sources"]
    key = ["source_id", *ITEM_SITE]
    by_period = at_their_sites(case, "source_input_periods")[key].drop_duplicates().assign(units_per_unit=0.0)
    parts = [part for part in (at_their_sites(case, "source_inputs"), by_period) if len(part)]
    said = pd.concat(parts).drop_duplicates(key) if parts else by_period
    moves = sources[sources["source_type"] == "move"]
    taken = moves[["source_id", "item_id", "from_site_id"]].rename(columns={"from_site_id": "site_id"})
    columns = ["source_id", *ITEM_SITE, "units_per_unit"]
    parts = [part for part in (said[columns], taken.assign(units_per_unit=1.0)[columns]) if len(part)]
    joined = pd.concat(parts) if parts else said[columns]
    return joined.sort_values(columns[:3]).reset_index(drop=True)
