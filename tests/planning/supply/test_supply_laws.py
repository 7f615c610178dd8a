"""Each law of the supply plan on a case small enough for paper, with its cost worked out beside it."""

from __future__ import annotations

import pytest


def by_month(frame, column, **keys):
    for key, value in keys.items():
        frame = frame[frame[key] == value]
    return frame.sort_values("period_start_date")[column].tolist()


def test_material_balance_stock_serves_before_anything_is_made(company, cost_of):
    # 10 in stock at 5 each, demand 6 and 6: 6 from stock, then 4 from stock and 2 made
    # holding 4 x 5 x 0.01 = 0.2 in month 1; production 2 x 5 = 10
    plan = (
        company(2)
        .demand("A", "plant", [6.0, 6.0])
        .source("make", "A", "plant", 5.0)
        .stock("A", "plant", 10.0, 5.0)
        .plan()
    )
    assert cost_of(plan) == pytest.approx(10.2)
    assert by_month(plan.stock_plan, "closing_units") == [4.0, 0.0]
    assert by_month(plan.supply_plan, "released_units") == [2.0]


def test_components_are_used_with_the_yield_of_what_is_made(company, cost_of):
    # 9 good units at yield 0.9 are 10 started; each takes 2 parts of 3: 20 parts = 60, making 10 x 1 = 10
    plan = (
        company(1)
        .demand("A", "plant", [9.0])
        .source("make", "A", "plant", 1.0, of={"part": 2.0}, good=0.9)
        .source("buy", "part", "plant", 3.0, supplier="S")
        .plan()
    )
    assert cost_of(plan, "purchase") == 60.0
    assert cost_of(plan, "production") == 10.0
    assert by_month(plan.stock_plan, "consumed_units", item_id="part") == [20.0]


def test_a_bill_changes_on_its_date_and_releases_take_the_parts_of_their_month(company, cost_of):
    # from month 2 on a unit takes 2 new parts of 4 and no old one of 3: 10 x 3, then 10 x 2 x 4; to make ahead costs 6 a unit to hold
    plan = (
        company(2)
        .demand("A", "plant", [10.0, 10.0])
        .source("make", "A", "plant", 1.0, of={"old": 1.0})
        .bill("make:A@plant", "old", "plant", [1.0, 0.0])
        .bill("make:A@plant", "new", "plant", [0.0, 2.0])
        .source("buy", "old", "plant", 3.0, supplier="S")
        .source("buy", "new", "plant", 4.0, supplier="S")
        .stock("A", "plant", 0.0, 600.0)
        .plan()
    )
    stock = plan.stock_plan
    assert by_month(stock, "consumed_units", item_id="old") == [10.0, 0.0]
    assert by_month(stock, "consumed_units", item_id="new") == [0.0, 20.0]
    assert cost_of(plan, "purchase") == 30.0 + 80.0
    assert not plan.plan_audit["violations"].any()


def test_a_part_that_runs_out_is_built_in_ahead_while_the_old_bill_holds(company):
    # the new part cannot be had, so month 2 is made in month 1, of the old one
    plan = (
        company(2)
        .demand("A", "plant", [10.0, 10.0], cost=4.0)
        .source("make", "A", "plant", 1.0, of={"old": 1.0})
        .bill("make:A@plant", "old", "plant", [1.0, 0.0])
        .bill("make:A@plant", "new", "plant", [0.0, 1.0])
        .source("buy", "old", "plant", 3.0, supplier="S")
        .plan()
    )
    assert by_month(plan.supply_plan, "released_units", item_id="A") == [20.0]
    assert by_month(plan.demand_fulfilment, "lost_units") == [0.0, 0.0]


def test_a_lead_time_of_0_4_months_delivers_60_percent_in_the_month_of_release(company):
    # nothing in stock: 60 of 100 released are there in month 1, 40 in month 2
    plan = (
        company(2)
        .demand("A", "dc", [60.0, 40.0])
        .source("buy", "A", "dc", 5.0, supplier="S", lead_time=0.4, maximum=100.0)
        .stock("A", "dc", 0.0, 5.0)
        .plan()
    )
    flow = plan.supply_plan
    assert by_month(flow, "released_units")[0] == 100.0
    assert by_month(flow, "received_units")[0] == 60.0
    assert by_month(plan.demand_fulfilment, "lost_units") == [0.0, 0.0]


