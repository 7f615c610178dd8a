"""Is a file what its sender promised, and does it know of days that have not come yet?

Add here: something of a file that its sender's manifest or clock can prove wrong. Keep out: what a manifest may say
(delivery.promises); the bytes of a file, which are held to their promise when they land (sources.whole).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from sop_pipeline.delivery.accepted import AcceptedDelivery
from sop_pipeline.delivery.promises import NO_PROMISE, FilePromise
from sop_pipeline.warehouse.contracts import Contract
from sop_pipeline.warehouse.ingest.ingested import RejectedFile, listed
from sop_pipeline.warehouse.ingest.value_rules import typed

if TYPE_CHECKING:
    import duckdb

CHANGED_AT = "changed_at"
CLOCK_SKEW = timedelta(days=1)
"""A clock may be ahead by as much; a row that was changed later than that is kept out."""


@dataclass(frozen=True)
class Background:
    """What is known of a file before it is read: what is promised of it, and the latest moment that it can know of."""

    promise: FilePromise = NO_PROMISE
    taken_at: datetime | None = None

    @classmethod
    def of(cls, delivery: AcceptedDelivery | None, name: str) -> Background:
        """The background of a file of a delivery."""
        return cls(delivery.promises.of(name), delivery.taken_at) if delivery else cls()


def check_promise(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    path: Path,
    promise: FilePromise,
    delivered: int,
) -> None:
    """Hold rows and control totals to the sender's manifest. Raises RejectedFile with what differs and by how much."""
    problems = []
    if promise.rows is not None and promise.rows != delivered:
        problems.append(f"{promise.rows} rows are promised, {delivered} are there")
    columns = {
        name.casefold(): column for column in contract.columns for name in (column.name, column.header)
    }
    for name, total in promise.totals.items():
        column = columns.get(name.casefold())
        if column is None or column.data_type in ("varchar", "boolean", "date", "timestamp"):
            near = get_close_matches(name.casefold(), columns, n=1)
            problems.append(
                f"a total of '{name}' is promised, which is no number of {contract.table}"
                + (f" (did you mean '{near[0]}'?)" if near else "")
            )
            continue
        found = connection.execute(f"select cast(sum({typed(column)}) as varchar) from plain").fetchone()
        summed = Decimal(found[0]) if found and found[0] is not None else Decimal(0)
        if summed != total:
            problems.append(
                f"the sum of {name} is promised as {total}, and is {summed}: {summed - total:+} off"
            )
    if problems:
        raise RejectedFile(
            listed(f"{path.name} is not what its manifest promises", problems)
            + "\nIt was half copied, or taken at another moment than its manifest: deliver both again."
        )


def future_rule(contract: Contract, taken_at: datetime | None) -> str:
    """SQL that is true for a row that was changed more than a day after the file was taken; empty where it cannot be known."""
    changed = next((c for c in contract.columns if (c.name, c.data_type) == (CHANGED_AT, "timestamp")), None)
    if changed is None or taken_at is None:
        return ""
    return f"{typed(changed)} > timestamp '{taken_at + CLOCK_SKEW:%Y-%m-%d %H:%M:%S}'"


def clock_warnings(
    connection: duckdb.DuckDBPyConnection, contract: Contract, taken_at: datetime | None
) -> list[str]:
    """Rows that were changed after the file was taken, within a day: a clock is ahead."""
    changed = next((c for c in contract.columns if (c.name, c.data_type) == (CHANGED_AT, "timestamp")), None)
    if changed is None or taken_at is None:
        return []
    ahead = (
        f"timestamp '{taken_at:%Y-%m-%d %H:%M:%S}' and timestamp '{taken_at + CLOCK_SKEW:%Y-%m-%d %H:%M:%S}'"
    )
    found = connection.execute(
        f"select count(*), max({typed(changed)}) from plain where {typed(changed)} between {ahead}"
    ).fetchone()
    if not found or not found[0]:
        return []
    return [
        f"{found[0]} rows were changed after the extract was taken ({taken_at:%Y-%m-%d %H:%M} UTC), the latest at "
        f"{found[1]:%Y-%m-%d %H:%M}: a clock is ahead"
    ]
