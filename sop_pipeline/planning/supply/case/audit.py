"""Audit of a solved case: every law recomputed from the case's own tables and the answer's, without network or model.

Add here: a law as a function that yields distances, and its name in `LAWS`. Keep out: repairs; evidence of optimality
(`certificate`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.arrivals import arrival_shares
from sop_pipeline.planning.supply.case.policy_laws import fair_shares, made_to_order
from sop_pipeline.planning.supply.case.reading import CaseTables

TOLERANCE_RATIO = 1e-6
Key = tuple[str, ...]


@dataclass
class Books:
    """The case and its answer, looked up by key and period."""

    case: CaseTables
    answer: dict[str, pd.DataFrame]
    objective_value: float
    quantities: dict[tuple[str, str], dict[Key, float]] = field(default_factory=dict)

    def of(self, table: str, column: str, *keys: str) -> dict[Key, float]:
        """A column of the answer by its keys."""
        if (table, column) not in self.quantities:
            frame = self.answer.get(table, pd.DataFrame(columns=[*keys, column]))
            parts = [frame[key].astype(str) for key in keys]
            named = zip(*parts, strict=True) if len(frame) else iter(())
            self.quantities[table, column] = dict(zip(named, frame[column].astype(float), strict=True))
        return self.quantities[table, column]

    def said(self, by_period: str, table: str, column: str, key: Key, period: str) -> float:
        """A value of the case: the period's own, else the object's; NaN where neither says anything."""
        for name, asked in ((by_period, (*key, period)), (table, key)):
            value = self._cells(name, column).get(asked, np.nan)
            if not np.isnan(value):
                return value
        return float("nan")

    def _cells(self, table: str, column: str) -> dict[Key, float]:
        name = (f"case.{table}", column)
        if name not in self.quantities:
            frame = self.case[table]
            keys = [key for key in frame.columns if key.endswith("_id") or key == "period"]
            keys = [key for key in keys if key in CASE_KEYS[table]]
            cells = frame[column].astype(float) if column in frame else pd.Series(dtype=float)
            parts = [frame[key].astype(str) for key in keys]
            self.quantities[name] = (
                dict(zip(zip(*parts, strict=True), cells, strict=True)) if len(cells) else {}
            )
        return self.quantities[name]

    def released(self) -> dict[Key, float]:
        return self.of("plan", "released_units", "source_id", "period")

    def sites(self) -> list[Key]:
        stock = self.answer["stock"][["item_id", "site_id"]].drop_duplicates()
        return [(str(item), str(site)) for item, site in stock.itertuples(index=False)]


def _rows(frame: pd.DataFrame) -> Iterator[Any]:
    """Rows by column name."""
    yield from frame.itertuples(index=False)


CASE_KEYS = {
    "stock": ("item_id", "site_id"),
    "stock_periods": ("item_id", "site_id", "period"),
    "sources": ("source_id",),
    "source_periods": ("source_id", "period"),
    "resources": ("resource_id",),
    "capacity": ("resource_id", "period"),
    "labour": ("resource_id",),
    "labour_periods": ("resource_id", "period"),
    "demand": ("item_id", "site_id", "channel_id", "period"),
    "open_orders": ("item_id", "site_id", "period"),
}
Distance = tuple[str, float, float]  # what, distance from the law, size that it is compared with


def audit_case(case: CaseTables, answer: dict[str, pd.DataFrame], objective_value: float) -> pd.DataFrame:
    """One row per law: rows checked, violations, the largest distance and the first violating row."""
    books = Books(case, answer, objective_value)
    rows = []
    for law, check in LAWS.items():
        found = list(check(books))
        bad = [
            (what, distance)
            for what, distance, size in found
            if not distance <= TOLERANCE_RATIO * (1 + abs(size))
        ]
        rows.append(
            {
                "law": law,
                "checked_rows": len(found),
                "violations": len(bad),
                "largest_violation": max((distance for _, distance in bad), default=0.0),
                "example": bad[0][0] if bad else "",
            }
        )
    return pd.DataFrame(rows)


def stock_balance(books: Books) -> Iterator[Distance]:
    """Opening + open orders + received - consumed - sold = closing, each part by its own table."""
    periods = books.case.periods
    closing = books.of("stock", "closing_units", "item_id", "site_id", "period")
    received, used = _received(books), _used(books)
    sold: dict[Key, float] = defaultdict(float)
    for (item, site, _, period), units in books.of(
        "demand", "delivered_units", "item_id", "site_id", "channel_id", "period"
    ).items():
        sold[item, site, period] += units
    for item, site in books.sites():
        before = books.said("stock_periods", "stock", "opening_units", (item, site), "")
        before = 0.0 if np.isnan(before) else before
        for period in periods:
            at = (item, site, period)
            arrives = books._cells("open_orders", "open_units").get(at, 0.0)
            expected = before + arrives + received[at] - used[at] - sold[at]
            yield (
                f"{item} / {site} / {period}",
                abs(closing[at] - expected),
                abs(expected) + sold[at] + used[at],
            )
            yield f"{item} / {site} / {period} is negative", max(-closing[at], 0.0), 0.0
            before = closing[at]


def _received(books: Books) -> dict[Key, float]:
    periods, released = books.case.periods, books.released()
    total: dict[Key, float] = defaultdict(float)
    for row in _rows(books.case["sources"]):
        for place, period in enumerate(periods):
            units = released[row.source_id, period] * row.yield_ratio
            for delay, share in arrival_shares(float(row.lead_time_periods)) if units else ():
                if place + delay < len(periods):
                    total[row.item_id, row.site_id, periods[place + delay]] += units * share
    return total


def _used(books: Books) -> dict[Key, float]:
    released, sources = books.released(), books.case["sources"].set_index("source_id")
    total: dict[Key, float] = defaultdict(float)
    units: dict[tuple[str, str, str, str], float] = {}
    for row in _rows(books.case["source_inputs"]):
        site = row.site_id or str(sources.loc[row.source_id, "site_id"])
        for period in books.case.periods:
            units[row.source_id, row.item_id, site, period] = row.units_per_unit
    for row in _rows(books.case["source_input_periods"]):
        site = row.site_id or str(sources.loc[row.source_id, "site_id"])
        units[row.source_id, row.item_id, site, row.period] = row.units_per_unit
    for (source, item, site, period), each in units.items():
        total[item, site, period] += each * released[source, period]
    for row in _rows(books.case["sources"]):
        if row.source_type == "move":
            for period in books.case.periods:
                total[row.item_id, row.from_site_id, period] += released[row.source_id, period]
    return total


def demand_balance(books: Books) -> Iterator[Distance]:
    """Delivered + owed + lost = demand + owed before; nobody waits or is lost where the case says no."""
    keys = ("item_id", "site_id", "channel_id", "period")
    delivered, backlog, lost, asked = (
        books.of("demand", column, *keys)
        for column in ("delivered_units", "backlog_units", "lost_units", "demand_units")
    )
    demand = books.case["demand"].set_index(list(keys))
    streams = dict.fromkeys(key[:3] for key in delivered)
    waits = {key[:3] for key in demand.index[demand["backlog_cost_per_unit"].notna()]}
    loses = {key[:3] for key in demand.index[demand["lost_sale_cost_per_unit"].notna()]}
    said = demand["demand_units"].to_dict()
    owed_sites = _owed_at_start(books, list(streams))
    for stream in streams:
        before = owed_sites[stream]
        for place, period in enumerate(books.case.periods):
            at = (*stream, period)
            name = " / ".join(at)
            wanted = asked[at] + before
            yield name, abs(delivered[at] + backlog[at] + lost[at] - wanted), wanted
            yield f"{name} demand", abs(asked[at] - said.get(at, 0.0)), asked[at]
            if stream not in waits:
                yield f"{name} waits", backlog[at], 0.0
            if place == len(books.case.periods) - 1:
                most = books.case.number("ending_backlog_maximum_units")
                yield f"{name} owed at the end", max(backlog[at] - most, 0.0), most
            if books.case.objective == "cost" and stream not in loses:
                yield f"{name} lost", lost[at], 0.0
            before = backlog[at]


def _owed_at_start(books: Books, streams: list[Key]) -> dict[Key, float]:
    """What is owed before the first period, by stream: an item-site's, shared by demand."""
    asked = books.of("demand", "demand_units", "item_id", "site_id", "channel_id", "period")
    total: dict[Key, float] = defaultdict(float)
    for key, units in asked.items():
        total[key[:3]] += units
    result = {}
    for stream in streams:
        owed = books.said("stock", "stock", "opening_backlog_units", stream[:2], "")
        together = [other for other in streams if other[:2] == stream[:2]]
        whole = sum(total[other] for other in together)
        share = total[stream] / whole if whole else 1.0 / len(together)
        result[stream] = 0.0 if np.isnan(owed) else owed * share
    return result


