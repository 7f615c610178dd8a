"""Bills, routings, work centres with their capacities and rates, production orders and confirmations.

Add here: a table of production. Keep out: hours agreed for a month (`supplements`).
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from sop_pipeline.sources.demo.shapes.sap.codes import LANGUAGE, Codes
from sop_pipeline.sources.demo.shapes.sap.text import SapTable, day, number
from sop_pipeline.sources.demo.shapes.tables import Tables

BILL_BASE = 100
ROUTING_BASE = 1000
AREA, ACTIVITY = "1000", "HOURS"


def tables_of(tables: Tables, codes: Codes, cycle_id: str) -> list[SapTable]:
    """Tables of production."""
    return [
        *_bills(tables, codes),
        *_routings(tables, codes),
        *_work_centres(tables, codes, cycle_id),
        *_orders(tables, codes),
        _confirmations(tables, codes),
    ]


def added_scrap(lost: Decimal) -> Decimal:
    """SAP's component scrap, percent added to the requirement with two decimals, of a share of what is taken that is lost."""
    return (lost / (1 - lost) * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _bills(tables: Tables, codes: Codes) -> list[SapTable]:
    assignments = SapTable("mast", "MATNR", "WERKS", "STLAN", "STLNR", "STLAL")
    headers = SapTable(
        "stko", "STLTY", "STLNR", "STLAL", "STKOZ", "DATUV", "BMENG", "BMEIN", "STLST", "LOEKZ", "LKENZ"
    )
    nodes = SapTable("stas", "STLTY", "STLNR", "STLAL", "STLKN", "STASZ", "DATUV", "LKENZ")
    lines = SapTable(
        "stpo", "STLTY", "STLNR", "STLKN", "STPOZ", "DATUV", "IDNRK", "POSNR", "POSTP", "MENGE", "MEINS", "AUSCH", "FMENG",
        "ALPGR", "EWAHR",
    )  # fmt: skip
    bills: dict[tuple[str, str, str], str] = {}
    counted: dict[str, int] = {}
    for row in tables["bom_lines"].itertuples():
        key = (row.parent_item_id, row.site_id, row.bom_alternative_id)
        alternative = f"{int(row.bom_alternative_id):02d}"
        if key not in bills:
            bill = bills[key] = f"{len(bills) + 1:08d}"
            assignments.add(codes.stored(row.parent_item_id), row.site_id, "1", bill, alternative)
            # an engineering bill of the same material is no bill for planning
            assignments.add(codes.stored(row.parent_item_id), row.site_id, "2", f"9{bill[1:]}", "01")
            unit = codes.base_unit[row.parent_item_id]
            headers.add("M", bill, alternative, "00000001", day(row.valid_from_date), number(BILL_BASE, 3), unit, "01", "", "")  # fmt: skip
        bill = bills[key]
        counted[bill] = counted.get(bill, 0) + 1
        node = f"{counted[bill]:08d}"
        nodes.add("M", bill, alternative, node, "00000001", day(row.valid_from_date), "")
        quantity, unit = row.component_quantity * BILL_BASE, row.uom_id
        if unit == "KG":
            quantity, unit = quantity * 1000, "G"
        lines.add(
            "M", bill, node, "00000001", day(row.valid_from_date), codes.shown(row.component_item_id),
            f"{int(row.line_id):04d}", "L", number(quantity, 3), unit, number(added_scrap(row.scrap_ratio), 2), "", "",
            number(0, 2),
        )  # fmt: skip
        # what is documented about the line is an item of the bill too
        lines.add("M", bill, f"8{node[1:]}", "00000001", day(row.valid_from_date), "", "9000", "T", number(0, 3), "PCE", number(0, 2), "", "", number(0, 2))  # fmt: skip
        nodes.add("M", bill, alternative, f"8{node[1:]}", "00000001", day(row.valid_from_date), "")
    return [assignments, headers, nodes, lines]


def _routings(tables: Tables, codes: Codes) -> list[SapTable]:
    assignments = SapTable("mapl", "MATNR", "WERKS", "PLNTY", "PLNNR", "PLNAL", "ZKRIZ", "ZAEHL", "LOEKZ")
    headers = SapTable("plko", "PLNTY", "PLNNR", "PLNAL", "ZAEHL", "DATUV", "LOEKZ", "VERWE", "STATU")
    nodes = SapTable("plas", "PLNTY", "PLNNR", "PLNAL", "PLNFL", "PLNKN", "ZAEHL", "LOEKZ")
    operations = SapTable(
        "plpo", "PLNTY", "PLNNR", "PLNKN", "ZAEHL", "DATUV", "LOEKZ", "VORNR", "ARBID", "MEINH", "BMSCH", "VGW01", "VGE01",
        "VGW02", "VGE02", "VGW03", "VGE03", "AUFAK",
    )  # fmt: skip
    groups: dict[tuple[str, str, str], str] = {}
    counted: dict[str, int] = {}
    for row in tables["routing_operations"].itertuples():
        key = (row.item_id, row.site_id, row.routing_alternative_id)
        alternative = f"{int(row.routing_alternative_id):02d}"
        if key not in groups:
            group = groups[key] = f"{len(groups) + 1:08d}"
            assignments.add(codes.stored(row.item_id), row.site_id, "N", group, alternative, "0000001", "00000001", "")  # fmt: skip
            headers.add("N", group, alternative, "00000001", day(row.valid_from_date), "", "1", "4")
        group = groups[key]
        counted[group] = counted.get(group, 0) + 1
        node = f"{counted[group]:08d}"
        nodes.add("N", group, alternative, "000000", node, "00000001", "")
        run, none = number(row.run_hours_per_unit * ROUTING_BASE, 3), number(0, 3)
        machine, labour = (none, run) if codes.is_labour[row.resource_id] else (run, none)
        # setups are timed in minutes, runs in hours
        operations.add(
            "N", group, node, "00000001", day(row.valid_from_date), "", f"{int(row.operation_number):04d}",
            codes.work_centres[row.resource_id], codes.base_unit[row.item_id], number(ROUTING_BASE, 3),
            number(row.setup_hours_per_lot * 60, 3), "MIN", machine, "H", labour, "H",
            number((1 - row.yield_ratio) * 100, 3),
        )  # fmt: skip
    return [assignments, headers, nodes, operations]


def _work_centres(tables: Tables, codes: Codes, cycle_id: str) -> list[SapTable]:
    centres = SapTable("crhd", "OBJTY", "OBJID", "ARBPL", "WERKS")
    texts = SapTable("crtx", "OBJTY", "OBJID", "SPRAS", "KTEXT")
    allocations = SapTable("crca", "OBJTY", "OBJID", "CANUM", "KAPID", "FORK1", "FORK2")
    capacities = SapTable("kako", "KAPID", "KAPAR", "AZNOR", "NGRAD", "BEGZT", "ENDZT", "PAUSE", "KALID")
    activities = SapTable("crco", "OBJTY", "OBJID", "LASET", "LANUM", "ENDDA", "KOKRS", "KOSTL", "LSTAR")
    months = range(1, 13)
    rates = SapTable(
        "cost", "OBJNR", "GJAHR", "WRTTP", "VERSN", "TWAER", *(f"{kind}{month:03d}" for month in months for kind in ("TOG", "TOE"))
    )  # fmt: skip
    for row in tables["resources"].itertuples():
        number_of = codes.work_centres[row.resource_id]
        capacity = f"9{number_of[1:]}"
        is_labour = codes.is_labour[row.resource_id]
        centres.add("A", number_of, row.resource_id, row.site_id)
        texts.add("A", number_of, LANGUAGE, row.resource_name)
        allocations.add("A", number_of, "0001", capacity, "SAP001", "SAP003" if is_labour else "SAP002")
        capacities.add(capacity, codes.capacity_category(row.resource_id), "1", "90", "21600", "50400", "1800", "")  # fmt: skip
        cost_centre = f"C{number_of[1:]}"
        for standard_value in ("0001", "0002", "0003"):
            activities.add("A", number_of, "0001", standard_value, "99991231", AREA, cost_centre, ACTIVITY)
        price = [number(row.cost_per_hour * 100, 2), "100"] * 12
        rates.add(f"KL{AREA}{cost_centre}{ACTIVITY}", cycle_id[:4], "01", "000", row.currency_code, *price)
        rates.add(f"KL{AREA}{cost_centre}{ACTIVITY}", cycle_id[:4], "01", "001", row.currency_code, *["1.00", "1"] * 12)  # fmt: skip
    return [centres, texts, allocations, capacities, activities, rates]


def _orders(tables: Tables, codes: Codes) -> list[SapTable]:
    masters = SapTable("aufk", "AUFNR", "AUTYP", "LOEKZ", "IDAT2")
    headers = SapTable("afko", "AUFNR", "GSTRP", "GLTRP", "GSTRI", "GLTRI", "IASMG")
    items = SapTable("afpo", "AUFNR", "POSNR", "MATNR", "DWERK", "PSMNG", "WEMNG", "AMEIN", "ELIKZ")
    for place, row in enumerate(tables["production_orders"].itertuples()):
        is_closed = row.order_status == "closed"
        completed = day(row.completed_date) if is_closed and place % 2 else day(None)
        masters.add(row.production_order_id, "10", "X" if row.order_status == "cancelled" else "", completed)
        start = day(row.start_date)
        headers.add(row.production_order_id, start, day(row.due_date), start, day(row.completed_date), number(row.scrapped_quantity, 3))  # fmt: skip
        items.add(
            row.production_order_id, "0001", codes.shown(row.item_id), row.site_id, number(row.ordered_quantity, 3),
            number(row.completed_quantity, 3), row.uom_id, "X" if is_closed and completed == day(None) else "",
        )  # fmt: skip
    # an order of the workshop makes nothing that is planned
    masters.add("MAINTENANCE1", "30", "", day(None))
    return [masters, headers, items]


def _confirmations(tables: Tables, codes: Codes) -> SapTable:
    table = SapTable(
        "afru", "RUECK", "RMZHL", "AUFNR", "VORNR", "ARBID", "BUDAT", "STOKZ", "STZHL", "ISM01", "ILE01", "ISM02", "ILE02",
        "ISM03", "ILE03",
    )  # fmt: skip
    none = number(0, 3)
    for place, row in enumerate(tables["operation_confirmations"].itertuples(), start=1):
        minutes = number(row.confirmed_hours * 60, 3)
        machine, labour = (none, minutes) if codes.is_labour[row.resource_id] else (minutes, none)
        about = (row.production_order_id, f"{int(row.operation_number):04d}", codes.work_centres[row.resource_id], day(row.confirmed_date))  # fmt: skip
        hours = (none, "MIN", machine, "MIN", labour, "MIN")
        table.add(f"{place:010d}", "00000001", *about, "", "00000000", *hours)
        if place % 50 == 0:  # posted twice, and one of them cancelled
            table.add(f"{place:010d}", "00000002", *about, "X", "00000000", *hours)
            table.add(f"{place:010d}", "00000003", *about, "", "00000002", *hours)
    return table
