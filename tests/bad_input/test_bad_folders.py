"""Folders of a delivery: files that are missing, that are no files, that are of another month; and everything at once.

Add here: what is wrong with a delivery as a whole. Keep out: what is wrong inside one file (`test_bad_files`,
`test_bad_values`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sop_pipeline.settings import DBT_PROJECT_DIR
from sop_pipeline.sources.protocol import SourceError
from sop_pipeline.warehouse.contracts import load_contracts
from sop_pipeline.warehouse.deliveries import ingest_all
from sop_pipeline.warehouse.ingest import RejectedFile

if TYPE_CHECKING:
    from conftest import Delivery


DeliveryOf = Callable[[str], "Delivery"]


@pytest.mark.parametrize("kind", ["contract_csv", "contract_parquet", "adventureworks"])
def test_a_missing_file_is_named_with_the_one_that_was_meant(kind: str, delivery_of: DeliveryOf) -> None:
    delivery = delivery_of(kind)
    path = delivery.extract.path
    path.rename(path.with_name(path.name.replace(".", "s.", 1).upper()))
    with pytest.raises(SourceError) as refused:
        delivery.land()
    assert f"is not in {path.parent} (did you mean" in str(refused.value)
    assert path.name in str(refused.value)


def test_a_file_that_the_demo_company_did_not_write_is_named(delivery_of: DeliveryOf) -> None:
    delivery = delivery_of("demo")
    delivery.extract.path.unlink()
    with pytest.raises(RejectedFile, match=r"mandatory file standard_costs\.csv is not in"):
        delivery.ingest()


@pytest.mark.parametrize("kind", ["contract_csv", "contract_parquet", "adventureworks", "adventureworks_planner"])  # fmt: skip
def test_links_and_pipes_are_not_followed(kind: str, delivery_of: DeliveryOf, tmp_path: Path) -> None:
    delivery = delivery_of(kind)
    path = delivery.extract.path
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SourceError, match=f"{path} is a link to '{tmp_path}/elsewhere'"):
        delivery.land()
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(SourceError, match=f"{path} is not a regular file"):
        delivery.land()


def test_a_file_name_that_could_lead_elsewhere_is_shown_and_not_read(delivery_of: DeliveryOf) -> None:
    delivery = delivery_of("contract_csv")
    (delivery.extract.path.parent / "items\n..%2f.csv").write_text("item_id\n", encoding="utf-8")
    with pytest.raises(SourceError, match=r"'items\\n\.\.%2f\.csv' belongs to no table"):
        delivery.land()


def test_the_same_files_again_are_the_same_delivery(delivery_of: DeliveryOf) -> None:
    delivery = delivery_of("contract_csv")
    assert delivery.land() == delivery.land()


@pytest.mark.parametrize(
    ("month", "told"),
    [
        ("2025-11-30", "closes with 2025-11 .*too early for cycle 2026-01.*run --cycle 2025-12"),
        ("2026-01-05", "first order is of 2026-01-05.*Run --cycle 2026-02 or a later one"),
    ],
)
def test_adventureworks_files_of_another_month_are_refused(
    month: str, told: str, delivery_of: DeliveryOf
) -> None:
    delivery = delivery_of("adventureworks")
    orders = delivery.extract.path.with_name("Sales.SalesOrderHeader.parquet")
    table = pq.read_table(orders)
    day = pa.array([datetime.fromisoformat(month).date()] * table.num_rows, pa.date32())
    pq.write_table(table.set_column(table.column_names.index("OrderDate"), "OrderDate", day), orders)
    with pytest.raises(SourceError, match=told):
        delivery.land()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b"PAR1" + bytes(100)),
        lambda path: pq.write_table(pa.table({"OrderDate": ["yesterday"]}), path),
        lambda path: pq.write_table(pa.table({"OrderDay": ["2025-12-30"]}), path),
    ],
    ids=["no Parquet", "a text for a day", "no such column"],
)
def test_adventureworks_orders_that_do_not_say_their_month_are_refused(
    spoil: Callable[[Path], None], delivery_of: DeliveryOf
) -> None:
    delivery = delivery_of("adventureworks")
    spoil(delivery.extract.path.with_name("Sales.SalesOrderHeader.parquet"))
    with pytest.raises(SourceError, match="SalesOrderHeader.parquet does not say what month it closes with"):
        delivery.land()


def test_all_that_is_wrong_with_a_delivery_is_said_at_once(delivery_of: DeliveryOf) -> None:
    delivery = delivery_of("contract_csv")
    folder = delivery.extract.path.parent
    delivery.extract.put("number", "12,5")
    (folder / "items.csv").write_bytes(b"")
    (folder / "sites.csv").write_bytes((folder / "sites.csv").read_bytes().replace(b",", b";"))
    (folder / "customers.csv").write_bytes("customer_name\nM\xfcller\n".encode("latin-1"))
    contracts = load_contracts(DBT_PROJECT_DIR)
    with pytest.raises(RejectedFile) as refused:
        ingest_all(contracts.of_schema("contract"), delivery.land(), 0.005)
    message = str(refused.value)
    assert message.startswith("4 delivered files were rejected; nothing was loaded.")
    for part in (
        "items.csv is empty (0 bytes)",
        "sites.csv is separated by semicolons",
        "customers.csv is not UTF-8: byte 15",
        "ordered_quantity: decimal_comma, 1 row, e.g. line 4: '12,5'",
    ):
        assert part in message
