"""The smaller programme has the plans and the prices of the whole one."""

from __future__ import annotations

import numpy as np
import pytest

from sop_pipeline.planning.supply.inputs import horizon_periods
from sop_pipeline.planning.supply.laws.model import build_model
from sop_pipeline.planning.supply.network import build_network
from sop_pipeline.planning.supply.prices import unit_prices
from sop_pipeline.planning.supply.solving.compilation import compile_model
from sop_pipeline.planning.supply.solving.reduction import NONE, reduce_marks
from sop_pipeline.planning.supply.solving.solve import solve_model

START = "2026-01-01"


def model_of(company):
    network = build_network(company.inputs(), horizon_periods(np.datetime64(START, "ns"), company.months))
    return build_model(network, unit_prices(network))


def bound_value(solved) -> float:
    """What the row prices prove no plan can be cheaper than: the value of the dual programme."""
    arrays, prices = solved.arrays, solved.duals
    left = arrays.cost - arrays.matrix.T @ prices
    assert (left[np.isinf(arrays.upper)] > -1e-6).all(), "a column is priced below its cost"
    assert (prices[np.isinf(arrays.row_lower)] < 1e-6).all(), "a limit has the sign of a requirement"
    assert (prices[np.isinf(arrays.row_upper)] > -1e-6).all(), "a requirement has the sign of a limit"
    floor = np.where(np.isinf(arrays.row_lower), 0.0, arrays.row_lower)
    ceiling = np.where(np.isinf(arrays.row_upper), 0.0, arrays.row_upper)
    upper = np.where(np.isinf(arrays.upper), 0.0, arrays.upper)
    rows = np.maximum(prices, 0.0) @ floor + np.minimum(prices, 0.0) @ ceiling
    return float(rows + np.minimum(left, 0.0) @ upper)


def test_a_target_and_a_maximum_cost_no_row(factory):
    arrays = compile_model(model_of(factory()))
    reduced = reduce_marks(arrays)
    # bike at east: 4 targets and 4 maxima; wheel at the plant: 4 targets
    assert len(arrays.row_lower) - len(reduced.arrays.row_lower) == 12
    assert (reduced.below != NONE).sum() == 8
    assert (reduced.above != NONE).sum() == 4


def test_prices_of_the_whole_programme_prove_that_the_plan_is_the_cheapest(factory):
    solved = solve_model(model_of(factory()))
    arrays = solved.arrays
    activity = arrays.matrix @ solved.values
    assert (activity > arrays.row_lower - 1e-6).all()
    assert (activity < arrays.row_upper + 1e-6).all()
    assert bound_value(solved) == pytest.approx(float(arrays.cost @ solved.values), rel=1e-9)


def test_prices_prove_it_where_nothing_can_reach_the_target(company):
    # no source: stock of 5 serves 5 of 8, the target stays out of reach at a price that is not the unit's own
    solved = solve_model(
        model_of(
            company(2)
            .demand("A", "plant", [4.0, 4.0], price=60.0, cost=20.0)
            .stock("A", "plant", 5.0, 20.0, maximum=30.0)
            .target("A", "plant", [10.0, 10.0])
        )
    )
    assert bound_value(solved) == pytest.approx(float(solved.arrays.cost @ solved.values), rel=1e-9)


def test_stock_above_the_maximum_is_split_at_both_marks(company):
    # 50 on hand, nothing asked before the last month: 20 above the maximum of 30, none below the target of 10
    model = model_of(
        company(2)
        .demand("A", "plant", [0.0, 1.0], price=60.0, cost=20.0)
        .stock("A", "plant", 50.0, 20.0, maximum=30.0)
        .target("A", "plant", [10.0, 10.0])
    )
    solved = solve_model(model)
    assert solved.values_of(model.variables["stock"]).tolist() == [[50.0, 49.0]]
    assert solved.values_of(model.variables["above_maximum"]).tolist() == [[20.0, 19.0]]
    assert solved.values_of(model.variables["below_target"]).tolist() == [[0.0, 0.0]]


def test_a_target_above_the_maximum_keeps_the_row_of_the_maximum(company):
    model = model_of(
        company(1)
        .demand("A", "plant", [0.0], price=60.0, cost=20.0)
        .stock("A", "plant", 40.0, 20.0, maximum=30.0)
        .target("A", "plant", [50.0])
    )
    reduced = reduce_marks(compile_model(model))
    solved = solve_model(model)
    assert (reduced.above == NONE).all()
    assert solved.values_of(model.variables["above_maximum"]).tolist() == [[10.0]]
    assert solved.values_of(model.variables["below_target"]).tolist() == [[10.0]]
