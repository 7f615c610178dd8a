"""Rows that whole setups imply: no plan loses by them, and without whole numbers they say how dear the setups really are.

With fractions of a setup a programme pays a tenth of a setup for a tenth of its largest run, so its cost proves little. These rows are
the (l, S) inequalities of Barany, Van Roy and Wolsey (1984) in the form of Pochet and Wolsey (1994), on echelon stock. They are
no law: they serve the search for whole numbers and are not part of the programme. Add here: another family of such rows. Keep out: the
law of setups (`setups`), the search (`whole_numbers`).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from sop_pipeline.planning.supply.arrivals import arrival_shares
from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.laws.terms import Terms
from sop_pipeline.planning.supply.network import Floats, Integers, Setups
from sop_pipeline.planning.supply.solving.arrays import Implied

REACH = 6
"""Periods that one row looks ahead: longer than most runs are worth."""


def implied_rows(model: SupplyModel) -> Implied | None:
    r"""Demand of periods k to l is met by what was there before k, unless there is a setup in between.

    $E_{k-1} + \sum_{t=k}^{l} (open_t + lost_t + backlog_t) + \sum_{u=k}^{l} (d_u + \ldots + d_l)\, setup_u \ge d_k + \ldots + d_l$

    $E$ is the item's stock at all sites and what is on its way. Proof: let u be the first period with a setup; deliveries of k to
    u-1 can only come from E and open orders, and what is not delivered is lost or waits. None where an item has another way in, or
    a unit of it becomes more on its way.
    """
    setups = model.network.setups
    if setups is None:
        return None
    terms, months = Terms(), model.months
    least: list[float] = []
    for item in dict.fromkeys(_items_of_streams(model).tolist()):
        entries = _entries(model, setups, item)
        if not len(entries):
            continue
        streams = np.flatnonzero(_items_of_streams(model) == item)
        demand = model.network.owed[streams].sum(axis=0)
        sites = np.flatnonzero(model.network.item_sites["item_id"].to_numpy() == item)
        opening, open_supply = (
            model.network.opening[sites].sum(),
            model.network.open_supply[sites].sum(axis=0),
        )
        for first in range(months):
            before = _echelon(model, item, sites, first)
            for last in range(first, min(first + REACH, months)):
                if demand[last] <= 0:
                    continue
                row, span = len(least), slice(first, last + 1)
                terms.add(row, *before)
                for name in ("lost", "backlog"):
                    terms.add(row, model.variables[name][streams, span], 1.0)
                still = np.cumsum(demand[span][::-1])[::-1]
                terms.add(row, model.variables["setup"][entries, span], still)
                had = open_supply[span].sum() + (opening if first == 0 else 0.0)
                least.append(float(demand[span].sum() - had))
    rows, columns, factors = terms.merged()
    shape = (len(least), model.column_count)
    return Implied(sparse.csr_array((factors, (rows, columns)), shape=shape), np.array(least))


def _items_of_streams(model: SupplyModel) -> np.ndarray:
    items: np.ndarray = model.network.item_sites["item_id"].to_numpy()[model.network.stream_item_site]
    return items


def _entries(model: SupplyModel, setups: Setups, item: str) -> Integers:
    """Setups without which no unit of an item comes to be; none where one can."""
    flows = model.network.flows
    of_item = model.network.item_sites["item_id"].to_numpy()[flows.output] == item
    is_move = flows.frame["source_type"].to_numpy() == "move"
    entries = np.flatnonzero(of_item & ~is_move)
    is_open = not np.isin(entries, setups.source).all() or (flows.yields[of_item & is_move] > 1.0).any()
    return (
        np.zeros(0, dtype=np.int64) if is_open else np.unique(setups.setup[np.isin(setups.source, entries)])
    )


def _echelon(model: SupplyModel, item: str, sites: Integers, first: int) -> tuple[Integers, Floats]:
    """Columns and units of an item's stock, and of what is on its way, at the end of the period before `first`."""
    if first == 0:
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    flows = model.network.flows
    columns = [model.variables["stock"][sites, first - 1]]
    units = [np.ones(len(sites))]
    for source in np.flatnonzero(
        model.network.item_sites["item_id"].to_numpy()[flows.output] == item
    ).tolist():
        shares = list(arrival_shares(float(flows.lead_time_months[source])))
        for released in range(max(first - 1 - shares[-1][0], 0), first):
            late = sum(share for delay, share in shares if released + delay >= first)
            if late > 0:
                columns.append(model.variables["release"][[source], released])
                units.append(np.array([late * float(flows.yields[source])]))
    return np.concatenate(columns), np.concatenate(units)
