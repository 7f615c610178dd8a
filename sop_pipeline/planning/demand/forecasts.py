"""The statistical forecast: every series, every month of the horizon, with intervals and the reason it is what it is.

Composition only: backtest, weigh, forecast, spread. What cannot be tested gets a plain, named fallback, and no series
can stop the others. Add here: another reason to leave the normal way. Keep out: models, weights, intervals (rooms of
their own), people's numbers (`launches`, `activities`, `overrides`).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.backtest import Panel, backtest, run_models
from sop_pipeline.planning.demand.classes import end_dates
from sop_pipeline.planning.demand.combination import combine, judge_models
from sop_pipeline.planning.demand.intervals import add_intervals, measure_spread, recent_level
from sop_pipeline.planning.demand.models import RARE, REGULAR
from sop_pipeline.planning.demand.series import (
    LARGEST_CREDIBLE_UNITS,
    MONTHS_PER_YEAR,
    SERIES,
    SERIES_PERIOD,
    UNIT_DECIMALS,
    BoolArray,
    FloatArray,
    SeriesGrid,
    build_grid,
    describe_rows,
    series_months,
)

TESTABLE_MONTHS = 12
FALLBACK_MONTHS = 6
# Weight of a month over that of the month after it: a young series is often still growing, so plain means of six
# months lag behind (new items of the demo company at three origins: bias -0.12, so -0.04); its last month alone is noise.
FADING_RATIO = 0.7
SMALLEST_WEIGHT = FADING_RATIO**FALLBACK_MONTHS  # only divides where there is no month at all

FORECAST_COLUMNS = [
    "cycle_id",
    *SERIES_PERIOD,
    "model",
    "reason_code",
    "forecast_units",
    "lower_80_units",
    "upper_80_units",
    "lower_95_units",
    "upper_95_units",
]
ERROR_COLUMNS = [
    "cycle_id",
    *SERIES,
    "model",
    "origins",
    "mean_absolute_error",
    "mean_error",
    "root_mean_squared_error",
    "mase",
    "weight",
    "is_champion",
]


@dataclass(frozen=True)
class StatisticalForecast:
    """Tables `statistical_forecasts` and `backtest_errors` of one cycle."""

    forecasts: pd.DataFrame
    backtest_errors: pd.DataFrame


def forecast_demand(
    clean: pd.DataFrame, classes: pd.DataFrame, items: pd.DataFrame, cycle: Cycle
) -> StatisticalForecast:
    """Forecast every series of `clean` for the cycle's horizon; units, 3 decimals, never negative or missing.

    Takes tables `demand_history_clean`, `demand_classes` and `core.dim_items` (season of family and category, and
    end_date). reason_code says how a series was forecast:
    backtest: models weighted by their errors from past origins; needs 12 months, and model is the one with weight or
    `combination`. short_history, new_item: `recent_average`, the mean of the last 6 months (later ones
    count more, the first, which is seldom a whole one, not at all) times the season of its kin. inactive: 0. fallback: as short_history, for a series
    whose history holds impossible numbers (missing, infinite, negative, above 1e12: left out) or whose models failed.
    Months that begin after the item's end_date are 0.

    Raises ValueError where history reaches into the cycle, or a series lacks its class or its item.
    """
    _refuse_future(clean, cycle)
    grid = build_grid(clean, "clean_units", cycle)
    if grid.keys.empty:
        return StatisticalForecast(_empty(FORECAST_COLUMNS), _empty(ERROR_COLUMNS))
    panel, credible = _panel(grid, classes, items)
    testable = np.isin(panel.demand_classes, list(REGULAR | RARE)) & (panel.history_months >= TESTABLE_MONTHS)
    wanted = credible & testable

    tested = backtest(panel, wanted)
    judged = judge_models(tested, panel)
    ahead = combine(run_models(panel, wanted, cycle.horizon_months), judged, ["step"])
    mean, reason = _means(panel, credible, ahead, cycle.horizon_months)
    model = _model_names(reason, judged)

    actuals = tested[["series", "origin", "step", "actual_units"]].drop_duplicates(
        ["series", "origin", "step"]
    )
    past = combine(tested, judged, ["origin", "step"]).merge(
        actuals, on=["series", "origin", "step"], validate="1:1"
    )
    bounds = add_intervals(mean, measure_spread(past, panel, recent_level(panel.values)), panel)

    on_sale = _on_sale(grid.keys, items, cycle) & (reason != "inactive")[:, None]
    frame = series_months(grid.keys, cycle.periods)
    frame["cycle_id"] = cycle.cycle_id
    frame["model"] = np.repeat(model, cycle.horizon_months)
    frame["reason_code"] = np.repeat(reason, cycle.horizon_months)
    for name, units in {"forecast_units": mean, **bounds}.items():
        frame[name] = np.where(on_sale, units, 0.0).ravel().round(UNIT_DECIMALS)
    return StatisticalForecast(frame[FORECAST_COLUMNS], _error_rows(judged, grid.keys, cycle))


def _refuse_future(clean: pd.DataFrame, cycle: Cycle) -> None:
    late = clean[clean["period_start_date"] >= cycle.start]
    if not late.empty:
        raise ValueError(
            f"planning.demand_history_clean reaches into cycle {cycle.cycle_id}: {describe_rows(late, SERIES_PERIOD)}.\n"
            "A forecast may only see closed months: rebuild the clean history for this cycle."
        )


def _panel(grid: SeriesGrid, classes: pd.DataFrame, items: pd.DataFrame) -> tuple[Panel, BoolArray]:
    """The series with impossible numbers taken out, and which series had none."""
    known = grid.keys.merge(classes[[*SERIES, "demand_class"]], on=SERIES, how="left", validate="1:1")
    unknown = known[known["demand_class"].isna()]
    if not unknown.empty:
        raise ValueError(
            f"planning.demand_classes lacks series of the clean history: {describe_rows(unknown, SERIES)}.\n"
            "Classify the same history that is forecast."
        )
    known = known.merge(
        items[["item_id", "family_id", "category_id"]], on="item_id", how="left", validate="m:1"
    )
    live = np.arange(len(grid.periods))[None, :] >= grid.first_columns[:, None]
    with np.errstate(invalid="ignore"):
        possible = (grid.values >= 0) & (grid.values <= LARGEST_CREDIBLE_UNITS)
    credible: BoolArray = np.asarray((possible | ~live).all(axis=1), dtype=bool)
    panel = Panel(
        values=np.where(
            live & possible, grid.values, np.where(live & credible[:, None], grid.values, np.nan)
        ),
        calendar_months=grid.calendar_months,
        demand_classes=known["demand_class"].to_numpy(dtype=object),
        families=_kin(known, "family_id"),
        categories=_kin(known, "category_id"),
    )
    return panel, credible


def _kin(known: pd.DataFrame, level: str) -> np.ndarray:
    """Label of the series that share a group of items and the channel through which they are bought."""
    return (known["channel_id"] + " " + known[level].fillna("")).to_numpy(dtype=object)


def _means(
    panel: Panel, credible: BoolArray, ahead: pd.DataFrame, steps: int
) -> tuple[FloatArray, np.ndarray]:
    """Mean forecast, series x steps, and the reason code of each series."""
    mean = _recent_average(panel, steps)
    reason = np.select(
        [
            panel.demand_classes == "inactive",
            ~credible,
            panel.demand_classes == "new",
            panel.history_months < TESTABLE_MONTHS,
        ],
        ["inactive", "fallback", "new_item", "short_history"],
        default="fallback",
    ).astype(object)
    if len(ahead):
        wide = ahead.pivot(index="series", columns="step", values="forecast_units")
        units = wide.to_numpy(dtype=np.float64)
        sound = (units <= LARGEST_CREDIBLE_UNITS).all(axis=1)
        rows = wide.index.to_numpy(dtype=np.int64)[sound]
        mean[rows] = units[sound]
        reason[rows] = "backtest"
    mean[reason == "inactive"] = 0.0
    return mean, reason


def _recent_average(panel: Panel, steps: int) -> FloatArray:
    """Fading mean of the last six deseasonalised months, times the season; without the first month of a series."""
    indices = panel.indices()
    plain = panel.values / indices[:, panel.calendar_months]
    first = np.argmax(~np.isnan(plain), axis=1)
    enough = panel.history_months >= 3
    plain[np.flatnonzero(enough), first[enough]] = np.nan
    recent = plain[:, -FALLBACK_MONTHS:]
    weights = FADING_RATIO ** np.arange(recent.shape[1])[::-1] * ~np.isnan(recent)
    level = np.nansum(recent * weights, axis=1) / np.maximum(weights.sum(axis=1), SMALLEST_WEIGHT)
    months = (panel.calendar_months[-1] + 1 + np.arange(steps)) % MONTHS_PER_YEAR
    return np.asarray(level[:, None] * indices[:, months], dtype=np.float64)


def _model_names(reason: np.ndarray, judged: pd.DataFrame) -> np.ndarray:
    names = np.where(reason == "inactive", "zero", "recent_average").astype(object)
    weighted = judged[judged["weight"] > 0]
    for number, models in weighted.groupby("series")["model"]:
        if reason[int(str(number))] == "backtest":
            names[int(str(number))] = models.iloc[0] if len(models) == 1 else "combination"
    return names


def _on_sale(keys: pd.DataFrame, items: pd.DataFrame, cycle: Cycle) -> BoolArray:
    ends = end_dates(keys, items).to_numpy()[:, None]
    return np.asarray(np.isnat(ends) | (cycle.periods.to_numpy()[None, :] <= ends), dtype=bool)


def _error_rows(judged: pd.DataFrame, keys: pd.DataFrame, cycle: Cycle) -> pd.DataFrame:
    if judged.empty:
        return _empty(ERROR_COLUMNS)
    rows = keys.loc[judged["series"].to_numpy(dtype=np.int64)].reset_index(drop=True)
    rows["cycle_id"] = cycle.cycle_id
    for name in ERROR_COLUMNS[len(SERIES) + 1 :]:
        rows[name] = judged[name].to_numpy()
    for name in ("mean_absolute_error", "mean_error", "root_mean_squared_error"):
        rows[name] = rows[name].astype(np.float64).round(UNIT_DECIMALS)
    rows["mase"] = rows["mase"].astype(np.float64).round(6)
    return rows[ERROR_COLUMNS].sort_values([*SERIES, "model"], ignore_index=True)


def _empty(columns: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame({column: pd.Series(dtype=object) for column in columns})
    texts = {"cycle_id", *SERIES, "model", "reason_code", "is_champion", "period_start_date"}
    frame = frame.astype({column: np.float64 for column in columns if column not in texts})
    return frame.astype({"period_start_date": "datetime64[ns]"}) if "period_start_date" in columns else frame
