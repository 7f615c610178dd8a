"""A small maker of bicycle bells, written by hand in ERPNext's doctypes, becomes the canonical rows that its people mean.

`extracts/` holds the records as ERPNext exports them, traps included; `expected/` the rows of staging that follow from what
the fields mean, written by hand too. A column that an expected file does not name is not judged; every row is.
Add here: a record with a trap, and the row that it must become. Keep out: what one model does alone (dbt unit tests,
_erpnext__unit_tests.yml), the demo company (shapes).
"""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest
from built_tables import CONTRACTS, BuiltTables, build_tables, run_unit_tests

from sop_pipeline.settings import DBT_PROJECT_DIR

HERE = Path(__file__).parent
CYCLE = "2026-01"
TABLES = sorted(path.stem for path in (HERE / "expected").glob("*.csv"))
MONTHS_SHOWN = {"resource_capacities": "period_start_date < date '2026-03-01'"}
"""Tables that go on for years by a rule: the part that is written out."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> BuiltTables:
    """The extracts, ingested and staged."""
    home = tmp_path_factory.mktemp("alpenrad")
    select = ("sop.staging", "sop.erp", "sop.quarantine")
    return build_tables(
        home / "home", "erpnext", HERE / "extracts", CYCLE, select, quarantine_maximum_ratio=0.0
    )


def header(table: str) -> list[str]:
    """Columns of an expected file."""
    with (HERE / "expected" / f"{table}.csv").open(encoding="utf-8") as file:
        return next(csv.reader(file))


@pytest.mark.parametrize("table", TABLES)
def test_every_record_becomes_the_row_that_it_means(table: str, built: BuiltTables) -> None:
    types = {column.name: column.data_type for column in CONTRACTS[f"erp.{table}"].columns}
    columns = header(table)
    typed = ", ".join(f'cast("{name}" as {types[name]}) as "{name}"' for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    shown = MONTHS_SHOWN.get(table, "true")
    with duckdb.connect(str(built.database), read_only=True) as connection:
        path = HERE / "expected" / f"{table}.csv"
        connection.execute(
            f"create temp view expected as select {typed} from read_csv('{path}', all_varchar = true, nullstr = '')"
        )
        staged = f"select {names} from staging.stg_erpnext__{table} where {shown}"
        missing = connection.execute(f"select * from expected except all {staged} order by all").fetchall()
        surplus = connection.execute(f"{staged} except all select * from expected order by all").fetchall()

    assert [tuple(map(str, row)) for row in surplus] == [tuple(map(str, row)) for row in missing]


def test_every_table_that_erpnext_supplies_has_its_expected_rows() -> None:
    document = (DBT_PROJECT_DIR / "dbt_project.yml").read_text(encoding="utf-8")
    listed = document.split("erpnext: [")[1].split("]")[0].replace("\n", " ")
    supplied = {name.strip() for name in listed.split(",") if name.strip()}

    # whole tables of the supplement have nothing to be mapped; one of them stands for all
    assert supplied - set(TABLES) == {"supplier_capacities", "storage_capacities"}


def test_what_cannot_be_known_is_kept_out_with_its_reason(built: BuiltTables) -> None:
    rows = built.query("select row_key, rule_id from quarantine.sales_order_lines order by 1")

    # a line counted in another stock unit than the item's, and an item that nobody knows
    assert list(rows.itertuples(index=False, name=None)) == [
        ("SAL-ORD-0007 / 2", "ordered_units_not_convertible"),
        ("SAL-ORD-0007 / 3", "item_id_unknown"),
    ]


def test_terms_without_a_price_are_kept_out(built: BuiltTables) -> None:
    rows = built.query("select row_key from quarantine.supplier_items order by 1")

    # nobody told a price of the bell; the box is priced by a pallet of unknown content, and has no lead time
    assert list(rows["row_key"]) == ["SUP-01 / BOX-01 / Augsburg", "SUP-03 / BELL-02 / Augsburg"]


def test_the_unit_tests_of_the_staging_models_hold(built: BuiltTables) -> None:
    said = run_unit_tests(built.database.parents[1], "erpnext", CYCLE, "sop.staging.erpnext")

    assert "ERROR=0" in said
    assert "PASS=0" not in said
