"""Faults put into a running refresh from outside: the product knows nothing of this module and cannot load it.

`install` hooks the process that it is called in. Every effect on a path below a home is a point: open for writing, half
of a write, bringing to the disk, rename, link, symlink, remove, new and removed folders, a mode changed, the start of
dbt, each node that dbt finishes, the solver, and what DuckDB writes into a release (announced by the product's
`effects`). Points are numbered from 1; at each, the action hears of it before it happens.

Not points: writes inside DuckDB, SQLite and dbt (C++ or another process), which kills at random times and full disks
cover; the lines that a refresh prints into work/refresh.log; touching of files for a watching web UI.
Add here: another kind of effect. Keep out: what is done at a point (`campaign`), what must hold after it (`states`).
"""

from __future__ import annotations

import builtins
import io
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
PRINTED = "work/refresh.log"


@dataclass(frozen=True)
class Point:
    """One effect of a refresh: its number, the step it belongs to, its kind, and the path below the home."""

    n: int
    step: str
    kind: str
    path: str


Action = Callable[[Point], None]


class Injection:
    """Counts the effects of this process on one home and lets `action` act on each."""

    def __init__(self, home: Path, action: Action) -> None:
        self.home = str(home.resolve())
        self.action = action
        self.n = 0
        self.step = "start"
        self._acting = threading.local()
        self._one_at_a_time = threading.RLock()

    def hear(self, kind: str, path: Any, dir_fd: int = -1) -> bool:
        """An effect is about to happen; true where it is a point."""
        if getattr(self._acting, "now", False):
            return False  # the action's own effects are none of the refresh
        place = self._below_home(path, dir_fd)
        if place is None or (place == PRINTED and kind == "write"):
            return False
        here = Path(self.home, place)
        if (kind == "make folder" and here.is_dir()) or (kind == "remove" and not os.path.lexists(here)):
            return False  # asked for to be sure: nothing happens
        with self._one_at_a_time:
            self.n += 1
            self._acting.now = True
            try:
                self.action(Point(self.n, self.step, kind, place))
            finally:
                self._acting.now = False
        return True

    def hear_of_no_file(self, kind: str, what: str) -> None:
        """An effect that is not on a path: a process, a node of dbt, the solver."""
        self.hear(kind, f"{self.home}/{what}")

    def _below_home(self, path: Any, dir_fd: int) -> str | None:
        if isinstance(path, int):
            path = _path_of(path)
        if path is None:
            return None
        text = os.fsdecode(path)
        if not text.startswith("/"):
            folder = _path_of(dir_fd) if dir_fd >= 0 else str(Path.cwd())
            text = f"{folder}/{text}"
        text = os.path.normpath(text)
        if text == self.home:
            return "."
        return text[len(self.home) + 1 :] if text.startswith(self.home + "/") else None


def _path_of(descriptor: int) -> str | None:
    try:
        return str(Path(f"/proc/self/fd/{descriptor}").readlink())
    except OSError:
        return None


def install(home: Path, action: Action) -> Injection:
    """Hook this process for good. Called in a child that does nothing else than refresh `home`."""
    injection = Injection(home, action)
    _hook_audit(injection)
    _hook_writes(injection)
    _hook_libraries(injection)
    return injection


AUDITED = {
    "os.rename": ("rename", 1, 3),
    "os.remove": ("remove", 0, 1),
    "os.mkdir": ("make folder", 0, 2),
    "os.rmdir": ("remove folder", 0, 1),
    "os.symlink": ("symlink", 1, 2),
    "os.link": ("link", 1, 3),
    "os.chmod": ("mode", 0, 2),
    "os.truncate": ("truncate", 0, None),
}
"""Audit event -> (kind, which argument is the path, which the folder descriptor it may be relative to)."""


