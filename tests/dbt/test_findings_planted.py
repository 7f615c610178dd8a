"""A tiny company in which every finding stands once, beside a row that is right: each is found, counted and valued.

The frames below are the canonical tables, with only the columns that a case is about; the rest is plain. The SQL is the
product's own: dbt builds the two marts on them. Cycle 2026-03, company currency EUR.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import duckdb
import pytest

from assets.dbt import BOUND_DBT, bound_environment, dbt_environment, prepare_manifest
from sop_pipeline.settings import DBT_PROJECT_DIR, load_settings
from sop_pipeline.warehouse.contracts import Contract, load_contracts

CONTRACTS = load_contracts(DBT_PROJECT_DIR)
Row = Mapping[str, Any]

PLAIN = {"varchar": "x", "boolean": False, "date": "2026-02-10", "timestamp": "2026-02-10 00:00:00"}
"""A value for a required column that a case does not care about; numbers are 1."""

MONTHS = [f"{year}-{month:02d}-01" for year in (2024, 2025) for month in range(1, 13)] + [
    "2026-01-01", "2026-02-01",
]  # fmt: skip


def rows_of(*rows: Row, **shared: Any) -> list[dict[str, Any]]:
    return [{**shared, **row} for row in rows]


def order(order_id: str, **facts: Any) -> dict[str, Any]:
    """A line of 10 units of GOOD for 100.00, ordered and wanted on 10 February, shipped in time."""
    plain = {"line_id": "1", "order_type": "order", "channel_id": "W", "item_id": "GOOD", "site_id": "P", "ordered_date": "2026-02-10",
             "requested_date": "2026-02-10", "confirmed_date": "2026-02-10", "demand_date": "2026-02-10", "ordered_units": 10,
             "shipped_units": 10, "shipped_by_requested_units": 10, "net_amount": 100, "is_open": False}  # fmt: skip
    return (
        {"order_id": order_id, "recorded_demand_date": facts.get("demand_date", "2026-02-10")} | plain | facts
    )


def series(
    item_id: str, months: int, units: float = 10, price: float = 10, **facts: Any
) -> list[dict[str, Any]]:
    """Orders in the latest months of history, so many units a month."""
    return [
        {"item_id": item_id, "site_id": "P", "channel_id": "W", "period_start_date": month, "ordered_units": units,
         "revenue": units * price} | facts
        for month in MONTHS[-months:]
    ]  # fmt: skip


ORDERS = [
    order("GOOD"),
    # posted on 1 February, counted at the month end before
    order("MOVED", demand_date="2026-01-31", recorded_demand_date="2026-02-01", ordered_units=7, shipped_units=7, net_amount=70),
    order("OWED", requested_date="2026-02-20", shipped_units=4, shipped_by_requested_units=4, is_open=True),
    order("OWED-NOT-YET", requested_date="2026-04-20", demand_date="2026-04-20", shipped_units=0, is_open=True),
    order("FAR", requested_date="2029-01-01", demand_date="2029-01-01", shipped_units=0, is_open=True),
    order("BACKWARDS", requested_date="2026-02-09"),
    order("EARLY"),
    order("FREE", net_amount=0),
    order("RETURN", order_type="return", requested_date="2026-01-01", net_amount=-5),
    *[order(f"SILENT-{n}", channel_id="S", confirmed_date=None) for n in range(2)],
    *[order(f"PROMPT-{n}", channel_id="T") for n in range(500)],
]  # fmt: skip

PURCHASES = rows_of(
    {"purchase_order_id": "FULL", "ordered_units": 50, "received_units": 50, "is_closed": True},
    {"purchase_order_id": "SHORT", "ordered_units": 50, "received_units": 45, "is_closed": True},
    {"purchase_order_id": "SHORT-NOT-DUE", "ordered_units": 50, "received_units": 45, "is_closed": True, "due_date": "2026-03-10"},
    {"purchase_order_id": "OVER", "ordered_units": 50, "received_units": 53, "is_closed": True},
    {"purchase_order_id": "OPEN", "ordered_units": 50, "received_units": 40, "is_closed": False},
    *[{"purchase_order_id": f"LATE-{n}", "ordered_units": 1, "received_units": 1, "is_closed": True} for n in range(100)],
    line_id="1", supplier_id="SUP", item_id="PART", site_id="P", ordered_date="2026-01-01", due_date="2026-02-01", unit_price=2,
    net_amount=100, currency_code="EUR",
)  # fmt: skip

RECEIPTS = rows_of(
    {"receipt_id": "1", "purchase_order_id": "FULL", "received_units": 50, "rejected_units": 5},
    {"receipt_id": "2", "purchase_order_id": "SHORT", "received_units": 45, "rejected_units": 0},
    *[{"receipt_id": f"L{n}", "purchase_order_id": f"LATE-{n}", "received_units": 1, "rejected_units": 0} for n in range(100)],
    line_id="1", supplier_id="SUP", item_id="PART", site_id="P", ordered_date="2026-01-01", due_date="2026-02-01",
    received_date="2026-02-01", lead_time_days=31,
)  # fmt: skip

ITEMS = (
    "GOOD",
    "YOUNG",
    "UNSTOCKED",
    "UNROUTED",
    "UNBILLED",
    "UNSOURCED",
    "LOSS",
    "DEAR-PARTS",
    "PART",
    "UNPRICED",
    "SLOW",
    "FREE",
)

COMPANY: dict[str, list[dict[str, Any]]] = {
    "core.dim_cycle": [{"cycle_id": "2026-03", "cycle_start_date": "2026-03-01", "horizon_months": 18, "company_currency_code": "EUR"}],
    "core.dim_items": [
        *rows_of(*[{"item_id": item, "item_name": item.lower()} for item in ITEMS], item_status="active", item_type="finished", base_uom_id="EA"),
        {"item_id": "ENDED", "item_name": "ended", "item_status": "blocked", "item_type": "finished", "base_uom_id": "EA"},
    ],
    "core.dim_sites": [{"site_id": "P"}, {"site_id": "Q"}],
    "core.dim_suppliers": [{"supplier_id": "SUP", "supplier_name": "Supplier"}],
    "core.dim_resources": [{"resource_id": r, "resource_name": r.lower(), "cost_per_hour": 10} for r in ("LINE", "BENCH", "OVEN")],
    "core.dim_periods": [
        {"period_start_date": f"2026-{month:02d}-01", "period_end_date": f"2026-{month:02d}-28", "cycle_offset": month - 3, "is_horizon": month >= 3}
        for month in range(1, 13)
    ],
    "core.fct_fx_rates": [{"currency_code": "EUR", "rate_date": "2026-03-01", "rate": 1}],
    "core.fct_parameters": rows_of(
        {"parameter_id": "volume_without_routing_maximum_ratio", "parameter_value": 0.02},
        {"parameter_id": "a_items_without_source_maximum_count", "parameter_value": 1},
        {"parameter_id": "unpriced_demand_maximum_ratio", "parameter_value": 0.5},
        scope="company", scope_id="all",
    ),
    "core.fct_order_lines": ORDERS,
    "erp.sales_order_lines": [{"currency_code": "EUR"} | line for line in ORDERS],
    "core.fct_shipments": [
        {"shipment_id": "1", "order_id": "EARLY", "order_line_id": "1", "shipped_date": "2026-02-08", "shipped_units": 10},
        {"shipment_id": "2", "order_id": "GOOD", "order_line_id": "1", "shipped_date": "2026-02-10", "shipped_units": 10},
    ],
    "core.fct_demand_history": [
        *series("GOOD", 26), *series("YOUNG", 13), *series("UNSTOCKED", 26, units=1), *series("UNROUTED", 26, units=5),
        *series("UNSOURCED", 26), *series("LOSS", 26), *series("UNPRICED", 26), *series("SLOW", 26, units=1),
        *series("DEAR-PARTS", 26, units=2),
    ],
    "core.fct_unit_economics": rows_of(
        {"item_id": "GOOD", "unit_price": 10, "unit_cost": 6}, {"item_id": "YOUNG", "unit_price": 10, "unit_cost": 6},
        {"item_id": "UNSTOCKED", "unit_price": 10, "unit_cost": 6}, {"item_id": "UNROUTED", "unit_price": 10, "unit_cost": 6},
        {"item_id": "UNSOURCED", "unit_price": 10, "unit_cost": 6}, {"item_id": "LOSS", "unit_price": 10, "unit_cost": 12.5},
        {"item_id": "SLOW", "unit_price": 10, "unit_cost": 6}, {"item_id": "DEAR-PARTS", "unit_price": 10, "unit_cost": 6},
        {"item_id": "UNPRICED", "unit_price": 0, "unit_cost": 6},
        site_id="P", channel_id="W",
    ),
    "core.fct_unit_costs": rows_of(
        *[{"item_id": item, "unit_cost": 6} for item in ITEMS if item != "FREE"], {"item_id": "FREE", "unit_cost": 0},
        site_id="P", valid_from_date="1900-01-01", valid_to_date="9999-12-31",
    ),
    "erp.standard_costs": rows_of(
        {"item_id": "GOOD", "valid_from_date": "2025-01-01", "cost_basis": "stated"},
        {"item_id": "LOSS", "valid_from_date": "2024-01-01", "cost_basis": "declared"},  # followed by a stated one
        {"item_id": "LOSS", "valid_from_date": "2025-01-01", "cost_basis": "stated"},
        {"item_id": "PART", "valid_from_date": "2025-01-01", "cost_basis": "purchase_price", "unit_cost": 2},
        {"item_id": "PART", "valid_from_date": "2027-01-01", "cost_basis": "stated"},  # not yet
        site_id="P", currency_code="USD",
    ),
    "erp.fx_rates": [{"from_currency_code": "USD", "to_currency_code": "EUR", "rate_date": "2026-01-31", "rate": 0.9}],
    "erp.prices": rows_of(
        {"item_id": "GOOD", "valid_from_date": "2025-01-01", "valid_to_date": "2025-07-01"},
        {"item_id": "GOOD", "valid_from_date": "2025-06-01", "valid_to_date": None},
        {"item_id": "LOSS", "valid_from_date": "2025-01-01", "valid_to_date": None},  # open, and followed: no overlap meant
        {"item_id": "LOSS", "valid_from_date": "2025-06-01", "valid_to_date": None},
        channel_id="W", currency_code="EUR", unit_price=9,
    ),
    "erp.item_sites": rows_of(
        *[{"item_id": item} for item in ITEMS if item not in ("UNROUTED", "UNBILLED", "DEAR-PARTS", "SLOW")],
        {"item_id": "UNROUTED", "procurement_type": "make"}, {"item_id": "UNBILLED", "procurement_type": "make"},
        {"item_id": "DEAR-PARTS", "procurement_type": "make"},
        {"item_id": "SLOW", "safety_stock_units": 25, "lot_minimum_units": 13},  # 12 sold in a year
        {"item_id": "ENDED", "procurement_type": "make"},
        site_id="P", procurement_type="buy", safety_stock_units=24, lot_minimum_units=None, maximum_stock_units=None,
    ),
    "core.fct_bill_of_materials": rows_of(
        {"parent_item_id": "UNROUTED", "component_units": 1}, {"parent_item_id": "DEAR-PARTS", "component_units": 1.5},
        site_id="P", component_item_id="PART",
    ),
    "erp.bom_lines": rows_of(
        {"bom_alternative_id": "1"}, {"bom_alternative_id": "2"}, {"bom_alternative_id": "3", "valid_to_date": "2025-12-31"},
        parent_item_id="UNROUTED", site_id="P", line_id="1", valid_from_date=None, valid_to_date=None,
    ),
    "erp.routing_operations": [{"item_id": "DEAR-PARTS", "site_id": "P", "routing_alternative_id": "1", "valid_from_date": None, "valid_to_date": None}],
    "core.fct_sources": [{"source_id": f"buy:{item}", "item_id": item, "site_id": "P"} for item in ITEMS if item != "UNSOURCED"],
    "core.fct_source_inputs": [{"source_id": "buy:UNROUTED", "item_id": "PART", "site_id": "P"}, {"source_id": "buy:UNROUTED", "item_id": "PART", "site_id": "Q"}],
    "planning.unconstrained_forecasts": rows_of(
        {"item_id": "GOOD"}, {"item_id": "UNSOURCED"}, {"item_id": "UNPRICED", "forecast_units": 80}, {"item_id": "SLOW", "forecast_units": 0},
        site_id="P", channel_id="W", period_start_date="2026-03-01", forecast_units=60,
    ),
    "planning.demand_classes": rows_of(
        {"item_id": "UNSOURCED", "abc_class": "A"}, {"item_id": "GOOD", "abc_class": "A"}, {"item_id": "YOUNG", "abc_class": "B"},
        site_id="P", channel_id="W", demand_class="smooth", revenue_last_12_months=1200,
    ),
    "planning.demand_shifts": rows_of(
        {"level": "channel", "level_id": "W"},
        {"level": "series", "level_id": "YOUNG @ P / W", "item_id": "YOUNG", "site_id": "P"},
        channel_id="W", period_start_date="2025-06-01", before_units_per_month=10, after_units_per_month=40, item_id=None, site_id=None,
    ),
    "planning.rejected_overrides": [{"cycle_id": "2026-03", "override_id": "O1", "period_start_date": "2026-04-01", "rule": "unknown item"}],
    "core.fct_open_supply": rows_of(
        {"supply_id": "PO", "supply_type": "purchase", "overdue_days": 28},
        {"supply_id": "WO", "supply_type": "production", "overdue_days": 100, "is_stale": True},
        {"supply_id": "TO", "supply_type": "transfer", "overdue_days": 5},
        {"supply_id": "PO2", "supply_type": "purchase", "overdue_days": 0, "is_overdue": False},
        item_id="PART", site_id="P", due_date="2026-02-01", open_units=10, is_overdue=True, is_stale=False,
    ),
    "erp.purchase_order_lines": PURCHASES,
    "core.fct_receipts": RECEIPTS,
    "erp.supplier_items": rows_of(
        {"item_id": "PART", "is_in_base_uom": True}, {"item_id": "LOSS", "is_in_base_uom": False},
        supplier_id="SUP", site_id="P", lead_time_days=20, minimum_order_units=None, currency_code="EUR", is_active=True,
    ),
    "erp.inventory_snapshots": rows_of(
        *[{"item_id": item} for item in ITEMS if item != "UNSTOCKED"],
        {"item_id": "PART", "stock_status": "blocked", "on_hand_units": -4},
        {"item_id": "GOOD", "site_id": "Q", "snapshot_date": "2026-01-31", "on_hand_units": 7},
        site_id="P", snapshot_date="2026-02-28", stock_status="unrestricted", on_hand_units=3, is_dated=True,
    ),
    "core.fct_resource_history": [
        {"resource_id": resource, "period_start_date": month, "used_hours": used}
        for resource, used in (("LINE", 90), ("BENCH", 160)) for month in MONTHS[-12:]
    ],
    "erp.resource_capacities": [
        {"resource_id": resource, "period_start_date": month, "available_hours": hours, "stated_hours": 100}
        for resource, hours in (("LINE", 100), ("BENCH", 150)) for month in MONTHS[-12:]
    ],
    "core.fct_capacity": [
        {"resource_id": "LINE", "period_start_date": "2026-03-01", "regular_hours": 100},
        {"resource_id": "OVEN", "period_start_date": "2026-03-01", "regular_hours": 0},
        {"resource_id": "OVEN", "period_start_date": "2026-04-01", "regular_hours": 0},
        {"resource_id": "OVEN", "period_start_date": "2026-01-01", "regular_hours": 0},  # closed
        {"resource_id": "OVEN", "period_start_date": "2026-05-01", "regular_hours": 0},  # and somebody said why
    ],
    "core.fct_capacity_overrides": [
        {"capacity_type": "resource", "object_id": "OVEN", "item_id": "all", "period_start_date": "2026-05-01",
         "available_quantity": 0, "reason": "Rebuilt in May"},
    ],
    "core.fct_goals": [
        {"goal_version": "budget", "metric": "revenue", "level": "company", "level_id": "all", "period_start_date": f"2026-{month:02d}-01"}
        for month in range(3, 11)
    ],
    "marts.fct_quarantined_rows": rows_of(
        {"rule_id": "ordered_units_not_convertible", "row_key": "1 / 1", "is_lost": True, "kept_out_value": 250, "source_row_number": 1,
         "problem": "ordered_units is empty: no factor from the row's unit to the base unit of the item"},
        {"rule_id": "item_id_unknown", "row_key": "2 / 1", "is_lost": True, "kept_out_value": 40, "source_row_number": 2, "problem": "unknown"},
        {"rule_id": "repeated_row", "row_key": "3 / 1", "is_lost": False, "kept_out_value": 40, "source_row_number": 3, "problem": "twice"},
        cycle_id="2026-03", table_name="erp.purchase_order_lines", item_id="LOSS", supplier_id="SUP", source_file_sha256="abcdef0123",
    ),
}  # fmt: skip

EXPECTED: dict[str, tuple[Sequence[str], float | None, float | None]] = {
    # finding: objects, quantity, money
    "rows_without_unit_factor": (["erp.purchase_order_lines 1 / 1 row 1"], None, 250),
    "supplier_terms_without_factor": (["SUP / LOSS @ P"], 1, 250),
    "rows_kept_out": (["erp.purchase_order_lines item_id_unknown 2 / 1 row 2 of abcdef01"], None, 40),
    "orders_moved_to_month_end": (["W 2026-02-01"], 7, 70),
    "months_without_postings": (["W 2026-01-01"], 7, 70),  # the same order: nothing was posted in January
    # revenue of a year: 5 items of 1200, 2 of 120, 600 and 240
    "channel_level_shifts": (["W"], 30, 7080),
    "series_level_shifts": (["YOUNG @ P / W"], 30, 1200),
    "short_lives": (["YOUNG"], 120, 1200),
    "customer_orders_overdue": (["OWED / 1"], 6, 60),
    "orders_wanted_before_ordered": (["BACKWARDS / 1"], 10, 100),
    "orders_shipped_before_ordered": (["EARLY / 1"], 10, 100),
    "orders_without_money": (["FREE / 1"], 10, None),
    "orders_beyond_horizon": (["FAR / 1"], 10, 100),
    "orders_without_promise": (["S"], 2, 200),
    "deliveries_never_late": (["T"], 500, 50_000),
    "receipts_never_late": (["P"], 102, None),
    "purchase_orders_overdue": (["PO"], 10, 60),
    "production_orders_overdue": (["WO"], 10, 60),
    "transfers_overdue": (["TO"], 10, 60),
    "supply_orders_stale": (["production WO"], 10, 60),
    "purchase_orders_short": (["SHORT / 1"], 5, 10),
    "purchase_orders_over_received": (["OVER / 1"], 3, 6),
    "rejected_receipts": (["SUP"], 5, 10),
    # 31 days measured, 20 stated; 195 units received at 2
    "supplier_lead_times_off": (["SUP / PART @ P"], 11, 390),
    "sold_items_without_stock": (["UNSTOCKED"], 12, 120),
    "stock_negative": (["PART @ P blocked"], 4, 24),
    # of 31 January; Q has no cost of GOOD
    "stock_not_of_the_close": (["Q"], 7, 0),
    "made_items_without_routing": (["UNROUTED"], 60, 600),
    "made_items_without_bill": (["UNBILLED @ P"], None, None),
    "items_without_source": (["PART @ Q", "UNSOURCED @ P"], 60, 1200),
    "a_items_without_source": (["UNSOURCED @ P"], 60, 1200),
    "alternatives_not_used": (["UNROUTED @ P bill"], 1, None),
    "safety_stock_above_two_years": (["SLOW @ P"], 25, 150),
    # one unit more than the 12 of a year, at 6
    "lots_above_a_year": (["SLOW @ P smallest lot"], 13, 6),
    "capacity_not_as_stated": (["BENCH"], 50, 12 * 50 * 10),
    # 160 hours where 100 are stated, 12 months at 10
    "hours_above_stated_capacity": (["BENCH"], 720, 7200),
    "resources_without_hours": (["OVEN"], 2, None),
    "costs_not_stated": (["PART @ P"], None, 10_500),
    "items_without_cost": (["FREE @ P"], None, None),
    # 120 units a year at 10 that cost 12.5
    "items_sold_below_cost": (["LOSS / W"], 120, 300),
    # parts 1.5 x 6 against 6, 24 sold in a year
    "parts_cost_more_than_item": (["DEAR-PARTS @ P"], 24, 72),
    "planned_demand_without_price": (["UNPRICED @ P / W"], 80, 480),
    "prices_overlap": (["GOOD / W EUR 2025-01-01"], 9, None),
    "exchange_rates_old": (["USD"], 29, None),
    "months_without_budget": (["2026-11", "2026-12"], 2, None),
    "overrides_rejected": (["O1 2026-04"], 1, None),
}

BEFORE = [
    # finding, then, and so its trend now
    ("short_lives", 1, "unchanged"),
    ("items_without_source", 1, "worse"),
    ("months_without_budget", 4, "better"),
    ("stock_negative", 0, "new"),
]


def build(connection: duckdb.DuckDBPyConnection, contract: Contract, rows: Sequence[Row]) -> None:
    """The table of a contract with rows that say only what matters."""
    known = {column.name for column in contract.columns}
    foreign = {"core.fct_order_lines", "erp.sales_order_lines"}  # one frame for both
    unknown = {name for row in rows for name in row} - known
    assert not unknown or contract.table in foreign, f"{contract.table} has no {unknown}"
    typed = ", ".join(f'"{column.name}" {column.data_type}' for column in contract.columns)
    connection.execute(f"create schema if not exists {contract.schema}")
    connection.execute(f"create table {contract.table} ({typed})")
    values = [
        [
            row.get(column.name, PLAIN.get(column.data_type, 1) if column.is_required else None)
            for column in contract.columns
        ]
        for row in rows
    ]
    if values:
        marks = ", ".join("?" * len(contract.columns))
        connection.executemany(f"insert into {contract.table} values ({marks})", values)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The company's two marts of findings, built by dbt."""
    folder = tmp_path_factory.mktemp("findings")
    database = folder / "sop.duckdb"
    built = ("marts.data_findings", "marts.fct_data_findings")
    with duckdb.connect(str(database)) as connection:
        for schema in ("erp", "core", "planning", "marts"):
            for contract in CONTRACTS.of_schema(schema):
                if contract.columns and contract.table not in built:
                    build(connection, contract, COMPANY.get(contract.table, []))
    before = folder / "before.parquet"
    with duckdb.connect() as connection:
        given = {"cycle_id": "'2026-02'", "finding_id": "finding_id", "finding_count": "finding_count"}
        columns = [
            f'cast({given.get(column.name, "null")} as {column.data_type}) as "{column.name}"'
            for column in CONTRACTS["published.data_findings"].columns
        ]
        listed = ", ".join(f"('{finding_id}', {count})" for finding_id, count, _ in BEFORE)
        rows = f"(values {listed}) as before(finding_id, finding_count)"
        connection.execute(f"copy (select {', '.join(columns)} from {rows}) to '{before}'")
    settings = load_settings(home=folder / "home", source="contract", input_dir=folder)
    environment = dbt_environment(settings, "2026-03", {"data_findings": [before]})
    environment |= {"SOP_WORK_DATABASE": str(database), "SOP_SYSTEM": "contract"}
    prepare_manifest(settings)
    environment |= bound_environment(settings)
    command = [str(BOUND_DBT), "run", "--select", "fct_data_findings", "data_findings"]
    command += ["--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR)]
    command += ["--target-path", str(folder / "target")]
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.fail(f"The findings could not be built:\n{done.stdout[-6000:]}")
    with duckdb.connect(str(database), read_only=True) as connection:
        yield connection


def test_every_finding_of_the_register_is_planted(found: duckdb.DuckDBPyConnection) -> None:
    listed = {row[0] for row in found.execute("select finding_id from marts.data_findings").fetchall()}
    assert listed == set(EXPECTED)


@pytest.mark.parametrize("finding_id", EXPECTED)
def test_what_is_planted_is_found_and_nothing_else(found: duckdb.DuckDBPyConnection, finding_id: str) -> None:
    objects, quantity, value = EXPECTED[finding_id]
    rows = found.execute(
        "select object_id, quantity, finding_value, evidence from marts.fct_data_findings where finding_id = ? order by object_id",
        [finding_id],
    ).fetchall()
    assert [row[0] for row in rows] == sorted(objects)
    assert all(row[3] for row in rows)
    assert _sum(row[1] for row in rows) == quantity
    assert _sum(row[2] for row in rows) == value


@pytest.mark.parametrize("finding_id", EXPECTED)
def test_the_register_counts_and_values_its_rows(found: duckdb.DuckDBPyConnection, finding_id: str) -> None:
    objects, quantity, value = EXPECTED[finding_id]
    count, total, money, unit, examples = found.execute(
        "select finding_count, finding_quantity, finding_value, unit, examples from marts.data_findings where finding_id = ?",
        [finding_id],
    ).fetchall()[0]
    assert (count, money) == (len(objects), value)
    assert total == ((quantity or 0) if unit else None)
    assert any(name in examples for name in objects)


def test_a_limit_is_held_against_the_share_of_what_was_looked_at(found: duckdb.DuckDBPyConnection) -> None:
    rows = found.execute(
        "select finding_id, status, measured_value, checked_quantity from marts.data_findings where limit_value is not null"
    ).fetchall()
    measured = {row[0]: (row[1], float(row[2]), float(row[3])) for row in rows}
    assert measured == {
        # made and sold in a year: UNROUTED 60, DEAR-PARTS 24
        "made_items_without_routing": ("over_limit", 0.714286, 84),
        "a_items_without_source": ("found", 1, 200),
        "planned_demand_without_price": ("found", 0.4, 200),
    }


def test_a_finding_is_compared_with_the_cycle_published_before(found: duckdb.DuckDBPyConnection) -> None:
    trends = dict(found.execute("select finding_id, trend from marts.data_findings").fetchall())
    assert {finding_id: trends[finding_id] for finding_id, _, _ in BEFORE} == {
        finding_id: trend for finding_id, _, trend in BEFORE
    }
    assert trends["orders_without_money"] == "new"  # not looked for at that time


def test_the_words_say_what_was_seen(found: duckdb.DuckDBPyConnection) -> None:
    said = dict(
        found.execute(
            "select finding_id || ' ' || object_id, evidence from marts.fct_data_findings"
        ).fetchall()
    )
    assert said["orders_moved_to_month_end W 2026-02-01"] == (
        "1 order, 1 line posted on 2026-02-01, counted in 2026-01"
    )
    assert said["months_without_postings W 2026-01-01"] == (
        "1 order of 2026-01, all posted from 2026-02-10 to 2026-02-10"
    )
    assert said["rejected_receipts SUP"] == "Supplier: 2.6 % of 195 received units were rejected"
    assert (
        said["items_sold_below_cost LOSS / W"] == "loss: sold at 10.00, costs 12.50, 120 units in 12 months"
    )
    assert said["capacity_not_as_stated BENCH"] == (
        "bench: 100 hours a month stated, 160 logged (at most 160), planned with 150"
    )


def _sum(values: Iterator[Any]) -> float | None:
    given = [float(value) for value in values if value is not None]
    return sum(given) if given else None
