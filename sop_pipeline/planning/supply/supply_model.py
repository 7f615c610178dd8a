"""What the blocks of the supply plan share: the Pyomo model and the sums that they append to.

Add here: a handle that one block makes and another reads. Keep out: equations (each block has its own file).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from sop_pipeline.planning.supply.network import Network
from sop_pipeline.planning.supply.prices import UnitPrices
from sop_pipeline.planning.supply.terms import LinearSum, Variables


@dataclass
class SupplyModel:
    """A model under construction, by item-site (n), source, stream, resource and month positions of the network."""

    network: Network
    prices: UnitPrices
    pyomo: Any
    variables: dict[str, Variables] = field(default_factory=dict)
    balance: dict[tuple[int, int], LinearSum] = field(default_factory=lambda: defaultdict(LinearSum))
    hours: dict[tuple[int, int], LinearSum] = field(default_factory=lambda: defaultdict(LinearSum))
    cost_terms: dict[str, LinearSum] = field(default_factory=lambda: defaultdict(LinearSum))
    preferences: LinearSum = field(default_factory=LinearSum)  # break ties; no cost
    overtime_row: dict[int, int] = field(default_factory=dict)  # resource -> row of its overtime
    rows: dict[str, tuple[list[tuple[int, int]], list[Any]]] = field(default_factory=dict)

    def item_site_names(self) -> list[tuple[str, str]]:
        pairs = self.network.item_sites.itertuples(index=False)
        return [(str(item), str(site)) for item, site in pairs]

    def stream_names(self) -> list[tuple[str, str, str]]:
        streams = self.network.streams[["item_id", "site_id", "channel_id"]].itertuples(index=False)
        return [(str(item), str(site), str(channel)) for item, site, channel in streams]
