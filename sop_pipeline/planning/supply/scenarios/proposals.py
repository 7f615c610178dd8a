"""Options that nobody entered, for limits that no option of the company adds to: more hours of a resource, more from a supplier.

They are in the programme of every plan, closed, and the ones whose limits are dearest are solved. Their costs are assumptions, told as
such beside the result. Add here: another proposal. Keep out: options of people (`options`), prices of limits (`shortages`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.network import Floats, Network
from sop_pipeline.planning.supply.options import ALL, Entry, Option
from sop_pipeline.planning.supply.scenarios.levers import hours_there

PROPOSED = 5
"""Dearest limits that a proposal is solved for."""
HOURS_RATIO, HOURS_DAYS = 0.2, 30
"""An added shift: hours of the regular ones, and days until it works."""
HOURLY_RATIO = 1.5
"""Rate of an added hour, of the regular one, where no rate of overtime is known."""
ROOM_RATIO, RENT_RATIO, ROOM_DAYS = 0.2, 0.5, 30
"""Rented room: units of the maximum of its item and site, rent of what a unit above it would cost, and days until it is there."""
SUPPLY_RATIO, SUPPLY_PRICE_RATIO, SUPPLY_DAYS = 0.2, 1.25, 60
"""More from a supplier: units of its limit, price of what it costs now, days until it comes."""


def proposals(network: Network, options: Sequence[Option], cycle_start: pd.Timestamp) -> list[Option]:
    """A proposal for every resource with limited hours and every limited source that no option is for."""
    hours = {place for option in options for entry in option.entries for place, *_ in entry.hours}
    limits = {place for option in options for entry in option.entries for place, *_ in entry.limits}
    free_hours = [place for place in sorted(set(network.flows.load_resource.tolist())) if place not in hours]
    limited = np.flatnonzero(np.isfinite(network.flows.maximum_units).any(axis=1)).tolist()
    found = [_more_hours(network, place, cycle_start) for place in free_hours]
    found += [_more_supply(network, place, cycle_start) for place in limited if place not in limits]
    return [option for option in found if option is not None and option.quantity > 0]


def _more_hours(network: Network, place: int, cycle_start: pd.Timestamp) -> Option | None:
    regular, name = hours_there(network)[place], network.resources[place]
    first = _first_month(network, cycle_start, HOURS_DAYS)
    if not np.isfinite(regular).all() or first is None:
        return None
    overtime = float(network.overtime_cost[place].max())
    rate = overtime if overtime > 0 else HOURLY_RATIO * float(network.regular_cost[place].max())
    basis = "the rate of overtime" if overtime > 0 else f"{HOURLY_RATIO} x the regular rate"
    return Option(
        option_id=f"proposed:{name}",
        option_type="shift",
        name=f"Added shift on {name}",
        object_id=name,
        item_id=ALL,
        unit="hours",
        quantity=round(HOURS_RATIO * float(regular.mean()), 1),
        unit_cost=rate,
        fixed_cost=0.0,
        first_month=first,
        last_month=len(network.periods) - 1,
        entries=(Entry(f"proposed:{name}", hours=((place, 0, 1.0),)),),
        assumption=f"{HOURS_RATIO:.0%} more hours at {basis}, from {HOURS_DAYS} days on, no cost to start",
        is_proposed=True,
    )


def _more_supply(network: Network, source: int, cycle_start: pd.Timestamp) -> Option | None:
    limit, row = network.flows.maximum_units[source], network.flows.frame.iloc[source]
    first = _first_month(network, cycle_start, SUPPLY_DAYS)
    if first is None:
        return None
    name = str(row["source_id"])
    premium = (SUPPLY_PRICE_RATIO - 1.0) * float(network.flows.unit_cost[source].max())
    return Option(
        option_id=f"proposed:{name}",
        option_type="alternate_source",
        name=f"More of {name}",
        object_id=str(row["supplier_id"] or name),
        item_id=str(row["item_id"]),
        unit="units",
        quantity=round(SUPPLY_RATIO * float(limit[np.isfinite(limit)].mean()), 1),
        unit_cost=premium,
        fixed_cost=0.0,
        first_month=first,
        last_month=len(network.periods) - 1,
        entries=(Entry(f"proposed:{name}", limits=((source, 0, 1.0),)),),
        assumption=f"{SUPPLY_RATIO:.0%} above its limit at {SUPPLY_PRICE_RATIO - 1:.0%} on the price, from {SUPPLY_DAYS} days on",
        is_proposed=True,
    )


def room_proposals(
    network: Network, options: Sequence[Option], room: Floats, cycle_start: pd.Timestamp
) -> list[Option]:
    """Rented room where stock stands at its maximum at a price, and no option of people adds room. `room`: what one more unit of it
    saves, by item-site and month.

    Only the dearest are made: they are no part of the plan's programme, whose maximums they change.
    """
    taken = {place for option in options for entry in option.entries for place, *_ in entry.room}
    first = _first_month(network, cycle_start, ROOM_DAYS)
    if first is None:
        return []
    dearest_first = np.argsort(-room[:, first:].sum(axis=1), kind="stable")[: PROPOSED + len(taken)]
    priced = [place for place in dearest_first.tolist() if room[place, first:].any() and place not in taken]
    return [_more_room(network, place, first) for place in priced[:PROPOSED]]


def _more_room(network: Network, place: int, first: int) -> Option:
    item, site = (str(part) for part in network.item_sites.iloc[place])
    most, months = network.maximum_stock[place], len(network.periods) - first
    quantity = round(ROOM_RATIO * float(most[np.isfinite(most)].mean()), 1)
    rate = (
        RENT_RATIO
        * network.parameters["above_maximum_cost_ratio_per_month"]
        * float(network.unit_cost[place])
    )
    return Option(
        option_id=f"proposed:room:{item}@{site}",
        option_type="pre_build",
        name=f"Rented room for {item} at {site}",
        object_id=site,
        item_id=item,
        unit="unit months",
        quantity=quantity,
        unit_cost=rate,
        fixed_cost=rate * quantity * months,
        first_month=first,
        last_month=len(network.periods) - 1,
        rented=(place,),
        assumption=f"{ROOM_RATIO:.0%} above its maximum at {RENT_RATIO:.0%} of what a unit too many costs a month, from {ROOM_DAYS} days on, "
        "rented whether it is used or not",
        is_proposed=True,
    )


def _first_month(network: Network, cycle_start: pd.Timestamp, days: int) -> int | None:
    ready = pd.Timestamp(cycle_start) + pd.Timedelta(days=days)
    month = int(pd.DatetimeIndex(network.periods).searchsorted(ready))
    return month if month < len(network.periods) else None


def dearest(options: Sequence[Option], hour: Floats, source: Floats, room: Floats) -> list[int]:
    """Places of the options to solve: all that people entered, and the proposals for the limits that cost most.

    `hour`, `source`, `room`: what one more hour of a resource, unit of a source, unit of room saves, by month. Worth at those prices: (price - cost) x quantity.
    """
    worth = {}
    for place, option in enumerate(options):
        if not option.is_proposed:
            continue
        price = _price_of(option, hour, source, room)
        gain = np.maximum(price[option.first_month :] - option.unit_cost, 0.0).sum() * option.quantity
        if gain > 0:
            worth[place] = float(gain)
    chosen = sorted(worth, key=lambda place: (-worth[place], place))[:PROPOSED]
    return [place for place, option in enumerate(options) if not option.is_proposed or place in chosen]


def _price_of(option: Option, hour: Floats, source: Floats, room: Floats) -> Floats:
    """What one more of the limit that a proposal adds to saves, by month."""
    if option.rented:
        price: Floats = room[option.rented[0]]
    else:
        entry = option.entries[0]
        price = hour[entry.hours[0][0]] if entry.hours else source[entry.limits[0][0]]
    return price
