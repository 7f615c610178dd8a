"""Bad deliveries through the real command line: what was published before stays, and the message says what to do.

Whole refreshes are dear: each fixture puts several defects into one delivery, and the tests say what must be true of it.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from companies import Row, change_rows, make_a_trader, read_rows

from sop_pipeline.release.pointer import current_release
from sop_pipeline.release.verify import verify
from sop_pipeline.sources.landing import accepted_delivery

if TYPE_CHECKING:
    from conftest import CommandLine, PublishedHome

pytestmark = pytest.mark.slow

CopyOf = Callable[[Path], Path]


@dataclass(frozen=True)
class Refused:
    """A refresh of February, on a home with January published, that must not publish."""

    code: int
    said: dict[str, Any]
    current: str | None
    verified: int
    quality: dict[str, Any]

    @property
    def problems(self) -> list[str]:
        """The parts of the message, one a test or rule."""
        return str(self.said["error"]).split("\n * ")[1:]


def refuse(
    sop: CommandLine,
    published_home: PublishedHome,
    copy_of: CopyOf,
    folder: Path,
    spoil: Callable[[Path], None],
) -> Refused:
    """Spoil what was delivered for February, and hand it over to a company that has published January."""
    home = copy_of(published_home.after_january)
    extracts = folder / "extracts"
    delivered = accepted_delivery(published_home.root / "landing", "demo", "2026-02").folder
    shutil.copytree(delivered, extracts, ignore=shutil.ignore_patterns("manifest.json"))
    spoil(extracts)
    # the simulator makes no bad files: from here on the company hands over a folder of its own
    opened_with = json.loads((home / "home.json").read_text(encoding="utf-8"))
    opened_with |= {"source": "contract", "input_dir": str(extracts)}
    (home / "home.json").write_text(json.dumps(opened_with), encoding="utf-8")
    answer = sop(home, "refresh", "--cycle", "2026-02", "--json")
    quality = sop.json(home, "quality", "--cycle", "2026-02")
    return Refused(
        answer.returncode,
        json.loads(answer.stdout),
        current_release(home),
        sop(home, "verify").returncode,
        quality,
    )


# -- what only tables together show


@pytest.fixture(scope="module")
def with_bad_tables(
    sop: CommandLine,
    published_home: PublishedHome,
    copy_of: CopyOf,
    tmp_path_factory: pytest.TempPathFactory,
) -> Refused:
    """A bill that winds back into itself, an item that is its own component, and orders of nobody we know."""

    def spoil(extracts: Path) -> None:
        def wind_back(rows: list[Row]) -> list[Row]:
            parents = {row["parent_item_id"] for row in rows}
            down = next(row for row in rows if row["component_item_id"] in parents)
            up = down | {
                "parent_item_id": down["component_item_id"],
                "component_item_id": down["parent_item_id"],
                "line_id": "98",
            }
            itself = down | {"component_item_id": down["parent_item_id"], "line_id": "99"}
            return [*rows, up, itself]

        def nobody_s(rows: list[Row]) -> list[Row]:
            return [
                row | ({"customer_id": "NOBODY"} if place % 50 == 0 else {}) for place, row in enumerate(rows)
            ]

        change_rows(extracts / "bom_lines.csv", wind_back)
        change_rows(extracts / "sales_order_lines.csv", nobody_s)

    return refuse(sop, published_home, copy_of, tmp_path_factory.mktemp("tables"), spoil)


def test_a_bill_that_winds_back_is_refused_with_its_path(with_bad_tables: Refused) -> None:
    (problem,) = [text for text in with_bad_tables.problems if "bill_of_materials_has_no_cycle" in text]
    assert "correct the bill of one item on the path" in problem
    assert "site_id PL01, path F" in problem
    path = problem.splitlines()[1].split("path ")[1].split(" > ")
    assert path[0] == path[-1]
    assert len(path) == 3


def test_more_than_half_a_percent_kept_out_between_tables_is_refused(with_bad_tables: Refused) -> None:
    (problem,) = [text for text in with_bad_tables.problems if "quarantine_stays_small" in text]
    for part in (
        "declare quarantine_maximum_ratio with its reason",
        "table_name erp.sales_order_lines",
        "rows_kept_out_ratio 0.02",
        "value_kept_out_ratio 0.0",
        "most_often customer_id_unknown",
        "table_name erp.bom_lines, kept_out_rows 1",
        "most_often self_reference",
    ):
        assert part in problem


def test_bad_tables_leave_the_last_good_release_current(
    with_bad_tables: Refused, published_home: PublishedHome
) -> None:
    assert (with_bad_tables.code, with_bad_tables.said["exit_code"]) == (1, 1)
    assert with_bad_tables.said["step"] == "core_models"
    assert with_bad_tables.current == published_home.release_ids["2026-01"]
    assert with_bad_tables.verified == 0


def test_the_report_of_a_refresh_that_failed_says_what_stopped_it_and_what_was_kept_out(
    with_bad_tables: Refused,
) -> None:
    report = with_bad_tables.quality
    assert (report["release_id"], report["stop"]["step"]) == (None, "core_models")
    assert "quarantine_stays_small" in report["stop"]["message"]
    kept_out = {(group["table_name"], group["rule_id"]): group for group in report["kept_out"]}
    assert kept_out["erp.bom_lines", "self_reference"]["row_count"] == 1
    assert kept_out["erp.sales_order_lines", "customer_id_unknown"]["row_count"] > 50
    delivered = {
        row["table_name"]: row["row_count"] for row in report["totals"] if row["outcome"] == "delivered"
    }
    assert delivered["contract.sales_order_lines"] > 10_000


# -- what only the cycle before shows


@pytest.fixture(scope="module")
def with_less_than_before(
    sop: CommandLine,
    published_home: PublishedHome,
    copy_of: CopyOf,
    tmp_path_factory: pytest.TempPathFactory,
) -> Refused:
    """Half of the shipments are gone, a target is for a KPI that nobody knows, and a file has a column too many."""

    def spoil(extracts: Path) -> None:
        change_rows(extracts / "shipment_lines.csv", lambda rows: rows[len(rows) // 2 :])
        change_rows(
            extracts / "kpi_targets.csv", lambda rows: [rows[0] | {"kpi_id": "customer_otiff"}, *rows[1:]]
        )
        items = extracts / "items.csv"
        items.write_text(
            "\n".join(f"{line},{'colour' if n == 0 else 'red'}" for n, line in enumerate(items.read_text(encoding="utf-8").splitlines())),
            encoding="utf-8",
        )  # fmt: skip

    return refuse(sop, published_home, copy_of, tmp_path_factory.mktemp("less"), spoil)


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("no_table_lost_a_fifth_of_its_rows", ["table_name contract.shipment_lines", "row_drop_ratio 0.4", "declare row_drop_maximum_ratio"]),
        ("targets_are_for_known_kpis", ["kpi_id customer_otiff", "(did you mean customer_otif?)", "correct the name"]),
        ("no_column_is_left_aside", ["file_name items.csv", "ignored_columns colour"]),
        ("files_are_read_as_they_came", ["file_name items.csv", "last line without an end: is the file whole?"]),
    ],
)  # fmt: skip
def test_what_is_odd_about_a_delivery_is_told_all_at_once(
    with_less_than_before: Refused, rule: str, says: list[str]
) -> None:
    assert with_less_than_before.said["step"] == "arrivals"
    (problem,) = [text for text in with_less_than_before.problems if f": {rule}: " in text]
    for part in says:
        assert part in problem


def test_the_report_of_a_closed_gate_lists_its_rules(with_less_than_before: Refused) -> None:
    report = with_less_than_before.quality
    assert report["stop"]["step"] == "arrivals"
    broken = {rule["rule"]: rule["severity"] for rule in report["rules"]}
    assert broken["no_table_lost_a_fifth_of_its_rows"] == "critical"
    assert broken["no_column_is_left_aside"] == "warning"


def test_a_table_that_shrank_leaves_the_last_good_release_current(
    with_less_than_before: Refused, published_home: PublishedHome
) -> None:
    assert (with_less_than_before.code, with_less_than_before.current, with_less_than_before.verified) == (
        1,
        published_home.release_ids["2026-01"],
        0,
    )


# -- a company that makes nothing, with a few bad rows that a plan can do without


@dataclass(frozen=True)
class Trader:
    """A trader's published cycle."""

    home: Path
    result: dict[str, Any]
    spoilt: dict[str, str]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.home / "current" / "sop.duckdb"), read_only=True) as connection:
            return connection.sql(query).fetchall()


