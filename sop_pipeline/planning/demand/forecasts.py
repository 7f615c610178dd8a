"""The statistical forecast: every series, every month of the horizon, with intervals and the reason it is what it is.

Composition only: what can be tested is (`tested`), families make series agree (`levels`), what cannot be tested gets a plain,
named fallback, and no series can stop the others. Add here: another reason to leave the normal way. Keep out: models, weights,
intervals (`monthly`, `panel`), people's numbers (`launches`, `activities`, `overrides`).
"""

import os
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.classes import TESTABLE_MONTHS, end_dates
from sop_pipeline.planning.demand.levels import (
    LEVEL_COLUMNS,
    forecast_sums,
    level_rows,
    move_to_levels,
    on_days_of,
)
from sop_pipeline.planning.demand.monthly import (
    RARE,
    REGULAR,
    MonthlyPanel,
    tested_rows,
)
from sop_pipeline.planning.demand.panel.intervals import QUANTILES, UNKNOWN_RATIO, bounds, learn_spread
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
from sop_pipeline.planning.demand.tested import Tested, forecast_tested
from sop_pipeline.planning.demand.working_days import Calendar

FALLBACK_MONTHS = 6
# Weight of a month over that of the month after it: a young series is often still growing, so plain means of six
# months lag behind (new items of the demo company at three origins: bias -0.12, so -0.04); its last month alone is noise.
FADING_RATIO = 0.7
SMALLEST_WEIGHT = FADING_RATIO**FALLBACK_MONTHS  # only divides where there is no month at all
BOUND_COLUMNS = {
    "lo80": "lower_80_units",
    "hi80": "upper_80_units",
    "lo95": "lower_95_units",
    "hi95": "upper_95_units",
}

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
SUMMARY_COLUMNS = [
    "cycle_id",
    *SERIES,
    "reason_code",
    "model",
    "origins",
    "tested_months",
    "wape_ratio",
    "bias_ratio",
    "mean_absolute_error",
    "naive_mean_absolute_error",
    "forecastability_ratio",
]
PAST_COLUMNS = ["cycle_id", *SERIES_PERIOD, "lead_months", "forecast_units"]
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
    """Tables `statistical_forecasts`, `backtest_errors`, `level_forecasts`, `backtest_summaries`, `backtest_forecasts` of a cycle."""

    forecasts: pd.DataFrame
    backtest_errors: pd.DataFrame
    levels: pd.DataFrame
    summaries: pd.DataFrame
    past: pd.DataFrame


def forecast_demand(
    clean: pd.DataFrame,
    classes: pd.DataFrame,
    items: pd.DataFrame,
    cycle: Cycle,
    calendar: Calendar | None = None,
) -> StatisticalForecast:
    """Forecast every series of `clean` for the cycle's horizon; units, 3 decimals, never negative or missing.

    Takes tables `demand_history_clean`, `demand_classes` and `core.dim_items` (season of family and category, and
    end_date). reason_code says how a series was forecast:
    backtest: models weighted by their errors from past origins; needs 12 months, and model is the one with weight or
    `combination`. short_history, new_item: `recent_average`, the mean of the last 6 months (later ones
    count more, the first, which is seldom a whole one, not at all) times the season of its kin. inactive: 0. fallback: as short_history, for a series
    whose history holds impossible numbers (missing, infinite, negative, above 1e12: left out) or whose models failed.
    Months that begin after the item's end_date are 0. Tested series on sale throughout are
    made to agree with their family (`levels`). Forecasts are made on levelled_units and brought to the working days of each
    month by `calendar` (without it on clean_units, as they are), intervals and past forecasts too; errors are of levelled months.

    Raises ValueError where history reaches into the cycle, or a series lacks its class or its item.
    """
    _refuse_future(clean, cycle)
    grid = build_grid(clean, "clean_units" if calendar is None else "levelled_units", cycle)
    if grid.keys.empty:
        return StatisticalForecast(
            _empty(FORECAST_COLUMNS),
            _empty(ERROR_COLUMNS),
            _empty(LEVEL_COLUMNS),
            _empty(SUMMARY_COLUMNS),
            _empty(PAST_COLUMNS),
        )
    panel, credible = _panel(grid, classes, items)
    horizon = cycle.horizon_months
    made = _plain(panel, credible, horizon)
    threads = os.cpu_count() or 1
    tested = []
    for kind, is_rare in ((REGULAR, False), (RARE, True)):
        rows = tested_rows(panel, credible, kind)
        tested.append(forecast_tested(panel, rows, horizon, is_rare, threads))
        _overwrite(made, tested[-1])

    on_sale = _on_sale(grid.keys, items, cycle) & (made.reason != "inactive")[:, None]
    levels = _level_keys(grid.keys, items)
    takes_part = on_sale.all(axis=1) & (made.reason == "backtest")
    bases = forecast_sums(panel, levels, takes_part, horizon, threads)
    _move(made, move_to_levels(made.mean, made.mean_squared_error, takes_part, bases))

    frame = series_months(grid.keys, cycle.periods)
    by_days = np.ones((len(grid.keys), horizon))
    if calendar is not None:
        by_days = calendar.ratios(frame["channel_id"], frame["period_start_date"]).reshape(-1, horizon)
    frame["cycle_id"] = cycle.cycle_id
    frame["model"] = np.repeat(made.model, cycle.horizon_months)
    frame["reason_code"] = np.repeat(made.reason, cycle.horizon_months)
    for name, units in {
        "forecast_units": made.mean,
        **{BOUND_COLUMNS[k]: made.bounds[k] for k in QUANTILES},
    }.items():
        frame[name] = np.where(on_sale, units * by_days, 0.0).ravel().round(UNIT_DECIMALS)
    published = frame["forecast_units"].to_numpy(dtype=np.float64).reshape(-1, horizon)
    return StatisticalForecast(
        frame[FORECAST_COLUMNS],
        _error_rows([part.errors for part in tested], grid.keys, cycle),
        level_rows(
            published, levels, on_days_of(bases, levels, np.where(on_sale, made.mean, 0.0), by_days), cycle
        ),
        _summary_rows(grid.keys, made, tested, cycle),
        _past_rows([part.past for part in tested], grid, cycle, calendar),
    )


