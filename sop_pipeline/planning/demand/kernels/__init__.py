"""Forecast models as compiled kernels over batches of series: numba, threads, no interpreter lock, no pandas.

One module a family; `pool` runs them on one series at all its origins, `batch` on many series, `network` learns over all.
Every model that StatsForecast has under the same name is tested equal to it (tests/planning/demand/test_kernels.py).
Compiling takes about 40 seconds of CPU, once: code is kept on disk beside the modules and forgotten when one of them changes.
Add here: a family. Keep out: what errors mean, frames, dates.
"""

import numba

from sop_pipeline.planning.demand.kernels._stale import forget_stale_code

forget_stale_code()
# The lowest level that optimises: same values to the bit and the same speed as the highest, a fifth less compiling.
numba.config.OPT = type(numba.config.OPT)(1)  # type: ignore[attr-defined]
