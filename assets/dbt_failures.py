"""Why dbt stopped, in words for whoever delivered the rows: which test found what, instead of "Got 1 result".

A test that stores its failures (schema `findings`) opens with a comment that says what is wrong and the remedy; that
comment and the rows found are the message. Add here: how a failure of dbt is told. Keep out: the tests (dbt_project/tests).
"""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

EXAMPLES = 5


class RowsRefused(ValueError):
    """Tests of the models found rows that must not be. The message has each test's reason and rows."""


def rows_refused(manifest: Path, work_database: Path, dbt_said: str) -> RowsRefused | None:
    """The error that tells what the failed tests found; None where dbt failed for another reason, or without rows.

    `dbt_said` is the text of dagster-dbt's error; whatever else than tests failed is kept from it.
    """
    import duckdb

    tests = [test for test in _storing_tests(manifest) if f" {test['name']} " in dbt_said]
    if not tests or not work_database.exists():
        return None
    told = []
    with duckdb.connect(str(work_database), read_only=True) as connection:
        for test in tests:
            found = connection.sql(f'select * from "{test["schema"]}"."{test["alias"]}" order by all')
            names, rows = found.columns, found.fetchall()
            if rows:
                told.append(_told(test, names, rows))
    if not told:
        return None
    other = "" if "rror in" not in dbt_said else f"\n\ndbt also said:\n{dbt_said}"
    return RowsRefused(
        f"{len(told)} test{'s' if len(told) > 1 else ''} of the models found rows that must not be:\n * "
        + "\n * ".join(told)
        + other
    )


def _storing_tests(manifest: Path) -> list[dict[str, Any]]:
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    return [
        node
        for node in nodes
        if node["resource_type"] == "test"
        and node["config"].get("store_failures")
        and node["config"]["severity"].upper() == "ERROR"
    ]


def _told(test: dict[str, Any], names: list[str], rows: list[tuple[Any, ...]]) -> str:
    """The test's reason, and below it one line a row."""
    listed = [
        ", ".join(
            f"{name} {_text(value)}" for name, value in zip(names, row, strict=True) if value is not None
        )
        for row in rows[:EXAMPLES]
    ]
    more = [f"and {len(rows) - EXAMPLES} more"] if len(rows) > EXAMPLES else []
    return "\n     ".join([f"{test['name']}: {_reason(test['raw_code'])}", *listed, *more])


def _text(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float | Decimal) else str(value)


def _reason(code: str) -> str:
    """The comment that the test's SQL opens with."""
    lines = []
    for line in code.splitlines():
        if line.startswith("--"):
            lines.append(line.removeprefix("--").strip())
        elif lines:
            break
    return " ".join(lines)
