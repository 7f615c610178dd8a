"""What of a demand plan is agreed: its rows of the horizon, hashed whatever their order, and how far they must reach.

Add here: a fact of the plan that an agreement holds, a reason why a plan cannot be agreed. Keep out: the act (`approvals`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc

from sop_pipeline.release.layout import TableName

DEMAND_PLAN = TableName("marts", "fct_demand_plan")
MINIMUM_MONTHS = 12
ACTIVE_MONTHS = 12
"""An item is active that was ordered in so many closed months before the cycle, or that the plan has units of."""
_SHOWN = 10
_NULL, _SEPARATOR = "\x00", "\x1f"


@dataclass(frozen=True)
class PlanFacts:
    """What a plan says, in the few facts that two plans can be told apart by."""

    content_sha256: str
    rows: int
    items: int
    first_period: str  # YYYY-MM-DD
    last_period: str
    units: str  # exact sum of forecast_units


def describe_plan(rows: pa.Table) -> PlanFacts:
    """The facts of the horizon rows of `marts.fct_demand_plan`."""
    plan = _horizon(rows)
    periods = plan["period_start_date"]
    units = pc.sum(plan["forecast_units"]).as_py() or Decimal(0)
    return PlanFacts(
        content_sha256=hash_rows(plan),
        rows=plan.num_rows,
        items=pc.count_distinct(plan["item_id"]).as_py(),
        first_period=str(pc.min(periods).as_py() or ""),
        last_period=str(pc.max(periods).as_py() or ""),
        units=format(units, "f"),
    )


def hash_rows(rows: pa.Table) -> str:
    """sha256 over the rows as a set: neither their order nor that of the columns counts, every value does."""
    names = sorted(rows.column_names)
    texts = [pc.fill_null(rows[name].combine_chunks().cast(pa.string()), _NULL) for name in names]
    lines = pc.binary_join_element_wise(*texts, _SEPARATOR)
    digest = hashlib.sha256(_SEPARATOR.join(names).encode())
    for line in sorted(lines.to_pylist()):
        digest.update(b"\n" + line.encode())
    return digest.hexdigest()


def find_plan_problems(rows: pa.Table, cycle_id: str) -> list[str]:
    """Why the plan cannot be agreed: no rows, or active items with less than 12 months from the cycle's own on."""
    start = date.fromisoformat(f"{cycle_id}-01")
    wanted = [_month_after(start, number) for number in range(MINIMUM_MONTHS)]
    plan = _horizon(rows)
    if not plan.num_rows:
        return ["the plan has no month of the horizon"]
    planned: dict[str, set[date]] = {}
    pairs = (
        plan.select(["item_id", "period_start_date"]).group_by(["item_id", "period_start_date"]).aggregate([])
    )
    for item, month in zip(pairs["item_id"].to_pylist(), pairs["period_start_date"].to_pylist(), strict=True):
        planned.setdefault(item, set()).add(month)
    short = {
        item: missing
        for item in sorted(_active_items(rows, start))
        if (missing := [month for month in wanted if month not in planned.get(item, set())])
    }
    problems = [
        f"item {item}: {MINIMUM_MONTHS - len(missing)} of {MINIMUM_MONTHS} months are planned, "
        f"the first missing is {missing[0]:%Y-%m}"
        for item, missing in list(short.items())[:_SHOWN]
    ]
    if len(short) > _SHOWN:
        problems.append(f"and {len(short) - _SHOWN} items more with less than {MINIMUM_MONTHS} months")
    return problems


def _active_items(rows: pa.Table, start: date) -> set[str]:
    since = _month_after(start, -ACTIVE_MONTHS)
    ordered = rows.filter(
        pc.and_(
            pc.and_(rows["is_history"], pc.greater_equal(rows["period_start_date"], pa.scalar(since))),
            pc.greater(pc.fill_null(rows["actual_units"], Decimal(0)), Decimal(0)),
        )
    )
    plan = _horizon(rows)
    wanted = plan.filter(pc.greater(plan["forecast_units"], Decimal(0)))
    return {*ordered["item_id"].to_pylist(), *wanted["item_id"].to_pylist()}


def _horizon(rows: pa.Table) -> pa.Table:
    return rows.filter(pc.invert(rows["is_history"]))


def _month_after(month: date, months: int) -> date:
    number = month.year * 12 + month.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)
