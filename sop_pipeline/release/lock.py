"""One refresh of a home at a time.

The lock is the operating system's: it goes with the process that holds it, however that process ends, so
there is never a stale lock to remove. Who holds it stands beside it in `registry/refresh.holder.json`, for
people and for the message that a second refresh gets; that file decides nothing.

To look who holds a home, `peek`: it writes nothing, needs no right to write, and takes nothing that a refresh could
find taken. A process that holds the home already may let a part of its work `join` the lock instead of taking it twice.

The lock is on one machine, or on a network file system that supports locks; where the file system has none,
taking it fails instead of pretending.
Add here: what the holder says about itself. Keep out: waiting, retrying, queueing (that is the scheduler's).
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

from sop_pipeline.release import effects
from sop_pipeline.release.hashing import readable_json
from sop_pipeline.release.layout import holder_file, lock_file
from sop_pipeline.release.processes import is_running

# The holder writes its name right after it has the lock; a second process may come in between.
_NAME_WAIT_SECONDS = 0.5
_NAME_POLL_SECONDS = 0.02
# Somebody who only looks may hold a shared lock for some microseconds, see `peek`.
_PATIENCE_SECONDS = 0.2

_held_here: set[Path] = set()


@dataclass(frozen=True)
class Holder:
    pid: int
    host: str
    started_at: str
    purpose: str  # for people: "refresh of 2026-03"


class HomeIsBusy(Exception):
    """Another process refreshes this home."""

    def __init__(self, home: Path, holder: Holder | None) -> None:
        self.home = home
        self.holder = holder
        self.pid = holder.pid if holder else None
        who = "another process"
        if holder:
            who = f"process {holder.pid} on {holder.host} since {holder.started_at} ({holder.purpose})"
        super().__init__(
            f"{home} is being refreshed by {who}. Only one refresh at a time can use a home."
            " Wait for it to end, or stop that process: the lock goes with it."
        )


@contextmanager
def refresh_lock(home: Path, *, purpose: str, started_at: datetime) -> Iterator[Holder]:
    """Hold the home for the length of the block; raises HomeIsBusy at once where another refresh holds it."""
    effects.make_folder(lock_file(home).parent)
    lock = FileLock(lock_file(home), timeout=_PATIENCE_SECONDS, poll_interval=_NAME_POLL_SECONDS,
                    thread_local=False, fallback_to_soft=False)  # fmt: skip
    try:
        lock.acquire()
    except Timeout:
        raise HomeIsBusy(home, _wait_for_holder(home)) from None
    try:
        holder = _write_holder(home, purpose, started_at)
        _held_here.add(home.resolve())
        yield holder
    finally:
        _held_here.discard(home.resolve())
        lock.release()


@contextmanager
def joined_lock(home: Path, *, purpose: str, started_at: datetime) -> Iterator[Holder]:
    """As `refresh_lock`; where this process holds the home already, the block is a part of that refresh."""
    if home.resolve() in _held_here:
        yield _write_holder(home, purpose, started_at)
        return
    with refresh_lock(home, purpose=purpose, started_at=started_at) as holder:
        yield holder


def _write_holder(home: Path, purpose: str, started_at: datetime) -> Holder:
    holder = Holder(os.getpid(), socket.gethostname(), started_at.isoformat(), purpose)
    effects.replace_file(holder_file(home), readable_json(asdict(holder)))
    return holder


def peek(home: Path) -> Holder | None:
    """Who refreshes the home at this moment, or None.

    Where the name that stands there is of no running process, nobody does. Else the lock itself is asked, by a shared
    lock that is given back at once, and for which a refresh that starts at that moment waits longer than it can last.
    """
    holder = read_holder(home)
    if holder is None or not _may_run(holder):
        return None
    try:
        descriptor = os.open(lock_file(home), os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return holder
    finally:
        os.close(descriptor)
    return None


def read_holder(home: Path) -> Holder | None:
    """Who took the lock last; whether it still has it is the lock's answer, not this file's."""
    try:
        return Holder(**json.loads(holder_file(home).read_bytes()))
    except FileNotFoundError:
        return None


def _may_run(holder: Holder) -> bool:
    """Is there a process of the holder's number? Of another machine nobody here can say."""
    return holder.host != socket.gethostname() or is_running(holder.pid)


def _wait_for_holder(home: Path) -> Holder | None:
    """The holder's name, giving it a moment to write it; None where the name is of a process that ended."""
    deadline = time.monotonic() + _NAME_WAIT_SECONDS
    while True:
        holder = read_holder(home)
        if holder and _may_run(holder):
            return holder
        if time.monotonic() >= deadline:
            return None
        time.sleep(_NAME_POLL_SECONDS)