@dataclass
class _Made:
    """What is known of every series so far, overwritten where it is modelled."""

    mean: FloatArray
    bounds: dict[str, FloatArray]
    model: np.ndarray
    reason: np.ndarray
    mean_squared_error: FloatArray


def _plain(panel: MonthlyPanel, credible: BoolArray, horizon: int) -> _Made:
    """The forecast of every series without a model, and the reason why it would have none."""
    mean = _recent_average(panel, horizon)
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
    mean[reason == "inactive"] = 0.0
    model = np.where(reason == "inactive", "zero", "recent_average").astype(object)
    unknown = learn_spread(np.empty((0, 1, horizon)), np.empty(0))
    usual = UNKNOWN_RATIO * mean.mean(axis=1)
    found = bounds(mean, usual, unknown, np.ones(len(mean), dtype=bool))
    return _Made(mean, found, model, reason, np.full(len(mean), np.nan))


def _overwrite(made: _Made, tested: Tested) -> None:
    made.mean[tested.rows] = tested.ahead
    made.reason[tested.rows] = "backtest"
    made.model[tested.rows] = tested.model
    made.mean_squared_error[tested.rows] = tested.mean_squared_error
    for name in QUANTILES:
        made.bounds[name][tested.rows] = tested.bounds[name]


def _move(made: _Made, moved: FloatArray) -> None:
    """Forecasts as they agree with their levels; intervals move along, hold them, and stay in order and above 0."""
    shift = moved - made.mean
    made.mean[:] = moved
    found = {name: made.bounds[name] + shift for name in QUANTILES}
    made.bounds["lo80"] = np.clip(found["lo80"], 0.0, moved)
    made.bounds["lo95"] = np.clip(found["lo95"], 0.0, made.bounds["lo80"])
    made.bounds["hi80"] = np.maximum(found["hi80"], moved)
    made.bounds["hi95"] = np.maximum(found["hi95"], made.bounds["hi80"])


def _refuse_future(clean: pd.DataFrame, cycle: Cycle) -> None:
    late = clean[clean["period_start_date"] >= cycle.start]
    if not late.empty:
        raise ValueError(
            f"planning.demand_history_clean reaches into cycle {cycle.cycle_id}: {describe_rows(late, SERIES_PERIOD)}.\n"
            "A forecast may only see closed months: rebuild the clean history for this cycle."
        )


