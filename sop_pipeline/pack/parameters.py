"""Planning parameters: what the system plans with that documents contradict, and what to enter instead.

Add here: a view of the review of parameters. Keep out: what is measured and what is called wrong (planning, marts).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_pipeline.pack import words
from sop_pipeline.pack.chart import ACCENT, ACCENT_TINT, FULL_WIDTH, INK, Spec, draw, records
from sop_pipeline.pack.content import Block, Cell, Column, Figure, Key, Section, Sentence, Table, absent
from sop_pipeline.pack.inputs import Pack

LISTED = 12
ROW_HEIGHT = 21
LABEL_WIDTH = 30
TICKS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 0.8, 1.0, 1.25, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
COUNTED = ("minimum_order_units", "lot_minimum_units", "lot_multiple_units", "safety_time_days")

NAMES = {
    "lead_time_days": ("Lead time", "days", 0),
    "minimum_order_units": ("Smallest order", "units", 0),
    "lot_minimum_units": ("Smallest lot", "units", 0),
    "lot_multiple_units": ("Multiple of lots", "units", 0),
    "yield_ratio": ("Yield", "ratio", 3),
    "run_hours_per_unit": ("Run time", "hours", 4),
    "component_scrap_ratio": ("Scrap of a component", "ratio", 3),
    "safety_time_days": ("Safety time", "days", 0),
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


def range_figure(listed: pd.DataFrame) -> Block:
    """Each against the configured value, on a scale of ratios: what was measured, and from the median to nine in ten documents.

    Orders are larger than what they are multiples of or may not fall below: there the documents are no range of it.
    """
    scale = listed["configured_value"].astype(float)
    spread = ~listed["parameter_id"].isin(COUNTED)
    rows = pd.DataFrame(
        {
            "number": listed["value_rank"].astype(int).astype(str),
            "measured": listed["measured_value"].astype(float) / scale,
            "low": (listed["p50_value"].astype(float) / scale).where(spread),
            "high": (listed["p90_value"].astype(float) / scale).where(spread),
        }
    )
    rows = rows[(rows["measured"] > 0) & np.isfinite(rows["measured"])]
    if rows.empty:
        return absent("No ranges to draw: each of these is 0 in the system or was measured as 0.")
    order = rows["number"].tolist()
    y: Spec = {"field": "number", "type": "nominal", "sort": order,
               "axis": {"title": None, "ticks": False, "domain": False, "minExtent": LABEL_WIDTH, "maxExtent": LABEL_WIDTH}}  # fmt: skip
    shown = rows[["measured", "low", "high"]].to_numpy(dtype=float)
    least, most = (
        float(bound) for bound in (np.nanmin([0.8, np.nanmin(shown)]), np.nanmax([1.25, np.nanmax(shown)]))
    )
    ticks = [tick for tick in TICKS if least / 1.3 <= tick <= most * 1.3]
    x: Spec = {
        "type": "quantitative",
        "scale": {
            "type": "log",
            "domain": [min(least / 1.1, ticks[0]), max(most * 1.1, ticks[-1])],
            "nice": False,
        },
        "axis": {"labelExpr": "format(datum.value, '.0%')", "grid": True, "title": None, "values": ticks},
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
        title="Measured, as a share of what the system says",
        svg=draw(specification, "parameter-ranges"),
        description="Each wrong parameter by its number in the table: the measured value and the range of the documents against the configured one.",
        legend=(
            Key("dot", "Measured"),
            Key("area accent", "Median to nine in ten documents"),
            Key("line ink", "System"),
        ),
    )
