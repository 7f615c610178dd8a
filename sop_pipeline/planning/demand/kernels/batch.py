"""Many series at once: threads over chunks of series, each in compiled code that has let go of the interpreter lock.

Every series is computed by itself, so results depend neither on the number of threads nor on the chunks.
Add here: how series are laid out for the kernels. Keep out: what a model does.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numba import njit

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


@njit(nogil=True, cache=True)
def _run_regular(values, starts, lengths, m, first, last, out):
    for s in range(first, last):
        forecast_regular(values[starts[s] : starts[s + 1]], lengths[s], m, out[s])


@njit(nogil=True, cache=True)
def _run_rare(values, starts, lengths, m, first, last, out):
    for s in range(first, last):
        forecast_rare(values[starts[s] : starts[s + 1]], lengths[s], m, out[s])


def forecast_batch(
    series: Series, lengths: IntArray, horizon: int, models: int, is_rare: bool, threads: int
) -> FloatArray:
    """Forecasts of the first `models` of the pool at every origin: series x models x origins x horizon, NaN where one cannot.

    `lengths` (series x origins): how much of a series each origin knows, short to long, 0 for none.
    """
    out = np.full((len(series), models, lengths.shape[1], horizon), np.nan)
    run_chunk = _run_rare if is_rare else _run_regular
    tasks = range(0, len(series), SERIES_A_TASK)

    def run(first: int) -> None:
        last = min(first + SERIES_A_TASK, len(series))
        run_chunk(series.values, series.starts, lengths, series.season, first, last, out)

    if threads > 1 and len(tasks) > 1:
        with ThreadPoolExecutor(threads) as executor:
            list(executor.map(run, tasks))
    else:
        for first in tasks:
            run(first)
    return out
