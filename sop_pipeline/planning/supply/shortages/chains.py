"""From demand that goes short back to what it is short of, step by step along the plan's own prices.

At the optimum a unit is worth what the tightest way to get it costs: a way in use costs exactly that, any other at least. Walking
upstream along the tightest ways, and at each step to whatever adds most to the price beyond plain cost, ends at the limit that the
unit hangs on: an hour, a supplier, a lane, room, or a material that cannot arrive in time. Add here: a kind of step. Keep out:
which limits bind (`limits`), what lifting one is worth (`confirmation`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.arrivals import arrival_shares
from sop_pipeline.planning.supply.network import STREAM, Floats, Network
from sop_pipeline.planning.supply.prices import UnitPrices
from sop_pipeline.planning.supply.results.constrained import NOISE_UNITS
from sop_pipeline.planning.supply.rough_cut import components_by_month
from sop_pipeline.planning.supply.shortages.limits import (
    SHORTAGE_TYPE,
    SMALLEST_PRICE,
    Savings,
    name_of_item_site,
)

LONGEST = 60
HANGING_RATIO = 0.01
"""Demand whose next unit is worth this much more than what it costs to make or buy, of that cost, hangs on a limit."""
TRACED = 2_000
"""Demands traced at most: those that go short first, then by what stands above plain cost."""
KEY = [*STREAM, "period_start_date", "step_number"]
COLUMNS = [
    *KEY,
    "step_type",
    "object_id",
    "step_period_start_date",
    "quantity_per_unit",
    "shadow_price",
    "is_limit",
    "demand_units",
    "short_units",
    "short_margin",
]


@dataclass(frozen=True)
class Step:
    """One station of a chain: what it is, when, how much of it a unit of the demand takes, what one more is worth."""

    step_type: str
    object_id: str
    month: int
    quantity: float
    price: float
    is_limit: bool = False


@dataclass(frozen=True)
class Way:
    """A way to have one more unit at an item-site in a month; `slack`: what it costs beyond what the unit is worth."""

    slack: float
    source: int  # -1: carried in stock from the month before
    month: int  # of the release, or the month before
    share: float  # of a release that has arrived by the month, yield included


class Tracer:
    """Walks upstream through the network at the plan's prices."""

    def __init__(self, network: Network, prices: UnitPrices, savings: Savings) -> None:
        self.network, self.prices, self.savings = network, prices, savings
        flows = network.flows
        self.components = components_by_month(flows)
        self.wage_rate = network.wage_rate
        self.loads: list[list[tuple[int, float]]] = [[] for _ in range(len(flows.output))]
        for source, resource, hours in zip(
            flows.load_source.tolist(),
            flows.load_resource.tolist(),
            flows.hours_per_unit.tolist(),
            strict=True,
        ):
            self.loads[source].append((resource, hours))
        self.sources_of: list[list[int]] = [[] for _ in range(len(network.item_sites))]
        for source, item_site in enumerate(flows.output.tolist()):
            self.sources_of[item_site].append(source)
        self.arrivals = [tuple(arrival_shares(lead)) for lead in flows.lead_time_months.tolist()]
        self.roots: set[tuple[int, int]] = set()

    def chain(self, item_site: int, month: int) -> list[Step]:
        """Stations from an item-site and month to the limit that one more unit there hangs on."""
        steps: list[Step] = []
        quantity, seen = 1.0, set()
        while (item_site, month) not in seen and len(steps) < LONGEST:
            seen.add((item_site, month))
            worth = float(self.savings.material[item_site, month])
            steps.append(
                Step("item_site", name_of_item_site(self.network, item_site), month, quantity, worth)
            )
            way = self._tightest(item_site, month)
            if way is None:
                break
            if way.source < 0:
                room = float(self.savings.room[item_site, way.month])
                if room > max(SMALLEST_PRICE, self._premium(item_site, way.month)):
                    name = name_of_item_site(self.network, item_site)
                    return [*steps, Step("storage", name, way.month, quantity, room, True)]
                if self._is_too_dear(way, self._premium(item_site, way.month), worth):
                    break
                month = way.month
                continue
            limit, part, adds = self._dearest(way, quantity / way.share)
            if adds == 0.0 or self._is_too_dear(way, adds / way.share, worth):
                break
            quantity /= way.share
            steps.append(self._source_step(way, quantity))
            if limit is not None:
                return [*steps, limit]
            item_site, month, quantity = part[0], way.month, quantity * part[1]
        self.roots.add((item_site, month))
        name = name_of_item_site(self.network, item_site)
        return [
            *steps,
            Step("material", name, month, quantity, float(self.savings.material[item_site, month]), True),
        ]

    @staticmethod
    def _is_too_dear(way: Way, adds: float, worth: float) -> bool:
        """Whether the way is not taken for its plain cost, rather than for what is scarce along it."""
        return way.slack > max(SMALLEST_PRICE, 1e-6 * worth) and way.slack > adds

    def _source_step(self, way: Way, quantity: float) -> Step:
        flows = self.network.flows
        return Step(
            str(flows.frame["source_type"].iloc[way.source]),
            flows.names[way.source],
            way.month,
            quantity,
            float(self.savings.source[way.source, way.month]),
        )

    def _premium(self, item_site: int, month: int) -> float:
        """What a unit is worth beyond what it costs to buy or make."""
        return float(self.savings.material[item_site, month] - self.prices.replacement[item_site])

    def _tightest(self, item_site: int, month: int) -> Way | None:
        """The way with the least slack; None where nothing can bring a unit there by then."""
        ways = [self._carried(item_site, month)] if month > 0 else []
        for source in self.sources_of[item_site]:
            for delay, share in self.arrivals[source]:
                if month >= delay and share > 0:
                    ways.append(self._released(source, month - delay, month))
        return min(ways, key=lambda way: (way.slack, way.source, -way.month)) if ways else None

    def _carried(self, item_site: int, month: int) -> Way:
        material = self.savings.material
        cost = self.prices.holding[item_site, month - 1] + self.savings.room[item_site, month - 1]
        slack = float(material[item_site, month - 1] + cost - material[item_site, month])
        return Way(max(slack, 0.0), -1, month - 1, 1.0)

    def _released(self, source: int, month: int, arrival: int) -> Way:
        """One unit released: its cost at the plan's prices against the worth of what arrives, per unit that arrives."""
        network, savings, flows = self.network, self.savings, self.network.flows
        cost = flows.unit_cost[source, month] + savings.source[source, month]
        for resource, hours in self.loads[source]:
            paid = max(float(savings.hour[resource, month]), float(self.wage_rate[resource, month]))
            cost += hours * (network.regular_cost[resource, month] + paid)
        for component, units in self.components[source]:
            cost += units[month] * savings.material[component, month]
        worth, good = 0.0, float(flows.yields[source])
        for delay, share in self.arrivals[source]:
            if month + delay < len(network.periods):
                worth += share * good * float(savings.material[flows.output[source], month + delay])
        return Way(max(float(cost - worth) / good, 0.0), source, month, good)

    def _dearest(self, way: Way, quantity: float) -> tuple[Step | None, tuple[int, float], float]:
        """What adds most to the price of a release beyond plain cost, and how much: a limit, or a component to walk on to."""
        network, savings, flows = self.network, self.savings, self.network.flows
        month, best = way.month, SMALLEST_PRICE
        limit: Step | None = None
        part = (-1, 0.0)
        own = float(savings.source[way.source, month])
        if own > best:
            kind = SHORTAGE_TYPE[str(flows.frame["source_type"].iloc[way.source])]
            best, limit = own, Step(kind, flows.names[way.source], month, quantity, own, True)
        for resource, hours in self.loads[way.source]:
            price = float(savings.hour[resource, month])
            scarce = hours * max(price - float(self.wage_rate[resource, month]), 0.0)
            if scarce > best:
                name = network.resources[resource]
                best, limit = scarce, Step("resource", name, month, quantity * hours, price, True)
        for component, by_month in self.components[way.source]:
            units = float(by_month[month])
            if units * self._premium(component, month) > best:
                best, limit, part = units * self._premium(component, month), None, (component, units)
        return limit, part, best if limit is not None or part[0] >= 0 else 0.0


