"""Supply planning: from an unconstrained demand plan to a plan that materials, hours and lanes allow.

`plan_supply` is the door; `plan_safety_stocks` sets the targets that it aims at. Add here: nothing but the names that
other rooms may use. Keep out: imports of pyomo or highspy, which cost start-up time.
"""

from sop_pipeline.planning.supply.checks import check_inputs
from sop_pipeline.planning.supply.inputs import (
    SupplyInputError,
    SupplyInputs,
    demand_streams,
    horizon_periods,
)
from sop_pipeline.planning.supply.inventory.safety_stock import StockRecords, plan_safety_stocks
from sop_pipeline.planning.supply.parameters.review import review_parameters
from sop_pipeline.planning.supply.plan import Questions, SupplyPlan, plan_supply, solve_scenarios
from sop_pipeline.planning.supply.shortages.dependence import hanging_demand
from sop_pipeline.planning.supply.solving.highs import SupplySolveError

__all__ = [
    "Questions",
    "StockRecords",
    "SupplyInputError",
    "SupplyInputs",
    "SupplyPlan",
    "SupplySolveError",
    "check_inputs",
    "demand_streams",
    "hanging_demand",
    "horizon_periods",
    "plan_safety_stocks",
    "plan_supply",
    "review_parameters",
    "solve_scenarios",
]
