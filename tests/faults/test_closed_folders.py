"""Folders that may not be written, and disks without room: refused before anything is done, and nothing is changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sop_pipeline import preflight
from sop_pipeline.preflight import HomeNotReady, check_home, remove_leftovers
from sop_pipeline.release.lock import refresh_lock
from sop_pipeline.settings import Home

if TYPE_CHECKING:
    from conftest import PublishedHome

SOP = Path(sys.executable).with_name("sop")
ROOMS = ("landing", "lake", "work", "dagster", "releases", "registry", "world")


def facts(home: Path) -> dict[str, tuple[int, int, int]]:
    """Mode, size and time of everything in a home."""
    found = {str(path.relative_to(home)): path.lstat() for path in home.rglob("*")}
    return {name: (stat.st_mode, stat.st_size, stat.st_mtime_ns) for name, stat in found.items()}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home of its rooms alone."""
    for room in ROOMS:
        (tmp_path / "home" / room).mkdir(parents=True)
    (tmp_path / "home" / "home.json").write_text(
        '{"source": "demo", "company": "Nordhaus", "currency": "EUR"}'
    )
    return tmp_path / "home"


def sop_with(closed: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    """A command where `closed` may not be written: by its mode, or for root, whom no mode stops, by a mount."""
    arguments = [str(part) for part in (SOP, *command)]
    if os.geteuid() == 0:
        if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode:
            pytest.skip("Root may write everywhere, and may not mount a folder read-only on this machine.")
        mount = 'mount --bind "$0" "$0" && mount -o remount,ro,bind "$0" && exec "$@"'
        arguments = ["unshare", "--mount", "sh", "-c", mount, str(closed), *arguments]
    mode = closed.stat().st_mode
    if os.geteuid() != 0:
        closed.chmod(0o555)
    try:
        return subprocess.run(arguments, capture_output=True, text=True, check=False, timeout=60)
    finally:
        closed.chmod(mode)


@pytest.mark.parametrize("room", [".", *ROOMS])
def test_a_folder_that_may_not_be_written_is_named_and_nothing_is_changed(home: Path, room: str) -> None:
    closed = home / room
    before = facts(home)
    answer = sop_with(closed, "refresh", "--cycle", "2026-01", "--home", home)
    assert answer.returncode == 1, answer.stderr
    assert f"{home} cannot take a refresh: " in answer.stderr
    assert f"* {closed} may not be written by user" in answer.stderr
    assert "run the same command again. Nothing was changed." in answer.stderr
    assert "Traceback" not in answer.stdout + answer.stderr
    assert facts(home) == before


def test_a_home_that_cannot_be_made_is_refused_where_it_would_stand(home: Path) -> None:
    answer = sop_with(
        home / "landing",
        "refresh",
        "--source",
        "demo",
        "--cycle",
        "2026-01",
        "--home",
        home / "landing" / "new",
    )
    assert answer.returncode == 1
    assert f"* {home / 'landing'} may not be written by user" in answer.stderr
    assert not (home / "landing" / "new").exists()


def test_who_may_only_read_sees_a_refresh_under_way(home: Path) -> None:
    with refresh_lock(home, purpose="refresh of 2026-01", started_at=datetime(2026, 1, 5, tzinfo=UTC)):
        before = facts(home)
        answer = sop_with(home, "status", "--home", home)
        assert facts(home) == before
    assert answer.returncode == 0, answer.stderr
    assert f"A refresh is under way: process {os.getpid()}." in answer.stdout


def test_every_closed_folder_is_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for room in ROOMS:
        (tmp_path / room).mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name not in ("lake", "releases"))
    with pytest.raises(HomeNotReady) as refused:
        check_home(Home(tmp_path))
    assert f" * {tmp_path / 'lake'} may not be written" in str(refused.value)
    assert f" * {tmp_path / 'releases'} may not be written" in str(refused.value)


def test_a_disk_without_room_for_a_cycle_is_refused_before_the_first_step(
    published_home: PublishedHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, room = Home(published_home.root), {"bytes": 0}
    usage = shutil.disk_usage(home.root)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=room["bytes"]))
    before = facts(home.root)
    with pytest.raises(HomeNotReady, match="has 0 MB free, a refresh may need 256 MB"):
        check_home(home)
    room["bytes"] = preflight.SMALLEST_FREE_BYTES
    check_home(home)  # a small company needs little: the floor is what counts

    # a company whose last cycle wrote more than a third of the floor needs three times what it wrote
    monkeypatch.setattr(preflight, "SMALLEST_FREE_BYTES", 0)
    work = sum(path.stat().st_size for path in home.work.rglob("*") if path.is_file())
    release = sum(
        path.stat().st_size for path in (home.root / "current").resolve().rglob("*") if path.is_file()
    )
    room["bytes"] = 3 * (work + release)  # the landed files and the lake come on top
    with pytest.raises(HomeNotReady, match="3 times what the last cycle wrote"):
        check_home(home)
    assert facts(home.root) == before


def test_what_killed_refreshes_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    home = Home(tmp_path)
    left = [
        ".home.json.123.tmp",
        "dagster/.dagster.yaml.123.tmp",
        "lake/marts/kpis/cycle=2026-01/.data.parquet.123.tmp",
        "landing/demo/cycle=2026-01/.accepted.json.123.tmp",
        "landing/demo/cycle=2026-01/.delivering/items.csv",
        "world/.month=2026-01.123/month.json",
        "world/.world.json.123",
        "work/sop.duckdb.tmp/duckdb_temp_storage-0.tmp",
        "work/sop-ingest-123/data.parquet",
    ]
    kept = [
        "home.json",
        "notes.tmp",
        "lake/marts/kpis/cycle=2026-01/data.parquet",
        "landing/demo/cycle=2026-01/accepted.json",
        "landing/demo/cycle=2026-01/delivery=0123456789ab/items.csv",
        "world/month=2026-01/month.json",
        "work/sop.duckdb",
    ]
    for name in (*left, *kept):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    remove_leftovers(home)
    found = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file())
    assert found == sorted(kept)
    assert not (tmp_path / "world" / ".month=2026-01.123").exists()
