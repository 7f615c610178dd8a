"""A long frame (unique_id, ds, y) becomes series without holes, and everything that was wrong with it is told.

Nothing is dropped in silence and no series stops the others: impossible values (missing, infinite, above 1e12) are replaced
and counted, gaps filled and counted, repeated periods merged and counted. Add here: another way in which a panel can be
wrong. Keep out: what a series is forecast with.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sop_pipeline.planning.demand.kernels.batch import Series
from sop_pipeline.planning.demand.panel.calendar import Calendar, find_calendar, named_calendar
from sop_pipeline.planning.demand.series import LARGEST_CREDIBLE_UNITS

COLUMNS = ("unique_id", "ds", "y")
MOST_SEASONS, MOST_PERIODS = 10, 300  # of the latest history that is looked at, whichever is more
BROKEN_RATIO = 1 / 3  # of a series' values that are impossible: it is then not modelled


class UnreadablePanel(ValueError):
    """A frame that is no panel: what is wrong with it, all at once, and the remedy."""


@dataclass(frozen=True)
class Panel:
    """Series of a panel, sorted by id: their values, the number of the last period, and what had to be done to them."""

    ids: np.ndarray
    series: Series
    last_period: np.ndarray
    calendar: Calendar
    is_repaired: np.ndarray
    is_broken: np.ndarray
    notes: list[str] = field(default_factory=list)


def read_panel(
    frame: pd.DataFrame, season: int | None = None, frequency: str | None = None, gaps: str = "zero"
) -> Panel:
    """Read a long frame; `gaps`: "zero" (no row, no demand) or "interpolate". Raises UnreadablePanel, UnknownFrequency."""
    problems = _problems(frame, gaps)
    if problems:
        raise UnreadablePanel(
            "This is no panel of series:\n" + "\n".join(f" * {problem}" for problem in problems)
        )
    notes: list[str] = []
    codes, ids = _series_codes(frame["unique_id"])
    ds, y = _dates(frame["ds"]), pd.to_numeric(frame["y"], errors="coerce").to_numpy(dtype=np.float64)
    is_dated = ~ds.isna().to_numpy() & (codes >= 0)
    if not is_dated.all():
        notes.append(f"{(~is_dated).sum():,} rows have no readable date or no unique_id: left out.")
        codes, ds, y = codes[is_dated], ds[is_dated], y[is_dated]
        if not len(codes):
            raise UnreadablePanel("No row has both a unique_id and a date. Write dates as 2026-01-31.")
    order = np.lexsort((ds.to_numpy(), codes))
    codes, ds, y = codes[order], ds.iloc[order].reset_index(drop=True), y[order]
    calendar = find_calendar(ds, codes) if frequency is None else named_calendar(frequency, ds)
    period = calendar.numbers(ds)
    with np.errstate(invalid="ignore"):
        is_possible = np.isfinite(y) & (np.abs(y) <= LARGEST_CREDIBLE_UNITS)
    codes, period, y, is_possible, repeated = _merge_repeated(codes, period, y, is_possible)
    present, codes = np.unique(codes, return_inverse=True)
    ids = ids[present]
    flat = _fill(codes, period, y, is_possible, len(ids), gaps, season or calendar.season)
    _tell(notes, ids, codes, is_possible, repeated, flat, gaps)
    is_repaired = flat.impossible > 0
    is_repaired[np.unique(codes[repeated])] = True
    is_broken = flat.impossible > BROKEN_RATIO * flat.series.lengths
    return Panel(ids, flat.series, flat.last_period, calendar, is_repaired, is_broken, notes)


def _problems(frame: pd.DataFrame, gaps: str) -> list[str]:
    missing = [column for column in COLUMNS if column not in frame.columns]
    problems = [
        f"column '{column}' is missing (columns: {', '.join(map(str, frame.columns))})" for column in missing
    ]
    if not missing and frame.empty:
        problems.append("it has no rows")
    if gaps not in ("zero", "interpolate"):
        problems.append(f"gaps is '{gaps}': say zero (no row, no demand) or interpolate")
    if not missing and not frame.empty and pd.to_numeric(frame["y"], errors="coerce").notna().sum() == 0:
        problems.append(f"column 'y' holds no number, e.g. {frame['y'].iloc[0]!r}")
    return problems


def _series_codes(ids: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    try:
        codes, found = pd.factorize(ids, sort=True)
    except TypeError:
        codes, found = pd.factorize(ids.astype(str), sort=True)
    return codes, np.asarray(found)


def _dates(ds: pd.Series) -> pd.Series:
    if pd.api.types.is_integer_dtype(ds) or pd.api.types.is_datetime64_any_dtype(ds):
        return ds.dt.tz_localize(None) if getattr(ds.dtype, "tz", None) is not None else ds
    return pd.to_datetime(ds, errors="coerce", format="ISO8601")


def _merge_repeated(
    codes: np.ndarray, period: np.ndarray, y: np.ndarray, is_possible: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Rows of one series and period become one: equal ones count once, different ones are added up."""
    is_first = np.ones(len(codes), dtype=bool)
    is_first[1:] = (np.diff(codes) != 0) | (np.diff(period) != 0)
    if is_first.all():
        return codes, period, y, is_possible, np.zeros(len(codes), dtype=bool)
    group = np.cumsum(is_first) - 1
    rows = pd.DataFrame({"group": group, "y": np.where(is_possible, y, np.nan)}).drop_duplicates()
    merged = rows.groupby("group")["y"].sum(min_count=1).to_numpy(dtype=np.float64)
    repeated = np.bincount(group) > 1
    return codes[is_first], period[is_first], merged, np.isfinite(merged), repeated


