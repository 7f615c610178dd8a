"""What is wrong in AdventureWorks is found in the numbers that its raw files give when they are counted another way.

Every expected figure is computed here with pandas from the delivered Parquet files, by the definitions of the extract's
README, and never read from the product. Where README and pandas name a figure, both are held.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest

CLOSE = pd.Timestamp("2013-12-31")
YEAR_BEFORE = pd.Timestamp("2013-01-01")
Raw = Callable[[str], pd.DataFrame]
Finding = dict[str, float]


@pytest.fixture(scope="module")
def raw(adventureworks_extract: Path) -> Raw:
    """A table of the extract as it was delivered."""
    return lambda table: pd.read_parquet(adventureworks_extract / f"{table}.parquet")


@pytest.fixture(scope="module")
def orders(raw: Raw) -> pd.DataFrame:
    """Every order line with its header's day and channel, and the day on which its goods leave: the demand of a month."""
    header = raw("Sales.SalesOrderHeader")[["SalesOrderID", "OrderDate", "OnlineOrderFlag"]]
    lines = raw("Sales.SalesOrderDetail").merge(header, on="SalesOrderID")
    placed = pd.to_datetime(lines["OrderDate"])
    return lines.assign(
        OrderDate=placed,
        DemandDate=placed + pd.Timedelta(days=7),
        OnlineOrderFlag=lines["OnlineOrderFlag"].astype(bool),
    )


@pytest.fixture(scope="module")
def found(released: duckdb.DuckDBPyConnection) -> dict[str, Finding]:
    """The findings that the release publishes: count, whole, quantity, its whole, money."""
    rows = released.execute(
        "select finding_id, finding_count, checked_count, finding_quantity, checked_quantity, finding_value from marts.data_findings"
    ).fetchall()
    names = ("count", "of", "quantity", "of_quantity", "value")
    return {
        finding_id: {
            name: float(number) for name, number in zip(names, numbers, strict=True) if number is not None
        }
        for finding_id, *numbers in rows
    }


def base_unit(raw: Raw) -> pd.Series:
    """The unit that bills count a product in; a finished good in pieces, anything else as it is bought."""
    products, bill, terms = (
        raw("Production.Product"),
        raw("Production.BillOfMaterials"),
        raw("Purchasing.ProductVendor"),
    )
    active = bill[bill["EndDate"].isna() & bill["ProductAssemblyID"].notna()]
    in_bills = active.groupby("ComponentID")["UnitMeasureCode"].min().str.strip()
    bought = terms.groupby("ProductID")["UnitMeasureCode"].min().str.strip()
    finished = products.set_index("ProductID")["FinishedGoodsFlag"].astype(bool)
    pieces = pd.Series("EA", index=finished.index)
    return in_bills.reindex(finished.index).fillna(pieces.where(finished)).fillna(bought).fillna("EA")


def clashing_terms(raw: Raw) -> pd.DataFrame:
    terms = raw("Purchasing.ProductVendor")
    return terms[terms["UnitMeasureCode"].str.strip() != terms["ProductID"].map(base_unit(raw))]


def last_year(orders: pd.DataFrame) -> pd.DataFrame:
    """Lines whose goods had to leave in the twelve closed months."""
    return orders[(orders["DemandDate"] >= YEAR_BEFORE) & (orders["DemandDate"] <= CLOSE)]


def purchase_lines(raw: Raw) -> pd.DataFrame:
    """Purchase lines with header, and whether their vendor sells in the unit that the product is counted in."""
    header = raw("Purchasing.PurchaseOrderHeader")[["PurchaseOrderID", "VendorID", "Status"]]
    lines = raw("Purchasing.PurchaseOrderDetail").merge(header, on="PurchaseOrderID")
    clashes = set(zip(clashing_terms(raw)["ProductID"], clashing_terms(raw)["BusinessEntityID"], strict=True))
    pairs = zip(lines["ProductID"], lines["VendorID"], strict=True)
    return lines.assign(
        clashes=[pair in clashes for pair in pairs],
        DueDate=pd.to_datetime(lines["DueDate"]),
        amount=lines["OrderQty"].astype(float) * lines["UnitPrice"].astype(float),
    )


