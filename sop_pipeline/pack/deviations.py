"""Why supply deviated last month: where the hours of the plants went, and what plan, suppliers and customers missed for which cause.

Add here: a view of the causes of supply deviations. Keep out: how a gap is split (marts), limits of the months to come.
"""

from __future__ import annotations

import pandas as pd

from sop_pipeline.pack import words
from sop_pipeline.pack.chart import ACCENT, FULL_WIDTH, INK, NEUTRAL, Spec, amount_axis, draw, records
from sop_pipeline.pack.content import Block, Cell, Column, Figure, Key, Section, Table, absent
from sop_pipeline.pack.inputs import Pack

MEASURES = {
    "customer_otif": "Customer lines on time in full",
    "supplier_otif": "Supplier lines on time in full",
    "plan_attainment_mix": "Production plan attained",
    "yield": "Yield",
}
CAUSES = {
    "never_shipped": "Never shipped", "promised_late": "Promised late", "out_of_stock": "Out of stock",
    "shipped_short": "Shipped short", "shipped_late": "Shipped late", "not_received": "Overdue, not received",
    "rejected": "Rejected", "received_late": "Received late", "received_short": "Received short", "scrapped": "Scrapped",
    "still_in_work": "Still in work", "resource_full": "Resource full", "component_missing": "Component missing",
    "unexplained": "Not explained", "expected_scrap": "Scrap by the routing", "excess_scrap": "Scrap beyond the routing",
}  # fmt: skip
LOSSES = {
    "planned_stop": "Planned stops", "breakdown": "Breakdowns", "no_load": "No load", "set_up": "Set-up",
    "slow_running": "Slower than routing", "scrapped": "Scrap", "overtime": "Overtime",
}  # fmt: skip
"""Loss of hours -> what the meeting reads, in the order of the tree."""
AXIS = 62


def section(pack: Pack) -> Section:
    question = "What held supply back last month, and what of it comes again?"
    title = "Causes of supply deviations"
    causes = pack.rows("marts.fct_supply_deviation_causes")
    if causes.empty:
        return Section(
            "deviations", title, question, (absent("No deviation: nothing was due in the closed months."),)
        )
    last = causes["period_start_date"].max()
    month = causes[causes["period_start_date"] == last]
    return Section("deviations", title, question, (hours_figure(month, last), cause_table(month, last)))


def hours_figure(month: pd.DataFrame, last: pd.Timestamp) -> Block:
    """From the hours that there were to those that good units take by the routing, loss by loss."""
    hours = month[month["metric"] == "effective_utilisation"]
    if hours.empty:
        return absent("No hours on file for the month: the loss tree of the resources cannot be drawn.")
    available = float(hours.drop_duplicates("site_id")["due_quantity"].sum())
    lost = hours.groupby("cause")["gap_quantity"].sum().astype(float)
    steps = [
        {
            "step": "Available",
            "low": 0.0,
            "high": available,
            "kind": "total",
            "shown": words.number(available),
        }
    ]
    level = available
    for cause, name in LOSSES.items():
        amount = float(lost.get(cause, 0.0))
        if abs(amount) < 0.5:
            continue
        steps.append(
            {"step": name, "low": min(level, level - amount), "high": max(level, level - amount),
             "kind": "loss" if amount > 0 else "gain", "shown": words.number(-amount, signed=True)}
        )  # fmt: skip
        level -= amount
    steps.append(
        {"step": "Good units", "low": 0.0, "high": level, "kind": "total", "shown": words.number(level)}
    )
    order = [step["step"] for step in steps]
    x: Spec = {"field": "step", "type": "nominal", "sort": order,
               "axis": {"labelAngle": 0, "labelLimit": 120, "ticks": False, "title": None}, "scale": {"paddingInner": 0.35}}  # fmt: skip
    fill: Spec = {"field": "kind", "type": "nominal", "legend": None,
                  "scale": {"domain": ["total", "loss", "gain"], "range": [INK, NEUTRAL, ACCENT]}}  # fmt: skip
    layers: list[Spec] = [
        {"mark": {"type": "bar"}, "encoding": {"x": x, "y": amount_axis("low"), "y2": {"field": "high"}, "color": fill}},
        {"mark": {"type": "text", "dy": -7, "fontSize": 11, "color": INK},
         "encoding": {"x": x, "y": {"field": "high", "type": "quantitative"}, "text": {"field": "shown"}}},
    ]  # fmt: skip
    specification = {
        "data": {"values": records(pd.DataFrame(steps))},
        "width": FULL_WIDTH - AXIS,
        "height": 200,
        "layer": layers,
    }
    return Figure(
        title=f"All resources, {words.month(last)}, hours",
        svg=draw(specification, "hour-losses"),
        description="From the regular hours of all resources, loss by loss, to the hours that the good units take by their routings.",
        legend=(
            Key("line ink", "Hours there were, hours of good units"),
            Key("line neutral", "Lost"),
            Key("line accent", "Won"),
        ),
    )


def cause_table(month: pd.DataFrame, last: pd.Timestamp) -> Block:
    """What each measure missed for which cause, in points; the largest first."""
    rows = month[month["metric"].isin(list(MEASURES))]
    if rows.empty:
        return absent("Nothing was missed: every line and unit due in the month was served.")
    due = rows.drop_duplicates(["metric", "site_id"]).groupby("metric")["due_quantity"].sum()
    by_cause = rows.groupby(["metric", "cause", "unit"], as_index=False)["gap_quantity"].sum()
    by_cause["points"] = [
        float(gap) / float(due[metric]) if due[metric] else 0.0
        for gap, metric in zip(by_cause["gap_quantity"], by_cause["metric"], strict=True)
    ]
    by_cause["place"] = by_cause["metric"].map({name: place for place, name in enumerate(MEASURES)})
    by_cause = by_cause.sort_values(["place", "points", "cause"], ascending=[True, False, True])
    cells = tuple(
        (
            Cell(MEASURES[row["metric"]], "name"),
            Cell(CAUSES.get(row["cause"], words.sentence_case(row["cause"]))),
            Cell(words.number(row["gap_quantity"])),
            Cell(row["unit"]),
            Cell(words.percent(-row["points"], 1, signed=True), "strong"),
        )
        for row in by_cause.to_dict("records")
    )
    columns = (Column("Measure", is_number=False), Column("Cause", is_number=False), Column("Missed"),
               Column("Unit", is_number=False), Column("Costs the measure"))  # fmt: skip
    caption = (
        "The causes of a measure add up to what it lacks. Document by document in marts.fct_supply_deviation_evidence; which come "
        "again, in marts.fct_supply_cause_recurrence."
    )
    return Table(f"All sites, {words.month(last)}", columns, cells, caption=caption)
