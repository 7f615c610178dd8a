"""Round 5: a refresh killed, or stopped and copied, at random times, while somebody reads.

Add here: another fault whose moment is drawn. Keep out: moments that are looked for (`at_points`).
"""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from children import Child, in_child, processes_of, wait_until_none_of
from grounds import CYCLE, LIMIT_SECONDS, Campaign
from states import copy_home, problems_of_next_run, problems_of_readers, remove_home

KILLS_BEFORE_NEXT_RUN = 10
STOPS_RUN_AGAIN = 5


def kill_at_random(campaign: Campaign) -> None:
    """Killed at random times while somebody reads; after every ten kills the home is run again."""
    wanted = [f"random kill {n}" for n in range(1, campaign.options.kills + 1)]
    home, since = campaign.place, 0
    for what in campaign.todo(wanted):
        if not campaign.has_time():
            return
        number = int(what.split()[-1])
        if not home.exists() or since == 0:
            home = campaign.copy()
        whole_group = number % 2 == 0
        moment = campaign.chance.random() * campaign.options.refresh_seconds
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
        problems = campaign.problems_after_kill(home, child.wait() if was_running else -9, left)
        problems += reader.end()
        since = (since + 1) % KILLS_BEFORE_NEXT_RUN
        campaign.note(what, problems, after_seconds=round(moment, 1), had_dbt=had_dbt, was_running=was_running,
                  leader_only=not whole_group)  # fmt: skip
        if (since == 0 or what == wanted[-1]) and not campaign.options.quick:
            campaign.run_again(home, f"again after {what}")
            remove_home(home)
            since = 0


def stop_at_random(campaign: Campaign) -> None:
    """Stopped at random moments, dbt and all, and copied: what a kill of the whole group would have left there.

    One refresh gives many such moments, up to its end; some of the copies are run again.
    """
    wanted = [f"random stop {n}" for n in range(1, campaign.options.stops + 1)]
    if not campaign.todo(wanted) or not campaign.has_time():
        return
    home, length = campaign.copy(), campaign.options.refresh_seconds
    moments = sorted(campaign.chance.random() * length for _ in wanted)
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
        copies.append((what, moment, had_dbt, copy_home(home, campaign.folder / f"{what.replace(' ', '-')}")))
        os.killpg(child.pid, signal.SIGCONT)
        paused += time.monotonic() - stopped
    code = child.wait(LIMIT_SECONDS)
    said = child.said()
    problems = in_child(lambda: problems_of_next_run(home, campaign.expected, code, said))
    campaign.note("refresh that was stopped and went on", problems, copies=len(copies))
    remove_home(home)
    for place, (what, moment, had_dbt, copied) in enumerate(copies):
        problems = in_child(lambda copied=copied: problems_of_readers(copied, campaign.expected))
        campaign.note(what, problems, after_seconds=round(moment, 1), had_dbt=had_dbt)
        if place % (len(copies) // STOPS_RUN_AGAIN or 1) == 0 and campaign.has_time():
            campaign.run_again(copied, f"again after {what}")
        remove_home(copied)


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
