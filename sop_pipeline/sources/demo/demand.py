"""Hidden demand: what customers would want each month, before anybody orders.

Baseline = level (drifting) x trend x season x life cycle x share of the stream; activities lift it and leave a dip.
Add here: something that moves demand. Keep out: order lines (`orders`) and what can be shipped (`fulfilment`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_pipeline.sources.demo import catalogue
from sop_pipeline.sources.demo.company import Items, Size
from sop_pipeline.sources.demo.randomness import Floats, Integers, bell, between, rounded, stream
from sop_pipeline.sources.demo.timeline import LAST_MONTH

RAMP_MONTHS = 4
ACTIVITIES_PER_MONTH = 4
DIP_RATIO = 0.25  # of the uplift, borrowed from the month after


@dataclass(frozen=True)
class Activities:
    """Promotions of all months, by position."""

    month: Integers
    subfamily: Integers
    channel: Integers  # -1: both
    uplift: Floats
    discount: Floats
    first_slot: Integers  # which items of the subfamily: every item but one in three

    def activity_id(self, position: int) -> str:
        """Number that order lines and plans carry."""
        return f"A{self.month[position]:03d}-{position % ACTIVITIES_PER_MONTH + 1}"


@dataclass(frozen=True)
class Demand:
    """The hidden demand of every series (item, channel, site) in every month."""

    series_item: Integers
    series_channel: Integers
    series_site: Integers
    share: Floats
    item_units: Floats  # mean units a month of an established item
    level: Floats  # item x month: drift x trend x life cycle
    season: Floats  # item x calendar month
    subfamily: Integers  # of the item; -1 for trade items
    is_slow: Integers
    subfamilies: int
    activities: Activities

    def baseline(self, month: int) -> Floats:
        """Mean units of each series without activities."""
        item = self.item_units * self.level[:, month] * self.season[:, month % 12]
        units: Floats = item[self.series_item] * self.share
        return units

    def promotion(self, month: int) -> tuple[Floats, Integers, Floats]:
        """For each series: uplift ratio (dip of last month's activities included), activity (-1: none), discount."""
        ratio, chosen, discount = self._lift(month)
        if month > 0:
            ratio = np.maximum(ratio - DIP_RATIO * self._lift(month - 1)[0], -0.5)
        return ratio, chosen, discount

    def expected(self, month: int) -> Floats:
        """Mean units of each series, activities included."""
        units: Floats = self.baseline(month) * (1.0 + self.promotion(month)[0])
        return units

    def _lift(self, month: int) -> tuple[Floats, Integers, Floats]:
        count = len(self.series_item)
        ratio, discount = np.zeros(count), np.zeros(count)
        chosen = np.full(count, -1)
        subfamily = self.subfamily[self.series_item]
        for position in np.flatnonzero(self.activities.month == month).tolist():
            in_scope = (subfamily == self.activities.subfamily[position]) & (
                (self.series_item // self.subfamilies + self.activities.first_slot[position]) % 3 != 0
            )
            channel = self.activities.channel[position]
            if channel >= 0:
                in_scope &= self.series_channel == channel
            ratio[in_scope] = self.activities.uplift[position]
            discount[in_scope] = self.activities.discount[position]
            chosen[in_scope] = position
        return ratio, chosen, discount


def build_demand(seed: int, size: Size, items: Items) -> Demand:
    """Draw the demand of all months through the last year the simulator knows."""
    rng = stream(seed, "demand")
    sold = items.sold
    is_slow = rng.random(sold) < 0.18
    draw = rng.random(sold)
    units = np.where(is_slow, 5 + 14 * draw, 70 + 620 * draw * draw * draw + 90 * draw)
    heirs = np.flatnonzero(items.successor[:sold] >= 0)
    units[items.successor[heirs]] = units[heirs] * (0.9 + 0.3 * draw[heirs])
    growth = np.array([family.growth_per_year for family in catalogue.FAMILIES] + [0.02])[items.family[:sold]]
    season = np.array(
        [catalogue.SEASONS[family.season] for family in catalogue.FAMILIES] + [catalogue.SEASONS["even"]]
    )
    months = np.arange(LAST_MONTH)
    level = _drift(rng, sold) * (1.0 + growth[:, None] * np.minimum(months, 72)[None, :] / 12.0)
    level = level * _life(items, sold)
    share = np.array([typical for _, _, typical in catalogue.STREAMS])[None, :] * (
        0.7 + 0.6 * rng.random((sold, 4))
    )
    share = share / (share[:, 0] + share[:, 1] + share[:, 2] + share[:, 3])[:, None]
    subfamily = np.concatenate([items.subfamily, np.full(sold - len(items.subfamily), -1)])
    return Demand(
        series_item=np.repeat(np.arange(sold), 4),
        series_channel=np.tile([channel for channel, _, _ in catalogue.STREAMS], sold),
        series_site=np.tile([site for _, site, _ in catalogue.STREAMS], sold),
        share=share.ravel(),
        item_units=rounded(units, 2),
        level=level,
        season=season[items.family[:sold]],
        subfamily=subfamily,
        is_slow=is_slow.astype(np.int64),
        subfamilies=int(items.subfamily.max()) + 1,
        activities=_activities(seed, int(items.subfamily.max()) + 1),
    )


def _drift(rng: np.random.Generator, sold: int) -> Floats:
    """A slow wandering of each item's level, drawn back to 1."""
    path = np.ones((sold, LAST_MONTH))
    for month in range(1, LAST_MONTH):
        path[:, month] = np.clip(1.0 + 0.97 * (path[:, month - 1] - 1.0) + 0.022 * bell(rng, sold), 0.6, 1.6)
    return path


def _life(items: Items, sold: int) -> Floats:
    """Ramp after launch, decline before the last month on sale, nothing outside."""
    months = np.arange(LAST_MONTH)[None, :]
    since = months - items.launch[:sold, None] + 1
    left = items.end[:sold, None] - months + 1
    ramp = np.clip(since / RAMP_MONTHS, 0.0, 1.0)
    decline = np.clip(left / 4.0, 0.0, 1.0)
    life: Floats = ramp * decline
    return life


def _activities(seed: int, subfamilies: int) -> Activities:
    """Four activities a month, each on two thirds of the items of a subfamily."""
    rng = stream(seed, "activities")
    per_month = ACTIVITIES_PER_MONTH if subfamilies > 12 else 1
    count = LAST_MONTH * per_month
    return Activities(
        month=np.repeat(np.arange(LAST_MONTH), per_month),
        subfamily=rng.integers(0, subfamilies, count),
        channel=rng.integers(-1, 2, count),
        uplift=rounded(between(rng, 0.25, 0.95, count), 3),
        discount=rounded(between(rng, 0.05, 0.15, count), 3),
        first_slot=rng.integers(0, 3, count),
    )
