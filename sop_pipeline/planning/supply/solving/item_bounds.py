r"""What an item that only setups tie together costs at least, read from its part of a programme; found by `run_levels`.

Of an item that is made at one plant, with a setup of its own, of components that nothing else uses, and moved to the sites that ask
for it. Every step leaves something out, so that no plan of the part costs less:

- Sites are one: what they are short of in all is not more than the sum of what each is short of; prices are the least of the sites'.
- Made units are moved at once. One kept at the plant reaches a site no sooner, and holding it there costs no less than
  $(1-w) h_t + w h_{t+1}$, what the site would pay for it; h is lowered to where that is so.
- All there was at the start is there at once for service (not for holding).
- Moves at the end are as many as arrive or are on their way: a unit that stands at a site in the last month costs its move, up to
  target and pipeline; beyond that nothing. What should be on its way to sites in the end is aimed at like stock, at the lesser price.
- A component costs its least price, and what is there of it saves no more than that.

Everything else that the part asks for costs at least 0 (asked: no cost and no lower bound is negative), and rows only take plans away.
Prices are read from the programme's costs, so whatever a law adds to them is in it. Add here: another kind of item of which a least cost is
known. Keep out: the recursion itself.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.network import Floats, Integers
from sop_pipeline.planning.supply.prices import pipeline_target
from sop_pipeline.planning.supply.solving.arrays import Arrays
from sop_pipeline.planning.supply.solving.run_levels import Asked, RunLevels

GRID = 2
"""Cells between two levels at which a cost bends."""


class ItemBounds:
    """Reads items of a model at the costs of a programme that has its columns."""

    def __init__(self, model: SupplyModel, arrays: Arrays) -> None:
        self.network, self.columns, self.arrays = model.network, model.variables, arrays
        flows = self.network.flows
        self.items = self.network.item_sites["item_id"].to_numpy()
        self.is_move = flows.frame["source_type"].to_numpy() == "move"
        self.part_of = np.full(len(arrays.cost), -1, dtype=np.int64)
        self.all_wanted = pipeline_target(self.network)
        self.wanted = self.all_wanted
        self.place_of_missing = _places(self.all_wanted > 0)
        self.place_of_below = _places((self.network.target > 0).any(axis=1))

    def least(self, parts: list[Integers]) -> dict[int, float]:
        """Least costs by number of the part (its columns), of the parts that can be read."""
        network = self.network
        setups = network.setups
        others = (network.relief, network.labour, network.lots, network.maintenance)
        if setups is None or any(each is not None for each in others) or network.has_whole_units:
            return {}
        for number, columns in enumerate(parts):
            self.part_of[columns] = number
        of_setup = self.part_of[self.columns["setup"][:, 0]]
        found: dict[int, dict[str, Floats]] = {}
        for setup in range(len(setups.names)):
            part, sources = int(of_setup[setup]), setups.source[setups.setup == setup]
            if part < 0 or len(sources) != 1 or (of_setup == part).sum() != 1:
                continue
            columns = parts[part]
            if (self.arrays.cost[columns] < 0).any() or (self.arrays.lower[columns] != 0).any():
                continue
            self.wanted = self._wanted(part)
            if (asked := self._asked(int(sources[0]), setup)) is not None:
                found[part] = asked
        if not found:
            return {}
        rows = list(found.values())
        together = {name: np.array([row[name] for row in rows]) for name in rows[0]}
        fixed = together.pop("fixed")
        least = RunLevels(Asked(**together), GRID).least() + fixed
        return dict(zip(found, least.tolist(), strict=True))

    def _asked(self, source: int, setup: int) -> dict[str, Floats] | None:
        """Fields of `Asked` of an item, and as `fixed` what it costs whatever is done; None where it is of another kind."""
        network, flows, cost = self.network, self.network.flows, self.arrays.cost
        plant = int(flows.output[source])
        sites = np.flatnonzero(self.items == self.items[plant])
        shops = sites[sites != plant]
        moves = np.flatnonzero(np.isin(flows.output, shops))
        streams = np.flatnonzero(np.isin(network.stream_item_site, sites))
        if not self._is_simple(source, plant, shops, moves, streams):
            return None
        late, on_way = float(flows.lead_time_months[source]), float(flows.lead_time_months[moves].min())
        is_on_way = bool((self.wanted[shops] > 0).any())
        holding = self._holding(plant, shops, on_way)
        waiting = cost[self.columns["backlog"][streams]].min(axis=0)
        losing = cost[self.columns["lost"][streams]].min(axis=0)
        aimed = shops[self.place_of_below[shops] >= 0]
        below = np.zeros_like(holding)
        if len(aimed):
            below = cost[self.columns["below_target"][self.place_of_below[aimed]]].min(axis=0)
        target = network.target[shops].sum(axis=0)
        if is_on_way:
            below[-1] = min(below[-1] if len(aimed) else np.inf, self._missing(shops[self.wanted[shops] > 0]))
            target[-1] += self.wanted[shops].sum()
        moved = float(cost[self.columns["release"][moves]].min())
        there, asked = network.opening[sites].sum(), network.owed[streams].sum(axis=0)
        at_shops = network.opening[shops].sum() + network.open_supply[shops].sum()
        # a unit in the last month spares its price, less its move
        moved = min(moved, float(waiting[-1]), float(losing.min()))
        if target[-1] > 0:
            moved = min(moved, float(below[-1]))
            below[-1] -= moved
        waiting[-1] -= moved
        losing = losing - moved
        waiting = np.minimum(waiting, losing)
        fixed = moved * (asked.sum() - at_shops + target[-1])
        fixed -= on_way * (holding[0] * network.opening[plant] + holding @ network.open_supply[plant])
        unit, components = self._unit_cost(source)
        yields, setups = float(flows.yields[source]), network.setups
        assert setups is not None  # asked before
        if losing.min() - waiting[:-1].max(initial=0.0) < unit.max() / yields:
            return None  # held far from below where a lost sale may be cheaper than a made unit
        has_missing = self.wanted[plant] > 0
        values = {
            "needed": np.cumsum(asked - network.open_supply[sites].sum(axis=0)) - there,
            "target": target,
            "holding": holding,
            "below": np.minimum(below, waiting + holding),
            "waiting": waiting,
            "losing": losing,
            "most": setups.maximum_units[setup] * yields,
            "unit": unit / yields,
            "setup": cost[self.columns["setup"][setup]],
            "late": 1.0 - (1.0 - late) * (1.0 - on_way),
            "very_late": late * on_way,
            "unfinished": late,
            "wanted": self.wanted[plant] if has_missing and late > 0 else 0.0,
            "missing": self._missing(np.array([plant])) if has_missing else 0.0,
            "fixed": fixed + components,
        }
        return {name: np.asarray(value, dtype=float) for name, value in values.items()}

    def _is_simple(
        self, source: int, plant: int, shops: Integers, moves: Integers, streams: Integers
    ) -> bool:
        """Whether the item is made by one source and moved from its plant to every site that asks for it, each in less than a month."""
        network, flows = self.network, self.network.flows
        if not len(shops) or not len(streams) or self.is_move[source]:
            return False
        of_moves = np.isin(flows.input_source, moves)
        from_plant = np.isin(flows.input_item_site, np.append(shops, plant))
        lead_times = flows.lead_time_months[np.append(moves, source)]
        components = flows.input_item_site[flows.input_source == source]
        users = np.isin(flows.input_item_site, components)
        return bool(
            (flows.output == plant).sum() == 1
            and len(moves) == len(shops) == of_moves.sum()
            and self.is_move[moves].all()
            and (of_moves == from_plant).all()
            and (flows.input_item_site[of_moves] == plant).all()
            and (flows.units_per_unit[of_moves] == 1.0).all()
            and (flows.yields[moves] == 1.0).all()
            and flows.yields[source] > 0
            and ((lead_times >= 0) & (lead_times < 1)).all()
            and np.ptp(lead_times[:-1]) == 0
            and not (network.stream_item_site == plant).any()
            and not network.target[plant].any()
            and (flows.input_source[users] == source).all()
            and not np.isin(components, np.append(shops, plant)).any()
        )

    def _holding(self, plant: int, shops: Integers, on_way: float) -> Floats:
        """Of the sites, lowered to where keeping a unit at the plant saves nothing."""
        cost, stock = self.arrays.cost, self.columns["stock"]
        holding: Floats = cost[stock[shops]].min(axis=0)
        at_plant, after = cost[stock[plant]], 0.0
        if on_way > 0:
            holding[1:] = np.minimum(holding[1:], at_plant[:-1] / on_way)
        for month in range(len(holding) - 1, -1, -1):
            holding[month] = min(holding[month], (at_plant[month] - on_way * after) / (1.0 - on_way))
            after = float(holding[month])
        return holding

    def _unit_cost(self, source: int) -> tuple[Floats, float]:
        """Of a release by month, components at their least price; and what components cost or save whatever is made."""
        network, flows, cost = self.network, self.network.flows, self.arrays.cost
        unit, fixed = cost[self.columns["release"][source]].copy(), 0.0
        for entry in np.flatnonzero(flows.input_source == source).tolist():
            component = int(flows.input_item_site[entry])
            ways = np.flatnonzero(flows.output == component)
            prices = cost[self.columns["release"][ways]] / np.maximum(flows.yields[ways], 1e-9)[:, None]
            price = float(prices.min()) if len(ways) else 0.0
            unit += price * flows.units_per_unit[entry]
            fixed -= price * (network.opening[component] + network.open_supply[component].sum())
            if self.wanted[component] > 0:
                fixed += self.wanted[component] * min(price, self._missing(np.array([component])))
        return unit, fixed

    def _wanted(self, part: int) -> Floats:
        """Units that should be on their way to item-sites at the end, where it is this part that says so."""
        wanted = np.zeros(len(self.all_wanted))
        aimed = np.flatnonzero(self.all_wanted > 0)
        aimed = (
            aimed[self.part_of[self.columns["missing"][self.place_of_missing[aimed], 0]] == part]
            if len(aimed)
            else aimed
        )
        wanted[aimed] = self.all_wanted[aimed]
        return wanted

    def _missing(self, places: Integers) -> float:
        """The least price of a unit that is not on its way to item-sites at the end."""
        return float(self.arrays.cost[self.columns["missing"][self.place_of_missing[places], 0]].min())


def _places(is_chosen: Any) -> Integers:
    """Number of each among the chosen, -1 of the others."""
    places = np.full(len(is_chosen), -1, dtype=np.int64)
    places[is_chosen] = np.arange(int(is_chosen.sum()))
    return places
