"""Audit of a solved case: every law recomputed from the case's own tables and the answer's, without network or model.

Add here: a law as a function that yields checks, and its name in `LAWS`. Keep out: repairs; looking quantities up (`books`); evidence of
optimality (`certificate`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.case.books import ITEM_SITE, Books, Checks, checks_of
from sop_pipeline.planning.supply.case.policy_laws import fair_shares, made_to_order
from sop_pipeline.planning.supply.case.reading import CaseTables
from sop_pipeline.planning.supply.network import Floats, Integers


def audit_case(case: CaseTables, answer: dict[str, pd.DataFrame], objective_value: float) -> pd.DataFrame:
    """One row per law: rows checked, violations, the largest distance and the first violating row."""
    books = Books(case, answer, objective_value)
    rows = []
    for law, check in LAWS.items():
        found = list(check(books))
        bad = [(checks, checks.violated) for checks in found]
        first = next((checks.name_of(int(places[0])) for checks, places in bad if len(places)), "")
        worst = [checks.distance[places] for checks, places in bad]
        rows.append(
            {
                "law": law,
                "checked_rows": sum(len(checks.distance) for checks in found),
                "violations": sum(len(places) for _, places in bad),
                "largest_violation": float(
                    np.nan_to_num(np.concatenate([np.zeros(0), *worst]), nan=np.inf).max(initial=0.0)
                ),
                "example": first,
            }
        )
    return pd.DataFrame(rows)


def over(values: Floats, most: Floats) -> Floats:
    """How far values are above their most; an infinite or unsaid most is none."""
    return np.maximum(values - np.where(np.isnan(most), np.inf, most), 0.0)


def under(values: Floats, least: Floats) -> Floats:
    """How far values are below their least."""
    return np.maximum(np.nan_to_num(least) - values, 0.0)


def stock_balance(books: Books) -> Iterator[Checks]:
    """Opening + open orders + received - consumed - sold = closing, each part by its own table."""
    closing, sold = books.closing, np.zeros(books.closing.shape)
    np.add.at(sold, books.stream_site, books.answered("demand", "delivered_units", books.streams))
    used = _used(books)
    opening = np.nan_to_num(books.said("stock", "opening_units", books.sites))
    before = np.column_stack([opening, closing[:, :-1]])
    orders = np.nan_to_num(books.asked("open_orders", "open_units", books.sites))
    expected = before + orders + books.arrivals() - used - sold
    yield books.checks(books.sites, np.abs(closing - expected), np.abs(expected) + sold + used)
    yield books.checks(books.sites, np.maximum(-closing, 0.0), words="is negative")


def _used(books: Books) -> Floats:
    """Units that releases take, item-site x period; a move takes its own item at the site it leaves."""
    named, changes = (_components(books, table) for table in ("source_inputs", "source_input_periods"))
    keys = named.append(changes).drop_duplicates()
    units, used = np.zeros((len(keys), len(books.periods))), np.zeros(books.closing.shape)
    if len(keys):
        always, own = books.case["source_inputs"], books.case["source_input_periods"]
        units[keys.get_indexer(named)] = always["units_per_unit"].to_numpy(dtype=float)[:, None]
        period = books.periods.get_indexer(pd.Index(own["period"], dtype=object))
        units[keys.get_indexer(changes), period] = own["units_per_unit"].to_numpy(dtype=float)
        source = books.sources.get_indexer(keys.get_level_values("source_id"))
        np.add.at(used, books.sites.get_indexer(keys.droplevel("source_id")), units * books.released[source])
    sources = books.case["sources"]
    moves = np.flatnonzero((sources["source_type"] == "move").to_numpy())
    left = sources.iloc[moves][["item_id", "from_site_id"]].astype(str)
    place = books.sites.get_indexer(pd.MultiIndex.from_frame(left))
    np.add.at(used, place, books.released[moves])
    return used


def _components(books: Books, table: str) -> pd.MultiIndex:
    """Source, item and site of a table of components; where no site is named, it is the source's."""
    told, sources = books.case[table], books.case["sources"]
    site_of = dict(zip(sources["source_id"], sources["site_id"], strict=True))
    site = told["site_id"].where(told["site_id"] != "", told["source_id"].map(site_of))
    parts = [told["source_id"].astype(str), told["item_id"].astype(str), site.astype(str)]
    return pd.MultiIndex.from_arrays(parts, names=["source_id", *ITEM_SITE])


