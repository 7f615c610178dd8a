"""Scenarios and options: each a real solve of the plan with a small difference, from where the plan of record ended.

Add here: a figure by which scenarios are compared. Keep out: what a lever changes (`levers`), what an option adds (`relief`), how a
changed programme is solved (`warm`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.arrays import Arrays
from sop_pipeline.planning.supply.assembly import assemble
from sop_pipeline.planning.supply.checks import check_inputs
from sop_pipeline.planning.supply.highs import SolveLimits, SupplySolveError
from sop_pipeline.planning.supply.inputs import SupplyInputError, SupplyInputs
from sop_pipeline.planning.supply.levers import LeverError, apply_levers
from sop_pipeline.planning.supply.model import build_model
from sop_pipeline.planning.supply.network import Floats, build_network
from sop_pipeline.planning.supply.prices import unit_prices
from sop_pipeline.planning.supply.relief import Option, with_relief
from sop_pipeline.planning.supply.solve import read_whole, solve_and_hold
from sop_pipeline.planning.supply.supply_model import SupplyModel
from sop_pipeline.planning.supply.warm import ProgrammeDiffers, WarmModel

HASHED_DIGITS = 2
"""Decimals of units and money that two solves of one programme must share to be the same answer."""
SCENARIO_COLUMNS = [
    "scenario_id", "parent_scenario_id", "is_solved", "reason", "is_warm", "result_hash", "objective_value", "demand_units",
    "delivered_units", "lost_units", "backlog_units", "revenue", "standard_margin", "overtime_hours",
]  # fmt: skip
OPTION_COLUMNS = [
    "option_id", "is_solved", "reason", "result_hash", "feasible_from_date", "used_hours", "option_cost", "cost_saving",
    "recovered_units", "recovered_margin", "net_value",
]  # fmt: skip


@dataclass(frozen=True)
class Result:
    """Figures of one solve; money in company currency over the horizon."""

    objective_value: float
    demand_units: float
    delivered_units: float
    lost_units: float
    backlog_units: float  # owed at the end of the horizon
    revenue: float
    standard_margin: float
    overtime_hours: float
    relief_hours: Floats  # by option
    relief_cost: float
    result_hash: str
    is_warm: bool


class Review:
    """The plan of record as the base of scenarios and options."""

    def __init__(
        self, inputs: SupplyInputs, periods: pd.DatetimeIndex, options: list[Option], warm: WarmModel
    ) -> None:
        self.inputs, self.periods, self.options, self.warm = inputs, periods, options, warm
        self.base = self._solve(self._model(inputs))

    def _model(self, inputs: SupplyInputs, is_open: list[bool] | None = None) -> SupplyModel:
        network = with_relief(build_network(inputs, self.periods), self.options, is_open)
        return build_model(network, unit_prices(network))

    def scenario(self, levers: pd.DataFrame) -> Result:
        """The plan with the levers applied. Raises LeverError, SupplyInputError, SupplySolveError."""
        changed = apply_levers(self.inputs, levers)
        check_inputs(changed, self.periods)
        return self._solve(self._model(changed))

    def option(self, place: int) -> Result:
        """The plan with one option open, used as far as it pays."""
        return self._solve(self._model(self.inputs, [other == place for other in range(len(self.options))]))

    def _solve(self, model: SupplyModel) -> Result:
        arrays = assemble(model)
        try:
            with self.warm.moved_to(arrays):
                point = self.warm.solve()
                values, _ = read_whole(
                    self.warm.held, arrays, point.values, point.reduced_costs, point.prices
                )
                return _result(model, arrays, values, is_warm=True)
        except ProgrammeDiffers:
            values, _, _ = solve_and_hold(arrays, SolveLimits(self.warm.time_limit_seconds))
            return _result(model, arrays, values, is_warm=False)


def _result(model: SupplyModel, arrays: Arrays, values: Floats, is_warm: bool) -> Result:
    network, found = model.network, {name: values[columns] for name, columns in model.variables.items()}
    delivered, lost, backlog = found["delivered"], found["lost"], found["backlog"]
    margin = network.unit_price - network.unit_cost[network.stream_item_site][:, None]
    _, columns, factors = model.preferences.merged()
    relief = found["relief"] if network.relief is not None else np.zeros((0, len(network.periods)))
    cost_per_hour = network.relief.cost_per_hour if network.relief is not None else np.zeros(0)
    objective = float(arrays.cost @ values) - float(factors @ values[columns])
    told = np.concatenate([delivered.sum(axis=0), lost.sum(axis=0), backlog.sum(axis=0), [objective]])
    told = np.round(told, HASHED_DIGITS) + 0.0
    return Result(
        objective_value=objective,
        demand_units=float(network.owed.sum()),
        delivered_units=float(delivered.sum()),
        lost_units=float(lost.sum()),
        backlog_units=float(backlog[:, -1].sum()),
        revenue=float((delivered * network.unit_price).sum()),
        standard_margin=float((delivered * margin).sum()),
        overtime_hours=float(found["overtime"].sum()),
        relief_hours=relief.sum(axis=1),
        relief_cost=float((relief * cost_per_hour[:, None]).sum()),
        result_hash=hashlib.sha256(told.tobytes()).hexdigest()[:16],
        is_warm=is_warm,
    )


def scenario_results(review: Review | None, scenarios: pd.DataFrame, levers: pd.DataFrame) -> pd.DataFrame:
    """One row per active scenario, the plan of record first; where one cannot be solved, why."""
    if review is None:
        return pd.DataFrame(columns=SCENARIO_COLUMNS)
    rows = [_scenario_row("base", None, review.base, None)]
    active = scenarios[scenarios["scenario_status"] == "active"].sort_values("scenario_id")
    for scenario in active.to_dict("records"):
        name, parent = str(scenario["scenario_id"]), str(scenario["parent_scenario_id"])
        try:
            result, reason = review.scenario(_levers_of(name, parent, active, levers)), None
        except (LeverError, SupplyInputError, SupplySolveError) as error:
            result, reason = None, str(error).splitlines()[0]
        rows.append(_scenario_row(name, parent, result, reason))
    return pd.DataFrame(rows, columns=SCENARIO_COLUMNS)


def _levers_of(name: str, parent: str, scenarios: pd.DataFrame, levers: pd.DataFrame) -> pd.DataFrame:
    """Levers of the scenario's ancestors first, then its own. Raises LeverError where an ancestor is not there."""
    parents = dict(zip(scenarios["scenario_id"], scenarios["parent_scenario_id"], strict=True))
    line, seen = [name], {name}
    while parent != "base":
        if parent not in parents or parent in seen:
            raise LeverError(f"parent {parent} is not an active scenario on a line to base")
        line.insert(0, parent)
        seen.add(parent)
        parent = str(parents[parent])
    parts = [levers[levers["scenario_id"] == one].sort_values("lever_number") for one in line]
    joined = pd.concat(parts, ignore_index=True)
    return joined.assign(lever_number=range(1, len(joined) + 1))


