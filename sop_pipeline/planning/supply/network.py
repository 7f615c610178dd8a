"""The supply network of one plan: the inputs in canonical order, as positions and arrays.

Rows are sorted by their keys first, so that the order of input rows never changes a plan. Add here: a quantity that
several blocks read by item-site, source, stream or resource. Keep out: prices (see `prices`), variables (see `model`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sop_pipeline.planning.supply.inputs import COMPANY_PARAMETERS, SupplyInputs, company_parameter
from sop_pipeline.planning.supply.relief_entries import Relief

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ITEM_SITE = ["item_id", "site_id"]
STREAM = ["item_id", "site_id", "channel_id"]


@dataclass(frozen=True)
class Flows:
    """Sources by position: what a unit released delivers, when, and what it takes."""

    frame: pd.DataFrame  # one row per source, sorted by source_id
    output: Integers  # item-site that a source delivers to
    yields: Floats
    lead_time_months: Floats
    unit_cost: Floats  # source x month
    minimum_units: Floats  # source x month
    maximum_units: Floats  # source x month, infinite where nothing limits it
    input_source: Integers  # three arrays, one entry per component of a source
    input_item_site: Integers
    units_per_unit: Floats  # component x month of release: bills change on their effectivity dates
    load_source: Integers  # three arrays, one entry per resource of a source
    load_resource: Integers
    hours_per_unit: Floats
    setup_hours_per_unit: Floats  # of these those of setups, which are spread over a lot
    default: Integers  # first-choice source of an item-site, -1 where there is none
    derived: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)  # see `rough_cut.once`

    @property
    def names(self) -> list[str]:
        return [str(name) for name in self.frame["source_id"]]


@dataclass(frozen=True)
class Labour:
    """People behind a resource's hours: labour x month, but for costs and openings."""

    resource: Integers  # resource whose hours they give
    opening_heads: Floats
    hours_per_head: Floats
    overtime_hours_per_head: Floats
    wage_per_head: Floats
    hire_cost: Floats
    layoff_cost: Floats
    minimum_heads: Floats
    maximum_heads: Floats  # infinite where there is none


@dataclass(frozen=True)
class Setups:
    """What must be set up before it runs: setup x month, infinite maximum where nothing limits a run."""

    names: list[str]
    source: Integers  # two arrays, one entry per source of a setup
    setup: Integers
    cost: Floats
    minimum_units: Floats  # smallest run once set up
    maximum_units: Floats  # largest run that can make sense: what closes the door while it is not set up
    hours_setup: Integers  # three arrays, one entry per resource that a setup takes hours of
    hours_resource: Integers
    hours: Floats
    maximum_count: Floats  # most setups over the horizon, infinite where nothing limits them


@dataclass(frozen=True)
class Lots:
    """Sources that release whole lots only."""

    source: Integers
    units: Floats


@dataclass(frozen=True)
class Space:
    """Room that several item-sites share: space x month."""

    names: list[str]
    maximum: Floats
    space: Integers  # three arrays, one entry per item-site that stands in a space
    item_site: Integers
    space_per_unit: Floats


@dataclass(frozen=True)
class Maintenance:
    """Stoppages of a resource that the plan places: one entry per stoppage to place."""

    names: list[str]
    resource: Integers
    hours: Floats  # of capacity that one stoppage takes
    stoppages: Floats  # to be placed in the window
    maximum_per_month: Floats
    first: Integers  # first and last month of the window
    last: Integers


@dataclass(frozen=True)
class Shares:
    """Least and most of what an item-site receives that may come from one source: over the horizon, or in every month."""

    source: Integers
    minimum_ratio: Floats
    maximum_ratio: Floats
    is_monthly: bool = False


