"""What supply planning and purchasing hand in: capacity that could be won, capacity known better, policies of supply.

Add here: an input about supply. Keep out: what the ERP carries (`masters`, `terms`), lists of the reviews (`planner_agenda`).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.sources.demo import catalogue
from sop_pipeline.sources.demo.export import Extract, dates, from_rows
from sop_pipeline.sources.demo.firm import Firm
from sop_pipeline.sources.demo.masters import known_items, resource_ids
from sop_pipeline.sources.demo.network import BUY, MAKE
from sop_pipeline.sources.demo.randomness import rounded, whole
from sop_pipeline.sources.demo.timeline import LAST_MONTH, cycle_of, first_day

MAINTENANCE_AHEAD = 4
MAINTENANCE_MONTHS = 1
HOURS_AT_MAINTENANCE = 0.9
LIMITED_MONTHS = 3
ALLOCATED_RATIO = 0.9
POLICY_ITEMS = 12
DECIDED_LEAD_TIMES = 2
MADE_TO_ORDER = "STEAMERS"
HOURS_OF_A_HEAD = 152.0
LABOUR = 3  # position in catalogue.RESOURCE_KINDS
ASSEMBLY = 2  # position in catalogue.RESOURCE_KINDS


def _assembly_line(firm: Firm) -> int:
    """Position of the first assembly line of the first plant."""
    return ASSEMBLY * firm.size.lines


def capacity_options(firm: Firm, month: int) -> Extract:
    """Ways to serve more that the company knows of, one of every kind at least; dearer than regular hours and present prices."""
    resources, names = resource_ids(firm), ("Saturday shift", "Late shift with hired hands")
    lines = [resources[plant * 4 * firm.size.lines + _assembly_line(firm)] for plant in range(2)]
    rows: list[tuple[object, ...]] = []
    for plant, (site, cost) in enumerate(zip(("PL01", "PL02"), (49.0, 44.0), strict=True)):
        for number, name in enumerate(names):
            hours, fixed, days = (32.0, 60.0, 21) if number == 0 else (90.0, 400.0, 75)
            what = f"{name} in {catalogue.SITE_NAMES[plant]}"
            rows.append(
                (f"OP-{site}-{number + 1}", "shift", what, "resource", lines[plant], "all", hours, cost - 4.0 * number, fixed,
                 days, month + 1 + 2 * number, None, None, None, None, None, None, "supply.planning")
            )  # fmt: skip
    rows += _other_options(firm, month, lines)
    options = [(*row[:9], "EUR", row[9], min(int(str(row[10])), LAST_MONTH - 1), *row[11:]) for row in rows]
    return _with_days(from_rows(OPTION_COLUMNS, options), "available_from_period_start_date", options, 11)


OPTION_COLUMNS = (
    "option_id", "option_type", "option_name", "capacity_type", "object_id", "item_id", "added_quantity", "unit_cost",
    "fixed_cost", "currency_code", "lead_time_days", "available_from_period_start_date", "available_to_period_start_date",
    "to_site_id", "to_channel_id", "days_saved", "change_ratio", "write_off_months", "owner",
)  # fmt: skip


def _other_options(firm: Firm, month: int, lines: list[str]) -> list[tuple[object, ...]]:
    """Overtime, subcontracting, room, other sources, faster purchases, a price, stock of another site or channel, a new line."""
    network, known = firm.network, known_items(firm, month)
    known_source = known[network.node_item[network.node]]
    makes = [
        source for source in np.flatnonzero((network.kind == MAKE) & known_source) if _is_sold(firm, source)
    ]
    busiest = max(makes, key=lambda source: float(firm.usage[network.node[source]]))
    item, site = network.node_item[network.node[busiest]], network.node_site[network.node[busiest]]
    buys = np.flatnonzero((network.kind == BUY) & known_source)
    limited = buys[network.monthly_limit[buys] > 0]
    slow = buys[np.argmax(network.lead_days[buys])]
    name_of, supplier_of = firm.items.item_id, firm.suppliers.supplier_id
    first, plants = month + 1, catalogue.SITE_NAMES
    rows: list[tuple[object, ...]] = [
        ("OP-OVERTIME", "overtime", f"Two more hours a day in {plants[0]}", "resource", lines[0], "all", 44.0, 58.0, 0.0,
         7, first, None, None, None, None, None, None, "plant.kassel"),
        ("OP-SUBCONTRACT", "subcontract", "Contract maker for the best seller", "item", catalogue.SITES[site], name_of[item],
         float(whole(firm.usage[network.node[busiest] : network.node[busiest] + 1] * 0.15)[0]), 52.0, 4000.0, 60, first, None,
         None, None, None, None, None, "purchasing"),
        ("OP-ROOM", "pre_build", "Rented hall before the season", "storage", "DC02", "all", 1500.0, 0.6, 0.0, 30, first,
         None, None, None, None, None, None, "logistics"),
        ("OP-EXPEDITE", "expedite", "Air freight for the slowest part", "supplier", supplier_of[network.supplier[slow]],
         name_of[network.node_item[network.node[slow]]], 2000.0, 3.5, 0.0, 0, month, None, None, None, 21, None, None, "purchasing"),
        ("OP-PRICE", "price", "Three per cent dearer online", "demand", "online", "all", 0.0, 0.0, 5000.0, 30, first, None,
         None, None, None, 0.03, None, "sales.direct"),
        ("OP-REALLOCATE", "reallocation", "Stock of the second centre for the first", "lane", "DC02", "all", 800.0, 2.2, 0.0, 3,
         month, None, "DC01", None, None, None, None, "logistics"),
        ("OP-CHANNEL", "reallocation", "The best seller of trade for online", "demand", "trade", name_of[item], 200.0, 1.5, 0.0, 0, month,
         None, None, "online", None, None, None, "head of sales"),
        ("OP-NEW-LINE", "investment", f"Second assembly line in {plants[1]}", "resource", lines[1], "all", 300.0, 35.5, 60000.0,
         180, first, None, None, None, None, None, 96, "plant.brno"),
    ]  # fmt: skip
    if len(limited):
        source = min(
            limited.tolist(),
            key=lambda one: network.monthly_limit[one] / max(firm.usage[network.node[one]], 1.0),
        )
        rows.append(
            ("OP-SUPPLIER", "alternate_source", "A second tool at the maker of a scarce part", "supplier",
             supplier_of[network.supplier[source]], name_of[network.node_item[network.node[source]]],
             float(whole(network.monthly_limit[source : source + 1] * 0.25)[0]), 0.15, 0.0, 90, first, None, None, None,
             None, None, None, "purchasing")
        )  # fmt: skip
    return rows


def _is_sold(firm: Firm, source: int) -> bool:
    return bool(firm.network.node_item[firm.network.node[source]] < firm.size.finished)


def capacity_overrides(firm: Firm, month: int) -> Extract:
    """The yearly service of an assembly line, and a part that its maker sells by allocation for a while."""
    line = _assembly_line(firm)
    rows = []
    for period in range(month + MAINTENANCE_AHEAD, month + MAINTENANCE_AHEAD + MAINTENANCE_MONTHS):
        if period < LAST_MONTH:
            hours = firm.economics.capacity[line, period : period + 1] * HOURS_AT_MAINTENANCE
            rows.append(
                ("resource", resource_ids(firm)[line], "all", period, float(rounded(hours, 1)[0]),
                 "Yearly service of the line", "plant.kassel", None)
            )  # fmt: skip
    network, known = firm.network, known_items(firm, month)
    limited = np.flatnonzero((network.monthly_limit > 0) & known[network.node_item[network.node]])
    for source in limited[:1].tolist():
        for period in range(month + 1, min(month + 1 + LIMITED_MONTHS, LAST_MONTH)):
            rows.append(
                ("supplier", firm.suppliers.supplier_id[network.supplier[source]],
                 firm.items.item_id[network.node_item[network.node[source]]], period,
                 float(whole(network.monthly_limit[source : source + 1] * ALLOCATED_RATIO)[0]), "Allocation confirmed by the supplier", "purchasing",
                 cycle_of(month + 2))
            )  # fmt: skip
    names = (
        "capacity_type", "object_id", "item_id", "period_start_date", "available_quantity", "reason", "owner",
        "expires_cycle_id",
    )  # fmt: skip
    return _with_days(from_rows(names, rows), "period_start_date", rows, 3)


def item_policies(firm: Firm, month: int) -> Extract:
    """What share each of two suppliers is to carry, for the first parts that have two; and what is made to order."""
    network, known = firm.network, known_items(firm, month)
    buys = network.of_kind(BUY)
    buys = buys[known[network.node_item[network.node[buys]]]]
    nodes, sources = np.unique(network.node[buys], return_counts=True)
    rows: list[tuple[object, ...]] = []
    for node in nodes[sources > 1][:POLICY_ITEMS].tolist():
        chosen = buys[network.node[buys] == node]
        shares = rounded(network.share[chosen] / network.share[chosen].sum(), 3)
        shares[-1] = 1.0 - shares[:-1].sum()
        rows += [
            (firm.items.item_id[network.node_item[node]], catalogue.SITES[network.node_site[node]], "MTS", "buy",
             firm.suppliers.supplier_id[network.supplier[source]], round(float(share), 3), "purchasing")
            for source, share in zip(chosen.tolist(), shares.tolist(), strict=True)
        ]  # fmt: skip
    families = np.asarray(firm.items.family_id, dtype=object)
    to_order = known[network.node_item] & (families[network.node_item] == MADE_TO_ORDER)
    rows += [
        (firm.items.item_id[network.node_item[node]], catalogue.SITES[network.node_site[node]], "MTO", "all", "all", 1.0,
         "supply.planning")
        for node in np.flatnonzero(to_order & (network.node_item < firm.items.sold)).tolist()
    ]  # fmt: skip
    names = (
        "item_id",
        "site_id",
        "order_strategy",
        "source_type",
        "source_object_id",
        "share_ratio",
        "owner",
    )
    return from_rows(names, rows)


def parameter_decisions(firm: Firm) -> Extract:
    """Purchasing knows of two suppliers that they take longer than the system says, and has not had it changed there."""
    network = firm.network
    buys = network.of_kind(BUY)
    slower = buys[network.true_lead_days[buys] > network.lead_days[buys]][:DECIDED_LEAD_TIMES]
    rows = [
        ("lead_time_days", network.source_id[source], "accepted", float(network.lead_days[source]),
         float(network.true_lead_days[source]), "Supplier confirms the longer time", "purchasing")
        for source in slower.tolist()
    ]  # fmt: skip
    names = ("parameter_id", "object_id", "decision", "replaced_value", "accepted_value", "reason", "owner")
    return from_rows(names, rows)


def inventory_policies(firm: Firm, month: int) -> Extract:
    """A bought part of which purchasing fixes the safety stock itself, and one that must hardly ever be missing."""
    network, known = firm.network, known_items(firm, month)
    buys = network.of_kind(BUY)
    nodes = np.unique(network.node[buys[known[network.node_item[network.node[buys]]]]])[:2]
    names = ("item_id", "site_id", "cycle_service_ratio", "safety_stock_units", "reason", "owner")
    settings = (
        (None, 25.0, "Kept by the supplier as agreed for this year", "purchasing"),
        (0.99, None, "Stops two lines when it is missing", "plant.kassel"),
    )
    rows = [
        (firm.items.item_id[network.node_item[node]], catalogue.SITES[network.node_site[node]], *setting)
        for node, setting in zip(nodes.tolist(), settings, strict=False)
    ]
    return from_rows(names, rows)


def labour_groups(firm: Firm, month: int) -> Extract:
    """People of the plants: their calendar gives a full-time equivalent of some 150 hours a month; few can go or come."""
    resources, rows = resource_ids(firm), []
    for plant, (wage, hire, layoff) in enumerate(((4800.0, 2600.0, 9000.0), (3400.0, 1700.0, 5200.0))):
        resource = plant * 4 * firm.size.lines + LABOUR * firm.size.lines
        hours = firm.economics.capacity[resource, max(month - 11, 0) : month + 1].mean()
        heads = float(np.round(hours / HOURS_OF_A_HEAD, 1))
        rows.append(
            (resources[resource], heads, round(0.95 * heads, 1), round(1.1 * heads, 1), None, None, wage, hire, layoff,
             "EUR", "supply.planning")
        )  # fmt: skip
    names = (
        "resource_id", "opening_heads", "minimum_heads", "maximum_heads", "hours_per_head", "overtime_hours_per_head",
        "regular_cost_per_head", "hire_cost_per_head", "layoff_cost_per_head", "currency_code", "owner",
    )  # fmt: skip
    return from_rows(names, rows)


def allocation_rules() -> Extract:
    """A shortage goes where it costs least, but of coffee machines every channel goes without alike, and of filters trade comes first."""
    rows = [
        ("all", "cost", "head of sales"),
        ("COFFEE", "fair_share", "head of sales"),
        ("FILTERS", "priority", "head of sales"),
    ]
    return from_rows(("family_id", "allocation_rule", "owner"), rows)


def _with_days(extract: Extract, column: str, rows: list[tuple[object, ...]], place: int) -> Extract:
    """The extract with months as first days."""
    return extract | {
        column: dates(np.array([first_day(int(str(row[place]))) for row in rows], dtype=np.int64))
    }