def _scenario_row(
    name: str, parent: str | None, result: Result | None, reason: str | None
) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(SCENARIO_COLUMNS)
    row |= {
        "scenario_id": name,
        "parent_scenario_id": parent,
        "is_solved": result is not None,
        "reason": reason,
    }
    if result is None:
        return row
    digits = {"objective_value": 2, "revenue": 2, "standard_margin": 2}
    told = {column: getattr(result, column) for column in SCENARIO_COLUMNS[4:]}
    return row | {
        column: round(value, digits.get(column, 3)) if isinstance(value, float) else value
        for column, value in told.items()
    }


def supply_options(review: Review | None, refused: dict[str, str]) -> pd.DataFrame:
    """One row per option: what it costs, what it wins, from when; where it cannot be solved, why.

    Saving: what all other costs of the plan fall by (late, lost and missing stock among them), before the option's own cost. Net
    value: saving less hours at their rate and the cost to start. An option that is not used costs nothing and is worth nothing.
    """
    if review is None:
        return pd.DataFrame(columns=OPTION_COLUMNS)
    base, rows = review.base, []
    for place, option in enumerate(review.options):
        result = review.option(place)
        used = float(result.relief_hours[place])
        cost = result.relief_cost + (option.fixed_cost if used > 0.001 else 0.0)
        unserved = base.lost_units + base.backlog_units - result.lost_units - result.backlog_units
        rows.append(
            {
                "option_id": option.option_id,
                "is_solved": True,
                "reason": None,
                "result_hash": result.result_hash,
                "feasible_from_date": review.periods[option.first_month],
                "used_hours": round(used, 3),
                "option_cost": round(cost, 2),
                "cost_saving": round(base.objective_value - result.objective_value + result.relief_cost, 2),
                "recovered_units": round(unserved, 3),
                "recovered_margin": round(result.standard_margin - base.standard_margin, 2),
                "net_value": round(
                    base.objective_value - result.objective_value + result.relief_cost - cost, 2
                ),
            }
        )
    rows += [
        dict.fromkeys(OPTION_COLUMNS) | {"option_id": name, "is_solved": False, "reason": reason}
        for name, reason in refused.items()
    ]
    frame = pd.DataFrame(rows, columns=OPTION_COLUMNS).sort_values("option_id").reset_index(drop=True)
    return frame.assign(feasible_from_date=pd.to_datetime(frame["feasible_from_date"]))
