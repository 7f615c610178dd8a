"""How the plan keeps to what people said: shares of sources, people, room, and who gets what of a short supply.

Everything is derived from the published flows. Add here: a table of how a policy is kept. Keep out: flows, stock and hours
(`solution`), money (`costs`), which policies there are (`policies`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.network import ITEM_SITE, STREAM, Network
from sop_pipeline.planning.supply.policies import BY_PRIORITY, FAIR_SHARE
from sop_pipeline.planning.supply.results.constrained import NOISE_UNITS
from sop_pipeline.planning.supply.results.rounding import UNIT, RoundedPlan
from sop_pipeline.planning.supply.results.solution import spread

BY_COST = "cost"


def source_shares(network: Network, plan: RoundedPlan) -> pd.DataFrame:
    """Sources with a share to keep, by month of release: what they give, and how far from it they are.

    Units are good ones: released units times the yield.
    """
    shares = network.shares
    sources = shares.source if shares is not None else np.zeros(0, dtype=np.int64)
    frame = spread(network.flows.frame.loc[sources, ["source_id", *ITEM_SITE]].astype(object), network)
    good = plan.released * network.flows.yields[:, None] / UNIT
    total = np.zeros((len(network.item_sites), good.shape[1]))
    np.add.at(total, network.flows.output, good)
    frame["good_units"] = good[sources].ravel().round(3)
    frame["item_site_units"] = total[network.flows.output[sources]].ravel().round(3)
    least = shares.minimum_ratio if shares is not None else np.zeros(0)
    most = shares.maximum_ratio if shares is not None else np.zeros(0)
    frame["minimum_share_ratio"] = np.repeat(least, good.shape[1]).round(6)
    frame["maximum_share_ratio"] = np.repeat(most, good.shape[1]).round(6)
    every = frame["item_site_units"]
    frame["share_ratio"] = (frame["good_units"] / every.where(every > 0)).round(6)
    below = frame["minimum_share_ratio"] * every - frame["good_units"]
    above = frame["good_units"] - frame["maximum_share_ratio"] * every
    frame["below_share_units"] = below.clip(lower=0.0).round(3)
    frame["above_share_units"] = above.clip(lower=0.0).round(3)
    return frame


def headcount_plan(network: Network, plan: RoundedPlan) -> pd.DataFrame:
    """People of every resource that has them, by month: there, hired, laid off, and the hours that they give."""
    labour = network.labour
    resources = labour.resource.tolist() if labour is not None else []
    names = pd.DataFrame(
        {"resource_id": [network.resources[resource] for resource in resources]}, dtype=object
    )
    frame = spread(names, network)
    opening = labour.opening_heads if labour is not None else np.zeros(0)
    before = np.column_stack([opening, plan.heads[:, :-1]])
    change = plan.heads - before
    frame["opening_heads"] = before.ravel()
    frame["hired_heads"] = np.maximum(change, 0.0).ravel().round(6)
    frame["laid_off_heads"] = np.maximum(-change, 0.0).ravel().round(6)
    frame["heads"] = plan.heads.ravel()
    hours = labour.hours_per_head if labour is not None else np.zeros_like(plan.heads)
    frame["hours_per_head"] = hours.ravel().round(6)
    frame["regular_hours"] = (hours * plan.heads).ravel().round(4)
    return frame


def storage_use(network: Network, plan: RoundedPlan) -> pd.DataFrame:
    """Room of every site and unit of measure by month: there, taken by the closing stock, and found outside."""
    space = network.space
    names = [name.rsplit("/", 1) for name in space.names] if space is not None else []
    frame = spread(pd.DataFrame(names, columns=["site_id", "capacity_unit"], dtype=object), network)
    taken = np.zeros((len(names), plan.closing.shape[1]))
    room = np.zeros_like(taken)
    if space is not None:
        held = space.space_per_unit[:, None] * plan.closing[space.item_site] / UNIT
        np.add.at(taken, space.space, held)
        room = space.maximum
    frame["available_capacity"] = np.where(np.isfinite(room), room, np.nan).ravel()
    frame["used_capacity"] = taken.ravel().round(6)
    over = (frame["used_capacity"] - frame["available_capacity"]).clip(lower=0.0).fillna(0.0)
    frame["outside_capacity"] = over.round(6)
    return frame


def allocations(network: Network, fulfilment: pd.DataFrame) -> pd.DataFrame:
    """Who gets what where an item-site is short: a row a channel, with the rule by which the shortage is spread.

    Requested: the demand of the month and what was owed before it.
    """
    months = len(network.periods)
    rule = np.full(len(network.item_sites), BY_COST, dtype=object)
    for name, item_sites in ((FAIR_SHARE, network.fair_share), (BY_PRIORITY, network.by_priority)):
        if item_sites is not None:
            rule[item_sites] = name
    frame = fulfilment[[*STREAM, "period_start_date"]].copy()
    frame["allocation_rule"] = np.repeat(rule[network.stream_item_site], months)
    frame["priority"] = np.repeat(network.streams["priority"].to_numpy(dtype=float), months).astype(np.int64)
    requested = fulfilment["delivered_units"] + fulfilment["backlog_units"] + fulfilment["lost_units"]
    frame["requested_units"] = requested.round(3)
    frame["allocated_units"] = fulfilment["delivered_units"]
    frame["backlog_units"], frame["lost_units"] = fulfilment["backlog_units"], fulfilment["lost_units"]
    short = fulfilment["backlog_units"] + fulfilment["lost_units"]
    frame["short_ratio"] = (short / requested.where(requested > 0)).round(6)
    together = [fulfilment[key] for key in (*ITEM_SITE, "period_start_date")]
    is_short = short.groupby(together).transform("sum") > NOISE_UNITS
    return frame[is_short].reset_index(drop=True)
