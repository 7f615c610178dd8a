"""A whole delivery: every file of it made into a table at once, and what is known of each file.

Add here: what holds for the files of a delivery together, or against the delivery before. Keep out: one file
(`ingest`), where files come from (sources), Dagster (assets).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from sop_pipeline.delivery.accepted import AcceptedDelivery
from sop_pipeline.delivery.company import CompanyFormats, read_company_formats
from sop_pipeline.warehouse.contracts import Contract
from sop_pipeline.warehouse.ingest import (
    DEFAULT_LIMITS,
    IngestedFile,
    Limits,
    RejectedFile,
    delivered_file,
    ingest_file,
    ingest_state,
)

ROW_DROP_MAXIMUM_RATIO = 0.2
ROWS_TO_JUDGE_A_DROP = 50
"""A table of fewer rows loses a fifth of them in the ordinary course of business."""


def ingest_all(
    contracts: list[Contract],
    folder: Path,
    quarantine_maximum_ratio: float,
    limits: Limits = DEFAULT_LIMITS,
    history: Sequence[AcceptedDelivery] = (),
) -> list[IngestedFile]:
    """Ingest every table, as formats.yml of the folder says; raise RejectedFile once, with every file that was rejected.

    `history`: the accepted deliveries up to this one, oldest first: for tables that come as deltas, and for those whose
    last file may be used again. Without it nothing is known but the folder.
    """
    ingested, problems = [], []
    company = read_company_formats(folder)
    for contract in contracts:
        delivery = company.delivery_of(contract.name, contract.delivery)
        as_delivered = replace(contract, meta={**contract.meta, "delivery": delivery})
        try:
            ingested.append(
                _ingest_table(as_delivered, folder, quarantine_maximum_ratio, company, limits, history)
            )
        except RejectedFile as error:
            problems.append(str(error))
    if problems:
        raise RejectedFile(
            f"{len(problems)} delivered files were rejected; nothing was loaded.\n\n" + "\n\n".join(problems)
        )
    return ingested


def _ingest_table(
    contract: Contract,
    folder: Path,
    quarantine_maximum_ratio: float,
    company: CompanyFormats,
    limits: Limits,
    history: Sequence[AcceptedDelivery],
) -> IngestedFile:
    this = history[-1] if history else None
    if contract.delivery.get("mode") == "delta" and this:
        return ingest_state(contract, history, quarantine_maximum_ratio, limits)
    if delivered_file(contract, folder, company) or not this:
        return ingest_file(contract, folder, quarantine_maximum_ratio, company, limits, this)
    last = next(
        (
            d
            for d in reversed(history[:-1])
            if delivered_file(contract, d.folder, read_company_formats(d.folder))
        ),
        None,
    )
    if last is None:
        return ingest_file(contract, folder, quarantine_maximum_ratio, company, limits, this)
    age = (this.cycle_start - last.cycle_start).days
    told = f"was not delivered; the last file accepted is of cycle {last.cycle_id}, {age} days older"
    maximum = int(contract.delivery.get("reuse_maximum_days", 0))
    if age <= maximum:
        before = read_company_formats(last.folder)
        again = ingest_file(contract, last.folder, quarantine_maximum_ratio, before, limits, last)
        return replace(again, warnings=(*again.warnings, f"{told}, and is used again (up to {maximum} days)"))
    if contract.delivery.get("mandatory", True):
        allowed = (
            f"more than the {maximum} days that it may be used again"
            if maximum
            else "and may not be used again"
        )
        raise RejectedFile(f"{contract.table} {told}, {allowed}. Deliver it and run again.")
    empty = ingest_file(contract, folder, quarantine_maximum_ratio, company, limits, this)
    return replace(empty, warnings=(*empty.warnings, f"{told}; the table is empty now"))


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
            "declared_repairs": "; ".join(file.declared_repairs) or None,
            "warnings": "; ".join(file.warnings) or None,
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
