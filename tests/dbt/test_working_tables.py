"""How tables and views of the working file are made: in one statement, whole or not at all.

Add here: what holds of any relation. Keep out: what stands in one (unit tests beside the models).
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import duckdb

from sop_pipeline.settings import DBT_PROJECT_DIR

RUNS = """
import os
from dbt.cli.main import dbtRunner

for wanted in (["orders", "shown"], ["orders", "shown"], ["orders"]):
    done = dbtRunner().invoke(["run", "--quiet", "--select", *wanted])
    print([(result.node.name, str(result.status)) for result in done.result])
    os.environ["ROWS"] = "2" if os.environ["ROWS"] == "1" else "error('no third time')"
"""
PROFILE = "small: {target: duckdb, outputs: {duckdb: {type: duckdb, path: small.duckdb}}}"
PROJECT = "{name: small, profile: small, flags: {send_anonymous_usage_stats: false}}"
ORDERS = "{{ config(materialized='table') }} select {{ env_var('ROWS') }} as units"
SHOWN = "{{ config(materialized='view') }} select units + 10 as units from {{ ref('orders') }}"


def test_a_relation_is_replaced_whole_and_one_that_fails_stays_as_it_was(tmp_path: Path) -> None:
    files = {
        "profiles.yml": PROFILE, "dbt_project.yml": PROJECT, "models/orders.sql": ORDERS, "models/shown.sql": SHOWN,
        "macros/working_tables.sql": (DBT_PROJECT_DIR / "macros" / "working_tables.sql").read_text(encoding="utf-8"),
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", RUNS], cwd=tmp_path, env=os.environ | {"ROWS": "1", "DO_NOT_TRACK": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    first, second, third = [line for line in done.stdout.splitlines() if line.startswith("[(")]
    assert first == second == "[('orders', 'success'), ('shown', 'success')]", done.stdout + done.stderr
    assert third == "[('orders', 'error')]"
    with duckdb.connect(str(tmp_path / "small.duckdb"), read_only=True) as connection:
        kinds = connection.sql("select table_name, table_type from information_schema.tables order by 1")
        assert kinds.fetchall() == [
            ("orders", "BASE TABLE"),
            ("shown", "VIEW"),
        ]  # and no other under a name of its own
        assert connection.sql("select units from orders").fetchall() == [(2,)]
        assert connection.sql("select units from shown").fetchall() == [(12,)]
