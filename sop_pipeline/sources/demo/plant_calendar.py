"""Extracts of when and where work can be done: calendars of working days, stops of resources, room in the stores.

Add here: what limits a site beside hours and material. Keep out: hours themselves (`terms`).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from sop_pipeline.sources.demo import catalogue
from sop_pipeline.sources.demo.columns import totals
from sop_pipeline.sources.demo.export import Extract, constant, dates, flags, from_rows, lookup, numbered
from sop_pipeline.sources.demo.factory import available_share
from sop_pipeline.sources.demo.firm import Firm
from sop_pipeline.sources.demo.masters import month_days, resource_ids
from sop_pipeline.sources.demo.randomness import rounded
from sop_pipeline.sources.demo.terms import CAPACITY_MONTHS
from sop_pipeline.sources.demo.timeline import LAST_MONTH, first_day, year_of

SHIFT_HOURS = 16.0  # a stop of more hours takes another day
STORE_SHARE = 0.6  # of the most that every item may have in stock at once


def plant_extracts(firm: Firm, month: int) -> dict[str, Extract]:
    """All tables of calendars, stops and stores as of the first day of the month."""
    return {
        "calendars": _calendars(month),
        "downtimes": _downtimes(firm, month),
        "storage_capacities": _storage(firm, month),
    }


def _calendars(month: int) -> Extract:
    """Public holidays of each country with a site, from the first month until a year after the last planned one."""
    import holidays

    years = range(2022, year_of(month) + 5)
    rows = [
        (country, day, False, name.replace(",", ";"))
        for country in sorted(set(catalogue.SITE_COUNTRIES))
        for day, name in sorted(holidays.country_holidays(country, years=years, language="en_US").items())
    ]
    names = ("calendar_id", "calendar_date", "is_working_day", "day_name")
    return from_rows(names, rows)


def _downtimes(firm: Firm, month: int) -> Extract:
    """Breakdowns of every month that is over; overhauls are in the stated hours already, and nobody writes them down."""
    resource = np.tile(np.arange(firm.resources), month)
    period = np.repeat(np.arange(month), firm.resources)
    share = np.concatenate([1.0 - available_share(firm, past) for past in range(month)])
    hours = rounded(firm.economics.capacity[resource, period] * share, 1)
    start = np.array([first_day(past) for past in range(month)])[period] + (resource * 5 + period * 3) % 20
    count = len(hours)
    return {
        "downtime_id": numbered("DT", np.arange(count)),
        "resource_id": lookup(resource_ids(firm), resource),
        "start_date": dates(start),
        "end_date": dates(start + np.minimum(np.floor(hours / SHIFT_HOURS), 7).astype(np.int64)),
        "downtime_hours": pa.array(hours),
        "downtime_type": constant("unplanned", count),
        "is_in_capacity": flags(np.zeros(count)),
        "reason": constant("Breakdown", count),
    }


def _storage(firm: Firm, month: int) -> Extract:
    """Room of each site, in pieces and kilograms alike, the same every month."""
    network = firm.network
    room = (
        np.ceil(totals(network.node_site, firm.maximum_units, len(catalogue.SITES)) * STORE_SHARE / 100.0)
        * 100.0
    )
    start = max(0, month - 12)
    months = min(month + CAPACITY_MONTHS, LAST_MONTH) - start
    site = np.repeat(np.arange(len(catalogue.SITES)), months)
    period = np.tile(np.arange(start, start + months), len(catalogue.SITES))
    return {
        "site_id": lookup(catalogue.SITES, site),
        "storage_type": constant("ambient", len(site)),
        "period_start_date": month_days(period, period < 0),
        "available_capacity": pa.array(room[site]),
        "capacity_unit": constant("units", len(site)),
    }
