"""The same SQL on PostgreSQL: a published cycle's lake is loaded there, every model is built from it, and each table and
data test must say what DuckDB's says.

A difference names table, column, key and both values. Add here: what must hold on both engines. Keep out: what the SQL
computes (dbt's unit tests), how close two values must be (`comparison`).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import adbc_driver_postgresql.dbapi as postgresql
import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from comparison import compare
from server import Server

from assets.dbt import dbt_environment
from sop_pipeline.release import registry
from sop_pipeline.settings import DBT_PROJECT_DIR, load_settings
from sop_pipeline.warehouse.contracts import Contract, load_contracts
from sop_pipeline.warehouse.lake import lake_file
from sop_pipeline.warehouse.postgres import UnloadableTable, load_lake

pytestmark = pytest.mark.slow

DBT = Path(sys.executable).with_name("dbt")
CONTRACTS = load_contracts(DBT_PROJECT_DIR)
COMPARED_SCHEMAS = (
    "erp",
    "core",
    "marts",
)  # what quarantine's views hold stands in marts.fct_quarantined_rows
TABLES = (
    "select table_schema || '.' || table_name from information_schema.tables where table_schema in "
    f"{COMPARED_SCHEMAS} order by 1"
)


@dataclass(frozen=True)
class TwoBuilds:
    """One cycle of one company as both engines have built it."""

    cycle_id: str
    lake_dir: Path
    duckdb_file: Path
    uri: str
    environment: Mapping[str, str]
    folder: Path
    loaded_rows: Mapping[str, int]

    def on_duckdb(self, *queries: str) -> list[pa.Table]:
        """Rows of the working database that the refresh left."""
        with duckdb.connect(str(self.duckdb_file), read_only=True) as connection:
            return [connection.sql(query).to_arrow_table() for query in queries]

    def on_postgres(self, *queries: str) -> list[pa.Table]:
        """Rows of the database that dbt built on PostgreSQL; numbers without a limit of digits come as text."""
        with postgresql.connect(self.uri) as connection, connection.cursor() as cursor:
            return [plain(cursor.execute(query).fetch_arrow_table()) for query in queries]

    @property
    def tables(self) -> list[str]:
        """Names of the tables that the refresh built on DuckDB."""
        return [str(name) for name in self.on_duckdb(TABLES)[0].column(0).to_pylist()]

    def data_tests(self) -> dict[str, tuple[str, int]]:
        """Data test -> how it ended on PostgreSQL and how many rows it found."""
        results = json.loads((self.folder / "target" / "run_results.json").read_text(encoding="utf-8"))
        return {
            result["unique_id"]: (result["status"], result["failures"])
            for result in results["results"]
            if result["unique_id"].startswith("test.")
        }

    def dbt(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run dbt on PostgreSQL."""
        command = [str(DBT), *arguments, "--target", "postgres", "--target-path", str(self.folder / "target")]
        command += ["--project-dir", str(DBT_PROJECT_DIR), "--profiles-dir", str(DBT_PROJECT_DIR)]
        environment = os.environ | self.environment | variables
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def build_on_both(home: Path, cycle_id: str, server: Server, folder: Path) -> TwoBuilds:
    """Load the cycle's lake into a database of its own and build all models there. DuckDB's are the refresh's."""
    settings = load_settings(home=home)
    published = registry.released_files_before(settings.paths.root, cycle_id)
    uri = server.create_database(settings.system)
    rows = load_lake(CONTRACTS, settings.paths.lake, cycle_id, published, uri)
    environment = dbt_environment(settings, cycle_id, published) | server.environment(settings.system)
    builds = TwoBuilds(
        cycle_id, settings.paths.lake, settings.paths.work_database, uri, environment, folder, rows
    )
    build = builds.dbt("build", "--exclude-resource-type", "unit_test")
    if build.returncode:
        pytest.fail(
            f"The models cannot be built on PostgreSQL:\n{build.stdout[-6000:]}{build.stderr[-2000:]}"
        )
    return builds


