"""Why forecasts missed, and which of these causes come again and again.

Add here: a view of the causes of forecast errors. Keep out: how an error is split and added up (marts).
"""

from __future__ import annotations

import pandas as pd

from sop_pipeline.pack import words
from sop_pipeline.pack.accuracy import lag_words
from sop_pipeline.pack.content import Block, Cell, Column, Section, Table, absent
from sop_pipeline.pack.inputs import Pack

CAUSES = {
    "stock_out": "Empty shelf: demand was not recorded",
    "one_off_order": "One-off order",
    "promotion_miss": "Activity sold other than planned",
    "launch_or_phase_out": "Launch or phase-out",
    "price": "Price other than expected",
    "timing": "Demand came in another month",
    "model_bias": "Forecast errs to one side",
    "unexplained": "Not explained",
}
"""Cause code -> what the meeting reads."""

STATES = {
    "confirmed": "confirmed",
    "replaced": "replaced",
    "contradicted": "people disagree",
    "no_such_cause": "no such part found",
}
"""State of a confirmation -> what the meeting reads."""

NOTE = (
    "Each error is split in this order; the parts of a series add up to its error. Net: positive = forecast too high. "
    "Size: parts of single series, over- and under-forecasts not set off. By chance: share of the size in errors within the "
    "80 % interval of their forecast, where there is nothing to look for. Row by row, with the evidence, in "
    "marts.fct_demand_deviation_causes."
)
SHOWN = 12


def section(pack: Pack) -> Section:
    question = "Why did the forecasts miss, and what comes again?"
    return Section(
        "causes", "Causes of forecast errors", question, (totals(pack), recurring(pack), *confirmed(pack))
    )


def totals(pack: Pack) -> Block:
    """The last closed month of the company by cause, at the longest lag that causes are known for."""
    rows = pack.rows("marts.fct_deviation_cause_totals")
    rows = rows[rows["level"] == "company"]
    if rows.empty:
        return absent(
            "No cause of a forecast error yet: no month has closed for which a forecast was published before it."
        )
    last = rows["period_start_date"].max()
    rows = rows[rows["period_start_date"] == last]
    lag = rows["lag_months"].max()
    rows = rows[rows["lag_months"] == lag].sort_values("rule_number")
    cells = tuple(
        (
            Cell(CAUSES[row["cause_code"]], "name"),
            Cell(words.number(row["cause_units"], signed=True)),
            Cell(words.number(row["absolute_units"]), "strong"),
            Cell(words.percent(row["absolute_ratio"])),
            Cell(words.number(row["absolute_value"])),
            Cell(words.percent(row["within_interval_ratio"])),
            Cell(words.number(row["series_count"])),
        )
        for row in rows.to_dict("records")
    )
    columns = (Column("Cause", is_number=False), Column("Net", "units"), Column("Size", "units"), Column("Share of size"),
               Column("Size", pack.currency_code), Column("By chance"), Column("Series"))  # fmt: skip
    title = f"Company, {words.month(last)}, forecast made {lag_words(lag)}"
    return Table(title, columns, cells, caption=NOTE)


def recurring(pack: Pack) -> Block:
    """What was seen in more than one cycle: first what nobody acts on, then the dearest."""
    rows = pack.rows("marts.fct_cause_recurrence")
    rows = rows[rows["cycles_seen"] > 1]
    if rows.empty:
        return absent("No cause was seen in more than one cycle.")
    exceptions = int(rows["is_exception"].astype(bool).sum())
    rows = rows.sort_values(
        ["is_exception", "cycles_seen", "absolute_value", "cause_id"], ascending=[False, False, False, True]
    )
    cells = tuple(_recurring_row(row) for row in rows.head(SHOWN).to_dict("records"))
    columns = (Column("Cause", is_number=False), Column("Item", is_number=False), Column("Site", is_number=False),
               Column("Cycles"), Column("Size", "units"), Column("Size", pack.currency_code), Column("Action", is_number=False))  # fmt: skip
    title = f"{words.plural(len(rows), 'cause')} seen in more than one cycle, {exceptions} of them in three or more without an action"
    caption = f"The first {SHOWN}." if len(rows) > SHOWN else ""
    return Table(title, columns, cells, caption=caption)


def confirmed(pack: Pack) -> tuple[Block, ...]:
    """What people hold the cause to be, and what became of it; nothing where nobody said anything."""
    rows = pack.rows("marts.fct_cause_confirmations")
    if rows.empty:
        return ()
    rows = rows.sort_values(["absolute_units", "confirmation_id"], ascending=[False, True])
    cells = tuple(
        (
            Cell(row["item_id"], "name"),
            Cell(f"{row['site_id']} · {row['channel_id']}"),
            Cell(words.short_month(pd.Timestamp(row["period_start_date"]))),
            Cell(CAUSES.get(row["cause_code"], row["cause_code"])),
            Cell(CAUSES.get(row["confirmed_cause_code"], row["confirmed_cause_code"])),
            Cell(STATES[row["confirmation_state"]]),
            Cell(words.number(row["absolute_units"]), "strong"),
            Cell(row["comment"], "prose"),
            Cell(row["owner"]),
        )
        for row in rows.head(SHOWN).to_dict("records")
    )
    columns = (Column("Item", is_number=False), Column("Site, channel", is_number=False), Column("Month", is_number=False),
               Column("Rules found", is_number=False), Column("People say", is_number=False), Column("So it is", is_number=False),
               Column("Size", "units"), Column("Why", is_number=False), Column("Who", is_number=False))  # fmt: skip
    caption = f"The largest {SHOWN} of {len(rows):,}." if len(rows) > SHOWN else ""
    return (Table("Causes that people have spoken of", columns, cells, caption=caption),)


def _recurring_row(row: dict) -> tuple[Cell, ...]:
    action = row["action_id"] if not pd.isna(row["action_id"]) else words.EMPTY
    return (
        Cell(CAUSES[row["cause_code"]], "name"),
        Cell(row["item_id"]),
        Cell(row["site_id"]),
        Cell(words.number(row["cycles_seen"])),
        Cell(words.number(row["absolute_units"])),
        Cell(words.number(row["absolute_value"]), "strong"),
        Cell("none ◆ needs one", "red") if row["is_exception"] else Cell(action),
    )
