"""Contracts of the marts: what earlier cycles published is read under the contract it was published with, and every
KPI is listed once.

Add here: what must hold between the YAML files of the marts. Keep out: arithmetic of the marts (dbt unit tests).
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sop_pipeline.warehouse.contracts import Contract, load_contracts

DBT_PROJECT = Path(__file__).resolve().parents[2] / "dbt_project"
CONTRACTS = load_contracts(DBT_PROJECT)
PUBLISHED = CONTRACTS.of_schema("published")
MARTS = [contract for contract in CONTRACTS.of_schema("marts") if contract.meta.get("is_published", True)]
KPI_MODELS = DBT_PROJECT / "models" / "marts" / "meeting" / "kpis"


def listed_kpis() -> list[str]:
    """KPIs of the dictionary, in its order."""
    return re.findall(
        r"'kpi_id': '(\w+)'", (DBT_PROJECT / "macros" / "kpi_dictionary.sql").read_text(encoding="utf-8")
    )


@pytest.mark.parametrize("published", PUBLISHED, ids=lambda contract: contract.name)
def test_a_published_table_has_the_contract_of_its_mart(published: Contract) -> None:
    mart = CONTRACTS[f"marts.{published.name}"]

    assert published.columns == mart.columns
    assert published.grain == mart.grain
    assert published.description == mart.description


def test_a_published_table_is_a_mart_that_is_released() -> None:
    assert {contract.name for contract in PUBLISHED} <= {contract.name for contract in MARTS}


@pytest.mark.parametrize("mart", MARTS, ids=lambda contract: contract.name)
def test_a_mart_stands_under_a_cycle_and_explains_itself(mart: Contract) -> None:
    unexplained = [column.name for column in mart.columns if len(column.description) < 4]
    without_unit = [c.name for c in mart.columns if c.data_type.startswith("decimal") and not c.unit]

    assert mart.description.startswith("One row per ")
    assert "cycle_id" in {column.name for column in mart.columns}
    assert set(mart.grain) <= {column.name for column in mart.columns}
    assert unexplained == []
    assert without_unit == []


def test_every_kpi_is_one_model_and_one_row_of_the_dictionary() -> None:
    listed = listed_kpis()
    models = {path.stem.removeprefix("kpi_") for path in KPI_MODELS.glob("*.sql")} - {"measures"}

    assert len(listed) == len(set(listed))
    assert models == set(listed)


def test_a_kpi_model_measures_the_kpi_it_is_named_after() -> None:
    measured = {
        path.stem: re.findall(r"kpi_measure\(\s*'(\w+)'", path.read_text(encoding="utf-8"))
        for path in KPI_MODELS.glob("*.sql")
        if path.stem != "kpi_measures"
    }

    assert measured == {model: [model.removeprefix("kpi_")] for model in measured}
