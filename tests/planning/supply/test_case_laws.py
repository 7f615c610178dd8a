"""Every law that only a case can say, on cases small enough to check on paper; and that the answer does not depend on how
the case is written."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from case_company import answer_of, case_of, column

from sop_pipeline.planning.supply import SupplyInputError
from sop_pipeline.planning.supply.case import read_case, solve_case
from sop_pipeline.warehouse.case_files import read_case_folder

CASES = Path(__file__).parents[3] / "examples" / "cases"
PUBLISHED = pd.read_csv(CASES / "published.csv", dtype=str)


@pytest.mark.parametrize(
    "row", PUBLISHED[PUBLISHED["figure"] == "objective_value"].to_dict("records"), ids=str
)
def test_textbook_cases_have_their_published_objective(row):
    options = {"objective": row["objective"], "integer": row["integer"]}
    answer = solve_case(read_case(read_case_folder(CASES / row["case_id"]), options))
    assert answer.objective_value == pytest.approx(float(row["published_value"]), rel=1e-6)
    assert answer.violations == 0
    assert answer.certificate.is_proven


def test_people_are_hired_only_where_their_work_is_worth_the_hiring():
    # 10 people give 100 hours; 150 are asked in week 2. Hiring 5 costs 5 x 20, overtime 50 x 3, stock is dearer than both
    answer = answer_of(
        demand="item_id,period,demand_units\nA,1,100\nA,2,150",
        stock="item_id,holding_cost_per_unit\nA,10",
        sources="source_id,source_type,item_id\nmake,make,A",
        source_loads="source_id,resource_id,hours_per_unit\nmake,crew,1",
        resources="resource_id,overtime_cost_per_hour\ncrew,3",
        labour="resource_id,opening_heads,hours_per_head,hire_cost_per_head,overtime_hours_per_head\ncrew,10,10,20,10",
    )
    assert answer.objective_value == pytest.approx(100)
    assert sum(column(answer, "labour", "hired")) == pytest.approx(5)


def test_overtime_of_people_is_limited_by_their_number():
    # 2 people: 20 hours and at most 2 x 3 overtime
    with pytest.raises(SupplyInputError, match="demand that cannot be served.*A / main / all in 1: 4 units"):
        answer_of(
            demand="item_id,period,demand_units\nA,1,30",
            sources="source_id,source_type,item_id\nmake,make,A",
            source_loads="source_id,resource_id,hours_per_unit\nmake,crew,1",
            labour="resource_id,opening_heads,hours_per_head,overtime_hours_per_head,maximum_heads\ncrew,2,10,3,2",
        )


def test_setup_hours_come_out_of_the_capacity():
    # 10 hours, a setup takes 2, a unit 1: 8 units in a period that runs
    answer = answer_of(
        {"objective": "margin"},
        demand="item_id,period,demand_units,unit_price\nA,1,20,5",
        sources="source_id,source_type,item_id\nmake,make,A",
        source_loads="source_id,resource_id,hours_per_unit,setup_hours\nmake,line,1,2",
        resources="resource_id,regular_hours\nline,10",
    )
    assert column(answer, "demand", "delivered_units") == [8.0]
    assert answer.objective_value == pytest.approx(40)


def test_a_run_is_not_smaller_than_its_smallest():
    # 3 are asked in each of two periods, a run is 5 at least: one run of 6, 3 held at 1
    answer = answer_of(
        demand="item_id,period,demand_units\nA,1,3\nA,2,3",
        stock="item_id,holding_cost_per_unit\nA,1",
        sources="source_id,source_type,item_id,minimum_units,setup_cost\nmake,make,A,5,10",
    )
    assert column(answer, "plan", "released_units") == [6.0, 0.0]
    assert answer.objective_value == pytest.approx(13)


def test_lots_are_whole():
    answer = answer_of(
        demand="item_id,period,demand_units\nA,1,10",
        sources="source_id,source_type,item_id,lot_units,unit_cost\nbuy,buy,A,4,1",
    )
    assert column(answer, "plan", "released_units") == [12.0]


def test_shared_room_makes_stock_wait():
    # 100 of each are asked in week 2, 100 hours a week for 2 a unit together; the hall holds 60 of both
    answer = answer_of(
        {"objective": "margin"},
        demand="item_id,period,demand_units,unit_price\nA,2,100,3\nB,2,100,2",
        sources="source_id,source_type,item_id\nmake A,make,A\nmake B,make,B",
        source_loads="source_id,resource_id,hours_per_unit\nmake A,line,1\nmake B,line,1",
        resources="resource_id,regular_hours\nline,100",
        spaces="space_id,maximum_space\nhall,60",
        space_uses="space_id,item_id\nhall,A\nhall,B",
        periods="period,sequence\n1,1\n2,2",
    )
    # 160 units at most: all of A and 60 of B
    assert answer.objective_value == pytest.approx(100 * 3 + 60 * 2)


def test_stock_leaves_within_its_shelf_life():
    # week 3 asks for 10 and its line stands still; what keeps one week can be made in week 2 only (dearer than week 1)
    tables = {
        "demand": "item_id,period,demand_units\nA,3,10\nA,1,0",
        "stock": "item_id,shelf_life_periods\nA,{life}",
        "sources": "source_id,source_type,item_id\nmake,make,A",
        "source_periods": "source_id,period,unit_cost,maximum_units\nmake,1,1,\nmake,2,5,\nmake,3,1,0",
        "periods": "period,sequence\n1,1\n2,2\n3,3",
    }
    short = answer_of(**(tables | {"stock": tables["stock"].format(life=1)}))
    long = answer_of(**(tables | {"stock": tables["stock"].format(life=2)}))
    assert short.objective_value == pytest.approx(50)
    assert long.objective_value == pytest.approx(10)


def test_shares_of_sources_hold_over_the_horizon():
    answer = answer_of(
        demand="item_id,period,demand_units\nA,1,60\nA,2,40",
        sources="""source_id,source_type,item_id,unit_cost,minimum_share_ratio,maximum_share_ratio
        cheap,buy,A,1,0,0.7
        dear,buy,A,2,0.2,1""",
    )
    assert sum(column(answer, "plan", "released_units", source_id="dear")) == pytest.approx(30)


def test_maintenance_goes_where_it_costs_least():
    # a line of 10 hours; 10 are asked in week 1 and 4 in week 2: the stoppage of 6 hours belongs to week 2
    answer = answer_of(
        demand="item_id,period,demand_units\nA,1,10\nA,2,4",
        sources="source_id,source_type,item_id\nmake,make,A",
        source_loads="source_id,resource_id,hours_per_unit\nmake,line,1",
        resources="resource_id,regular_hours\nline,10",
        maintenance="maintenance_id,resource_id,hours_per_stoppage\nservice,line,6",
    )
    assert column(answer, "maintenance", "stoppages") == [0.0, 1.0]


def test_a_lead_time_in_parts_of_a_period_arrives_in_two():
    # 0.4 periods: 60 % at once. 10 in period 1 need 10 / 0.6; what is left arrives in period 2
    answer = answer_of(
        demand="item_id,period,demand_units\nA,1,6\nA,2,4",
        sources="source_id,source_type,item_id,lead_time_periods,unit_cost\nbuy,buy,A,0.4,1",
    )
    assert column(answer, "plan", "released_units") == [10.0, 0.0]


def test_scrap_is_paid_for():
    answer = answer_of(
        demand="item_id,period,demand_units\nA,1,9",
        sources="source_id,source_type,item_id,yield_ratio,unit_cost\nmake,make,A,0.9,2\nbuy part,buy,part,1,3",
        source_inputs="source_id,item_id,units_per_unit\nmake,part,2",
    )
    assert answer.objective_value == pytest.approx(10 * 2 + 20 * 3)


def test_a_bill_changes_with_the_period():
    # 3 units of 2 parts, then 4 units of 5 screws; a part costs 3, a screw 1
    answer = answer_of(
        demand="item_id,period,demand_units\nA,1,3\nA,2,4",
        stock="item_id,holding_cost_per_unit\nA,9",
        sources="source_id,source_type,item_id,unit_cost\nmake,make,A,0\nbuy part,buy,part,3\nbuy screw,buy,screw,1",
        source_inputs="source_id,item_id,units_per_unit\nmake,part,2",
        source_input_periods="source_id,item_id,period,units_per_unit\nmake,part,2,0\nmake,screw,2,5",
    )
    assert answer.objective_value == pytest.approx(3 * 2 * 3 + 4 * 5 * 1)
    assert answer.violations == 0


def test_service_serves_the_first_priority_first_and_then_saves():
    tables = {
        "demand": """item_id,channel_id,period,demand_units,unit_price,priority
        A,hospital,1,8,1,1
        A,retail,1,8,100,2""",
        "sources": "source_id,source_type,item_id,maximum_units,unit_cost\nmake,make,A,10,1\nbuy,buy,A,2,50",
    }
    answer = answer_of({"objective": "service"}, **tables)
    assert column(answer, "demand", "lost_units", channel_id="hospital") == [0.0]
    assert column(answer, "demand", "lost_units", channel_id="retail") == [4.0]
    assert answer.service_levels == {"1": 0.0, "2": 4.0}
    margin = answer_of({"objective": "margin"}, **tables)
    assert column(margin, "demand", "lost_units", channel_id="retail") == [0.0]


def test_nobody_is_owed_after_the_last_period_unless_the_case_says_so():
    tables = {
        "demand": "item_id,period,demand_units,backlog_cost_per_unit\nA,1,5,1\nA,2,5,1",
        "sources": "source_id,source_type,item_id,unit_cost\nmake,make,A,10",
    }
    assert answer_of(**tables).objective_value == pytest.approx(100)
    owed = answer_of(**tables, parameters="parameter,value\nending_backlog_maximum_units,4")
    assert owed.objective_value == pytest.approx(60 + 4)


def test_prices_are_confirmed_by_solving_again_with_one_hour_more_and_one_less():
    answer = solve_case(read_case(read_case_folder(CASES / "steel_mill")))
    hours = answer.tables["prices"].query("limit == 'capacity'")
    assert hours["shadow_price"].tolist() == pytest.approx([2660, 3080, 3400, 3400], rel=1e-6)
    assert hours["saving_of_one_more"].tolist() == pytest.approx([2660, 3080, 3400, 3400], rel=1e-6)
    assert hours["loss_of_one_less"].tolist() == pytest.approx([2660, 3080, 3400, 3400], rel=1e-6)
    assert hours["is_confirmed"].tolist() == ["yes"] * 4


def test_a_price_that_holds_for_half_an_hour_says_so():
    # 10 of 10.5 asked can be made in 10 hours: half an hour more is worth 5 x 0.5, an hour less costs 5
    answer = answer_of(
        {"objective": "margin"},
        demand="item_id,period,demand_units,unit_price\nA,1,10.5,5",
        sources="source_id,source_type,item_id\nmake,make,A",
        source_loads="source_id,resource_id,hours_per_unit\nmake,line,1",
        resources="resource_id,regular_hours\nline,10",
    )
    (price,) = answer.tables["prices"].query("limit == 'capacity'").to_dict("records")
    assert (price["shadow_price"], price["saving_of_one_more"], price["loss_of_one_less"]) == (5.0, 2.5, 5.0)
    assert price["is_confirmed"] == "for less than one unit"


# -- how a case is written does not matter


@pytest.mark.parametrize("case_id", ["red_tomato_tools", "factory_planning", "lanes_fixed_charge"])
def test_rows_in_any_order_give_the_same_tables(case_id):
    files = read_case_folder(CASES / case_id)
    shuffled = {
        name: frame.sample(frac=1.0, random_state=3)[list(reversed(frame.columns))]
        for name, frame in files.items()
    }
    first, second = solve_case(read_case(files)), solve_case(read_case(shuffled))
    for name, table in first.tables.items():
        pd.testing.assert_frame_equal(table, second.tables[name])


def test_other_names_change_no_objective():
    files = read_case_folder(CASES / "factory_planning")
    renamed = {
        name: frame.assign(item_id=frame["item_id"].str.replace("PROD ", "z"))
        if "item_id" in frame
        else frame
        for name, frame in files.items()
    }
    assert solve_case(read_case(renamed)).objective_value == pytest.approx(93715.178571, rel=1e-9)


def test_twice_of_everything_costs_twice():
    files = read_case_folder(CASES / "red_tomato_tools")
    double = {name: frame.copy() for name, frame in files.items()}
    for name, columns in {
        "demand": ["demand_units"],
        "stock": ["opening_units", "ending_minimum_units"],
        "labour": ["opening_heads"],
    }.items():
        for named in columns:
            double[name][named] = (double[name][named].astype(float) * 2).astype(str)
    assert solve_case(read_case(double)).objective_value == pytest.approx(2 * 422275, rel=1e-9)


# -- what is wrong is told at once


def test_every_mistake_of_a_case_is_told_with_its_line():
    with pytest.raises(SupplyInputError) as told:
        case_of(
            demand="item_id,period,demand_units,price\nA,1,ten,4\nA,2,-3,4\nA,2,1e15,4",
            sources="source_id,source_type,item_id\nmake,mak,A",
            source_loads="source_id,resource_id,hours_per_unit\nmke,line,1",
            stok="item_id\nA",
            parameters="parameter,value\nobjectiv,cost",
        )
    text = str(told.value)
    for expected in (
        "demand.csv: demand_units is no number in 1 row (line 2: 'ten')",
        "demand.csv: demand_units is negative in 1 row (line 3: '-3')",
        "demand.csv: demand_units is not finite or above 1e+12 in 1 row (line 4: '1e15')",
        "demand.csv: column 'price' is not known",
        "demand.csv: 2 rows repeat a key",
        "sources.csv: source_type is none of make, buy, move, subcontract",
        "name a source_id that sources.csv does not: mke (did you mean make?)",
        "name a resource_id that resources.csv, capacity.csv or labour.csv does not: line",
        "stok.csv is no file of a case (did you mean stock?)",
        "'objectiv' is no parameter (did you mean objective?)",
    ):
        assert expected in text, text


def test_a_loop_of_components_is_named():
    with pytest.raises(SupplyInputError, match="A -> B -> A"):
        answer_of(
            demand="item_id,period,demand_units\nA,1,1",
            sources="source_id,source_type,item_id,setup_cost\nmake A,make,A,1\nmake B,make,B,1",
            source_inputs="source_id,item_id,units_per_unit\nmake A,B,1\nmake B,A,1",
        )


def test_what_cannot_be_met_is_named_with_how_much():
    with pytest.raises(SupplyInputError, match=r"stock below its least: A / main in 2: 5 units"):
        answer_of(
            demand="item_id,period,demand_units\nA,1,10\nA,2,10",
            stock="item_id,opening_units,ending_minimum_units\nA,5,10",
            sources="source_id,source_type,item_id,maximum_units\nmake,make,A,10",
        )


def shortage(rule):
    # 60 for 80 and 40 asked; a unit that web does not get costs more
    return answer_of(
        demand="""item_id,channel_id,period,demand_units,lost_sale_cost_per_unit
        A,trade,1,80,10
        A,web,1,40,15""",
        stock=f"item_id,allocation_rule\nA,{rule}",
        sources="source_id,source_type,item_id,unit_cost,maximum_units\nbuy,buy,A,1,60",
    )


@pytest.mark.parametrize(("rule", "trade", "web"), [("", 20, 40), ("cost", 20, 40), ("fair_share", 40, 20)])
def test_a_shortage_goes_where_it_costs_least_or_is_shared(rule, trade, web):
    answer = shortage(rule)
    assert column(answer, "demand", "delivered_units", channel_id="trade") == [trade]
    assert column(answer, "demand", "delivered_units", channel_id="web") == [web]


def test_a_fair_share_holds_what_waits_and_what_is_lost_together():
    # 30 of 60 asked in period 1: both wait or lose half; trade waits at 1, web may not wait and loses at 20
    answer = answer_of(
        demand="""item_id,channel_id,period,demand_units,backlog_cost_per_unit,lost_sale_cost_per_unit
        A,trade,1,40,1,50
        A,web,1,20,,20
        A,trade,2,0,1,50""",
        stock="item_id,allocation_rule\nA,fair_share",
        sources="source_id,source_type,item_id,maximum_units\nbuy,buy,A,30",
    )
    assert column(answer, "demand", "backlog_units", channel_id="trade") == [20, 0]
    assert column(answer, "demand", "lost_units", channel_id="web") == [10, 0]
    assert answer.objective_value == pytest.approx(20 * 1 + 10 * 20)


def test_what_is_made_to_order_is_not_made_ahead():
    # 12 a period; 20 are asked in period 2. To stock 8 wait from period 1; to order 8 are served in period 3
    def case(strategy):
        return answer_of(
            demand="item_id,period,demand_units,backlog_cost_per_unit\nA,1,0,5\nA,2,20,5\nA,3,0,5",
            stock=f"item_id,holding_cost_per_unit,order_strategy\nA,1,{strategy}",
            sources="source_id,source_type,item_id,maximum_units\nmake,make,A,12",
        )

    assert column(case("to_stock"), "plan", "released_units") == [8, 12, 0]
    assert column(case("to_order"), "plan", "released_units") == [0, 12, 8]


# -- audit and proof do not take the model's word