def shortage_chains(
    network: Network, prices: UnitPrices, savings: Savings, fulfilment: pd.DataFrame
) -> tuple[pd.DataFrame, set[tuple[int, int]]]:
    """The chain of every demand that is late or lost or hangs on a limit, a row a step; and the materials that chains end in.

    Every chain ends in exactly one limit. Units of the demand, and what of it goes short, stand on every step.
    """
    tracer = Tracer(network, prices, savings)
    amounts = _amounts(network, fulfilment)
    known: dict[tuple[int, int], list[Step]] = {}
    entries = []
    for stream, month in _traced(network, prices, savings, amounts["short_units"]):
        place = (int(network.stream_item_site[stream]), month)
        if place not in known:
            known[place] = tracer.chain(*place)
        entries += [(stream, month, number, step) for number, step in enumerate(known[place], start=1)]
    return _frame(network, entries, amounts), tracer.roots


def _amounts(network: Network, fulfilment: pd.DataFrame) -> dict[str, Floats]:
    """Demand, what of it is late or lost, and the margin of that, by stream and month."""
    shape = network.demand.shape
    late = (fulfilment["backlog_units"] + fulfilment["lost_units"]).to_numpy(dtype=float).reshape(shape)
    margin = network.unit_price - network.unit_cost[network.stream_item_site][:, None]
    return {"demand_units": network.demand, "short_units": late, "short_margin": late * margin}


