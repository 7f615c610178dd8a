"""dbt models as Dagster assets, and the environment that a dbt run of one cycle gets.

Models are grouped by the process step whose folder they stand in. Add here: another run of dbt, or a fact about models
that Dagster should show. Keep out: SQL and contracts (dbt_project).
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DbtCliResource, dbt_assets
from dagster_dbt.errors import DagsterDbtCliRuntimeError
from packaging.version import Version

from assets.bound_dbt import PARENT, PROJECT
from assets.dbt_failures import rows_refused
from assets.partitions import ONE_CYCLE_A_RUN, partitions_of
from assets.resources import Warehouse
from assets.step import OWNERS, table_schema
from sop_pipeline.release import registry
from sop_pipeline.settings import DBT_PROJECT_DIR, Settings
from sop_pipeline.warehouse.contracts import Contract, load_contracts

GROUP_OF_FOLDER = {
    "staging": "extracts",
    "erp": "core",
    "quarantine": "core",
    "core": "core",
    "start": "start",
    "demand": "demand_review",
    "supply": "supply_review",
    "pre_sop": "pre_sop",
    "meeting": "sop_meeting",
}
"""Process step of the models in a folder below models/ (below models/marts/ for marts)."""


PARSED_PROJECT = "partial_parse.msgpack"
FILES_STAMP = "files.sha256"
"""What dbt keeps of a parsed project, and the hash of the files that it was parsed from."""

BOUND_DBT = Path(__file__).with_name("bound_dbt")
"""The executable that is started for dbt: dbt of this environment, bound to the process that starts it."""


class DbtProcess(DbtCliResource):
    """dbt as a process, without the two things that cost 6 s a cycle and give nothing here.

    dagster-dbt asks `dbt --version` of a second process, and loads dbt into this one to read columns from the database
    (ours come from the contracts).
    """

    @cached_property
    def _cli_version(self) -> Version:
        return Version(version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Sequence[str]) -> None:  # type: ignore[override]
        return None


class ModelTranslator(DagsterDbtTranslator):
    """Group, owner and column schema of a model, from its folder and its contract."""

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """The process step."""
        folders = dbt_resource_props["fqn"][1:]
        folder = folders[1] if folders[0] == "marts" else folders[0]
        return GROUP_OF_FOLDER.get(folder, "core")

    def get_owners(self, dbt_resource_props: Mapping[str, Any]) -> list[str]:
        """The team that answers for the step."""
        return [OWNERS[self.get_group_name(dbt_resource_props) or "core"]]

    def get_description(self, dbt_resource_props: Mapping[str, Any]) -> str:
        """The contract's description, without the SQL."""
        described = str(dbt_resource_props.get("description", ""))
        if not described and (supplied := _supplied_table(dbt_resource_props)):
            return f"Rows for {supplied.table} in its names, types and units, before any is kept out of it."
        return described

    def get_metadata(self, dbt_resource_props: Mapping[str, Any]) -> Mapping[str, Any]:
        """Declared columns, of a staging model those of the table it supplies; rows are counted by the release."""
        contracts = load_contracts(DBT_PROJECT_DIR)
        table = f"{dbt_resource_props['schema']}.{dbt_resource_props['name']}"
        declared = contracts.get(table)
        contract = declared if declared and declared.columns else _supplied_table(dbt_resource_props)
        if contract is None:
            return {}
        return {
            "dagster/column_schema": table_schema(contract),
            "dagster/table_name": table,
            "grain": ", ".join(contract.grain),
        }


def _supplied_table(model: Mapping[str, Any]) -> Contract | None:
    """The contract of erp.<table> that the staging model stg_<system>__<table> supplies; None for other models."""
    prefix, _, table = str(model["name"]).partition("__")
    return load_contracts(DBT_PROJECT_DIR).get(f"erp.{table}") if prefix.startswith("stg_") else None


def target_dir(settings: Settings) -> Path:
    """dbt's artefacts of a system's project."""
    return DBT_PROJECT_DIR / "target" / settings.system


def parsed_project(settings: Settings) -> Path:
    """dbt's own file of the parsed project, which its runs start from."""
    return target_dir(settings) / PARSED_PROJECT


def prepare_manifest(settings: Settings) -> Path:
    """The manifest of the dbt project for the settings' system; parsed again only when a dbt file, or dbt, has changed.

    Raises RuntimeError with dbt's words where the project does not parse.
    """
    target = target_dir(settings)
    manifest, stamp = target / "manifest.json", target / FILES_STAMP
    wanted = _project_hash()
    kept = (manifest, stamp, parsed_project(settings))
    if all(path.exists() for path in kept) and stamp.read_text(encoding="utf-8") == wanted:
        return manifest
    with tempfile.TemporaryDirectory(prefix="sop-parse-") as folder:
        parsed = Path(folder)
        if parsed_project(settings).exists():
            shutil.copy(parsed_project(settings), parsed)  # dbt parses what has changed since
        done = _parse(settings, parsed)
        if done.returncode and (parsed / PARSED_PROJECT).exists():
            # dbt starts from what it parsed before, and loses its way where a model has moved to another file
            (parsed / PARSED_PROJECT).unlink()
            done = _parse(settings, parsed)
        if done.returncode:
            raise RuntimeError(f"The dbt project does not parse:\n{done.stdout[-4000:]}{done.stderr[-2000:]}")
        target.mkdir(parents=True, exist_ok=True)
        stamp.unlink(missing_ok=True)  # whoever looks now parses for himself
        for name in (manifest.name, PARSED_PROJECT):
            _put(parsed / name, target / name)
    stamp.write_text(wanted, encoding="utf-8")
    return manifest


