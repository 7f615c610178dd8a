"""The stock ledger, which month ends and costs come from, and transfers between sites.

Add here: a document that moves stock inside the company. Keep out: documents to customers and from suppliers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from sop_pipeline.sources.demo.shapes.erpnext.records import (
    Plant,
    Record,
    doctype_file,
    records,
    row_name,
    supplement_file,
)
from sop_pipeline.sources.demo.shapes.tables import ShapeFile, Tables

Key = tuple[str, str]
KINDS = {"unrestricted": "Stores", "quality": "Quality"}
NOISY_ENTRIES = 200


def stock_files(tables: Tables, plant: Plant) -> Iterator[ShapeFile]:
    """Stock Ledger Entry, Bin, Stock Entry, Material Request Item, and the supplement to costs."""
    snapshots = records(tables["inventory_snapshots"])
    costs = _costs(records(tables["standard_costs"]))
    entries = list(_entries(snapshots, costs, plant))
    yield doctype_file("Stock Ledger Entry", entries)
    yield doctype_file("Bin", _bins(entries))
    yield supplement_file(
        "standard_costs",
        _not_in_ledger(records(tables["standard_costs"]), snapshots),
        ("item_id", "site_id", "valid_from_date", "unit_cost", "currency_code"),
    )
    yield from _transfers(records(tables["transfer_orders"]), plant)


def _costs(costs: list[Record]) -> dict[Key, list[tuple[date, Decimal]]]:
    by_key: dict[Key, list[tuple[date, Decimal]]] = defaultdict(list)
    for row in sorted(costs, key=lambda row: row["valid_from_date"]):
        by_key[row["item_id"], row["site_id"]].append((row["valid_from_date"], row["unit_cost"]))
    return by_key


def _cost_on(costs: list[tuple[date, Decimal]], day: date) -> Decimal:
    """The cost in force on a day; before the first one, that."""
    known = [cost for start, cost in costs if start <= day] or [cost for _, cost in costs[:1]]
    return known[-1] if known else Decimal(0)


def _entries(
    snapshots: list[Record], costs: dict[Key, list[tuple[date, Decimal]]], plant: Plant
) -> Iterator[Record]:
    """A count at each month end that found another quantity or rate, as a stock reconciliation books it.

    Quality stock that is gone at a month end is counted as 0.
    """
    days = sorted({row["snapshot_date"] for row in snapshots})
    found: dict[tuple[str, str, str], dict[date, Decimal]] = defaultdict(dict)
    for row in snapshots:
        factor = plant.factor[row["item_id"], row["uom_id"]]
        found[row["item_id"], row["site_id"], row["stock_status"]][row["snapshot_date"]] = (
            row["on_hand_quantity"] * factor
        )
    number = 0
    for (item, site, status), counted in found.items():
        warehouse, before, rate_before = plant.stores(site, KINDS[status]), Decimal(0), None
        for day in (day for day in days if day >= min(counted)):
            quantity = counted.get(day, Decimal(0))
            # what holds from the next day on
            rate = _cost_on(costs[item, site], day + timedelta(days=1))
            if (quantity, rate) != (before, rate_before):
                number += 1
                entry = {
                    "name": f"SLE{number:09d}",
                    "docstatus": 1,
                    "is_cancelled": False,
                    "item_code": item,
                    "warehouse": warehouse,
                    "posting_date": day,
                    "posting_time": "22:00:00",
                    "voucher_type": "Stock Reconciliation",
                    "voucher_no": f"MAT-RECO-{day:%Y-%m}",
                    "voucher_detail_no": None,
                    "actual_qty": 0,  # as older versions book a count
                    "qty_after_transaction": quantity,
                    "stock_uom": plant.base_uom[item],
                    "valuation_rate": rate,
                    "stock_value": quantity * rate,
                    "stock_value_difference": quantity * rate - before * (rate_before or 0),
                    "creation": f"{day} 22:00:00.000000",
                }
                yield entry
                if number <= NOISY_ENTRIES:
                    yield from _noise(entry, before)
            before, rate_before = quantity, rate


def _noise(entry: Record, before: Decimal) -> Iterator[Record]:
    """Entries that must not be taken for the last of their month: one earlier in the day, one of a cancelled document."""
    moved = {"voucher_type": "Stock Entry", "voucher_no": "MAT-STE-0001", "actual_qty": 1000}
    moved["qty_after_transaction"] = before + 1000
    yield entry | moved | {"name": entry["name"].replace("SLE", "SLX"), "posting_time": "9:59:59"}
    taken_back = {
        "name": entry["name"].replace("SLE", "SLY"),
        "posting_time": "23:59:59",
        "is_cancelled": True,
    }
    yield entry | moved | taken_back


def _bins(entries: list[Record]) -> Iterator[Record]:
    counted = (entry for entry in entries if entry["voucher_type"] == "Stock Reconciliation")
    last = {(entry["item_code"], entry["warehouse"]): entry for entry in counted}
    for number, ((item, warehouse), entry) in enumerate(last.items()):
        yield {"name": f"BIN-{number:06d}", "item_code": item, "warehouse": warehouse, "stock_uom": entry["stock_uom"],
               "actual_qty": entry["qty_after_transaction"], "valuation_rate": entry["valuation_rate"],
               "stock_value": entry["stock_value"]}  # fmt: skip


def _not_in_ledger(costs: list[Record], snapshots: list[Record]) -> Iterator[Record]:
    """Costs that no close of the ledger shows: nothing stood there on the day before, or the cost stayed what it was."""
    closed = {(row["item_id"], row["site_id"], row["snapshot_date"]) for row in snapshots}
    before: dict[Key, Decimal] = {}
    for row in sorted(costs, key=lambda row: row["valid_from_date"]):
        key = (row["item_id"], row["site_id"])
        day_before = row["valid_from_date"] - timedelta(days=1)
        if (*key, day_before) not in closed or before.get(key) == row["unit_cost"]:
            yield row
        before[key] = row["unit_cost"]


def _transfers(transfers: list[Record], plant: Plant) -> Iterator[ShapeFile]:
    """Goods leave into the transit warehouse by one entry and arrive by another; a material request says where and when."""
    headers, details, requests = [], [], []
    for row in transfers:
        name, item = row["transfer_order_id"], row["item_id"]
        quantity = row["shipped_quantity"] * plant.factor[item, row["uom_id"]]
        transit = plant.transit(row["to_site_id"])
        asked = row_name("Material Request Item", f"MR-{name}", 1)
        header = {"docstatus": 1, "purpose": "Material Transfer"}
        detail = {"idx": 1, "item_code": item, "transfer_qty": quantity, "stock_uom": plant.base_uom[item]}
        headers.append({"name": name, "posting_date": row["shipped_date"], "add_to_transit": True,
                        "outgoing_stock_entry": None} | header)  # fmt: skip
        details.append({"parent": name, "s_warehouse": plant.stores(row["from_site_id"]), "t_warehouse": transit,
                        "ste_detail": None, "material_request_item": asked} | detail)  # fmt: skip
        requests.append({"parent": f"MR-{name}", "idx": 1, "item_code": item, "schedule_date": row["due_date"],
                         "warehouse": plant.stores(row["to_site_id"])})  # fmt: skip
        if row["received_date"] is not None:
            arrived = f"{name}-IN"
            headers.append({"name": arrived, "posting_date": row["received_date"], "add_to_transit": False,
                            "outgoing_stock_entry": name} | header)  # fmt: skip
            left = row_name("Stock Entry Detail", name, 1)
            details.append({"parent": arrived, "s_warehouse": transit, "t_warehouse": plant.stores(row["to_site_id"]),
                            "ste_detail": left, "material_request_item": None} | detail)  # fmt: skip
    yield doctype_file("Stock Entry", headers)
    yield doctype_file("Stock Entry Detail", details, "Stock Entry", "items")
    yield doctype_file("Material Request Item", requests, "Material Request", "items")
