"""What a scenario costs against a cold solve of the same programme: many random differences, each solved both ways.

    python bench/scenarios.py HOME [--diffs 100] [--seed 1]

HOME is a home with a finished cycle (`sop refresh`). Differences of one lever (demand, capacity, price, unit cost, safety stock) over
random objects, months and amounts; those that change at most 1 % of the rows of the programme are told apart. CPU seconds of this process. Warm: from
the lever to the figures that are compared, building and reading included. Cold: the solve alone of the changed programme. Add here:
another kind of difference. Keep out: claims; figures stand in README.md.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

SMALL_RATIO = 0.01
KINDS = {
    "demand": (("item", "family", "channel"), 0.7, 1.4),
    "capacity": (("resource",), 0.8, 1.2),
    "price": (("item", "family"), 0.9, 1.1),
    "unit_cost": (("supplier", "item"), 0.8, 1.3),
    "safety_stock": (("item", "family"), 0.5, 1.5),
}


def review_of(home: Path) -> tuple[Any, Any]:
    """The newest cycle's plan as a base of scenarios, and what its items are."""
    import duckdb

    from assets.supply_review import read_network_inputs
    from sop_pipeline.planning.cycle import Cycle
    from sop_pipeline.planning.supply.laws.model import build_model
    from sop_pipeline.planning.supply.network import build_network
    from sop_pipeline.planning.supply.prices import unit_prices
    from sop_pipeline.planning.supply.scenarios.solves import Review
    from sop_pipeline.planning.supply.solve_limits import SolveLimits
    from sop_pipeline.planning.supply.solving.solve import solve_model
    from sop_pipeline.settings import DBT_PROJECT_DIR
    from sop_pipeline.warehouse.contracts import load_contracts
    from sop_pipeline.warehouse.reader import WarehouseReader

    database = home / "work" / "sop.duckdb"
    with duckdb.connect(str(database), read_only=True) as connection:
        cycle = Cycle(connection.execute("select cycle_id from core.dim_cycle").fetchall()[0][0])
    read = WarehouseReader(load_contracts(DBT_PROJECT_DIR), home / "lake", database, cycle.cycle_id)
    inputs = read_network_inputs(read, cycle, read.read("planning.target_stocks"))
    network = build_network(inputs, cycle.periods)
    model = build_model(network, unit_prices(network))
    limits = SolveLimits(workers=1)
    return Review(model, [], inputs.items, solve_model(model, limits), limits), inputs.items


def random_lever(random: np.random.Generator, review: Any, items: pd.DataFrame) -> pd.DataFrame:
    """One difference: what, of which object, in which months, by how much."""
    network = review.model.network
    kind = str(random.choice(list(KINDS)))
    scopes, least, most = KINDS[kind]
    scope = str(random.choice(list(scopes)))
    known = {
        "item": network.streams["item_id"] if kind in ("demand", "price") else network.item_sites["item_id"],
        "family": items["family_id"],
        "channel": network.streams["channel_id"],
        "resource": pd.Series(network.resources),
        "supplier": network.flows.frame["supplier_id"],
    }[scope]
    first, last = np.sort(random.integers(0, len(network.periods), 2))
    return pd.DataFrame(
        [
            {
                "lever_number": 1,
                "lever_type": kind,
                "scope": scope,
                "scope_id": random.choice(np.unique(known.dropna().to_numpy(dtype=str))),
                "first_period_start_date": network.periods[first],
                "last_period_start_date": network.periods[last],
                "operation": "multiply",
                "lever_value": float(random.uniform(least, most)),
            }
        ]
    )


def _loaded(review: Any, items: pd.DataFrame) -> pd.DataFrame:
    """A difference that is there in any company, and is not counted."""
    lever = random_lever(np.random.default_rng(0), review, items)
    return lever.assign(
        lever_type="price", scope="company", scope_id="all", lever_value=1.01,
        first_period_start_date=review.periods[0], last_period_start_date=review.periods[-1],
    )  # fmt: skip


def measure(home: Path, diffs: int, seed: int) -> None:
    from sop_pipeline.planning.supply.laws.model import build_model
    from sop_pipeline.planning.supply.prices import unit_prices
    from sop_pipeline.planning.supply.scenarios.levers import LeverError, apply_levers
    from sop_pipeline.planning.supply.solve_limits import SolveLimits
    from sop_pipeline.planning.supply.solving.assembly import assemble
    from sop_pipeline.planning.supply.solving.solve import solve_and_hold

    review, items = review_of(home)
    base, random, rows = review.arrays, np.random.default_rng(seed), []
    review.scenario(_loaded(review, items))  # what a process loads once is no part of the first difference
    while len(rows) < diffs:
        lever = random_lever(random, review, items)
        start = time.process_time()
        try:
            result = review.scenario(lever)
        except LeverError:
            continue  # nothing of it in these months
        warm = time.process_time() - start
        network = apply_levers(review.model.network, lever, items)
        model = build_model(network, unit_prices(network))
        arrays = assemble(model)
        changed = np.count_nonzero(
            (arrays.row_lower != base.row_lower) | (arrays.row_upper != base.row_upper)
        )
        changed += np.count_nonzero((arrays.cost != base.cost) | (arrays.upper != base.upper))
        start = time.process_time()
        values, *_ = solve_and_hold(arrays, SolveLimits(workers=1))
        cold = time.process_time() - start
        _, columns, preferred = model.preferences.merged()
        objective = arrays.cost @ values - preferred @ values[columns]
        gap = abs(objective - result.objective_value) / max(abs(result.objective_value), 1.0)
        kind = f"{lever['lever_type'].iloc[0]} of {lever['scope'].iloc[0]}"
        rows.append(
            (kind, changed / len(base.row_lower), cold / warm, warm / cold, result.is_warm, warm, cold, gap)
        )
        print(
            f"{kind:<24} {changed:>6} changed  warm {warm:7.3f} s  cold {cold:7.3f} s  {cold / warm:7.1f}x",
            flush=True,
        )
    told = pd.DataFrame(
        rows, columns=["kind", "changed", "faster", "slower", "is_warm", "warm", "cold", "gap"]
    )
    small = told[told["changed"] <= SMALL_RATIO]
    print(
        f"\n{len(base.cost):,} variables, {len(base.row_lower):,} rows; {len(told)} differences, {len(small)} of at most 1 % of the rows\n"
        "| differences | count | least | median | at least 20x | in all | slowest, of cold | begun anew |\n"
        "|---|---:|---:|---:|---:|---:|---:|---:|"
    )
    groups = [("at most 1 % of the rows", small), ("all", told)]
    groups += [
        (f"{kind}, at most 1 %", some) for kind, some in small.groupby(small["kind"].str.split().str[0])
    ]
    for name, some in groups:
        if len(some):
            print(_line(name, some))
    print(f"largest difference of the cost of the plan, warm against cold: {told['gap'].max():.1e}")


def _line(name: str, some: pd.DataFrame) -> str:
    faster = some["faster"]
    cells = [
        name, len(some), f"{faster.min():.1f}x", f"{faster.median():.0f}x", f"{np.mean(faster >= 20):.0%}",
        f"{some['cold'].sum() / some['warm'].sum():.1f}x", f"{some['slower'].max():.2f}", int((~some["is_warm"]).sum()),
    ]  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("home", type=Path)
    parser.add_argument("--diffs", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    measure(asked.home, asked.diffs, asked.seed)
