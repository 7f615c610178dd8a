"""Small companies for tests of the supply plan: a few rows, each written for a reason.

Add here: a way to say something about a company in one line. Keep out: expectations.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from sop_pipeline.planning.supply import SupplyInputs, SupplyPlan, plan_supply
from sop_pipeline.planning.supply.inputs import TABLES

sys.path.insert(0, str(Path(__file__).parent))  # `case_company` is shared by the tests of this folder

START = pd.Timestamp("2026-01-01")
PARAMETERS = {
    "holding_cost_ratio_per_year": 0.12,  # 1 % of unit cost a month
    "below_target_cost_ratio_per_month": 0.02,
    "above_maximum_cost_ratio_per_month": 0.10,
    "review_months": 1.0,
    "cycle_service_ratio": 0.95,
    "source_share_tolerance_ratio": 0.0,
    "whole_lots_gap_ratio": 0.0,
    "whole_lots_time_limit_seconds": 60.0,
}
DATES = ("period_start_date", "expected_period_start_date")


class Company:
    """Writes input rows; every method returns the company, so that a case reads as one sentence."""

    def __init__(self, months: int) -> None:
        self.months = months
        self.periods = pd.date_range(START, periods=months, freq="MS")
        self.rows: dict[str, list[dict[str, object]]] = {name: [] for name in TABLES}
        self.items: set[str] = set()
        self.parameters = dict(PARAMETERS)
        self.shelf_life: dict[str, float] = {}

    def demand(
        self,
        item: str,
        site: str,
        units: list[float],
        price: float = 100.0,
        cost: float = 0.0,
        channel: str = "direct",
        priority: int = 1,
        backlog_cost: float = 0.1,
        lost_cost: float = 0.0,
        waits: float = 0.0,
    ) -> Company:
        for period, quantity in zip(self.periods, units, strict=True):
            self._add(
                "demand",
                item_id=item,
                site_id=site,
                channel_id=channel,
                period_start_date=period,
                demand_units=quantity,
                unit_price=price,
                unit_cost=cost,
                priority=priority,
                backlog_cost_ratio=backlog_cost,
                lost_sale_cost_ratio=lost_cost,
                backlog_maximum_ratio=waits,
            )
        return self

    def source(
        self,
        kind: str,
        item: str,
        site: str,
        cost: float = 0.0,
        *,
        of: dict[str, float] | None = None,
        hours: dict[str, float] | None = None,
        lead_time: float = 0.0,
        good: float = 1.0,
        maximum: float = float("nan"),
        priority: int = 1,
        from_site: str | None = None,
        supplier: str | None = None,
        share: float = float("nan"),
        lot: float = float("nan"),
        least: float = float("nan"),
        most: float = float("nan"),
    ) -> Company:
        supplied = f"<{supplier}"
        suffix = {"make": "", "buy": supplied, "move": f"<{from_site}", "subcontract": supplied}[kind]
        name = f"{kind}:{item}@{site}{suffix}"
        self._add(
            "sources",
            source_id=name,
            source_type=kind,
            item_id=item,
            site_id=site,
            supplier_id=supplier,
            from_site_id=from_site,
            lead_time_months=lead_time,
            yield_ratio=good,
            unit_cost=cost,
            maximum_units_per_month=maximum,
            priority=priority,
            share_ratio=share,
            minimum_lot_units=least,
            lot_multiple_units=lot,
            maximum_lot_units=most,
        )
        for component, units in (of or {}).items():
            self._add("source_inputs", source_id=name, item_id=component, site_id=site, units_per_unit=units)
        for resource, per_unit in (hours or {}).items():
            self._add("source_loads", source_id=name, resource_id=resource, hours_per_unit=per_unit)
        return self

    def limit(self, source: str, units: list[float]) -> Company:
        for period, quantity in zip(self.periods, units, strict=True):
            self._add("source_limits", source_id=source, period_start_date=period, maximum_units=quantity)
        return self

    def bill(self, source: str, component: str, site: str, units: list[float]) -> Company:
        """What a unit released of a source takes of a component, month by month."""
        for period, each in zip(self.periods, units, strict=True):
            self._add(
                "source_input_changes",
                source_id=source,
                item_id=component,
                site_id=site,
                period_start_date=period,
                units_per_unit=each,
            )
        return self

    def resource(
        self,
        name: str,
        hours: list[float],
        overtime: float = 0.0,
        cost: float = 0.0,
        overtime_cost: float | None = None,
    ) -> Company:
        for period, regular in zip(self.periods, hours, strict=True):
            self._add(
                "capacity",
                resource_id=name,
                period_start_date=period,
                regular_hours=regular,
                overtime_maximum_hours=overtime,
                regular_cost_per_hour=cost,
                overtime_cost_per_hour=1.5 * cost if overtime_cost is None else overtime_cost,
            )
        return self

    def stock(
        self,
        item: str,
        site: str,
        units: float,
        cost: float,
        backlog: float = 0.0,
        maximum: float = float("nan"),
        strategy: str = "MTS",
    ) -> Company:
        return self._add(
            "inventory_position",
            item_id=item,
            site_id=site,
            usable_units=units,
            backlog_units=backlog,
            unit_cost=cost,
            maximum_stock_units=maximum,
            configured_safety_stock_units=float("nan"),
            order_strategy=strategy,
        )

    def people(self, resource: str, heads: float, **said: float) -> Company:
        """People of a resource; wage 0, hiring and layoff free, any number of them, unless it is said."""
        told = {"wage": 0.0, "hire": 0.0, "layoff": 0.0, "least": 0.0, "most": float("nan"), **said}
        return self._add(
            "labour",
            resource_id=resource,
            opening_heads=heads,
            regular_cost_per_head=told["wage"],
            hire_cost_per_head=told["hire"],
            layoff_cost_per_head=told["layoff"],
            minimum_heads=told["least"],
            maximum_heads=told["most"],
            hours_per_head=float("nan"),
            overtime_hours_per_head=float("nan"),
        )

    def room(self, site: str, units: list[float], taken: dict[str, float]) -> Company:
        """Room of a site, and what one unit of an item takes of it."""
        for period, capacity in zip(self.periods, units, strict=True):
            self._add(
                "storage",
                site_id=site,
                capacity_unit="m3",
                period_start_date=period,
                available_capacity=capacity,
            )
        for item, space in taken.items():
            self._add("storage_uses", site_id=site, capacity_unit="m3", item_id=item, space_per_unit=space)
        return self

    def allocate(self, rule: str) -> Company:
        return self._add("allocation_rules", family_id="family", allocation_rule=rule)

    def keeps(self, item: str, months: float) -> Company:
        self.shelf_life[item] = months
        return self

    def open_order(self, name: str, item: str, site: str, month: int, units: float) -> Company:
        return self._add(
            "open_supply",
            supply_id=name,
            supply_type="purchase",
            item_id=item,
            site_id=site,
            expected_period_start_date=START + pd.DateOffset(months=month),
            open_units=units,
        )

    def target(self, item: str, site: str, units: list[float]) -> Company:
        for period, quantity in zip(self.periods, units, strict=True):
            self._add(
                "target_stocks", item_id=item, site_id=site, period_start_date=period, target_units=quantity
            )
        return self

    def parameter(self, name: str, value: float) -> Company:
        self.parameters[name] = value
        return self

    def _add(self, table: str, **row: object) -> Company:
        self.rows[table].append(row)
        if "item_id" in row:
            self.items.add(str(row["item_id"]))
        return self

    def inputs(self) -> SupplyInputs:
        frames = {name: self._frame(name) for name in TABLES}
        frames["items"] = pd.DataFrame({"item_id": sorted(self.items)}, dtype=object)
        frames["items"]["family_id"] = "family"
        frames["items"]["shelf_life_months"] = frames["items"]["item_id"].map(self.shelf_life).astype(float)
        frames["parameters"] = pd.DataFrame(
            {
                "parameter_id": list(self.parameters),
                "scope": "company",
                "scope_id": "all",
                "parameter_value": list(self.parameters.values()),
            }
        )
        return SupplyInputs(**frames)

    def _frame(self, name: str) -> pd.DataFrame:
        table, rows = TABLES[name], self.rows[name]
        if rows:
            return pd.DataFrame(rows)
        numbers = table.numbers + table.optional_numbers
        kinds = {
            column: float if column in numbers else "datetime64[ns]" if column in DATES else object
            for column in table.columns
        }
        return pd.DataFrame({column: pd.Series(dtype=kind) for column, kind in kinds.items()})

    def plan(self) -> SupplyPlan:
        return plan_of(self.inputs(), self.months)


def plan_of(inputs: SupplyInputs, months: int) -> SupplyPlan:
    plan = plan_supply(inputs, cycle_id="2026-01", cycle_start=START, horizon_months=months)
    assert plan.violations == 0, plan.plan_audit.to_string()
    return plan


@pytest.fixture
def company():
    return Company


@pytest.fixture
def plan_inputs():
    return plan_of


@pytest.fixture
def cost_of():
    """Sum of a cost term, or of the whole plan."""

    def total(plan: SupplyPlan, term: str | None = None) -> float:
        costs = plan.plan_costs
        return round(float(costs.loc[costs["cost_term"] == term if term else slice(None), "amount"].sum()), 4)

    return total


@pytest.fixture
def shuffled():
    """The same inputs with their rows in another order."""

    def shuffle(inputs: SupplyInputs, seed: int = 7) -> SupplyInputs:
        frames = {name: frame.sample(frac=1.0, random_state=seed) for name, frame in inputs.tables().items()}
        return replace(inputs, **frames)

    return shuffle


@pytest.fixture
def factory(company):
    """A small network in which everything happens: two levels, two sites, scarce hours, a limited supplier."""

    def build(months: int = 4):
        return (
            company(months)
            .demand("bike", "east", [40.0, 55.0, 70.0, 60.0][:months], price=100.0, cost=40.0, waits=0.5)
            .demand("bike", "east", [10.0] * months, price=80.0, cost=40.0, channel="retail", priority=2)
            .source("move", "bike", "east", 2.0, from_site="plant", lead_time=0.25)
            .source("make", "bike", "plant", of={"frame": 1.0, "wheel": 2.0}, hours={"line": 0.5}, good=0.98)
            .source("buy", "frame", "plant", 15.0, supplier="S1", lead_time=0.5)
            .source("buy", "wheel", "plant", 4.0, supplier="S2", maximum=130.0)
            .source("buy", "wheel", "plant", 7.0, supplier="S3", priority=2, lead_time=1.0)
            .resource("line", [25.0] * months, overtime=6.0, cost=20.0)
            .stock("bike", "east", 35.0, 42.0, backlog=5.0, maximum=60.0)
            .stock("bike", "plant", 20.0, 40.0)
            .stock("frame", "plant", 30.0, 15.0)
            .stock("wheel", "plant", 40.0, 4.0)
            .open_order("PO1", "frame", "plant", 0, 25.0)
            .target("bike", "east", [12.0] * months)
            .target("wheel", "plant", [20.0] * months)
        )

    return build


@pytest.fixture
def governed(factory):
    """The small network with every policy that people can set, so that each of their laws has something to say."""

    def build(months: int = 4):
        return (
            factory(months)
            .source("buy", "frame", "plant", 16.0, supplier="S4", lead_time=0.5, priority=2, share=0.4)
            .source("buy", "box", "east", 1.0, supplier="S5", lot=25.0)
            .demand("box", "east", [30.0] * months, price=9.0, cost=1.0)
            .source("buy", "tray", "east", 1.0, supplier="S7", least=40.0, most=60.0)
            .demand("tray", "east", [15.0] * months, price=9.0, cost=1.0)
            .source("buy", "rush", "east", 5.0, supplier="S6", maximum=15.0)
            .demand("rush", "east", [10.0, 0.0, 20.0, 5.0][:months], price=30.0, cost=5.0)
            .stock("rush", "east", 0.0, 5.0, strategy="MTO")
            .people("line", 5.0, wage=80.0, hire=50.0, layoff=70.0, least=4.0, most=7.0)
            .room("east", [90.0] * months, {"bike": 1.0, "box": 0.2})
            .keeps("bike", 2.0)
            .allocate("fair_share")
            .parameter("whole_lots", 1.0)
        )

    return build
