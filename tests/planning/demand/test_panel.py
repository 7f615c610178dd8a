"""`forecast_panel` on any panel: complete, never crossing, never negative, and no series can stop the others."""

import numpy as np
import pandas as pd
import pytest

from sop_pipeline.planning.demand.kernels.batch import Series
from sop_pipeline.planning.demand.panel import (
    UnknownFrequency,
    UnreadablePanel,
    forecast_levels,
    forecast_panel,
)
from sop_pipeline.planning.demand.panel.candidates import origin_lengths
from sop_pipeline.planning.demand.panel.forecast import FORECAST_COLUMNS
from sop_pipeline.planning.demand.panel.learning import errors_of_now

MONTHS = pd.date_range("2022-01-01", periods=48, freq="MS")
BOUNDS = ["lo95", "lo80", "forecast", "hi80", "hi95"]


def _rows(name: str, y: object, ds: pd.DatetimeIndex = MONTHS) -> pd.DataFrame:
    return pd.DataFrame({"unique_id": name, "ds": ds, "y": y})


def _sound(count: int = 6) -> pd.DataFrame:
    random = np.random.default_rng(1)
    season = 30 * np.sin(np.arange(48) / 6 * np.pi)
    return pd.concat(
        [_rows(f"sound{k}", 100 + 10 * k + season + random.normal(0, 6, 48)) for k in range(count)]
    )


def _poisoned() -> dict[str, pd.DataFrame]:
    plain = np.linspace(10, 20, 48)
    return {
        "nan": _rows("nan", np.where(np.arange(48) % 9 == 0, np.nan, plain)),
        "inf": _rows("inf", np.where(np.arange(48) == 47, np.inf, plain)),
        "huge": _rows("huge", np.where(np.arange(48) == 30, 1e308, plain)),
        "all_nan": _rows("all_nan", np.full(48, np.nan)),
        "negative": _rows("negative", -plain),
        "gaps": _rows("gaps", plain[::3], MONTHS[::3]),
        "repeated": pd.concat([_rows("repeated", plain)] * 2),
        "zero": _rows("zero", np.zeros(48)),
        "dead": _rows("dead", np.r_[plain[:12], np.zeros(36)]),
        "constant": _rows("constant", np.full(48, 7.0)),
        "one": _rows("one", [5.0], MONTHS[-1:]),
        "short": _rows("short", [3.0, 4.0, 5.0], MONTHS[-3:]),
    }


@pytest.fixture(scope="module")
def mixed() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Forecasts of a panel in which half of the series are poisoned, and its series."""
    made = forecast_panel(pd.concat([_sound(), *_poisoned().values()]), 6, is_fast=True, threads=1)
    return made.forecasts, made.series.set_index("unique_id")


def test_every_series_is_forecast_for_every_period_with_model_and_reason(mixed) -> None:
    forecasts, series = mixed
    assert list(forecasts.columns) == FORECAST_COLUMNS
    assert len(series) == 6 + len(_poisoned())
    assert (forecasts.groupby("unique_id").size() == 6).all()
    assert forecasts.notna().all().all()
    assert np.isfinite(forecasts[BOUNDS]).all().all()


def test_bounds_never_cross_and_are_never_negative_where_demand_is_not(mixed) -> None:
    forecasts, _ = mixed
    assert (np.diff(forecasts[BOUNDS].to_numpy(), axis=1) >= 0).all()
    nonnegative = forecasts[forecasts["unique_id"] != "negative"]
    assert (nonnegative[BOUNDS] >= 0).all().all()


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("sound0", "backtest"),
        ("nan", "repaired"),
        ("inf", "repaired"),
        ("huge", "repaired"),
        ("repeated", "repaired"),
        ("all_nan", "fallback"),
        ("zero", "inactive"),
        ("dead", "inactive"),
        ("constant", "constant"),
        ("one", "short_history"),
        ("short", "short_history"),
        ("negative", "backtest"),
    ],
)
def test_each_kind_of_series_gets_its_reason(mixed, name: str, reason: str) -> None:
    _, series = mixed
    assert series.loc[name, "reason"] == reason


def test_a_poisoned_neighbour_changes_no_sound_series() -> None:
    """Without networks nothing but the pool's intervals is shared: the forecasts are the same."""
    alone = forecast_panel(_sound(), 6, is_fast=True, threads=1).forecasts
    among = forecast_panel(pd.concat([_sound(), *_poisoned().values()]), 6, is_fast=True, threads=1).forecasts
    among = among[among["unique_id"].isin(alone["unique_id"])].reset_index(drop=True)
    np.testing.assert_allclose(among["forecast"], alone["forecast"], rtol=1e-12)


def test_equal_repeated_rows_count_once_and_different_ones_are_added_up() -> None:
    panel = pd.concat([_sound(2), _sound(2).iloc[:3].assign(y=1.0)])
    notes = forecast_panel(panel, 3, is_fast=True).notes
    assert any("3 repeated periods in 1 series" in note for note in notes)
    doubled = forecast_panel(pd.concat([_sound(2), _sound(2)]), 3, is_fast=True).forecasts
    once = forecast_panel(_sound(2), 3, is_fast=True).forecasts
    np.testing.assert_allclose(doubled["forecast"], once["forecast"])


