"""Step 1, demand review: cleansed history, statistical forecast, the layers on it, and the unconstrained forecast.

Nothing of capacity or supply is upstream of these tables; a test holds that. Add here: the wiring of another layer.
Keep out: how a forecast is made (planning.demand).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import dagster as dg
import pandas as pd

from assets.step import StepBody, planning_step
from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.settings import Settings
from sop_pipeline.warehouse.reader import WarehouseReader

Frames = Mapping[str, pd.DataFrame]


def build_demand_review(settings: Settings) -> list[dg.AssetsDefinition]:
    """The steps of the demand review, in their order."""
    step: Callable[..., Callable[[StepBody], dg.AssetsDefinition]] = partial(
        planning_step, settings, group="demand_review"
    )

    @step(
        reads=[
            "core.fct_demand_history",
            "core.dim_items",
            "core.fct_unit_economics",
            "core.fct_working_days",
        ],
        writes=[
            "planning.demand_history_clean",
            "planning.demand_history_adjustments",
            "planning.month_end_postings",
            "planning.working_day_effects",
            "planning.demand_classes",
            "planning.demand_shifts",
        ],
        kinds={"pandas"},
    )
    def cleanse_and_classify_demand(read: WarehouseReader, cycle: Cycle) -> Frames:
        """Dense history with visible adjustments, what kind of series each is, and where a level has shifted."""
        from sop_pipeline.planning.demand import (
            adjust_history,
            classify_demand,
            find_level_shifts,
            level_months,
        )

        history, items = read.read("core.fct_demand_history"), read.read("core.dim_items")
        adjusted = adjust_history(history, cycle, items)
        levelled = level_months(
            adjusted.clean, adjusted.adjustments, read.read("core.fct_working_days"), cycle
        )
        clean = levelled.clean
        economics = read.read("core.fct_unit_economics")
        classes = classify_demand(clean, items, history, cycle, economics)
        return {
            "planning.demand_history_clean": clean,
            "planning.demand_history_adjustments": levelled.adjustments,
            "planning.month_end_postings": adjusted.postings,
            "planning.working_day_effects": levelled.effects,
            "planning.demand_classes": classes,
            "planning.demand_shifts": find_level_shifts(clean, cycle),
        }

    @step(
        reads=[
            "planning.demand_history_clean",
            "planning.demand_classes",
            "planning.working_day_effects",
            "core.fct_working_days",
            "core.dim_items",
        ],
        writes=[
            "planning.statistical_forecasts",
            "planning.level_forecasts",
            "planning.backtest_errors",
            "planning.backtest_summaries",
            "planning.backtest_forecasts",
        ],
        kinds={"numba"},
    )
    def forecast_statistically(read: WarehouseReader, cycle: Cycle) -> Frames:
        """Statistical forecast with intervals, weighted by a rolling-origin backtest; series and families agree."""
        from sop_pipeline.planning.demand import Calendar, forecast_demand

        calendar = Calendar(
            read.read("planning.working_day_effects"), read.read("core.fct_working_days"), cycle
        )
        made = forecast_demand(
            read.read("planning.demand_history_clean"),
            read.read("planning.demand_classes"),
            read.read("core.dim_items"),
            cycle,
            calendar,
        )
        return {
            "planning.statistical_forecasts": made.forecasts,
            "planning.level_forecasts": made.levels,
            "planning.backtest_errors": made.backtest_errors,
            "planning.backtest_summaries": made.summaries,
            "planning.backtest_forecasts": made.past,
        }

    @step(
        reads=[
            "planner.npd_plans",
            "planner.activity_plans",
            "core.fct_activities",
            "core.fct_parameters",
            "core.fct_demand_history",
            "core.dim_items",
            "planning.statistical_forecasts",
            "planning.demand_history_clean",
            "planning.demand_history_adjustments",
        ],
        writes=[
            "planning.npd_forecasts",
            "planning.launch_curves",
            "planning.activity_effects",
            "planning.activity_realisations",
            "planning.price_elasticities",
            "planning.activity_uplifts",
        ],
        kinds={"pandas"},
    )
    def plan_launches_and_activities(read: WarehouseReader, cycle: Cycle) -> Frames:
        """What launches and market activities add to the statistical forecast."""
        from sop_pipeline.planning.demand import (
            launch_items,
            measure_activities,
            measure_elasticities,
            measure_realisations,
            sum_activities,
            with_announced,
            with_price_effects,
        )

        statistical = read.read("planning.statistical_forecasts")
        clean = read.read("planning.demand_history_clean")
        launches = launch_items(
            read.read("planner.npd_plans"), statistical, clean, read.read("core.dim_items"), cycle
        )
        plans = read.read("planner.activity_plans")
        effects = measure_activities(
            read.read("core.fct_activities"),
            clean,
            statistical,
            plans,
            read.read("core.fct_parameters"),
            cycle,
        )
        adjustments = read.read("planning.demand_history_adjustments")
        realisations = measure_realisations(plans, clean, adjustments, cycle)
        elasticities = measure_elasticities(read.read("core.fct_demand_history"), clean, cycle)
        priced = with_price_effects(plans, elasticities, statistical)
        return {
            "planning.npd_forecasts": launches.forecasts,
            "planning.launch_curves": launches.curves,
            "planning.activity_effects": effects,
            "planning.activity_realisations": realisations,
            "planning.price_elasticities": elasticities,
            "planning.activity_uplifts": sum_activities(with_announced(priced, effects), cycle, realisations),
        }

    @step(
        reads=[
            "planning.statistical_forecasts",
            "planning.npd_forecasts",
            "planning.activity_uplifts",
            "planner.sales_forecasts",
            "planner.sales_level_forecasts",
            "core.fct_account_demand",
            "core.fct_sales_forecast_results",
            "core.fct_parameters",
            "core.fct_orders_on_hand",
            "core.fct_order_lead_times",
            "core.fct_order_book_history",
            "planning.backtest_forecasts",
            "planning.demand_history_clean",
            "planner.overrides",
            "core.dim_items",
        ],
        writes=[
            "planning.sales_submitters",
            "planning.sales_inputs",
            "planning.sales_level_inputs",
            "planning.order_book_weights",
            "planning.override_effects",
            "planning.rejected_overrides",
            "planning.unconstrained_forecasts",
        ],
        kinds={"pandas"},
    )
    def compose_unconstrained_forecast(read: WarehouseReader, cycle: Cycle) -> Frames:
        """The demand plan: the exact sum of its layers, sales' forecast, orders on hand and people's changes among them."""
        from sop_pipeline.planning.demand import (
            add_sales,
            add_sales_levels,
            apply_overrides,
            compose_forecast,
            consume_orders,
            measure_book_weights,
            stack_layers,
        )

        layers = stack_layers(
            read.read("planning.statistical_forecasts"),
            read.read("planning.npd_forecasts"),
            read.read("planning.activity_uplifts"),
            cycle,
        )
        account_demand, items = read.read("core.fct_account_demand"), read.read("core.dim_items")
        parameters, by_level = (
            read.read("core.fct_parameters"),
            read.read("planner.sales_level_forecasts"),
        )
        of_accounts = add_sales(
            layers,
            read.read("planner.sales_forecasts"),
            account_demand,
            read.read("core.fct_sales_forecast_results"),
            parameters,
            cycle,
            by_level,
        )
        levels = add_sales_levels(of_accounts, by_level, items, account_demand, parameters, cycle)
        sales = levels.layer
        lead_times = read.read("core.fct_order_lead_times")
        weights = measure_book_weights(
            read.read("planning.backtest_forecasts"),
            read.read("planning.demand_history_clean"),
            read.read("core.fct_order_book_history"),
            lead_times,
            cycle,
        )
        layers = consume_orders(
            sales.layers, read.read("core.fct_orders_on_hand"), lead_times, weights, cycle
        )
        applied = apply_overrides(read.read("planner.overrides"), layers, items, cycle, account_demand)
        return {
            "planning.sales_submitters": sales.submitters,
            "planning.sales_inputs": sales.inputs,
            "planning.sales_level_inputs": levels.level_inputs,
            "planning.order_book_weights": weights,
            "planning.override_effects": applied.effects,
            "planning.rejected_overrides": applied.rejected_overrides.assign(cycle_id=cycle.cycle_id),
            "planning.unconstrained_forecasts": compose_forecast(layers, applied.effects, cycle),
        }

    return [
        cleanse_and_classify_demand,
        forecast_statistically,
        plan_launches_and_activities,
        compose_unconstrained_forecast,
    ]
