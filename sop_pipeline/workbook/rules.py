"""What one row of an input, or several together, must be beyond good cells.

Only rows that were changed are judged: what is in force was judged when it came, and may have grown old since.
Add here: a rule of an input, in its table's function. Keep out: single cells (`judge`), who is right (`merge`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sop_pipeline.workbook.values import Row

TOTAL_WORDS = (
    "total",
    "subtotal",
    "grand total",
    "sum",
    "summe",
    "gesamt",
    "zwischensumme",
    "合计",
    "小计",
    "总计",
)
CHANGE_MAXIMUM_RATIO = 0.2
CHANGE_PARAMETER = "override_change_maximum_ratio"
"""planner.planning_parameters may set it for scope company: the change of a total from which a reason is asked for."""

OF_OPEN_MONTHS = ("overrides", "sales_forecasts", "sales_level_forecasts", "capacity_overrides")
"""Inputs that speak about months to come: a changed row for a closed month can be nothing but a mistake."""


@dataclass(frozen=True)
class Context:
    """What rows are held against.

    `first_month`, `last_month`: the horizon, YYYY-MM-01. `forecast`: (level, identifier, site, channel, month) -> units of
    the demand plan before overrides; site and channel empty = all. `change_maximum_ratio`: see CHANGE_PARAMETER.
    """

    cycle_id: str
    first_month: str
    last_month: str
    forecast: Callable[[str, str, str, str, str], float] | None = None
    change_maximum_ratio: float = CHANGE_MAXIMUM_RATIO


@dataclass(frozen=True)
class Fault:
    """A rule that a row breaks: the column it shows in (empty = the whole row), and how to put it right."""

    column: str
    rule: str
    fix: str


def is_total(texts: Sequence[str]) -> bool:
    """A row that adds up others, by a word in its first cells."""
    return any(
        text.strip().casefold().rstrip(": ") in TOTAL_WORDS
        or text.strip().casefold().startswith(("total ", "subtotal", "grand total", "sum of"))
        for text in texts
    )


def faults_of_row(table: str, row: Row, context: Context) -> Iterator[Fault]:
    """Rules that a changed or new row breaks."""
    month = row.get("period_start_date")
    if table in OF_OPEN_MONTHS and month:
        if month < context.first_month:
            yield Fault(
                "period_start_date",
                "closed_month",
                f"The month is closed: cycle {context.cycle_id} plans from {context.first_month}.",
            )
        elif month > context.last_month:
            yield Fault("period_start_date", "beyond_horizon", f"The plan ends with {context.last_month}.")
    expires = row.get("expires_cycle_id")
    if expires and expires < context.cycle_id:
        yield Fault(
            "expires_cycle_id",
            "expired",
            f"It would hold until cycle {expires}, which is over: name {context.cycle_id} or a later one.",
        )
    if "first_period_start_date" in row and (row["first_period_start_date"] or "") > (
        row.get("last_period_start_date") or ""
    ):
        yield Fault(
            "last_period_start_date", "ends_before_it_begins", "The last month is before the first one."
        )
    rules = {"overrides": _override, "events": _event, "goals": _goal, "assumptions": _assumption}
    if table in rules:
        yield from rules[table](row, context)


def _override(row: Row, context: Context) -> Iterator[Fault]:
    value, operation = Decimal(row["override_value"] or "0"), row["operation"]
    if value < 0 and operation != "add":
        yield Fault(
            "override_value",
            "unusable_value",
            "Only add takes a negative number: a forecast is never below 0.",
        )
        return
    month = row["period_start_date"] or ""
    if (
        row.get("reason")
        or context.forecast is None
        or not context.first_month <= month <= context.last_month
    ):
        return
    before = context.forecast(
        row["level"] or "",
        row["level_id"] or "",
        row.get("site_id") or "",
        row.get("channel_id") or "",
        month,
    )
    change = _change_ratio(operation or "", float(value), before)
    if change > context.change_maximum_ratio:
        share = "from nothing" if before <= 0 else f"by {change:.0%}"
        yield Fault(
            "reason",
            "change_without_reason",
            f"It changes {before:,.0f} units {share}, more than {context.change_maximum_ratio:.0%}: say why in column Reason.",
        )


def _change_ratio(operation: str, value: float, before: float) -> float:
    if operation == "multiply":
        return abs(value - 1.0)
    change = abs(value if operation == "add" else value - before)
    return change / before if before > 0 else (float("inf") if change > 0 else 0.0)


def _event(row: Row, context: Context) -> Iterator[Fault]:
    low, base, high = (Decimal(row[f"impact_{name}_value"] or "0") for name in ("low", "base", "high"))
    if not min(low, high) <= base <= max(low, high):
        yield Fault("impact_base_value", "base_outside_range", "It lies between the low and the high effect.")


def _goal(row: Row, context: Context) -> Iterator[Fault]:
    if row["metric"] != "units" and not row.get("currency_code"):
        yield Fault("currency_code", "currency_is_missing", "Money needs its currency, for example EUR.")


def _assumption(row: Row, context: Context) -> Iterator[Fault]:
    if row["metric"] != "not_testable" and row.get("expected_value") is None:
        yield Fault(
            "expected_value",
            "value_is_missing",
            "Name the value that is expected, or set the metric to not_testable.",
        )


def fault_of_change(table: str, before: Row) -> Fault | None:
    """Why a row that is in force may not be changed or taken out."""
    if table == "goals" and before.get("goal_version") == "budget":
        return Fault(
            "goal_value",
            "budget_is_fixed",
            "A budget does not change within its year: enter a latest_estimate for the month instead.",
        )
    return None


def faults_of_table(table: str, rows: Mapping[int, Row]) -> dict[int, Fault]:
    """Rules over rows together: row number -> fault. `rows`: every row of the sheet whose cells are good."""
    if table != "item_policies":
        return {}
    strategies: dict[tuple[str | None, str | None], set[str | None]] = {}
    for row in rows.values():
        strategies.setdefault((row["item_id"], row["site_id"]), set()).add(row["order_strategy"])
    sums: dict[tuple[str | None, str | None], Decimal] = {}
    for row in rows.values():
        name = row["item_id"], row["site_id"]
        sums[name] = sums.get(name, Decimal(0)) + Decimal(row["share_ratio"] or "0")
    mixed = {
        number: Fault("order_strategy", "strategies_differ", f"The rows of {row['item_id']} at {row['site_id']} name more than one strategy: it has one.")
        for number, row in rows.items()
        if len(strategies[row["item_id"], row["site_id"]]) > 1
    }  # fmt: skip
    return mixed | {
        number: Fault("share_ratio", "shares_do_not_add_up", f"The shares of {row['item_id']} at {row['site_id']} add up to {sums[row['item_id'], row['site_id']].normalize():f}, not 1.")
        for number, row in rows.items()
        if abs(sums[row["item_id"], row["site_id"]] - 1) > Decimal("0.001")
    }  # fmt: skip