@dataclass(frozen=True)
class _Flat:
    series: Series
    last_period: np.ndarray
    impossible: np.ndarray
    missing: np.ndarray
    negative: np.ndarray
    cut: int


def _fill(
    codes: np.ndarray,
    period: np.ndarray,
    y: np.ndarray,
    is_possible: np.ndarray,
    count: int,
    gaps: str,
    season: int,
) -> _Flat:
    begins = np.flatnonzero(np.r_[True, np.diff(codes) != 0])
    first, last = period[begins], period[np.r_[begins[1:] - 1, len(period) - 1]]
    longest = max(MOST_SEASONS * season, MOST_PERIODS)
    cut = int((last - first + 1 > longest).sum())
    first = np.maximum(first, last - longest + 1)
    lengths = last - first + 1
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    is_kept = period >= first[codes]
    position = starts[codes[is_kept]] + period[is_kept] - first[codes[is_kept]]
    values = np.full(starts[-1], np.nan)
    values[position] = np.where(is_possible[is_kept], y[is_kept], np.nan)
    has_row = np.zeros(starts[-1], dtype=bool)
    has_row[position] = True
    owner = np.repeat(np.arange(count), lengths)
    impossible = np.bincount(owner[has_row & np.isnan(values)], minlength=count)
    missing = np.bincount(owner[~has_row], minlength=count)
    if gaps == "zero":
        values[~has_row] = 0.0
    values = _interpolate(values, owner)
    negative = np.bincount(owner[values < 0], minlength=count)
    return _Flat(Series(values, starts, season), last, impossible, missing, negative, cut)


def _interpolate(values: np.ndarray, owner: np.ndarray) -> np.ndarray:
    """Missing values between two known ones of a series lie on a line, those before or after take the nearest; else 0."""
    holes = np.isnan(values)
    if not holes.any():
        return values
    broken = np.unique(owner[holes])
    values = values.copy()
    for number in broken:
        rows = (
            np.flatnonzero(owner == number)
            if len(broken) < 50
            else np.arange(*np.searchsorted(owner, [number, number + 1]))
        )
        known = rows[~holes[rows]]
        values[rows] = np.interp(rows, known, values[known]) if known.size else 0.0
    return values


def _tell(
    notes: list[str],
    ids: np.ndarray,
    codes: np.ndarray,
    is_possible: np.ndarray,
    repeated: np.ndarray,
    flat: _Flat,
    gaps: str,
) -> None:
    def examples(numbers: np.ndarray) -> str:
        return ", ".join(str(ids[number]) for number in numbers[:5]) + (", ..." if len(numbers) > 5 else "")

    def tell(by_series: np.ndarray, what: str, done: str) -> None:
        numbers = np.flatnonzero(by_series)
        if numbers.size:
            notes.append(
                f"{int(by_series.sum()):,} {what} in {numbers.size:,} series: {done} (e.g. {examples(numbers)})"
            )

    tell(
        flat.impossible,
        "impossible values (missing, no number, infinite, above 1e12)",
        "taken from the periods around them",
    )
    tell(
        np.bincount(codes[repeated], minlength=len(ids)),
        "repeated periods",
        "equal rows counted once, different ones added up",
    )
    done = (
        "taken as no demand (--gaps interpolate takes the line between neighbours)"
        if gaps == "zero"
        else "interpolated"
    )
    tell(flat.missing, "periods without a row", done)
    tell(flat.negative, "negative values", "kept; forecasts of these series may be negative")
    if flat.cut:
        notes.append(f"{flat.cut:,} series are longer than is looked at: their latest periods count.")
    ends = flat.last_period
    early = np.flatnonzero(ends < ends.max())
    if early.size:
        notes.append(
            f"{early.size:,} series end before the latest period of the panel and are forecast from their own end (e.g. {examples(early)})"
        )
