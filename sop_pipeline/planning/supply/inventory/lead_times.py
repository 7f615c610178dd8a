"""How far the arrival of what is bought strays from the day promised, measured on receipts.

The spread is half of what lies between the tenth and the ninetieth of a hundred receipts, in standard deviations of the
normal: one in ten on either side may be as odd as it likes. What is always late by as much is no spread; it is a wrong
lead time. Add here: variability of another way of supply, once its receipts are known. Keep out: wrong lead times.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from sop_pipeline.planning.supply.network import Floats, Network

DAYS_PER_MONTH = 30.4375
RECEIPT_MONTHS = 24
MINIMUM_RECEIPTS = 8
TAIL_RATIO = 0.1
SPREAD = 2 * NormalDist().inv_cdf(1 - TAIL_RATIO)
"""Distance between the two quantiles of a normal distribution with standard deviation 1."""

SOURCE = ["supplier_id", "item_id", "site_id"]


@dataclass(frozen=True)
class LeadTimeSpreads:
    """By item-site, of its first-choice source: standard deviation in months, receipts it stands on, basis and reason."""

    deviation_months: Floats
    receipts: Floats
    basis: list[str]
    reason: list[str]


def spread_days(days: np.ndarray) -> float:
    """Robust standard deviation of days.

    >>> round(spread_days(np.arange(101.0)), 2)  # 80 days between the two quantiles
    31.21
    """
    low, high = np.quantile(days, [TAIL_RATIO, 1 - TAIL_RATIO])
    return float((high - low) / SPREAD)


def measure_lead_times(
    network: Network, receipts: pd.DataFrame, cycle_start: pd.Timestamp
) -> LeadTimeSpreads:
    """Takes table `core.fct_receipts`; receipts of the closed 24 months count.

    With fewer than 8 receipts of the item from the supplier, those of all items of the supplier count, each from its own
    middle; after these all purchases; and where there are none, or the item is made or moved, the lead time is taken as
    certain.
    """
    lateness = _lateness(receipts, cycle_start)
    own = lateness.groupby(SOURCE)["days"].apply(lambda days: (len(days), spread_days(days.to_numpy())))
    of_supplier = lateness.groupby("supplier_id")["centred"].apply(
        lambda days: (len(days), spread_days(days.to_numpy()))
    )
    everything = (len(lateness), spread_days(lateness["centred"].to_numpy())) if len(lateness) else (0, 0.0)
    by_source, by_supplier = dict(own.items()), dict(of_supplier.items())
    frame, default = network.flows.frame, network.flows.default
    kinds, suppliers = frame["source_type"].tolist(), frame["supplier_id"].tolist()
    rows: list[tuple[float, int, str, str]] = []
    for place, (item, site) in enumerate(network.item_sites.itertuples(index=False)):
        source = int(default[place])
        if source < 0 or kinds[source] != "buy":
            kind = "has no source" if source < 0 else "is made" if kinds[source] == "make" else "is moved"
            rows.append((0.0, 0, "not_bought", f"The item {kind}: its lead time is taken as certain."))
            continue
        supplier = suppliers[source]
        tried = (
            ("item_of_supplier", by_source.get((supplier, item, site), (0, 0.0)), ""),
            ("supplier", by_supplier.get(supplier, (0, 0.0)), f"of all items of supplier {supplier}"),
            ("company", everything, "of all purchases"),
        )
        rows.append(_first_measured(tried))
    return LeadTimeSpreads(
        deviation_months=np.array([row[0] for row in rows], dtype=np.float64) / DAYS_PER_MONTH,
        receipts=np.array([row[1] for row in rows], dtype=np.float64),
        basis=[row[2] for row in rows],
        reason=[row[3] for row in rows],
    )


def _first_measured(tried: tuple[tuple[str, tuple[int, float], str], ...]) -> tuple[float, int, str, str]:
    own_count = tried[0][1][0]
    for basis, (count, days), of_what in tried:
        if count >= MINIMUM_RECEIPTS:
            reason = f"{count} receipts in {RECEIPT_MONTHS} months"
            if of_what:
                reason += f" {of_what}, as the item has {own_count or 'none'} of its own"
            return days, count, basis, f"{reason}."
    return 0.0, own_count, "no_receipts", (
        f"Fewer than {MINIMUM_RECEIPTS} receipts of any purchase in {RECEIPT_MONTHS} months: the lead time is taken as certain."
    )  # fmt: skip


def _lateness(receipts: pd.DataFrame, cycle_start: pd.Timestamp) -> pd.DataFrame:
    """Days after the day promised of each receipt, and the same less the middle of its source."""
    received = pd.to_datetime(receipts["received_date"])
    start = pd.Timestamp(cycle_start)
    inside = (received < start) & (received >= start - pd.DateOffset(months=RECEIPT_MONTHS))
    rows = receipts.loc[inside, SOURCE].copy()
    promised = pd.to_datetime(receipts.loc[inside, "due_date"])
    rows["days"] = (received[inside] - promised).dt.days.astype(float)
    rows = rows.dropna(subset=["days"])
    rows["centred"] = rows["days"] - rows.groupby(SOURCE)["days"].transform("median")
    return rows
