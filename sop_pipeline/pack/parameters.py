"""Planning parameters: what the system plans with that documents contradict, and what to enter instead.

Add here: a view of the review of parameters. Keep out: what is measured and what is called wrong (planning, marts).
"""

from __future__ import annotations

import pandas as pd

from sop_pipeline.pack import words
from sop_pipeline.pack.chart import ACCENT, ACCENT_TINT, FULL_WIDTH, INK, Spec, draw, records
from sop_pipeline.pack.content import Block, Cell, Column, Figure, Key, Section, Sentence, Table, absent
from sop_pipeline.pack.inputs import Pack

LISTED = 12
ROW_HEIGHT = 21
LABEL_WIDTH = 30

NAMES = {
    "lead_time_days": ("Lead time", "days", 0),
    "minimum_order_units": ("Smallest order", "units", 0),
    "lot_minimum_units": ("Smallest lot", "units", 0),
    "lot_multiple_units": ("Lots in multiples of", "units", 0),
    "yield_ratio": ("Yield", "ratio", 3),
    "run_hours_per_unit": ("Run time", "hours", 4),
    "safety_stock_units": ("Safety stock", "units", 0),
}
"""Parameter -> how it is called, its unit, its decimals."""
STATES = {
    "open": "open",
    "accepted": "accepted",
    "rejected": "rejected",
    "entered": "entered",
    "lapsed": "open again",
}


def section(pack: Pack) -> Section:
    question = "Which parameters do we plan with that practice contradicts?"
    title = "Planning parameters"
    rows = pack.rows("marts.fct_parameter_review")
    wrong = rows[rows["verdict"] == "wrong"].sort_values("value_rank", ignore_index=True)
    if wrong.empty:
        counts = rows["verdict"].value_counts()
        reason = (
            f"No parameter is contradicted: {words.plural(int(counts.get('right', 0)), 'parameter')} measured and right, "
            f"{counts.get('too_few_observations', 0):,} with too few documents to tell."
        )
        return Section("parameters", title, question, (absent(reason),))
    listed = wrong.head(LISTED)
    return Section(
        "parameters", title, question, (summary(rows), wrong_table(pack, wrong, listed), range_figure(listed))
    )


def summary(rows: pd.DataFrame) -> Sentence:
    """How many were measured, and what came of it."""
    counts = rows["verdict"].value_counts()
    wrong, right = int(counts.get("wrong", 0)), int(counts.get("right", 0))
    waiting = int(rows["needs_decision"].astype(bool).sum())
    few = int(counts.get("too_few_observations", 0))
    return Sentence(
        f"Of {words.plural(wrong + right, 'parameter')} that could be measured {wrong:,} are wrong, at most one in twenty of these "
        f"by chance; {waiting:,} wait for a decision. {few:,} more have too few documents to tell."
    )


def wrong_table(pack: Pack, wrong: pd.DataFrame, listed: pd.DataFrame) -> Block:
    """The dearest wrong parameters: what the system says, what was measured, what to enter."""
    money = words.money_for(wrong["last_year_value"], pack.currency_code)
    cells = tuple(
        (
            Cell(words.number(row["value_rank"])),
            Cell(row["object_name"], "name"),
            Cell(NAMES[row["parameter_id"]][0]),
            Cell(NAMES[row["parameter_id"]][1]),
            *(
                Cell(words.number(row[name], NAMES[row["parameter_id"]][2]), tone)
                for name, tone in (
                    ("configured_value", ""),
                    ("measured_value", ""),
                    ("proposed_value", "strong"),
                )
            ),
            Cell(words.number(row["observation_count"])),
            Cell(money.show(row["last_year_value"])),
            Cell(STATES[row["decision_state"]]),
        )
        for row in listed.to_dict("records")
    )
    columns = (Column("No."), Column("What", is_number=False), Column("Parameter", is_number=False),
               Column("Unit", is_number=False), Column("System"), Column("Measured"), Column("Enter"), Column("Documents"),
               Column("Passed in a year", money.unit), Column("Decision", is_number=False))  # fmt: skip
    rest = len(wrong) - len(listed)
    caption = f"{words.plural(rest, 'further parameter')} in marts.fct_parameter_review." if rest else ""
    return Table("Wrong parameters, the dearest first", columns, cells, caption=caption)


def range_figure(listed: pd.DataFrame) -> Figure:
    """Each against the configured value: what was measured, and from the median to nine in ten documents."""
    scale = listed["configured_value"].astype(float)
    rows = pd.DataFrame(
        {
            "number": listed["value_rank"].astype(int).astype(str),
            "measured": listed["measured_value"].astype(float) / scale,
            "low": listed["p50_value"].astype(float) / scale,
            "high": listed["p90_value"].astype(float) / scale,
        }
    )
    order = rows["number"].tolist()
    y: Spec = {"field": "number", "type": "nominal", "sort": order,
               "axis": {"title": None, "ticks": False, "domain": False, "minExtent": LABEL_WIDTH, "maxExtent": LABEL_WIDTH}}  # fmt: skip
    percent = "format(datum.value, '.0%')"
    top = max(1.2, float(rows[["measured", "high"]].max().max()) * 1.05)
    x: Spec = {
        "type": "quantitative",
        "scale": {"domain": [0, top], "nice": False},
        "axis": {"labelExpr": percent, "grid": True, "title": None, "tickCount": 8},
    }
    layers: list[Spec] = [
        {"mark": {"type": "bar", "height": 8, "color": ACCENT_TINT},
         "encoding": {"y": y, "x": {**x, "field": "low"}, "x2": {"field": "high"}}},
        {"mark": {"type": "rule", "color": INK, "strokeWidth": 1.2}, "encoding": {"x": {"datum": 1}}},
        {"mark": {"type": "point", "filled": True, "size": 62, "color": ACCENT, "opacity": 1},
         "encoding": {"y": y, "x": {**x, "field": "measured"}}},
    ]  # fmt: skip
    specification = {
        "data": {"values": records(rows)},
        "width": FULL_WIDTH - LABEL_WIDTH - 30,
        "height": ROW_HEIGHT * len(rows),
        "layer": layers,
    }
    return Figure(
        title="Measured, % of what the system says",
        svg=draw(specification, "parameter-ranges"),
        description="Each wrong parameter by its number in the table: the measured value and the range of the documents against the configured one.",
        legend=(
            Key("dot", "Measured"),
            Key("area accent", "Median to nine in ten documents"),
            Key("line ink", "System"),
        ),
    )
