"""What finance hands in: budget and latest estimate by family, with their exact sums above.

Add here: another goal. Keep out: figures of demand and supply (`planner_demand`, `planner_supply`).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.sources.demo import catalogue
from sop_pipeline.sources.demo.columns import totals
from sop_pipeline.sources.demo.economics import Economics
from sop_pipeline.sources.demo.export import Extract, dates, from_rows, lookup
from sop_pipeline.sources.demo.firm import Firm
from sop_pipeline.sources.demo.randomness import Floats, between, stream, whole
from sop_pipeline.sources.demo.timeline import LAST_MONTH, first_day, january, year_of

HORIZON = 18
FIRST_BUDGET_YEAR = 2024
USUAL_DISCOUNT = 0.035


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


def goals(firm: Firm, month: int) -> Extract:
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
