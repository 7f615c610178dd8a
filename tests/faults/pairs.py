"""Round 6: two refreshes at once.

Add here: more of them, or other commands beside one. Keep out: faults.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from typing import Any

from grounds import CYCLE, SOP, Campaign
from states import remove_home

TOLD_WITHIN_SECONDS = 5.0
"""Two on a machine with nothing else to do; others may be at work here."""


def pairs(campaign: Campaign) -> None:
    """Two refreshes as people start them, at once: one holds the home, the other says so in two seconds."""
    for what in campaign.todo([f"pair {n}" for n in range(1, campaign.options.pairs + 1)]):
        if not campaign.has_time():
            return
        home = campaign.copy()
        command = [SOP, "refresh", "--cycle", CYCLE, "--home", home]
        pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        first = subprocess.Popen(command, start_new_session=True, **pipes)
        time.sleep(
            campaign.chance.random() * 0.05 if int(what.split()[-1]) % 2 else campaign.chance.random() * 5
        )
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
            problems.append(f"the other ended with {told.returncode} and did not name {runs.pid}: {words}")
        if runs.poll() is not None:
            problems.append(f"neither runs: {runs.communicate()}")
        for process in both:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
        if seconds > TOLD_WITHIN_SECONDS and not campaign.options.quick:
            problems.append(f"the other was told after {seconds:.1f} s")
        campaign.note(what, problems, seconds=round(seconds, 2))
        remove_home(home)
