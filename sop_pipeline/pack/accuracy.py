"""Forecast accuracy: how good past forecasts of the closed months were, by the time they were made.

Add here: a view of accuracy or bias. Keep out: how errors are added up (marts).
"""

from __future__ import annotations

import json

import pandas as pd

from sop_pipeline.pack import words
from sop_pipeline.pack.chart import (
    ACCENT,
    MUTED,
    NEUTRAL,
    PLOT_WIDTH,
    amount_axis,
    draw,
    month_axis,
    records,
)
from sop_pipeline.pack.content import Block, Cell, Column, Figure, Key, Section, Table, absent
from sop_pipeline.pack.inputs import Pack

FAMILY_LAG = 1
LAGS_OF_A_LINE = 2
WIDTH_OF_A_LAG = 190
TREND_MONTHS = 3
"""Months with a measured accuracy from which a line says more than a table."""

BIAS_NOTE = (
    "Accuracy is 1 − the absolute errors of single series over demand. Bias: positive = forecast too high. "
    "Gain on naive: accuracy above that of repeating the same month of last year. Tracking signal: errors so far over their "
    "mean size, ▲ beyond its limit: the forecast errs to one side."
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
    blocks: list[Block] = [lag_table(company), lag_figure(pack)]
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


def lag_figure(pack: Pack) -> Block:
    """Error by age of the forecast, over all months measured: what was published, the statistical layer, the naive."""
    steps = pack.rows("marts.fct_forecast_value_added")
    steps = steps[(steps["level"] == "company") & (steps["detail"] == "step")]
    if steps["lag_months"].nunique() < LAGS_OF_A_LINE:
        return absent(
            "The chart of accuracy by age of the forecast starts when forecasts of two ages have met their month, and the same "
            "month a year before is known: two cycles after the first."
        )
    first, last = steps[steps["step"] == "statistical"], steps[steps["step"] == "overrides"]
    streams = [(first, "wape_before_ratio", "naive"), (first, "wape_after_ratio", "statistical"),
               (last, "wape_after_ratio", "published")]  # fmt: skip
    rows = pd.concat([
        rows[["lag_months", "month_count"]].assign(wape_ratio=rows[column], stream=stream)
        for rows, column, stream in streams
    ])  # fmt: skip
    labels = {lag: [lag_words(lag, is_short=True), words.plural(int(count), "closed month")]
              for lag, count in zip(first["lag_months"], first["month_count"], strict=True)}  # fmt: skip
    order = sorted(labels, reverse=True)
    colour = {"field": "stream", "type": "nominal", "legend": None,
              "scale": {"domain": ["naive", "statistical", "published"], "range": [NEUTRAL, MUTED, ACCENT]}}  # fmt: skip
    axis = {
        "title": None,
        "labelAngle": 0,
        "labelExpr": f"({json.dumps(labels)})[datum.value]",
        "grid": False,
    }
    x = {"field": "lag_months", "type": "ordinal", "sort": order, "axis": axis}
    y = amount_axis("wape_ratio", shown_as=".0%", scale={"zero": True, "nice": 4})
    return Figure(
        title="Company, error by age of the forecast, all months measured",
        svg=draw({
            "data": {"values": records(rows)}, "width": min(PLOT_WIDTH, WIDTH_OF_A_LAG * len(order)), "height": 200, "encoding": {"x": x, "y": y, "color": colour},
            "layer": [{"mark": {"type": "line", "strokeWidth": 2}},
                      {"mark": {"type": "point", "filled": True, "size": 46, "opacity": 1}}],
        }, "accuracy-by-lag"),
        description="Absolute errors over demand by the months between a forecast and its month; lower is better.",
        legend=(
            Key("line accent", "Published forecast"),
            Key("line muted", "Statistical forecast"),
            Key("line neutral", "Same month a year ago (naive)"),
        ),
        caption="WAPE: absolute errors of single series over demand; lower is better. Ages are measured on different months.",
    )  # fmt: skip


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
    Column("Tracking signal"),
)


def _measures(row: dict) -> tuple[Cell, ...]:
    added = row["value_added_ratio"]
    return (
        Cell(words.number(row["forecast_units"])),
        Cell(words.number(row["actual_units"])),
        Cell(words.percent(row["accuracy_ratio"], 1), "strong"),
        Cell(words.percent(row["bias_ratio"], 1, signed=True)),
        Cell(words.EMPTY if words.is_empty(added) else words.number(added * 100, 1, signed=True)),
        Cell(
            ("▲ " if _is_true(row["is_beyond_limit"]) else "")
            + words.number(row["tracking_signal"], 1, signed=True)
        ),
    )


def _is_true(value: object) -> bool:
    return not words.is_empty(value) and bool(value)


def lag_words(lag_months: int, is_short: bool = False) -> str:
    if lag_months == 0:
        return "same month" if is_short else "at the start of the month"
    return f"{words.plural(int(lag_months), 'month')} before"
