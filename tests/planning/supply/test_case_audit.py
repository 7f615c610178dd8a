"""A solved case audited from its own tables: what was tampered with is found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from case_company import case_of, frames_of

from sop_pipeline.planning.supply.case import read_case, solve_case
from sop_pipeline.planning.supply.case.audit import LAWS, audit_case
from sop_pipeline.planning.supply.case.problem import build_problem
from sop_pipeline.planning.supply.laws.model import build_model
from sop_pipeline.planning.supply.proof.certificate import certify
from sop_pipeline.planning.supply.solve_limits import SolveLimits
from sop_pipeline.planning.supply.solving.compilation import compile_model
from sop_pipeline.planning.supply.solving.solve import solve_arrays

TAMPERED = {
    "stock_balance": ("stock", "closing_units"),
    "demand_balance": ("demand", "lost_units"),
    "source_limits": ("plan", "released_units"),
    "capacity": ("resources", "overtime_hours"),
    "headcount": ("labour", "heads"),
    "stoppages": ("maintenance", "stoppages"),
    "cost_terms": ("costs", "amount"),
}


@pytest.fixture(scope="module")
def whole_case():
    """A case in which every law has something to say."""
    case = read_case(
        frames_of(
            demand="item_id,period,demand_units,unit_price\nA,1,9,5\nA,2,14,5\nA,3,12,5\nB,2,4,5",
            stock="""item_id,opening_units,holding_cost_per_unit,maximum_units,shelf_life_periods,ending_minimum_units,order_strategy,allocation_rule
            A,2,1,9,2,1,,
            B,0,0,,,,to_order,fair_share""",
            sources="""source_id,source_type,item_id,unit_cost,maximum_units,setup_cost,maximum_share_ratio
            own,make,A,1,20,3,0.9
            bought,subcontract,A,3,20,,1
            ordered,buy,B,2,,,""",
            source_loads="source_id,resource_id,hours_per_unit\nown,crew,1",
            resources="resource_id,overtime_cost_per_hour\ncrew,2",
            labour="resource_id,opening_heads,hours_per_head,wage_per_head,hire_cost_per_head,overtime_hours_per_head\ncrew,1,8,4,5,2",
            spaces="space_id,maximum_space\nhall,12",
            space_uses="space_id,item_id\nhall,A",
            maintenance="maintenance_id,resource_id,hours_per_stoppage\nservice,crew,2",
        )
    )
    return case, solve_case(case)


def test_the_whole_case_obeys_every_law(whole_case):
    _, answer = whole_case
    assert answer.violations == 0, answer.audit.to_string()
    assert (answer.audit["checked_rows"] > 0).all(), answer.audit.to_string()
    assert set(answer.audit["law"]) == set(LAWS)


@pytest.mark.parametrize("law", TAMPERED)
def test_an_answer_that_was_tampered_with_fails_its_law(whole_case, law):
    case, answer = whole_case
    table, named = TAMPERED[law]
    changed = answer.tables[table].copy()
    changed.loc[0, named] += 30.0
    audit = audit_case(case, answer.tables | {table: changed}, answer.objective_value).set_index("law")
    assert audit.loc[law, "violations"] > 0


def test_wrong_prices_prove_nothing(whole_case):
    case = case_of(
        {"objective": "margin"},
        demand="item_id,period,demand_units,unit_price\nA,1,20,5",
        sources="source_id,source_type,item_id,unit_cost\nmake,make,A,1",
        source_loads="source_id,resource_id,hours_per_unit\nmake,line,1",
        resources="resource_id,regular_hours\nline,10",
    )
    problem = build_problem(case)
    arrays = compile_model(build_model(problem.network, problem.prices))
    values, prices, *_ = solve_arrays(arrays, SolveLimits())
    assert certify(arrays, values, prices).is_proven
    assert not certify(arrays, values, prices * 0.9).is_proven
    assert not certify(arrays, values * 0.9, prices).is_proven
    assert not certify(
        replace(arrays, cost=arrays.cost * np.linspace(0.5, 1.5, len(arrays.cost))), values, prices
    ).is_proven
