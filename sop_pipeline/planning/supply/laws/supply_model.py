"""The supply plan under construction: variables, rows and the sums that blocks append to.

Blocks write arrays; `algebra` makes the Pyomo model of them, which is what is compiled and solved. Add here: a handle that one block
makes and another reads. Keep out: equations (each block has its own file).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from sop_pipeline.planning.supply.laws.terms import Columns, Terms
from sop_pipeline.planning.supply.network import Floats, Integers, Network
from sop_pipeline.planning.supply.prices import UnitPrices

Names = Sequence[tuple[str, ...]]


@dataclass(frozen=True)
class VariableBlock:
    """Variables of one meaning by object and month."""

    name: str
    objects: Names
    columns: Columns
    lower: Floats
    upper: Floats
    is_whole: bool


@dataclass(frozen=True)
class RowBlock:
    """Rows of one law: by row the object and month that it is about (month -1: the whole horizon), terms and bounds."""

    law: str
    objects: Names
    keys: Integers  # row x (object, month)
    first: int
    terms: Terms
    lower: Floats
    upper: Floats

    @property
    def positions(self) -> Integers:
        """Places of the rows in the programme."""
        return np.arange(self.first, self.first + len(self.keys))


@dataclass
class SupplyModel:
    """A model under construction, by item-site (n), source, stream, resource and month positions of the network."""

    network: Network
    prices: UnitPrices
    variables: dict[str, Columns] = field(default_factory=dict)
    variable_blocks: list[VariableBlock] = field(default_factory=list)
    rows: dict[str, RowBlock] = field(default_factory=dict)
    balance: Terms = field(default_factory=Terms)  # rows: item-site x months + month
    hours: Terms = field(default_factory=Terms)  # rows: resource x months + month
    cost_terms: dict[str, Terms] = field(default_factory=lambda: defaultdict(Terms))
    preferences: Terms = field(default_factory=Terms)  # break ties; no cost
    overtime_row: dict[int, int] = field(default_factory=dict)  # resource -> row of its overtime
    column_count: int = 0
    row_count: int = 0
    _item_site_names: Names | None = None

    @property
    def months(self) -> int:
        """Months of the horizon."""
        return len(self.network.periods)

    def add_variables(
        self,
        name: str,
        objects: Names,
        upper: ArrayLike | None = None,
        lower: ArrayLike | None = None,
        is_whole: bool = False,
        months: int | None = None,
    ) -> Columns:
        """Non-negative variables by object and month; bounds are object x month, an infinite upper bound is none."""
        shape = (len(objects), self.months if months is None else months)
        size = shape[0] * shape[1]
        columns: Columns = np.arange(self.column_count, self.column_count + size, dtype=np.int64).reshape(
            shape
        )
        least = np.broadcast_to(np.asarray(0.0 if lower is None else lower, dtype=float), shape)
        most = np.broadcast_to(np.asarray(np.inf if upper is None else upper, dtype=float), shape)
        self.column_count += size
        self.variables[name] = columns
        self.variable_blocks.append(VariableBlock(name, objects, columns, least, most, is_whole))
        return columns

    def add_rows(
        self,
        law: str,
        objects: Names,
        keys: ArrayLike,
        terms: Terms,
        lower: ArrayLike | None = None,
        upper: ArrayLike | None = None,
    ) -> None:
        """Rows of a law: `keys` row x (object, month), terms by place of the row, bounds (None: open)."""
        places = np.asarray(keys, dtype=np.int64).reshape(-1, 2)
        count = len(places)
        least = np.broadcast_to(np.asarray(-np.inf if lower is None else lower, dtype=float), (count,))
        most = np.broadcast_to(np.asarray(np.inf if upper is None else upper, dtype=float), (count,))
        self.rows[law] = RowBlock(law, objects, places, self.row_count, terms, least, most)
        self.row_count += count

    def item_site_names(self) -> Names:
        if self._item_site_names is None:  # asked for by many blocks, and slow to make
            pairs = zip(*(self.network.item_sites[key] for key in ("item_id", "site_id")), strict=True)
            self._item_site_names = [(str(item), str(site)) for item, site in pairs]
        return self._item_site_names

    def stream_names(self) -> Names:
        streams = self.network.streams[["item_id", "site_id", "channel_id"]].itertuples(index=False)
        return [(str(item), str(site), str(channel)) for item, site, channel in streams]

    def resource_names(self, resources: Sequence[int]) -> Names:
        return [(self.network.resources[resource],) for resource in resources]

    def source_names(self, sources: Sequence[int] | None = None) -> Names:
        names = self.network.flows.names
        return [(names[source],) for source in (range(len(names)) if sources is None else sources)]

    def name_of_row(self, block: RowBlock, row: int) -> tuple[str, ...]:
        """Object and month that a row is about."""
        place, month = (int(part) for part in block.keys[row])
        return (*block.objects[place], *([self.network.months[month]] if month >= 0 else []))

    def column_names(self) -> list[str]:
        """Name of every variable: what it is, of what, when."""
        months, names = self.network.months, []
        for block in self.variable_blocks:
            last = months[-block.columns.shape[1] :] if block.columns.shape[1] else []
            names += [f"{block.name}[{','.join((*of, month))}]" for of in block.objects for month in last]
        return names
