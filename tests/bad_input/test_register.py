"""The register of bad inputs is complete: a hundred entries, each with what it gets and tests that are really collected."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from sop_pipeline.settings import PROJECT_DIR

REGISTER = Path(__file__).with_name("register.yml")
ENTRIES = 100
ACTIONS = ("R", "Q", "W", "F")


@pytest.fixture(scope="module")
def entries() -> list[dict[str, Any]]:
    content: list[dict[str, Any]] = yaml.load(REGISTER.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return content


@pytest.fixture(scope="module")
def collected(entries: list[dict[str, Any]]) -> list[str]:
    """Identifiers of all tests that pytest collects from the files that the register names."""
    files = sorted({test.partition("::")[0] for entry in entries for test in entry["tests"]})
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", *files]
    done = subprocess.run(command, cwd=PROJECT_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    return [line for line in done.stdout.splitlines() if "::" in line]


def test_every_entry_is_there_once_with_what_it_gets(entries: list[dict[str, Any]]) -> None:
    assert [entry["number"] for entry in entries] == list(range(1, ENTRIES + 1))
    assert all(entry["input"] and entry["gets"] for entry in entries)
    assert len({entry["input"] for entry in entries}) == ENTRIES


def test_every_test_that_the_register_names_is_collected(
    entries: list[dict[str, Any]], collected: list[str]
) -> None:
    missing = [
        f"{entry['number']}: {test}"
        for entry in entries
        for test in entry["tests"]
        if not any(identifier.startswith(test) for identifier in collected)
    ]
    assert missing == []
    assert [entry["number"] for entry in entries if not entry["tests"] and not entry.get("missing")] == []
    assert [entry["number"] for entry in entries if entry["tests"] and entry.get("missing")] == []
