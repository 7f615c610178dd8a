"""Forecast value added: which steps, people and single changes made the forecast better, and which did not.

Add here: a view of value added. Keep out: how it is measured and tested (marts).
"""

from __future__ import annotations

import pandas as pd

from sop_pipeline.pack import words
from sop_pipeline.pack.accuracy import lag_words
from sop_pipeline.pack.chart import ACCENT, FULL_WIDTH, INK, MUTED, RED, Spec, draw
from sop_pipeline.pack.content import Block, Cell, Column, Figure, Key, Section, Table, absent
from sop_pipeline.pack.inputs import Pack

SHOWN_LAG = 1
"""Months before: late enough to know the orders, early enough to act on."""
MOST_ENTRIES = 12

STEPS = {
    "statistical": "Statistical forecast",
    "launches": "Launches",
    "activities": "Market activities",
    "sales": "Sales forecasts",
    "order_book": "Orders on hand",
    "overrides": "Overrides",
}
VERDICTS = {
    "better": "● proven better",
    "worse": "◆ proven worse",
    "not_proven": "○ may be chance",
    "too_few": "– too few series",
    "unchanged": "– changed nothing",
}
TONES = {"better": "green", "worse": "red"}
NAIVE = "Same month a year ago"
PUBLISHED = "Published forecast"
UNRECORDED = "not recorded"

TEST_NOTE = (
    "Points of WAPE: error over demand. Proven: a paired test of the absolute errors over the series that were changed would show "
    "this by chance once in twenty; below five series nothing is proven. Steps add up from the naive to what was published."
)


def section(pack: Pack) -> Section:
    question = "Which work on the forecast paid off, and whose?"
    company = pack.rows("marts.fct_forecast_value_added")
    company = company[company["level"] == "company"]
    if company.empty:
        reason = (
            "No value added yet: it compares closed months with what each step of a forecast published before them had said, and "
            "with the same month a year before. It starts with the first month closed after a published cycle."
        )
        return Section("value-added", "Forecast value added", question, (absent(reason),))
    lags = sorted(company["lag_months"].unique())
    lag = SHOWN_LAG if SHOWN_LAG in lags else lags[0]
    shown = company[company["lag_months"] == lag]
    blocks = (
        stair_figure(shown, lag),
        people_table(shown, lag),
        entries_table(shown, lag),
    )
    return Section("value-added", "Forecast value added", question, blocks)


def stair_figure(shown: pd.DataFrame, lag: int) -> Figure:
    """A bar a step, from the error before it to the error after it; better leads to the left."""
    steps = shown[shown["detail"] == "step"].sort_values("step_number")
    rows = [{"name": STEPS[row["step"]], "before": row["wape_before_ratio"], "after": row["wape_after_ratio"],
             "words": _points(row["value_added_ratio"]) + " · " + VERDICTS[row["verdict"]][2:],
             "is_worse": row["value_added_ratio"] < 0}
            for row in steps.to_dict("records")]  # fmt: skip
    names = [NAIVE, *(row["name"] for row in rows), PUBLISHED]
    links = [{"name": upper, "below": lower, "after": at} for upper, lower, at in
             zip(names, names[1:], [rows[0]["before"], *(row["after"] for row in rows)], strict=False)]  # fmt: skip
    ends = [
        {"name": NAIVE, "after": rows[0]["before"], "words": words.percent(rows[0]["before"], 1)},
        {"name": PUBLISHED, "after": rows[-1]["after"], "words": words.percent(rows[-1]["after"], 1)},
    ]
    height = 30 * len(names)
    title = f"WAPE of forecasts made {lag_words(lag)}, {_months(steps)}"
    return Figure(
        title=f"Company, from the naive to the published forecast: {title}",
        svg=draw(_stair(names, rows, links, ends, height), "value-added"),
        description="Error before and after each step of the forecast; bars that lead to the left made it better.",
        legend=(
            Key("bar accent", "Made the error smaller"),
            Key("bar red", "Made it larger"),
            Key("dot", "Error of the whole forecast"),
        ),
        caption=TEST_NOTE,
    )


