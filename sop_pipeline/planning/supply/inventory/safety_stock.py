r"""Safety stocks and target stocks: how much the plan aims to hold, where and when.

Safety stock covers two things that nobody knows: how far demand will be from its forecast over the exposure (the
replenishment lead time and one review), and how far what is bought will arrive from the day promised:
$z \sqrt{\sigma_E^2 + d^2 \sigma_L^2}$ with the error $\sigma_E$ measured over the exposure (`forecast_error`), demand $d$
a month and the spread of arrivals $\sigma_L$ in months (`lead_times`); where errors of months are independent,
$\sigma_E^2 = L \sigma_D^2$ and this is the formula of the textbooks (Chopra and Meindl; Silver, Pyke and Thomas).
Add here: rules for targets. Keep out: formulas on plain numbers (`measures`), who is stocked for what
(`policies`), what holding the target costs (`laws.targets`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.checks import check_inputs
from sop_pipeline.planning.supply.inputs import SupplyInputs, company_parameter
from sop_pipeline.planning.supply.inventory.forecast_error import ForecastErrors, measure_errors
from sop_pipeline.planning.supply.inventory.lead_times import LeadTimeSpreads, measure_lead_times
from sop_pipeline.planning.supply.inventory.measures import (
    fill_factors,
    rare_demand_stock_units,
    safety_factors,
)
from sop_pipeline.planning.supply.inventory.policies import choose_policies
from sop_pipeline.planning.supply.network import ITEM_SITE, Floats, Network, floats
from sop_pipeline.planning.supply.policies import company_network
from sop_pipeline.planning.supply.results.solution import spread
from sop_pipeline.planning.supply.rough_cut import explode

LARGEST_CHANGE = 10.0
"""Most by which the demand of a month may differ from that of the tested months when the error follows it."""


@dataclass(frozen=True)
class StockRecords:
    """What safety stocks are measured on and set by: tables of `planning`, `core` and `planner` of these names."""

    backtest_forecasts: pd.DataFrame
    demand_history_clean: pd.DataFrame
    forecast_records: pd.DataFrame  # core.fct_forecast_records
    receipts: pd.DataFrame  # core.fct_receipts
    demand_classes: pd.DataFrame
    service_targets: pd.DataFrame
    inventory_policies: pd.DataFrame


@dataclass(frozen=True)
class _Uncertainty:
    """Item-site x month: demand a month over the exposure that follows, and the variances of what it may differ by."""

    exposure_months: Floats  # item-site
    demand: Floats
    of_demand: Floats
    of_lead_time: Floats

    @property
    def deviation(self) -> Floats:
        result: Floats = np.sqrt(self.of_demand + self.of_lead_time)
        return result


def plan_safety_stocks(
    inputs: SupplyInputs, records: StockRecords, cycle_id: str, periods: pd.DatetimeIndex
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Safety stock of every item-site, and its target stock by month: the tables safety_stocks and target_stocks.

    `inputs.target_stocks` is not read (it is what is made here). What people set holds; where no forecast error is known,
    the safety stock of the ERP; where nothing is required over the horizon, or what is made to order, none. The safety stock
    of an item-site is that of the first month, those of the months follow the forecast.
    """
    check_inputs(inputs, periods)
    network = company_network(inputs, periods)
    stocks = choose_policies(
        network, inputs, records.demand_classes, records.service_targets, records.inventory_policies
    )
    review = company_parameter(inputs.parameters, "review_months")
    gross = explode(network)[0]
    errors = measure_errors(
        network, records.backtest_forecasts, records.demand_history_clean, records.forecast_records
    )
    arrivals = measure_lead_times(network, records.receipts, periods[0])
    doubt = _uncertainty(network, gross, errors, arrivals, review)
    covered = _covering_units(stocks, doubt, _order_units(network, inputs, gross, review))
    is_required = gross.sum(axis=1) > 0
    units = _units_in_force(network, inputs, stocks, errors, covered) * is_required[:, None]
    is_to_order = np.zeros(len(stocks), dtype=bool)
    is_to_order[[] if network.to_order is None else network.to_order] = True
    units[is_to_order] = 0.0
    _describe(stocks, errors, arrivals, doubt, units, gross)
    stocks.loc[is_to_order, "target_basis"] = "to_order"
    targets = _target_stocks(network, gross * ~is_to_order[:, None], units, review)
    stocks = stocks.drop(columns=["is_rare", "set_units"])
    for frame in (stocks, targets):
        frame.insert(0, "cycle_id", cycle_id)
    return stocks, targets


