"""A level shift is a year on one level and half a year on another; nothing else is called one."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand import find_level_shifts

MakeHistory = Callable[..., pd.DataFrame]
SEASON = [100, 80, 90, 110, 130, 150, 160, 150, 130, 110, 90, 80]


def shifts(history: pd.DataFrame, cycle: Cycle, level: str = "series") -> list[tuple[str, str, float, float]]:
    """(level, first month, median before, median after) of what is found in uncleansed history."""
    clean = history.rename(columns={"ordered_units": "raw_units"})
    found = find_level_shifts(clean, cycle)
    found = found[found["level"] == level]
    months = found["period_start_date"].dt.strftime("%Y-%m")
    return list(
        zip(
            found["level_id"],
            months,
            found["before_units_per_month"],
            found["after_units_per_month"],
            strict=True,
        )
    )


def test_a_jump_that_lasts_half_a_year_is_named_with_its_month_and_medians(
    make_history: MakeHistory, cycle: Cycle
) -> None:
    units = [100] * 14 + [200, 210, 190, 220, 200, 205]
    assert shifts(make_history("A", units), cycle) == [("A @ DC1 / retail", "2025-07", 100.0, 202.5)]


def test_a_fall_is_a_shift_too(make_history: MakeHistory, cycle: Cycle) -> None:
    assert shifts(make_history("A", [90] * 12 + [30] * 8), cycle) == [
        ("A @ DC1 / retail", "2025-05", 90.0, 30.0)
    ]


@pytest.mark.parametrize(
    ("what", "units"),
    [
        ("five months are too few", [100] * 15 + [200] * 5),
        ("one month back on the old level ends it", [100] * 14 + [200, 200, 200, 100, 200, 200]),
        ("below one and a half times it is growth", [100] * 14 + [140] * 6),
        ("a season comes back every year", SEASON * 3),
        ("a season has been seen in the year before", SEASON + SEASON[:6]),
        ("growth by 2 % a month has no break", list(100 * 1.02 ** np.arange(36))),
        ("a launch has no year before it", [50, 60, 200, 200, 200, 200, 200, 200]),
        ("the end of an item is no new level", [100] * 14 + [0] * 6),
        ("a few units more of a rare item are chance", [1] * 14 + [3] * 6),
        ("three years ago is history", [100] * 12 + [200] * 30),
    ],
)
def test_what_is_no_shift(what: str, units: list[float], make_history: MakeHistory, cycle: Cycle) -> None:
    assert shifts(make_history("A", units), cycle) == [], what


def test_of_a_rise_in_steps_the_widest_gap_is_named(make_history: MakeHistory, cycle: Cycle) -> None:
    # 40 above 10 is wider than 60 above 40
    assert shifts(make_history("A", [10] * 12 + [40] + [60] * 7), cycle)[0][1] == "2025-05"


def test_a_channel_shifts_by_items_that_each_are_only_launched(
    make_history: MakeHistory, cycle: Cycle
) -> None:
    history = pd.concat([make_history("OLD", [100] * 24), make_history("NEW", [900] * 7)])
    assert shifts(history, cycle) == []
    assert shifts(history, cycle, "channel") == [("retail", "2025-06", 100.0, 1000.0)]


def test_no_history_has_no_shift(make_history: MakeHistory, cycle: Cycle) -> None:
    assert shifts(make_history("A", [100]).iloc[:0], cycle) == []
