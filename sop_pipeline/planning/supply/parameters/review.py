"""The review of planning parameters: what documents say of each configured value, and what to enter instead.

Add here: a kind of parameter (one line in `KINDS`; its rows come from core.fct_configured_parameters and
core.fct_parameter_observations). Keep out: estimates and tests (`evidence`), what people decided (core, marts).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.inputs import company_parameter
from sop_pipeline.planning.supply.parameters.evidence import (
    Counted,
    Estimate,
    Floats,
    beyond_tolerance,
    false_discovery_adjusted,
    lot_multiple,
    ratio_of_sums,
    smallest_lot,
    smallest_order,
    trimmed_mean,
    without_outliers,
)

KEY = ["parameter_id", "object_id"]
VALUES = ["measured_value", "p50_value", "p90_value", "standard_error", "delta_value", "tolerance_value",
          "test_statistic", "p_value"]  # fmt: skip
LEAST = 4  # below it no error can be told, whatever people ask for
ARRIVED_SHARE = 0.95


@dataclass(frozen=True)
class Kind:
    """How one kind of parameter is measured. `tolerance`: the planning parameter that says what still counts as right."""

    measure: Callable[[Floats, Floats, float, float], Measured]
    tolerance: str
    decimals: int = 0
    is_relative: bool = False


@dataclass(frozen=True)
class Measured:
    """What the observations of one parameter say; no standard error where orders are counted."""

    value: float
    standard_error: float
    statistic: float
    p_value: float


def _tested(estimate: Estimate, configured: float, tolerance: float) -> Measured:
    return Measured(
        estimate.value, estimate.standard_error, *beyond_tolerance(estimate, configured, tolerance)
    )


def _lead_time(days: Floats, _: Floats, configured: float, tolerance: float) -> Measured:
    return _tested(trimmed_mean(days, resolution=1.0), configured, tolerance)


def _yield(good: Floats, started: Floats, configured: float, tolerance: float) -> Measured:
    """Ratio of sums; its error is at least what chance alone gives at the nearest value that would still be right."""
    estimate = ratio_of_sums(good, started)
    edge = configured + math.copysign(tolerance, estimate.value - configured)
    chance = math.sqrt(max(edge * (1.0 - edge), 0.0) / float(started.sum()))
    return _tested(
        Estimate(estimate.value, max(estimate.standard_error, chance), estimate.freedom),
        configured,
        tolerance,
    )


def _run_hours(hours: Floats, units: Floats, configured: float, tolerance: float) -> Measured:
    keep = without_outliers(hours, units)
    return _tested(ratio_of_sums(hours[keep], units[keep]), configured, tolerance)


def _by_counting(
    count: Callable[[Floats, float, float], Counted],
) -> Callable[[Floats, Floats, float, float], Measured]:
    def measure(quantities: Floats, _: Floats, configured: float, tolerance: float) -> Measured:
        counted = count(quantities, configured, tolerance)
        return Measured(counted.value, math.nan, float(counted.exceptions), counted.p_value)

    return measure


KINDS: dict[tuple[str, str], Kind] = {
    ("lead_time_days", "buy"): Kind(_lead_time, "purchase_lead_time_tolerance_days"),
    ("lead_time_days", "make"): Kind(_lead_time, "make_lead_time_tolerance_days"),
    ("lead_time_days", "lane"): Kind(_lead_time, "lane_lead_time_tolerance_days"),
    ("minimum_order_units", "buy"): Kind(_by_counting(smallest_order), "minimum_order_exception_ratio"),
    ("lot_minimum_units", "make"): Kind(_by_counting(smallest_lot), "lot_minimum_exception_ratio"),
    ("lot_multiple_units", "make"): Kind(_by_counting(lot_multiple), "lot_multiple_exception_ratio"),
    ("lot_multiple_units", "buy"): Kind(_by_counting(lot_multiple), "lot_multiple_exception_ratio"),
    ("yield_ratio", "make"): Kind(_yield, "yield_tolerance_ratio", decimals=3),
    ("run_hours_per_unit", "operation"): Kind(
        _run_hours, "run_hours_tolerance_ratio", decimals=4, is_relative=True
    ),
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
    values: dict[str, Floats] = {name: review[name].to_numpy(dtype=float, copy=True) for name in VALUES}
    counts = review["observation_count"].to_numpy(copy=True)
    for place, start, end in zip(places.tolist(), starts, np.append(starts, len(rows))[1:], strict=True):
        kind = KINDS.get(kinds[place])
        if kind is None:
            continue
        numerator, denominator = numerators[start:end], denominators[start:end]
        if kinds[place][0] == "lead_time_days":
            arrived = ages[start:end] >= np.quantile(numerator, ARRIVED_SHARE)
            numerator, denominator = numerator[arrived], denominator[arrived]
        tolerance = tolerances[kinds[place]] * (configured[place] if kind.is_relative else 1.0)
        counts[place], values["tolerance_value"][place] = len(numerator), tolerance
        if len(numerator) < minimum:
            continue
        observed = numerator / denominator
        values["p50_value"][place], values["p90_value"][place] = np.quantile(observed, [0.5, 0.9])
        measured = kind.measure(numerator, denominator, configured[place], tolerance)
        values["measured_value"][place] = measured.value
        values["standard_error"][place] = measured.standard_error
        values["test_statistic"][place] = measured.statistic
        values["p_value"][place] = measured.p_value
    for name, filled in values.items():
        review[name] = filled
    review["observation_count"] = counts


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
