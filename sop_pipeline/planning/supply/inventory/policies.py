"""Policy of every item-site: its classes, the service it is stocked for, and what people have set by hand.

What people enter for an item-site wins over the target of its family, that over the target of all families, and that over
the parameter of the company; each row says which one holds. Add here: a rule by which a policy is chosen. Keep out: the
stock that follows from it (`safety_stock`).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sop_pipeline.planning.supply.inputs import SupplyInputError, SupplyInputs, company_parameter
from sop_pipeline.planning.supply.network import ITEM_SITE, STREAM, Floats, Network, floats
from sop_pipeline.planning.supply.rough_cut import components_of, explosion_order

EVERY_FAMILY = "all"
LOWEST_CLASS = "C"
XYZ = ("X", "Y", "Z")
RARE_CLASSES = ("intermittent", "lumpy")
RARE_RATIO = 0.5
"""An item-site is stocked for rare demand where at least this share of what it must give is rare."""
SMALLEST_SERVICE_RATIO, LARGEST_SERVICE_RATIO = 0.5, 0.9999


def choose_policies(
    network: Network,
    inputs: SupplyInputs,
    demand_classes: pd.DataFrame,
    service_targets: pd.DataFrame,
    inventory_policies: pd.DataFrame,
) -> pd.DataFrame:
    """One row per item-site of the network: abc_class, xyz_class, class_basis, cycle_service_ratio, fill_ratio (empty where
    the cycle service sets the stock), service_basis, is_rare, set_units (empty where nobody set the safety stock), owner.

    Raises SupplyInputError with every target that cannot be met and every row that is entered twice.
    """
    _check(service_targets, inventory_policies)
    policies = network.item_sites.copy()
    policies["abc_class"] = _abc(network, demand_classes)
    policies["xyz_class"], policies["is_rare"] = _xyz_and_rarity(network, demand_classes)
    family = policies["item_id"].map(inputs.items.set_index("item_id")["family_id"])
    by_family = service_targets.set_index("family_id")
    parameter = company_parameter(inputs.parameters, "cycle_service_ratio")
    levels = (
        ("family", by_family.reindex(family)),
        ("all_families", by_family.reindex([EVERY_FAMILY] * len(family))),
    )
    entered = inventory_policies.set_index(ITEM_SITE).reindex(pd.MultiIndex.from_frame(network.item_sites))
    policies["cycle_service_ratio"], policies["fill_ratio"], policies["service_basis"] = (
        np.nan,
        np.nan,
        "parameter",
    )
    for basis, rows in (*reversed(levels), ("item_site", entered)):
        service, fill = _column(rows, "cycle_service_ratio"), _column(rows, "fill_ratio")
        speaks = np.isfinite(service) | np.isfinite(fill)
        policies.loc[speaks, "cycle_service_ratio"] = service[speaks]
        policies.loc[speaks, "fill_ratio"] = fill[speaks]
        policies.loc[speaks, "service_basis"] = basis
    policies["cycle_service_ratio"] = policies["cycle_service_ratio"].where(
        policies["cycle_service_ratio"].notna() | policies["fill_ratio"].notna(), parameter
    )
    policies["class_basis"] = "measured"
    for column in ("abc_class", "xyz_class"):
        by_hand = entered[column].notna().to_numpy()
        policies.loc[by_hand, column] = entered[column].to_numpy()[by_hand]
        policies.loc[by_hand, "class_basis"] = "people"
    policies["set_units"] = _column(entered, "safety_stock_units")
    policies["owner"] = entered["owner"].to_numpy()
    return policies


def _column(rows: pd.DataFrame, name: str) -> Floats:
    """A column that a planner may have left out, as numbers."""
    if name not in rows.columns:
        return np.full(len(rows), np.nan)
    return floats(rows[name].astype(float))


def _check(service_targets: pd.DataFrame, inventory_policies: pd.DataFrame) -> None:
    problems: list[str] = []
    tables: Mapping[str, tuple[pd.DataFrame, list[str]]] = {
        "planner.service_targets": (service_targets, ["family_id"]),
        "planner.inventory_policies": (inventory_policies, ITEM_SITE),
    }
    for table, (frame, key) in tables.items():
        names = frame[key].astype(str).agg("@".join, axis=1) if len(frame) else pd.Series(dtype=str)
        service, fill = _column(frame, "cycle_service_ratio"), _column(frame, "fill_ratio")
        units = _column(frame, "safety_stock_units")
        faults = (
            (
                np.isfinite(service)
                & ~((service >= SMALLEST_SERVICE_RATIO) & (service <= LARGEST_SERVICE_RATIO)),
                f"with a cycle_service_ratio outside {SMALLEST_SERVICE_RATIO} to {LARGEST_SERVICE_RATIO}",
            ),
            (
                np.isfinite(fill) & ~((fill >= 0) & (fill <= LARGEST_SERVICE_RATIO)),
                f"with a fill_ratio outside 0 to {LARGEST_SERVICE_RATIO}",
            ),
            (units < 0, "with negative safety_stock_units"),
            (names.duplicated(keep=False).to_numpy(), f"repeat {' and '.join(key)}"),
        )
        problems += [
            f"{table}: {int(bad.sum())} row(s) {what}, e.g. {', '.join(sorted(set(names[bad]))[:5])}"
            for bad, what in faults
            if bad.any()
        ]
    if problems:
        raise SupplyInputError(
            "\n * ".join(["Safety stocks cannot be set:", *problems, "Correct the planner's input."])
        )


def _of_streams(network: Network, demand_classes: pd.DataFrame, column: str) -> pd.Series:
    by_stream = demand_classes.drop_duplicates(STREAM).set_index(STREAM)[column]
    return by_stream.reindex(pd.MultiIndex.from_frame(network.streams[STREAM]))


def _abc(network: Network, demand_classes: pd.DataFrame) -> list[str]:
    """Best class of the item-site's own series and of everything that it goes into."""
    own = _of_streams(network, demand_classes, "abc_class").fillna(LOWEST_CLASS)
    best = [LOWEST_CLASS] * len(network.item_sites)
    for item_site, letter in zip(network.stream_item_site.tolist(), own.astype(str), strict=True):
        best[item_site] = min(best[item_site], letter)
    components = components_of(network.flows)
    for item_site in explosion_order(network):
        source = int(network.flows.default[item_site])
        for component, _ in components[source] if source >= 0 else []:
            best[component] = min(best[component], best[item_site])
    return best