def test_what_is_released_at_the_end_is_pipeline_not_stock(company):
    # lead time of 1 month: month 3's release arrives after the horizon and covers a month of use, 10 on average
    plan = (
        company(3)
        .demand("A", "dc", [10.0, 10.0, 10.0])
        .source("buy", "A", "dc", 5.0, supplier="S", lead_time=1.0)
        .stock("A", "dc", 10.0, 5.0)
        .plan()
    )
    assert by_month(plan.supply_plan, "released_units") == [10.0, 10.0, 10.0]
    assert by_month(plan.stock_plan, "closing_units") == [0.0, 0.0, 0.0]


def test_open_orders_arrive_once_and_are_not_bought_again(company, cost_of):
    plan = (
        company(2)
        .demand("A", "dc", [0.0, 8.0])
        .source("buy", "A", "dc", 5.0, supplier="S")
        .open_order("PO1", "A", "dc", 1, 5.0)
        .stock("A", "dc", 0.0, 5.0)
        .plan()
    )
    assert cost_of(plan) == 15.0  # 8 - 5 on order = 3 x 5
    assert by_month(plan.stock_plan, "open_supply_units") == [0.0, 5.0]


def test_demand_balance_customers_wait_up_to_their_share_and_the_rest_is_lost(company, cost_of):
    # supply 6 a month; 10 asked, 3 in 10 may wait, then 2: month 1 owes 3 and loses 1, month 2 serves 3 + 2
    # backlog 3 x 100 x 0.1 = 30; lost 1 x 100 = 100; 6 + 5 bought at 1 = 11
    plan = (
        company(2)
        .demand("A", "dc", [10.0, 2.0], waits=0.3)
        .source("buy", "A", "dc", 1.0, supplier="S", maximum=6.0)
        .plan()
    )
    fulfilment = plan.demand_fulfilment
    assert by_month(fulfilment, "delivered_units") == [6.0, 5.0]
    assert by_month(fulfilment, "backlog_units") == [3.0, 0.0]
    assert by_month(fulfilment, "lost_units") == [1.0, 0.0]
    assert cost_of(plan) == 30.0 + 100.0 + 11.0
    assert plan.constrained_forecasts["reason_code"].tolist() == ["short_supply", "catch_up"]


def test_units_owed_from_before_the_cycle_are_served_first_of_all(company):
    plan = (
        company(1)
        .demand("A", "dc", [10.0])
        .source("buy", "A", "dc", 1.0, supplier="S")
        .stock("A", "dc", 0.0, 1.0, backlog=3.0)
        .plan()
    )
    assert by_month(plan.demand_fulfilment, "delivered_units") == [13.0]
    assert plan.constrained_forecasts["reason_code"].tolist() == ["catch_up"]


def test_the_first_channel_is_served_first(company):
    plan = (
        company(1)
        .demand("A", "dc", [5.0], channel="spot", priority=2, price=100.0)
        .demand("A", "dc", [5.0], channel="key", priority=1, price=100.0)
        .stock("A", "dc", 6.0, 1.0)
        .plan()
    )
    assert by_month(plan.demand_fulfilment, "delivered_units", channel_id="key") == [5.0]
    assert by_month(plan.demand_fulfilment, "delivered_units", channel_id="spot") == [1.0]


def test_overtime_is_bought_only_when_regular_hours_run_out(company, cost_of):
    # 1 hour a unit; 5 regular hours at 10, 4 of overtime at 15; demand 12 at 100: 3 are lost
    # 5 x 10 + 4 x 15 + 3 x 100 = 410
    plan = (
        company(1)
        .demand("A", "plant", [12.0])
        .source("make", "A", "plant", hours={"line": 1.0})
        .resource("line", [5.0], overtime=4.0, cost=10.0)
        .plan()
    )
    assert cost_of(plan) == 410.0
    use = plan.capacity_use.iloc[0]
    assert (use["used_hours"], use["overtime_hours"], use["required_hours"]) == (9.0, 4.0, 12.0)
    assert use["shadow_price"] == pytest.approx(90.0, rel=1e-5)  # a unit more sold at 100 for an hour at 10


