"""What demand planning, sales and marketing hand in: activities, launches, forecasts, overrides.

They know the business, but not exactly: uplifts are hoped for, submitters are biased.
Add here: an input about demand. Keep out: goals (`planner_goals`), lists of the reviews (`planner_agenda`).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from sop_pipeline.sources.demo import catalogue
from sop_pipeline.sources.demo.company import BEFORE
from sop_pipeline.sources.demo.demand import RAMP_MONTHS
from sop_pipeline.sources.demo.export import Extract, constant, dates, from_rows, lookup, moments
from sop_pipeline.sources.demo.firm import Firm
from sop_pipeline.sources.demo.masters import ANNOUNCED_MONTHS, known_items
from sop_pipeline.sources.demo.orders import month_demand
from sop_pipeline.sources.demo.randomness import between, rounded, stream, whole
from sop_pipeline.sources.demo.timeline import LAST_MONTH, cycle_of, first_day

FORECAST_MONTHS = 6
LEVEL_FORECAST_MONTHS = 3
CONFIRMED_MONTHS, CONFIRMED_PROMOTIONS = 3, 2
PROJECT = "A project of a hotel: it does not come again"
DEALERS = "Dealers had stocked up before"
ACTIVITY_OWNERS = ("marketing.climate", "marketing.kitchen", "marketing.online")
# group, site, who submits, hidden bias, hidden noise
SUBMITTERS: tuple[tuple[str, int, str, float, float], ...] = (
    ("KEY-ACCOUNT", 2, "sales.central", 1.04, 0.12),
    ("KEY-ACCOUNT", 3, "sales.west", 1.28, 0.15),
    ("KEY-ACCOUNT", 4, "sales.isles", 0.82, 0.10),
)


def activity_plans(firm: Firm, month: int) -> Extract:
    """Activities of the last two years and the months ahead, with the uplift that marketing hopes for."""
    demand, activities = firm.demand, firm.demand.activities
    parts = []
    for period in range(max(0, month - 24), min(month + FORECAST_MONTHS + 3, LAST_MONTH)):
        ratio, chosen, _ = demand.promotion(period)
        touched = np.flatnonzero(chosen >= 0)
        baseline = demand.baseline(period)[touched]
        hope = 0.9 + 0.5 * stream(firm.seed, "planners", 5000 + period).random(len(ratio))[touched]
        uplift = whole(baseline * np.maximum(activities.uplift[chosen[touched]], 0.0) * hope)
        kept = (uplift > 0) & known_items(firm, month)[demand.series_item[touched]]
        parts.append((np.full(int(kept.sum()), period), touched[kept], chosen[touched][kept], uplift[kept]))
    periods, series, activity, uplift = (np.concatenate(column) for column in zip(*parts, strict=True))
    ids = [activities.activity_id(number) for number in range(len(activities.month))]
    names = [f"Promotion {code} {cycle_of(int(m))}" for code, m in zip(ids, activities.month, strict=True)]
    status = np.where(periods < month, 2, np.where(periods < month + 2, 1, 0))
    return {
        "activity_id": lookup(ids, activity),
        "activity_type": constant("promotion", len(series)),
        "activity_name": lookup(names, activity),
        "item_id": lookup(firm.items.item_id, demand.series_item[series]),
        "site_id": lookup(catalogue.SITES, demand.series_site[series]),
        "channel_id": lookup(catalogue.CHANNELS, demand.series_channel[series]),
        "period_start_date": dates(np.array([first_day(int(value)) for value in periods], dtype=np.int64)),
        "uplift_units": pa.array(uplift),
        "confidence_ratio": pa.array(np.array([0.7, 0.9, 1.0])[status]),
        "activity_status": lookup(["planned", "confirmed", "done"], status),
        "owner": lookup(ACTIVITY_OWNERS, activity % len(ACTIVITY_OWNERS)),
    }


def npd_plans(firm: Firm, month: int) -> Extract:
    """Launches from half a year back to half a year ahead; the item's predecessor or a neighbour is its like."""
    items, demand = firm.items, firm.demand
    launch = items.launch[demand.series_item]
    chosen = np.flatnonzero((launch != BEFORE) & (launch >= month - 6) & (launch <= month + ANNOUNCED_MONTHS))
    item = demand.series_item[chosen]
    guess = between(stream(firm.seed, "planners", 9000), 0.8, 1.3, len(demand.series_item))[chosen]
    established = demand.item_units[item] * demand.share[chosen]
    like = np.full(items.sold, -1)
    heirs = np.flatnonzero(items.successor[: items.sold] >= 0)
    like[items.successor[heirs]] = heirs
    subfamilies = int(items.subfamily.max()) + 1
    neighbour = np.where(item >= subfamilies, item - subfamilies, item)
    like_item = np.where(like[item] >= 0, like[item], neighbour)
    return {
        "item_id": lookup(items.item_id, item),
        "site_id": lookup(catalogue.SITES, demand.series_site[chosen]),
        "channel_id": lookup(catalogue.CHANNELS, demand.series_channel[chosen]),
        "launch_period_start_date": dates(
            np.array([first_day(int(value)) for value in launch[chosen]], dtype=np.int64)
        ),
        "like_item_id": lookup(items.item_id, np.where(like_item == item, -1, like_item)),
        "peak_units_per_month": pa.array(np.maximum(whole(established * guess), 1)),
        "ramp_months": pa.array(np.full(len(chosen), RAMP_MONTHS)),
        "owner": constant("product.management", len(chosen)),
    }


