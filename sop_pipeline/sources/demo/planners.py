"""What the company's people hand in for a cycle: goals, activities, launches, forecasts, overrides, targets.

They know the business, but not exactly: uplifts are hoped for, budgets are stretched, two submitters are biased.
Add here: an input that people own. Keep out: the ERP's tables, and what these people could not know.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from sop_pipeline.sources.demo import catalogue
from sop_pipeline.sources.demo.columns import totals
from sop_pipeline.sources.demo.company import BEFORE
from sop_pipeline.sources.demo.demand import RAMP_MONTHS
from sop_pipeline.sources.demo.economics import Economics
from sop_pipeline.sources.demo.export import Extract, constant, dates, from_rows, lookup, moments
from sop_pipeline.sources.demo.firm import Firm
from sop_pipeline.sources.demo.masters import ANNOUNCED_MONTHS, known_items
from sop_pipeline.sources.demo.randomness import Floats, between, rounded, stream, whole
from sop_pipeline.sources.demo.timeline import LAST_MONTH, cycle_of, first_day, january, year_of

HORIZON = 18
FORECAST_MONTHS = 6
FIRST_BUDGET_YEAR = 2024
USUAL_DISCOUNT = 0.035
ACTIVITY_OWNERS = ("marketing.climate", "marketing.kitchen", "marketing.online")
# group, site, who submits, hidden bias, hidden noise
SUBMITTERS: tuple[tuple[str, int, str, float, float], ...] = (
    ("KEY-ACCOUNT", 2, "sales.central", 1.04, 0.12),
    ("KEY-ACCOUNT", 3, "sales.west", 1.28, 0.15),
    ("KEY-ACCOUNT", 4, "sales.isles", 0.82, 0.10),
)
KPI_TARGETS: tuple[tuple[str, float, float, str], ...] = (
    ("forecast_accuracy_lag_1", 0.75, 0.05, "head of demand planning"),
    ("forecast_bias_lag_1", 0.0, 0.05, "head of demand planning"),
    ("customer_otif", 0.93, 0.04, "head of logistics"),
    ("fill_rate", 0.96, 0.03, "head of logistics"),
    ("inventory_turns", 9.0, 1.5, "head of supply planning"),
    ("days_of_inventory", 40.0, 8.0, "head of supply planning"),
    ("capacity_utilisation", 0.88, 0.08, "head of production"),
    ("plan_attainment_mix", 0.92, 0.05, "head of production"),
    ("plan_attainment_volume", 0.98, 0.04, "head of production"),
    ("revenue_to_budget", 1.0, 0.03, "head of sales"),
    ("gross_margin_to_budget", 1.0, 0.04, "head of finance"),
    ("supplier_otif", 0.85, 0.07, "head of purchasing"),
)
PARAMETERS: tuple[tuple[str, str, str, float, str, str], ...] = (
    (
        "holding_cost_ratio_per_year",
        "company",
        "all",
        0.18,
        "ratio",
        "Finance: capital and storage; reviewed every January",
    ),
    ("cycle_service_ratio", "company", "all", 0.95, "ratio", "Management decision"),
    ("overtime_cost_factor", "company", "all", 1.5, "ratio", "Works agreement"),
)


def planner_extracts(firm: Firm, month: int) -> dict[str, Extract]:
    """All planner tables as handed in for the cycle of the month."""
    return {
        "goals": _goals(firm, month),
        "activity_plans": _activity_plans(firm, month),
        "npd_plans": _npd_plans(firm, month),
        "sales_forecasts": _sales_forecasts(firm, month),
        "overrides": _overrides(firm, month),
        "kpi_targets": from_rows(("kpi_id", "target_value", "tolerance_value", "owner"), KPI_TARGETS),
        "priorities": _priorities(),
        "service_targets": _service_targets(),
        "planning_parameters": from_rows(
            ("parameter_id", "scope", "scope_id", "parameter_value", "unit", "reason"), PARAMETERS
        ),
    }


def expected_goals(firm: Firm, month: int) -> tuple[Floats, Floats, Floats]:
    """Revenue and gross margin, EUR, and units of the expected demand of a month, by family (trade goods last)."""
    demand, level = firm.demand, Economics.dearer(year_of(month))
    units = demand.expected(month)
    price = firm.economics.list_price[demand.series_item, demand.series_channel] * (1.0 - USUAL_DISCOUNT)
    _, activity, discount = demand.promotion(month)
    price = price * (1.0 - np.where(activity >= 0, discount, 0.0)) * level
    margin = price - firm.economics.unit_cost[firm.series_node] * level
    family = firm.items.family[demand.series_item]
    family = np.where(family < 0, len(catalogue.FAMILIES), family)
    count = len(catalogue.FAMILIES) + 1
    return (
        totals(family, units * price, count),
        totals(family, units * margin, count),
        totals(family, units, count),
    )


def _goals(firm: Firm, month: int) -> Extract:
    """The budget is stretched and fixed for a year; the latest estimate is renewed each cycle."""
    families = len(catalogue.FAMILIES) + 1
    # next year's budget is agreed in November
    last_year = year_of(month) + (1 if month % 12 >= 10 else 0)
    rows: list[tuple[str, str, str, str, int, float]] = []
    for year in range(FIRST_BUDGET_YEAR, last_year + 1):
        stretch = 1.02 * between(stream(firm.seed, "planners", year), 0.95, 1.06, families)
        for period in range(january(year), january(year + 1)):
            rows += _goal_rows(firm, "budget", period, stretch)
    view = between(stream(firm.seed, "planners", month), 0.96, 1.06, families)
    for period in range(month, min(month + HORIZON, LAST_MONTH)):
        rows += _goal_rows(firm, "latest_estimate", period, view)
    names = ("goal_version", "metric", "level", "level_id", "period", "goal_value")
    extract = from_rows(names, rows)
    days = dates(np.array([first_day(row[4]) for row in rows], dtype=np.int64))
    return {name: extract[name] for name in names[:4]} | {
        "period_start_date": days,
        "goal_value": extract["goal_value"],
        "currency_code": lookup(
            ["EUR"], np.array([-1 if row[1] == "units" else 0 for row in rows], dtype=np.int64)
        ),
    }


def _goal_rows(
    firm: Firm, version: str, period: int, factor: Floats
) -> list[tuple[str, str, str, str, int, float]]:
    """Goals by family, and their exact sums by category and company; whole euros and units."""
    owners = [(family.family_id, family.category_id) for family in catalogue.FAMILIES]
    owners.append((catalogue.TRADE_FAMILY[1], catalogue.TRADE_FAMILY[0]))
    rows = []
    for metric, amounts in zip(
        ("revenue", "gross_margin", "units"), expected_goals(firm, period), strict=True
    ):
        values = whole(amounts * factor)
        categories: dict[str, int] = {}
        for (family_id, category_id), value in zip(owners, values.tolist(), strict=True):
            rows.append((version, metric, "family", family_id, period, float(value)))
            categories[category_id] = categories.get(category_id, 0) + value
        for category_id, value in categories.items():
            rows.append((version, metric, "category", category_id, period, float(value)))
        rows.append((version, metric, "company", "all", period, float(values.sum())))
    return rows


def _activity_plans(firm: Firm, month: int) -> Extract:
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


def _npd_plans(firm: Firm, month: int) -> Extract:
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


def _sales_forecasts(firm: Firm, month: int) -> Extract:
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


def _overrides(firm: Firm, month: int) -> Extract:
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
        ),
        (f"OV-{cycle}-3", "item", firm.items.item_id[item], "DC01", "trade", "add", add, "project"),
    ]
    rows = [
        (*opinion[:5], first_day(period), *opinion[5:], "demand.planning", expires)
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
    )
    extract = from_rows(names, rows)
    return extract | {"period_start_date": dates(np.array([row[5] for row in rows]))}


def _priorities() -> Extract:
    names = ("channel_id", "priority", "backlog_cost_ratio", "lost_sale_cost_ratio", "backlog_maximum_ratio")
    return from_rows(names, [("trade", 1, 0.06, 0.20, 0.80), ("online", 2, 0.10, 0.10, 0.20)])


def _service_targets() -> Extract:
    rows = [("all", 0.95), ("COFFEE", 0.97), ("CORDLESS", 0.97), ("FILTERS", 0.90)]
    return from_rows(("family_id", "cycle_service_ratio"), rows)
