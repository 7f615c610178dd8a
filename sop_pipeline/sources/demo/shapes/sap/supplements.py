"""The supplement: what the company knows and SAP has no field for, in the terms of the canonical model.

Add here: a table supplement_*, which _sap__sources.yml declares with its reason. Keep out: whatever SAP can carry.
"""

from __future__ import annotations

import pandas as pd

from sop_pipeline.sources.demo.shapes.sap.codes import Codes
from sop_pipeline.sources.demo.shapes.sap.masters import STATUSES
from sop_pipeline.sources.demo.shapes.sap.text import SapTable
from sop_pipeline.sources.demo.shapes.tables import Tables

AS_THEY_ARE = {
    "downtimes": (
        "downtime_id", "resource_id", "start_date", "end_date", "downtime_hours", "downtime_type", "is_in_capacity",
        "reason",
    ),
    "lanes": (
        "lane_id", "from_site_id", "to_site_id", "transport_mode", "lead_time_days", "cost_per_unit", "cost_per_kg",
        "maximum_units_per_month", "currency_code",
    ),
    "supplier_capacities": ("supplier_id", "item_id", "period_start_date", "available_units"),
    "storage_capacities": (
        "site_id", "storage_type", "period_start_date", "available_capacity", "capacity_unit",
    ),
}  # fmt: skip


def tables_of(tables: Tables, codes: Codes, cycle_id: str) -> list[SapTable]:
    """Tables of the supplement."""
    statuses = SapTable("supplement_material_statuses", "status_code", "item_status", client=False)
    for status, code in STATUSES.items():
        if code:
            statuses.add(code, status)
    columns = ("available_hours", "overtime_maximum_hours", "overtime_cost_per_hour")
    hours = SapTable("supplement_resource_capacities", "resource_id", "period_start_date", *columns, client=False)  # fmt: skip
    for row in tables["resource_capacities"].itertuples():
        agreed = (str(getattr(row, column)) for column in columns)
        hours.add(codes.resource(row.resource_id), str(row.period_start_date), *agreed)
    types = SapTable("supplement_account_types", "account_id", "account_type", client=False)
    accounts = tables["ledger_balances"]
    for account in dict.fromkeys(zip(accounts["account_id"], accounts["account_type"], strict=True)):
        types.add(*account)
    stops = tables["downtimes"]
    stops = stops.assign(resource_id=[codes.resource(resource_id) for resource_id in stops["resource_id"]])
    return [
        statuses,
        types,
        hours,
        _copied("downtimes", stops),
        *(_copied(name, tables[name]) for name in AS_THEY_ARE if name != "downtimes"),
    ]


def _copied(name: str, rows: pd.DataFrame) -> SapTable:
    table = SapTable(f"supplement_{name}", *AS_THEY_ARE[name], client=False)
    for values in rows[list(AS_THEY_ARE[name])].itertuples(index=False):
        table.add(*(_written(value) for value in values))
    return table


def _written(value: object) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)
