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
from sop_pipeline.sources.demo.export import Extract, constant, dates, flags, from_rows, lookup, write_csv
from sop_pipeline.sources.demo.firm import LOT_MULTIPLE, Firm
from sop_pipeline.sources.demo.masters import operation_numbers, resource_ids
from sop_pipeline.sources.demo.network import BUY
from sop_pipeline.sources.demo.orders import month_demand
from sop_pipeline.sources.demo.planner_demand import SUBMITTERS
from sop_pipeline.sources.demo.randomness import Floats, Integers, rounded
from sop_pipeline.sources.demo.state import MOVEMENTS
from sop_pipeline.sources.demo.timeline import first_day

Numbers = Floats | Integers


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
    """Every parameter that something may be wrong with, configured and true, and whether it was planted wrong.

    Object: the source; of a run rate source#operation; of a lead time between sites the lane.
    """
    network, bills = firm.network, firm.bills
    makes, buys = np.arange(firm.makes), network.of_kind(BUY)
    operations = [
        f"{network.source_id[make]}#{number}"
        for make, number in zip(bills.operation_make.tolist(), operation_numbers(firm).tolist(), strict=True)
    ]
    late = firm.suppliers.lateness[network.supplier[buys]]
    lanes = [f"{catalogue.SITES[start]}-{catalogue.SITES[end]}" for start, end, *_ in catalogue.LANES]
    lane_days = np.array([days for _, _, days, *_ in catalogue.LANES], dtype=float)
    made = [network.source_id[make] for make in makes.tolist()]
    bought = [network.source_id[buy] for buy in buys.tolist()]
    parts: tuple[tuple[str, list[str], Numbers, Numbers], ...] = (
        ("lead_time_days", made, network.lead_days[makes], network.true_lead_days[makes]),
        ("lead_time_days", bought, network.lead_days[buys], network.true_lead_days[buys] + late),
        ("lead_time_days", lanes, lane_days, lane_days),
        ("minimum_order_units", bought, network.minimum_units[buys], network.true_minimum_units[buys]),
        ("lot_minimum_units", made, firm.configured_lot_units, firm.lot_units),
        ("lot_multiple_units", made, np.full(firm.makes, LOT_MULTIPLE), firm.true_multiple),
        ("yield_ratio", made, firm.yield_ratio, bills.true_yield),
        ("run_hours_per_unit", operations, bills.operation_run_hours, bills.operation_run_hours * bills.true_run_ratio),
    )  # fmt: skip
    configured = np.concatenate([np.asarray(part[2], dtype=float) for part in parts])
    true = np.concatenate([np.asarray(part[3], dtype=float) for part in parts])
    least = np.concatenate([_planted_from(name, ids, before) for name, ids, before, _ in parts])
    return {
        "parameter": pa.concat_arrays([constant(name, len(ids)) for name, ids, _, _ in parts]),
        "object_id": pa.array([number for _, ids, _, _ in parts for number in ids]),
        "configured_value": pa.array(rounded(configured, 6)),
        "true_value": pa.array(rounded(true, 6)),
        "is_planted_wrong": flags(np.abs(true - configured) > least),
        "resource_id": pa.concat_arrays(
            [
                pa.nulls(len(configured) - len(operations), pa.string()),
                lookup(resource_ids(firm), bills.operation_resource),
            ]
        ),
    }


def _planted_from(parameter: str, ids: list[str], configured: Numbers) -> Floats:
    """What a planted error exceeds and the small change of every parameter does not; nothing lies in between by design."""
    days = {"make": 1.0, "buy:": 6.0}.get(ids[0][:4], 1.0)
    least = {"lead_time_days": days, "yield_ratio": 0.015, "run_hours_per_unit": 0.05}.get(parameter, 0.0)
    share = np.asarray(configured, dtype=float) if parameter == "run_hours_per_unit" else np.ones(len(ids))
    found: Floats = least * share
    return found


def _movements(firm: Firm, movements: Columns) -> Extract:
    node = movements["node"]
    return {
        "item_id": lookup(firm.items.item_id, firm.network.node_item[node]),
        "site_id": lookup(catalogue.SITES, firm.network.node_site[node]),
        "period_start_date": _days(movements["month"]),
    } | {f"{name}_units": pa.array(movements[name]) for name in MOVEMENTS}