@pytest.fixture(scope="module")
def trader(
    sop: CommandLine, published_home: PublishedHome, tmp_path_factory: pytest.TempPathFactory
) -> Trader:
    folder = tmp_path_factory.mktemp("trader")
    make_a_trader(
        accepted_delivery(published_home.root / "landing", "demo", "2026-01").folder, folder / "extracts"
    )
    orders = folder / "extracts" / "sales_order_lines.csv"
    lines = read_rows(orders)[:6]
    spoilt = {
        "repeated_row": lines[0]["order_id"],
        "superseded_row": lines[1]["order_id"],
        "conflicting_rows": lines[2]["order_id"],
        "item_id_unknown": lines[3]["order_id"],
        "units_negative": lines[4]["order_id"],
    }

    def spoil(rows: list[Row]) -> list[Row]:
        twice, changed, torn = (dict(row) for row in rows[:3])
        # the newest change counts; without one, two contents of a key are one too many
        changed |= {"ordered_quantity": "7", "changed_at": "2025-12-01 00:00:00"}
        torn |= {"ordered_quantity": "7"}
        rows[3]["item_id"] = "NOTHING"
        rows[4]["ordered_quantity"] = "-5"
        return [*rows, twice, changed, torn]

    change_rows(orders, spoil)
    home = folder / "home"
    (result,) = sop.json(
        home, "refresh", "--source", "contract", "--input", str(folder / "extracts"), "--cycle", "2026-01"
    )
    return Trader(home, result, spoilt)


