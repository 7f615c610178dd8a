"""A table that lost rows since the last published cycle is seen, unless it is small or somebody said why."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from sop_pipeline.settings import DBT_PROJECT_DIR
from sop_pipeline.warehouse.contracts import load_contracts
from sop_pipeline.warehouse.deliveries import describe_deliveries, ingest_all

if TYPE_CHECKING:
    from conftest import Delivery

TABLE = "contract.sales_order_lines"
DECLARED = "parameter_id,scope,scope_id,parameter_value,unit,reason\nrow_drop_maximum_ratio,table,{},0.9,ratio,Orders before 2020 were archived.\n"


@pytest.fixture
def described(delivery_of: Callable[[str], Delivery]) -> Callable[..., pd.Series]:
    """How 400 delivered order lines are described after a cycle that had so many."""
    delivery = delivery_of("contract_csv")

    def describe(previous_rows: int | None, declared_for: str | None = None) -> pd.Series:
        if declared_for:
            parameters = delivery.extract.path.with_name("planning_parameters.csv")
            parameters.write_text(DECLARED.format(declared_for), encoding="utf-8")
        contracts = load_contracts(DBT_PROJECT_DIR)
        wanted = [contracts[TABLE], contracts["planner.planning_parameters"]]
        previous = pd.DataFrame(
            [] if previous_rows is None else [{"table_name": TABLE, "delivered_rows": previous_rows}]
        )
        files = describe_deliveries(ingest_all(wanted, delivery.land(), 0.005), "2026-01", previous)
        return files.set_index("table_name").loc[TABLE]

    return describe


@pytest.mark.parametrize(
    ("previous_rows", "dropped"),
    [
        (800, 0.5),  # half of it is gone
        (500, 0.2),  # a fifth is what may be
        (400, 0.0),
        (300, 0.0),  # more is never less
    ],
)
def test_lost_rows_are_a_share_of_the_cycle_before(
    described: Callable[..., pd.Series], previous_rows: int, dropped: float
) -> None:
    file = described(previous_rows)
    assert file["row_drop_ratio"] == pytest.approx(dropped)
    assert file["row_drop_maximum_ratio"] == 0.2


def test_without_a_cycle_before_nothing_is_lost(described: Callable[..., pd.Series]) -> None:
    assert pd.isna(described(None)["row_drop_ratio"])
    assert pd.isna(described(None)["previous_delivered_rows"])


def test_a_reason_for_one_table_holds_for_that_table_only(described: Callable[..., pd.Series]) -> None:
    assert described(4000, declared_for="contract.items")["row_drop_maximum_ratio"] == 0.2
    assert described(4000, declared_for=TABLE)["row_drop_maximum_ratio"] == 0.9
