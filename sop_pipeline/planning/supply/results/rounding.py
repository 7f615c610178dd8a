"""From the solver's numbers to whole thousandths of a unit that obey the laws exactly.

Free flows (releases, deliveries) are rounded; arrivals, use, stock, backlog and lost units are derived from them. Where
rounding leaves a stock a few thousandths short, a release is raised if limits allow, else an outflow is cut. Add here:
nothing but this arithmetic. Keep out: frames (`solution`), money (`costs`).
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Any

import numpy as np
from scipy import sparse

from sop_pipeline.planning.supply.arrivals import arrival_shares, arrivals_by_month
from sop_pipeline.planning.supply.network import Floats, Flows, Integers, Network

UNIT = 1000  # thousandths in a unit
RAISES_PER_CELL = 3
HEAD_DIGITS = 6
HOURS_TOLERANCE = 1e-6
HALF_DUST = 1e-4  # thousandths: what the solver's dust is surely below


class SupplyRoundingError(RuntimeError):
    """The rounded plan could not be brought to obey the material balance."""


@dataclass
class RoundedPlan:
    """Flows in thousandths: source x month, stream x month, item-site x month."""

    released: Integers
    received: Integers
    delivered: Integers
    backlog: Integers
    lost: Integers
    consumed: Integers
    sold: Integers
    closing: Integers
    heads: Floats  # people, labour x month


def to_thousandths(units: Floats) -> Integers:
    """Whole thousandths; halves go up, also where the solver's dust has put them a little below."""
    rounded: Integers = np.rint(np.asarray(units, dtype=float) * UNIT + HALF_DUST).astype(np.int64)
    return rounded


def received_of(flows: Flows, sources: Integers, released: Integers) -> Integers:
    """Good thousandths that arrive in each month out of releases of this and earlier months, source x month.

    Rounding the running sum keeps the total of what is received equal to the total of what was released.
    """
    months = released.shape[1]
    arrived = np.zeros(released.shape)
    for delays, share in arrivals_by_month(flows.lead_time_months[sources]):
        for delay in np.unique(delays[delays < months]).tolist():
            row = np.flatnonzero(delays == delay)
            arrived[row, delay:] += share[row, None] * released[row, : months - delay]
    return _whole(arrived, flows.yields[sources, None])


def _whole(arrived: Floats, yields: Floats | float) -> Integers:
    """Good whole thousandths of what arrives, of the running sum."""
    whole: Integers = np.floor(np.cumsum(arrived, axis=-1) * yields + 0.5 + 1e-7).astype(np.int64)
    whole[..., 1:] -= whole[..., :-1].copy()
    return whole


def round_plan(
    network: Network,
    release: Floats,
    delivered: Floats,
    backlog: Floats,
    lost: Floats,
    heads: Floats | None = None,
) -> RoundedPlan:
    """Round the flows, with the people there are, and settle everything that depends on them."""
    people = np.zeros((0, len(network.periods))) if heads is None else np.round(heads, HEAD_DIGITS)
    return _Settlement(network, release, delivered, backlog, lost, people).settle()


def hours_of_people(network: Network, heads: Floats) -> tuple[Floats, Floats]:
    """Regular and most overtime hours by resource and month that people give."""
    regular, overtime = np.zeros_like(network.regular_hours), np.zeros_like(network.regular_hours)
    if network.labour is not None:
        regular[network.labour.resource] = network.labour.hours_per_head * heads
        overtime[network.labour.resource] = network.labour.overtime_hours_per_head * heads
    return regular, overtime


class _Lines:
    """A sparse table of which single lines are asked for thousands of times."""

    def __init__(self, table: Any) -> None:
        self.table = sparse.csr_array(table)
        self.table.sum_duplicates()
        self.starts = self.table.indptr.tolist()

    def of(self, line: int) -> tuple[Integers, Floats]:
        """Places and values of a line."""
        within = slice(self.starts[line], self.starts[line + 1])
        return self.table.indices[within], self.table.data[within]


