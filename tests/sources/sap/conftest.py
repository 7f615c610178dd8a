"""A bicycle maker's SAP extract of a few rows a table, written by hand as a text dump has them, made into tables once."""

from __future__ import annotations

from pathlib import Path

import pytest
from built_tables import BuiltTables, build_tables

EXTRACTS = Path(__file__).with_name("extracts")


@pytest.fixture(scope="session")
def sap_tables(tmp_path_factory: pytest.TempPathFactory) -> BuiltTables:
    """The hand-written extract through ingest, staging and the canonical tables."""
    home = tmp_path_factory.mktemp("sap") / "home"
    return build_tables(home, "sap", EXTRACTS, "2026-01", select=("sop.staging", "sop.erp", "sop.quarantine"))