def test_scarce_hours_are_named_with_what_hangs_on_them(company):
    plan = (
        company(1)
        .demand("A", "dc", [12.0], price=100.0, cost=60.0)
        .source("move", "A", "dc", 1.0, from_site="plant")
        .source("make", "A", "plant", hours={"line": 1.0})
        .resource("line", [5.0], overtime=4.0, cost=10.0)
        .plan()
    )
    short = plan.resource_shortages.set_index("object_id").loc["line"]
    assert (short["required_quantity"], short["available_quantity"], short["short_quantity"]) == (
        12.0,
        5.0,
        7.0,
    )
    assert short["short_ratio"] == pytest.approx(7 / 12, abs=1e-6)
    assert short["demand_at_risk_units"] == 3.0
    assert short["demand_at_risk_margin"] == 120.0


def test_source_limits_the_tighter_of_always_and_of_the_month_binds(company, cost_of):
    # 6 from the cheap supplier (limit 8 always, 6 this month), the other 4 at 5: 6 x 3 + 4 x 5 = 38
    plan = (
        company(1)
        .demand("A", "dc", [10.0])
        .source("buy", "A", "dc", 3.0, supplier="S1", maximum=8.0)
        .limit("buy:A@dc<S1", [6.0])
        .source("buy", "A", "dc", 5.0, supplier="S2", priority=2)
        .plan()
    )
    assert cost_of(plan) == 38.0
    short = plan.resource_shortages.iloc[0]
    assert (short["shortage_type"], short["object_id"]) == ("supplier", "buy:A@dc<S1")
    assert short["shadow_price"] == pytest.approx(2.0, rel=1e-4)


def test_lane_limits_are_lanes(company):
    plan = (
        company(1)
        .demand("A", "dc", [10.0])
        .stock("A", "plant", 20.0, 1.0)
        .source("move", "A", "dc", 1.0, from_site="plant", maximum=7.0)
        .plan()
    )
    assert plan.resource_shortages["shortage_type"].tolist() == ["lane"]
    assert by_month(plan.demand_fulfilment, "lost_units") == [3.0]


def test_targets_stock_below_target_is_priced_and_never_forbidden(company, cost_of):
    # target 10, only 4 can be bought; a unit missing at the end costs 1.2 x 5: 4 x 5 + 4 x 0.05 + 6 x 6 = 56.2
    plan = (
        company(1)
        .source("buy", "A", "dc", 5.0, supplier="S", maximum=4.0)
        .stock("A", "dc", 0.0, 5.0)
        .target("A", "dc", [10.0])
        .plan()
    )
    assert cost_of(plan) == pytest.approx(56.2)
    assert by_month(plan.stock_plan, "below_target_units") == [6.0]


def test_targets_hold_in_the_last_month_so_that_the_network_does_not_run_dry(company):
    plan = (
        company(3)
        .demand("A", "dc", [10.0, 10.0, 10.0])
        .source("buy", "A", "dc", 5.0, supplier="S")
        .stock("A", "dc", 6.0, 5.0)
        .target("A", "dc", [6.0, 6.0, 6.0])
        .plan()
    )
    assert by_month(plan.stock_plan, "closing_units") == [6.0, 6.0, 6.0]


def test_storage_stock_above_the_maximum_is_priced_and_named(company, cost_of):
    # 10 stand, 4 may: holding 10 x 5 x 0.01 = 0.5, above 6 x 5 x 0.1 = 3
    plan = company(1).stock("A", "dc", 10.0, 5.0, maximum=4.0).plan()
    assert cost_of(plan) == pytest.approx(3.5)
    assert plan.resource_shortages["shortage_type"].tolist() == ["storage"]
    assert plan.resource_shortages["short_quantity"].tolist() == [6.0]


def test_an_item_without_any_source_is_served_from_stock_alone(company):
    plan = company(1).demand("A", "dc", [10.0]).stock("A", "dc", 4.0, 1.0).plan()
    assert by_month(plan.demand_fulfilment, "lost_units") == [6.0]
    assert plan.constrained_forecasts["reason_code"].tolist() == ["short_supply"]


def test_demand_below_cost_is_served_all_the_same(company):
    # price 3, cost 5: refusing customers is for people to decide
    plan = company(1).demand("A", "dc", [10.0], price=3.0).source("buy", "A", "dc", 5.0, supplier="S").plan()
    assert by_month(plan.demand_fulfilment, "delivered_units") == [10.0]
