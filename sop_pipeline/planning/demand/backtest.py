"""What each model would have said in the past, judged by what came.

Rolling origins: at each one, every candidate is fitted on the months before it and forecasts the months after it.
Nothing after an origin enters its forecasts: the history is cut before season, fit and forecast.
Add here: where origins lie. Keep out: what follows from the errors (see `combination`, `intervals`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_pipeline.planning.demand.models import MODELS, REGULAR, ForecastModel
from sop_pipeline.planning.demand.seasonality import Labels, seasonal_indices
from sop_pipeline.planning.demand.series import MONTHS_PER_YEAR, BoolArray, FloatArray, IntArray

MAXIMUM_ORIGINS = 6


@dataclass(frozen=True)
class OriginPlan:
    """Where a series with `history_from` months or more is tested: how far ahead, from which training on."""

    history_from: int
    test_months: int
    first_training_months: int
    step_months: int


# From long to short. Four years show a whole year ahead from origins spread over 10 months; two years and a bit show
# half a year; below that only the next quarter can be tested.
ORIGIN_PLANS = (
    OriginPlan(48, 12, 24, 2),
    OriginPlan(28, 6, 18, 1),
    OriginPlan(18, 3, 12, 1),
    OriginPlan(12, 3, 6, 1),
)


@dataclass(frozen=True)
class Panel:
    """Series to forecast, all ending in the same month: `values` series x months in units, NaN before a start."""

    values: FloatArray
    calendar_months: IntArray
    demand_classes: Labels
    families: Labels
    categories: Labels

    def until(self, months: int) -> "Panel":
        """The panel as it was when only its first `months` columns were known."""
        cut = self.values[:, :months]
        return Panel(cut, self.calendar_months[:months], self.demand_classes, self.families, self.categories)

    @property
    def history_months(self) -> IntArray:
        return np.asarray((~np.isnan(self.values)).sum(axis=1), dtype=np.int64)

    def indices(self) -> FloatArray:
        """Seasonal indices, series x 12, from this panel's months only."""
        regular = np.isin(self.demand_classes, list(REGULAR))
        return seasonal_indices(self.values, self.calendar_months, regular, self.families, self.categories)


def test_origins(history_months: int) -> tuple[int, list[int]]:
    """Months tested at each origin, and the origins as months before the end; no origins for a short history."""
    for plan in ORIGIN_PLANS:
        if history_months >= plan.history_from:
            latest = history_months - plan.first_training_months
            offsets = range(plan.test_months, latest + 1, plan.step_months)
            return plan.test_months, list(offsets)[:MAXIMUM_ORIGINS]
    return 0, []


def run_models(
    panel: Panel, wanted: BoolArray, steps: int, models: Sequence[ForecastModel] = MODELS
) -> pd.DataFrame:
    """Forecasts of every candidate for the `wanted` series: series, model, step (1 is the next month), forecast_units.

    Never negative; missing where a model failed on a series, which then goes on without that model.
    """
    indices = panel.indices()
    next_months = (panel.calendar_months[-1] + 1 + np.arange(steps)) % MONTHS_PER_YEAR
    past, ahead = indices[:, panel.calendar_months], indices[:, next_months]
    found = []
    for model in models:
        tries = wanted & np.isin(panel.demand_classes, list(model.demand_classes))
        rows = np.flatnonzero(tries & (panel.history_months >= model.minimum_months))
        if rows.size == 0:
            continue
        values = panel.values[rows] / past[rows] if model.is_seasonally_adjusted else panel.values[rows]
        forecast = _forecast_matrix(model, values, steps)
        if model.is_seasonally_adjusted:
            forecast = forecast * ahead[rows]
        found.append(_long(model.name, rows, np.maximum(forecast, 0.0)))
    columns = ["series", "model", "step", "forecast_units"]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=columns)


def _forecast_matrix(model: ForecastModel, values: FloatArray, steps: int) -> FloatArray:
    """Series x steps; a row that the model cannot do is NaN instead of an abort of the batch."""
    from statsforecast import StatsForecast
    from statsforecast.models import NaNModel

    rows, columns = np.nonzero(~np.isnan(values))
    frame = pd.DataFrame({"unique_id": rows, "ds": columns, "y": values[rows, columns]})
    engine = StatsForecast(models=[model.build()], freq=1, n_jobs=1, fallback_model=NaNModel())
    forecast = engine.forecast(df=frame, h=steps).sort_values(["unique_id", "ds"])
    name = next(column for column in forecast.columns if column not in ("unique_id", "ds"))
    matrix = forecast[name].to_numpy(dtype=np.float64).reshape(len(values), steps)
    return np.where(np.isfinite(matrix), matrix, np.nan)


def _long(model: str, rows: np.ndarray, forecast: FloatArray) -> pd.DataFrame:
    count, steps = forecast.shape
    return pd.DataFrame(
        {
            "series": np.repeat(rows, steps),
            "model": model,
            "step": np.tile(np.arange(1, steps + 1), count),
            "forecast_units": forecast.ravel(),
        }
    )


def backtest(panel: Panel, wanted: BoolArray, models: Sequence[ForecastModel] = MODELS) -> pd.DataFrame:
    """Every candidate's forecasts from past origins beside what came, for the `wanted` series.

    Columns: series (row of the panel), model, origin (months of history left out), step, forecast_units,
    actual_units. A model that failed at one of a series' origins is left out for that series: models are compared on
    the same months only.
    """
    parts = []
    for (test_months, origin), tested in _tests(panel, wanted):
        known = panel.until(panel.values.shape[1] - origin)
        part = run_models(known, tested, test_months, models)
        if not part.empty:
            column = panel.values.shape[1] - origin - 1 + part["step"].to_numpy(dtype=np.int64)
            part["origin"] = origin
            part["actual_units"] = panel.values[part["series"].to_numpy(dtype=np.int64), column]
            parts.append(part)
    columns = ["series", "model", "origin", "step", "forecast_units", "actual_units"]
    if not parts:
        return pd.DataFrame(columns=columns)
    return _comparable(pd.concat(parts, ignore_index=True)[columns])


def _tests(panel: Panel, wanted: BoolArray) -> list[tuple[tuple[int, int], BoolArray]]:
    """Each (months tested, origin) with the series that are tested there."""
    months = panel.history_months
    tests: dict[tuple[int, int], BoolArray] = {}
    for length in np.unique(months[wanted]):
        test_months, origins = test_origins(int(length))
        for origin in origins:
            mask = tests.setdefault((test_months, origin), np.zeros(len(months), dtype=bool))
            mask |= wanted & (months == length)
    return sorted(tests.items(), key=lambda test: test[0])


def _comparable(forecasts: pd.DataFrame) -> pd.DataFrame:
    finite = forecasts["forecast_units"].notna()
    by_model = forecasts.assign(is_finite=finite).groupby(["series", "model"])
    complete = by_model["is_finite"].transform("all")
    count = by_model["origin"].transform("nunique")
    most = forecasts.groupby("series")["origin"].transform("nunique")
    return forecasts[complete & (count == most)].reset_index(drop=True)
