"""What people say of a cycle's plan, each on a company small enough to check on paper."""

from __future__ import annotations

import pandas as pd
import pytest

from sop_pipeline.planning.supply import SupplyInputError
from sop_pipeline.planning.supply.policies import company_network


def units(plan, table, column, **chosen):
    frame = getattr(plan, table)
    for key, value in chosen.items():
        frame = frame[frame[key] == value]
    return frame[column].astype(float).round(3).tolist()


def two_suppliers(company, months=1, limit=float("nan")):
    return (
        company(months)
        .demand("part", "plant", [100.0] * months, price=50.0, cost=10.0)
        .source("buy", "part", "plant", 10.0, supplier="near", share=0.7)
        .source("buy", "part", "plant", 9.0, supplier="far", share=0.3, maximum=limit)
    )


def test_every_month_a_supplier_gets_its_share_although_another_is_cheaper(company, cost_of):
    plan = two_suppliers(company, months=2).plan()
    assert units(plan, "supply_plan", "released_units", supplier_id="near") == [70.0, 70.0]
    assert units(plan, "supply_plan", "released_units", supplier_id="far") == [30.0, 30.0]
    assert cost_of(plan, "purchase") == 2 * (70 * 10 + 30 * 9)
    assert cost_of(plan, "off_share") == 0.0


def test_a_share_may_be_off_by_the_tolerance(company):
    plan = two_suppliers(company).parameter("source_share_tolerance_ratio", 0.05).plan()
    assert units(plan, "supply_plan", "released_units", supplier_id="far") == [35.0]


def test_demand_is_served_where_a_share_cannot_be_held_and_the_table_says_so(company, cost_of):
    # far delivers 20 of its 30: 80 from near, 10 above and 10 below their shares, at half of a unit's cost of 10 each
    plan = two_suppliers(company, limit=20.0).plan()
    assert units(plan, "demand_fulfilment", "lost_units") == [0.0]
    assert units(plan, "source_shares", "below_share_units", source_id="buy:part@plant<far") == [10.0]
    assert units(plan, "source_shares", "above_share_units", source_id="buy:part@plant<near") == [10.0]
    assert cost_of(plan, "off_share") == pytest.approx(2 * 10 * 0.5 * 10, rel=0.01)


def test_an_only_source_has_no_share_to_hold(company):
    case = company(1).demand("part", "plant", [5.0]).source("buy", "part", "plant", supplier="S", share=0.2)
    assert company_network(case.inputs(), case.periods).shares is None


def seasonal(company, strategy):
    return (
        company(2)
        .demand("pump", "plant", [10.0, 50.0], price=200.0, cost=10.0, waits=0.0)
        .source("make", "pump", "plant", 1.0, hours={"line": 1.0})
        .resource("line", [30.0, 30.0], cost=1.0)
        .stock("pump", "plant", 4.0, 10.0, strategy=strategy)
        .target("pump", "plant", [3.0, 3.0])
    )


def test_what_is_made_to_stock_is_built_ahead_and_what_is_made_to_order_is_not(company):
    # 30 hours a month. To stock: 29 in January, so that 53 are there for February and its target of 3. To order: the 10 that January
    # asks for; the 4 in stock wait for February, which asks for 16 more than that and 30 hours
    to_stock, to_order = (seasonal(company, strategy).plan() for strategy in ("MTS", "MTO"))
    assert units(to_stock, "supply_plan", "released_units") == [29.0, 30.0]
    assert units(to_order, "supply_plan", "released_units") == [10.0, 30.0]
    assert units(to_order, "stock_plan", "closing_units") == [4.0, 0.0]
    assert units(to_order, "stock_plan", "target_units") == [0.0, 0.0]
    assert units(to_order, "demand_fulfilment", "lost_units") == [0.0, 16.0]


def test_demand_waits_instead_of_stock_where_it_is_made_to_order(company):
    # made = sold + backlog before - backlog after: 30 = 30 + 0 - 0, and 20 of February are served in March
    case = (
        company(3)
        .demand("pump", "plant", [10.0, 50.0, 10.0], price=200.0, cost=10.0, waits=1.0)
        .source("make", "pump", "plant", 1.0, hours={"line": 1.0})
        .resource("line", [30.0] * 3, cost=1.0)
        .stock("pump", "plant", 0.0, 10.0, strategy="MTO")
    )
    plan = case.plan()
    assert units(plan, "supply_plan", "released_units") == [10.0, 30.0, 30.0]
    assert units(plan, "demand_fulfilment", "backlog_units") == [0.0, 20.0, 0.0]


def staffed(company, asked, **said):
    return (
        company(len(asked))
        .demand("A", "plant", asked, price=500.0, cost=10.0)
        .source("make", "A", "plant", hours={"crew": 1.0})
        .resource("crew", [100.0] * len(asked), overtime=20.0, cost=5.0, overtime_cost=9.0)
        .people("crew", 10.0, **said)
    )


