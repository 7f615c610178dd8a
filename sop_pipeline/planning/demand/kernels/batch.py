"""Many series at once: threads over chunks of series, each in compiled code that has let go of the interpreter lock.

Every series is computed by itself, so results depend neither on the number of threads nor on the chunks.
Add here: how series are laid out for the kernels. Keep out: what a model does.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sop_pipeline.planning.demand.kernels.pool import forecast_rare, forecast_regular

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

SERIES_A_TASK = 64


@dataclass(frozen=True)
class Series:
    """Series one after the other in `values`; `starts` (one more than there are series) says where each begins."""

    values: FloatArray
    starts: IntArray
    season: int

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def lengths(self) -> IntArray:
        return np.diff(self.starts)

    def take(self, rows: IntArray) -> "Series":
        """The chosen series, in the order given."""
        lengths = self.lengths[rows]
        starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        within = np.arange(starts[-1]) - np.repeat(starts[:-1], lengths)
        return Series(self.values[np.repeat(self.starts[rows], lengths) + within], starts, self.season)

    def until(self, lengths: IntArray) -> "Series":
        """The first `lengths` values of each series, at least one."""
        within = np.arange(len(self.values)) - np.repeat(self.starts[:-1], self.lengths)
        known = np.clip(lengths, 1, self.lengths)
        starts = np.concatenate([[0], np.cumsum(known)]).astype(np.int64)
        return Series(self.values[within < np.repeat(known, self.lengths)], starts, self.season)


def forecast_batch(
    series: Series, lengths: IntArray, horizon: int, models: int, is_rare: bool, threads: int
) -> FloatArray:
    """Forecasts of the first `models` of the pool at every origin: series x models x origins x horizon, NaN where one cannot.

    `lengths` (series x origins): how much of a series each origin knows, short to long, 0 for none.
    """
    out = np.full((len(series), models, lengths.shape[1], horizon), np.nan)
    forecast_one = (
        forecast_rare if is_rare else forecast_regular
    )  # a compiled loop over series would compile them twice
    tasks = range(0, len(series), SERIES_A_TASK)

    def run(first: int) -> None:
        last = min(first + SERIES_A_TASK, len(series))
        for s in range(first, last):
            known = series.values[series.starts[s] : series.starts[s + 1]]
            forecast_one(known, lengths[s], series.season, out[s])

    if threads > 1 and len(tasks) > 1:
        with ThreadPoolExecutor(threads) as executor:
            list(executor.map(run, tasks))
    else:
        for first in tasks:
            run(first)
    return out
