"""Lot sizing as textbooks have it, against a formulation written here: the optimum is the same, from any order, name and scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from case_company import frames_of
from scipy.optimize import Bounds, LinearConstraint, milp

from sop_pipeline.planning.supply.case import read_case, solve_case


@dataclass(frozen=True)
class LotSizing:
    """Items x periods; one machine whose hours runs and setups take; in small buckets at most one item is set up in a period."""

    demand: np.ndarray
    setup_cost: np.ndarray
    unit_cost: np.ndarray
    holding: np.ndarray
    hours: np.ndarray
    setup_hours: np.ndarray
    capacity: float
    is_small_bucket: bool = False

    def optimum(self) -> float:
        """By the standard formulation: made, stock, set up."""
        items, periods = self.demand.shape
        size = items * periods
        made, stock, setup = (np.arange(size).reshape(items, periods) + size * block for block in range(3))
        rows, low, high = [], [], []
        for item in range(items):
            for period in range(periods):
                row = np.zeros(3 * size)
                row[made[item, period]], row[stock[item, period]] = 1.0, -1.0
                if period:
                    row[stock[item, period - 1]] = 1.0
                rows.append(row)
                low.append(self.demand[item, period])
                high.append(self.demand[item, period])
                row = np.zeros(3 * size)
                row[made[item, period]], row[setup[item, period]] = 1.0, -self.demand[item, period:].sum()
                rows.append(row)
                low.append(-np.inf)
                high.append(0.0)
        for period in range(periods):
            row = np.zeros(3 * size)
            row[made[:, period]], row[setup[:, period]] = self.hours, self.setup_hours
            rows.append(row)
            low.append(-np.inf)
            high.append(self.capacity)
            if self.is_small_bucket:
                row = np.zeros(3 * size)
                row[setup[:, period]] = 1.0
                rows.append(row)
                low.append(-np.inf)
                high.append(1.0)
        cost = np.concatenate([each.ravel() for each in (self.unit_cost, self.holding, self.setup_cost)])
        upper = np.append(np.full(2 * size, np.inf), np.ones(size))
        whole = np.append(np.zeros(2 * size), np.ones(size))
        found = milp(
            cost,
            constraints=LinearConstraint(np.array(rows), low, high),
            bounds=Bounds(np.zeros(3 * size), upper),
            integrality=whole,
            options={"mip_rel_gap": 0.0},
        )
        return float(found.fun)

    def case(self, names: list[str], factor: float, seed: int) -> dict[str, pd.DataFrame]:
        """Tables of `sop solve`, items under any names, units and hours times a factor, rows in any order."""
        cells = [(item, period) for item in range(len(names)) for period in range(self.demand.shape[1])]
        loads = [
            f"make {n},machine,{self.hours[i]:g},{self.setup_hours[i] * factor:g}"
            for i, n in enumerate(names)
        ]
        resources = [f"machine,{self.capacity * factor:g}"]
        if self.is_small_bucket:
            loads += [f"make {name},turn,0,1" for name in names]
            resources.append("turn,1")
        tables = {
            "demand": ["item_id,period,demand_units", *(f"{names[i]},{t + 1},{self.demand[i, t] * factor:g}" for i, t in cells)],
            "sources": ["source_id,source_type,item_id", *(f"make {name},make,{name}" for name in names)],
            "source_periods": [
                "source_id,period,unit_cost,setup_cost",
                *(f"make {names[i]},{t + 1},{self.unit_cost[i, t]:g},{self.setup_cost[i, t] * factor:g}" for i, t in cells),
            ],
            "source_loads": ["source_id,resource_id,hours_per_unit,setup_hours", *loads],
            "resources": ["resource_id,regular_hours", *resources],
            "stock": ["item_id,opening_units", *(f"{name},0" for name in names)],
            "stock_periods": [
                "item_id,period,holding_cost_per_unit",
                *(f"{names[i]},{t + 1},{self.holding[i, t]:g}" for i, t in cells),
            ],
        }  # fmt: skip
        frames = frames_of(**{name: "\n".join(rows) for name, rows in tables.items()})
        return {name: frame.sample(frac=1.0, random_state=seed) for name, frame in frames.items()}


def drawn(seed: int, items: int, periods: int, is_small_bucket: bool = False) -> LotSizing:
    """Demand that comes and goes, setups worth one to three periods, hours for nine tenths of what is easily made."""
    random = np.random.default_rng(seed)
    demand = random.integers(0, 40, (items, periods)).astype(float)
    demand[:, 0] = 0.0  # nothing is there before the first period
    if is_small_bucket:
        demand[:, :items] = 0.0  # each item can have had a period of its own
    hours, setup_hours = random.uniform(0.5, 1.5, items).round(1), random.integers(2, 12, items).astype(float)
    need = (demand * hours[:, None]).sum() + setup_hours.sum() * periods / 2.0
    shape = (items, periods)
    return LotSizing(
        demand=demand,
        setup_cost=random.integers(20, 120, shape).astype(float),
        unit_cost=random.integers(1, 5, shape).astype(float),
        holding=random.uniform(0.5, 2.0, shape).round(1),
        hours=hours,
        setup_hours=setup_hours,
        capacity=float(np.ceil(need / periods * (3.0 if is_small_bucket else 1.3))),
        is_small_bucket=is_small_bucket,
    )


def wolsey() -> LotSizing:
    """Wolsey, Integer Programming (1998): four periods without a limit; by hand 69: set up in 1 for 6 units and in 3 for the rest."""

    def row(*values: float) -> np.ndarray:
        return np.array([values], dtype=float)

    return LotSizing(
        demand=row(2, 4, 5, 1),
        setup_cost=row(12, 20, 16, 8),
        unit_cost=row(3, 3, 3, 3),
        holding=row(1, 2, 1, 1),
        hours=np.ones(1),
        setup_hours=np.zeros(1),
        capacity=100.0,
    )


def test_a_lot_size_without_limits_is_that_of_the_textbook():
    # setups 12 + 16, 12 units at 3, 4 units kept for a period at 1 and 1 unit at 1
    assert wolsey().optimum() == pytest.approx(69.0)
    answer = solve_case(read_case(wolsey().case(["part"], 1.0, 1)))
    assert (answer.objective_value, answer.gap_ratio) == (pytest.approx(69.0), 0.0)


@pytest.mark.parametrize(
    ("kind", "items", "periods", "is_small_bucket"),
    [
        ("one item, limited", 1, 10, False),
        ("items that share hours", 3, 6, False),
        ("one item a period", 2, 8, True),
    ],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_lot_sizes_are_proven_best_whatever_the_names_the_order_and_the_scale(
    kind, items, periods, is_small_bucket, seed
):
    instance = drawn(seed, items, periods, is_small_bucket)
    best = instance.optimum()
    for names, factor, order in ((list("ABC"), 1.0, 1), (["Zinc", "Äpfel", "9"], 250.0, 7)):
        answer = solve_case(read_case(instance.case(names[:items], factor, order), {"integer": "no"}))
        assert answer.objective_value == pytest.approx(best * factor, rel=1e-7), kind
        assert (answer.termination, answer.gap_ratio) == ("optimal", pytest.approx(0.0, abs=1e-9))
        assert answer.violations == 0
        assert answer.certificate.is_proven