def _parse(settings: Settings, target: Path) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable, "-m", "dbt.cli.main", "parse", "--profiles-dir", str(DBT_PROJECT_DIR),
        "--project-dir", str(DBT_PROJECT_DIR), "--target-path", str(target), "--log-path", str(target),
    ]  # fmt: skip
    environment = os.environ | _static_environment(settings)
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def _put(file: Path, into: Path) -> None:
    """Copy a file so that whoever reads `into` meanwhile finds it whole."""
    beside = into.with_name(f"{into.name}.{os.getpid()}")
    shutil.copy(file, beside)
    beside.replace(into)


def _project_hash() -> str:
    digest = hashlib.sha256(f"dbt-core {version('dbt-core')}, dbt-duckdb {version('dbt-duckdb')}".encode())
    files = [p for p in DBT_PROJECT_DIR.rglob("*") if p.suffix in (".sql", ".yml")]
    for path in sorted(p for p in files if "target" not in p.relative_to(DBT_PROJECT_DIR).parts):
        digest.update(str(path.relative_to(DBT_PROJECT_DIR)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _static_environment(settings: Settings) -> dict[str, str]:
    """Values that only name places while the project is parsed."""
    return dbt_environment(settings, settings.first_cycle, {}) | {"DO_NOT_TRACK": "1"}


def dbt_environment(settings: Settings, cycle_id: str, published: Mapping[str, list[Path]]) -> dict[str, str]:
    """Environment of a dbt run of one cycle: the parameters that core/dim_cycle and the lake macro read."""
    home = settings.paths
    return {
        "DBT_LOG_LEVEL_FILE": "none",  # the debug log cost a sixth of dbt's time; Dagster keeps what it prints
        "SOP_SYSTEM": settings.system,
        "SOP_WORK_DATABASE": str(home.work_database),
        "SOP_LAKE_DIR": str(home.lake),
        "SOP_SQL_MEMORY_MB": str(settings.sql_memory_mb),
        "SOP_CYCLE_ID": cycle_id,
        "SOP_PUBLISHED_FILES": json.dumps(
            {t: [str(f) for f in files] for t, files in sorted(published.items())}
        ),
        "SOP_HORIZON_MONTHS": str(settings.horizon_months),
        "SOP_FROZEN_MONTHS": str(settings.frozen_months),
        "SOP_CURRENCY": settings.currency,
        "SOP_RETURNS_POLICY": settings.returns_policy,
        "SOP_CANCELLATIONS_POLICY": settings.cancellations_policy,
    }


def bound_environment(settings: Settings) -> dict[str, str]:
    """What BOUND_DBT is told: whose child it is, and the project as `prepare_manifest` parsed it."""
    return {
        "SOP_PYTHON": sys.executable,
        PARENT: str(os.getpid()),
        PROJECT: str(parsed_project(settings)),
    }


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name)
            else:
                os.environ[name] = value


def build_dbt_assets(settings: Settings, manifest: Path) -> list[dg.AssetsDefinition]:
    """Two runs of dbt a cycle: up to the boundary that planning reads, and the marts on what planning wrote."""
    return [
        _dbt_step(settings, manifest, "core_models", "sop.staging sop.erp sop.quarantine sop.core"),
        _dbt_step(settings, manifest, "mart_models", "sop.marts"),
    ]  # fmt: skip


def _dbt_step(settings: Settings, manifest: Path, name: str, select: str) -> dg.AssetsDefinition:
    @dbt_assets(
        manifest=manifest,
        select=select,
        name=name,
        partitions_def=partitions_of(settings),
        backfill_policy=ONE_CYCLE_A_RUN,
        dagster_dbt_translator=ModelTranslator(),
    )
    def models(context: dg.AssetExecutionContext, warehouse: Warehouse, dbt: DbtCliResource) -> Iterator[Any]:
        cycle_id = context.partition_key
        home = warehouse.settings.paths
        database = home.work_database
        database.parent.mkdir(parents=True, exist_ok=True)
        if name == "core_models" and not context.is_subset:
            database.unlink(missing_ok=True)  # a cache of one cycle, built from scratch
            database.with_suffix(".duckdb.wal").unlink(missing_ok=True)
        published = registry.released_files_before(home.root, cycle_id)
        values = dbt_environment(warehouse.settings, cycle_id, published)
        arguments = ["build", "--exclude-resource-type", "unit_test", "--indirect-selection", "buildable"]
        # dbt's own artefacts are read by nobody here: Dagster has the events, the release has the tables
        only_run = {"DBT_WRITE_JSON": "false"}
        with _environment(values | only_run | bound_environment(warehouse.settings)):
            invocation = dbt.cli(arguments, context=context, target_path=home.work / "dbt")
        try:
            yield from invocation.stream()
        except DagsterDbtCliRuntimeError as error:
            refused = rows_refused(manifest, database, str(error))
            if refused is None:
                raise
            raise refused from None  # the cause is in the rows, not in dbt

    return models