def test_people_are_hired_where_overtime_does_not_reach(company, cost_of):
    # 10 people give 100 hours and 20 of overtime, each 10 + 2. 150 hours are asked: 5 more people at 40 + 30 each give 60 for 350;
    # 2.5 more at 175 with all the overtime of 12.5 people, 25 hours at 9, cost 400
    plan = staffed(company, [150.0], wage=30.0, hire=40.0).plan()
    assert units(plan, "headcount_plan", "hired_heads") == [5.0]
    assert units(plan, "capacity_use", "regular_hours") == [150.0]
    assert cost_of(plan, "wages") == 15 * 30
    assert cost_of(plan, "hiring") == 5 * 40
    assert cost_of(plan, "regular_labour") == 0.0


def test_people_stay_where_sending_them_away_costs_more_than_their_wages(company, cost_of):
    dear = staffed(company, [50.0, 50.0], wage=30.0, layoff=61.0).plan()
    cheap = staffed(company, [50.0, 50.0], wage=30.0, layoff=59.0, least=7.0).plan()
    assert units(dear, "headcount_plan", "heads") == [10.0, 10.0]
    assert units(cheap, "headcount_plan", "heads") == [7.0, 7.0]
    assert cost_of(cheap, "layoff") == 3 * 59


def test_an_hour_that_is_worth_its_wages_only_is_no_shortage(company):
    # people come and go freely: the hours are used up in every month, and nothing is short of them
    plan = staffed(company, [150.0, 90.0], wage=30.0).plan()
    assert plan.resource_shortages.empty


def test_the_hours_of_a_person_follow_the_calendar(company):
    case = (
        company(2)
        .demand("A", "plant", [0.0, 60.0], price=500.0, cost=10.0)
        .source("make", "A", "plant", hours={"crew": 1.0})
        .resource("crew", [100.0, 40.0])
        .people("crew", 10.0, hire=1.0)
    )
    assert units(case.plan(), "headcount_plan", "hours_per_head") == [10.0, 4.0]


def short(company, rule, ratio=(0.0, 0.5)):
    """60 units for 80 and 40 asked; the first channel is the cheaper one to leave without."""
    return (
        company(1)
        .demand("A", "dc", [80.0], price=10.0, cost=1.0, channel="trade", priority=1, lost_cost=ratio[0])
        .demand("A", "dc", [40.0], price=10.0, cost=1.0, channel="web", priority=2, lost_cost=ratio[1])
        .source("buy", "A", "dc", 1.0, supplier="S", maximum=60.0)
        .allocate(rule)
    )


@pytest.mark.parametrize(
    ("rule", "trade", "web"),
    [("cost", 20.0, 40.0), ("priority", 60.0, 0.0), ("fair_share", 40.0, 20.0)],
)
def test_a_shortage_is_spread_by_its_rule(company, rule, trade, web):
    plan = short(company, rule).plan()
    shown = plan.allocations.set_index("channel_id")
    assert shown["allocated_units"].to_dict() == {"trade": trade, "web": web}
    assert set(shown["allocation_rule"]) == {rule}
    assert shown["requested_units"].to_dict() == {"trade": 80.0, "web": 40.0}


def test_stock_is_not_kept_beyond_its_shelf_life_and_what_is_too_old_is_told(company):
    # keeps one month: of 30 in stock 10 leave in January and 10 in February, so 10 of January's 20 are too old
    case = (
        company(3)
        .demand("milk", "dc", [10.0, 10.0, 10.0], price=5.0, cost=1.0)
        .source("buy", "milk", "dc", 1.0, supplier="S")
        .stock("milk", "dc", 30.0, 1.0)
        .keeps("milk", 1.0)
    )
    assert units(case.plan(), "stock_plan", "too_old_units") == [10.0, 0.0, 0.0]


def test_room_of_a_site_is_shared_by_its_items(company, cost_of):
    # 12 a month can be bought and 20 are asked in February: 8 wait in January, where 5 units of room are left beside box
    def case(room):
        return (
            company(2)
            .demand("A", "dc", [0.0, 20.0], price=1.5, cost=1.0)
            .source("buy", "A", "dc", 1.0, supplier="S", maximum=12.0)
            .stock("box", "dc", 10.0, 1.0)
            .demand("box", "dc", [0.0, 0.0], price=1.0, cost=1.0)
            .room("dc", room, {"A": 1.0, "box": 1.0})
        )

    wide, narrow = case([20.0, 20.0]).plan(), case([15.0, 20.0]).plan()
    assert units(wide, "storage_use", "outside_capacity") == [0.0, 0.0]
    assert units(narrow, "storage_use", "used_capacity")[0] == 18.0
    assert units(narrow, "storage_use", "outside_capacity") == [3.0, 0.0]
    assert cost_of(narrow, "outside_storage") == pytest.approx(3 * 0.1)


