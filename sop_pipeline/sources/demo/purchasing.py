"""Suppliers and hauliers: purchase orders that come late and short, transfers that travel.

Add here: how suppliers and lanes behave. Keep out: what is ordered (`rule`, or the published plan).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.sources.demo.columns import number_groups, take, totals
from sop_pipeline.sources.demo.firm import Firm
from sop_pipeline.sources.demo.network import BUY
from sop_pipeline.sources.demo.orders import NUMBERS_PER_MONTH
from sop_pipeline.sources.demo.randomness import Floats, Integers, bell, whole
from sop_pipeline.sources.demo.state import Books, State, add_rows, split_rows
from sop_pipeline.sources.demo.timeline import NO_DAY, year_of


def place_purchases(
    firm: Firm,
    state: State,
    books: Books,
    released: Floats,
    day: int,
    rng: np.random.Generator,
    lead_ratio: Floats,
) -> None:
    """Order what was released, at least the supplier's minimum and at most its limit, one order a supplier."""
    network = firm.network
    chosen = np.flatnonzero((network.kind == BUY) & (released >= 0.5))
    units = np.maximum(whole(released[chosen]), network.true_minimum_units[chosen])
    limit = network.monthly_limit[chosen]
    units = np.where(limit > 0, np.minimum(units, limit), units)
    count, supplier = len(chosen), network.supplier[chosen]
    group, position = number_groups(supplier)
    first_number = books.next_numbers("purchases", int(group.max()) + 1 if count else 0, NUMBERS_PER_MONTH)
    ordered = day + supplier % 5
    lateness = firm.suppliers.lateness[supplier] * (0.5 + rng.random(count))
    days = network.true_lead_days[chosen] * lead_ratio[chosen] * (1.0 + 0.04 * bell(rng, count)) + lateness
    short = rng.random(count) < firm.suppliers.short_share[supplier]
    first_units = np.where(short, whole(units * (0.7 + 0.25 * rng.random(count))), units)
    rest_comes = rng.random(count) < 0.7
    second_units = np.where(rest_comes, units - first_units, 0)
    arrives = ordered + np.maximum(whole(days), 3)
    rejected = np.where(rng.random(count) < 0.04, whole(first_units * (0.02 + 0.10 * rng.random(count))), 0)
    state.purchases = add_rows(
        state.purchases,
        {
            "number": first_number[group] if count else group,
            "line": (position + 1) * 10,
            "source": chosen,
            "units": units,
            "received": np.zeros(count, dtype=np.int64),
            "ordered_day": ordered,
            "due_day": ordered + network.lead_days[chosen],
            "first_day": arrives,
            "first_units": first_units,
            "second_day": arrives + 7 + np.floor(rng.random(count) * 14).astype(np.int64),
            "second_units": second_units,
            "rejected_first": rejected,
            "price_year": np.full(count, year_of(books.month)),
            "closed": np.zeros(count, dtype=np.int64),
        },
    )


def receive_purchases(firm: Firm, state: State, books: Books, last_day: int) -> None:
    """Goods that arrive by the day: accepted units enter stock, rejected ones go back on the same lorry."""
    table = state.purchases
    for which in ("first", "second"):
        here = (table[f"{which}_day"] <= last_day) & (table[f"{which}_units"] > 0)
        if which == "second":
            here &= table["first_units"] == 0  # the first delivery was booked: its units are cleared below
        arrived = take(table, here)
        units = arrived[f"{which}_units"]
        rejected = arrived["rejected_first"] if which == "first" else np.zeros(len(units), dtype=np.int64)
        number = books.next_numbers("receipts", len(units), NUMBERS_PER_MONTH)
        books.post(state, "receipt", firm.network.node[arrived["source"]], units - rejected)
        books.write(
            "receipts",
            {
                "number": number,
                "order": arrived["number"],
                "line": arrived["line"],
                "source": arrived["source"],
                "units": units,
                "rejected": rejected,
                "day": arrived[f"{which}_day"],
            },
        )
        table["received"] = np.where(here, table["received"] + table[f"{which}_units"], table["received"])
        table[f"{which}_units"] = np.where(here, 0, table[f"{which}_units"])
    complete = (table["first_units"] == 0) & (table["second_units"] == 0)
    table["closed"] = complete.astype(np.int64)
    finished, state.purchases = split_rows(table, complete)
    books.write("purchases", finished)


def dispatch_transfers(
    firm: Firm, state: State, books: Books, wanted: Floats, days: tuple[int, int], rng: np.random.Generator
) -> Integers:
    """Send what was released along the lanes, shared in proportion where stock is short; units by source."""
    network = firm.network
    moves = np.flatnonzero(wanted >= 1.0)
    origin = network.from_node[moves]
    asked = totals(origin, wanted[moves], network.nodes)
    ratio = np.where(asked > state.stock, np.maximum(state.stock, 0) / np.maximum(asked, 1e-9), 1.0)
    units = np.floor(wanted[moves] * ratio[origin] + 1e-9).astype(np.int64)
    moves, units = moves[units > 0], units[units > 0]
    count = len(moves)
    books.post(state, "transfer_out", network.from_node[moves], units)
    shipped = days[0] + np.floor(rng.random(count) * 2).astype(np.int64)
    slip = np.where(rng.random(count) < 0.05, 1 + np.floor(rng.random(count) * 4), 0).astype(np.int64)
    state.transfers = add_rows(
        state.transfers,
        {
            "number": books.next_numbers("transfers", count, NUMBERS_PER_MONTH),
            "source": moves,
            "units": units,
            "shipped_day": shipped,
            "due_day": shipped + network.lead_days[moves],
            "arrive_day": shipped + network.true_lead_days[moves] + slip,
            "done_day": np.full(count, NO_DAY),
        },
    )
    sent = np.zeros(len(wanted), dtype=np.int64)
    sent[moves] = units
    return sent


def receive_transfers(firm: Firm, state: State, books: Books, last_day: int) -> None:
    """Transfers that arrive by the day enter stock."""
    table = state.transfers
    here = table["arrive_day"] <= last_day
    table["done_day"] = np.where(here, table["arrive_day"], table["done_day"])
    finished, state.transfers = split_rows(table, here)
    books.post(state, "transfer_in", firm.network.node[finished["source"]], finished["units"])
    books.write("transfers", finished)
