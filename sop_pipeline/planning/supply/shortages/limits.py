"""What is short: limits that bind, with what one more unit would save and the demand that hangs on them.

A limit is an hour of a resource, a unit of a supplier or lane, room for stock, or a material of which nothing that is ordered now
arrives in time. Add here: a type of limit. Keep out: what to do about it (`scenarios`), how a price is proven (`confirmation`), the
way from a limit to the demand that goes short (`chains`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.arrivals import LEAD_TIME_DUST
from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.network import Floats, Integers, Network
from sop_pipeline.planning.supply.rough_cut import components_of, explode
from sop_pipeline.planning.supply.shortages.confirmation import (
    CONFIRMED,
    Confirmation,
    Limit,
    PriceRange,
    confirm,
    ranges,
)
from sop_pipeline.planning.supply.solving.solve import Solved
from sop_pipeline.planning.supply.solving.warm import WarmModel

SHORTAGE_TYPE = {"make": "resource", "buy": "supplier", "move": "lane", "subcontract": "supplier"}
SIGN_OF_LAW = {"capacity": 1.0, "source_limit": 1.0, "storage": 1.0, "material_balance": -1.0}
"""What one unit more of the limit is on the right-hand side of its law."""

# A price below a tenth of a cent is the trace of a broken tie, not a scarcity.
SMALLEST_PRICE = 0.001

KEY = ["shortage_type", "object_id", "period_start_date"]
PRICE_COLUMNS = [
    "price_from_quantity",
    "price_to_quantity",
    "price_of_less",
    "price_of_more",
    "saving_of_one_more",
    "loss_of_one_less",
    "confirmed_price",
    "confirmed_step_quantity",
]
COLUMNS = [
    *KEY,
    "unit",
    "required_quantity",
    "available_quantity",
    "short_quantity",
    "short_ratio",
    "shadow_price",
    *PRICE_COLUMNS,
    "is_confirmed",
    "demand_at_risk_units",
    "demand_at_risk_margin",
]


@dataclass(frozen=True)
class Binding:
    """One limit that binds in a month: how much is needed and there, what one more is worth, where it is in the model."""

    shortage_type: str
    object_id: str
    month: int
    unit: str
    required: float
    available: float
    price: float
    item_sites: list[int]
    law: str
    place: int  # of the object in the rows of the law


@dataclass(frozen=True)
class Savings:
    """What one unit more would save, by object and month; 0 where the model has no such row. Never negative."""

    hour: Floats  # resource
    source: Floats
    room: Floats  # item-site
    material: Floats  # item-site


def read_savings(model: SupplyModel, solved: Solved) -> Savings:
    """Prices of the plan's limits; below SMALLEST_PRICE they are none. An hour that is worth its wages only is not scarce."""
    network = model.network
    hour = shadow_prices(model, solved, "capacity", network.regular_hours.shape)
    return Savings(
        hour=np.where(hour > network.wage_rate + SMALLEST_PRICE, hour, 0.0),
        source=shadow_prices(model, solved, "source_limit", network.flows.maximum_units.shape),
        room=shadow_prices(model, solved, "storage", network.target.shape),
        material=shadow_prices(model, solved, "material_balance", network.target.shape),
    )


def shadow_prices(model: SupplyModel, solved: Solved, law: str, shape: tuple[int, int]) -> Floats:
    """What one more unit of a limit saves, by object and month; 0 where it is not scarce."""
    rows, prices = model.rows[law], np.zeros(shape)
    saving = solved.saving_per_unit(rows) * SIGN_OF_LAW[law]
    prices[tuple(rows.keys.T)] = np.where(saving >= SMALLEST_PRICE, saving, 0.0)
    return prices


def resource_shortages(
    model: SupplyModel,
    frames: dict[str, pd.DataFrame],
    savings: Savings,
    roots: set[tuple[int, int]],
    warm: WarmModel | None,
) -> pd.DataFrame:
    """One row per limit that binds and month. `roots`: item-site and month of materials that chains end in; `warm`: the plan's
    programme where it ended, in its own basis (None where there was nothing to solve)."""
    network = model.network
    bindings = [
        *_short_resources(network, frames["capacity_use"], savings),
        *_short_sources(network, savings),
        *_short_storage(network, frames["stock_plan"], savings),
        *_short_materials(network, savings, roots),
    ]
    rows = _rows(network, bindings, _Paths(network, frames))
    prices = _prices(model, bindings, warm)
    for column, values in prices.items():
        rows[column] = values
    rows["short_quantity"] = (rows["required_quantity"] - rows["available_quantity"]).clip(lower=0.0).round(4)
    required = rows["required_quantity"]
    rows["short_ratio"] = (rows["short_quantity"] / required.where(required > 0, 1.0)).round(6)
    return rows[COLUMNS].sort_values(KEY).reset_index(drop=True)


