"""Extracts of terms by date as of a cycle: capacities, suppliers' terms, costs, prices, exchange rates.

Add here: a term that changes from month to month or year to year. Keep out: plain master data (`masters`).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from sop_pipeline.sources.demo import catalogue
from sop_pipeline.sources.demo.economics import Economics
from sop_pipeline.sources.demo.export import Extract, constant, dates, flags, lookup
from sop_pipeline.sources.demo.factory import OVERTIME_RATIO
from sop_pipeline.sources.demo.firm import Firm
from sop_pipeline.sources.demo.masters import known_items, month_days, resource_ids
from sop_pipeline.sources.demo.network import BUY
from sop_pipeline.sources.demo.orders import price_cents
from sop_pipeline.sources.demo.randomness import Floats, Integers, rounded
from sop_pipeline.sources.demo.timeline import LAST_MONTH, NO_DAY, first_day, january, year_of

CAPACITY_MONTHS = 37


def term_extracts(firm: Firm, month: int) -> dict[str, Extract]:
    """All tables of terms as of the first day of the month."""
    known = known_items(firm, month)
    return {
        "resource_capacities": _capacities(firm, month),
        "supplier_items": _supplier_items(firm, month, known),
        "supplier_capacities": _supplier_capacities(firm, month, known),
        "standard_costs": _costs(firm, month, known),
        "prices": _prices(firm, month, known),
        "fx_rates": _rates(firm, month),
    }


def _capacities(firm: Firm, month: int) -> Extract:
    months = min(month + CAPACITY_MONTHS, LAST_MONTH)
    resource = np.repeat(np.arange(firm.resources), months)
    period = np.tile(np.arange(months), firm.resources)
    hours = firm.economics.capacity[resource, period]
    return {
        "resource_id": lookup(resource_ids(firm), resource),
        "period_start_date": month_days(period, period < 0),
        "available_hours": pa.array(hours),
        "overtime_maximum_hours": pa.array(rounded(hours * OVERTIME_RATIO, 1)),
        "overtime_cost_per_hour": pa.array(rounded(firm.economics.resource_cost[resource] * 1.5, 2)),
    }


def buy_prices(firm: Firm, source: Integers, years: Integers) -> np.ndarray:
    """Price of a base unit that a supplier asks in a year."""
    level = np.array([Economics.dearer(year) for year in range(2022, 2022 + LAST_MONTH // 12)])
    return rounded(firm.economics.buy_price[source] * level[years - 2022], 4)


def _supplier_items(firm: Firm, month: int, known: np.ndarray) -> Extract:
    network = firm.network
    buys = network.of_kind(BUY)
    buys = buys[known[network.node_item[network.node[buys]]]]
    node, supplier = network.node[buys], network.supplier[buys]
    return {
        "supplier_id": lookup(firm.suppliers.supplier_id, supplier),
        "item_id": lookup(firm.items.item_id, network.node_item[node]),
        "site_id": lookup(catalogue.SITES, network.node_site[node]),
        "lead_time_days": pa.array(network.lead_days[buys]),
        "minimum_order_units": pa.array(network.minimum_units[buys]),
        "unit_price": pa.array(buy_prices(firm, buys, np.full(len(buys), year_of(month)))),
        "currency_code": lookup(catalogue.CURRENCIES, firm.suppliers.currency[supplier]),
        "priority": pa.array(network.priority[buys]),
        "is_active": flags(np.ones(len(buys))),
    }


def _supplier_capacities(firm: Firm, month: int, known: np.ndarray) -> Extract:
    network = firm.network
    limited = np.flatnonzero((network.monthly_limit > 0) & known[network.node_item[network.node]])
    start = max(0, month - 12)
    months = min(month + CAPACITY_MONTHS, LAST_MONTH) - start
    source, period = np.repeat(limited, months), np.tile(np.arange(start, start + months), len(limited))
    return {
        "supplier_id": lookup(firm.suppliers.supplier_id, network.supplier[source]),
        "item_id": lookup(firm.items.item_id, network.node_item[network.node[source]]),
        "period_start_date": month_days(period, period < 0),
        "available_units": pa.array(network.monthly_limit[source]),
    }


def standard_costs(firm: Firm, nodes: Integers, year: int) -> Floats:
    """Standard cost of a base unit at nodes in a year, in the currency of the site."""
    of_site = np.array([catalogue.CURRENCIES.index(code) for code in catalogue.SITE_CURRENCIES])
    rate = firm.economics.rate[of_site[firm.network.node_site[nodes]], january(year)]
    return rounded(firm.economics.unit_cost[nodes] * Economics.dearer(year) / rate, 4)


def _costs(firm: Firm, month: int, known: np.ndarray) -> Extract:
    network = firm.network
    nodes = np.flatnonzero(known[network.node_item])
    years = range(2022, year_of(month) + 1)
    parts = [standard_costs(firm, nodes, year) for year in years]
    node = np.tile(nodes, len(years))
    start = np.repeat([first_day(january(year)) for year in years], len(nodes))
    return {
        "item_id": lookup(firm.items.item_id, network.node_item[node]),
        "site_id": lookup(catalogue.SITES, network.node_site[node]),
        "valid_from_date": dates(start),
        "unit_cost": pa.array(np.concatenate(parts)),
        "currency_code": lookup(catalogue.SITE_CURRENCIES, network.node_site[node]),
    }


def _prices(firm: Firm, month: int, known: np.ndarray) -> Extract:
    sold = np.flatnonzero(known[: firm.items.sold])
    lists = (
        (catalogue.TRADE, catalogue.EUR),
        (catalogue.TRADE, catalogue.GBP),
        (catalogue.ONLINE, catalogue.EUR),
    )
    item, channel, currency, start, end, amount = [], [], [], [], [], []
    for year in range(2022, year_of(month) + 1):
        is_past = year < year_of(month)
        for its_channel, its_currency in lists:
            count = len(sold)
            item.append(sold)
            channel.append(np.full(count, its_channel))
            currency.append(np.full(count, its_currency))
            start.append(np.full(count, first_day(january(year))))
            end.append(np.full(count, first_day(january(year + 1)) - 1 if is_past else NO_DAY))
            amount.append(price_cents(firm, year, sold, channel[-1], currency[-1]))
    return {
        "item_id": lookup(firm.items.item_id, np.concatenate(item)),
        "channel_id": lookup(catalogue.CHANNELS, np.concatenate(channel)),
        "currency_code": lookup(catalogue.CURRENCIES, np.concatenate(currency)),
        "valid_from_date": dates(np.concatenate(start)),
        "valid_to_date": dates(np.concatenate(end)),
        "unit_price": pa.array(np.concatenate(amount) / 100.0),
    }


def _rates(firm: Firm, month: int) -> Extract:
    foreign = np.arange(1, len(catalogue.CURRENCIES))
    currency, period = np.repeat(foreign, month + 1), np.tile(np.arange(month + 1), len(foreign))
    return {
        "from_currency_code": lookup(catalogue.CURRENCIES, currency),
        "to_currency_code": constant("EUR", len(currency)),
        "rate_date": month_days(period, period < 0),
        "rate": pa.array(firm.economics.rate[currency, period]),
    }
