"""Rows that whole setups imply: no plan loses by them, and without whole numbers they say how dear the setups really are.

With fractions of a setup a programme pays a tenth of a setup for a tenth of its largest run, so its cost proves little. These rows are
the (l, S) inequalities of Barany, Van Roy and Wolsey (1984) in the form of Pochet and Wolsey (1994), on echelon stock and with what is
late. There are thousands; only those that a solution breaks are made. They are no law: they serve the search for whole numbers
and are not part of the programme. Add here: another family of such rows. Keep out: the law of setups (`setups`), the search
(`whole_numbers`, `lot_sizing`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from sop_pipeline.planning.supply.arrivals import arrival_shares
from sop_pipeline.planning.supply.laws.pipeline import undelivered_shares
from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.laws.terms import Terms
from sop_pipeline.planning.supply.network import Floats, Integers, Setups
from sop_pipeline.planning.supply.prices import pipeline_target

REACH = 6
"""Periods that one row looks ahead: longer than most runs are worth."""
KINDS = 4
AT_HAND, SHORT, LOST, SETUP = range(KINDS)
"""What is measured by period: at hand before it, short at its end, lost or on order in it, setups in it."""


@dataclass(frozen=True)
class Rows:
    """Rows that hold in every plan: `matrix` x columns >= `lower`."""

    matrix: Any  # scipy.sparse csr
    lower: Floats

    def __len__(self) -> int:
        return len(self.lower)


Cut = tuple[int, int, list[int]]
"""A row by measured item, first period, and ends of its blocks."""


@dataclass(frozen=True)
class Implied:
    r"""What is measured of every item that only comes to be with a setup, and the rows that follow.

    For periods k to l cut into blocks that end in periods e, and s(t) the first period of t's block:

    $athand_k + \sum_e short_e + \sum_{t=k}^{l} lost_t + \sum_{t=k}^{l} N_{s(t),l}\, setup_t \ge N_{kl}$

    $N_{kl}$ is what periods k to l need. Proof: let the first setup be in a block that starts in s. Nothing came to be before, so what k to
    s-1 need was at hand, is short at the end of s-1, or was lost; the setup's coefficient covers the rest. Every item is measured
    twice: against no stock (short is what waits), and against its targets (short is also what is below them).
    """

    measures: Any  # csr; (measured item, kind, period) x column
    constant: Floats  # of every measure
    need: Floats  # measured item x period
    items: list[tuple[str, bool]]  # measured items: name, and whether against its targets
    anchor: Integers  # a setup's column of every measured item
    always: Rows  # few enough to be there from the start
    model: SupplyModel = field(repr=False)  # that this follows from

    @property
    def links(self) -> Any:
        """Columns that one row may name together, a row for each item and each row that is there from the start; csr."""
        count, periods = self.need.shape
        of_item = sparse.csr_array(
            (
                np.ones(len(self.constant)),
                np.arange(len(self.constant)),
                np.arange(count + 1) * KINDS * periods,
            ),
            shape=(count, len(self.constant)),
        )
        return sparse.vstack([of_item @ abs(self.measures), self.always.matrix])

    def broken(self, values: Floats, least: float) -> list[Cut]:
        """The row of each measured item and first period that is broken most, where by more than `least` of what it is about."""
        count, periods = self.need.shape
        measured = (self.measures @ values + self.constant).reshape(count, KINDS, periods)
        return _most_broken(measured, self.need, least)

    def rows(self, cuts: list[Cut]) -> Rows:
        """The rows themselves."""
        count, periods = self.need.shape
        so_far = np.concatenate([np.zeros((count, 1)), np.cumsum(self.need, axis=1)], axis=1).tolist()
        starts, places, factors, lower = [0], [], [], []
        for item, first, ends in cuts:
            origin, until, start = item * KINDS * periods, ends[-1] + 1, first
            places.append(origin + AT_HAND * periods + first)
            places += [origin + SHORT * periods + end for end in ends]
            places += range(origin + LOST * periods + first, origin + LOST * periods + until)
            factors += [1.0] * (1 + len(ends) + until - first)
            for end in ends:
                places += range(origin + SETUP * periods + start, origin + SETUP * periods + end + 1)
                factors += [max(so_far[item][until] - so_far[item][start], 0.0)] * (end + 1 - start)
                start = end + 1
            lower.append(so_far[item][until] - so_far[item][first])
            starts.append(len(places))
        made = sparse.csr_array((factors, places, starts), shape=(len(cuts), len(self.constant)))
        return Rows(sparse.csr_array(made @ self.measures), np.array(lower) - made @ self.constant)


def implied_rows(model: SupplyModel) -> Implied | None:
    """Measures of every item. An item with another way in, or of which a unit becomes more on its way, has none.

    None where nothing needs a setup.
    """
    setups = model.network.setups
    if setups is None:
        return None
    terms, months = Terms(), model.months
    need: list[Floats] = []
    constant: list[Floats] = []
    anchor: list[int] = []
    items: list[tuple[str, bool]] = []
    of_stream = _items_of_streams(model)
    for item in dict.fromkeys(of_stream.tolist()):
        entries = _entries(model, setups, item)
        if not len(entries):
            continue
        streams = np.flatnonzero(of_stream == item)
        sites = np.flatnonzero(model.network.item_sites["item_id"].to_numpy() == item)
        below, target = _aims(model, sites)
        for is_aimed in (False, True) if len(below) else (False,):
            aimed, goal = (below, target) if is_aimed else (below[:0], np.zeros(months + 1))
            constant.append(_measure(model, terms, len(need), item, (sites, streams, entries, aimed), goal))
            need.append(model.network.owed[streams].sum(axis=0) + np.diff(goal))
            items.append((item, is_aimed))
            anchor.append(int(model.variables["setup"][entries[0], 0]))
    return Implied(
        measures=_matrix(terms, len(need) * KINDS * months, model.column_count),
        constant=np.concatenate(constant) if constant else np.zeros(0),
        need=np.array(need).reshape(-1, months),
        items=items,
        anchor=np.array(anchor, dtype=np.int64),
        always=_pipeline_rows(model, setups),
        model=model,
    )


def _measure(
    model: SupplyModel,
    terms: Terms,
    number: int,
    item: str,
    parts: tuple[Integers, Integers, Integers, Integers],
    goal: Floats,
) -> Floats:
    """Write the measures of one item; its constants are returned, kind x period."""
    sites, streams, entries, below = parts
    network, months = model.network, model.months
    place = (number * KINDS + np.arange(KINDS)[:, None]) * months + np.arange(months)
    for first in range(1, months):
        terms.add(place[AT_HAND, first], *_echelon(model, item, sites, first))
    terms.add(place[AT_HAND, 1:], below[:, :-1], 1.0)
    terms.add(place[SHORT], below, 1.0)
    terms.add(place[SHORT], model.variables["backlog"][streams], 1.0)
    terms.add(place[LOST], model.variables["lost"][streams], 1.0)
    terms.add(place[SETUP], model.variables["setup"][entries], 1.0)
    constant = np.zeros((KINDS, months))
    constant[AT_HAND] = -goal[:-1]
    constant[AT_HAND, 0] = network.opening[sites].sum()
    constant[LOST] = network.open_supply[sites].sum(axis=0)
    return constant.ravel()


def _most_broken(measured: Floats, need: Floats, least: float) -> list[Cut]:
    """The cheapest blocks of every item, first and last period are found by dynamic programming, from the last back."""
    count, periods = need.shape
    at_hand, short, lost, setup = (measured[:, kind] for kind in range(KINDS))
    so_far, lost_so_far = (
        np.concatenate([np.zeros((count, 1)), np.cumsum(each, axis=1)], axis=1) for each in (need, lost)
    )
    setups_so_far = np.concatenate([np.zeros((count, 1)), np.cumsum(setup, axis=1)], axis=1)
    most, until = np.full((count, periods), least), np.full((count, periods), -1)
    chosen_ends: dict[int, dict[int, NDArray[np.int64]]] = {}
    for last in range(periods):
        ends = chosen_ends[last] = {}
        cost = {last + 1: np.zeros(count)}
        for first in range(last, max(last - REACH, -1), -1):
            needed = np.maximum(so_far[:, last + 1] - so_far[:, first], 0.0)
            block = np.array(
                [
                    short[:, end]
                    + (setups_so_far[:, end + 1] - setups_so_far[:, first]) * needed
                    + cost[end + 1]
                    for end in range(first, last + 1)
                ]
            )
            best = block.argmin(axis=0)
            cost[first], ends[first] = block[best, np.arange(count)], first + best
            missing = (
                needed - at_hand[:, first] - (lost_so_far[:, last + 1] - lost_so_far[:, first]) - cost[first]
            )
            ratio = missing / np.maximum(needed, 1.0)
            until[:, first] = np.where(ratio > most[:, first], last, until[:, first])
            most[:, first] = np.maximum(ratio, most[:, first])
    found = []
    for item, first in np.argwhere(until >= 0).tolist():
        last, place, ends_of = int(until[item, first]), first, []
        while place <= last:
            ends_of.append(int(chosen_ends[last][place][item]))
            place = ends_of[-1] + 1
        found.append((item, first, ends_of))
    return found


def _pipeline_rows(model: SupplyModel, setups: Setups) -> Rows:
    r"""What should be on its way at the end is missing, unless there is a setup: $missing + L\,use \sum setup \ge L\,use$."""
    if "missing" not in model.variables:
        return Rows(sparse.csr_array((0, model.column_count)), np.zeros(0))
    wanted, terms = pipeline_target(model.network), Terms()
    aimed = np.flatnonzero(wanted > 0)
    place = {item_site: row for row, item_site in enumerate(aimed.tolist())}
    of_source = dict(zip(setups.source.tolist(), setups.setup.tolist(), strict=True))
    has_setup = np.zeros(len(aimed), dtype=bool)
    terms.add(np.arange(len(aimed)), model.variables["missing"][:, 0], 1.0)
    for source, month, share in undelivered_shares(model.network):
        row = place.get(int(model.network.flows.output[source]))
        if row is None:
            continue
        if source in of_source:
            terms.add(row, model.variables["setup"][of_source[source], month], float(wanted[aimed[row]]))
            has_setup[row] = True
        else:
            terms.add(row, model.variables["release"][source, month], share)
    rows = np.flatnonzero(has_setup)
    return Rows(_matrix(terms, len(aimed), model.column_count)[rows], wanted[aimed[rows]])


def _matrix(terms: Terms, rows: int, columns: int) -> Any:
    row, column, factor = terms.merged()
    return sparse.csr_array((factor, (row, column)), shape=(rows, columns))


def _aims(model: SupplyModel, sites: Integers) -> tuple[Integers, Floats]:
    """Columns of what an item is below its targets, site x period; the targets' sum at the end of each period, the first before all."""
    aimed = np.flatnonzero((model.network.target > 0).any(axis=1))
    chosen = np.isin(aimed, sites)
    if not chosen.any():
        return np.zeros((0, model.months), dtype=np.int64), np.zeros(model.months + 1)
    goal = np.append(0.0, model.network.target[aimed[chosen]].sum(axis=0))
    return model.variables["below_target"][chosen], goal


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
    relief = model.network.relief
    if relief is not None:
        is_open |= bool((model.network.item_sites["item_id"].to_numpy()[relief.units.place] == item).any())
    return (
        np.zeros(0, dtype=np.int64) if is_open else np.unique(setups.setup[np.isin(setups.source, entries)])
    )


def _echelon(model: SupplyModel, item: str, sites: Integers, first: int) -> tuple[Integers, Floats]:
    """Columns and units of an item's stock, and of what is on its way, at the end of the period before `first`."""
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
