"""What the rounds of a campaign share: its folder, homes to start from, the results, and the next run after a fault.

Add here: what several rounds need of a campaign. Keep out: the rounds (`at_points`, `full_disks`, `at_random`, `pairs`) and
what must hold after a fault (`states`).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from children import Child, in_child
from states import Expected, copy_home, problems_of_next_run, problems_of_readers, remove_home

FIRST, CYCLE = "2026-01", "2026-02"
SMALLEST_SCALE = "0.05"
LIMIT_SECONDS = 900
SOP = Path(sys.executable).with_name("sop")


class Campaign:
    """One folder: homes to start from, results, and where everything stands."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self.options, self.folder = options, folder
        self.results = folder / "results.jsonl"
        self.done: dict[str, dict[str, Any]] = {}
        self.place = folder / "home"
        self.deadline = time.monotonic() + options.seconds if options.seconds else None
        self.started = time.monotonic()
        self.chance = random.Random(options.seed)
        if options.resume and self.results.exists():
            lines = self.results.read_text(encoding="utf-8").splitlines()
            self.done = {found["what"]: found for found in map(json.loads, lines)}
        else:
            self.results.unlink(missing_ok=True)

    # -- results

    def note(self, what: str, problems: list[str], **facts: Any) -> None:
        """Keep a result and say it."""
        found = {"what": what, "problems": problems, **facts}
        self.done[what] = found
        with open(self.results, "a", encoding="utf-8") as file:
            file.write(json.dumps(found) + "\n")
        seconds = time.monotonic() - self.started
        self.say(f"{seconds:7.0f} s  {what:<64} {'ok' if not problems else 'FAILED'}")
        for problem in problems:
            self.say(f"           * {problem}")

    def say(self, text: str) -> None:
        print(text, flush=True)

    def has_time(self) -> bool:
        return self.deadline is None or time.monotonic() < self.deadline

    def todo(self, whats: list[str]) -> list[str]:
        return [what for what in whats if what not in self.done]

    # -- homes

    def prepare(self) -> None:
        """A home with the first cycle published, and the same after a second cycle without faults."""
        self.before, self.clean = self.folder / "before", self.folder / "clean"
        if self.options.before:
            self.before, self.clean = self.options.before, self.options.clean or self.clean
        if not (self.before / "current").exists():
            self._run_for_real(self.before, FIRST, SOP_SOURCE="demo", SOP_DEMO_SCALE=SMALLEST_SCALE)
        if not (self.clean / "current").resolve().name.startswith(CYCLE):
            copy_home(self.before, self.clean)
            self._run_for_real(self.clean, CYCLE)
        self.expected = Expected.of(self.clean)

    def _run_for_real(self, home: Path, cycle_id: str, **settings: str) -> None:
        started = time.monotonic()
        command = [SOP, "refresh", "--cycle", cycle_id, "--home", home]
        done = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"The refresh without faults failed:\n{done.stdout}{done.stderr}")
        self.say(f"  {cycle_id} without faults: {time.monotonic() - started:.0f} s")

    def copy(self) -> Path:
        """The home to put faults into, always at the same path."""
        remove_home(self.place)
        return copy_home(self.before, self.place)

    # -- what rounds look at after a fault

    @property
    def points(self) -> list[dict[str, Any]]:
        first, last = self.options.points
        return [point for point in self.done["survey"]["points"] if first <= point["n"] <= last]

    def run_again(self, home: Path, what: str) -> None:
        """The next run, without any clean-up; then the home is removed."""
        started = time.monotonic()
        if home != self.place and home.stat().st_dev == self.folder.stat().st_dev:
            remove_home(self.place)
            home = home.rename(self.place)
        child = Child(home, CYCLE)
        code = child.wait(LIMIT_SECONDS)
        problems = in_child(lambda: problems_of_next_run(home, self.expected, code, child.said()))
        remove_home(home)
        self.note(what, problems, seconds=round(time.monotonic() - started))

    def problems_after_kill(self, home: Path, code: int, left: list[int]) -> list[str]:
        problems = in_child(lambda: problems_of_readers(home, self.expected))
        if left:
            problems.append(f"I4: processes {left} outlive the refresh that started them")
            for pid in left:
                os.kill(pid, signal.SIGKILL)
        if code == 0:
            problems.append("I5: exit code 0 of a killed refresh")
        return problems

    def is_known(self, key: str) -> bool:
        return any(found.get("state") == key and not found["problems"] for found in self.done.values())
