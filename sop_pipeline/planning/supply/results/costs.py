"""The plan's cost, term by term, priced from the published flows.

The solver's objective is only compared with the sum; what is published is what is priced here. Add here: the pricing of
a new cost term. Keep out: unit prices (`prices`), quantities (`solution`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.laws.flows import COST_TERM_OF_TYPE
from sop_pipeline.planning.supply.network import ITEM_SITE, STREAM, Floats, Network
from sop_pipeline.planning.supply.prices import UnitPrices, pipeline_target

KEY = ["cost_term", "object_id", "item_id", "period_start_date"]
CASH_TERMS = (
    "production",
    "purchase",
    "freight",
    "subcontracting",
    "regular_labour",
    "overtime",
    "wages",
    "hiring",
    "layoff",
    "holding",
    "outside_storage",
)
NO_ITEM = "all"


def plan_costs(network: Network, prices: UnitPrices, frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Every cost term by object, item and month; amounts of 0 are left out."""
    parts = [
        _flow_costs(frames["supply_plan"]),
        *_hour_costs(network, frames["resource_load"], frames["capacity_use"]),
        *_stock_costs(network, prices, frames["stock_plan"]),
        _pipeline_cost(network, prices, frames["supply_plan"]),
        *_service_costs(network, prices, frames["demand_fulfilment"]),
        *_people_costs(network, frames["headcount_plan"]),
        *_limit_costs(network, prices, frames),
    ]
    priced = [part.loc[part["amount"] != 0, [*KEY, "amount"]] for part in parts]
    filled = [part for part in priced if len(part)] or priced[:1]
    rows = pd.concat(filled, ignore_index=True)
    costs: pd.DataFrame = rows.groupby(KEY, sort=True)["amount"].sum().reset_index()
    costs["amount"] = costs["amount"].astype(float).round(4)
    costs["is_cash"] = costs["cost_term"].isin(CASH_TERMS).astype(bool)
    return costs[costs["amount"] != 0].reset_index(drop=True)


def _flow_costs(supply_plan: pd.DataFrame) -> pd.DataFrame:
    return supply_plan.assign(
        cost_term=supply_plan["source_type"].map(COST_TERM_OF_TYPE),
        object_id=supply_plan["source_id"],
        amount=supply_plan["flow_cost"],
    )


def _price_of(
    frame: pd.DataFrame, network: Network, objects: pd.Index, keys: list[str], prices: Floats
) -> Floats:
    """The price of every row by its object and month, whatever the order of the rows."""
    asked = pd.MultiIndex.from_frame(frame[keys]) if len(keys) > 1 else pd.Index(frame[keys[0]])
    month = network.periods.get_indexer(pd.DatetimeIndex(pd.to_datetime(frame["period_start_date"])))
    row = objects.get_indexer(asked)
    known = (row >= 0) & (month >= 0)
    found: Floats = np.full(len(frame), np.nan)
    found[known] = prices[row[known], month[known]]
    return found


def _every_month(prices: Floats, network: Network) -> Floats:
    repeated: Floats = np.repeat(prices[:, None], len(network.periods), axis=1)
    return repeated


def _hour_costs(network: Network, load: pd.DataFrame, use: pd.DataFrame) -> list[pd.DataFrame]:
    """Regular and overtime hours at their rates, shared over the items by their hours."""
    hours = use[["resource_id", "period_start_date", "used_hours", "overtime_hours"]]
    priced = load.merge(hours, on=["resource_id", "period_start_date"], validate="m:1")
    resources = pd.Index(network.resources, dtype=object)
    overtime = priced["load_hours"] * priced["overtime_hours"] / priced["used_hours"]
    regular = priced["load_hours"] - overtime
    priced = priced.assign(object_id=priced["resource_id"])
    regular_rate = _price_of(priced, network, resources, ["resource_id"], network.regular_cost)
    overtime_rate = _price_of(priced, network, resources, ["resource_id"], network.overtime_cost)
    return [
        priced.assign(cost_term="regular_labour", amount=regular * regular_rate),
        priced.assign(cost_term="overtime", amount=overtime * overtime_rate),
    ]


