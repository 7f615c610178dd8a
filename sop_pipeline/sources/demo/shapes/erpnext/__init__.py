"""The demo company in ERPNext's doctypes: the files that its data export would give of the same company.

What ERPNext has no field for goes into the supplement's tables. Traps are used on purpose: drafts, cancelled and amended
orders, returns as negative quantities, templates and services among the items, old bills of material, ledger entries of
cancelled documents, times without a leading zero. Add here: the order of the files. Keep out: what a record looks like
(`records`), and which records there are (`masters`, `books`, `bills`, `sales`, `supply`, `stock`).
"""

from __future__ import annotations

from sop_pipeline.sources.demo.shapes.erpnext.bills import bill_files
from sop_pipeline.sources.demo.shapes.erpnext.books import book_files
from sop_pipeline.sources.demo.shapes.erpnext.masters import master_files
from sop_pipeline.sources.demo.shapes.erpnext.records import Plant
from sop_pipeline.sources.demo.shapes.erpnext.sales import sales_files
from sop_pipeline.sources.demo.shapes.erpnext.stock import stock_files
from sop_pipeline.sources.demo.shapes.erpnext.supply import supply_files
from sop_pipeline.sources.demo.shapes.tables import ShapeFile, Tables


def files_of(tables: Tables, cycle_id: str) -> list[ShapeFile]:
    """Every doctype and supplement of a delivery in our own contract (`tables`), as of the cycle."""
    plant = Plant.of(tables)
    return [
        *master_files(tables, plant, cycle_id),
        *book_files(tables, plant),
        *bill_files(tables, plant),
        *sales_files(tables, plant),
        *supply_files(tables, plant),
        *stock_files(tables, plant),
    ]
