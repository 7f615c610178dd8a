"""What a demand series is: its keys, its months, and its history as a grid.

A series is an item at a site for a sales channel. All planning here is monthly; a month is named by its first day.
Add here: what every module of this room needs to say "series", "month" or "horizon". Keep out: anything that
estimates (see `baseline`, `seasonality`, `backtest`).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from sop_pipeline.planning.cycle import Cycle

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int64]

SERIES = ["item_id", "site_id", "channel_id"]
SERIES_PERIOD = [*SERIES, "period_start_date"]

MONTHS_PER_YEAR = 12
UNIT_DECIMALS = 3
# Above this a quantity is no demand but a broken field; it is also where solvers begin to read "infinite".
LARGEST_CREDIBLE_UNITS = 1e12


def month_number(periods: pd.Series | pd.DatetimeIndex) -> IntArray:
    """Months since year 0, so that differences are months."""
    index = pd.DatetimeIndex(periods)
    return np.asarray(index.year * MONTHS_PER_YEAR + index.month - 1, dtype=np.int64)


@dataclass(frozen=True)
class SeriesGrid:
    """History as a matrix: one row a series (sorted by key), one column a month up to the last closed one.

    `values` is NaN before a series' first month, so that all series share the calendar and end together.
    """

    keys: pd.DataFrame
    periods: pd.DatetimeIndex
    values: FloatArray
    first_columns: IntArray

    @property
    def history_months(self) -> IntArray:
        """Months from the first one of the series to the last closed one."""
        return len(self.periods) - self.first_columns

    @property
    def calendar_months(self) -> IntArray:
        """Calendar month of each column, 0 for January."""
        return month_number(self.periods) % MONTHS_PER_YEAR


def build_grid(rows: pd.DataFrame, column: str, cycle: Cycle) -> SeriesGrid:
    """Lay `column` of one row per series and month out as a `SeriesGrid`; months inside a series without a row are 0.

    `rows` must be unique by series and month and end before the cycle.
    """
    keys = rows[SERIES].drop_duplicates().sort_values(SERIES, ignore_index=True)
    if keys.empty:
        return SeriesGrid(
            keys, pd.DatetimeIndex([], dtype="datetime64[ns]"), np.empty((0, 0)), np.empty(0, np.int64)
        )
    last = cycle.start - pd.DateOffset(months=1)
    periods = pd.date_range(rows["period_start_date"].min(), last, freq="MS", unit="ns")
    row = pd.MultiIndex.from_frame(keys).get_indexer(pd.MultiIndex.from_frame(rows[SERIES]))
    column_number = month_number(rows["period_start_date"]) - month_number(periods[:1])[0]
    values = np.zeros((len(keys), len(periods)))
    values[row, column_number] = rows[column].to_numpy(dtype=np.float64)
    first = np.full(len(keys), len(periods), dtype=np.int64)
    np.minimum.at(first, row, column_number)
    values[np.arange(len(periods))[None, :] < first[:, None]] = np.nan
    return SeriesGrid(keys, periods, values, first)


def series_months(keys: pd.DataFrame, periods: pd.DatetimeIndex) -> pd.DataFrame:
    """Every series in every month, sorted by both."""
    frame = keys[SERIES].loc[keys.index.repeat(len(periods))].reset_index(drop=True)
    frame["period_start_date"] = np.tile(periods.to_numpy(), len(keys))
    return frame


def describe_rows(rows: pd.DataFrame, columns: list[str]) -> str:
    """How many rows, and up to five of them, for an error message."""
    examples = rows[columns].astype(str).sort_values(columns).head(5).agg(" / ".join, axis=1)
    return f"{len(rows)} rows, e.g. {'; '.join(examples)}"
