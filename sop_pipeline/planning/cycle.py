"""The planning cycle and its months.

A cycle is named by the month in which it is run: actuals are closed through the month before, the plan's first period
is the cycle's own month. Add here: arithmetic of planning periods. Keep out: the clock, working days (`schedules`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

SHORTEST_HORIZON, LONGEST_HORIZON = 12, 36


@dataclass(frozen=True)
class Cycle:
    """One monthly cycle: `cycle_id` is YYYY-MM, the horizon is counted in months from the cycle's own.

    Raises ValueError for a malformed id or a horizon outside 12 to 36 months.
    """

    cycle_id: str
    horizon_months: int = 18

    def __post_init__(self) -> None:
        if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", self.cycle_id):
            raise ValueError(f"A cycle is named by its month, YYYY-MM; got {self.cycle_id!r}.")
        if not SHORTEST_HORIZON <= self.horizon_months <= LONGEST_HORIZON:
            raise ValueError(
                f"horizon_months is {self.horizon_months}, allowed {SHORTEST_HORIZON} to {LONGEST_HORIZON}."
            )

    @property
    def start(self) -> pd.Timestamp:
        """First day of the cycle's own month; actuals are closed before it."""
        return pd.Timestamp(f"{self.cycle_id}-01")

    @property
    def periods(self) -> pd.DatetimeIndex:
        """First days of the horizon's months."""
        return pd.date_range(self.start, periods=self.horizon_months, freq="MS")

    def shifted(self, months: int) -> Cycle:
        """The cycle `months` later (earlier where negative)."""
        return Cycle(f"{self.start + pd.DateOffset(months=months):%Y-%m}", self.horizon_months)
