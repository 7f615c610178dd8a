"""Whole lots and people beside a question: what is asked of the plan changes them, so they are looked for again.

The search begins with the whole numbers of the plan of record and the rest of the plan at its best around them, so that no answer
is worse than keeping to these. Add here: how long a question may search. Keep out: the search itself (`solving.whole_numbers`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sop_pipeline.planning.supply.network import Floats
from sop_pipeline.planning.supply.solve_limits import SolveLimits
from sop_pipeline.planning.supply.solving.arrays import Arrays
from sop_pipeline.planning.supply.solving.solve import Solved
from sop_pipeline.planning.supply.solving.whole_numbers import branch_and_bound

TIME_RATIO = 0.1
"""Of the plan's own time limit, what one question may take: there may be dozens."""


class WholesOfRecord:
    """Whole numbers of the plan of record, and those of what is asked."""

    def __init__(self, arrays: Arrays, solved: Solved, limits: SolveLimits) -> None:
        self.arrays = arrays
        self.values, self.gap_ratio = solved.values[arrays.whole], solved.gap_ratio
        self.base = arrays.with_whole(self.values)
        self.limits = replace(limits, time_limit_seconds=TIME_RATIO * limits.time_limit_seconds)

    def of(self, arrays: Arrays, best_around: Callable[[Arrays], Floats]) -> tuple[Arrays, float]:
        """The programme with its whole numbers fixed, and the gap of the search. `best_around`: values at whole numbers that are fixed.

        Raises SupplySolveError where none are found.
        """
        if not len(arrays.whole):
            return arrays, 0.0
        if arrays is self.arrays:
            return self.base, self.gap_ratio
        start = best_around(arrays.with_whole(self.values))
        found, _, gap_ratio = branch_and_bound(arrays, self.limits, start)
        return arrays.with_whole(found[arrays.whole]), gap_ratio