def _prices(model: SupplyModel, bindings: list[Binding], warm: WarmModel | None) -> dict[str, pd.Series]:
    """Range of every price, and what other solves say of the dearest."""
    row_of = {law: _row_of(model, law) for law in SIGN_OF_LAW}
    limits = [
        Limit(row_of[entry.law][entry.place, entry.month], SIGN_OF_LAW[entry.law], entry.price)
        for entry in bindings
    ]
    within: list[PriceRange | None] = [None] * len(bindings)
    said: list[Confirmation | None] = [None] * len(bindings)
    if bindings and warm is not None:
        movable = [
            place for place, limit in enumerate(limits) if limit.price > 0 and warm.can_move(limit.row)
        ]
        for place, found in zip(movable, ranges(warm, [limits[place] for place in movable]), strict=True):
            within[place] = found
        dearest = sorted(movable, key=lambda place: (-limits[place].price, place))[:CONFIRMED]
        for place in dearest:
            said[place] = confirm(warm, limits[place], within[place] or PriceRange(0.0, 0.0))
    return _price_columns(bindings, within, said)


def _price_columns(
    bindings: list[Binding], within: list[PriceRange | None], said: list[Confirmation | None]
) -> dict[str, pd.Series]:
    available = np.array([entry.available for entry in bindings], dtype=float)
    down = np.array([np.nan if found is None else found.down for found in within], dtype=float)
    up = np.array([np.nan if found is None else found.up for found in within], dtype=float)
    told = {
        "price_from_quantity": _finite(available - down).round(4),
        "price_to_quantity": _finite(available + up).round(4),
        "price_of_less": _told(said, "price_of_less"),
        "price_of_more": _told(said, "price_of_more"),
        "saving_of_one_more": _told(said, "saving_of_one_more"),
        "loss_of_one_less": _told(said, "loss_of_one_less"),
        "confirmed_price": _told(said, "confirmed_price"),
        "confirmed_step_quantity": _told(said, "confirmed_step"),
    }
    columns = {name: pd.Series(values, dtype="float64") for name, values in told.items()}
    confirmed = [None if one is None else one.is_confirmed for one in said]
    return columns | {"is_confirmed": pd.Series(confirmed, dtype=object)}


def _finite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.nan)


def _told(said: list[Confirmation | None], name: str) -> Floats:
    return _finite(
        np.array([np.nan if one is None else getattr(one, name) for one in said], dtype=float)
    ).round(8)


def _row_of(model: SupplyModel, law: str) -> Integers:
    """Row of the programme by object and month of a law, -1 where there is none."""
    rows = model.rows[law]
    places = np.full((len(rows.objects), model.months), -1, dtype=np.int64)
    places[tuple(rows.keys.T)] = rows.positions
    return places


class _Paths:
    """Which demand hangs on which source: followed downstream through first choices and sources with a flow."""

    def __init__(self, network: Network, frames: dict[str, pd.DataFrame]) -> None:
        self.network = network
        flows = network.flows
        active = set(flows.default[flows.default >= 0].tolist())
        flowing = set(frames["supply_plan"]["source_id"])
        active |= {source for source, name in enumerate(flows.names) if name in flowing}
        self.fed: dict[int, list[int]] = {}
        for source, components in enumerate(components_of(flows)):
            for component, _ in components if source in active else []:
                self.fed.setdefault(component, []).append(int(flows.output[source]))
        fulfilment = frames["demand_fulfilment"]
        shape = network.demand.shape
        late = (fulfilment["backlog_units"] + fulfilment["lost_units"]).to_numpy(dtype=float).reshape(shape)
        margin = network.unit_price - network.unit_cost[network.stream_item_site][:, None]
        self.units = np.zeros_like(network.target)
        self.margin = np.zeros_like(network.target)
        np.add.at(self.units, network.stream_item_site, late)
        np.add.at(self.margin, network.stream_item_site, late * margin)
        self.known: dict[int, list[int]] = {}

    def reached(self, item_site: int) -> list[int]:
        if item_site not in self.known:
            seen, waiting = {item_site}, [item_site]
            while waiting:
                for following in self.fed.get(waiting.pop(), []):
                    if following not in seen:
                        seen.add(following)
                        waiting.append(following)
            self.known[item_site] = sorted(seen)
        return self.known[item_site]

    def at_risk(self, item_sites: list[int], month: int) -> tuple[float, float]:
        served = sorted({reached for item_site in item_sites for reached in self.reached(item_site)})
        return float(self.units[served, month].sum().round(3)), float(
            self.margin[served, month].sum().round(4)
        )


