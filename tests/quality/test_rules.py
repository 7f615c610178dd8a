"""Rules are data: every one has a name of its own, a table that exists and a reason."""

from __future__ import annotations

import csv
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
import yaml
from frames import scanning_of

from quality.arrivals import ARRIVALS, PLANNER, arrival_rules
from quality.contract_suites import CHECK, contract_suite
from quality.core import core_rules
from quality.publication import DEMAND, PLAN, publication_rules
from quality.rules import (
    CYCLE_START,
    LAST_CLOSED_MONTH,
    CycleDay,
    Rule,
    require_sound,
    within,
)
from quality.suites import run_rules
from sop_pipeline.warehouse.contracts import Column, Contract, load_contracts

PROJECT = Path(__file__).parents[2]
MODELS = PROJECT / "dbt_project" / "models"
ARRIVING = {rule.name: rule for system in ARRIVALS for rule in arrival_rules(system)}
EVERY_RULE = [
    *arrival_rules("contract"),
    *ARRIVALS["adventureworks"],
    *ARRIVALS["erpnext"],
    *ARRIVALS["odoo"],
    *core_rules(),
    *DEMAND,
    *PLAN,
    *publication_rules(),
]


def declared_columns() -> dict[str, set[str]]:
    """Columns of every table that the YAML contracts declare, by schema.table."""
    tables: dict[str, set[str]] = {}
    for path in MODELS.rglob("*.yml"):
        document = yaml.safe_load(path.read_text())
        found = [
            (source["schema"], table) for source in document.get("sources", []) for table in source["tables"]
        ]
        found += [(path.relative_to(MODELS).parts[0], model) for model in document.get("models", [])]
        for schema, table in found:
            tables[f"{schema}.{table['name']}"] = {column["name"] for column in table.get("columns", [])}
    return tables


def test_every_rule_has_a_name_of_its_own_and_a_reason():
    require_sound(EVERY_RULE)
    assert all(len(rule.why) > 20 and rule.why.endswith(".") for rule in EVERY_RULE)


def test_every_rule_reads_columns_that_its_table_declares():
    tables = declared_columns()
    unknown = [
        (rule.name, rule.table, column)
        for rule in EVERY_RULE
        for column in rule.columns()
        if column not in tables.get(rule.table, set())
    ]
    assert unknown == []


def test_rules_that_cannot_be_told_apart_are_refused_all_at_once():
    twin = within("twin", "a.b", "x", 0, 1, "Because.")
    with pytest.raises(ValueError) as raised:
        require_sound(
            [twin, twin, within("mute", "a.b", "x", 0, 1, " "), within("lost", "b", "x", 0, 1, "Because.")]
        )
    assert all(word in str(raised.value) for word in ("twin", "mute", "lost", "schema.table"))


def test_days_are_counted_from_the_cycle():
    assert CYCLE_START.on("2026-01") == pd.Timestamp("2026-01-01")
    assert LAST_CLOSED_MONTH.on("2026-01") == pd.Timestamp("2025-12-01")  # over the turn of the year
    assert CycleDay(months=1, days=-1).on("2024-02") == pd.Timestamp("2024-02-29")  # leap year


def test_a_system_without_rules_is_named_with_the_remedy():
    with pytest.raises(KeyError, match=r"no_such_erp.*quality/arrivals\.py"):
        arrival_rules("no_such_erp")


def test_planner_files_are_judged_with_any_system():
    assert {rule.name for rule in PLANNER} < {rule.name for rule in arrival_rules("contract")}


ORDERS = Contract(
    schema="contract", name="orders", description="", grain=("order_id",), path=Path("x.yml"), is_model=False,
    columns=(
        Column("order_id", "varchar", "Order", is_required=True),
        Column("order_type", "varchar", "Kind of order", accepted_values=("order", "return")),
        Column("units", "decimal(18,3)", "Units"),
        Column("ordered_date", "date", "Day"),
        Column("remark", "varchar", "no rule: it may be empty and say anything"),
    ),
)  # fmt: skip
GOOD_ORDERS = {
    "order_id": ["1", "2"], "order_type": ["order", None], "units": [Decimal("1.5"), None],
    "ordered_date": [date(2025, 12, 30), None], "remark": [None, "x"],
}  # fmt: skip


