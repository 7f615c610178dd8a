"""Level shifts: months from which demand stands on another level than in the year before.

A shift is shown, and judged by people; seasons and models treat broken levels by themselves (see `seasonality`).
Add here: another test of a level. Keep out: what is done about a shift, outliers of single months (`history`).
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.series import MONTHS_PER_YEAR, SERIES, UNIT_DECIMALS, FloatArray, build_grid

BEFORE_MONTHS = MONTHS_PER_YEAR  # a whole year: every season has been seen before the shift
# fewer could be one promotion; of chance alone 6 of 18 months lie on top once in 18,564 times
AFTER_MONTHS = 6
LOOK_BACK_MONTHS = 24
SHIFT_FACTOR = 1.5
LEAST_UNITS = 6.0  # of the higher level, a month: below, one order more is half the level

CHANNEL, SERIES_LEVEL = "channel", "series"

COLUMNS = [
    "cycle_id",
    "level",
    "level_id",
    *SERIES,
    "period_start_date",
    "before_units_per_month",
    "after_units_per_month",
    "shift_ratio",
]


@dataclass(frozen=True)
class _Shift:
    column: int
    before: float
    after: float


def find_level_shifts(clean: pd.DataFrame, cycle: Cycle) -> pd.DataFrame:
    """Shifts of whole channels and of single series: table `demand_shifts`, one row per shifted level.

    `clean` is `planning.demand_history_clean` (raw_units; what was cleansed away may be the shift itself). A month begins a
    new level if every month since (6 to 12 of them) lies above every one of the 12 months before, or every one below,
    and the median month differs by a factor of at least 1.5. Of several such months in the last 24 the one with the
    widest gap is named. A launch is no shift (months before a first demand are no level), nor is an end or a rare demand
    (a level whose median month is below one unit).
    """
    by_channel = clean.groupby(["channel_id", "period_start_date"], as_index=False)["raw_units"].sum()
    found = [
        *_shifts(by_channel.assign(item_id="all", site_id="all"), CHANNEL, cycle),
        *_shifts(clean, SERIES_LEVEL, cycle),
    ]
    shifts = pd.DataFrame(found, columns=COLUMNS)
    return shifts.astype({"period_start_date": "datetime64[ns]"})


def _shifts(rows: pd.DataFrame, level: str, cycle: Cycle) -> list[dict[str, object]]:
    if rows.empty:
        return []
    grid = build_grid(rows, "raw_units", cycle)
    found: list[dict[str, object]] = []
    for key, values in zip(grid.keys.to_dict("records"), grid.values, strict=True):
        shift = _widest_shift(values)
        if shift is None:
            continue
        item, site, channel = (str(key[name]) for name in SERIES)
        is_channel = level == CHANNEL
        found.append(
            {
                "cycle_id": cycle.cycle_id,
                "level": level,
                "level_id": channel if is_channel else f"{item} @ {site} / {channel}",
                "item_id": None if is_channel else item,
                "site_id": None if is_channel else site,
                "channel_id": channel,
                "period_start_date": grid.periods[shift.column],
                "before_units_per_month": round(shift.before, UNIT_DECIMALS),
                "after_units_per_month": round(shift.after, UNIT_DECIMALS),
                "shift_ratio": round(shift.after / shift.before, 6),
            }
        )
    return found


def _widest_shift(values: FloatArray) -> _Shift | None:
    """The split of one series' months (NaN before its first) with the widest gap between the two levels."""
    widest, best = 0.0, None
    last = len(values) - AFTER_MONTHS
    for split in range(max(BEFORE_MONTHS, len(values) - LOOK_BACK_MONTHS), last + 1):
        before, after = values[split - BEFORE_MONTHS : split], values[split : split + MONTHS_PER_YEAR]
        if np.isnan(before).any():
            continue
        low, high = (before, after) if np.median(after) > np.median(before) else (after, before)
        is_large = np.median(high) >= max(SHIFT_FACTOR * np.median(low), LEAST_UNITS) and np.median(low) >= 1
        gap = np.log1p(high.min()) - np.log1p(low.max())  # above 0 where no month of one lies among the other
        if is_large and gap > widest:
            widest, best = gap, _Shift(split, float(np.median(before)), float(np.median(after)))
    return best
