"""Hours that the company could win at a price: the options of the supply review, closed in the plan of record.

Every option is in the programme of every plan with nothing of it allowed, so that opening one is a change of bounds and the plan is
solved again from where it ended. Add here: another kind of thing that an option adds. Keep out: which option is worth it (`scenarios`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.network import Floats, Network, Relief
from sop_pipeline.planning.supply.supply_model import SupplyModel
from sop_pipeline.planning.supply.terms import by_month


@dataclass(frozen=True)
class Option:
    """An option of `planner.capacity_options` in the horizon: what it adds a month, from which month on (0 = the first)."""

    option_id: str
    resource: int
    hours: float
    unit_cost: float
    fixed_cost: float
    first_month: int


def add_relief(model: SupplyModel) -> None:
    r"""Hours of an option are hours of its resource, at their own rate instead of the regular one.

    $- relief_{ot}$ in the hours of its resource, $relief_{ot} \le R_{ot}$, which is 0 where the option is not taken
    """
    network, relief = model.network, model.network.relief
    if relief is None:
        return
    hours = model.add_variables("relief", [(name,) for name in relief.names], upper=relief.maximum_hours)
    model.hours.add(by_month(relief.resource, model.months), hours, -1.0)
    model.cost_terms["regular_labour"].add(0, hours, -network.regular_cost[relief.resource])
    model.cost_terms["relief"].add(0, hours, relief.cost_per_hour[:, None])


def with_relief(network: Network, options: list[Option], is_open: list[bool] | None = None) -> Network:
    """The network with the options in it; those that are not open are there and closed."""
    if not options:
        return network
    maximum: Floats = np.zeros((len(options), len(network.periods)))
    for place, option in enumerate(options):
        if is_open is not None and is_open[place]:
            maximum[place, option.first_month :] = option.hours
    relief = Relief(
        names=[option.option_id for option in options],
        resource=np.array([option.resource for option in options], dtype=np.int64),
        maximum_hours=maximum,
        cost_per_hour=np.array([option.unit_cost for option in options], dtype=float),
    )
    return replace(network, relief=relief)


def read_options(
    network: Network, capacity_options: pd.DataFrame, cycle_start: pd.Timestamp
) -> tuple[list[Option], dict[str, str]]:
    """Options that add hours to a resource of the plan, and why the others cannot be solved.

    An option begins in the later of its own first month and the first whole month after its lead time.
    """
    places = {name: place for place, name in enumerate(network.resources)}
    options, refused = [], {}
    for row in capacity_options.sort_values("option_id").to_dict("records"):
        name = str(row["option_id"])
        ready = pd.Timestamp(cycle_start) + pd.Timedelta(days=int(row["lead_time_days"]))
        whole = ready if ready.day == 1 else ready + pd.offsets.MonthBegin(1)
        start = max(whole.normalize(), pd.Timestamp(row["available_from_period_start_date"]))
        month = int(network.periods.searchsorted(start))
        if row["capacity_type"] != "resource":
            refused[name] = f"adds to a {row['capacity_type']}: only hours of resources are solved"
        elif row["object_id"] not in places:
            refused[name] = "its resource makes nothing in the plan"
        elif month >= len(network.periods):
            refused[name] = "begins after the horizon"
        else:
            hours, each, once = (
                float(row[column]) for column in ("added_quantity", "unit_cost", "fixed_cost")
            )
            options.append(Option(name, places[row["object_id"]], hours, each, once, month))
    return options, refused
