"""Every line of the process is mapped to tables that exist, or says what is missing."""

from pathlib import Path

import pytest
import yaml

from sop_pipeline.settings import DBT_PROJECT_DIR, PROJECT_DIR
from sop_pipeline.warehouse.contracts import load_contracts

LINES_OF_SECTION = {0: 9, 1: 4, 2: 7, 3: 5, 4: 14, 5: 11, 6: 10, 7: 5, 8: 3}
"""Lines of each section of the process."""

PROCESS = yaml.safe_load(Path(PROJECT_DIR / "sop_pipeline" / "process.yml").read_text(encoding="utf-8"))


def test_every_line_of_the_process_is_mapped() -> None:
    expected = [
        f"S-{section}.{n}" for section, lines in LINES_OF_SECTION.items() for n in range(1, lines + 1)
    ]
    assert list(PROCESS) == expected


@pytest.mark.parametrize("line_id", PROCESS)
def test_a_line_has_tables_that_exist_or_says_that_it_is_not_built(line_id: str) -> None:
    entry = PROCESS[line_id]
    contracts = load_contracts(DBT_PROJECT_DIR)
    assert set(entry) <= {"line", "tables", "missing"}
    assert entry["tables"] or entry["missing"]
    assert [table for table in entry["tables"] if table not in contracts] == []


def test_every_planning_table_and_mart_answers_a_line() -> None:
    named = {table for entry in PROCESS.values() for table in entry["tables"]}
    contracts = load_contracts(DBT_PROJECT_DIR)
    made = {c.table for schema in ("planning", "marts") for c in contracts.of_schema(schema)}
    assert sorted(made - named - SHARED_TABLES) == []


SHARED_TABLES = {"planning.resource_load", "marts.kpi_measures"}
"""Detail behind a named table: resource_load is capacity_use by item, kpi_measures the scorecard before targets."""
