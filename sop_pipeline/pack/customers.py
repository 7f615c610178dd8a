"""Who buys, how steadily, how soon they want the goods, and how they are served.

Add here: a view of customers. Keep out: names of customers (a pack travels), arithmetic (marts).
"""

from __future__ import annotations

from sop_pipeline.pack import words
from sop_pipeline.pack.content import Block, Cell, Column, Section, Table, absent
from sop_pipeline.pack.inputs import Pack

SHOWN = 10


def section(pack: Pack) -> Section:
    question = "What do the largest customers want, and do they get it?"
    return Section("customers", "Customers", question, (profiles(pack),))


def profiles(pack: Pack) -> Block:
    """The largest customers of the twelve closed months."""
    rows = pack.rows("marts.fct_customer_profiles")
    if rows.empty:
        return absent("No customer ordered in the twelve closed months.")
    shown = rows.sort_values(["revenue", "customer_id"], ascending=[False, True]).head(SHOWN)
    cells = tuple(_row(row) for row in shown.to_dict("records"))
    columns = (Column("Customer", is_number=False), Column("Channel", is_number=False), Column("Class", is_number=False),
               Column("Revenue", pack.currency_code), Column("Share"), Column("Variation"), Column("Wanted within", "days"),
               Column("OTIF"), Column("Stocked for"))  # fmt: skip
    caption = (
        "Twelve closed months. Variation: of the monthly units, over their mean. Wanted within: median days from order to "
        "requested day. OTIF: lines shipped in full by then. Stocked for: service targets of the families bought. All in "
        "marts.fct_customer_profiles."
    )
    title = (
        f"{min(SHOWN, len(rows))} largest of {words.plural(len(rows), 'customer and channel', 'customers and channels')}"
        if len(rows) > 1
        else "One customer"
    )
    return Table(title, columns, cells, caption=caption)


def _row(row: dict) -> tuple[Cell, ...]:
    otif, target = row["otif_ratio"], row["otif_target_ratio"]
    known = not words.is_empty(otif) and not words.is_empty(target)
    return (
        Cell(f"{row['customer_id']} {row['customer_group']}", "name"),
        Cell(row["channel_id"]),
        Cell(row["abc_class"]),
        Cell(words.number(row["revenue"]), "strong"),
        Cell(words.percent(row["revenue_ratio"], 1)),
        Cell(
            words.EMPTY if words.is_empty(row["variation_ratio"]) else words.number(row["variation_ratio"], 2)
        ),
        Cell(words.number(row["requested_lead_time_days"])),
        Cell(words.percent(otif, 1), "red" if known and otif < target else ""),
        Cell(words.percent(target, 1)),
    )