def forecast_scope(firm: Firm, month: int, site: int) -> np.ndarray:
    """Series that key-account managers of a site forecast: the fast third of the items on sale."""
    demand = firm.demand
    fast = demand.item_units > 250.0
    on_sale = (firm.items.launch <= month) & (firm.items.end >= month)
    here = (demand.series_site == site) & (demand.series_channel == catalogue.TRADE)
    return np.flatnonzero(here & fast[demand.series_item] & on_sale[demand.series_item])


def sales_forecasts(firm: Firm, month: int) -> Extract:
    rng = stream(firm.seed, "planners", 10_000 + month)
    group, series, period, units, who = [], [], [], [], []
    for number, (_, site, _, bias, noise) in enumerate(SUBMITTERS):
        scope = forecast_scope(firm, month, site)
        for ahead in range(month, min(month + FORECAST_MONTHS, LAST_MONTH)):
            expected = firm.demand.expected(ahead)[scope] * 0.3 * bias
            drawn = whole(expected * between(rng, 1.0 - noise, 1.0 + noise, len(scope)))
            group.append(np.full(len(scope), number))
            series.append(scope)
            period.append(np.full(len(scope), first_day(ahead)))
            units.append(drawn)
            who.append(np.full(len(scope), number))
    chosen, submitter = np.concatenate(series), np.concatenate(who)
    return {
        "customer_group": lookup([row[0] for row in SUBMITTERS], submitter),
        "item_id": lookup(firm.items.item_id, firm.demand.series_item[chosen]),
        "site_id": lookup(catalogue.SITES, firm.demand.series_site[chosen]),
        "channel_id": lookup(catalogue.CHANNELS, firm.demand.series_channel[chosen]),
        "period_start_date": dates(np.concatenate(period)),
        "forecast_units": pa.array(np.concatenate(units)),
        "submitted_by": lookup([row[2] for row in SUBMITTERS], submitter),
        "submitted_at": moments(np.full(len(chosen), first_day(month) + 1), submitter),
    }


def sales_level_forecasts(firm: Firm, month: int) -> Extract:
    """What the head of sales says of whole families in trade (too much), and a region's manager of all that it buys (too little)."""
    rng = stream(firm.seed, "planners", 40_000 + month)
    demand, cycle = firm.demand, cycle_of(month)
    is_trade = demand.series_channel == catalogue.TRADE
    families = firm.items.family[demand.series_item]
    isles = is_trade & (demand.series_site == catalogue.SITES.index("DC03"))
    opinions = [
        ("family", catalogue.FAMILIES[0].family_id, "trade", "sales.head", is_trade & (families == 0), 1.15),
        ("family", catalogue.FAMILIES[2].family_id, "trade", "sales.head", is_trade & (families == 2), 1.15),
        ("region", "ISLES", None, "sales.isles", isles, 0.9),
    ]
    rows = []
    for place, (level, level_id, channel, who, scope, bias) in enumerate(opinions, start=1):
        for ahead in range(month, min(month + LEVEL_FORECAST_MONTHS, LAST_MONTH)):
            said = demand.expected(ahead)[scope].sum() * bias * between(rng, 0.95, 1.05, 1)
            units = float(whole(said)[0])
            rows.append(
                (f"SF-{cycle}-{place}", level, level_id, None, None, channel, first_day(ahead), units, who)
            )
    names = (
        "submission_id",
        "level",
        "level_id",
        "customer_group",
        "site_id",
        "channel_id",
        "period_start_date",
        "forecast_units",
        "submitted_by",
    )
    handed_in = moments(np.full(len(rows), first_day(month) + 1), np.arange(len(rows)))
    days = {"period_start_date": dates(np.array([row[6] for row in rows])), "submitted_at": handed_in}
    empty = pa.nulls(len(rows), pa.string())
    return from_rows(names, rows) | {"customer_group": empty, "site_id": empty} | days


