"""Scorecard: every KPI against its target and against the cycle before.

Add here: a KPI that leads the page (HEADLINE_KPIS). Keep out: how a KPI or its status is computed (marts).
"""

from __future__ import annotations

import pandas as pd

from sop_pipeline.pack import words
from sop_pipeline.pack.content import Cell, Column, Section, Table, Tile, Tiles, absent
from sop_pipeline.pack.inputs import Pack

HEADLINE_KPIS = (
    "revenue_to_budget_year_to_date",
    "forecast_accuracy_lag_1",
    "customer_otif",
    "planned_demand_fulfilment",
    "capacity_utilisation",
    "days_of_inventory",
)

# A shape and a word beside the colour: the status is read without it, on paper as well.
STATUS_WORDS = {
    "green": "● on target",
    "amber": "▲ within tolerance",
    "red": "◆ off target",
    "no_target": "○ no target",
    "no_data": "– no data yet",
}

STEP_ORDER = ("start", "demand_review", "supply_review", "pre_sop", "sop_meeting", "execution")


def section(pack: Pack) -> Section:
    kpis = _in_step_order(pack.rows("marts.kpi_scorecard"))
    question = "Where do we stand against our targets?"
    if kpis.empty:
        reason = "The scorecard is empty: this cycle computed no KPI."
        return Section("scorecard", "Scorecard", question, (absent(reason),))
    return Section("scorecard", "Scorecard", question, (headline_tiles(kpis), kpi_table(kpis)))


def headline_tiles(kpis: pd.DataFrame) -> Tiles:
    """The KPIs that lead the page; one that this scorecard lacks leaves its place to the next that it has."""
    by_id = {row["kpi_id"]: row for row in kpis.to_dict("records")}
    places = [kpi_id for kpi_id in HEADLINE_KPIS if kpi_id in by_id]
    places += [kpi_id for kpi_id in by_id if kpi_id not in places]
    return Tiles(tuple(_tile(by_id[kpi_id]) for kpi_id in places[: len(HEADLINE_KPIS)]))


def kpi_table(kpis: pd.DataFrame) -> Table:
    columns = (
        Column("KPI", is_number=False),
        Column("Month", is_number=False),
        Column("Actual"),
        Column("Target"),
        Column("Gap"),
        Column("Last cycle"),
        Column("Status", is_number=False),
        Column("Why", is_number=False),
    )
    rows: list[tuple[Cell, ...]] = []
    step = None
    for kpi in kpis.to_dict("records"):
        if kpi["process_step"] != step:
            step = kpi["process_step"]
            rows.append(
                (
                    Cell(words.sentence_case(step).replace("sop", "S&OP"), "group"),
                    *[Cell("")] * (len(columns) - 1),
                )
            )
        rows.append(_kpi_row(kpi))
    return Table("All KPIs", columns, tuple(rows))


def _tile(kpi: dict) -> Tile:
    target = kpi["target_value"]
    lines = [
        f"target {show(target, kpi['unit'])}" if not words.is_empty(target) else "no target set",
        f"last cycle {show(kpi['prior_value'], kpi['unit'])}",
    ]
    return Tile(
        label=kpi["kpi_name"],
        value=show(kpi["actual_value"], kpi["unit"]),
        status=kpi["status"],
        lines=(STATUS_WORDS[kpi["status"]], " · ".join(lines)),
    )


def _kpi_row(kpi: dict) -> tuple[Cell, ...]:
    unit = kpi["unit"]
    return (
        Cell(kpi["kpi_name"], "name"),
        Cell(words.short_month(kpi["period_start_date"]), "brief"),
        Cell(show(kpi["actual_value"], unit), "strong"),
        Cell(show(kpi["target_value"], unit)),
        Cell(show_gap(kpi["gap_value"], unit)),
        Cell(show(kpi["prior_value"], unit)),
        Cell(STATUS_WORDS[kpi["status"]], f"status {kpi['status']}"),
        Cell(kpi["status_reason"], "prose"),
    )


def show(value: float | None, unit: str) -> str:
    if words.is_empty(value):
        return words.EMPTY
    if unit == "ratio":
        return words.percent(value, 1)
    return f"{words.number(value, 1)} {unit.removesuffix(' per year')}"


def show_gap(value: float | None, unit: str) -> str:
    """Gaps of shares are percentage points, not percent."""
    if words.is_empty(value) or value is None:
        return words.EMPTY
    if unit == "ratio":
        return words.number(value * 100, 1, signed=True) + " pts"
    return words.number(value, 1, signed=True)


def _in_step_order(kpis: pd.DataFrame) -> pd.DataFrame:
    order = {step: place for place, step in enumerate(STEP_ORDER)}
    places = kpis["process_step"].map(lambda step: order.get(step, len(order)))
    return (
        kpis.assign(place=places)
        .sort_values(["place", "process_step", "kpi_name", "kpi_id"], ignore_index=True)
        .drop(columns="place")
    )
