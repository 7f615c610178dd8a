"""What a company says beyond its network: shares of sources, order strategies, people, room, shelf life, lots, allocation.

Each is switched on by its data: where nobody says anything the law is absent, and `plan_laws` says so. Add here: how a policy
becomes arrays of the network, and its line in `plan_laws`. Keep out: laws (each has its own block), prices of what is not
held (`prices`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sop_pipeline.planning.supply.inputs import SupplyInputs, company_parameter
from sop_pipeline.planning.supply.lot_sizes import column_or_empty, largest_release, lot_sizes
from sop_pipeline.planning.supply.network import (
    ITEM_SITE,
    Floats,
    Integers,
    Labour,
    Lots,
    Network,
    Setups,
    Shares,
    Space,
    build_network,
    by_month_of,
    floats,
)
from sop_pipeline.planning.supply.solve_limits import SolveLimits

TO_STOCK = "MTS"
FAIR_SHARE, BY_PRIORITY = "fair_share", "priority"
EVERY_FAMILY = "all"
SHARE_TOLERANCE = "source_share_tolerance_ratio"
WHOLE_LOTS = "whole_lots"
WHOLE_LOTS_GAP, WHOLE_LOTS_TIME_LIMIT = "whole_lots_gap_ratio", "whole_lots_time_limit_seconds"


def company_network(inputs: SupplyInputs, periods: pd.DatetimeIndex) -> Network:
    """The network of the inputs with everything that the company says of it."""
    network = build_network(inputs, periods)
    to_order = _to_order(inputs, network)
    target = network.target.copy()
    target[to_order] = 0.0
    network = replace(
        network,
        target=target,
        to_order=to_order if len(to_order) else None,
        shelf_life_months=_shelf_life_months(inputs, network),
        shares=_shares(inputs, network),
        space=_space(inputs, network, periods),
        fair_share=_allocated(inputs, network, FAIR_SHARE),
        by_priority=_allocated(inputs, network, BY_PRIORITY),
    )
    return _with_labour(inputs, _with_lots(inputs, network))


def _of_item_sites(network: Network, frame: pd.DataFrame) -> Integers:
    index = pd.MultiIndex.from_frame(network.item_sites)
    return np.asarray(index.get_indexer(pd.MultiIndex.from_frame(frame[ITEM_SITE])), dtype=np.int64)


def _to_order(inputs: SupplyInputs, network: Network) -> Integers:
    """Item-sites that make or buy against demand only."""
    position = inputs.inventory_position
    if "order_strategy" not in position.columns:
        return np.zeros(0, dtype=np.int64)
    said = position[position["order_strategy"].fillna(TO_STOCK) != TO_STOCK]
    return np.unique(_of_item_sites(network, said))


def _shelf_life_months(inputs: SupplyInputs, network: Network) -> Floats:
    """Whole months that an item keeps; infinite where it keeps."""
    months = pd.Series(column_or_empty(inputs.items, "shelf_life_months"), index=inputs.items["item_id"])
    life = network.item_sites["item_id"].map(months).to_numpy(dtype=float)
    return np.where(np.isnan(life), np.inf, np.floor(life + 1e-9))


def _shares(inputs: SupplyInputs, network: Network) -> Shares | None:
    """Shares of sources that compete: of an item-site's only source there is nothing to hold."""
    ratio = column_or_empty(network.flows.frame, "share_ratio")
    competing = np.bincount(network.flows.output, minlength=len(network.item_sites)) > 1
    chosen = np.flatnonzero(~np.isnan(ratio) & competing[network.flows.output])
    if not len(chosen):
        return None
    tolerance = company_parameter(inputs.parameters, SHARE_TOLERANCE)
    return Shares(
        source=chosen,
        minimum_ratio=np.maximum(ratio[chosen] - tolerance, 0.0),
        maximum_ratio=np.minimum(ratio[chosen] + tolerance, 1.0),
        is_monthly=True,
    )


