"""What kind of demand a series of a panel has, and what follows for it: the reason code that it gets.

Add here: a reason to leave the normal way. Keep out: the classes of the pipeline's own table (`planning.demand.classes`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_pipeline.planning.demand.classes import INTERVAL_CUT_MONTHS, SQUARED_VARIATION_CUT
from sop_pipeline.planning.demand.kernels.batch import FloatArray, Series

LEAST_TESTED = 10  # periods of history from which a backtest says something
SILENT_INTERVALS = 3.0  # usual intervals without demand, and a season, after which a series is dead

REASONS = {
    "backtest": "weighted by the errors of its models at past origins",
    "repaired": "as backtest, after impossible or repeated values were repaired",
    "short_history": f"fewer than {LEAST_TESTED} periods since its first demand: mean of the latest ones",
    "constant": "every period is equal: so is the forecast",
    "inactive": "no demand for a season and three usual intervals: zero",
    "fallback": "more than a third of its values impossible, or no model worked: mean of the latest sensible ones",
}


@dataclass(frozen=True)
class Classes:
    """By series: Syntetos-Boylan class, reason code, whether it is forecast as rare demand, whether it is never negative."""

    demand_class: np.ndarray
    reason: np.ndarray
    is_rare: np.ndarray
    is_nonnegative: np.ndarray


def trim_unborn(series: Series) -> Series:
    """Series without the zeros before their first demand; a series of zeros only keeps its last value."""
    is_demand = series.values != 0
    position = np.where(is_demand, np.arange(len(is_demand)), len(is_demand))
    first = np.minimum.reduceat(position, series.starts[:-1])
    first = np.where(first < series.starts[1:], first, series.starts[1:] - 1)
    keep = np.arange(len(is_demand)) >= np.repeat(first, series.lengths)
    starts = np.concatenate([[0], np.cumsum(series.starts[1:] - first)]).astype(np.int64)
    return Series(series.values[keep], starts, series.season)


def with_births(series: Series, trimmed: Series, classes: Classes) -> Series:
    """Trimmed series, but rare ones with their leading zeros: a first demand is no usual month of a rare series."""
    rows = np.arange(len(series))
    both = Series(
        np.concatenate([trimmed.values, series.values]),
        np.concatenate([trimmed.starts[:-1], trimmed.starts[-1] + series.starts]).astype(np.int64),
        series.season,
    )
    return both.take(np.where(classes.is_rare, rows + len(series), rows))


def classify(series: Series, is_repaired: np.ndarray, is_broken: np.ndarray) -> Classes:
    """Classes of trimmed series (Syntetos, Boylan & Croston 2005: mean interval 1.32, squared variation 0.49)."""
    values, begins, lengths = series.values, series.starts[:-1], series.lengths
    is_demand = values != 0
    demands = np.add.reduceat(is_demand.astype(np.int64), begins)
    interval = lengths / np.maximum(demands, 1)
    variation = _squared_variation(values, is_demand, begins, lengths, demands)
    largest, smallest = np.maximum.reduceat(values, begins), np.minimum.reduceat(values, begins)
    position = np.where(is_demand, np.arange(len(values)), -1)
    silent = series.starts[1:] - 1 - np.maximum(np.maximum.reduceat(position, begins), begins - 1)
    is_dead = (demands == 0) | ((silent >= max(series.season, 6)) & (silent >= SILENT_INTERVALS * interval))
    is_nonnegative = smallest >= 0
    rare, varied = (interval >= INTERVAL_CUT_MONTHS) & is_nonnegative, variation >= SQUARED_VARIATION_CUT
    demand_class = np.select(
        [is_dead & is_nonnegative, rare & varied, rare, varied],
        ["inactive", "lumpy", "intermittent", "erratic"],
        default="smooth",
    )
    reason = np.select(
        [is_broken, demand_class == "inactive", lengths < LEAST_TESTED, largest == smallest, is_repaired],
        ["fallback", "inactive", "short_history", "constant", "repaired"],
        default="backtest",
    ).astype(object)
    return Classes(demand_class.astype(object), reason, rare & (demand_class != "inactive"), is_nonnegative)


def _squared_variation(
    values: FloatArray, is_demand: np.ndarray, begins: np.ndarray, lengths: np.ndarray, demands: np.ndarray
) -> FloatArray:
    mean = np.add.reduceat(np.where(is_demand, values, 0.0), begins) / np.maximum(demands, 1)
    scaled = values / np.repeat(np.where(mean != 0, np.abs(mean), 1.0), lengths)
    away = np.where(is_demand, scaled - np.repeat(np.sign(mean), lengths), 0.0)
    return np.add.reduceat(away**2, begins) / np.maximum(demands - 1, 1)
