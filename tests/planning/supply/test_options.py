"""Every kind of option on a company small enough for paper: what is used of it, what it wins, what it costs."""

from __future__ import annotations

import pandas as pd
import pytest

from sop_pipeline.planning.supply import Questions, plan_supply
from sop_pipeline.planning.supply.plan import no_questions

START = pd.Timestamp("2026-01-01")


def option(of_type, adds_to, object_id, quantity=0.0, each=0.0, once=0.0, **more):
    return {
        "option_id": "asked", "option_type": of_type, "option_name": "asked", "capacity_type": adds_to, "object_id": object_id,
        "item_id": "all", "added_quantity": quantity, "unit_cost": each, "fixed_cost": once, "lead_time_days": 0,
        "available_from_period_start_date": START,
    } | more  # fmt: skip


def solved(company, row, elasticities=None):
    nothing = no_questions()
    questions = Questions(
        nothing.scenarios,
        nothing.scenario_levers,
        pd.DataFrame([row]),
        nothing.price_elasticities if elasticities is None else elasticities,
    )
    plan = plan_supply(company.inputs(), "2026-01", START, company.months, questions=questions)
    assert plan.violations == 0
    return plan.supply_options.set_index("option_id").loc["asked"]


def scarce(company):
    """12 wanted at 100, 5 hours at 10: 7 are lost."""
    return (
        company(1)
        .demand("A", "plant", [12.0], price=100.0, cost=60.0)
        .source("make", "A", "plant", hours={"line": 1.0})
        .resource("line", [5.0], cost=10.0)
    )


def test_a_subcontractor_delivers_finished_units_at_his_price(company):
    told = solved(scarce(company), option("subcontract", "item", "plant", 3.0, 70.0, item_id="A"))
    assert (told["used_quantity"], told["unit"], told["option_cost"]) == (3.0, "units", 210.0)  # 3 x 70
    assert (told["recovered_units"], told["recovered_margin"]) == (3.0, 120.0)  # 3 x (100 - 60)
    assert told["net_value"] == pytest.approx(90.0)  # 3 sales of 100 not lost, less 210


def test_more_from_a_supplier_is_bought_above_his_limit(company):
    limited = (
        company(1)
        .demand("A", "plant", [12.0], price=100.0, cost=60.0)
        .source("buy", "A", "plant", 40.0, supplier="S1", maximum=5.0)
    )
    told = solved(limited, option("alternate_source", "supplier", "S1", 4.0, 6.0))
    assert (told["used_quantity"], told["option_cost"]) == (4.0, 24.0)  # 4 x 6 above the price of 40
    assert told["net_value"] == pytest.approx(4 * (100.0 - 40.0 - 6.0))


def test_an_expedited_purchase_arrives_in_time_and_its_price_is_paid_anyway(company):
    late = (
        company(2)
        .demand("A", "plant", [4.0, 0.0], price=100.0, cost=60.0)
        .source("buy", "A", "plant", 40.0, supplier="S1", lead_time=1.0)
    )
    told = solved(late, option("expedite", "supplier", "S1", 3.0, 6.0, days_saved=30.4375))
    assert (told["used_quantity"], told["option_cost"]) == (3.0, 18.0)  # 3 x 6; the 40 is the purchase's
    assert told["net_value"] == pytest.approx(3 * (100.0 - 40.0 - 6.0))


def test_expediting_stays_within_what_the_supplier_delivers(company):
    late = (
        company(2)
        .demand("A", "plant", [4.0, 0.0], price=100.0, cost=60.0)
        .source("buy", "A", "plant", 40.0, supplier="S1", lead_time=1.0, maximum=2.0)
    )
    told = solved(late, option("expedite", "supplier", "S1", 3.0, 6.0, days_saved=30.4375))
    assert told["used_quantity"] == 2.0


def test_rented_room_takes_what_stood_above_the_maximum(company):
    full = (
        company(1)
        .demand("A", "plant", [1.0], price=100.0, cost=50.0)
        .stock("A", "plant", 11.0, 50.0, maximum=4.0)
    )
    told = solved(full, option("pre_build", "storage", "plant", 5.0, 2.0))
    assert (told["used_quantity"], told["option_cost"]) == (
        5.0,
        10.0,
    )  # 10 stand, 4 may: 6 are above, 5 are rented
    assert told["net_value"] == pytest.approx(5 * (50.0 * 0.10 - 2.0))  # 10 % of 50 a unit and month above


def test_a_site_that_has_gives_to_one_that_has_not(company):
    two = (
        company(1)
        .demand("A", "east", [4.0], price=100.0, cost=60.0)
        .stock("A", "west", 3.0, 60.0)
        .stock("A", "east", 0.0, 60.0)
    )
    told = solved(two, option("reallocation", "lane", "west", 9.0, 5.0, to_site_id="east", item_id="A"))
    assert (told["used_quantity"], told["option_cost"]) == (3.0, 15.0)
    assert told["recovered_units"] == 3.0


