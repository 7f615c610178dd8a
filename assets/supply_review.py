"""Step 2, supply review: safety stock and targets, then the constrained plan with its audit and its shortages.

Add here: the wiring of another supply table. Keep out: the model and its laws (planning.supply).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING

import dagster as dg
import pandas as pd

from assets.step import StepBody, planning_step
from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.settings import Settings
from sop_pipeline.warehouse.reader import WarehouseReader

if TYPE_CHECKING:
    from sop_pipeline.planning.supply import SupplyInputs

Frames = Mapping[str, pd.DataFrame]

NETWORK = [
    "planning.unconstrained_forecasts",
    "core.fct_orders_on_hand",
    "core.fct_unit_economics",
    "core.dim_channels",
    "core.fct_sources",
    "core.fct_source_limits",
    "core.fct_source_inputs",
    "core.fct_source_input_changes",
    "core.fct_source_loads",
    "core.fct_capacity",
    "core.fct_inventory_position",
    "core.fct_open_supply",
    "core.dim_items",
    "core.fct_parameters",
    "core.fct_labour_groups",
    "core.fct_storage_load",
    "core.fct_storage_uses",
    "planner.allocation_rules",
]
"""Tables that describe the network and what it is asked for."""

STOCK_RECORDS = [
    "planning.backtest_forecasts",
    "planning.demand_history_clean",
    "core.fct_forecast_records",
    "core.fct_receipts",
    "planning.demand_classes",
    "planner.service_targets",
    "planner.inventory_policies",
]
"""Tables that safety stocks are measured on and set by, in the order of `StockRecords`."""

QUESTIONS = [
    "planner.scenarios",
    "planner.scenario_levers",
    "core.fct_capacity_options",
    "planning.price_elasticities",
]
"""Tables of what people ask of the plan, and what a price that they ask about does."""

PLAN = [
    "planning.supply_plan",
    "planning.stock_plan",
    "planning.demand_fulfilment",
    "planning.resource_load",
    "planning.capacity_use",
    "planning.source_shares",
    "planning.headcount_plan",
    "planning.storage_use",
    "planning.lot_orders",
    "planning.allocations",
    "planning.plan_laws",
    "planning.plan_costs",
    "planning.resource_shortages",
    "planning.shortage_chains",
    "planning.constrained_forecasts",
    "planning.plan_audit",
    "planning.plan_certificate",
    "planning.scenario_results",
    "planning.supply_options",
    "planning.solve_log",
]
"""Tables that one solve writes."""


def build_supply_review(settings: Settings) -> list[dg.AssetsDefinition]:
    """The steps of the supply review, in their order."""
    step: Callable[..., Callable[[StepBody], dg.AssetsDefinition]] = partial(
        planning_step, settings, group="supply_review"
    )

    @step(
        reads=[*NETWORK, *STOCK_RECORDS],
        writes=["planning.safety_stocks", "planning.target_stocks", "planning.hanging_demand"],
        kinds={"pandas"},
    )
    def set_safety_stocks(read: WarehouseReader, cycle: Cycle) -> Frames:
        """Safety stock from service targets, forecast errors and late arrivals, the stock that the plan aims at by month, and the
        demand that hangs on each object of supply."""
        from sop_pipeline.planning.supply import StockRecords, hanging_demand, plan_safety_stocks

        inputs = read_network_inputs(read, cycle, _no_targets())
        records = StockRecords(*(read.read(table) for table in STOCK_RECORDS))
        safety_stocks, target_stocks = plan_safety_stocks(inputs, records, cycle.cycle_id, cycle.periods)
        return {
            "planning.safety_stocks": safety_stocks,
            "planning.target_stocks": target_stocks,
            "planning.hanging_demand": hanging_demand(inputs, cycle.cycle_id, cycle.periods),
        }

    @step(
        reads=[
            "core.fct_configured_parameters",
            "core.fct_parameter_observations",
            "core.fct_parameters",
            "planning.safety_stocks",
            "planning.backtest_errors",
        ],
        writes=["planning.parameter_reviews"],
        kinds={"pandas"},
    )
    def review_parameters(read: WarehouseReader, cycle: Cycle) -> Frames:
        """What receipts, orders and confirmations say of lead times, lots, yields and rates; what to enter instead."""
        from sop_pipeline.planning import supply

        review = supply.review_parameters(
            read.read("core.fct_configured_parameters"),
            read.read("core.fct_parameter_observations"),
            read.read("planning.safety_stocks"),
            read.read("planning.backtest_errors"),
            read.read("core.fct_parameters"),
            cycle.cycle_id,
            cycle.start,
        )
        return {"planning.parameter_reviews": review}

    @step(reads=[*NETWORK, "planning.target_stocks", *QUESTIONS], writes=PLAN, kinds={"pyomo", "highs"})
    def solve_constrained_plan(read: WarehouseReader, cycle: Cycle) -> Frames:
        """The cost-optimal plan within materials, hours, suppliers and lanes; audited; every shortage priced; options solved."""
        from sop_pipeline.planning.supply import Questions, plan_supply

        inputs = read_network_inputs(read, cycle, read.read("planning.target_stocks"))
        questions = Questions(*(read.read(table) for table in QUESTIONS))
        plan = plan_supply(inputs, cycle.cycle_id, cycle.start, cycle.horizon_months, questions=questions)
        return {f"planning.{name}": frame for name, frame in plan.frames().items()}

    return [set_safety_stocks, review_parameters, solve_constrained_plan]


def read_network_inputs(read: WarehouseReader, cycle: Cycle, target_stocks: pd.DataFrame) -> SupplyInputs:
    """What the plan is made of, from the tables that the step declares."""
    from sop_pipeline.planning.supply import SupplyInputs, demand_streams

    position = read.read("core.fct_inventory_position")
    return SupplyInputs(
        demand=demand_streams(
            read.read("planning.unconstrained_forecasts"),
            read.read("core.fct_unit_economics"),
            read.read("core.dim_channels"),
            position,
            cycle.periods,
            read.read("core.fct_orders_on_hand"),
        ),
        sources=read.read("core.fct_sources"),
        source_limits=read.read("core.fct_source_limits"),
        source_inputs=read.read("core.fct_source_inputs"),
        source_input_changes=read.read("core.fct_source_input_changes"),
        source_loads=read.read("core.fct_source_loads"),
        capacity=read.read("core.fct_capacity"),
        inventory_position=position,
        open_supply=read.read("core.fct_open_supply"),
        target_stocks=target_stocks,
        items=read.read("core.dim_items"),
        parameters=read.read("core.fct_parameters"),
        labour=read.read("core.fct_labour_groups"),
        storage=read.read("core.fct_storage_load"),
        storage_uses=read.read("core.fct_storage_uses"),
        allocation_rules=read.read("planner.allocation_rules"),
    )


def _no_targets() -> pd.DataFrame:
    """Before the targets are set there are none."""
    columns = {
        "item_id": "object",
        "site_id": "object",
        "period_start_date": "datetime64[ns]",
        "target_units": "float64",
    }
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in columns.items()})