@pytest.fixture(scope="module")
def contract_on_both(
    published_home: Any, postgres_server: Server, tmp_path_factory: pytest.TempPathFactory
) -> TwoBuilds:
    """The demo company in the cycle after its first release, so that accuracy by lag is there."""
    folder = tmp_path_factory.mktemp("contract")
    return build_on_both(published_home.root, "2026-02", postgres_server, folder)


@pytest.fixture(scope="module")
def adventureworks_on_both(
    adventureworks_home: Path, postgres_server: Server, tmp_path_factory: pytest.TempPathFactory
) -> TwoBuilds:
    """AdventureWorks in its one cycle."""
    return build_on_both(
        adventureworks_home, "2014-01", postgres_server, tmp_path_factory.mktemp("adventureworks")
    )


@pytest.fixture(scope="module", params=["contract", "adventureworks"])
def both(request: pytest.FixtureRequest) -> TwoBuilds:
    """Each system in turn."""
    builds: TwoBuilds = request.getfixturevalue(f"{request.param}_on_both")
    return builds


def test_every_table_is_built_on_postgresql_under_its_contract(both: TwoBuilds) -> None:
    assert columns_on_postgres(both) == [
        (table, *column) for table in both.tables for column in declared_columns(CONTRACTS[table])
    ]


def test_every_table_is_the_same_on_both_engines(both: TwoBuilds) -> None:
    contracts = [CONTRACTS[table] for table in both.tables]
    queries = [
        f"select {', '.join(column.name for column in contract.columns)} from {contract.table}"
        for contract in contracts
    ]
    tables = zip(contracts, both.on_duckdb(*queries), both.on_postgres(*queries), strict=True)
    differences = [
        difference
        for contract, on_duckdb, on_postgres in tables
        for difference in compare(contract, typed(on_duckdb, contract), typed(on_postgres, contract))
    ]

    assert not differences, f"{len(differences)} differences:\n" + "\n".join(map(str, differences))


def test_every_data_test_passes_on_postgresql_as_on_duckdb(both: TwoBuilds) -> None:
    """On DuckDB they passed: a cycle in which one fails is not published."""
    ended = both.data_tests()

    assert len(ended) > 50
    assert {name: result for name, result in ended.items() if result != ("pass", 0)} == {}


def test_there_is_something_to_compare(contract_on_both: TwoBuilds) -> None:
    by_lag = contract_on_both.on_postgres(
        "select lag_months, count(actual_units) from marts.fct_forecast_accuracy group by 1 order by 1"
    )[0]
    assert by_lag.column(0).to_pylist() == [0]  # the February cycle knows one release, January's
    assert by_lag.column(1).to_pylist()[0] > 0
    assert contract_on_both.loaded_rows["planner.planning_parameters"] > 0
    assert contract_on_both.loaded_rows["planning.supply_plan"] > 0
    assert contract_on_both.loaded_rows["ingest.deliveries"] > 0
    assert contract_on_both.loaded_rows["published.fct_demand_plan"] > 0


def test_a_double_becomes_the_same_decimal_on_both_engines(contract_on_both: TwoBuilds) -> None:
    random = np.random.default_rng(20_26)
    halves = np.arange(-20_000, 20_000) / 1000 + 0.0005  # people's halves: most have no exact double
    exact_halves = np.arange(-4001, 4001, 2) / 16
    sizes = random.normal(size=40_000) * 10.0 ** random.integers(-6, 13, size=40_000)
    values = np.concatenate([halves, exact_halves, sizes, [0.0, 1.005, 2.675, 123_456_789_012.34565]])
    with postgresql.connect(contract_on_both.uri) as connection, connection.cursor() as cursor:
        numbered = pa.table({"place": np.arange(len(values)), "value": values})
        cursor.adbc_ingest("doubles", numbered, mode="replace")
        connection.commit()
    memory = duckdb.connect()
    memory.register("doubles", pa.table({"place": np.arange(len(values)), "value": values}))

    for scale, factor, unit in ((3, "1e3", "0.001"), (4, "1e4", "0.0001"), (6, "1e6", "0.000001")):
        on_duckdb = memory.sql(f"select cast(value as decimal(38,{scale})) from doubles order by place")
        on_postgres = contract_on_both.on_postgres(
            f"select cast(cast(sop.rounded(value, {factor}, {unit}) as decimal(38,{scale})) as varchar) from doubles order by place"
        )[0]
        wanted = [str(row[0]) for row in on_duckdb.fetchall()]
        wrong = [
            (value, a, b)
            for value, a, b in zip(values, wanted, on_postgres.column(0).to_pylist(), strict=True)
            if a != b
        ]
        assert not wrong, f"{len(wrong)} of {len(values)} doubles, (value, DuckDB, PostgreSQL): {wrong[:5]}"


