"""A company whose names are all attacks, and whose files have a bad row of every kind: refreshed once, and looked through.

Nothing of what it says is executed, nothing of it is lost, and every text comes out as it went in: in Parquet, in the
database, in the pages and on the terminal. What is kept out is told by rule, in the words of its file.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow.parquet as pq
import pytest
from companies import Row, change_rows, read_rows, write_rows

if TYPE_CHECKING:
    from conftest import CommandLine

pytestmark = pytest.mark.slow

ATTACKS = [
    "'; DROP TABLE items; --",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}",
    "{% for x in y %}",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "!!python/object/apply:os.system ['true']",
    "${jndi:ldap://x/y}",
    "%(name)s {0} \\u003cb\\u003e",
    "../../../etc/passwd",
    "[red]not red[/red]",
    "a, b; c | d \"quoted\" ''",
    "名前 Ünïcode \N{RIGHT-TO-LEFT OVERRIDE}gnp.exe",
    "x" * 5000,
]
CODES = [
    "'; DROP TABLE erp.items; --",
    "<script>alert(2)</script>",
    "=1+1",
    "{{ env_var('HOME') }}",
    '"quoted", code',
]
"""Attacks that stand where a code stands: items and families are called so in every file."""
NAMES = (
    "item_name",
    "customer_name",
    "supplier_name",
    "site_name",
    "resource_name",
    "activity_name",
    "owner",
    "reason_text",
    "reason",
)

KEPT_OUT = (
    # entry, table, rule that keeps the row out
    (29, "sales_order_lines", "conflicting_rows"),
    (28, "sales_order_lines", "repeated_row"),
    (30, "sales_order_lines", "units_negative"),
    (54, "sales_order_lines", "item_id_unknown"),
    (26, "sales_order_lines", "item_id_unknown"),
    (35, "sales_order_lines", "ordered_units_not_convertible"),
    (51, "sales_order_lines", "requested_before_ordered"),
    (37, "purchase_order_lines", "currency_code missing_value"),
    (16, "purchase_order_lines", "ordered_quantity not_a_decimal"),
    (58, "bom_lines", "self_reference"),
    (58, "bom_lines", "units_not_positive"),
    (62, "bom_lines", "scrap_out_of_range"),
    (60, "prices", "conflicting_rows"),
    (65, "routing_operations", "hours_out_of_range"),
    (66, "supplier_items", "lead_time_out_of_range"),
    (68, "item_sites", "lots_contradict"),
)


def coded(folder: Path) -> dict[str, str]:
    """Families and items that are called by an attack from now on, in every file of the delivery."""
    items = read_rows(folder / "items.csv")
    sold = [row for row in items if row["is_saleable"] == "true"]
    families = list(dict.fromkeys(row["family_id"] for row in sold))[: len(CODES)]
    chosen = [row["item_id"] for row in sold[: len(CODES)]]
    renamed = dict(zip(families, (f"F {code}" for code in CODES), strict=False))
    return renamed | dict(zip(chosen, CODES, strict=False))


def attack(folder: Path) -> dict[str, str]:
    """Rename families and items in every file, and give every name in the company to an attack."""
    renamed = coded(folder)
    for path in sorted(folder.glob("*.csv")):
        rows = read_rows(path)
        if not rows:
            continue
        header, place = list(rows[0]), 0
        for row in rows:
            for column, value in row.items():
                if column in NAMES:
                    row[column] = ATTACKS[place % len(ATTACKS)]
                    place += 1
                elif value in renamed:
                    row[column] = renamed[value]
        write_rows(path, rows, header)
    return renamed


def add(path: Path, change: Callable[[Row], Row]) -> None:
    """Add a row made of the last one that is like an order of the other files."""
    change_rows(path, lambda rows: [*rows, change(dict(rows[-1]))])


def spoil(folder: Path) -> None:
    """One bad row of each kind; what may be kept out of a small table is declared with its reason."""
    orders = folder / "sales_order_lines.csv"
    lines = [row for row in read_rows(orders) if row["order_type"] == "order"]

    def spoilt(rows: list[Row]) -> list[Row]:
        torn, twice, *others = [dict(row) for row in lines[-12:]]
        by_key = {(row["order_id"], row["line_id"]): row for row in rows}

        def of(row: Row, **changes: str) -> None:
            by_key[row["order_id"], row["line_id"]].update(changes)

        of(torn, changed_at="")
        negative, orphan, bare, boxed, early = others[:5]
        of(negative, ordered_quantity="-3")
        of(orphan, item_id="NO-SUCH-ITEM <b>")
        of(bare, item_id=bare["item_id"].lstrip("0F") or "1")  # the zeros, or the letter, got lost
        of(boxed, uom_id="PALLET")
        of(early, requested_date="2019-01-01")
        return [*rows, torn | {"ordered_quantity": "7", "changed_at": ""}, twice]

    change_rows(orders, spoilt)
    purchases = folder / "purchase_order_lines.csv"

    def of_purchases(rows: list[Row]) -> list[Row]:
        rows[-1]["currency_code"] = ""
        rows[-2]["ordered_quantity"] = "1,234"
        return rows

    change_rows(purchases, of_purchases)
    add(
        folder / "bom_lines.csv",
        lambda row: row | {"component_item_id": row["parent_item_id"], "line_id": "990"},
    )
    add(folder / "bom_lines.csv", lambda row: row | {"component_item_id": read_rows(folder / "bom_lines.csv")[0]["component_item_id"],
                                                     "scrap_ratio": "-0.1", "line_id": "991"})  # fmt: skip
    for line, quantity in (("992", "0"), ("993", "-2")):
        add(folder / "bom_lines.csv", lambda row, line=line, quantity=quantity: row | {
            "component_item_id": read_rows(folder / "bom_lines.csv")[0]["component_item_id"], "scrap_ratio": "0",
            "line_id": line, "component_quantity": quantity})  # fmt: skip
    _add_lots_that_contradict(folder)
    add(folder / "prices.csv", lambda row: row | {"unit_price": "99999"})
    add(
        folder / "routing_operations.csv",
        lambda row: row | {"setup_hours_per_lot": "-1", "operation_number": "999"},
    )
    add(folder / "supplier_items.csv", lambda row: row | {"supplier_id": read_rows(folder / "suppliers.csv")[0]["supplier_id"],
                                                          "item_id": read_rows(folder / "items.csv")[0]["item_id"],
                                                          "lead_time_days": "-5"})  # fmt: skip
    tables = (
        "sales_order_lines",
        "purchase_order_lines",
        "bom_lines",
        "item_sites",
        "prices",
        "routing_operations",
        "supplier_items",
    )
    parameters = folder / "planning_parameters.csv"
    change_rows(
        parameters,
        lambda rows: [
            *rows,
            *(
                rows[0] | {"parameter_id": "quarantine_maximum_ratio", "scope": "table", "scope_id": f"erp.{table}",
                           "parameter_value": "0.2", "reason": "=HYPERLINK(\"http://x\") the test plants bad rows"}
                for table in tables
            ),
        ],
    )  # fmt: skip


def _add_lots_that_contradict(folder: Path) -> None:
    """Two items at a site where they are not kept: smallest lot, and multiple, above the largest."""
    rows = read_rows(folder / "item_sites.csv")
    kept = {(row["item_id"], row["site_id"]) for row in rows}
    sites = [row["site_id"] for row in read_rows(folder / "sites.csv")]
    free = [(row["item_id"], site) for row in rows for site in sites if (row["item_id"], site) not in kept]
    first, second = dict.fromkeys(free[:1]), dict.fromkeys(free[1:2])
    added = [
        rows[0] | {"item_id": item, "site_id": site, "lot_minimum_units": minimum, "lot_multiple_units": multiple,
                   "lot_maximum_units": "100"}
        for keys, minimum, multiple in ((first, "500", "1"), (second, "1", "500"))
        for item, site in keys
    ]  # fmt: skip
    header = [*rows[0], *({"lot_maximum_units"} - set(rows[0]))]
    write_rows(
        folder / "item_sites.csv", [*({"lot_maximum_units": ""} | row for row in rows), *added], header
    )


@dataclass(frozen=True)
class Hostile:
    """The release of the hostile company, and what the commands said."""

    home: Path
    extracts: Path
    renamed: dict[str, str]
    result: dict[str, Any]
    quality: dict[str, Any]

    @property
    def release(self) -> Path:
        return self.home / "current"

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.release / "sop.duckdb"), read_only=True) as connection:
            return connection.sql(query).fetchall()


@pytest.fixture(scope="module")
def hostile(sop: CommandLine, demo_delivery: Path, tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    folder = tmp_path_factory.mktemp("hostile")
    extracts = folder / "extracts"
    extracts.mkdir()
    for path in demo_delivery.glob("*.csv"):
        (extracts / path.name).write_bytes(path.read_bytes())
    renamed = attack(extracts)
    spoil(extracts)
    home = folder / "home"
    (result,) = sop.json(home, "refresh", "--source", "contract", "--input", str(extracts), "--cycle", "2026-01",
                         SOP_COMPANY="<b>Hostile</b> & Sons", SOP_QUARANTINE_MAXIMUM_RATIO="0.2")  # fmt: skip
    quality = sop.json(home, "quality", "--cycle", "2026-01")
    return Hostile(home, extracts, renamed, result, quality)


class Page(HTMLParser):
    """What a browser would make of a page: its elements, their attributes, and the text that people see."""

    def __init__(self, content: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(content)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@pytest.mark.bad_input(91)
@pytest.mark.parametrize("name", ["pack.html", "data_docs.html"])
def test_pages_show_names_as_text_and_run_nothing(hostile: Hostile, name: str) -> None:
    page = Page((hostile.release / name).read_text(encoding="utf-8"))
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "img", "iframe", "object", "embed", "form", "base", "b"}
    attributes = {attribute for _, given in page.elements for attribute in given}
    assert not {attribute for attribute in attributes if attribute.startswith("on")}
    policies = [
        given["content"]
        for tag, given in page.elements
        if given.get("http-equiv") == "Content-Security-Policy"
    ]
    assert policies
    assert "default-src 'none'" in str(policies[0])
    links = {str(given["href"]) for tag, given in page.elements if tag == "a"}
    assert all(link.startswith("#") or link in ("pack.html", "data_docs.html") for link in links)
    seen = "".join(page.text)
    assert "<b>Hostile</b> & Sons" in seen
    shown = [value for value in hostile.renamed.values() if value in seen]
    assert shown, "no renamed family or item stands in the page"


@pytest.mark.bad_input(88)
@pytest.mark.bad_input(89)
def test_every_text_survives_in_the_released_tables(hostile: Hostile) -> None:
    planned = {row[0] for row in hostile.rows("select distinct item_id from marts.fct_demand_plan")}
    families = {row[0] for row in hostile.rows("select distinct family_id from marts.fct_family_balance")}
    items = {new for old, new in hostile.renamed.items() if not new.startswith("F ")}
    assert items & planned, "no item with a hostile code was planned"
    assert {new for new in hostile.renamed.values() if new.startswith("F ")} <= families
    file = next((hostile.release / "marts" / "fct_demand_plan").glob("*.parquet"))
    assert set(pq.read_table(file, columns=["item_id"])["item_id"].to_pylist()) >= items & planned


@pytest.mark.bad_input(88)
def test_names_reach_the_core_letter_by_letter_and_no_table_is_gone(hostile: Hostile) -> None:
    delivered = {row["item_id"]: row["item_name"] for row in read_rows(hostile.extracts / "items.csv")}
    with duckdb.connect(str(hostile.home / "work" / "sop.duckdb"), read_only=True) as connection:
        found = dict(connection.sql("select item_id, item_name from core.dim_items").fetchall())
        suppliers = {
            row[0] for row in connection.sql("select supplier_name from core.dim_suppliers").fetchall()
        }
    assert found == {item: " ".join(name.split("\0")) for item, name in delivered.items()}
    assert suppliers == {row["supplier_name"] for row in read_rows(hostile.extracts / "suppliers.csv")}


@pytest.mark.bad_input(89)
def test_values_are_no_templates(hostile: Hostile) -> None:
    text = (hostile.release / "pack.html").read_text(encoding="utf-8") + json.dumps(hostile.result)
    assert "49" not in {part.strip() for part in text.split("{{")[1:2]}
    parameters = hostile.rows(
        "select count(*) from marts.fct_demand_plan where item_id = '{{ env_var(''HOME'') }}'"
    )
    assert parameters[0][0] >= 0
    assert str(Path.home()) not in {
        row[0] for row in hostile.rows("select distinct item_id from marts.fct_demand_plan")
    }


@pytest.mark.bad_input(91)
def test_a_hostile_release_is_whole(hostile: Hostile, sop: CommandLine) -> None:
    answer = sop(hostile.home, "verify")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    manifest = json.loads((hostile.release / "manifest.json").read_text(encoding="utf-8"))
    assert {"pack.html", "data_docs.html", "sop.duckdb"} <= set(manifest["files"])
    assert any(name.startswith("quarantine/") for name in manifest["files"])


@pytest.mark.parametrize(
    ("number", "table", "rule"),
    [
        pytest.param(*case, id=f"{case[0]} {case[2]}", marks=pytest.mark.bad_input(case[0]))
        for case in KEPT_OUT
    ],
)
def test_a_bad_row_is_kept_out_by_its_rule_with_the_text_of_its_file(
    hostile: Hostile, number: int, table: str, rule: str
) -> None:
    found = hostile.rows(
        f"select original_text, file_name, source_row_number, problem from quarantine.{table} where rule_id = '{rule}'"
    )
    assert found, hostile.rows(
        "select table_name, rule_id, count(*) from marts.fct_quarantined_rows group by all"
    )
    with open(hostile.extracts / f"{table}.csv", encoding="utf-8", newline="") as file:
        lines = [line for line in file.read().split("\n") if line]
    for text, name, row, problem in found:
        assert name == f"{table}.csv"
        assert text == lines[row]
        assert problem


@pytest.mark.bad_input(54)
def test_delivered_is_loaded_quarantined_and_skipped(hostile: Hostile) -> None:
    rows = hostile.rows(
        "select table_name, sum(case when outcome = 'delivered' then row_count else 0 end), "
        "sum(case when outcome in ('loaded', 'quarantined', 'skipped') then row_count else 0 end) "
        "from marts.fct_data_quality where outcome <> 'repaired' group by 1"
    )
    assert [row for row in rows if row[1] != row[2]] == []
    by_table = {row[0]: row[1] for row in rows}
    with open(hostile.extracts / "sales_order_lines.csv", encoding="utf-8", newline="") as file:
        assert by_table["erp.sales_order_lines"] == sum(1 for _ in csv.reader(file)) - 1


def test_the_report_says_what_each_rule_did_to_the_totals(hostile: Hostile, sop: CommandLine) -> None:
    told = {(group["table_name"], group["rule_id"]) for group in hostile.quality["kept_out"]}
    assert ("erp.sales_order_lines", "item_id_unknown") in told
    text = sop(
        hostile.home, "quality", "--cycle", "2026-01", "--table", "sales_order_lines", COLUMNS="200"
    ).stdout
    for words in ("delivered", "quarantined", "loaded", "NO-SUCH-ITEM <b>", "sales_order_lines.csv, row"):
        assert words in text
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in text  # nothing of the data steers the terminal
