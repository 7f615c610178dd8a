"""Round 4: a disk with little room, and a limit of file sizes, at every stage.

Add here: another way in which room ends. Keep out: effects that are refused one by one (`at_points`).
"""

from __future__ import annotations

import resource
import shutil
import subprocess
from functools import partial
from pathlib import Path

from children import Child, in_child
from grounds import CYCLE, LIMIT_SECONDS, Campaign
from messages import cause_line, failed_step
from states import copy_home, problems_of_next_run, problems_of_readers, remove_home


def fill_disk(campaign: Campaign) -> None:
    """A disk with little room, and a limit of file sizes, at every stage: told in a line, and made good by room."""
    for what in campaign.todo([f"disk with {size} MB free" for size in campaign.options.free_megabytes]):
        if not campaign.has_time():
            return
        home, free = campaign.folder / "disk" / "home", float(what.split()[2])
        home.parent.mkdir(exist_ok=True)
        if not mount_memory(home.parent, "200m"):
            campaign.say(f"  skipped: {what}: this machine does not let a small disk be mounted")
            continue
        try:
            copy_home(campaign.before, home)
            used = shutil.disk_usage(home).used
            mount_memory(home.parent, f"{used // 1024 + int(free * 1024)}k", again=True)
            # the look ahead would refuse: here it is the writing that shall fail
            child = Child(home, CYCLE, before=without_preflight)
            code, said = child.wait(LIMIT_SECONDS), child.said()
            problems = problems_of_full_disk(campaign, home, code, said)
            campaign.note(what, problems, code=code, said=cause_line(said), failed_in=failed_step(said))
            mount_memory(home.parent, "200m", again=True)
            if not campaign.options.quick:
                campaign.run_again(home, f"again after {what}")
        finally:
            subprocess.run(["umount", home.parent], check=True)
    for what in campaign.todo([f"files up to {size} kB" for size in campaign.options.file_kilobytes]):
        if not campaign.has_time():
            return
        home = campaign.copy()
        child = Child(home, CYCLE, before=partial(limit_files, int(what.split()[3 - 1]) * 1024))
        code, said = child.wait(LIMIT_SECONDS), child.said()
        problems = problems_of_full_disk(campaign, home, code, said)
        campaign.note(what, problems, code=code, said=cause_line(said), failed_in=failed_step(said))
        campaign.run_again(home, f"again after {what}")
        remove_home(home)


def problems_of_full_disk(campaign: Campaign, home: Path, code: int, said: str) -> list[str]:
    problems = in_child(lambda: problems_of_readers(home, campaign.expected))
    if code == 0:
        return in_child(lambda: problems_of_next_run(home, campaign.expected, code, said))
    if code != 1 or "Traceback" in said:
        problems.append(f"I5: exit code {code}: {said[-1500:]}")
    line = cause_line(said)
    if "run the same command again" not in line:
        problems.append(f"I5: the cause names no remedy: {line!r}")
    return problems


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