def demand_balance(books: Books) -> Iterator[Checks]:
    """Delivered + owed + lost = demand + owed before; nobody waits or is lost where the case says no."""
    streams, demand = books.streams, books.case["demand"]
    delivered, backlog, lost, asked = (
        books.answered("demand", column, streams)
        for column in ("delivered_units", "backlog_units", "lost_units", "demand_units")
    )
    before = np.column_stack([_owed_at_start(books, asked), backlog[:, :-1]])
    wanted = asked + before
    yield books.checks(streams, np.abs(delivered + backlog + lost - wanted), wanted)
    said = np.nan_to_num(books.asked("demand", "demand_units", streams))
    yield books.checks(streams, np.abs(asked - said), asked, "demand")
    steady, served = (
        _streams_without(books, demand[demand[column].notna()])
        for column in ("backlog_cost_per_unit", "lost_sale_cost_per_unit")
    )
    yield books.checks(streams[steady], backlog[steady], words="waits")
    most = books.case.number("ending_backlog_maximum_units")
    owed = np.maximum(backlog[:, -1] - most, 0.0)
    yield checks_of(streams, owed, np.full(len(streams), most), "owed at the end")
    if books.case.objective == "cost":
        yield books.checks(streams[served], lost[served], words="lost")


def _streams_without(books: Books, demand: pd.DataFrame) -> Integers:
    """Places of the streams that rows of demand do not name."""
    keys = pd.MultiIndex.from_frame(demand[list(map(str, books.streams.names))].astype(str))
    return np.flatnonzero(~books.streams.isin(keys))


def _owed_at_start(books: Books, asked: Floats) -> Floats:
    """What is owed before the first period, by stream: an item-site's, shared by demand."""
    site, own = books.stream_site, asked.sum(axis=1)
    owed = np.nan_to_num(books.said("stock", "opening_backlog_units", books.sites))
    whole, channels = np.zeros(len(books.sites)), np.bincount(site, minlength=len(books.sites))
    np.add.at(whole, site, own)
    share = np.where(whole[site] > 0, own / np.where(whole[site] > 0, whole[site], 1.0), 1.0 / channels[site])
    return owed[site] * share


def stock_limits(books: Books) -> Iterator[Checks]:
    """Stock within its least and most, in every period and at the end."""
    least, most = (
        books.said_by_period("stock_periods", "stock", column, books.sites)
        for column in ("minimum_units", "maximum_units")
    )
    least[:, -1] = np.fmax(least[:, -1], books.said("stock", "ending_minimum_units", books.sites))
    most[:, -1] = np.fmin(most[:, -1], books.said("stock", "ending_maximum_units", books.sites))
    yield books.checks(books.sites, under(books.closing, least), np.nan_to_num(least), "below its least")
    has_most = np.flatnonzero(np.isfinite(most).any(axis=1))
    most, closing = most[has_most], books.closing[has_most]
    yield books.checks(books.sites[has_most], over(closing, most), closing, "above its most")


def shared_space(books: Books) -> Iterator[Checks]:
    """What stands in a space fits."""
    told, uses = books.case["spaces"], books.case["space_uses"]
    spaces = pd.Index(sorted(set(told["space_id"])), name="space_id", dtype=object)
    always = told[told["period"] == ""].set_index("space_id")["maximum_space"].reindex(spaces)
    most = books.asked("spaces", "maximum_space", spaces)
    most = np.where(np.isnan(most), always.to_numpy(dtype=float)[:, None], most)
    taken = np.zeros(most.shape)
    space = np.asarray(spaces.get_indexer(pd.Index(uses["space_id"])), dtype=np.int64)
    keys = pd.MultiIndex.from_frame(uses[ITEM_SITE].astype(str))
    site = np.asarray(books.sites.get_indexer(keys), dtype=np.int64)
    stands = uses["space_per_unit"].to_numpy(dtype=float)[:, None] * books.closing[site]
    np.add.at(taken, space[space >= 0], stands[space >= 0])
    yield books.checks(spaces, over(taken, most), taken)


def source_limits(books: Books) -> Iterator[Checks]:
    """Releases within their least and most, in whole lots, and only where set up."""
    sources, released = books.case["sources"], books.released
    least, most = (
        books.said_by_period("source_periods", "sources", column, books.sources)
        for column in ("minimum_units", "maximum_units")
    )
    own = sources["setup_id"].astype(str).to_numpy(dtype=object)
    setup = pd.Index(
        np.where(own == "", sources["source_id"].astype(str), own), name="setup_id", dtype=object
    )
    runs = _set_up(books, setup)
    yield books.checks(books.sources, over(released, most), released, "above its most")
    alone = np.flatnonzero(own == "")
    yield books.checks(
        books.sources[alone], under(released, least * runs)[alone], least[alone], "below its least"
    )
    yield books.checks(books.sources, np.where(runs < 0.5, released, 0.0), words="runs without setup")
    lot = sources["lot_units"].to_numpy(dtype=float)
    in_lots = np.flatnonzero(lot > 0)
    lots = released[in_lots] / lot[in_lots, None]
    off = np.abs(lots - np.rint(lots)) * lot[in_lots, None]
    yield books.checks(books.sources[in_lots], off, released[in_lots], "is no whole number of lots")
    if books.case.has_whole_units:
        off = np.abs(released - np.rint(released))
        yield books.checks(books.sources, off, words="is no whole number")
    yield from _shared_setups(books, setup)


