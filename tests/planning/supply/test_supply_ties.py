"""Where plans cost the same, the plan is one of them: the same from any order of rows, any seed, any algorithm."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from case_company import frames_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sop_pipeline.planning.supply.case import read_case, solve_case
from sop_pipeline.planning.supply.laws.model import build_model
from sop_pipeline.planning.supply.network import build_network
from sop_pipeline.planning.supply.prices import unit_prices
from sop_pipeline.planning.supply.proof.certificate import certify
from sop_pipeline.planning.supply.solve_limits import SolveLimits
from sop_pipeline.planning.supply.solving.assembly import assemble
from sop_pipeline.planning.supply.solving.components import independent_parts
from sop_pipeline.planning.supply.solving.solve import solve_arrays, solve_model
from sop_pipeline.planning.supply.solving.ties import tie_weights

WAYS = [("interior_point", 1), ("interior_point", 1234), ("simplex", 1), ("simplex", 99)]


def tied(factor: float = 1.0, plants: int = 3) -> dict[str, str]:
    """Plants alike in cost and hours, lanes at the same price, stock that costs nothing: hardly a flow is decided by cost."""
    names = [f"P{number}" for number in range(plants)]
    demand = [
        f"{item},{site},{period},{units * factor:g}"
        for item, units in (("A", 40), ("B", 25))
        for site in ("east", "west")
        for period in range(1, 5)
    ]
    make = [f"make {item} {name},make,{item},{name},,5" for item in "AB" for name in names]
    move = [
        f"{item} {name} {site},move,{item},{site},{name},1"
        for item in "AB"
        for name in names
        for site in ("east", "west")
    ]
    loads = [f"make {item} {name},line {name},1" for item in "AB" for name in names]
    hours = [f"line {name},{50 * factor:g}" for name in names]
    return {
        "demand": "\n".join(["item_id,site_id,period,demand_units", *demand]),
        "sources": "\n".join(["source_id,source_type,item_id,site_id,from_site_id,unit_cost", *make, *move]),
        "source_loads": "\n".join(["source_id,resource_id,hours_per_unit", *loads]),
        "resources": "\n".join(["resource_id,regular_hours", *hours]),
    }


def shuffled(tables: dict[str, pd.DataFrame], seed: int) -> dict[str, pd.DataFrame]:
    return {name: frame.sample(frac=1.0, random_state=seed) for name, frame in tables.items()}


def arrays_of(company):
    network = build_network(company.inputs(), company.periods)
    return assemble(build_model(network, unit_prices(network)))


def twins(company, units: list[float]):
    """One customer, two plants that are alike but for their names."""
    return (
        company(4)
        .demand("A", "dc", units, price=60.0, cost=20.0)
        .source("move", "A", "dc", 1.5, from_site="north")
        .source("move", "A", "dc", 1.5, from_site="south")
        .source("make", "A", "north", 2.0, hours={"line north": 1.0})
        .source("make", "A", "south", 2.0, hours={"line south": 1.0})
        .resource("line north", [12.0] * 4, cost=8.0)
        .resource("line south", [12.0] * 4, cost=8.0)
        .stock("A", "dc", 3.0, 20.0)
    )


@pytest.mark.parametrize(("algorithm", "seed"), WAYS)
def test_a_case_full_of_ties_has_one_answer(algorithm, seed):
    first = solve_case(read_case(frames_of(**tied())))
    options = {"algorithm": algorithm, "seed": str(seed)}
    again = solve_case(read_case(shuffled(frames_of(**tied()), seed), options))
    assert again.violations == 0
    assert again.certificate.is_proven
    for name in ("plan", "stock", "demand", "resources", "costs", "prices"):
        pd.testing.assert_frame_equal(again.tables[name], first.tables[name], check_exact=True)


def test_without_the_second_solve_the_same_case_has_several(monkeypatch):
    monkeypatch.setattr(
        "sop_pipeline.planning.supply.solving.face.Face.is_one_plan", lambda self, vertex: True
    )
    plans = [
        solve_case(read_case(frames_of(**tied()), {"algorithm": algorithm})).tables["plan"]
        for algorithm in ("interior_point", "simplex")
    ]
    assert not np.allclose(plans[0]["released_units"], plans[1]["released_units"])


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 10**6), units=st.lists(st.integers(0, 30), min_size=4, max_size=4))
def test_any_order_of_columns_and_rows_ends_in_the_same_plan(company, seed, units):
    arrays = arrays_of(twins(company, [float(number) for number in units]))
    arrays = replace(
        arrays, cost=np.round(arrays.cost, 3)
    )  # without preferences: all that is alike costs the same
    values, duals, *_ = solve_arrays(arrays, SolveLimits())
    random = np.random.default_rng(seed)
    columns, rows = random.permutation(len(arrays.cost)), random.permutation(len(arrays.row_lower))
    mixed = replace(
        arrays,
        cost=arrays.cost[columns],
        matrix=arrays.matrix[:, columns][rows],
        lower=arrays.lower[columns],
        upper=arrays.upper[columns],
        row_lower=arrays.row_lower[rows],
        row_upper=arrays.row_upper[rows],
        weights=arrays.weights[columns],
        row_weights=arrays.row_weights[rows],
        asked_ratio=arrays.asked_ratio[rows],
    )
    for algorithm, number in WAYS:
        found, prices, *_ = solve_arrays(mixed, SolveLimits(algorithm=algorithm, seed=number))
        assert found == pytest.approx(values[columns], abs=1e-6)
        assert prices == pytest.approx(duals[rows], abs=1e-6)
        assert certify(mixed, found, prices).is_proven


@pytest.mark.parametrize(("algorithm", "seed"), WAYS)
def test_where_prices_differ_to_both_sides_the_limit_carries_what_it_can(company, algorithm, seed):
    # exactly enough hours: an hour less costs a sale of 100 less its hour at 10, an hour more is worth nothing
    built = (
        company(1)
        .demand("A", "plant", [12.0], price=100.0)
        .source("make", "A", "plant", hours={"line": 1.0})
        .resource("line", [12.0], cost=10.0)
    )
    network = build_network(built.inputs(), built.periods)
    model = build_model(network, unit_prices(network))
    solved = solve_model(model, SolveLimits(algorithm=algorithm, seed=seed))
    assert solved.saving_per_unit(model.rows["capacity"]) == pytest.approx([90.0], rel=1e-5)
    assert certify(assemble(model), solved.values, solved.duals).is_proven


def test_a_cycle_plan_does_not_depend_on_the_way_to_it(company):
    built = twins(company, [9.0, 28.0, 0.0, 20.0])
    network = build_network(built.inputs(), built.periods)
    model = build_model(network, unit_prices(network))
    first = solve_model(model)
    for algorithm, seed in WAYS:
        other = solve_model(model, SolveLimits(algorithm=algorithm, seed=seed))
        assert other.values == pytest.approx(first.values, abs=1e-6)
        assert other.duals == pytest.approx(first.duals, abs=1e-6)
        assert other.objective_value == pytest.approx(first.objective_value, rel=1e-9)


def test_first_choices_and_first_customers_go_first_where_costs_tie():
    answer = solve_case(
        read_case(
            frames_of(
                demand="""item_id,channel_id,period,demand_units,priority,lost_sale_cost_per_unit
                A,shop,1,10,2,50
                A,key account,1,10,1,50""",
                sources="""source_id,source_type,item_id,unit_cost,maximum_units,priority
                first,buy,A,5,9,1
                second,buy,A,5,6,2""",
            )
        )
    )
    plan = answer.tables["plan"].set_index("source_id")["released_units"]
    lost = answer.tables["demand"].set_index("channel_id")["lost_units"]
    assert (plan["first"], plan["second"]) == (9.0, 6.0)
    assert (lost["shop"], lost["key account"]) == (5.0, 0.0)


def test_a_source_that_is_not_needed_is_not_used():
    answer = solve_case(
        read_case(
            frames_of(
                demand="item_id,period,demand_units\nA,1,10",
                sources="""source_id,source_type,item_id,unit_cost,priority
                first,buy,A,5,2
                second,buy,A,5,1""",
            )
        )
    )
    plan = answer.tables["plan"].set_index("source_id")["released_units"]
    assert (plan["first"], plan["second"]) == (0.0, 10.0)


def test_a_weight_depends_on_the_name_alone(company):
    alone = company(3).demand("A", "plant", [1.0, 2.0, 3.0]).source("buy", "A", "plant", 2.0, supplier="S")
    more = (
        company(3)
        .demand("A", "plant", [1.0, 2.0, 3.0])
        .source("buy", "A", "plant", 2.0, supplier="S")
        .demand("0", "plant", [5.0, 5.0, 5.0])
        .source("buy", "0", "plant", 1.0, supplier="S")
    )
    found = []
    for one in (alone, more):
        network = build_network(one.inputs(), one.periods)
        model = build_model(network, unit_prices(network))
        weights = tie_weights(model)
        names = model.column_names()
        found.append(dict(zip(names, weights, strict=True)))
    assert {name: found[1][name] for name in found[0]} == found[0]
    assert len(set(found[1].values())) == len(found[1])


def test_independent_items_are_solved_apart_and_cost_the_same(company):
    built = company(3)
    for name in "ABCDEF":
        built.demand(name, "plant", [9.0, 12.0, 7.0], price=60.0, cost=20.0)
        built.source("make", name, "plant", 2.0, hours={f"line {name}": 1.0})
        built.resource(f"line {name}", [8.0] * 3, overtime=2.0, cost=8.0)
    arrays = arrays_of(built)
    parts = independent_parts(arrays.matrix, 18)
    assert len(parts) == 6
    assert sorted(np.concatenate([part.columns for part in parts])) == list(range(len(arrays.cost)))
    whole, prices, *_ = solve_arrays(arrays, SolveLimits())
    apart, prices_apart, *_ = solve_arrays(arrays, SolveLimits(bundle_columns=18))
    assert apart == pytest.approx(whole, abs=1e-6)
    assert certify(arrays, apart, prices_apart).is_proven
    assert certify(arrays, whole, prices).is_proven


def test_what_shares_an_hour_is_not_taken_apart(company):
    built = company(2)
    for name in "AB":
        built.demand(name, "plant", [9.0, 12.0], price=60.0, cost=20.0)
        built.source("make", name, "plant", 2.0, hours={"line": 1.0})
    arrays = arrays_of(built.resource("line", [8.0] * 2, cost=8.0))
    assert len(independent_parts(arrays.matrix, 1)) == 1


def whole_twins() -> dict[str, str]:
    """Two items on two machines that are alike but for their names, with setups and lots of 10: many plans cost the same."""
    ways = [(item, machine) for item in "AB" for machine in ("M1", "M2")]
    demand = [f"{item},{period},{20 if period % 2 else 30}" for item in "AB" for period in range(1, 5)]
    return {
        "demand": "\n".join(["item_id,period,demand_units", *demand]),
        "sources": "source_id,source_type,item_id,unit_cost,setup_cost,lot_units\n"
        + "\n".join(f"make {item} on {machine},make,{item},1,30,10" for item, machine in ways),
        "source_loads": "source_id,resource_id,hours_per_unit\n"
        + "\n".join(f"make {item} on {machine},{machine},1" for item, machine in ways),
        "resources": "resource_id,regular_hours\nM1,50\nM2,50",
        "stock": "item_id,opening_units,holding_cost_per_unit\nA,0,1\nB,0,1",
    }


@pytest.mark.parametrize("way", [("auto", 7), ("interior_point", 1234), ("simplex", 99)])
def test_whole_numbers_of_equal_cost_are_chosen_by_name_from_any_seed_and_order(way):
    algorithm, seed = way
    tables = frames_of(**whole_twins())
    first = solve_case(read_case(tables))
    other = solve_case(read_case(shuffled(tables, seed), {"algorithm": algorithm, "seed": str(seed)}))
    assert (first.termination, first.gap_ratio) == ("optimal", 0.0)
    # prices belong to one optimal basis: with lots fixed there are many, and each proves the plan
    for name in set(first.tables) - {"prices"}:
        pd.testing.assert_frame_equal(first.tables[name], other.tables[name], obj=name)
