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
    rows = pack.rows("marts.fct_quarantined_rows")
    lost = rows[rows["is_lost"].astype(bool)]
    if lost.empty:
        return Sentence("No delivered row was kept out of the numbers.")
    counted = lost.groupby(["table_name", "rule_id"], as_index=False).agg(
        rows=("row_key", "size"), example=("row_key", "min"), problem=("problem", "first")
    )
    counted = counted.sort_values(["rows", "table_name", "rule_id"], ascending=[False, True, True])
    columns = (Column("Table", is_number=False), Column("Kept out", "rows"), Column("For example", is_number=False),
               Column("Why", is_number=False))  # fmt: skip
    cells = tuple(
        (
            Cell(row["table_name"], "name"),
            Cell(words.number(row["rows"]), "strong"),
            Cell(row["example"]),
            Cell(row["problem"], "prose"),
        )
        for row in counted.to_dict("records")
    )
    caption = "Each row stands in marts.fct_quarantined_rows, with the file and the row that it came from."
    return Table(
        f"{words.plural(len(lost), 'delivered row')} kept out of the numbers", columns, cells, caption=caption
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
