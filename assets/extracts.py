"""Extracts: the source delivers, files land untouched, and become typed tables of the lake.

Add here: nothing for another ERP (a module in sop_pipeline/sources and a staging package do). Keep out: typing rules
(warehouse.ingest).
"""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pandas as pd
import pyarrow as pa

from assets.partitions import ONE_CYCLE_A_RUN, partitions_of
from assets.resources import Warehouse
from assets.step import OWNERS, asset_spec
from sop_pipeline.release import registry
from sop_pipeline.settings import DBT_PROJECT_DIR, Settings
from sop_pipeline.sources.catalogue import open_source
from sop_pipeline.sources.folders import cycle_folder
from sop_pipeline.sources.landing import accepted_delivery, land
from sop_pipeline.sources.protocol import DeliveryRequest
from sop_pipeline.warehouse.conform import conform
from sop_pipeline.warehouse.contracts import Contract, load_contracts
from sop_pipeline.warehouse.ingest import IngestedFile, RejectedFile, ingest_file

LANDING = dg.AssetKey(["landing", "delivery"])
ROW_DROP_MAXIMUM_RATIO = 0.2
ROWS_TO_JUDGE_A_DROP = 50
"""A table of fewer rows loses a fifth of them in the ordinary course of business."""


def build_landing(settings: Settings) -> dg.AssetsDefinition:
    """The delivery of the cycle in the landing zone."""

    @dg.asset(
        key=LANDING,
        group_name="extracts",
        owners=[OWNERS["extracts"]],
        kinds={"csv" if settings.system == "contract" else "parquet"},
        partitions_def=partitions_of(settings),
        backfill_policy=ONE_CYCLE_A_RUN,
    )
    def delivery(context: dg.AssetExecutionContext, warehouse: Warehouse) -> dg.MaterializeResult:
        """The cycle's extracts as the source delivered them, untouched, with a manifest of sha256s."""
        chosen, home = warehouse.settings, warehouse.settings.paths
        request = DeliveryRequest(
            cycle_id=context.partition_key,
            folder=home.landing,
            input_dir=_of_cycle(chosen.input_dir, context.partition_key),
            planner_dir=_of_cycle(chosen.planner_dir, context.partition_key),
            released=_released_by_cycle(home.root, context.partition_key),
            world_dir=home.world,
        )
        landing = land(open_source(chosen.source, chosen.demo_scale, chosen.demo_seed), request, home.landing)
        return dg.MaterializeResult(
            metadata={
                "folder": dg.MetadataValue.path(landing.folder),
                "files": len(landing.files),
                "bytes": sum(int(file["bytes"]) for file in landing.files.values()),
                "sha256": landing.sha256,
            },
            data_version=dg.DataVersion(landing.sha256),
        )

    return delivery


def _of_cycle(folder: Path | None, cycle_id: str) -> Path | None:
    return cycle_folder(folder, cycle_id) if folder else None


def _released_by_cycle(home: Path, cycle_id: str) -> dict[str, dict[str, Path]]:
    """Earlier cycle -> table -> released file."""
    released: dict[str, dict[str, Path]] = {}
    for table, paths in registry.released_files_before(home, cycle_id).items():
        for path in paths:
            released.setdefault(path.stem.removeprefix("cycle="), {})[table] = path
    return released


def build_lake(settings: Settings) -> dg.AssetsDefinition:
    """Every delivered table, typed by its source contract, and what was kept out."""
    contracts = load_contracts(DBT_PROJECT_DIR)
    delivered = contracts.of_schema(settings.system) + contracts.of_schema("planner")
    made = [contracts["ingest.deliveries"], contracts["ingest.quarantined_rows"]]

    @dg.multi_asset(
        name="lake",
        specs=[
            asset_spec(contract, "extracts", ["landing.delivery"], {"parquet"})
            for contract in delivered + made
        ],
        partitions_def=partitions_of(settings),
        backfill_policy=ONE_CYCLE_A_RUN,
    )
    def lake(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[dg.MaterializeResult]:
        """Typed lake tables of the system and of the planners; all tables are held against their contracts at once."""
        cycle_id = context.partition_key
        folder = accepted_delivery(
            warehouse.settings.paths.landing, warehouse.settings.source, cycle_id
        ).folder
        ingested = ingest_all(delivered, folder, warehouse.settings.quarantine_maximum_ratio)
        for file in ingested:
            sha256 = warehouse.write(file.contract.table, file.rows, cycle_id)
            yield dg.MaterializeResult(
                asset_key=file.contract.key,
                metadata={"dagster/row_count": file.rows.num_rows, "quarantined_rows": file.quarantined_rows},
                data_version=dg.DataVersion(sha256),
            )
        kept_out = (
            pa.concat_tables([file.quarantined for file in ingested]).to_pandas().assign(cycle_id=cycle_id)
        )
        previous = _previous_deliveries(warehouse.settings.paths.root, cycle_id)
        reports = {
            "ingest.deliveries": describe_deliveries(ingested, cycle_id, previous),
            "ingest.quarantined_rows": kept_out,
        }
        for contract in made:
            rows = conform(reports[contract.table], contract)
            warehouse.write(contract.table, rows, cycle_id)
            yield dg.MaterializeResult(asset_key=contract.key, metadata={"dagster/row_count": rows.num_rows})

    return lake


def ingest_all(
    contracts: list[Contract], folder: Path, quarantine_maximum_ratio: float
) -> list[IngestedFile]:
    """Ingest every table; raise RejectedFile once, with every file that was rejected."""
    ingested, problems = [], []
    for contract in contracts:
        try:
            ingested.append(ingest_file(contract, folder, quarantine_maximum_ratio))
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
            "accepted_rows": file.rows.num_rows,
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


def _previous_deliveries(home: Path, cycle_id: str) -> pd.DataFrame:
    """ingest.deliveries of the newest cycle published before; no rows where there is none."""
    released = registry.released_files_before(home, cycle_id, schema="ingest").get("deliveries", [])
    return pd.read_parquet(released[-1]) if released else pd.DataFrame()