def stock_limits(books: Books) -> Iterator[Distance]:
    """Stock within its least and most, in every period and at the end."""
    closing = books.of("stock", "closing_units", "item_id", "site_id", "period")
    last = books.case.periods[-1]
    for (item, site, period), units in closing.items():
        key, name = (item, site), f"{item} / {site} / {period}"
        least = books.said("stock_periods", "stock", "minimum_units", key, period)
        most = books.said("stock_periods", "stock", "maximum_units", key, period)
        if period == last:
            at_end = books.said("stock", "stock", "ending_minimum_units", key, "")
            least = np.nanmax([least, at_end, 0.0])
            most = np.nanmin([most, books.said("stock", "stock", "ending_maximum_units", key, ""), np.inf])
        yield f"{name} below its least", max(np.nan_to_num(least) - units, 0.0), np.nan_to_num(least)
        if np.isfinite(most):
            yield f"{name} above its most", max(units - most, 0.0), most


def shared_space(books: Books) -> Iterator[Distance]:
    """What stands in a space fits."""
    closing = books.of("stock", "closing_units", "item_id", "site_id", "period")
    spaces = books.case["spaces"]
    own = {(row.space_id, row.period): row.maximum_space for row in _rows(spaces)}
    for space in sorted(set(spaces["space_id"])):
        uses = books.case["space_uses"]
        uses = uses[uses["space_id"] == space]
        for period in books.case.periods:
            most = own.get((space, period), own.get((space, ""), np.inf))
            taken = sum(row.space_per_unit * closing[row.item_id, row.site_id, period] for row in _rows(uses))
            if np.isfinite(most):
                yield f"{space} / {period}", max(taken - most, 0.0), most


