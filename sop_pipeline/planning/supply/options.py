"""Options of the supply review: what each adds to the plan, from which month on, and what it costs.

A row of `core.fct_capacity_options` (what people entered, in company currency) becomes an `Option`: entries of the programme (hours, units of a limit, room, arrivals), or a change
of prices and demand. A row that the plan has no place for is refused with the reason. Add here: a kind of option, as a function in
`READERS`. Keep out: the programme (`relief`), what options are worth (`scenarios`), options that nobody entered (`proposals`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.arrivals import arrival_shares
from sop_pipeline.planning.supply.network import Floats, Network

DAYS_PER_MONTH = 30.4375
ALL = "all"
Term = tuple[int, int, float]
"""Place of the limit's object, months later, units of it by one unit of the option."""


class OptionRefused(ValueError):
    """The plan has no place for the option: it is not solved, and says why."""


@dataclass(frozen=True)
class Entry:
    """One limit that an option adds to; `served`: the stream whose demand it serves, and, negative, the one that goes without;
    `source`: the purchase that it speeds up, whose price is paid anyway."""

    name: str
    hours: tuple[Term, ...] = ()
    limits: tuple[Term, ...] = ()
    room: tuple[Term, ...] = ()
    units: tuple[Term, ...] = ()
    served: tuple[Term, ...] = ()
    source: int | None = None


@dataclass(frozen=True)
class PriceChange:
    """Another price from the option's first month on, and the demand that follows it at the elasticity."""

    streams: tuple[int, ...]
    change_ratio: float
    elasticity: float


@dataclass(frozen=True)
class Option:
    """An option in the horizon: what it adds a month, from the first month to the last (0 = the first of the plan).

    Money in company currency: `unit_cost` by hour or unit used, `fixed_cost` once; with `write_off_months` the fixed cost is capital
    and each month of use bears its part.
    """

    option_id: str
    option_type: str
    name: str
    object_id: str
    item_id: str
    unit: str
    quantity: float
    unit_cost: float
    fixed_cost: float
    first_month: int
    last_month: int
    entries: tuple[Entry, ...] = ()
    price: PriceChange | None = None
    rented: tuple[
        int, ...
    ] = ()  # item-sites whose stock may be higher by the quantity, paid whether it is used or not
    write_off_months: float | None = None
    assumption: str | None = None
    is_proposed: bool = False

    def by_month(self, months: int) -> Floats:
        """Most that it adds, by month."""
        most: Floats = np.zeros(months)
        most[self.first_month : self.last_month + 1] = self.quantity
        return most

    def fixed_cost_in(self, months: int) -> float:
        """What of the fixed cost the horizon bears: all of it, or its part of the capital by month of use."""
        if self.write_off_months is None:
            return self.fixed_cost
        used = min(self.last_month + 1, months) - self.first_month
        return self.fixed_cost * min(used / self.write_off_months, 1.0)


@dataclass
class Reading:
    """What options are read against."""

    network: Network
    elasticities: pd.DataFrame  # channel_id, elasticity, elasticity_basis
    item_site: dict[tuple[str, str], int] = field(init=False)
    resource: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        pairs = self.network.item_sites.itertuples(index=False)
        self.item_site = {(str(item), str(site)): place for place, (item, site) in enumerate(pairs)}
        self.resource = {name: place for place, name in enumerate(self.network.resources)}

    def items_at(self, site: str, item: str) -> list[int]:
        """Item-sites of a site, of one item or of all."""
        return [at for (one, where), at in self.item_site.items() if where == site and item in (ALL, one)]


Row = dict[Any, Any]
Found = dict[str, Any]


def _hours(reading: Reading, row: Row) -> Found:
    if row["object_id"] not in reading.resource:
        raise OptionRefused("its resource makes nothing in the plan")
    place = reading.resource[row["object_id"]]
    return {"unit": "hours", "entries": (Entry(row["option_id"], hours=((place, 0, 1.0),)),)}


def _purchases(reading: Reading, row: Row) -> list[int]:
    frame = reading.network.flows.frame
    chosen = (frame["supplier_id"] == row["object_id"]) & (frame["source_type"] != "move")
    if row["item_id"] != ALL:
        chosen &= frame["item_id"] == row["item_id"]
    if not chosen.any():
        raise OptionRefused("its supplier delivers nothing of it in the plan")
    return np.flatnonzero(chosen).tolist()


def _supplier_limit(reading: Reading, row: Row) -> Found:
    limits, names = reading.network.flows.maximum_units, reading.network.flows.names
    limited = [source for source in _purchases(reading, row) if np.isfinite(limits[source]).any()]
    if not limited:
        raise OptionRefused("nothing limits what its supplier delivers")
    entries = [Entry(_name(row, names[source], limited), limits=((source, 0, 1.0),)) for source in limited]
    return {"unit": "units", "entries": tuple(entries)}


