"""Textbook cases with known answers, and identities that need no book."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from sop_pipeline.planning.supply import check_inputs, horizon_periods
from sop_pipeline.planning.supply.inventory.measures import (
    cycle_service_ratio,
    expected_shortage_units,
    fill_ratio,
    lead_time_deviation,
    safety_stock_units,
)
from sop_pipeline.planning.supply.network import build_network
from sop_pipeline.planning.supply.rough_cut import required_hours

CONTRACT = (
    Path(__file__).parents[3] / "dbt_project" / "models" / "staging" / "planning" / "_planning__sources.yml"
)


def steel_mill(company):
    """Two products, four weeks (the weeks stand in the months). Unit cost 2.5 and 3 a period is the price of holding."""
    sold = {
        "bands": ([6000.0, 6000.0, 4000.0, 6500.0], [25.0, 26.0, 27.0, 27.0]),
        "coils": ([4000.0, 2500.0, 3500.0, 4200.0], [30.0, 35.0, 37.0, 39.0]),
    }
    mill = (
        company(4)
        .parameter("holding_cost_ratio_per_year", 12.0)
        .source("make", "bands", "mill", 10.0, hours={"mill": 1 / 200})
        .source("make", "coils", "mill", 11.0, hours={"mill": 1 / 140})
        .stock("bands", "mill", 10.0, 2.5)
        .stock("coils", "mill", 0.0, 3.0)
        .resource("mill", [40.0, 40.0, 32.0, 40.0])
    )
    for item, (units, _) in sold.items():
        mill.demand(item, "mill", units)
    inputs = mill.inputs()
    prices = inputs.demand.groupby("item_id").cumcount()
    priced = [sold[item][1][month] for item, month in zip(inputs.demand["item_id"], prices, strict=True)]
    return replace(inputs, demand=inputs.demand.assign(unit_price=priced))


def test_steel_mill_of_the_ampl_book(company, plan_inputs, cost_of):
    plan = plan_inputs(steel_mill(company), 4)
    market = float((plan.demand_fulfilment["demand_units"] * plan.demand_fulfilment["unit_price"]).sum())
    # profit = all that could be sold - (what is lost + production + holding)
    assert market - cost_of(plan) == pytest.approx(515_033, rel=1e-6)
    assert plan.capacity_use["shadow_price"].tolist() == pytest.approx([2660, 3080, 3400, 3400], rel=1e-4)


def test_rough_cut_capacity_of_the_textbook(company):
    master_schedule = [450.0, 300.0, 625.0, 890.0]
    plant = (
        company(4)
        .demand("clock", "plant", master_schedule)
        .source("make", "clock", "plant", hours={"boards": 0.2, "assembly": 0.3})
        .resource("boards", [130.0] * 4)
        .resource("assembly", [160.0] * 4)
    )
    plan = plant.plan()
    use = plan.capacity_use.pivot(index="resource_id", columns="period_start_date", values="required_hours")
    assert use.loc["boards"].tolist() == [90.0, 60.0, 125.0, 178.0]
    assert use.loc["assembly"].tolist() == [135.0, 90.0, 187.5, 267.0]
    over = plan.capacity_use["required_hours"] > plan.capacity_use["regular_hours"]
    assert over.tolist() == [False, False, True, True, False, False, False, True]


def test_required_hours_are_netted_of_stock_above_target_and_of_open_orders(company):
    # 100 asked a month; 30 of the 50 in stock stand above the target, 60 are on order: 70 and 40 hours
    plant = (
        company(2)
        .demand("A", "plant", [100.0, 100.0])
        .source("make", "A", "plant", hours={"line": 1.0})
        .resource("line", [500.0, 500.0])
        .stock("A", "plant", 50.0, 1.0)
        .target("A", "plant", [20.0, 20.0])
        .open_order("WO1", "A", "plant", 1, 60.0)
    )
    inputs = plant.inputs()
    network = build_network(inputs, plant.periods)
    assert required_hours(network)[0].tolist() == [70.0, 40.0]


def test_safety_stock_case_of_a_reorder_point():
    # weekly demand N(2500, 500), lead time 2 weeks, reorder point 6000, lot 10,000
    deviation = lead_time_deviation(2500, 500, 2)
    safety_stock = 6000 - 2 * 2500
    assert deviation == pytest.approx(707.11, abs=0.005)
    assert cycle_service_ratio(safety_stock, deviation) == pytest.approx(0.921, abs=0.0005)
    assert expected_shortage_units(safety_stock, deviation) == pytest.approx(25.13, abs=0.01)
    assert fill_ratio(safety_stock, deviation, 10_000) == pytest.approx(0.9975, abs=0.00005)


@pytest.mark.parametrize(
    ("lead_time_days_deviation", "expected"),
    [(7, 22_491), (6, 19_298), (5, 16_109), (4, 12_927), (3, 9_760), (2, 6_628), (1, 3_625), (0, 1_695)],
)
def test_safety_stock_case_of_an_uncertain_lead_time(lead_time_days_deviation, expected):
    deviation = lead_time_deviation(2500, 500, 7, lead_time_days_deviation)
    assert safety_stock_units(0.90, deviation) == pytest.approx(expected, abs=1.5)


def test_uncertain_lead_time_dominates():
    assert lead_time_deviation(2500, 500, 7, 7) == pytest.approx(17_550, abs=1)


def test_no_capacity_limit_means_constrained_is_unconstrained(company):
    plan = (
        company(3)
        .demand(
            "A", "dc", [10.0, 20.0, 7.891], waits=0.5
        )  # 20 / 0.97 rounds up: 7.77 parts of it were not bought
        .source("move", "A", "dc", 1.0, from_site="plant")
        .source("make", "A", "plant", 1.0, of={"part": 7.77}, hours={"line": 0.1}, good=0.97)
        .source("buy", "part", "plant", 2.0, supplier="S")
        .resource("line", [1e6] * 3, cost=5.0)
        .plan()
    )
    forecasts = plan.constrained_forecasts
    assert forecasts["constrained_units"].tolist() == forecasts["unconstrained_units"].tolist()
    assert set(forecasts["reason_code"]) == {"unconstrained"}
    assert plan.resource_shortages.empty


def test_no_demand_is_an_empty_plan(factory, plan_inputs):
    inputs = factory().inputs()
    empty = replace(
        inputs,
        demand=inputs.demand.assign(demand_units=0.0),
        target_stocks=inputs.target_stocks.assign(target_units=0.0),
        inventory_position=inputs.inventory_position.assign(backlog_units=0.0),
    )
    plan = plan_inputs(empty, 4)
    assert plan.supply_plan.empty
    assert set(plan.plan_costs["cost_term"]) == {"holding"}


def test_no_inputs_at_all_is_an_empty_plan(company, plan_inputs):
    plan = plan_inputs(company(2).inputs(), 2)
    told = ("plan_audit", "plan_certificate", "plan_laws", "solve_log")
    assert all(len(frame) == 0 for name, frame in plan.frames().items() if name not in told)
    assert plan.plan_certificate["is_proven"].tolist() == [True]


def test_doubling_prices_changes_revenue_only(company):
    def plan_at(price):
        return (
            company(2)
            .demand("A", "dc", [10.0, 30.0], price=price, cost=5.0)
            .source("buy", "A", "dc", 5.0, supplier="S1", maximum=15.0)
            .source("buy", "A", "dc", 6.0, supplier="S2", priority=2)
            .stock("A", "dc", 0.0, 5.0)
            .plan()
        )

    once, twice = plan_at(50.0), plan_at(100.0)
    for name in ("supply_plan", "stock_plan", "plan_costs"):
        pd.testing.assert_frame_equal(once.frames()[name], twice.frames()[name])
    assert (twice.demand_fulfilment["unit_price"] == 2 * once.demand_fulfilment["unit_price"]).all()


def test_an_hour_more_on_a_resource_that_is_not_scarce_changes_nothing(factory, plan_inputs):
    inputs = factory().resource("paint", [1000.0] * 4).inputs()
    more = replace(inputs, capacity=inputs.capacity.copy())
    more.capacity.loc[more.capacity["resource_id"] == "paint", "regular_hours"] += 1.0
    before, after = plan_inputs(inputs, 4).frames(), plan_inputs(more, 4).frames()
    for name in before:
        if name not in ("capacity_use",):
            pd.testing.assert_frame_equal(before[name], after[name])


def test_a_shadow_price_is_what_one_unit_more_saves(factory, plan_inputs, cost_of):
    inputs = factory().inputs()
    plan = plan_inputs(inputs, 4)
    dearest = plan.capacity_use.sort_values("shadow_price").iloc[-1]
    assert dearest["shadow_price"] > 0
    more = inputs.capacity.copy()
    row = (more["resource_id"] == dearest["resource_id"]) & (
        more["period_start_date"] == dearest["period_start_date"]
    )
    more.loc[row, "regular_hours"] += 0.1
    saving = cost_of(plan) - cost_of(plan_inputs(replace(inputs, capacity=more), 4))
    assert saving == pytest.approx(0.1 * dearest["shadow_price"], rel=0.05)


def test_the_order_of_input_rows_changes_nothing(factory, plan_inputs, shuffled):
    inputs = factory().inputs()
    ordered, mixed = plan_inputs(inputs, 4).frames(), plan_inputs(shuffled(inputs), 4).frames()
    for name, frame in ordered.items():
        pd.testing.assert_frame_equal(frame, mixed[name])


def test_cost_terms_sum_to_what_the_solver_found(factory, plan_inputs):
    log = plan_inputs(factory().inputs(), 4).solve_log.iloc[0]
    assert log["termination"] == "optimal"
    assert log["priced_value"] == pytest.approx(log["objective_value"], rel=1e-5)


def test_published_columns_are_those_of_the_contract(factory, governed, plan_inputs):
    contract = yaml.safe_load(CONTRACT.read_text(encoding="utf-8"))["sources"][0]["tables"]
    columns = {table["name"]: [column["name"] for column in table["columns"]] for table in contract}
    for name, frame in plan_inputs(governed().inputs(), 4).frames().items():
        assert list(frame.columns) == columns[name], name
        assert not frame.empty, name  # building ahead is an option of every plan
    for name, frame in plan_inputs(factory().inputs(), 4).frames().items():
        numbers = frame.drop(columns="heads", errors="ignore").select_dtypes("number")  # of people only
        assert np.isfinite(numbers.to_numpy(dtype=float)).all(), name


def test_inputs_of_the_cases_pass_the_checks(factory):
    built = factory()
    check_inputs(built.inputs(), horizon_periods(built.periods[0], 4))
