"""Time and memory of a demo cycle by step, and how each grows from size to size: `make bench`.

Every scale gets a fresh home in a temporary folder and two cycles, each a process of its own; the second one executes
the plan that the first published. Growth is told by CPU seconds, which other work on the machine changes least. Nothing is asserted; the figures to reach are printed beside.
Add here: another figure of a cycle. Keep out: ratios to a floor (`floors`), what a size is (`sizes`).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from process_tree import Sample, TreeSampler

BENCH = Path(__file__).resolve().parent
CYCLES = ("2026-01", "2026-02")
REACH = "to reach at 1x on 2 cores: under 60 s of wall time, outside at most 25 %, peak under 1.5 GB"

Interval = tuple[float, float]


@dataclass(frozen=True)
class Step:
    """What a step took."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int


@dataclass(frozen=True)
class Measured:
    """What one cycle took, in a process of its own."""

    scale: float
    cycle_id: str
    release_id: str
    wall_seconds: float  # from starting the process to its end
    cpu_seconds: float
    peak_bytes: int
    import_seconds: float  # before, between and after steps
    event_seconds: float  # Dagster's handling of events inside steps
    steps: dict[str, Step]

    @property
    def outside_seconds(self) -> float:
        """Neither a step's body nor an import. Handling an event is no step's body, though it may overlap with dbt."""
        inside = sum(step.seconds for step in self.steps.values()) - self.event_seconds
        return self.wall_seconds - inside - self.import_seconds


