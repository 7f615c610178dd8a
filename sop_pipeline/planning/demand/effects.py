"""What activities brought and what empty shelves cost, measured together from the months that had either or both.

A month's orders are taken as expectation x (1 + uplift) x (1 - lost share). Where a promotion emptied the shelf, neither
can be read off alone: uplifts are measured on what the shelf let through, losses on what the promotion would have sold,
in turns until both stand. An uplift belongs to an activity in a channel and is pooled over the series it ran on, then
drawn towards what activities of the channel usually bring, as far as it is noise (empirical Bayes). Losses are pooled by
channel (see `lost_demand`): no record says which customers turn away. Months after an activity are no evidence of what
is usual, because some of its demand was only brought forward.
Add here: another effect that months share. Keep out: which months are corrected in the end (see `history`).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sop_pipeline.planning.demand.lost_demand import (
    LARGEST_MULTIPLE,
    SPEAKING_MONTHS,
    lost_share,
    surge_of_empty_months,
)
from sop_pipeline.planning.demand.series import BoolArray, FloatArray, IntArray

ROUNDS = 4
EVIDENCE_SIGMAS = 1.0  # lifting or cutting every month within the noise would move the mean
NO_ACTIVITY = -1
ACTIVITIES_OF_A_KIND = 3  # fewer tell nothing of what is usual
LEAST_SHELF_RATIO = 0.2  # a month without stock nearly throughout says nothing of an uplift


@dataclass(frozen=True)
class MonthlyEvidence:
    """Grids of series x months that effects are measured on.

    `expected` is what is usual in units (NaN where nobody can tell), `spread_ratio` its noise by series; `activity`
    numbers the activity that a month ran under in its channel (NO_ACTIVITY = none), `is_single` says of these numbers
    that they stand for one month whose activity is not known by name. `comparable` are months that may be judged.
    """

    raw: FloatArray
    expected: FloatArray
    spread_ratio: FloatArray
    activity: IntArray
    is_single: BoolArray
    stock_out_ratio: FloatArray
    comparable: BoolArray
    channels: npt.NDArray[np.object_]


@dataclass(frozen=True)
class Effects:
    """`uplift_ratio`: units on top of a unit of `expected_units`; `lost_units`: wanted and never ordered (grids)."""

    expected_units: FloatArray
    uplift_ratio: FloatArray
    lost_units: FloatArray


def measure_effects(evidence: MonthlyEvidence) -> Effects:
    """Uplift of every promoted month and loss of every month without stock, of the mean expectation."""
    expected = evidence.expected * _mean_over_median(evidence)
    promoted = (evidence.activity != NO_ACTIVITY) & evidence.comparable
    empty = evidence.comparable & (evidence.stock_out_ratio > 0)
    uplift, lost = np.zeros(evidence.raw.shape), np.zeros(evidence.raw.shape)
    for _ in range(ROUNDS):
        wanted = expected * (1.0 + uplift)
        noise = evidence.spread_ratio[:, None] * wanted
        surge = surge_of_empty_months(evidence.raw, wanted, empty, evidence.channels, noise)
        gap = np.where(empty, np.maximum(surge * wanted - evidence.raw, 0.0), 0.0)
        share = lost_share(evidence.raw, wanted, evidence.stock_out_ratio, empty, evidence.channels, noise)
        lost = np.where(empty, np.nan_to_num(gap * share), 0.0)
        uplift = _uplifts(evidence, expected, _let_through(evidence, expected, lost, surge), promoted)
    return Effects(expected, uplift, lost)


def _mean_over_median(evidence: MonthlyEvidence) -> FloatArray:
    """Demand is skewed: by how much the mean of plain months lies above their median expectation, by channel."""
    promoted = evidence.activity != NO_ACTIVITY
    after = np.zeros_like(promoted)
    after[:, 1:] = promoted[:, :-1]
    plain = evidence.comparable & ~promoted & ~after & (evidence.stock_out_ratio <= 0)
    ratio = np.ones((len(evidence.raw), 1))
    for channel in np.unique(evidence.channels):
        rows = evidence.channels == channel
        here = plain & rows[:, None]
        usual = evidence.expected[here].sum()
        if usual > 0:
            ratio[rows] = evidence.raw[here].sum() / usual
    return ratio


def _let_through(
    evidence: MonthlyEvidence, expected: FloatArray, lost: FloatArray, surge: float
) -> FloatArray:
    """Share of what was wanted that could be ordered: what an empty month costs is known from those without activity.

    A channel with too few of these takes what its losses say at present.
    """
    wanted = evidence.raw + lost
    share = np.divide(evidence.raw, wanted, out=np.ones_like(wanted), where=wanted > 0)
    empty = evidence.comparable & (evidence.stock_out_ratio > 0) & (evidence.activity == NO_ACTIVITY)
    for channel in np.unique(evidence.channels):
        rows = evidence.channels == channel
        here = empty & rows[:, None]
        weight = float((expected[here] * evidence.stock_out_ratio[here]).sum()) * surge
        if here.sum() >= SPEAKING_MONTHS and weight > 0:
            missing = float((surge * expected[here] - evidence.raw[here]).sum())
            multiple = float(np.clip(missing / weight, 0.0, LARGEST_MULTIPLE))
            share[rows] = 1.0 - np.minimum(multiple * evidence.stock_out_ratio[rows], 1.0)
    return share


def _uplifts(
    evidence: MonthlyEvidence, expected: FloatArray, let_through: FloatArray, promoted: BoolArray
) -> FloatArray:
    """Uplift of each promoted month: its activity's, pooled over series and drawn towards the usual of the channel."""
    out = np.zeros(evidence.raw.shape)
    usable = promoted & (let_through >= LEAST_SHELF_RATIO)
    wanted = np.divide(evidence.raw, let_through, out=np.zeros_like(expected), where=usable)
    if not usable.any():
        return out
    count = int(evidence.activity.max()) + 1
    number = evidence.activity[usable]
    noise = (evidence.spread_ratio[:, None] * expected)[usable]
    base = np.bincount(number, expected[usable], count)
    brought = np.bincount(number, wanted[usable], count)
    known = base > 0
    ratio = np.divide(brought, base, out=np.ones(count), where=known) - 1.0
    variance = np.divide(
        np.bincount(number, noise**2, count), base**2, out=np.full(count, np.inf), where=known
    )
    named = known & ~evidence.is_single
    for channel in np.unique(evidence.channels):
        of_channel = np.zeros(count, dtype=bool)
        of_channel[np.unique(evidence.activity[promoted & (evidence.channels == channel)[:, None]])] = True
        kind = named & of_channel
        if kind.sum() >= ACTIVITIES_OF_A_KIND:
            ratio[kind] = _drawn_to_the_usual(ratio[kind], variance[kind])
        else:
            ratio[kind & (ratio <= EVIDENCE_SIGMAS * np.sqrt(variance))] = 0.0
    ratio = np.where(named, np.maximum(ratio, 0.0), ratio)
    out[promoted] = ratio[evidence.activity[promoted]]
    return out


def _drawn_to_the_usual(ratio: FloatArray, variance: FloatArray) -> FloatArray:
    """Each ratio drawn towards their mean by the share of its difference that is noise (DerSimonian & Laird 1986)."""
    weight = 1.0 / variance
    mean = (weight * ratio).sum() / weight.sum()
    excess = (weight * (ratio - mean) ** 2).sum() - (len(ratio) - 1)
    between = max(float(excess / (weight.sum() - (weight**2).sum() / weight.sum())), 0.0)
    if between > 0:
        both = 1.0 / (variance + between)
        mean = (both * ratio).sum() / both.sum()
    belief = between / (between + variance)
    return np.asarray(mean + belief * (ratio - mean), dtype=np.float64)
