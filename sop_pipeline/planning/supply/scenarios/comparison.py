"""Published rows of scenarios and options: each beside the plan of record.

Add here: a column by which plans are compared. Keep out: solving (`solves`); which of them is dominated, which is SQL's to say.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.options import Option
from sop_pipeline.planning.supply.scenarios.levers import LeverError
from sop_pipeline.planning.supply.scenarios.solves import Result, Review
from sop_pipeline.planning.supply.solving.highs import SupplySolveError

MONEY_DIGITS, UNIT_DIGITS = 2, 3
UNUSED = 0.001
"""Hours or units below it are none."""
BUILDING_AHEAD = "building_ahead"
PROVEN = "not used: the prices of the plan of record prove that no unit of it saves more than it costs"
MONEY = {"objective_value", "revenue", "standard_margin", "stock_value"}
SCENARIO_COLUMNS = [
    "scenario_id", "parent_scenario_id", "is_solved", "reason", "is_warm", "result_hash", "objective_value", "demand_units",
    "delivered_units", "lost_units", "backlog_units", "revenue", "standard_margin", "stock_value", "overtime_hours",
]  # fmt: skip
OPTION_COLUMNS = [
    "option_id", "option_name", "option_type", "object_id", "item_id", "is_proposed", "assumption", "is_solved", "reason",
    "is_warm", "result_hash", "feasible_from_date", "unit", "used_quantity", "option_cost", "cost_saving", "recovered_units",
    "recovered_margin", "net_value", "payback_months",
]  # fmt: skip


def scenario_results(review: Review | None, scenarios: pd.DataFrame, levers: pd.DataFrame) -> pd.DataFrame:
    """One row per active scenario, the plan of record first; where one cannot be solved, why."""
    if review is None:
        return pd.DataFrame(columns=SCENARIO_COLUMNS)
    rows = [_scenario_row("base", None, review.base, review.base.remark)]
    active = scenarios[scenarios["scenario_status"] == "active"].sort_values("scenario_id")
    for scenario in active.to_dict("records"):
        name, parent = str(scenario["scenario_id"]), str(scenario["parent_scenario_id"])
        try:
            result = review.scenario(_levers_of(name, parent, active, levers))
            reason = result.remark
        except (LeverError, SupplySolveError) as error:
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
    told = {column: getattr(result, column) for column in SCENARIO_COLUMNS[4:]}
    return row | {
        column: round(value, MONEY_DIGITS if column in MONEY else UNIT_DIGITS)
        if isinstance(value, float)
        else value
        for column, value in told.items()
    }


def supply_options(review: Review | None, asked: Sequence[int], refused: pd.DataFrame) -> pd.DataFrame:
    """One row per option: what it costs, what it wins, from when; where it cannot be solved, why.

    `asked`: places of the options to solve. Saving: what the plan is worth more before the option's own cost: all other costs fall (late,
    lost and missing stock have a price among them), and what is asked at another price is worth more or less. Net value: saving less what
    is used at its rate and the fixed cost. An option that is not used costs nothing and is worth nothing.
    """
    if review is None:
        return pd.DataFrame(columns=OPTION_COLUMNS)
    rows = [_option_row(review, place) for place in asked] + _building_ahead(review)
    for name, reason in zip(refused["option_id"], refused["reason"], strict=True):
        told = {"option_id": name, "is_solved": False, "is_proposed": False, "reason": reason}
        rows.append(dict.fromkeys(OPTION_COLUMNS) | told)
    frame = pd.DataFrame(rows, columns=OPTION_COLUMNS).sort_values("option_id").reset_index(drop=True)
    return frame.assign(feasible_from_date=pd.to_datetime(frame["feasible_from_date"]))


def _option_row(review: Review, place: int) -> dict[str, object]:
    base, option = review.base, review.options[place]
    row = dict.fromkeys(OPTION_COLUMNS) | {
        "option_id": option.option_id,
        "option_name": option.name,
        "option_type": option.option_type,
        "object_id": option.object_id,
        "item_id": option.item_id,
        "is_proposed": option.is_proposed,
        "assumption": option.assumption,
        "is_solved": False,
    }
    is_worth_nothing = review.is_worth_nothing(place)
    try:
        result = base if is_worth_nothing else review.option(place)
    except SupplySolveError as error:
        return row | {"reason": str(error).splitlines()[0]}
    months = len(review.periods)
    if option.rented:
        used, is_used = _room_used(review, option, result), True
    elif option.price is not None:
        used, is_used = result.demand_units - base.demand_units, True
    else:
        used = float(result.relief[place])
        is_used = used > UNUSED
    saving = result.worth - base.worth + result.relief_cost
    cost = result.relief_cost + (option.fixed_cost_in(months) if is_used else 0.0)
    return row | {
        "is_solved": True,
        "reason": PROVEN if is_worth_nothing else result.remark,
        "is_warm": result.is_warm,
        "result_hash": result.result_hash,
        "feasible_from_date": review.periods[option.first_month],
        "unit": option.unit,
        "used_quantity": round(used, UNIT_DIGITS),
        "option_cost": round(cost, MONEY_DIGITS),
        "cost_saving": round(saving, MONEY_DIGITS),
        "recovered_units": round(base.unserved_units - result.unserved_units, UNIT_DIGITS),
        "recovered_margin": round(result.standard_margin - base.standard_margin, MONEY_DIGITS),
        "net_value": round(saving - cost, MONEY_DIGITS),
        "payback_months": _payback_months(option, saving - result.relief_cost, months),
    }


def _building_ahead(review: Review) -> list[dict[str, object]]:
    """What the plan of record does by itself: stock kept for later months, and what it would cost to keep none."""
    base, row = review.base, dict.fromkeys(OPTION_COLUMNS)
    row |= {
        "option_id": BUILDING_AHEAD,
        "option_name": "Building ahead, as the plan does",
        "option_type": "pre_build",
        "object_id": "all",
        "item_id": "all",
        "is_proposed": True,
        "assumption": "in the plan of record already: stock of what customers ask for above its target, against a plan that keeps it only where "
        "it cannot be helped",
        "is_solved": False,
    }
    try:
        without = review.without_anticipation()
    except SupplySolveError as error:
        return [row | {"reason": str(error).splitlines()[0]}]
    holding = base.holding_cost - without.holding_cost
    worth = base.worth - without.worth
    return [
        row
        | {
            "is_solved": True,
            "is_warm": without.is_warm,
            "result_hash": without.result_hash,
            "feasible_from_date": review.periods[0],
            "unit": "unit months",
            "used_quantity": round(base.ahead_units - without.ahead_units, UNIT_DIGITS),
            "option_cost": round(holding, MONEY_DIGITS),
            "cost_saving": round(worth + holding, MONEY_DIGITS),
            "recovered_units": round(without.unserved_units - base.unserved_units, UNIT_DIGITS),
            "recovered_margin": round(base.standard_margin - without.standard_margin, MONEY_DIGITS),
            "net_value": round(worth, MONEY_DIGITS),
        }
    ]


def _room_used(review: Review, option: Option, result: Result) -> float:
    """Unit months that stand in rented room."""
    place, months = list(option.rented), slice(option.first_month, option.last_month + 1)
    beyond = result.stock[place, months] - review.model.network.maximum_stock[place, months]
    return float(np.clip(beyond, 0.0, option.quantity).sum())


def _payback_months(option: Option, gain: float, months: int) -> float | None:
    """Months of use until what the option wins has paid its fixed cost; None where it has none but a rent, or wins nothing."""
    used = min(option.last_month + 1, months) - option.first_month
    if option.fixed_cost <= 0 or gain <= 0 or option.rented:
        return None
    return round(option.fixed_cost / (gain / used), 1)
