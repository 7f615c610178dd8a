"""Audit of what people said: shares, order strategies, people, room, shelf life, lots and the spread of a shortage.

Recomputed from the published rows and the inputs, as in `audit`. Add here: a policy's law as a function that yields its findings, and
its name in `POLICY_LAWS`. Keep out: laws of every plan (`audit`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.arrivals import arrival_shares
from sop_pipeline.planning.supply.lot_sizes import lot_sizes
from sop_pipeline.planning.supply.network import STREAM, Floats
from sop_pipeline.planning.supply.proof.books import UNITS_TOLERANCE, Books, Finding, finding_of

SUM_TOLERANCE = 0.02
"""Units: thousandths of several flows that are rounded each for itself."""
RATIO_TOLERANCE = 0.002
"""Units a unit of an item-site's supply: a share is published with six digits."""
HEAD_TOLERANCE = 2e-6


def source_shares(books: Books) -> list[Finding]:
    """Good units of a month from a source are within its share of those of the item-site, or the table says by how much not."""
    network, shares = books.network, books.network.shares
    if shares is None:
        return []
    flows = network.flows
    good = books.source("released_units") * flows.yields[:, None]
    total = np.zeros((len(network.item_sites), good.shape[1]))
    np.add.at(total, flows.output, good)
    named = flows.frame.iloc[shares.source][["source_id"]].reset_index(drop=True)
    missed = {
        column: books.table("source_shares", column, named, ["source_id"])
        for column in ("below_share_units", "above_share_units")
    }
    own, every = good[shares.source], total[flows.output[shares.source]]
    below = np.maximum(shares.minimum_ratio[:, None] * every - own, 0.0) - missed["below_share_units"]
    above = np.maximum(own - shares.maximum_ratio[:, None] * every, 0.0) - missed["above_share_units"]
    return [
        finding_of(network, named, below, RATIO_TOLERANCE, "share at least"),
        finding_of(network, named, above, RATIO_TOLERANCE, "share at most"),
    ]


def to_order(books: Books) -> list[Finding]:
    """Stock of what is made to order rises by open orders and by the late part of a release only; none is aimed at."""
    network, flows = books.network, books.network.flows
    if network.to_order is None:
        return []
    released, late = books.source("released_units"), np.zeros_like(network.target)
    for source, lead_time in enumerate(flows.lead_time_months.tolist()):
        for delay, share in list(arrival_shares(lead_time))[1:]:
            arrived = share * flows.yields[source] * released[source, : late.shape[1] - delay]
            late[flows.output[source], delay:] += arrived
    rise = books.stock("closing_units") - books.stock("opening_units") - network.open_supply - late
    chosen = network.to_order
    sites = network.item_sites.iloc[chosen].reset_index(drop=True)
    target = books.stock("target_units")[chosen]
    return [
        finding_of(network, sites, np.maximum(rise[chosen], 0.0), SUM_TOLERANCE, "stock does not rise"),
        finding_of(network, sites, target, 0.0, "no stock is aimed at"),
    ]


def headcount(books: Books) -> list[Finding]:
    """People = those before + hired - laid off, within their limits, and the hours of a resource are theirs."""
    network, labour = books.network, books.network.labour
    if labour is None:
        return []
    names = pd.DataFrame(
        {"resource_id": [network.resources[r] for r in labour.resource.tolist()]}, dtype=object
    )

    def said(column: str) -> Floats:
        return books.table("headcount_plan", column, names, ["resource_id"])

    heads = said("heads")
    before = np.column_stack([labour.opening_heads, heads[:, :-1]])
    hours = labour.hours_per_head * heads
    checks = {
        "heads = before + hired - laid off": before + said("hired_heads") - said("laid_off_heads") - heads,
        "opening = heads of the month before": said("opening_heads") - before,
        "heads within their limits": np.maximum(labour.minimum_heads - heads, 0.0)
        + np.maximum(heads - labour.maximum_heads, 0.0),
        "heads are those of the resource": books.hours("heads")[labour.resource] - heads,
    }
    found = [finding_of(network, names, distance, HEAD_TOLERANCE, what) for what, distance in checks.items()]
    regular = books.hours("regular_hours")[labour.resource] - network.regular_hours[labour.resource] - hours
    return [*found, finding_of(network, names, regular, 0.01, "regular hours are those of the people")]


def shelf_life(books: Books) -> list[Finding]:
    """Stock that does not leave within its shelf life is what the table calls too old."""
    network, closing = books.network, books.stock("closing_units")
    leaves = books.stock("consumed_units") + books.stock("sold_units")
    gone = np.cumsum(leaves, axis=1)
    expected = np.zeros_like(closing)
    for item_site in np.flatnonzero(np.isfinite(network.shelf_life_months)).tolist():
        life = int(network.shelf_life_months[item_site])
        later = gone[item_site, life:] - gone[item_site, : closing.shape[1] - life]
        expected[item_site, : len(later)] = np.maximum(closing[item_site, : len(later)] - later, 0.0)
    distance = books.stock("too_old_units") - expected
    return [
        finding_of(
            network, network.item_sites, distance, SUM_TOLERANCE, "too old = stock - what leaves in time"
        )
    ]