@dataclass(frozen=True)
class Network:
    """Everything the blocks read. Arrays are item-site x month, stream x month and resource x month."""

    periods: pd.Index
    item_sites: pd.DataFrame  # item_id, site_id
    opening: Floats
    unit_cost: Floats
    maximum_stock: Floats  # item-site x month, infinite where there is none
    open_supply: Floats
    target: Floats
    streams: pd.DataFrame  # item_id, site_id, channel_id and the channel's ratios
    stream_item_site: Integers
    demand: Floats
    unit_price: Floats
    opening_backlog: Floats
    flows: Flows
    resources: list[str]
    regular_hours: Floats
    overtime_maximum_hours: Floats
    regular_cost: Floats
    overtime_cost: Floats
    parameters: dict[str, float]
    backlog_limit: Floats  # stream x month, units
    shelf_life_months: Floats  # item-site, infinite where stock does not age
    has_pipeline_target: bool = True  # orders on their way when the horizon ends are aimed at
    breaks_ties: bool = True  # by tiny preferences in the objective
    has_whole_units: bool = False  # flows and heads are whole numbers
    labour: Labour | None = None
    setups: Setups | None = None
    lots: Lots | None = None
    space: Space | None = None
    maintenance: Maintenance | None = None
    shares: Shares | None = None
    relief: Relief | None = None
    to_order: Integers | None = None  # item-sites that hold no stock of what they make or buy
    fair_share: Integers | None = None  # item-sites whose shortage is spread over their channels
    by_priority: Integers | None = None  # item-sites that serve their channels strictly in order

    @property
    def months(self) -> list[str]:
        is_dated = isinstance(self.periods, pd.DatetimeIndex)
        return [f"{period:%Y-%m-%d}" if is_dated else str(period) for period in self.periods]

    @property
    def owed(self) -> Floats:
        """Demand by stream and month; in the first, with what was owed before."""
        asked: Floats = np.array(self.demand)
        asked[:, 0] += self.opening_backlog
        return asked

    @property
    def wage_rate(self) -> Floats:
        """Wages of an hour by resource and month; 0 where hours are paid by the hour."""
        rate = np.zeros_like(self.regular_hours)
        if self.labour is not None:
            hours = self.labour.hours_per_head
            rate[self.labour.resource] = self.labour.wage_per_head / np.where(hours > 0, hours, np.inf)
        return rate


def build_network(inputs: SupplyInputs, periods: pd.DatetimeIndex) -> Network:
    """Order the inputs and place them in arrays; months outside the horizon fall away."""
    sources = inputs.sources.sort_values("source_id").reset_index(drop=True)
    components = _with_dispatch(sources, _named_components(inputs, periods))
    item_sites = _item_sites(inputs, components)
    site_index = pd.MultiIndex.from_frame(item_sites)
    streams, demand, unit_price = _streams(inputs.demand, periods)
    position = inputs.inventory_position.set_index(ITEM_SITE).reindex(site_index)
    stream_item_site = _positions(site_index, streams, ITEM_SITE)
    backlog = floats(position["backlog_units"].astype(float).fillna(0.0))
    resources = sorted(str(resource) for resource in set(inputs.capacity["resource_id"]))
    hours = [
        by_month_of(inputs.capacity, column, pd.Index(resources), ["resource_id"], periods)
        for column in TABLE_HOURS
    ]
    opening_backlog = opening_backlog_of(backlog, stream_item_site, demand)
    owed = np.array(demand)
    owed[:, 0] += opening_backlog
    waiting = streams["backlog_maximum_ratio"].to_numpy(dtype=float)
    maximum = floats(position["maximum_stock_units"].astype(float).fillna(np.inf))
    open_supply = inputs.open_supply.rename(columns={"expected_period_start_date": "period_start_date"})
    return Network(
        periods=periods,
        item_sites=item_sites,
        opening=floats(position["usable_units"].astype(float).fillna(0.0)),
        unit_cost=_unit_cost(inputs, item_sites),
        maximum_stock=np.repeat(maximum[:, None], len(periods), axis=1),
        open_supply=by_month_of(open_supply, "open_units", site_index, ITEM_SITE, periods),
        target=by_month_of(inputs.target_stocks, "target_units", site_index, ITEM_SITE, periods),
        streams=streams,
        stream_item_site=stream_item_site,
        demand=demand,
        unit_price=unit_price,
        opening_backlog=opening_backlog,
        flows=_flows(inputs, sources, components, site_index, resources, periods),
        resources=resources,
        regular_hours=hours[0],
        overtime_maximum_hours=hours[1],
        regular_cost=hours[2],
        overtime_cost=hours[3],
        parameters={name: company_parameter(inputs.parameters, name) for name in COMPANY_PARAMETERS},
        backlog_limit=owed * waiting[:, None],
        shelf_life_months=np.full(len(item_sites), np.inf),
    )


TABLE_HOURS = ("regular_hours", "overtime_maximum_hours", "regular_cost_per_hour", "overtime_cost_per_hour")


def floats(values: pd.Series[float]) -> Floats:
    """A column as an array."""
    result: Floats = np.asarray(values, dtype=np.float64)
    return result


