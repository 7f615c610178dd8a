"""The demo company: a simulated manufacturer of household appliances that really executes the plans it is given.

A world is opened from a seed and a scale (48 months of history), and moved on month by month: customers order
against a hidden demand, plants run against hidden capacity and yields, suppliers deliver late and short. A delivery
is what its ERP and its planners would export at the start of a cycle. Modules, from ground to door:

- `randomness`, `timeline`, `columns`: reproducible draws, months and days as integers, tables as arrays
- `catalogue`, `company`, `partners`, `bills`, `network`, `economics`, `firm`: who the company is
- `demand`, `orders`, `state`, `rule`, `factory`, `purchasing`, `fulfilment`, `corrections`, `execution`: how a month runs
- `masters`, `terms`, `documents`, `bookkeeping`, `plant_calendar`, `planners`, `export`, `delivery`: what is exported
- `truth`: what nobody in the company knows; `storage`, `world`, `source`: state on disk and the public calls

Add here: behaviour of the simulated company. Keep out: anything that estimates or plans for the product. Nothing
in `planning` may import this package, and no pipeline step may read a world's folder or its truth.
"""

from sop_pipeline.sources.demo.source import DemoSource
from sop_pipeline.sources.demo.world import PublishedPlan, advance, open_world, write_delivery, write_truth

__all__ = ["DemoSource", "PublishedPlan", "advance", "open_world", "write_delivery", "write_truth"]
