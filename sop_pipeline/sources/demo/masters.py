"""Extracts of master data and terms as of a cycle: what the ERP believes, wrong parameters included.

Add here: a column or table of master data of the source contract. Keep out: documents, and anything hidden.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from sop_pipeline.sources.demo import catalogue
from sop_pipeline.sources.demo.company import BEFORE, FOREVER
from sop_pipeline.sources.demo.export import Extract, constant, dates, flags, from_rows, lookup, text
from sop_pipeline.sources.demo.firm import LOT_MULTIPLE, Firm
from sop_pipeline.sources.demo.network import BUY, MAKE, MOVE
from sop_pipeline.sources.demo.randomness import Floats, Integers, rounded
from sop_pipeline.sources.demo.timeline import LAST_MONTH, NO_DAY, first_day

PAYMENT_TERM_IDS = [term for term, *_ in catalogue.PAYMENT_TERMS]
ANNOUNCED_MONTHS = 6  # a launch or phase-out is in the masters this long before


def known_items(firm: Firm, month: int) -> np.ndarray:
    """Items that are in the masters at the start of the month."""
    known: np.ndarray = firm.items.launch <= month + ANNOUNCED_MONTHS
    return known


def master_extracts(firm: Firm, month: int) -> dict[str, Extract]:
    """All master tables as of the first day of the month."""
    known = known_items(firm, month)
    return {
        "items": _items(firm, month, known),
        "item_sites": _item_sites(firm, known),
        "uom_conversions": _conversions(firm, known),
        "sites": _sites(),
        "lanes": _lanes(),
        "customers": _customers(firm),
        "suppliers": _suppliers(firm),
        "bom_lines": _bom_lines(firm, known),
        "routing_operations": _routings(firm, known),
        "resources": _resources(firm),
    }


def month_days(months: Integers, missing: np.ndarray) -> pa.Array:
    days = np.array([first_day(int(value)) if 0 <= value <= LAST_MONTH else NO_DAY for value in months])
    return dates(np.where(missing, NO_DAY, days))


def _items(firm: Firm, month: int, known: np.ndarray) -> Extract:
    items, chosen = firm.items, np.flatnonzero(known)
    launch, end = items.launch[chosen], items.end[chosen]
    announced = end <= month + ANNOUNCED_MONTHS
    gone = end + 3 < month
    status = np.where(gone, 3, np.where(announced, 2, np.where(launch > month - 3, 1, 0)))
    last = np.where(announced, np.minimum(end + 1, LAST_MONTH), 0)
    last_day = np.array([first_day(int(value)) - 1 for value in last])
    return {
        "item_id": lookup(items.item_id, chosen),
        "item_name": lookup(items.name, chosen),
        "item_type": lookup(items.item_type, chosen),
        "category_id": lookup(items.category_id, chosen),
        "family_id": lookup(items.family_id, chosen),
        "subfamily_id": lookup(items.subfamily_id, chosen),
        "base_uom_id": lookup(items.base_uom, chosen),
        "weight_kg": pa.array(items.weight_kg[chosen]),
        "item_status": lookup(["active", "phase_in", "phase_out", "blocked"], status),
        "is_saleable": flags((chosen < items.sold) & ~gone),
        "launch_date": month_days(launch, launch == BEFORE),
        "end_date": dates(np.where(announced & (end != FOREVER), last_day, NO_DAY)),
        "successor_item_id": lookup(items.item_id, np.where(announced, items.successor[chosen], -1)),
        "volume_m3": pa.array(volume_m3(firm)[chosen]),
    }


def volume_m3(firm: Firm) -> Floats:
    """Volume of a base unit in store: goods of this kind weigh some 160 kg a cubic metre, packed."""
    return rounded(firm.items.weight_kg / 160.0 + 0.0001, 6)


def _item_sites(firm: Firm, known: np.ndarray) -> Extract:
    network = firm.network
    chosen = np.flatnonzero(known[network.node_item])
    how = np.zeros(network.nodes, dtype=np.int64)
    lead, lot = np.full(network.nodes, -1), np.full(network.nodes, -1)
    for kind in (MAKE, BUY, MOVE):
        how[network.node[network.kind == kind]] = kind
    made = network.node[: firm.makes]
    lead[made], lot[made] = network.lead_days[: firm.makes], firm.configured_lot_units
    return {
        "item_id": lookup(firm.items.item_id, network.node_item[chosen]),
        "site_id": lookup(catalogue.SITES, network.node_site[chosen]),
        "procurement_type": lookup(["make", "buy", "move"], how[chosen]),
        "safety_stock_units": pa.array(firm.safety_units[chosen]),
        "maximum_stock_units": pa.array(firm.maximum_units[chosen]),
        "make_lead_time_days": pa.array(lead[chosen], mask=lead[chosen] < 0),
        "lot_minimum_units": pa.array(lot[chosen], mask=lot[chosen] < 0),
        "lot_multiple_units": pa.array(np.where(lot >= 0, LOT_MULTIPLE, -1)[chosen], mask=lot[chosen] < 0),
    }


def _conversions(firm: Firm, known: np.ndarray) -> Extract:
    """Cartons of what is sold, tonnes of what is counted in kg."""
    chosen = np.flatnonzero(known)
    is_kg = np.array([unit == "KG" for unit in firm.items.base_uom])[chosen]
    chosen, is_kg = chosen[(chosen < firm.items.sold) | is_kg], is_kg[(chosen < firm.items.sold) | is_kg]
    return {
        "item_id": lookup(firm.items.item_id, chosen),
        "from_uom_id": lookup(["CAR", "T"], is_kg.astype(np.int64)),
        "numerator": pa.array(np.where(is_kg, 1000, firm.items.carton[chosen])),
        "denominator": pa.array(np.ones(len(chosen), dtype=np.int64)),
    }


def _sites() -> Extract:
    return {
        "site_id": pa.array(catalogue.SITES),
        "site_name": pa.array(catalogue.SITE_NAMES),
        "site_type": pa.array(catalogue.SITE_TYPES),
        "country_code": pa.array(catalogue.SITE_COUNTRIES),
        "region_id": pa.array([region or None for region in catalogue.SITE_REGIONS], type=pa.string()),
        "currency_code": pa.array(catalogue.SITE_CURRENCIES),
        "company_id": lookup(
            [company for company, *_ in catalogue.COMPANIES], np.array(catalogue.SITE_COMPANIES)
        ),
        "calendar_id": pa.array(catalogue.SITE_COUNTRIES),
    }


def _lanes() -> Extract:
    names = ("lane_id", "from_site_id", "to_site_id", "transport_mode", "lead_time_days", "cost_per_unit")
    rows = [
        (
            f"{catalogue.SITES[start]}-{catalogue.SITES[end]}",
            catalogue.SITES[start],
            catalogue.SITES[end],
            "road",
            days,
            unit,
        )
        for start, end, days, unit, _ in catalogue.LANES
    ]
    return from_rows(names, rows) | {
        "cost_per_kg": pa.array([per_kg for *_, per_kg in catalogue.LANES]),
        "maximum_units_per_month": pa.nulls(len(rows), pa.int64()),
        "currency_code": constant("EUR", len(rows)),
    }


def _customers(firm: Firm) -> Extract:
    customers = firm.customers
    return {
        "customer_id": pa.array(customers.customer_id),
        "customer_name": pa.array(customers.name),
        "customer_group": lookup(catalogue.CUSTOMER_GROUPS, customers.group),
        "channel_id": lookup(catalogue.CHANNELS, customers.channel),
        "region_id": lookup(catalogue.SITE_REGIONS, customers.site),
        "country_code": lookup(catalogue.SITE_COUNTRIES, customers.site),
        "payment_term_id": lookup(
            PAYMENT_TERM_IDS,
            np.where(customers.channel == catalogue.ONLINE, catalogue.ONLINE_TERM, catalogue.TRADE_TERM),
        ),
    }


def _suppliers(firm: Firm) -> Extract:
    suppliers = firm.suppliers
    used = np.unique(firm.network.supplier[firm.network.supplier >= 0])
    return {
        "supplier_id": pa.array(suppliers.supplier_id),
        "supplier_name": pa.array(suppliers.name),
        "country_code": pa.array(suppliers.country),
        "currency_code": lookup(catalogue.CURRENCIES, suppliers.currency),
        "is_active": flags(np.isin(np.arange(len(suppliers.supplier_id)), used)),
        "payment_term_id": lookup(
            PAYMENT_TERM_IDS,
            np.where(suppliers.lead_days > 40, catalogue.FAR_SUPPLIER_TERM, catalogue.NEAR_SUPPLIER_TERM),
        ),
    }


def _position_in_group(group: Integers) -> Integers:
    """1, 2, 3 ... within runs of the same value."""
    starts = np.append(True, group[1:] != group[:-1])
    begins = np.flatnonzero(starts)
    position: Integers = np.arange(len(group)) - begins[np.cumsum(starts) - 1] + 1
    return position


def _bom_lines(firm: Firm, known: np.ndarray) -> Extract:
    bills = firm.bills
    position = _position_in_group(bills.line_make)
    chosen = np.flatnonzero(known[bills.make_item[bills.line_make]])
    make, component = bills.line_make[chosen], bills.line_component[chosen]
    return {
        "parent_item_id": lookup(firm.items.item_id, bills.make_item[make]),
        "site_id": lookup(catalogue.SITES, bills.make_site[make]),
        "bom_alternative_id": constant("1", len(chosen)),
        "line_id": text(position[chosen] * 10),
        "component_item_id": lookup(firm.items.item_id, component),
        "component_quantity": pa.array(bills.line_units[chosen]),
        "uom_id": lookup(firm.items.base_uom, component),
        "scrap_ratio": pa.array(bills.line_scrap[chosen]),
        "valid_from_date": dates(np.full(len(chosen), first_day(0))),
        "valid_to_date": dates(np.full(len(chosen), NO_DAY)),
    }


def operation_numbers(firm: Firm) -> Integers:
    """10, 20, 30 ... within each routing."""
    return _position_in_group(firm.bills.operation_make) * 10


def _routings(firm: Firm, known: np.ndarray) -> Extract:
    bills = firm.bills
    chosen = np.flatnonzero(known[bills.make_item[bills.operation_make]])
    make = bills.operation_make[chosen]
    return {
        "item_id": lookup(firm.items.item_id, bills.make_item[make]),
        "site_id": lookup(catalogue.SITES, bills.make_site[make]),
        "routing_alternative_id": constant("1", len(chosen)),
        "operation_number": text(operation_numbers(firm)[chosen]),
        "resource_id": lookup(resource_ids(firm), bills.operation_resource[chosen]),
        "run_hours_per_unit": pa.array(bills.operation_run_hours[chosen]),
        "setup_hours_per_lot": pa.array(bills.operation_setup_hours[chosen]),
        "yield_ratio": pa.array(bills.operation_yield[chosen]),
        "valid_from_date": dates(np.full(len(chosen), first_day(0))),
        "valid_to_date": dates(np.full(len(chosen), NO_DAY)),
    }


def resource_ids(firm: Firm) -> list[str]:
    """R-PL01-ASSEMBLY-1 ..."""
    return [
        f"R-{catalogue.SITES[plant]}-{kind.upper() if (plant, number) != (1, 1) else 'TESTING'}-{line + 1}"
        for plant in catalogue.PLANTS
        for number, kind in enumerate(catalogue.RESOURCE_KINDS)
        for line in range(firm.size.lines)
    ]


def _resources(firm: Firm) -> Extract:
    lines = firm.size.lines
    names = [
        f"{catalogue.SITE_NAMES[plant]} {catalogue.RESOURCE_NAMES[plant][kind].lower()} {line + 1}"
        for plant in catalogue.PLANTS
        for kind in range(4)
        for line in range(lines)
    ]
    position = np.arange(firm.resources) // lines
    return {
        "resource_id": pa.array(resource_ids(firm)),
        "resource_name": pa.array(names),
        "site_id": lookup(catalogue.SITES, position // 4),
        "resource_type": lookup(["machine", "labour"], (position % 4 == 3).astype(np.int64)),
        "cost_per_hour": pa.array(firm.economics.resource_cost),
        "currency_code": constant("EUR", firm.resources),
    }
