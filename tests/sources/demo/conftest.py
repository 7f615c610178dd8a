"""Worlds of the demo company that its tests look at: a small one for bytes, the standard one for plausibility."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import yaml

from sop_pipeline.sources.demo import open_world, write_delivery

STAGING = Path(__file__).parents[3] / "dbt_project" / "models" / "staging"


class Delivery:
    """The files of a delivery, read as text where identifiers are text."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[tuple[str, ...], pd.DataFrame] = {}

    def read(self, table: str, *days: str) -> pd.DataFrame:
        texts = {
            name: str for name in pd.read_csv(self.folder / f"{table}.csv", nrows=0) if name.endswith("_id")
        }
        return pd.read_csv(self.folder / f"{table}.csv", dtype=texts, parse_dates=list(days))


NOT_DELIVERED = {"activities": "its promotions are planners' activity plans; no system announces them"}
"""Optional tables of the source contract that the demo company has no system for, and why."""


@pytest.fixture(scope="session")
def declared_columns() -> dict[str, list[dict]]:
    """Every table of the source contract and of the planners that is delivered, with its columns as the YAML declares them."""
    tables: dict[str, list[dict]] = {}
    for folder in ("contract", "planner"):
        document = yaml.safe_load((STAGING / folder / f"_{folder}__sources.yml").read_text())
        for table in document["sources"][0]["tables"]:
            if table["name"] not in NOT_DELIVERED:
                tables[table["name"]] = table["columns"]
    return tables


@pytest.fixture(scope="session")
def standard_world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    world = tmp_path_factory.mktemp("standard_company")
    open_world(world, scale=1.0, seed=0)
    return world


@pytest.fixture(scope="session")
def standard(standard_world: Path, tmp_path_factory: pytest.TempPathFactory) -> Delivery:
    folder = tmp_path_factory.mktemp("standard_delivery")
    write_delivery(standard_world, "2026-01", folder)
    return Delivery(folder)