def judged_by_its_contract(**spoilt: list) -> set[str]:
    """Rules of the contract that do not hold on two good orders with some columns spoilt."""
    schema = pa.schema([pa.field(c.name, c.arrow_type) for c in ORDERS.columns if c.name not in spoilt])
    columns = {name: pa.array(values, schema.field(name).type if name in schema.names else None)
               for name, values in (GOOD_ORDERS | spoilt).items() if values is not None}  # fmt: skip
    found = run_rules(contract_suite(ORDERS), scanning_of(lambda *_: pa.table(columns)), "2026-01")
    return {result.rule.name.removeprefix("contract_orders__") for result in found if not result.passed}


def test_a_table_that_is_what_its_contract_says_holds_it():
    assert judged_by_its_contract() == set()


@pytest.mark.parametrize(
    ("spoilt", "broken"),
    [
        ({"order_id": pa.array([None, "2"])}, {"order_id_is_filled"}),
        ({"order_id": pa.array(["1", "1"])}, {"key_is_unique"}),
        ({"order_type": pa.array(["order", "sample"])}, {"order_type_is_known"}),
        ({"units": pa.array([1, 2], pa.int64())}, {"has_its_columns"}),
        ({"remark": None}, {"has_its_columns"}),
        ({"units": pa.array([Decimal("1e13"), None], pa.decimal128(18, 3))}, {"units_is_in_range"}),
        ({"ordered_date": pa.array([date(1900, 1, 1), None])}, {"ordered_date_is_in_range"}),
    ],
)
def test_what_a_contract_says_is_asked_of_its_table(spoilt: dict, broken: set[str]):
    assert judged_by_its_contract(**spoilt) == broken


def test_every_table_that_arrives_and_every_one_of_the_core_has_a_suite_of_its_contract():
    contracts = load_contracts(MODELS.parent)
    for rules, schemas in ((arrival_rules("contract"), ("contract", "planner")), (core_rules(), ("core",))):
        asked = {rule.table for rule in rules if rule.check == CHECK}
        assert asked == {contract.table for schema in schemas for contract in contracts.of_schema(schema)}


def test_every_suspect_of_the_core_has_its_rule():
    models = (MODELS / "core" / "suspects").glob("suspect_*.sql")
    found = {name for path in models for name in re.findall(r"'(\w+)' as check_id", path.read_text("utf-8"))}
    judged = {rule.where["check_id"] for rule in core_rules() if rule.where.get("check_id")}
    assert found == judged


def test_a_rule_reads_no_column_it_does_not_need():
    rule = Rule(
        "r", "a.b", "ExpectColumnValuesToBeBetween", "Because.", column="x", where={"y": 1}, keys=("k", "x")
    )
    assert rule.columns() == ["k", "x", "y"]


def test_a_target_names_a_kpi_that_there_is():
    known = set(ARRIVING["targets_are_for_known_kpis"].kwargs["value_set"])
    dictionary = (PROJECT / "dbt_project" / "macros" / "kpi_dictionary.sql").read_text(encoding="utf-8")
    assert known == set(re.findall(r"'kpi_id': '(\w+)'", dictionary))
    with open(
        PROJECT / "examples" / "adventureworks" / "planner" / "kpi_targets.csv", encoding="utf-8"
    ) as file:
        assert {row["kpi_id"] for row in csv.DictReader(file)} <= known


def test_only_a_system_that_delivers_in_our_contract_is_told_what_it_left_out():
    names = {system: {rule.name for rule in arrival_rules(system)} for system in ARRIVALS}
    assert "tables_that_a_plan_leans_on_arrived" in names["contract"]
    assert "tables_that_a_plan_leans_on_arrived" not in names["adventureworks"]


@pytest.mark.parametrize(
    ("status", "stops", "warns"),
    [("agrees", False, False), ("not_given", False, False), ("differs", False, True), ("beyond_limit", True, True)],
)  # fmt: skip
def test_totals_that_do_not_tie_warn_and_beyond_their_limit_close_the_gate(
    status: str, stops: bool, warns: bool
) -> None:
    rows = pd.DataFrame(
        [{"reconciliation_id": "revenue", "object_id": "1000", "period_start_date": date(2025, 12, 1), "left_value": Decimal(100),
          "right_value": Decimal(106), "differing_count": 1, "stop_limit": Decimal(5), "status": status}]
    )  # fmt: skip
    names = ("reconciliation_revenue_agrees", "reconciliations_stay_within_their_limits")
    rules = [rule for rule in publication_rules() if rule.name in names]

    found = {
        result.rule.name: result
        for result in run_rules(rules, scanning_of(lambda _, columns: rows[list(columns)]), "2026-01")
    }

    agrees, within_limits = (found[name] for name in names)
    assert (agrees.rule.severity, agrees.passed) == ("warning", not warns)
    assert (within_limits.rule.severity, within_limits.passed) == ("critical", not stops)
