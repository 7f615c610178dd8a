"""Safety stocks and target stocks: how much the plan aims to hold, where and when.

Safety stock covers forecast error over the replenishment lead time and one review; the error is the backtest's, pooled
from the series of an item-site and carried to components through the first-choice sources. Add here: rules for targets.
Keep out: formulas of the normal model (`stock_measures`), what holding the target costs (`targets`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.checks import check_inputs
from sop_pipeline.planning.supply.inputs import SupplyInputError, SupplyInputs, company_parameter
from sop_pipeline.planning.supply.network import ITEM_SITE, STREAM, Floats, Network, build_network, floats
from sop_pipeline.planning.supply.rough_cut import components_of, explode, explosion_order
from sop_pipeline.planning.supply.solution import spread
from sop_pipeline.planning.supply.stock_measures import lead_time_deviation, safety_stock_units

EVERY_FAMILY = "all"
LOWEST_CLASS = "C"
LARGEST_SERVICE_RATIO = 0.9999


def plan_safety_stocks(
    inputs: SupplyInputs,
    backtest_errors: pd.DataFrame,
    demand_classes: pd.DataFrame,
    service_targets: pd.DataFrame,
    cycle_id: str,
    periods: pd.DatetimeIndex,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Safety stock of every item-site, and its target stock by month: the tables safety_stocks and target_stocks.

    `inputs.target_stocks` is not read (it is what is made here). Where no forecast error is known, the configured
    safety stock holds; where nothing is required over the horizon, none.
    """
    check_inputs(inputs, periods)
    _check_service_targets(service_targets)
    network = build_network(inputs, periods)
    review = company_parameter(inputs.parameters, "review_months")
    gross = explode(network)[0]
    error = pooled_errors(network, backtest_errors)
    stocks = network.item_sites.copy()
    stocks["abc_class"] = _classes(network, demand_classes)
    stocks["cycle_service_ratio"] = _service_ratios(inputs, stocks, service_targets)
    stocks["lead_time_months"] = np.round(_lead_times(network) + review, 6)
    stocks["demand_units_per_month"] = gross.mean(axis=1).round(3)
    stocks["demand_error_units"] = np.nan_to_num(error).round(3)
    known = np.isfinite(error)
    exposure = stocks["lead_time_months"].tolist()
    deviations = [
        lead_time_deviation(0.0, *pair) for pair in zip(np.nan_to_num(error).tolist(), exposure, strict=True)
    ]
    covered = [
        safety_stock_units(*pair)
        for pair in zip(stocks["cycle_service_ratio"].tolist(), deviations, strict=True)
    ]
    position = inputs.inventory_position.set_index(ITEM_SITE)["configured_safety_stock_units"]
    configured = (
        position.reindex(pd.MultiIndex.from_frame(network.item_sites)).astype(float).fillna(0.0).to_numpy()
    )
    is_required = gross.sum(axis=1) > 0
    units = np.where(known, covered, configured) * is_required
    stocks["safety_stock_units"] = units.round(3)
    stocks["target_basis"] = np.where(known, "service_target", "configured")
    targets = _target_stocks(network, gross, units, review)
    for frame in (stocks, targets):
        frame.insert(0, "cycle_id", cycle_id)
    return stocks, targets


def _check_service_targets(service_targets: pd.DataFrame) -> None:
    ratios = service_targets["cycle_service_ratio"].astype(float)
    bad = service_targets[~((ratios >= 0.5) & (ratios <= LARGEST_SERVICE_RATIO))]
    repeated = service_targets[service_targets["family_id"].duplicated(keep=False)]
    problems = [
        f"planner.service_targets: {len(rows)} row(s) {what}, e.g. "
        + ", ".join(sorted({str(family) for family in rows["family_id"]})[:5])
        for rows, what in (
            (bad, f"with a cycle_service_ratio outside 0.5 to {LARGEST_SERVICE_RATIO}"),
            (repeated, "repeat a family"),
        )
        if len(rows)
    ]
    if problems:
        raise SupplyInputError(
            "\n * ".join(["Safety stocks cannot be set:", *problems, "Correct the planner's input."])
        )


