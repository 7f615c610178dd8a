"""A season is learnt from what repeats in whole years, among kin of one channel, and from nothing else."""

import numpy as np
import pandas as pd
import pytest

from sop_pipeline.planning.demand import classify_demand, clean_history, forecast_demand
from sop_pipeline.planning.demand.seasonality import seasonal_indices

TRUE = 1 + 0.4 * np.sin(2 * np.pi * np.arange(12) / 12)


def indices_of(*series: np.ndarray, family: str = "F") -> np.ndarray:
    """Indices of series that end together, all of one family; the first month of the longest is a January."""
    months = max(len(units) for units in series)
    values = np.full((len(series), months), np.nan)
    for row, units in enumerate(series):
        values[row, months - len(units) :] = units
    labels = np.array([family] * len(series), dtype=object)
    return seasonal_indices(values, np.arange(months) % 12, np.ones(len(series), dtype=bool), labels, labels)


def test_a_clear_season_is_found(seasonal):
    found = indices_of(*(seasonal(60, noise=0.02, seed=seed) for seed in range(4)))
    assert found == pytest.approx(np.tile(TRUE, (4, 1)), abs=0.05)


def test_less_than_two_years_show_no_season(seasonal):
    assert (indices_of(*(seasonal(23, noise=0.0) for _ in range(4))) == 1).all()


@pytest.mark.parametrize("jump", [8, 14, 20], ids="month_{}".format)
def test_a_jump_to_a_new_level_is_no_season(jump):
    units = np.r_[np.full(jump, 100.0), np.full(32 - jump, 500.0)]
    assert (indices_of(*[units] * 4) == 1).all()


@pytest.mark.parametrize("months", [6, 14, 18])
def test_a_launch_that_grows_is_hardly_a_season(months):
    ramp = np.r_[np.linspace(10.0, 400.0, months), np.full(32 - months, 400.0)]
    assert np.abs(indices_of(*[ramp] * 4) - 1).max() < 0.1


def test_two_years_after_a_jump_show_the_season_again(seasonal):
    late = [np.r_[np.full(24, 20.0), seasonal(36, noise=0.02, seed=seed)] for seed in range(4)]
    assert indices_of(*late) == pytest.approx(np.tile(TRUE, (4, 1)), abs=0.1)


def test_a_strong_season_on_a_growing_level_is_no_jump():
    sharp = np.tile([0.1, 0.1, 0.1, 0.1, 0.1, 0.5, 3.0, 5.0, 2.0, 0.6, 0.2, 0.2], 4)
    units = 100 * sharp * 1.4 ** (np.arange(48) / 12)  # 40 % growth a year
    found = indices_of(*[units] * 4)
    assert found.argmax(axis=1).tolist() == [7] * 4
    assert found.max() > 4


def test_more_years_show_more_of_the_season(seasonal):
    def shown(months: int) -> float:
        """Regression of found on true swings: 1 is all of the season."""
        found = indices_of(*(seasonal(months, noise=0.3, seed=seed) for seed in range(8)))
        return float(((found - 1) * (TRUE - 1)).sum() / (8 * ((TRUE - 1) ** 2).sum()))

    two, four = shown(24), shown(48)
    assert 0.3 < two < four < 1.05
    assert four > 0.85


def test_years_that_disagree_lend_no_season(seasonal):
    # All series peak together, but each year in another half: an accident of the year, not a season.
    wave = np.sin(2 * np.pi * np.arange(48) / 12) * np.repeat([1, -1, -1, 1], 12)
    found = indices_of(*[100 * (1 + 0.4 * wave)] * 6)
    assert np.abs(found - 1).max() < 0.15


def test_kin_of_another_channel_lend_no_season(cycle, make_history, make_items, seasonal):
    dealers = [
        make_history(f"kin-{seed}", seasonal(60, noise=0.05, seed=seed), channel_id="dealer")
        for seed in range(4)
    ]
    young = [make_history("young", [50.0] * 8, channel_id=channel) for channel in ("dealer", "web")]
    history = pd.concat([*dealers, *young])
    items = make_items(*sorted(history["item_id"].unique()))
    clean = clean_history(history, cycle)
    rows = forecast_demand(clean, classify_demand(clean, items, history, cycle), items, cycle).forecasts
    units = rows[rows["item_id"] == "young"].groupby("channel_id")["forecast_units"]
    assert set(units.get_group("web")) == {50.0}
    assert units.get_group("dealer").max() > 1.5 * units.get_group("dealer").min()