def test_reseller_postings_away_from_their_month_end(found: dict[str, Finding], orders: pd.DataFrame) -> None:
    reseller = orders[~orders["OnlineOrderFlag"]]
    end = reseller["OrderDate"] + pd.offsets.MonthEnd(0)
    before = reseller["OrderDate"] - pd.offsets.MonthEnd(1)
    posted_late = reseller[(reseller["OrderDate"] - before) < (end - reseller["OrderDate"])]
    assert posted_late["OrderDate"].nunique() == 5
    # five postings stand on the first of the next month; by the day on which goods leave, every month has one posting, and
    # nothing has to be moved
    assert reseller.groupby(reseller["DemandDate"].dt.to_period("M"))["OrderDate"].nunique().eq(1).all()
    assert reseller["DemandDate"].dt.to_period("M").nunique() == 32
    assert found["orders_moved_to_month_end"]["count"] == 0
    by_demand, by_posting = (reseller[day].dt.to_period("M") for day in ("DemandDate", "OrderDate"))
    without = reseller[~by_demand.isin(by_posting) & (by_demand < "2014-01")]
    assert sorted(without["DemandDate"].dt.strftime("%Y-%m").unique()) == ["2011-06", "2011-09", "2011-11"]
    assert found["months_without_postings"]["count"] == 3
    assert found["months_without_postings"]["value"] == pytest.approx(
        without["LineTotal"].astype(float).sum(), abs=1
    )


def test_units_that_nobody_can_convert(found: dict[str, Finding], raw: Raw) -> None:
    terms, lines = clashing_terms(raw), purchase_lines(raw)
    assert len(terms) == found["supplier_terms_without_factor"]["count"] == 44
    assert terms["ProductID"].nunique() == 28
    # their order lines, the receipts on these, and stock counted in packs that no bill uses and nobody sells
    clashing = lines[lines["clashes"]]
    received = clashing[clashing["ReceivedQty"] > 0]
    products, bill = raw("Production.Product"), raw("Production.BillOfMaterials")
    in_bills = set(bill[bill["EndDate"].isna() & bill["ProductAssemblyID"].notna()]["ComponentID"])
    finished = set(products[products["FinishedGoodsFlag"].astype(bool)]["ProductID"])
    counted = base_unit(raw)
    # a product's stock is one row in stores and one at work centres, which have a cost rate
    rates = raw("Production.Location").set_index("LocationID")["CostRate"].astype(float)
    stock = raw("Production.ProductInventory")
    stocked = set(zip(stock["ProductID"], stock["LocationID"].map(rates) > 0, strict=True))
    packs = {(p, at) for p, at in stocked if p not in in_bills and p not in finished and counted[p] != "EA"}
    rows = len(clashing) + len(received) + len(packs)
    assert rows == found["rows_without_unit_factor"]["count"] == 1_657
    assert found["rows_without_unit_factor"]["value"] == pytest.approx(clashing["amount"].sum(), abs=1)


def test_purchase_orders_short_overdue_and_rejected(found: dict[str, Finding], raw: Raw) -> None:
    lines = purchase_lines(raw)
    due = lines[lines["DueDate"] <= CLOSE]
    short = due[(due["ReceivedQty"] < due["OrderQty"])]
    assert len(short) == 134
    # what is counted in a unit without a factor is another finding
    kept = short[~short["clashes"]]
    assert len(kept) == found["purchase_orders_short"]["count"]
    assert (kept["OrderQty"] - kept["ReceivedQty"]).sum() == found["purchase_orders_short"]["quantity"]
    assert found["purchase_orders_overdue"]["count"] == 0
    assert (due["Status"].isin([1, 2]) & (due["ReceivedQty"] < due["OrderQty"]) & ~due["clashes"]).sum() == 0
    received = lines[~lines["clashes"]]
    rejected = found["rejected_receipts"]
    assert rejected["quantity"] == received["RejectedQty"].sum()
    assert rejected["of_quantity"] == received["ReceivedQty"].sum()
    assert rejected["quantity"] / rejected["of_quantity"] == pytest.approx(0.049, abs=0.001)
    assert rejected["count"] == received[received["RejectedQty"] > 0]["VendorID"].nunique()