def _hook_audit(injection: Injection) -> None:
    def audit(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if not isinstance(path, int) and isinstance(flags, int) and flags & WRITING:
                injection.hear("open", path)
        elif event in AUDITED:
            kind, place, folder = AUDITED[event]
            dir_fd = arguments[folder] if folder is not None else -1
            injection.hear(kind, arguments[place], dir_fd if isinstance(dir_fd, int) else -1)
        elif event == "subprocess.Popen" and "dbt" in str(arguments[0]):
            injection.hear_of_no_file("subprocess", "dbt")

    sys.addaudithook(audit)


def _hook_writes(injection: Injection) -> None:
    """Half of the bytes are written, then the point is reached, then the rest: a fault leaves a torn file."""

    class TornFile(io.FileIO):
        def write(self, content: Any) -> int:
            view = memoryview(content).cast("B")
            half = len(view) // 2
            if half and injection._below_home(self.name, -1) is not None:
                super().write(view[:half])
                injection.hear("write", self.name)
                return half + int(super().write(view[half:]) or 0)
            injection.hear("write", self.name)
            return int(super().write(view) or 0)

    plain_open = io.open

    def torn_open(file: Any, mode: str = "r", buffering: int = -1, *args: Any, **kwargs: Any) -> Any:
        is_ours = not isinstance(file, int) and injection._below_home(os.fspath(file), -1) is not None
        if not is_ours or not set(mode) & set("wxa") or "+" in mode or kwargs.get("opener"):
            return plain_open(file, mode, buffering, *args, **kwargs)
        raw = TornFile(os.fspath(file), mode.replace("b", "").replace("t", ""))
        buffered = io.BufferedWriter(raw)
        if "b" in mode:
            return buffered
        named = dict(zip(("encoding", "errors", "newline"), args, strict=False)) | kwargs
        named.pop("closefd", None)
        text = io.TextIOWrapper(buffered, line_buffering=buffering == 1, **named)
        text.mode = mode
        return text

    builtins.open = io.open = torn_open  # type: ignore[assignment]
    fsync, write, sendfile = os.fsync, os.write, os.sendfile

    def heard_fsync(descriptor: Any) -> None:
        injection.hear("sync", descriptor if isinstance(descriptor, int) else descriptor.fileno())
        fsync(descriptor)

    def heard_write(descriptor: int, content: Any) -> int:
        injection.hear("write", descriptor)
        return write(descriptor, content)

    def heard_sendfile(out: int, *args: Any, **kwargs: Any) -> int:
        injection.hear("write", out)
        return sendfile(out, *args, **kwargs)

    os.fsync, os.write, os.sendfile = heard_fsync, heard_write, heard_sendfile


def _hook_libraries(injection: Injection) -> None:
    import highspy
    import pyarrow.parquet
    from dagster_dbt.core.dbt_cli_invocation import DbtCliInvocation

    from sop_pipeline.release import effects

    plain_announce, plain_write_table = effects.announce, pyarrow.parquet.write_table
    plain_run, plain_events = highspy.Highs.run, DbtCliInvocation.stream_raw_events

    def announce(effect: str, path: Path) -> None:
        # what Python does is heard where it is done; DuckDB writes without Python
        if effect in ("create_database", "create_table", "checkpoint_database"):
            injection.hear("database", path)
        plain_announce(effect, path)

    def write_table(table: Any, where: Any, *args: Any, **kwargs: Any) -> None:
        if isinstance(where, str | os.PathLike):
            injection.hear("open", where)  # pyarrow opens it without Python
        plain_write_table(table, where, *args, **kwargs)

    def run(solver: Any) -> Any:
        injection.hear_of_no_file("solve", "HiGHS")
        return plain_run(solver)

    def events(invocation: Any) -> Any:
        for event in plain_events(invocation):
            if event.is_result_event:
                injection.hear_of_no_file("dbt node", event.raw_event["data"]["node_info"]["unique_id"])
            yield event

    effects.announce = announce
    pyarrow.parquet.write_table = write_table
    highspy.Highs.run = run
    DbtCliInvocation.stream_raw_events = events
