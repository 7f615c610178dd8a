"""Audit of a supply plan: every law recomputed from the published rows and the inputs, without the solver.

Nothing of the model is read, so a fault in the model, the rounding or the writing shows. Add here: a law as a function
that yields its findings, and its name in `LAWS`. Keep out: anything that repairs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.arrivals import arrival_shares
from sop_pipeline.planning.supply.inputs import SupplyInputs
from sop_pipeline.planning.supply.network import STREAM, Network
from sop_pipeline.planning.supply.policies import company_network
from sop_pipeline.planning.supply.prices import unit_prices
from sop_pipeline.planning.supply.proof.books import UNITS_TOLERANCE, Books, Finding, finding_of
from sop_pipeline.planning.supply.proof.policy_audit import POLICY_LAWS
from sop_pipeline.planning.supply.results.costs import KEY as COST_KEY
from sop_pipeline.planning.supply.results.costs import plan_costs

HOURS_TOLERANCE = 0.01
MONEY_TOLERANCE = 0.01
OBJECTIVE_TOLERANCE_RATIO = 1e-6
ROUNDED_UNITS = 0.0005


def audit_plan(
    inputs: SupplyInputs, periods: pd.DatetimeIndex, frames: dict[str, pd.DataFrame]
) -> pd.DataFrame:
    """One row per law: rows checked, violations, the largest and the first violating row."""
    books = Books(company_network(inputs, periods), frames)
    return pd.DataFrame([_verdict(law, check(books)) for law, check in LAWS.items()])


def _verdict(law: str, findings: list[Finding]) -> dict[str, object]:
    examples, largest = [], 0.0
    for finding in findings:
        bad = finding.is_violated
        if bad.any():
            distance = np.abs(finding.distance[bad])
            largest = max(largest, float(np.nan_to_num(distance, nan=1e12, posinf=1e12).max()))
            examples.append(" / ".join(str(value) for value in finding.rows[bad].iloc[0]))
    return {
        "law": law,
        "checked_rows": sum(len(finding.rows) for finding in findings),
        "violations": sum(int(finding.is_violated.sum()) for finding in findings),
        "largest_violation": round(largest, 6),
        "example": examples[0] if examples else None,
    }


def material_balance(books: Books) -> list[Finding]:
    """Opening + open orders + received - consumed - sold = closing, and each part is what its own table says."""
    network, flows = books.network, books.network.flows
    opening, closing = books.stock("opening_units"), books.stock("closing_units")
    received, consumed, sold = (
        books.stock(name) for name in ("received_units", "consumed_units", "sold_units")
    )
    released, arrived = books.source("released_units"), books.source("received_units")
    total = opening + books.stock("open_supply_units") + received - consumed - sold
    before = np.column_stack([network.opening, closing[:, :-1]])
    by_source, used, delivered = (np.zeros_like(closing) for _ in range(3))
    np.add.at(by_source, flows.output, arrived)
    np.add.at(used, flows.input_item_site, flows.units_per_unit * released[flows.input_source])
    np.add.at(delivered, network.stream_item_site, books.stream("delivered_units"))
    due = np.zeros_like(released)
    for source, lead_time in enumerate(flows.lead_time_months.tolist()):
        for delay, share in arrival_shares(lead_time):
            due[source, delay:] += (
                share * flows.yields[source] * released[source, : max(due.shape[1] - delay, 0)]
            )
    sites = network.item_sites
    checks = {
        "opening + open orders + received - consumed - sold = closing": total - closing,
        "opening = closing of the month before": opening - before,
        "received = arrivals of the sources": received - by_source,
        "consumed = components of the releases": consumed - used,
        "sold = delivered to the streams": sold - delivered,
        "below target = target - closing": books.stock("below_target_units")
        - np.clip(network.target - closing, 0.0, None),
    }
    findings = [
        finding_of(network, sites, distance, UNITS_TOLERANCE, what) for what, distance in checks.items()
    ]
    late = np.cumsum(arrived, axis=1) - np.cumsum(due, axis=1)
    names = flows.frame[["source_id"]]
    return [
        *findings,
        finding_of(network, names, late, UNITS_TOLERANCE, "received = released x yield in time"),
    ]


def demand_balance(books: Books) -> list[Finding]:
    """Delivered + backlog + lost = demand + backlog before; only the agreed share waits."""
    network = books.network
    backlog, demand = books.stream("backlog_units"), books.stream("demand_units")
    before = np.column_stack([network.opening_backlog, backlog[:, :-1]])
    limit = network.backlog_limit
    served = books.stream("delivered_units") + backlog + books.stream("lost_units")
    streams = network.streams[STREAM]
    checks = {
        "delivered + backlog + lost = demand + backlog before": served - demand - before,
        "demand is the forecast": demand - network.demand,
        "backlog within the share that waits": np.maximum(backlog - limit, 0.0),
    }
    return [
        finding_of(network, streams, distance, UNITS_TOLERANCE, what) for what, distance in checks.items()
    ]


def capacity(books: Books) -> list[Finding]:
    """Hours of the releases = hours used <= regular + overtime, overtime within its maximum."""
    network, flows = books.network, books.network.flows
    released, used, overtime = (
        books.source("released_units"),
        books.hours("used_hours"),
        books.hours("overtime_hours"),
    )
    needed = np.zeros_like(used)
    np.add.at(needed, flows.load_resource, flows.hours_per_unit[:, None] * released[flows.load_source])
    by_item = books.frames["resource_load"].groupby(["resource_id", "period_start_date"])
    load = by_item["load_hours"].sum().reset_index()
    resources = pd.DataFrame({"resource_id": network.resources}, dtype=object)
    spent = Books(network, {"load": load}).table("load", "load_hours", resources, ["resource_id"])
    heads = np.nan_to_num(books.hours("heads"))
    given = np.array(network.regular_hours)
    overtime_given = np.array(network.overtime_maximum_hours)
    if network.labour is not None:
        people = network.labour.resource
        given[people] += network.labour.hours_per_head * heads[people]
        overtime_given[people] += network.labour.overtime_hours_per_head * heads[people]
    checks = {
        "used hours = hours of the releases": used - needed,
        "used hours = hours by item": used - spent,
        "used <= regular + overtime": np.maximum(used - given - overtime, 0.0),
        "overtime <= its maximum": np.maximum(overtime - overtime_given, 0.0),
    }
    return [
        finding_of(network, resources, distance, HOURS_TOLERANCE, what) for what, distance in checks.items()
    ]


def source_limit(books: Books) -> list[Finding]:
    """No source releases more than its limit of the month."""
    flows = books.network.flows
    limited = np.isfinite(flows.maximum_units)
    over = np.where(
        limited, books.source("released_units") - np.where(limited, flows.maximum_units, 0.0), 0.0
    )
    names = flows.frame[["source_id"]]
    return [finding_of(books.network, names, np.maximum(over, 0.0), UNITS_TOLERANCE, "released <= maximum")]


QUANTITIES = {
    "supply_plan": ("released_units", "received_units", "flow_cost"),
    "stock_plan": (
        "opening_units",
        "open_supply_units",
        "received_units",
        "consumed_units",
        "sold_units",
        "closing_units",
        "below_target_units",
        "above_maximum_units",
    ),
    "demand_fulfilment": ("demand_units", "delivered_units", "backlog_units", "lost_units"),
    "resource_load": ("load_hours",),
    "capacity_use": ("used_hours", "overtime_hours", "required_hours"),
    "plan_costs": ("amount",),
}


def non_negative(books: Books) -> list[Finding]:
    """No published quantity is negative or missing."""
    findings = []
    for name, columns in QUANTITIES.items():
        frame = books.frames[name]
        for column in columns:
            keys = [key for key in frame.columns if key.endswith("_id") and frame[key].notna().all()]
            labels = frame[[*keys, "period_start_date"]].assign(what=f"{name}.{column}")
            distance = np.minimum(frame[column].to_numpy(dtype=float), 0.0)
            findings.append(Finding(labels, distance, 0.0))
    return findings


def open_supply(books: Books) -> list[Finding]:
    """Every open order arrives once, where and when the inputs say."""
    network = books.network
    distance = books.stock("open_supply_units") - network.open_supply
    return [finding_of(network, network.item_sites, distance, UNITS_TOLERANCE, "open orders arrive once")]


def cost_terms(books: Books) -> list[Finding]:
    """Every amount is its quantity at its price."""
    network = books.network
    expected = plan_costs(network, unit_prices(network), books.frames)
    published = books.frames["plan_costs"]
    both = expected.merge(published, how="outer", on=COST_KEY, suffixes=("", "_published"))
    distance = both["amount"].fillna(0.0) - both["amount_published"].fillna(0.0)
    flow = books.frames["supply_plan"]
    source = pd.Index(network.flows.names).get_indexer(pd.Index(flow["source_id"]))
    month = network.periods.get_indexer(pd.DatetimeIndex(pd.to_datetime(flow["period_start_date"])))
    known = (source >= 0) & (month >= 0)
    prices = np.where(known, network.flows.unit_cost[source, month], np.nan)
    flow_distance = (flow["flow_cost"] - flow["released_units"] * prices).to_numpy(dtype=float)
    return [
        Finding(both[COST_KEY], distance.to_numpy(dtype=float), MONEY_TOLERANCE),
        Finding(flow[["source_id", "period_start_date"]], flow_distance, MONEY_TOLERANCE),
    ]


def objective(books: Books) -> list[Finding]:
    """The sum of the published cost terms is what the solver found, and what the log says."""
    log = books.frames["solve_log"]
    priced = float(books.frames["plan_costs"]["amount"].sum())
    tolerance = objective_tolerance(books.network, float(log["objective_value"].iloc[0]))
    distance = np.array(
        [log["objective_value"].iloc[0] - priced, log["priced_value"].iloc[0] - priced], dtype=float
    )
    return [Finding(pd.DataFrame({"what": ["solver", "log"]}), distance, tolerance)]


def objective_tolerance(network: Network, objective_value: float) -> float:
    """A millionth of the total, and what rounding every flow to thousandths may add up to in a small plan."""
    prices = unit_prices(network)
    dearest = float(max(prices.lost_sale.max(initial=0.0), prices.below_target.max(initial=0.0)))
    flows = len(network.periods) * (
        len(network.flows.output) + len(network.streams) + len(network.item_sites)
    )
    rounding = ROUNDED_UNITS * dearest * max(10.0, float(np.sqrt(flows)))
    return OBJECTIVE_TOLERANCE_RATIO * abs(objective_value) + rounding + MONEY_TOLERANCE


LAWS: dict[str, Callable[[Books], list[Finding]]] = {
    "material_balance": material_balance,
    "demand_balance": demand_balance,
    "capacity": capacity,
    "source_limit": source_limit,
    "non_negative": non_negative,
    "open_supply": open_supply,
    "cost_terms": cost_terms,
    "objective": objective,
    **POLICY_LAWS,
}
