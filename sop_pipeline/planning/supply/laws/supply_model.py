"""The supply plan under construction: variables, rows and the sums that blocks append to; and its Pyomo model.

Blocks write arrays; `as_pyomo` makes the algebraic model of them, row by row, which is what is compiled and solved. Add here: a
handle that one block makes and another reads. Keep out: equations (each block has its own file).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sop_pipeline.planning.supply.laws.terms import Columns, Terms
from sop_pipeline.planning.supply.network import Floats, Integers, Network
from sop_pipeline.planning.supply.prices import UnitPrices

Names = Sequence[tuple[str, ...]]


@dataclass(frozen=True)
class VariableBlock:
    """Variables of one meaning by object and month."""

    name: str
    objects: Names
    columns: Columns
    lower: Floats
    upper: Floats
    is_whole: bool


@dataclass(frozen=True)
class RowBlock:
    """Rows of one law: by row the object and month that it is about (month -1: the whole horizon), terms and bounds."""

    law: str
    objects: Names
    keys: Integers  # row x (object, month)
    first: int
    terms: Terms
    lower: Floats
    upper: Floats

    @property
    def positions(self) -> Integers:
        """Places of the rows in the programme."""
        return np.arange(self.first, self.first + len(self.keys))


@dataclass
class SupplyModel:
    """A model under construction, by item-site (n), source, stream, resource and month positions of the network."""

    network: Network
    prices: UnitPrices
    variables: dict[str, Columns] = field(default_factory=dict)
    variable_blocks: list[VariableBlock] = field(default_factory=list)
    rows: dict[str, RowBlock] = field(default_factory=dict)
    balance: Terms = field(default_factory=Terms)  # rows: item-site x months + month
    hours: Terms = field(default_factory=Terms)  # rows: resource x months + month
    cost_terms: dict[str, Terms] = field(default_factory=lambda: defaultdict(Terms))
    preferences: Terms = field(default_factory=Terms)  # break ties; no cost
    overtime_row: dict[int, int] = field(default_factory=dict)  # resource -> row of its overtime
    column_count: int = 0
    row_count: int = 0
    _item_site_names: Names | None = None

    @property
    def months(self) -> int:
        """Months of the horizon."""
        return len(self.network.periods)

    def add_variables(
        self,
        name: str,
        objects: Names,
        upper: ArrayLike | None = None,
        lower: ArrayLike | None = None,
        is_whole: bool = False,
        months: int | None = None,
    ) -> Columns:
        """Non-negative variables by object and month; bounds are object x month, an infinite upper bound is none."""
        shape = (len(objects), self.months if months is None else months)
        size = shape[0] * shape[1]
        columns: Columns = np.arange(self.column_count, self.column_count + size, dtype=np.int64).reshape(
            shape
        )
        least = np.broadcast_to(np.asarray(0.0 if lower is None else lower, dtype=float), shape)
        most = np.broadcast_to(np.asarray(np.inf if upper is None else upper, dtype=float), shape)
        self.column_count += size
        self.variables[name] = columns
        self.variable_blocks.append(VariableBlock(name, objects, columns, least, most, is_whole))
        return columns

    def add_rows(
        self,
        law: str,
        objects: Names,
        keys: ArrayLike,
        terms: Terms,
        lower: ArrayLike | None = None,
        upper: ArrayLike | None = None,
    ) -> None:
        """Rows of a law: `keys` row x (object, month), terms by place of the row, bounds (None: open)."""
        places = np.asarray(keys, dtype=np.int64).reshape(-1, 2)
        count = len(places)
        least = np.broadcast_to(np.asarray(-np.inf if lower is None else lower, dtype=float), (count,))
        most = np.broadcast_to(np.asarray(np.inf if upper is None else upper, dtype=float), (count,))
        self.rows[law] = RowBlock(law, objects, places, self.row_count, terms, least, most)
        self.row_count += count

    def item_site_names(self) -> Names:
        if self._item_site_names is None:  # asked for by many blocks, and slow to make
            pairs = zip(*(self.network.item_sites[key] for key in ("item_id", "site_id")), strict=True)
            self._item_site_names = [(str(item), str(site)) for item, site in pairs]
        return self._item_site_names

    def stream_names(self) -> Names:
        streams = self.network.streams[["item_id", "site_id", "channel_id"]].itertuples(index=False)
        return [(str(item), str(site), str(channel)) for item, site, channel in streams]

    def resource_names(self, resources: Sequence[int]) -> Names:
        return [(self.network.resources[resource],) for resource in resources]

    def source_names(self, sources: Sequence[int] | None = None) -> Names:
        names = self.network.flows.names
        return [(names[source],) for source in (range(len(names)) if sources is None else sources)]

    def name_of_row(self, block: RowBlock, row: int) -> tuple[str, ...]:
        """Object and month that a row is about."""
        place, month = (int(part) for part in block.keys[row])
        return (*block.objects[place], *([self.network.months[month]] if month >= 0 else []))

    def column_names(self) -> list[str]:
        """Name of every variable: what it is, of what, when."""
        months, names = self.network.months, []
        for block in self.variable_blocks:
            last = months[-block.columns.shape[1] :] if block.columns.shape[1] else []
            names += [f"{block.name}[{','.join((*of, month))}]" for of in block.objects for month in last]
        return names


@dataclass(frozen=True)
class PyomoModel:
    """The algebraic model: Pyomo's own, and its variables and left-hand sides in the order of the programme."""

    model: Any
    variables: list[Any]
    bodies: list[Any]