def _xyz_and_rarity(network: Network, demand_classes: pd.DataFrame) -> tuple[list[str], NDArray[np.bool_]]:
    """Class of most of what an item-site must give, and whether most of it is rare; Z where nothing is known."""
    units = network.demand.sum(axis=1)
    letters = _of_streams(network, demand_classes, "xyz_class").fillna("Z").astype(str).to_numpy()
    rare = _of_streams(network, demand_classes, "demand_class").isin(RARE_CLASSES).to_numpy()
    by_class = np.zeros((len(network.item_sites), len(XYZ) + 1))  # X, Y, Z, and of these rare
    for place, letter in enumerate(XYZ):
        np.add.at(by_class[:, place], network.stream_item_site, units * (letters == letter))
    np.add.at(by_class[:, len(XYZ)], network.stream_item_site, units * rare)
    components = components_of(network.flows)
    for item_site in explosion_order(network):
        source = int(network.flows.default[item_site])
        for component, each in components[source] if source >= 0 else []:
            by_class[component] += each / network.flows.yields[source] * by_class[item_site]
    total = by_class[:, : len(XYZ)].sum(axis=1)
    largest = np.where(total > 0, by_class[:, : len(XYZ)].argmax(axis=1), len(XYZ) - 1)
    is_rare = (total > 0) & (by_class[:, len(XYZ)] >= RARE_RATIO * total)
    return [XYZ[place] for place in largest.tolist()], is_rare
