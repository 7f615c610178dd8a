"""Counts and findings in the words of the command line.

Add here: words that two commands say. Keep out: words of the meeting pack (`sop_pipeline.pack.words`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sop_pipeline.release.findings import FindingCount


def count_words(count: FindingCount) -> str:
    """`21 findings of 45 looked for, 3 of them new or worse, 1 beyond its limit`."""
    words = f"{count.found} finding{'' if count.found == 1 else 's'} of {count.looked_for} looked for"
    compared = (
        "nothing published before to compare with"
        if count.new_or_worse is None
        else f"{count.new_or_worse} of them new or worse"
    )
    return f"{words}, {compared}" + (f", {count.over_limit} beyond limit" if count.over_limit else "")


def row_words(rows: dict[str, int]) -> str:
    """`98,356 rows delivered: 4 quarantined, 2 skipped, 12 repaired`."""
    told = [f"{rows.get(outcome, 0):,} {outcome}" for outcome in ("quarantined", "skipped", "repaired")]
    return f"{rows.get('delivered', 0):,} rows delivered: {', '.join(told)}"


def found_words(row: dict[str, Any], currency: str) -> str:
    """`56 of 266 items, 12,345 of 98,765 units, 1,234,567 USD; worse (was 51)`."""
    parts = [_part_words(row["finding_count"], row["checked_count"], row["object_name"])]
    if row["finding_quantity"]:
        parts.append(_part_words(row["finding_quantity"], row["checked_quantity"], row["unit"]))
    if row["finding_value"]:
        parts.append(f"{row['finding_value']:,.0f} {currency}")
    trend = row["trend"] + (f" (was {row['prior_count']:,})" if row["trend"] in ("worse", "better") else "")
    limit = (
        f"; limit {row['limit_value']:g} on {row['measured_value']:.4g}"
        if row["limit_value"] is not None
        else ""
    )
    return ", ".join(parts) + ("" if row["trend"] == "unknown" else f"; {trend}") + limit


def _part_words(part: Any, whole: Any, unit: str) -> str:
    return f"{part:,.0f}{f' of {whole:,.0f}' if whole else ''} {unit}"