def _stock_costs(network: Network, prices: UnitPrices, stock: pd.DataFrame) -> list[pd.DataFrame]:
    item_sites = pd.MultiIndex.from_frame(network.item_sites)
    terms = {
        "holding": ("closing_units", prices.holding),
        "below_target": ("below_target_units", prices.below_target),
        "above_maximum": ("above_maximum_units", _every_month(prices.above_maximum, network)),
    }
    return [
        stock.assign(
            cost_term=term,
            object_id=stock["site_id"],
            amount=stock[column] * _price_of(stock, network, item_sites, ITEM_SITE, price),
        )
        for term, (column, price) in terms.items()
    ]


def pipeline_missing(network: Network, supply_plan: pd.DataFrame) -> Floats:
    """Units by item-site that should be on their way at the end of the horizon and are not."""
    good = supply_plan["source_id"].map(
        dict(zip(network.flows.names, network.flows.yields.tolist(), strict=True))
    )
    under_way = (good * supply_plan["released_units"] - supply_plan["received_units"]).astype(float)
    total = under_way.groupby([supply_plan[column] for column in ITEM_SITE]).sum()
    units = total.reindex(pd.MultiIndex.from_frame(network.item_sites)).astype(float).fillna(0.0).to_numpy()
    missing: Floats = np.clip(pipeline_target(network) - units, 0.0, None)
    return missing


def _pipeline_cost(network: Network, prices: UnitPrices, supply_plan: pd.DataFrame) -> pd.DataFrame:
    return network.item_sites.assign(
        cost_term="below_target",
        object_id=network.item_sites["site_id"],
        period_start_date=network.periods[-1],
        amount=pipeline_missing(network, supply_plan) * prices.pipeline,
    )


def _service_costs(network: Network, prices: UnitPrices, fulfilment: pd.DataFrame) -> list[pd.DataFrame]:
    streams = pd.MultiIndex.from_frame(network.streams[STREAM])
    terms = {"backlog": ("backlog_units", prices.backlog), "lost_sales": ("lost_units", prices.lost_sale)}
    return [
        fulfilment.assign(
            cost_term=term,
            object_id=fulfilment["channel_id"],
            amount=fulfilment[column] * _price_of(fulfilment, network, streams, STREAM, price),
        )
        for term, (column, price) in terms.items()
    ]


def _people_costs(network: Network, heads: pd.DataFrame) -> list[pd.DataFrame]:
    """Wages of the people there are, whether they have work or not, and what it costs to hire and to lay off."""
    labour = network.labour
    if labour is None:
        return []
    index = pd.Index([network.resources[resource] for resource in labour.resource.tolist()], dtype=object)
    terms = {
        "wages": ("heads", labour.wage_per_head),
        "hiring": ("hired_heads", _every_month(labour.hire_cost, network)),
        "layoff": ("laid_off_heads", _every_month(labour.layoff_cost, network)),
    }
    return [
        heads.assign(
            cost_term=term,
            object_id=heads["resource_id"],
            item_id=NO_ITEM,
            amount=heads[column] * _price_of(heads, network, index, ["resource_id"], price),
        )
        for term, (column, price) in terms.items()
    ]


def _limit_costs(network: Network, prices: UnitPrices, frames: dict[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """What is put on limits that people set and the plan does not hold."""
    limits = prices.limits
    if limits is None:
        return []
    item_sites = pd.MultiIndex.from_frame(network.item_sites)
    shares, stock, room = frames["source_shares"], frames["stock_plan"], frames["storage_use"]
    missed = shares["below_share_units"] + shares["above_share_units"]
    off_share, too_old = (_every_month(price, network) for price in (limits.off_share, limits.too_old))
    spaces = pd.Index(network.space.names if network.space is not None else [], dtype=object)
    name = room["site_id"].astype(str) + "/" + room["capacity_unit"].astype(str)
    named = room.assign(space_id=name)
    outside = _price_of(named, network, spaces, ["space_id"], _every_month(limits.outside, network))
    return [
        shares.assign(
            cost_term="off_share",
            object_id=shares["source_id"],
            amount=missed * _price_of(shares, network, item_sites, ITEM_SITE, off_share),
        ),
        stock.assign(
            cost_term="too_old",
            object_id=stock["site_id"],
            amount=stock["too_old_units"] * _price_of(stock, network, item_sites, ITEM_SITE, too_old),
        ),
        room.assign(
            cost_term="outside_storage",
            object_id=room["site_id"],
            item_id=NO_ITEM,
            amount=room["outside_capacity"] * outside,
        ),
    ]
