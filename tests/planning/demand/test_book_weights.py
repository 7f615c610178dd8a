"""What a book of orders is worth is measured: 1 where customers always order ahead, little where only the day is chance."""

import numpy as np
import pandas as pd
import pytest

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand import measure_book_weights
from sop_pipeline.planning.demand.book_weights import PRIOR_COUNT

CYCLE = Cycle("2026-01", 12)
MONTHS = pd.date_range("2024-01-01", "2025-12-01", freq="MS")
SERIES = 40
LAST = 12  # months that were tested
LEVEL = 200.0


def company(demand: np.ndarray, ordered_ahead: np.ndarray, series: int = SERIES) -> dict[str, pd.DataFrame]:
    """Arrays of series x months, the same items every month; a forecast of 200 was known in the last twelve."""
    frame = pd.DataFrame(
        {
            "item_id": np.repeat([f"I{number:03d}" for number in range(series)], len(MONTHS)),
            "site_id": "P",
            "channel_id": "web",
            "period_start_date": np.tile(MONTHS.to_numpy(), series),
        }
    )
    clean = frame.assign(raw_units=demand[:series].ravel(), adjustment_units=0.0)
    book = frame.assign(lead_months=0, ordered_units=ordered_ahead[:series].ravel())
    tested = frame[frame["period_start_date"] >= MONTHS[-LAST]].assign(lead_months=0, forecast_units=LEVEL)
    ahead = float(ordered_ahead[:series, -12:].sum())
    leads = [("web", 0, float(demand[:series, -12:].sum()) - ahead), ("web", 1, ahead)]
    return {
        "backtest_forecasts": tested,
        "clean": clean,
        "book_history": book[book["ordered_units"] > 0],
        "lead_times": pd.DataFrame(leads, columns=["channel_id", "lead_months", "ordered_units"]),
    }


def chance(seed: int = 7) -> np.random.Generator:
    return np.random.default_rng(seed)


def weight_of(tables: dict[str, pd.DataFrame]) -> pd.Series:
    return measure_book_weights(**tables, cycle=CYCLE).set_index("lead_months").loc[0]


def test_a_channel_that_always_orders_ahead_has_weight_1() -> None:
    demand = chance().poisson(LEVEL * chance(1).uniform(0.5, 1.5, (SERIES, len(MONTHS)))).astype(float)
    row = weight_of(company(demand, demand))
    assert (row["share_ratio"], row["measured_weight_ratio"], row["weight_ratio"]) == (1.0, 1.0, 1.0)
    assert row["error_before_ratio"] > 0.2
    assert row["error_after_ratio"] == 0.0
    assert (row["observation_count"], row["month_count"]) == (SERIES * LAST, LAST)


def test_where_customers_order_independently_a_book_above_its_share_is_more_demand() -> None:
    early = chance(2).poisson(LEVEL / 3, (SERIES, len(MONTHS))).astype(float)
    late = chance(3).poisson(LEVEL * 2 / 3, (SERIES, len(MONTHS))).astype(float)
    row = weight_of(company(early + late, early))
    assert row["measured_weight_ratio"] == pytest.approx(1.0, abs=0.15)
    assert row["error_after_ratio"] < row["error_before_ratio"]


def test_where_only_the_day_is_chance_the_book_is_hardly_believed() -> None:
    # the month is as forecast, give or take 2 %; how much of it comes before the month begins is anybody's guess
    demand = np.rint(LEVEL * chance(4).uniform(0.98, 1.02, (SERIES, len(MONTHS))))
    early = np.rint(demand * chance(5).uniform(0.1, 0.5, demand.shape))
    row = weight_of(company(demand, early))
    assert row["share_ratio"] == pytest.approx(0.3, abs=0.02)
    assert 0.0 < row["weight_ratio"] < 0.1


def test_the_weight_is_the_mean_of_what_was_measured_and_of_the_prior() -> None:
    demand = np.rint(LEVEL * chance(4).uniform(0.98, 1.02, (SERIES, len(MONTHS))))
    early = np.rint(demand * chance(5).uniform(0.1, 0.5, demand.shape))
    few = weight_of(company(demand, early, series=2))
    assert few["observation_count"] == 2 * LAST == PRIOR_COUNT == few["prior_count"]
    assert few["weight_ratio"] == pytest.approx((few["measured_weight_ratio"] + 1.0) / 2, abs=2e-6)


def test_without_a_record_the_prior_is_used() -> None:
    tables = company(np.full((1, len(MONTHS)), LEVEL), np.full((1, len(MONTHS)), 50.0), series=1)
    for lacking in ("backtest_forecasts", "book_history"):
        row = weight_of(tables | {lacking: tables[lacking].iloc[:0]})
        assert (row["observation_count"], row["weight_ratio"]) == (0, 1.0), lacking
        assert np.isnan(row["measured_weight_ratio"]), lacking


def test_months_that_were_corrected_do_not_count() -> None:
    demand = chance().poisson(LEVEL, (SERIES, len(MONTHS))).astype(float)
    tables = company(demand, demand)
    is_promoted = tables["clean"]["period_start_date"] == MONTHS[-1]
    tables["clean"].loc[is_promoted, ["raw_units", "adjustment_units"]] = [5000.0, -4800.0]
    row = weight_of(tables)
    assert row["month_count"] == LAST - 1
    assert row["measured_weight_ratio"] == pytest.approx(1.0, abs=0.01)


def test_the_usual_share_of_a_past_month_is_the_one_known_then() -> None:
    # all was ordered in its own month until 2025, and all comes ahead since: the books of 2025 looked like more demand
    demand = np.full((SERIES, len(MONTHS)), LEVEL)
    row = weight_of(company(demand, demand * (MONTHS >= "2025-01-01")))
    assert row["share_ratio"] == 1.0
    assert (row["observation_count"], row["measured_weight_ratio"]) == (
        SERIES * LAST,
        0.0,
    )  # nothing was missed