def test_a_trader_needs_no_bills_routings_or_resources(trader: Trader) -> None:
    assert verify(trader.home).problems == ()
    sources = trader.rows(
        "select distinct split_part(source_id, ':', 1) from marts.fct_supply_plan order by 1"
    )
    assert sources == [("buy",), ("move",)]  # fmt: skip
    ((planned,),) = trader.rows("select sum(released_units) from marts.fct_supply_plan")
    assert planned > 0


def test_a_trader_is_told_what_the_plan_did_without(trader: Trader) -> None:
    (warning,) = [w for w in trader.result["warnings"] if "tables_that_a_plan_leans_on_arrived" in w]
    for table in ("bom_lines", "routing_operations", "resources", "resource_capacities", "production_orders"):
        assert f"contract.{table}" in warning
    assert "otherwise deliver the file" in warning


def test_few_bad_rows_are_kept_out_and_listed(trader: Trader) -> None:
    found = trader.rows(
        "select rule_id, row_key, is_lost from marts.fct_quarantined_rows "
        "where table_name = 'erp.sales_order_lines' order by all"
    )
    keys = {rule: f"{order} / " for rule, order in trader.spoilt.items()}
    assert [(rule, key.startswith(keys[rule]), lost) for rule, key, lost in found] == [
        ("conflicting_rows", True, True),
        ("conflicting_rows", True, True),
        ("item_id_unknown", True, True),
        ("repeated_row", True, False),
        ("superseded_row", True, False),
        ("units_negative", True, True),
    ]
