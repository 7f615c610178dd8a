"""Customers' orders against stock: shipped, late, cancelled, never placed, sent back.

Add here: what happens to an order line. Keep out: how lines come about (`orders`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sop_pipeline.sources.demo import catalogue
from sop_pipeline.sources.demo.columns import Columns, number_groups, running_total, take
from sop_pipeline.sources.demo.firm import Firm
from sop_pipeline.sources.demo.orders import NUMBERS_PER_MONTH
from sop_pipeline.sources.demo.randomness import Integers, stream, whole
from sop_pipeline.sources.demo.state import Books, State, add_rows, split_rows
from sop_pipeline.sources.demo.timeline import first_day

CREDIT_NUMBERS = 500_000  # returns and credit notes are numbered from here within a month
PLACED_ANYWAY = 0.45  # share of online customers who order although the shop says out of stock
TRADE_RETURN_SHARE, ONLINE_RETURN_SHARE = 0.012, 0.045


def ship(firm: Firm, state: State, books: Books, days: tuple[int, int], rng: np.random.Generator) -> None:
    """Ship what is wanted by the end of the bucket, trade before online, oldest first, as far as stock goes."""
    lines = state.lines
    draws = rng.random((4, len(lines["series"])))
    start, end = days
    due = (lines["posted_day"] <= end) & (lines["requested_day"] <= end) & (lines["done_month"] < 0)
    withdrawn = due & (lines["will_cancel"] == 1) & (lines["shipped"] == 0)
    _cancel(lines, withdrawn, np.minimum(np.maximum(lines["requested_day"] - 1, start), end), books.month)
    open_lines = np.flatnonzero(due & ~withdrawn)
    node = firm.series_node[lines["series"][open_lines]]
    channel = firm.demand.series_channel[lines["series"][open_lines]]
    order = np.lexsort((open_lines, lines["requested_day"][open_lines], channel, node))
    open_lines, node = open_lines[order], node[order]
    owed = lines["quantity"][open_lines] - lines["shipped"][open_lines]
    before = running_total(owed, node)
    sent = np.clip(state.stock[node] - before, 0, owed)
    books.post(state, "shipment", node, sent)
    lines["shipped"][open_lines] += sent
    day = _ship_days(lines, open_lines, draws, days)
    moved = sent > 0
    _write_shipments(
        firm, books, take(lines, open_lines[moved]), sent[moved], day[moved], draws[3][open_lines[moved]]
    )
    complete = open_lines[sent == owed]
    lines["done_month"][complete] = books.month
    late = open_lines[sent < owed]
    _disappoint(firm, state, books, late, draws[1], days)


def _ship_days(lines: Columns, chosen: Integers, draws: np.ndarray, days: tuple[int, int]) -> Integers:
    """On the requested day or the day before; one line in twenty slips; old lines go in the first days."""
    start, end = days
    requested = lines["requested_day"][chosen]
    slip = np.where(
        draws[0][chosen] < 0.05, 1 + np.floor(draws[1][chosen] * 3), -np.floor(draws[1][chosen] * 1.6)
    )
    fresh = requested + slip.astype(np.int64)
    catching_up = start + np.floor(draws[2][chosen] * 4).astype(np.int64)
    day = np.where(requested >= start, fresh, catching_up)
    earliest = np.maximum(lines["posted_day"][chosen], start)
    shipped: Integers = np.minimum(np.maximum(day, earliest), end)
    return shipped


def _cancel(lines: Columns, chosen: NDArray[np.bool_], day: Integers, month: int) -> None:
    lines["is_cancelled"] = np.where(chosen, 1, lines["is_cancelled"])
    lines["changed_day"] = np.where(chosen, np.maximum(day, lines["posted_day"]), lines["changed_day"])
    lines["done_month"] = np.where(chosen, month, lines["done_month"])


def _disappoint(
    firm: Firm, state: State, books: Books, late: Integers, draw: np.ndarray, days: tuple[int, int]
) -> None:
    """What customers do about goods that are not there: never order, wait, or cancel the rest."""
    lines = state.lines
    start, end = days
    online = firm.customers.channel[lines["customer"][late]] == catalogue.ONLINE
    is_new = lines["requested_day"][late] >= start
    untouched = (lines["shipped"][late] == 0) & (lines["ordered_day"][late] >= first_day(books.month))
    unplaced = online & is_new & untouched & (draw[late] > PLACED_ANYWAY)
    waited = end - lines["requested_day"][late]
    patience = np.where(online, 9 + draw[late] * 10, 35 + draw[late] * 45)
    given_up = ~unplaced & (waited > patience)
    quantity = lines["quantity"][late]
    owed = quantity - lines["shipped"][late]
    write_losses(books, lines["series"][late], np.where(unplaced, quantity, 0), np.where(given_up, owed, 0))
    promised = np.where(
        is_new, end + 7 + np.floor(draw[late] * 14).astype(np.int64), lines["confirmed_day"][late]
    )
    lines["confirmed_day"][late] = promised
    lines["changed_day"][late] = np.where(is_new, end, lines["changed_day"][late])
    cut = late[given_up]
    whole_line = np.zeros(len(lines["series"]), dtype=bool)
    whole_line[cut] = lines["shipped"][cut] == 0
    _cancel(lines, whole_line, np.full(len(whole_line), end), books.month)
    partly = cut[lines["shipped"][cut] > 0]
    twin = _cut_rest(lines, partly, end, books.month)
    gone = np.zeros(len(lines["series"]), dtype=bool)
    gone[late[unplaced]] = True
    state.lines = add_rows(take(lines, ~gone), twin)


def write_losses(books: Books, series: Integers, unrecorded: Integers, given_up: Integers) -> None:
    """Units lost for want of stock, for the truth."""
    lost = {"month": np.full(len(series), books.month), "series": series}
    lost |= {"unrecorded": unrecorded, "cancelled": given_up}
    books.write("lost", take(lost, unrecorded + given_up > 0))


def _cut_rest(lines: Columns, chosen: Integers, day: int, month: int) -> Columns:
    """A line is restated to what was shipped; the rest becomes a cancelled line of its own, so that no unit is lost."""
    twin = take(lines, chosen)
    twin["quantity"] = twin["quantity"] - twin["shipped"]
    lines["quantity"][chosen] = lines["shipped"][chosen]
    for table, rows_of in ((lines, chosen), (twin, np.arange(len(chosen)))):
        table["by_carton"][rows_of] = 0
        table["changed_day"][rows_of] = day
        table["done_month"][rows_of] = month
    twin["shipped"] = np.zeros(len(chosen), dtype=np.int64)
    twin["is_cancelled"] = np.ones(len(chosen), dtype=np.int64)
    twin["line_number"] = twin["line_number"] + 5
    return twin


def _write_shipments(
    firm: Firm, books: Books, lines: Columns, units: Integers, day: Integers, draw: np.ndarray
) -> None:
    """Shipments group the lines of an order that leave together; an invoice follows within three days."""
    group, position = number_groups(lines["order_number"])
    count = int(group.max()) + 1 if len(group) else 0
    number = books.next_numbers("shipments", count, NUMBERS_PER_MONTH)
    shipment: Columns = {
        "number": number[group] if count else group,
        "line": (position + 1) * 10,
        "order_number": lines["order_number"],
        "order_line": lines["line_number"],
        "series": lines["series"],
        "customer": lines["customer"],
        "day": day,
        "units": units,
        "is_return": lines["is_return"],
    }
    books.write("shipments", shipment)
    books.write("invoices", _invoice(shipment, lines["price_cents"], np.floor(draw * 3).astype(np.int64)))


def _invoice(shipment: Columns, price_cents: Integers, days_after: Integers) -> Columns:
    """Invoice lines of shipment lines; credit notes of returns."""
    sign = np.where(shipment["is_return"] == 1, -1, 1)
    names = ("number", "line", "order_number", "order_line", "series", "customer")
    return {name: shipment[name] for name in names} | {
        "is_credit": shipment["is_return"],
        "day": shipment["day"] + days_after,
        "units": sign * shipment["units"],
        "amount_cents": sign * shipment["units"] * price_cents,
    }


def take_back(firm: Firm, state: State, books: Books, last_day: int) -> None:
    """Returns that arrive by the day: a return order, its receipt into quality stock, a credit note."""
    arrived, state.returns = split_rows(state.returns, state.returns["day"] <= last_day)
    count = len(arrived["day"])
    number = books.next_numbers("returns", count, NUMBERS_PER_MONTH) + CREDIT_NUMBERS
    day = arrived["day"]
    zero, one = np.zeros(count, dtype=np.int64), np.ones(count, dtype=np.int64)
    line: Columns = {
        "order_number": number,
        "line_number": one * 10,
        "is_return": one,
        "customer": arrived["customer"],
        "series": arrived["series"],
        "ordered_day": day,
        "requested_day": day,
        "confirmed_day": day,
        "quantity": arrived["units"],
        "shipped": arrived["units"],
        "by_carton": zero,
        "price_cents": arrived["price_cents"],
        "activity": arrived["activity"],
        "is_cancelled": zero,
        "changed_day": day,
        "posted_day": day,
        "will_cancel": zero,
        "done_month": one * books.month,
    }
    books.write("lines", line)
    books.post(state, "customer_return", firm.series_node[arrived["series"]], arrived["units"])
    _write_shipments(firm, books, line, arrived["units"], day, np.zeros(count))


def end_of_month(firm: Firm, state: State, books: Books) -> None:
    """Returns that will come next month, and lines old enough to be filed away."""
    rng = stream(firm.seed, "returns", books.month)
    lines = state.lines
    count = len(lines["series"])
    draw, part, when = rng.random(count), rng.random(count), rng.random(count)
    online = firm.customers.channel[lines["customer"]] == catalogue.ONLINE
    share = np.where(online, ONLINE_RETURN_SHARE, TRADE_RETURN_SHARE)
    fresh = (lines["done_month"] == books.month) & (lines["is_cancelled"] == 0) & (lines["shipped"] > 0)
    sent_back = fresh & (draw < share)
    last = first_day(books.month + 1) - 1
    units = np.maximum(whole(lines["shipped"] * (0.1 + 0.7 * part)), 1)
    back: Columns = {
        "day": (last + 1 + np.floor(when * 27).astype(np.int64))[sent_back],
        "series": lines["series"][sent_back],
        "customer": lines["customer"][sent_back],
        "units": np.minimum(units, lines["shipped"])[sent_back],
        "price_cents": lines["price_cents"][sent_back],
        "activity": lines["activity"][sent_back],
    }
    state.returns = add_rows(state.returns, back)
    filed, state.lines = split_rows(lines, (lines["done_month"] >= 0) & (lines["done_month"] < books.month))
    books.write("lines", filed)