def test_an_option_of_several_items_has_one_limit_for_all_of_them(company):
    two = (
        company(1)
        .demand("A", "east", [4.0], price=100.0, cost=60.0)
        .demand("B", "east", [4.0], price=50.0, cost=30.0)
    )
    for item, cost in (("A", 60.0), ("B", 30.0)):
        two = two.stock(item, "west", 3.0, cost).stock(item, "east", 0.0, cost)
    told = solved(two, option("reallocation", "lane", "west", 4.0, 5.0, to_site_id="east"))
    assert told["used_quantity"] == 4.0  # of the 6 that stand in the west
    assert told["recovered_margin"] == pytest.approx(3 * 40.0 + 1 * 20.0)  # the dearer item first


def test_a_price_moves_demand_by_the_measured_elasticity(company):
    enough = (
        company(1)
        .demand("A", "plant", [12.0], price=100.0, cost=60.0)
        .source("buy", "A", "plant", 60.0, supplier="S1")
    )
    measured = pd.DataFrame(
        {"channel_id": ["direct"], "elasticity": [-1.0], "elasticity_basis": ["measured"]}
    )
    told = solved(enough, option("price", "demand", "direct", change_ratio=0.25), measured)
    assert told["used_quantity"] == pytest.approx(-2.4)  # 12 / 1.25 = 9.6
    assert told["recovered_margin"] == pytest.approx(9.6 * (125.0 - 60.0) - 12.0 * (100.0 - 60.0))
    assert told["net_value"] == pytest.approx(9.6 * 125.0 - 9.6 * 60.0 - (12.0 * 100.0 - 12.0 * 60.0))
    assert told["assumption"] == "elasticity -1.00 (measured)"


def test_an_investment_bears_its_part_of_the_capital_and_tells_when_it_is_paid_back(company):
    told = solved(
        scarce(company),
        option("investment", "resource", "line", 4.0, 10.0, once=2400.0, write_off_months=24.0),
    )
    assert told["option_cost"] == 140.0  # 4 x 10 and one month of 2400 / 24
    assert told["net_value"] == pytest.approx(4 * 100.0 - 140.0)
    assert told["payback_months"] == pytest.approx(6.7)  # 2400 / (4 x (100 - 10))


def test_an_option_ends_with_its_last_month(company):
    short = (
        company(3)
        .demand("A", "plant", [12.0] * 3, price=100.0, cost=60.0)
        .source("make", "A", "plant", hours={"line": 1.0})
        .resource("line", [5.0] * 3, cost=10.0)
    )
    told = solved(
        short,
        option(
            "overtime",
            "resource",
            "line",
            4.0,
            25.0,
            available_to_period_start_date=pd.Timestamp("2026-02-01"),
        ),
    )
    assert told["used_quantity"] == 8.0


REFUSED = [
    (option("expedite", "supplier", "S1", 1.0), "its days_saved is empty"),
    (option("shift", "supplier", "S9", 1.0), "its supplier delivers nothing of it in the plan"),
    (option("alternate_source", "supplier", "S1", 1.0), "nothing limits what its supplier delivers"),
    (option("subcontract", "item", "moon", 1.0, item_id="A"), "its item is not planned at its site"),
    (option("price", "demand", "direct", change_ratio=0.1), "no elasticity of its channel is known"),
    (
        option("reallocation", "lane", "plant", 1.0, to_site_id="moon"),
        "none of its items is planned at both of its sites",
    ),
    (
        option("shift", "resource", "line", 1.0, available_from_period_start_date=pd.Timestamp("2027-01-01")),
        "begins after the horizon",
    ),
]


@pytest.mark.parametrize(("row", "reason"), REFUSED, ids=[reason for _, reason in REFUSED])
def test_what_the_plan_has_no_place_for_says_why(company, row, reason):
    case = scarce(company).source("buy", "part", "plant", 1.0, supplier="S1", lead_time=1.0)
    told = solved(case, row)
    assert not told["is_solved"]
    assert told["reason"] == reason


def test_where_nobody_entered_an_option_one_is_proposed_with_its_assumption(company):
    short = (
        company(3)
        .demand("A", "plant", [12.0] * 3, price=100.0, cost=60.0)
        .source("make", "A", "plant", hours={"line": 1.0})
        .resource("line", [5.0] * 3, cost=10.0)
    )
    told = plan_supply(short.inputs(), "2026-01", START, 3).supply_options.set_index("option_id")
    told = told.loc["proposed:line"]
    assert told["is_proposed"]
    assert told["used_quantity"] == 2.0  # 20 % of 5 hours in February and March
    assert told["assumption"] == "20% more hours at the rate of overtime, from 30 days on, no cost to start"
    assert told["net_value"] == pytest.approx(2 * (100.0 - 15.0))