def _expedite(reading: Reading, row: Row) -> Found:
    """The purchase of a source that arrives some days earlier, within the source's own limit."""
    flows, months = reading.network.flows, len(reading.network.periods)
    saved = _number(row, "days_saved") / DAYS_PER_MONTH
    entries = []
    sources = [source for source in _purchases(reading, row) if flows.lead_time_months[source] > 0]
    if not sources:
        raise OptionRefused("what its supplier delivers arrives at once already")
    for source in sources:
        lead_time = max(float(flows.lead_time_months[source]) - saved, 0.0)
        arrivals = tuple(arrival_shares(lead_time))
        output, good = int(flows.output[source]), float(flows.yields[source])
        taken = flows.input_source == source
        if np.ptp(flows.units_per_unit[taken], axis=1).any():
            raise OptionRefused(f"the bill of {flows.names[source]} changes within the horizon")
        parts = zip(
            flows.input_item_site[taken].tolist(), flows.units_per_unit[taken, 0].tolist(), strict=True
        )
        loads = flows.load_source == source
        hours = zip(flows.load_resource[loads].tolist(), flows.hours_per_unit[loads].tolist(), strict=True)
        entries.append(
            Entry(
                _name(row, flows.names[source], sources),
                limits=((source, 0, -1.0),),
                hours=tuple((resource, 0, -each) for resource, each in hours),
                units=(
                    *((output, delay, good * share) for delay, share in arrivals if delay < months),
                    *((item_site, 0, -each) for item_site, each in parts),
                ),
                source=source,
            )
        )
    return {"unit": "units", "entries": tuple(entries)}


def _room(reading: Reading, row: Row) -> Found:
    most, names = reading.network.maximum_stock, reading.network.item_sites
    here = reading.items_at(row["object_id"], row["item_id"])
    limited = [item_site for item_site in here if np.isfinite(most[item_site]).any()]
    if not limited:
        raise OptionRefused("nothing limits the stock of it at its site")
    entries = [Entry(_name(row, names["item_id"].iloc[at], limited), room=((at, 0, 1.0),)) for at in limited]
    return {"unit": "units", "entries": tuple(entries)}


def _arrivals(reading: Reading, row: Row) -> Found:
    """Finished units from outside: everything that they take is in their price."""
    at = reading.item_site.get((row["item_id"], row["object_id"]))
    if at is None:
        raise OptionRefused("its item is not planned at its site")
    return {"unit": "units", "entries": (Entry(row["option_id"], units=((at, 0, 1.0),)),)}


def _between_sites(reading: Reading, row: Row) -> Found:
    """Units of one site given to another, in the same month."""
    target = str(row.get("to_site_id") or "")
    names, entries = reading.network.item_sites["item_id"], []
    here = reading.items_at(row["object_id"], row["item_id"])
    pairs = [(at, reading.item_site.get((str(names.iloc[at]), target))) for at in here]
    both = [(at, to) for at, to in pairs if to is not None and to != at]
    if not both:
        raise OptionRefused("none of its items is planned at both of its sites")
    for at, to in both:
        entries.append(Entry(_name(row, names.iloc[at], both), units=((at, 0, -1.0), (to, 0, 1.0))))
    return {"unit": "units", "entries": tuple(entries)}


def _between_channels(reading: Reading, row: Row) -> Found:
    """Units that the rules give to one channel, delivered to another from the same site instead."""
    streams, target = reading.network.streams, str(row.get("to_channel_id") or "")
    key = ["item_id", "site_id"]
    places = streams.assign(stream=np.arange(len(streams)))
    if row["item_id"] != ALL:
        places = places[places["item_id"] == row["item_id"]]
    gives = places[places["channel_id"] == row["object_id"]]
    both = gives.merge(places[places["channel_id"] == target], on=key, suffixes=("", "_to"))
    if target == row["object_id"] or both.empty:
        raise OptionRefused("none of its items is asked for by both of its channels at one site")
    entries = []
    for item, site, one, to in both[["item_id", "site_id", "stream", "stream_to"]].itertuples(index=False):
        given = ((int(one), 0, -1.0), (int(to), 0, 1.0))
        taken = ((reading.item_site[str(item), str(site)], 0, -1.0),)
        entries.append(Entry(_name(row, f"{item}@{site}", [*both.index]), units=taken, served=given))
    return {"unit": "units", "entries": tuple(entries)}