def test_a_subcontractor_takes_our_parts_and_none_of_our_hours(company, cost_of):
    # 10 hours make 10 of 25; the subcontractor makes 15 at 4 a unit of our parts
    case = (
        company(1)
        .demand("A", "plant", [25.0], price=90.0, cost=10.0)
        .source("make", "A", "plant", of={"part": 2.0}, hours={"line": 1.0})
        .source("subcontract", "A", "plant", 4.0, of={"part": 2.0}, supplier="S", priority=2)
        .source("buy", "part", "plant", 1.0, supplier="P")
        .resource("line", [10.0], cost=1.0)
    )
    plan = case.plan()
    assert units(plan, "supply_plan", "released_units", source_type="subcontract") == [15.0]
    assert units(plan, "supply_plan", "released_units", source_type="buy") == [50.0]
    assert cost_of(plan, "subcontracting") == 60.0


def test_whole_lots_are_released_where_they_are_asked_for_and_the_log_says_how_near_the_best(company):
    def case():
        return (
            company(2)
            .demand("A", "dc", [30.0, 30.0], price=9.0, cost=1.0)
            .source("buy", "A", "dc", 1.0, supplier="S", lot=25.0)
        )

    loose, whole = case().plan(), case().parameter("whole_lots", 1.0).plan()
    assert units(loose, "supply_plan", "released_units") == [30.0, 30.0]
    assert units(whole, "supply_plan", "released_units") == [50.0, 25.0]
    log = whole.solve_log.iloc[0]
    assert (log["whole_variables"], log["gap_ratio"], log["time_limit_seconds"]) == (2, 0.0, 60.0)
    assert whole.plan_certificate["is_proven"].all()


def test_releases_are_ordered_in_lots_that_are_never_late_and_say_what_they_bring_too_early(company):
    plan = (
        company(4)
        .demand("A", "dc", [30.0, 30.0, 30.0, 130.0], price=9.0, cost=1.0)
        .source("buy", "A", "dc", 1.0, supplier="S", least=50.0, lot=25.0, most=60.0)
        .demand("B", "dc", [10.0] * 4, price=9.0, cost=1.0)
        .source("buy", "B", "dc", 1.0, supplier="S")
    ).plan()
    # the smallest lot twice, then 10 are left over; 120 more take five multiples of 25, in three orders of at most 60
    assert set(plan.lot_orders["item_id"]) == {"A"}
    assert units(plan, "lot_orders", "released_units") == [30.0, 30.0, 30.0, 130.0]
    assert units(plan, "lot_orders", "ordered_units") == [50.0, 50.0, 0.0, 125.0]
    assert units(plan, "lot_orders", "early_units") == [20.0, 40.0, 10.0, 5.0]
    assert units(plan, "lot_orders", "order_count") == [1, 1, 0, 3]


def test_the_smallest_run_is_kept_where_whole_lots_are_asked_for(company):
    def case():
        return (
            company(3)
            .demand("A", "dc", [20.0, 20.0, 20.0], price=9.0, cost=1.0)
            .source("buy", "A", "dc", 1.0, supplier="S", least=50.0)
        )

    loose, whole = case().plan(), case().parameter("whole_lots", 1.0).plan()
    assert units(loose, "supply_plan", "released_units") == [20.0, 20.0, 20.0]
    assert units(whole, "supply_plan", "released_units") == [
        60.0
    ]  # in one run: a second one would bring 50 for 10
    assert units(whole, "lot_orders", "early_units")[0] == 0.0


def test_laws_without_data_are_absent_and_the_plan_says_so(factory, governed):
    bare, said = (plan.plan().plan_laws.set_index("law") for plan in (factory(), governed()))
    assert not bare["is_active"].any()
    assert said[~said["is_active"]].index.tolist() == ["subcontracting", "setup_hours", "channel_priority"]
    assert said.loc[["lot_orders", "smallest_run", "whole_lots"], "object_count"].tolist() == [2, 1, 1]


def test_a_plan_under_every_policy_is_the_same_from_any_order_of_rows(governed, shuffled, plan_inputs):
    inputs = governed().inputs()
    first, second = plan_inputs(inputs, 4), plan_inputs(shuffled(inputs), 4)
    for name, frame in first.frames().items():
        pd.testing.assert_frame_equal(frame, second.frames()[name], obj=name)


def test_policies_that_cannot_be_read_are_refused_with_their_rows(company):
    case = staffed(company, [50.0], least=9.0, most=8.0).allocate("by mood")
    with pytest.raises(SupplyInputError, match="minimum_heads above maximum_heads, e.g. crew") as told:
        case.plan()
    assert "with an allocation_rule not among cost, priority, fair_share" in str(told.value)
