"""A case and its answer as tables of object by period, for whoever audits: neither network nor model is asked.

A million variables are a few hundred thousand cells of each law, so laws are arithmetic on whole tables; the name of a cell is only made
where it is shown. Add here: another way to look a quantity up. Keep out: laws (`audit`, `policy_laws`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from sop_pipeline.planning.supply.arrivals import arrivals_by_month
from sop_pipeline.planning.supply.case.reading import CaseTables
from sop_pipeline.planning.supply.network import Floats, Integers

TOLERANCE_RATIO = 1e-6
ITEM_SITE = ["item_id", "site_id"]
STREAM = [*ITEM_SITE, "channel_id"]


@dataclass(frozen=True)
class Checks:
    """Distances from a law, the size that each is compared with, and what a place is about."""

    distance: Floats
    size: Floats
    name_of: Callable[[int], str]

    @property
    def violated(self) -> Integers:
        """Places further from the law than a millionth; what is not a number was not answered."""
        allowed = TOLERANCE_RATIO * (1.0 + np.abs(self.size))
        with np.errstate(invalid="ignore"):
            return np.flatnonzero(~(self.distance <= allowed))


@dataclass(frozen=True)
class Books:
    """The case, its answer, and what both say by object and period; not a number where neither says anything."""

    case: CaseTables
    answer: dict[str, pd.DataFrame]
    objective_value: float

    @cached_property
    def periods(self) -> pd.Index:
        return pd.Index(self.case.periods, dtype=object)

    @cached_property
    def sites(self) -> pd.Index:
        """Item-sites that the answer holds stock of, and that the case names."""
        sources = self.case["sources"]
        parts = [self.answer["stock"][ITEM_SITE], sources[ITEM_SITE], self.answer["demand"][ITEM_SITE]]
        return _index(pd.concat([part.astype(str) for part in parts]).drop_duplicates(), ITEM_SITE)

    @cached_property
    def streams(self) -> pd.Index:
        return _index(self.answer["demand"][STREAM].drop_duplicates(), STREAM)

    @cached_property
    def sources(self) -> pd.Index:
        return _index(self.case["sources"], ["source_id"])

    @cached_property
    def output(self) -> Integers:
        """Item-site of every source."""
        return _places(self.sites, self.case["sources"], ITEM_SITE)

    @cached_property
    def stream_site(self) -> Integers:
        """Item-site of every stream."""
        return np.asarray(self.sites.get_indexer(self.streams.droplevel("channel_id")), dtype=np.int64)

    @cached_property
    def released(self) -> Floats:
        """Units released, source x period."""
        return self.answered("plan", "released_units", self.sources)

    @cached_property
    def closing(self) -> Floats:
        """Stock at the end, item-site x period."""
        return self.answered("stock", "closing_units", self.sites)

    def answered(self, table: str, column: str, objects: pd.Index) -> Floats:
        """A column of the answer, object x period."""
        if table not in self.answer:
            return np.full((len(objects), len(self.periods)), np.nan)
        return self._table(self.answer[table], column, objects)

    def asked(self, table: str, column: str, objects: pd.Index) -> Floats:
        """A column of the case that is by period, object x period."""
        return self._table(self.case[table], column, objects)

    def said(self, table: str, column: str, objects: pd.Index) -> Floats:
        """A column of the case that is by object."""
        frame, values = self.case[table], np.full(len(objects), np.nan)
        if column in frame and len(frame):
            place = _places(objects, frame, list(map(str, objects.names)))
            values[place[place >= 0]] = frame[column].astype(float).to_numpy()[place >= 0]
        return values

    def said_by_period(self, by_period: str, table: str, column: str, objects: pd.Index) -> Floats:
        """A value of the case, object x period: the period's own, else the object's."""
        own = self.asked(by_period, column, objects)
        return np.where(np.isnan(own), self.said(table, column, objects)[:, None], own)

    def arrivals(self, is_late_only: bool = False) -> Floats:
        """Good units that arrive, item-site x period; late: only the part of a release that comes a period after the first."""
        sources, arrived = self.case["sources"], np.zeros((len(self.sites), len(self.periods)))
        good = sources["yield_ratio"].to_numpy(dtype=float)[:, None] * self.released
        shares = list(arrivals_by_month(sources["lead_time_periods"].to_numpy(dtype=float)))
        for delays, share in shares[1:] if is_late_only else shares:
            for delay in np.unique(delays[(share > 0) & (delays < len(self.periods))]).tolist():
                row = np.flatnonzero((delays == delay) & (share > 0))
                units = share[row, None] * good[row, : len(self.periods) - delay]
                np.add.at(arrived[:, delay:], self.output[row], units)
        return arrived

    def checks(self, objects: pd.Index, distance: Floats, size: ArrayLike = 0.0, words: str = "") -> Checks:
        """Distances of a table of object x period."""

        def name_of(place: int) -> str:
            row, period = divmod(place, len(self.periods))
            return f"{_name(objects[row])} / {self.periods[period]}{words and ' ' + words}"

        return Checks(distance.ravel(), np.broadcast_to(size, distance.shape).ravel(), name_of)

    def _table(self, frame: pd.DataFrame, column: str, objects: pd.Index) -> Floats:
        table = np.full((len(objects), len(self.periods)), np.nan)
        if column in frame and len(frame):
            row = _places(objects, frame, list(map(str, objects.names)))
            period = np.asarray(self.periods.get_indexer(pd.Index(frame["period"].astype(str), dtype=object)))
            known = (row >= 0) & (period >= 0)
            table[row[known], period[known]] = frame[column].astype(float).to_numpy()[known]
        return table


def checks_of(names: pd.Index, distance: Floats, size: Floats, words: str) -> Checks:
    """Distances by object."""
    return Checks(distance, size, lambda place: f"{_name(names[place])} {words}".strip())


def _name(key: object) -> str:
    return " / ".join(map(str, key)) if isinstance(key, tuple) else str(key)


def _index(frame: pd.DataFrame, keys: list[str]) -> pd.Index:
    if len(keys) == 1:
        return pd.Index(frame[keys[0]].astype(str), name=keys[0], dtype=object)
    return pd.MultiIndex.from_frame(frame[keys].astype(str))


def _places(objects: pd.Index, frame: pd.DataFrame, keys: list[str]) -> Integers:
    return np.asarray(objects.get_indexer(_index(frame, keys)), dtype=np.int64)
