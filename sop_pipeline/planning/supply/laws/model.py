"""The supply plan's linear programme: its table of contents.

    minimise    the sum of named cost terms
    subject to  the laws of the blocks, in the order below

Add here: one line in `BLOCKS` for a new law (with a block file, a golden LP and a paper-checkable test). Keep out:
equations (they stand in the blocks), solving (see `solve`), reading the result (see `solution`).
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sop_pipeline.planning.supply.laws.allocation import add_fair_share
from sop_pipeline.planning.supply.laws.balance import add_material_balance
from sop_pipeline.planning.supply.laws.capacity import add_capacity, add_hours
from sop_pipeline.planning.supply.laws.demand import add_demand
from sop_pipeline.planning.supply.laws.flows import add_flows
from sop_pipeline.planning.supply.laws.labour import add_labour
from sop_pipeline.planning.supply.laws.lots import add_lots
from sop_pipeline.planning.supply.laws.maintenance import add_maintenance
from sop_pipeline.planning.supply.laws.pipeline import add_pipeline
from sop_pipeline.planning.supply.laws.relief import add_relief
from sop_pipeline.planning.supply.laws.setups import add_setups
from sop_pipeline.planning.supply.laws.shares import add_shares
from sop_pipeline.planning.supply.laws.shelf_life import add_shelf_life
from sop_pipeline.planning.supply.laws.source_limits import add_source_limits
from sop_pipeline.planning.supply.laws.space import add_space
from sop_pipeline.planning.supply.laws.stock import add_stock
from sop_pipeline.planning.supply.laws.storage import add_storage
from sop_pipeline.planning.supply.laws.supply_model import SupplyModel
from sop_pipeline.planning.supply.laws.targets import add_targets
from sop_pipeline.planning.supply.laws.to_order import add_to_order
from sop_pipeline.planning.supply.network import Network
from sop_pipeline.planning.supply.prices import UnitPrices

Block = Callable[[SupplyModel], None]

# Blocks append terms to the hours and to the balance and name what they cost; each is closed over all its terms.
BLOCKS: tuple[Block, ...] = (
    add_flows,
    add_stock,
    add_demand,
    add_fair_share,
    add_hours,
    add_labour,
    add_setups,
    add_maintenance,
    add_relief,
    add_capacity,
    add_lots,
    add_source_limits,
    add_shares,
    add_targets,
    add_storage,
    add_space,
    add_shelf_life,
    add_to_order,
    add_pipeline,
    add_material_balance,
)


def build_model(network: Network, prices: UnitPrices, blocks: Sequence[Block] = BLOCKS) -> SupplyModel:
    """Build the model block by block; the objective only sums what the blocks cost."""
    model = SupplyModel(network, prices)
    for add_block in blocks:
        add_block(model)
    return model


@contextmanager
def collector_paused() -> Iterator[None]:
    """Millions of small objects are made and all are kept: collecting meanwhile doubles the time of the build."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
