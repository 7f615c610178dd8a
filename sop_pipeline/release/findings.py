"""What a release says is wrong or weak in its data: the rows of its `marts.data_findings`, for people at a terminal.

Add here: another count that a closing summary needs. Keep out: what a finding is (dbt_project), how it is printed (`cli`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from sop_pipeline.release.layout import TableName, release_folder
from sop_pipeline.release.manifest import read_manifest

FINDINGS = TableName("marts", "data_findings")
QUALITY = TableName("marts", "fct_data_quality")
DELIVERIES = TableName("ingest", "deliveries")
_STEPS = ("start", "demand_review", "supply_review", "pre_sop", "sop_meeting")


@dataclass(frozen=True)
class FindingCount:
    """Kinds of findings of a cycle: found, of these new or more than in the cycle before, and beyond their limit."""

    looked_for: int
    found: int
    new_or_worse: int | None
    """None where no earlier cycle was published to compare with."""
    over_limit: int


def findings_of(home: Path, release_id: str) -> list[dict[str, Any]] | None:
    """Rows of `marts.data_findings` of a release, in the order of the process; None where it carries no such table.

    Raises UnreadableManifest where there is no such release.
    """
    folder = release_folder(home, release_id)
    manifest = read_manifest(folder)
    file = next((table.file for table in manifest.tables if table.name == FINDINGS), None)
    if file is None:
        return None
    rows = pq.read_table(folder / file).to_pylist()
    return sorted(
        rows,
        key=lambda row: (
            _STEPS.index(row["process_step"]),
            -(row["finding_value"] or 0),
            -row["finding_count"],
            row["finding_id"],
        ),
    )


def rows_by_outcome(home: Path, release_id: str) -> dict[str, int]:
    """Rows that were delivered in files, and rows that were quarantined, skipped and repaired on their way to a table.

    Empty where a release has no `marts.fct_data_quality`. Raises UnreadableManifest where there is no such release.
    """
    folder = release_folder(home, release_id)
    files = {table.name: table.file for table in read_manifest(folder).tables}
    if QUALITY not in files or DELIVERIES not in files:
        return {}
    rows = {"delivered": sum(pq.read_table(folder / files[DELIVERIES])["delivered_rows"].to_pylist())}
    for row in pq.read_table(folder / files[QUALITY], columns=["outcome", "row_count"]).to_pylist():
        if row["outcome"] not in (
            "delivered",
            "loaded",
        ):  # a row of an ERP's own file may feed several tables
            rows[row["outcome"]] = rows.get(row["outcome"], 0) + row["row_count"]
    return rows


def count_findings(rows: list[dict[str, Any]]) -> FindingCount:
    """Count the kinds that were found."""
    is_comparable = any(row["trend"] != "unknown" for row in rows)
    return FindingCount(
        looked_for=len(rows),
        found=sum(row["status"] != "none" for row in rows),
        new_or_worse=sum(row["trend"] in ("new", "worse") for row in rows) if is_comparable else None,
        over_limit=sum(row["status"] == "over_limit" for row in rows),
    )
