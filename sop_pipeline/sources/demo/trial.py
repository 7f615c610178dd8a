"""The demand part of a company on harder terms, for those who score estimators: nothing is executed, nothing delivered.

Items, seasons, life cycles and activities are those of the simulator. The terms say how noisy demand is, how many
activities fall into the peak of their subfamily's season, and how often shelves empty, more often under an activity, in
season, and where demand was high. What an ERP would know comes as arrays, and beside it what only the simulator knows.
Add here: another term that makes estimating harder. Keep out: estimators, and anything the standard company does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sop_pipeline.sources.demo import catalogue
from sop_pipeline.sources.demo.company import Items, Size, build_items
from sop_pipeline.sources.demo.demand import Activities, Demand, build_demand
from sop_pipeline.sources.demo.partners import Customers, build_customers
from sop_pipeline.sources.demo.planner_demand import SUBMITTERS
from sop_pipeline.sources.demo.randomness import Floats, Integers, bell, between, stream, whole
from sop_pipeline.sources.demo.timeline import OPENING_MONTHS, first_day

TRIAL_STREAM = 100_000  # draws of a trial move nothing in the company of the same seed
PROMOTED_SHARE = 0.85
UNITS_PER_LINE = 12.0


@dataclass(frozen=True)
class TrialTerms:
    """How hard the trial is. Ratios between 0 and 1 and above, days of a month."""

    scale: float = 0.5
    months: int = OPENING_MONTHS
    noise_ratio: float = 0.30  # coefficient of variation of a month's demand around its mean
    in_season_ratio: float = 0.5  # activities that are moved into the peak months of their season
    stock_out_ratio: float = 0.05  # months of a site in which an item's shelf empties
    stock_out_in_activity: float = 3.0  # times as often under an activity
    stock_out_after_demand: float = 0.0  # power of demand over its mean; 0: shelves empty by chance
    shortest_days: int = 10
    longest_days: int = 50
    submissions: int = 12  # months before the last for which sales handed in forecasts


@dataclass(frozen=True)
class Trial:
    """Arrays of one row per series and month, months within series; `truth_*` is what only the simulator knows."""

    item: list[str]
    family: list[str]
    site: list[str]
    channel: list[str]
    month: Integers
    ordered_units: Integers
    promoted_units: Integers
    order_lines: Integers
    stock_out_days: Integers
    activity_id: list[str | None]
    truth_baseline_units: Floats
    truth_uplift_units: Floats
    truth_lost_units: Floats


@dataclass(frozen=True)
class TrialSales:
    """Arrays of one row per submission of a closed month: what was said and what the account ordered."""

    submitter: list[str]
    item: list[str]
    site: list[str]
    month: Integers
    forecast_units: Integers
    actual_units: Integers


def build_trial(seed: int, terms: TrialTerms) -> tuple[Trial, TrialSales]:
    """The demand of a company of this seed on these terms, and what its submitters said of their accounts."""
    size = Size.of(terms.scale)
    items = build_items(seed, size)
    demand = build_demand(seed, size, items)
    demand = replace(demand, activities=_moved_into_season(seed, demand, items, terms))
    rng = stream(seed, "demand", TRIAL_STREAM)
    count = len(demand.series_item)
    mean = np.stack([demand.expected(month) for month in range(terms.months)], axis=1)
    wanted = _wanted(rng, mean, terms)
    lifted = np.stack([demand.promotion(month)[1] for month in range(terms.months)], axis=1)
    empty_days, observed_days = _empty_shelves(rng, demand, mean, wanted, lifted, terms)
    days = np.array([first_day(month + 1) - first_day(month) for month in range(terms.months)])
    online = demand.series_channel == catalogue.ONLINE
    lost = np.where(online[:, None], whole(wanted * empty_days / days), 0)
    ordered = wanted - lost
    under = rng.random((count, terms.months)) * 0.2 + PROMOTED_SHARE - 0.1
    promoted = np.where(lifted >= 0, whole(ordered * under), 0)
    baseline = np.stack([demand.baseline(month) for month in range(terms.months)], axis=1)
    gain = np.stack([np.maximum(demand._lift(month)[0], 0.0) for month in range(terms.months)], axis=1)
    ids = [demand.activities.activity_id(number) for number in range(len(demand.activities.month))]
    series = np.repeat(np.arange(count), terms.months)
    trial = Trial(
        item=[items.item_id[item] for item in demand.series_item[series]],
        family=[items.family_id[item] for item in demand.series_item[series]],
        site=[catalogue.SITES[site] for site in demand.series_site[series]],
        channel=[catalogue.CHANNELS[channel] for channel in demand.series_channel[series]],
        month=np.tile(np.arange(terms.months), count),
        ordered_units=ordered.ravel(),
        promoted_units=promoted.ravel(),
        order_lines=np.where(ordered > 0, 1 + np.floor(ordered / UNITS_PER_LINE), 0).astype(np.int64).ravel(),
        stock_out_days=observed_days.ravel(),
        activity_id=[ids[number] if number >= 0 else None for number in lifted.ravel()],
        truth_baseline_units=baseline.ravel(),
        truth_uplift_units=(baseline * gain).ravel(),
        truth_lost_units=lost.ravel().astype(np.float64),
    )
    customers = build_customers(seed, size)
    return trial, _submitted(rng, demand, items, customers, mean, wanted, terms)


def true_biases() -> dict[str, float]:
    """What each submitter says, over what he should say, on average."""
    return {who: bias for _, _, who, bias, _ in SUBMITTERS}


def _moved_into_season(seed: int, demand: Demand, items: Items, terms: TrialTerms) -> Activities:
    """Some activities run in one of the three best months of their subfamily's year instead."""
    rng = stream(seed, "activities", TRIAL_STREAM)
    activities = demand.activities
    first_of = np.array([np.flatnonzero(items.subfamily == sub)[0] for sub in range(demand.subfamilies)])
    peaks = np.argsort(-demand.season[first_of], axis=1, kind="stable")[:, :3]
    moved = rng.random(len(activities.month)) < terms.in_season_ratio
    drawn = rng.integers(0, 3, len(activities.month))
    month = activities.month // 12 * 12 + peaks[activities.subfamily, drawn]
    return replace(activities, month=np.where(moved, month, activities.month))