def source_limits(books: Books) -> Iterator[Distance]:
    """Releases within their least and most, in whole lots, and only where set up."""
    released = books.released()
    setups = books.of("setups", "is_set_up", "setup_id", "period")
    shared = books.case["setups"].set_index("setup_id")
    together: dict[Key, float] = defaultdict(float)
    for row in _rows(books.case["sources"]):
        setup = row.setup_id or row.source_id
        for period in books.case.periods:
            units, name = released[row.source_id, period], f"{row.source_id} / {period}"
            together[setup, period] += units
            most = books.said("source_periods", "sources", "maximum_units", (row.source_id,), period)
            least = books.said("source_periods", "sources", "minimum_units", (row.source_id,), period)
            runs = setups.get((setup, period), 1.0)
            yield f"{name} above its most", max(units - most, 0.0) if np.isfinite(most) else 0.0, units
            if not row.setup_id:
                yield f"{name} below its least", max(least * runs - units, 0.0), least
            yield f"{name} runs without setup", units if runs < 0.5 else 0.0, 0.0
            if row.lot_units > 0:
                lots = units / row.lot_units
                yield f"{name} is no whole number of lots", abs(lots - round(lots)) * row.lot_units, units
            if books.case.has_whole_units:
                yield f"{name} is no whole number", abs(units - round(units)), 0.0
    for (setup, period), units in together.items():
        if setup in shared.index:
            least, most = (
                float(np.asarray(shared.loc[setup, column])) for column in ("minimum_units", "maximum_units")
            )
            runs = setups.get((setup, period), 1.0)
            yield f"{setup} / {period} below its least", max(least * runs - units, 0.0), least
            yield (
                f"{setup} / {period} above its most",
                max(units - most, 0.0) if np.isfinite(most) else 0.0,
                units,
            )


def sourcing_shares(books: Books) -> Iterator[Distance]:
    """Over the horizon every source keeps its share of what its item-site is supplied with."""
    good: dict[str, float] = {}
    released = books.released()
    sources = books.case["sources"]
    for row in _rows(sources):
        good[row.source_id] = row.yield_ratio * sum(
            released[row.source_id, period] for period in books.case.periods
        )
    for _, rows in sources.groupby(["item_id", "site_id"]):
        total = sum(good[name] for name in rows["source_id"])
        for row in _rows(rows):
            yield (
                f"{row.source_id} least share",
                max(row.minimum_share_ratio * total - good[row.source_id], 0.0),
                total,
            )
            yield (
                f"{row.source_id} most share",
                max(good[row.source_id] - row.maximum_share_ratio * total, 0.0),
                total,
            )


