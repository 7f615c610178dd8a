"""Levels above the series: forecast by themselves, and the level with signal made to agree with the series, to the unit.

Every level is the sum of the series; the level in `RECONCILED` also moves them: MinTrace with the variances that the backtest
measured (`panel.levels.reconcile`, equal to hierarchicalforecast's), so that a sum that is known better than its parts counts
more. Add here: another level. Keep out: forecasting a series (`tested`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy import sparse

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.classes import regular_or_rare
from sop_pipeline.planning.demand.monthly import RARE, REGULAR, MonthlyPanel, tested_rows
from sop_pipeline.planning.demand.panel.intervals import QUANTILES
from sop_pipeline.planning.demand.panel.levels import reconcile
from sop_pipeline.planning.demand.series import UNIT_DECIMALS, BoolArray, FloatArray
from sop_pipeline.planning.demand.tested import forecast_tested

LEVELS: dict[str, str | None] = {
    "total": None,
    "channel": "channel_id",
    "site": "site_id",
    "category": "category_id",
    "family": "family_id",
    "subfamily": "subfamily_id",
}
"""Levels that are published, and the column of the series that says where it belongs."""

# Measured over ten origins of AdventureWorks and six of the demo company (bench/README.md): families lower the error of
# series, items, families and total on both; items and subfamilies raise that of series on AdventureWorks, channels, sites and
# the total gain nothing that families had not.
RECONCILED = "family"
LEAST_MEMBERS = 2
UNASSIGNED = "unassigned"
SMALLEST_VARIANCE = 1e-6  # of the median: a series without errors stays where it is

LEVEL_COLUMNS = [
    "cycle_id",
    "level",
    "level_id",
    "period_start_date",
    "series",
    "model",
    "reason_code",
    "is_reconciled",
    "base_forecast_units",
    "forecast_units",
    "lower_80_units",
    "upper_80_units",
    "lower_95_units",
    "upper_95_units",
    "backtest_wape_ratio",
]


@dataclass(frozen=True)
class LevelBase:
    """The sums of one level forecast by themselves: arrays by group, those of units by month as well; NaN without a model.

    `codes`: group of every series, -1 for those whose demand is not in the sums.
    """

    level: str
    names: list[str]
    codes: np.ndarray
    ahead: FloatArray
    bounds: dict[str, FloatArray]
    model: np.ndarray
    mean_squared_error: FloatArray
    wape_ratio: FloatArray


def forecast_sums(
    panel: MonthlyPanel, keys: pd.DataFrame, takes_part: BoolArray, horizon: int, threads: int
) -> list[LevelBase]:
    """Forecast the sums of every level. `keys`: columns of `LEVELS` by series; `takes_part`: whose demand is summed."""
    labels = [_labels(keys, level) for level in LEVELS]
    names = [sorted(set(label)) for label in labels]
    codes = [
        np.where(takes_part, pd.Categorical(label, categories=name).codes, -1)
        for label, name in zip(labels, names, strict=True)
    ]
    values = np.concatenate([_sums(panel.values, c, len(n)) for c, n in zip(codes, names, strict=True)])
    level_of = np.repeat(np.array(list(LEVELS), dtype=object), [len(name) for name in names])
    has_demand = np.nansum(values[:, -12:], axis=1) > 0
    kinds = np.where(has_demand, regular_or_rare(values), "inactive").astype(object)
    sums = MonthlyPanel(values, panel.calendar_months, kinds, level_of, level_of)
    ahead = np.full((len(values), horizon), np.nan)
    found = {name: ahead.copy() for name in QUANTILES}
    model = np.full(len(values), None, dtype=object)
    squared, wape = np.full(len(values), np.nan), np.full(len(values), np.nan)
    everything = np.ones(len(values), dtype=bool)
    for kind, is_rare in ((REGULAR, False), (RARE, True)):
        rows = tested_rows(sums, everything, kind)
        made = forecast_tested(sums, rows, horizon, is_rare, threads, learns=False)
        ahead[made.rows], model[made.rows] = made.ahead, made.model
        squared[made.rows] = made.mean_squared_error
        for name in QUANTILES:
            found[name][made.rows] = made.bounds[name]
        if len(made.rows):
            actual = made.summary["mean_actual"].to_numpy(dtype=np.float64)
            error = made.summary["mean_absolute_error"].to_numpy(dtype=np.float64)
            wape[made.rows] = np.divide(
                error, actual, out=np.full(len(actual), np.nan), where=np.nan_to_num(actual) > 0
            )
    bases, begin = [], 0
    for level, groups, code in zip(LEVELS, names, codes, strict=True):
        part = slice(begin, begin + len(groups))
        begin += len(groups)
        bounds = {quantile: found[quantile][part] for quantile in QUANTILES}
        bases.append(
            LevelBase(level, groups, code, ahead[part], bounds, model[part], squared[part], wape[part])
        )
    return bases


def _sums(values: FloatArray, codes: np.ndarray, groups: int) -> FloatArray:
    """Groups x months; NaN before the first month of a group, and for a group of nobody."""
    takes_part = codes >= 0
    summed, seen = np.zeros((groups, values.shape[1])), np.zeros((groups, values.shape[1]))
    np.add.at(summed, codes[takes_part], np.nan_to_num(values[takes_part]))
    np.add.at(seen, codes[takes_part], ~np.isnan(values[takes_part]))
    return np.where(np.cumsum(seen, axis=1) > 0, summed, np.nan)


def move_to_levels(
    mean: FloatArray, mean_squared_error: FloatArray, takes_part: BoolArray, bases: list[LevelBase]
) -> FloatArray:
    """Forecasts of the series (series x months) after they were made to agree with the level of `RECONCILED`.

    `mean_squared_error` by series, of its backtest. A group with one series says nothing that the series does not, and one
    without a model says nothing.
    """
    base = next(base for base in bases if base.level == RECONCILED)
    members = np.bincount(base.codes[base.codes >= 0], minlength=len(base.names))
    groups = np.flatnonzero((members >= LEAST_MEMBERS) & np.isfinite(base.mean_squared_error))
    place = np.full(len(base.names) + 1, -1)
    place[groups] = np.arange(len(groups))
    column = place[base.codes]
    rows = np.flatnonzero(takes_part & (column >= 0))
    if not len(rows):
        return mean
    variance = mean_squared_error[rows]
    own = np.maximum(variance, SMALLEST_VARIANCE * np.median(variance))
    above = np.maximum(base.mean_squared_error[groups], SMALLEST_VARIANCE * np.median(variance) + 1e-9)
    sums = sparse.csr_matrix(
        (np.ones(len(rows)), (column[rows], np.arange(len(rows)))), shape=(len(groups), len(rows))
    )
    summing = sparse.csr_matrix(sparse.vstack([sums, sparse.identity(len(rows), format="csr")]))
    forecasts = np.concatenate([base.ahead[groups], mean[rows]])
    out = mean.copy()
    out[rows] = reconcile(forecasts, summing, np.concatenate([above, own]), True)
    return out


def on_days_of(
    bases: list[LevelBase], keys: pd.DataFrame, levelled: FloatArray, by_days: FloatArray
) -> list[LevelBase]:
    """The sums on the working days of each month, as their series are: `levelled` units x `by_days` (series x months)."""
    if (by_days == 1.0).all():
        return bases
    out = []
    for base in bases:
        codes = pd.Categorical(_labels(keys, base.level), categories=base.names).codes
        before, after = np.zeros(base.ahead.shape), np.zeros(base.ahead.shape)
        np.add.at(before, codes, levelled)
        np.add.at(after, codes, levelled * by_days)
        ratio = np.divide(after, before, out=np.ones(before.shape), where=before > 0)
        bounds = {name: units * ratio for name, units in base.bounds.items()}
        out.append(replace(base, ahead=base.ahead * ratio, bounds=bounds))
    return out


def _labels(keys: pd.DataFrame, level: str) -> np.ndarray:
    """Group of every series at the level."""
    column = LEVELS[level]
    if column is None:
        return np.full(len(keys), "total", dtype=object)
    return keys[column].fillna(UNASSIGNED).astype(str).to_numpy(dtype=object)


def level_rows(
    published: FloatArray, keys: pd.DataFrame, bases: list[LevelBase], cycle: Cycle
) -> pd.DataFrame:
    """Table `level_forecasts`: exact sums of the published series (series x months), and what each level said by itself.

    Intervals are those of the level's own models, moved to the sum; none where the level could not be tested.
    """
    parts = []
    months = len(cycle.periods)
    for base in bases:
        codes = pd.Categorical(_labels(keys, base.level), categories=base.names).codes
        units = np.zeros((len(base.names), months))
        np.add.at(units, codes, published)
        units = units.round(UNIT_DECIMALS)
        frame = pd.DataFrame(
            {
                "level": base.level,
                "level_id": np.repeat(np.array(base.names, dtype=object), months),
                "period_start_date": np.tile(cycle.periods.to_numpy(), len(base.names)),
                "series": np.repeat(np.bincount(codes, minlength=len(base.names)), months),
                "model": np.repeat(base.model, months),
                "base_forecast_units": base.ahead.ravel().round(UNIT_DECIMALS),
                "forecast_units": units.ravel(),
                "backtest_wape_ratio": np.repeat(base.wape_ratio.round(6), months),
            }
        )
        has_model = frame["model"].notna().to_numpy()
        frame["reason_code"] = np.where(has_model, "backtest", "sum_of_series")
        members = np.bincount(base.codes[base.codes >= 0], minlength=len(base.names))
        moves = (base.level == RECONCILED) & (members >= LEAST_MEMBERS)
        frame["is_reconciled"] = has_model & np.repeat(moves, months)
        shift = units - base.ahead
        lower_80 = np.clip(base.bounds["lo80"] + shift, 0.0, units)
        upper_80 = np.maximum(base.bounds["hi80"] + shift, units)
        frame["lower_80_units"], frame["upper_80_units"] = lower_80.ravel(), upper_80.ravel()
        frame["lower_95_units"] = np.clip(base.bounds["lo95"] + shift, 0.0, lower_80).ravel()
        frame["upper_95_units"] = np.maximum(base.bounds["hi95"] + shift, upper_80).ravel()
        parts.append(frame)
    rows = pd.concat(parts, ignore_index=True)
    rows["cycle_id"] = cycle.cycle_id
    for name in ("lower_80_units", "upper_80_units", "lower_95_units", "upper_95_units"):
        rows[name] = rows[name].astype(np.float64).round(UNIT_DECIMALS)
    ordered: pd.DataFrame = rows[LEVEL_COLUMNS].sort_values(
        ["level", "level_id", "period_start_date"], ignore_index=True
    )
    return ordered
