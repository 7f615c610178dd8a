"""What a shortage is worth, on cases small enough for paper: prices, how far they hold, what other solves say, and the way to the demand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sop_pipeline.planning.supply.inputs import horizon_periods
from sop_pipeline.planning.supply.laws.model import build_model
from sop_pipeline.planning.supply.network import build_network
from sop_pipeline.planning.supply.prices import unit_prices
from sop_pipeline.planning.supply.proof.certificate import certify
from sop_pipeline.planning.supply.shortages.confirmation import Limit, PriceRange, confirm
from sop_pipeline.planning.supply.solve_limits import SolveLimits
from sop_pipeline.planning.supply.solving.assembly import assemble
from sop_pipeline.planning.supply.solving.compilation import compile_model
from sop_pipeline.planning.supply.solving.solve import solve_arrays, solve_model
from sop_pipeline.planning.supply.solving.warm import WarmModel


def one_line(company, hours, demand=12.0):
    """A unit sells at 100 and takes an hour at 10: an hour more is worth 90 until demand is served."""
    return (
        company(1)
        .demand("A", "plant", [demand], price=100.0)
        .source("make", "A", "plant", hours={"line": 1.0})
        .resource("line", [hours], cost=10.0)
        .plan()
    )


def short_line(plan):
    return plan.resource_shortages.set_index("object_id").loc["line"]


def test_the_price_of_an_hour_holds_until_demand_is_served(company):
    short = short_line(one_line(company, hours=5.0))
    assert short["shadow_price"] == pytest.approx(90.0, rel=1e-4)
    # nothing is made below 0 hours, nothing more is sold above 12
    assert (short["price_from_quantity"], short["price_to_quantity"]) == (0.0, 12.0)
    assert short["is_confirmed"]
    assert short["confirmed_step_quantity"] == 1.0
    assert short["saving_of_one_more"] == pytest.approx(short["loss_of_one_less"], rel=1e-9)


def test_a_price_that_holds_for_half_an_hour_is_confirmed_within_it(company):
    short = short_line(one_line(company, hours=5.0, demand=5.5))
    assert short["price_to_quantity"] == 5.5
    assert short["saving_of_one_more"] == pytest.approx(45.0, rel=1e-4)  # half an hour is of use, half is not
    assert short["loss_of_one_less"] == pytest.approx(90.0, rel=1e-4)
    assert short["confirmed_step_quantity"] == pytest.approx(0.5)
    assert short["confirmed_price"] == pytest.approx(short["shadow_price"], rel=1e-6)
    assert short["is_confirmed"]


def test_where_a_plan_is_degenerate_the_price_differs_to_both_sides(company):
    # exactly enough hours: one more is worth nothing, one less costs a sale
    inputs = (
        company(1)
        .demand("A", "plant", [12.0], price=100.0)
        .source("make", "A", "plant", hours={"line": 1.0})
        .resource("line", [12.0], cost=10.0)
        .inputs()
    )
    periods = horizon_periods("2026-01-01", 1)
    network = build_network(inputs, periods)
    model = build_model(network, unit_prices(network))
    solved = solve_model(model)
    warm = WarmModel(solved.held, 60.0)
    row = int(model.rows["capacity"].positions[0])
    assert -warm.value_moved(row, 1.0) == pytest.approx(0.0, abs=1e-6)
    assert warm.value_moved(row, -1.0) == pytest.approx(90.0, rel=1e-4)
    assert warm.price_moved(row, 1e-5) == pytest.approx(0.0, abs=1e-6)
    assert warm.price_moved(row, -1e-5) == pytest.approx(90.0, rel=1e-4)
    # every price between the two is one of an optimal plan; none beyond them is
    nowhere = PriceRange(0.0, 0.0)
    said = {price: confirm(warm, Limit(row, 1.0, price), nowhere) for price in (0.0, 45.0, 90.0, 91.0)}
    assert [one.is_confirmed for one in said.values()] == [True, True, True, False]
    assert said[45.0].price_of_more == pytest.approx(0.0, abs=1e-6)
    assert said[45.0].price_of_less == pytest.approx(90.0, rel=1e-4)


def test_another_solve_is_what_a_cold_solve_of_the_changed_company_is(factory):
    inputs = factory(4).inputs()
    periods = horizon_periods("2026-01-01", 4)
    network = build_network(inputs, periods)
    model = build_model(network, unit_prices(network))
    solved = solve_model(model)
    warm, cold = WarmModel(solved.held, 60.0), {}
    for law in ("capacity", "source_limit", "storage", "material_balance"):
        for row in model.rows[law].positions.tolist():
            if warm.can_move(row):
                moved = solved.arrays
                upper, lower = moved.row_upper.copy(), moved.row_lower.copy()
                upper[row] += 1.0
                lower[row] += 1.0
                values, *_ = solve_arrays(replace(moved, row_upper=upper, row_lower=lower), SolveLimits())
                cold[row] = float(moved.cost @ values) - float(moved.cost @ solved.values)
    assert len(cold) > 20
    for row, change in cold.items():
        assert warm.value_moved(row, 1.0) == pytest.approx(change, abs=1e-5), row


def test_a_component_that_cannot_arrive_in_time_is_a_material_shortage_and_ends_the_chain(company):
    # 4 frames are there, a frame ordered now comes in two months: of 10 bikes a month 6, then 10, are not made
    plan = (
        company(3)
        .demand("bike", "dc", [10.0, 10.0, 10.0], price=100.0, cost=50.0)
        .source("move", "bike", "dc", 1.0, from_site="plant")
        .source("make", "bike", "plant", 5.0, of={"frame": 1.0})
        .source("buy", "frame", "plant", 20.0, supplier="S", lead_time=2.0)
        .stock("frame", "plant", 4.0, 20.0)
        .plan()
    )
    short = plan.resource_shortages
    material = short[short["shortage_type"] == "material"].set_index("period_start_date")
    assert material["object_id"].unique().tolist() == ["frame@plant"]
    assert material["required_quantity"].tolist() == [
        10.0,
        20.0,
    ]  # through each month, against the 4 that there are
    assert material["short_quantity"].tolist() == [6.0, 16.0]
    assert material["is_confirmed"].all()
    first = plan.shortage_chains[
        plan.shortage_chains["period_start_date"] == plan.shortage_chains["period_start_date"].min()
    ]
    assert first["step_type"].tolist() == ["item_site", "move", "item_site", "make", "item_site", "material"]
    assert first["object_id"].tolist()[-1] == "frame@plant"
    assert first["short_units"].unique().tolist() == [6.0]


def test_hours_are_found_through_two_levels_and_counted_in_hours(company):
    # 5 hours make 10 wheels at half an hour: of 8 bikes with two wheels each, 3 are not made
    plan = (
        company(1)
        .demand("bike", "dc", [8.0], price=100.0, cost=50.0)
        .source("move", "bike", "dc", 1.0, from_site="plant")
        .source("make", "bike", "plant", 5.0, of={"wheel": 2.0})
        .source("make", "wheel", "plant", 1.0, hours={"rim": 0.5})
        .resource("rim", [5.0], cost=10.0)
        .plan()
    )
    end = plan.shortage_chains[plan.shortage_chains["is_limit"]].iloc[0]
    assert (end["step_type"], end["object_id"], end["quantity_per_unit"]) == ("resource", "rim", 1.0)
    assert (end["demand_units"], end["short_units"], end["short_margin"]) == (8.0, 3.0, 150.0)


def test_every_chain_ends_in_one_shortage_and_all_that_is_short_has_one(factory):
    plan = factory(4).plan()
    chains, key = plan.shortage_chains, ["item_id", "site_id", "channel_id", "period_start_date"]
    ends = chains[chains["is_limit"]]
    assert len(ends) == chains.groupby(key).ngroups > 0
    shortages = set(
        map(tuple, plan.resource_shortages[["shortage_type", "object_id", "period_start_date"]].to_numpy())
    )
    assert set(map(tuple, ends[["step_type", "object_id", "step_period_start_date"]].to_numpy())) <= shortages
    served = plan.demand_fulfilment
    late = served["backlog_units"] + served["lost_units"]
    assert ends["short_units"].sum() == pytest.approx(late[late > 0.01].sum())


def test_prices_of_a_whole_network_are_confirmed(factory):
    short = factory(4).plan().resource_shortages
    solved_again = short[short["is_confirmed"].notna()]
    assert len(solved_again) >= 3
    assert solved_again["is_confirmed"].all(), solved_again.to_string()


def test_the_proof_is_built_without_the_algebraic_model_and_finds_what_is_not_optimal(factory):
    network = build_network(factory(3).inputs(), horizon_periods("2026-01-01", 3))
    model = build_model(network, unit_prices(network))
    assembled, compiled = assemble(model), compile_model(model)
    assert abs(assembled.matrix - compiled.matrix).max() == 0.0
    for name in ("cost", "lower", "upper", "row_lower", "row_upper"):
        assert np.array_equal(getattr(assembled, name), getattr(compiled, name)), name
    solved = solve_model(model)
    assert certify(assembled, solved.values, solved.duals).is_proven
    dearer = solved.values.copy()
    dearer[model.variables["overtime"]] += 1.0  # feasible, and an hour too dear
    assert not certify(assembled, dearer, solved.duals).is_proven
    wrong = solved.duals.copy()
    wrong[model.rows["capacity"].positions] *= 1.01
    assert not certify(assembled, solved.values, wrong).is_proven


def test_a_plan_carries_its_proof(factory):
    proof = factory(3).plan().plan_certificate.iloc[0]
    assert proof["is_proven"]
    assert proof["primal_objective"] == pytest.approx(proof["dual_objective"], rel=1e-6)
