"""Rules are data: every one has a name of its own, a table that exists and a reason."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

from quality.arrivals import ARRIVALS, PLANNER, arrival_rules
from quality.publication import DEMAND, MARTS, PLAN
from quality.rules import (
    CYCLE_START,
    LAST_CLOSED_MONTH,
    CycleDay,
    Rule,
    contract_rules,
    require_sound,
    within,
)

PROJECT = Path(__file__).parents[2]
MODELS = PROJECT / "dbt_project" / "models"
ARRIVING = {rule.name: rule for system in ARRIVALS for rule in arrival_rules(system)}
EVERY_RULE = [
    *arrival_rules("contract"),
    *ARRIVALS["adventureworks"],
    *ARRIVALS["erpnext"],
    *ARRIVALS["odoo"],
    *DEMAND,
    *PLAN,
    *MARTS,
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


def test_a_contract_implies_filled_columns_and_known_values():
    table = {
        "name": "items",
        "columns": [
            {"name": "item_id", "config": {"meta": {"required": True}}},
            {"name": "item_type", "config": {"meta": {"accepted_values": ["finished", "trade"]}}},
            {"name": "weight_kg", "description": "no rule: it may be empty and take any value"},
        ],
    }
    rules = contract_rules("contract", [table])
    assert [(rule.expectation, rule.column) for rule in rules] == [
        ("ExpectColumnValuesToNotBeNull", "item_id"),
        ("ExpectColumnValuesToBeInSet", "item_type"),
    ]
    assert rules[1].kwargs["value_set"] == ("finished", "trade")


def test_the_contracts_in_the_house_give_sound_rules():
    source = yaml.safe_load((MODELS / "staging/contract/_contract__sources.yml").read_text())["sources"][0]
    rules = contract_rules("contract", source["tables"])
    require_sound([*rules, *EVERY_RULE])
    assert len(rules) > 100


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
