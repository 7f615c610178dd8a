"""Levels of a hierarchy: forecast where signal is, made to agree so that every level is the sum of what lies below.

Each level is forecast by itself; MinTrace with variances from the backtest (Wickramasuriya, Athanasopoulos & Hyndman 2019;
weights by series, "wls") moves all of them to the nearest forecasts that add up, never below 0 where history is not. Bottom
forecasts are then rounded to whole units (or decimals) by largest remainder within their parents, so that every published
number is the sum of published numbers. Add here: another way to reconcile. Keep out: base forecasts (`forecast`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.linalg import splu

from sop_pipeline.planning.demand.panel.forecast import FORECAST_COLUMNS, PanelForecast, forecast_panel

TOTAL = "total"
NAMES = ("lo80", "hi80", "lo95", "hi95")


class BrokenHierarchy(ValueError):
    """Series that do not lie in exactly one group of each level."""


def forecast_levels(
    frame: pd.DataFrame,
    levels: list[str],
    horizon: int,
    season: int | None = None,
    *,
    decimals: int = 0,
    **options: Any,
) -> PanelForecast:
    """Forecast series and the sums over `levels` (columns of `frame`) and over all; every level adds up exactly.

    `levels` from coarse to fine need not be nested. Returns the frames of `forecast_panel` with a column `level` (total, the
    levels' names, series) and the sums' own rows, named `level=value`. `decimals`: 0 for whole units. All series are forecast
    from the panel's latest period; one that ends earlier has no demand since. Raises BrokenHierarchy.
    """
    groups = _groups(frame, levels)
    together = _with_sums(frame, groups, levels)
    made = forecast_panel(together, horizon, season, **options)
    level_of = dict.fromkeys([TOTAL], TOTAL)
    ids = made.series["unique_id"].to_numpy()
    bottom = groups.index.to_numpy()
    summing, names = _summing(groups, levels, bottom)
    position = pd.Index(ids).get_indexer(pd.Index(names))
    base = made.forecasts["forecast"].to_numpy(dtype=np.float64).reshape(len(ids), horizon)[position]
    reconciled = reconcile(base, summing, _variances(made, horizon)[position], bool((frame["y"] >= 0).all()))
    rounded = round_within(reconciled, groups, levels, decimals)
    whole = summing @ rounded
    forecasts = made.forecasts.set_index("unique_id").loc[names].reset_index()
    moved = whole.ravel() - base.ravel()
    for name in NAMES:
        forecasts[name] = forecasts[name].to_numpy(dtype=np.float64) + moved
        if (frame["y"] >= 0).all():
            forecasts[name] = forecasts[name].clip(lower=0.0)
    forecasts["forecast"] = whole.ravel().round(max(decimals, 0))
    for name in ("lo80", "lo95"):
        forecasts[name] = np.minimum(forecasts[name], forecasts["forecast"])
    for name in ("hi80", "hi95"):
        forecasts[name] = np.maximum(forecasts[name], forecasts["forecast"])
    level_of |= {f"{level}={value}": level for level in levels for value in groups[level].unique()}
    forecasts["level"] = [level_of.get(name, "series") for name in forecasts["unique_id"]]
    return PanelForecast(forecasts[[*FORECAST_COLUMNS, "level"]], made.errors, made.series, made.notes)


def _groups(frame: pd.DataFrame, levels: list[str]) -> pd.DataFrame:
    """Group of each series at each level, by series id."""
    if frame[levels].isna().any().any():
        empty = [level for level in levels if frame[level].isna().any()]
        raise BrokenHierarchy(
            f"column(s) {', '.join(empty)} of --levels are empty in some rows: fill them, or leave the level out."
        )
    groups = frame[["unique_id", *levels]].astype(str).drop_duplicates()
    twice = groups[groups["unique_id"].duplicated()]["unique_id"].unique()
    if len(twice):
        raise BrokenHierarchy(
            f"{len(twice)} series lie in two groups of one level (e.g. {', '.join(map(str, twice[:5]))}): a series needs one "
            "group of each level, or the level has to be part of its id (--id)."
        )
    clash = {f"{level}={value}" for level in levels for value in groups[level].unique()} & set(
        groups["unique_id"]
    )
    if clash or TOTAL in set(groups["unique_id"]):
        raise BrokenHierarchy(
            f"series are named like sums: {', '.join(sorted(clash | {TOTAL})[:5])}. Rename them."
        )
    return groups.set_index("unique_id").sort_index()


def _with_sums(frame: pd.DataFrame, groups: pd.DataFrame, levels: list[str]) -> pd.DataFrame:
    """The frame with the sums of every level; bottom series reach to the latest period."""
    rows = frame[["unique_id", "ds", "y"]].copy()
    rows["unique_id"] = rows["unique_id"].astype(str)
    rows["y"] = pd.to_numeric(rows["y"], errors="coerce")
    last = rows["ds"].max()
    ends = rows.groupby("unique_id")["ds"].max()
    closing = ends[ends < last].index
    parts = [rows, pd.DataFrame({"unique_id": closing, "ds": last, "y": 0.0})] if len(closing) else [rows]
    sound = pd.concat(parts)
    sound = sound[np.isfinite(sound["y"])]
    for level in levels:
        by_level = sound.assign(unique_id=level + "=" + sound["unique_id"].map(groups[level]))
        parts.append(by_level.groupby(["unique_id", "ds"], as_index=False)["y"].sum())
    parts.append(sound.groupby("ds", as_index=False)["y"].sum().assign(unique_id=TOTAL))
    return pd.concat(parts, ignore_index=True)


def _summing(
    groups: pd.DataFrame, levels: list[str], bottom: np.ndarray
) -> tuple[sparse.csr_matrix, list[str]]:
    """0/1 matrix (all rows x bottom series) and the names of its rows: total, levels, series."""
    count = len(bottom)
    blocks = [sparse.csr_matrix(np.ones((1, count)))]
    names = [TOTAL]
    for level in levels:
        codes, values = pd.factorize(groups[level], sort=True)
        blocks.append(
            sparse.csr_matrix((np.ones(count), (codes, np.arange(count))), shape=(len(values), count))
        )
        names += [f"{level}={value}" for value in values]
    blocks.append(sparse.identity(count, format="csr"))
    return sparse.csr_matrix(sparse.vstack(blocks)), [*names, *map(str, bottom)]


def _variances(made: PanelForecast, horizon: int) -> np.ndarray:
    """Variance of each series' forecast, from the width of its 95 % interval, mean over the horizon; units squared."""
    width = (
        (made.forecasts["hi95"] - made.forecasts["lo95"])
        .to_numpy(dtype=np.float64)
        .reshape(-1, horizon)
        .mean(axis=1)
    )
    usual = np.median(width[width > 0]) if (width > 0).any() else 1.0
    return np.maximum(width, 1e-3 * usual) ** 2


def reconcile(
    base: np.ndarray, summing: sparse.csr_matrix, variances: np.ndarray, is_nonnegative: bool
) -> np.ndarray:
    """Bottom forecasts (series x horizon) whose sums are nearest to `base` (rows of `summing` x horizon), by variance.

    The last rows of `summing` are the series themselves, those above them sums. MinTrace for a diagonal W in the form that
    solves for the sums only (Wickramasuriya et al. 2019, section 2.3): b + W_b S' (S W_b S' + W_s)^-1 (base_s - S b).
    Negative ones become 0, and the others are then found again (few rounds).
    """
    count = summing.shape[1]
    sums = sparse.csr_matrix(summing[:-count])
    bottom = np.asarray(base[-count:], dtype=np.float64)
    if not sums.shape[0]:
        return np.maximum(bottom, 0.0) if is_nonnegative else bottom
    above, own = base[:-count], variances[-count:]
    found = _moved(bottom, above, sums, own, variances[:-count])
    if not is_nonnegative:
        return found
    for step in np.flatnonzero((found < 0).any(axis=0)):
        is_free = np.ones(count, dtype=bool)
        for _ in range(10):
            negative = is_free & (found[:, step] < 0)
            if not negative.any():
                break
            is_free &= ~negative
            fixed = np.where(is_free, bottom[:, step], 0.0)[:, None]
            free = np.where(is_free, own, 0.0)
            found[:, step] = _moved(fixed, above[:, [step]], sums, free, variances[:-count])[:, 0]
    return np.maximum(found, 0.0)


def _moved(
    bottom: np.ndarray, above: np.ndarray, sums: sparse.csr_matrix, own: np.ndarray, variances: np.ndarray
) -> np.ndarray:
    weighted = sparse.csr_matrix(sums.multiply(own[None, :]))
    between = sparse.csc_matrix(weighted @ sums.T + sparse.diags(variances))
    return np.asarray(bottom + weighted.T @ splu(between).solve(np.asarray(above - sums @ bottom)))


def round_within(bottom: np.ndarray, groups: pd.DataFrame, levels: list[str], decimals: int) -> np.ndarray:
    """Bottom forecasts rounded by largest remainder: within the finest groups first, so that sums stay as near as can be."""
    scale = 10.0**decimals
    scaled = bottom * scale
    whole = np.floor(scaled + 1e-9)
    rest = scaled - whole
    codes = (
        pd.factorize(pd.MultiIndex.from_frame(groups[levels]))[0]
        if levels
        else np.zeros(len(bottom), dtype=np.int64)
    )
    for step in range(bottom.shape[1]):
        wanted = np.round(np.bincount(codes, weights=rest[:, step])).astype(np.int64)
        order = np.lexsort((np.arange(len(bottom)), -rest[:, step], codes))
        begins = np.searchsorted(codes[order], np.arange(len(wanted)))
        rank = np.arange(len(order)) - begins[codes[order]]
        whole[order[rank < wanted[codes[order]]], step] += 1.0
    return whole / scale
