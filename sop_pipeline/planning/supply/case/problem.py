"""From the tables of a case to the network and prices of the supply model.

The model is the one that plans a cycle; a case only says more about it (people, setups, space, ...) and has prices of its
own instead of the company's ratios. Add here: how a table of a case becomes arrays. Keep out: checks of single cells
(`reading`), laws (the blocks).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.case.places import Places, at_their_sites, components_of_case
from sop_pipeline.planning.supply.case.policies import (
    item_sites_that_say,
    labour_of,
    lots_of,
    maintenance_of,
    needs_setup,
    setups_of,
    shares_of,
    space_of,
)
from sop_pipeline.planning.supply.case.reading import CaseTables
from sop_pipeline.planning.supply.inputs import SupplyInputError
from sop_pipeline.planning.supply.network import (
    ITEM_SITE,
    STREAM,
    Floats,
    Flows,
    Network,
    floats,
)
from sop_pipeline.planning.supply.prices import UnitPrices


@dataclass(frozen=True)
class Problem:
    """A case as the model reads it."""

    network: Network
    prices: UnitPrices
    price_of_sale: Floats  # stream x period, whatever the objective is


def build_problem(case: CaseTables) -> Problem:
    """Place the tables in arrays, in the order of their keys. Raises SupplyInputError for loops of a bill of materials."""
    place = Places(case)
    demand = place.streams.merge(case["demand"], on=STREAM, how="left").sort_values([*STREAM, "period"])
    units = place.by_period(demand, "demand_units", place.stream_index, STREAM, 0.0)
    sale = place.by_period(demand, "unit_price", place.stream_index, STREAM, 0.0)
    flows = _flows(case, place)
    opening_backlog = _opening_backlog(case, place, units)
    resources = _resources(case, place)
    labour = labour_of(case, place)
    stock_floor, stock_target, below_price = _targets(case, place)
    network = Network(
        periods=pd.Index(case.periods, dtype=object),
        item_sites=place.item_sites,
        opening=place.stock("opening_units"),
        unit_cost=np.zeros(len(place.item_sites)),
        maximum_stock=_maximum_stock(case, place),
        open_supply=place.by_period(case["open_orders"], "open_units", place.site_index, ITEM_SITE, 0.0),
        target=np.maximum(stock_floor, stock_target),
        streams=place.streams.assign(priority=_priorities(case, place)),
        stream_item_site=place.positions(place.site_index, place.streams, ITEM_SITE),
        demand=units,
        unit_price=sale,
        opening_backlog=opening_backlog,
        flows=flows,
        resources=place.resources,
        regular_hours=resources["regular_hours"],
        overtime_maximum_hours=resources["overtime_maximum_hours"],
        regular_cost=resources["regular_cost_per_hour"],
        overtime_cost=resources["overtime_cost_per_hour"],
        parameters={},
        backlog_limit=_backlog_limit(case, place, demand),
        shelf_life_months=np.floor(place.stock("shelf_life_periods", np.inf)),
        has_pipeline_target=False,
        breaks_ties=False,
        has_whole_units=case.has_whole_units,
        labour=labour,
        lots=lots_of(case),
        space=space_of(case, place),
        maintenance=maintenance_of(case, place),
        shares=shares_of(case),
        to_order=item_sites_that_say(case, place, "order_strategy", "to_order"),
        fair_share=item_sites_that_say(case, place, "allocation_rule", "fair_share"),
    )
    network = replace(network, setups=setups_of(case, place, network))
    return Problem(network, _prices(case, place, network, demand, sale, below_price), sale)


def with_everything_allowed(problem: Problem) -> Problem:
    """The same case in which whatever may not be only costs 1 a unit and nothing else costs: tells what cannot be met."""
    network, prices = problem.network, problem.prices
    flows = network.flows
    free = replace(
        flows, unit_cost=np.zeros_like(flows.unit_cost), minimum_units=np.zeros_like(flows.minimum_units)
    )
    eased = replace(
        network,
        flows=free,
        regular_cost=np.zeros_like(network.regular_cost),
        overtime_cost=np.zeros_like(network.overtime_cost),
        labour=None
        if network.labour is None
        else replace(
            network.labour,
            wage_per_head=np.zeros_like(network.labour.wage_per_head),
            hire_cost=np.zeros_like(network.labour.hire_cost),
            layoff_cost=np.zeros_like(network.labour.layoff_cost),
        ),
        setups=None
        if network.setups is None
        else replace(network.setups, cost=np.zeros_like(network.setups.cost)),
        shares=None,
    )
    ones = UnitPrices(
        holding=np.zeros_like(prices.holding),
        # where either would do, stock gives way before customers
        below_target=np.full_like(prices.below_target, 0.9),
        above_maximum=np.full_like(prices.above_maximum, 0.9),
        pipeline=np.zeros_like(prices.pipeline),
        backlog=np.zeros_like(prices.backlog),
        lost_sale=np.ones_like(prices.lost_sale),
        replacement=prices.replacement,
        revenue=np.zeros_like(prices.revenue),
    )
    return replace(problem, network=eased, prices=ones)


def _flows(case: CaseTables, place: Places) -> Flows:
    sources, inputs = place.sources, components_of_case(case)
    loads = case["source_loads"]
    loads = loads[loads["hours_per_unit"] > 0].sort_values(["source_id", "resource_id"])
    by_period = {
        column: place.by_period(
            case["source_periods"], column, place.source_index, ["source_id"], floats(sources[column])
        )
        for column in ("unit_cost", "minimum_units", "maximum_units")
    }
    output = place.positions(place.site_index, sources, ITEM_SITE)
    has_setup = np.asarray(needs_setup(case, sources), dtype=bool)
    default = np.full(len(place.item_sites), -1, dtype=np.int64)
    first = sources.assign(output=output).sort_values(["priority", "source_id"]).drop_duplicates("output")
    default[first["output"].to_numpy(dtype=np.int64)] = first.index.to_numpy()
    return Flows(
        frame=sources,
        output=output,
        yields=floats(sources["yield_ratio"]),
        lead_time_months=floats(sources["lead_time_periods"]),
        unit_cost=by_period["unit_cost"],
        # the least of a source with a setup holds in the periods that it runs, see _setups
        minimum_units=np.where(has_setup[:, None], 0.0, by_period["minimum_units"]),
        maximum_units=by_period["maximum_units"],
        input_source=place.positions(place.source_index, inputs, ["source_id"]),
        input_item_site=place.positions(place.site_index, inputs, ITEM_SITE),
        units_per_unit=place.by_period(
            at_their_sites(case, "source_input_periods"),
            "units_per_unit",
            pd.MultiIndex.from_frame(inputs[["source_id", *ITEM_SITE]]),
            ["source_id", *ITEM_SITE],
            floats(inputs["units_per_unit"]),
        ),
        load_source=place.positions(place.source_index, loads, ["source_id"]),
        load_resource=place.positions(place.resource_index, loads, ["resource_id"]),
        hours_per_unit=floats(loads["hours_per_unit"]),
        setup_hours_per_unit=np.zeros(len(loads)),
        default=default,
    )


def _opening_backlog(case: CaseTables, place: Places, demand: Floats) -> Floats:
    """What an item-site owes, shared over its channels by their demand."""
    owed = place.stock("opening_backlog_units")
    result = np.zeros(len(place.streams))
    of = place.positions(place.site_index, place.streams, ITEM_SITE)
    share = demand.sum(axis=1)
    for item_site in np.flatnonzero(owed > 0).tolist():
        rows = np.flatnonzero(of == item_site)
        weight = share[rows] if share[rows].sum() > 0 else np.ones(len(rows))
        result[rows] = owed[item_site] * weight / weight.sum()
    return result


def _resources(case: CaseTables, place: Places) -> dict[str, Floats]:
    said = case["resources"].set_index("resource_id").reindex(place.resource_index)
    staffed = place.resource_index.isin(case["labour"]["resource_id"])
    unlimited = np.where(staffed, 0.0, np.inf)
    named = place.resource_index.isin(case["resources"]["resource_id"])
    # a resource that only capacity.csv knows has the hours that stand there, and none elsewhere
    unsaid = np.where(named, unlimited, 0.0)
    hours = said["regular_hours"].astype(float).to_numpy(dtype=float, na_value=np.nan)
    tables = {
        "regular_hours": np.where(np.isnan(hours), unsaid, hours),
        **{
            column: floats(said[column].astype(float).fillna(0.0))
            for column in ("overtime_maximum_hours", "regular_cost_per_hour", "overtime_cost_per_hour")
        },
    }
    result = {
        column: place.by_period(case["capacity"], column, place.resource_index, ["resource_id"], default)
        for column, default in tables.items()
    }
    lost = place.by_period(case["capacity"], "maintenance_hours", place.resource_index, ["resource_id"], 0.0)
    result["regular_hours"] = np.maximum(result["regular_hours"] - lost, 0.0)
    return result


def _maximum_stock(case: CaseTables, place: Places) -> Floats:
    most = place.by_period(
        case["stock_periods"],
        "maximum_units",
        place.site_index,
        ITEM_SITE,
        place.stock("maximum_units", np.inf),
    )
    most[:, -1] = np.minimum(most[:, -1], place.stock("ending_maximum_units", np.inf))
    return most


def _targets(case: CaseTables, place: Places) -> tuple[Floats, Floats, Floats]:
    """Least stock, stock aimed at, and what a unit below costs: infinite where the least is the mark."""
    least = place.by_period(
        case["stock_periods"], "minimum_units", place.site_index, ITEM_SITE, place.stock("minimum_units")
    )
    least[:, -1] = np.maximum(least[:, -1], place.stock("ending_minimum_units"))
    aimed = place.by_period(case["stock_periods"], "target_units", place.site_index, ITEM_SITE, 0.0)
    price = place.by_period(
        case["stock_periods"], "below_target_cost_per_unit", place.site_index, ITEM_SITE, 0.0
    )
    both = (least > 0) & (aimed > least)
    if both.any():
        names = [
            " / ".join(map(str, place.item_sites.iloc[row]))
            for row in sorted({*np.argwhere(both)[:, 0].tolist()})
        ]
        raise SupplyInputError(
            f"stock_periods.csv: {len(names)} item-site(s) have a target above a minimum in one period, e.g. "
            f"{'; '.join(names[:5])}.\nSay one of the two: the minimum must be held, the target may be missed at a price."
        )
    return least, aimed, np.where(least > 0, np.inf, price)


def _backlog_limit(case: CaseTables, place: Places, demand: pd.DataFrame) -> Floats:
    """Most that may be owed: nothing where waiting has no price, and only what the parameter says at the end."""
    most = place.by_period(demand, "backlog_maximum_units", place.stream_index, STREAM, np.inf)
    waits = case["demand"].loc[case["demand"]["backlog_cost_per_unit"].notna(), STREAM]
    may_wait = place.stream_index.isin(pd.MultiIndex.from_frame(waits))
    limit: Floats = np.where(may_wait[:, None], most, 0.0)
    limit[:, -1] = np.minimum(limit[:, -1], case.number("ending_backlog_maximum_units"))
    return limit


def _priorities(case: CaseTables, place: Places) -> Floats:
    """Priority of a stream: its first in any period."""
    asked = case["demand"].groupby(STREAM)["priority"].min().astype(float)
    return floats(asked.reindex(place.stream_index).fillna(1.0))


def _prices(
    case: CaseTables,
    place: Places,
    network: Network,
    demand: pd.DataFrame,
    sale: Floats,
    below_price: Floats,
) -> UnitPrices:
    holding = place.by_period(
        case["stock_periods"],
        "holding_cost_per_unit",
        place.site_index,
        ITEM_SITE,
        place.stock("holding_cost_per_unit"),
    )
    waiting = _filled_with_dearest(
        place.by_period(demand, "backlog_cost_per_unit", place.stream_index, STREAM, np.nan)
    )
    unsaid = np.inf if case.objective == "cost" else 0.0
    may_be_lost = demand.groupby(STREAM)["lost_sale_cost_per_unit"].transform(lambda cost: cost.notna().any())
    lost = place.by_period(demand, "lost_sale_cost_per_unit", place.stream_index, STREAM, np.nan)
    allowed = place.stream_index.isin(pd.MultiIndex.from_frame(demand.loc[may_be_lost, STREAM]))
    lost = np.where(np.isnan(lost) & ~allowed[:, None], unsaid, _filled_with_dearest(lost))
    count = len(place.item_sites)
    return UnitPrices(
        holding=holding,
        below_target=below_price,
        above_maximum=np.full(count, np.inf),
        pipeline=np.zeros(count),
        backlog=waiting,
        lost_sale=lost,
        replacement=np.zeros(count),
        revenue=sale if case.objective == "margin" else np.zeros_like(sale),
    )


def _filled_with_dearest(table: Floats) -> Floats:
    """Costs by stream and period; a period without one of its own costs what the stream's dearest does."""
    dearest = np.where(np.isnan(table), 0.0, table).max(axis=1)
    filled: Floats = np.where(np.isnan(table), dearest[:, None], table)
    return filled
