"""One cycle in a process of its own, timed from inside: what `sop refresh` does, with a clock on imports and events.

`refresh.py` starts it; it is not meant for people. Two things are wrapped: Python's import statement, and Dagster's
handling of an event. Add here: another thing that only the process itself can time. Keep out: what is made of it.
"""

from __future__ import annotations

import argparse
import builtins
import json
import threading
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

SHORTEST_SECONDS = 0.0005  # an import that only looks a module up is no import

Interval = tuple[float, float]


class Clock:
    """Intervals of the main thread, by the system's monotonic clock; of nested calls only the outermost counts."""

    def __init__(self) -> None:
        self.intervals: list[Interval] = []
        self._depth = 0

    def timed(self, function: Callable[..., Any], shortest_seconds: float = 0.0) -> Callable[..., Any]:
        """The function, its outermost calls in the main thread timed."""

        @wraps(function)
        def call(*arguments: Any, **options: Any) -> Any:
            if self._depth or threading.current_thread() is not threading.main_thread():
                return function(*arguments, **options)
            started, self._depth = time.monotonic(), 1
            try:
                return function(*arguments, **options)
            finally:
                self._depth = 0
                ended = time.monotonic()
                if ended - started >= shortest_seconds:
                    self.intervals.append((started, ended))

        return call


def main() -> None:
    """Run the cycle and write what was measured as JSON."""
    arguments = _arguments()
    imports, events = Clock(), Clock()
    builtins.__import__ = imports.timed(builtins.__import__, SHORTEST_SECONDS)
    from dagster import DagsterInstance

    from sop_pipeline.refresh import refresher
    from sop_pipeline.settings import load_settings

    DagsterInstance.handle_new_event = events.timed(DagsterInstance.handle_new_event)  # type: ignore[method-assign]
    steps: dict[str, list[float]] = {}

    def note(step: str, state: str, _seconds: float) -> None:
        steps.setdefault(step, []).append(time.monotonic())

    settings = load_settings(home=arguments.home, source="demo", demo_scale=arguments.scale)
    with refresher(settings) as run:
        published = run(arguments.cycle, note, lambda _gate, _failed: None)
    measured = {"release_id": published.release_id, "steps": steps, "imports": imports.intervals, "events": events.intervals}  # fmt: skip
    arguments.report.write_text(json.dumps(measured), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Run and time one demo cycle.")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--scale", type=float, required=True)
    parser.add_argument("--cycle", required=True)
    parser.add_argument("--report", type=Path, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
