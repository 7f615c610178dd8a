"""From landed files to typed lake tables: header matched by name, all read as text, cast by the contract, rows kept out.

    file.py           one file, from its bytes to typed rows, problems and counts
    csv_files.py      is a CSV file whole: encoding, control characters, line ends, quotes, fields
    parquet_files.py  the same for Parquet
    header.py         the columns of the contract, found by name
    plain.py          values of a declared format, written the strict way
    value_rules.py    what one value must be
    counts.py         is too much of a file kept out

Add here: a rule that holds for every delivered file. Keep out: what one ERP means by a column (dbt staging), rules over
two tables (dbt erp), where files come from (sources).
"""

from sop_pipeline.warehouse.ingest.file import file_sha256, ingest_file
from sop_pipeline.warehouse.ingest.ingested import IngestedFile, RejectedFile

__all__ = ["IngestedFile", "RejectedFile", "file_sha256", "ingest_file"]
