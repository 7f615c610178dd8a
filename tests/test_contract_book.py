"""The source contract says everything that a data team asks of it, and what is written out of it can be used as it is."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from typer.testing import CliRunner

from sop_pipeline.contract_book import index_schema, table_facts, table_schema, write_book
from sop_pipeline.contract_book.schemas import example_of
from sop_pipeline.settings import DBT_PROJECT_DIR
from sop_pipeline.warehouse.contracts import Contract, load_contracts
from sop_pipeline.warehouse.ingest import ingest_file

CONTRACTS = load_contracts(DBT_PROJECT_DIR)
OURS = CONTRACTS.of_schema("contract")
DELIVERED = [contract for contract in CONTRACTS.values() if contract.delivery and not contract.is_model]
SIGNED = re.compile(r"_(quantity|amount)$")


def name_of(contract: Contract) -> str:
    return contract.table


@pytest.mark.parametrize("contract", OURS, ids=name_of)
def test_a_table_says_how_it_is_delivered_and_by_whom(contract: Contract) -> None:
    facts = table_facts(contract)
    for fact in ("area", "key", "owner", "delivery", "cadence", "cut_off", "on_violation", "pii"):
        assert facts[fact], fact
    assert facts["delivery"] in ("full", "delta")
    assert facts["on_violation"] in ("reject", "quarantine", "warn")
    assert facts["freshness_days"] > 0
    names = {column.name for column in contract.columns}
    assert set(contract.grain) <= names and set(facts["control_totals"]) <= names
    if any(SIGNED.search(name) for name in names):
        assert facts["sign"], "quantities and amounts without a word on their sign"
        assert facts["control_totals"] or contract.name == "bom_lines"
    assert (facts["pii"] == "personal") == any(column.pii == "personal" for column in contract.columns)


@pytest.mark.parametrize("contract", OURS, ids=name_of)
def test_a_column_says_what_it_is_with_unit_and_example(contract: Contract) -> None:
    names = {column.name for column in contract.columns}
    for column in contract.columns:
        assert len(column.description) > 3, column.name
        assert column.example, f"{column.name} has no example"
        if column.is_number:
            assert column.unit, f"{column.name} has no unit"
        if column.accepted_values:
            assert column.example in column.accepted_values, column.name
        assert not (column.is_required and column.is_optional), column.name
        # a unit that another column holds: that column is there
        for word in re.findall(r"\b\w+_(?:id|code)\b", column.unit or ""):
            assert word in names or (word, contract.name) == ("currency_code", "resource_capacities"), (
                column.name
            )


@pytest.mark.parametrize("contract", DELIVERED, ids=name_of)
def test_a_reference_names_a_table_of_the_contract_or_a_column_of_another(contract: Contract) -> None:
    tables = {c.name for c in CONTRACTS.of_schema(contract.schema)} | {c.name for c in OURS}
    tables |= {f"{c.table}.{column.name}" for c in CONTRACTS.values() for column in c.columns}
    wrong = {c.name: c.references for c in contract.columns if c.references and c.references not in tables}
    assert wrong == {}
    assert [c.name for c in contract.columns if not c.description] == []


def test_keys_of_the_contract_are_those_of_the_canonical_tables() -> None:
    for contract in OURS:
        model = CONTRACTS[f"erp.{contract.name}"]
        assert set(contract.grain) == set(model.grain), contract.name


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("book")
    write_book(OURS + CONTRACTS.of_schema("planner"), folder)
    return folder


@pytest.mark.parametrize("contract", OURS, ids=name_of)
def test_the_example_row_of_a_table_is_accepted_as_a_delivery(contract: Contract, book: Path) -> None:
    ingested = ingest_file(contract, book / "examples", 0.0)
    assert (ingested.rows.num_rows, ingested.quarantined_rows, ingested.ignored_columns) == (1, 0, ())


def test_a_template_has_the_header_and_no_row(book: Path) -> None:
    with open(book / "templates" / "sales_order_lines.csv", newline="") as file:
        rows = list(csv.reader(file))
    assert rows == [[column.header for column in CONTRACTS["contract.sales_order_lines"].columns]]


def test_schemas_are_valid_and_hold_the_examples_to_them(book: Path) -> None:
    resources, examples = [], {}
    for contract in OURS:
        schema = json.loads((book / "schemas" / f"{contract.name}.schema.json").read_text())
        Draft202012Validator.check_schema(schema)
        resources.append((schema["$id"], Resource.from_contents(schema)))
        examples[contract.name] = [{column.header: example_of(column) for column in contract.columns}]
    validator = Draft202012Validator(index_schema(OURS), registry=Registry().with_resources(resources))
    assert list(validator.iter_errors(examples)) == []

    def problems(table: str, **wrong: object) -> list[str]:
        rows = [examples[table][0] | wrong]
        return [str(error.json_path) for error in validator.iter_errors(examples | {table: rows})]

    assert problems("sales_order_lines", order_type="sample") == ["$.sales_order_lines[0].order_type"]
    assert problems("sales_order_lines", ordered_quantity=None) == ["$.sales_order_lines[0].ordered_quantity"]
    assert problems("sales_order_lines", ordered_date="01.12.2025") == ["$.sales_order_lines[0].ordered_date"]
    assert problems("items", brand=None) == []
    del examples["items"]
    assert "'items' is a required property" in [error.message for error in validator.iter_errors(examples)]


def test_a_row_without_an_optional_column_is_valid_and_without_another_is_not() -> None:
    schema = table_schema(CONTRACTS["contract.items"])
    assert "brand" not in schema["required"] and "weight_kg" in schema["required"]
    assert schema["properties"]["weight_kg"]["x-unit"] == "kg"
    assert schema["properties"]["weight_kg"]["x-decimals"] == 6


def test_the_page_needs_nothing_else_and_shows_every_column(book: Path) -> None:
    page = (book / "source-contract.html").read_text()
    assert "http://" not in page and "https://" not in page and "<script" not in page
    for contract in OURS:
        assert f'id="contract-{contract.name}"' in page
        for column in contract.columns:
            assert f"<code>{column.header}</code>" in page


def test_words_of_a_contract_are_words_on_the_page_and_no_markup(tmp_path: Path) -> None:
    wicked = Contract(**{**vars(OURS[0]), "description": "One row per <script>alert(1)</script>"})
    write_book([wicked], tmp_path / "book")
    page = (tmp_path / "book" / "source-contract.html").read_text()
    assert "<script>" not in page and "&lt;script&gt;" in page


def ask(*words: str) -> tuple[int, str]:
    """Exit code and words of `sop contract ...`."""
    from sop_pipeline.cli import app

    result = CliRunner().invoke(app, ["contract", *words])
    return result.exit_code, result.output


def test_the_command_lists_tables_and_shows_one() -> None:
    code, listed = ask()
    assert code == 0
    assert all(contract.table in listed for contract in OURS)
    code, shown = ask("inventory_movements")
    assert code == 0
    assert "Into stock is positive" in shown and "decimal(18,3), uom_id" in shown
    assert json.loads(ask("items", "--json")[1])["key"] == ["item_id"]
    assert {row["name"] for row in json.loads(ask("--json")[1])} >= {contract.name for contract in OURS}
    assert "adventureworks.product" in ask("--system", "adventureworks")[1]


def test_an_unknown_table_or_system_is_answered_with_the_nearest(tmp_path: Path) -> None:
    code, said = ask("itms", "--json")
    assert (code, json.loads(said)["exit_code"]) == (2, 2)
    assert "Did you mean items?" in said
    assert "contract, " in (answer := ask("--system", "oracle", "--json")[1]) and "planner" in answer
    (tmp_path / "kept.txt").touch()
    code, said = ask("export", str(tmp_path), "--json")
    assert code == 2 and "is not an empty folder" in said
