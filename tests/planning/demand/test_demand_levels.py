"""Levels add up to the unit, families move their series by what each is known to be worth, and others stay where they are."""

import numpy as np
import pandas as pd
import pytest

from sop_pipeline.planning.demand import StatisticalForecast, classify_demand, clean_history, forecast_demand
from sop_pipeline.planning.demand.levels import LEVELS, LevelBase, move_to_levels

KEYS = ["item_id", "site_id", "channel_id"]
BOUNDS = ["lower_95_units", "lower_80_units", "forecast_units", "upper_80_units", "upper_95_units"]


@pytest.fixture
def history(make_history, seasonal) -> pd.DataFrame:
    """Three families over two sites and two channels; noise hides the season of single series."""
    rows = [
        make_history(
            f"{family}{number}",
            seasonal(60, level=20.0, noise=0.8, seed=10 * place + number),
            site_id=f"DC{1 + number % 2}",
            channel_id=("retail", "online")[number % 3 == 0],
        )
        for place, family in enumerate(("bikes", "boots", "caps"))
        for number in range(6)
    ]
    newborn = make_history("bikes9", [4, 6, 5])
    return pd.concat([*rows, newborn], ignore_index=True)


@pytest.fixture
def items(history, make_items) -> pd.DataFrame:
    names = sorted(history["item_id"].unique())
    families = [name[:-1] for name in names]
    return make_items(
        *names, family_id=families, category_id=["WEAR" if f != "bikes" else "RIDE" for f in families]
    )


@pytest.fixture
def made(history, items, cycle) -> StatisticalForecast:
    clean = clean_history(history, cycle)
    return forecast_demand(clean, classify_demand(clean, items, history, cycle), items, cycle)


def test_every_level_is_exactly_the_sum_of_its_series(made, items):
    series = made.forecasts.merge(items, on="item_id", validate="m:1").assign(total="total")
    for level, column in LEVELS.items():
        by = [column or "total", "period_start_date"]
        summed = series.groupby(by)["forecast_units"].sum().round(3)
        rows = made.levels[made.levels["level"] == level].set_index(["level_id", "period_start_date"])
        pd.testing.assert_series_equal(
            rows["forecast_units"].sort_index(), summed, check_names=False, check_freq=False
        )
        counts = series.groupby(column or "total")[KEYS].apply(lambda rows: len(rows.drop_duplicates()))
        assert rows["series"].groupby("level_id").first().to_dict() == counts.to_dict()


def test_intervals_hold_the_sum_in_order(made):
    units = made.levels.dropna(subset=["model"])[BOUNDS].to_numpy()
    assert len(units) and (units >= 0).all()
    assert (np.diff(units, axis=1) >= 0).all()


def test_families_move_their_series_and_nobody_else_s(made):
    moved = made.levels[made.levels["is_reconciled"]]
    assert set(moved["level"]) == {"family"} and set(moved["level_id"]) == {"bikes", "boots", "caps"}
    newborn = made.forecasts[made.forecasts["item_id"] == "bikes9"]
    assert set(newborn["reason_code"]) == {"new_item"}
    caps = moved[moved["level_id"] == "caps"].set_index("period_start_date")
    before = abs(caps["base_forecast_units"] - caps["forecast_units"]).sum()
    assert before < 0.3 * caps["forecast_units"].sum()


def _base(codes: list[int], ahead: list[float], squared: list[float]) -> LevelBase:
    nothing = np.empty((len(ahead), 1))
    return LevelBase(
        "family", [f"F{n}" for n in range(len(ahead))], np.array(codes), np.array(ahead)[:, None], {},
        np.array(["theta"] * len(ahead), dtype=object), np.array(squared), nothing[:, 0],
    )  # fmt: skip


def test_what_is_known_worse_moves_further():
    # F0 says 130 with variance 100; its series say 60 and 40 with variances 300 and 100, so 100 with 400.
    # Of the 30 between them the sum moves by 400 / (400 + 100) * 30 = 24: 18 for the first, 6 for the second.
    mean = np.array([[60.0], [40.0], [7.0], [5.0]])
    base = _base([0, 0, 1, -1], [130.0, 90.0], [100.0, 1.0])
    takes_part = np.array([True, True, True, False])
    moved = move_to_levels(mean, np.array([300.0, 100.0, 4.0, np.nan]), takes_part, [base])
    np.testing.assert_allclose(moved[:, 0], [78.0, 46.0, 7.0, 5.0], rtol=1e-6)  # a family of one says nothing


def test_series_are_moved_to_no_less_than_nothing():
    base = _base([0, 0], [10.0], [1.0])
    mean, squared = np.array([[90.0], [10.0]]), np.array([100.0, 4000.0])
    moved = move_to_levels(mean, squared, np.array([True, True]), [base])[:, 0]
    assert moved[1] == 0.0
    assert moved.sum() == pytest.approx(90.0 - (90.0 - 10.0) * 100.0 / 101.0, rel=1e-6)


def test_forecastability_is_what_the_naive_missed(made):
    rows = made.summaries.set_index("item_id")
    assert len(rows) == 19
    tested = rows[rows["reason_code"] == "backtest"]
    assert (tested["forecastability_ratio"] < 1).all()
    assert (
        tested["forecastability_ratio"].median() > 0.2
    )  # noise of 0.8 is twice in the naive and once in the mean
    assert rows.loc["bikes9", ["origins", "tested_months"]].tolist() == [0, 0]
    assert np.isnan(rows.loc["bikes9", "forecastability_ratio"])