def _panel(grid: SeriesGrid, classes: pd.DataFrame, items: pd.DataFrame) -> tuple[MonthlyPanel, BoolArray]:
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
    panel = MonthlyPanel(
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


def _recent_average(panel: MonthlyPanel, steps: int) -> FloatArray:
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


def _on_sale(keys: pd.DataFrame, items: pd.DataFrame, cycle: Cycle) -> BoolArray:
    ends = end_dates(keys, items).to_numpy()[:, None]
    return np.asarray(np.isnat(ends) | (cycle.periods.to_numpy()[None, :] <= ends), dtype=bool)


def _error_rows(errors: list[pd.DataFrame], keys: pd.DataFrame, cycle: Cycle) -> pd.DataFrame:
    judged = pd.concat(errors, ignore_index=True)
    if judged.empty:
        return _empty(ERROR_COLUMNS)
    rows = keys.loc[judged["series"].to_numpy(dtype=np.int64)].reset_index(drop=True)
    rows["cycle_id"] = cycle.cycle_id
    for name in ERROR_COLUMNS[len(SERIES) + 1 :]:
        rows[name] = judged[name].to_numpy()
    for name in ("mean_absolute_error", "mean_error", "root_mean_squared_error"):
        rows[name] = rows[name].astype(np.float64).round(UNIT_DECIMALS)
    rows["mase"] = rows["mase"].astype(np.float64).round(6)
    ordered: pd.DataFrame = rows[ERROR_COLUMNS].sort_values([*SERIES, "model"], ignore_index=True)
    return ordered


def _past_rows(
    parts: list[pd.DataFrame], grid: SeriesGrid, cycle: Cycle, calendar: Calendar | None
) -> pd.DataFrame:
    past = pd.concat(parts, ignore_index=True)
    if past.empty:
        return _empty(PAST_COLUMNS)
    rows = grid.keys.loc[past["series"].to_numpy(dtype=np.int64)].reset_index(drop=True)
    rows["cycle_id"] = cycle.cycle_id
    rows["period_start_date"] = grid.periods.to_numpy()[past["month"].to_numpy(dtype=np.int64)]
    rows["lead_months"] = past["lead_months"].to_numpy(dtype=np.int64)
    units = past["forecast_units"].to_numpy(dtype=np.float64)
    if calendar is not None:
        units = units * calendar.ratios(rows["channel_id"], rows["period_start_date"])
    rows["forecast_units"] = units.round(UNIT_DECIMALS)
    ordered: pd.DataFrame = rows[PAST_COLUMNS].sort_values([*SERIES_PERIOD, "lead_months"], ignore_index=True)
    return ordered


def _level_keys(keys: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """Where each series belongs: its site, its channel, and the groups of its item; a group without a name is empty."""
    groups = items.reindex(columns=["item_id", "category_id", "family_id", "subfamily_id"])
    return keys[SERIES].merge(groups, on="item_id", how="left", validate="m:1")


def _summary_rows(keys: pd.DataFrame, made: _Made, tested: list[Tested], cycle: Cycle) -> pd.DataFrame:
    """A row per series: what its forecast was worth at past origins, empty where it has none.

    forecastability_ratio: share of the seasonal naive's mean squared error that the forecast explains (skill score of Murphy
    1988), 1 at best, below 0 where the naive was better; empty where the naive made no error.
    """
    rows = keys[SERIES].copy()
    rows["cycle_id"] = cycle.cycle_id
    rows["reason_code"], rows["model"] = made.reason, made.model
    known = pd.concat([part.summary for part in tested], ignore_index=True)
    if known.empty:
        known = pd.DataFrame({"series": []})
    known = known.set_index("series").reindex(
        index=range(len(rows)),
        columns=[
            "origins", "tested_months", "mean_actual", "mean_error", "mean_absolute_error", "mean_squared_error",
            "naive_mean_absolute_error", "naive_mean_squared_error",
        ],
    ).astype(np.float64)  # fmt: skip
    rows["origins"] = known["origins"].fillna(0).to_numpy(dtype=np.int64)
    rows["tested_months"] = known["tested_months"].fillna(0).to_numpy(dtype=np.int64)
    demand = known["mean_actual"].where(known["mean_actual"] > 0)
    naive = known["naive_mean_squared_error"].where(known["naive_mean_squared_error"] > 0)
    rows["wape_ratio"] = (known["mean_absolute_error"] / demand).round(6).to_numpy()
    rows["bias_ratio"] = (known["mean_error"] / demand).round(6).to_numpy()
    rows["mean_absolute_error"] = known["mean_absolute_error"].round(UNIT_DECIMALS).to_numpy()
    rows["naive_mean_absolute_error"] = known["naive_mean_absolute_error"].round(UNIT_DECIMALS).to_numpy()
    rows["forecastability_ratio"] = (1.0 - known["mean_squared_error"] / naive).round(6).to_numpy()
    return rows[SUMMARY_COLUMNS]


def _empty(columns: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame({column: pd.Series(dtype=object) for column in columns})
    texts = {
        "cycle_id",
        *SERIES,
        "model",
        "reason_code",
        "is_champion",
        "period_start_date",
        "level",
        "level_id",
    }
    frame = frame.astype({column: np.float64 for column in columns if column not in texts})
    return frame.astype({"period_start_date": "datetime64[ns]"}) if "period_start_date" in columns else frame
