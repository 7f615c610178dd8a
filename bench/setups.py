"""Setups in a plan: how near to the best bound the first plan comes, and after how many solves without whole numbers.

    python bench/setups.py [--items 100] [--seeds 10] [--then 0]

The company of `supply_model` with a setup for every finished item and month (100 items are 1,800 setups): a setup costs what makes a run
of 1.5 to 4 months worth while (square root formula) and takes 5 % of a month's hours of its item; the line was full before. The gap is that
of the whole objective, materials and lost sales included, to the bound of the same run. Add here: another kind of instance. Keep
out: claims; figures stand in README.md.
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


def measure(items: int, seed: int, then_seconds: float) -> None:
    """One instance."""
    from sop_pipeline.planning.supply.laws.model import build_model
    from sop_pipeline.planning.supply.prices import unit_prices
    from sop_pipeline.planning.supply.solve_limits import SolveLimits
    from sop_pipeline.planning.supply.solving.assembly import assemble
    from sop_pipeline.planning.supply.solving.solve import solve_and_hold
    from sop_pipeline.planning.supply.solving.whole_numbers import branch_and_bound, rounded_plan

    network = company(items, seed)
    arrays = assemble(build_model(network, unit_prices(network)))
    start = time.process_time()
    values, *_ = solve_and_hold(replace(arrays, implied=None).relaxed(), SolveLimits())
    once = time.process_time() - start
    start = time.process_time()
    plan, bound = rounded_plan(arrays, SolveLimits())
    spent = time.process_time() - start
    cost = float(arrays.cost @ plan)
    told = f"{len(arrays.whole):,} setups, seed {seed}: LP {once:.1f} s CPU, bound {bound / (arrays.cost @ values) - 1:+.2%} above it"
    print(f"{told}; first plan after {spent / once:.1f} LPs, gap {(cost - bound) / cost:.2%}", flush=True)
    if then_seconds:
        start = time.process_time()
        *_, gap = branch_and_bound(arrays, SolveLimits(then_seconds, 0.003))
        print(
            f"  with branch and bound from there {(time.process_time() - start) / once:.1f} LPs, gap {gap:.2%}",
            flush=True,
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--items", type=int, default=100)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument(
        "--then", type=float, default=0.0, help="seconds of branch and bound from the first plan"
    )
    asked = parser.parse_args()
    for number in range(1, asked.seeds + 1):
        measure(asked.items, number, asked.then)
