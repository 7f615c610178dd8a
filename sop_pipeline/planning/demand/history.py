"""Demand history made fit to forecast from, without touching what was recorded.

Every change of a month is a row with a reason, published beside the raw units: promotion, stock_out (both where a
promotion emptied the shelf), one_off_order, outlier, incomplete_month (the last one, where orders of a channel break off
as they never did), month_end_posting (see `postings`). A wrong correction costs more than a missed one.
Add here: another reason to correct a month. Keep out: the expectation itself (see `baseline`), forecasting.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.planning.demand.baseline import MAD_TO_SIGMA, Baseline, median_over, robust_baseline
from sop_pipeline.planning.demand.effects import (
    EVIDENCE_SIGMAS,
    NO_ACTIVITY,
    Effects,
    MonthlyEvidence,
    measure_effects,
)
from sop_pipeline.planning.demand.history_tables import (
    ADJUSTMENT_COLUMNS,
    COLUMNS,
    CORRECTIONS,
    AdjustedHistory,
    Changes,
    empty_table,
    to_tables,
)
from sop_pipeline.planning.demand.postings import settle_postings
from sop_pipeline.planning.demand.series import (
    SERIES,
    SERIES_PERIOD,
    BoolArray,
    FloatArray,
    IntArray,
    SeriesGrid,
    build_grid,
    describe_rows,
)

OUTLIER_SIGMAS = 4.0  # on the log scale: demand errs by factors, and upwards further than downwards
OUTLIER_MULTIPLE = 2.0  # of the expectation; with a small spread four sigmas alone would be an ordinary month
RARE_OUTLIER_MULTIPLE = 4.0  # of the usual size of a rare demand
REPEAT_RATIO = 0.6  # a peak that another year reached to this share in the same month is a season
REGULAR_INTERVAL_MONTHS = 1.32  # Syntetos-Boylan: above it a month without demand is normal
MINIMUM_DEMANDS = 6
MINIMUM_USABLE_RATIO = 0.5  # with fewer plain months than this, all months must serve as evidence

INCOMPLETE_RATIO = 0.6  # of what is usual: a last month below it, and far below any before, was cut off
INCOMPLETE_TO_LOWEST = 0.8  # of the lowest month before
JUDGED_SERIES, JUDGED_MONTHS = 20, 12  # a channel of fewer may have such a month

_MEASURES = ["ordered_units", "promoted_units", "order_lines", "stock_out_days"]


@dataclass(frozen=True)
class _Evidence:
    """The grids of `fct_demand_history` that a correction may rest on, series x months."""

    raw: FloatArray
    promoted: FloatArray
    order_lines: FloatArray
    stock_out_ratio: FloatArray
    regular: BoolArray
    channels: np.ndarray
    baseline: Baseline
    activity: IntArray
    is_single: BoolArray
    activity_ids: np.ndarray


def clean_history(history: pd.DataFrame, cycle: Cycle, items: pd.DataFrame | None = None) -> pd.DataFrame:
    """Dense monthly history per series with its corrections: table `demand_history_clean` (see `adjust_history`)."""
    return adjust_history(history, cycle, items).clean


def adjust_history(history: pd.DataFrame, cycle: Cycle, items: pd.DataFrame | None = None) -> AdjustedHistory:
    """Dense monthly history per series, and each of its corrections as a row.

    `history` has the columns of `core.fct_demand_history` (units, days), `items` those of `core.dim_items`: items of a
    family lend each other their season, without `items` the series of an item do. A series runs from the month of its
    first demand to the month before the cycle, 0 where nothing was ordered; a series never in demand has no rows.
    clean_units = raw_units + adjustment_units, never negative, 3 decimals; adjustment_units is the sum over the
    adjustments of the month, adjustment_reason that of the largest. Postings that slipped over the turn of a month are put
    where they belong first, so that a month of two is no peak; `postings` says channel by channel what was seen and done.

    Raises ValueError naming all problems: repeated keys, missing or infinite units, months at or after the cycle.
    """
    _refuse_unfit(history, cycle)
    settled = settle_postings(history, cycle)
    live = _since_first_demand(settled.history)
    raw = build_grid(live, "ordered_units", cycle)
    if raw.keys.empty:
        return AdjustedHistory(empty_table(COLUMNS), empty_table(ADJUSTMENT_COLUMNS), settled.postings)
    evidence = _gather(live, raw, cycle, _kin(raw.keys, items))
    effects = _measured(evidence)
    changes = {
        "promotion": _promotion(evidence, effects),
        "stock_out": effects.lost_units,
        **_outliers(evidence, raw),
    }
    changes["incomplete_month"] = _incomplete_month(evidence, effects)
    explained = (changes["promotion"] != 0) | (changes["stock_out"] != 0)
    for reason in ("one_off_order", "outlier"):
        changes[reason] = np.where(explained, 0.0, changes[reason])
    cut_off = changes["incomplete_month"] != 0
    for reason in CORRECTIONS[:-1]:
        changes[reason] = np.where(cut_off, 0.0, changes[reason])
    made = Changes(
        changes,
        np.nan_to_num(build_grid(live, "moved_units", cycle).values),
        effects,
        evidence.baseline,
        evidence.activity_ids,
    )
    return to_tables(raw, made, settled.postings, cycle)


def _kin(keys: pd.DataFrame, items: pd.DataFrame | None) -> np.ndarray:
    """Series that share a season: a family's in a channel, or an item's."""
    group = keys["item_id"].astype(str)
    if items is not None:
        family = items.drop_duplicates("item_id").set_index("item_id")["family_id"]
        group = keys["item_id"].map(family).fillna(group)
    return np.asarray(group + " / " + keys["channel_id"].astype(str), dtype=object)


def _refuse_unfit(history: pd.DataFrame, cycle: Cycle) -> None:
    dates = history["period_start_date"]
    unfit = ~np.isfinite(history[_MEASURES].to_numpy(dtype=np.float64)).all(axis=1)
    problems = {
        "repeat a series and month": history.duplicated(SERIES_PERIOD, keep=False),
        "lie at or after the cycle's start: they would leak the future": dates >= cycle.start,
        "do not start on the first of a month": dates.dt.day != 1,
        "have missing or infinite measures": pd.Series(unfit, index=history.index),
    }
    found = [
        f" * {describe_rows(history[bad], SERIES_PERIOD)} {what}"
        for what, bad in problems.items()
        if bad.any()
    ]
    if found:
        raise ValueError(
            "core.fct_demand_history cannot be cleaned:\n"
            + "\n".join(found)
            + "\nCorrect the core model or its source."
        )


def _since_first_demand(history: pd.DataFrame) -> pd.DataFrame:
    demanded = history[(history["ordered_units"] > 0) | (history["moved_units"] != 0)]
    first = demanded.groupby(SERIES, as_index=False).agg(first_period=("period_start_date", "min"))
    live = history.merge(first, on=SERIES, how="inner", validate="m:1")
    return live[live["period_start_date"] >= live["first_period"]].sort_values(
        SERIES_PERIOD, ignore_index=True
    )


def _gather(live: pd.DataFrame, raw: SeriesGrid, cycle: Cycle, kin: np.ndarray) -> _Evidence:
    promoted, lines, stock_out_days = (
        build_grid(live, column, cycle).values
        for column in ("promoted_units", "order_lines", "stock_out_days")
    )
    days = np.asarray(raw.periods.days_in_month, dtype=np.float64)
    active = ~np.isnan(raw.values)
    plain = active & (promoted <= 0) & (stock_out_days <= 0)
    enough = plain.sum(axis=1) >= MINIMUM_USABLE_RATIO * active.sum(axis=1)
    usable = np.where(enough[:, None], plain, active)
    demands = (raw.values > 0).sum(axis=1)
    activity, is_single, activity_ids = _numbered_activities(live, raw, promoted, cycle)
    return _Evidence(
        raw=raw.values,
        promoted=promoted,
        order_lines=lines,
        stock_out_ratio=np.clip(stock_out_days / days, 0.0, 1.0),
        regular=active.sum(axis=1) / np.maximum(demands, 1) < REGULAR_INTERVAL_MONTHS,
        channels=raw.keys["channel_id"].to_numpy(dtype=object),
        baseline=robust_baseline(raw.values, usable, raw.calendar_months, kin),
        activity=activity,
        is_single=is_single,
        activity_ids=activity_ids,
    )


def _numbered_activities(
    live: pd.DataFrame, raw: SeriesGrid, promoted: FloatArray, cycle: Cycle
) -> tuple[IntArray, BoolArray, np.ndarray]:
    """Number of the activity that each promoted month ran under, which numbers are of one nameless month, and names.

    An activity is numbered by channel and month: it may work otherwise in another.
    """
    numbers = np.full(raw.values.shape, NO_ACTIVITY, dtype=np.int64)
    is_promoted = np.nan_to_num(promoted) > 0
    ids = np.full(raw.values.shape, None, dtype=object)
    if "activity_id" in live.columns and live["activity_id"].notna().any():
        named = live["activity_id"].notna()
        codes, uniques = pd.factorize(live.loc[named, "activity_id"], sort=True)
        coded = live[SERIES_PERIOD].assign(code=0.0)
        coded.loc[named, "code"] = codes + 1.0
        grid = np.nan_to_num(build_grid(coded, "code", cycle).values).astype(np.int64)
        ids = np.concatenate([np.array([None], dtype=object), np.asarray(uniques, dtype=object)])[grid]
    rows, columns = np.nonzero(is_promoted)
    names = ids[rows, columns]
    channels = raw.keys["channel_id"].to_numpy(dtype=object)[rows]
    labels = [
        (name, channel, column) if name is not None else (row, "", column)
        for name, channel, row, column in zip(names, channels, rows, columns, strict=True)
    ]
    found = {label: number for number, label in enumerate(dict.fromkeys(labels))}
    numbers[rows, columns] = [found[label] for label in labels]
    single = np.zeros(len(found), dtype=bool)
    single[numbers[rows, columns]] = [name is None for name in names]
    return numbers, single, ids


def _measured(evidence: _Evidence) -> Effects:
    expected = np.nan_to_num(evidence.baseline.expected_units)
    return measure_effects(
        MonthlyEvidence(
            raw=np.nan_to_num(evidence.raw),
            expected=expected,
            spread_ratio=evidence.baseline.spread_ratio,
            activity=evidence.activity,
            is_single=evidence.is_single,
            stock_out_ratio=np.nan_to_num(evidence.stock_out_ratio),
            comparable=(expected > 0) & evidence.regular[:, None] & ~np.isnan(evidence.raw),
            channels=evidence.channels,
        )
    )


def _promotion(evidence: _Evidence, effects: Effects) -> FloatArray:
    """Cut what the activity brought, at most what was sold under it and would have been.

    A nameless month speaks for itself alone: it is cut only where it stands out of the noise.
    """
    brought = effects.expected_units * effects.uplift_ratio
    promoted = np.nan_to_num(evidence.promoted)
    single = np.zeros(evidence.raw.shape, dtype=bool)
    has_number = evidence.activity != NO_ACTIVITY
    single[has_number] = evidence.is_single[evidence.activity[has_number]]
    noise = EVIDENCE_SIGMAS * evidence.baseline.spread_ratio[:, None] * effects.expected_units
    shown = (brought > 0) & (~single | (brought > noise))
    return np.where(shown, -np.minimum(brought, promoted + effects.lost_units), 0.0)


def _incomplete_month(evidence: _Evidence, effects: Effects) -> FloatArray:
    """What is missing of the last closed month in channels whose orders broke off in it.

    All series of a channel are looked at together: single ones may well sell nothing. If it is a new level after all,
    the month after it tells, as of an outlier.
    """
    change = np.zeros(evidence.raw.shape)
    raw = np.nan_to_num(evidence.raw)
    usual = effects.expected_units * (1.0 + effects.uplift_ratio)
    known = (usual > 0) & evidence.regular[:, None] & ~np.isnan(evidence.raw)
    for channel in np.unique(evidence.channels):
        here = known & (evidence.channels == channel)[:, None]
        judged = here.sum(axis=0) >= JUDGED_SERIES
        if not judged[-1] or judged.sum() <= JUDGED_MONTHS:
            continue
        ratio = np.where(here, raw, 0.0).sum(axis=0) / np.maximum(
            np.where(here, usual, 0.0).sum(axis=0), 1e-9
        )
        lowest = ratio[:-1][judged[:-1]].min()
        if ratio[-1] < min(INCOMPLETE_RATIO, INCOMPLETE_TO_LOWEST * lowest):
            change[:, -1] += np.where(here[:, -1], usual[:, -1] - raw[:, -1], 0.0)
    return change


def _outliers(evidence: _Evidence, raw: SeriesGrid) -> dict[str, FloatArray]:
    """Bring clear, lonely, unrepeated peaks down to what is usual.

    A peak of no more order lines than usual is a one-off order. Any other peak is an outlier, but not in the last
    closed month: there it may be the first month of a new level, and the next month will tell.
    """
    regular = evidence.regular[:, None]
    usual, threshold = _usual_size(evidence)
    peak = np.where(np.isnan(evidence.raw), 0.0, evidence.raw) > np.where(regular, threshold, np.inf)
    rare_usual, rare_threshold = _usual_rare_size(evidence)
    peak |= ~regular & (np.nan_to_num(evidence.raw) > rare_threshold[:, None])
    usual = np.where(regular, usual, rare_usual[:, None])
    lonely = peak & ~_shifted(peak, 1) & ~_shifted(peak, -1) & ~_repeated(evidence.raw, raw)
    lines = median_over(np.where(evidence.raw > 0, evidence.order_lines, np.nan), axis=1)
    one_off = lonely & (evidence.order_lines <= 1.5 * lines[:, None])
    outlier = lonely & ~one_off
    outlier[:, -1] = False
    change = np.where(lonely, usual - evidence.raw, 0.0)
    return {"one_off_order": np.where(one_off, change, 0.0), "outlier": np.where(outlier, change, 0.0)}


def _usual_size(evidence: _Evidence) -> tuple[FloatArray, FloatArray]:
    expected = evidence.baseline.expected_units
    multiple = np.maximum(_far_out(evidence.baseline.spread_ratio), OUTLIER_MULTIPLE)
    threshold = multiple[:, None] * expected
    return expected, np.where(threshold > 0, threshold, np.inf)


def _usual_rare_size(evidence: _Evidence) -> tuple[FloatArray, FloatArray]:
    """Median of the demands that happened, and the size above which one is not of their kind (log scale)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        sizes = np.log(np.where(evidence.raw > 0, evidence.raw, np.nan))
    middle = median_over(sizes, axis=1)
    sigma = MAD_TO_SIGMA * median_over(np.abs(sizes - middle[:, None]), axis=1)
    multiple = np.maximum(_far_out(sigma), RARE_OUTLIER_MULTIPLE)
    enough = (~np.isnan(sizes)).sum(axis=1) >= MINIMUM_DEMANDS
    usual = np.exp(middle)
    return usual, np.where(enough, usual * multiple, np.inf)


def _far_out(sigma: FloatArray) -> FloatArray:
    """Multiple of the usual beyond which a demand is out of its kind; the cap only keeps it finite."""
    return np.asarray(np.exp(np.minimum(OUTLIER_SIGMAS * sigma, 50.0)), dtype=np.float64)


def _shifted(flags: BoolArray, months: int) -> BoolArray:
    """Flags of the month before (1) or after (-1), False beyond the ends."""
    out = np.roll(flags, months, axis=1)
    out[:, 0 if months > 0 else -1] = False
    return out


def _repeated(values: FloatArray, raw: SeriesGrid) -> BoolArray:
    """True where the same calendar month of another year reached most of the month's height."""
    out = np.zeros(values.shape, dtype=bool)
    for month in np.unique(raw.calendar_months):
        columns = np.flatnonzero(raw.calendar_months == month)
        for column in columns:
            others = values[:, columns[columns != column]]
            if others.shape[1]:
                out[:, column] = (np.nan_to_num(others) >= REPEAT_RATIO * values[:, [column]]).any(axis=1)
    return out