def cause_confirmations(firm: Firm, month: int) -> Extract:
    """What people know of past errors: sales, which orders were projects; marketing, what its last activities came to.

    They hand it in again each month. Of a month without such an error a confirmation speaks of nothing, and is told so.
    """
    demand, rows = firm.demand, []
    for past in range(max(month - CONFIRMED_MONTHS, 0), month):
        projects = np.flatnonzero(month_demand(firm, past)[1] > 0)
        _, chosen, _ = demand.promotion(past)
        promoted = np.flatnonzero((chosen >= 0) & (demand.baseline(past) > 0))[:CONFIRMED_PROMOTIONS]
        known = [(series, "unexplained", "one_off_order", "sales.head", PROJECT) for series in projects]
        known += [
            (series, "promotion_miss", "promotion_miss", "marketing.kitchen", DEALERS) for series in promoted
        ]
        rows += [(past, place, *confirmed) for place, confirmed in enumerate(known, start=1)]
    series = np.array([row[2] for row in rows], dtype=np.int64)
    names = ("cause_code", "confirmed_cause_code", "owner", "comment")
    words = from_rows(names, [row[3:] for row in rows])
    comment = words.pop("comment")
    confirmed = np.array([first_day(row[0] + 1) + 3 for row in rows], dtype=np.int64)
    return {
        "confirmation_id": pa.array([f"CC-{cycle_of(row[0] + 1)}-{row[1]}" for row in rows]),
        "item_id": lookup(firm.items.item_id, demand.series_item[series]),
        "site_id": lookup(catalogue.SITES, demand.series_site[series]),
        "channel_id": lookup(catalogue.CHANNELS, demand.series_channel[series]),
        "period_start_date": dates(np.array([first_day(row[0]) for row in rows], dtype=np.int64)),
        **words,
        "confirmed_date": dates(confirmed),
        "comment": comment,
    }


def overrides(firm: Firm, month: int) -> Extract:
    """A handful of opinions: two families talked up or down, one item set by hand for the next months."""
    rng = stream(firm.seed, "planners", 20_000 + month)
    draws = rng.random(6)
    families = [family.family_id for family in catalogue.FAMILIES]
    up, down = families[int(draws[0] * len(families))], families[int(draws[1] * len(families))]
    fast = np.flatnonzero((firm.demand.item_units > 250.0) & (firm.items.launch[: firm.items.sold] == BEFORE))
    fast = fast[firm.items.end[fast] > month + 12]
    item = int(fast[int(draws[2] * len(fast))])
    add = float(whole(np.array([firm.demand.item_units[item] * 0.12]))[0])
    cycle, expires = cycle_of(month), cycle_of(month + 1)
    opinions = [
        (
            f"OV-{cycle}-1",
            "family",
            up,
            None,
            None,
            "multiply",
            float(rounded(1.02 + 0.08 * draws[3:4], 3)[0]),
            "market",
            "Dealers report more enquiries than last year",
        ),
        (
            f"OV-{cycle}-2",
            "family",
            down,
            None,
            "online",
            "multiply",
            float(rounded(0.9 + 0.08 * draws[4:5], 3)[0]),
            "price",
            "Online competitor lowered its prices",
        ),
        (
            f"OV-{cycle}-3",
            "item",
            firm.items.item_id[item],
            "DC01",
            "trade",
            "add",
            add,
            "project",
            "Hotel chain refits its rooms",
        ),
    ]
    rows = [
        (*opinion[:5], first_day(period), *opinion[5:8], "demand.planning", expires, opinion[8])
        for opinion in opinions
        for period in range(month, min(month + 3, LAST_MONTH))
    ]
    names = (
        "override_id",
        "level",
        "level_id",
        "site_id",
        "channel_id",
        "period_start_date",
        "operation",
        "override_value",
        "reason_code",
        "owner",
        "expires_cycle_id",
        "reason",
    )
    extract = from_rows(names, rows)
    return extract | {"period_start_date": dates(np.array([row[5] for row in rows]))}
