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

LARGEST_TIE = 25.0
"""Tie of scarce rows up to which simplex is the faster (measured: bench/README.md, "Which algorithm")."""


@dataclass(frozen=True)
class Choice:
    """An algorithm, and why it."""

    algorithm: Literal["interior_point", "simplex"]
    reason: str


def choose_algorithm(arrays: Arrays, asked: Algorithm) -> Choice:
    """The algorithm for a programme or a part of it; `auto` chooses, anything else is obeyed.

    Up to SIMPLEX_UP_TO columns it hardly matters: simplex. Above, dual simplex wins by up to three times where hours are plenty or lines
    stand alone, and loses by up to four where scarce hours are shared crosswise, because a pivot on one line then moves all others.
    The tie of scarce rows says which (`tie_of_scarce_rows`): over 59 synthetic programmes of 6,598 to 197,940 columns the ratio of the two
    crosses 1 at a tie of 20 to 25, and this rule is at most 1.24 times slower than the better. Where nobody said what is asked
    (`Arrays.asked_ratio`), interior point: it never falls far behind.
    """
    columns = len(arrays.cost)
    if asked != "auto":
        return Choice(asked, "as asked")
    if columns <= SIMPLEX_UP_TO:
        return Choice("simplex", f"{columns} columns, at most {SIMPLEX_UP_TO}")
    if arrays.asked_ratio is None:
        return Choice("interior_point", f"{columns} columns, scarcity unknown")
    tie = tie_of_scarce_rows(arrays)
    told = f"{columns} columns, scarce hours tied {tie:.1f}, simplex up to {LARGEST_TIE:g}"
    return Choice("simplex" if tie <= LARGEST_TIE else "interior_point", told)


def tie_of_scarce_rows(arrays: Arrays) -> float:
    """Scarce rows x entries beyond the first that a column has in shared rows, a column: 0 where nothing is scarce or each line is apart.

    A shared row is one with an `asked_ratio`; it is scarce where more is asked than it has.
    """
    if arrays.asked_ratio is None:
        return 0.0
    is_shared = np.isfinite(arrays.asked_ratio) | np.isposinf(arrays.asked_ratio)
    shared = sparse.csr_array(arrays.matrix)[np.flatnonzero(is_shared)]
    users = len(np.unique(shared.indices))
    scarce = int((arrays.asked_ratio[is_shared] > 1.0).sum())
    return float(scarce * (shared.nnz - users) / max(users, 1))


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
