"""Setups in a plan: how near to the best bound the plan comes, and after how many solves without whole numbers.

    python bench/setups.py [--items 100] [--seeds 10]

The company of `supply_model` with a setup for every finished item and month (100 items are 1,800 setups): a setup costs what makes a run
of 1.5 to 4 months worth while (square root formula) and takes 5 % of a month's hours of its item; the line was full before. Gap: of
the whole objective, materials and lost sales included, and of the part that setups decide (setups, stock, overtime, late, lost and
below target). The bound is the sum of what the items cost at least at the hours' prices; the plan is held against every row of the
programme. CPU seconds of this process, the floor measured in the same run: the plan with fractions of setups, ties broken
(LP), and the same programme handed to HiGHS and nothing else (bare LP). Add here: another kind of instance. Keep out: claims; figures
stand in README.md.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

import numpy as np
from supply_company import inputs_of


def company(items: int, seed: int):
    """The network of so many finished items, each with setups."""
    from sop_pipeline.planning.supply.case.useful import largest_useful_release
    from sop_pipeline.planning.supply.network import Setups, build_network

    inputs, periods = inputs_of(items, seed)
    network = build_network(inputs, periods)
    flows = replace(network.flows, frame=network.flows.frame.assign(minimum_units=0.0, lot_units=0.0))
    network = replace(network, flows=flows)
    made = np.flatnonzero((flows.frame["source_type"] == "make").to_numpy())
    names = flows.frame["item_id"].to_numpy()[made]
    asked = dict.fromkeys(names, 0.0)
    for name, units in zip(network.streams["item_id"], network.demand.mean(axis=1), strict=True):
        asked[name] += units
    monthly = np.array([asked[name] for name in names])
    held = network.unit_cost[flows.output[made]] * network.parameters["holding_cost_ratio_per_year"] / 12.0
    between = np.random.default_rng(seed).uniform(1.5, 4.0, len(made))
    cost = np.round(between**2 * held * monthly / 2.0, 2)
    place = {source: number for number, source in enumerate(made.tolist())}
    loads = [row for row, source in enumerate(flows.load_source.tolist()) if source in place]
    of_setup = np.array([place[source] for source in flows.load_source[loads].tolist()])
    setups = Setups(
        names=[f"set up {name}" for name in names],
        source=made,
        setup=np.arange(len(made)),
        cost=np.repeat(cost[:, None], len(periods), axis=1),
        minimum_units=np.zeros((len(made), len(periods))),
        maximum_units=largest_useful_release(network)[made],
        hours_setup=of_setup,
        hours_resource=flows.load_resource[loads],
        hours=np.round(monthly[of_setup] * flows.hours_per_unit[loads] * 0.05, 2),
        maximum_count=np.full(len(made), np.inf),
    )
    return replace(network, setups=setups)


DECIDED = ("setup", "holding", "overtime", "backlog", "lost_sales", "below_target")
"""Cost terms that setups decide; materials, freight and hours at their usual rate are nearly the same in every plan."""


def measure(items: int, seed: int) -> tuple[float, ...]:
    """One instance: gap, gap of what setups decide, solves without whole numbers (with ties broken, bare), seconds of either, how far
    the bound is above those, worst row.
    """
    from sop_pipeline.planning.supply.laws.model import build_model
    from sop_pipeline.planning.supply.prices import unit_prices
    from sop_pipeline.planning.supply.solve_limits import SolveLimits
    from sop_pipeline.planning.supply.solving.assembly import assemble
    from sop_pipeline.planning.supply.solving.highs import hand_over
    from sop_pipeline.planning.supply.solving.lot_sizing import plan_setups
    from sop_pipeline.planning.supply.solving.solve import solve_and_hold

    network = company(items, seed)
    model = build_model(network, unit_prices(network))
    arrays = assemble(model)
    start = time.process_time()
    values, *_ = solve_and_hold(arrays.relaxed(), SolveLimits())
    once = time.process_time() - start
    start = time.process_time()
    hand_over(arrays.relaxed(), {"output_flag": False, "threads": 1, "solver": "simplex"}).run()
    bare = time.process_time() - start
    start = time.process_time()
    plan, bound = plan_setups(arrays, SolveLimits())
    spent = time.process_time() - start
    cost, relaxed = float(arrays.cost @ plan), float(arrays.cost @ values)
    decided = 0.0
    for name in DECIDED:
        _, columns, prices = model.cost_terms[name].merged()
        decided += float(prices @ plan[columns])
    activity = arrays.matrix @ plan
    worst = float(np.maximum(arrays.row_lower - activity, activity - arrays.row_upper).max())
    gap = (cost - bound) / cost
    print(
        f"| {seed} | {len(arrays.whole):,} | {gap:.2%} | {(cost - bound) / decided:.1%} | {spent / once:.1f} | {spent / bare:.1f} | "
        f"{once:.1f} | {bare:.1f} | "
        f"{bound / relaxed - 1:+.2%} | {worst:.0e} |",
        flush=True,
    )
    return gap, (cost - bound) / decided, spent / once, spent / bare, once, bare, bound / relaxed - 1, worst


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=10)
    asked = parser.parse_args()
    print(
        "| seed | setups | gap | of what setups decide | LPs | bare LPs | s an LP | s a bare LP | bound above the LP | worst row |"
    )
    print("|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|", flush=True)
    found = np.array([measure(asked.items, seed) for seed in range(1, asked.seeds + 1)])
    mean, most = found.mean(axis=0), found.max(axis=0)
    print(
        f"mean: gap {mean[0]:.2%}, {mean[2]:.1f} LPs, {mean[3]:.1f} bare; worst: gap {most[0]:.2%}, {most[2]:.1f} LPs, {most[3]:.1f} bare"
    )
