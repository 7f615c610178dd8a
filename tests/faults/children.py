"""Refreshes as children of a process that has loaded everything already: 8 s of imports are paid once.

A child leads a process group of its own, as a command in a shell does; its dbt belongs to the group. Nothing is started
here that would leave a thread in the process that forks. Add here: how a refresh is started, ended, found. Keep out: why.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from injection import Action, install

LOADED = ("dagster", "dagster_dbt", "duckdb", "great_expectations", "highspy", "pyarrow.parquet", "pyomo.environ",
          "pyarrow.csv", "sop_pipeline.cli", "sop_pipeline.definitions", "sop_pipeline.event_log", "sop_pipeline.pack",
          "sop_pipeline.planning.demand", "sop_pipeline.planning.supply", "sop_pipeline.refresh", "statsforecast",
          "vl_convert")  # fmt: skip


def load() -> None:
    """Import what a refresh imports."""
    for name in LOADED:
        import_module(name)
    gc.freeze()


class Child:
    """A refresh of one home in a forked process."""

    def __init__(
        self,
        home: Path,
        cycle_id: str,
        action: Action | None = None,
        before: Callable[[], None] | None = None,
    ):
        self.home = home
        self.log = home.with_name(f"{home.name}.log")
        self.code: int | None = None
        self.started = time.monotonic()
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self._refresh(cycle_id, action, before)
            finally:
                os._exit(99)

    def _refresh(self, cycle_id: str, action: Action | None, before: Callable[[], None] | None) -> None:
        os.setsid()
        log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(log, 1)
        os.dup2(log, 2)
        sys.argv = ["sop", "refresh", "--cycle", cycle_id, "--home", str(self.home)]
        from sop_pipeline import cli
        from sop_pipeline.cli import refresh as refresh_command

        code = 99
        try:
            if before:
                before()
            if action:
                injection = install(self.home, action)

                def hear_step(step: str, state: str, seconds: float) -> None:
                    injection.step = step if state == "started" else f"after {step}"

                refresh_command._say_step = hear_step
            cli.main()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        except BaseException:  # noqa: BLE001 - whatever it is, it is the result
            import traceback

            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def poll(self) -> int | None:
        """How it ended: its exit code, the negative signal that ended it, or None where it runs."""
        if self.code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.code = os.waitstatus_to_exitcode(status)
        return self.code

    def wait(self, seconds: float = 900) -> int:
        """Wait for its end; a refresh that does not end is ended and reported as an error."""
        deadline = time.monotonic() + seconds
        while self.poll() is None:
            if time.monotonic() > deadline:
                self.kill(whole_group=True)
                raise TimeoutError(
                    f"The refresh of {self.home} did not end in {seconds:.0f} s: {self.said()[-2000:]}"
                )
            time.sleep(0.02)
        return int(self.code or 0)

    def kill(self, *, whole_group: bool) -> None:
        """End it as the kernel would: the leader alone, or with the dbt that it has started."""
        (os.killpg if whole_group else os.kill)(self.pid, signal.SIGKILL)
        if self.code is None:
            _, status = os.waitpid(self.pid, 0)
            self.code = os.waitstatus_to_exitcode(status)

    def said(self) -> str:
        """What it printed."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""


def processes_of(home: Path) -> list[int]:
    """Processes that were started for a home by a refresh of it: dbt, by the working database in its environment."""
    wanted = f"SOP_WORK_DATABASE={home}/".encode()
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                is_ours = any(
                    entry.startswith(wanted) for entry in (folder / "environ").read_bytes().split(b"\0")
                )
                is_dead = (folder / "stat").read_text().rpartition(")")[2].split()[0] in "ZX"
            except OSError:
                continue  # it ended meanwhile, or is somebody else's
            if is_ours and not is_dead:
                found.append(int(folder.name))
    return found


def wait_until_none_of(home: Path, seconds: float = 2.0) -> list[int]:
    """Give children a moment to end with their leader; those that did not."""
    deadline = time.monotonic() + seconds
    while (left := processes_of(home)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left


def in_child(work: Callable[[], list[str]]) -> list[str]:
    """Look in a child: DuckDB's threads must not live in a process that forks."""
    sys.stdout.flush()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            with os.fdopen(writing, "w") as pipe:
                try:
                    json.dump(work(), pipe)
                except Exception as error:  # noqa: BLE001 - whatever it is, it is the result
                    json.dump([f"looking failed: {error!r}"], pipe)
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        found: list[str] = json.loads(pipe.read())
    os.waitpid(pid, 0)
    return found
