"""Audit of the order strategies and allocation rules of a solved case, from its own tables and the answer's.

Add here: a law on what the stock table says of an item-site, as a function that yields distances. Keep out: all other laws (`audit`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from sop_pipeline.planning.supply.arrivals import arrival_shares

if TYPE_CHECKING:
    from sop_pipeline.planning.supply.case.audit import Books, Distance, Key


def _rows(frame: pd.DataFrame) -> Iterator[Any]:
    """Rows by column name."""
    yield from frame.itertuples(index=False)


def made_to_order(books: Books) -> Iterator[Distance]:
    """Stock of what is made to order rises by open orders and by the late part of a release only."""
    periods, released = books.case.periods, books.released()
    late: dict[Key, float] = defaultdict(float)
    for row in _rows(books.case["sources"]):
        for delay, share in list(arrival_shares(float(row.lead_time_periods)))[1:]:
            for place, period in enumerate(periods[: max(len(periods) - delay, 0)]):
                arrived = share * row.yield_ratio * released[row.source_id, period]
                late[row.item_id, row.site_id, periods[place + delay]] += arrived
    closing = books.of("stock", "closing_units", "item_id", "site_id", "period")
    orders = books.case["open_orders"].groupby(["item_id", "site_id", "period"])["open_units"].sum().to_dict()
    stock = books.case["stock"]
    for row in _rows(stock[stock["order_strategy"] == "to_order"]):
        before = float(row.opening_units)
        for period in periods:
            at = (row.item_id, row.site_id, period)
            rise = closing[at] - before - orders.get(at, 0.0) - late[at]
            yield f"{' / '.join(at)} rises", max(rise, 0.0), closing[at]
            before = closing[at]


def fair_shares(books: Books) -> Iterator[Distance]:
    """Every channel that asks for something goes without the same part of it."""
    keys = ("item_id", "site_id", "channel_id", "period")
    backlog, lost, delivered = (
        books.of("demand", column, *keys) for column in ("backlog_units", "lost_units", "delivered_units")
    )
    first, stock = books.case.periods[0], books.case["stock"]
    fair = stock[stock["allocation_rule"] == "fair_share"]
    chosen = set(zip(fair["item_id"], fair["site_id"], strict=True))
    asked = books.of("demand", "demand_units", *keys)
    groups: dict[Key, list[tuple[float, float]]] = defaultdict(list)
    for at, units in asked.items():
        # what is owed at the start counts as demand of the first period
        wanted = delivered[at] + backlog[at] + lost[at] if at[3] == first else units
        if at[:2] in chosen and wanted > 0:
            groups[at[0], at[1], at[3]].append((backlog[at] + lost[at], wanted))
    for (item, site, period), channels in groups.items():
        part = sum(without for without, _ in channels) / sum(wanted for _, wanted in channels)
        for without, wanted in channels:
            yield f"{item} / {site} / {period} shared", abs(without - part * wanted), wanted
