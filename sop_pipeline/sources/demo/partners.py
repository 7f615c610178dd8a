"""Customers and suppliers: who buys, who delivers, and how reliably.

Add here: an attribute or habit of a business partner. Keep out: terms by item (`network`), single orders.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sop_pipeline.sources.demo import catalogue
from sop_pipeline.sources.demo.company import Size
from sop_pipeline.sources.demo.randomness import Floats, Integers, between, rounded, stream


@dataclass(frozen=True)
class Customers:
    """Customers by position: trade customers first, site by site."""

    customer_id: list[str]
    name: list[str]
    group: Integers
    channel: Integers
    site: Integers
    discount: Floats
    in_cartons: NDArray[np.bool_]
    first: dict[tuple[int, int], tuple[int, int]]  # channel, site -> first customer, count


@dataclass(frozen=True)
class Suppliers:
    """Suppliers by position, with the behaviour that only the simulator knows."""

    supplier_id: list[str]
    name: list[str]
    country: list[str]
    currency: Integers
    lead_days: Integers
    lateness: Floats  # hidden: mean days late
    short_share: Floats  # hidden: share of deliveries that come short


def build_customers(seed: int, size: Size) -> Customers:
    """Trade customers of each distribution centre, and a few large online ones."""
    rng = stream(seed, "customers")
    online = max(3, size.customers // 8)
    trade = size.customers - online
    counts = {(catalogue.TRADE, 2): trade - 2 * (trade // 3)}
    counts |= {
        (catalogue.TRADE, 3): trade // 3,
        (catalogue.TRADE, 4): trade // 3,
        (catalogue.ONLINE, 2): online,
    }
    first: dict[tuple[int, int], tuple[int, int]] = {}
    channel: list[int] = []
    site: list[int] = []
    group: list[int] = []
    names: list[str] = []
    for (its_channel, its_site), count in counts.items():
        first[its_channel, its_site] = (len(channel), count)
        for number in range(count):
            is_online = its_channel == catalogue.ONLINE
            words = catalogue.ONLINE_WORDS if is_online else catalogue.TRADE_WORDS
            town = catalogue.TOWNS[(number * 5 + its_site) % len(catalogue.TOWNS)]
            channel.append(its_channel)
            site.append(its_site)
            names.append(f"{words[number % len(words)]} {town} {len(channel)}")
            group.append(
                3 + number % 2 if is_online else (0 if number < max(1, count // 8) else 1 + number % 2)
            )
    total = len(channel)
    return Customers(
        customer_id=[f"C{number + 1:05d}" for number in range(total)],
        name=names,
        group=np.array(group),
        channel=np.array(channel),
        site=np.array(site),
        discount=rounded(between(rng, 0.0, 0.08, total), 3),
        in_cartons=(rng.random(total) < 0.2) & (np.array(channel) == catalogue.TRADE),
        first=first,
    )


def build_suppliers(seed: int, size: Size) -> Suppliers:
    """Suppliers with their configured lead times and their hidden reliability."""
    rng = stream(seed, "suppliers")
    count = size.suppliers
    places = catalogue.SUPPLIER_COUNTRIES
    place = np.arange(count) % len(places)
    low, high = np.array([p[2] for p in places])[place], np.array([p[3] for p in places])[place]
    lead = low + np.floor((high - low + 1) * rng.random(count)).astype(np.int64)
    unreliable = rng.random(count) < 0.2
    return Suppliers(
        supplier_id=[f"V{number + 1:04d}" for number in range(count)],
        name=[
            f"{catalogue.TOWNS[n % 12]} {('Plastics', 'Metals', 'Electronics', 'Parts')[n % 4]} {n + 1}"
            for n in range(count)
        ],
        country=[places[number][0] for number in place.tolist()],
        currency=np.array([p[1] for p in places])[place],
        lead_days=lead,
        lateness=rounded(np.where(unreliable, between(rng, 8, 16, count), between(rng, -4, -0.5, count)), 2),
        short_share=rounded(
            np.where(unreliable, between(rng, 0.1, 0.25, count), between(rng, 0.01, 0.06, count)), 3
        ),
    )