def _uncertainty(
    network: Network, gross: Floats, errors: ForecastErrors, arrivals: LeadTimeSpreads, review: float
) -> _Uncertainty:
    """The error follows the forecast: by the power of its demand against the tested months that the company's series show."""
    exposure = np.round(_lead_times(network) + review, 6)
    demand = _mean_ahead(gross, exposure)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.where(errors.level[:, None] > 0, demand / errors.level[:, None], 1.0)
    change = np.where(change > 0, np.clip(change, 1 / LARGEST_CHANGE, LARGEST_CHANGE), 0.0)
    deviation = np.nan_to_num(errors.deviation(exposure))[:, None] * change**errors.exponent
    of_lead_time = (demand * arrivals.deviation_months[:, None]) ** 2
    return _Uncertainty(exposure, demand, deviation**2, of_lead_time)


def _mean_ahead(gross: Floats, exposure: Floats) -> Floats:
    """Mean requirement of the months that the exposure reaches after each month; the last month stands for what follows."""
    months = np.maximum(np.ceil(exposure - 1e-9).astype(np.int64), 1)
    longest = int(months.max(initial=1))
    padded = np.concatenate([gross[:, 1:], np.repeat(gross[:, -1:], longest + 1, axis=1)], axis=1)
    sums = np.concatenate([np.zeros((len(gross), 1)), np.cumsum(padded, axis=1)], axis=1)
    first = np.arange(gross.shape[1])
    rows = np.arange(len(gross))[:, None]
    result: Floats = (sums[rows, first + months[:, None]] - sums[:, first]) / months[:, None]
    return np.maximum(result, 0.0)


def _covering_units(stocks: pd.DataFrame, doubt: _Uncertainty, order_units: Floats) -> Floats:
    """Units by item-site and month that give the service: a fill where one is asked, whole units where demand is rare."""
    deviation, shape = doubt.deviation, doubt.demand.shape
    service = floats(stocks["cycle_service_ratio"])
    fill = np.repeat(floats(stocks["fill_ratio"])[:, None], shape[1], axis=1)
    by_fill = np.isfinite(fill)
    factor = np.repeat(
        safety_factors(np.where(np.isfinite(service), service, 0.5))[:, None], shape[1], axis=1
    )
    factor[by_fill] = fill_factors(fill[by_fill], deviation[by_fill], order_units[by_fill])
    units: Floats = factor * deviation
    rare = np.repeat(stocks["is_rare"].to_numpy(dtype=bool)[:, None], shape[1], axis=1) & ~by_fill
    rare &= deviation > 0
    mean = doubt.demand * doubt.exposure_months[:, None]
    level = np.repeat(service[:, None], shape[1], axis=1)
    units[rare] = rare_demand_stock_units(level[rare], mean[rare], deviation[rare])
    return units


def _order_units(network: Network, inputs: SupplyInputs, gross: Floats, review: float) -> Floats:
    """What one replenishment brings: a review's requirement, or the least lot where that is more."""
    lots = np.zeros(len(gross))
    default = network.flows.default
    if "minimum_lot_units" in network.flows.frame.columns:
        least = network.flows.frame["minimum_lot_units"].astype(float).fillna(0.0).to_numpy(dtype=np.float64)
        lots[default >= 0] = least[default[default >= 0]]
    result: Floats = np.maximum(review * gross, lots[:, None])
    return result


