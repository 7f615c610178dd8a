"""Order lines: how the demand of a month is ordered by customers.

A month's lines are a function of seed and month alone; what becomes of them is `fulfilment`.
Add here: how customers order. Keep out: how much they want (`demand`).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.sources.demo import catalogue
from sop_pipeline.sources.demo.columns import Columns, number_groups, take
from sop_pipeline.sources.demo.economics import Economics
from sop_pipeline.sources.demo.firm import Firm
from sop_pipeline.sources.demo.randomness import Floats, Integers, bell, stream, whole
from sop_pipeline.sources.demo.timeline import BUCKETS, NO_DAY, buckets, first_day, january, year_of

NUMBERS_PER_MONTH = 1_000_000
LATE_SHARE = 0.006  # lines that are entered a month after the customer wanted the goods
CANCEL_SHARE = 0.012
PROMOTED_SHARE = 0.85  # of the lines in an activity's scope that are sold under it


def month_demand(firm: Firm, month: int) -> tuple[Integers, Integers]:
    """Units that customers want of each series in the month, and of these one-off projects."""
    rng = stream(firm.seed, "demand", month + 1)
    mean = firm.demand.expected(month)
    count = len(mean)
    common = bell(rng, firm.items.sold)[firm.demand.series_item]
    own, grain = bell(rng, count), bell(rng, count)
    noisy = mean * (1.0 + 0.09 * common) * (1.0 + 0.15 * own) + np.sqrt(mean) * 0.8 * grain
    size = 2.0 + 3.0 * rng.random(count)
    occurs = rng.random(count) * size < mean
    intermittent = np.where(occurs, size, 0.0)
    units = np.where(mean < 4.0, intermittent, np.maximum(noisy, 0.0))
    is_project = (rng.random(count) < 0.0012) & (mean > 15.0)
    project = whole(np.where(is_project, mean * 2.5, 0.0))
    return np.where(mean > 0, whole(units), 0) + project, project


def month_lines(firm: Firm, month: int) -> Columns:
    """All order lines whose goods are wanted in the month."""
    rng = stream(firm.seed, "lines", month)
    units, _ = month_demand(firm, month)
    series, quantity = _split(rng, units)
    customer = _customers(firm, rng, series)
    by_carton = firm.customers.in_cartons[customer]
    carton = firm.items.carton[firm.demand.series_item[series]]
    by_carton &= quantity >= carton
    quantity = np.where(by_carton, -(-quantity // carton) * carton, quantity)
    count = len(series)
    bucket = np.floor(rng.random(count) * BUCKETS).astype(np.int64)
    requested, ordered = _days(firm, rng, month, customer, bucket)
    late = rng.random(count) < LATE_SHARE
    posted = np.where(late, first_day(month + 1) + np.floor(rng.random(count) * 20).astype(np.int64), ordered)
    number, position = number_groups((customer * BUCKETS + bucket) * 2 + late)
    activity, price = _prices(firm, rng, month, series, customer)
    lines: Columns = {
        "order_number": month * NUMBERS_PER_MONTH + number,
        "line_number": (position + 1) * 10,
        "is_return": np.zeros(count, dtype=np.int64),
        "customer": customer,
        "series": series,
        "ordered_day": ordered,
        "requested_day": requested,
        "confirmed_day": requested.copy(),
        "quantity": quantity,
        "shipped": np.zeros(count, dtype=np.int64),
        "by_carton": by_carton.astype(np.int64),
        "price_cents": price,
        "activity": activity,
        "is_cancelled": np.zeros(count, dtype=np.int64),
        "changed_day": posted.copy(),
        "posted_day": posted,
        "will_cancel": (rng.random(count) < CANCEL_SHARE).astype(np.int64),
        "done_month": np.full(count, NO_DAY),
    }
    return take(lines, quantity > 0)


def _split(rng: np.random.Generator, units: Integers) -> tuple[Integers, Integers]:
    """Series and quantity of each line: the more units, the more lines; parts add up exactly."""
    per_series = np.where(units > 0, 1 + np.floor(np.sqrt(units) * 0.47).astype(np.int64), 0)
    per_series = np.minimum(per_series, np.minimum(units, 14))
    series = np.repeat(np.arange(len(units)), per_series)
    weight = 0.3 + rng.random(len(series))
    running = np.cumsum(weight)
    last = np.cumsum(per_series) - 1
    filled = per_series > 0
    ends = np.zeros(len(units))
    ends[filled] = running[last[filled]]
    starts = np.zeros(len(units))
    first = last - per_series + 1
    starts[filled] = np.where(first[filled] > 0, running[first[filled] - 1], 0.0)
    part = (running - starts[series]) / (ends - starts)[series]
    until = np.floor(part * units[series] + 0.5).astype(np.int64)
    is_last = np.zeros(len(series), dtype=bool)
    is_last[last[filled]] = True
    until = np.where(is_last, units[series], until)
    is_first = np.zeros(len(series), dtype=bool)
    is_first[first[filled]] = True
    before = np.where(is_first, 0, np.append(0, until[:-1]))
    return series, until - before


def _customers(firm: Firm, rng: np.random.Generator, series: Integers) -> Integers:
    """A customer of the stream's channel and site; the first ones of each list buy most."""
    draw = rng.random(len(series))
    first, count = np.zeros(len(series), dtype=np.int64), np.ones(len(series), dtype=np.int64)
    for (channel, site), (start, customers) in firm.customers.first.items():
        here = (firm.demand.series_channel[series] == channel) & (firm.demand.series_site[series] == site)
        first[here], count[here] = start, customers
    chosen: Integers = first + np.floor(draw * draw * count).astype(np.int64)
    return chosen


