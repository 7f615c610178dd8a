"""The supply plan of one cycle, from inputs to published frames.

The room's one door: checks, model, solution, costs, shortages, audit, in this order. Add here: a frame that the plan
publishes. Keep out: how any of them is made.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import pandas as pd

from sop_pipeline.planning.supply.checks import check_inputs
from sop_pipeline.planning.supply.inputs import SupplyInputs, horizon_periods
from sop_pipeline.planning.supply.laws.model import build_model
from sop_pipeline.planning.supply.laws.relief import with_relief
from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.options import read_options
from sop_pipeline.planning.supply.policies import company_network, plan_laws, solve_limits
from sop_pipeline.planning.supply.prices import unit_prices
from sop_pipeline.planning.supply.proof.audit import audit_plan
from sop_pipeline.planning.supply.proof.certificate import TOLERANCE_RATIO, certify
from sop_pipeline.planning.supply.results import costs as cost
from sop_pipeline.planning.supply.results import lots, solution
from sop_pipeline.planning.supply.results import policies as policy_results
from sop_pipeline.planning.supply.results.constrained import constrained_forecasts
from sop_pipeline.planning.supply.scenarios.comparison import scenario_results, supply_options
from sop_pipeline.planning.supply.scenarios.proposals import dearest, proposals, room_proposals
from sop_pipeline.planning.supply.scenarios.solves import Review
from sop_pipeline.planning.supply.shortages.chains import shortage_chains
from sop_pipeline.planning.supply.shortages.limits import read_savings, resource_shortages
from sop_pipeline.planning.supply.solve_limits import TIME_LIMIT_SECONDS, SolveLimits
from sop_pipeline.planning.supply.solving.assembly import assemble
from sop_pipeline.planning.supply.solving.solve import Solved, solve_model
from sop_pipeline.planning.supply.solving.warm import WarmModel

BASE_SCENARIO = "base"


@dataclass(frozen=True)
class SupplyPlan:
    """The published frames, each in the columns of its contract in the schema `planning`."""

    supply_plan: pd.DataFrame
    stock_plan: pd.DataFrame
    demand_fulfilment: pd.DataFrame
    resource_load: pd.DataFrame
    capacity_use: pd.DataFrame
    source_shares: pd.DataFrame
    headcount_plan: pd.DataFrame
    storage_use: pd.DataFrame
    lot_orders: pd.DataFrame
    allocations: pd.DataFrame
    plan_laws: pd.DataFrame
    plan_costs: pd.DataFrame
    resource_shortages: pd.DataFrame
    shortage_chains: pd.DataFrame
    constrained_forecasts: pd.DataFrame
    plan_audit: pd.DataFrame
    plan_certificate: pd.DataFrame
    scenario_results: pd.DataFrame
    supply_options: pd.DataFrame
    solve_log: pd.DataFrame

    def frames(self) -> dict[str, pd.DataFrame]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    @property
    def violations(self) -> int:
        """Rows that break a law; a plan with any is not to be published."""
        return int(self.plan_audit["violations"].sum())


@dataclass(frozen=True)
class Questions:
    """What people ask of the plan: `planner.scenarios`, `planner.scenario_levers`, `core.fct_capacity_options`.

    `price_elasticities`: planning's, what demand does when an option changes a price.
    """

    scenarios: pd.DataFrame
    scenario_levers: pd.DataFrame
    capacity_options: pd.DataFrame
    price_elasticities: pd.DataFrame


def no_questions() -> Questions:
    """Nobody asks anything."""
    return Questions(
        scenarios=_nothing("scenario_id", "parent_scenario_id", "scenario_status"),
        scenario_levers=_nothing("scenario_id", "lever_number", "lever_type"),
        capacity_options=_nothing("option_id"),
        price_elasticities=_nothing("channel_id", "elasticity", "elasticity_basis"),
    )


def _nothing(*columns: str) -> pd.DataFrame:
    return pd.DataFrame({column: pd.Series(dtype=object) for column in columns})


def plan_supply(
    inputs: SupplyInputs,
    cycle_id: str,
    cycle_start: pd.Timestamp,
    horizon_months: int,
    scenario_id: str = BASE_SCENARIO,
    time_limit_seconds: float = TIME_LIMIT_SECONDS,
    questions: Questions | None = None,
) -> SupplyPlan:
    """Plan the supply of one cycle and scenario, and answer the questions that people ask of the plan.

    Raises SupplyInputError for inputs that cannot be planned, SupplySolveError where the solver finds no optimum.
    """
    periods = horizon_periods(cycle_start, horizon_months)
    check_inputs(inputs, periods)
    questions = questions or no_questions()
    network = company_network(inputs, periods)
    options, refused = read_options(
        network, questions.capacity_options, questions.price_elasticities, cycle_start
    )
    options += proposals(network, options, cycle_start)
    network = with_relief(network, options)
    limits = solve_limits(inputs, network, time_limit_seconds)
    prices = unit_prices(network)
    model = build_model(network, prices)
    solved = solve_model(model, limits)
    rounded = solution.read_solution(model, solved)
    load = solution.resource_load(network, rounded)
    savings = read_savings(model, solved)
    frames = {
        "supply_plan": solution.supply_plan(network, rounded),
        "stock_plan": solution.stock_plan(network, rounded),
        "demand_fulfilment": solution.demand_fulfilment(network, rounded),
        "resource_load": load,
        "capacity_use": solution.capacity_use(network, rounded, load, savings.hour),
        "source_shares": policy_results.source_shares(network, rounded),
        "headcount_plan": policy_results.headcount_plan(network, rounded),
        "storage_use": policy_results.storage_use(network, rounded),
        "lot_orders": lots.lot_orders(network, rounded),
        "plan_laws": plan_laws(network),
    }
    frames["allocations"] = policy_results.allocations(network, frames["demand_fulfilment"])
    frames["plan_costs"] = cost.plan_costs(network, prices, frames)
    chains, roots = shortage_chains(network, prices, savings, frames["demand_fulfilment"])
    frames["shortage_chains"] = chains
    warm = WarmModel(solved.held, time_limit_seconds) if solved.held is not None else None
    frames["resource_shortages"] = resource_shortages(model, frames, savings, roots, warm)
    options += room_proposals(network, options, savings.room, cycle_start)
    review = None
    if solved.held is not None:
        review = Review(model, options, inputs.items, solved, limits)
    frames["scenario_results"] = scenario_results(review, questions.scenarios, questions.scenario_levers)
    dear = dearest(options, savings.hour, savings.source, savings.room)
    frames["supply_options"] = supply_options(review, dear, refused)
    frames["constrained_forecasts"] = constrained_forecasts(frames["demand_fulfilment"])
    frames["plan_certificate"] = _plan_certificate(model, solved)
    frames["solve_log"] = _solve_log(solved, frames["plan_costs"], limits)
    frames["plan_audit"] = audit_plan(inputs, periods, frames)
    return SupplyPlan(**{name: _published(frame, cycle_id, scenario_id) for name, frame in frames.items()})


def solve_scenarios(
    inputs: SupplyInputs, periods: pd.DatetimeIndex, scenarios: pd.DataFrame, levers: pd.DataFrame
) -> pd.DataFrame:
    """Columns of `planning.scenario_results`: the plan of record and every active scenario; nothing else of the plan is made.

    Raises SupplyInputError and SupplySolveError as `plan_supply` does.
    """
    check_inputs(inputs, periods)
    network = company_network(inputs, periods)
    model = build_model(network, unit_prices(network))
    limits = solve_limits(inputs, network, TIME_LIMIT_SECONDS)
    solved = solve_model(model, limits)
    review = None
    if solved.held is not None:
        review = Review(model, [], inputs.items, solved, limits)
    return scenario_results(review, scenarios, levers)


def _plan_certificate(model: SupplyModel, solved: Solved) -> pd.DataFrame:
    """Proof of optimality, recomputed from the blocks' own arrays: neither Pyomo nor the solver is asked.

    Of whole numbers it proves the plan that goes with them; how far they may be from the best ones is the gap of the solve log.
    """
    programme = assemble(model)
    programme = programme.with_whole(solved.values[programme.whole])
    evidence = certify(programme, solved.values, solved.duals).as_dict()
    frame = pd.DataFrame([evidence]).round({"primal_objective": 4, "dual_objective": 4}).round(12)
    frame.insert(len(frame.columns) - 1, "tolerance_ratio", TOLERANCE_RATIO)
    return frame


def _solve_log(solved: Solved, plan_costs: pd.DataFrame, limits: SolveLimits) -> pd.DataFrame:
    rows, columns = solved.arrays.matrix.shape
    return pd.DataFrame(
        {
            "solver": ["highs"],
            "algorithm": [solved.held.choice.algorithm if solved.held else None],
            "algorithm_reason": [solved.held.choice.reason if solved.held else None],
            "termination": [solved.termination],
            "objective_value": [round(solved.objective_value, 4)],
            "priced_value": [round(float(plan_costs["amount"].sum()), 4)],
            "variables": [columns],
            "constraints": [rows],
            "nonzeros": [int(solved.arrays.matrix.nnz)],
            "whole_variables": [len(solved.arrays.whole)],
            "gap_ratio": [round(solved.gap_ratio, 9)],
            "time_limit_seconds": [limits.time_limit_seconds],
        }
    )


def _published(frame: pd.DataFrame, cycle_id: str, scenario_id: str) -> pd.DataFrame:
    published = frame.reset_index(drop=True)
    published.insert(0, "cycle_id", cycle_id)
    if "scenario_id" not in published.columns and "option_id" not in published.columns:
        published.insert(1, "scenario_id", scenario_id)
    return published
