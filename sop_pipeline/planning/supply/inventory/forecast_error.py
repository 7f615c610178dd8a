"""Forecast error over the time that stock must bridge, by item-site.

An origin is a month in which a forecast was made. What earlier cycles published counts for its origin; where nothing was
published, what the backtest would have forecast does. Errors of a window are added up before they are squared, and errors
of series that make one requirement before they are pooled, so that errors which come together are not taken for chance.
Add here: how well the forecast is known at an item-site. Keep out: what is held against the error (`safety_stock`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sop_pipeline.planning.supply.network import STREAM, Floats, Network
from sop_pipeline.planning.supply.rough_cut import components_of, explosion_order

WINDOWS = 3
"""Longest window measured, in months; beyond it the variance grows with its length."""
MINIMUM_ORIGINS = 3
"""With fewer origins in common, errors of series are pooled as if they were independent."""
MINIMUM_SERIES = 20
"""With fewer series the growth of the error with demand is not measured, and the error is taken as proportional."""
COVERED_RATIO = 0.5
"""An origin counts where the series known at it make at least this share of the variance."""


@dataclass(frozen=True)
class ForecastErrors:
    """By item-site; windows are 1 to `WINDOWS` months from the month after the forecast was made.

    variance: item-site x window, squared base units; not a number where no error is known. errors: item-site x origin x
    window, actual minus forecast, base units, not a number where the origin does not count. level: mean demand a month of
    the tested months. origins, published_origins: how many count, and how many of these were published. exponent: by what
    power of its demand the error of a series grows.
    """

    variance: Floats
    errors: Floats
    level: Floats
    origins: NDArray[np.int64]
    published_origins: NDArray[np.int64]
    exponent: float

    @property
    def known(self) -> NDArray[np.bool_]:
        return np.isfinite(self.variance[:, 0])

    def deviation(self, exposure_months: Floats) -> Floats:
        """Standard deviation of the error over the exposure; between two windows the variance is interpolated."""
        steps = np.column_stack([np.zeros(len(self.variance)), self.variance])
        last, part = _place(exposure_months)
        row = np.arange(len(steps))
        inside = steps[row, last] * (1 - part) + steps[row, np.minimum(last + 1, WINDOWS)] * part
        beyond = np.maximum(exposure_months / WINDOWS, 1.0)
        result: Floats = np.sqrt(inside * beyond)
        return result

    def shortfalls(self, exposure_months: Floats, held_units: Floats) -> tuple[NDArray[np.int64], Floats]:
        """Origins in which demand over the exposure was above its forecast by more than what is held, and by how much
        on average of these; 0 where there was none."""
        steps = np.concatenate([np.zeros_like(self.errors[:, :, :1]), self.errors], axis=2)
        last, part = _place(exposure_months)
        row = np.arange(len(steps))
        inside = steps[row, :, last] * (1 - part)[:, None]
        inside = inside + steps[row, :, np.minimum(last + 1, WINDOWS)] * part[:, None]
        over = (
            inside * np.sqrt(np.maximum(exposure_months / WINDOWS, 1.0))[:, None]
            - np.nan_to_num(held_units)[:, None]
        )
        over = np.where(np.isfinite(over), np.maximum(over, 0.0), 0.0)
        count = (over > 0.0).sum(axis=1)
        return count, over.sum(axis=1) / np.maximum(count, 1)


def _place(exposure_months: Floats) -> tuple[NDArray[np.int64], Floats]:
    """Whole months of the exposure, at most the longest window, and the part of a month after them."""
    whole = np.minimum(np.floor(exposure_months), WINDOWS).astype(np.int64)
    return whole, np.where(whole < WINDOWS, exposure_months - whole, 0.0)


def measure_errors(
    network: Network,
    backtest_forecasts: pd.DataFrame,
    demand_history_clean: pd.DataFrame,
    forecast_records: pd.DataFrame,
) -> ForecastErrors:
    """Errors of the forecast streams, carried to what they are made from through the first-choice sources.

    Takes tables `planning.backtest_forecasts`, `planning.demand_history_clean` and `core.fct_forecast_records` (what
    earlier cycles published for closed months, with what was then ordered).
    """
    observed = _observations(backtest_forecasts, demand_history_clean, forecast_records)
    streams = pd.MultiIndex.from_frame(network.streams[STREAM])
    row = streams.get_indexer(pd.MultiIndex.from_frame(observed[STREAM]))
    observed, row = observed[row >= 0], row[row >= 0]
    origin, names = pd.factorize(observed["origin"], sort=True)
    lead = observed["lead_months"].to_numpy(dtype=np.int64)
    monthly = np.full((len(streams), len(names), WINDOWS), np.nan)
    monthly[row, origin, lead] = observed["error_units"].to_numpy(dtype=float)
    published = np.zeros((len(streams), len(names)), dtype=bool)
    published[row[lead == 0], origin[lead == 0]] = observed["is_published"].to_numpy(dtype=bool)[lead == 0]
    actual = observed["actual_units"].groupby(row).mean()
    level = np.zeros(len(streams))
    level[actual.index.to_numpy(dtype=np.int64)] = actual.to_numpy(dtype=float)
    return _pool(network, np.cumsum(monthly, axis=2), published, level)


def _observations(backtest: pd.DataFrame, clean: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """One row per stream, origin and lead; a published forecast takes the place of the backtest's."""
    key = [*STREAM, "period_start_date"]
    tested = backtest[[*key, "lead_months", "forecast_units"]].merge(
        clean[[*key, "clean_units"]].rename(columns={"clean_units": "actual_units"}), on=key, validate="m:1"
    )
    parts = [
        frame.assign(is_published=is_published)
        for frame, is_published in ((records, True), (tested, False))
        if len(frame)
    ]
    columns = [*key, "lead_months", "forecast_units", "actual_units", "is_published"]
    if not parts:
        return pd.DataFrame(columns=[*columns, "origin", "error_units"])
    joined = pd.concat([part[columns] for part in parts], ignore_index=True)
    joined = joined[joined["lead_months"].between(0, WINDOWS - 1)]
    month = pd.to_datetime(joined["period_start_date"]).dt.to_period("M")
    joined["origin"] = month.astype("int64") - joined["lead_months"].astype("int64")
    joined[["forecast_units", "actual_units"]] = joined[["forecast_units", "actual_units"]].astype(float)
    joined["error_units"] = joined["actual_units"] - joined["forecast_units"]
    return joined.drop_duplicates([*STREAM, "origin", "lead_months"])


