"""Release: the meeting pack is drawn and the cycle is published, if every gate is open on what is there now.

Add here: another file or table that a release carries. Keep out: how a release is made (sop_pipeline.release).
"""

import hashlib
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import dagster as dg
import pandas as pd
import pyarrow as pa

from assets.partitions import ONE_CYCLE_A_RUN, partitions_of
from assets.resources import Warehouse
from assets.step import OWNERS
from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.release import registry
from sop_pipeline.release.layout import TableName
from sop_pipeline.release.publish import publish
from sop_pipeline.release.request import PublishRequest, ReleasedTable
from sop_pipeline.schedules import planning_now
from sop_pipeline.settings import DBT_PROJECT_DIR, PROJECT_DIR, Settings
from sop_pipeline.sources.landing import accepted_delivery
from sop_pipeline.warehouse.contracts import CONTRACT_VERSION, load_contracts
from sop_pipeline.warehouse.reader import WarehouseReader

MEETING_PACK = dg.AssetKey(["release", "meeting_pack"])
PUBLISHED = dg.AssetKey(["release", "published_cycle"])

GATES = {
    "arrivals": "quality.arrival_results",
    "core": "quality.core_results",
    "demand": "quality.demand_results",
    "plan": "quality.plan_results",
    "publication": "quality.publication_results",
}
"""Gate -> table of its results. A cycle is published only when each is open."""

EVIDENCE = (
    "ingest.deliveries",
    "ingest.quarantined_rows",
    "ingest.planner_changes",
    "ingest.original_rows",
    "ingest.repairs",
    "quality.arrival_results",
    "quality.core_results",
    "quality.demand_results",
    "quality.plan_results",
    "quality.publication_results",
    "planning.plan_audit",
    "planning.plan_certificate",
    "planning.solve_log",
)
"""Tables beside the marts that an auditor needs in the release."""

PACKAGES = ("dagster", "dbt-core", "dbt-duckdb", "duckdb", "great-expectations", "highspy", "numpy", "pandas", "pyarrow",
            "pyomo", "numba", "scipy")  # fmt: skip


def mart_tables() -> list[str]:
    """Every mart that is published, by full name."""
    marts = load_contracts(DBT_PROJECT_DIR).of_schema("marts")
    return [contract.table for contract in marts if contract.meta.get("is_published", True)]


def _evidence_assets() -> list[str]:
    """Evidence that is an asset; gates' results are written by the gates."""
    return [table for table in EVIDENCE if not table.startswith("quality.")]