def _set_up(books: Books, setups: pd.Index) -> Floats:
    """Whether it is set up, setup x period; what needs no setup is."""
    known = setups.drop_duplicates()
    told = books.answered("setups", "is_set_up", known)[known.get_indexer(setups)]
    return np.where(np.isnan(told), 1.0, told)


def _shared_setups(books: Books, setup_of_source: pd.Index) -> Iterator[Checks]:
    setups = pd.Index(books.case["setups"]["setup_id"], name="setup_id", dtype=object)
    place = np.asarray(setups.get_indexer(setup_of_source), dtype=np.int64)
    together = np.zeros((len(setups), len(books.periods)))
    np.add.at(together, place[place >= 0], books.released[place >= 0])
    least, most = (
        books.said("setups", column, setups)[:, None] for column in ("minimum_units", "maximum_units")
    )
    runs = _set_up(books, setups)
    yield books.checks(setups, under(together, least * runs), least, "below its least")
    yield books.checks(setups, over(together, most), together, "above its most")


def sourcing_shares(books: Books) -> Iterator[Checks]:
    """Over the horizon every source keeps its share of what its item-site is supplied with."""
    sources = books.case["sources"]
    good = sources["yield_ratio"].to_numpy(dtype=float) * books.released.sum(axis=1)
    supplied = np.zeros(len(books.sites))
    np.add.at(supplied, books.output, good)
    total = supplied[books.output]
    least, most = (
        sources[column].to_numpy(dtype=float) * total
        for column in ("minimum_share_ratio", "maximum_share_ratio")
    )
    yield checks_of(books.sources, under(good, least), total, "least share")
    yield checks_of(books.sources, over(good, most), total, "most share")


def capacity(books: Books) -> Iterator[Checks]:
    """Hours taken by releases and setups fit into regular hours, people's hours and overtime, less stoppages."""
    names = sorted({*books.answer["resources"]["resource_id"].astype(str)})
    resources = pd.Index(names, name="resource_id", dtype=object)
    overtime, heads = (
        books.answered(table, column, resources)
        for table, column in (("resources", "overtime_hours"), ("labour", "heads"))
    )
    given = books.said_by_period("capacity", "resources", "regular_hours", resources)
    has_people = ~np.isnan(heads)
    is_open = resources.isin(books.case["resources"]["resource_id"])[:, None] & ~has_people
    given = np.where(np.isnan(given), np.where(is_open, np.inf, 0.0), given)
    lost = np.nan_to_num(books.asked("capacity", "maintenance_hours", resources))
    given = np.maximum(given - lost, 0.0)
    most = np.nan_to_num(
        books.said_by_period("capacity", "resources", "overtime_maximum_hours", resources), posinf=np.inf
    )
    hours, extra = (
        np.nan_to_num(books.said_by_period("labour_periods", "labour", column, resources))
        for column in ("hours_per_head", "overtime_hours_per_head")
    )
    people = np.nan_to_num(heads)
    given, most = given + people * hours - _stopped_hours(books, resources), most + people * extra
    taken = _taken_hours(books, resources)
    missing = np.where(np.isfinite(given), np.maximum(taken - given - overtime, 0.0), 0.0)
    yield books.checks(resources, missing, np.where(np.isfinite(given), given, 0.0))
    yield books.checks(resources, over(overtime, most), overtime, "overtime")


def _taken_hours(books: Books, resources: pd.Index) -> Floats:
    loads, sources = books.case["source_loads"], books.case["sources"]
    source = np.asarray(books.sources.get_indexer(pd.Index(loads["source_id"])), dtype=np.int64)
    own = sources["setup_id"].astype(str).to_numpy(dtype=object)
    setup = pd.Index(
        np.where(own == "", sources["source_id"].astype(str), own), name="setup_id", dtype=object
    )
    known = setup.drop_duplicates()
    runs = np.nan_to_num(books.answered("setups", "is_set_up", known))[known.get_indexer(setup)]
    per_unit, per_setup = (
        loads[column].to_numpy(dtype=float)[:, None] for column in ("hours_per_unit", "setup_hours")
    )
    taken = np.zeros((len(resources), len(books.periods)))
    place = resources.get_indexer(pd.Index(loads["resource_id"]))
    np.add.at(taken, place, per_unit * books.released[source] + per_setup * runs[source])
    return taken