def capacity(books: Books) -> Iterator[Distance]:
    """Hours taken by releases and setups fit into regular hours, people's hours and overtime, less stoppages."""
    released, setups = books.released(), books.of("setups", "is_set_up", "setup_id", "period")
    heads = books.of("labour", "heads", "resource_id", "period")
    overtime = books.of("resources", "overtime_hours", "resource_id", "period")
    stopped = books.of("maintenance", "stoppages", "maintenance_id", "period")
    setup_of = {row.source_id: row.setup_id or row.source_id for row in _rows(books.case["sources"])}
    loads = books.case["source_loads"]
    named = {*books.case["resources"]["resource_id"]}
    for resource in sorted({key[0] for key in overtime}):
        taken_from = list(_rows(loads[loads["resource_id"] == resource]))
        for period in books.case.periods:
            at = (resource, period)
            taken = 0.0
            for row in taken_from:
                taken += row.hours_per_unit * released[row.source_id, period]
                taken += row.setup_hours * setups.get((setup_of[row.source_id], period), 0.0)
            given = books.said("capacity", "resources", "regular_hours", (resource,), period)
            people = at in heads
            if np.isnan(given):
                given = np.inf if resource in named and not people else 0.0
            lost = books._cells("capacity", "maintenance_hours").get(at, 0.0)
            given = max(given - lost, 0.0)
            most = np.nan_to_num(
                books.said("capacity", "resources", "overtime_maximum_hours", (resource,), period)
            )
            if people:
                hours = books.said("labour_periods", "labour", "hours_per_head", (resource,), period)
                given += heads[at] * hours
                extra = books.said("labour_periods", "labour", "overtime_hours_per_head", (resource,), period)
                most += heads[at] * np.nan_to_num(extra)
            for row in _rows(books.case["maintenance"]):
                if row.resource_id == resource:
                    given -= row.hours_per_stoppage * stopped[row.maintenance_id, period]
            name = f"{resource} / {period}"
            if np.isfinite(given):
                yield name, max(taken - given - overtime[at], 0.0), given
            yield f"{name} overtime", max(overtime[at] - most, 0.0), most


def headcount(books: Books) -> Iterator[Distance]:
    """Heads = heads before + hired - laid off, within their limits."""
    heads, hired, left = (
        books.of("labour", column, "resource_id", "period") for column in ("heads", "hired", "laid_off")
    )
    for row in _rows(books.case["labour"]):
        before = row.opening_heads
        for period in books.case.periods:
            at, name = (row.resource_id, period), f"{row.resource_id} / {period}"
            yield name, abs(heads[at] - before - hired[at] + left[at]), before
            least = books.said("labour_periods", "labour", "minimum_heads", (row.resource_id,), period)
            most = books.said("labour_periods", "labour", "maximum_heads", (row.resource_id,), period)
            yield f"{name} too few", max(least - heads[at], 0.0), least
            yield f"{name} too many", max(heads[at] - most, 0.0) if np.isfinite(most) else 0.0, heads[at]
            before = heads[at]


def stoppages(books: Books) -> Iterator[Distance]:
    """Every stoppage is placed, within its window, whole."""
    placed = books.of("maintenance", "stoppages", "maintenance_id", "period")
    periods = books.case.periods
    for row in _rows(books.case["maintenance"]):
        first = periods.index(row.first_period) if row.first_period else 0
        last = periods.index(row.last_period) if row.last_period else len(periods) - 1
        counts = [placed[row.maintenance_id, period] for period in periods]
        yield row.maintenance_id, abs(sum(counts[first : last + 1]) - row.stoppages), row.stoppages
        yield f"{row.maintenance_id} outside", sum(counts[:first]) + sum(counts[last + 1 :]), 0.0
        yield f"{row.maintenance_id} in parts", max(abs(count - round(count)) for count in counts), 0.0


def shelf_life(books: Books) -> Iterator[Distance]:
    """Stock leaves within its shelf life."""
    stock = books.answer["stock"].set_index(["item_id", "site_id", "period"])
    leaves = (stock["consumed_units"] + stock["sold_units"]).to_dict()
    closing = stock["closing_units"].to_dict()
    periods = books.case.periods
    for row in _rows(books.case["stock"]):
        if not np.isfinite(row.shelf_life_periods):
            continue
        life = int(row.shelf_life_periods)
        for place in range(len(periods) - life):
            key = (row.item_id, row.site_id)
            out = sum(leaves[*key, later] for later in periods[place + 1 : place + life + 1])
            held = closing[*key, periods[place]]
            yield f"{row.item_id} / {row.site_id} / {periods[place]}", max(held - out, 0.0), held


def cost_terms(books: Books) -> Iterator[Distance]:
    """The cost terms add up to the objective (for margin: less the revenue)."""
    total = float(books.answer["costs"]["amount"].sum())
    if books.case.objective == "margin":
        total = float(books.answer["demand"]["revenue"].sum()) - total
    yield "sum of the cost terms", abs(total - books.objective_value), books.objective_value


LAWS: dict[str, Callable[[Books], Iterator[Distance]]] = {
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
