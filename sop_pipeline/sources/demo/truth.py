"""What only the simulator knows, written down for tests that score the pipeline.

It is written to a folder of its own and never into a delivery; no step of the pipeline may read it.
Add here: something planted that a later test scores against. Keep out: anything an ERP would know.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa

from sop_pipeline.sources.demo import catalogue
from sop_pipeline.sources.demo.columns import Columns
from sop_pipeline.sources.demo.export import Extract, constant, dates, from_rows, lookup, write_csv
from sop_pipeline.sources.demo.firm import Firm
from sop_pipeline.sources.demo.masters import operation_numbers, resource_ids
from sop_pipeline.sources.demo.orders import month_demand
from sop_pipeline.sources.demo.planner_demand import SUBMITTERS
from sop_pipeline.sources.demo.randomness import rounded
from sop_pipeline.sources.demo.state import MOVEMENTS
from sop_pipeline.sources.demo.timeline import first_day


def write_truth_files(firm: Firm, filed: dict[str, Columns], month: int, folder: Path) -> None:
    """The truth about all months before the given one."""
    folder.mkdir(parents=True, exist_ok=True)
    keys = ["item_id", "site_id", "channel_id", "period_start_date"]
    write_csv(folder, "demand", _demand(firm, month), keys)
    write_csv(folder, "stock_out_losses", _losses(firm, filed["lost"]), keys)
    write_csv(folder, "parameters", _parameters(firm), ["parameter", "object_id"])
    submitters = [(who, group, catalogue.SITES[site], bias) for group, site, who, bias, _ in SUBMITTERS]
    write_csv(
        folder,
        "submitters",
        from_rows(("submitted_by", "customer_group", "site_id", "bias_ratio"), submitters),
        ["submitted_by"],
    )
    movement_keys = ["item_id", "site_id", "period_start_date"]
    write_csv(folder, "material_flows", _movements(firm, filed["movements"]), movement_keys)


def _days(months: np.ndarray) -> pa.Array:
    return dates(np.array([first_day(month) for month in range(200)])[months])


def _keys(firm: Firm, series: np.ndarray, months: np.ndarray) -> Extract:
    return {
        "item_id": lookup(firm.items.item_id, firm.demand.series_item[series]),
        "site_id": lookup(catalogue.SITES, firm.demand.series_site[series]),
        "channel_id": lookup(catalogue.CHANNELS, firm.demand.series_channel[series]),
        "period_start_date": _days(months),
    }


def _demand(firm: Firm, month: int) -> Extract:
    """Mean baseline, mean effect of activities, and what customers really wanted, one-off projects among it."""
    count = len(firm.demand.series_item)
    baseline = np.concatenate([firm.demand.baseline(period) for period in range(month)])
    expected = np.concatenate([firm.demand.expected(period) for period in range(month)])
    drawn = [month_demand(firm, period) for period in range(month)]
    return _keys(firm, np.tile(np.arange(count), month), np.repeat(np.arange(month), count)) | {
        "baseline_units": pa.array(rounded(baseline, 3)),
        "activity_effect_units": pa.array(rounded(expected - baseline, 3)),
        "wanted_units": pa.array(np.concatenate([units for units, _ in drawn])),
        "project_units": pa.array(np.concatenate([project for _, project in drawn])),
    }


def _losses(firm: Firm, lost: Columns) -> Extract:
    """Units never ordered because the shop was empty, and units that customers gave up waiting for."""
    key = lost["month"] * len(firm.demand.series_item) + lost["series"]
    found, place = np.unique(key, return_inverse=True)
    unrecorded, cancelled = np.zeros(len(found), dtype=np.int64), np.zeros(len(found), dtype=np.int64)
    np.add.at(unrecorded, place, lost["unrecorded"])
    np.add.at(cancelled, place, lost["cancelled"])
    series, months = found % len(firm.demand.series_item), found // len(firm.demand.series_item)
    return _keys(firm, series, months) | {
        "unrecorded_units": pa.array(unrecorded),
        "given_up_units": pa.array(cancelled),
    }


def _parameters(firm: Firm) -> Extract:
    """Every lead time, yield and run rate, configured and true."""
    network, bills = firm.network, firm.bills
    operations = [
        f"{network.source_id[make]}#{number}"
        for make, number in zip(bills.operation_make.tolist(), operation_numbers(firm).tolist(), strict=True)
    ]
    late = np.where(network.supplier >= 0, firm.suppliers.lateness[np.maximum(network.supplier, 0)], 0.0)
    parts = (
        ("lead_time_days", network.source_id, network.lead_days, network.true_lead_days + late),
        ("yield_ratio", network.source_id[: firm.makes], firm.yield_ratio, bills.true_yield),
        (
            "run_hours_per_unit",
            operations,
            bills.operation_run_hours,
            bills.operation_run_hours * bills.true_run_ratio,
        ),
    )
    return {
        "parameter": pa.concat_arrays([constant(name, len(ids)) for name, ids, _, _ in parts]),
        "object_id": pa.array([number for _, ids, _, _ in parts for number in ids]),
        "configured_value": pa.array(
            np.concatenate([rounded(np.asarray(c, dtype=float), 6) for _, _, c, _ in parts])
        ),
        "true_value": pa.array(
            np.concatenate([rounded(np.asarray(t, dtype=float), 6) for _, _, _, t in parts])
        ),
        "resource_id": pa.concat_arrays(
            [
                pa.nulls(len(network.source_id) + firm.makes, pa.string()),
                lookup(resource_ids(firm), bills.operation_resource),
            ]
        ),
    }


def _movements(firm: Firm, movements: Columns) -> Extract:
    node = movements["node"]
    return {
        "item_id": lookup(firm.items.item_id, firm.network.node_item[node]),
        "site_id": lookup(catalogue.SITES, firm.network.node_site[node]),
        "period_start_date": _days(movements["month"]),
    } | {f"{name}_units": pa.array(movements[name]) for name in MOVEMENTS}