def _rows(network: Network, bindings: list[Binding], paths: _Paths) -> pd.DataFrame:
    risks = [paths.at_risk(entry.item_sites, entry.month) for entry in bindings]
    return pd.DataFrame(
        {
            "shortage_type": pd.Series([entry.shortage_type for entry in bindings], dtype=object),
            "object_id": pd.Series([entry.object_id for entry in bindings], dtype=object),
            "period_start_date": network.periods[[entry.month for entry in bindings]],
            "unit": pd.Series([entry.unit for entry in bindings], dtype=object),
            "required_quantity": np.round(np.array([entry.required for entry in bindings], dtype=float), 4),
            "available_quantity": np.round(np.array([entry.available for entry in bindings], dtype=float), 4),
            "shadow_price": np.round(np.array([entry.price for entry in bindings], dtype=float), 6),
            "demand_at_risk_units": np.array([risk[0] for risk in risks], dtype=float),
            "demand_at_risk_margin": np.array([risk[1] for risk in risks], dtype=float),
        }
    )


def _short_resources(network: Network, use: pd.DataFrame, savings: Savings) -> list[Binding]:
    """Regular hours that are used up: overtime is bought, or demand is not served."""
    flows = network.flows
    shape = network.regular_hours.shape
    required, regular = (
        use[column].to_numpy(dtype=float).reshape(shape) for column in ("required_hours", "regular_hours")
    )
    found = []
    for resource, month in np.argwhere(savings.hour > 0).tolist():
        loaded = flows.output[flows.load_source[flows.load_resource == resource]].tolist()
        available, needed = (float(table[resource, month]) for table in (regular, required))
        name, price = network.resources[resource], float(savings.hour[resource, month])
        found.append(
            Binding("resource", name, month, "hours", needed, available, price, loaded, "capacity", resource)
        )
    return found


def _short_sources(network: Network, savings: Savings) -> list[Binding]:
    flows = network.flows
    required = explode(network, is_netted=True)[1]
    found = []
    for source, month in np.argwhere(savings.source > 0).tolist():
        limit, price = float(flows.maximum_units[source, month]), float(savings.source[source, month])
        is_first_choice = int(flows.default[flows.output[source]]) == source
        needed = float(required[source, month]) if is_first_choice else limit
        kind = SHORTAGE_TYPE[str(flows.frame["source_type"].iloc[source])]
        output = [int(flows.output[source])]
        name = flows.names[source]
        found.append(
            Binding(kind, name, month, "units", needed, limit, price, output, "source_limit", source)
        )
    return found


def _short_storage(network: Network, stock: pd.DataFrame, savings: Savings) -> list[Binding]:
    shape = network.target.shape
    above = stock["above_maximum_units"].to_numpy(dtype=float).reshape(shape)
    closing = stock["closing_units"].to_numpy(dtype=float).reshape(shape)
    found = []
    for item_site, month in np.argwhere((savings.room > 0) | (above > 0)).tolist():
        limit, price = float(network.maximum_stock[item_site, month]), float(savings.room[item_site, month])
        held, name = float(closing[item_site, month]), name_of_item_site(network, item_site)
        found.append(
            Binding("storage", name, month, "units", held, limit, price, [item_site], "storage", item_site)
        )
    return found


def _short_materials(network: Network, savings: Savings, roots: set[tuple[int, int]]) -> list[Binding]:
    """What demand needs up to a month beyond what is there and on order, where nothing ordered now arrives in time."""
    gross = explode(network, is_netted=True)[0]
    supplied = np.array(network.open_supply)
    supplied[:, 0] += network.opening
    required, available = np.cumsum(gross, axis=1), np.cumsum(supplied, axis=1)
    months = np.arange(len(network.periods))
    is_fixed = months < earliest_arrival(network)[:, None]
    is_short = is_fixed & (required > available + SMALLEST_PRICE) & (gross > 0) & (savings.material > 0)
    found = []
    for item_site, month in sorted({*map(tuple, np.argwhere(is_short).tolist()), *roots}):
        name, price = name_of_item_site(network, item_site), float(savings.material[item_site, month])
        needed, there = (float(table[item_site, month]) for table in (required, available))
        found.append(
            Binding("material", name, month, "units", needed, there, price, [item_site], "material_balance", item_site)
        )  # fmt: skip
    return found


def earliest_arrival(network: Network) -> Integers:
    """First month of the horizon in which anything released now arrives at an item-site; beyond it where nothing can."""
    flows = network.flows
    earliest = np.full(len(network.item_sites), len(network.periods), dtype=np.int64)
    whole = np.floor(flows.lead_time_months + LEAD_TIME_DUST).astype(np.int64)
    np.minimum.at(earliest, flows.output, whole)
    return earliest


def name_of_item_site(network: Network, item_site: int) -> str:
    """Item and site in one word, as limits of an item-site are named."""
    return "@".join(str(part) for part in network.item_sites.iloc[item_site])