def test_dbt_refuses_a_database_that_holds_another_cycle(contract_on_both: TwoBuilds) -> None:
    run = contract_on_both.dbt("run", "--select", "dim_cycle", SOP_CYCLE_ID="2026-01")

    assert run.returncode != 0
    assert "Database 'contract' holds the lake of cycle 2026-02, not 2026-01: load that cycle" in run.stdout


def test_lake_files_that_miss_their_contract_are_named_and_nothing_is_replaced(
    contract_on_both: TwoBuilds, postgres_server: Server, tmp_path: Path
) -> None:
    cycle_id = contract_on_both.cycle_id
    lake = Path(shutil.copytree(contract_on_both.lake_dir / "planner", tmp_path / "planner")).parent
    uri = postgres_server.create_database("damaged")
    load_lake(CONTRACTS, lake, cycle_id, {}, uri)
    rewrite(lake_file(lake, "planner.goals", cycle_id), lambda table: table.drop_columns(["goal_value"]))
    rewrite(
        lake_file(lake, "planner.priorities", cycle_id),
        lambda table: table.set_column(
            table.column_names.index("priority"), "priority", pa.array(["first"] * table.num_rows)
        ),
    )

    with pytest.raises(UnloadableTable) as refused:
        load_lake(CONTRACTS, lake, cycle_id, {}, uri)

    message = str(refused.value)
    assert f"2 tables of cycle {cycle_id} cannot be loaded; nothing was replaced" in message
    assert "planner.goals" in message and "column goal_value is not in the file" in message
    assert "planner.priorities" in message and "first" in message
    with postgresql.connect(uri) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from planner.priorities")
        assert cursor.fetchall()[0][0] == contract_on_both.loaded_rows["planner.priorities"]


def plain(table: pa.Table) -> pa.Table:
    """The table with numbers of PostgreSQL that Arrow has no type for as text."""
    columns = [
        pa.chunked_array([chunk.storage for chunk in column.chunks], type=pa.string())
        if isinstance(column.type, pa.BaseExtensionType)
        else column
        for column in table.columns
    ]
    return pa.table(columns, names=table.column_names)


def typed(table: pa.Table, contract: Contract) -> pa.Table:
    """The table in the contract's types, so that one engine's number is the other's."""
    columns = [table[column.name].cast(column.arrow_type) for column in contract.columns]
    return pa.table(columns, names=[column.name for column in contract.columns])


def rewrite(path: Path, change: Any) -> None:
    """Change a Parquet file in place."""
    pq.write_table(change(pq.ParquetFile(path).read()), path)


def declared_columns(contract: Contract) -> list[tuple[str, str, bool]]:
    """Name, type and whether a column may not be empty, in the contract's order and PostgreSQL's words."""
    words = {"varchar": "character varying", "timestamp": "timestamp without time zone"}
    return [
        (
            column.name,
            words.get(column.data_type, column.data_type.replace("decimal", "numeric").replace(", ", ",")),
            column.is_required,
        )
        for column in contract.columns
    ]


def columns_on_postgres(both: TwoBuilds) -> list[tuple[str, str, str, bool]]:
    """Table, name, type and whether it may not be empty of every built column, as the server knows them."""
    rows = both.on_postgres(
        "select n.nspname || '.' || c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull "
        "from pg_attribute as a inner join pg_class as c on a.attrelid = c.oid "
        "inner join pg_namespace as n on c.relnamespace = n.oid "
        f"where n.nspname in {COMPARED_SCHEMAS} and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped "
        "order by 1, a.attnum"
    )[0]
    return [tuple(row.values()) for row in rows.to_pylist()]  # type: ignore[misc]
