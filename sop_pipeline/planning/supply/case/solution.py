"""A solved case as tables that a planner reads.

Quantities are the solver's own, freed of its dust below a millionth. Add here: a table of the answer. Keep out: whether it
is right (`audit`, `certificate`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.arrivals import arrival_shares
from sop_pipeline.planning.supply.case.problem import Problem
from sop_pipeline.planning.supply.inputs import SupplyInputError
from sop_pipeline.planning.supply.laws.flows import COST_TERM_OF_TYPE
from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.network import STREAM, Floats, Network
from sop_pipeline.planning.supply.rough_cut import required_hours
from sop_pipeline.planning.supply.solving.solve import Solved

DUST = 1e-6
DECIMALS = 8.0
DIGITS = 11.0
HALF_DUST = 1e-2
LAW_WORDS = {
    "capacity": "an hour more",
    "source_limit": "a unit more from the source",
    "storage": "a unit more of room for the item",
    "space": "a unit more of shared room",
    "overtime_of_people": "an hour more of overtime",
    "headcount": "a person more, without hiring",
    "demand_balance": "a unit of demand less",
    "target_stock": "a unit of required stock less",
    "material_balance": "a unit more in stock",
    "shelf_life": "a unit more that may age",
    "setup_count": "a setup more",
    "maintenance": "a stoppage less",
}


LESS_ON_THE_RIGHT = ("demand_balance", "target_stock", "maintenance", "material_balance")
"""Laws whose unit, as said above, is one less on their right-hand side."""


def tables_of(problem: Problem, model: SupplyModel, solved: Solved) -> dict[str, pd.DataFrame]:
    """Every table of the answer by name: plan, stock, demand, resources, labour, setups, maintenance, costs, prices."""
    network = problem.network
    found = {name: _clean(solved.values_of(variables)) for name, variables in model.variables.items()}
    received = received_units(network, found["release"])
    tables = {
        "plan": _plan(network, found, received),
        "stock": _stock(network, found, received),
        "demand": _demand(problem, found),
        "resources": _resources(network, model, solved, found),
        "prices": _prices(network, model, solved),
    }
    if network.labour is not None:
        tables["labour"] = _labour(network, found)
    if network.setups is not None:
        tables["setups"] = _by_name(network, network.setups.names, "setup_id", {"is_set_up": found["setup"]})
    if network.maintenance is not None:
        names = network.maintenance.names
        tables["maintenance"] = _by_name(network, names, "maintenance_id", {"stoppages": found["stopped"]})
    tables["costs"] = _costs(problem, found)
    return tables


def _clean(values: Floats) -> Floats:
    """Without the solver's dust: to eight decimals, of large numbers to eleven digits; halves go up, dust below them too."""
    size = np.floor(np.log10(np.maximum(np.abs(values), 1.0)))
    scale = 10.0 ** np.minimum(DECIMALS, DIGITS - 1 - size)
    rounded: Floats = np.rint(values * scale + HALF_DUST) / scale
    return np.where(np.abs(rounded) <= DUST, 0.0, rounded) + 0.0


def received_units(network: Network, released: Floats) -> Floats:
    """Good units that arrive, by source and period."""
    received = np.zeros_like(released)
    periods = released.shape[1]
    for source, lead_time in enumerate(network.flows.lead_time_months.tolist()):
        for delay, share in arrival_shares(lead_time):
            if delay < periods:
                part = share * network.flows.yields[source] * released[source, : periods - delay]
                received[source, delay:] += part
    return received


def _by_name(network: Network, names: list[Any], column: str, values: dict[str, Floats]) -> pd.DataFrame:
    periods = network.months
    frame = pd.DataFrame({column: np.repeat(np.asarray(names, dtype=object), len(periods))})
    frame["period"] = periods * len(names)
    for name, table in values.items():
        frame[name] = np.asarray(table, dtype=float).ravel()
    return frame


def _plan(network: Network, found: dict[str, Floats], received: Floats) -> pd.DataFrame:
    flows = network.flows
    values = {
        "released_units": found["release"],
        "received_units": received,
        "cost": found["release"] * flows.unit_cost,
    }
    frame = _by_name(network, flows.names, "source_id", values)
    about = flows.frame.set_index("source_id")[["source_type", "item_id", "site_id", "from_site_id"]]
    joined = frame.join(about, on="source_id")
    order = ["source_id", "source_type", "item_id", "site_id", "from_site_id", "period", *values]
    return joined[order]


def _stock(network: Network, found: dict[str, Floats], received: Floats) -> pd.DataFrame:
    flows, closing = network.flows, found["stock"]
    arrived, used, sold = (np.zeros_like(closing) for _ in range(3))
    np.add.at(arrived, flows.output, received)
    np.add.at(used, flows.input_item_site, flows.units_per_unit * found["release"][flows.input_source])
    np.add.at(sold, network.stream_item_site, found["delivered"])
    values = {
        "opening_units": np.column_stack([network.opening, closing[:, :-1]]),
        "open_order_units": network.open_supply,
        "received_units": arrived,
        "consumed_units": used,
        "sold_units": sold,
        "closing_units": closing,
        "target_units": network.target,
    }
    frame = _by_name(network, list(range(len(network.item_sites))), "item_site", values)
    about = network.item_sites.loc[frame.pop("item_site").astype(int)].reset_index(drop=True)
    return pd.concat([about, frame], axis=1)


def _demand(problem: Problem, found: dict[str, Floats]) -> pd.DataFrame:
    network = problem.network
    values = {
        "demand_units": network.demand,
        "delivered_units": found["delivered"],
        "backlog_units": found["backlog"],
        "lost_units": found["lost"],
        "revenue": found["delivered"] * problem.price_of_sale,
    }
    frame = _by_name(network, list(range(len(network.streams))), "stream", values)
    about = network.streams.loc[frame.pop("stream").astype(int), STREAM].reset_index(drop=True)
    return pd.concat([about, frame], axis=1)