def _units_in_force(
    network: Network, inputs: SupplyInputs, stocks: pd.DataFrame, errors: ForecastErrors, covered: Floats
) -> Floats:
    """What people set, else what the service asks, else what the ERP has; `target_basis` says which."""
    position = inputs.inventory_position.set_index(ITEM_SITE)["configured_safety_stock_units"]
    configured = floats(
        position.reindex(pd.MultiIndex.from_frame(network.item_sites)).astype(float).fillna(0.0)
    )
    by_hand = floats(stocks["set_units"])
    is_set = np.isfinite(by_hand)
    stocks["target_basis"] = np.where(
        is_set, "people", np.where(errors.known, "service_target", "configured")
    )
    stocks["configured_units"] = configured.round(3)
    fixed = np.where(is_set, by_hand, configured)
    units: Floats = np.where((errors.known & ~is_set)[:, None], covered, fixed[:, None])
    return units.round(3)


def _describe(
    stocks: pd.DataFrame,
    errors: ForecastErrors,
    arrivals: LeadTimeSpreads,
    doubt: _Uncertainty,
    units: Floats,
    gross: Floats,
) -> None:
    """Columns that say what the safety stock of the first month stands on; its two parts add up to it."""
    first = units[:, 0]
    stocks["lead_time_months"] = doubt.exposure_months
    stocks["demand_units_per_month"] = gross.mean(axis=1).round(3)
    stocks["demand_error_units"] = np.sqrt(np.nan_to_num(errors.variance[:, 0])).round(3)
    stocks["exposure_error_units"] = np.sqrt(doubt.of_demand[:, 0]).round(3)
    stocks["error_origins"] = errors.origins
    stocks["published_origins"] = errors.published_origins
    stocks["lead_time_deviation_months"] = arrivals.deviation_months.round(6)
    stocks["lead_time_receipts"] = arrivals.receipts.astype(np.int64)
    stocks["lead_time_basis"] = arrivals.basis
    stocks["lead_time_reason"] = arrivals.reason
    stocks["demand_distribution"] = np.where(stocks["is_rare"], "negative_binomial", "normal")
    variance = doubt.of_demand[:, 0] + doubt.of_lead_time[:, 0]
    share = np.divide(doubt.of_lead_time[:, 0], variance, out=np.zeros_like(variance), where=variance > 0)
    is_measured = (stocks["target_basis"] == "service_target").to_numpy()
    stocks["lead_time_part_units"] = np.where(is_measured, first * share, 0.0).round(3)
    stocks["demand_part_units"] = np.where(
        is_measured, first - stocks["lead_time_part_units"].to_numpy(), 0.0
    ).round(3)
    short, missing = errors.shortfalls(doubt.exposure_months, first)
    stocks["short_origins"], stocks["short_units"] = short, missing.round(3)
    stocks["safety_stock_units"] = first


def _lead_times(network: Network) -> Floats:
    """Replenishment lead time of the first-choice source; 0 where nothing supplies."""
    default = network.flows.default
    lead_time: Floats = np.zeros(len(default))
    lead_time[default >= 0] = network.flows.lead_time_months[default[default >= 0]]
    return lead_time


def _target_stocks(network: Network, gross: Floats, safety_stock: Floats, review: float) -> pd.DataFrame:
    """Safety stock and half of what a review period takes of the next month; nothing where no use follows."""
    following = np.column_stack([gross[:, 1:], gross[:, -1:]])
    still_used = np.cumsum(following[:, ::-1], axis=1)[:, ::-1] > 0
    safety = np.minimum(safety_stock * still_used, network.maximum_stock)
    units = np.minimum((safety_stock + 0.5 * review * following) * still_used, network.maximum_stock)
    frame = spread(network.item_sites, network)
    frame["safety_stock_units"] = safety.ravel().round(3)
    frame["target_units"] = units.ravel().round(3)
    return frame
