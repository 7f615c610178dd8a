"""The statistical forecast: every series, every month of the horizon, with intervals and the reason it is what it is.

Composition only: learn over series, run the candidates at all origins, weigh, spread. What cannot be tested gets a plain,
named fallback, and no series can stop the others. Add here: another reason to leave the normal way. Keep out: models, weights,
intervals (`monthly`, `panel`), people's numbers (`launches`, `activities`, `overrides`).
"""

import os
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.classes import end_dates
from sop_pipeline.planning.demand.monthly import (
    KIN_MODELS,
    KIN_SHARE,
    RARE,
    REGULAR,
    TESTABLE_MONTHS,
    MonthlyPanel,
    run_monthly,
    tested_rows,
)
from sop_pipeline.planning.demand.panel.combination import combine, combine_past, judge, learn_rare_weights
from sop_pipeline.planning.demand.panel.intervals import (
    QUANTILES,
    UNKNOWN_RATIO,
    Spread,
    bounds,
    learn_spread,
    usual_errors,
)
from sop_pipeline.planning.demand.panel.learning import MOST_SERIES, series_scales, shares_of, train_overall
from sop_pipeline.planning.demand.series import (
    LARGEST_CREDIBLE_UNITS,
    MONTHS_PER_YEAR,
    SERIES,
    SERIES_PERIOD,
    UNIT_DECIMALS,
    BoolArray,
    FloatArray,
    IntArray,
    SeriesGrid,
    build_grid,
    describe_rows,
    series_months,
)

CHUNK = 2_048
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
    made = _plain(panel, credible, cycle.horizon_months)
    threads = os.cpu_count() or 1
    regular, rare = (tested_rows(panel, credible, kind) for kind in (REGULAR, RARE))
    errors = [
        _modelled(panel, regular, False, cycle, threads, made),
        _modelled(panel, rare, True, cycle, threads, made),
    ]

    on_sale = _on_sale(grid.keys, items, cycle) & (made.reason != "inactive")[:, None]
    frame = series_months(grid.keys, cycle.periods)
    frame["cycle_id"] = cycle.cycle_id
    frame["model"] = np.repeat(made.model, cycle.horizon_months)
    frame["reason_code"] = np.repeat(made.reason, cycle.horizon_months)
    for name, units in {
        "forecast_units": made.mean,
        **{BOUND_COLUMNS[k]: made.bounds[k] for k in QUANTILES},
    }.items():
        frame[name] = np.where(on_sale, units, 0.0).ravel().round(UNIT_DECIMALS)
    return StatisticalForecast(frame[FORECAST_COLUMNS], _error_rows(errors, grid.keys, cycle))


@dataclass
class _Made:
    """What is known of every series so far, overwritten where it is modelled."""

    mean: FloatArray
    bounds: dict[str, FloatArray]
    model: np.ndarray
    reason: np.ndarray


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
    unknown = learn_spread(np.empty((0, 1, horizon)), np.empty(0), np.empty((0, 1, horizon)), False)
    usual = UNKNOWN_RATIO * mean.mean(axis=1)
    return _Made(mean, bounds(mean, usual, unknown, np.ones(len(mean), dtype=bool)), model, reason)


def _modelled(
    panel: MonthlyPanel, rows: IntArray, is_rare: bool, cycle: Cycle, threads: int, made: _Made
) -> pd.DataFrame:
    """Overwrite the tested series of one kind in `made`; returns their errors, series by number."""
    horizon = cycle.horizon_months
    if not len(rows):
        return pd.DataFrame()
    sample = rows[:: max(1, -(-len(rows) // MOST_SERIES))]
    overall = () if is_rare else train_overall(panel.series(sample), horizon, threads)
    shares = shares_of(is_rare, False)
    if not is_rare:
        shares = np.append(
            shares / shares.sum() * (1 - KIN_SHARE), [KIN_SHARE / len(KIN_MODELS)] * len(KIN_MODELS)
        )
    learnt = run_monthly(panel, sample, horizon, is_rare, overall, threads)
    rare_weights = learn_rare_weights(learnt, shares) if is_rare else None
    past = combine_past(learnt, shares, rare_weights)
    scales = series_scales(panel.series(sample))
    spread = learn_spread(learnt.actual_units - past, scales, past, is_rare)
    parts = []
    for first in range(0, len(rows), CHUNK):
        chunk = rows[first : first + CHUNK]
        tested = (
            learnt
            if len(sample) == len(rows) <= CHUNK
            else run_monthly(panel, chunk, horizon, is_rare, overall, threads)
        )
        judged = judge(tested, shares, rare_weights)
        ahead = combine(tested, judged.weights)[:, -1]
        residuals = tested.actual_units - combine_past(tested, shares, rare_weights)
        scale = series_scales(panel.series(chunk))
        _overwrite(made, chunk, ahead, usual_errors(residuals, scale, spread), spread)
        names = np.array(tested.names, dtype=object)
        is_single = (judged.weights > 0).sum(axis=1) == 1
        sound = made.reason[chunk] == "backtest"
        made.model[chunk] = np.where(
            sound, np.where(is_single, names[judged.weights.argmax(axis=1)], "combination"), "recent_average"
        )
        frame = pd.DataFrame(
            {
                "series": np.repeat(chunk, len(names)),
                "model": np.tile(names, len(chunk)),
                "origins": np.repeat(judged.origins, len(names)),
                "mean_absolute_error": judged.mean_absolute_error.ravel(),
                "mean_error": judged.mean_error.ravel(),
                "root_mean_squared_error": judged.root_mean_squared_error.ravel(),
                "mase": (judged.mean_absolute_error / np.where(scale > 0, scale, np.nan)[:, None]).ravel(),
                "weight": judged.weights.ravel(),
            }
        )
        is_heaviest = np.zeros(judged.weights.shape, dtype=bool)
        is_heaviest[np.arange(len(chunk)), judged.weights.argmax(axis=1)] = True
        frame["is_champion"] = is_heaviest.ravel()
        parts.append(frame[np.isfinite(frame["mean_absolute_error"]) & np.repeat(sound, len(names))])
    errors: pd.DataFrame = pd.concat(parts, ignore_index=True)
    return errors


def _overwrite(made: _Made, rows: IntArray, ahead: FloatArray, usual: FloatArray, spread: Spread) -> None:
    with np.errstate(invalid="ignore"):
        sound = np.isfinite(ahead).all(axis=1) & (ahead <= LARGEST_CREDIBLE_UNITS).all(axis=1)
    found = bounds(ahead, usual, spread, np.ones(len(rows), dtype=bool))
    good = rows[sound]
    made.mean[good] = ahead[sound]
    made.reason[good] = "backtest"
    for name in QUANTILES:
        made.bounds[name][good] = found[name][sound]


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


def _empty(columns: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame({column: pd.Series(dtype=object) for column in columns})
    texts = {"cycle_id", *SERIES, "model", "reason_code", "is_champion", "period_start_date"}
    frame = frame.astype({column: np.float64 for column in columns if column not in texts})
    return frame.astype({"period_start_date": "datetime64[ns]"}) if "period_start_date" in columns else frame
