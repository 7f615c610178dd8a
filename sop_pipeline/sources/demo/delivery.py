"""A cycle's delivery: every table of the source contract and every planner input, as CSV of fixed bytes.

Add here: a table that is delivered, with the order of its rows. Keep out: how its columns come about.
"""

from __future__ import annotations

from pathlib import Path

from sop_pipeline.sources.demo.bookkeeping import book_extracts
from sop_pipeline.sources.demo.columns import Columns
from sop_pipeline.sources.demo.documents import document_extracts
from sop_pipeline.sources.demo.export import write_csv
from sop_pipeline.sources.demo.firm import Firm
from sop_pipeline.sources.demo.masters import master_extracts
from sop_pipeline.sources.demo.planners import planner_extracts
from sop_pipeline.sources.demo.plant_calendar import plant_extracts
from sop_pipeline.sources.demo.state import State
from sop_pipeline.sources.demo.terms import term_extracts

ROW_ORDER: dict[str, tuple[str, ...]] = {
    "items": ("item_id",),
    "item_sites": ("item_id", "site_id"),
    "uom_conversions": ("item_id", "from_uom_id"),
    "sites": ("site_id",),
    "companies": ("company_id",),
    "calendars": ("calendar_id", "calendar_date"),
    "payment_terms": ("payment_term_id",),
    "lanes": ("lane_id",),
    "customers": ("customer_id",),
    "suppliers": ("supplier_id",),
    "sales_order_lines": ("order_id", "line_id"),
    "shipment_lines": ("shipment_id", "line_id"),
    "invoice_lines": ("invoice_id", "line_id"),
    "inventory_snapshots": ("snapshot_date", "item_id", "site_id", "stock_status"),
    "inventory_movements": ("movement_id", "line_id"),
    "bom_lines": ("parent_item_id", "site_id", "bom_alternative_id", "line_id"),
    "routing_operations": ("item_id", "site_id", "routing_alternative_id", "operation_number"),
    "resources": ("resource_id",),
    "resource_capacities": ("resource_id", "period_start_date"),
    "downtimes": ("downtime_id",),
    "storage_capacities": ("site_id", "storage_type", "period_start_date"),
    "production_orders": ("production_order_id",),
    "operation_confirmations": ("production_order_id", "operation_number"),
    "purchase_order_lines": ("purchase_order_id", "line_id"),
    "purchase_receipts": ("receipt_id",),
    "transfer_orders": ("transfer_order_id",),
    "supplier_items": ("supplier_id", "item_id", "site_id"),
    "supplier_capacities": ("supplier_id", "item_id", "period_start_date"),
    "standard_costs": ("item_id", "site_id", "valid_from_date"),
    "prices": ("item_id", "channel_id", "currency_code", "valid_from_date"),
    "fx_rates": ("from_currency_code", "to_currency_code", "rate_date"),
    "ledger_balances": ("company_id", "account_id", "period_start_date"),
    "goals": ("goal_version", "metric", "level", "level_id", "period_start_date"),
    "activity_plans": ("activity_id", "item_id", "site_id", "channel_id", "period_start_date"),
    "npd_plans": ("item_id", "site_id", "channel_id"),
    "sales_forecasts": ("customer_group", "item_id", "site_id", "channel_id", "period_start_date"),
    "sales_level_forecasts": ("submission_id", "period_start_date"),
    "overrides": ("override_id", "period_start_date"),
    "kpi_targets": ("kpi_id",),
    "priorities": ("channel_id",),
    "service_targets": ("family_id",),
    "planning_parameters": ("parameter_id", "scope", "scope_id"),
    "events": ("event_id",),
    "market_indices": ("index_id", "period_start_date"),
    "assumptions": ("assumption_id",),
    "cause_confirmations": ("confirmation_id",),
    "actions": ("action_id",),
    "issues": ("issue_id",),
    "decisions": ("decision_id",),
    "roles": ("role_id", "process_step"),
    "scenarios": ("scenario_id",),
    "scenario_levers": ("scenario_id", "lever_number"),
    "capacity_options": ("option_id",),
    "capacity_overrides": ("capacity_type", "object_id", "item_id", "period_start_date"),
    "item_policies": ("item_id", "site_id", "source_type", "source_object_id"),
    "parameter_decisions": ("parameter_id", "object_id"),
    "inventory_policies": ("item_id", "site_id"),
    "labour_groups": ("resource_id",),
    "allocation_rules": ("family_id",),
}


def write_files(firm: Firm, filed: dict[str, Columns], state: State, month: int, folder: Path) -> None:
    """Write the delivery of the cycle of the month into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    extracts = master_extracts(firm, month) | term_extracts(firm, month)
    extracts |= book_extracts(firm, filed, month) | plant_extracts(firm, month)
    extracts |= document_extracts(firm, filed, state, month)
    for name, extract in (extracts | planner_extracts(firm, month)).items():
        write_csv(folder, name, extract, ROW_ORDER[name])
