"""The same forecast on another engine: a frame of Dask, Ray or Spark instead of one of pandas, by configuration only.

What series teach each other is learnt once, here, from the same chosen series as on one machine; then each partition of whole
series is forecast by the same function with that knowledge. Needs the package fugue (and the engine's own) where an engine is
named. Add here: how series are spread over an engine. Keep out: forecasting (`forecast`).
"""

from __future__ import annotations

import importlib
import os
from typing import Any

import numpy as np
import pandas as pd

from sop_pipeline.planning.demand.panel.classes import classify, trim_unborn, with_births
from sop_pipeline.planning.demand.panel.forecast import forecast_panel, learn_from, series_hashes
from sop_pipeline.planning.demand.panel.learning import MOST_SERIES
from sop_pipeline.planning.demand.panel.reading import read_panel

SCHEMA = "unique_id:str,ds:datetime,forecast:double,lo80:double,hi80:double,lo95:double,hi95:double,model:str,reason:str"


def forecast_on(
    frame: Any,
    horizon: int,
    season: int | None = None,
    *,
    engine: Any = None,
    partitions: int | None = None,
    is_fast: bool = False,
    frequency: str | None = None,
    gaps: str = "zero",
) -> Any:
    """Forecasts (unique_id as text, ds as dates) as `forecast_panel` makes them, as a frame of the engine.

    `engine`: None for pandas, else what fugue takes: "dask", a Dask client, "ray" ... `frame`: of pandas or of the engine.
    Equal to the pandas result to 1e-5 relative (tested on Dask). Dates only, no numbered periods.
    """
    if engine is None:
        return forecast_panel(
            frame, horizon, season, is_fast=is_fast, frequency=frequency, gaps=gaps
        ).forecasts
    fa: Any = importlib.import_module("fugue.api")
    count = partitions or 4 * (os.cpu_count() or 1)
    options: dict[str, Any] = {"frequency": frequency, "gaps": gaps}

    def spread(rows: pd.DataFrame) -> pd.DataFrame:
        rows = rows.assign(
            unique_id=rows["unique_id"].astype(str), y=pd.to_numeric(rows["y"], errors="coerce")
        )
        bucket = (series_hashes(rows["unique_id"].to_numpy()) % np.uint64(count)).astype(np.int64)
        return rows.assign(bucket=bucket)[["unique_id", "ds", "y", "bucket"]]

    def tell_kinds(rows: pd.DataFrame) -> pd.DataFrame:
        panel = read_panel(rows, season, **options)
        classes = classify(trim_unborn(panel.series), panel.is_repaired, panel.is_broken)
        is_tested = np.isin(classes.reason, ["backtest", "repaired"])
        return pd.DataFrame(
            {"unique_id": panel.ids.astype(str), "is_rare": classes.is_rare, "is_tested": is_tested}
        )

    def forecast(rows: pd.DataFrame) -> pd.DataFrame:
        made = forecast_panel(rows, horizon, season, threads=1, knowledge=knowledge, **options)
        return made.forecasts.astype({"unique_id": str, "model": str, "reason": str})

    by_bucket = {"by": "bucket", "num": count}
    spread_out = fa.persist(
        fa.transform(frame, spread, schema="unique_id:str,ds:datetime,y:double,bucket:long", engine=engine),
        engine=engine,
    )
    kinds = fa.as_pandas(
        fa.transform(
            spread_out,
            tell_kinds,
            schema="unique_id:str,is_rare:bool,is_tested:bool",
            partition=by_bucket,
            engine=engine,
        )
    )
    chosen = _chosen(kinds)

    def keep(rows: pd.DataFrame) -> pd.DataFrame:
        return rows[rows["unique_id"].isin(chosen)]

    sample = fa.as_pandas(fa.transform(spread_out, keep, schema="*", engine=engine))
    panel = read_panel(sample.drop(columns="bucket"), season, **options)
    trimmed = trim_unborn(panel.series)
    classes = classify(trimmed, panel.is_repaired, panel.is_broken)
    trimmed = with_births(panel.series, trimmed, classes)
    knowledge = learn_from(panel, trimmed, classes, horizon, is_fast, os.cpu_count() or 1)
    options["frequency"] = frequency or panel.calendar.kind
    return fa.transform(spread_out, forecast, schema=SCHEMA, partition=by_bucket, engine=engine)


def _chosen(kinds: pd.DataFrame) -> frozenset[str]:
    """Series to learn from: of each kind the tested ones with the smallest hashes, as `learn_from` chooses them."""
    tested = kinds[kinds["is_tested"]].assign(hash=lambda rows: series_hashes(rows["unique_id"].to_numpy()))
    first = tested.sort_values(["hash", "unique_id"]).groupby("is_rare").head(MOST_SERIES)
    return frozenset(first["unique_id"]) or frozenset(kinds["unique_id"])