def _named_components(inputs: SupplyInputs, periods: pd.DatetimeIndex) -> pd.DataFrame:
    """Components of the bills of today and, with 0 units today, those that a bill takes later in the horizon."""
    key = ["source_id", *ITEM_SITE]
    components = inputs.source_inputs[[*key, "units_per_unit"]]
    changes = inputs.source_input_changes
    changes = changes[pd.to_datetime(changes["period_start_date"]).isin(periods)]
    later = changes[key].drop_duplicates()
    known = pd.MultiIndex.from_frame(components[key])
    new = later[~pd.MultiIndex.from_frame(later).isin(known)].assign(units_per_unit=0.0)
    return pd.concat([components, new]) if len(new) else components


def _units_by_month(components: pd.DataFrame, changes: pd.DataFrame, periods: pd.DatetimeIndex) -> Floats:
    """Units of every component in a release of each month: today's bill, and what changes say of their month."""
    today = components["units_per_unit"].to_numpy(dtype=float)
    month = np.asarray(periods.get_indexer(pd.DatetimeIndex(pd.to_datetime(changes["period_start_date"]))))
    inside = month >= 0
    if not inside.any():
        return np.broadcast_to(today[:, None], (len(today), len(periods)))
    units: Floats = np.repeat(today[:, None], len(periods), axis=1)
    key = ["source_id", *ITEM_SITE]
    row = _positions(pd.MultiIndex.from_frame(components[key]), changes[inside], key)
    units[row, month[inside]] = changes.loc[inside, "units_per_unit"].to_numpy(dtype=float)
    return units


def _with_dispatch(sources: pd.DataFrame, named: pd.DataFrame) -> pd.DataFrame:
    """Components of every source; a move takes its own item at the site it leaves, declared as a component or not."""
    moves = sources[sources["source_type"] == "move"]
    dispatch = moves[["source_id", "item_id", "from_site_id"]].rename(columns={"from_site_id": "site_id"})
    key = ["source_id", *ITEM_SITE]
    declared = pd.MultiIndex.from_frame(named[key])
    implied = dispatch[~pd.MultiIndex.from_frame(dispatch[key]).isin(declared)].assign(units_per_unit=1.0)
    parts = [part for part in (named, implied) if len(part)]
    joined = pd.concat(parts) if parts else named
    return joined.sort_values(key).reset_index(drop=True)


def _item_sites(inputs: SupplyInputs, components: pd.DataFrame) -> pd.DataFrame:
    named = [
        inputs.demand,
        inputs.sources,
        components,
        inputs.inventory_position,
        inputs.open_supply,
        inputs.target_stocks,
    ]
    parts = [frame[ITEM_SITE].astype(str) for frame in named if len(frame)]
    if not parts:
        return pd.DataFrame(columns=ITEM_SITE, dtype=str)
    return pd.concat(parts).drop_duplicates().sort_values(ITEM_SITE).reset_index(drop=True)


def _positions(index: pd.Index, frame: pd.DataFrame, columns: list[str]) -> Integers:
    keys = pd.MultiIndex.from_frame(frame[columns]) if len(columns) > 1 else pd.Index(frame[columns[0]])
    return np.asarray(index.get_indexer(keys), dtype=np.int64)


def by_month_of(
    frame: pd.DataFrame, value: str, index: pd.Index, columns: list[str], periods: pd.DatetimeIndex
) -> Floats:
    """Sum of a value by object and horizon month; 0 where the frame says nothing."""
    table = np.zeros((len(index), len(periods)))
    if frame.empty:
        return table
    ordered = frame.sort_values([*columns, "period_start_date", value])
    month = np.asarray(periods.get_indexer(pd.DatetimeIndex(pd.to_datetime(ordered["period_start_date"]))))
    inside = month >= 0
    row = _positions(index, ordered[inside], columns)
    np.add.at(table, (row, month[inside]), ordered.loc[inside, value].to_numpy(dtype=float))
    return table


def _streams(demand: pd.DataFrame, periods: pd.DatetimeIndex) -> tuple[pd.DataFrame, Floats, Floats]:
    ratios = ["priority", "backlog_cost_ratio", "lost_sale_cost_ratio", "backlog_maximum_ratio"]
    ordered = demand.sort_values([*STREAM, "period_start_date"])
    streams = ordered.drop_duplicates(STREAM)[[*STREAM, *ratios]].reset_index(drop=True)
    streams = streams.astype({**dict.fromkeys(STREAM, str), **dict.fromkeys(ratios, float)})
    index = pd.MultiIndex.from_frame(streams[STREAM])
    units = by_month_of(ordered, "demand_units", index, STREAM, periods)
    price = by_month_of(ordered, "unit_price", index, STREAM, periods)
    return streams, np.round(units, 3), price


