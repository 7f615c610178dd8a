"""A frame is written exactly as its contract says, or not at all."""

from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest

from sop_pipeline.warehouse.conform import ContractViolation, conform
from sop_pipeline.warehouse.contracts import Column, Contract

STOCKS = Contract(
    schema="planning",
    name="stocks",
    description="One row per item and month.",
    columns=(
        Column("item_id", "varchar", "Item", is_required=True),
        Column("period_start_date", "date", "Month", is_required=True),
        Column("stock_units", "decimal(18,3)", "Stock", is_required=True, unit="base units"),
        Column("basis", "varchar", "Basis", accepted_values=("measured", "declared")),
    ),
    grain=("item_id", "period_start_date"),
    path=Path("_planning__sources.yml"),
    is_model=False,
)


def stocks(**columns: object) -> pd.DataFrame:
    frame = pd.DataFrame(
        {
            "stock_units": [2.5, 0.1 + 0.2],  # float noise: 0.30000000000000004
            "item_id": ["B", "A"],  # not in the order of the grain
            "period_start_date": pd.to_datetime(["2026-01-01", "2026-01-01"]),
            "basis": ["measured", None],
        }
    )
    return frame.assign(**columns)


def test_columns_types_and_order_are_those_of_the_contract() -> None:
    table = conform(stocks(), STOCKS)
    assert table.schema.equals(STOCKS.arrow_schema)
    assert table["item_id"].to_pylist() == ["A", "B"]
    assert table["stock_units"].to_pylist() == [Decimal("0.300"), Decimal("2.500")]


def test_the_order_of_rows_does_not_matter() -> None:
    frame = stocks()
    assert conform(frame, STOCKS).equals(conform(frame.iloc[::-1], STOCKS))


def test_every_problem_is_named_at_once() -> None:
    frame = stocks(stock_units=[float("inf"), 1.0], basis=["guessed", None], comment="x").drop(
        columns="item_id"
    )
    with pytest.raises(ContractViolation) as caught:
        conform(frame, STOCKS)
    message = str(caught.value)
    assert "column 'item_id' is missing" in message
    assert "column 'comment' is not declared" in message
    assert "'stock_units': 1 values are not finite" in message
    assert "['guessed'] not among ['measured', 'declared']" in message
    assert "_planning__sources.yml" in message


def test_a_repeated_grain_is_refused_with_the_rows_it_repeats() -> None:
    with pytest.raises(ContractViolation, match=r"1 rows repeat the grain .* e\.g\. A / 2026-01-01"):
        conform(stocks(item_id=["A", "A"]), STOCKS)


def test_a_required_value_may_not_be_missing() -> None:
    with pytest.raises(ContractViolation, match="'stock_units': 1 values are missing, e.g. rows \\[1\\]"):
        conform(stocks(stock_units=[1.0, None]), STOCKS)


def test_an_empty_frame_is_a_typed_empty_table() -> None:
    assert conform(stocks().head(0), STOCKS).equals(pa.Table.from_batches([], schema=STOCKS.arrow_schema))
