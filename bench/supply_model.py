"""What the model around the solver costs: build, Pyomo, arrays and read-back, by variable, against handing over bare arrays.

    python bench/supply_model.py [--items 310 3100] [--solve]

A company of N finished items: made of two bought parts on a shared line, moved to two distribution centres, two channels,
18 months. CPU seconds of this process (the machine may be busy), memory as its peak; the floor is the same programme as
arrays, copied into HiGHS in the same run. Add here: another size or shape. Keep out: claims; figures stand in README.md.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import time

import numpy as np
import pandas as pd

MONTHS = 18


def inputs_of(items: int, seed: int = 1):
    """A company of so many finished items; capacity is scarce in most months."""
    from sop_pipeline.planning.supply.inputs import TABLES, SupplyInputs

    random = np.random.default_rng(seed)
    periods = pd.date_range("2026-01-01", periods=MONTHS, freq="MS")
    names = np.array([f"F{number:06d}" for number in range(items)])
    parts = np.array([[f"{name}-{part}" for part in "AB"] for name in names]).ravel()
    lines = np.array([f"line {number % max(items // 20, 1):04d}" for number in range(items)])
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
    needed = demand.assign(
        hours=demand["demand_units"] * demand["item_id"].map(dict(zip(names, hours, strict=True)))
    )
    needed = needed.assign(resource_id=needed["item_id"].map(dict(zip(names, lines, strict=True))))
    capacity = needed.groupby(["resource_id", "period_start_date"])["hours"].mean().reset_index()
    mean = needed.groupby(["resource_id", "period_start_date"])["hours"].sum().groupby("resource_id").mean()
    capacity["regular_hours"] = capacity["resource_id"].map(mean) * 0.97
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
        source_loads=pd.DataFrame(
            {"source_id": make["source_id"], "resource_id": lines, "hours_per_unit": hours}
        ),
        capacity=capacity,
        inventory_position=position,
        items=pd.DataFrame({"item_id": [*names, *parts]}),
        parameters=parameters,
        target_stocks=targets,
        **empty,
    ), periods


def measure(items: int, is_solved: bool) -> None:
    """One size, in this process."""
    import highspy
    import pyomo.environ
    from pyomo.core.expr.numeric_expr import LinearExpression

    from sop_pipeline.planning.supply.laws.model import build_model
    from sop_pipeline.planning.supply.network import build_network
    from sop_pipeline.planning.supply.prices import unit_prices
    from sop_pipeline.planning.supply.solve_limits import SolveLimits
    from sop_pipeline.planning.supply.solving.compilation import compile_model
    from sop_pipeline.planning.supply.solving.highs import hand_over, solver_options
    from sop_pipeline.planning.supply.solving.solve import solve_arrays

    assert highspy and pyomo.environ and LinearExpression  # imported before the clock starts
    inputs, periods = inputs_of(items)
    network = build_network(inputs, periods)
    prices = unit_prices(network)
    before = _peak_megabytes()
    seconds = {}
    start = time.process_time()
    model = build_model(network, prices)
    seconds["blocks"] = time.process_time() - start
    start = time.process_time()
    arrays = compile_model(model)
    seconds["Pyomo and arrays"] = time.process_time() - start
    start = time.process_time()
    hand_over(arrays, solver_options(SolveLimits(), len(arrays.cost)))
    seconds["floor: arrays into HiGHS"] = time.process_time() - start
    values = np.zeros(len(arrays.cost))
    start = time.process_time()
    for columns in model.variables.values():
        values[columns]
    seconds["read-back"] = time.process_time() - start
    count = arrays.matrix.shape[1]
    ours = seconds["blocks"] + seconds["Pyomo and arrays"] + seconds["read-back"]
    print(f"{count:,} variables, {arrays.matrix.shape[0]:,} rows, {arrays.matrix.nnz:,} non-zeros")
    for name, spent in seconds.items():
        print(f"  {name:<26} {spent:8.2f} s CPU {spent / count * 1e6:8.2f} us a variable")
    print(f"  model in all               {ours:8.2f} s CPU {ours / count * 1e6:8.2f} us a variable")
    print(
        f"  peak memory {_peak_megabytes():,.0f} MB, of it the model {_peak_megabytes() - before:,.0f} MB",
        flush=True,
    )
    if is_solved:
        start = time.process_time()
        _, row_prices, *_ = solve_arrays(arrays, SolveLimits())
        spent = time.process_time() - start
        capacity = row_prices[model.rows["capacity"].positions]
        print(
            f"  solve {spent:.1f} s CPU; model / solve {ours / spent:.3f}; capacity rows with a price "
            f"{np.mean(np.abs(capacity) > 1e-6):.0%}"
        )


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, nargs="+", default=[310, 3100])
    parser.add_argument("--solve", action="store_true")
    asked = parser.parse_args()
    if len(asked.items) == 1:
        measure(asked.items[0], asked.solve)
    else:
        for size in asked.items:  # a process each, so that peaks are its own
            command = [sys.executable, __file__, "--items", str(size)] + (["--solve"] if asked.solve else [])
            subprocess.run(command, check=True)
