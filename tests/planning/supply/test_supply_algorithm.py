"""Which algorithm solves a programme: by its size, and by how scarce hours tie lines together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from case_company import frames_of

from sop_pipeline.planning.supply.case import read_case, solve_case
from sop_pipeline.planning.supply.case.problem import build_problem
from sop_pipeline.planning.supply.laws.model import build_model
from sop_pipeline.planning.supply.network import build_network
from sop_pipeline.planning.supply.prices import unit_prices
from sop_pipeline.planning.supply.solve_limits import SIMPLEX_UP_TO, SolveLimits
from sop_pipeline.planning.supply.solving import choice, solve
from sop_pipeline.planning.supply.solving.assembly import assemble
from sop_pipeline.planning.supply.solving.choice import choose_algorithm, scarce_ties
from sop_pipeline.planning.supply.solving.components import independent_parts
from sop_pipeline.planning.supply.solving.highs import hand_over, is_optimal_basis, run_or_change
from sop_pipeline.planning.supply.solving.solve import solve_arrays

MONTHS, ITEMS = 3, 6


def lines(company, hours: float, second_lines: int):
    """Six items of 10 units a month, each with a line of its own; some take an hour of the next line as well."""
    built = company(MONTHS)
    for number in range(ITEMS):
        taken = {f"line {number}": 1.0}
        if number < second_lines:
            taken[f"line {(number + 1) % ITEMS}"] = 1.0
        built.demand(f"item {number}", "plant", [10.0] * MONTHS, price=100.0)
        built.source("make", f"item {number}", "plant", hours=taken)
        built.resource(f"line {number}", [hours] * MONTHS)
    network = build_network(built.inputs(), built.periods)
    return assemble(build_model(network, unit_prices(network)))


def test_what_is_asked_is_demand_over_hours(company):
    arrays = lines(company, hours=8.0, second_lines=1)
    told = arrays.asked_ratio[~np.isnan(arrays.asked_ratio)].reshape(ITEMS, MONTHS)
    assert told[1] == pytest.approx([20 / 8] * MONTHS)  # its own 10 hours and 10 of item 0
    assert told[0] == pytest.approx([10 / 8] * MONTHS)


def test_lines_apart_are_not_tied(company):
    assert scarce_ties(lines(company, hours=8.0, second_lines=0)) == (0.0, 0)


def test_hours_that_are_plenty_tie_nothing(company):
    assert scarce_ties(lines(company, hours=50.0, second_lines=6))[0] == 0.0


def test_scarce_hours_in_a_ring_are_tied_and_cross_once_a_month(company):
    # 18 scarce rows; of 36 columns (18 releases, 18 of overtime) 18 are in a second row
    tie, crossings = scarce_ties(lines(company, hours=8.0, second_lines=6))
    assert tie == pytest.approx(18 * 18 / 36)
    assert crossings == MONTHS  # six lines in a ring are one link more than a chain
    assert scarce_ties(lines(company, hours=8.0, second_lines=5))[1] == 0


def test_parts_know_what_is_asked_of_their_own_rows(company):
    arrays = lines(company, hours=8.0, second_lines=1)
    parts = [part.of(arrays) for part in independent_parts(arrays.matrix, 1)]
    assert sorted(len(part.asked_ratio[~np.isnan(part.asked_ratio)]) // MONTHS for part in parts) == [
        1,
        1,
        1,
        1,
        2,
    ]


def test_the_choice_follows_size_and_ties(company, monkeypatch):
    ring = lines(company, hours=8.0, second_lines=6)
    assert choose_algorithm(ring, "auto").algorithm == "simplex"  # so small that it does not matter
    assert len(ring.cost) <= SIMPLEX_UP_TO
    monkeypatch.setattr(choice, "SIMPLEX_UP_TO", 10)
    assert choose_algorithm(ring, "auto").algorithm == "simplex"  # hardly tied
    monkeypatch.setattr(choice, "LARGEST_TANGLE", 26.0)  # the ring's is 9 x 3
    assert choose_algorithm(ring, "auto").algorithm == "interior_point"
    assert choose_algorithm(ring, "simplex").algorithm == "simplex"
    apart = lines(company, hours=8.0, second_lines=0)
    assert choose_algorithm(apart, "auto").algorithm == "simplex"
    assert choose_algorithm(replace(apart, asked_ratio=None), "auto").algorithm == "interior_point"


def test_first_choices_in_a_loop_have_no_rough_cut_and_are_solved_all_the_same():
    case = read_case(
        frames_of(
            demand="item_id,site_id,period,demand_units\nA,east,1,5",
            sources="""source_id,source_type,item_id,site_id,from_site_id,unit_cost,priority
            make,make,A,plant,,2,2
            back,move,A,plant,east,1,1
            out,move,A,east,plant,1,1""",
            source_loads="source_id,resource_id,hours_per_unit\nmake,line,1",
            resources="resource_id,regular_hours\nline,20",
        )
    )
    problem = build_problem(case)
    assert assemble(build_model(problem.network, problem.prices)).asked_ratio is None
    assert solve_case(case).objective_value == pytest.approx(5 * (2 + 1))


def test_an_algorithm_that_gives_up_hands_over_to_the_other(company):
    solver = hand_over(lines(company, hours=8.0, second_lines=6), {"output_flag": False, "solver": "simplex"})
    solver.setOptionValue("simplex_iteration_limit", 1)
    run_or_change(solver)
    assert is_optimal_basis(solver)
    assert solver.getOptionValue("solver")[1] == "ipm"


def test_a_point_that_misses_rows_is_solved_anew_by_the_other_algorithm(company, monkeypatch):
    arrays = lines(company, hours=8.0, second_lines=3)
    right, *_ = solve_arrays(arrays, SolveLimits(algorithm="interior_point"))
    by, asked = solve._solve_part_by, []

    def simplex_goes_wrong(algorithm, *programme):
        asked.append(algorithm)
        solver, vertices = by(algorithm, *programme)
        if algorithm == "simplex":
            vertices = [replace(vertex, values=vertex.values * 1.001) for vertex in vertices]
        return solver, vertices

    monkeypatch.setattr(solve, "_solve_part_by", simplex_goes_wrong)
    values, *_, held = solve.solve_and_hold(arrays, SolveLimits(algorithm="simplex"))
    assert values == pytest.approx(right, abs=1e-6)
    assert set(asked) == {"simplex", "interior_point"}
    assert held.choice.algorithm == "interior_point"
    assert "missed rows" in held.choice.reason
