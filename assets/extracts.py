"""Extracts: the source delivers, files land untouched, and become typed tables of the lake.

Add here: nothing for another ERP (a module in sop_pipeline/sources and a staging package do). Keep out: typing rules
(warehouse.ingest), what a whole delivery must be (warehouse.deliveries).
"""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path

import dagster as dg
import pandas as pd
import pyarrow as pa

from assets.database import extract_folder, table_keys
from assets.partitions import ONE_CYCLE_A_RUN, partitions_of
from assets.resources import Warehouse
from assets.step import OWNERS, asset_spec
from sop_pipeline.release import approvals, registry
from sop_pipeline.settings import DBT_PROJECT_DIR, Settings
from sop_pipeline.sources.catalogue import open_source
from sop_pipeline.sources.folders import cycle_folder
from sop_pipeline.sources.landing import accepted_delivery, deliveries_until, land
from sop_pipeline.sources.protocol import DeliveryRequest
from sop_pipeline.warehouse.conform import conform
from sop_pipeline.warehouse.contracts import load_contracts
from sop_pipeline.warehouse.deliveries import describe_deliveries, ingest_all
from sop_pipeline.warehouse.ingest import IngestedFile, Limits
from sop_pipeline.workbook.journal import read_changes, statements_until, write_changes
from sop_pipeline.workbook.lake_rows import InForce, change_rows, in_force

LANDING = dg.AssetKey(["landing", "delivery"])


