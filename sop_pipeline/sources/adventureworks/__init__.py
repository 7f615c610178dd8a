"""AdventureWorks, a bicycle maker's ERP: its extract, delivered as it is or as of an earlier month end.

    source.py   what is asked of a delivery, what is wrong with one, and which files land
    cut.py      the extract as of an earlier day: one table of rules, and how they are applied

Add here: what has to be known to read this system's extracts. Keep out: what its columns mean
(models/staging/adventureworks).
"""

from sop_pipeline.sources.adventureworks.source import (
    EXAMPLE_PLANNER_DIR,
    ORDERS_FILE,
    PARAMETERS_FILE,
    REQUIRED_PARAMETERS,
    AdventureWorksSource,
    cycle_after,
    latest_order_date,
)

__all__ = [
    "EXAMPLE_PLANNER_DIR",
    "ORDERS_FILE",
    "PARAMETERS_FILE",
    "REQUIRED_PARAMETERS",
    "AdventureWorksSource",
    "cycle_after",
    "latest_order_date",
]
