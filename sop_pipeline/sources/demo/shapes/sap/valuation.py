"""Stock, its movements, its value, and list prices: what SAP keeps now, and what it kept at the ends of past periods.

History is written as SAP writes it: a closed period has a row only where something changed after it.
Add here: a table of stock or value. Keep out: orders.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from datetime import date
from decimal import Decimal

from sop_pipeline.sources.demo.shapes.sap.codes import LANGUAGE, LOCATION, Codes
from sop_pipeline.sources.demo.shapes.sap.text import SapTable, day, last_day, number, priced
from sop_pipeline.sources.demo.shapes.tables import Tables

MOVEMENT_TYPES = {
    "receipt": "101", "production": "101", "consumption": "261", "shipment": "601", "customer_return": "657",
    "supplier_return": "122", "scrap": "551", "transfer_in": "301", "transfer_out": "301", "adjustment": "701",
}  # fmt: skip
Status = dict[str, Decimal]


def tables_of(tables: Tables, codes: Codes, cycle_id: str) -> list[SapTable]:
    """Tables of stock, valuation and prices."""
    return [*_stock(tables, codes), *_costs(tables, codes), *_prices(tables, codes), *_movements(tables, codes), *_ledger(tables)]  # fmt: skip


def _stock(tables: Tables, codes: Codes) -> list[SapTable]:
    levels: dict[tuple[str, str], dict[date, Status]] = defaultdict(lambda: defaultdict(dict))
    for row in tables["inventory_snapshots"].itertuples():
        levels[row.item_id, row.site_id][row.snapshot_date][row.stock_status] = row.on_hand_quantity
    quantities = ("LABST", "UMLME", "INSME", "SPEME", "EINME", "RETME", "KLABS")
    now = SapTable("mard", "MATNR", "WERKS", "LGORT", "ERSDA", "LFGJA", "LFMON", *quantities, "DISKZ")
    closed = SapTable("mardh", "MATNR", "WERKS", "LGORT", "LFGJA", "LFMON", *quantities)
    for (item_id, site_id), by_day in levels.items():
        days = sorted(by_day)
        matnr = codes.stored(item_id)
        since = days[0]
        for this, following in itertools.pairwise(days):
            if by_day[this] != by_day[following]:
                since = following
                closed.add(matnr, site_id, LOCATION, *_period(this), *_quantities(by_day[this]))
        newest = by_day[days[-1]]
        now.add(matnr, site_id, LOCATION, day(days[0]), *_period(since), *_quantities(newest), "")
    return [now, closed]


def _quantities(status: Status) -> list[str]:
    """Unrestricted, in transfer, in quality inspection, blocked, restricted, returns, consignment."""
    unrestricted = status.get("unrestricted", Decimal(0))
    on_its_way = min(unrestricted, Decimal(1))
    values = [
        unrestricted - on_its_way, on_its_way, status.get("quality"), status.get("blocked"), None, None,
        status.get("consignment"),
    ]  # fmt: skip
    return [number(value, 3) for value in values]


def _period(of: date) -> tuple[str, str]:
    return str(of.year), f"{of.month:02d}"


def _costs(tables: Tables, codes: Codes) -> list[SapTable]:
    costs: dict[tuple[str, str], list[tuple[date, Decimal]]] = defaultdict(list)
    for row in tables["standard_costs"].itertuples():
        costs[row.item_id, row.site_id].append((row.valid_from_date, row.unit_cost))
    values = ("VPRSV", "STPRS", "VERPR", "PEINH", "LFGJA", "LFMON")
    now = SapTable("mbew", "MATNR", "BWKEY", "BWTAR", "LVORM", *values)
    closed = SapTable("mbewh", "MATNR", "BWKEY", "BWTAR", *values)
    for place, ((item_id, site_id), dated) in enumerate(costs.items()):
        dated.sort()
        key = (codes.shown(item_id), site_id, "")
        for (_, cost), (following, _) in itertools.pairwise(dated):
            before = date(following.year - (following.month == 1), (following.month - 2) % 12 + 1, 1)
            closed.add(*key, *_valued(cost, place), *_period(before))
        now.add(*key, "", *_valued(dated[-1][1], place), *_period(dated[-1][0]))
    return [now, closed]


def _valued(cost: Decimal, place: int) -> tuple[str, str, str, str]:
    """Controlled by the standard price or, of every third item, by the moving average; the other one means nothing."""
    amount, unit = priced(cost, 100)
    return ("V", "0.01", amount, unit) if place % 3 == 0 else ("S", amount, "0.01", unit)


def _prices(tables: Tables, codes: Codes) -> list[SapTable]:
    access = SapTable("a004", "KAPPL", "KSCHL", "VKORG", "VTWEG", "MATNR", "DATBI", "DATAB", "KNUMH")
    conditions = SapTable("konp", "KNUMH", "KOPOS", "KBETR", "KONWA", "KPEIN", "KMEIN", "LOEVM_KO")
    for place, row in enumerate(tables["prices"].itertuples(), start=1):
        record = f"{place:010d}"
        organisation = codes.sales_organisation(row.currency_code)
        amount, unit = priced(row.unit_price, 100 if place % 2 else 1)
        access.add(
            "V", "PR00", organisation, codes.channels[row.channel_id], codes.stored(row.item_id),
            last_day(row.valid_to_date), day(row.valid_from_date), record,
        )  # fmt: skip
        conditions.add(record, "01", amount, row.currency_code, unit, codes.base_unit[row.item_id], "")
        conditions.add(record, "02", "999.00", row.currency_code, "1", codes.base_unit[row.item_id], "X")
    return [access, conditions]


def _movements(tables: Tables, codes: Codes) -> list[SapTable]:
    headers = SapTable("mkpf", "MBLNR", "MJAHR", "BUDAT")
    lines = SapTable(
        "mseg", "MBLNR", "MJAHR", "ZEILE", "BWART", "SHKZG", "MATNR", "WERKS", "MENGE", "DMBTR", "WAERS", "EBELN", "AUFNR",
        "KDAUF",
    )  # fmt: skip
    seen = set()
    for row in tables["inventory_movements"].itertuples():
        year = str(row.posted_date.year)
        if (row.movement_id, year) not in seen:
            seen.add((row.movement_id, year))
            headers.add(row.movement_id, year, day(row.posted_date))
        lines.add(
            row.movement_id, year, f"{int(row.line_id):04d}", MOVEMENT_TYPES[row.movement_type],
            "S" if row.moved_quantity > 0 else "H", codes.shown(row.item_id), row.site_id,
            number(abs(row.moved_quantity), 3), number(abs(row.movement_amount), 2), row.currency_code, "",
            "MONTHLY" if row.movement_type == "production" else "", "",
        )  # fmt: skip
    return [headers, lines]


def _ledger(tables: Tables) -> list[SapTable]:
    """Totals of the ledger: a row a year for debits and one for credits, and what a year begins with on its side; beside them the
    plan, and another ledger, which do not count."""
    objects = tuple(f"OBJNR{place:02d}" for place in range(9))
    periods = tuple(f"HSL{period:02d}" for period in range(1, 17))
    totals = SapTable(
        "faglflext",
        "RYEAR",
        *objects,
        "DRCRK",
        "RPMAX",
        "RLDNR",
        "RRCTY",
        "RBUKRS",
        "RACCT",
        "RCNTR",
        "HSLVT",
        *periods,
    )
    names = SapTable("skat", "SPRAS", "KTOPL", "SAKNR", "TXT50")
    years: dict[tuple[str, str, int], dict[int, Decimal]] = defaultdict(dict)
    carried: dict[tuple[str, str, int], Decimal] = {}
    called: dict[str, str] = {}
    for row in sorted(tables["ledger_balances"].itertuples(), key=lambda row: row.period_start_date):
        key = row.company_id, row.account_id, row.period_start_date.year
        years[key][row.period_start_date.month] = row.period_amount
        called.setdefault(row.account_id, row.account_name)
        if row.closing_amount is not None:
            carried.setdefault(key, row.closing_amount - row.period_amount)
    places = {key[:2]: place for place, key in enumerate(sorted({key[:2] for key in years}), start=1)}
    for (company, account, year), months in years.items():
        begins = carried.get((company, account, year), Decimal(0))
        for side, sign in (("S", 1), ("H", -1)):
            of_side = {month: amount for month, amount in months.items() if amount * sign > 0}
            start = begins if begins * sign > 0 else Decimal(0)
            place = places[company, account]
            for ledger, kind, extra in (("0L", "0", 0), ("0L", "1", 1000), ("L2", "0", 2000)):
                totals.add(
                    str(year), str(place + extra), *(["0"] * 8), side, "016", ledger, kind, company, account.rjust(10, "0"), "",
                    number(start, 2), *(number(of_side.get(period), 2) for period in range(1, 17)),
                )  # fmt: skip
    for account, name in called.items():
        names.add(LANGUAGE, "INT", account.rjust(10, "0"), name)
    return [totals, names]
