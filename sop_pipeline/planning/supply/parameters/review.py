"""The review of planning parameters: what documents say of each configured value, and what to enter instead.

Add here: a kind of parameter (one line in `KINDS`; its rows come from core.fct_configured_parameters and
core.fct_parameter_observations). Keep out: estimates and tests (`evidence`), what parameters share (`pooling`), what people decided (core, marts).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.inputs import company_parameter
from sop_pipeline.planning.supply.parameters.evidence import (
    MEDIAN_ERROR,
    Counted,
    Estimate,
    Floats,
    beyond_tolerance,
    false_discovery_adjusted,
    lot_multiple,
    median_of_few,
    ratio_of_sums,
    safety_time,
    smallest_lot,
    smallest_order,
    trimmed_mean,
    without_outliers,
)
from sop_pipeline.planning.supply.parameters.pooling import Spread, shared_spread, with_shared_spread

KEY = ["parameter_id", "object_id"]
VALUES = ["measured_value", "p50_value", "p90_value", "standard_error", "delta_value", "tolerance_value",
          "test_statistic", "p_value"]  # fmt: skip
LEAST = 2  # below it no error can be told, whatever people ask for
FEW = 8  # fewer documents than these take the spread of their kind into account
ARRIVED_SHARE = 0.95


@dataclass(frozen=True)
class Documents:
    """What the documents of one parameter say: value by document = numerator / denominator."""

    numerator: Floats
    denominator: Floats
    configured: float
    tolerance: float

    @property
    def count(self) -> int:
        return len(self.numerator)


@dataclass(frozen=True)
class Kind:
    """How one kind of parameter is measured. `tolerance`: the planning parameter that says what still counts as right.

    `usual_error`: the standard error of so many documents where the kind's spread is 1; None where orders are counted.
    """

    measure: Callable[[Documents], Estimate | Counted]
    tolerance: str
    usual_error: Callable[[Documents], float] | None = None
    decimals: int = 0
    is_relative: bool = False


def _lead_time(said: Documents) -> Estimate:
    days = said.numerator
    return median_of_few(days, resolution=1.0) if said.count < FEW else trimmed_mean(days, resolution=1.0)


def _yield(said: Documents) -> Estimate:
    """Ratio of sums; its error is at least what chance alone gives at the nearest value that would still be right."""
    estimate = ratio_of_sums(said.numerator, said.denominator)
    return replace(estimate, standard_error=max(estimate.standard_error, _chance(said, estimate.value)))


def _chance(said: Documents, value: float) -> float:
    edge = said.configured + math.copysign(said.tolerance, value - said.configured)
    return math.sqrt(max(edge * (1.0 - edge), 1e-6) / float(said.denominator.sum()))


def _run_hours(said: Documents) -> Estimate:
    keep = without_outliers(said.numerator, said.denominator)
    return ratio_of_sums(said.numerator[keep], said.denominator[keep])


def _component_scrap(said: Documents) -> Estimate:
    """Share of what was taken from stock that no bill calls for; months are weighted by what they took.

    Where less is taken than bills call for, their quantities are wrong, not their scrap: none is measured.
    """
    estimate = ratio_of_sums(said.numerator, said.denominator)
    return replace(estimate, value=max(estimate.value, 0.0))


def _by_share(said: Documents) -> float:
    """Of what scatters in proportion to itself."""
    return said.configured / math.sqrt(said.count)


def _by_share_of_days(said: Documents) -> float:
    """The same of a lead time, of a day at least; few documents tell a median."""
    factor = MEDIAN_ERROR if said.count < FEW else 1.0
    return factor * max(said.configured, 1.0) / math.sqrt(said.count)


def _by_luck(said: Documents) -> float:
    """Of units that turn out good or bad each for itself."""
    return _chance(said, float(said.numerator.sum() / said.denominator.sum()))


def _by_counting(count: Callable[[Floats, float, float], Counted]) -> Callable[[Documents], Counted]:
    return lambda said: count(said.numerator, said.configured, said.tolerance)


KINDS: dict[tuple[str, str], Kind] = {
    ("lead_time_days", "buy"): Kind(_lead_time, "purchase_lead_time_tolerance_days", _by_share_of_days),
    ("lead_time_days", "make"): Kind(_lead_time, "make_lead_time_tolerance_days", _by_share_of_days),
    ("lead_time_days", "lane"): Kind(_lead_time, "lane_lead_time_tolerance_days", _by_share_of_days),
    ("minimum_order_units", "buy"): Kind(_by_counting(smallest_order), "minimum_order_exception_ratio"),
    ("lot_minimum_units", "make"): Kind(_by_counting(smallest_lot), "lot_minimum_exception_ratio"),
    ("lot_multiple_units", "make"): Kind(_by_counting(lot_multiple), "lot_multiple_exception_ratio"),
    ("lot_multiple_units", "buy"): Kind(_by_counting(lot_multiple), "lot_multiple_exception_ratio"),
    ("yield_ratio", "make"): Kind(_yield, "yield_tolerance_ratio", _by_luck, decimals=3),
    ("run_hours_per_unit", "operation"): Kind(
        _run_hours, "run_hours_tolerance_ratio", _by_share, decimals=4, is_relative=True
    ),
    ("component_scrap_ratio", "component"): Kind(
        _component_scrap, "component_scrap_tolerance_ratio", decimals=3
    ),
    ("safety_time_days", "item_site"): Kind(_by_counting(safety_time), "safety_time_tolerance_days"),
}
"""Parameter and what carries it -> how it is measured. Safety stocks are computed, not observed: see `_safety_stocks`."""


def review_parameters(
    configured: pd.DataFrame,
    observations: pd.DataFrame,
    safety_stocks: pd.DataFrame,
    backtest_errors: pd.DataFrame,
    parameters: pd.DataFrame,
    cycle_id: str,
    cycle_start: pd.Timestamp,
) -> pd.DataFrame:
    """One row per configured parameter: the table parameter_reviews.

    `configured` and `observations`: rows of core.fct_configured_parameters and core.fct_parameter_observations. A row with
    fewer observations than `parameter_minimum_observations` gets no verdict; the others are tested together, so that of
    those called wrong at most `parameter_false_discovery_ratio` are so by chance. Of lead times those are left out that
    started so lately that only the fast ones can have come: less than nineteen of twenty take before `cycle_start`.
    """
    minimum = max(LEAST, int(company_parameter(parameters, "parameter_minimum_observations")))
    review = configured[[*KEY, "object_type", "item_id", "site_id", "configured_value"]].copy()
    review["configured_value"] = review["configured_value"].astype(float)
    review = review.sort_values(KEY, ignore_index=True)
    review["observation_count"] = 0
    review[VALUES] = np.nan
    _fill_observed(review, observations, parameters, minimum, cycle_start)
    _fill_safety_stocks(review, safety_stocks, backtest_errors, parameters, minimum)
    return _judged(review, parameters, minimum, cycle_id)


def _fill_observed(
    review: pd.DataFrame,
    observations: pd.DataFrame,
    parameters: pd.DataFrame,
    minimum: int,
    cycle_start: pd.Timestamp,
) -> None:
    """Measure every parameter that documents speak of."""
    tolerances = {kind: company_parameter(parameters, rule.tolerance) for kind, rule in KINDS.items()}
    rows = observations.merge(review[KEY].assign(place=np.arange(len(review))), on=KEY, validate="m:1")
    rows = rows.sort_values(["place", "observation_id"])
    kinds = list(zip(review["parameter_id"].tolist(), review["object_type"].tolist(), strict=True))
    configured = review["configured_value"].tolist()
    ages = (pd.Timestamp(cycle_start) - pd.to_datetime(rows["observed_date"])).dt.days.to_numpy(dtype=float)
    numerators, denominators = (rows[name].to_numpy(dtype=float) for name in ("numerator", "denominator"))
    places, starts = np.unique(rows["place"].to_numpy(), return_index=True)
    counts = review["observation_count"].to_numpy(copy=True)
    tolerated = review["tolerance_value"].to_numpy(dtype=float, copy=True)
    found: dict[int, tuple[Documents, Estimate | Counted]] = {}
    for place, start, end in zip(places.tolist(), starts, np.append(starts, len(rows))[1:], strict=True):
        kind = KINDS.get(kinds[place])
        if kind is None:
            continue
        numerator, denominator = numerators[start:end], denominators[start:end]
        if kinds[place][0] == "lead_time_days":
            arrived = ages[start:end] >= np.quantile(numerator, ARRIVED_SHARE)
            numerator, denominator = numerator[arrived], denominator[arrived]
        tolerance = tolerances[kinds[place]] * (configured[place] if kind.is_relative else 1.0)
        counts[place], tolerated[place] = len(numerator), tolerance
        if len(numerator) >= minimum:
            said = Documents(numerator, denominator, configured[place], tolerance)
            found[place] = (said, kind.measure(said))
    review["observation_count"], review["tolerance_value"] = counts, tolerated
    _fill_tested(review, kinds, found)


def _fill_tested(
    review: pd.DataFrame,
    kinds: list[tuple[str, str]],
    found: dict[int, tuple[Documents, Estimate | Counted]],
) -> None:
    """Values, errors and p-values of what was measured; where documents are few, with the spread of their kind."""
    spreads = {name: _spread_of(kind, [found[place] for place in found if kinds[place] == name]) for name, kind in KINDS.items()}  # fmt: skip
    names = ["measured_value", "p50_value", "p90_value", "standard_error", "test_statistic", "p_value"]
    rows = []
    for place, (said, measured) in found.items():
        if isinstance(measured, Counted):
            tested = (math.nan, float(measured.exceptions), measured.p_value)
        else:
            kind, spread = KINDS[kinds[place]], spreads[kinds[place]]
            if said.count < FEW and spread is not None and kind.usual_error is not None:
                measured = with_shared_spread(measured, kind.usual_error(said), spread)
            tested = (
                measured.standard_error,
                *beyond_tolerance(measured, said.configured, said.tolerance),
            )
        middle, late = np.quantile(said.numerator / said.denominator, [0.5, 0.9])
        rows.append((measured.value, middle, late, *tested))
    if rows:
        review.loc[list(found), names] = np.array(rows, dtype=float)


def _spread_of(kind: Kind, found: list[tuple[Documents, Estimate | Counted]]) -> Spread | None:
    """Spread of a kind, of those of its parameters that have documents enough to tell their own."""
    if kind.usual_error is None:
        return None
    many = [
        (kind.usual_error(said), measured)
        for said, measured in found
        if said.count >= FEW and isinstance(measured, Estimate)
    ]
    variances = np.array([(measured.standard_error / usual) ** 2 for usual, measured in many])
    return shared_spread(variances, np.array([measured.freedom for _, measured in many]))


def _fill_safety_stocks(
    review: pd.DataFrame,
    safety_stocks: pd.DataFrame,
    backtest_errors: pd.DataFrame,
    parameters: pd.DataFrame,
    minimum: int,
) -> None:
    """Measured: what the service target takes of the forecast errors. A standard deviation of n errors has the relative error
    1 / sqrt(2 (n - 1)) (Ahn, S., Fessler, J. A., 2003, Standard errors of mean, variance and standard deviation estimators).

    Only where the item-site has series of its own, whose errors are counted.
    """
    champions = backtest_errors[backtest_errors["is_champion"].astype(bool)]
    errors = champions.groupby(["item_id", "site_id"])["origins"].sum().rename("errors").reset_index()
    required = safety_stocks[safety_stocks["target_basis"] == "service_target"]
    known = required.merge(errors, on=["item_id", "site_id"], validate="1:1")
    share = company_parameter(parameters, "safety_stock_tolerance_ratio")
    chosen = review[review["parameter_id"] == "safety_stock_units"]
    rows = chosen[["item_id", "site_id", "configured_value"]].reset_index(names="place")
    rows = rows.merge(
        known[["item_id", "site_id", "safety_stock_units", "errors"]], on=["item_id", "site_id"]
    )
    review.loc[rows["place"], "observation_count"] = rows["errors"].to_numpy(dtype=np.int64)
    rows = rows[rows["errors"] >= minimum]
    columns = [
        rows[name].astype(float).tolist() for name in ("configured_value", "safety_stock_units", "errors")
    ]
    measured = []
    for configured, units, count in zip(*columns, strict=True):
        tolerance = share * max(configured, units)
        estimate = Estimate(units, units / math.sqrt(2.0 * (count - 1.0)), count - 1.0)
        measured.append(
            (units, estimate.standard_error, tolerance, *beyond_tolerance(estimate, configured, tolerance))
        )
    names = ["measured_value", "standard_error", "tolerance_value", "test_statistic", "p_value"]
    review.loc[rows["place"], names] = np.array(measured, dtype=float).reshape(len(rows), len(names))


def _judged(review: pd.DataFrame, parameters: pd.DataFrame, minimum: int, cycle_id: str) -> pd.DataFrame:
    """Verdict and proposal of every row."""
    level = company_parameter(parameters, "parameter_false_discovery_ratio")
    tested = review["p_value"].notna() & (review["observation_count"] >= minimum)
    review["adjusted_p_value"] = np.nan
    review.loc[tested, "adjusted_p_value"] = false_discovery_adjusted(
        review.loc[tested, "p_value"].to_numpy(dtype=float)
    )
    is_wrong = tested & (review["adjusted_p_value"] <= level)
    review["verdict"] = np.where(is_wrong, "wrong", np.where(tested, "right", "too_few_observations"))
    review["delta_value"] = review["measured_value"] - review["configured_value"]
    columns = [review[name] for name in ("verdict", "measured_value", "parameter_id", "object_type")]
    review["proposed_value"] = [
        _entered(value, parameter_id, object_type) if verdict == "wrong" else np.nan
        for verdict, value, parameter_id, object_type in zip(*columns, strict=True)
    ]
    review["test_statistic"] = review["test_statistic"].clip(-1e6, 1e6)
    for name in [*VALUES, "adjusted_p_value"]:
        review[name] = review[name].astype(float).round(6)
    review.insert(0, "cycle_id", cycle_id)
    return review.drop(columns=["object_type", "item_id", "site_id"])


def _entered(value: float, parameter_id: str, object_type: str) -> float:
    """A value as people would enter it: whole days and units, ratios to a thousandth, hours to three digits or 0.0001."""
    kind = KINDS.get((parameter_id, object_type))
    decimals = kind.decimals if kind else 0
    if decimals == 4 and 0.0 < value < 0.1:
        decimals = min(6, 2 - math.floor(math.log10(value)))
    return float(math.floor(value * 10**decimals + 0.5) / 10**decimals)
