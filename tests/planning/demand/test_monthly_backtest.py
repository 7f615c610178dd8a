"""The backtest knows nothing after its origin, and its weights follow from its errors."""

import dataclasses

import numpy as np
import pytest

from sop_pipeline.planning.demand import monthly
from sop_pipeline.planning.demand.panel.combination import combine, judge, learn_rare_weights, weigh

REGULAR, RARE = np.arange(4), np.array([4])


@pytest.fixture
def panel(seasonal) -> monthly.MonthlyPanel:
    values = np.array([seasonal(60, seed=seed) for seed in range(4)] + [np.tile([0.0, 0, 6, 0, 9], 12)])
    values[3, :30] = np.nan  # a series of 30 months among longer ones
    return monthly.MonthlyPanel(
        values=values,
        calendar_months=np.arange(60) % 12,
        demand_classes=np.array(["smooth"] * 4 + ["lumpy"], dtype=object),
        families=np.array(["F"] * 5, dtype=object),
        categories=np.array(["C"] * 5, dtype=object),
    )


@pytest.mark.parametrize(("rows", "is_rare"), [(REGULAR, False), (RARE, True)])
@pytest.mark.parametrize("column", [38, 43, 48, 52])
def test_a_poisoned_future_changes_no_forecast_made_before_it(panel, rows, is_rare, column):
    clean = monthly.run_monthly(panel, rows, 12, is_rare, (), 1)
    values = panel.values.copy()
    values[:, column:] = 1e9
    poisoned = monthly.run_monthly(dataclasses.replace(panel, values=values), rows, 12, is_rare, (), 1)
    lengths = monthly.known_months(panel.history_months[rows])
    end = 60 - (panel.history_months[rows][:, None] - lengths)  # column after the last known one
    made_before = (lengths > 0) & (end <= column)
    assert made_before.any() or column < 40
    for number, origin in zip(*np.nonzero(made_before), strict=True):
        np.testing.assert_array_equal(clean.units[number, :, origin], poisoned.units[number, :, origin])
    assert not np.array_equal(clean.units[:, :, -1], poisoned.units[:, :, -1], equal_nan=True)


def test_actuals_are_those_of_the_month_that_was_forecast(panel):
    tested = monthly.run_monthly(panel, REGULAR, 12, False, (), 1)
    origin = monthly.test_origins(60).index(14)
    assert tested.actual_units[0, origin, 2] == panel.values[0, 60 - 14 + 3 - 1]


def test_seasonal_naive_repeats_the_year_before_its_origin(panel):
    tested = monthly.run_monthly(panel, REGULAR, 12, False, (), 1)
    naive = tested.units[1, tested.names.index("seasonal_naive")]
    for place, origin in enumerate(monthly.test_origins(60)):
        np.testing.assert_array_equal(naive[place], panel.values[1, 60 - origin - 12 : 60 - origin])


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        (60, [22, 20, 18, 16, 14, 12]),
        (48, [22, 20, 18, 16, 14, 12]),
        (30, [11, 10, 9, 8, 7, 6]),
        (18, [6, 5, 4, 3]),
        (12, [6, 5, 4, 3]),
        (11, []),
    ],
)
def test_longer_histories_are_tested_further_ahead(months, expected):
    assert monthly.test_origins(months) == expected


def test_seasonal_naive_is_always_among_the_candidates(panel):
    for rows, is_rare in ((REGULAR, False), (RARE, True)):
        assert "seasonal_naive" in monthly.run_monthly(panel, rows, 6, is_rare, (), 1).names


def test_mstl_is_weighed_where_every_origin_knows_two_seasons(panel):
    tested = monthly.run_monthly(panel, REGULAR, 12, False, (), 1)
    judged = judge(tested, monthly.monthly_shares(False), None)
    weights = judged.weights[:, tested.names.index("mstl")]
    assert (weights[:3] > 0).all()  # 60 months, of which the first origin knows 38
    assert weights[3] == 0  # 30 months: the first origin knows 19


def test_weights_are_shares_times_inverse_squared_errors():
    weights = weigh(np.array([[2.0, 4.0, 1.0]]), np.array([[True, True, False]]), np.array([0.5, 0.25, 0.25]))
    # 0.5 / 4 against 0.25 / 16: 8 to 1; the third has no forecast
    assert weights.tolist() == [[0.888889, 0.111111, 0.0]]


def test_a_perfect_model_stands_alone():
    assert weigh(np.array([[0.0, 1.0]]), np.ones((1, 2), dtype=bool), np.ones(2)).tolist() == [[1.0, 0.0]]


def test_weights_add_up_to_one_and_give_the_combination(panel):
    tested = monthly.run_monthly(panel, REGULAR, 12, False, (), 1)
    judged = judge(tested, np.ones(len(tested.names)), None)
    assert judged.weights.sum(axis=1).round(9).tolist() == [1.0] * 4
    ahead = combine(tested, judged.weights)[:, -1]
    by_hand = np.nansum(judged.weights[0][:, None] * tested.units[0, :, -1], axis=0)
    np.testing.assert_allclose(ahead[0], by_hand)


def _rare_panel(values: np.ndarray) -> monthly.MonthlyPanel:
    same = np.array(["F"] * len(values), dtype=object)
    kinds = np.array(["lumpy"] * len(values), dtype=object)
    return monthly.MonthlyPanel(values.astype(np.float64), np.arange(60) % 12, kinds, same, same)


def test_common_weights_of_rare_demand_leave_no_bias_over_all_series_together():
    random = np.random.default_rng(4)
    many = _rare_panel(random.poisson(2.0, (60, 60)) * (random.random((60, 60)) < 0.3))
    tested = monthly.run_monthly(many, np.arange(60), 12, True, (), 1)
    learnt = learn_rare_weights(tested, np.ones(len(tested.names)))
    made = np.einsum("m,smoh->soh", learnt.common, tested.units[:, :, :-1])
    is_tested = np.isfinite(tested.actual_units)
    assert made[is_tested].sum() == pytest.approx(tested.actual_units[is_tested].sum(), rel=0.01)
    assert (learnt.common >= 0).all()
    assert 0.8 <= learnt.bias_factor <= 1.25
    weights = judge(tested, np.ones(len(tested.names)), learnt).weights
    np.testing.assert_allclose(
        weights.sum(axis=1), learnt.common.sum() * learnt.bias_factor, rtol=0.25
    )  # single models add up to 1, common weights nearly


def test_a_rate_that_falls_everywhere_is_followed_down():
    random = np.random.default_rng(5)
    chance = np.where(np.arange(60) < 45, 0.5, 0.25)
    falling = _rare_panel(random.poisson(2.0, (80, 60)) * (random.random((80, 60)) < chance))
    tested = monthly.run_monthly(falling, np.arange(80), 12, True, (), 1)
    assert learn_rare_weights(tested, np.ones(len(tested.names))).bias_factor < 0.95


def test_demand_of_every_quarter_is_no_rate():
    quarterly = np.tile([0.0, 30.0, 0.0], 20)
    rare = np.random.default_rng(6).poisson(2.0, (9, 60)) * (np.arange(60) % 7 == 0)
    tested = monthly.run_monthly(_rare_panel(np.vstack([quarterly, rare])), np.arange(10), 12, True, (), 1)
    judged = judge(tested, np.ones(len(tested.names)), learn_rare_weights(tested, np.ones(len(tested.names))))
    ahead = combine(tested, judged.weights)[0, -1]
    assert ahead[[1, 4, 7, 10]].min() > 2 * ahead[[0, 3, 6, 9]].max()