class _Settlement:
    """Bookkeeping while thousandths are moved: every change updates what depends on it."""

    def __init__(
        self,
        network: Network,
        release: Floats,
        delivered: Floats,
        backlog: Floats,
        lost: Floats,
        heads: Floats,
    ) -> None:
        self.network, flows = network, network.flows
        self.flows = flows
        sources, item_sites = len(flows.output), len(network.item_sites)
        self.limits = np.where(
            np.isfinite(flows.maximum_units), np.floor(flows.maximum_units * UNIT + 1e-6), np.inf
        )
        self.released = np.minimum(to_thousandths(release), self.limits).astype(np.int64)
        hours = sparse.coo_array(
            (flows.hours_per_unit / UNIT, (flows.load_resource, flows.load_source)),
            shape=(len(network.resources), sources),
        )
        self.uses = self._uses_by_month(item_sites, sources)
        self.uses_of_source = _Lines(self.uses[0].table.T)
        self.loads, self.loads_of_source = _Lines(hours), _Lines(hours.T)
        self.heads = heads
        regular, overtime = hours_of_people(network, heads)
        self.hours = network.regular_hours + network.overtime_maximum_hours + regular + overtime
        whole = [part.source for part in (network.lots, network.setups) if part is not None]
        self.in_lots = np.isin(np.arange(len(flows.output)), np.concatenate(whole) if whole else [])
        self._fit_hours()
        self.received = received_of(flows, np.arange(sources), self.released)
        used = [uses.table @ self.released[:, month] for month, uses in enumerate(self.uses)]
        self.consumed = np.rint(np.column_stack(used)).astype(np.int64)
        self.demand = to_thousandths(network.demand)
        self.demand[:, 0] += to_thousandths(network.opening_backlog)
        waiting = network.streams["backlog_maximum_ratio"].to_numpy(dtype=float)[:, None]
        self.backlog_limit = np.floor(self.demand * waiting + 1e-6).astype(np.int64)
        self.planned = to_thousandths(delivered)
        self.planned_backlog, self.planned_lost = to_thousandths(backlog), to_thousandths(lost)
        self.delivered, self.backlog, self.lost = (np.zeros_like(self.demand) for _ in range(3))
        self._settle_streams()
        self._stock_from_flows()
        self.shortages = [(month, item_site) for item_site, month in np.argwhere(self.closing < 0).tolist()]
        heapify(self.shortages)

    def _uses_by_month(self, item_sites: int, sources: int) -> list[_Lines]:
        """Components of released units, item-site x source, by month; one table for all where no bill changes."""
        units, place = self.flows.units_per_unit, (self.flows.input_item_site, self.flows.input_source)
        changes = bool((units != units[:, :1]).any())
        chosen = range(units.shape[1] if changes else 1)
        tables = [
            _Lines(sparse.coo_array((units[:, month], place), shape=(item_sites, sources)))
            for month in chosen
        ]
        return tables if changes else tables * units.shape[1]

    def _stock_from_flows(self) -> None:
        network = self.network
        moved = to_thousandths(network.open_supply) - self.consumed
        moved[:, 0] += to_thousandths(network.opening)
        np.add.at(moved, self.flows.output, self.received)
        np.add.at(moved, network.stream_item_site, -self.delivered)
        self.closing: Integers = np.cumsum(moved, axis=1)

    def _fit_hours(self) -> None:
        """Cut the largest release where rounding went over the hours that exist."""
        for resource, month in np.argwhere(
            self.loads.table @ self.released > self.hours + HOURS_TOLERANCE
        ).tolist():
            sources, each = self.loads.of(resource)
            while (
                excess := float(each @ self.released[sources, month]) - self.hours[resource, month]
            ) > HOURS_TOLERANCE:
                largest = int(np.argmax(each * self.released[sources, month]))
                cut = int(np.ceil(excess / each[largest]))
                source = sources[largest]
                self.released[source, month] = max(int(self.released[source, month]) - cut, 0)

    def settle(self) -> RoundedPlan:
        raises: dict[tuple[int, int], int] = {}
        for _ in range(50 * self.closing.size + 100):
            month, item_site = self._first_shortage()
            if month < 0:
                return self._result()
            short = -int(self.closing[item_site, month])
            cell = (item_site, month)
            raises[cell] = raises.get(cell, 0) + 1
            if raises[cell] > RAISES_PER_CELL or not self._raise(item_site, month, short):
                self._cut(item_site, month, short)
        raise SupplyRoundingError(
            "Rounding the plan to thousandths did not settle: look for yields or component quantities of very different "
            "size in core.fct_source_inputs."
        )

    def _first_shortage(self) -> tuple[int, int]:
        """Month and item-site of the first stock below nothing; -1, -1 where there is none."""
        while self.shortages:
            month, item_site = self.shortages[0]
            if self.closing[item_site, month] < 0:
                return month, item_site
            heappop(self.shortages)
        return -1, -1

    def _note_shortage(self, item_site: int) -> None:
        """To be called whenever the stock of an item-site has changed."""
        short = np.flatnonzero(self.closing[item_site] < 0)
        if len(short):
            heappush(self.shortages, (int(short[0]), item_site))

    def _raise(self, item_site: int, month: int, short: int) -> bool:
        """Release a few thousandths more, in time to arrive, where limit and hours have room: as late as can be."""
        for source in np.flatnonzero(self.flows.output == item_site).tolist():
            latest = month - int(np.ceil(self.flows.lead_time_months[source] - 1e-9))
            extra = int(np.ceil(short / self.flows.yields[source]))
            in_time = np.flatnonzero(self.released[source, : max(latest + 1, 0)])
            for released in reversed(in_time.tolist()):
                if self._has_room(source, released, extra):
                    self._release(source, released, int(self.released[source, released]) + extra)
                    return True
        return False

    def _has_room(self, source: int, month: int, extra: int) -> bool:
        if self.in_lots[source] or self.released[source, month] + extra > self.limits[source, month]:
            return False
        for resource, taken in zip(*map(np.ndarray.tolist, self.loads_of_source.of(source)), strict=True):
            sources, each = self.loads.of(resource)
            used = float(each @ self.released[sources, month])
            if used + taken * extra > self.hours[resource, month]:
                return False
        return True

    def _cut(self, item_site: int, month: int, short: int) -> None:
        for stream in np.flatnonzero(self.network.stream_item_site == item_site).tolist():
            cut = min(short, int(self.delivered[stream, month]))
            if cut:
                self.planned[stream, month] = self.delivered[stream, month] - cut
                self._settle_stream(stream, month, self.closing[item_site])
                self._note_shortage(item_site)
                short -= cut
        while short > 0:
            sources, each = self.uses[month].of(item_site)
            taken = each * self.released[sources, month]
            free = np.where(self.in_lots[sources], 0.0, taken)  # a whole lot is cut last
            largest = int(np.argmax(free if free.any() else taken))
            source = int(sources[largest])
            cut = min(int(np.ceil(short / each[largest])), int(self.released[source, month]))
            self._release(source, month, int(self.released[source, month]) - cut)
            short = -int(self.closing[item_site, month])

    def _release(self, source: int, month: int, released: int) -> None:
        """Change a release and everything that follows from it."""
        self.released[source, month] = released
        arrived, months = np.zeros(self.released.shape[1]), self.released.shape[1]
        for delay, share in arrival_shares(float(self.flows.lead_time_months[source])):
            if delay < months:
                arrived[delay:] += share * self.released[source, : months - delay]
        received = _whole(arrived, float(self.flows.yields[source]))
        self.closing[self.flows.output[source]] += np.cumsum(received - self.received[source])
        self.received[source] = received
        self._note_shortage(int(self.flows.output[source]))
        for component in self.uses_of_source.of(source)[0].tolist():
            sources, each = self.uses[month].of(component)
            consumed = int(np.rint(each @ self.released[sources, month]))
            self.closing[component, month:] -= consumed - self.consumed[component, month]
            self.consumed[component, month] = consumed
            self._note_shortage(component)

    def _settle_streams(self) -> None:
        """Deliver as planned out of what is owed; the rest waits as planned, up to its limit, or is lost. All streams at once."""
        owed_before = np.zeros(len(self.demand), dtype=np.int64)
        for month in range(self.demand.shape[1]):
            owed = self.demand[:, month] + owed_before
            delivered = np.minimum(self.planned[:, month], owed)
            rest = owed - delivered
            wanted = np.where(self.planned_lost[:, month] == 0, rest, self.planned_backlog[:, month])
            backlog = np.minimum(np.minimum(wanted, rest), self.backlog_limit[:, month])
            self.delivered[:, month], self.backlog[:, month] = delivered, backlog
            self.lost[:, month] = rest - backlog
            owed_before = backlog

    def _settle_stream(self, stream: int, first: int, closing: Integers) -> None:
        """The same for one stream from a month on, after a cut.

        `closing`: the item-site's closing stock, which is kept up to date: what the cut left owed is delivered as soon as stock
        allows, so that a few thousandths do not stay owed for months.
        """
        owed_before = int(self.backlog[stream, first - 1]) if first else 0
        for month in range(first, self.demand.shape[1]):
            owed = int(self.demand[stream, month]) + owed_before
            delivered = min(int(self.planned[stream, month]), owed)
            late, lost = int(self.planned_backlog[stream, month]), int(self.planned_lost[stream, month])
            closing[month:] += self.delivered[stream, month] - delivered
            if month > first:
                extra = max(min(owed - delivered - late - lost, int(closing[month:].min())), 0)
                delivered += extra
                closing[month:] -= extra
            rest = owed - delivered
            backlog = min(rest if lost == 0 else late, rest, int(self.backlog_limit[stream, month]))
            self.delivered[stream, month], self.backlog[stream, month] = delivered, backlog
            self.lost[stream, month] = rest - backlog
            owed_before = backlog

    def _result(self) -> RoundedPlan:
        sold = np.zeros_like(self.closing)
        np.add.at(sold, self.network.stream_item_site, self.delivered)
        return RoundedPlan(
            self.released,
            self.received,
            self.delivered,
            self.backlog,
            self.lost,
            self.consumed,
            sold,
            self.closing,
            self.heads,
        )
