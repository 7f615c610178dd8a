"""Data quality: what was kept out of the numbers, and which rules did not hold.

Add here: a view of what the pipeline knows about its own data. Keep out: the rules (room `quality`).
"""

from __future__ import annotations

from sop_pipeline.pack import words
from sop_pipeline.pack.content import Block, Cell, Column, Section, Sentence, Table, absent
from sop_pipeline.pack.inputs import Pack


def section(pack: Pack) -> Section:
    question = "Which rows are not in these numbers, and which warnings do they carry?"
    return Section("data-quality", "Data quality", question, (kept_out(pack), warnings(pack)))


def kept_out(pack: Pack) -> Block:
    if "ingest.deliveries" not in pack.tables:
        return absent(
            "Deliveries were not handed to this pack: rows kept out are listed in the release's quarantine tables."
        )
    deliveries = pack.rows("ingest.deliveries")
    delivered = int(deliveries["delivered_rows"].sum())
    held = deliveries[deliveries["quarantined_rows"] > 0]
    if held.empty:
        return Sentence(f"All {words.plural(delivered, 'delivered row')} were accepted; none was kept out.")
    held = held.sort_values(["quarantined_rows", "table_name"], ascending=[False, True])
    columns = (Column("Table", is_number=False), Column("Delivered", "rows"), Column("Accepted", "rows"),
               Column("Kept out", "rows"))  # fmt: skip
    rows = tuple(
        (
            Cell(row["table_name"], "name"),
            Cell(words.number(row["delivered_rows"])),
            Cell(words.number(row["accepted_rows"])),
            Cell(words.number(row["quarantined_rows"]), "strong"),
        )
        for row in held.to_dict("records")
    )
    return Table(
        "Rows kept out on arrival", columns, rows, caption="Each row is in quarantine with its reason."
    )


def warnings(pack: Pack) -> Block:
    if "gate_results" not in pack.tables:
        return absent(
            "Results of the data rules were not handed to this pack: they stand in the release's manifest."
        )
    results = pack.rows("gate_results")
    failed = results[~results["passed"].astype(bool)]
    if failed.empty:
        return Sentence(f"All {words.plural(len(results), 'data rule')} hold.")
    columns = (Column("Rule", is_number=False), Column("Table", is_number=False), Column("Rows at fault"),
               Column("Rows judged"), Column("Why it matters", is_number=False))  # fmt: skip
    rows = tuple(
        (
            Cell(words.sentence_case(row["rule"]), "name"),
            Cell(row["table_name"]),
            Cell(words.number(row["unexpected_count"]), "strong"),
            Cell(words.number(row["element_count"])),
            Cell(row["why"], "prose"),
        )
        for row in failed.to_dict("records")
    )
    title = f"{words.plural(len(failed), 'rule')} of {len(results)} did not hold"
    return Table(
        title,
        columns,
        rows,
        caption="Warnings are shown and the cycle goes on; a critical rule would have stopped it.",
    )
