"""The backtest knows nothing after its origin, and its weights follow from its errors."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from sop_pipeline.planning.demand import backtest as rolling
from sop_pipeline.planning.demand import combination
from sop_pipeline.planning.demand.models import MODELS, ForecastModel


@pytest.fixture
def panel(seasonal) -> rolling.Panel:
    values = np.array([seasonal(60, seed=seed) for seed in range(4)] + [np.tile([0.0, 0, 6, 0, 9], 12)])
    values[3, :30] = np.nan  # a series of 30 months among longer ones
    return rolling.Panel(
        values=values,
        calendar_months=np.arange(60) % 12,
        demand_classes=np.array(["smooth"] * 4 + ["lumpy"], dtype=object),
        families=np.array(["F"] * 5, dtype=object),
        categories=np.array(["C"] * 5, dtype=object),
    )


EVERY = np.ones(5, dtype=bool)


@pytest.mark.parametrize("column", [38, 43, 48, 52])
def test_a_poisoned_future_changes_no_forecast_made_before_it(panel, column):
    clean = rolling.backtest(panel, EVERY)
    poisoned_values = panel.values.copy()
    poisoned_values[:, column:] = 1e9
    poisoned = rolling.backtest(dataclasses.replace(panel, values=poisoned_values), EVERY)
    keys = ["series", "model", "origin", "step"]
    both = clean.merge(poisoned, on=keys, suffixes=("", "_poisoned"), validate="1:1")
    made_before = both["origin"] >= 60 - column
    assert made_before.any()
    assert (both["forecast_units"] == both["forecast_units_poisoned"])[made_before].all()
    if column > 60 - both["origin"].min():  # and the poison is strong enough to be seen where it may be seen
        assert (both["forecast_units"] != both["forecast_units_poisoned"])[~made_before].any()


def test_actuals_are_those_of_the_month_that_was_forecast(panel):
    tested = rolling.backtest(panel, EVERY)
    row = tested[(tested["series"] == 0) & (tested["origin"] == 14) & (tested["step"] == 3)].iloc[0]
    assert row["actual_units"] == panel.values[0, 60 - 14 + 3 - 1]


def test_seasonal_naive_repeats_the_year_before_its_origin(panel):
    tested = rolling.backtest(panel, EVERY)
    naive = tested[(tested["model"] == "seasonal_naive") & (tested["series"] == 1)]
    expected = [
        panel.values[1, 60 - origin + step - 13]
        for origin, step in zip(naive["origin"], naive["step"], strict=True)
    ]
    assert naive["forecast_units"].tolist() == expected


@pytest.mark.parametrize(
    ("months", "expected"),
    [
        (60, (12, [12, 14, 16, 18, 20, 22])),
        (48, (12, [12, 14, 16, 18, 20, 22])),
        (30, (6, [6, 7, 8, 9, 10, 11])),
        (18, (3, [3, 4, 5, 6])),
        (12, (3, [3, 4, 5, 6])),
        (11, (0, [])),
    ],
)
def test_longer_histories_are_tested_further_ahead(months, expected):
    assert rolling.test_origins(months) == expected


def test_models_try_only_the_classes_they_are_for(panel):
    tested = rolling.backtest(panel, EVERY)
    tried = tested.groupby("series")["model"].agg(set)
    assert tried[4] == {"seasonal_naive", "window_average", "tsb", "croston_sba", "imapa"}
    assert tried[0] == {model.name for model in MODELS if "smooth" in model.demand_classes}


def test_a_model_that_fails_on_a_series_does_not_stop_the_others(panel):
    class Stubborn:
        """Fails on series above a level."""

        alias = "Stubborn"
        uses_exog = False

        def new(self):
            return self

        def forecast(self, y, h, **_):
            if y.mean() > 150:
                raise RuntimeError("no")
            return {"mean": np.full(h, y.mean())}

    stubborn = ForecastModel("stubborn", frozenset({"smooth", "lumpy"}), 6, False, Stubborn, "breaks")
    tested = rolling.backtest(panel, EVERY, [*MODELS, stubborn])
    assert set(tested.loc[tested["model"] == "stubborn", "series"]) == {4}
    assert set(tested["series"]) == {0, 1, 2, 3, 4}


def judged_of(errors: dict[str, list[float]], panel: rolling.Panel) -> pd.DataFrame:
    """One series with these errors of single models at one origin each."""
    rows = [
        {
            "series": 0,
            "model": model,
            "origin": origin,
            "step": 1,
            "forecast_units": 100 + error,
            "actual_units": 100.0,
        }
        for model, values in errors.items()
        for origin, error in enumerate(values, start=1)
    ]
    return combination.judge_models(pd.DataFrame(rows), panel).set_index("model")


def test_weights_are_inverse_squared_errors_of_the_best_three(panel):
    errors = {
        "theta": [2.0, -2.0],
        "damped_trend": [2.0, 2.0],
        "simple_smoothing": [2.5, 2.5],
        "window_average": [2.6, 2.6],
    }
    judged = judged_of(errors, panel)
    # 1/4, 1/4, 1/6.25 -> 0.25, 0.25, 0.16 of 0.66; the fourth best is not among the few
    assert judged["weight"].to_dict() == {
        "damped_trend": 0.378788,
        "simple_smoothing": 0.242424,
        "theta": 0.378788,
        "window_average": 0.0,
    }
    assert judged.loc["theta", ["mean_absolute_error", "mean_error", "root_mean_squared_error"]].tolist() == [
        2,
        0,
        2,
    ]
    assert judged["is_champion"].sum() == 1


def test_a_model_far_behind_the_best_gets_no_weight(panel):
    judged = judged_of({"theta": [1.0], "window_average": [1.6]}, panel)
    assert judged["weight"].to_dict() == {"theta": 1.0, "window_average": 0.0}


def test_a_perfect_model_stands_alone(panel):
    judged = judged_of({"theta": [0.0], "window_average": [0.0], "seasonal_naive": [1.0]}, panel)
    assert judged["weight"].to_dict() == {"seasonal_naive": 0.0, "theta": 0.0, "window_average": 1.0}


def test_weights_add_up_to_one(panel):
    judged = combination.judge_models(rolling.backtest(panel, EVERY), panel)
    assert judged.groupby("series")["weight"].sum().round(9).eq(1.0).all()
    assert judged.groupby("series")["is_champion"].sum().eq(1).all()
