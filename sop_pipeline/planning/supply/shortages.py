"""What is short: limits that bind, with what one more unit would save and the demand that hangs on them.

Add here: a type of limit. Keep out: what to do about it.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.network import Floats, Network
from sop_pipeline.planning.supply.rough_cut import components_of, explode
from sop_pipeline.planning.supply.solve import Solved
from sop_pipeline.planning.supply.supply_model import SupplyModel

SHORTAGE_TYPE = {"make": "resource", "buy": "supplier", "move": "lane"}

# A price below a tenth of a cent is the trace of a broken tie, not a scarcity.
SMALLEST_PRICE = 0.001

COLUMNS = [
    "shortage_type",
    "object_id",
    "period_start_date",
    "unit",
    "required_quantity",
    "available_quantity",
    "short_quantity",
    "short_ratio",
    "shadow_price",
    "demand_at_risk_units",
    "demand_at_risk_margin",
]


def shadow_prices(model: SupplyModel, solved: Solved, name: str, shape: tuple[int, int]) -> Floats:
    """What one more unit of a limit saves, by object and month; 0 where it is not scarce."""
    rows, prices = model.rows[name], np.zeros(shape)
    saving = solved.saving_per_unit(rows)
    prices[tuple(rows.keys.T)] = np.where(saving >= SMALLEST_PRICE, saving, 0.0)
    return prices


def resource_shortages(
    network: Network, frames: dict[str, pd.DataFrame], source_prices: Floats, storage_prices: Floats
) -> pd.DataFrame:
    """One row per limit that binds and month, from the published frames and the shadow prices."""
    paths = _Paths(network, frames)
    parts = [
        _short_resources(network, frames["capacity_use"], paths),
        _short_sources(network, source_prices, paths),
        _short_storage(network, frames["stock_plan"], storage_prices, paths),
    ]
    filled = [part for part in parts if len(part)]
    if not filled:
        return pd.DataFrame({column: pd.Series(dtype=parts[0][column].dtype) for column in COLUMNS})
    rows = pd.concat(filled, ignore_index=True)
    rows["short_quantity"] = (rows["required_quantity"] - rows["available_quantity"]).clip(lower=0.0).round(4)
    required = rows["required_quantity"]
    rows["short_ratio"] = (rows["short_quantity"] / required.where(required > 0, 1.0)).round(6)
    return rows[COLUMNS].sort_values(COLUMNS[:3]).reset_index(drop=True)


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


def _rows(
    network: Network,
    entries: list[tuple[str, str, int, str, float, float, float, list[int]]],
    paths: _Paths,
) -> pd.DataFrame:
    risks = [paths.at_risk(entry[7], entry[2]) for entry in entries]
    return pd.DataFrame(
        {
            "shortage_type": pd.Series([entry[0] for entry in entries], dtype=object),
            "object_id": pd.Series([entry[1] for entry in entries], dtype=object),
            "period_start_date": network.periods[[entry[2] for entry in entries]],
            "unit": pd.Series([entry[3] for entry in entries], dtype=object),
            "required_quantity": np.round(np.array([entry[4] for entry in entries], dtype=float), 4),
            "available_quantity": np.round(np.array([entry[5] for entry in entries], dtype=float), 4),
            "short_quantity": 0.0,
            "short_ratio": 0.0,
            "shadow_price": np.round(np.array([entry[6] for entry in entries], dtype=float), 6),
            "demand_at_risk_units": np.array([risk[0] for risk in risks], dtype=float),
            "demand_at_risk_margin": np.array([risk[1] for risk in risks], dtype=float),
        }
    )


def _short_resources(network: Network, use: pd.DataFrame, paths: _Paths) -> pd.DataFrame:
    """Regular hours that are used up: overtime is bought, or demand is not served."""
    flows = network.flows
    shape = network.regular_hours.shape
    price = use["shadow_price"].to_numpy(dtype=float).reshape(shape)
    required = use["required_hours"].to_numpy(dtype=float).reshape(shape)
    entries = []
    for resource, month in np.argwhere(price > 0).tolist():
        loaded = flows.output[flows.load_source[flows.load_resource == resource]].tolist()
        available = float(network.regular_hours[resource, month])
        name = network.resources[resource]
        needed = float(required[resource, month])
        scarcity = float(price[resource, month])
        entries.append(("resource", name, month, "hours", needed, available, scarcity, loaded))
    return _rows(network, entries, paths)


def _short_sources(network: Network, price: Floats, paths: _Paths) -> pd.DataFrame:
    flows = network.flows
    required = explode(network, is_netted=True)[1]
    entries = []
    for source, month in np.argwhere(price > 0).tolist():
        limit = float(flows.maximum_units[source, month])
        is_first_choice = int(flows.default[flows.output[source]]) == source
        needed = float(required[source, month]) if is_first_choice else limit
        kind = SHORTAGE_TYPE[str(flows.frame["source_type"].iloc[source])]
        output = [int(flows.output[source])]
        entries.append(
            (kind, flows.names[source], month, "units", needed, limit, float(price[source, month]), output)
        )
    return _rows(network, entries, paths)


def _short_storage(network: Network, stock: pd.DataFrame, price: Floats, paths: _Paths) -> pd.DataFrame:
    shape = network.target.shape
    above = stock["above_maximum_units"].to_numpy(dtype=float).reshape(shape)
    closing = stock["closing_units"].to_numpy(dtype=float).reshape(shape)
    entries = []
    for item_site, month in np.argwhere((price > 0) | (above > 0)).tolist():
        name = "@".join(str(part) for part in network.item_sites.iloc[item_site])
        limit, scarcity = float(network.maximum_stock[item_site, month]), float(price[item_site, month])
        held = float(closing[item_site, month])
        entries.append(("storage", name, month, "units", held, limit, scarcity, [item_site]))
    return _rows(network, entries, paths)
