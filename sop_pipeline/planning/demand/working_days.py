"""Months of unequal length: whether demand follows the company's working days, and history levelled by them where it does.

Nothing is assumed. Per sales channel the change of demand from month to month is held against the change of working days, with
the usual change of each calendar month taken out: what speaks is that a March has 21 working days in one year and 23 in the next.
Only a channel that shows it beyond doubt is levelled. The statistical forecast is made on levelled months and comes back to the
days of each future month. Add here: another reason why months are unequal. Keep out: postings (`postings`), models.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.series import (
    SERIES_PERIOD,
    UNIT_DECIMALS,
    FloatArray,
    IntArray,
    build_grid,
)

REASON = "working_days"
COMPANY = "all"  # site_id of core.fct_working_days for the company as a whole
EVIDENCE_T = 3.0  # of the elasticity: of simulated channels without any, up to 0.9 % reach it in 30 months, 0.6 % in 50
LEAST_CHANGES = 25  # month-to-month changes: every calendar month twice, and a dozen degrees of freedom
LEAST_VARIATION = 0.01  # of log working days beside the calendar month: below it every year is alike
FARTHEST = 4.0  # robust sigmas beyond which a change is a shift of level, and says nothing of days
LEAST_RATIO, MOST_RATIO = 0.5, 2.0  # what days may do to a month
# Variance of the level's own steps over that of a month's noise: from a level that stands still to one that only wanders.
STEP_VARIANCES = (0.0, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0)

EFFECT_COLUMNS = [
    "cycle_id",
    "channel_id",
    "changes",
    "elasticity",
    "standard_error",
    "t_value",
    "applied_elasticity",
    "reason_code",
]


@dataclass(frozen=True)
class Calendar:
    """What working days do to a month: tables `working_day_effects` and `core.fct_working_days`, as of a cycle."""

    effects: pd.DataFrame
    working_days: pd.DataFrame
    cycle: Cycle

    def ratios(self, channels: pd.Series, months: pd.Series) -> FloatArray:
        """Demand of each month over that of one with the usual number of working days, row by row; 1 where nothing is levelled.

        (working days / their mean over the closed months) ^ applied_elasticity. A month outside the calendar has the mean days
        of its calendar month.
        """
        elasticity = channels.map(self.effects.set_index("channel_id")["applied_elasticity"])
        elasticity = elasticity.astype(np.float64).fillna(0.0)
        if not (elasticity > 0).any():
            return np.ones(len(channels))
        known = _days_by_month(self.working_days)
        usual = float(known[known.index < self.cycle.start].mean())
        by_calendar_month = known.groupby(pd.DatetimeIndex(known.index).month).mean()
        days = months.map(known).fillna(months.dt.month.map(by_calendar_month)).fillna(usual)
        relative = np.clip(days.to_numpy(dtype=np.float64) / usual, LEAST_RATIO, MOST_RATIO)
        return np.asarray(relative ** elasticity.to_numpy(dtype=np.float64), dtype=np.float64)


@dataclass(frozen=True)
class LevelledHistory:
    """`demand_history_clean` with levelling_units and levelled_units, its rows of `demand_history_adjustments`, the evidence."""

    clean: pd.DataFrame
    adjustments: pd.DataFrame
    effects: pd.DataFrame


def level_months(
    clean: pd.DataFrame, adjustments: pd.DataFrame, working_days: pd.DataFrame, cycle: Cycle
) -> LevelledHistory:
    """Level the months of every channel whose demand follows working days.

    Takes tables `demand_history_clean` and `demand_history_adjustments` as cleansed, and `core.fct_working_days` (days).
    levelled_units = clean_units + levelling_units (3 decimals): what the month would have brought with the usual number of days.
    """
    effects = measure_working_days(clean, working_days, cycle)
    ratio = Calendar(effects, working_days, cycle).ratios(clean["channel_id"], clean["period_start_date"])
    out, place = clean.copy(), list(clean.columns).index("clean_units") + 1
    levelled = (out["clean_units"] / ratio).round(UNIT_DECIMALS)
    out.insert(place, "levelling_units", (levelled - out["clean_units"]).round(UNIT_DECIMALS))
    out.insert(place + 1, "levelled_units", levelled)
    is_moved = (out["levelling_units"] != 0).to_numpy()
    moved = out[is_moved]
    rows = moved[["cycle_id", *SERIES_PERIOD, "raw_units"]].assign(
        reason=REASON,
        expected_units=moved["levelled_units"],
        adjustment_units=moved["levelling_units"],
        effect_ratio=(ratio[is_moved] - 1.0).round(6),
        activity_id=None,
    )
    if rows.empty:
        return LevelledHistory(out, adjustments, effects)
    both = rows[adjustments.columns]
    if not adjustments.empty:
        both = pd.concat([adjustments, both], ignore_index=True)
    return LevelledHistory(out, both.sort_values([*SERIES_PERIOD, "reason"], ignore_index=True), effects)


def measure_working_days(clean: pd.DataFrame, working_days: pd.DataFrame, cycle: Cycle) -> pd.DataFrame:
    """By channel, how far demand follows the company's working days: table `working_day_effects`.

    elasticity: change of log demand per change of log working days, over the series on sale in both months, beside the usual
    change of the calendar month; by generalised least squares for a level that wanders under a month's noise (Harvey 1989,
    local level model), its ratio by profile likelihood; shifts of level are left out. t_value: over its standard_error.
    applied_elasticity: elasticity x (1 - 1 / t_value^2), at most 1, where t_value reaches EVIDENCE_T; else 0.
    reason_code: applied, not_significant, or history_too_short (fewer than LEAST_CHANGES changes, or years all alike).
    """
    days = _days_by_month(working_days)
    rows = []
    for channel, part in clean.groupby("channel_id", sort=True):
        grid = build_grid(part, "clean_units", cycle)
        worked = pd.Series(grid.periods).map(days).to_numpy(dtype=np.float64)
        measured = _elasticity(grid.values, worked, grid.calendar_months)
        applied = 0.0
        if measured.t_value is not None and measured.t_value >= EVIDENCE_T:
            shrunk = measured.elasticity * (1.0 - measured.t_value**-2)
            applied = min(shrunk, 1.0)
        too_short = measured.t_value is None
        rows.append(
            {
                "cycle_id": cycle.cycle_id,
                "channel_id": channel,
                "changes": measured.changes,
                "elasticity": np.nan if too_short else round(measured.elasticity, 6),
                "standard_error": np.nan if too_short else round(measured.standard_error, 6),
                "t_value": np.nan if too_short else round(float(measured.t_value or 0.0), 6),
                "applied_elasticity": round(applied, 6),
                "reason_code": "history_too_short"
                if too_short
                else ("applied" if applied > 0 else "not_significant"),
            }
        )
    frame = pd.DataFrame(rows, columns=EFFECT_COLUMNS)
    numbers = ["elasticity", "standard_error", "t_value", "applied_elasticity"]
    return frame.astype(dict.fromkeys(numbers, np.float64))


def _days_by_month(working_days: pd.DataFrame) -> pd.Series:
    """Days that the company works, by month."""
    rows = working_days[working_days["site_id"] == COMPANY]
    return rows.set_index("period_start_date")["working_days"].astype(np.float64).sort_index()


@dataclass(frozen=True)
class _Elasticity:
    changes: int
    elasticity: float = 0.0
    standard_error: float = 0.0
    t_value: float | None = None


def _elasticity(values: FloatArray, worked: FloatArray, calendar_months: IntArray) -> _Elasticity:
    """`values` series x months in units, NaN before a start; `worked` days by month, NaN or 0 where nobody knows."""
    change, columns = _matched_changes(values)
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.diff(np.log(np.where(worked > 0, worked, np.nan)))
    known = np.isfinite(change) & np.isfinite(steps)
    change, steps, columns = change[known], steps[known], columns[known]
    months = calendar_months[1:][columns]
    kept = np.ones(len(change), dtype=bool)
    found = _Elasticity(len(change))
    for _ in range(2):
        if kept.sum() < LEAST_CHANGES:
            return _Elasticity(int(kept.sum()))
        seasons = (months[kept, None] == np.unique(months[kept])[None, :]).astype(np.float64)
        beside = steps[kept] - seasons @ np.linalg.lstsq(seasons, steps[kept], rcond=None)[0]
        if beside.std() < LEAST_VARIATION:
            return _Elasticity(int(kept.sum()))
        design = np.column_stack([seasons, steps[kept]])
        found, residual = _local_level_fit(change[kept], design, columns[kept])
        sigma = 1.4826 * float(np.median(np.abs(residual)))
        near = np.abs(residual) <= FARTHEST * max(sigma, 1e-9)
        if near.all():
            break
        kept[np.flatnonzero(kept)[~near]] = False
    return found


def _matched_changes(values: FloatArray) -> tuple[FloatArray, IntArray]:
    """Log change of the sum of the series that are there in both months, by month after the first; NaN where one is 0."""
    there = ~np.isnan(values)
    both = there[:, 1:] & there[:, :-1]
    before = np.where(both, np.nan_to_num(values[:, :-1]), 0.0).sum(axis=0)
    after = np.where(both, np.nan_to_num(values[:, 1:]), 0.0).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.log(after / before)
    return np.where((before > 0) & (after > 0), change, np.nan), np.arange(len(change), dtype=np.int64)


def _local_level_fit(
    change: FloatArray, design: FloatArray, columns: IntArray
) -> tuple[_Elasticity, FloatArray]:
    """The last coefficient of `design` with its error, and the residuals, under the likeliest of STEP_VARIANCES.

    A change is a step of the level plus the difference of two months' noise: variance s + 2, and -1 between neighbours.
    """
    neighbours = np.abs(columns[:, None] - columns[None, :]) == 1
    best: tuple[float, _Elasticity, FloatArray] | None = None
    count, freedom = len(change), len(change) - design.shape[1]
    for step in STEP_VARIANCES:
        covariance = (2.0 + step) * np.eye(count) - neighbours
        lower = np.linalg.cholesky(covariance)
        white, target = np.linalg.solve(lower, design), np.linalg.solve(lower, change)
        cross = white.T @ white
        coefficients = np.linalg.solve(cross, white.T @ target)
        rest = target - white @ coefficients
        variance = float(rest @ rest) / freedom
        # restricted likelihood (Patterson and Thompson 1971), without constants
        likelihood = -0.5 * (
            freedom * np.log(max(variance, 1e-300))
            + 2.0 * float(np.log(np.diag(lower)).sum())
            + float(np.linalg.slogdet(cross)[1])
        )
        if best is None or likelihood > best[0]:
            error = float(np.sqrt(max(variance, 1e-300) * np.linalg.inv(cross)[-1, -1]))
            slope = float(coefficients[-1])
            residual = np.asarray(change - design @ coefficients, dtype=np.float64)
            best = (likelihood, _Elasticity(count, slope, error, slope / error), residual)
    assert best is not None  # STEP_VARIANCES is not empty
    return best[1], best[2]
