"""Odoo and ERPNext read straight from their database give what their files give, and nobody learns the password.

On a real PostgreSQL server with the tables, names and types of each ERP, filled with the demo company. ERPNext mostly runs
on MariaDB, for which there is no server to be had as a wheel; its tables have the same names on PostgreSQL
("tabSales Order"), which it also runs on.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import psycopg2
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from built_tables import build_tables
from sqlalchemy.dialects import mysql

sys.path.insert(0, str(Path(__file__).parents[2] / "engines"))
from server import NoServer, Server, running_server

from assets.database import build_database, extract_folder, table_keys
from assets.extracts import LANDING, build_landing
from assets.resources import Warehouse
from sop_pipeline.settings import (
    DBT_PROJECT_DIR,
    SettingsError,
    load_settings,
    open_home,
    refuse_wrong_folders,
)
from sop_pipeline.sources import database
from sop_pipeline.sources.demo import open_world, write_delivery
from sop_pipeline.sources.demo.shapes import write_shape
from sop_pipeline.sources.folders import declared_files
from sop_pipeline.sources.landing import accepted_delivery
from sop_pipeline.sources.protocol import SourceError
from sop_pipeline.warehouse.contracts import load_contracts
from sop_pipeline.warehouse.deliveries import ingest_all

CONTRACTS = load_contracts(DBT_PROJECT_DIR)
CYCLE = "2026-01"
PASSWORD = "correct-horse-battery-staple"
TYPES = {
    "decimal(18,6)": "numeric",
    "decimal(18,4)": "numeric",
    "decimal(18,3)": "numeric",
    "varchar": "text",
}
PROVENANCE = ["source_file_sha256", "source_row_number"]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A PostgreSQL server of the tests' own. Where none can be had the tests are skipped with the reason; in CI they fail."""
    try:
        with running_server() as running:
            yield running
    except NoServer as problem:
        if os.environ.get("CI") == "true":
            pytest.fail(str(problem))
        pytest.skip(str(problem))


