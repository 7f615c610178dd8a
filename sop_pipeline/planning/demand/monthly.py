"""The pipeline's series as one monthly panel: which kin they have, where they are tested, and the candidates that borrow.

Beside the models of any panel (`planning.demand.panel`), some see their series without the season of its kin (see
`seasonality`), which a history of two years cannot show by itself: `kin_...`. Everything at an origin is made from the months
before it. Add here: another candidate that needs items or channels. Keep out: what follows from errors (`panel.combination`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sop_pipeline.planning.demand.classes import TESTABLE_MONTHS
from sop_pipeline.planning.demand.kernels.batch import Series, forecast_batch
from sop_pipeline.planning.demand.kernels.network import OverallModel
from sop_pipeline.planning.demand.kernels.pool import FAST_MODELS
from sop_pipeline.planning.demand.panel.candidates import ORIGINS, Forecasts, run_candidates, shares_of
from sop_pipeline.planning.demand.seasonality import Labels, seasonal_indices
from sop_pipeline.planning.demand.series import MONTHS_PER_YEAR, BoolArray, FloatArray, IntArray

REGULAR = frozenset({"smooth", "erratic"})
RARE = frozenset({"intermittent", "lumpy"})
# Shares before errors are known. Histories of companies are mostly shorter than three seasons, so those with the season of
# their kin count for 0.7 in all; a trend on two years is dear (AdventureWorks, ten origins: WAPE of tested series 0.556 with
# equal shares and 0.6 in all, 0.549 with these; the demo company: 0.207 both).
KIN_SHARES = {"window_average": 0.28, "damped_trend": 0.07, "dynamic_theta": 0.21, "log_dynamic_theta": 0.14}
KIN_MODELS = tuple(KIN_SHARES)


@dataclass(frozen=True)
class OriginPlan:
    """Where a series with `history_from` months or more is tested: months left out at the latest origin, and between two."""

    history_from: int
    test_months: int
    first_training_months: int
    step_months: int


# From long to short. Four years show a whole year ahead from origins spread over 10 months; two years and a bit show
# half a year; below that only the next quarter can be tested.
ORIGIN_PLANS = (
    OriginPlan(48, 12, 24, 2),
    OriginPlan(28, 6, 18, 1),
    OriginPlan(18, 3, 12, 1),
    OriginPlan(12, 3, 6, 1),
)


@dataclass(frozen=True)
class MonthlyPanel:
    """Series that end in the same month: `values` series x months in units, NaN before a start."""

    values: FloatArray
    calendar_months: IntArray
    demand_classes: Labels
    families: Labels
    categories: Labels

    @property
    def history_months(self) -> IntArray:
        return np.asarray((~np.isnan(self.values)).sum(axis=1), dtype=np.int64)

    def indices(self, left_out: int = 0) -> FloatArray:
        """Seasonal indices of the kin, series x 12, from all months but the last `left_out`."""
        known = self.values.shape[1] - left_out
        regular = np.isin(self.demand_classes, list(REGULAR))
        return seasonal_indices(
            self.values[:, :known], self.calendar_months[:known], regular, self.families, self.categories
        )

    def series(self, rows: IntArray) -> Series:
        """The chosen series one after the other, without the months before their start."""
        chosen = self.values[rows]
        is_live = ~np.isnan(chosen)
        starts = np.concatenate([[0], np.cumsum(is_live.sum(axis=1))]).astype(np.int64)
        return Series(chosen[is_live], starts, MONTHS_PER_YEAR)


def monthly_shares(is_rare: bool) -> FloatArray:
    """Prior shares of the candidates of `run_monthly`, in their order; they add up to 1."""
    shares: FloatArray = np.asarray(shares_of(is_rare, False, MONTHS_PER_YEAR), dtype=np.float64)
    shares = np.asarray(shares / shares.sum(), dtype=np.float64)
    if is_rare:
        return shares
    kin = np.array(list(KIN_SHARES.values()))
    return np.asarray(np.append(shares * (1.0 - kin.sum()), kin), dtype=np.float64)


def test_origins(history_months: int) -> list[int]:
    """Origins as months before the end, early ones first; none for a short history."""
    for plan in ORIGIN_PLANS:
        if history_months >= plan.history_from:
            latest = history_months - plan.first_training_months
            return list(range(plan.test_months, latest + 1, plan.step_months))[:ORIGINS][::-1]
    return []


def known_months(history_months: IntArray) -> IntArray:
    """Months known at each origin and at the end: series x (ORIGINS + 1), 0 for no origin."""
    lengths = np.zeros((len(history_months), ORIGINS + 1), dtype=np.int64)
    for months in np.unique(history_months):
        origins = test_origins(int(months))
        rows = history_months == months
        for place, origin in enumerate(origins, start=ORIGINS - len(origins)):
            lengths[rows, place] = months - origin
    lengths[:, -1] = history_months
    return lengths


def run_monthly(
    panel: MonthlyPanel,
    rows: IntArray,
    horizon: int,
    is_rare: bool,
    overall: tuple[OverallModel, ...],
    threads: int,
) -> Forecasts:
    """All candidates on the chosen series, at every origin: those of any panel, and for regular demand those of the kin."""
    series = panel.series(rows)
    lengths = known_months(series.lengths)
    made = run_candidates(series, lengths, horizon, is_rare, False, overall, threads)
    if is_rare or not len(rows):
        return made
    kin = _run_kin(panel, rows, lengths, horizon, threads)
    names = tuple(f"kin_{name}" for name in KIN_MODELS)
    return Forecasts(made.names + names, np.concatenate([made.units, kin], axis=1), made.actual_units)


def _run_kin(
    panel: MonthlyPanel, rows: IntArray, lengths: IntArray, horizon: int, threads: int
) -> FloatArray:
    """Kin models, origin by origin: the season is what the kin had shown until then."""
    out = np.full((len(rows), len(KIN_MODELS), ORIGINS + 1, horizon), np.nan)
    places = [FAST_MODELS.index(name) for name in KIN_MODELS]
    left_out = np.where(lengths > 0, lengths[:, -1:] - lengths, -1)
    for offset in np.unique(left_out[left_out >= 0]):
        here, origin = np.nonzero(left_out == offset)
        indices = panel.indices(int(offset))[rows[here]]
        known = panel.values.shape[1] - int(offset)
        plain = panel.values[rows[here], :known] / indices[:, panel.calendar_months[:known]]
        is_live = ~np.isnan(plain)
        starts = np.concatenate([[0], np.cumsum(is_live.sum(axis=1))]).astype(np.int64)
        adjusted = Series(plain[is_live], starts, 1)
        months = (panel.calendar_months[known - 1] + 1 + np.arange(horizon)) % MONTHS_PER_YEAR
        units = forecast_batch(adjusted, adjusted.lengths[:, None], horizon, len(FAST_MODELS), False, threads)
        out[here, :, origin] = units[:, places, 0] * indices[:, None, months]
    return np.asarray(np.maximum(out, 0.0), dtype=np.float64)


def tested_rows(panel: MonthlyPanel, is_credible: BoolArray, classes: frozenset[str]) -> IntArray:
    """Series of these classes that have history enough to be tested, and none of it impossible."""
    wanted = np.isin(panel.demand_classes, list(classes)) & (panel.history_months >= TESTABLE_MONTHS)
    return np.flatnonzero(wanted & is_credible).astype(np.int64)