def as_pyomo(model: SupplyModel) -> PyomoModel:
    """Variables, constraints and objective in Pyomo, made in bulk: one component a kind of variable and a law."""
    import pyomo.environ as pyo
    from pyomo.core.expr.numeric_expr import LinearExpression

    algebra = pyo.ConcreteModel(name="supply_plan")
    variables: list[Any] = []
    for block in model.variable_blocks:
        domain = pyo.NonNegativeIntegers if block.is_whole else pyo.NonNegativeReals
        component = pyo.Var(pyo.RangeSet(0, block.columns.size - 1), within=domain)
        setattr(algebra, block.name, component)
        made = list(component.values())
        _set_bounds(made, block)
        variables += made
    table = np.empty(len(variables), dtype=object)
    table[:] = variables
    bodies: list[Any] = []
    for rows in model.rows.values():
        start, columns, coefficients = _by_row(rows)
        terms = _products(table, columns, coefficients)
        made = [LinearExpression(terms[a:b]) for a, b in pairwise(start)]
        low, high = rows.lower.tolist(), rows.upper.tolist()
        setattr(algebra, rows.law, _constraints(pyo, made, low, high))
        bodies += made
    cost = np.zeros(len(variables))
    for sums in (*model.cost_terms.values(), model.preferences):
        _, columns, coefficients = sums.merged()
        np.add.at(cost, columns, coefficients)
    priced = np.flatnonzero(cost)
    algebra.total_cost = pyo.Objective(expr=LinearExpression(_products(table, priced, cost[priced])))
    return PyomoModel(algebra, variables, bodies)


def _products(table: Any, columns: Integers, coefficients: Floats) -> list[Any]:
    """Coefficient x variable; the variable itself where the coefficient is 1, which spares half of the memory."""
    from pyomo.core.expr.numeric_expr import MonomialTermExpression

    return [
        variable if factor == 1.0 else MonomialTermExpression((factor, variable))
        for factor, variable in zip(coefficients.tolist(), table[columns].tolist(), strict=True)
    ]


def _set_bounds(variables: list[Any], block: VariableBlock) -> None:
    for place in np.flatnonzero(block.lower.ravel() > 0).tolist():
        variables[place].setlb(float(block.lower.flat[place]))
    for place in np.flatnonzero(np.isfinite(block.upper.ravel())).tolist():
        variables[place].setub(float(block.upper.flat[place]))


def _by_row(rows: RowBlock) -> tuple[list[int], Integers, Floats]:
    """Terms of a law sorted by row, and where each row starts."""
    row, columns, coefficients = rows.terms.merged()
    order = np.argsort(row, kind="stable")
    start = np.searchsorted(row[order], np.arange(len(rows.keys) + 1))
    return start.tolist(), columns[order], coefficients[order]


def _constraints(pyo: Any, bodies: list[Any], low: list[float], high: list[float]) -> Any:
    def rule(_: Any, row: int) -> Any:
        if low[row] == high[row]:
            return bodies[row] == low[row]
        least = None if low[row] == -np.inf else low[row]
        most = None if high[row] == np.inf else high[row]
        return (least, bodies[row], most)

    return pyo.Constraint(pyo.RangeSet(0, len(bodies) - 1), rule=rule)
