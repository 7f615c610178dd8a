"""CPU seconds and memory of a process and everything it starts, sampled from /proc while it runs (Linux).

Add here: another figure that the kernel keeps by process. Keep out: what the process does.
"""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

INTERVAL_SECONDS = 0.1
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Sample:
    """What the tree had used at a moment of the monotonic clock."""

    at: float
    cpu_seconds: float  # of the living, and of their ended children
    resident_bytes: int  # summed: pages that two processes share count twice


class TreeSampler(threading.Thread):
    """Samples a process tree until it is told to stop."""

    def __init__(self, root: int) -> None:
        super().__init__(daemon=True)
        self.root = root
        self.samples: list[Sample] = []
        self._stop_asked = threading.Event()

    def run(self) -> None:
        """Sample until stopped."""
        while not self._stop_asked.wait(INTERVAL_SECONDS):
            self.samples.append(sample_tree(self.root))

    def stop(self) -> list[Sample]:
        """The samples, after the last one."""
        self._stop_asked.set()
        self.join()
        return self.samples


def sample_tree(root: int) -> Sample:
    """CPU and memory of `root` and its descendants now."""
    stats = _stats()
    tree, waiting = set(), {root}
    while waiting:
        tree |= waiting
        waiting = {pid for pid, stat in stats.items() if stat[0] in waiting} - tree
    alive = [stats[pid] for pid in tree if pid in stats]
    return Sample(time.monotonic(), sum(stat[1] for stat in alive), sum(stat[2] for stat in alive))


def _stats() -> dict[int, tuple[int, float, int]]:
    """Process -> (parent, CPU seconds with ended children, resident bytes)."""
    found = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            text = (folder / "stat").read_text()
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended meanwhile
        field = text.rpartition(")")[2].split()  # from the third field of proc(5) on
        ticks = sum(int(value) for value in field[11:15])
        found[int(folder.name)] = (int(field[1]), ticks / TICKS, int(field[21]) * PAGE_BYTES)
    return found
