"""Temporary folders do not outlive the work that made them, and those of killed processes are removed in the end.

Add here: another way to end. Keep out: what a killed refresh leaves in its home (`test_refresh`, `faults`).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sop_pipeline.preflight import FORGOTTEN_SECONDS, remove_leftovers
from sop_pipeline.settings import PROJECT_DIR, load_settings

INGESTS = """
import signal, sys, time
from pathlib import Path
from sop_pipeline.settings import DBT_PROJECT_DIR
from sop_pipeline.warehouse.contracts import load_contracts
from sop_pipeline.warehouse.ingest import ingest_file

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it

rates = load_contracts(DBT_PROJECT_DIR)["contract.fx_rates"]
file = ingest_file(rates, Path(sys.argv[1]), 0.0)
print(file.data, flush=True)
if sys.argv[2] == "fails":
    raise RuntimeError("a step after it failed")
if sys.argv[2] == "is stopped":
    time.sleep(60)
"""


@pytest.mark.parametrize("end", ["ends", "fails", "is stopped"])
def test_a_process_that_ingests_leaves_nothing_behind(end: str, tmp_path: Path) -> None:
    delivered, temporary = tmp_path / "delivered", tmp_path / "temporary"
    delivered.mkdir()
    temporary.mkdir()
    (delivered / "fx_rates.csv").write_text(
        "from_currency_code,to_currency_code,rate_date,rate\nUSD,EUR,2026-01-01,0.9\n", encoding="utf-8"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", INGESTS, delivered, end], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=PROJECT_DIR, env=os.environ | {"TMPDIR": str(temporary)},
    )  # fmt: skip
    said = process.stdout.readline()
    assert Path(said.strip()).parent.parent == temporary, process.communicate()
    if end == "is stopped":
        process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert (process.returncode == 0) == (end == "ends")
    assert list(temporary.iterdir()) == []


def test_a_refresh_removes_what_killed_processes_left_more_than_a_day_ago(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    long_ago = time.time() - FORGOTTEN_SECONDS - 60
    for name in ("sop-ingest-old", "sop-parse-old", "sop-ingest-new", "of-somebody-else"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "data.parquet").touch()
        if name != "sop-ingest-new":
            os.utime(tmp_path / name, (long_ago, long_ago))
    remove_leftovers(load_settings(home=tmp_path / "home").paths)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["of-somebody-else", "sop-ingest-new"]
