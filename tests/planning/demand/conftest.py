"""Rows of demand as the tests write them: only what a case is about, the rest plain."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import pytest

from sop_pipeline.planning.cycle import Cycle


@pytest.fixture
def cycle() -> Cycle:
    """January 2026, 18 months: actuals are closed through December 2025."""
    return Cycle("2026-01", 18)


@pytest.fixture
def make_history(cycle: Cycle) -> Callable[..., pd.DataFrame]:
    """`core.fct_demand_history` of one series whose last month is the last closed one."""

    def make(
        item_id: str,
        units: Sequence[float],
        site_id: str = "DC1",
        channel_id: str = "retail",
        **columns: object,
    ):
        rows = pd.DataFrame(
            {
                "item_id": item_id,
                "site_id": site_id,
                "channel_id": channel_id,
                "period_start_date": pd.date_range(
                    end=cycle.start - pd.DateOffset(months=1), periods=len(units), freq="MS"
                ),
                "ordered_units": np.asarray(units, dtype=float),
                "returned_units": 0.0,
                "cancelled_units": 0.0,
                "promoted_units": 0.0,
                "revenue": np.asarray(units, dtype=float) * 10.0,
                "order_lines": 5,
                "stock_out_days": 0,
            }
        )
        return rows.assign(**columns)

    return make


@pytest.fixture
def make_items() -> Callable[..., pd.DataFrame]:
    """`core.dim_items`: every item in its own subfamily, one family and one category unless said."""

    def make(*item_ids: str, **columns: object) -> pd.DataFrame:
        items = pd.DataFrame({"item_id": list(item_ids)})
        items["subfamily_id"] = "SUB-" + items["item_id"]
        return items.assign(**{"family_id": "FAM", "category_id": "CAT", "end_date": pd.NaT, **columns})

    return make


@pytest.fixture
def seasonal() -> Callable[..., np.ndarray]:
    """Units with a yearly wave and noise from a fixed seed."""

    def make(
        months: int, level: float = 200.0, swing: float = 0.4, noise: float = 0.1, seed: int = 1
    ) -> np.ndarray:
        draw = np.random.default_rng(seed)
        wave = 1 + swing * np.sin(2 * np.pi * np.arange(months) / 12)
        return np.round(level * wave * draw.lognormal(0.0, noise, months))

    return make
