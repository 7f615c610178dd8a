"""How far off a forecast may be: prediction intervals from the errors that its backtest made.

sigma of a series at one month ahead comes from its own residuals; how it grows over the horizon, and which multiple of
it covers 80 and 95 %, are pooled over the series of like demand, because six origins of one series cannot tell.
Add here: other interval methods. Keep out: the mean forecast.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_pipeline.planning.demand.backtest import Panel
from sop_pipeline.planning.demand.models import RARE
from sop_pipeline.planning.demand.series import MONTHS_PER_YEAR, FloatArray, IntArray

LEVELS = {"lower_95_units": 0.025, "lower_80_units": 0.10, "upper_80_units": 0.90, "upper_95_units": 0.975}
NORMAL_MULTIPLES = np.array([-1.959964, -1.281552, 1.281552, 1.959964])
POOLED_RESIDUALS = 200  # for a 2.5 % quantile: five residuals lie beyond it
OWN_ORIGINS = 3
UNTESTED_QUANTILE = (
    0.9  # a series without a test is likelier to be a hard one (0.75 covered 65 % of new items at 80 %)
)
UNKNOWN_SIGMA_RATIO = 0.5  # sigma over level where no series of the batch was tested


@dataclass(frozen=True)
class Spread:
    """What the residuals say: sigma one month ahead by series (units), growth of variance a month, and multiples.

    `multiples` has a row for rare and a row for regular demand, a column for each of `LEVELS`.
    """

    sigma: FloatArray
    growth: FloatArray
    multiples: FloatArray


def measure_spread(past: pd.DataFrame, panel: Panel, level: FloatArray) -> Spread:
    """`Spread` of every series of the panel.

    `past` has series, origin, step, forecast_units and actual_units of the combined forecasts; `level` is the usual
    month of each series (units), by which a series with fewer than three origins borrows the sigma of the others.
    """
    kinds = _kinds(panel)
    residuals = past.assign(residual=past["actual_units"] - past["forecast_units"])
    residuals["kind"] = kinds[residuals["series"].to_numpy(dtype=np.int64)]
    growth = np.array([_growth(residuals[residuals["kind"] == kind]) for kind in (0, 1)])
    scaled = 1.0 + growth[residuals["kind"].to_numpy(dtype=np.int64)] * (
        residuals["step"].to_numpy(dtype=np.float64) - 1.0
    )
    residuals["one_month"] = residuals["residual"].to_numpy(dtype=np.float64) / np.sqrt(scaled)
    sigma, origins = _own_sigma(residuals, len(kinds))
    sigma = np.where(origins >= OWN_ORIGINS, sigma, _borrowed_ratio(sigma, origins, level, kinds) * level)
    return Spread(sigma, growth[kinds], _multiples(residuals))


def recent_level(values: FloatArray) -> FloatArray:
    """Mean month of the last 12, units."""
    recent = values[:, -MONTHS_PER_YEAR:]
    return np.asarray(
        np.nansum(recent, axis=1) / np.maximum((~np.isnan(recent)).sum(axis=1), 1), dtype=np.float64
    )


def add_intervals(mean: FloatArray, spread: Spread, panel: Panel) -> dict[str, FloatArray]:
    """Bounds of `LEVELS` for the series x steps forecasts `mean`: never negative, lower <= mean <= upper."""
    kinds = _kinds(panel)
    steps = np.arange(mean.shape[1], dtype=np.float64)
    sigma = spread.sigma[:, None] * np.sqrt(1.0 + spread.growth[:, None] * steps)
    bounds = {}
    for number, name in enumerate(LEVELS):
        bound = mean + spread.multiples[kinds, number][:, None] * sigma
        bounds[name] = np.clip(bound, 0.0, mean) if name.startswith("lower") else np.maximum(bound, mean)
    return bounds


def _kinds(panel: Panel) -> IntArray:
    """0 for rare demand, 1 for regular, which a new series is taken for until it shows otherwise."""
    return np.asarray(~np.isin(panel.demand_classes, list(RARE)), dtype=np.int64)


def _growth(residuals: pd.DataFrame) -> float:
    """Share by which the variance one month ahead grows with each further month: a line through the pooled steps.

    Only series tested furthest ahead speak, each scaled to its own mean so that big ones do not drown the others.
    """
    if residuals.empty:
        return 0.0
    furthest = residuals.groupby("series")["step"].transform("max")
    long = residuals[furthest == furthest.max()]
    squared = long["residual"].astype(np.float64) ** 2
    own = squared.groupby(long["series"]).transform("mean")
    ratio = (squared / own.where(own > 0)).groupby(long["step"]).mean().dropna()
    if len(ratio) < 2:
        return 0.0
    slope, intercept = np.polyfit(
        ratio.index.to_numpy(dtype=np.float64) - 1.0, ratio.to_numpy(dtype=np.float64), 1
    )
    return float(max(slope, 0.0) / max(intercept, 0.1))


def _own_sigma(residuals: pd.DataFrame, count: int) -> tuple[FloatArray, IntArray]:
    sigma, origins = np.zeros(count), np.zeros(count, dtype=np.int64)
    by_series = residuals.assign(square=residuals["one_month"] ** 2).groupby("series")
    numbers = np.array(list(by_series.groups), dtype=np.int64)
    sigma[numbers] = np.sqrt(by_series["square"].mean().to_numpy(dtype=np.float64))
    origins[numbers] = by_series["origin"].nunique().to_numpy(dtype=np.int64)
    return sigma, origins


def _borrowed_ratio(sigma: FloatArray, origins: IntArray, level: FloatArray, kinds: IntArray) -> FloatArray:
    """Sigma over level, by kind of demand, of the series that have origins enough."""
    tested = (origins >= OWN_ORIGINS) & (level > 0)
    ratio = np.divide(sigma, level, out=np.zeros_like(sigma), where=level > 0)
    borrowed = np.full(len(sigma), UNKNOWN_SIGMA_RATIO)
    for kind in (0, 1):
        peers = tested & (kinds == kind) if (tested & (kinds == kind)).any() else tested
        if peers.any():
            borrowed[kinds == kind] = np.quantile(ratio[peers], UNTESTED_QUANTILE)
    return borrowed


def _multiples(residuals: pd.DataFrame) -> FloatArray:
    """Quantiles of residuals over sigma, by kind of demand; the normal ones where too few residuals are there.

    Each residual is divided by the sigma of the *other* origins of its series: divided by its own, no residual could
    ever be large, and the intervals would be too narrow.
    """
    if residuals.empty:
        return np.tile(NORMAL_MULTIPLES, (2, 1))
    squares = residuals.assign(square=residuals["one_month"] ** 2)
    by_series, by_origin = (
        squares.groupby("series")["square"],
        squares.groupby(["series", "origin"])["square"],
    )
    others = by_series.transform("size") - by_origin.transform("size")
    rest = (by_series.transform("sum") - by_origin.transform("sum")).where(others > 0) / others
    standard = (squares["one_month"] / np.sqrt(rest.where(rest > 1e-12))).dropna()
    multiples = []
    for kind in (0, 1):
        own = standard[residuals["kind"] == kind]
        pool = own if len(own) >= POOLED_RESIDUALS else standard
        enough = len(pool) >= POOLED_RESIDUALS
        multiples.append(np.quantile(pool, list(LEVELS.values())) if enough else NORMAL_MULTIPLES)
    return np.array(multiples, dtype=np.float64)
