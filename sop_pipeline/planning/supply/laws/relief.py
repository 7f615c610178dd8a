"""What the company could win at a price, in the programme of every plan and closed there: hours, units, room.

Opening an option is then a change of bounds, and the plan is solved again from where it ended. Add here: another kind of limit that an
option adds to. Keep out: what an option is (`options`), which one is worth it (`scenarios.solves`).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.laws.terms import Terms, by_month
from sop_pipeline.planning.supply.network import Floats, Integers, Network
from sop_pipeline.planning.supply.options import Entry, Option
from sop_pipeline.planning.supply.relief_entries import Relief, ReliefTerms


def add_relief(model: SupplyModel) -> None:
    r"""What an option adds is an hour, a unit of a limit, room, or a unit that arrives, at the option's own price.

    $- relief_{et}$ in the hours of its resource, $- relief_{et}$ in the limit of its source or stock, $+ u_{ne}\, relief_{e,t-k}$ in the
    balance of its item-site; $relief_{et} \le R_{et}$, 0 where the option is not taken; $\sum_{e \in o} relief_{et} \le R_{ot}$

    An hour of an option is paid at its own rate instead of the regular one. What is handed from one channel to another leaves the item-site
    as a delivery to the other; where a rule spreads what is short, the one goes without it beyond its part, and the other has it beyond.
    """
    network, relief = model.network, model.network.relief
    if relief is None:
        return
    added = model.add_variables("relief", [(name,) for name in relief.names], upper=relief.maximum)
    hours = relief.hours
    model.hours.add(by_month(hours.place, model.months), added[hours.entry], -hours.units[:, None])
    model.cost_terms["regular_labour"].add(
        0, added[hours.entry], -hours.units[:, None] * network.regular_cost[hours.place]
    )
    _arrive(model, added, relief.units)
    _hand_over(model, added, relief.served)
    model.cost_terms["relief"].add(0, added, relief.unit_cost + relief.usual_cost)
    _share_the_most(model, added, relief)


def add_to_limit(model: SupplyModel, terms: Terms, row_of: Integers, added: ReliefTerms) -> None:
    """What options add to rows of a limit. `row_of`: row by object and month, -1 where nothing limits it."""
    rows = row_of[added.place]
    place, month = np.nonzero(rows >= 0)
    entry = model.variables["relief"][added.entry]
    terms.add(rows[place, month], entry[place, month], -added.units[place])


def _arrive(model: SupplyModel, added: Integers, units: ReliefTerms) -> None:
    month = np.arange(model.months) + units.delay[:, None]
    arrives = month < model.months
    rows = units.place[:, None] * model.months + month
    amount = np.broadcast_to(units.units[:, None], rows.shape)
    model.balance.add(rows[arrives], added[units.entry][arrives], amount[arrives])


def _hand_over(model: SupplyModel, added: Integers, served: ReliefTerms) -> None:
    gets = served.units > 0
    rows = by_month(served.place[gets], model.months)
    model.rows["demand_balance"].terms.add(rows, added[served.entry[gets]], served.units[gets][:, None])
    if not len(served.entry) or "fair_share" not in model.rows:
        return
    shared = model.rows["fair_share"]
    row_of = np.full((len(model.network.streams), model.months), -1, dtype=np.int64)
    row_of[tuple(shared.keys.T)] = np.arange(len(shared.keys))
    rows = row_of[served.place]
    place, month = np.nonzero(rows >= 0)
    shared.terms.add(rows[place, month], added[served.entry][place, month], served.units[place])


def _share_the_most(model: SupplyModel, added: Integers, relief: Relief) -> None:
    counts = np.bincount(relief.option, minlength=len(relief.together))
    several = np.flatnonzero(counts > 1)
    if not len(several):
        return
    place = np.full(len(counts), -1)
    place[several] = np.arange(len(several))
    is_one = place[relief.option] >= 0
    terms = Terms()
    terms.add(by_month(place[relief.option[is_one]], model.months), added[is_one], 1.0)
    names = [(relief.names[int(np.flatnonzero(relief.option == option)[0])],) for option in several.tolist()]
    keys = np.argwhere(np.ones((len(several), model.months), dtype=bool))
    model.add_rows("option_most", names, keys, terms, upper=relief.together[several].ravel())


def with_relief(network: Network, options: list[Option], is_open: list[bool] | None = None) -> Network:
    """The network with the options in it; those that are not open are there and closed."""
    entries = [(place, entry) for place, option in enumerate(options) for entry in option.entries]
    if not entries:
        return network
    months = len(network.periods)
    together = np.array([option.by_month(months) for option in options])
    maximum = np.array(
        [
            together[place] if is_open is not None and is_open[place] else np.zeros(months)
            for place, _ in entries
        ]
    )
    relief = Relief(
        names=[entry.name for _, entry in entries],
        option=np.array([place for place, _ in entries], dtype=np.int64),
        maximum=maximum,
        together=together,
        unit_cost=np.array([np.full(months, options[place].unit_cost) for place, _ in entries]),
        usual_cost=np.array([_usual_cost(network, entry) for _, entry in entries]),
        **{
            kind: _terms_of([entry for _, entry in entries], kind)
            for kind in ("hours", "limits", "room", "units", "served")
        },
    )
    return replace(network, relief=relief)


def _usual_cost(network: Network, entry: Entry) -> Floats:
    months = len(network.periods)
    return np.zeros(months) if entry.source is None else network.flows.unit_cost[entry.source]


def _terms_of(entries: list[Entry], kind: str) -> ReliefTerms:
    found = [(number, *term) for number, entry in enumerate(entries) for term in getattr(entry, kind)]
    columns = list(zip(*found, strict=True)) if found else [(), (), (), ()]
    entry, place, delay = (np.array(column, dtype=np.int64) for column in columns[:3])
    return ReliefTerms(entry, place, delay, np.array(columns[3], dtype=float))
