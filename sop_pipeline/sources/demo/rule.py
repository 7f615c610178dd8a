"""The planners' own rule: what the company releases in a month when no plan was published for it.

Order-up-to levels on the planners' view of demand, with work pulled forward where hours will be short.
Add here: a habit of these planners. Keep out: what happens to the releases (`execution`).
"""

from __future__ import annotations

import numpy as np

from sop_pipeline.sources.demo.columns import totals
from sop_pipeline.sources.demo.economics import rolled_hours
from sop_pipeline.sources.demo.factory import OVERTIME_RATIO
from sop_pipeline.sources.demo.firm import Firm
from sop_pipeline.sources.demo.network import BUY, MOVE
from sop_pipeline.sources.demo.randomness import Floats, Integers, bell, stream
from sop_pipeline.sources.demo.state import State
from sop_pipeline.sources.demo.timeline import LAST_MONTH

LOOK_AHEAD = 6
CENTRE_COVER_MONTHS = 0.9
PLANT_COVER_MONTHS = 0.35
SEMI_COVER_MONTHS = 0.6
MATERIAL_COVER_MONTHS = 1.6
DAYS_PER_MONTH = 30.4375


def planned_releases(firm: Firm, state: State, month: int) -> Floats:
    """Units to release of every source in the month."""
    network = firm.network
    view = _planners_view(firm, month)
    position = _position(firm, state)
    released = np.zeros(len(network.kind))
    moves = network.of_kind(MOVE)
    finished_moves = moves[network.node_item[network.node[moves]] < firm.items.sold]
    semi_moves = np.setdiff1d(moves, finished_moves)

    need = np.maximum(view[0] + CENTRE_COVER_MONTHS * view[1] - position, 0.0)
    released[finished_moves] = need[network.node[finished_moves]] * network.share[finished_moves]
    makes = _levelled_makes(firm, month, view, released, finished_moves, position)
    is_semi = network.node_item[network.node[: firm.makes]] >= firm.items.sold
    released[: firm.makes] = np.where(is_semi, 0.0, makes[0])

    use = [_component_use(firm, units) for units in makes]
    to_move = np.maximum(use[0] + SEMI_COVER_MONTHS * use[1] - position, 0.0)
    released[semi_moves] = to_move[network.node[semi_moves]]
    for units in use:
        np.add.at(units, network.from_node[semi_moves], units[network.node[semi_moves]])
    semi_need = np.maximum(use[0] + SEMI_COVER_MONTHS * use[1] - position, 0.0)
    released[: firm.makes] += np.where(is_semi, semi_need[network.node[: firm.makes]], 0.0) / firm.yield_ratio
    semis = [np.where(is_semi, units[network.node[: firm.makes]], 0.0) / firm.yield_ratio for units in use]
    total = [now + _component_use(firm, then) for now, then in zip(use, semis, strict=True)]
    # goods bought to be sold stand at the distribution centres: their usage is the demand itself
    is_bought_to_sell = (network.node_item >= firm.size.finished) & (network.node_item < firm.items.sold)
    total = [np.where(is_bought_to_sell, view[step], units) for step, units in enumerate(total)]
    released += _purchases(firm, total, position)
    return released


def _planners_view(firm: Firm, month: int) -> list[Floats]:
    """What the planners expect at every distribution centre, month by month: right on average, off by item."""
    error = 1.0 + 0.09 * bell(stream(firm.seed, "forecast_error", month), firm.items.sold)
    view = []
    for ahead in range(LOOK_AHEAD):
        expected = firm.demand.expected(min(month + ahead, LAST_MONTH - 1)) * error[firm.demand.series_item]
        view.append(totals(firm.series_node, expected, firm.network.nodes))
    return view


def _position(firm: Firm, state: State) -> Floats:
    """Stock, what is on its way, less what is owed to customers."""
    network = firm.network
    position = state.stock.astype(np.float64)
    np.add.at(position, network.node[state.production["make"]], state.production["good"])
    np.add.at(position, network.node[state.transfers["source"]], state.transfers["units"])
    purchases = state.purchases
    np.add.at(
        position, network.node[purchases["source"]], purchases["first_units"] + purchases["second_units"]
    )
    lines = state.lines
    owed = (lines["done_month"] < 0) & (lines["confirmed_day"] > lines["requested_day"])
    units = lines["quantity"][owed] - lines["shipped"][owed]
    np.subtract.at(position, firm.series_node[lines["series"][owed]], units)
    return position


def _levelled_makes(
    firm: Firm, month: int, view: list[Floats], released: Floats, finished_moves: Integers, position: Floats
) -> list[Floats]:
    """Finished units to start month by month; what exceeds the hours of a month is pulled one month forward."""
    network = firm.network
    origin = network.from_node[finished_moves]
    share = network.share[finished_moves]
    at_plant = []
    for step, units in enumerate(view):
        flow = released[finished_moves] if step == 0 else units[network.node[finished_moves]] * share
        at_plant.append(totals(origin, flow, network.nodes)[network.node[: firm.makes]])
    held = position[network.node[: firm.makes]]
    needs, carried = [], held.copy()
    for step in range(LOOK_AHEAD - 1):
        target = PLANT_COVER_MONTHS * at_plant[step + 1]
        need = np.maximum(at_plant[step] + target - carried, 0.0)
        carried = carried + need - at_plant[step]
        needs.append(need / firm.yield_ratio)
    return _pull_forward(firm, month, needs)


def _pull_forward(firm: Firm, month: int, needs: list[Floats]) -> list[Floats]:
    hours = rolled_hours(firm.bills, firm.network, firm.resources, firm.lot_units)
    for step in range(len(needs) - 1, 0, -1):
        usable = firm.economics.capacity[:, min(month + step, LAST_MONTH - 1)] * (1.0 + 0.5 * OVERTIME_RATIO)
        load = np.array(
            [np.cumsum(needs[step] * hours[:, resource])[-1] for resource in range(firm.resources)]
        )
        excess = np.where(load > usable, 1.0 - usable / np.maximum(load, 1e-9), 0.0)
        pulled = needs[step] * np.where(hours > 0, excess[None, :], 0.0).max(axis=1)
        needs[step] = needs[step] - pulled
        needs[step - 1] = needs[step - 1] + pulled
    return needs


def _component_use(firm: Firm, started: Floats) -> Floats:
    """Component units that starting the makes takes, by node."""
    network = firm.network
    used = started[network.input_source] * network.input_units
    use: Floats = totals(network.input_node, used, network.nodes)
    return use


def _purchases(firm: Firm, use: list[Floats], position: Floats) -> Floats:
    """Up to the usage of lead time and cover; nothing while stock and orders reach that far."""
    network = firm.network
    released = np.zeros(len(network.kind))
    buys = network.of_kind(BUY)
    node = network.node[buys]
    horizon = network.lead_days[buys] / DAYS_PER_MONTH + MATERIAL_COVER_MONTHS
    needed = np.zeros(len(buys))
    for step in range(LOOK_AHEAD):
        units = use[min(step, len(use) - 1)][node]
        needed = needed + np.clip(horizon - step, 0.0, 1.0) * units
    longest = np.zeros(network.nodes)
    np.maximum.at(longest, node, needed)
    short = np.maximum(longest[node] - position[node], 0.0)
    released[buys] = np.where(short >= 0.15 * network.minimum_units[buys], short * network.share[buys], 0.0)
    return released
