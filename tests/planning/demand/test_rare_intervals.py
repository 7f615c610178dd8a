"""Intervals of rare demand: of whole units they hold as often as they say over all series, and follow the forecast down."""

import numpy as np
import pandas as pd
import pytest

from sop_pipeline.planning.demand.kernels.batch import Series
from sop_pipeline.planning.demand.panel import forecast_panel
from sop_pipeline.planning.demand.panel.rare_intervals import RareSpread, learn_rare_spread, rare_bounds

FIVES = Series(np.tile([0.0, 0.0, 0.0, 0.0, 5.0], 8), np.array([0, 40]), 12)
ALWAYS_USUAL = RareSpread(relative_sizes=np.ones(20), reach=np.array([0.80, 0.95]))


def _bounds(mean: float, spread: RareSpread = ALWAYS_USUAL) -> dict[str, float]:
    found = rare_bounds(FIVES, np.array([40]), np.array([[mean]]), spread)
    return {name: float(value[0, 0]) for name, value in found.items()}


def test_bounds_of_demands_of_five_units():
    # One and a half units a month in demands of five: none with 0.7, five with 0.3. Mid-distribution just above 0 is 0.7, of 5
    # 0.7 + 0.15 = 0.85, of 10 (twice the largest) 1. So 0.8 lies at two thirds of 5, and 0.95 two thirds of the way to 10.
    assert _bounds(1.5) == pytest.approx({"lo80": 0.0, "hi80": 10 / 3, "lo95": 0.0, "hi95": 25 / 3})


def test_the_rarer_the_demand_the_nearer_is_its_bound_to_nothing():
    assert _bounds(0.1)["hi95"] < _bounds(1.0)["hi95"] < _bounds(2.0)["hi95"]
    assert _bounds(1.0)["hi80"] == 1.0  # none holds 80 % by itself, and the interval holds the forecast
    assert _bounds(0.0) == {"lo80": 0.0, "hi80": 0.0, "lo95": 0.0, "hi95": 0.0}


def test_a_month_that_surely_has_demand_has_a_lower_bound():
    bounds = _bounds(5.0)  # as much as a demand usually is: one comes every month
    assert 0 < bounds["lo95"] <= bounds["lo80"] <= 5.0 <= bounds["hi80"] <= bounds["hi95"]


def test_sizes_after_an_origin_are_not_known_at_it():
    later = Series(np.r_[np.tile([0.0, 0.0, 0.0, 0.0, 5.0], 8), 900.0], np.array([0, 41]), 12)
    early = rare_bounds(later, np.array([40]), np.array([[1.5]]), ALWAYS_USUAL)
    assert {name: float(value[0, 0]) for name, value in early.items()} == pytest.approx(_bounds(1.5))


def test_the_level_is_moved_until_the_backtest_holds_as_often_as_it_says():
    random = np.random.default_rng(3)
    values = random.poisson(0.3, (300, 48)).astype(float)
    series = Series(values.ravel(), np.arange(301) * 48, 12)
    past, actual = np.full((300, 1, 12), 0.6), values[:, None, 36:]  # twice as high as what comes
    spread = learn_rare_spread(series, np.tile([36, 48], (300, 1)), past, actual)
    found = rare_bounds(series, np.full(300, 36), past[:, 0], spread)
    assert ((actual[:, 0] >= found["lo80"]) & (actual[:, 0] <= found["hi80"])).mean() == pytest.approx(
        0.8, abs=0.02
    )


@pytest.mark.parametrize("sizes", ["ones", "lumpy", "not whole"])
def test_of_all_series_intervals_hold_as_often_as_they_say(sizes: str) -> None:
    random = np.random.default_rng(8)
    shape = (500, 60)
    units = {
        "ones": np.ones(shape),
        "lumpy": 1.0 + random.negative_binomial(1, 0.15, shape),
        "not whole": random.lognormal(1.0, 0.6, shape),
    }[sizes]
    values = units * (random.random(shape) < random.uniform(0.1, 0.5, (500, 1)))
    months = pd.date_range("2020-01-01", periods=60, freq="MS")
    frame = pd.DataFrame(
        {"unique_id": np.repeat(np.arange(500), 60), "ds": np.tile(months, 500), "y": values.ravel()}
    )
    made = forecast_panel(frame[frame["ds"] < "2024-01-01"], 12, threads=1).forecasts
    actual = values[:, 48:].ravel()
    for level, ratio in (("80", 0.80), ("95", 0.95)):
        held = ((actual >= made[f"lo{level}"]) & (actual <= made[f"hi{level}"])).mean()
        assert held == pytest.approx(ratio, abs=0.03), f"{level} % interval held {held:.3f}"
