"""The solved plan as frames: flows, stock, demand served, hours.

Everything published is derived from the rounded flows. Add here: a frame of quantities. Keep out: money (`costs`),
rounding (`rounding`), what is short (`shortages`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.network import Floats, Integers, Network
from sop_pipeline.planning.supply.results.rounding import UNIT, RoundedPlan, hours_of_people, round_plan
from sop_pipeline.planning.supply.rough_cut import required_hours
from sop_pipeline.planning.supply.solving.solve import Solved


def read_solution(model: SupplyModel, solved: Solved) -> RoundedPlan:
    """The solver's flows in whole thousandths."""
    names = ("release", "delivered", "backlog", "lost")
    release, delivered, backlog, lost = (solved.values_of(model.variables[name]) for name in names)
    heads = solved.values_of(model.variables["heads"]) if "heads" in model.variables else None
    return round_plan(model.network, release, delivered, backlog, lost, heads)


def spread(objects: pd.DataFrame, network: Network) -> pd.DataFrame:
    """One row per object and horizon month, month fastest."""
    months = len(network.periods)
    frame = objects.loc[objects.index.repeat(months)].reset_index(drop=True)
    frame["period_start_date"] = np.tile(network.periods.to_numpy(), len(objects))
    return frame


def supply_plan(network: Network, plan: RoundedPlan) -> pd.DataFrame:
    """Sources with a flow: released and received units and what the release costs."""
    columns = ["source_id", "source_type", "item_id", "site_id", "supplier_id", "from_site_id"]
    sources = network.flows.frame[columns].astype(object)
    frame = spread(sources.replace({np.nan: None}), network)
    frame["released_units"] = plan.released.ravel() / UNIT
    frame["received_units"] = plan.received.ravel() / UNIT
    frame["flow_cost"] = (frame["released_units"] * network.flows.unit_cost.ravel()).round(4)
    has_flow = (frame["released_units"] > 0) | (frame["received_units"] > 0)
    return frame[has_flow].reset_index(drop=True)


def stock_plan(network: Network, plan: RoundedPlan) -> pd.DataFrame:
    """The material balance of every item-site and month."""
    frame = spread(network.item_sites, network)
    received = np.zeros_like(plan.closing)
    np.add.at(received, network.flows.output, plan.received)
    opening = np.rint(network.opening * UNIT).astype(np.int64)
    units = {
        "opening_units": np.column_stack([opening, plan.closing[:, :-1]]),
        "open_supply_units": np.rint(network.open_supply * UNIT),
        "received_units": received,
        "consumed_units": plan.consumed,
        "sold_units": plan.sold,
        "closing_units": plan.closing,
    }
    for column, table in units.items():
        frame[column] = table.ravel() / UNIT
    frame["target_units"] = network.target.ravel().round(3)
    frame["below_target_units"] = (frame["target_units"] - frame["closing_units"]).clip(lower=0.0).round(3)
    frame["above_maximum_units"] = (
        (frame["closing_units"] - network.maximum_stock.ravel()).clip(lower=0.0).round(3)
    )
    frame["too_old_units"] = too_old_units(network, plan).ravel() / UNIT
    return frame


def too_old_units(network: Network, plan: RoundedPlan) -> Integers:
    """Thousandths in stock that do not leave within their shelf life, where that ends within the horizon."""
    leaves, months = plan.consumed + plan.sold, plan.closing.shape[1]
    too_old = np.zeros_like(plan.closing)
    for item_site in np.flatnonzero(np.isfinite(network.shelf_life_months)).tolist():
        life = int(network.shelf_life_months[item_site])
        for month in range(months - life):
            out = int(leaves[item_site, month + 1 : month + life + 1].sum())
            too_old[item_site, month] = max(int(plan.closing[item_site, month]) - out, 0)
    return too_old


def demand_fulfilment(network: Network, plan: RoundedPlan) -> pd.DataFrame:
    """Demand of every stream and month: delivered, owed at month end, lost."""
    frame = spread(network.streams[["item_id", "site_id", "channel_id"]], network)
    frame["demand_units"] = network.demand.ravel().round(3)
    frame["delivered_units"] = plan.delivered.ravel() / UNIT
    frame["backlog_units"] = plan.backlog.ravel() / UNIT
    frame["lost_units"] = plan.lost.ravel() / UNIT
    frame["unit_price"] = network.unit_price.ravel()
    return frame


def resource_load(network: Network, plan: RoundedPlan) -> pd.DataFrame:
    """Hours of every resource by the item they are spent on."""
    flows = network.flows
    pairs = pd.DataFrame(
        {
            "resource_id": np.asarray(network.resources, dtype=object)[flows.load_resource],
            "item_id": flows.frame["item_id"].to_numpy()[flows.load_source],
        }
    )
    frame = spread(pairs, network)
    hours = flows.hours_per_unit[:, None] * plan.released[flows.load_source] / UNIT
    frame["load_hours"] = hours.ravel()
    key = ["resource_id", "item_id", "period_start_date"]
    total: pd.DataFrame = frame.groupby(key, sort=True)["load_hours"].sum().reset_index()
    total["load_hours"] = total["load_hours"].round(4)
    return total[total["load_hours"] > 0].reset_index(drop=True)


def capacity_use(
    network: Network, plan: RoundedPlan, load: pd.DataFrame, shadow_price: Floats
) -> pd.DataFrame:
    """Hours of every resource and month: available, required by unconstrained demand, used, bought as overtime.

    Where people give the hours, those of the people that the plan has; `heads` is empty elsewhere.
    """
    regular, overtime = hours_of_people(network, plan.heads)
    frame = spread(pd.DataFrame({"resource_id": network.resources}, dtype=object), network)
    frame["regular_hours"] = (network.regular_hours + regular).ravel().round(4)
    frame["overtime_maximum_hours"] = (network.overtime_maximum_hours + overtime).ravel().round(4)
    frame["required_hours"] = required_hours(network).ravel().round(4)
    key = ["resource_id", "period_start_date"]
    used = load.groupby(key)["load_hours"].sum().rename("used_hours").reset_index()
    frame = frame.merge(used, how="left", on=key, validate="1:1")
    frame["used_hours"] = frame["used_hours"].astype(float).fillna(0.0).round(4)
    frame["overtime_hours"] = (frame["used_hours"] - frame["regular_hours"]).clip(lower=0.0).round(4)
    frame["shadow_price"] = shadow_price.ravel().round(6)
    heads = np.full_like(network.regular_hours, np.nan)
    if network.labour is not None:
        heads[network.labour.resource] = plan.heads
    frame["heads"] = heads.ravel()
    return frame
