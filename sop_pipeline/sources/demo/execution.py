"""A month of the company: releases become orders, goods flow, customers are served, books are closed.

Four buckets a month; in each: arrivals, moves between plants, production, moves to the distribution centres, shipping.
Add here: the order of events. Keep out: the events themselves (`factory`, `purchasing`, `fulfilment`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_pipeline.sources.demo import catalogue, corrections, factory, fulfilment, purchasing
from sop_pipeline.sources.demo.columns import Columns
from sop_pipeline.sources.demo.firm import Firm
from sop_pipeline.sources.demo.network import MAKE, MOVE
from sop_pipeline.sources.demo.orders import month_lines
from sop_pipeline.sources.demo.randomness import Floats, stream
from sop_pipeline.sources.demo.state import Books, State, add_rows
from sop_pipeline.sources.demo.timeline import buckets, first_day

# share of the month's releases that is due by the end of each bucket
DUE_SEMI = (0.40, 0.70, 0.92, 1.0)
DUE_FINISHED = (0.25, 0.50, 0.76, 1.0)
DUE_MOVE = (0.34, 0.60, 0.82, 1.0)
BUY_SHARE = (0.5, 0.0, 0.5, 0.0)


@dataclass(frozen=True)
class Measures:
    """What was decided beside the plan: hours added to resources, faster lead times of sources."""

    extra_hours: Floats
    lead_ratio: Floats

    @staticmethod
    def none(firm: Firm) -> Measures:
        """No measures."""
        return Measures(np.zeros(firm.resources), np.ones(len(firm.network.kind)))


def run_month(
    firm: Firm, state: State, month: int, released: Floats, measures: Measures
) -> dict[str, Columns]:
    """Work the month; changes the state, returns the month's documents."""
    books = Books(month, firm.network.nodes)
    rng = stream(firm.seed, "execution", month)
    hours = factory.month_hours(firm, month, measures.extra_hours)
    corrections.correct_earlier_months(firm, state, books)
    started = np.zeros(len(released))
    days_in_month = first_day(month + 1) - first_day(month)
    for number, days in enumerate(buckets(month)):
        hours_left = hours * ((days[1] - days[0] + 1) / days_in_month)
        purchasing.place_purchases(
            firm,
            state,
            books,
            released * _buy_share(firm, released, number),
            days[0],
            rng,
            measures.lead_ratio,
        )
        _receive(firm, state, books, days[1])
        fulfilment.take_back(firm, state, books, days[1])
        _start(firm, state, books, number, released, started, hours_left, days, rng)
        purchasing.receive_transfers(firm, state, books, days[1])
        fulfilment.ship(firm, state, books, days, rng)
    fulfilment.end_of_month(firm, state, books)
    state.lines = add_rows(state.lines, month_lines(firm, month + 1))
    books.write("snapshots", snapshot(state, first_day(month + 1) - 1))
    return books.tables()


def _buy_share(firm: Firm, released: Floats, bucket: int) -> Floats:
    """Large releases are ordered twice a month, small ones once."""
    large = released >= 2.0 * np.maximum(firm.network.minimum_units, 1)
    share: Floats = np.where(large, BUY_SHARE[bucket], 1.0 if bucket == 0 else 0.0)
    return share


def _receive(firm: Firm, state: State, books: Books, last_day: int) -> None:
    purchasing.receive_purchases(firm, state, books, last_day)
    purchasing.receive_transfers(firm, state, books, last_day)
    factory.complete_production(firm, state, books, last_day)


def _start(
    firm: Firm,
    state: State,
    books: Books,
    bucket: int,
    released: Floats,
    started: Floats,
    hours_left: Floats,
    days: tuple[int, int],
    rng: np.random.Generator,
) -> None:
    """Start what is due by this bucket and was not started yet: semi-finished first, then finished, then moves."""
    network = firm.network
    to_centre = np.isin(network.node_site[network.node], catalogue.DISTRIBUTION_CENTRES)
    is_semi = network.node_item[network.node] >= firm.items.sold
    steps = (
        ((network.kind == MOVE) & ~to_centre, DUE_SEMI),
        ((network.kind == MAKE) & is_semi, DUE_SEMI),
        ((network.kind == MAKE) & ~is_semi, DUE_FINISHED),
        ((network.kind == MOVE) & to_centre, DUE_MOVE),
    )
    lot = np.where(network.kind == MOVE, firm.usage[network.node] * network.share * 0.35, 0.0)
    lot[: firm.makes] = firm.lot_units
    for chosen, due in steps:
        wanted = np.where(chosen, np.floor(released * due[bucket] + 0.5) - started, 0.0)
        wanted = np.where((wanted >= lot) | (bucket == 3), np.maximum(wanted, 0.0), 0.0)
        if network.kind[np.flatnonzero(chosen)[0]] == MAKE:
            units = factory.start_production(firm, state, books, wanted[: firm.makes], hours_left, days, rng)
            started[: firm.makes] += units
        else:
            started += purchasing.dispatch_transfers(firm, state, books, wanted, days, rng)


def snapshot(state: State, day: int) -> Columns:
    """Stock of every node at the end of a day."""
    nodes = len(state.stock)
    return {
        "day": np.full(nodes, day),
        "node": np.arange(nodes),
        "usable": state.stock.copy(),
        "quality": state.quality.copy(),
    }
