"""Rows that setups imply hold in every plan with whole setups, and say how dear the setups are; the search that uses them finds the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from case_company import case_of

from sop_pipeline.planning.supply.case import read_case
from sop_pipeline.planning.supply.case.problem import build_problem
from sop_pipeline.planning.supply.case.useful import largest_useful_release
from sop_pipeline.planning.supply.laws.model import build_model
from sop_pipeline.planning.supply.solve_limits import SolveLimits
from sop_pipeline.planning.supply.solving import implied, whole_numbers
from sop_pipeline.planning.supply.solving.assembly import assemble
from sop_pipeline.planning.supply.solving.item_bounds import ItemBounds
from sop_pipeline.planning.supply.solving.lot_sizing import TightenedParts, bound_by_prices, plan_setups
from sop_pipeline.planning.supply.solving.solve import solve_arrays
from sop_pipeline.planning.supply.solving.taken_apart import at_prices, part_of_programme, programme_parts
from sop_pipeline.planning.supply.solving.whole_numbers import branch_and_bound
from sop_pipeline.warehouse.case_files import read_case_folder

CASES = Path(__file__).parents[3] / "examples" / "cases"


def arrays_of(case):
    problem = build_problem(case)
    return assemble(build_model(problem.network, problem.prices))


def drawn(seed: int):
    """Two items with setups on one line, moved to a shop over a lane that takes part of a period; who waits or leaves costs."""
    random = np.random.default_rng(seed)
    demand = [
        f"{item},{site},{period},{random.integers(0, 30)},{cost},6"
        for item in "AB"
        for site, cost in (("shop", 2), ("plant", 3))
        for period in range(1, 7)
    ]
    return case_of(
        demand="\n".join(
            ["item_id,site_id,period,demand_units,backlog_cost_per_unit,lost_sale_cost_per_unit", *demand]
        ),
        stock=f"item_id,site_id,opening_units,holding_cost_per_unit\nA,plant,{random.integers(0, 20)},1\nB,plant,0,0.5\n"
        "A,shop,3,1.2\nB,shop,0,0.6",
        open_orders="item_id,site_id,period,open_units\nA,plant,3,5",
        sources=f"""source_id,source_type,item_id,site_id,from_site_id,unit_cost,lead_time_periods,setup_cost,yield_ratio
        make A,make,A,plant,,1,0,{random.integers(10, 60)},0.9
        make B,make,B,plant,,1,{random.choice([0, 1])},{random.integers(10, 60)},1
        move A,move,A,shop,plant,0.1,0.4,0,1
        move B,move,B,shop,plant,0.1,0.4,0,1""",
        source_loads="source_id,resource_id,hours_per_unit,setup_hours\nmake A,line,1,4\nmake B,line,1,4",
        resources="resource_id,regular_hours\nline,45",
    )


@pytest.mark.parametrize("seed", range(6))
def test_implied_rows_hold_in_the_best_plan_and_tighten_the_bound(seed):
    arrays = arrays_of(drawn(seed))
    values, termination, _ = branch_and_bound(arrays, SolveLimits())
    assert termination == "optimal"
    always = arrays.implied.always
    assert (always.matrix @ values >= always.lower - 1e-6).all()
    assert not arrays.implied.broken(values, 1e-6)
    best = arrays.cost @ values
    relaxed = solve_arrays(arrays.relaxed(), SolveLimits())[0]
    assert arrays.implied.broken(relaxed, 1e-3)
    held = TightenedParts(arrays, arrays.implied, SolveLimits())
    held.tighten(20, 0.0)
    assert arrays.cost @ relaxed < held.bound <= best + 1e-6


@pytest.mark.parametrize("seed", range(6))
def test_no_plan_is_below_the_bound_of_a_large_case_and_its_plan_keeps_every_law(seed):
    arrays = arrays_of(drawn(seed))
    best, *_ = branch_and_bound(arrays, SolveLimits())
    found, bound = plan_setups(arrays, SolveLimits())
    least = arrays.cost @ best
    assert 0.9 * least < bound <= least + 1e-6
    assert least - 1e-6 <= arrays.cost @ found < 1.1 * least
    used = arrays.matrix @ found
    assert (used >= arrays.row_lower - 1e-6).all()
    assert (used <= arrays.row_upper + 1e-6).all()
    assert set(np.unique(found[arrays.whole])) <= {0.0, 1.0}


@pytest.mark.parametrize("seed", range(3))
def test_hours_at_any_price_leave_a_bound(seed):
    arrays = arrays_of(drawn(seed))
    best, *_ = branch_and_bound(arrays, SolveLimits())
    rows = arrays.implied.model.rows["capacity"].positions
    for price in (0.0, -1.0, -20.0):
        bound = bound_by_prices(arrays, arrays.implied, rows, np.full(len(rows), price), [], SolveLimits())
        assert bound <= arrays.cost @ best + 1e-6


def moved(seed: int):
    """Two items with setups on one line, made of a part and moved to two shops that aim at a stock; pipelines are aimed at in the end."""
    random = np.random.default_rng(seed)
    places = [(item, shop, period) for item in "AB" for shop in ("east", "west") for period in range(1, 9)]
    lead_time, way = random.choice([0.0, 0.3, 0.6]), random.choice([0.0, 0.25, 0.7])
    makes = [
        f"make {item},make,{item},plant,,{random.integers(1, 4)},{lead_time},{random.integers(5, 80)},{random.choice([0.8, 1.0])}"
        for item in "AB"
    ]
    moves = [
        f"move {item} {shop},move,{item},{shop},plant,{random.uniform(0.1, 0.5):.2f},{way},0,1"
        for item in "AB"
        for shop in ("east", "west")
    ]
    problem = build_problem(
        case_of(
            demand="\n".join(
                [
                    "item_id,site_id,period,demand_units,backlog_cost_per_unit,lost_sale_cost_per_unit",
                    *(
                        f"{item},{shop},{period},{random.integers(0, 30)},2,40"
                        for item, shop, period in places
                    ),
                ]
            ),
            stock="\n".join(
                [
                    "item_id,site_id,opening_units,holding_cost_per_unit",
                    *(f"{item},plant,{random.integers(0, 30)},{random.uniform(0.2, 1):.2f}" for item in "AB"),
                    *(
                        f"{item},{shop},{random.integers(0, 9)},0.5"
                        for item in "AB"
                        for shop in ("east", "west")
                    ),
                    *(f"part {item},plant,{random.integers(0, 30)},0.1" for item in "AB"),
                ]
            ),
            stock_periods="\n".join(
                [
                    "item_id,site_id,period,target_units,below_target_cost_per_unit",
                    *(f"{item},{shop},{period},{random.integers(0, 9)},0.9" for item, shop, period in places),
                ]
            ),
            sources="\n".join(
                [
                    "source_id,source_type,item_id,site_id,from_site_id,unit_cost,lead_time_periods,setup_cost,yield_ratio",
                    *makes,
                    *moves,
                    *(f"buy {item},buy,part {item},plant,,2,1,0,1" for item in "AB"),
                ]
            ),
            source_inputs="source_id,item_id,units_per_unit\nmake A,part A,1\nmake B,part B,2",
            source_loads="source_id,resource_id,hours_per_unit,setup_hours\nmake A,line,1,4\nmake B,line,1,4",
            resources="resource_id,regular_hours\nline,60",
        )
    )
    network = replace(problem.network, has_pipeline_target=True)
    dear = replace(problem.prices, pipeline=np.full(len(network.item_sites), 12.0))
    return assemble(build_model(network, dear))


@pytest.mark.parametrize("seed", range(4))
def test_no_plan_of_an_item_by_itself_costs_less_than_its_least_cost(seed):
    arrays = moved(seed)
    model, random = arrays.implied.model, np.random.default_rng(seed)
    rows = model.rows["capacity"].positions
    apart = at_prices(arrays, rows, -random.uniform(0.0, 2.0, len(rows)))
    parts = programme_parts(apart.matrix, arrays.implied)
    least = ItemBounds(model, apart).least([columns for _, columns in parts])
    assert len(least) == 2
    for number, cost in least.items():
        part = part_of_programme(apart, *parts[number])
        best, *_ = branch_and_bound(part, SolveLimits(gap_ratio=0.0))
        assert 0.5 * (part.cost @ best) < cost <= part.cost @ best + 1e-6


@pytest.mark.parametrize("seed", range(2))
def test_a_company_whose_items_are_moved_to_shops_has_a_bound_too(seed):
    arrays = moved(seed)
    best, *_ = branch_and_bound(arrays, SolveLimits(gap_ratio=0.0))
    found, bound = plan_setups(arrays, SolveLimits())
    assert found is not None
    assert 0.75 * (arrays.cost @ best) < bound <= arrays.cost @ best + 1e-6
    assert arrays.cost @ best - 1e-6 <= arrays.cost @ found


@pytest.mark.parametrize("seed", range(3))
def test_the_search_of_a_large_case_finds_what_the_search_of_a_small_one_does(seed, monkeypatch):
    arrays = arrays_of(drawn(seed))
    small, *_ = branch_and_bound(arrays, SolveLimits())
    monkeypatch.setattr(whole_numbers, "PROVEN_BY_ITSELF", 0)
    large, termination, gap = branch_and_bound(arrays, SolveLimits())
    assert arrays.cost @ large == pytest.approx(arrays.cost @ small, rel=1e-6)
    assert termination == "optimal"
    assert gap <= 1e-6


def test_without_limits_the_implied_rows_leave_no_gap_at_all(monkeypatch):
    # Barany, Van Roy and Wolsey: with all of them the uncapacitated lot-sizing programme needs no whole numbers
    monkeypatch.setattr(implied, "REACH", 12)
    arrays = arrays_of(read_case(read_case_folder(CASES / "wagner_whitin")))
    plan, bound = plan_setups(arrays, SolveLimits())
    assert bound == pytest.approx(864.0, rel=1e-6)
    assert arrays.cost @ plan == pytest.approx(864.0, rel=1e-6)


def test_an_item_with_another_way_in_has_no_implied_rows():
    arrays = arrays_of(
        case_of(
            demand="item_id,period,demand_units\nA,1,10\nA,2,10",
            sources="source_id,source_type,item_id,unit_cost,setup_cost\nmake,make,A,1,30\nbuy,buy,A,5,0",
        )
    )
    assert not len(arrays.implied.need)


def test_a_release_is_useful_up_to_what_materials_allow_and_what_is_still_asked_for():
    network = build_problem(
        case_of(
            demand="""item_id,period,demand_units,backlog_cost_per_unit,backlog_maximum_units
            A,1,40,1,20
            A,2,30,1,
            A,3,20,1,""",
            stock="item_id,opening_units\npart,50",
            sources="""source_id,source_type,item_id,lead_time_periods,setup_cost
            make,make,A,0,10
            buy,buy,part,1,0""",
            source_inputs="source_id,item_id,units_per_unit\nmake,part,2",
        )
    ).network
    make = network.flows.names.index("make")
    # 50 parts are 25 units until more arrive; then what later periods ask for and what may have waited: 30 + 20 and 20, 20 and all of 70
    assert largest_useful_release(network)[make].tolist() == [25.0, 70.0, 90.0]