def _days(
    firm: Firm, rng: np.random.Generator, month: int, customer: Integers, bucket: Integers
) -> tuple[Integers, Integers]:
    """Requested and ordered day: a customer orders once a bucket, online shortly before, trade up to 16 days."""
    bounds = buckets(month)
    start = np.array([day for day, _ in bounds])
    length = np.array([end - day + 1 for day, end in bounds])
    customers = len(firm.customers.customer_id)
    day_in_bucket = rng.random((customers, BUCKETS))
    ahead = rng.random((customers, BUCKETS))
    requested = start[bucket] + np.floor(day_in_bucket[customer, bucket] * length[bucket]).astype(np.int64)
    online = firm.customers.channel[customer] == catalogue.ONLINE
    days = np.where(
        online, 1 + np.floor(ahead[customer, bucket] * 2), 3 + np.floor(ahead[customer, bucket] * 14)
    )
    ordered = requested - days.astype(np.int64)
    return requested, np.where(online, np.maximum(ordered, first_day(month)), ordered)


def price_cents(firm: Firm, year: int, item: Integers, channel: Integers, currency: Integers) -> Integers:
    """List price of the year in cents of the currency."""
    list_price = firm.economics.list_price[item, channel] * Economics.dearer(year)
    rate = firm.economics.rate[currency, january(year)]
    return whole(list_price / rate * 100.0)


def _prices(
    firm: Firm, rng: np.random.Generator, month: int, series: Integers, customer: Integers
) -> tuple[Integers, Integers]:
    """Activity that each line is sold under, and its net price."""
    _, chosen, discount = firm.demand.promotion(month)
    under = rng.random(len(series)) < PROMOTED_SHARE
    activity = np.where(under, chosen[series], -1)
    off: Floats = np.where(activity >= 0, discount[series], 0.0)
    currency = customer_currency(firm)[customer]
    listed = price_cents(
        firm, year_of(month), firm.demand.series_item[series], firm.demand.series_channel[series], currency
    )
    return activity, whole(listed * (1.0 - firm.customers.discount[customer]) * (1.0 - off))


def customer_currency(firm: Firm) -> Integers:
    """Customers pay in the currency of the site that serves them."""
    of_site = np.array([catalogue.CURRENCIES.index(code) for code in catalogue.SITE_CURRENCIES])
    return of_site[firm.customers.site]
