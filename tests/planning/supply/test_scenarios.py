"""Scenarios and options on cases small enough for paper: each is what a cold plan of the changed company is."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from sop_pipeline.planning.supply import Questions, plan_supply
from sop_pipeline.planning.supply.plan import no_questions
from sop_pipeline.planning.supply.solving import near

START = pd.Timestamp("2026-01-01")


def scenario(name, parent="base", status="active"):
    return {"scenario_id": name, "parent_scenario_id": parent, "scenario_status": status}


def lever(name, kind, scope, scope_id, operation, value, number=1, first=START, last="2027-12-01"):
    return {
        "scenario_id": name, "lever_number": number, "lever_type": kind, "scope": scope, "scope_id": scope_id,
        "first_period_start_date": first, "last_period_start_date": pd.Timestamp(last), "operation": operation, "lever_value": value,
    }  # fmt: skip


def option(
    name, resource, hours, each, once=0.0, days=0, first=START, kind="resource", of_type="shift", **more
):
    return {
        "option_id": name, "option_type": of_type, "capacity_type": kind, "object_id": resource, "item_id": "all",
        "added_quantity": hours, "unit_cost": each, "fixed_cost": once, "lead_time_days": days,
        "available_from_period_start_date": first,
    } | more  # fmt: skip


def asked(inputs, months, scenarios=(), levers=(), options=(), elasticities=()):
    nothing = no_questions()
    questions = Questions(
        scenarios=pd.DataFrame(scenarios) if scenarios else nothing.scenarios,
        scenario_levers=pd.DataFrame(levers) if levers else nothing.scenario_levers,
        capacity_options=pd.DataFrame(options) if options else nothing.capacity_options,
        price_elasticities=pd.DataFrame(elasticities) if elasticities else nothing.price_elasticities,
    )
    return plan_supply(inputs, "2026-01", START, months, questions=questions)


def told_of(options):
    """The one option that people entered."""
    (told,) = options[~options["is_proposed"]].to_dict("records")
    return told


def scarce(company):
    """12 wanted at 100, 5 hours at 10: 7 are lost."""
    return (
        company(1)
        .demand("A", "plant", [12.0], price=100.0, cost=60.0)
        .source("make", "A", "plant", hours={"line": 1.0})
        .resource("line", [5.0], cost=10.0)
    )


def test_an_option_is_used_as_far_as_it_pays_and_valued_after_its_cost(company):
    plan = asked(
        scarce(company).inputs(), 1, options=[option("late", "line", hours=4.0, each=25.0, once=60.0)]
    )
    told = told_of(plan.supply_options)
    assert told["used_quantity"] == 4.0
    assert told["option_cost"] == 160.0  # 4 x 25 + 60
    assert told["recovered_units"] == 4.0
    assert told["recovered_margin"] == 160.0  # 4 x (100 - 60)
    assert told["cost_saving"] == pytest.approx(400.0)  # four sales that are not lost
    assert told["net_value"] == pytest.approx(240.0)
    assert plan.violations == 0
    assert plan.demand_fulfilment["lost_units"].tolist() == [7.0]  # the plan of record does not take it


def test_an_option_that_does_not_pay_is_not_used_and_leaves_the_plan_as_it_is(company):
    plan = asked(
        scarce(company).inputs(), 1, options=[option("dear", "line", hours=4.0, each=140.0, once=60.0)]
    )
    told, base = told_of(plan.supply_options), plan.scenario_results.iloc[0]
    assert (told["used_quantity"], told["option_cost"], told["net_value"]) == (0.0, 0.0, 0.0)
    assert told["result_hash"] == base["result_hash"]


def test_an_option_begins_with_the_first_whole_month_after_its_lead_time(company):
    inputs = (
        company(3)
        .demand("A", "plant", [12.0] * 3, price=100.0, cost=60.0)
        .source("make", "A", "plant", hours={"line": 1.0})
        .resource("line", [5.0] * 3, cost=10.0)
        .inputs()
    )
    plan = asked(inputs, 3, options=[option("late", "line", hours=4.0, each=25.0, days=40)])
    told = told_of(plan.supply_options)
    assert told["feasible_from_date"] == pd.Timestamp("2026-03-01")
    assert told["used_quantity"] == 4.0


def test_an_option_that_cannot_be_solved_says_why(company):
    options = [option("shed", "plant", 9.0, 1.0, kind="storage"), option("ghost", "nothing", 9.0, 1.0)]
    told = asked(scarce(company).inputs(), 1, options=options).supply_options.set_index("option_id")
    told = told[~told["is_proposed"]]
    assert not told["is_solved"].any()
    assert told["reason"].to_dict() == {
        "shed": "nothing limits the stock of it at its site",
        "ghost": "its resource makes nothing in the plan",
    }


LEVERS = [
    ("demand", "item", "bike", "multiply", 1.3),
    ("demand", "channel", "retail", "set", 25.0),
    ("price", "company", "all", "multiply", 1.5),
    ("capacity", "resource", "line", "add", 8.0),
    ("unit_cost", "supplier", "S2", "add", 1.0),
    ("safety_stock", "site", "east", "multiply", 0.5),
    ("lead_time", "supplier", "S1", "set", 1.0),
]


@pytest.mark.parametrize("what", LEVERS, ids=[f"{kind} {scope}" for kind, scope, *_ in LEVERS])
def test_a_scenario_is_what_a_plan_of_the_changed_company_costs(factory, what):
    kind, scope, scope_id, operation, value = what
    inputs = factory(4).inputs()
    levers = [lever("what-if", kind, scope, scope_id, operation, value)]
    found = asked(inputs, 4, [scenario("what-if")], levers).scenario_results.set_index("scenario_id")

    frame, column = {
        "demand": ("demand", "demand_units"), "price": ("demand", "unit_price"), "capacity": ("capacity", "regular_hours"),
        "unit_cost": ("sources", "unit_cost"), "safety_stock": ("target_stocks", "target_units"),
        "lead_time": ("sources", "lead_time_months"),
    }[kind]  # fmt: skip
    table = getattr(inputs, frame)
    rows = table[f"{scope}_id"] == scope_id if scope != "company" else table[column].notna()
    new = {"set": value, "add": table[column] + value, "multiply": table[column] * value}[operation]
    by_hand = replace(inputs, **{frame: table.assign(**{column: table[column].where(~rows, new)})})
    cold = plan_supply(by_hand, "2026-01", START, 4)

    assert found.loc["what-if", "objective_value"] == pytest.approx(
        cold.solve_log["objective_value"].iloc[0], rel=1e-6, abs=0.02
    )
    told = ["objective_value", "revenue", "demand_units"]
    assert found.loc["what-if", told].tolist() != found.loc["base", told].tolist()
    assert found.loc["what-if", "delivered_units"] == pytest.approx(
        cold.demand_fulfilment["delivered_units"].sum(), abs=0.05
    )
    assert bool(found.loc["what-if", "is_warm"]) == (kind != "lead_time")


def test_the_same_difference_gives_the_same_hash_and_none_gives_that_of_base(factory):
    levers = [
        lever("one", "demand", "item", "bike", "multiply", 1.2),
        lever("two", "demand", "item", "bike", "multiply", 1.2),
    ]
    inputs, scenarios = factory(4).inputs(), [scenario("one"), scenario("two"), scenario("same")]
    hashes = asked(inputs, 4, scenarios, levers).scenario_results.set_index("scenario_id")["result_hash"]
    assert hashes["one"] == hashes["two"] != hashes["base"]
    assert hashes["same"] == hashes["base"]
    alone = asked(inputs, 4, [scenario("two")], levers).scenario_results.set_index("scenario_id")[
        "result_hash"
    ]
    assert alone["two"] == hashes["two"]


def test_a_scenario_builds_on_its_parent_and_a_closed_one_is_not_asked(factory):
    levers = [
        lever("up", "demand", "item", "bike", "multiply", 1.2),
        lever("up-more", "capacity", "resource", "line", "add", 9.0),
    ]
    scenarios = [scenario("up"), scenario("up-more", parent="up"), scenario("old", status="closed")]
    found = asked(factory(4).inputs(), 4, scenarios, levers).scenario_results.set_index("scenario_id")
    assert found.index.tolist() == ["base", "up", "up-more"]
    assert (
        found.loc["up-more", "demand_units"]
        == found.loc["up", "demand_units"]
        > found.loc["base", "demand_units"]
    )
    assert found.loc["up-more", "objective_value"] < found.loc["up", "objective_value"]


def test_a_lever_that_finds_nothing_leaves_its_scenario_unsolved_and_says_so(factory):
    levers = [lever("typo", "capacity", "resource", "lien", "add", 9.0)]
    told = (
        asked(factory(2).inputs(), 2, [scenario("typo")], levers)
        .scenario_results.set_index("scenario_id")
        .loc["typo"]
    )
    assert not told["is_solved"]
    assert told["reason"] == "lever 1 (capacity of resource lien) finds nothing to change"


def in_lots(company):
    """12 and 12 wanted, made in whole lots of 5 with 12 hours a month: without whole lots 24 would be made, with them 20."""
    return (
        company(2)
        .demand("A", "plant", [12.0, 12.0], price=100.0, cost=60.0)
        .source("make", "A", "plant", lot=5.0, hours={"line": 1.0})
        .resource("line", [12.0, 12.0], cost=10.0)
        .parameter("whole_lots", 1.0)
    )


def test_beside_whole_lots_scenarios_and_options_release_whole_lots_of_their_own(company):
    plan = asked(
        in_lots(company).inputs(),
        2,
        scenarios=[scenario("more hours"), scenario("nothing")],
        levers=[
            lever("more hours", "capacity", "resource", "line", "multiply", 1.25),
            lever("nothing", "capacity", "resource", "line", "multiply", 1.0),
        ],
        options=[option("late", "line", hours=3.0, each=25.0)],
    )
    results = plan.scenario_results.set_index("scenario_id")
    assert results["is_solved"].all()
    assert results["delivered_units"].to_dict() == {"base": 20.0, "more hours": 24.0, "nothing": 20.0}
    assert results.loc["nothing", "result_hash"] == results.loc["base", "result_hash"]
    assert results["reason"].isna().all()  # proven to the end
    told = told_of(plan.supply_options)
    # 15 hours in one month make a third lot: 3 hours bought, 4 of its 5 units are asked for in both months
    assert (told["used_quantity"], told["recovered_units"]) == (3.0, 4.0)
    assert plan.violations == 0


def test_hashes_do_not_depend_on_the_order_of_rows(factory):
    levers = [
        lever("one", "demand", "item", "bike", "multiply", 1.2),
        lever("one", "capacity", "resource", "line", "multiply", 0.8, number=2),
    ]
    inputs, questions = factory(4).inputs(), ([scenario("one"), scenario("same")], levers)
    turned = replace(inputs, **{name: frame.iloc[::-1] for name, frame in inputs.tables().items()})
    straight, reversed_ = asked(inputs, 4, *questions), asked(turned, 4, *(rows[::-1] for rows in questions))
    hashes = straight.scenario_results["result_hash"].tolist()
    assert len(set(hashes)) == 2  # base and its like, and the difference
    assert reversed_.scenario_results["result_hash"].tolist() == hashes
    assert reversed_.supply_options["result_hash"].tolist() == straight.supply_options["result_hash"].tolist()


def test_a_difference_that_is_far_is_solved_from_nothing_to_the_same_cost(factory, monkeypatch):
    levers = [lever("one", "demand", "company", "all", "multiply", 1.3)]
    inputs = factory(4).inputs()
    close = asked(inputs, 4, [scenario("one")], levers).scenario_results.set_index("scenario_id").loc["one"]
    monkeypatch.setattr(near, "FEW_PIVOTS", 0)
    monkeypatch.setattr(near, "FEWEST_BROKEN", 0)
    monkeypatch.setattr(near, "BROKEN_ROWS_RATIO", dict.fromkeys(near.BROKEN_ROWS_RATIO, 0.0))
    far = asked(inputs, 4, [scenario("one")], levers).scenario_results.set_index("scenario_id").loc["one"]
    assert (close["is_warm"], far["is_warm"]) == (True, False)
    assert far["objective_value"] == pytest.approx(close["objective_value"], rel=1e-9)
