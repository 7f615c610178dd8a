"""What Odoo cannot carry of the demo company: the tables of the supplement, key and lacking columns of our own contract.

Add here: a column that Odoo has no place for, with the reason in _odoo_supplement__sources.yml. Keep out: what it has.
"""

from __future__ import annotations

import pandas as pd

from sop_pipeline.sources.demo.shapes.odoo.making import fits_into_days
from sop_pipeline.sources.demo.shapes.odoo.prices import company_terms
from sop_pipeline.sources.demo.shapes.odoo.rows import file_of
from sop_pipeline.sources.demo.shapes.tables import ShapeFile, Tables

COLUMNS = {
    "item_sites": ["item_id", "site_id", "safety_stock_units", "lot_minimum_units"],
    "lanes": ["lane_id", "transport_mode", "cost_per_unit", "cost_per_kg", "maximum_units_per_month", "currency_code"],
    "customers": ["customer_id", "region_id"],
    "bom_lines": ["parent_item_id", "site_id", "bom_alternative_id", "line_id", "scrap_ratio"],
    "routing_operations": ["item_id", "site_id", "routing_alternative_id", "operation_number", "yield_ratio"],
    "resources": ["resource_id", "site_id", "resource_type"],
    "supplier_capacities": ["supplier_id", "item_id", "period_start_date", "available_units"],
    "storage_capacities": ["site_id", "storage_type", "period_start_date", "available_capacity", "capacity_unit"],
    "standard_costs": ["item_id", "site_id", "valid_from_date", "unit_cost", "currency_code"],
}  # fmt: skip
"""Table -> its key and the columns that Odoo lacks, where every row has them."""


def write_supplement(tables: Tables) -> list[ShapeFile]:
    """The files of the supplement."""
    frames = {name: tables[name][columns] for name, columns in COLUMNS.items() if len(tables[name])}
    frames["items"] = _items(tables)
    frames["sites"] = _sites(tables)
    lines = tables["sales_order_lines"]
    promoted = lines[[activity is not None for activity in lines["activity_id"]]]
    frames["sales_order_lines"] = promoted[["order_id", "line_id", "activity_id"]]
    frames["supplier_items"] = _supplier_items(tables)
    frames["resource_capacities"] = _capacities(tables["resource_capacities"])
    return [
        file_of(f"supplement_{name}", rows.reset_index(drop=True))
        for name, rows in frames.items()
        if len(rows)
    ]


def _items(tables: Tables) -> pd.DataFrame:
    """Items whose type, status or dates Odoo's flags do not tell."""
    made = set(tables["bom_lines"]["parent_item_id"])
    rows = []
    for row in tables["items"].to_dict("records"):
        is_sold = row["is_saleable"] or row["item_type"] in ("finished", "trade")
        known = {
            (True, True): "finished",
            (True, False): "trade",
            (False, True): "semi_finished",
            (False, False): "component",
        }
        item_type = None if row["item_type"] == known[is_sold, row["item_id"] in made] else row["item_type"]
        status = None if row["item_status"] in ("active", "blocked") else row["item_status"]
        rows.append(
            {"item_id": row["item_id"], "item_type": item_type, "item_status": status}
            | {name: row[name] for name in ("launch_date", "end_date", "successor_item_id")}
        )
    frame = pd.DataFrame(rows, dtype=object)
    said = frame.drop(columns="item_id").notna().any(axis="columns")
    return frame[said].astype(object).where(frame[said].notna(), None)


def _sites(tables: Tables) -> pd.DataFrame:
    """Regions, and the calendar of a site that is not that of its company's first one."""
    rows = tables["sites"].to_dict("records")
    of_companies: dict[str, str] = {}
    for row in rows:
        of_companies.setdefault(row["company_id"], row["calendar_id"])
    said = [
        {"site_id": row["site_id"], "region_id": row["region_id"],
         "calendar_id": None if row["calendar_id"] == of_companies[row["company_id"]] else row["calendar_id"]}
        for row in rows
    ]  # fmt: skip
    return pd.DataFrame(said, dtype=object)


def _supplier_items(tables: Tables) -> pd.DataFrame:
    """Terms of a site that differ from those of its company."""
    key, said = ["supplier_id", "item_id", "site_id"], ["lead_time_days", "minimum_order_units", "unit_price"]
    companies = {row["site_id"]: row["company_id"] for row in tables["sites"].to_dict("records")}
    of_company = company_terms(tables)
    rows = [
        row for row in tables["supplier_items"].to_dict("records")
        if any(row[name] != of_company[row["supplier_id"], row["item_id"], companies[row["site_id"]]][name] for name in said)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=key + said, dtype=object)


def _capacities(rows: pd.DataFrame) -> pd.DataFrame:
    """Overtime of every month, and the hours of a group that one calendar cannot say."""
    frame = rows[
        [
            "resource_id",
            "period_start_date",
            "available_hours",
            "overtime_maximum_hours",
            "overtime_cost_per_hour",
        ]
    ]
    fits = [
        fits_into_days(hours, month)
        for hours, month in zip(rows["available_hours"], rows["period_start_date"], strict=True)
    ]
    said = [None if fit else hours for fit, hours in zip(fits, rows["available_hours"], strict=True)]
    return frame.assign(available_hours=pd.Series(said, index=frame.index, dtype=object))
