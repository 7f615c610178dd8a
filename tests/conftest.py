"""A small company that is refreshed once through the command line and shared by the tests of the whole.

Add here: what tests of several rooms need of a published home. Keep out: what one room's tests need (its own conftest).
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from filelock import FileLock

from sop_pipeline.settings import PROJECT_DIR, Settings

SOP = Path(sys.executable).with_name("sop")
SMALLEST_SCALE = 0.05
TIME_LIMIT_SECONDS = 600
ADVENTUREWORKS = PROJECT_DIR.parent / "shared" / "data" / "adventureworks_2013-12"


@dataclass
class CommandLine:
    """The command `sop` as people start it: a process of its own. Whatever is still running is ended with the test."""

    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def start(self, home: Path, *arguments: str, **settings: str) -> subprocess.Popen[str]:
        """Start a command on a home; its process leads a group, so that dbt can be ended with it."""
        process = subprocess.Popen(
            [SOP, *arguments, "--home", home],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | settings,
            start_new_session=True,
        )
        self.started.append(process)
        return process

    def __call__(self, home: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        process = self.start(home, *arguments, **settings)
        out, err = process.communicate(timeout=TIME_LIMIT_SECONDS)
        return subprocess.CompletedProcess(arguments, process.returncode, out, err)

    def json(self, home: Path, *arguments: str, **settings: str) -> Any:
        """Run a command that must succeed and return what it says as JSON."""
        answer = self(home, *arguments, "--json", **settings)
        assert answer.returncode == 0, f"sop {' '.join(arguments)}: {answer.stdout}\n{answer.stderr}"
        return json.loads(answer.stdout)

    def end_all(self) -> None:
        """End what was started and still runs."""
        for process in self.started:
            if process.poll() is None:
                process.kill()
                process.communicate()


@dataclass(frozen=True)
class PublishedHome:
    """The company's home with 2026-01 and 2026-02 published, to be read and not changed, and how it came to be."""

    root: Path
    """The home as it is after both cycles."""
    after_january: Path
    """A copy of the home as it was before the second cycle."""
    release_ids: dict[str, str]
    """Cycle -> its release."""
    seconds: dict[str, float]
    """Cycle -> how long its refresh took, from the start of the process on."""


@pytest.fixture(scope="session", autouse=True)
def default_settings() -> Iterator[None]:
    """Whoever runs the tests may have a home of their own: its settings are not the tests'."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ["DAGSTER_HOME", *(f"SOP_{field.upper()}" for field in Settings.model_fields)]:
            patch.delenv(name, raising=False)
        yield


@pytest.fixture(scope="session")
def sop(default_settings: None) -> Iterator[CommandLine]:
    """The command line."""
    command_line = CommandLine()
    yield command_line
    command_line.end_all()


@pytest.fixture(scope="session")
def smallest_scale() -> float:
    """Size of the smallest demo company that there is."""
    return SMALLEST_SCALE


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], None]], Path]:
    """Make a folder of a name once for all processes that run the tests; whoever comes later finds it made."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def made(name: str, make: Callable[[Path], None]) -> Path:
        folder, whole = shared / name, shared / f"{name}.made"
        with FileLock(shared / f"{name}.lock"):
            if not whole.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                make(folder)
                whole.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def published_home(
    sop: CommandLine, smallest_scale: float, made_once: Callable[[str, Callable[[Path], None]], Path]
) -> PublishedHome:
    """Two cycles of the smallest demo company, published one after the other."""

    def publish(folder: Path) -> None:
        root = folder / "home"
        scale = {"SOP_DEMO_SCALE": str(smallest_scale)}
        release_ids, seconds = {}, {}
        for cycle_id in ("2026-01", "2026-02"):
            started = time.monotonic()
            (result,) = sop.json(root, "refresh", "--source", "demo", "--cycle", cycle_id, **scale)
            seconds[cycle_id] = time.monotonic() - started
            release_ids[cycle_id] = result["release_id"]
            if cycle_id == "2026-01":
                shutil.copytree(root, folder / "after_january", symlinks=True)
        (folder / "published.json").write_text(json.dumps([release_ids, seconds]), encoding="utf-8")

    folder = made_once("company", publish)
    release_ids, seconds = json.loads((folder / "published.json").read_text(encoding="utf-8"))
    return PublishedHome(folder / "home", folder / "after_january", release_ids, seconds)


@pytest.fixture(scope="module")
def copy_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], Path]:
    """Make a copy of a home that a test may change."""

    def copy(home: Path) -> Path:
        return shutil.copytree(home, tmp_path_factory.mktemp("copy") / "home", symlinks=True)

    return copy


@pytest.fixture(scope="session")
def adventureworks_extract() -> Path:
    """Folder of the extract as of 31 December 2013. Its absence fails in CI and skips elsewhere."""
    if not ADVENTUREWORKS.is_dir():
        message = f"{ADVENTUREWORKS} is not here: the AdventureWorks extract is not part of the repository."
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return ADVENTUREWORKS


@pytest.fixture(scope="session")
def adventureworks_home(
    adventureworks_extract: Path, made_once: Callable[[str, Callable[[Path], None]], Path]
) -> Path:
    """A home in which `sop refresh` has published the cycle, by the command that the README gives."""

    def publish(folder: Path) -> None:
        command = [str(SOP), "refresh", "--source", "adventureworks", "--input", str(adventureworks_extract)]
        command += ["--cycle", "2014-01", "--home", str(folder / "home")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.fail(f"The refresh of AdventureWorks failed:\n{done.stdout[-4000:]}{done.stderr[-4000:]}")

    return made_once("adventureworks", publish) / "home"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole refreshes first: with several processes nobody then waits for the longest file at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    mark_bad_inputs(items)


def mark_bad_inputs(items: list[pytest.Item]) -> None:
    """Give every test that the register of bad inputs names the marker `bad_input` with the numbers of its entries."""
    register = Path(__file__).parent / "bad_input" / "register.yml"
    entries = yaml.load(register.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    named = [(test, entry["number"]) for entry in entries for test in entry["tests"]]
    for item in items:
        for test, number in named:
            if item.nodeid.startswith(test):
                item.add_marker(pytest.mark.bad_input(number))