def _price(reading: Reading, row: Row) -> Found:
    """Another price in a channel; demand follows at the channel's elasticity."""
    streams, change = reading.network.streams, _number(row, "change_ratio")
    chosen = streams["channel_id"] == row["object_id"]
    if row["item_id"] != ALL:
        chosen &= streams["item_id"] == row["item_id"]
    if not chosen.any():
        raise OptionRefused("its channel asks for nothing of it")
    if change <= -1.0:
        raise OptionRefused("its change_ratio leaves no price")
    known = reading.elasticities[reading.elasticities["channel_id"] == row["object_id"]]
    if known.empty:
        raise OptionRefused("no elasticity of its channel is known")
    elasticity, basis = float(known["elasticity"].iloc[0]), str(known["elasticity_basis"].iloc[0])
    return {
        "unit": "units",
        "price": PriceChange(tuple(np.flatnonzero(chosen).tolist()), change, elasticity),
        "assumption": f"elasticity {elasticity:.2f} ({basis})",
    }


READERS: dict[tuple[str, str | None], Callable[[Reading, Row], Found]] = {
    ("resource", None): _hours,
    ("supplier", "expedite"): _expedite,
    ("supplier", None): _supplier_limit,
    ("storage", None): _room,
    ("item", None): _arrivals,
    ("lane", None): _between_sites,
    ("demand", "reallocation"): _between_channels,
    ("demand", "price"): _price,
}
"""What an option adds to, and its type where that matters -> how its row is read."""


def read_options(
    network: Network,
    capacity_options: pd.DataFrame,
    elasticities: pd.DataFrame,
    cycle_start: pd.Timestamp,
) -> tuple[list[Option], pd.DataFrame]:
    """The options that can be solved, and the others: option_id and reason.

    An option begins in the later of its own first month and the first whole month after its lead time.
    """
    reading, options, refused = Reading(network, elasticities), [], []
    for row in capacity_options.sort_values("option_id").to_dict("records"):
        try:
            options.append(_read(reading, row, pd.Timestamp(cycle_start)))
        except OptionRefused as reason:
            refused.append({"option_id": str(row["option_id"]), "reason": str(reason)})
    return options, pd.DataFrame(refused, columns=["option_id", "reason"], dtype=object)


def _read(reading: Reading, row: Row, cycle_start: pd.Timestamp) -> Option:
    capacity_type, option_type = str(row["capacity_type"]), str(row.get("option_type") or "")
    reader = READERS.get((capacity_type, option_type)) or READERS.get((capacity_type, None))
    if reader is None:
        raise OptionRefused(f"a {option_type} cannot add to a {capacity_type}")
    if _is_empty(row["unit_cost"]) or _is_empty(row["fixed_cost"]):
        raise OptionRefused(f"no rate of {row.get('currency_code')} is known in the month of the cycle")
    first, last = _months_of(row, pd.DatetimeIndex(reading.network.periods), cycle_start)
    return Option(
        option_id=str(row["option_id"]),
        option_type=option_type,
        name=str(row.get("option_name") or row["option_id"]),
        object_id=str(row["object_id"]),
        item_id=str(row.get("item_id") or ALL),
        quantity=float(row["added_quantity"]),
        unit_cost=float(row["unit_cost"]),
        fixed_cost=float(row["fixed_cost"]),
        first_month=first,
        last_month=last,
        write_off_months=None if _is_empty(row.get("write_off_months")) else _number(row, "write_off_months"),
        **reader(reading, {"item_id": ALL, **row}),
    )


def _months_of(row: Row, periods: pd.DatetimeIndex, cycle_start: pd.Timestamp) -> tuple[int, int]:
    """First and last month of the horizon in which the option works. Raises OptionRefused where there is none."""
    ready = cycle_start + pd.Timedelta(days=int(row["lead_time_days"]))
    whole = ready if ready.day == 1 else ready + pd.offsets.MonthBegin(1)
    start = max(whole.normalize(), pd.Timestamp(row["available_from_period_start_date"]))
    first, last = int((periods < start).sum()), len(periods) - 1
    until = row.get("available_to_period_start_date")
    if until is not None and not pd.isna(until):
        last = int((periods <= pd.Timestamp(until)).sum()) - 1
    if first >= len(periods):
        raise OptionRefused("begins after the horizon")
    if last < first:
        raise OptionRefused("has ended before it can begin")
    return first, last


def _is_empty(value: Any) -> bool:
    return value is None or bool(pd.isna(value))


def _number(row: Row, column: str) -> float:
    if _is_empty(row.get(column)):
        raise OptionRefused(f"its {column} is empty")
    return float(row[column])


def _name(row: Row, part: object, of: list[Any]) -> str:
    """Name of an entry: its option's, and where the option has several, what the entry is of."""
    return str(row["option_id"]) if len(of) == 1 else f"{row['option_id']} {part}"