def test_what_building_ahead_is_worth_is_what_the_plan_without_it_costs_more(company):
    ahead = (
        company(2)
        .demand("A", "plant", [2.0, 8.0], price=100.0, cost=60.0)
        .source("make", "A", "plant", hours={"line": 1.0})
        .resource("line", [5.0] * 2, cost=10.0)
    )
    told = plan_supply(ahead.inputs(), "2026-01", START, 2).supply_options.set_index("option_id")
    ahead_of_need = told.loc["building_ahead"]
    assert ahead_of_need["used_quantity"] == 3.0  # made in January, sold in February
    assert ahead_of_need["option_cost"] == pytest.approx(3 * 0.6)  # 1 % of 60 a month
    assert ahead_of_need["recovered_units"] == 3.0
    assert ahead_of_need["net_value"] == pytest.approx(3 * (100.0 - 10.0 - 0.6))


def shared(company, rule):
    """60 there, 80 asked by trade and 40 by the web, whose lost sales are dearer."""
    return (
        company(1)
        .demand("A", "dc", [80.0], price=10.0, cost=1.0, channel="trade", priority=1)
        .demand("A", "dc", [40.0], price=10.0, cost=1.0, channel="web", priority=2, lost_cost=0.5)
        .source("buy", "A", "dc", 1.0, supplier="S", maximum=60.0)
        .allocate(rule)
    )


FROM_TRADE = option("reallocation", "demand", "trade", 8.0, 1.0, to_channel_id="web")


def test_what_the_rule_gives_to_one_channel_goes_to_another(company):
    told = solved(shared(company, "fair_share"), FROM_TRADE)
    assert (told["used_quantity"], told["unit"], told["option_cost"]) == (8.0, "units", 8.0)
    assert told["recovered_units"] == 0.0  # trade loses 48 instead of 40, the web 12 instead of 20
    assert told["net_value"] == pytest.approx(8 * (15.0 - 10.0 - 1.0))


def test_a_rule_by_cost_leaves_nothing_to_reallocate_and_the_plan_proves_it(company):
    told = solved(shared(company, "cost"), FROM_TRADE)
    assert told["is_solved"] and told["reason"].startswith("not used: the prices of the plan of record prove")
    assert (told["used_quantity"], told["option_cost"], told["net_value"]) == (0.0, 0.0, 0.0)


def test_channels_that_share_no_item_at_a_site_cannot_be_reallocated(company):
    row = option("reallocation", "demand", "trade", 8.0, 1.0, to_channel_id="fair")
    told = solved(shared(company, "fair_share"), row)
    assert told["reason"] == "none of its items is asked for by both of its channels at one site"


def test_an_option_in_a_currency_without_a_rate_is_not_valued(company):
    row = option("shift", "resource", "line", 4.0, None, currency_code="CHF")
    assert solved(scarce(company), row)["reason"] == "no rate of CHF is known in the month of the cycle"


def test_where_stock_stands_at_its_maximum_and_nobody_rents_room_it_is_proposed(company):
    full = (
        company(2)
        .demand("A", "plant", [1.0, 0.0], price=100.0, cost=50.0)
        .stock("A", "plant", 11.0, 50.0, maximum=4.0)
    )
    plan = full.plan()
    told = plan.supply_options.set_index("option_id").loc["proposed:room:A@plant"]
    assert told["is_proposed"] and told["feasible_from_date"] == pd.Timestamp("2026-02-01")
    assert told["used_quantity"] == pytest.approx(0.8)  # a fifth of 4
    assert told["option_cost"] == pytest.approx(2.0)  # 0.8 x half of the 5 that a unit too many costs
    assert told["net_value"] == pytest.approx(0.8 * 5.0 - 2.0)


def test_building_ahead_is_the_stock_that_stands_above_its_target(company):
    ahead = (
        company(2)
        .demand("A", "plant", [2.0, 8.0], price=100.0, cost=50.0)
        .source("make", "A", "plant", hours={"line": 1.0})
        .resource("line", [5.0, 5.0], cost=10.0)
    )
    told = ahead.plan().supply_options.set_index("option_id").loc["building_ahead"]
    assert told["used_quantity"] == pytest.approx(3.0)  # of February's 8, of which 5 can be made then
    assert told["option_cost"] == pytest.approx(1.5)  # a month of 1 % of 50
    assert told["recovered_units"] == pytest.approx(3.0)
