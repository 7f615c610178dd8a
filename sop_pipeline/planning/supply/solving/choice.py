"""Simplex or interior point: chosen by size, by how scarce shared hours are, and by how far they tie columns together.

Add here: a measure that decides which algorithm is faster. Keep out: the solver's options (`highs`), which plan is found: it is the same
(`ties`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import sparse

from sop_pipeline.planning.supply.inputs import SupplyInputError
from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.network import Floats
from sop_pipeline.planning.supply.rough_cut import required_hours
from sop_pipeline.planning.supply.solve_limits import SIMPLEX_UP_TO, Algorithm
from sop_pipeline.planning.supply.solving.arrays import Arrays

LARGEST_TANGLE = 1_000.0
"""Tie x crossings of scarce rows up to which simplex is chosen. It is the faster one up to 24,500 (bench/README.md, "Which algorithm"), but the
plan of the smallest demo company (5,200), solved by it with questions beside, missed rows by 1.6e-5 and had to be solved anew."""


@dataclass(frozen=True)
class Choice:
    """An algorithm, and why it."""

    algorithm: Literal["interior_point", "simplex"]
    reason: str


def choose_algorithm(arrays: Arrays, asked: Algorithm) -> Choice:
    """The algorithm for a programme or a part of it; `auto` chooses, anything else is obeyed.

    Up to SIMPLEX_UP_TO columns it hardly matters: simplex. Above, dual simplex wins by up to three times where hours are plenty or lines
    hardly hang together, and loses by up to four where scarce hours are shared crosswise, because a pivot on one line then moves all
    others. Two counts multiplied say which (`scarce_ties`): over 59 synthetic programmes of 6,598 to 197,940 columns and the plans of the demo
    company and AdventureWorks, also with more and fewer hours, the rule is at most 1.21 times slower than the better. Where nobody said
    what is asked (`Arrays.asked_ratio`), interior point: it never falls far behind.
    """
    columns = len(arrays.cost)
    if asked != "auto":
        return Choice(asked, "as asked")
    if columns <= SIMPLEX_UP_TO:
        return Choice("simplex", f"{columns} columns, at most {SIMPLEX_UP_TO}")
    if arrays.asked_ratio is None:
        return Choice("interior_point", f"{columns} columns, scarcity unknown")
    tie, crossings = scarce_ties(arrays)
    is_tangled = tie * crossings > LARGEST_TANGLE
    told = f"{columns} columns; scarce hours tied {tie:.1f} x {crossings} crossings, simplex up to {LARGEST_TANGLE:g}"
    return Choice("interior_point" if is_tangled else "simplex", told)


def scarce_ties(arrays: Arrays) -> tuple[float, int]:
    """How scarce shared rows are tied together: scarce rows x entries that a column has in shared rows beyond its first, a column; and
    crossings, the entries of shared rows beyond those that a forest of rows and columns would have.

    A shared row is one with an `asked_ratio`; it is scarce where more is asked than it has. 0 where each line is apart.
    """
    if arrays.asked_ratio is None:
        return 0.0, 0
    place = np.flatnonzero(~np.isnan(arrays.asked_ratio))
    shared = sparse.coo_array(sparse.csr_array(arrays.matrix)[place])
    row, used = shared.coords
    users, column = np.unique(used, return_inverse=True)
    size = len(place) + len(users)
    links = sparse.coo_array((np.ones(len(row)), (row, len(place) + column)), shape=(size, size))
    apart, _ = sparse.csgraph.connected_components(links, directed=False)
    scarce = int((arrays.asked_ratio[place] > 1.0).sum())
    return scarce * (len(row) - len(users)) / max(len(users), 1), len(row) - size + int(apart)


def asked_ratio_of_rows(model: SupplyModel) -> Floats | None:
    """By row: hours that unlimited demand asks of a resource in a month over those it has; not a number for other laws.

    A rough cut: first choices, netted, without lead times. None where first choices supply each other in a loop, which has no rough cut.
    """
    ratio = np.full(model.row_count, np.nan)
    rows = model.rows.get("capacity")
    if rows is None or not len(rows.keys):
        return ratio
    network = model.network
    hours = network.regular_hours.copy()
    if network.labour is not None:
        people = network.labour
        np.add.at(hours, people.resource, people.hours_per_head * people.opening_heads[:, None])
    try:
        asked = required_hours(network)
    except SupplyInputError:
        return None
    place = tuple(rows.keys.T)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio[rows.positions] = np.where(asked[place] > 0, asked[place] / hours[place], 0.0)
    return ratio
