"""The asset graph of a home: every asset, every gate, composed in the order of the process.

Add here: the line of a new step. Keep out: the steps themselves (their modules).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pandas as pd

from assets.database import build_database
from assets.dbt import BOUND_DBT, DbtProcess, build_dbt_assets
from assets.demand_review import build_demand_review
from assets.extracts import build_lake, build_landing
from assets.kept_out import build_originals
from assets.release import GATES, build_meeting_pack, build_published_cycle
from assets.resources import Warehouse
from assets.step import OWNERS, table_schema
from assets.supply_review import build_supply_review
from quality.arrivals import arrival_rules
from quality.checks import build_gate
from quality.core import core_rules
from quality.publication import DEMAND, PLAN, publication_rules
from sop_pipeline.settings import DBT_PROJECT_DIR, Settings
from sop_pipeline.warehouse.conform import conform
from sop_pipeline.warehouse.contracts import load_contracts


def build_assets(settings: Settings, manifest: Path) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """Extracts, core, demand review, supply review, marts, release; and what earlier cycles published."""
    return [
        *([build_database(settings)] if settings.database else []),
        build_landing(settings),
        build_lake(settings),
        build_originals(settings),
        *build_dbt_assets(settings, manifest),
        *build_demand_review(settings),
        *build_supply_review(settings),
        build_meeting_pack(settings),
        build_published_cycle(settings),
        *_published_specs(),
    ]


def build_resources(settings: Settings) -> dict[str, object]:
    """The warehouse of the home, and the environment's own dbt, whatever PATH says."""
    dbt = DbtProcess(
        project_dir=str(DBT_PROJECT_DIR),
        profiles_dir=str(DBT_PROJECT_DIR),
        dbt_executable=str(BOUND_DBT),
    )
    return {"warehouse": Warehouse.of(settings), "dbt": dbt}


def build_checks(settings: Settings) -> list[dg.AssetChecksDefinition]:
    """The gates: on what arrives, on the core that planning reads, on the demand plan, on the supply plan, on what is about to be published."""
    return [
        build_gate("arrivals", arrival_rules(settings.system), record=_recorder(settings, "arrivals")),
        build_gate("core", core_rules(), record=_recorder(settings, "core")),
        build_gate("demand", DEMAND, record=_recorder(settings, "demand")),
        build_gate("plan", PLAN, record=_recorder(settings, "plan")),
        build_gate("publication", publication_rules(), record=_recorder(settings, "publication")),
    ]


def _recorder(settings: Settings, gate: str) -> Callable[[str, pd.DataFrame], None]:
    """Keep a gate's results in the lake, with the fingerprint of the rows that it judged."""
    contract = load_contracts(DBT_PROJECT_DIR)[GATES[gate]]

    def record(cycle_id: str, results: pd.DataFrame) -> None:
        warehouse = Warehouse.of(settings)
        judged = warehouse.fingerprint(results["table_name"], cycle_id)
        rows = conform(results.assign(cycle_id=cycle_id, input_sha256=judged), contract)
        warehouse.write(contract.table, rows, cycle_id)

    return record


def _published_specs() -> list[dg.AssetSpec]:
    """Released marts of earlier cycles: they enter from outside the graph, by the registry."""
    return [
        dg.AssetSpec(
            key=contract.key,
            description=f"Earlier cycles of marts.{contract.name}, as they were released. {contract.description}",
            group_name="published",  # not of the group `release`: steps read it, and what they write goes into the release
            owners=[OWNERS["release"]],
            kinds={"parquet"},
            metadata={"dagster/column_schema": table_schema(contract)},
        )
        for contract in load_contracts(DBT_PROJECT_DIR).of_schema("published")
    ]
