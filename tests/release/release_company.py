"""A company small enough to read: what the tests of releases and their child processes publish."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from sop_pipeline.release.layout import TableName
from sop_pipeline.release.publish import PublishedRelease, publish
from sop_pipeline.release.registry import releases_before
from sop_pipeline.release.request import PublishRequest, ReleasedTable
from sop_pipeline.release.verify import verify_home

DEMAND_PLAN = TableName("marts", "fct_demand_plan")
SCORECARD = TableName("marts", "kpi_scorecard")
SHORTAGES = TableName("planning", "resource_shortages")


def demand_plan(cycle_id: str, units: float) -> ReleasedTable:
    """Two items in two months; item names that need quoting somewhere on the way."""
    months = [date(2026, 4, 1), date(2026, 5, 1)]
    keys = [(item, month) for item in ("A'100", 'B "200"') for month in months]
    rows = pa.table(
        {
            "cycle_id": [cycle_id] * len(keys),
            "item_id": [item for item, _ in keys],
            "period_start_date": [month for _, month in keys],
            "forecast_units": pa.array(
                [Decimal(str(units)).quantize(Decimal("0.001")) + n for n in range(len(keys))],
                pa.decimal128(18, 3),
            ),
            "is_history": [False, True, False, True],
        }
    )
    return ReleasedTable(
        name=DEMAND_PLAN,
        rows=rows,
        grain=("cycle_id", "item_id", "period_start_date"),
        description="One row per item and month: the company's demand plan.",
        column_descriptions={
            "cycle_id": "Planning cycle, YYYY-MM",
            "item_id": "Item",
            "period_start_date": "First day of the month",
            "forecast_units": "Forecast, base units",
            "is_history": "True for months before the cycle",
        },
    )


def scorecard(cycle_id: str, units: float) -> ReleasedTable:
    rows = pa.table(
        {
            "cycle_id": [cycle_id, cycle_id],
            "kpi_id": ["bias", "fill_rate"],
            "kpi_value": pa.array([Decimal("0.012345"), None], pa.decimal128(18, 6)),
            "lines": pa.array([int(units), None], pa.int32()),
        }
    )
    return ReleasedTable(
        name=SCORECARD,
        rows=rows,
        grain=("cycle_id", "kpi_id"),
        description="One row per KPI.",
        column_descriptions={
            "cycle_id": "Planning cycle, YYYY-MM",
            "kpi_id": "KPI",
            "kpi_value": "Value, in the KPI's unit",
            "lines": "Order lines counted",
        },
    )


def shortages(cycle_id: str) -> ReleasedTable:
    """A table without a row: nothing is short."""
    columns = {"cycle_id": pa.string(), "resource_id": pa.string(), "short_hours": pa.decimal128(18, 4)}
    return ReleasedTable(
        name=SHORTAGES,
        rows=pa.schema(columns.items()).empty_table(),
        grain=("cycle_id", "resource_id"),
        description="One row per resource that is short.",
        column_descriptions={
            "cycle_id": "Planning cycle, YYYY-MM",
            "resource_id": "Resource",
            "short_hours": "Hours short",
        },
    )


def make_request(home: Path, cycle_id: str, units: float = 100.0, **changes: Any) -> PublishRequest:
    """A cycle ready to be published; `units` is what the plan says, all else follows from the cycle."""
    request = PublishRequest(
        home=home,
        cycle_id=cycle_id,
        tables=(demand_plan(cycle_id, units), scorecard(cycle_id, units), shortages(cycle_id)),
        pack=f"<html><body>{cycle_id}: {units}</body></html>".encode(),
        inputs={"orders.csv": hashlib.sha256(f"{cycle_id} {units}".encode()).hexdigest()},
        required_gates=("plan_audit", "marts_plausible"),
        gates={"plan_audit": True, "marts_plausible": True},
        solver={"status": "optimal", "objective": 1234.5},
        versions={"sop_pipeline": "0.1.0"},
        contract_version="1",
        history=releases_before(home, cycle_id),
        published_at=datetime(2026, 4, 6, 6, 0, tzinfo=UTC),
    )
    return replace(request, **changes)


def publish_cycle(home: Path, cycle_id: str, units: float = 100.0, **changes: Any) -> PublishedRelease:
    return publish(make_request(home, cycle_id, units, **changes))


def snapshot(home: Path) -> dict[str, str]:
    """Every file and link below a home -> its content's hash, or the link's target."""
    seen = {}
    for path in sorted(home.rglob("*")):
        name = path.relative_to(home).as_posix()
        if path.is_symlink():
            seen[name] = str(path.readlink())
        elif path.is_file():
            seen[name] = hashlib.sha256(path.read_bytes()).hexdigest()
    return seen


def all_sound(home):
    """Nothing is found in any release of a home."""
    return [problem for report in verify_home(home) for problem in report.problems] == []
