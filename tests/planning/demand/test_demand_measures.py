"""Error measures on Tahoe Salt, the textbook's four forecasts (Chopra & Meindl)."""

import numpy as np
import pytest

from sop_pipeline.planning.demand import measures

DEMAND = np.array(
    [8000, 13000, 23000, 34000, 10000, 18000, 23000, 38000, 12000, 13000, 32000, 41000], dtype=float
)


def moving_average() -> tuple[np.ndarray, np.ndarray]:
    return np.array([DEMAND[t - 4 : t].mean() for t in range(4, 12)]), DEMAND[4:]


def simple_smoothing() -> tuple[np.ndarray, np.ndarray]:
    level, forecasts = 22083.33, []
    for units in DEMAND:
        forecasts.append(level)
        level = 0.1 * units + 0.9 * level
    return np.array(forecasts), DEMAND


def holt() -> tuple[np.ndarray, np.ndarray]:
    level, trend, forecasts = 12015.0, 1549.0, []
    for units in DEMAND:
        forecasts.append(level + trend)
        before = level
        level = 0.1 * units + 0.9 * (level + trend)
        trend = 0.2 * (level - before) + 0.8 * trend
    return np.array(forecasts), DEMAND


def winter() -> tuple[np.ndarray, np.ndarray]:
    level, trend, forecasts = 18439.0, 524.0, []
    season = [0.47, 0.68, 1.17, 1.67]
    for period, units in enumerate(DEMAND):
        forecasts.append((level + trend) * season[period])
        before = level
        level = 0.05 * units / season[period] + 0.95 * (level + trend)
        trend = 0.1 * (level - before) + 0.9 * trend
        season.append(0.1 * units / level + 0.9 * season[period])
    return np.array(forecasts), DEMAND


@pytest.mark.parametrize(
    ("method", "deviation", "tolerance", "percentage_error_ratio", "signal_range"),
    [
        (moving_average, 9718.75, 0.005, 0.491, (-1.52, 2.21)),
        (simple_smoothing, 10208.44, 1.0, 0.591, (-1.38, 2.25)),
        (holt, 8835.84, 1.0, 0.517, (-2.15, 2.00)),
        (winter, 1468.93, 10.0, 0.0839, (-2.74, 4.00)),
    ],
)
def test_tahoe_salt(method, deviation, tolerance, percentage_error_ratio, signal_range):
    forecast, actual = method()
    assert measures.mean_absolute_deviation(forecast, actual) == pytest.approx(deviation, abs=tolerance)
    assert measures.mean_absolute_percentage_error_ratio(forecast, actual) == pytest.approx(
        percentage_error_ratio, abs=6e-4
    )
    signal = measures.tracking_signal(forecast, actual)
    assert (signal.min(), signal.max()) == pytest.approx(signal_range, abs=0.006)


def test_too_much_forecast_is_a_positive_error():
    # forecast 12 and 9 against 10 and 10: errors +2 and -1
    assert measures.forecast_errors([12, 9], [10, 10]).tolist() == [2.0, -1.0]
    assert measures.bias_ratio([12, 9], [10, 10]) == pytest.approx(1 / 20)
    assert measures.weighted_absolute_percentage_error_ratio([12, 9], [10, 10]) == pytest.approx(3 / 20)
    assert measures.root_mean_squared_error([12, 9], [10, 10]) == pytest.approx((5 / 2) ** 0.5)


def test_mase_of_the_in_sample_naive_is_one():
    training = [10, 20, 30, 14, 22, 36]  # seasonal changes over 3 months: 4, 2, 6 -> scale 4
    assert measures.naive_scale(training, 3) == 4.0
    assert measures.mean_absolute_scaled_error([14, 26], [10, 30], training, 3) == 1.0


def test_periods_without_demand_have_no_percentage_error():
    assert measures.mean_absolute_percentage_error_ratio([5, 8], [0, 10]) == pytest.approx(0.2)
    assert measures.mean_absolute_percentage_error_ratio([5], [0]) is None
    assert measures.weighted_absolute_percentage_error_ratio([5], [0]) is None
    assert measures.bias_ratio([5], [0]) is None
    assert (
        measures.mean_absolute_scaled_error([5], [0], [3, 3, 3], 12) is None
    )  # constant training has no scale
    assert measures.tracking_signal([3, 3], [3, 3]).tolist() == [0.0, 0.0]


def test_unequal_lengths_are_refused():
    with pytest.raises(ValueError, match="equal, filled"):
        measures.forecast_errors([1, 2], [1])