def _wanted(rng: np.random.Generator, mean: Floats, terms: TrialTerms) -> Integers:
    """Demand around its mean: the noise of the terms, and whole units now and then where the mean is small."""
    noise = bell(rng, mean.size).reshape(mean.shape)
    size = 2.0 + 3.0 * rng.random(mean.shape)
    rare = np.where(rng.random(mean.shape) * size < mean, size, 0.0)
    units = np.where(mean < 4.0, rare, mean * np.maximum(1.0 + terms.noise_ratio * noise, 0.0))
    return whole(units)


def _empty_shelves(
    rng: np.random.Generator,
    demand: Demand,
    mean: Floats,
    wanted: Integers,
    lifted: Integers,
    terms: TrialTerms,
) -> tuple[Floats, Integers]:
    """Days of each month on which the item's shelf at the series' site was empty, and what month-end stock shows of them."""
    months = mean.shape[1]
    starts = np.array([first_day(month) for month in range(months + 1)]) - first_day(0)
    ratio = np.divide(wanted, mean, out=np.ones_like(mean), where=mean > 0)
    odds = terms.stock_out_ratio * np.clip(ratio, 0.0, 2.0) ** terms.stock_out_after_demand
    odds = np.where(lifted >= 0, odds * terms.stock_out_in_activity, odds)
    shelf = demand.series_item * len(catalogue.SITES) + demand.series_site
    shelves, place = np.unique(shelf, return_inverse=True)
    hottest = np.zeros((len(shelves), months))
    np.maximum.at(hottest, place, odds)
    begins = rng.random(hottest.shape) < hottest
    offset, length = rng.random(hottest.shape), rng.random(hottest.shape)
    is_empty = np.zeros((len(shelves), int(starts[-1]) + terms.longest_days + 32), dtype=bool)
    for row, month in zip(*np.nonzero(begins), strict=True):
        first = int(starts[month] + offset[row, month] * (starts[month + 1] - starts[month]))
        days = terms.shortest_days + int(length[row, month] * (terms.longest_days - terms.shortest_days + 1))
        is_empty[row, first : first + days] = True
    running = np.concatenate([np.zeros((len(shelves), 1)), np.cumsum(is_empty, axis=1)], axis=1)
    empty_days = running[:, starts[1:]] - running[:, starts[:-1]]
    at_end = is_empty[:, starts[1:] - 1].astype(np.int64)
    at_start = np.concatenate([np.zeros((len(shelves), 1), dtype=np.int64), at_end[:, :-1]], axis=1)
    observed = (starts[1:] - starts[:-1])[None, :] * (at_end + at_start) // 2
    return empty_days[place], observed[place].astype(np.int64)


def _submitted(
    rng: np.random.Generator,
    demand: Demand,
    items: Items,
    customers: Customers,
    mean: Floats,
    wanted: Integers,
    terms: TrialTerms,
) -> TrialSales:
    """Each submitter's forecast of his accounts (their true share of what is expected, biased and blurred), and their orders."""
    who, what, where, when, said, ordered = [], [], [], [], [], []
    for _, site, submitter, bias, blur in SUBMITTERS:
        _, sellers = customers.first[catalogue.TRADE, site]
        share = (
            max(1, sellers // 8) / sellers
        ) ** 0.5  # the first of the list are key accounts, and buy most
        here = (demand.series_site == site) & (demand.series_channel == catalogue.TRADE)
        scope = np.flatnonzero(here & (demand.item_units[demand.series_item] > 250.0))
        for month in range(terms.months - terms.submissions, terms.months):
            taken = share * between(rng, 0.7, 1.3, len(scope))
            expected = mean[scope, month] * share * bias
            who += [submitter] * len(scope)
            what += [items.item_id[item] for item in demand.series_item[scope]]
            where += [catalogue.SITES[site]] * len(scope)
            when.append(np.full(len(scope), month))
            said.append(whole(expected * between(rng, 1.0 - blur, 1.0 + blur, len(scope))))
            ordered.append(whole(wanted[scope, month] * taken))
    return TrialSales(who, what, where, *(np.concatenate(column) for column in (when, said, ordered)))