def opening_backlog_of(backlog: Floats, stream_item_site: Integers, demand: Floats) -> Floats:
    """Units owed at an item-site, shared over its channels by their demand; thousandths go to the last channel."""
    share = demand.sum(axis=1)
    result = np.zeros(len(stream_item_site))
    owing = np.flatnonzero(backlog > 0)
    for item_site in owing:
        rows = np.flatnonzero(stream_item_site == item_site)
        if not len(rows):
            continue
        weight = share[rows] if share[rows].sum() > 0 else np.ones(len(rows))
        steps = np.round(backlog[item_site] * np.cumsum(weight) / weight.sum(), 3)
        result[rows] = np.diff(steps, prepend=0.0)
    return np.round(result, 3)


def _unit_cost(inputs: SupplyInputs, item_sites: pd.DataFrame) -> Floats:
    """Standard cost: the position's, else the economics' of the same item-site, else the item's highest elsewhere."""
    site_index = pd.MultiIndex.from_frame(item_sites)
    position = inputs.inventory_position.set_index(ITEM_SITE)["unit_cost"].astype(float)
    economics = inputs.demand.groupby(ITEM_SITE)["unit_cost"].max().astype(float)
    elsewhere = pd.concat([position, economics]).groupby(level=0).max()
    cost = position.reindex(site_index).fillna(economics.reindex(site_index))
    by_item = pd.Series(item_sites["item_id"].map(elsewhere).to_numpy(dtype=float), index=site_index)
    return floats(cost.fillna(by_item).fillna(0.0))


def _flows(
    inputs: SupplyInputs,
    sources: pd.DataFrame,
    components: pd.DataFrame,
    site_index: pd.MultiIndex,
    resources: list[str],
    periods: pd.DatetimeIndex,
) -> Flows:
    names = pd.Index(sources["source_id"])
    loads = inputs.source_loads.sort_values(["source_id", "resource_id"])
    output = _positions(site_index, sources, ITEM_SITE)
    return Flows(
        frame=sources,
        output=output,
        yields=sources["yield_ratio"].to_numpy(dtype=float),
        lead_time_months=sources["lead_time_months"].to_numpy(dtype=float),
        unit_cost=np.repeat(sources["unit_cost"].to_numpy(dtype=float)[:, None], len(periods), axis=1),
        minimum_units=np.zeros((len(sources), len(periods))),
        maximum_units=_maximum_units(sources, inputs.source_limits, periods),
        input_source=_positions(names, components, ["source_id"]),
        input_item_site=_positions(site_index, components, ITEM_SITE),
        units_per_unit=_units_by_month(components, inputs.source_input_changes, periods),
        load_source=_positions(names, loads, ["source_id"]),
        load_resource=_positions(pd.Index(resources), loads, ["resource_id"]),
        hours_per_unit=loads["hours_per_unit"].to_numpy(dtype=float),
        setup_hours_per_unit=loads.reindex(columns=["setup_hours_per_unit"])
        .fillna(0.0)
        .to_numpy(dtype=float)[:, 0],
        default=_first_choices(sources, output, len(site_index)),
    )


def _maximum_units(sources: pd.DataFrame, source_limits: pd.DataFrame, periods: pd.DatetimeIndex) -> Floats:
    """The tighter of a source's monthly limit and its limit of the month."""
    always = sources["maximum_units_per_month"].astype(float).fillna(np.inf).to_numpy(dtype=np.float64)
    limits: Floats = np.repeat(always[:, None], len(periods), axis=1)
    if len(source_limits):
        month = periods.get_indexer(pd.DatetimeIndex(pd.to_datetime(source_limits["period_start_date"])))
        inside = month >= 0
        row = pd.Index(sources["source_id"]).get_indexer(pd.Index(source_limits.loc[inside, "source_id"]))
        values = source_limits.loc[inside, "maximum_units"].to_numpy(dtype=float)
        np.minimum.at(limits, (row, month[inside]), values)
    return limits


def _first_choices(sources: pd.DataFrame, output: Integers, count: int) -> Integers:
    default = np.full(count, -1, dtype=np.int64)
    ranked = sources.assign(output=output).sort_values(["priority", "source_id"])
    first = ranked.drop_duplicates("output")
    default[first["output"].to_numpy()] = first.index.to_numpy()
    return default
