"""A company of any size to measure the supply plan on, and the newest plan of a home.

N finished items: made of two bought parts on a shared line, moved to two distribution centres, two channels, 18 months. Add here: another
shape of company. Keep out: measuring.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

MONTHS = 18


def inputs_of(
    items: int, seed: int = 1, hours_ratio: float = 0.97, shared_ratio: float = 0.0, items_per_line: int = 20
):
    """A company of so many finished items.

    `hours_ratio`: regular hours of a line over the mean of what its demand takes (0.97: scarce in most months). `shared_ratio`: items that
    also take hours of a second line drawn at random, which ties lines together; with 0 every line is a programme of its own.
    """
    from sop_pipeline.planning.supply.inputs import TABLES, SupplyInputs

    random = np.random.default_rng(seed)
    periods = pd.date_range("2026-01-01", periods=MONTHS, freq="MS")
    names = np.array([f"F{number:06d}" for number in range(items)])
    parts = np.array([[f"{name}-{part}" for part in "AB"] for name in names]).ravel()
    lines = np.array([f"line {number % max(items // items_per_line, 1):04d}" for number in range(items)])
    base = random.uniform(50, 500, items)
    hours = random.uniform(0.2, 1.0, items)
    demand = pd.DataFrame(
        [
            (name, site, channel, period, round(units * random.uniform(0.6, 1.4) / 4, 3), 100.0, 40.0)
            for name, units in zip(names, base, strict=True)
            for site, channel in (("east", "direct"), ("west", "retail"))
            for period in periods
        ],
        columns=[
            "item_id",
            "site_id",
            "channel_id",
            "period_start_date",
            "demand_units",
            "unit_price",
            "unit_cost",
        ],
    )
    terms = {
        "priority": 1,
        "backlog_cost_ratio": 0.1,
        "lost_sale_cost_ratio": 0.2,
        "backlog_maximum_ratio": 0.5,
    }
    make = pd.DataFrame(
        {"source_id": "make:" + names, "source_type": "make", "item_id": names, "site_id": "plant"}
    )
    moves = [
        pd.DataFrame(
            {"source_id": f"move:{site}:" + names, "source_type": "move", "item_id": names, "site_id": site}
        )
        for site in ("east", "west")
    ]
    buy = pd.DataFrame(
        {"source_id": "buy:" + parts, "source_type": "buy", "item_id": parts, "site_id": "plant"}
    )
    sources = pd.concat([make, *moves, buy], ignore_index=True)
    sources["from_site_id"] = np.where(sources["source_type"] == "move", "plant", None)
    sources["lead_time_months"] = np.where(sources["source_type"] == "buy", 1.0, 0.25)
    sources["unit_cost"] = np.where(sources["source_type"] == "buy", 8.0, 1.0)
    sources = sources.assign(yield_ratio=1.0, priority=1, maximum_units_per_month=np.nan, supplier_id="S")
    loads = pd.DataFrame(
        {"item_id": names, "source_id": make["source_id"], "resource_id": lines, "hours_per_unit": hours}
    )
    if shared_ratio:
        second = loads[random.random(items) < shared_ratio]
        second = second.assign(
            resource_id=random.choice(np.unique(lines), len(second)),
            hours_per_unit=second["hours_per_unit"] / 2,
        )
        loads = pd.concat([loads, second]).drop_duplicates(["source_id", "resource_id"])
    needed = demand.merge(loads, on="item_id")
    needed["hours"] = needed["demand_units"] * needed["hours_per_unit"]
    capacity = needed.groupby(["resource_id", "period_start_date"])["hours"].mean().reset_index()
    mean = needed.groupby(["resource_id", "period_start_date"])["hours"].sum().groupby("resource_id").mean()
    capacity["regular_hours"] = capacity["resource_id"].map(mean) * hours_ratio
    capacity["overtime_maximum_hours"] = capacity["regular_hours"] * 0.1
    capacity = capacity.assign(regular_cost_per_hour=10.0, overtime_cost_per_hour=15.0).drop(columns="hours")
    position = pd.concat(
        [
            pd.DataFrame({"item_id": names, "site_id": site, "usable_units": base / 4, "unit_cost": 40.0})
            for site in ("plant", "east", "west")
        ]
        + [pd.DataFrame({"item_id": parts, "site_id": "plant", "usable_units": 100.0, "unit_cost": 8.0})]
    ).assign(backlog_units=0.0, maximum_stock_units=np.nan)
    targets = pd.DataFrame(
        [
            (name, site, period, round(units / 8, 3))
            for name, units in zip(names, base, strict=True)
            for site in ("east", "west")
            for period in periods
        ],
        columns=["item_id", "site_id", "period_start_date", "target_units"],
    )
    parameters = pd.DataFrame(
        {
            "parameter_id": [
                "holding_cost_ratio_per_year",
                "below_target_cost_ratio_per_month",
                "above_maximum_cost_ratio_per_month",
            ],
            "scope": "company",
            "scope_id": "all",
            "parameter_value": [0.12, 0.02, 0.1],
        }
    )
    empty = {
        name: pd.DataFrame({column: pd.Series(dtype=object) for column in TABLES[name].columns})
        for name in ("source_limits", "open_supply")
    }
    inputs = pd.DataFrame({"source_id": np.repeat("make:" + names, 2), "item_id": parts, "site_id": "plant"})
    return SupplyInputs(
        demand=demand.assign(**terms),
        sources=sources,
        source_inputs=inputs.assign(units_per_unit=2.0),
        source_loads=loads.drop(columns="item_id"),
        capacity=capacity,
        inventory_position=position,
        items=pd.DataFrame({"item_id": [*names, *parts]}),
        parameters=parameters,
        target_stocks=targets,
        **empty,
    ), periods


def inputs_of_home(home: Path) -> tuple[Any, Any]:
    """Inputs and periods of the newest cycle of a home (`sop refresh`)."""
    import duckdb

    from assets.supply_review import read_network_inputs
    from sop_pipeline.planning.cycle import Cycle
    from sop_pipeline.settings import DBT_PROJECT_DIR
    from sop_pipeline.warehouse.contracts import load_contracts
    from sop_pipeline.warehouse.reader import WarehouseReader

    database = home / "work" / "sop.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        cycle = Cycle(connection.execute("select cycle_id from core.dim_cycle").fetchall()[0][0])
    read = WarehouseReader(load_contracts(DBT_PROJECT_DIR), home / "lake", database, cycle.cycle_id)
    return read_network_inputs(read, cycle, read.read("planning.target_stocks")), cycle.periods


def inputs_of_case(case: str) -> tuple[Any, Any]:
    """A company by items, items:shared_ratio, or the newest plan of a home folder."""
    if Path(case).is_dir():
        return inputs_of_home(Path(case))
    items, *shared = case.split(":")
    return inputs_of(int(items), shared_ratio=float(shared[0]) if shared else 0.0)