def _resources(
    network: Network, model: SupplyModel, solved: Solved, found: dict[str, Floats]
) -> pd.DataFrame:
    shape = network.regular_hours.shape
    used, overtime, price = used_hours(network, found), np.zeros(shape), np.zeros(shape)
    for resource, row in model.overtime_row.items():
        overtime[resource] = found["overtime"][row]
    rows = model.rows["capacity"]
    price[tuple(rows.keys.T)] = solved.saving_per_unit(rows)
    available = network.regular_hours.copy()
    if network.labour is not None:
        available[network.labour.resource] += network.labour.hours_per_head * found["heads"]
    if network.maintenance is not None:
        maintenance = network.maintenance
        np.add.at(available, maintenance.resource, -maintenance.hours[:, None] * found["stopped"])
    values = {
        "required_hours": _rough_cut(network),
        "available_hours": available,
        "used_hours": used,
        "overtime_hours": overtime,
        "utilisation_ratio": np.divide(used, available, out=np.zeros(shape), where=available > 0),
        "shadow_price": _clean(price),
    }
    return _by_name(network, network.resources, "resource_id", values)


def _rough_cut(network: Network) -> Floats:
    """Hours that all demand takes through first choices, whatever is available; not a number where they form a loop."""
    try:
        return required_hours(network)
    except SupplyInputError:
        return np.full(network.regular_hours.shape, np.nan)


def used_hours(network: Network, found: dict[str, Floats]) -> Floats:
    """Hours that releases and setups take, by resource and period."""
    flows, used = network.flows, np.zeros_like(network.regular_hours)
    np.add.at(used, flows.load_resource, flows.hours_per_unit[:, None] * found["release"][flows.load_source])
    if network.setups is not None:
        setups = network.setups
        np.add.at(used, setups.hours_resource, setups.hours[:, None] * found["setup"][setups.hours_setup])
    return used


def _labour(network: Network, found: dict[str, Floats]) -> pd.DataFrame:
    labour = network.labour
    assert labour is not None
    names = [network.resources[resource] for resource in labour.resource.tolist()]
    values = {name: found[name] for name in ("heads", "hired", "laid_off")}
    return _by_name(network, names, "resource_id", values)


def _costs(problem: Problem, found: dict[str, Floats]) -> pd.DataFrame:
    """Every cost term by period, priced from the tables' quantities; revenue is told apart."""
    network, prices, flows = problem.network, problem.prices, problem.network.flows
    terms: dict[str, Floats] = {}

    def add(term: str, amounts: Floats) -> None:
        terms[term] = terms.get(term, np.zeros(len(network.periods))) + amounts.sum(axis=0)

    for source_type, term in COST_TERM_OF_TYPE.items():
        chosen = (flows.frame["source_type"] == source_type).to_numpy()
        if chosen.any():
            add(term, (found["release"] * flows.unit_cost)[chosen])
    used = used_hours(network, found)
    overtime = np.zeros_like(used)
    for row, resource in enumerate(_overtime_resources(network)):
        overtime[resource] = found["overtime"][row]
    add("regular_labour", (used - overtime) * network.regular_cost)
    add("overtime", overtime * network.overtime_cost)
    add("holding", found["stock"] * prices.holding)
    aimed = (network.target > 0).any(axis=1)
    below = np.where(np.isinf(prices.below_target), 0.0, prices.below_target)[aimed]
    add("below_target", found["below_target"] * below)
    add("backlog", found["backlog"] * prices.backlog)
    add("lost_sales", found["lost"] * np.where(np.isinf(prices.lost_sale), 0.0, prices.lost_sale))
    if network.labour is not None:
        labour = network.labour
        add("wages", found["heads"] * labour.wage_per_head)
        add("hiring", found["hired"] * labour.hire_cost[:, None])
        add("layoff", found["laid_off"] * labour.layoff_cost[:, None])
    if network.setups is not None:
        add("setup", found["setup"] * network.setups.cost)
    names = [term for term, amounts in terms.items() if np.abs(amounts).sum() > 0]
    return _by_name(network, names, "cost_term", {"amount": np.array([terms[name] for name in names])})


def _overtime_resources(network: Network) -> list[int]:
    parts = [network.flows.load_resource]
    parts += [network.labour.resource] if network.labour else []
    parts += [network.setups.hours_resource] if network.setups else []
    parts += [network.maintenance.resource] if network.maintenance else []
    return [int(resource) for resource in np.unique(np.concatenate(parts))]


def _prices(network: Network, model: SupplyModel, solved: Solved) -> pd.DataFrame:
    """Limits and requirements with a price: what one unit more (or less, as `one_unit` says) would save."""
    entries = []
    for law, words in LAW_WORDS.items():
        if law not in model.rows:
            continue
        rows = model.rows[law]
        step = -1.0 if law in LESS_ON_THE_RIGHT else 1.0
        saving = solved.saving_per_unit(rows) * step
        for row in np.flatnonzero(np.abs(saving) > DUST).tolist():
            name = model.name_of_row(rows, row)
            has_period = int(rows.keys[row, 1]) >= 0
            about = " / ".join(name[:-1] if has_period else name)
            period = name[-1] if has_period else ""
            entries.append((law, about, period, words, float(saving[row]), rows.first + row, step))
    columns = ["limit", "object_id", "period", "one_unit", "shadow_price", "row", "step"]
    return pd.DataFrame(entries, columns=columns)
