"""Forecast accuracy: how good past forecasts of the closed months were, by the time they were made.

Add here: a view of accuracy or bias. Keep out: how errors are added up (marts).
"""

from __future__ import annotations

import pandas as pd

from sop_pipeline.pack import words
from sop_pipeline.pack.chart import ACCENT, MUTED, PLOT_WIDTH, amount_axis, draw, month_axis, records
from sop_pipeline.pack.content import Block, Cell, Column, Figure, Key, Section, Table, absent
from sop_pipeline.pack.inputs import Pack

FAMILY_LAG = 1
TREND_MONTHS = 3
"""Months with a measured accuracy from which a line says more than a table."""

BIAS_NOTE = (
    "Accuracy is 1 − the absolute errors of single series over demand. Bias: positive = forecast too high. "
    "Gain on naive: accuracy above that of repeating the same month of last year."
)


def section(pack: Pack) -> Section:
    question = "How far could last month's plans be trusted?"
    measured = pack.rows("marts.fct_forecast_performance")
    measured = measured[measured["stream"] == "final"]
    if measured.empty:
        reason = (
            "No forecast accuracy yet: it compares closed months with forecasts that were published before them, and no "
            "published cycle is older than the last closed month. The next cycle shows the first."
        )
        return Section("accuracy", "Forecast accuracy", question, (absent(reason),))
    company = measured[measured["level"] == "company"]
    blocks: list[Block] = [lag_table(company)]
    if company["period_start_date"].nunique() >= TREND_MONTHS:
        blocks.append(trend_figure(company))
    families = family_table(measured)
    return Section("accuracy", "Forecast accuracy", question, (*blocks, families))


def lag_table(company: pd.DataFrame) -> Table:
    last = company["period_start_date"].max()
    rows = company[company["period_start_date"] == last].sort_values("lag_months").to_dict("records")
    columns = (Column("Forecast made", is_number=False), *_MEASURE_COLUMNS)
    return Table(
        title=f"Company, {words.month(last)}, by age of the forecast",
        columns=columns,
        rows=tuple((Cell(lag_words(row["lag_months"]), "name"), *_measures(row)) for row in rows),
        caption=BIAS_NOTE,
    )


def family_table(measured: pd.DataFrame) -> Block:
    families = measured[(measured["level"] == "family") & (measured["lag_months"] == FAMILY_LAG)]
    if families.empty:
        return absent(
            f"No forecast {lag_words(FAMILY_LAG)} was published for a month closed by now: none by family yet."
        )
    last = families["period_start_date"].max()
    rows = families[families["period_start_date"] == last]
    rows = rows.sort_values(["accuracy_ratio", "level_id"], na_position="last")
    return Table(
        title=f"Families, {words.month(last)}, forecast made {lag_words(FAMILY_LAG)}",
        columns=(Column("Family", is_number=False), *_MEASURE_COLUMNS),
        rows=tuple((Cell(row["level_id"], "name"), *_measures(row)) for row in rows.to_dict("records")),
        caption="Least accurate first.",
    )


def trend_figure(company: pd.DataFrame) -> Figure:
    lags = sorted(company["lag_months"].unique())[:2]
    shown = company[company["lag_months"].isin(lags)]
    colour = {"field": "lag_months", "type": "ordinal", "legend": None,
              "scale": {"domain": [int(lag) for lag in lags], "range": [ACCENT, MUTED][: len(lags)]}}  # fmt: skip
    y = amount_axis("accuracy_ratio", shown_as=".0%", scale={"zero": False, "domainMax": 1})
    encoding = {"x": month_axis(every_months=1), "y": y, "color": colour}
    specification = {
        "data": {"values": records(shown)},
        "width": PLOT_WIDTH,
        "height": 180,
        "encoding": encoding,
        "layer": [
            {"mark": {"type": "line", "strokeWidth": 2}},
            {"mark": {"type": "point", "filled": True, "size": 40, "opacity": 1}},
        ],
    }
    marks = ("line accent", "line muted")
    return Figure(
        title="Company, accuracy by month",
        svg=draw(specification, "accuracy-trend"),
        description="Share of demand that the forecast got right, by closed month.",
        legend=tuple(Key(mark, f"made {lag_words(lag)}") for mark, lag in zip(marks, lags, strict=False)),
    )


_MEASURE_COLUMNS = (
    Column("Forecast", "units"),
    Column("Demand", "units"),
    Column("Accuracy"),
    Column("Bias"),
    Column("Gain on naive", "points"),
)


def _measures(row: dict) -> tuple[Cell, ...]:
    added = row["value_added_ratio"]
    return (
        Cell(words.number(row["forecast_units"])),
        Cell(words.number(row["actual_units"])),
        Cell(words.percent(row["accuracy_ratio"], 1), "strong"),
        Cell(words.percent(row["bias_ratio"], 1, signed=True)),
        Cell(words.EMPTY if words.is_empty(added) else words.number(added * 100, 1, signed=True)),
    )


def lag_words(lag_months: int) -> str:
    if lag_months == 0:
        return "at the start of the month"
    return f"{words.plural(int(lag_months), 'month')} before"