@pytest.fixture(scope="module")
def extracts(smallest_scale: float, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The smallest demo company in the files of each ERP: `odoo/` and `erpnext/`."""
    folder = tmp_path_factory.mktemp("demo")
    open_world(folder / "world", smallest_scale, 20_26)
    write_delivery(folder / "world", CYCLE, folder / "delivery")
    for shape in ("odoo", "erpnext"):
        write_shape(shape, folder / "delivery", folder / shape, CYCLE)
    return folder


def url_of(server: Server, name: str) -> str:
    """Address of a database, with a password that must show up nowhere."""
    return f"postgresql://postgres:{PASSWORD}@127.0.0.1:{server.port}/{name}"


def fill(server: Server, name: str, system: str, folder: Path) -> str:
    """Make the tables of a system as its database has them, of its files, and return the database's address."""
    server.create_database(name)
    declared = {column.table: column for column in database.database_tables(system)}
    with psycopg2.connect(url_of(server, name)) as connection, connection.cursor() as cursor:
        for file in declared_files(system):
            found = [path for path in file.found_in(folder) if path.suffix == ".csv"]
            if file.table not in declared or not found:
                continue
            with found[0].open(newline="", encoding="utf-8") as opened:
                header = next(csv.reader(opened))
                first = next(csv.reader(opened), [])
            types = {
                c.header: TYPES.get(c.data_type, c.data_type)
                for c in CONTRACTS[f"{system}.{file.table}"].columns
            }
            if system == "odoo":  # names by language and values by company are jsonb since 16 and 18
                types |= {
                    name: "jsonb"
                    for name, value in zip(header, first, strict=False)
                    if value.startswith('{"')
                }
            columns = ", ".join(f'"{column}" {types.get(column, "text")}' for column in header)
            cursor.execute(f'create table "{declared[file.table].physical}" ({columns})')
            with found[0].open(encoding="utf-8") as opened:
                cursor.copy_expert(
                    f'copy "{declared[file.table].physical}" from stdin with (format csv, header)', opened
                )
    return url_of(server, name)


def read(system: str, folder: Path) -> Path:
    """Read the database that the environment names, without Dagster."""
    engine = database.open_database()
    try:
        found = database.found_tables(engine, system)
        pipeline = database.extract_pipeline(system, folder)
        pipeline.run(database.database_source(engine, found)).raise_on_failed_jobs()
    finally:
        engine.dispose()
    database.assemble(found, folder, folder / "extract")
    return folder / "extract"


@pytest.mark.parametrize("system", ["odoo", "erpnext"])
def test_the_database_gives_what_the_files_give(
    system: str, server: Server, extracts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Equal tables of the lake make equal core tables: all that follows is computed of them."""
    monkeypatch.setenv(database.URL_VARIABLE, fill(server, f"{system}_demo", system, extracts / system))
    extract = read(system, tmp_path)
    database.copy_supplement(system, extracts / system, extract)

    contracts = CONTRACTS.of_schema(system)
    from_files = {file.contract.name: file for file in ingest_all(contracts, extracts / system, 0.0)}
    from_database = {file.contract.name: file for file in ingest_all(contracts, extract, 0.0)}

    assert sum(file.rows.num_rows for file in from_database.values()) > 100_000
    for name, file in from_files.items():
        one, other = (f.rows.drop_columns(PROVENANCE) for f in (file, from_database[name]))
        order = [(column, "ascending") for column in one.column_names]
        assert one.sort_by(order).equals(other.sort_by(order)), name


@pytest.mark.slow
def test_what_a_database_holds_reaches_the_core(
    server: Server, extracts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From Odoo's tables in PostgreSQL to the tables that planning reads: every order line and item of the company, and no row
    kept out."""
    monkeypatch.setenv(database.URL_VARIABLE, fill(server, "odoo_core", "odoo", extracts / "odoo"))
    extract = read("odoo", tmp_path)
    database.copy_supplement("odoo", extracts / "odoo", extract)

    built = build_tables(tmp_path / "home", "odoo", extract, CYCLE)

    assert built.kept_out() == {}
    for table, delivered in (
        ("fct_order_lines", "sales_order_lines"),
        ("dim_items", "items"),
        ("dim_customers", "customers"),
    ):
        with (extracts / "delivery" / f"{delivered}.csv").open(encoding="utf-8") as file:
            rows = sum(1 for _ in csv.DictReader(file))
        assert built.query(f"select count(*) as n from core.{table}")["n"][0] == rows, table


def test_the_password_stands_in_no_file(
    server: Server, extracts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One run through dagster-dlt, from the database to the landing zone: each table is an asset before the delivery."""
    monkeypatch.setenv(database.URL_VARIABLE, fill(server, "odoo_run", "odoo", extracts / "odoo"))
    supplement = tmp_path / "supplement"
    supplement.mkdir()
    for path in [*(extracts / "odoo").glob("supplement_*.csv"), extracts / "odoo" / "goals.csv"]:
        (supplement / path.name).write_bytes(path.read_bytes())
    settings = load_settings(home=tmp_path / "home", source="odoo", database=True, input_dir=supplement)
    home = open_home(settings)
    assets = [build_database(settings), build_landing(settings)]
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        done = dg.materialize(
            assets, partition_key=CYCLE, resources={"warehouse": Warehouse.of(settings)}, instance=instance
        )

    keys = {event.asset_key for event in done.get_asset_materialization_events()}
    assert {*table_keys("odoo"), LANDING} == keys
    assert set(table_keys("odoo")) <= set(assets[1].asset_deps[LANDING])
    landed = accepted_delivery(home.landing, "odoo", CYCLE)
    assert {"sale_order.parquet", "supplement_lanes.csv", "goals.csv"} <= landed.files.keys()
    factors = pq.read_table(landed.folder / "uom_uom.parquet")["factor"].to_pylist()
    assert "0.08333333333333333" in factors  # a twelfth, with every digit that the database has
    assert extract_folder(home, CYCLE).is_dir()
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(written) > 60
    assert not [path for path in written if PASSWORD.encode() in path.read_bytes()]


def test_what_cannot_be_read_is_told_without_the_address(
    server: Server, extracts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.create_database("empty")
    monkeypatch.setenv(database.URL_VARIABLE, url_of(server, "empty"))
    engine = database.open_database()
    with pytest.raises(
        SourceError, match=r"table 'res_company' is not in the database\n[\s\S]*SOP_DATABASE_SCHEMA"
    ):
        database.found_tables(engine, "odoo")
    with pytest.raises(SourceError, match="no schema 'erp': it has information_schema, public"):
        database.found_tables(engine, "odoo", "erp")
    engine.dispose()
    for address, said in (
        (url_of(server, "nowhere"), 'database "nowhere" does not exist'),
        (f"postgresql://u:{PASSWORD}@127.0.0.1:notaport/x", "is no address of a database"),
        (f"oracle://u:{PASSWORD}@host/x", "names no kind of database that is read"),
    ):
        monkeypatch.setenv(database.URL_VARIABLE, address)
        with pytest.raises(SourceError, match=said) as problem:
            database.found_tables(database.open_database(), "odoo")
        assert PASSWORD not in str(problem.value)


def test_a_refresh_says_what_a_database_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(database.URL_VARIABLE, raising=False)
    settings = load_settings(home=tmp_path / "home", source="odoo", database=True, database_schema="a b;--")
    with pytest.raises(SettingsError, match=r"SOP_DATABASE_URL is not set[\s\S]*no name of a schema"):
        refuse_wrong_folders(settings, [CYCLE])
    settings = load_settings(home=tmp_path / "home", source="adventureworks", database=True)
    with pytest.raises(
        SettingsError, match="adventureworks has no database of its own. Those that have: erpnext, odoo"
    ):
        refuse_wrong_folders(settings, [CYCLE])


def test_an_address_and_no_folder_mean_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(database.URL_VARIABLE, f"postgresql://reader:{PASSWORD}@host/odoo")
    settings = load_settings(home=tmp_path / "home", source="odoo")
    assert settings.database
    assert PASSWORD not in settings.model_dump_json()
    open_home(settings)
    assert PASSWORD not in settings.paths.opened_with.read_text(encoding="utf-8")
    assert not load_settings(home=tmp_path / "other", source="odoo", input_dir=tmp_path).database
    assert not load_settings(home=tmp_path / "other", source="contract").database


def test_without_the_extra_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(database.URL_VARIABLE, "postgresql://reader@host/odoo")
    monkeypatch.setattr(database, "find_spec", lambda module: None)
    (missing, driver) = database.database_mistakes()
    assert "extra `database` is not installed: pip install 'sop-pipeline[database]'" in missing
    assert "driver psycopg2 is not installed" in driver


def test_mariadb_is_asked_for_text_by_quoted_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no MariaDB server here: what it would be asked is held against its own language, letter by letter."""
    monkeypatch.setenv(database.URL_VARIABLE, f"mariadb://reader:{PASSWORD}@host/erpnext")
    engine = database.open_database()
    assert (engine.dialect.name, engine.dialect.driver) == ("mariadb", "pymysql")
    table = sa.Table(
        "tabSales Order Item",
        sa.MetaData(),
        sa.Column("name", mysql.VARCHAR(140), primary_key=True),
        sa.Column("qty", mysql.DECIMAL(21, 9)),
        sa.Column("delivery_date", sa.Date()),
        sa.Column("is_free_item", mysql.TINYINT(1)),
        sa.Column("description", mysql.LONGTEXT()),  # of no use here: not asked for
    )
    database._only({table.name: {"name", "qty", "delivery_date", "is_free_item"}})(table)
    query = database._as_text(sa.select(table), table)

    asked = " ".join(str(query.compile(engine)).split())
    place = "`tabSales Order Item`"
    columns = ", ".join(
        f"CAST({place}.{name} AS CHAR) AS {name}" for name in ("name", "qty", "delivery_date", "is_free_item")
    )
    assert asked == f"SELECT {columns} FROM {place}"
