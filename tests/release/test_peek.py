"""Looking who holds a home: it takes nothing, writes nothing, and stands in no refresh's way."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sop_pipeline.release.layout import holder_file, lock_file
from sop_pipeline.release.lock import HomeIsBusy, joined_lock, peek, read_holder, refresh_lock

START = datetime(2026, 4, 6, 6, 0, tzinfo=UTC)


def everything(home: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path): (path.stat().st_mtime_ns, path.read_bytes()) for path in home.rglob("*") if path.is_file()
    }


def test_a_refresh_under_way_is_seen_with_its_purpose(tmp_path):
    with refresh_lock(tmp_path, purpose="refresh of 2026-04", started_at=START) as holder:
        assert peek(tmp_path) == holder
        assert (holder.pid, holder.purpose) == (os.getpid(), "refresh of 2026-04")
    assert peek(tmp_path) is None


def test_looking_changes_nothing(tmp_path):
    with refresh_lock(tmp_path, purpose="refresh of 2026-04", started_at=START):
        before = everything(tmp_path)
        peek(tmp_path)
        assert everything(tmp_path) == before
    peek(tmp_path)
    assert everything(tmp_path) == before
    assert peek(tmp_path / "nothing there") is None
    assert not (tmp_path / "nothing there").exists()


def test_looking_needs_no_right_to_write(tmp_path, monkeypatch):
    """Root may write everywhere, so it is the flags of every open that are looked at."""
    with refresh_lock(tmp_path, purpose="refresh", started_at=START):
        flags = []
        plain = os.open
        monkeypatch.setattr(
            os, "open", lambda path, flag, *more: flags.append(flag) or plain(path, flag, *more)
        )
        assert peek(tmp_path) is not None
        monkeypatch.undo()
    assert flags == [os.O_RDONLY]


def test_a_number_that_now_belongs_to_another_process_is_no_refresh(tmp_path):
    """The name of a killed refresh stays; its process number is given again some day. The lock knows."""
    with refresh_lock(tmp_path, purpose="refresh", started_at=START):
        pass
    assert read_holder(tmp_path).pid == os.getpid()
    assert peek(tmp_path) is None


def test_a_process_that_ended_holds_nothing(tmp_path):
    with refresh_lock(tmp_path, purpose="refresh", started_at=START):
        pass
    name = holder_file(tmp_path)
    name.write_text(name.read_text().replace(f'"pid": {os.getpid()}', '"pid": 999999999'))
    assert peek(tmp_path) is None


def test_a_refresh_that_starts_while_somebody_looks_is_not_refused(tmp_path):
    """What a look takes for microseconds is held here for longer than any look lasts."""
    with refresh_lock(tmp_path, purpose="refresh", started_at=START):
        pass
    looking = os.open(lock_file(tmp_path), os.O_RDONLY)
    fcntl.flock(looking, fcntl.LOCK_SH)
    letting_go = threading.Timer(0.05, os.close, [looking])
    letting_go.start()
    with refresh_lock(tmp_path, purpose="refresh", started_at=START) as holder:
        assert holder.pid == os.getpid()
    letting_go.join()


def test_a_refresh_starts_again_and_again_while_others_look_all_the_time(tmp_path):
    stop = threading.Event()

    def look():
        while not stop.is_set():
            peek(tmp_path)

    lookers = [threading.Thread(target=look) for _ in range(3)]
    for thread in lookers:
        thread.start()
    try:
        for _ in range(30):
            with refresh_lock(tmp_path, purpose="refresh", started_at=START):
                time.sleep(0.002)
    finally:
        stop.set()
        for thread in lookers:
            thread.join()


def test_a_part_of_a_refresh_joins_its_lock_and_leaves_it_held(tmp_path):
    with refresh_lock(tmp_path, purpose="a refresh that starts", started_at=START):
        with joined_lock(tmp_path, purpose="refresh of 2026-04", started_at=START):
            assert peek(tmp_path).purpose == "refresh of 2026-04"
        assert peek(tmp_path) is not None
        with pytest.raises(HomeIsBusy), refresh_lock(tmp_path, purpose="another", started_at=START):
            pytest.fail("two refreshes hold the home")
    assert peek(tmp_path) is None


def test_a_run_by_itself_takes_the_lock(tmp_path):
    with (
        joined_lock(tmp_path, purpose="refresh of 2026-04", started_at=START),
        pytest.raises(HomeIsBusy),
        refresh_lock(tmp_path, purpose="another", started_at=START),
    ):
        pytest.fail("two refreshes hold the home")
    assert peek(tmp_path) is None
