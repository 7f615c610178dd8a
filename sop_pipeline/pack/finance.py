"""Financial projection: the plan in money, against the budget.

Add here: a view of revenue, margin, cost or stock value. Keep out: prices and costs (marts).
"""

from __future__ import annotations

import pandas as pd

from sop_pipeline.pack import words
from sop_pipeline.pack.chart import ACCENT, INK, NEUTRAL, PLOT_WIDTH, amount_axis, draw, month_axis, records
from sop_pipeline.pack.content import Block, Cell, Column, Figure, Key, Section, Table, absent
from sop_pipeline.pack.inputs import Pack

NO_GOAL = (
    "No comparison with a budget: no goal for revenue or gross margin of the company was handed in for these months. "
    "Goals arrive in the planners' file `goals`."
)
PLAN_COSTS = {
    "production_cost": "Production",
    "purchase_cost": "Purchase",
    "freight_cost": "Freight",
    "regular_labour_cost": "Regular labour",
    "overtime_cost": "Overtime",
    "holding_cost": "Holding stock",
}


def section(pack: Pack) -> Section:
    question = "What does the plan earn, and how far is that from the budget?"
    goals = pack.rows("marts.fct_gap_to_goal")
    goals = goals[(goals["level"] == "company") & goals["metric"].isin(["revenue", "gross_margin"])]
    projection = pack.rows("marts.fct_financial_projection")
    blocks: list[Block] = []
    if goals.empty:
        blocks.append(absent(NO_GOAL))
    else:
        blocks += [revenue_figure(pack, goals), goal_table(pack, goals)]
    if projection.empty:
        blocks.append(absent("No financial projection: nothing is sold, made or bought in the horizon."))
    else:
        blocks.append(projection_table(pack, projection))
    return Section("finance", "Financial projection", question, tuple(blocks))


def revenue_figure(pack: Pack, goals: pd.DataFrame) -> Figure:
    revenue = goals[goals["metric"] == "revenue"]
    x = month_axis(1, padding=15)
    colour = {"condition": {"test": "datum.is_actual", "value": NEUTRAL}, "value": ACCENT}
    specification = {
        "data": {"values": records(revenue)},
        "width": PLOT_WIDTH,
        "height": 220,
        "layer": [
            {"mark": {"type": "bar", "width": 18},
             "encoding": {"x": x, "y": amount_axis("projected_value"), "color": colour}},
            {"mark": {"type": "tick", "color": INK, "thickness": 2, "width": 26, "orient": "horizontal"},
             "transform": [{"filter": "isValid(datum.budget_value)"}],
             "encoding": {"x": x, "y": amount_axis("budget_value")}},
            {"mark": {"type": "point", "color": INK, "size": 34, "strokeWidth": 1.4, "fill": "white"},
             "transform": [{"filter": "isValid(datum.latest_estimate_value)"}],
             "encoding": {"x": x, "y": amount_axis("latest_estimate_value")}},
        ],
    }  # fmt: skip
    legend = [
        Key("bar neutral", "Actual"),
        Key("bar accent", "Projected by the plan"),
        Key("tick ink", "Budget"),
    ]
    if revenue["latest_estimate_value"].notna().any():
        legend.append(Key("ring ink", "Latest estimate"))
    return Figure(
        title=f"Revenue of the company, {pack.currency_code} a month",
        svg=draw(specification, "finance-revenue"),
        description="Revenue by month, actual and projected, against budget and latest estimate.",
        legend=tuple(legend),
    )


def goal_table(pack: Pack, goals: pd.DataFrame) -> Table:
    """Revenue and gross margin against the budget, month by month of the horizon."""
    money = words.money_for(goals["projected_value"], pack.currency_code)
    planned = goals[~goals["is_actual"].astype(bool)]
    cells = {(row["metric"], row["period_start_date"]): row for row in planned.to_dict("records")}
    columns = (
        Column("Month", is_number=False),
        *(Column(metric if what == "projected" else "", what)
          for metric in ("Revenue", "Gross margin") for what in ("projected", "budget", "gap", "gap, share")),
    )  # fmt: skip
    rows = [
        (
            Cell(words.short_month(month), "name"),
            *(
                cell
                for metric in ("revenue", "gross_margin")
                for cell in _goal_cells(cells.get((metric, month)), money)
            ),
        )
        for month in pack.months()
    ]
    return Table(f"Revenue and gross margin against budget, {money.unit}", columns, tuple(rows))


def projection_table(pack: Pack, projection: pd.DataFrame) -> Table:
    """What the plan spends, month by month; families stacked."""
    months = projection.groupby("period_start_date", as_index=False).sum(numeric_only=True)
    costs = {column: label for column, label in PLAN_COSTS.items() if months[column].any()}
    values = {"revenue": "Revenue", "standard_gross_margin": "Standard gross margin"} | costs
    values |= {"inventory_value": "Stock at month end"}
    money = words.money_for(months[list(values)].to_numpy().ravel(), pack.currency_code)
    columns = (Column("Month", is_number=False), *(Column(label) for label in values.values()))
    rows = tuple(
        (
            Cell(words.short_month(row["period_start_date"]), "name"),
            *(Cell(money.show(row[column]), "strong" if column == "revenue" else "") for column in values),
        )
        for row in months.to_dict("records")
    )
    return Table(
        title=f"The plan in money, {money.unit}",
        columns=columns,
        rows=rows,
        caption=(
            "Costs are those of carrying out the plan, stock built included; a cost that never falls due is left "
            "out. Margin is at standard cost."
        ),
    )


def _goal_cells(row: dict | None, money: words.Money) -> tuple[Cell, ...]:
    if row is None:
        return (Cell(words.EMPTY),) * 4
    return (
        Cell(money.show(row["projected_value"]), "strong"),
        Cell(money.show(row["budget_value"])),
        Cell(money.show(row["gap_to_budget"], signed=True)),
        Cell(words.percent(row["gap_ratio"], 1, signed=True)),
    )