def _with_labour(inputs: SupplyInputs, network: Network) -> Network:
    """People behind the hours of resources: their calendar is that of the people there are at the start.

    A person's hours of a month are the resource's, shared over the people there are, unless they are said; closed days and
    stoppages are in them. The hourly rate of the resource gives way to their wages.
    """
    people = inputs.labour.sort_values("resource_id")
    if people.empty:
        return network
    resource = np.asarray(
        pd.Index(network.resources).get_indexer(pd.Index(people["resource_id"])), dtype=np.int64
    )
    opening = floats(people["opening_heads"].astype(float))
    regular, overtime = network.regular_hours.copy(), network.overtime_maximum_hours.copy()
    hours = _said_or(people, "hours_per_head", regular[resource] / opening[:, None])
    extra = _said_or(people, "overtime_hours_per_head", overtime[resource] / opening[:, None])
    rate = network.regular_cost.copy()
    regular[resource], overtime[resource], rate[resource] = 0.0, 0.0, 0.0
    most = column_or_empty(people, "maximum_heads")

    def monthly(column: str) -> Floats:
        return np.repeat(column_or_empty(people, column)[:, None], len(network.periods), axis=1)

    labour = Labour(
        resource=resource,
        opening_heads=opening,
        hours_per_head=hours,
        overtime_hours_per_head=extra,
        wage_per_head=monthly("regular_cost_per_head"),
        hire_cost=column_or_empty(people, "hire_cost_per_head"),
        layoff_cost=column_or_empty(people, "layoff_cost_per_head"),
        minimum_heads=monthly("minimum_heads"),
        maximum_heads=np.repeat(
            np.where(np.isnan(most), np.inf, most)[:, None], len(network.periods), axis=1
        ),
    )
    return replace(
        network, labour=labour, regular_hours=regular, overtime_maximum_hours=overtime, regular_cost=rate
    )


def _said_or(people: pd.DataFrame, column: str, otherwise: Floats) -> Floats:
    said = column_or_empty(people, column)[:, None]
    return np.where(np.isnan(said), otherwise, said)


def _space(inputs: SupplyInputs, network: Network, periods: pd.DatetimeIndex) -> Space | None:
    """Room of a site in one unit of measure, shared by every item that is measured in it."""
    if inputs.storage.empty:
        return None
    name = ["site_id", "capacity_unit"]
    index = pd.MultiIndex.from_frame(inputs.storage[name].drop_duplicates().sort_values(name))
    room = by_month_of(inputs.storage, "available_capacity", index, name, periods)
    told = by_month_of(
        inputs.storage.assign(available_capacity=1.0), "available_capacity", index, name, periods
    )
    uses = inputs.storage_uses.sort_values([*name, "item_id"])
    uses = uses[pd.MultiIndex.from_frame(uses[name]).isin(index)]
    place = _of_item_sites(network, uses)
    known = place >= 0
    space = np.asarray(index.get_indexer(pd.MultiIndex.from_frame(uses[name])), dtype=np.int64)
    return Space(
        names=["/".join(map(str, pair)) for pair in index],
        maximum=np.where(told > 0, room, np.inf),
        space=space[known],
        item_site=place[known],
        space_per_unit=floats(uses["space_per_unit"].astype(float))[known],
    )


def _asked_in_lots(inputs: SupplyInputs, network: Network) -> NDArray[np.bool_]:
    """Sources that people want in whole lots (parameter whole_lots by company, site, category, family or item)."""
    asked = inputs.parameters[
        (inputs.parameters["parameter_id"] == WHOLE_LOTS)
        & (inputs.parameters["parameter_value"].astype(float) > 0)
    ]
    frame = network.flows.frame
    is_asked = np.zeros(len(frame), dtype=bool)
    items = inputs.items.set_index("item_id")
    for scope, scope_id in zip(asked["scope"], asked["scope_id"], strict=True):
        if scope == "company":
            is_asked[:] = True
        elif scope in ("site", "item"):
            is_asked |= (frame[f"{scope}_id"] == scope_id).to_numpy()
        elif f"{scope}_id" in items.columns:
            is_asked |= (frame["item_id"].map(items[f"{scope}_id"]) == scope_id).to_numpy()
    return is_asked