def error_exponent(level: Floats, deviation: Floats) -> float:
    """Power of the demand by which the error grows from series to series: slope of their logarithms, from 0.5 (errors of
    independent orders) to 1 (proportional). Law of Brown, "Smoothing, Forecasting and Prediction" (1963)."""
    used = (level > 0) & (deviation > 0)
    if used.sum() < MINIMUM_SERIES or np.ptp(level[used]) == 0:
        return 1.0
    slope = np.polyfit(np.log(level[used]), np.log(deviation[used]), 1)[0]
    return float(np.clip(slope, 0.5, 1.0))


def _pool(network: Network, errors: Floats, published: NDArray[np.bool_], level: Floats) -> ForecastErrors:
    """From streams to item-sites and on to components, linearly; a series that an origin does not know is made up for
    by the variance of those that it does."""
    count, known = len(network.item_sites), np.isfinite(errors)
    observations = known.sum(axis=1)
    own = np.where(known, errors, 0.0)
    variance = (own**2).sum(axis=1) / np.maximum(observations, 1)  # stream x window
    place, shape = network.stream_item_site, errors.shape[1:]
    total, there, made_known = (np.zeros((count, *shape)) for _ in range(3))
    pooled, levels = np.zeros((count, WINDOWS)), np.zeros(count)
    np.add.at(total, place, own)
    np.add.at(there, place, known * variance[:, None, :])
    np.add.at(made_known, place, (known & published[:, :, None]) * variance[:, None, :])
    np.add.at(pooled, place, variance)
    np.add.at(levels, place, level)
    is_known = np.zeros(count, dtype=bool)
    is_known[place[observations[:, 0] > 0]] = True
    components = components_of(network.flows)
    for item_site in explosion_order(network):
        source = int(network.flows.default[item_site])
        for component, units in components[source] if source >= 0 and is_known[item_site] else []:
            each = units / network.flows.yields[source]
            total[component] += each * total[item_site]
            levels[component] += each * levels[item_site]
            for sums in (there, made_known, pooled):
                sums[component] += each**2 * sums[item_site]
            is_known[component] = True
    with np.errstate(divide="ignore", invalid="ignore"):
        cover = np.where(pooled[:, None, :] > 0, there / pooled[:, None, :], 1.0)
        counts_in = (cover >= COVERED_RATIO) & is_known[:, None, None]
        scaled = np.where(counts_in, total / np.sqrt(np.where(cover > 0, cover, 1.0)), np.nan)
    origins = counts_in.sum(axis=1)
    together = np.nansum(scaled**2, axis=1) / np.maximum(origins, 1)
    result = np.where(origins >= MINIMUM_ORIGINS, together, pooled)
    result = np.where(is_known[:, None], np.maximum.accumulate(result, axis=1), np.nan)
    is_published = counts_in & (made_known > COVERED_RATIO * there)
    return ForecastErrors(
        variance=result,
        errors=scaled,
        level=levels,
        origins=origins[:, 0],
        published_origins=is_published[:, :, 0].sum(axis=1),
        exponent=error_exponent(level, np.sqrt(variance[:, 0])),
    )
