"""A whole delivery: every file of it made into a table at once, and what is known of each file.

Add here: what holds for the files of a delivery together, or against the delivery before. Keep out: one file
(`ingest`), where files come from (sources), Dagster (assets).
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sop_pipeline.delivery.company import read_company_formats
from sop_pipeline.warehouse.contracts import Contract
from sop_pipeline.warehouse.ingest import DEFAULT_LIMITS, IngestedFile, Limits, RejectedFile, ingest_file

ROW_DROP_MAXIMUM_RATIO = 0.2
ROWS_TO_JUDGE_A_DROP = 50
"""A table of fewer rows loses a fifth of them in the ordinary course of business."""


def ingest_all(
    contracts: list[Contract], folder: Path, quarantine_maximum_ratio: float, limits: Limits = DEFAULT_LIMITS
) -> list[IngestedFile]:
    """Ingest every table, as formats.yml of the folder says; raise RejectedFile once, with every file that was rejected."""
    ingested, problems = [], []
    company = read_company_formats(folder)
    for contract in contracts:
        try:
            ingested.append(ingest_file(contract, folder, quarantine_maximum_ratio, company, limits))
        except RejectedFile as error:
            problems.append(str(error))
    if problems:
        raise RejectedFile(
            f"{len(problems)} delivered files were rejected; nothing was loaded.\n\n" + "\n\n".join(problems)
        )
    return ingested


def describe_deliveries(ingested: list[IngestedFile], cycle_id: str, previous: pd.DataFrame) -> pd.DataFrame:
    """One row per file: what came, what was kept out, what was put right, and how much less it is than in the newest
    cycle published before (`previous`: that cycle's ingest.deliveries)."""
    files = pd.DataFrame(
        {
            "cycle_id": cycle_id,
            "table_name": file.contract.table,
            "file_name": file.path.name if file.path else None,
            "file_sha256": file.sha256,
            "file_bytes": file.path.stat().st_size if file.path else 0,
            "delivered_rows": file.delivered_rows,
            "accepted_rows": file.accepted_rows,
            "quarantined_rows": file.quarantined_rows,
            "ignored_columns": ", ".join(file.ignored_columns) or None,
            "fixes": "; ".join(file.fixes) or None,
        }
        for file in ingested
    )
    before = previous.set_index("table_name")["delivered_rows"] if len(previous) else pd.Series(dtype="int64")
    rows_before = files["table_name"].map(before)
    # people's files shrink when a promotion is over; a system's history does not
    is_judged = (rows_before >= ROWS_TO_JUDGE_A_DROP) & ~files["table_name"].str.startswith("planner.")
    drop = (1 - files["delivered_rows"] / rows_before).clip(lower=0)
    return files.assign(
        previous_delivered_rows=rows_before.astype("Int64"),
        row_drop_ratio=drop.where(is_judged),
        row_drop_maximum_ratio=files["table_name"]
        .map(_declared_drops(ingested))
        .fillna(ROW_DROP_MAXIMUM_RATIO),
    )


def _declared_drops(ingested: list[IngestedFile]) -> dict[str, float]:
    """Table -> share of rows that may be missing, where planners declared one for it."""
    (parameters,) = [file.rows for file in ingested if file.contract.table == "planner.planning_parameters"]
    return {
        row["scope_id"]: float(row["parameter_value"])
        for row in parameters.to_pylist()
        if (row["parameter_id"], row["scope"]) == ("row_drop_maximum_ratio", "table")
    }