def _with_lots(inputs: SupplyInputs, network: Network) -> Network:
    """Whole lots and smallest runs where they are asked for. A smallest run that a whole lot reaches anyway is no law of its own;
    what closes the door while nothing runs has no hours and no cost, as setups are spread over the smallest lot.
    """
    is_asked, sizes = _asked_in_lots(inputs, network), lot_sizes(network)
    asked = is_asked[sizes.source]
    multiples = asked & (sizes.multiple > 0)
    lots = Lots(sizes.source[multiples], sizes.multiple[multiples]) if multiples.any() else None
    runs = np.flatnonzero(asked & (sizes.minimum > sizes.multiple))
    if not len(runs):
        return replace(network, lots=lots)
    source, shape = sizes.source[runs], (len(runs), len(network.periods))
    lot = sizes.multiple[runs, None]
    most = np.maximum(largest_release(network)[source], sizes.minimum[runs, None])
    whole = np.where(lot > 0, np.ceil(most / np.where(lot > 0, lot, 1.0) - 1e-9) * lot, most)
    none = np.zeros(0, dtype=np.int64)
    setups = Setups(
        names=[network.flows.names[place] for place in source.tolist()],
        source=source,
        setup=np.arange(len(runs)),
        cost=np.zeros(shape),
        minimum_units=np.repeat(sizes.minimum[runs, None], shape[1], axis=1),
        maximum_units=whole,
        hours_setup=none,
        hours_resource=none,
        hours=np.zeros(0),
        maximum_count=np.full(len(runs), np.inf),
    )
    return replace(network, lots=lots, setups=setups)


def _allocated(inputs: SupplyInputs, network: Network, rule: str) -> Integers | None:
    """Item-sites of several channels whose shortage is spread by a rule."""
    rules = inputs.allocation_rules.set_index("family_id")["allocation_rule"].to_dict()
    if rule not in rules.values():
        return None
    items = inputs.items.set_index("item_id")
    family = network.item_sites["item_id"].map(items["family_id"])
    said = family.map(rules).fillna(rules.get(EVERY_FAMILY, ""))
    channels = np.bincount(network.stream_item_site, minlength=len(network.item_sites))
    chosen = np.flatnonzero((said == rule).to_numpy() & (channels > 1))
    return chosen if len(chosen) else None


def solve_limits(inputs: SupplyInputs, network: Network, time_limit_seconds: float) -> SolveLimits:
    """When to stop looking for whole lots: parameters whole_lots_gap_ratio and whole_lots_time_limit_seconds."""
    if network.lots is None and network.setups is None:
        return SolveLimits(time_limit_seconds)
    return SolveLimits(
        time_limit_seconds=company_parameter(inputs.parameters, WHOLE_LOTS_TIME_LIMIT),
        gap_ratio=company_parameter(inputs.parameters, WHOLE_LOTS_GAP),
    )


def plan_laws(network: Network) -> pd.DataFrame:
    """One row per law that data switch on: whether it holds in the plan, for how many objects, and what data it takes."""

    def count(part: Integers | None) -> int:
        return 0 if part is None else len(np.unique(part))

    flows = network.flows

    rows = [
        ("source_shares", count(None if network.shares is None else network.shares.source), "core.fct_sources.share_ratio (planner.item_policies, else the ERP's quotas)"),
        ("to_order", count(network.to_order), "core.fct_inventory_position.order_strategy (planner.item_policies)"),
        ("labour", count(None if network.labour is None else network.labour.resource), "core.fct_labour_groups (planner.labour_groups)"),
        ("subcontracting", int((network.flows.frame["source_type"] == "subcontract").sum()), "core.fct_sources of type subcontract (planner.item_policies with terms of the supplier)"),
        ("shelf_life", int(np.isfinite(network.shelf_life_months).sum()), "core.dim_items.shelf_life_months"),
        ("storage_room", 0 if network.space is None else len(network.space.names), "core.fct_storage_load (storage_capacities)"),
        ("lot_orders", len(lot_sizes(network).source), "smallest, multiple and largest lot of core.fct_sources: planning.lot_orders says the releases in lots"),
        ("setup_hours", count(flows.load_source[flows.setup_hours_per_unit > 0]), "core.fct_source_loads.setup_hours_per_unit: setups of a lot, spread over its units"),
        ("smallest_run", count(None if network.setups is None else network.setups.source), "planner.planning_parameters whole_lots, with core.fct_sources.minimum_lot_units"),
        ("whole_lots", count(None if network.lots is None else network.lots.source), "planner.planning_parameters whole_lots, with core.fct_sources.lot_multiple_units"),
        ("fair_share", count(network.fair_share), "planner.allocation_rules fair_share"),
        ("channel_priority", count(network.by_priority), "planner.allocation_rules priority"),
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["law", "object_count", "switched_on_by"])
    frame.insert(1, "is_active", frame["object_count"] > 0)
    return frame