def build_landing(settings: Settings) -> dg.AssetsDefinition:
    """The delivery of the cycle in the landing zone."""
    reads_database = settings.database

    @dg.asset(
        key=LANDING,
        deps=table_keys(settings.system) if reads_database else [],
        group_name="extracts",
        owners=[OWNERS["extracts"]],
        kinds={"csv" if settings.system == "contract" else "parquet"},
        partitions_def=partitions_of(settings),
        backfill_policy=ONE_CYCLE_A_RUN,
    )
    def delivery(context: dg.AssetExecutionContext, warehouse: Warehouse) -> dg.MaterializeResult:
        """The cycle's extracts as the source delivered them, untouched, with a manifest of sha256s."""
        chosen, home = warehouse.settings, warehouse.settings.paths
        given = _of_cycle(chosen.input_dir, context.partition_key)
        request = DeliveryRequest(
            cycle_id=context.partition_key,
            folder=home.landing,
            input_dir=extract_folder(home, context.partition_key) if reads_database else given,
            planner_dir=_of_cycle(chosen.planner_dir, context.partition_key),
            released=registry.released_by_cycle(home.root, context.partition_key),
            world_dir=home.world,
            wait_minutes=chosen.delivery_wait_minutes,
        )
        source = open_source(chosen.source, chosen.demo_scale, chosen.demo_seed)
        said = statements_until(home.landing, context.partition_key)
        landing = land(source, request, home.landing, partial(write_changes, said))
        for words in request.told:
            context.log.warning(words)
        return dg.MaterializeResult(
            metadata={
                "left_aside": "; ".join(request.told),
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


def build_lake(settings: Settings) -> dg.AssetsDefinition:
    """Every delivered table, typed by its source contract, and what was kept out."""
    contracts = load_contracts(DBT_PROJECT_DIR)
    delivered = contracts.of_schema(settings.system) + contracts.of_schema("planner")
    made = [
        contracts[f"ingest.{table}"]
        for table in ("deliveries", "quarantined_rows", "planner_changes", "approvals")
    ]
    made.append(contracts["reference.public_holidays"])

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
        ingested = ingest_all(
            delivered,
            folder,
            warehouse.settings.quarantine_maximum_ratio,
            _limits(warehouse.settings, context.log.info),
            deliveries_until(warehouse.settings.paths.landing, warehouse.settings.source, cycle_id),
        )
        planned = _in_force(ingested, folder)
        for file in ingested:
            if file.contract.schema == "planner":
                rows = planned.tables[file.contract.name]
                sha256, row_count = warehouse.write(file.contract.table, rows, cycle_id), rows.num_rows
            else:
                sha256 = warehouse.adopt(file.contract.table, file.data, cycle_id)
                row_count = file.accepted_rows
            yield dg.MaterializeResult(
                asset_key=file.contract.key,
                metadata={"dagster/row_count": row_count, "quarantined_rows": file.quarantined_rows},
                data_version=dg.DataVersion(sha256),
            )
        kept_out = (
            pa.concat_tables([file.quarantined for file in ingested]).to_pandas().assign(cycle_id=cycle_id)
        )
        previous = _previous_deliveries(warehouse.settings.paths.root, cycle_id)
        reports = {
            "ingest.deliveries": describe_deliveries(ingested, cycle_id, previous),
            "ingest.quarantined_rows": kept_out,
            "ingest.planner_changes": pd.DataFrame(
                change_rows(planned, cycle_id),
                columns=[column.name for column in contracts["ingest.planner_changes"].columns],
            ),
            "ingest.approvals": approval_rows(
                warehouse.settings.paths.root,
                cycle_id,
                [column.name for column in contracts["ingest.approvals"].columns],
            ),
            "reference.public_holidays": _public_holidays(cycle_id),
        }
        for contract in made:
            rows = conform(reports[contract.table], contract)
            warehouse.write(contract.table, rows, cycle_id)
            yield dg.MaterializeResult(asset_key=contract.key, metadata={"dagster/row_count": rows.num_rows})

    return lake


def _in_force(ingested: Sequence[IngestedFile], folder: Path) -> InForce:
    """Planners' inputs as delivered, changed by what the delivery carries of their workbooks."""
    delivered = [file for file in ingested if file.contract.schema == "planner"]
    tables = {file.contract.name: file.rows for file in delivered}
    return in_force([file.contract for file in delivered], tables, read_changes(folder))


def approval_rows(home: Path, cycle_id: str, columns: Sequence[str]) -> pd.DataFrame:
    """ingest.approvals: acts on demand plans up to this cycle's."""
    acts = [act for act in approvals.list_approvals(home) if act.cycle_id <= cycle_id]
    rows = [
        {
            "cycle_id": cycle_id,
            "approved_cycle_id": act.cycle_id,
            "approval_number": act.number,
            "act": act.act,
            "forecast_state": act.forecast_state,
            "release_id": act.release_id,
            "decided_by": act.decided_by,
            "reason": act.reason or None,
            "decided_at": pd.Timestamp(act.decided_at).tz_convert("UTC").tz_localize(None),
            "plan_rows": act.plan.rows,
            "plan_items": act.plan.items,
            "first_period_start_date": pd.Timestamp(act.plan.first_period),
            "last_period_start_date": pd.Timestamp(act.plan.last_period),
            "plan_units": Decimal(act.plan.units),
            "content_sha256": act.plan.content_sha256,
            "record_sha256": act.record_sha256,
        }
        for act in acts
    ]
    return pd.DataFrame(rows, columns=list(columns))


def _public_holidays(cycle_id: str) -> pd.DataFrame:
    from sop_pipeline.sources.public_holidays import public_holidays

    year = int(cycle_id[:4])
    return public_holidays(range(year - 5, year + 5))  # as far as core.dim_site_days goes


def _limits(settings: Settings, tell: Callable[[str], None]) -> Limits:
    return Limits(settings.ingest_memory_mb, settings.file_maximum_mb, settings.paths.work, tell)


def _previous_deliveries(home: Path, cycle_id: str) -> pd.DataFrame:
    """ingest.deliveries of the newest cycle published before; no rows where there is none."""
    released = registry.released_files_before(home, cycle_id, schema="ingest").get("deliveries", [])
    return pd.read_parquet(released[-1]) if released else pd.DataFrame()
