"""From landed files to typed lake tables: header matched by name, all read as text, cast by the contract, rows kept out.

    file.py           one file, from its bytes to typed rows, problems and counts
    scan.py           one look at every byte of a CSV file
    csv_files.py      what is wrong with one that is not whole
    parquet_files.py  the same for Parquet
    header.py         the columns of the contract, found by name
    plain.py          values of a declared format, written the strict way
    value_rules.py    what one value must be
    rows.py           text, rules, casts and Parquet, in a stream
    counts.py         is too much of a file kept out
    promised.py       is it what its sender promised
    deltas.py         the state of a table that comes as deltas

Add here: a rule that holds for every delivered file. Keep out: what one ERP means by a column (dbt staging), rules over
two tables (dbt erp), where files come from (sources).
"""

from sop_pipeline.warehouse.ingest.deltas import ingest_state
from sop_pipeline.warehouse.ingest.file import (
    DEFAULT_LIMITS,
    Limits,
    delivered_file,
    file_sha256,
    ingest_file,
    ingest_path,
)
from sop_pipeline.warehouse.ingest.ingested import IngestedFile, RejectedFile

__all__ = [
    "DEFAULT_LIMITS",
    "IngestedFile",
    "Limits",
    "RejectedFile",
    "delivered_file",
    "file_sha256",
    "ingest_file",
    "ingest_path",
    "ingest_state",
]