def main() -> None:
    """Measure every scale asked for; print each, the growth between them, and the ratios to their floors."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--scale",
        type=float,
        action="append",
        help="size of the demo company; give it again for growth [default: 1]",
    )
    parser.add_argument(
        "--cycles", type=int, default=2, choices=(1, 2), help="cycles of each size [default: 2]"
    )
    parser.add_argument("--home", type=Path, help="keep the homes in this folder instead of a temporary one")
    parser.add_argument("--no-floors", action="store_true", help="leave out the ratios to the floors")
    chosen = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before the start. Figures {REACH}.\n")
    with tempfile.TemporaryDirectory(prefix="sop-bench-") as temporary:
        root = chosen.home or Path(temporary)
        done = [
            measure_scale(scale, root, CYCLES[: chosen.cycles], not chosen.no_floors)
            for scale in chosen.scale or [1.0]
        ]
    for small, large in pairwise(done):
        if small and large:
            print_growth(small[0], large[0])


def measure_scale(scale: float, root: Path, cycles: Sequence[str], with_floors: bool) -> list[Measured]:
    """The cycles of a scale, printed as they come; none after a failure, which is printed as well."""
    home, done = root / f"scale-{scale:g}", []
    for cycle_id in cycles:
        try:
            done.append(run_cycle(scale, cycle_id, home))
        except subprocess.CalledProcessError as error:
            print(f"\n{scale:g}x {cycle_id} failed: {error.stderr.strip().splitlines()[-1]}\n")
            return done
        print_cycle(done[-1])
    if with_floors:
        subprocess.run(
            [sys.executable, BENCH / "floors.py", "--home", home, "--cycle", cycles[-1]], check=True
        )
    return done


def run_cycle(scale: float, cycle_id: str, home: Path) -> Measured:
    """Run and measure one cycle. Raises CalledProcessError where it fails."""
    with tempfile.TemporaryDirectory() as folder:
        report, errors = Path(folder) / "report.json", Path(folder) / "errors.txt"
        command = [sys.executable, str(BENCH / "cycle.py"), "--home", str(home), "--scale", str(scale),
                   "--cycle", cycle_id, "--report", str(report)]  # fmt: skip
        started = time.monotonic()
        with errors.open("w") as stderr:
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=stderr)
        sampler = TreeSampler(process.pid)
        sampler.start()
        _, status, usage = os.wait4(process.pid, 0)
        ended = time.monotonic()
        samples = sampler.stop()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(
                process.returncode, command, stderr=errors.read_text() or "no words"
            )
        found = json.loads(report.read_text())
    steps = {name: (times[0], times[-1]) for name, times in found["steps"].items()}
    inside = list(steps.values())
    return Measured(
        scale=scale,
        cycle_id=cycle_id,
        release_id=found["release_id"],
        wall_seconds=ended - started,
        cpu_seconds=usage.ru_utime + usage.ru_stime,
        peak_bytes=max(sample.resident_bytes for sample in samples),
        import_seconds=_length(found["imports"]) - _overlap(found["imports"], inside),
        event_seconds=_overlap(found["events"], inside),
        steps={name: _step(interval, samples) for name, interval in steps.items()},
    )


def _step(interval: Interval, samples: Sequence[Sample]) -> Step:
    start, end = interval
    before = max((s for s in samples if s.at <= start), key=lambda s: s.at, default=samples[0])
    after = min((s for s in samples if s.at >= end), key=lambda s: s.at, default=samples[-1])
    during = [sample.resident_bytes for sample in samples if before.at <= sample.at <= after.at]
    return Step(end - start, after.cpu_seconds - before.cpu_seconds, max(during))


def _length(intervals: Iterable[Interval]) -> float:
    return sum(end - start for start, end in intervals)


def _overlap(intervals: Iterable[Interval], others: Sequence[Interval]) -> float:
    """Seconds that both lists cover; neither list overlaps with itself."""
    return sum(max(0.0, min(end, to) - max(start, since)) for start, end in intervals for since, to in others)


def print_cycle(measured: Measured) -> None:
    """One cycle, step by step."""
    wall = measured.wall_seconds
    print(f"{measured.scale:g}x  cycle {measured.cycle_id}  {measured.release_id}")
    print(f"  {'step':<32}{'wall s':>8}{'CPU s':>8}{'peak MB':>9}")
    for name, step in measured.steps.items():
        print(f"  {name:<32}{step.seconds:8.1f}{step.cpu_seconds:8.1f}{step.peak_bytes / 1e6:9.0f}")
    print(f"  {'imports outside steps':<32}{measured.import_seconds:8.1f}")
    share = measured.outside_seconds / wall
    print(
        f"  {'outside bodies and imports':<32}{measured.outside_seconds:8.1f}  {share:.0%} (to reach: 25 %)"
    )
    print(f"  {'  of it events inside steps':<32}{measured.event_seconds:8.1f}")
    print(
        f"  {'whole command':<32}{wall:8.1f}{measured.cpu_seconds:8.1f}{measured.peak_bytes / 1e6:9.0f}"
        "  (to reach: 60 s, 1500 MB)\n",
        flush=True,
    )


def print_growth(small: Measured, large: Measured) -> None:
    """Factor and exponent from one scale to the next: 1 is proportional to the size."""
    ratio = large.scale / small.scale
    print(f"growth {small.scale:g}x -> {large.scale:g}x, cycle {large.cycle_id}")
    print(f"  {'step':<32}{'CPU s':>16}{'factor':>8}{'exponent':>10}{'peak MB':>16}{'factor':>8}")
    rows = [(name, small.steps[name], step) for name, step in large.steps.items() if name in small.steps]
    whole = (Step(one.wall_seconds, one.cpu_seconds, one.peak_bytes) for one in (small, large))
    for name, one, other in [*rows, ("whole command", *whole)]:
        factor = other.cpu_seconds / max(one.cpu_seconds, 0.1)
        exponent = math.log(factor) / math.log(ratio)
        memory = f"{one.peak_bytes / 1e6:.0f} -> {other.peak_bytes / 1e6:.0f}"
        seconds = f"{one.cpu_seconds:.1f} -> {other.cpu_seconds:.1f}"
        print(
            f"  {name:<32}{seconds:>16}{factor:8.1f}{exponent:10.2f}{memory:>16}{other.peak_bytes / one.peak_bytes:8.1f}"
        )
    print()


if __name__ == "__main__":
    main()
