"""A delivered file is matched by header, cast by contract, and a bad row is kept out and shown."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sop_pipeline.warehouse.contracts import Column, Contract
from sop_pipeline.warehouse.ingest import IngestedFile, RejectedFile, ingest_file

ORDERS = Contract(
    schema="contract",
    name="orders",
    description="One row per order.",
    columns=(
        Column("order_id", "varchar", "Order", is_required=True),
        Column("ordered_date", "date", "Day", is_required=True),
        Column("ordered_quantity", "decimal(18,3)", "Quantity", is_required=True),
        Column("is_cancelled", "boolean", "Cancelled"),
    ),
    grain=("order_id",),
    path=Path("_contract__sources.yml"),
    is_model=False,
    meta={"delivery": {"mandatory": True, "minimum_rows": 1}},
)
HEADER = "order_id,ordered_date,ordered_quantity,is_cancelled\n"


def deliver(folder: Path, text: str | bytes, quarantine_maximum_ratio: float = 1.0) -> IngestedFile:
    (folder / "orders.csv").write_bytes(text.encode() if isinstance(text, str) else text)
    return ingest_file(ORDERS, folder, quarantine_maximum_ratio)


def test_rows_are_typed_and_carry_where_they_came_from(tmp_path: Path) -> None:
    ingested = deliver(tmp_path, HEADER + "0042,2026-01-31,12.5,true\n0043,2026-01-31,1,\n")
    first, second = ingested.rows.to_pylist()
    assert first["order_id"] == "0042"  # a code is text: leading zeros stay
    assert str(first["ordered_quantity"]) == "12.500"
    assert (first["is_cancelled"], second["is_cancelled"]) == (True, None)
    assert [first["source_row_number"], second["source_row_number"]] == [1, 2]
    assert first["source_file_sha256"] == ingested.sha256


def test_columns_are_matched_by_name_not_by_position(tmp_path: Path) -> None:
    swapped = "ordered_quantity,is_cancelled,order_id,ordered_date,remark\n7,false,A,2026-01-02,hello\n"
    ingested = deliver(tmp_path, swapped)
    assert ingested.rows["order_id"].to_pylist() == ["A"]
    assert ingested.ignored_columns == ("remark",)


@pytest.mark.parametrize(
    ("row", "column", "rule"),
    [
        ("A,2026-02-30,1,", "ordered_date", "not_a_date"),  # no such day
        ("A,2026-02-01,1.234.5,", "ordered_quantity", "not_a_decimal"),
        ("A,2026-02-01,inf,", "ordered_quantity", "not_a_decimal"),
        ("A,2026-02-01,NaN,", "ordered_quantity", "not_a_decimal"),
        ("A,2026-02-01,1e13,", "ordered_quantity", "out_of_range"),  # no manufacturer orders 10,000 billion
        ("A,2026-02-01,#N/A,", "ordered_quantity", "not_a_decimal"),
        ("A,2026-02-01,1,maybe", "is_cancelled", "not_a_boolean"),
        (",2026-02-01,1,", "order_id", "missing_value"),
    ],
)
def test_a_bad_value_keeps_its_row_out_and_is_shown_as_delivered(
    tmp_path: Path, row: str, column: str, rule: str
) -> None:
    ingested = deliver(tmp_path, HEADER + "good,2026-02-01,1,\n" + row + "\n")
    assert ingested.rows["order_id"].to_pylist() == ["good"]
    (problem,) = ingested.quarantined.to_pylist()
    assert (problem["column_name"], problem["rule_id"], problem["source_row_number"]) == (column, rule, 2)
    assert (problem["original_text"] or "") in row


def test_a_row_with_two_bad_values_is_one_row_kept_out_and_two_problems(tmp_path: Path) -> None:
    ingested = deliver(tmp_path, HEADER + "good,2026-02-01,1,\n,yesterday,1,\n")
    assert (ingested.quarantined_rows, ingested.quarantined.num_rows) == (1, 2)


def test_too_many_bad_rows_reject_the_file(tmp_path: Path) -> None:
    with pytest.raises(RejectedFile, match=r"1 of 2 rows .* more than 0\.5%") as caught:
        deliver(tmp_path, HEADER + "good,2026-02-01,1,\nbad,2026-02-01,x,\n", quarantine_maximum_ratio=0.005)
    assert "line 3: 'x'" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (HEADER.encode(), "0 rows, contract.orders needs at least 1"),
        (b"order_id,ordered_date,quantity,is_cancelled\nA,2026-01-01,1,\n", "'ordered_quantity' is missing .did you mean 'quantity'"),
        (b"order_id,order_id,ordered_date,ordered_quantity,is_cancelled\nA,B,2026-01-01,1,\n", "'order_id' stands 2 times"),
        (HEADER.encode() + b"A,2026-01-01,1\n", "3 fields instead of 4: 1 row, line 2"),  # ragged: the last field is cut off
        (HEADER.encode("utf-16"), "is not UTF-8"),
    ],
)  # fmt: skip
def test_a_broken_file_is_rejected_whole(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(RejectedFile, match=message):
        deliver(tmp_path, content)


def test_a_missing_mandatory_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(RejectedFile, match=r"contract\.orders: mandatory file orders\.csv is not in"):
        ingest_file(ORDERS, tmp_path, 0.0)


def test_an_optional_table_that_was_not_delivered_is_empty(tmp_path: Path) -> None:
    optional = Contract(**{**vars(ORDERS), "meta": {"delivery": {"mandatory": False}}})
    ingested = ingest_file(optional, tmp_path, 0.0)
    assert ingested.rows.num_rows == 0
    assert "source_row_number" in ingested.rows.column_names


def test_parquet_is_held_to_the_same_contract(tmp_path: Path) -> None:
    table = pa.table(
        {"ordered_quantity": [1.5], "order_id": [42], "ordered_date": ["2026-01-02"], "is_cancelled": [False]}
    )
    pq.write_table(table, tmp_path / "orders.parquet")
    (row,) = ingest_file(ORDERS, tmp_path, 0.0).rows.to_pylist()
    assert (row["order_id"], str(row["ordered_quantity"])) == ("42", "1.500")


def test_a_column_that_may_be_left_out_is_empty_in_every_row(tmp_path: Path) -> None:
    """A contract grows without breaking extracts that were written before: only new, optional columns are added."""
    grown = Contract(
        **{**vars(ORDERS), "columns": (*ORDERS.columns, Column("remark", "varchar", "R", is_optional=True))}
    )
    (tmp_path / "orders.csv").write_text(HEADER + "A,2026-01-01,1,\n")
    assert ingest_file(grown, tmp_path, 0.0).rows["remark"].to_pylist() == [None]
    (tmp_path / "orders.csv").write_text("remark," + HEADER + "hello,A,2026-01-01,1,\n")
    assert ingest_file(grown, tmp_path, 0.0).rows["remark"].to_pylist() == ["hello"]
