"""A dbt whose refresh was killed does not go on without it: the next refresh would share its database with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assets.dbt import BOUND_DBT, PARSED_PROJECT, bound_environment, dbt_environment, prepare_manifest
from sop_pipeline.settings import DBT_PROJECT_DIR, PROJECT_DIR, load_settings

CHILD = """
import os, sys, time
if sys.argv[1] == "thread":
    sys.platform = "not linux"
from assets.bound_dbt import end_with
end_with(int(sys.argv[2]) or os.getppid())
print(os.getpid(), flush=True)
time.sleep(60)
"""
LEADER = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", sys.argv[1], sys.argv[2], "0"])
time.sleep(60)
"""


def is_alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rpartition(")")[2].split()[0] not in "ZX"


@pytest.mark.parametrize("way", ["kernel", "thread"])
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="Processes are looked up in /proc.")
def test_it_ends_with_the_process_that_started_it(way: str) -> None:
    leader = subprocess.Popen(
        [sys.executable, "-c", LEADER, CHILD, way], stdout=subprocess.PIPE, text=True, cwd=PROJECT_DIR
    )
    child = int(leader.stdout.readline())
    assert is_alive(child)
    leader.kill()
    leader.wait()
    deadline = time.monotonic() + 10
    while is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not is_alive(child)


def test_it_does_not_begin_where_its_starter_has_ended_already() -> None:
    command = [sys.executable, "-c", CHILD, "kernel", "999999999"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=PROJECT_DIR, timeout=30)
    assert (done.returncode, done.stdout) == (-9, "")


def test_the_executable_is_dbt_of_this_environment() -> None:
    environment = os.environ | {"SOP_PYTHON": sys.executable, "SOP_REFRESH_PROCESS_ID": str(os.getpid())}
    said = subprocess.run(
        [BOUND_DBT, "--version"], env=environment, capture_output=True, text=True, check=True
    )
    assert "duckdb" in said.stdout


def bound_dbt(
    home: Path, target: Path, *arguments: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run the executable as a refresh of the demo company does."""
    settings = load_settings(home=home, source="demo")
    prepare_manifest(settings)
    environment = (
        os.environ | dbt_environment(settings, "2031-05", {}) | bound_environment(settings) | variables
    )
    folders = ["--project-dir", DBT_PROJECT_DIR, "--profiles-dir", DBT_PROJECT_DIR, "--target-path", target]
    command = [BOUND_DBT, *arguments, *folders]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_it_starts_from_the_parsed_project_whatever_a_home_has_kept(tmp_path: Path) -> None:
    """dbt keeps what it has parsed in its target folder; it writes nothing there where it did not parse."""
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / PARSED_PROJECT).write_bytes(b"of an older version")
    told = bound_dbt(tmp_path, kept, "ls", "--quiet", "--select", "dim_cycle")
    assert "sop.core.dim_cycle" in told.stdout.splitlines()
    assert (kept / PARSED_PROJECT).read_bytes() == b"of an older version"


def test_events_that_nobody_reads_are_not_put_into_words(tmp_path: Path) -> None:
    """An event of level debug costs its formatting wherever it ends; what is told is told as before."""
    told = bound_dbt(
        tmp_path, tmp_path, "--log-format", "json", "--log-level", "debug", "ls", "--select", "no_such_model",
        DBT_WARN_ERROR_OPTIONS="{'error': ['NoNodesForSelectionCriteria']}",
    )  # fmt: skip
    levels = [json.loads(line)["info"]["level"] for line in told.stdout.splitlines()]
    assert set(levels) == {"info", "error"}
    assert told.returncode == 2
    assert "no_such_model" in told.stdout
