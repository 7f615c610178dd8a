"""Kill a publication at its n-th effect, for n = 1, 2, 3 ... until one runs through; look; run it again.

Started by `test_publish_killed.py` with a scenario and a folder; prints one JSON line for each kill.
Everything runs in forked children, so that the libraries' threads never live in the process that forks.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pandas  # noqa: F401 - what pyarrow would import late, once here instead of in every child
from release_company import demand_plan, publish_cycle, snapshot

from sop_pipeline.release import effects
from sop_pipeline.release.pointer import current_release
from sop_pipeline.release.registry import list_cycles
from sop_pipeline.release.verify import verify_home

# Scenario -> the cycles that stand before, and the one whose publication is killed.
SCENARIOS: dict[str, tuple[list[tuple[str, int]], tuple[str, int]]] = {
    "the first cycle": ([], ("2026-04", 1)),
    "the next cycle": ([("2026-04", 1)], ("2026-05", 2)),
    "an old cycle again": ([("2026-04", 1), ("2026-05", 2)], ("2026-04", 9)),
}


def in_child(work: Callable[[], Any]) -> tuple[int, Any]:
    """Run in a forked child; its signal (0 where it ended by itself) and its result."""
    sys.stdout.flush()
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            os.write(writing, json.dumps(work()).encode())
            os._exit(0)
        finally:
            os._exit(1)  # an error: its traceback is on stderr
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        content = pipe.read()
    _, status = os.waitpid(pid, 0)
    if not os.WIFSIGNALED(status) and os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit("a child failed, see above")
    return (os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0), json.loads(content) if content else None


def publish_one(home: Path, cycle: tuple[str, int]) -> None:
    """One table is enough for every kind of effect to happen, and keeps the number of kills small."""
    publish_cycle(home, *cycle, tables=(demand_plan(*cycle),))


def build(home: Path, cycles: list[tuple[str, int]]) -> None:
    for cycle in cycles:
        publish_one(home, cycle)


def publish_killed_at(home: Path, cycle: tuple[str, int], n: int) -> None:
    count = 0

    def kill_at_n(effect: str, path: Path) -> None:
        nonlocal count
        count += 1
        if count == n:
            os.kill(os.getpid(), signal.SIGKILL)

    with effects.observed_by(kill_at_n):
        publish_one(home, cycle)


def publish_killed_after(home: Path, cycle: tuple[str, int], seconds: float) -> None:
    signal.signal(signal.SIGALRM, lambda *_: os.kill(os.getpid(), signal.SIGKILL))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    publish_one(home, cycle)
    signal.setitimer(signal.ITIMER_REAL, 0)


def look(home: Path) -> dict[str, object]:
    """What a reader finds right after the kill."""
    reports = [report for report in verify_home(home) if report.release_id]
    return {
        "current": current_release(home),
        "problems": [problem for report in reports for problem in report.problems],
    }


def run_again(home: Path, cycle: tuple[str, int]) -> dict[str, object]:
    """The next run, without any clean-up, and what stands after it."""
    publish_one(home, cycle)
    return {
        "current": current_release(home),
        "problems": [problem for report in verify_home(home) for problem in report.problems],
        "cycles": [repr(record) for record in list_cycles(home)],
        # sop.duckdb is not promised to be equal byte by byte; verify compares its rows
        "parquet": {name: sha for name, sha in snapshot(home).items() if name.endswith(".parquet")},
        "leftovers": sorted(path.name for path in home.rglob(".*")),
    }


def main(scenario: str, folder: Path) -> None:
    before, cycle = SCENARIOS[scenario]
    base, clean = folder / "base", folder / "clean"
    base.mkdir(parents=True)
    in_child(lambda: build(base, before))
    shutil.copytree(base, clean, symlinks=True)
    start = time.monotonic()
    expected = in_child(lambda: run_again(clean, cycle))[1]
    seconds = time.monotonic() - start
    print(json.dumps({"expected": expected, "before": in_child(lambda: current_release(base))[1]}))

    kills: list[tuple[str, int]] = []
    while not kills or kills[-1][1]:
        n = len(kills) + 1
        home = folder / f"effect {n}"
        kills.append((home.name, kill(base, home, partial(publish_killed_at, home, cycle, n))))
    for percent in sorted(random.Random(4).sample(range(1, 100), k=8)):
        home = folder / f"after {percent} % of a run"
        work = partial(publish_killed_after, home, cycle, seconds * percent / 100)
        kills.append((home.name, kill(base, home, work)))
    for attempt in in_child(lambda: [inspect(folder / name, cycle) for name, _ in kills])[1]:
        print(json.dumps({**attempt, "signal": dict(kills)[attempt["kill"]]}))


def kill(base: Path, home: Path, work: Callable[[], None]) -> int:
    shutil.copytree(base, home, symlinks=True)
    return in_child(work)[0]


def inspect(home: Path, cycle: tuple[str, int]) -> dict[str, object]:
    return {"kill": home.name, "seen": look(home), "after": run_again(home, cycle)}


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