def storage_room(books: Books) -> list[Finding]:
    """What stands at a site fits, or the table says how much does not."""
    network, space = books.network, books.network.space
    if space is None:
        return []
    names = pd.DataFrame([name.rsplit("/", 1) for name in space.names], columns=["site_id", "capacity_unit"])
    taken = np.zeros((len(names), len(network.periods)))
    held = space.space_per_unit[:, None] * books.stock("closing_units")[space.item_site]
    np.add.at(taken, space.space, held)
    over = np.where(np.isfinite(space.maximum), np.maximum(taken - space.maximum, 0.0), 0.0)
    key = ["site_id", "capacity_unit"]
    return [
        finding_of(network, names, books.table("storage_use", "used_capacity", names, key) - taken, SUM_TOLERANCE, "room taken"),
        finding_of(network, names, books.table("storage_use", "outside_capacity", names, key) - over, SUM_TOLERANCE, "outside"),
    ]  # fmt: skip


def whole_lots(books: Books) -> list[Finding]:
    """Where whole lots are asked for, every release is a number of them."""
    network, lots = books.network, books.network.lots
    if lots is None:
        return []
    released, size = books.source("released_units")[lots.source], lots.units[:, None]
    distance = released - np.rint(released / size) * size
    names = network.flows.frame.iloc[lots.source][["source_id"]].reset_index(drop=True)
    return [finding_of(network, names, distance, UNITS_TOLERANCE, "whole lots")]


def smallest_run(books: Books) -> list[Finding]:
    """Where whole lots are asked for, a release is nothing or the smallest lot at least."""
    network, setups = books.network, books.network.setups
    if setups is None:
        return []
    released = books.source("released_units")[setups.source]
    distance = np.where(released > 0, np.maximum(setups.minimum_units[setups.setup] - released, 0.0), 0.0)
    names = network.flows.frame.iloc[setups.source][["source_id"]].reset_index(drop=True)
    return [finding_of(network, names, distance, UNITS_TOLERANCE, "smallest run")]


def lot_orders(books: Books) -> list[Finding]:
    """Orders are whole lots of the smallest size at least, cover the releases to date, and are ahead of them by less than a lot."""
    network, sizes = books.network, lot_sizes(books.network)
    names = network.flows.frame.iloc[sizes.source][["source_id"]].reset_index(drop=True)
    released = books.source("released_units")[sizes.source]
    ordered, early, count = (
        books.table("lot_orders", column, names, ["source_id"])
        for column in ("ordered_units", "early_units", "order_count")
    )
    step = np.where(sizes.multiple > 0, sizes.multiple, UNITS_TOLERANCE)[:, None]
    ahead = np.cumsum(ordered - released, axis=1)
    said = (ordered > 0) | (released > 0)
    largest = np.where(np.isfinite(sizes.maximum), sizes.maximum, np.inf)[:, None]
    checks = {
        "orders are multiples": ordered - np.rint(ordered / step) * step,
        "orders reach the smallest lot": np.where(
            ordered > 0, np.maximum(sizes.minimum[:, None] - ordered, 0.0), 0.0
        ),
        "orders are no larger than the largest lot": np.where(
            ordered > 0, np.maximum(ordered / np.maximum(count, 1.0) - largest, 0.0), 0.0
        ),
        "orders cover the releases": np.maximum(-ahead, 0.0),
        "orders are ahead by less than a lot": np.maximum(
            ahead - np.maximum(sizes.minimum[:, None], step) - step, 0.0
        ),
        "early = ordered - released, to date": np.where(said, ahead - early, 0.0),
    }
    return [finding_of(network, names, distance, SUM_TOLERANCE, what) for what, distance in checks.items()]


def allocation(books: Books) -> list[Finding]:
    """A shortage is spread by its rule: alike over all channels, or no better channel loses what a worse one gets.

    And of every channel: allocated + still owed + lost = requested.
    """
    network = books.network
    unserved = books.stream("backlog_units") + books.stream("lost_units")
    delivered, lost = books.stream("delivered_units"), books.stream("lost_units")
    fair, strict = np.zeros_like(unserved), np.zeros_like(unserved)
    rank = network.streams["priority"].to_numpy(dtype=float)
    for rule, distance in ((network.fair_share, fair), (network.by_priority, strict)):
        for item_site in [] if rule is None else rule.tolist():
            rows = np.flatnonzero(network.stream_item_site == item_site)
            if distance is fair:
                asks = network.owed[rows] > 0
                part = np.where(asks, unserved[rows], 0.0).sum(axis=0) / np.maximum(
                    np.where(asks, network.owed[rows], 0.0).sum(axis=0), 1e-9
                )
                fair[rows] = np.where(asks, unserved[rows] - part * network.owed[rows], 0.0)
                continue
            for row in rows.tolist():
                worse = rows[rank[rows] > rank[row]]
                strict[row] = np.minimum(lost[row], delivered[worse].sum(axis=0)) if len(worse) else 0.0
    streams = network.streams[STREAM]
    table = books.frames["allocations"]
    total = table["allocated_units"] + table["backlog_units"] + table["lost_units"] - table["requested_units"]
    return [
        finding_of(network, streams, fair, SUM_TOLERANCE, "every channel goes without the same part"),
        finding_of(network, streams, strict, SUM_TOLERANCE, "no better channel loses what a worse one gets"),
        Finding(table[[*STREAM, "period_start_date"]], total.to_numpy(dtype=float), UNITS_TOLERANCE),
    ]


POLICY_LAWS: dict[str, Callable[[Books], list[Finding]]] = {
    "source_shares": source_shares,
    "to_order": to_order,
    "headcount": headcount,
    "shelf_life": shelf_life,
    "storage_room": storage_room,
    "whole_lots": whole_lots,
    "smallest_run": smallest_run,
    "lot_orders": lot_orders,
    "allocation": allocation,
}
