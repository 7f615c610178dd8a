"""Terms under construction: what blocks append to rows, to the balance, to the hours and to the objective.

Appended as arrays, because a law of a whole network is a handful of arrays and millions of single terms would cost seconds.
Add here: nothing of the business. Keep out: laws (each has its own block file).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sop_pipeline.planning.supply.network import Floats, Integers

Columns = NDArray[np.int64]
"""Positions of variables, object x month."""


class Terms:
    """A sum for each of many rows: row, column and coefficient of every term; a coefficient of 0 is left out."""

    def __init__(self) -> None:
        self._parts: list[tuple[Integers, Integers, Floats]] = []

    def add(self, rows: ArrayLike, columns: ArrayLike, coefficients: ArrayLike) -> None:
        """Append terms; the three are broadcast to one shape."""
        row, column, coefficient = np.broadcast_arrays(
            np.asarray(rows, dtype=np.int64),
            np.asarray(columns, dtype=np.int64),
            np.asarray(coefficients, dtype=np.float64),
        )
        is_there = coefficient != 0.0
        self._parts.append((row[is_there], column[is_there], coefficient[is_there]))

    def merged(self) -> tuple[Integers, Integers, Floats]:
        """All terms in the order of appending."""
        if not self._parts:
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0)
        rows, columns, coefficients = zip(*self._parts, strict=True)
        self._parts = [(np.concatenate(rows), np.concatenate(columns), np.concatenate(coefficients))]
        return self._parts[0]

    def of_rows(self, kept: Integers) -> Terms:
        """The terms of some rows, numbered by their place among these."""
        rows, columns, coefficients = self.merged()
        place = np.full(int(max(rows.max(initial=-1), kept.max(initial=-1))) + 1, -1, dtype=np.int64)
        place[kept] = np.arange(len(kept))
        is_kept = place[rows] >= 0
        chosen = Terms()
        chosen.add(place[rows[is_kept]], columns[is_kept], coefficients[is_kept])
        return chosen


def by_month(objects: ArrayLike, months: int) -> Integers:
    """Row numbers of objects by month: object x months + month, object x month."""
    numbers: Integers = np.asarray(objects, dtype=np.int64)[..., None] * months + np.arange(months)
    return numbers


def finite(prices: Floats) -> Floats:
    """Prices as coefficients; what may not be has none, it is closed by its bound."""
    return np.where(np.isinf(prices), 0.0, prices)


def closed_where_infinite(prices: Floats) -> Any:
    """Upper bounds of what is priced: 0 where the price is infinite. None where everything is allowed."""
    return np.where(np.isinf(prices), 0.0, np.inf) if np.isinf(prices).any() else None
