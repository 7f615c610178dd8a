"""Demand: from the history of orders to the unconstrained forecast.

adjust_history -> classify_demand, find_level_shifts, level_months -> forecast_demand -> launch_items, measure_activities,
measure_elasticities, measure_realisations -> sum_activities -> stack_layers -> add_sales, add_sales_levels -> measure_book_weights,
consume_orders -> apply_overrides -> compose_forecast. Every function takes frames and returns the frames of one contract.
`panel` forecasts any series, `kernels` are its compiled models, `monthly` is how the pipeline uses both.
Add here: a module for a new idea about demand. Keep out: supply, which this room never imports.
"""

from sop_pipeline.planning.demand.activities import sum_activities
from sop_pipeline.planning.demand.announced import measure_activities, with_announced
from sop_pipeline.planning.demand.book_weights import measure_book_weights
from sop_pipeline.planning.demand.classes import classify_demand
from sop_pipeline.planning.demand.consensus import compose_forecast, stack_layers
from sop_pipeline.planning.demand.forecasts import StatisticalForecast, forecast_demand
from sop_pipeline.planning.demand.history import adjust_history, clean_history
from sop_pipeline.planning.demand.history_tables import AdjustedHistory
from sop_pipeline.planning.demand.launches import LaunchPlan, launch_items, plan_launches
from sop_pipeline.planning.demand.order_book import consume_orders
from sop_pipeline.planning.demand.overrides import AppliedOverrides, apply_overrides
from sop_pipeline.planning.demand.prices import measure_elasticities, with_price_effects
from sop_pipeline.planning.demand.realisations import measure_realisations
from sop_pipeline.planning.demand.sales import SalesLayer, add_sales
from sop_pipeline.planning.demand.sales_levels import SalesLevels, add_sales_levels
from sop_pipeline.planning.demand.shifts import find_level_shifts
from sop_pipeline.planning.demand.working_days import Calendar, LevelledHistory, level_months

__all__ = [
    "AdjustedHistory",
    "AppliedOverrides",
    "Calendar",
    "LaunchPlan",
    "LevelledHistory",
    "SalesLayer",
    "SalesLevels",
    "StatisticalForecast",
    "add_sales",
    "add_sales_levels",
    "adjust_history",
    "apply_overrides",
    "classify_demand",
    "clean_history",
    "compose_forecast",
    "consume_orders",
    "find_level_shifts",
    "forecast_demand",
    "launch_items",
    "level_months",
    "measure_activities",
    "measure_book_weights",
    "measure_elasticities",
    "measure_realisations",
    "plan_launches",
    "stack_layers",
    "sum_activities",
    "with_announced",
    "with_price_effects",
]
