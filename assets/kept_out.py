"""Rows that were kept out, with the text that was delivered: looked up when every rule has been applied.

Add here: another fact of rows that did not reach the core. Keep out: the rules (ingest, dbt), the reports (marts).
"""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pandas as pd

from assets.partitions import ONE_CYCLE_A_RUN, partitions_of
from assets.resources import Warehouse
from assets.step import asset_spec, write_frame
from sop_pipeline.delivery.company import read_company_formats
from sop_pipeline.delivery.formats import STRICT, Format
from sop_pipeline.settings import DBT_PROJECT_DIR, Settings
from sop_pipeline.warehouse.contracts import Contract, load_contracts
from sop_pipeline.warehouse.originals import landed_files, original_rows, originals_frame, repairs_frame

WRITTEN = ("ingest.original_rows", "ingest.repairs")
ON_ARRIVAL = "ingest.quarantined_rows"


def build_originals(settings: Settings) -> dg.AssetsDefinition:
    """Original text of rows kept out, and what was put right in reading."""
    contracts = load_contracts(DBT_PROJECT_DIR)
    quarantines = [contract.table for contract in contracts.of_schema("quarantine")]
    reads = ["ingest.deliveries", ON_ARRIVAL, *quarantines]

    @dg.multi_asset(
        name="originals",
        specs=[
            asset_spec(contracts[table], "core", ["landing.delivery", *reads], {"parquet"})
            for table in WRITTEN
        ],
        partitions_def=partitions_of(settings),
        backfill_policy=ONE_CYCLE_A_RUN,
    )
    def originals(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[dg.MaterializeResult]:
        """The text of every row kept out, as its landed file has it; and what was put right in reading files."""
        cycle_id = context.partition_key
        reader = warehouse.reader(cycle_id)
        place = ["source_file_sha256", "source_row_number"]
        with reader.looking():
            kept_out = [reader.read(table, place) for table in [ON_ARRIVAL, *quarantines]]
        places = pd.concat(kept_out).drop_duplicates()
        deliveries = reader.read("ingest.deliveries")
        tables = deliveries.dropna(subset=["file_name"]).set_index("file_name")["table_name"]
        by_file = {str(name): contracts[str(table)] for name, table in tables.items()}
        files = landed_files(warehouse.settings.paths.landing)
        found = [
            row
            for sha256, rows in places.groupby("source_file_sha256")
            if sha256 in files
            for row in original_rows(
                files[sha256],
                str(sha256),
                rows["source_row_number"].astype(int),
                _written(files[sha256], by_file.get(files[sha256].name)),
            )
        ]
        frames = {
            "ingest.original_rows": originals_frame(found, by_file),
            "ingest.repairs": repairs_frame(deliveries),
        }
        for table in WRITTEN:
            yield write_frame(warehouse, contracts[table], frames[table].assign(cycle_id=cycle_id), cycle_id)

    return originals


def _written(path: Path, contract: Contract | None) -> Format:
    """How a landed file was declared to be written."""
    if contract is None:
        return STRICT
    company = read_company_formats(path.parent)
    return company.format_of(contract.schema, contract.name, contract.declared_format)
