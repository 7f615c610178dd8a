"""Every series gets a finite, ordered, explained forecast, whatever its history looks like."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand import StatisticalForecast, classify_demand, clean_history, forecast_demand

BOUNDS = ["lower_95_units", "lower_80_units", "forecast_units", "upper_80_units", "upper_95_units"]


@pytest.fixture
def forecast(cycle, make_items):
    def run(
        history: pd.DataFrame, poison: dict[str, list[float]] | None = None, **items: object
    ) -> StatisticalForecast:
        """Clean, classify and forecast; `poison` overwrites the last clean months of an item."""
        master = make_items(*sorted(history["item_id"].unique()), **items)
        clean = clean_history(history, cycle)
        classes = classify_demand(clean, master, history, cycle)
        for item_id, values in (poison or {}).items():
            clean.loc[clean.index[clean["item_id"] == item_id][-len(values) :], "clean_units"] = values
        return forecast_demand(clean, classes, master, cycle)

    return run


@pytest.fixture
def mixed_history(make_history, seasonal) -> pd.DataFrame:
    """One series of every kind that has ever stopped a forecast."""
    return pd.concat(
        [
            *(make_history(f"seasonal-{seed}", seasonal(60, seed=seed)) for seed in range(4)),
            make_history("constant", [50] * 48),
            make_history("dead", [20] * 24 + [0] * 24),
            make_history("newborn", [7]),
            make_history("young", [7, 9, 8, 10]),
            make_history("short", [7, 9, 8, 10, 9, 8, 11]),
            make_history("rare", [0, 0, 0, 9, 0, 0] * 8),
            make_history("single", [30] + [0] * 11),
            make_history("growing", np.arange(1, 49) * 1000.0),
            make_history("tiny", [0.001] * 30),
            make_history("ending", [40] * 36),
        ]
    )


ENDING = pd.Timestamp("2026-04-15")


@pytest.fixture
def mixed(forecast, mixed_history) -> StatisticalForecast:
    items = sorted(mixed_history["item_id"].unique())
    return forecast(mixed_history, end_date=[ENDING if item == "ending" else pd.NaT for item in items])


def reasons(result: StatisticalForecast) -> dict[str, str]:
    return (
        result.forecasts.groupby("item_id")["reason_code"]
        .agg(lambda codes: "/".join(sorted(set(codes))))
        .to_dict()
    )


def test_every_series_has_every_month_finite_and_ordered(mixed, mixed_history, cycle):
    rows = mixed.forecasts
    assert len(rows) == mixed_history["item_id"].nunique() * cycle.horizon_months
    assert np.isfinite(rows[BOUNDS].to_numpy()).all()
    assert (rows[BOUNDS].to_numpy() >= 0).all()
    for lower, upper in pairwise(BOUNDS):
        assert (rows[lower] <= rows[upper]).all()
    assert (rows[BOUNDS] == rows[BOUNDS].round(3)).all(axis=None)


def test_the_reason_says_how_a_series_was_forecast(mixed):
    assert reasons(mixed) == {
        **{f"seasonal-{seed}": "backtest" for seed in range(4)},
        "constant": "backtest",
        "dead": "inactive",
        "newborn": "new_item",
        "young": "new_item",
        "short": "short_history",
        "rare": "backtest",
        "single": "backtest",
        "growing": "backtest",
        "tiny": "backtest",
        "ending": "backtest",
    }


def test_known_answers_of_plain_series(mixed):
    rows = mixed.forecasts.set_index("item_id")
    assert set(rows.loc["constant", "forecast_units"]) == {50.0}
    assert set(rows.loc["dead", "forecast_units"]) == {0.0}
    assert set(rows.loc["dead", "upper_95_units"]) == {0.0}
    assert rows.loc["newborn", "forecast_units"].iloc[:12].mean() == pytest.approx(
        7.0, rel=0.5
    )  # its one month, its kin's season
    assert rows.loc["rare", "forecast_units"].mean() == pytest.approx(1.5, abs=0.5)  # 9 units every 6 months


def test_nothing_is_forecast_after_the_end_of_sale(mixed):
    ending = mixed.forecasts[mixed.forecasts["item_id"] == "ending"].set_index("period_start_date")
    assert (ending.loc[:"2026-04-01", "forecast_units"] > 0).all()  # the month in which it ends still sells
    assert (ending.loc["2026-05-01":, BOUNDS] == 0).all(axis=None)


POISON = {
    "seasonal-0": [np.nan],
    "seasonal-1": [np.inf],
    "seasonal-2": [-5.0],
    "growing": [1e300],
    "ending": [np.nan] * 36,  # nothing left of it
    "short": [np.nan, 3.0, np.inf],
}


def test_poisoned_series_fall_back_and_leave_other_families_alone(forecast, mixed_history):
    names = sorted(mixed_history["item_id"].unique())
    families = {"family_id": ["HURT" if name in POISON else name for name in names], "category_id": names}
    mixed = forecast(mixed_history, **families)
    poisoned = forecast(mixed_history, poison=POISON, **families).forecasts
    hurt = poisoned["item_id"].isin(POISON)
    assert set(poisoned.loc[hurt, "reason_code"]) == {"fallback"}
    assert np.isfinite(poisoned[BOUNDS].to_numpy()).all()
    assert (poisoned[BOUNDS] >= 0).all(axis=None)
    sound = poisoned["item_id"].isin(["constant", "dead", "rare", "single"])
    columns = ["model", "reason_code", "forecast_units"]
    pd.testing.assert_frame_equal(mixed.forecasts.loc[sound, columns], poisoned.loc[sound, columns])


def test_row_order_does_not_matter(cycle, mixed_history, make_items):
    items = make_items(*sorted(mixed_history["item_id"].unique()))
    clean = clean_history(mixed_history, cycle)
    classes = classify_demand(clean, items, mixed_history, cycle)
    first = forecast_demand(clean, classes, items, cycle)
    frames = (frame.sample(frac=1.0, random_state=5) for frame in (clean, classes, items))
    second = forecast_demand(*frames, cycle)
    pd.testing.assert_frame_equal(first.forecasts, second.forecasts)
    pd.testing.assert_frame_equal(first.backtest_errors, second.backtest_errors)


def test_a_seasonal_series_is_forecast_better_than_by_naive_methods(make_history, make_items, seasonal):
    earlier = Cycle("2024-07", 18)  # the 18 months from here on are known: score on them
    history = pd.concat([make_history(f"A{seed}", seasonal(66, noise=0.15, seed=seed)) for seed in range(12)])
    items = make_items(*sorted(history["item_id"].unique()))
    known = history[history["period_start_date"] < earlier.start]
    clean = clean_history(known, earlier)
    rows = forecast_demand(clean, classify_demand(clean, items, known, earlier), items, earlier).forecasts
    keys = ["item_id", "period_start_date"]
    scored = rows.merge(history[[*keys, "ordered_units"]], on=keys, validate="1:1")
    last_year = known[known["period_start_date"] >= "2023-07-01"].assign(
        month=lambda x: x["period_start_date"].dt.month
    )
    scored["month"] = scored["period_start_date"].dt.month
    scored = scored.merge(
        last_year[["item_id", "month", "ordered_units"]], on=["item_id", "month"], suffixes=("", "_naive")
    )
    mean_error = (scored["forecast_units"] - scored["ordered_units"]).abs().mean()
    naive_error = (scored["ordered_units_naive"] - scored["ordered_units"]).abs().mean()
    assert mean_error < 0.85 * naive_error
    inside = scored["ordered_units"].between(scored["lower_80_units"], scored["upper_80_units"]).mean()
    assert 0.65 < inside < 0.95


def test_a_short_series_takes_the_season_of_its_family(forecast, make_history, seasonal):
    # Eight months at the low half of the year; the family peaks with factor 1.4 against 0.6.
    kin = [make_history(f"kin-{seed}", seasonal(60, noise=0.05, seed=seed)) for seed in range(4)]
    short = make_history("short", seasonal(60, level=50.0, noise=0.05, seed=9)[-8:])
    rows = forecast(pd.concat([*kin, short])).forecasts
    units = rows.loc[rows["item_id"] == "short", "forecast_units"].to_numpy()[:12]
    assert units.mean() == pytest.approx(50, rel=0.1)
    assert units.max() / units.min() > 1.8


def test_a_young_series_follows_its_later_months(forecast, make_history):
    rows = forecast(make_history("ramp", [10, 20, 30, 40, 50])).forecasts
    # The first month is left out; each month counts 0.7 of the next:
    # (50 + 0.7*40 + 0.49*30 + 0.343*20) / (1 + 0.7 + 0.49 + 0.343) = 99.56 / 2.533
    assert set(rows["forecast_units"]) == {39.305}


def test_the_published_errors_are_those_of_the_candidates(mixed):
    errors = mixed.backtest_errors
    assert not errors.duplicated(["item_id", "site_id", "channel_id", "model"]).any()
    assert "seasonal_naive" in set(errors.loc[errors["item_id"] == "seasonal-1", "model"])
    assert set(errors["item_id"]) == {item for item, reason in reasons(mixed).items() if reason == "backtest"}


def test_history_of_the_cycle_itself_is_refused(cycle, mixed_history, make_items):
    items = make_items(*sorted(mixed_history["item_id"].unique()))
    clean = clean_history(mixed_history, cycle)
    classes = classify_demand(clean, items, mixed_history, cycle)
    with pytest.raises(ValueError, match="reaches into cycle 2025-12"):
        forecast_demand(clean, classes, items, Cycle("2025-12"))


def test_an_unclassified_series_is_named(cycle, mixed_history, make_items):
    items = make_items(*sorted(mixed_history["item_id"].unique()))
    clean = clean_history(mixed_history, cycle)
    classes = classify_demand(clean, items, mixed_history, cycle)
    with pytest.raises(ValueError, match="lacks series.*constant"):
        forecast_demand(clean, classes[classes["item_id"] != "constant"], items, cycle)


def test_no_history_gives_empty_tables(cycle, make_history, make_items):
    history = make_history("A", [])
    clean = clean_history(history, cycle)
    classes = classify_demand(clean, make_items("A"), history, cycle)
    result = forecast_demand(clean, classes, make_items("A"), cycle)
    for table in (result.forecasts, result.backtest_errors, result.levels, result.summaries):
        assert table.empty