def _stopped_hours(books: Books, resources: pd.Index) -> Floats:
    told, stopped = books.case["maintenance"], np.zeros((len(resources), len(books.periods)))
    stoppages = pd.Index(told["maintenance_id"], name="maintenance_id", dtype=object)
    hours = told["hours_per_stoppage"].to_numpy(dtype=float)[:, None]
    placed = books.answered("maintenance", "stoppages", stoppages)
    place = np.asarray(resources.get_indexer(pd.Index(told["resource_id"])), dtype=np.int64)
    np.add.at(stopped, place[place >= 0], (hours * placed)[place >= 0])
    return stopped


def headcount(books: Books) -> Iterator[Checks]:
    """Heads = heads before + hired - laid off, within their limits."""
    resources = pd.Index(books.case["labour"]["resource_id"], name="resource_id", dtype=object)
    heads, hired, left = (
        books.answered("labour", column, resources) for column in ("heads", "hired", "laid_off")
    )
    before = np.column_stack([books.said("labour", "opening_heads", resources), heads[:, :-1]])
    least, most = (
        books.said_by_period("labour_periods", "labour", column, resources)
        for column in ("minimum_heads", "maximum_heads")
    )
    yield books.checks(resources, np.abs(heads - before - hired + left), before)
    yield books.checks(resources, under(heads, least), np.nan_to_num(least), "too few")
    yield books.checks(resources, over(heads, most), heads, "too many")


def stoppages(books: Books) -> Iterator[Checks]:
    """Every stoppage is placed, within its window, whole."""
    told, months = books.case["maintenance"], np.arange(len(books.periods))
    names = pd.Index(told["maintenance_id"], name="maintenance_id", dtype=object)
    placed = books.answered("maintenance", "stoppages", names)
    first, last = (
        _window(books, told["first_period"], 0),
        _window(books, told["last_period"], len(months) - 1),
    )
    inside = (months >= first[:, None]) & (months <= last[:, None])
    asked = told["stoppages"].to_numpy(dtype=float)
    within = np.where(inside, placed, 0.0).sum(axis=1)
    nothing = np.zeros(len(names))
    yield checks_of(names, np.abs(within - asked), asked, "")
    yield checks_of(names, np.where(inside, 0.0, placed).sum(axis=1), nothing, "outside")
    yield checks_of(names, np.abs(placed - np.rint(placed)).max(axis=1, initial=0.0), nothing, "in parts")


def _window(books: Books, told: pd.Series[str], otherwise: int) -> Integers:
    place = np.asarray(books.periods.get_indexer(pd.Index(told.astype(str), dtype=object)), dtype=np.int64)
    return np.where(place < 0, otherwise, place)


def shelf_life(books: Books) -> Iterator[Checks]:
    """Stock leaves within its shelf life."""
    life = np.trunc(books.said("stock", "shelf_life_periods", books.sites))
    consumed, sold = (
        books.answered("stock", column, books.sites) for column in ("consumed_units", "sold_units")
    )
    leaves = np.cumsum(consumed + sold, axis=1)
    for keeps in np.unique(life[np.isfinite(life)]).astype(int).tolist():
        chosen = np.flatnonzero(life == keeps)
        checked = max(leaves.shape[1] - keeps, 0)
        held = books.closing[chosen]
        off = np.zeros(held.shape)
        out = leaves[chosen, keeps:] - leaves[chosen, :checked]
        off[:, :checked] = np.maximum(held[:, :checked] - out, 0.0)
        yield books.checks(books.sites[chosen], off, held)


def cost_terms(books: Books) -> Iterator[Checks]:
    """The cost terms add up to the objective (for margin: less the revenue)."""
    total = float(books.answer["costs"]["amount"].sum())
    if books.case.objective == "margin":
        total = float(books.answer["demand"]["revenue"].sum()) - total
    value = np.array([books.objective_value])
    yield Checks(np.abs(total - value), value, lambda _: "sum of the cost terms")


LAWS: dict[str, Callable[[Books], Iterator[Checks]]] = {
    "stock_balance": stock_balance,
    "demand_balance": demand_balance,
    "stock_limits": stock_limits,
    "shared_space": shared_space,
    "source_limits": source_limits,
    "sourcing_shares": sourcing_shares,
    "capacity": capacity,
    "headcount": headcount,
    "stoppages": stoppages,
    "shelf_life": shelf_life,
    "made_to_order": made_to_order,
    "fair_shares": fair_shares,
    "cost_terms": cost_terms,
}
