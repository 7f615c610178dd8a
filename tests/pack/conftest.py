"""A small company in mart frames: what a pack is rendered from."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

sys.path.insert(0, str(Path(__file__).parent))  # rows are made in modules of this folder

from demand_rows import demand_rows
from made_up_company import CYCLE_ID
from meeting_rows import meeting_rows
from supply_rows import supply_rows


def make_tables() -> dict[str, pd.DataFrame]:
    rows = demand_rows() | supply_rows() | meeting_rows()
    return {name: pd.DataFrame(of_table) for name, of_table in rows.items()}


@pytest.fixture
def tables() -> dict[str, pd.DataFrame]:
    return make_tables()


@pytest.fixture
def render() -> Callable[..., str]:
    """Render as the release step does, and read the page back."""
    from sop_pipeline.pack import render_pack

    def page(tables: dict[str, pd.DataFrame], company_name: str = "Northwind Cycles", **rest: object) -> str:
        return render_pack(tables, CYCLE_ID, company_name, "EUR", **rest).decode("utf-8")

    return page
