"""dbt as a child that ends with the refresh that started it, however that one ends, and takes the project as that one has it.

A refresh that is killed gives its lock back at once. A dbt that went on without it would write into the working
database of the next refresh. Linux ends the child with its parent; everywhere, a thread looks whether the parent is
still there. Add here: what binds a child to its refresh. Keep out: what dbt is asked to do (`dbt`).

dbt puts each of its debug events into words and JSON, and then drops the line, as no more than `info` is asked for: a
fifth of its time. Here such an event ends where it is fired.

The project was parsed when the definitions were loaded (`dbt.prepare_manifest`). dbt would parse it again whenever the home
or the cycle is another than then: a dozen seconds for nothing, as no parsed file depends on them.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

PARENT = "SOP_REFRESH_PROCESS_ID"
PROJECT = "SOP_PARSED_PROJECT"
"""Names the file in which dbt keeps the parsed project."""
LOOK_SECONDS = 0.5
_SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)


def end_with(parent_pid: int) -> None:
    """End this process, at once and without a word, when the process `parent_pid` is no longer its parent."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
    _end_if_left_by(parent_pid)  # it may have ended before it was asked
    threading.Thread(target=_watch, args=(parent_pid,), name="watch parent", daemon=True).start()


def _watch(parent_pid: int) -> None:
    while True:
        time.sleep(LOOK_SECONDS)
        _end_if_left_by(parent_pid)


def _end_if_left_by(parent_pid: int) -> None:
    if os.getppid() != parent_pid:
        os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Run dbt with this process's arguments, on the parsed project where the starter names one."""
    end_with(int(os.environ[PARENT]))
    sys.path.pop(0)  # this folder has a module `dbt` of its own
    from dbt.cli.main import cli

    drop_debug_events()
    cli(obj={"manifest": _parsed_project(Path(path))} if (path := os.environ.get(PROJECT)) else {})


def drop_debug_events() -> None:
    """Let dbt fire no event of level debug. Warnings and errors are judged as dbt judges them."""
    from dbt_common.events.base_types import EventLevel
    from dbt_common.events.event_manager import EventManager

    fire = EventManager.fire_event

    def fire_what_is_read(manager: Any, event: Any, level: Any = None, *others: Any, **named: Any) -> None:
        if (level or event.level_tag()) != EventLevel.DEBUG:
            fire(manager, event, level, *others, **named)

    EventManager.fire_event = fire_what_is_read


def _parsed_project(path: Path) -> object:
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    manifest = Manifest.from_msgpack(path.read_bytes(), decoder=extended_mashumuro_decoder)
    manifest.build_flat_graph()  # what macros call `graph`
    return manifest


if __name__ == "__main__":
    main()