def _traced(network: Network, prices: UnitPrices, savings: Savings, late: Floats) -> list[tuple[int, int]]:
    """Stream and month of the demands to trace, in the order of the streams."""
    worth = savings.material[network.stream_item_site]
    cost = prices.replacement[network.stream_item_site][:, None]
    above = np.where(worth - cost > np.maximum(HANGING_RATIO * cost, SMALLEST_PRICE), worth - cost, 0.0)
    is_short = late > NOISE_UNITS
    rank = np.where(is_short, np.inf, above * network.demand)
    chosen = np.argwhere(rank > 0)
    order = np.argsort(-rank[tuple(chosen.T)], kind="stable")[:TRACED]
    return sorted((int(stream), int(month)) for stream, month in chosen[order])


def _frame(
    network: Network, entries: list[tuple[int, int, int, Step]], amounts: dict[str, Floats]
) -> pd.DataFrame:
    streams = np.array([entry[0] for entry in entries], dtype=np.int64)
    months = np.array([entry[1] for entry in entries], dtype=np.int64)
    steps = [entry[3] for entry in entries]
    frame = network.streams[STREAM].iloc[streams].reset_index(drop=True).astype(object)
    frame["period_start_date"] = network.periods[months]
    frame["step_number"] = np.array([entry[2] for entry in entries], dtype=np.int64)
    frame["step_type"] = pd.Series([step.step_type for step in steps], dtype=object)
    frame["object_id"] = pd.Series([step.object_id for step in steps], dtype=object)
    frame["step_period_start_date"] = network.periods[[step.month for step in steps]]
    frame["quantity_per_unit"] = _rounded([step.quantity for step in steps])
    frame["shadow_price"] = _rounded([step.price for step in steps])
    frame["is_limit"] = np.array([step.is_limit for step in steps], dtype=bool)
    for name, table in amounts.items():
        frame[name] = np.round(table[streams, months], 4 if name == "short_margin" else 3)
    return frame[COLUMNS]


def _rounded(values: list[float], digits: int = 6) -> Floats:
    return np.round(np.array(values, dtype=float), digits)
