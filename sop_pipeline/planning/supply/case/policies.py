"""What a case switches on by its data: people, setups, lots, shares of sources, shared room, stoppages.

Where nobody says anything the policy is absent. Add here: how another policy becomes arrays of the network. Keep out: laws (each has its own
block), what every case has (`problem`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.case.places import Places
from sop_pipeline.planning.supply.case.reading import CaseTables
from sop_pipeline.planning.supply.case.useful import largest_useful_release
from sop_pipeline.planning.supply.network import (
    ITEM_SITE,
    Integers,
    Labour,
    Lots,
    Maintenance,
    Network,
    Setups,
    Shares,
    Space,
    floats,
)


def needs_setup(case: CaseTables, sources: pd.DataFrame) -> pd.Series[Any]:
    """Sources that cost, take hours or ask for a smallest run of their own when they run, or share a setup."""
    dear = case["source_periods"].loc[case["source_periods"]["setup_cost"] > 0, "source_id"]
    long = case["source_loads"].loc[case["source_loads"]["setup_hours"] > 0, "source_id"]
    own = (sources["setup_cost"] > 0) | sources["source_id"].isin({*dear, *long})
    return own | (sources["setup_id"] != "")


def labour_of(case: CaseTables, place: Places) -> Labour | None:
    people = case["labour"].sort_values("resource_id").reset_index(drop=True)
    if people.empty:
        return None
    index = pd.Index(people["resource_id"], dtype=object)
    by_period = {
        column: place.by_period(
            case["labour_periods"], column, index, ["resource_id"], floats(people[column])
        )
        for column in (
            "hours_per_head",
            "wage_per_head",
            "overtime_hours_per_head",
            "minimum_heads",
            "maximum_heads",
        )
    }
    return Labour(
        resource=place.positions(place.resource_index, people, ["resource_id"]),
        opening_heads=floats(people["opening_heads"]),
        hire_cost=floats(people["hire_cost_per_head"]),
        layoff_cost=floats(people["layoff_cost_per_head"]),
        **by_period,
    )


def lots_of(case: CaseTables) -> Lots | None:
    sources = case["sources"].sort_values("source_id").reset_index(drop=True)
    chosen = np.flatnonzero(sources["lot_units"] > 0)
    return Lots(chosen, floats(sources["lot_units"])[chosen]) if len(chosen) else None


def item_sites_that_say(case: CaseTables, place: Places, column: str, value: str) -> Integers | None:
    said = case["stock"][case["stock"][column] == value]
    return np.unique(place.positions(place.site_index, said, ITEM_SITE)) if len(said) else None


def shares_of(case: CaseTables) -> Shares | None:
    sources = case["sources"].sort_values("source_id").reset_index(drop=True)
    least, most = floats(sources["minimum_share_ratio"]), floats(sources["maximum_share_ratio"])
    chosen = np.flatnonzero((least > 0) | (most < 1))
    return Shares(chosen, least[chosen], most[chosen]) if len(chosen) else None


def space_of(case: CaseTables, place: Places) -> Space | None:
    declared, uses = case["spaces"], case["space_uses"].sort_values(["space_id", *ITEM_SITE])
    if declared.empty:
        return None
    names = sorted(set(declared["space_id"]))
    index = pd.Index(names, dtype=object)
    always = declared[declared["period"] == ""].set_index("space_id")["maximum_space"].astype(float)
    limits = place.by_period(
        declared, "maximum_space", index, ["space_id"], floats(always.reindex(index).fillna(np.inf))
    )
    return Space(
        names=[str(name) for name in names],
        maximum=limits,
        space=place.positions(index, uses, ["space_id"]),
        item_site=place.positions(place.site_index, uses, ITEM_SITE),
        space_per_unit=floats(uses["space_per_unit"]),
    )


def maintenance_of(case: CaseTables, place: Places) -> Maintenance | None:
    rows = case["maintenance"].sort_values("maintenance_id").reset_index(drop=True)
    if rows.empty:
        return None
    first = place.periods.get_indexer(pd.Index(rows["first_period"]))
    last = place.periods.get_indexer(pd.Index(rows["last_period"]))
    return Maintenance(
        names=[str(name) for name in rows["maintenance_id"]],
        resource=place.positions(place.resource_index, rows, ["resource_id"]),
        hours=floats(rows["hours_per_stoppage"]),
        stoppages=floats(rows["stoppages"]),
        maximum_per_month=np.minimum(floats(rows["maximum_per_period"]), floats(rows["stoppages"])),
        first=np.where(first < 0, 0, first).astype(np.int64),
        last=np.where(last < 0, len(place.periods) - 1, last).astype(np.int64),
    )


def setups_of(case: CaseTables, place: Places, network: Network) -> Setups | None:
    sources = place.sources
    needs = np.flatnonzero(needs_setup(case, sources))
    if not len(needs):
        return None
    own = sources["setup_id"].where(sources["setup_id"] != "", sources["source_id"])
    names = sorted(set(own.iloc[needs]))
    index = pd.Index(names, dtype=object)
    of = np.asarray(index.get_indexer(pd.Index(own.iloc[needs])), dtype=np.int64)
    shared = case["setups"].set_index("setup_id").reindex(index)
    shape = (len(names), len(place.periods))
    cost = np.repeat(floats(shared["setup_cost"].astype(float).fillna(0.0))[:, None], shape[1], axis=1)
    least = np.repeat(floats(shared["minimum_units"].astype(float).fillna(0.0))[:, None], shape[1], axis=1)
    most = np.repeat(floats(shared["maximum_units"].astype(float).fillna(np.inf))[:, None], shape[1], axis=1)
    by_period = {
        column: place.by_period(
            case["source_periods"], column, place.source_index, ["source_id"], floats(sources[column])
        )
        for column in ("setup_cost", "minimum_units")
    }
    np.add.at(cost, of, by_period["setup_cost"][needs])
    np.add.at(least, of, by_period["minimum_units"][needs])
    useful = np.zeros(shape)
    lot = floats(sources["lot_units"])[needs][:, None]
    largest = largest_useful_release(network)[needs]
    whole_lots = np.ceil(largest / np.where(lot > 0, lot, 1.0) - 1e-9) * lot
    np.add.at(useful, of, np.where(lot > 0, whole_lots, largest))
    loads = case["source_loads"]
    loads = loads[(loads["setup_hours"] > 0) & loads["source_id"].isin(sources["source_id"].iloc[needs])]
    setup_of_source = dict(zip(sources["source_id"].iloc[needs], of.tolist(), strict=True))
    return Setups(
        names=[str(name) for name in names],
        source=needs.astype(np.int64),
        setup=of,
        cost=cost,
        minimum_units=least,
        maximum_units=np.minimum(most, np.maximum(useful, least)),
        hours_setup=np.array([setup_of_source[name] for name in loads["source_id"]], dtype=np.int64),
        hours_resource=place.positions(place.resource_index, loads, ["resource_id"]),
        hours=floats(loads["setup_hours"]),
        maximum_count=floats(shared["maximum_setups"].astype(float).fillna(np.inf)),
    )
