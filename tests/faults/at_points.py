"""Rounds 1 to 3: a refresh looked at in every point, really killed at points, and effects that fail.

Add here: what happens at a point. Keep out: what a point is (`injection`).
"""

from __future__ import annotations

import errno
import json
import os
import random
import re
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from children import Child, in_child, processes_of, wait_until_none_of
from grounds import CYCLE, LIMIT_SECONDS, Campaign
from injection import Point
from messages import cause_line
from states import (
    StateKeys,
    copy_home,
    fill_with_rubbish,
    problems_of_next_run,
    problems_of_readers,
    remove_home,
)

EARLY = ("start", "landing__delivery", "lake")
"""Steps of the first seconds: what the quick tier kills and fails a refresh in."""
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


def survey(campaign: Campaign) -> None:
    """One refresh, looked at in every point; new states are copied. Its result lists all points."""
    if "survey" in campaign.done:
        return
    home, states = campaign.copy(), campaign.folder / "states"
    shutil.rmtree(states, ignore_errors=True)
    states.mkdir()
    child = Child(home, CYCLE, survey_action(home, states))
    code = child.wait(LIMIT_SECONDS)
    points = [json.loads(line) for line in (states / "points.jsonl").read_text().splitlines()]
    problems = in_child(lambda: problems_of_next_run(home, campaign.expected, code, child.said()))
    facts = {"points": points, "states": sorted({point["key"] for point in points})}
    remove_home(home)
    campaign.note("survey", problems, **facts)


def check_states(campaign: Campaign) -> None:
    """I1 and I4 of every state, in this order; then every state is run again (I3)."""
    keys = list(dict.fromkeys(point["key"] for point in campaign.points))
    states = campaign.folder / "states"
    for key in keys:
        if f"whole {key}" not in campaign.done:
            problems = in_child(lambda key=key: problems_of_readers(states / key, campaign.expected))
            campaign.note(f"whole {key}", problems)
    # the last first: they are closest to the release
    again = [key for key in reversed(keys) if f"again {key}" not in campaign.done]
    if campaign.options.again is not None:
        again = again[: max(0, campaign.options.again - len(keys) + len(again))]
    for key in again:
        if not campaign.has_time():
            return
        if campaign.options.quick:
            fill_with_rubbish(states / key, CYCLE)
        campaign.run_again(states / key, f"again {key}")


def rubbish(campaign: Campaign) -> None:
    """What a killed refresh computed decides nothing: the next run gives the same over rubbish."""
    if (
        campaign.options.quick
        or any(what.startswith("rubbish") for what in campaign.done)
        or not campaign.has_time()
    ):
        return
    home = copy_home(campaign.clean, campaign.folder / "rubbish")
    files = fill_with_rubbish(home, CYCLE)
    campaign.run_again(home, f"rubbish in {files} files of lake and work")


def kill_at_points(campaign: Campaign) -> None:
    """Killed at the point, a refresh leaves the state that was seen there: by that, all of round 1 holds of kills."""
    for point in limited(campaign, chosen(campaign), campaign.options.kills_at_points):
        what = f"kill {_named(point)}"
        if what in campaign.done:
            continue
        if not campaign.has_time():
            return
        home = campaign.copy()
        child = Child(home, CYCLE, partial(kill_at, point["n"]))
        code = child.wait(LIMIT_SECONDS)
        left = wait_until_none_of(home)
        problems = campaign.problems_after_kill(home, code, left)
        key = StateKeys(home, CYCLE).key()
        facts = {"is_same_state": key == point["key"], "state": key}
        if key not in {found["key"] for found in campaign.done["survey"]["points"]}:
            campaign.run_again(home, f"again after {what}")
        remove_home(home)
        campaign.note(what, problems, **facts)


def fail_at_points(campaign: Campaign) -> None:
    """Every kind of effect fails in every step: exit code, one line that names file and remedy, all as it was."""
    points = limited(campaign, chosen(campaign, lambda kind: kind != "subprocess"), campaign.options.failures)
    starts = [point for point in campaign.points if point["kind"] == "subprocess"]
    for place, point in enumerate([*points, *(starts if campaign.options.failures is None else [])]):
        what = f"fail {_named(point)}"
        if what in campaign.done:
            continue
        if not campaign.has_time():
            return
        home = campaign.copy()
        fault = fault_of(point, place)
        child = Child(home, CYCLE, partial(fail_at, point["n"], fault))
        code, said = child.wait(LIMIT_SECONDS), child.said()
        problems = problems_of_message(point, fault, code, said)
        problems += in_child(lambda home=home: problems_of_readers(home, campaign.expected))
        if left := wait_until_none_of(home):
            problems.append(f"I4: processes {left} outlive the refresh that started them")
        key = StateKeys(home, CYCLE).key()
        if code == 0:
            problems += in_child(
                lambda home=home, code=code, said=said: problems_of_next_run(
                    home, campaign.expected, code, said
                )
            )
        elif key not in {
            found["key"] for found in campaign.done["survey"]["points"]
        } and not campaign.is_known(key):
            campaign.run_again(home, f"again after {what}")
        remove_home(home)
        campaign.note(
            what,
            problems,
            fault=errno.errorcode.get(fault, "ended"),
            state=key,
            said=cause_line(said),
            code=code,
        )


def chosen(campaign: Campaign, kinds: Callable[[str], bool] = lambda kind: True) -> list[dict[str, Any]]:
    """One point of every step and kind, by chance, or every one where all are asked for."""
    points = [point for point in campaign.points if kinds(point["kind"])]
    if campaign.options.quick:
        points = [point for point in points if point["step"] in EARLY]
    if campaign.options.every:
        return points
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for point in points:
        groups.setdefault((point["step"], point["kind"]), []).append(point)
    chance = random.Random(campaign.options.seed)  # the same points when the campaign is resumed
    return [chance.choice(group) for group in groups.values()]


def limited(campaign: Campaign, points: list[dict[str, Any]], limit: int | None) -> list[dict[str, Any]]:
    """Not more than the limit, spread evenly over the refresh."""
    if limit is None or len(points) <= limit:
        return points
    return [points[n * len(points) // limit] for n in range(limit)]


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


def _named(point: dict[str, Any]) -> str:
    return f"{point['n']} {point['step']}: {point['kind']} {point['path']}"
