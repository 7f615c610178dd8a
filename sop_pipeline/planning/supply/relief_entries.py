"""What options would add to limits, as arrays that stand in the network beside what is there.

Add here: another kind of limit that an option may add to. Keep out: reading options (`options`), the law (`laws.relief`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sop_pipeline.planning.supply.network import Floats, Integers


@dataclass(frozen=True)
class ReliefTerms:
    """What one unit of an entry of the options adds to a kind of limit: arrays of one length."""

    entry: Integers
    place: Integers  # of the limit's object: resource, source or item-site
    delay: Integers  # months later
    units: Floats  # added; negative where taken


@dataclass(frozen=True)
class Relief:
    """What options would add, by entry: an option has an entry for every limit that it adds to."""

    names: list[str]
    option: Integers  # option that an entry belongs to
    maximum: Floats  # entry x month, hours or units; 0 where the option is not taken
    together: Floats  # option x month: most of all its entries
    unit_cost: Floats  # entry x month: the option's own price
    usual_cost: Floats  # entry x month: what the same would cost without it
    hours: ReliefTerms  # hours of a resource
    limits: ReliefTerms  # the monthly limit of a source
    room: ReliefTerms  # the maximum of an item-site's stock
    units: ReliefTerms  # units that arrive at an item-site
    served: ReliefTerms  # units of a stream's demand that are served; negative of the stream that goes without them
