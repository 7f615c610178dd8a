"""The real company: thirty-two months of AdventureWorks' orders, cleaned, classified and forecast.

Nothing here is fitted to it; the numbers asserted are wide and say only that the forecast makes sense.
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand import StatisticalForecast, classify_demand, clean_history, forecast_demand

EXTRACTS = Path(__file__).parents[4] / "shared" / "data" / "adventureworks_2013-12"
SERIES = ["item_id", "site_id", "channel_id"]

pytestmark = pytest.mark.skipif(
    not EXTRACTS.exists() and "CI" not in os.environ,
    reason="the AdventureWorks extracts are not beside the repository; CI has them",
)


def read(table: str) -> pd.DataFrame:
    return pd.read_parquet(EXTRACTS / f"{table}.parquet")


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    """`core.fct_demand_history`: order lines by month, product and channel."""
    header = read("Sales.SalesOrderHeader")[["SalesOrderID", "OrderDate", "OnlineOrderFlag"]]
    lines = read("Sales.SalesOrderDetail").merge(header, on="SalesOrderID", validate="m:1")
    frame = pd.DataFrame(
        {
            "item_id": lines["ProductID"].astype(str),
            "site_id": "MAIN",
            "channel_id": np.where(lines["OnlineOrderFlag"].astype(bool), "online", "reseller"),
            "period_start_date": pd.to_datetime(lines["OrderDate"])
            .dt.to_period("M")
            .dt.to_timestamp()
            .astype("datetime64[ns]"),
            "ordered_units": lines["OrderQty"].astype(float),
            "revenue": lines["OrderQty"].astype(float) * lines["UnitPrice"].astype(float),
            "promoted_units": lines["OrderQty"]
            .astype(float)
            .where(lines["SpecialOfferID"].fillna(1) > 1, 0.0),
            "order_lines": 1,
        }
    )
    months = frame.groupby([*SERIES, "period_start_date"], as_index=False).sum()
    return months.assign(returned_units=0.0, cancelled_units=0.0, stock_out_days=0)


@pytest.fixture(scope="module")
def items() -> pd.DataFrame:
    products, groups = read("Production.Product"), read("Production.ProductSubcategory")
    joined = products.merge(
        groups[["ProductSubcategoryID", "ProductCategoryID"]], on="ProductSubcategoryID", how="left"
    )
    return pd.DataFrame(
        {
            "item_id": joined["ProductID"].astype(str),
            "family_id": joined["ProductSubcategoryID"].astype(str),
            "category_id": joined["ProductCategoryID"].astype(str),
            "end_date": pd.to_datetime(joined["SellEndDate"]),
        }
    )


def forecast_of(orders: pd.DataFrame, items: pd.DataFrame, cycle: Cycle) -> StatisticalForecast:
    closed = orders[orders["period_start_date"] < cycle.start]
    clean = clean_history(closed, cycle)
    return forecast_demand(clean, classify_demand(clean, items, closed, cycle), items, cycle)


def test_history_loses_nothing_and_is_changed_little(orders):
    clean = clean_history(orders, Cycle("2014-01"))
    assert clean["raw_units"].sum() == orders["ordered_units"].sum()
    assert abs(clean["adjustment_units"]).sum() < 0.05 * clean["raw_units"].sum()


def test_discontinued_bicycles_are_not_forecast(orders, items):
    rows = forecast_of(orders, items, Cycle("2014-01")).forecasts.merge(items, on="item_id", validate="m:1")
    gone = rows[rows["end_date"] < "2014-01-01"]
    assert gone["item_id"].nunique() > 50
    assert (gone["forecast_units"] == 0).all()


def test_next_years_demand_continues_this_years(orders, items):
    result = forecast_of(orders, items, Cycle("2014-01"))
    last_half = orders.loc[orders["period_start_date"] >= "2013-07-01", "ordered_units"].sum() / 6
    ahead = result.forecasts["forecast_units"].sum() / 18
    assert 0.7 < ahead / last_half < 1.5
    assert not result.forecasts.isna().any(axis=None)


@pytest.mark.parametrize("cycle_id", ["2013-09", "2013-10"])
def test_tested_series_beat_seasonal_naive_on_months_not_seen(orders, items, cycle_id):
    cycle = Cycle(cycle_id)
    rows = forecast_of(orders, items, cycle).forecasts
    rows = rows[(rows["reason_code"] == "backtest") & (rows["period_start_date"] < "2014-01-01")]
    keys = [*SERIES, "period_start_date"]
    scored = rows.merge(orders[[*keys, "ordered_units"]], on=keys, how="left", validate="1:1")
    a_year_before = orders[[*keys, "ordered_units"]].assign(
        period_start_date=orders["period_start_date"] + pd.DateOffset(years=1)
    )
    scored = scored.merge(a_year_before, on=keys, how="left", suffixes=("", "_naive"), validate="1:1").fillna(
        0.0
    )
    error = (scored["forecast_units"] - scored["ordered_units"]).abs().sum()
    naive_error = (scored["ordered_units_naive"] - scored["ordered_units"]).abs().sum()
    assert error < naive_error
    assert error < 0.4 * scored["ordered_units"].sum()
