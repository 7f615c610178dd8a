"""The comparison of two engines sees what it is there to see, and says where it is."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from comparison import compare

from sop_pipeline.warehouse.contracts import Column, Contract

STOCK = Contract(
    "marts",
    "fct_stock",
    "",
    (
        Column("item_id", "varchar", ""),
        Column("on_hand_units", "decimal(18,3)", ""),
        Column("is_out", "boolean", ""),
        Column("log_yield", "double precision", ""),
    ),
    ("item_id",),
    Path("models"),
    True,
)
ROWS = {
    "item_id": ["A", "B", None],
    "on_hand_units": [Decimal("1.000"), Decimal("2.000"), None],
    "is_out": [False, None, True],
    "log_yield": [0.1, -3.0, None],
}


def stock(**changed: list[Any]) -> pa.Table:
    """The rows with columns changed."""
    return pa.table(ROWS | changed, schema=STOCK.arrow_schema)


def test_rows_in_another_order_are_the_same_table() -> None:
    assert compare(STOCK, stock(), stock().sort_by([("on_hand_units", "descending")])) == []


def test_a_double_may_differ_in_its_last_digits_only() -> None:
    assert compare(STOCK, stock(), stock(log_yield=[0.1 + 1e-12, -3.0, None])) == []
    assert compare(STOCK, stock(), stock(log_yield=[0.1 + 1e-8, -3.0, None])) != []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"on_hand_units": [Decimal("1.000"), Decimal("2.001"), None]},
            "marts.fct_stock: column on_hand_units (decimal(18,3)) differs in 1 of 3 rows\n"
            "    item_id B: DuckDB 2.000, PostgreSQL 2.001",
        ),
        (
            {"on_hand_units": [Decimal("1.000"), None, None]},
            "marts.fct_stock: column on_hand_units (decimal(18,3)) differs in 1 of 3 rows\n"
            "    item_id B: DuckDB 2.000, PostgreSQL None",
        ),
        (
            {"log_yield": [0.1, -3.0, 0.0]},
            "marts.fct_stock: column log_yield (double precision) differs in 1 of 3 rows\n"
            "    item_id None: DuckDB None, PostgreSQL 0.0",
        ),
        (
            {"is_out": [True, None, True]},
            "marts.fct_stock: column is_out (boolean) differs in 1 of 3 rows\n"
            "    item_id A: DuckDB False, PostgreSQL True",
        ),
    ],
)
def test_a_value_that_differs_is_named_with_its_key(changed: dict[str, list[Any]], said: str) -> None:
    assert [str(difference) for difference in compare(STOCK, stock(), stock(**changed))] == [said]


def test_a_row_that_one_engine_alone_has_is_named() -> None:
    differences = compare(STOCK, stock(), stock(item_id=["A", "C", None]))

    assert [str(difference) for difference in differences] == [
        "marts.fct_stock: 1 of 3 rows are on DuckDB alone\n    item_id B",
        "marts.fct_stock: 1 of 3 rows are on PostgreSQL alone\n    item_id C",
    ]


def test_a_row_that_stands_twice_on_one_engine_is_named() -> None:
    twice = pa.concat_tables([stock(), stock().slice(0, 1)])

    assert [str(difference) for difference in compare(STOCK, stock(), twice)] == [
        "marts.fct_stock: 1 of 4 rows are on PostgreSQL alone\n    item_id A"
    ]
