"""The forecast on Dask is the forecast on pandas: same code, another engine by its name."""

import numpy as np
import pandas as pd

from sop_pipeline.planning.demand.panel import forecast_on


def test_dask_gives_what_pandas_gives_to_one_in_a_hundred_thousand() -> None:
    random = np.random.default_rng(8)
    months = pd.date_range("2021-01-01", periods=54, freq="MS")
    season = 1 + 0.3 * np.sin(np.arange(54) / 6 * np.pi)
    regular = [100 * (k + 1) * season * random.lognormal(0, 0.1, 54) for k in range(14)]
    rare = [random.poisson(2, 54) * (random.random(54) < 0.3) for _ in range(10)]
    odd = [np.zeros(54), np.full(54, 3.0), np.where(np.arange(54) == 9, np.nan, 5.0 + random.random(54))]
    panel = pd.concat(
        [
            pd.DataFrame({"unique_id": f"s{k:02d}", "ds": months, "y": y})
            for k, y in enumerate([*regular, *rare, *odd])
        ]
    )
    here = forecast_on(panel, 6)
    there = forecast_on(panel, 6, engine="dask", partitions=3).compute()
    there = there.sort_values(["unique_id", "ds"], ignore_index=True)
    assert there["unique_id"].tolist() == here["unique_id"].tolist()
    assert there["reason"].tolist() == here["reason"].tolist()
    assert pd.to_datetime(there["ds"]).tolist() == here["ds"].tolist()
    for column in ("forecast", "lo80", "hi80", "lo95", "hi95"):
        np.testing.assert_allclose(
            there[column].astype(float), here[column], rtol=1e-5, atol=1e-9, err_msg=column
        )
