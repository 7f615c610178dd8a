"""What becomes of a delivered file: refused whole, or typed rows and the problems of rows kept out.

Add here: another fact about an ingested file. Keep out: how it comes about (`file`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sop_pipeline.delivery.formats import Format
from sop_pipeline.warehouse.contracts import Contract

PROVENANCE = pa.schema([("source_file_sha256", pa.string()), ("source_row_number", pa.int32())])


class RejectedFile(ValueError):
    """A delivered file is not what the contract says; nothing of it is loaded. The message names file, rule, remedy."""


@dataclass(frozen=True)
class IngestedFile:
    """A landed file made into a table: typed rows with provenance, problems of rows kept out, and the counts.

    `data`: Parquet of the contract's columns plus source_file_sha256 and source_row_number; it lives as long as this.
    `quarantined`: columns of ingest.quarantined_rows except cycle_id. `fixes`: what was put right in reading, in words and
    counts; `declared_repairs`: what was read as its format declares; `warnings`: what is odd and was read all the same. `formats`: column -> how it was declared to be written.
    """

    contract: Contract
    path: Path | None
    sha256: str | None
    data: Path
    quarantined: pa.Table
    delivered_rows: int
    accepted_rows: int
    quarantined_rows: int
    ignored_columns: tuple[str, ...] = ()
    fixes: tuple[str, ...] = ()
    declared_repairs: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    formats: Mapping[str, Format] = field(default_factory=dict)
    scratch: tempfile.TemporaryDirectory[str] | None = None

    @property
    def rows(self) -> pa.Table:
        """The typed rows, in memory: for tables that are known to be small, and for tests."""
        return pq.read_table(self.data).cast(with_provenance(self.contract))


def with_provenance(contract: Contract) -> pa.Schema:
    """A contract's columns and where each row came from."""
    return pa.schema([*contract.arrow_schema, *PROVENANCE])


QUARANTINE_SCHEMA = pa.schema(
    [
        ("table_name", pa.string()),
        ("rule_id", pa.string()),
        ("column_name", pa.string()),
        ("original_text", pa.string()),
        ("file_name", pa.string()),
        ("source_file_sha256", pa.string()),
        ("source_row_number", pa.int32()),
    ]
)


def listed(what: str, problems: Iterable[str]) -> str:
    """A message of several problems."""
    return f"{what}:\n * " + "\n * ".join(problems)


def shown(text: str) -> str:
    """A text as it may stand in a message: whatever does not print is spelt out."""
    return text if text.isprintable() and len(text) <= 80 else repr(text[:80])
