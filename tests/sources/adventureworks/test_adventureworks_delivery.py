"""The source takes whole extracts of the right month, says everything that is wrong at once, and changes no byte."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sop_pipeline.sources.adventureworks import (
    EXAMPLE_PLANNER_DIR,
    ORDERS_FILE,
    PARAMETERS_FILE,
    AdventureWorksSource,
    cycle_after,
)
from sop_pipeline.sources.folders import declared_files
from sop_pipeline.sources.protocol import DeliveryRequest, SourceError


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    """A folder with every file that the contract asks for; the last order is of 31 December 2013."""
    folder = tmp_path / "extract"
    folder.mkdir()
    for file in declared_files("adventureworks"):
        (folder / file.names[0]).write_bytes(f"bytes of {file.table}".encode())
    write_orders(folder, date(2013, 12, 30), date(2013, 12, 31))
    return folder


def write_orders(folder: Path, *dates: date) -> None:
    order_dates = pa.array(dates, pa.date32()).cast(pa.timestamp("us"))
    pq.write_table(pa.table({"OrderDate": order_dates}), folder / ORDERS_FILE)


def deliver(
    extract: Path | None, into: Path, cycle_id: str = "2014-01", planner_dir: Path | None = None
) -> None:
    into.mkdir(exist_ok=True)
    AdventureWorksSource().deliver(DeliveryRequest(cycle_id, into, extract, planner_dir))


def test_every_declared_file_and_the_planners_files_land_byte_by_byte(extract: Path, tmp_path: Path) -> None:
    (extract / "HumanResources.Shift.parquet").write_bytes(b"not in the contract")
    landed = tmp_path / "landed"
    deliver(extract, landed)
    expected = {file.names[0]: extract for file in declared_files("adventureworks")}
    expected |= {path.name: EXAMPLE_PLANNER_DIR for path in EXAMPLE_PLANNER_DIR.glob("*.csv")}
    assert sorted(path.name for path in landed.iterdir()) == sorted(expected)
    for name, folder in expected.items():
        assert (landed / name).read_bytes() == (folder / name).read_bytes()


def test_everything_that_is_wrong_is_said_at_once_and_nothing_lands(extract: Path, tmp_path: Path) -> None:
    planner = tmp_path / "planner"
    shutil.copytree(EXAMPLE_PLANNER_DIR, planner)
    (extract / "Production.Product.parquet").unlink()
    (extract / "Sales.Store.parquet").rename(extract / "Sales.Stores.parquet")
    (planner / "priorities.csv").rename(planner / "priority.csv")
    (planner / PARAMETERS_FILE).write_text(
        "parameter_id,scope\ncapacity_quantile,company\n", encoding="utf-8"
    )
    landed = tmp_path / "landed"
    with pytest.raises(SourceError) as error:
        deliver(extract, landed, "2014-03", planner)
    message = str(error.value)
    assert "Production.Product.parquet is not in" in message
    assert "did you mean Sales.Stores.parquet?" in message
    assert "closes with 2013-12 (latest order 2013-12-31), too early for cycle 2014-03" in message
    assert "priority.csv belongs to no table. Did you mean priorities.csv?" in message
    assert "does not declare overtime_maximum_ratio, overtime_cost_factor, reseller_price_ratio" in message
    assert not list(landed.iterdir())


def test_a_cycle_whose_last_month_is_not_in_the_extract_is_refused(extract: Path, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="run --cycle 2014-01 or an earlier one"):
        deliver(extract, tmp_path / "landed", "2014-02")


def test_an_extract_of_an_earlier_month_end_feeds_its_own_cycle(extract: Path, tmp_path: Path) -> None:
    write_orders(extract, date(2013, 10, 31))
    deliver(extract, tmp_path / "landed", "2013-11")
    assert (tmp_path / "landed" / ORDERS_FILE).exists()


@pytest.mark.parametrize(
    ("day", "cycle_id"),
    [(date(2013, 12, 31), "2014-01"), (date(2013, 1, 1), "2013-02"), (date(2012, 11, 30), "2012-12")],
)
def test_the_cycle_is_the_month_after_the_last_order(day: date, cycle_id: str) -> None:
    assert cycle_after(day) == cycle_id


def test_orders_that_cannot_be_read_are_named(extract: Path, tmp_path: Path) -> None:
    whole = (extract / ORDERS_FILE).read_bytes()
    (extract / ORDERS_FILE).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(SourceError, match="does not say what month it closes with"):
        deliver(extract, tmp_path / "landed")
    pq.write_table(pa.table({"SalesOrderID": [1]}), extract / ORDERS_FILE)
    with pytest.raises(SourceError, match="column OrderDate is missing"):
        deliver(extract, tmp_path / "landed")
    write_orders(extract)
    with pytest.raises(SourceError, match="holds no order"):
        deliver(extract, tmp_path / "landed")


def test_without_an_input_folder_the_remedy_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="Name it with --input DIR"):
        deliver(None, tmp_path / "landed")
    with pytest.raises(SourceError, match="is not a folder"):
        deliver(tmp_path / "nowhere", tmp_path / "landed")