def build_meeting_pack(settings: Settings) -> dg.AssetsDefinition:
    """The pack of the cycle, in the work area until it is published."""

    @dg.asset(
        key=MEETING_PACK,
        deps=[
            dg.AssetKey(table.split("."))
            for table in [*mart_tables(), "ingest.deliveries", "ingest.planner_changes", "planning.plan_laws"]
        ],
        group_name="release",
        owners=[OWNERS["release"]],
        kinds={"html", "vega"},
        partitions_def=partitions_of(settings),
        backfill_policy=ONE_CYCLE_A_RUN,
    )
    def meeting_pack(context: dg.AssetExecutionContext, warehouse: Warehouse) -> dg.MaterializeResult:
        """The S&OP meeting pack: one self-contained HTML page over the cycle's marts."""
        cycle_id = context.partition_key
        html = _render(warehouse, warehouse.cycle(cycle_id))
        path = _pack_file(warehouse, cycle_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(html)
        sha256 = hashlib.sha256(html).hexdigest()
        return dg.MaterializeResult(
            metadata={"file": dg.MetadataValue.path(path), "bytes": len(html)},
            data_version=dg.DataVersion(sha256),
        )

    return meeting_pack


def build_published_cycle(settings: Settings) -> dg.AssetsDefinition:
    """The release of the cycle."""

    @dg.asset(
        key=PUBLISHED,
        deps=[
            MEETING_PACK,
            *(dg.AssetKey(table.split(".")) for table in [*mart_tables(), *_evidence_assets()]),
        ],
        group_name="release",
        owners=[OWNERS["release"]],
        kinds={"duckdb", "parquet"},
        partitions_def=partitions_of(settings),
        backfill_policy=ONE_CYCLE_A_RUN,
    )
    def published_cycle(context: dg.AssetExecutionContext, warehouse: Warehouse) -> dg.MaterializeResult:
        """The immutable release of the cycle; `current` moves to it when it is the newest cycle's."""
        with warehouse.reader(context.partition_key).looking() as reader:
            request = _request(warehouse, reader)
        published = publish(request)
        return dg.MaterializeResult(
            metadata={
                "release_id": published.release_id,
                "is_new_release": published.is_new,
                "current_release_id": published.current_release_id,
                "stale_cycles": ", ".join(published.stale_cycles) or "none",
                "folder": dg.MetadataValue.path(published.folder),
                "meeting_pack": dg.MetadataValue.path(published.folder / "pack.html"),
            },
            data_version=dg.DataVersion(published.release_id),
        )

    return published_cycle


def _request(warehouse: Warehouse, reader: WarehouseReader) -> PublishRequest:
    settings, home, cycle_id = warehouse.settings, warehouse.settings.paths, reader.cycle_id
    landing = accepted_delivery(home.landing, settings.source, cycle_id)
    return PublishRequest(
        home=home.root,
        cycle_id=cycle_id,
        tables=(
            *(_released_table(reader, table) for table in [*mart_tables(), *EVIDENCE]),
            *_quarantines(reader),
        ),
        pack=_pack_file(warehouse, cycle_id).read_bytes(),
        data_docs=_data_docs(settings, reader),
        inputs={name: str(file["sha256"]) for name, file in landing.files.items()},
        required_gates=GATES.keys(),
        gates=_open_gates(warehouse, reader),
        solver=_solver_facts(reader.read("planning.solve_log")),
        versions={package: version(package) for package in PACKAGES} | {"code_sha256": _code_sha256()},
        contract_version=CONTRACT_VERSION,
        history=registry.releases_before(home.root, cycle_id),
        published_at=planning_now(settings),
    )


def _released_table(reader: WarehouseReader, table: str) -> ReleasedTable:
    contract = reader.contracts[table]
    return ReleasedTable(
        name=TableName(contract.schema, contract.name),
        rows=reader.read_arrow(table),
        grain=contract.grain,
        description=contract.description,
        column_descriptions={column.name: column.description for column in contract.columns},
    )


def _quarantines(reader: WarehouseReader) -> list[ReleasedTable]:
    """`quarantine.<table>` for each table that rows were kept out of: its rows of marts.fct_quarantined_rows."""
    everything = _released_table(reader, "marts.fct_quarantined_rows")
    names = [str(name).split(".")[1] for name in everything.rows["table_name"].to_pylist()]
    return [
        replace(
            everything,
            name=TableName("quarantine", name),
            rows=everything.rows.filter(pa.array([other == name for other in names])),
            description=f"Delivered rows that are not in {name}, each with its rule, its text, its file and its row.",
        )
        for name in sorted(set(names))
    ]


def _data_docs(settings: Settings, reader: WarehouseReader) -> bytes:
    from sop_pipeline.pack.data_docs import DOCUMENTED, render_data_docs

    results = {gate: reader.read(table) for gate, table in GATES.items()}
    tables = {table: reader.read(table) for table in DOCUMENTED}
    return render_data_docs(results, tables, reader.cycle_id, settings.company, settings.currency)


def _open_gates(warehouse: Warehouse, reader: WarehouseReader) -> dict[str, bool]:
    """Gate -> True where every critical rule held, on the very rows that are there now."""
    gates = {}
    for gate, table in GATES.items():
        results = reader.read(table)
        held = bool((results["passed"] | (results["severity"] != "critical")).all())
        judged = warehouse.fingerprint(results["table_name"], reader.cycle_id)
        gates[gate] = held and not results.empty and set(results["input_sha256"]) == {judged}
    return gates


def _solver_facts(solve_log: pd.DataFrame) -> dict[str, Any]:
    return {str(row["scenario_id"]): dict(row) for row in solve_log.to_dict("records")}


def _code_sha256() -> str:
    """One hash over every file that decides what a release says."""
    digest = hashlib.sha256()
    for room in ("sop_pipeline", "assets", "quality", "dbt_project"):
        files = [
            p for p in (PROJECT_DIR / room).rglob("*") if p.suffix in (".py", ".sql", ".yml", ".j2", ".css")
        ]
        for path in sorted(p for p in files if "target" not in p.relative_to(PROJECT_DIR).parts):
            digest.update(str(path.relative_to(PROJECT_DIR)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _pack_file(warehouse: Warehouse, cycle_id: str):  # type: ignore[no-untyped-def]
    return warehouse.settings.paths.work / f"cycle={cycle_id}" / "pack.html"


def _render(warehouse: Warehouse, cycle: Cycle) -> bytes:
    from sop_pipeline.pack import PACK_TABLES, render_pack

    settings, reader = warehouse.settings, warehouse.reader(cycle.cycle_id)
    with reader.looking():
        tables = {table: reader.read(table, list(columns)) for table, columns in PACK_TABLES.items()}
    tables["planner_changes"] = reader.read("ingest.planner_changes")
    tables["gate_results"] = pd.concat([reader.read(table) for table in GATES.values()])
    return render_pack(tables, cycle.cycle_id, settings.company, currency_code=settings.currency)