def _stair(names: list[str], rows: list[dict], links: list[dict], ends: list[dict], height: int) -> Spec:
    y = {"field": "name", "type": "ordinal", "sort": names, "scale": {"domain": names, "padding": 0.45},
         "axis": {"title": None, "ticks": False, "domain": False, "labelFontSize": 12, "labelColor": INK, "labelLimit": 200,
                  "minExtent": 164, "maxExtent": 164}}  # fmt: skip
    axis = {
        "title": None,
        "labelExpr": "format(datum.value * 100, '.3~g') + ' %'",
        "grid": True,
        "tickCount": 6,
    }
    x = {"type": "quantitative", "scale": {"zero": False, "nice": True, "padding": 30}, "axis": axis}
    colour = {"condition": {"test": "datum.is_worse", "value": RED}, "value": ACCENT}
    return {
        "width": FULL_WIDTH - 300,
        "height": height,
        "layer": [
            {"data": {"values": links}, "mark": {"type": "rule", "color": MUTED, "strokeWidth": 0.8, "strokeDash": [2, 2]},
             "encoding": {"y": y, "y2": {"field": "below"}, "x": {"field": "after"} | x}},
            {"data": {"values": rows}, "mark": {"type": "bar", "height": 15},
             "encoding": {"y": y, "x": {"field": "before"} | x, "x2": {"field": "after"}, "color": colour}},
            {"data": {"values": rows}, "transform": [{"calculate": "max(datum.before, datum.after)", "as": "edge"}],
             "mark": {"type": "text", "align": "left", "dx": 8, "color": INK, "fontSize": 12},
             "encoding": {"y": y, "x": {"field": "edge"} | x, "text": {"field": "words"}}},
            {"data": {"values": ends}, "mark": {"type": "point", "filled": True, "size": 90, "color": ACCENT, "opacity": 1},
             "encoding": {"y": y, "x": {"field": "after"} | x}},
            {"data": {"values": ends}, "mark": {"type": "text", "align": "left", "dx": 10, "fontWeight": "bold", "fontSize": 12,
                                                "color": INK},
             "encoding": {"y": y, "x": {"field": "after"} | x, "text": {"field": "words"}}},
        ],
    }  # fmt: skip


def people_table(shown: pd.DataFrame, lag: int) -> Block:
    people = shown[shown["detail"] == "person"]
    if people.empty:
        return absent(
            f"No sales forecast or override moved a forecast made {lag_words(lag)} of a month closed by now: "
            "nobody's record can be shown yet."
        )
    rows = people.sort_values(["value_added_units", "step", "detail_id"], ascending=[False, True, True])
    return Table(
        title=f"People, forecasts made {lag_words(lag)}, {_months(people)}",
        columns=(Column("Person", is_number=False), Column("Handed in", is_number=False), *_DETAIL_COLUMNS),
        rows=tuple(
            (Cell(row["detail_id"], "name"), Cell(STEPS[row["step"]]), *_details(row))
            for row in rows.to_dict("records")
        ),
        caption="Most gained first. + took something off the absolute errors, − added to them."
        + _unrecorded(people),
    )


def entries_table(shown: pd.DataFrame, lag: int) -> Block:
    entries = shown[shown["detail"] == "override"]
    if entries.empty:
        return absent(
            f"No override moved a forecast made {lag_words(lag)} of a month closed by now: none can be judged yet."
        )
    entries = entries.assign(size=entries["value_added_units"].abs())
    rows = entries.sort_values(["size", "detail_id"], ascending=[False, True]).head(MOST_ENTRIES)
    rest = len(entries) - len(rows)
    return Table(
        title=f"Single overrides, forecasts made {lag_words(lag)}, {_months(entries)}",
        columns=(Column("Override", is_number=False), *_DETAIL_COLUMNS),
        rows=tuple((Cell(row["detail_id"], "name"), *_details(row)) for row in rows.to_dict("records")),
        caption="Largest effect first, for better or worse."
        + _unrecorded(entries)
        + (f" {words.plural(rest, 'smaller one')} not listed." if rest else ""),
    )


_DETAIL_COLUMNS = (
    Column("Changed", "series-months"),
    Column("Taken off the error", "units"),
    Column("WAPE of what was changed", "points"),
    Column("WAPE of the company", "points"),
    Column("Verdict", is_number=False),
)


def _details(row: dict) -> tuple[Cell, ...]:
    verdict = row["verdict"]
    return (
        Cell(words.number(row["observation_count"])),
        Cell(words.number(row["value_added_units"], signed=True), "strong"),
        Cell(_points(row["touched_value_added_ratio"], is_gain=True)),
        Cell(_points(row["value_added_ratio"], is_gain=True, decimals=2)),
        Cell(VERDICTS[verdict], "status " + TONES.get(verdict, "")),
    )


def _points(ratio: float | None, is_gain: bool = False, decimals: int = 1) -> str:
    """Points of WAPE that were gained (+) or lost (−)."""
    if ratio is None or words.is_empty(ratio):
        return words.EMPTY
    text = words.number(ratio * 100, decimals, signed=True)
    if is_gain:
        return text
    return "no change" if words.is_shown_as_zero(text) else f"{text} points"


def _unrecorded(rows: pd.DataFrame) -> str:
    if (rows["detail_id"] == UNRECORDED).any():
        return " Not recorded: published before overrides were kept one by one."
    return ""


def _months(rows: pd.DataFrame) -> str:
    first, last = rows["first_period_start_date"].min(), rows["last_period_start_date"].max()
    return words.month(last) if first == last else f"{words.short_month(first)} to {words.short_month(last)}"
