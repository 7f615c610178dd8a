"""What a campaign is asked to do: the options of its command line, and what the quick tier leaves of them.

Add here: an option, or a limit of the quick tier. Keep out: the rounds themselves.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

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


def _range(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    return int(first or 1), int(last or first)


def parse(description: str, rounds: Iterable[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=description)
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
        "--only", nargs="*", choices=rounds, help="only these rounds, e.g. check_states pairs"
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
    return parser.parse_args()
