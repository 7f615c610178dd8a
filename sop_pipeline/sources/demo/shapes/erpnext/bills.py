"""Bills of material with their operations, and workstations with their hours.

Add here: what making needs. Keep out: work orders and job cards (`supply`).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from sop_pipeline.sources.demo.shapes.erpnext.records import (
    Plant,
    Record,
    doctype_file,
    line_number,
    records,
    supplement_file,
)
from sop_pipeline.sources.demo.shapes.tables import ShapeFile, Tables

BILL_QUANTITY = 10
"""Units that a bill is for: components and minutes are ten times those of a unit."""


def bill_files(tables: Tables, plant: Plant) -> Iterator[ShapeFile]:
    """BOM and its child tables, Workstation and its own, and the supplement to them."""
    bills = _bill_names(tables)
    lines, operations = records(tables["bom_lines"]), records(tables["routing_operations"])
    yield doctype_file("BOM", _bills(bills, operations))
    yield doctype_file("BOM Item", _components(bills, lines, plant), "BOM", "items")
    yield doctype_file("BOM Operation", _operations(bills, operations), "BOM", "operations")
    told = lines
    columns = ("parent_item_id", "site_id", "bom_alternative_id", "line_id", "scrap_ratio", "valid_from_date",
               "valid_to_date")  # fmt: skip
    yield supplement_file("bom_lines", told, columns)
    last = _last_operations(operations)
    steps = [
        row | {"yield_ratio": None if last[row["item_id"], row["site_id"]] == row["operation_number"] else row["yield_ratio"]}
        for row in operations
    ]  # fmt: skip
    columns = ("item_id", "site_id", "routing_alternative_id", "operation_number", "yield_ratio", "valid_from_date",
               "valid_to_date")  # fmt: skip
    yield supplement_file("routing_operations", steps, columns)
    yield from _workstations(tables, plant)


def _bill_names(tables: Tables) -> dict[tuple[str, str], str]:
    """Item and site -> its bill: an item has one for each site that makes it."""
    names: dict[tuple[str, str], str] = {}
    count: dict[str, int] = {}
    for row in sorted(records(tables["bom_lines"]), key=lambda row: (row["parent_item_id"], row["site_id"])):
        key = (row["parent_item_id"], row["site_id"])
        if key not in names:
            count[key[0]] = count.get(key[0], 0) + 1
            names[key] = f"BOM-{key[0]}-{count[key[0]]:03d}"
    return names


def _last_operations(operations: list[Record]) -> dict[tuple[str, str], str]:
    last: dict[tuple[str, str], str] = {}
    for row in operations:
        key = (row["item_id"], row["site_id"])
        last[key] = max(last.get(key, ""), row["operation_number"], key=lambda number: int(number or 0))
    return last


def _bills(bills: dict[tuple[str, str], str], operations: list[Record]) -> Iterator[Record]:
    last = _last_operations(operations)
    loss = {
        (row["item_id"], row["site_id"]): (1 - row["yield_ratio"]) * 100
        for row in operations
        if last[row["item_id"], row["site_id"]] == row["operation_number"]
    }
    for (item, site), name in bills.items():
        bill = {"item": item, "quantity": BILL_QUANTITY, "is_default": name.endswith("-001"), "base_total_cost": 0,
                "process_loss_percentage": loss.get((item, site), Decimal(0))}  # fmt: skip
        yield {"name": name, "docstatus": 1, "is_active": True} | bill
        # a version that is used no more, one never released, one taken back
        yield {"name": f"{name}-0", "docstatus": 1, "is_active": False} | bill | {"is_default": False}
        yield {"name": f"{name}-D", "docstatus": 0, "is_active": True} | bill | {"is_default": False}
        yield {"name": f"{name}-C", "docstatus": 2, "is_active": True} | bill | {"is_default": False}


def _components(bills: dict[tuple[str, str], str], lines: list[Record], plant: Plant) -> Iterator[Record]:
    for row in lines:
        item, uom = row["component_item_id"], row["uom_id"]
        factor = plant.factor[item, uom]
        quantity = row["component_quantity"] * BILL_QUANTITY
        component = {"idx": line_number(row["line_id"]), "item_code": item, "uom": uom, "conversion_factor": factor,
                     "stock_uom": plant.base_uom[item], "sourced_by_supplier": False}  # fmt: skip
        name = bills[row["parent_item_id"], row["site_id"]]
        for bill, times in ((name, 1), (f"{name}-0", 3), (f"{name}-D", 5), (f"{name}-C", 7)):
            yield {
                "parent": bill,
                "qty": quantity * times,
                "stock_qty": quantity * times * factor,
            } | component


def _operations(bills: dict[tuple[str, str], str], operations: list[Record]) -> Iterator[Record]:
    """A set-up is a row of fixed time beside the one that grows with the order."""
    places: dict[str, int] = {}
    for row in operations:
        bill = bills[row["item_id"], row["site_id"]]
        of_order = row["run_hours_per_unit"] * 60 * BILL_QUANTITY
        for minutes, is_fixed in ((of_order, False), (row["setup_hours_per_lot"] * 60, True)):
            places[bill] = places.get(bill, 0) + 1
            yield {
                "parent": bill,
                "idx": places[bill],
                "sequence_id": int(row["operation_number"]),
                "operation": f"Set up {row['resource_id']}" if is_fixed else row["resource_id"],
                "workstation": row["resource_id"],
                "time_in_mins": minutes if is_fixed else minutes * 5,
                "fixed_time": is_fixed,
                "batch_size": 1 if is_fixed else 5,
            }


def _workstations(tables: Tables, plant: Plant) -> Iterator[ShapeFile]:
    resources = records(tables["resources"])
    calendars = {row["site_id"]: row["calendar_id"] for row in records(tables["sites"])}
    rows = [
        {"name": row["resource_id"], "workstation_name": row["resource_id"], "description": row["resource_name"],
         "workstation_type": "Labour" if row["resource_type"] == "labour" else "Machine",
         "warehouse": plant.stores(row["site_id"]), "production_capacity": 1, "hour_rate": row["cost_per_hour"],
         "holiday_list": calendars[row["site_id"]]}
        for row in resources
    ]  # fmt: skip
    yield doctype_file("Workstation", rows)
    shifts = [
        {"parent": row["resource_id"], "idx": idx, "start_time": start, "end_time": end, "enabled": True}
        for row in resources
        for idx, (start, end) in enumerate((("6:00:00", "14:00:00"), ("14:00:00", "22:00:00")), start=1)
    ]
    yield doctype_file("Workstation Working Hour", shifts, "Workstation", "working_hours")
    columns = (
        "resource_id",
        "period_start_date",
        "available_hours",
        "overtime_maximum_hours",
        "overtime_cost_per_hour",
    )
    yield supplement_file("resource_capacities", records(tables["resource_capacities"]), columns)
    stops = [
        {"name": row["downtime_id"], "workstation": row["resource_id"], "from_time": row["start_date"],
         "to_time": row["end_date"], "downtime": row["downtime_hours"] * 60,
         "stop_reason": "Planned Downtime" if row["downtime_type"] == "planned" else row["reason"]}
        for row in records(tables["downtimes"])
    ]  # fmt: skip
    yield doctype_file("Downtime Entry", stops)
    rooms = tables["storage_capacities"]
    yield supplement_file("storage_capacities", records(rooms), rooms.columns)