def test_production_orders_overdue(found: dict[str, Finding], raw: Raw) -> None:
    work = raw("Production.WorkOrder")
    still_open = work[work["EndDate"].isna()]
    overdue = still_open[pd.to_datetime(still_open["DueDate"]) <= CLOSE]
    assert len(overdue) == found["production_orders_overdue"]["count"] == 362
    assert len(still_open) == found["production_orders_overdue"]["of"] == 1_365


def test_sold_items_without_stock_or_routing(
    found: dict[str, Finding], raw: Raw, orders: pd.DataFrame
) -> None:
    sold = set(orders["ProductID"])
    products = raw("Production.Product")
    made = sold & set(products[products["MakeFlag"].astype(bool)]["ProductID"])
    unstocked = sold - set(raw("Production.ProductInventory")["ProductID"])
    unrouted = made - set(raw("Production.WorkOrderRouting")["ProductID"])
    assert (len(unstocked), len(sold)) == (56, 266)
    assert (found["sold_items_without_stock"]["count"], found["sold_items_without_stock"]["of"]) == (56, 266)
    assert (len(unrouted), len(made)) == (56, 190)
    assert (found["made_items_without_routing"]["count"], found["made_items_without_routing"]["of"]) == (
        56,
        190,
    )
    # the share of the volume that the limit is on
    units = last_year(orders).groupby("ProductID")["OrderQty"].sum()
    of_made = units[units.index.isin(made)].sum()
    assert found["made_items_without_routing"]["quantity"] == units[units.index.isin(unrouted)].sum()
    assert found["made_items_without_routing"]["of_quantity"] == of_made


def test_short_lives(found: dict[str, Finding], orders: pd.DataFrame) -> None:
    by_order_date = orders.groupby("ProductID")["OrderDate"].agg(
        lambda days: days.dt.to_period("M").nunique()
    )
    assert (by_order_date <= 13).sum() == 198  # as the README counts: by the day of posting
    # the product counts the closed months in which goods had to leave
    closed = orders[orders["DemandDate"] <= CLOSE]
    lived = closed["DemandDate"].dt.to_period("M").groupby(closed["ProductID"]).nunique()
    assert (lived <= 13).sum() == found["short_lives"]["count"]


def test_the_internet_stands_on_a_new_level_since_the_launch(
    released: duckdb.DuckDBPyConnection, orders: pd.DataFrame
) -> None:
    internet = orders[orders["OnlineOrderFlag"] & (orders["DemandDate"] <= CLOSE)]
    months = internet.set_index("DemandDate").resample("MS")["OrderQty"].sum()
    assert months["2013-06":].min() > 3 * months["2012-06":"2013-05"].max()
    evidence = released.execute(
        "select evidence from marts.fct_data_findings where finding_id = 'channel_level_shifts' and object_id = 'INTERNET'"
    ).fetchall()[0][0]
    assert evidence.endswith(f" {months['2013-06':].median():.0f} from 2013-06 on")


def test_capacity_that_cannot_be_meant_literally(found: dict[str, Finding], raw: Raw) -> None:
    operations = raw("Production.WorkOrderRouting").dropna(subset=["ActualEndDate"])
    ended = pd.to_datetime(operations["ActualEndDate"])
    last_year = operations[ended >= YEAR_BEFORE].assign(month=ended.dt.to_period("M"))
    hours = last_year.groupby(["LocationID", "month"])["ActualResourceHrs"].sum().astype(float).reset_index()
    stated = raw("Production.Location").set_index("LocationID")["Availability"].astype(float)
    hours["stated"] = hours["LocationID"].map(stated)
    above = hours[hours["ActualResourceHrs"] > 1.5 * hours["stated"]]
    assert above["LocationID"].nunique() == found["hours_above_stated_capacity"]["count"]
    assert found["capacity_not_as_stated"]["count"] == hours["LocationID"].nunique() == 7


