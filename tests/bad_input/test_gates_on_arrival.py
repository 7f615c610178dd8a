"""What is well written and cannot be true: one small delivery, ingested as the refresh does, spoilt and judged by its gate.

The demo company's delivery lies as a lake; a case changes a few values of one table and asks the rules on arrival again.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from quality.arrivals import arrival_rules
from quality.suites import RuleResult, run_rules
from sop_pipeline.settings import DBT_PROJECT_DIR
from sop_pipeline.warehouse.conform import conform
from sop_pipeline.warehouse.contracts import load_contracts
from sop_pipeline.warehouse.deliveries import describe_deliveries, ingest_all
from sop_pipeline.warehouse.lake import lake_file, write_parquet
from sop_pipeline.warehouse.reader import WarehouseReader

CYCLE = "2026-01"
CONTRACTS = load_contracts(DBT_PROJECT_DIR)


@dataclass(frozen=True)
class Arrived:
    """A delivery that became tables of a lake."""

    lake: Path

    def rows(self, table: str) -> pd.DataFrame:
        return WarehouseReader(CONTRACTS, self.lake, self.lake / "none", CYCLE).read(table)

    def spoil(self, table: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
        """Write a table again with some of its values changed; provenance stays as it was."""
        path = lake_file(self.lake, table, CYCLE)
        frame = change(self.rows(table))
        contract = CONTRACTS[table]
        rows = conform(frame[[column.name for column in contract.columns]], contract)
        if "source_file_sha256" in frame:
            for name in ("source_file_sha256", "source_row_number"):
                rows = rows.append_column(name, [frame[name].tolist()])
        write_parquet(rows, path)

    def judged(self) -> dict[str, RuleResult]:
        """Rules that do not hold, by name."""
        reader = WarehouseReader(CONTRACTS, self.lake, self.lake / "none", CYCLE)
        results = run_rules(arrival_rules("contract"), reader.scanning, CYCLE)
        return {result.rule.name: result for result in results if not result.passed}


@pytest.fixture(scope="module")
def good_lake(demo_delivery: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    lake = tmp_path_factory.mktemp("lake")
    wanted = [*CONTRACTS.of_schema("contract"), *CONTRACTS.of_schema("planner")]
    ingested = ingest_all(wanted, demo_delivery, 0.005)
    for file in ingested:
        write_parquet(file.rows, lake_file(lake, file.contract.table, CYCLE))
    deliveries = conform(describe_deliveries(ingested, CYCLE, pd.DataFrame()), CONTRACTS["ingest.deliveries"])
    write_parquet(deliveries, lake_file(lake, "ingest.deliveries", CYCLE))
    return lake


@pytest.fixture
def arrived(good_lake: Path, tmp_path: Path) -> Arrived:
    return Arrived(shutil.copytree(good_lake, tmp_path / "lake"))


def first_row(
    column: str, value: Any, where: Mapping[str, Any] | None = None
) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Put a value into the first row, or the first that has the values of `where`."""

    def change(frame: pd.DataFrame) -> pd.DataFrame:
        found = frame
        for name, wanted in (where or {}).items():
            found = found[found[name] == wanted]
        frame.loc[found.index[0], column] = value
        return frame

    return change


def every_row(column: str, value: Any) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda frame: frame.assign(**{column: value})


def days_earlier(column: str, days: int) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda frame: frame.assign(**{column: frame[column] - pd.Timedelta(days=days)})


def test_what_the_demo_company_delivers_holds_every_rule(arrived: Arrived) -> None:
    assert set(arrived.judged()) == set()


DAY = pd.Timestamp
CASES = [
    # entry, table, how it is spoilt, rule, its severity, what is told
    (7, "contract.sales_order_lines", days_earlier("ordered_date", 31), "orders_reach_the_last_closed_month", "critical", "observed 2025-11"),
    (7, "contract.shipment_lines", days_earlier("shipped_date", 40), "shipments_reach_the_last_closed_month", "critical", "observed 2025-1"),
    (71, "contract.inventory_snapshots", days_earlier("snapshot_date", 10), "stock_is_taken_at_the_close", "critical", "observed 2025-12-2"),
    (51, "contract.sales_order_lines", every_row("requested_date", DAY("2020-01-01")), "orders_are_requested_after_they_are_placed", "warning", "requested_date 2020-01-01"),
    (39, "contract.fx_rates", first_row("rate", 0.0), "exchange_rates_are_positive", "critical", "rate 0"),
    (42, "contract.standard_costs", every_row("unit_cost", 0.0), "items_have_a_cost", "warning", "unit_cost 0"),
    (43, "contract.sales_order_lines", first_row("ordered_quantity", 2e9), "ordered_quantity_is_credible", "critical", "ordered_quantity 2000000000"),
    (45, "contract.sales_order_lines", first_row("ordered_date", DAY("1950-01-01")), "order_dates_are_credible", "critical", "ordered_date 1950-01-01"),
    (62, "contract.bom_lines", every_row("scrap_ratio", 5.0), "scrap_leaves_something_over", "critical", "scrap_ratio 5"),
    (64, "contract.resource_capacities", first_row("available_hours", 800_000.0), "capacity_fits_into_a_month", "critical", "available_hours 800000"),
    (65, "contract.routing_operations", every_row("run_hours_per_unit", 1500.0), "run_hours_are_credible", "critical", "run_hours_per_unit 1500"),
    (66, "contract.supplier_items", first_row("lead_time_days", 900), "supplier_lead_times_are_credible", "warning", "lead_time_days 900"),
    (69, "contract.inventory_snapshots", every_row("on_hand_quantity", -5.0), "stock_is_not_negative", "warning", "on_hand_quantity -5"),
    (74, "planner.goals", lambda frame: frame[frame["period_start_date"] >= DAY("2026-10-01")], "budget_covers_a_year", "warning", "observed"),
    (75, "planner.overrides", days_earlier("period_start_date", 366), "overrides_are_about_the_future", "warning", "period_start_date 202"),
    (95, "contract.sales_order_lines", first_row("changed_at", DAY("2026-02-03")), "changes_are_of_the_past", "warning", "changed_at 2026-02-03"),
    (4, "contract.sales_order_lines", lambda frame: frame.iloc[:0], "orders_arrived", "critical", "observed 0"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("table", "spoil", "rule", "severity", "says"),
    [
        pytest.param(*case, id=f"{number} {case[2]}", marks=pytest.mark.bad_input(number))
        for number, *case in CASES
    ],
)
def test_what_cannot_be_true_is_told_by_its_rule(
    arrived: Arrived,
    table: str,
    spoil: Callable[[pd.DataFrame], pd.DataFrame],
    rule: str,
    severity: str,
    says: str,
) -> None:
    arrived.spoil(table, spoil)
    found = arrived.judged()
    assert rule in found, sorted(found)
    assert found[rule].rule.severity == severity
    assert any(says in example for example in found[rule].examples), found[rule].examples
