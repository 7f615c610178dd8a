"""How to look for the plan, and when to stop: what a company or a planner may say about solving.

Add here: a limit that people may set. Keep out: the solver's own options and words (`solving.highs`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Algorithm = Literal["auto", "interior_point", "simplex"]
LARGEST_SEED = 2**31 - 1
SIMPLEX_UP_TO = 5_000
"""Columns up to which `auto` means dual simplex; above, interior point and crossover (measured: bench/README.md)."""
TIME_LIMIT_SECONDS = 1800.0
"""A demo cycle takes 10 s, one of ten times its size some minutes."""


@dataclass(frozen=True)
class SolveLimits:
    """How to look for the plan and when to stop; the plan itself depends on none but time and gap.

    `gap_ratio`: for whole numbers, the distance to the best bound that is good enough. `workers`: parts of the programme solved
    at once. `bundle_columns`: columns that are worth a solver of their own.
    """

    time_limit_seconds: float = TIME_LIMIT_SECONDS
    gap_ratio: float = 1e-6
    algorithm: Algorithm = "auto"
    seed: int = 1
    workers: int = 2
    bundle_columns: int = 10_000
