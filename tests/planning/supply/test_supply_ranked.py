"""Objectives by rank: no less is left unserved at a higher rank than a row-by-row search finds, then no plan is cheaper."""

from __future__ import annotations

import numpy as np
import pytest

from sop_pipeline.planning.supply.laws.model import build_model
from sop_pipeline.planning.supply.network import build_network
from sop_pipeline.planning.supply.prices import unit_prices
from sop_pipeline.planning.supply.proof.certificate import certify
from sop_pipeline.planning.supply.solve_limits import SolveLimits
from sop_pipeline.planning.supply.solving.assembly import assemble
from sop_pipeline.planning.supply.solving.solve import solve_arrays, solve_by_rank


def short_of_hours(company, lost_cost: float):
    """Ten hours a month for three customers of ranks 1 to 3; the last is the dearest to lose."""
    built = company(4)
    for rank, price in ((1, 30.0), (2, 40.0), (3, 90.0)):
        built.demand(
            "A", "plant", [5.0, 6.0, 7.0, 8.0], price=price, cost=20.0, channel=f"c{rank}", priority=rank,
            lost_cost=lost_cost, waits=0.5,
        )  # fmt: skip
    return (
        built.source("make", "A", "plant", 2.0, hours={"line": 1.0})
        .resource("line", [10.0] * 4, overtime=2.0, cost=8.0)
        .stock("A", "plant", 1.0, 20.0)
    )


def unserved(model):
    rank = model.network.streams["priority"].to_numpy(dtype=float)
    found = []
    for priority in (1.0, 2.0, 3.0):
        counts = np.zeros(model.column_count)
        for name in ("lost", "backlog"):
            counts[model.variables[name][rank == priority]] = 1.0
        found.append(counts)
    return found


@pytest.mark.parametrize("lost_cost", [0.0, 3.0])
@pytest.mark.parametrize("bundle_columns", [10_000, 10])
def test_ranked_objectives_are_those_of_a_search_with_a_row_for_each(company, lost_cost, bundle_columns):
    built = short_of_hours(company, lost_cost)
    built.demand(
        "B", "plant", [1.0, 2.0, 3.0, 4.0], price=10.0, channel="c1"
    )  # nobody makes it: a part of its own
    network = build_network(built.inputs(), built.periods)
    model = build_model(network, unit_prices(network))
    arrays, objectives = assemble(model), unserved(model)
    held = arrays
    for objective in objectives:
        values, *_ = solve_arrays(held.with_cost(objective), SolveLimits())
        held = held.with_least(objective, values)
    slow, *_ = solve_arrays(held, SolveLimits())
    ranked, values, prices = solve_by_rank(arrays, objectives, SolveLimits(bundle_columns=bundle_columns))
    for objective in objectives:
        assert objective @ values == pytest.approx(objective @ slow, abs=1e-5)
    assert arrays.cost @ values == pytest.approx(arrays.cost @ slow, rel=1e-5)
    assert certify(ranked, values, prices).is_proven


def test_without_ranks_the_dearest_customer_would_be_served_first(company):
    built = short_of_hours(company, 0.0)
    network = build_network(built.inputs(), built.periods)
    model = build_model(network, unit_prices(network))
    first, _, third = unserved(model)
    by_cost, *_ = solve_arrays(assemble(model), SolveLimits())
    _, by_rank, _ = solve_by_rank(assemble(model), unserved(model), SolveLimits())
    assert first @ by_rank < first @ by_cost
    assert third @ by_rank > third @ by_cost