@pytest.mark.parametrize(
    ("freq", "after"),
    [
        ("MS", "2026-01-01"),
        ("ME", "2026-01-31"),
        ("W-SUN", "2025-12-28"),
        ("D", "2025-12-22"),
        ("QS", "2026-01-01"),
    ],
)
def test_dates_go_on_as_they_came(freq: str, after: str) -> None:
    ds = pd.date_range(end=pd.Timestamp(after) - pd.Timedelta(days=1), periods=40, freq=freq)
    y = 10 + np.random.default_rng(0).random(40)
    made = forecast_panel(_rows("a", y, ds), 4, is_fast=True).forecasts["ds"]
    expected = pd.date_range(ds[-1], periods=5, freq=freq)[1:]
    assert made.tolist() == expected.tolist()


def test_each_series_is_forecast_from_its_own_end() -> None:
    short = _sound(1).iloc[:30].assign(unique_id="early")
    made = forecast_panel(pd.concat([_sound(1), short]), 2, is_fast=True)
    first = made.forecasts.groupby("unique_id")["ds"].min()
    assert first["early"] == MONTHS[30]
    assert first["sound0"] == pd.Timestamp("2026-01-01")
    assert any("1 series end before" in note for note in made.notes)


def test_order_of_rows_and_other_series_do_not_matter() -> None:
    panel = _sound()
    shuffled = panel.sample(frac=1, random_state=3)
    one, two = (
        forecast_panel(p, 6, is_fast=True, threads=t).forecasts for p, t in ((panel, 1), (shuffled, 2))
    )
    pd.testing.assert_frame_equal(one, two)


def test_origins_leave_a_horizon_out_and_lie_in_different_years() -> None:
    lengths = origin_lengths(np.array([120, 48, 11, 3]), 12, 12)
    assert lengths[0].tolist() == [53, 64, 75, 86, 97, 108, 120]
    assert lengths[1].tolist() == [26, 28, 30, 32, 34, 36, 48]
    assert (np.diff(lengths[2][lengths[2] > 0]) > 0).all()
    assert lengths[3].tolist()[-1] == 3


def test_what_is_no_panel_is_refused_with_everything_that_is_wrong() -> None:
    with pytest.raises(UnreadablePanel, match="'unique_id' is missing") as refused:
        forecast_panel(pd.DataFrame({"ds": MONTHS, "amount": 1.0}), 3)
    assert "'y' is missing" in str(refused.value)
    with pytest.raises(UnreadablePanel, match="holds no number"):
        forecast_panel(_rows("a", ["x"] * 48), 3)
    with pytest.raises(UnknownFrequency, match="10 days apart"):
        forecast_panel(_rows("a", np.ones(20), pd.date_range("2024-01-01", periods=20, freq="10D")), 3)


def test_levels_add_up_to_the_unit_in_every_period() -> None:
    panel = pd.concat([_sound(), _poisoned()["gaps"], _poisoned()["short"], _poisoned()["dead"]])
    panel["family"] = np.where(panel["unique_id"].str.startswith("sound"), "sound", "other")
    panel["region"] = panel["unique_id"].str[-1]
    made = forecast_levels(panel, ["family", "region"], 6, is_fast=True).forecasts
    wide = made.pivot(index="ds", columns="unique_id", values="forecast")
    series = panel[["unique_id", "family", "region"]].drop_duplicates().set_index("unique_id")
    assert (wide == wide.round()).all().all()
    pd.testing.assert_series_equal(wide["total"], wide[series.index].sum(axis=1), check_names=False)
    for level in ("family", "region"):
        for value, members in series.groupby(level).groups.items():
            pd.testing.assert_series_equal(
                wide[f"{level}={value}"], wide[members].sum(axis=1), check_names=False
            )
    assert (np.diff(made[BOUNDS].to_numpy(), axis=1) >= 0).all()


def test_reconciliation_is_mintrace_of_hierarchicalforecast() -> None:
    from hierarchicalforecast.methods import MinTrace
    from scipy import sparse

    from sop_pipeline.planning.demand.panel.levels import reconcile

    summing = np.array([[1, 1, 1], [1, 1, 0], [0, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]], dtype=np.float64)
    base = np.random.default_rng(2).uniform(50, 150, (6, 4))
    theirs = MinTrace(method="wls_struct").fit_predict(S=summing, y_hat=base)["mean"]
    ours = summing @ reconcile(base, sparse.csr_matrix(summing), summing.sum(axis=1), False)
    np.testing.assert_allclose(ours, theirs, rtol=1e-8)


def test_errors_of_the_past_grow_as_the_series_has_since() -> None:
    calm, wild = np.tile([5.0, 6.0], 12), np.tile([5.0, 8.0], 12)  # changes of 1 a period, and of 3
    series = Series(np.r_[calm, wild, wild, calm], np.array([0, 48, 96]), 1)
    errors = errors_of_now(np.ones((2, 2, 1)), series, np.array([[24, 0, 48], [24, 36, 48]]))
    now = (23 * 1 + 1 + 23 * 3) / 47  # 23 changes of 1, one from 6 to 5, 23 of 3
    assert errors[0, :, 0] == pytest.approx([now, 1.0])  # an origin without history tells nothing
    assert errors[1, :, 0] == pytest.approx([1.0, 1.0])  # what has become calmer keeps its errors


def test_yearly_series_without_a_season_follow_their_trend() -> None:
    random = np.random.default_rng(2)
    years = pd.date_range("1990-01-01", periods=30, freq="YS")
    rising = 100 + 8 * np.arange(30) + random.normal(0, 2, (12, 30))
    made = forecast_panel(pd.concat([_rows(f"y{k}", y, years) for k, y in enumerate(rising)]), 4).forecasts
    fourth = made.groupby("unique_id")["forecast"].last()
    assert fourth.to_numpy() == pytest.approx(100 + 8 * 33, rel=0.04)
