"""How a planning step becomes Dagster assets: specs from the contracts, reads as declared, frames held to contract.

Add here: what holds for every step. Keep out: any one step (the modules named after the process).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

import dagster as dg
import pandas as pd

from assets.partitions import ONE_CYCLE_A_RUN, partitions_of
from assets.resources import Warehouse
from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.settings import DBT_PROJECT_DIR, Settings
from sop_pipeline.warehouse.conform import conform
from sop_pipeline.warehouse.contracts import Contract, load_contracts
from sop_pipeline.warehouse.reader import WarehouseReader

OWNERS = {
    "extracts": "team:data",
    "core": "team:data",
    "start": "team:finance",
    "demand_review": "team:demand_planning",
    "supply_review": "team:supply_planning",
    "pre_sop": "team:sop",
    "sop_meeting": "team:sop",
    "release": "team:data",
}
"""Who answers for the tables of a group."""

StepBody = Callable[[WarehouseReader, Cycle], Mapping[str, pd.DataFrame]]


def table_schema(contract: Contract) -> dg.TableSchema:
    """The contract's columns, as Dagster shows them."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                column.name,
                column.data_type,
                description=column.description + (f" [{column.unit}]" if column.unit else ""),
                constraints=dg.TableColumnConstraints(nullable=not column.is_required),
            )
            for column in contract.columns
        ]
    )


def asset_spec(contract: Contract, group: str, reads: Sequence[str], kinds: set[str]) -> dg.AssetSpec:
    """Spec of a table that Python writes: its contract's words, its group's owner."""
    return dg.AssetSpec(
        key=contract.key,
        deps=[dg.AssetKey(table.split(".")) for table in reads],
        description=contract.description,
        group_name=group,
        owners=[OWNERS[group]],
        kinds=kinds,
        metadata={
            "dagster/column_schema": table_schema(contract),
            "dagster/table_name": contract.table,
            "grain": ", ".join(contract.grain),
        },
    )


def planning_step(
    settings: Settings, *, group: str, reads: Sequence[str], writes: Sequence[str], kinds: set[str]
) -> Callable[[StepBody], dg.AssetsDefinition]:
    """Make a function of (reader, cycle) that returns frames by table name into one step that writes those tables.

    The reader refuses tables that are not in `reads`; every table in `writes` must be returned and must match its
    contract. Raises UndeclaredRead, KeyError or ContractViolation accordingly.
    """
    contracts = load_contracts(DBT_PROJECT_DIR)

    def decorate(body: StepBody) -> dg.AssetsDefinition:
        @dg.multi_asset(
            name=body.__name__,
            description=body.__doc__,
            specs=[asset_spec(contracts[table], group, reads, kinds) for table in writes],
            partitions_def=partitions_of(settings),
            backfill_policy=ONE_CYCLE_A_RUN,
        )
        def step(context: dg.AssetExecutionContext, warehouse: Warehouse) -> Iterator[dg.MaterializeResult]:
            cycle = warehouse.cycle(context.partition_key)
            with warehouse.reader(cycle.cycle_id, reads).looking() as reader:
                frames = body(reader, cycle)
            for table in writes:
                yield write_frame(warehouse, contracts[table], frames[table], cycle.cycle_id)

        return step

    return decorate


def write_frame(
    warehouse: Warehouse, contract: Contract, frame: pd.DataFrame, cycle_id: str
) -> dg.MaterializeResult:
    """Hold a frame to its contract, write it to the lake, report rows and hash."""
    rows = conform(frame, contract)
    sha256 = warehouse.write(contract.table, rows, cycle_id)
    return dg.MaterializeResult(
        asset_key=contract.key,
        metadata={"dagster/row_count": rows.num_rows, "sha256": sha256},
        data_version=dg.DataVersion(sha256),
    )