def test_costs_that_are_zero_or_contradict_each_other(found: dict[str, Finding], raw: Raw) -> None:
    products = raw("Production.Product").set_index("ProductID")
    cost = products["StandardCost"].astype(float)
    assert (cost == 0).sum() == found["costs_not_stated"]["count"] == 200
    # parts at their own standard cost where they have one: a lower bound for every bicycle, and it is enough
    bill = raw("Production.BillOfMaterials")
    active = bill[bill["EndDate"].isna() & bill["ProductAssemblyID"].notna()]
    parts = (
        (active["PerAssemblyQty"].astype(float) * active["ComponentID"].map(cost))
        .groupby(active["ProductAssemblyID"])
        .sum()
    )
    sub = raw("Production.ProductSubcategory").set_index("ProductSubcategoryID")["ProductCategoryID"]
    is_bike = products["ProductSubcategoryID"].map(sub) == 1
    on_sale = products["SellEndDate"].isna() | (pd.to_datetime(products["SellEndDate"]) > CLOSE)
    bikes = products.index[is_bike & on_sale]
    assert len(bikes) == 60
    assert (parts.reindex(bikes) > cost.reindex(bikes)).sum() == 60
    assert found["parts_cost_more_than_item"]["count"] >= 60


def test_items_sold_below_standard_cost(found: dict[str, Finding], raw: Raw, orders: pd.DataFrame) -> None:
    # the price of a year against the standard cost in force, by item and channel
    cost = raw("Production.Product").set_index("ProductID")["StandardCost"].astype(float)
    year = last_year(orders)
    # what was paid of the list of its month is paid of the list of now
    lists = raw("Production.ProductListPriceHistory").assign(
        listed=lambda rows: rows["ListPrice"].astype(float)
    )

    def listed_on(day: pd.Timestamp) -> pd.Series:
        in_force = (lists["StartDate"] <= day) & (lists["EndDate"].isna() | (lists["EndDate"] >= day))
        return lists[in_force].set_index("ProductID")["listed"]

    now = listed_on(CLOSE + pd.Timedelta(days=1))
    firsts = year["DemandDate"].dt.to_period("M").dt.to_timestamp()
    moved = pd.concat(
        year.loc[rows, "ProductID"].map(now / listed_on(first))
        for first, rows in firsts.groupby(firsts).groups.items()
    ).fillna(1.0)
    by = year.assign(
        revenue=year["LineTotal"].astype(float) * moved, cost=year["OrderQty"] * year["ProductID"].map(cost)
    )
    sums = by.groupby(["ProductID", "OnlineOrderFlag"])[["revenue", "cost"]].sum()
    below = sums[sums["revenue"] < sums["cost"]]
    assert len(sums) == found["items_sold_below_cost"]["of"]
    assert len(below) == found["items_sold_below_cost"]["count"]
    assert found["items_sold_below_cost"]["value"] == pytest.approx(
        (below["cost"] - below["revenue"]).sum(), rel=0.001
    )


def test_what_the_extract_cannot_say(found: dict[str, Finding], raw: Raw) -> None:
    assert found["stock_not_of_the_close"]["count"] == 1  # one snapshot, undated
    assert found["deliveries_never_late"]["count"] == 2  # every order leaves after seven days
    assert found["receipts_never_late"]["count"] == 1  # the day of receipt is not kept
    # a quota is for three months, from the month in which goods leave that are ordered on its day
    days = pd.to_datetime(raw("Sales.SalesPersonQuotaHistory")["QuotaDate"]).drop_duplicates()
    first = (days + pd.Timedelta(days=7)).dt.to_period("M")
    covered = {month + later for month in first for later in range(3)}
    coming = pd.period_range("2014-01", periods=12, freq="M")
    assert found["months_without_budget"]["count"] == sum(month not in covered for month in coming) == 7


def test_a_limit_that_adventureworks_breaks_is_declared_with_its_reason(
    released: duckdb.DuckDBPyConnection,
) -> None:
    status, measured, limit = released.execute(
        "select status, measured_value, limit_value from marts.data_findings where finding_id = 'made_items_without_routing'"
    ).fetchall()[0]
    assert status == "found"
    assert 0.02 < float(measured) < float(limit)
