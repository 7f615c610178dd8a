"""Data quality: what was found in the data, what was kept out of the numbers, and which rules did not hold.

Add here: a view of what the pipeline knows about its own data. Keep out: the rules (room `quality`).
"""

from __future__ import annotations

import pandas as pd

from sop_pipeline.pack import words
from sop_pipeline.pack.content import Block, Cell, Column, Section, Sentence, Table, absent
from sop_pipeline.pack.inputs import Pack
from sop_pipeline.pack.scorecard import STEP_ORDER

DIFFERING = ("differs", "beyond_limit")
"""Statuses of a reconciliation whose sides do not agree."""


def section(pack: Pack) -> Section:
    question = "What is wrong or weak in the data, and what does the plan do about it?"
    blocks = (*findings(pack), reconciliations(pack), kept_out(pack), warnings(pack))
    return Section("data-quality", "Data quality", question, blocks)


def findings(pack: Pack) -> tuple[Block, ...]:
    """How much was found, and each finding with its money and what is done about it."""
    rows = pack.rows("marts.data_findings")
    found = rows[rows["status"] != "none"]
    if found.empty:
        return (Sentence(f"Of {words.plural(len(rows), 'finding')} looked for in the data, none was found."),)
    return (Sentence(_summary(rows, found)), _findings_table(rows, found, pack.currency_code))


def _summary(rows: pd.DataFrame, found: pd.DataFrame) -> str:
    moving = found[found["severity"] != "information"]
    said = [
        f"{words.plural(len(found), 'finding')} of {len(rows)} looked for: {_verb(len(moving), 'moves', 'move')} numbers of "
        f"the plan, {_verb(len(found) - len(moving), 'is', 'are')} accounted for."
    ]
    beyond = found[found["status"] == "over_limit"]
    if not beyond.empty:
        said.append(f"Beyond its limit: {', '.join(beyond['finding_name'])}.")
    if (rows["trend"] != "unknown").any():
        more = found[found["trend"].isin(["new", "worse"])]
        said.append(
            f"Against the cycle before, {_verb(len(more), 'is new or has', 'are new or have')} grown."
        )
    return " ".join(said)


def _verb(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"


def _findings_table(rows: pd.DataFrame, found: pd.DataFrame, currency_code: str) -> Table:
    is_compared = bool((rows["trend"] != "unknown").any())
    columns = (
        Column("Finding", is_number=False),
        Column("Found"),
        Column("", is_number=False),
        Column("Value", currency_code),
        *([Column("Before")] if is_compared else []),
        Column("What it means", is_number=False),
        Column("What the plan does", is_number=False),
        Column("Owner", is_number=False),
    )
    cells: list[tuple[Cell, ...]] = []
    for step in [*STEP_ORDER, *sorted(set(found["process_step"]) - set(STEP_ORDER))]:
        of_step = found[found["process_step"] == step]
        if of_step.empty:
            continue
        title = words.sentence_case(step).replace("sop", "S&OP")
        cells.append((Cell(title, "group"), *[Cell("")] * (len(columns) - 1)))
        ranked = of_step.sort_values(
            ["finding_value", "finding_count", "finding_id"],
            ascending=[False, False, True],
            na_position="last",
        )
        cells += [_finding_row(row, is_compared) for row in ranked.to_dict("records")]
    return Table("What was found", columns, tuple(cells), caption=_caption(rows))


def _caption(rows: pd.DataFrame) -> str:
    clean = sorted(rows[rows["status"] == "none"]["finding_name"])
    text = (
        "Value: the money of the orders, purchases, stock or yearly loss that was found; not an error of that size in the "
        "plan, and not to be added up. Remedies stand in marts.data_findings, every object in marts.fct_data_findings."
    )
    return f"{text} Looked for and not found: {'; '.join(clean)}." if clean else text


def _finding_row(row: dict, is_compared: bool) -> tuple[Cell, ...]:
    whole = "" if words.is_empty(row["checked_count"]) else f"of {words.number(row['checked_count'])} "
    before = words.EMPTY if words.is_empty(row["prior_count"]) else words.number(row["prior_count"])
    return (
        Cell(f"{row['finding_name']} ◆ beyond its limit", "name red")
        if row["status"] == "over_limit"
        else Cell(row["finding_name"], "name"),
        Cell(words.number(row["finding_count"]), "strong"),
        Cell(f"{whole}{row['object_name']}", "brief"),
        Cell(_money(row["finding_value"])),
        *([Cell(before)] if is_compared else []),
        Cell(row["meaning"], "prose half"),
        Cell(row["handling"], "prose half"),
        Cell(row["owner"]),
    )


def _money(value: float) -> str:
    """One scale a cell, not a column: a finding of millions must not print the others as zero."""
    if words.is_empty(value) or words.is_shown_as_zero(words.number(value)):
        return words.EMPTY
    if abs(value) >= 1e6:
        return words.number(value / 1e6, 1) + " M"
    return words.number(value / 1e3, 1) + " k" if abs(value) >= 1e3 else words.number(value)


def reconciliations(pack: Pack) -> Block:
    """Each reconciliation with how many comparisons agree, and the largest difference beyond tolerance."""
    rows = pack.rows("marts.fct_reconciliations")
    if rows.empty:
        return absent("Nothing was reconciled in this cycle.")
    columns = (
        Column("What has to hold", is_number=False),
        Column("Compared"),
        Column("Differ"),
        Column("Largest difference", is_number=False),
        Column("There", is_number=False),
    )
    cells = tuple(_reconciled_row(of_one) for _, of_one in rows.groupby("reconciliation_id", sort=True))
    given = rows[rows["status"] != "not_given"]
    differing = int(rows["status"].isin(DIFFERING).sum())
    title = (
        f"{words.plural(len(given), 'comparison')} with the books and between documents, {differing} differ"
    )
    caption = (
        "By site or company and month of the last year. Not given: the extracts do not hold what it takes. Sides, differences and "
        "tolerances stand in marts.fct_reconciliations."
    )
    return Table(title, columns, cells, caption=caption)


def _reconciled_row(rows: pd.DataFrame) -> tuple[Cell, ...]:
    name = Cell(rows["reconciliation_name"].iloc[0], "name")
    given = rows[rows["status"] != "not_given"]
    if given.empty:
        return (name, Cell("not given", "brief"), Cell(""), Cell(""), Cell(""))
    differing = given[given["status"].isin(DIFFERING)]
    if differing.empty:
        return (name, Cell(words.number(len(given))), Cell("0"), Cell("all agree", "brief"), Cell(""))
    sizes = differing["difference"].astype(float).abs()
    worst = differing.loc[sizes.idxmax()]
    unit = worst["unit"] if words.is_empty(worst["currency_code"]) else worst["currency_code"]
    return (
        name,
        Cell(words.number(len(given))),
        Cell(f"{words.number(len(differing))} ◆", "strong red"),
        Cell(
            f"{words.number(float(worst['difference']))} {unit}: {words.number(float(worst['left_value']))} "
            f"{worst['left_name']}, {words.number(float(worst['right_value']))} {worst['right_name']}",
            "prose",
        ),
        Cell(f"{worst['object_id']}, {words.month(worst['period_start_date'])}"),
    )


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
