"""dbt as a child that ends with the refresh that started it, however that one ends, and takes the project as that one has it.

A refresh that is killed gives its lock back at once. A dbt that went on without it would write into the working
database of the next refresh. Linux ends the child with its parent; everywhere, a thread looks whether the parent is
still there. Add here: what binds a child to its refresh. Keep out: what dbt is asked to do (`dbt`).

The project was parsed when the definitions were loaded (`dbt.prepare_manifest`). dbt would parse it again whenever the home
or the cycle is another than then: a dozen seconds for nothing, as no parsed file depends on them. What else dbt does for nothing is in `lean_dbt`.
"""

from __future__ import annotations

import ctypes
import gc
import os
import signal
import sys
import threading
import time
from pathlib import Path

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

    from assets.lean_dbt import TEMPLATES, Templates, make_lean

    project = Path(path) if (path := os.environ.get(PROJECT)) else None
    templates = Templates(project.with_name(TEMPLATES) if project else None)
    make_lean(templates)
    try:
        cli(obj={"manifest": _parsed_project(project)} if project else {})
    finally:
        templates.keep()


def _parsed_project(path: Path) -> object:
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    gc.disable()  # millions of objects are made that stay: looking through them again and again took a third of it
    manifest = Manifest.from_msgpack(path.read_bytes(), decoder=extended_mashumuro_decoder)
    gc.enable()
    manifest.build_flat_graph()  # what macros call `graph`
    return manifest


if __name__ == "__main__":
    main()
