"""Put faults into the monthly refresh of a small company, at every point and at random times, and look what they leave.

    python tests/faults/campaign.py [--points 1-400] [--seconds 3600] [--folder DIR] [--resume] ...

1. every point  One refresh is stopped at every point for a moment and its home is looked at as a kill would leave it.
                States that the next run could tell apart are copied; each copy is checked and run again.
2. real kills   A refresh is really killed at points of every step and kind: it must leave the state that was copied.
3. failures     The effect fails (disk full, refused, broken), the solver fails, dbt does not start or is ended.
4. full disks   The disk has room for so many MB more, or no file may grow beyond so many: it ends where it ends.
5. random kills At random times: the whole process group, or the leader alone, whose dbt must end with it; readers read.
                One more refresh is stopped at random moments and copied as a kill would leave it.
6. pairs        Two refreshes at once: one runs, the other says who holds the home.

Prints progress, a table of points by step and kind, and one closing line; exit code 1 where an invariant did not hold.
What is done stands in <folder>/results.jsonl; `--resume` goes on from there. Add here: a round. Keep out: invariants.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from children import Child, load, processes_of, wait_until_none_of
from injection import Point
from states import (
    Expected,
    StateKeys,
    copy_home,
    fill_with_rubbish,
    problems_of_next_run,
    problems_of_readers,
    remove_home,
)

ROUNDS = (
    "survey",
    "check_states",
    "rubbish",
    "kill_at_points",
    "fail_at_points",
    "fill_disk",
    "kill_at_random",
    "stop_at_random",
    "pairs",
)
FIRST, CYCLE = "2026-01", "2026-02"
SMALLEST_SCALE = "0.05"
LIMIT_SECONDS = 900
TOLD_WITHIN_SECONDS = 5.0
"""Two on a machine with nothing else to do; others may be at work here."""
KILLS_BEFORE_NEXT_RUN = 10
STOPS_RUN_AGAIN = 5
SOP = Path(sys.executable).with_name("sop")
FAULTS = {
    "open": (errno.EACCES, errno.ENOSPC),
    "write": (errno.ENOSPC, errno.EIO),
    "sync": (errno.EIO,),
    "rename": (errno.EIO, errno.EACCES),
    "symlink": (errno.EROFS,),
    "link": (errno.EIO,),
    "remove": (errno.EIO,),
    "remove folder": (errno.EIO,),
    "make folder": (errno.ENOSPC, errno.EACCES),
    "mode": (errno.EPERM,),
    "truncate": (errno.EIO,),
    "database": (errno.ENOSPC,),
}
"""Kind of point -> the errors that it is given."""


class Campaign:
    """The rounds over one folder: homes to start from, results, and where everything stands."""

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
        self.old = Expected({FIRST: self.expected.release_ids[FIRST]}, {})

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

    # -- 1. every point

    def survey(self) -> None:
        """One refresh, looked at in every point; new states are copied. Its result lists all points."""
        if "survey" in self.done:
            return
        home, states = self.copy(), self.folder / "states"
        shutil.rmtree(states, ignore_errors=True)
        states.mkdir()
        child = Child(home, CYCLE, survey_action(home, states))
        code = child.wait(LIMIT_SECONDS)
        points = [json.loads(line) for line in (states / "points.jsonl").read_text().splitlines()]
        problems = in_child(lambda: problems_of_next_run(home, self.expected, code, child.said()))
        facts = {"points": points, "states": sorted({point["key"] for point in points})}
        remove_home(home)
        self.note("survey", problems, **facts)

    @property
    def points(self) -> list[dict[str, Any]]:
        first, last = self.options.points
        return [point for point in self.done["survey"]["points"] if first <= point["n"] <= last]

    def check_states(self) -> None:
        """I1 and I4 of every state, in this order; then every state is run again (I3)."""
        keys = list(dict.fromkeys(point["key"] for point in self.points))
        states = self.folder / "states"
        for key in keys:
            if f"whole {key}" not in self.done:
                problems = in_child(lambda key=key: problems_of_readers(states / key, self.expected))
                self.note(f"whole {key}", problems)
        # the last first: they are closest to the release
        again = [key for key in reversed(keys) if f"again {key}" not in self.done]
        if self.options.again is not None:
            again = again[: max(0, self.options.again - len(keys) + len(again))]
        for key in again:
            if not self.has_time():
                return
            if self.options.quick:
                fill_with_rubbish(states / key, CYCLE)
            self.run_again(states / key, f"again {key}")

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

    def rubbish(self) -> None:
        """What a killed refresh computed decides nothing: the next run gives the same over rubbish."""
        if self.options.quick or any(what.startswith("rubbish") for what in self.done) or not self.has_time():
            return
        home = copy_home(self.clean, self.folder / "rubbish")
        files = fill_with_rubbish(home, CYCLE)
        self.run_again(home, f"rubbish in {files} files of lake and work")

    # -- 2. and 3. real kills and failures

    def chosen(self, kinds: Callable[[str], bool] = lambda kind: True) -> list[dict[str, Any]]:
        """One point of every step and kind, by chance, or every one where all are asked for."""
        points = [point for point in self.points if kinds(point["kind"])]
        if self.options.quick:
            points = [point for point in points if point["step"] in EARLY]
        if self.options.every:
            return points
        groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for point in points:
            groups.setdefault((point["step"], point["kind"]), []).append(point)
        chance = random.Random(self.options.seed)  # the same points when the campaign is resumed
        return [chance.choice(group) for group in groups.values()]

    def kill_at_points(self) -> None:
        """Killed at the point, a refresh leaves the state that was seen there: by that, all of round 1 holds of kills."""
        for point in self.limited(self.chosen(), self.options.kills_at_points):
            what = f"kill {_named(point)}"
            if what in self.done:
                continue
            if not self.has_time():
                return
            home = self.copy()
            child = Child(home, CYCLE, partial(kill_at, point["n"]))
            code = child.wait(LIMIT_SECONDS)
            left = wait_until_none_of(home)
            problems = self.problems_after_kill(home, code, left)
            key = StateKeys(home, CYCLE).key()
            facts = {"is_same_state": key == point["key"], "state": key}
            if key not in {found["key"] for found in self.done["survey"]["points"]}:
                self.run_again(home, f"again after {what}")
            remove_home(home)
            self.note(what, problems, **facts)

    def limited(self, points: list[dict[str, Any]], limit: int | None) -> list[dict[str, Any]]:
        """Not more than the limit, spread evenly over the refresh."""
        if limit is None or len(points) <= limit:
            return points
        return [points[n * len(points) // limit] for n in range(limit)]

    def problems_after_kill(self, home: Path, code: int, left: list[int]) -> list[str]:
        problems = in_child(lambda: problems_of_readers(home, self.expected))
        if left:
            problems.append(f"I4: processes {left} outlive the refresh that started them")
            for pid in left:
                os.kill(pid, signal.SIGKILL)
        if code == 0:
            problems.append("I5: exit code 0 of a killed refresh")
        return problems

    def fail_at_points(self) -> None:
        """Every kind of effect fails in every step: exit code, one line that names file and remedy, all as it was."""
        points = self.limited(self.chosen(lambda kind: kind != "subprocess"), self.options.failures)
        starts = [point for point in self.points if point["kind"] == "subprocess"]
        for place, point in enumerate([*points, *(starts if self.options.failures is None else [])]):
            what = f"fail {_named(point)}"
            if what in self.done:
                continue
            if not self.has_time():
                return
            home = self.copy()
            fault = fault_of(point, place)
            child = Child(home, CYCLE, partial(fail_at, point["n"], fault))
            code, said = child.wait(LIMIT_SECONDS), child.said()
            problems = problems_of_message(point, fault, code, said)
            problems += in_child(lambda home=home: problems_of_readers(home, self.expected))
            if left := wait_until_none_of(home):
                problems.append(f"I4: processes {left} outlive the refresh that started them")
            key = StateKeys(home, CYCLE).key()
            if code == 0:
                problems += in_child(
                    lambda home=home, code=code, said=said: problems_of_next_run(
                        home, self.expected, code, said
                    )
                )
            elif key not in {found["key"] for found in self.done["survey"]["points"]} and not self.is_known(
                key
            ):
                self.run_again(home, f"again after {what}")
            remove_home(home)
            self.note(
                what,
                problems,
                fault=errno.errorcode.get(fault, "ended"),
                state=key,
                said=cause_line(said),
                code=code,
            )

    def is_known(self, key: str) -> bool:
        return any(found.get("state") == key and not found["problems"] for found in self.done.values())

    # -- 4. full disks

    def fill_disk(self) -> None:
        """A disk with little room, and a limit of file sizes, at every stage: told in a line, and made good by room."""
        for what in self.todo([f"disk with {size} MB free" for size in self.options.free_megabytes]):
            if not self.has_time():
                return
            home, free = self.folder / "disk" / "home", float(what.split()[2])
            home.parent.mkdir(exist_ok=True)
            if not mount_memory(home.parent, "200m"):
                self.say(f"  skipped: {what}: this machine does not let a small disk be mounted")
                continue
            try:
                copy_home(self.before, home)
                used = shutil.disk_usage(home).used
                mount_memory(home.parent, f"{used // 1024 + int(free * 1024)}k", again=True)
                # the look ahead would refuse: here it is the writing that shall fail
                child = Child(home, CYCLE, before=without_preflight)
                code, said = child.wait(LIMIT_SECONDS), child.said()
                problems = self.problems_of_full_disk(home, code, said)
                self.note(what, problems, code=code, said=cause_line(said), failed_in=failed_step(said))
                mount_memory(home.parent, "200m", again=True)
                if not self.options.quick:
                    self.run_again(home, f"again after {what}")
            finally:
                subprocess.run(["umount", home.parent], check=True)
        for what in self.todo([f"files up to {size} kB" for size in self.options.file_kilobytes]):
            if not self.has_time():
                return
            home = self.copy()
            child = Child(home, CYCLE, before=partial(limit_files, int(what.split()[3 - 1]) * 1024))
            code, said = child.wait(LIMIT_SECONDS), child.said()
            problems = self.problems_of_full_disk(home, code, said)
            self.note(what, problems, code=code, said=cause_line(said), failed_in=failed_step(said))
            self.run_again(home, f"again after {what}")
            remove_home(home)

    def problems_of_full_disk(self, home: Path, code: int, said: str) -> list[str]:
        problems = in_child(lambda: problems_of_readers(home, self.expected))
        if code == 0:
            return in_child(lambda: problems_of_next_run(home, self.expected, code, said))
        if code != 1 or "Traceback" in said:
            problems.append(f"I5: exit code {code}: {said[-1500:]}")
        line = cause_line(said)
        if "run the same command again" not in line:
            problems.append(f"I5: the cause names no remedy: {line!r}")
        return problems

    # -- 5. random kills

    def kill_at_random(self) -> None:
        """Killed at random times while somebody reads; after every ten kills the home is run again."""
        wanted = [f"random kill {n}" for n in range(1, self.options.kills + 1)]
        home, since = self.place, 0
        for what in self.todo(wanted):
            if not self.has_time():
                return
            number = int(what.split()[-1])
            if not home.exists() or since == 0:
                home = self.copy()
            whole_group = number % 2 == 0
            moment = self.chance.random() * self.options.refresh_seconds
            reader = Reader(home)
            child = Child(home, CYCLE)
            until = time.monotonic() + moment
            while child.poll() is None and time.monotonic() < until:
                time.sleep(0.01)
            had_dbt = bool(processes_of(home))
            was_running = child.poll() is None
            if was_running:
                child.kill(whole_group=whole_group)
            left = wait_until_none_of(home)
            problems = self.problems_after_kill(home, child.wait() if was_running else -9, left)
            problems += reader.end()
            since = (since + 1) % KILLS_BEFORE_NEXT_RUN
            self.note(what, problems, after_seconds=round(moment, 1), had_dbt=had_dbt, was_running=was_running,
                      leader_only=not whole_group)  # fmt: skip
            if (since == 0 or what == wanted[-1]) and not self.options.quick:
                self.run_again(home, f"again after {what}")
                remove_home(home)
                since = 0

    def stop_at_random(self) -> None:
        """Stopped at random moments, dbt and all, and copied: what a kill of the whole group would have left there.

        One refresh gives many such moments, up to its end; some of the copies are run again.
        """
        wanted = [f"random stop {n}" for n in range(1, self.options.stops + 1)]
        if not self.todo(wanted) or not self.has_time():
            return
        home, length = self.copy(), self.options.refresh_seconds
        moments = sorted(self.chance.random() * length for _ in wanted)
        child = Child(home, CYCLE)
        started, paused, copies = time.monotonic(), 0.0, []
        for what, moment in zip(wanted, moments, strict=True):
            while child.poll() is None and time.monotonic() - started - paused < moment:
                time.sleep(0.01)
            if child.poll() is not None:
                break
            stopped = time.monotonic()
            had_dbt = bool(processes_of(home))
            os.killpg(child.pid, signal.SIGSTOP)
            time.sleep(0.05)  # threads that are inside a write come to its end
            copies.append((what, moment, had_dbt, copy_home(home, self.folder / f"{what.replace(' ', '-')}")))
            os.killpg(child.pid, signal.SIGCONT)
            paused += time.monotonic() - stopped
        code = child.wait(LIMIT_SECONDS)
        said = child.said()
        problems = in_child(lambda: problems_of_next_run(home, self.expected, code, said))
        self.note("refresh that was stopped and went on", problems, copies=len(copies))
        remove_home(home)
        for place, (what, moment, had_dbt, copied) in enumerate(copies):
            problems = in_child(lambda copied=copied: problems_of_readers(copied, self.expected))
            self.note(what, problems, after_seconds=round(moment, 1), had_dbt=had_dbt)
            if place % (len(copies) // STOPS_RUN_AGAIN or 1) == 0 and self.has_time():
                self.run_again(copied, f"again after {what}")
            remove_home(copied)

    # -- 6. pairs

    def pairs(self) -> None:
        """Two refreshes as people start them, at once: one holds the home, the other says so in two seconds."""
        for what in self.todo([f"pair {n}" for n in range(1, self.options.pairs + 1)]):
            if not self.has_time():
                return
            home = self.copy()
            command = [SOP, "refresh", "--cycle", CYCLE, "--home", home]
            pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
            first = subprocess.Popen(command, start_new_session=True, **pipes)
            time.sleep(self.chance.random() * 0.05 if int(what.split()[-1]) % 2 else self.chance.random() * 5)
            second_started = time.monotonic()
            second = subprocess.Popen(command, start_new_session=True, **pipes)
            both = [first, second]
            until = time.monotonic() + 60
            while all(process.poll() is None for process in both) and time.monotonic() < until:
                time.sleep(0.01)
            seconds = time.monotonic() - second_started
            told = next((process for process in both if process.poll() is not None), second)
            runs = first if told is second else second
            problems = []
            if told.poll() is None:
                problems.append("both run")
            elif told.returncode != 3 or f"process {runs.pid} " not in (words := told.communicate()[1]):
                problems.append(
                    f"the other ended with {told.returncode} and did not name {runs.pid}: {words}"
                )
            if runs.poll() is not None:
                problems.append(f"neither runs: {runs.communicate()}")
            for process in both:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.communicate()
            if seconds > TOLD_WITHIN_SECONDS and not self.options.quick:
                problems.append(f"the other was told after {seconds:.1f} s")
            self.note(what, problems, seconds=round(seconds, 2))
            remove_home(home)

    # -- the whole

    def run(self) -> int:
        """All rounds, then the table and the closing line."""
        self.prepare()
        rounds = self.options.only or ROUNDS
        if {"check_states", "kill_at_points", "fail_at_points"} & set(rounds):
            rounds = ["survey", *(name for name in rounds if name != "survey")]
        for name in rounds:
            self.say(f"-- {name.replace('_', ' ')}")
            getattr(self, name)()
        if "survey" in self.done:
            self.say(table_of(self.points))
        self.say(self.closing_line())
        return 1 if any(found.get("problems") for found in self.done.values()) else 0

    def closing_line(self) -> str:
        def of(word: str) -> str:
            found = [result for what, result in self.done.items() if what.startswith(word)]
            return f"{sum(not result['problems'] for result in found)}/{len(found)}"

        points = self.points if "survey" in self.done else []
        keys = {point["key"] for point in points}
        whole = [p for p in points if not self.done.get(f"whole {p['key']}", {"problems": [1]})["problems"]]
        equal = [k for k in keys if not self.done.get(f"again {k}", {"problems": [1]})["problems"]]
        kills = [result for what, result in self.done.items() if what.startswith("kill ")]
        same = sum(result["is_same_state"] for result in kills)
        told = [result["seconds"] for what, result in self.done.items() if what.startswith("pair")]
        minutes = (time.monotonic() - self.started) / 60
        return (
            f"faults: {len(points)} points, {len(whole)} whole, {len(keys)} states, {len(equal)} run again equal; "
            f"kills at points {of('kill ')} ({same} in the very state), failures {of('fail ')}, "
            f"full disks {of('disk')} and {of('files')}, random kills {of('random kill')}, stops "
            f"{of('random stop')}, after them {of('again after random')} equal runs, pairs {of('pair')} "
            f"(told in at most {max(told, default=0):.1f} s); {minutes:.0f} min"
        )


# -- actions


def survey_action(home: Path, states: Path) -> Callable[[Point], None]:
    """Write down every point, and copy the home where it is in a state that was not seen before."""
    keys, seen = StateKeys(home, CYCLE), set[str]()

    def look(point: Point) -> None:
        key = keys.key()
        if key not in seen:
            seen.add(key)
            copy_home(home, states / key)
        with open(states / "points.jsonl", "a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(point) | {"key": key}) + "\n")

    return look


def without_preflight() -> None:
    """Let a refresh begin on a disk that is too small."""
    from sop_pipeline import preflight

    preflight.SMALLEST_FREE_BYTES = preflight.FREE_TIMES_LAST_CYCLE = 0


def limit_files(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def mount_memory(folder: Path, size: str, *, again: bool = False) -> bool:
    """A small disk of memory at a folder, or another size for the one that is there."""
    command = (
        ["mount", "-o", f"remount,size={size}", folder]
        if again
        else ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder]
    )
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def failed_step(said: str) -> str:
    """The step that a refresh says it failed in."""
    return said.partition("step '")[2].partition("'")[0] or "start"


def kill_at(n: int, point: Point) -> None:
    if point.n == n:
        os.kill(os.getpid(), signal.SIGKILL)


def fail_at(n: int, fault: int, point: Point) -> None:
    if point.n != n:
        return
    if point.kind == "dbt node":
        for pid in processes_of(_home_of_this_process()):
            os.kill(pid, signal.SIGKILL)
    elif point.kind == "solve":
        raise RuntimeError("HiGHS ended with kSolveError")
    else:
        raise OSError(fault, os.strerror(fault), str(_home_of_this_process() / point.path))


def _home_of_this_process() -> Path:
    return Path(sys.argv[sys.argv.index("--home") + 1])


def fault_of(point: dict[str, Any], place: int) -> int:
    errors = FAULTS.get(point["kind"], (errno.EACCES,))
    return errors[place % len(errors)]


def problems_of_message(point: dict[str, Any], fault: int, code: int, said: str) -> list[str]:
    """I5. An effect that the product can do without (a link that becomes a copy) may end well."""
    if code == 0:
        may_do_without = (
            point["kind"] in ("link", "remove", "remove folder", "mode", "dbt node")
            or "compute_logs" in point["path"]
        )
        return [] if may_do_without else [f"I5: exit code 0 though {_named(point)} failed"]
    problems = [] if code in (1, 2) else [f"I5: exit code {code}"]
    if "Traceback" in said:
        problems.append(f"I5: a traceback: {said[-1500:]}")
    line = cause_line(said)
    named = {"dbt node": "dbt was ended", "solve": "HiGHS ended with kSolveError", "subprocess": "dbt"}
    if _without_names_of_a_run(named.get(point["kind"], point["path"])) not in _without_names_of_a_run(line):
        problems.append(f"I5: the cause does not name {point['path']}: {line!r}")
    if point["kind"] != "solve" and "run the same command again" not in line:
        problems.append(f"I5: the cause names no remedy: {line!r}")
    return problems


def _without_names_of_a_run(text: str) -> str:
    """Process numbers, run identifiers and names that are drawn (Dagster's, scratch folders') are others in another run."""
    for drawn in (r"(dagster/storage)/[^ :]*", r"(history/runs)/[^ :]*", r"(work/sop-ingest)-[^/ :]*"):
        text = re.sub(drawn, r"\1", text)
    return re.sub(r"\d+", "N", text)


def cause_line(said: str) -> str:
    """The line that says the cause: after the line that says which step failed, or the first."""
    lines = [line for line in said.splitlines() if line.strip()]
    for place, line in enumerate(lines):
        if "was not published: step" in line or "The refresh did not start" in line:
            return lines[place + 1] if place + 1 < len(lines) else ""
    return lines[-1] if lines else ""


# -- readers


class Reader:
    """A forked process that opens `current` again and again, as a BI tool does; it keeps what it could not accept."""

    def __init__(self, home: Path) -> None:
        self.found = home.with_name(f"{home.name}.reader")
        self.found.unlink(missing_ok=True)
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self._read(home)
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is the result
                self.found.write_text(f"I2: a reader failed: {error!r}")
            finally:
                os._exit(0)

    def _read(self, home: Path) -> None:
        import duckdb

        parent = os.getppid()
        while os.getppid() == parent:
            release = (home / "current").resolve(strict=True)
            with duckdb.connect(str(release / "sop.duckdb"), read_only=True) as connection:
                name, cycle_id = connection.execute(
                    "select release_id, cycle_id from main.release_facts"
                ).fetchall()[0]
                rows = connection.execute(
                    "select count(*) from marts.kpi_scorecard where cycle_id = ?", [cycle_id]
                ).fetchall()
            whole = (release / "manifest.json").exists() and (release / "pack.html").exists()
            if name != release.name or not rows[0][0] or not whole:
                self.found.write_text(f"I2: {release.name} calls itself {name}, {rows} rows, whole: {whole}")
                return
            time.sleep(0.2)

    def end(self) -> list[str]:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        return [self.found.read_text()] if self.found.exists() else []


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


# -- words


def _named(point: dict[str, Any]) -> str:
    return f"{point['n']} {point['step']}: {point['kind']} {point['path']}"


def table_of(points: list[dict[str, Any]]) -> str:
    """Points by step (rows, as they come) and kind (columns)."""
    steps = list(dict.fromkeys(point["step"] for point in points))
    kinds = [kind for kind, _ in Counter(point["kind"] for point in points).most_common()]
    count = Counter((point["step"], point["kind"]) for point in points)
    width = max(map(len, steps), default=4) + 2

    def line(head: str, cells: Iterator[Any]) -> str:
        return head.ljust(width) + "".join(
            str(cell or "").rjust(len(kind) + 2) for cell, kind in zip(cells, [*kinds, "total"], strict=True)
        )

    rows = [line("step", iter([*kinds, "total"]))]
    for step in steps:
        cells = [count[step, kind] for kind in kinds]
        rows.append(line(step, iter([*cells, sum(cells)])))
    totals = [sum(count[step, kind] for step in steps) for kind in kinds]
    return "\n".join([*rows, line("all", iter([*totals, sum(totals)]))])


def _range(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    return int(first or 1), int(last or first)


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--points", type=_range, default=(1, 1_000_000), metavar="A-B", help="only these points"
    )
    parser.add_argument("--seconds", type=float, help="begin nothing new after this time")
    parser.add_argument(
        "--folder", type=Path, help="where homes and results stand (default: a temporary folder)"
    )
    parser.add_argument("--resume", action="store_true", help="go on from the results in --folder")
    parser.add_argument(
        "--every", action="store_true", help="really kill and fail every point, not one of each step and kind"
    )
    parser.add_argument("--again", type=int, help="run at most so many states again")
    parser.add_argument("--kills-at-points", type=int, help="at most so many real kills at points")
    parser.add_argument("--failures", type=int, help="at most so many failures")
    parser.add_argument("--kills", type=int, default=50, help="random kills")
    parser.add_argument(
        "--stops", type=int, default=30, help="random moments at which a refresh is stopped and copied"
    )
    parser.add_argument("--pairs", type=int, default=20, help="pairs of refreshes at once")
    parser.add_argument(
        "--refresh-seconds", type=float, default=40.0, help="random kills fall into this time"
    )
    parser.add_argument(
        "--only", nargs="*", choices=ROUNDS, help="only these rounds, e.g. check_states pairs"
    )
    parser.add_argument("--before", type=Path, help="a home with 2026-01 published, to be copied")
    parser.add_argument("--clean", type=Path, help="the same home after 2026-02")
    parser.add_argument(
        "--free-megabytes", type=float, nargs="*", default=[0, 0.5, 2, 4, 8, 12, 16, 20, 24, 28, 32, 40]
    )
    parser.add_argument(
        "--file-kilobytes", type=int, nargs="*", default=[8, 64, 256, 512, 1024, 2048, 4096, 8192]
    )
    parser.add_argument(
        "--quick", action="store_true", help="the round of the tests: every point, little of the rest"
    )
    parser.add_argument("--seed", type=int, default=2026)
    return parser.parse_args(arguments)


QUICK = {
    "again": 1,
    "kills_at_points": 2,
    "failures": 6,
    "free_megabytes": [0.5],
    "file_kilobytes": [],
    "kills": 1,
    "stops": 0,
    "pairs": 1,
}
"""What the quick tier leaves of the full one, besides every point."""
EARLY = ("start", "landing__delivery", "lake")
"""Steps of the first seconds: what the quick tier kills and fails a refresh in."""


def main() -> int:
    options = parse()
    if options.quick:
        vars(options).update(QUICK, refresh_seconds=3.0)
    for name in [name for name in os.environ if name.startswith("SOP_")]:
        del os.environ[name]
    load()
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
        return Campaign(options, options.folder.resolve()).run()
    with tempfile.TemporaryDirectory(prefix="sop-faults-") as folder:
        return Campaign(options, Path(folder).resolve()).run()


if __name__ == "__main__":
    sys.exit(main())
