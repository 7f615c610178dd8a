"""Audit of the order strategies and allocation rules of a solved case, from its own tables and the answer's.

Add here: a law on what the stock table says of an item-site, as a function that yields checks. Keep out: all other laws (`audit`).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sop_pipeline.planning.supply.case.books import Books, Checks
from sop_pipeline.planning.supply.network import Integers


def made_to_order(books: Books) -> Iterator[Checks]:
    """Stock of what is made to order rises by open orders and by the late part of a release only."""
    opening = np.nan_to_num(books.said("stock", "opening_units", books.sites))
    before = np.column_stack([opening, books.closing[:, :-1]])
    orders = np.nan_to_num(books.asked("open_orders", "open_units", books.sites))
    rise = books.closing - before - orders - books.arrivals(is_late_only=True)
    chosen = _sites_that_say(books, "order_strategy", "to_order")
    rises = np.maximum(rise[chosen], 0.0)
    yield books.checks(books.sites[chosen], rises, books.closing[chosen], "rises")


def fair_shares(books: Books) -> Iterator[Checks]:
    """Every channel that asks for something goes without the same part of it."""
    delivered, backlog, lost, asked = (
        books.answered("demand", column, books.streams)
        for column in ("delivered_units", "backlog_units", "lost_units", "demand_units")
    )
    wanted, without = asked.copy(), backlog + lost
    # what is owed at the start counts as demand of the first period
    wanted[:, 0] = (delivered + without)[:, 0]
    shape = books.closing.shape
    all_wanted, all_without = np.zeros(shape), np.zeros(shape)
    asks = wanted > 0
    np.add.at(all_wanted, books.stream_site, np.where(asks, wanted, 0.0))
    np.add.at(all_without, books.stream_site, np.where(asks, without, 0.0))
    part = all_without / np.where(all_wanted > 0, all_wanted, 1.0)
    off = np.where(asks, np.abs(without - part[books.stream_site] * wanted), 0.0)
    chosen = np.isin(books.stream_site, _sites_that_say(books, "allocation_rule", "fair_share"))
    yield books.checks(books.streams[chosen], off[chosen], wanted[chosen], "shared")


def _sites_that_say(books: Books, column: str, word: str) -> Integers:
    """Places of the item-sites whose stock table says a word."""
    stock = books.case["stock"]
    said = stock[stock[column] == word]
    return np.sort(np.flatnonzero(books.sites.isin(list(zip(said["item_id"], said["site_id"], strict=True)))))
