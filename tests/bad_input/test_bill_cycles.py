"""The search for bills that wind back into themselves ends, however they wind, and names one way round for each."""

from __future__ import annotations

import re
from itertools import permutations

import duckdb
import pytest

from sop_pipeline.settings import DBT_PROJECT_DIR

SEARCH = DBT_PROJECT_DIR / "tests" / "core" / "bill_of_materials_has_no_cycle.sql"


def ways_round(bills: list[tuple[str, str]]) -> list[str]:
    """The paths that dbt's test finds in bills of (parent, component)."""
    code = re.sub(r"\{\{ config.*?\}\}", "", SEARCH.read_text(encoding="utf-8"))
    code = code.replace("{{ ref('fct_bill_of_materials') }}", "bills")
    with duckdb.connect() as connection:
        connection.execute(
            "create table bills (parent_item_id varchar, site_id varchar, component_item_id varchar)"
        )
        connection.executemany("insert into bills values (?, 'PLANT', ?)", bills)
        return sorted(path for _, path in connection.execute(code).fetchall())


def ring(items: int) -> list[tuple[str, str]]:
    return [(f"I{n:02d}", f"I{(n + 1) % items:02d}") for n in range(items)]


@pytest.mark.parametrize(
    ("bills", "paths"),
    [
        ([("A", "B"), ("A", "C"), ("B", "C")], []),  # C is needed twice, and never for itself
        ([("A", "B"), ("B", "A"), ("X", "A")], ["A > B > A"]),  # X only leads into the round
        ([("B", "C"), ("C", "A"), ("A", "B")], ["A > B > C > A"]),
        ([("A", "B"), ("B", "A"), ("B", "C"), ("C", "B")], ["A > B > A", "B > C > B"]),
        (ring(20), [" > ".join([*(f"I{n:02d}" for n in range(20)), "I00"])]),
        (ring(30), ["I00 > ... > I00 (more than 20 steps)"]),
    ],
)
def test_a_way_round_is_told_once_from_its_least_item(bills: list[tuple[str, str]], paths: list[str]) -> None:
    assert ways_round(bills) == paths


def test_bills_that_wind_every_way_do_not_keep_the_search_busy() -> None:
    # paths through 14 items that all contain each other: 14! of them; ways round from a least item: 13
    assert len(ways_round(list(permutations("ABCDEFGHIJKLMN", 2)))) == 13
