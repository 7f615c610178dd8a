"""An extract as of an earlier day is what the ERP would have shown on that day, and the same whichever way it is reached.

Expected figures: the control totals and the cut rules in the extract's README.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from sop_pipeline.sources.adventureworks import AdventureWorksSource
from sop_pipeline.sources.adventureworks.cut import CUT_FILE, CUTS, cut_extract
from sop_pipeline.sources.folders import declared_files
from sop_pipeline.sources.protocol import DeliveryRequest, SourceError

CLOSES_ON = date(2013, 12, 31)
EARLIER_DAYS = [date(2011, 11, 30), date(2012, 5, 31), date(2013, 6, 30), date(2013, 9, 30)]
MAY_LIE_AHEAD = {  # the README's list
    ("Sales.SalesOrderHeader", "DueDate"),
    ("Purchasing.PurchaseOrderDetail", "DueDate"),
    ("Production.WorkOrder", "DueDate"),
    ("Production.WorkOrderRouting", "ScheduledEndDate"),
    ("Sales.SpecialOffer", "EndDate"),
    ("Sales.SalesPersonQuotaHistory", "QuotaDate"),
}
REFERENCES = [
    ("Sales.SalesOrderDetail", "SalesOrderID", "Sales.SalesOrderHeader", "SalesOrderID"),
    ("Sales.SalesOrderDetail", "ProductID", "Production.Product", "ProductID"),
    ("Sales.SalesOrderDetail", "SpecialOfferID", "Sales.SpecialOffer", "SpecialOfferID"),
    ("Sales.SalesOrderHeader", "CurrencyRateID", "Sales.CurrencyRate", "CurrencyRateID"),
    ("Purchasing.PurchaseOrderDetail", "PurchaseOrderID", "Purchasing.PurchaseOrderHeader", "PurchaseOrderID"),
    ("Purchasing.PurchaseOrderDetail", "ProductID", "Production.Product", "ProductID"),
    ("Production.WorkOrder", "ProductID", "Production.Product", "ProductID"),
    ("Production.WorkOrderRouting", "WorkOrderID", "Production.WorkOrder", "WorkOrderID"),
    ("Production.BillOfMaterials", "ComponentID", "Production.Product", "ProductID"),
    ("Production.BillOfMaterials", "ProductAssemblyID", "Production.Product", "ProductID"),
    ("Production.ProductInventory", "ProductID", "Production.Product", "ProductID"),
    ("Production.ProductCostHistory", "ProductID", "Production.Product", "ProductID"),
    ("Sales.SpecialOfferProduct", "SpecialOfferID", "Sales.SpecialOffer", "SpecialOfferID"),
    ("Purchasing.ProductVendor", "ProductID", "Production.Product", "ProductID"),
]  # fmt: skip


def cut(folder: Path, day: date, into: Path) -> Path:
    """All 39 tables as of a day."""
    into.mkdir(parents=True)
    names = sorted(path.stem for path in folder.glob("*.parquet"))
    cut_extract(folder, names, day, CLOSES_ON, into)
    return into


@pytest.fixture(scope="module")
def as_of(adventureworks_extract: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[date, Path]:
    folder = tmp_path_factory.mktemp("cuts")
    return {day: cut(adventureworks_extract, day, folder / day.isoformat()) for day in EARLIER_DAYS}


def test_a_cut_at_the_day_that_the_extract_closes_with_changes_no_byte(
    adventureworks_extract: Path, tmp_path: Path
) -> None:
    into = cut(adventureworks_extract, CLOSES_ON, tmp_path / "cut")
    files = sorted(adventureworks_extract.glob("*.parquet"))
    assert len(files) == 39
    assert [file.name for file in files if (into / file.name).read_bytes() != file.read_bytes()] == []


def test_a_cut_is_the_same_whether_it_is_made_in_one_step_or_in_two(
    adventureworks_extract: Path, as_of: dict[date, Path], tmp_path: Path
) -> None:
    between = cut(adventureworks_extract, date(2013, 11, 15), tmp_path / "between")
    again = cut(between, date(2013, 9, 30), tmp_path / "again")
    for file in sorted(again.glob("*.parquet")):
        assert pq.read_table(file).equals(pq.read_table(as_of[date(2013, 9, 30)] / file.name)), file.name


def test_the_same_cut_gives_the_same_bytes_again(
    adventureworks_extract: Path, as_of: dict[date, Path], tmp_path: Path
) -> None:
    again = cut(adventureworks_extract, date(2013, 9, 30), tmp_path / "again")
    for file in sorted(again.iterdir()):
        assert file.read_bytes() == (as_of[date(2013, 9, 30)] / file.name).read_bytes(), file.name


@pytest.mark.parametrize("day", EARLIER_DAYS)
def test_nothing_later_is_known_but_what_was_announced(as_of: dict[date, Path], day: date) -> None:
    end = datetime.combine(day, time.max)
    ahead = set()
    for file in as_of[day].glob("*.parquet"):
        table = pq.read_table(file)
        for column in table.schema:
            limit = end
            if file.stem == "DW.FactFinance":
                limit -= timedelta(days=153)
            if pa.types.is_timestamp(column.type) and table.num_rows:
                last = pc.max(table[column.name]).as_py()
                if last is not None and last > limit:
                    ahead.add((file.stem, column.name))
    # a product made before it went on sale has its launch ahead; by 2013-06 all have been launched
    launches = {("Production.Product", "SellStartDate")} if day < date(2013, 5, 30) else set()
    assert ahead <= MAY_LIE_AHEAD | launches


@pytest.mark.parametrize("day", EARLIER_DAYS)
def test_no_row_points_at_one_that_was_cut(as_of: dict[date, Path], day: date) -> None:
    orphans = {}
    for child, column, parent, key in REFERENCES:
        rows = duckdb.sql(
            f"select count(*) from '{as_of[day] / child}.parquet' as child anti join '{as_of[day] / parent}.parquet' as parent "
            f"on child.{column} = parent.{key} where child.{column} is not null"
        ).fetchall()
        if rows[0][0]:
            orphans[child, column] = rows[0][0]
    assert orphans == {}


@pytest.mark.parametrize("day", EARLIER_DAYS)
def test_orders_up_to_the_cut_are_those_of_the_readme_to_the_cent(
    as_of: dict[date, Path], day: date, readme_totals: dict[str, dict[str, tuple[int, int, int, Decimal]]]
) -> None:
    found = duckdb.sql(
        f"""
        select case when OnlineOrderFlag then 'INTERNET' else 'RESELLER' end, strftime(OrderDate, '%Y-%m'),
            count(distinct SalesOrderID), count(*), cast(sum(OrderQty) as integer), round(sum(LineTotal), 2)
        from '{as_of[day]}/Sales.SalesOrderDetail.parquet' as lines
        inner join '{as_of[day]}/Sales.SalesOrderHeader.parquet' as orders using (SalesOrderID) group by all
        """
    ).fetchall()
    expected = {
        (channel, month, *values)
        for channel, months in readme_totals.items()
        for month, values in months.items()
        if month <= f"{day:%Y-%m}" and values[0]
    }
    assert set(found) == expected


def test_open_documents_show_no_trace_of_what_came_later(as_of: dict[date, Path]) -> None:
    folder = as_of[date(2013, 9, 30)]
    unshipped = duckdb.sql(
        f"""
        select count(distinct SalesOrderID), min(OrderDate)::date, max(Status), count(CarrierTrackingNumber)
        from '{folder}/Sales.SalesOrderHeader.parquet' as orders
        inner join '{folder}/Sales.SalesOrderDetail.parquet' as lines using (SalesOrderID)
        where ShipDate is null
        """
    ).fetchall()[0]
    # every order ships after seven days: what was ordered in the last seven is open
    assert unshipped[1:] == (date(2013, 9, 24), 1, 0)
    pending = duckdb.sql(
        f"""
        select sum(ReceivedQty), sum(RejectedQty), sum(StockedQty), min(Status), max(Status)
        from '{folder}/Purchasing.PurchaseOrderDetail.parquet' as lines
        inner join '{folder}/Purchasing.PurchaseOrderHeader.parquet' as orders using (PurchaseOrderID)
        where DueDate > timestamp '2013-09-30'
        """
    ).fetchall()[0]
    assert pending == (0, 0, 0, 1, 1)
    running = duckdb.sql(
        f"select count(*), sum(StockedQty), sum(ScrappedQty), count(ScrapReasonID) from '{folder}/Production.WorkOrder.parquet' "
        "where EndDate is null"
    ).fetchall()[0]
    assert running[0] > 0
    assert running[1:] == (0, 0, 0)


def test_the_cut_says_what_it_took_away_and_from_which_file(
    adventureworks_extract: Path, as_of: dict[date, Path]
) -> None:
    folder = as_of[date(2013, 9, 30)]
    record = json.loads((folder / CUT_FILE).read_text(encoding="utf-8"))
    assert (record["as_of"], record["extract_closes_on"]) == ("2013-09-30", "2013-12-31")
    files = {entry["file"]: entry for entry in record["files"]}
    assert len(files) == 39
    for name, entry in files.items():
        original = adventureworks_extract / name
        assert entry["original_sha256"] == hashlib.sha256(original.read_bytes()).hexdigest()
        assert entry["delivered_rows"] == pq.read_metadata(original).num_rows
        assert entry["kept_rows"] == pq.read_metadata(folder / name).num_rows
        assert entry["removed_rows"] == entry["delivered_rows"] - entry["kept_rows"]
        if not entry["removed_rows"] and not entry["changed_rows"]:
            assert (folder / name).read_bytes() == original.read_bytes()
    assert set(CUTS) == {
        name.removesuffix(".parquet") for name in files if not files[name]["rule"].startswith("all rows")
    }
    # lines of October, November and December, as the README counts them
    assert (
        files["Sales.SalesOrderDetail.parquet"]["removed_rows"]
        == 3_032 + 4_399 + 1_385 + 5_025 + 2_082 + 4_671
    )


def test_one_extract_feeds_its_own_cycle_untouched_and_earlier_ones_cut_back(
    adventureworks_extract: Path, tmp_path: Path
) -> None:
    for cycle_id in ("2014-01", "2013-10"):
        (tmp_path / cycle_id).mkdir()
        request = DeliveryRequest(cycle_id, tmp_path / cycle_id, adventureworks_extract)
        AdventureWorksSource().deliver(request)
    assert not (tmp_path / "2014-01" / CUT_FILE).exists()
    assert (tmp_path / "2013-10" / CUT_FILE).exists()
    for file in declared_files("adventureworks"):
        name = file.names[0]
        assert (tmp_path / "2014-01" / name).read_bytes() == (adventureworks_extract / name).read_bytes()
        assert (tmp_path / "2013-10" / name).exists()


def test_an_extract_that_closes_too_early_or_begins_too_late_is_refused(
    adventureworks_extract: Path, tmp_path: Path
) -> None:
    for cycle_id, reason in (
        ("2014-02", "too early for cycle 2014-02"),
        ("2011-05", "nothing to plan cycle"),
    ):
        with pytest.raises(SourceError, match=reason):
            AdventureWorksSource().deliver(DeliveryRequest(cycle_id, tmp_path, adventureworks_extract))
    assert not list(tmp_path.iterdir())


def test_a_table_that_lacks_what_its_rule_needs_is_named(
    adventureworks_extract: Path, tmp_path: Path
) -> None:
    extract, landed = tmp_path / "extract", tmp_path / "landed"
    extract.mkdir()
    landed.mkdir()
    for file in adventureworks_extract.glob("*.parquet"):
        shutil.copyfile(file, extract / file.name)
    table = pq.read_table(adventureworks_extract / "Production.WorkOrder.parquet").drop_columns("StartDate")
    (extract / "Production.WorkOrder.parquet").unlink()
    pq.write_table(table, extract / "Production.WorkOrder.parquet")
    with pytest.raises(
        SourceError, match=r"cannot be cut back from 2013-12-31: Production\.WorkOrder.*StartDate"
    ):
        AdventureWorksSource().deliver(DeliveryRequest("2013-10", landed, extract))
