"""Rolling horizon for what outgrows one machine: windows of months solved one after the other, against the whole at once.

    python bench/rolling.py [--items 310] [--window 9] [--step 6]

Each window sees its months alone; the first `step` of them are kept, the next window starts there. What it loses is held against the
proven optimum of the whole. Add here: another way to take a programme apart that loses something. Keep out: ways that lose nothing
(`planning.supply.solving.components`).
"""

from __future__ import annotations

import argparse
import resource
import time
from dataclasses import replace

import numpy as np
from scipy import sparse
from supply_company import inputs_of


def month_of_columns(model) -> np.ndarray:
    """Month of every variable; what belongs to the whole horizon belongs to its last."""
    month = np.zeros(model.column_count, dtype=int)
    for block in model.variable_blocks:
        count = block.columns.shape[1]
        month[block.columns] = np.arange(model.months - count, model.months)
    return month


def month_of_rows(model) -> np.ndarray:
    """Month of every row; a row of the whole horizon belongs to its last."""
    month = np.full(model.row_count, model.months - 1)
    for block in model.rows.values():
        dated = block.keys[:, 1] >= 0
        month[block.positions[dated]] = block.keys[dated, 1]
    return month


def solve_in_windows(model, arrays, window: int, step: int) -> np.ndarray:
    """Values of all columns."""
    from sop_pipeline.planning.supply.solve_limits import SolveLimits
    from sop_pipeline.planning.supply.solving.solve import solve_and_hold

    columns, rows = month_of_columns(model), month_of_rows(model)
    values = np.zeros(len(arrays.cost))
    by_row = sparse.csr_array(arrays.matrix)
    for first in range(0, model.months, step):
        last = min(first + window, model.months)
        free = np.flatnonzero((columns >= first) & (columns < last))
        held = np.flatnonzero((rows >= first) & (rows < last))
        known = by_row[held] @ np.where(columns < first, values, 0.0)
        part = replace(
            arrays,
            cost=arrays.cost[free],
            matrix=sparse.csc_array(by_row[held][:, free]),
            lower=arrays.lower[free],
            upper=arrays.upper[free],
            row_lower=arrays.row_lower[held] - known,
            row_upper=arrays.row_upper[held] - known,
            weights=arrays.weights[free],
        )
        values[free] = solve_and_hold(part, SolveLimits())[0]
        if last == model.months:
            break
    return values


def main() -> None:
    """Print time, and what the windows lose."""
    from sop_pipeline.planning.supply.laws.model import build_model
    from sop_pipeline.planning.supply.network import build_network
    from sop_pipeline.planning.supply.prices import unit_prices
    from sop_pipeline.planning.supply.solve_limits import SolveLimits
    from sop_pipeline.planning.supply.solving.assembly import assemble
    from sop_pipeline.planning.supply.solving.solve import solve_and_hold

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=310)
    parser.add_argument("--window", type=int, default=9)
    parser.add_argument("--step", type=int, default=6)
    asked = parser.parse_args()
    network = build_network(*inputs_of(asked.items))
    model = build_model(network, unit_prices(network))
    arrays = assemble(model)
    start = time.process_time()
    by_window = solve_in_windows(model, arrays, asked.window, asked.step)
    windows, peak = time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    start = time.process_time()
    whole, *_ = solve_and_hold(arrays, SolveLimits(bundle_columns=len(arrays.cost)))
    at_once = time.process_time() - start
    outside = max(
        float((arrays.row_lower - arrays.matrix @ by_window).max()),
        float((arrays.matrix @ by_window - arrays.row_upper).max()),
    )
    cost, best = float(arrays.cost @ by_window), float(arrays.cost @ whole)
    print(f"{len(arrays.cost):,} variables, windows of {asked.window} months, {asked.step} kept")
    print(
        f"  windows  {windows:6.1f} s CPU, cost {cost:,.0f}, {cost / best - 1:.2%} above the optimum; rows missed by {outside:.1g}"
    )
    print(f"  at once  {at_once:6.1f} s CPU, cost {best:,.0f}; peak {peak:,.0f} MB before, "
          f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB after")  # fmt: skip


if __name__ == "__main__":
    main()
