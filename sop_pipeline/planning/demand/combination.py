"""How much each model counts in a series' forecast.

The best few are weighted by inverse squared error (Bates & Granger 1969): combining beats selecting on every data set
we measured. Judged by squared error, because that rewards the mean; an absolute one rewards forecasting zero where
demand is rare. Add here: other ways to weigh. Keep out: making forecasts (see `backtest`, `forecasts`).
"""

import numpy as np
import pandas as pd

from sop_pipeline.planning.demand.backtest import Panel
from sop_pipeline.planning.demand.measures import naive_scale
from sop_pipeline.planning.demand.models import MODELS
from sop_pipeline.planning.demand.series import MONTHS_PER_YEAR

BEST_FEW = 3
WORST_MULTIPLE = 1.5  # a model this much worse than the best adds noise, not another view
RATIO_DECIMALS = 6


def judge_models(tested: pd.DataFrame, panel: Panel) -> pd.DataFrame:
    """Errors and weights, one row per series and model: the numbers of table `backtest_errors`, by series number.

    `tested` is what `backtest` returns. error = forecast - actual in units over all origins and steps; mase divides by
    the in-sample naive error of the months before the first origin. Weights add up to 1 in every series.
    """
    errors = tested.assign(error=tested["forecast_units"] - tested["actual_units"])
    errors["absolute"] = errors["error"].abs()
    errors["squared"] = errors["error"] ** 2
    judged = errors.groupby(["series", "model"], as_index=False).agg(
        origins=("origin", "nunique"),
        first_origin=("origin", "max"),
        mean_absolute_error=("absolute", "mean"),
        mean_error=("error", "mean"),
        mean_squared_error=("squared", "mean"),
    )
    judged["root_mean_squared_error"] = np.sqrt(judged["mean_squared_error"].astype(np.float64))
    judged["mase"] = judged["mean_absolute_error"] / _naive_scales(judged, panel)
    judged["weight"] = _weights(judged)
    return _with_champion(judged)


def _naive_scales(judged: pd.DataFrame, panel: Panel) -> pd.Series:
    scales: dict[int, float] = {}
    for series, first_origin in judged.groupby("series")["first_origin"].max().items():
        number = int(str(series))
        training = panel.values[number, : panel.values.shape[1] - int(first_origin)]
        scale = naive_scale(training[~np.isnan(training)], MONTHS_PER_YEAR)
        scales[number] = np.nan if scale is None else scale
    return judged["series"].map(scales)


def _weights(judged: pd.DataFrame) -> pd.Series:
    """Inverse squared errors of the best few, rounded so that they still add up to 1."""
    order = {model.name: number for number, model in enumerate(MODELS)}
    ranked = judged.assign(order=judged["model"].map(order)).sort_values(
        ["series", "root_mean_squared_error", "order"]
    )
    rank = ranked.groupby("series").cumcount()
    best = ranked.groupby("series")["root_mean_squared_error"].transform("first")
    close = ranked["root_mean_squared_error"] <= WORST_MULTIPLE * best
    chosen = (rank == 0) | ((rank < BEST_FEW) & close & (best > 0))
    # Where the best is perfect it stands alone, so its error never divides.
    inverse = (best / ranked["root_mean_squared_error"].where(best > 0, 1.0)) ** 2
    raw = inverse.where(best > 0, 1.0).where(chosen, 0.0)
    weight = (raw / raw.groupby(ranked["series"]).transform("sum")).round(RATIO_DECIMALS)
    rest = 1.0 - weight.groupby(ranked["series"]).transform("sum")
    return (weight + rest.where(rank == 0, 0.0)).round(RATIO_DECIMALS).reindex(judged.index)


def _with_champion(judged: pd.DataFrame) -> pd.DataFrame:
    heaviest = judged.sort_values(
        ["series", "weight", "root_mean_squared_error", "model"], ascending=[True, False, True, True]
    ).drop_duplicates("series")
    return judged.assign(is_champion=judged.index.isin(heaviest.index))


def combine(forecasts: pd.DataFrame, judged: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """Weighted sum of the models' forecasts: `series`, the columns in `by`, and forecast_units.

    A series is left out where a model with weight gave no forecast: it is then the fallback's.
    """
    weights = judged.loc[judged["weight"] > 0, ["series", "model", "weight"]]
    merged = weights.merge(forecasts, on=["series", "model"], how="left", validate="1:m")
    merged["part"] = merged["weight"] * merged["forecast_units"].astype(np.float64)
    broken = merged.loc[merged["part"].isna(), "series"]
    sound = merged[~merged["series"].isin(broken)].sort_values(["series", *by, "model"])
    return sound.groupby(["series", *by], as_index=False).agg(forecast_units=("part", "sum"))
