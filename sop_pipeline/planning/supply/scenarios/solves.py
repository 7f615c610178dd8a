"""Scenarios and options: each a real solve of the plan with a small difference, from where the plan of record ended.

Add here: a figure by which plans are compared. Keep out: what a lever changes (`levers`), what an option adds (`options`, `relief`), how
a changed programme is solved (`near`), the published rows (`comparison`).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sop_pipeline.planning.supply.laws.model import build_model
from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.laws.terms import Terms
from sop_pipeline.planning.supply.network import Floats, Network
from sop_pipeline.planning.supply.options import Option
from sop_pipeline.planning.supply.prices import unit_prices
from sop_pipeline.planning.supply.scenarios.levers import OLD_PRICES, apply_levers, with_demand
from sop_pipeline.planning.supply.scenarios.wholes import WholesOfRecord
from sop_pipeline.planning.supply.solve_limits import SolveLimits
from sop_pipeline.planning.supply.solving.arrays import Arrays
from sop_pipeline.planning.supply.solving.assembly import assemble
from sop_pipeline.planning.supply.solving.near import NearModel, ProgrammeDiffers
from sop_pipeline.planning.supply.solving.solve import Solved, read_whole, solve_and_hold
from sop_pipeline.planning.supply.solving.whole_numbers import PROVEN_RATIO

PROHIBITIVE_RATIO = 2.0
"""Price of a unit kept for a later month, of the dearest lost sale of its item, at which none is kept."""
NO_PRICE = 1e-6
"""Company currency a unit: what an option saves less than it costs by up to it is nothing."""
HASHED_DIGITS = 2
"""Decimals of units and money that two solves of one programme must share to be the same answer."""


@dataclass(frozen=True)
class Result:
    """Figures of one solve; money in company currency over the horizon."""

    objective_value: float
    demand_value: float  # what is asked, at its price
    demand_units: float
    delivered_units: float
    lost_units: float
    backlog_units: float  # owed at the end of the horizon
    revenue: float
    standard_margin: float
    stock_value: float  # at month end, average of the horizon, at unit cost
    ahead_units: float  # of what customers ask for, above its target at month ends, summed over the horizon
    stock: Floats  # item-site x month, at month end
    holding_cost: float
    overtime_hours: float
    relief: Floats  # used of each option, hours or units
    relief_cost: float  # at the options' own prices
    result_hash: str
    is_warm: bool
    gap_ratio: float  # of whole numbers: distance to the best bound, by the size of the objective

    @property
    def worth(self) -> float:
        """What is asked at its price less the cost of the plan, in which lost and late demand has a price: higher is better."""
        return self.demand_value - self.objective_value

    @property
    def unserved_units(self) -> float:
        return self.lost_units + self.backlog_units

    @property
    def remark(self) -> str | None:
        """What is to be known of a solve that was not proven to the end."""
        if self.gap_ratio <= PROVEN_RATIO:
            return None
        return f"whole lots: within {self.gap_ratio:.2%} of the best"


class Review:
    """The plan of record as the base of scenarios and options.

    `model` is the base's, solved as `held`; its options are in it and closed. `items`: category and family of an item.
    """

    def __init__(
        self,
        model: SupplyModel,
        options: list[Option],
        items: pd.DataFrame,
        solved: Solved,
        limits: SolveLimits,
    ) -> None:
        self.model, self.options, self.items = model, options, items
        self.arrays = assemble(model)
        assert solved.held is not None  # there was something to solve
        self.wholes = WholesOfRecord(self.arrays, solved, limits)
        self.near = NearModel(solved.held, self.wholes.base, limits.time_limit_seconds)
        self.base = self._solve(model, self.arrays)

    @property
    def periods(self) -> pd.DatetimeIndex:
        return pd.DatetimeIndex(self.model.network.periods)

    def scenario(self, levers: pd.DataFrame) -> Result:
        """The plan with the levers applied. Raises LeverError, SupplySolveError."""
        network = apply_levers(self.model.network, levers, self.items)
        return self._changed(network, has_old_prices=set(levers["lever_type"]) <= OLD_PRICES)

    def option(self, place: int) -> Result:
        """The plan with one option open, used as far as it pays; a price is changed whether it pays or not."""
        option, network = self.options[place], self.model.network
        if option.price is not None:
            return self._changed(_with_price(network, option), has_old_prices=False)
        if option.rented:
            return self._changed(_with_room(network, option), has_old_prices=True)
        relief = network.relief
        assert relief is not None  # any other option has entries
        upper, columns = self.arrays.upper.copy(), self.model.variables["relief"]
        own = np.flatnonzero(relief.option == place)
        upper[columns[own]] = relief.together[place]
        return self._solve(self.model, replace(self.arrays, upper=upper))

    def is_worth_nothing(self, place: int) -> bool:
        """Whether the plan of record proves that an option is not used: no entry of it saves more than it costs at the plan's prices.

        With it open the plan stays optimal then, by the same prices (complementary slackness): nothing has to be solved.
        Beside whole numbers prices prove nothing.
        """
        relief = self.model.network.relief
        if relief is None or not self.options[place].entries or len(self.arrays.whole):
            return False
        own = self.model.variables["relief"][relief.option == place]
        return bool((self.near.reduced_costs[own[:, relief.together[place] > 0]] >= -NO_PRICE).all())

    def without_anticipation(self) -> Result:
        """The plan in which nothing that customers ask for is kept beyond its target, where that can be helped; at the base's costs.

        What it costs more than the plan of record is what building ahead is worth.
        """
        model, network = self.model, self.model.network
        dearest = pd.Series(model.prices.lost_sale.max(axis=1)).groupby(network.streams["item_id"].to_numpy())
        price = network.item_sites["item_id"].map(dearest.max()).fillna(0.0).to_numpy(dtype=float)
        cost = self.arrays.cost.copy()
        # stock is its target less what is below it and more what is beyond: priced on both, only what is beyond is dearer
        cost[model.variables["stock"]] += PROHIBITIVE_RATIO * price[:, None]
        aimed = [block for block in model.variable_blocks if block.name == "below_target"]
        place = {name: at for at, name in enumerate(model.item_site_names())}
        for block in aimed:
            of = np.array([place[name[:2]] for name in block.objects], dtype=np.int64)
            cost[block.columns] += PROHIBITIVE_RATIO * price[of][:, None]
        # it breaks thousands of prices, and is a quarter of a solve from nothing away all the same
        return self._solve(model, replace(self.arrays, cost=cost), self.arrays.cost, is_patient=True)

    def _changed(self, network: Network, has_old_prices: bool) -> Result:
        model = build_model(network, self.model.prices if has_old_prices else unit_prices(network))
        return self._solve(model, assemble(model, self.arrays.weights))

    def _solve(
        self, model: SupplyModel, arrays: Arrays, prices: Floats | None = None, is_patient: bool = False
    ) -> Result:
        """`prices`: what columns cost, where it is not what the programme minimises. Whole numbers are looked for anew."""
        cost = arrays.cost if prices is None else prices
        fixed, gap_ratio = self.wholes.of(arrays, lambda kept: self._values(kept, is_patient)[0])
        values, is_warm = self._values(fixed, is_patient)
        return _result(model, cost, values, is_warm, gap_ratio)

    def _values(self, arrays: Arrays, is_patient: bool) -> tuple[Floats, bool]:
        """Warm, or from nothing where that is shorter."""
        try:
            near = self.near.solve(arrays, is_patient)
        except ProgrammeDiffers:
            return solve_and_hold(arrays, self.near.limits)[0], False
        point = near.point
        values, _ = read_whole(near.held, arrays, point.values, point.reduced_costs, point.prices)
        return values, near.is_warm


def _with_price(network: Network, option: Option) -> Network:
    """Another price in the months of the option, and the demand that follows: x (1 + change) ^ elasticity."""
    change = option.price
    assert change is not None  # asked for options of a price only
    price, demand = network.unit_price.copy(), network.demand.copy()
    cells = np.ix_(list(change.streams), range(option.first_month, option.last_month + 1))
    price[cells] *= 1.0 + change.change_ratio
    demand[cells] *= (1.0 + change.change_ratio) ** change.elasticity
    return with_demand(replace(network, unit_price=price), demand)


def _with_room(network: Network, option: Option) -> Network:
    """More stock may stand, as long as the option lasts."""
    most = network.maximum_stock.copy()
    most[list(option.rented), option.first_month : option.last_month + 1] += option.quantity
    return replace(network, maximum_stock=most)


def _result(model: SupplyModel, cost: Floats, values: Floats, is_warm: bool, gap_ratio: float) -> Result:
    network, found = model.network, {name: values[columns] for name, columns in model.variables.items()}
    delivered, lost, backlog = _served(network, found), found["lost"], found["backlog"]
    margin = network.unit_price - network.unit_cost[network.stream_item_site][:, None]
    objective = float(cost @ values) - _cost_of(model.preferences, values)
    used, relief_cost = _relief_of(network, found)
    told = np.concatenate([delivered.sum(axis=0), lost.sum(axis=0), backlog.sum(axis=0), [objective]])
    told = np.round(told, HASHED_DIGITS) + 0.0
    return Result(
        objective_value=objective,
        demand_value=float((network.owed * network.unit_price).sum()),
        demand_units=float(network.owed.sum()),
        delivered_units=float(delivered.sum()),
        lost_units=float(lost.sum()),
        backlog_units=float(backlog[:, -1].sum()),
        revenue=float((delivered * network.unit_price).sum()),
        standard_margin=float((delivered * margin).sum()),
        stock_value=float((found["stock"] * network.unit_cost[:, None]).sum() / len(network.periods)),
        stock=found["stock"],
        ahead_units=float(np.maximum(found["stock"] - network.target, 0.0)[_is_asked_for(network)].sum()),
        holding_cost=_cost_of(model.cost_terms["holding"], values),
        overtime_hours=float(found["overtime"].sum()),
        relief=used,
        relief_cost=relief_cost,
        result_hash=hashlib.sha256(told.tobytes()).hexdigest()[:16],
        is_warm=is_warm,
        gap_ratio=gap_ratio,
    )


def _is_asked_for(network: Network) -> NDArray[np.bool_]:
    """Item-sites of items that customers ask for, wherever these stand."""
    asked = network.item_sites["item_id"].isin(network.streams["item_id"].unique())
    return np.asarray(asked, dtype=bool)


def _served(network: Network, found: dict[str, Floats]) -> Floats:
    """Delivered by stream and month, what options hand from one channel to another counted where it goes."""
    if network.relief is None or not len(network.relief.served.entry):
        return found["delivered"]
    delivered, served = found["delivered"].copy(), network.relief.served
    gets = served.units > 0
    np.add.at(
        delivered, served.place[gets], served.units[gets][:, None] * found["relief"][served.entry[gets]]
    )
    return delivered


def _cost_of(terms: Terms, values: Floats) -> float:
    _, columns, prices = terms.merged()
    return float(prices @ values[columns])


def _relief_of(network: Network, found: dict[str, Floats]) -> tuple[Floats, float]:
    """What is used of each option, and what that costs."""
    relief = network.relief
    if relief is None:
        return np.zeros(0), 0.0
    used = np.zeros(len(relief.together))
    np.add.at(used, relief.option, found["relief"].sum(axis=1))
    return used, float((found["relief"] * relief.unit_cost).sum())