def pooled_errors(network: Network, backtest_errors: pd.DataFrame) -> Floats:
    """Standard deviation of a month's forecast error by item-site; not a number where none is known.

    Errors of different series are taken as independent: their squares add. A component's error is that of what it goes
    into, times the units it takes.
    """
    champions = backtest_errors[backtest_errors["is_champion"].astype(bool)]
    by_stream = champions.drop_duplicates(STREAM).set_index(STREAM)["root_mean_squared_error"].astype(float)
    errors = by_stream.reindex(pd.MultiIndex.from_frame(network.streams[STREAM])).to_numpy()
    known = np.isfinite(errors)
    squares = np.zeros(len(network.item_sites))
    is_known = np.zeros(len(network.item_sites), dtype=bool)
    np.add.at(squares, network.stream_item_site[known], errors[known] ** 2)
    is_known[network.stream_item_site[known]] = True
    components = components_of(network.flows)
    for item_site in explosion_order(network):
        source = int(network.flows.default[item_site])
        for component, units in components[source] if source >= 0 and is_known[item_site] else []:
            squares[component] += squares[item_site] * (units / network.flows.yields[source]) ** 2
            is_known[component] = True
    result: Floats = np.where(is_known, np.sqrt(squares), np.nan)
    return result


def _lead_times(network: Network) -> Floats:
    """Replenishment lead time of the first-choice source; 0 where nothing supplies."""
    default = network.flows.default
    lead_time: Floats = np.zeros(len(default))
    lead_time[default >= 0] = network.flows.lead_time_months[default[default >= 0]]
    return lead_time


def _classes(network: Network, demand_classes: pd.DataFrame) -> list[str]:
    """Best class of the item-site's own series and of everything that it goes into."""
    by_stream = demand_classes.drop_duplicates(STREAM).set_index(STREAM)["abc_class"]
    own = by_stream.reindex(pd.MultiIndex.from_frame(network.streams[STREAM])).fillna(LOWEST_CLASS)
    best = [LOWEST_CLASS] * len(network.item_sites)
    for item_site, letter in zip(network.stream_item_site.tolist(), own.astype(str), strict=True):
        best[item_site] = min(best[item_site], letter)
    components = components_of(network.flows)
    for item_site in explosion_order(network):
        source = int(network.flows.default[item_site])
        for component, _ in components[source] if source >= 0 else []:
            best[component] = min(best[component], best[item_site])
    return best


def _service_ratios(inputs: SupplyInputs, stocks: pd.DataFrame, service_targets: pd.DataFrame) -> Floats:
    """Target of the item's family, else of all families, else the parameter of the company."""
    by_family = service_targets.set_index("family_id")["cycle_service_ratio"].astype(float).to_dict()
    fallback = by_family.get(EVERY_FAMILY)
    if fallback is None:
        fallback = company_parameter(inputs.parameters, "cycle_service_ratio")
    family = stocks["item_id"].map(inputs.items.set_index("item_id")["family_id"])
    return floats(family.map(by_family).astype(float).fillna(fallback))


def _target_stocks(network: Network, gross: Floats, safety_stock: Floats, review: float) -> pd.DataFrame:
    """Safety stock and half of what a review period takes of the next month; nothing where no use follows."""
    following = np.column_stack([gross[:, 1:], gross[:, -1:]])
    still_used = np.cumsum(following[:, ::-1], axis=1)[:, ::-1] > 0
    units = (safety_stock[:, None] + 0.5 * review * following) * still_used
    frame = spread(network.item_sites, network)
    frame["target_units"] = np.minimum(units, network.maximum_stock).ravel().round(3)
    return frame
