"""A planner's case of any size as a folder of files, to try `sop solve` on.

    python bench/case_folder.py FOLDER [--items 1000] [--shared 0.05]
    sop solve FOLDER --out ANSWER

The bench company (330 variables an item) in the tables of a case. Add here: a table. Keep out: solving, claims.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd
from supply_company import inputs_of


def tables_of(items: int, shared_ratio: float) -> dict[str, pd.DataFrame]:
    """Tables of the case by name."""
    inputs, _ = inputs_of(items, shared_ratio=shared_ratio)
    when = {"period_start_date": "period"}
    demand = inputs.demand.assign(
        backlog_cost_per_unit=10.0,
        backlog_maximum_units=inputs.demand["demand_units"] / 2,
        lost_sale_cost_per_unit=80.0,
    )
    position = inputs.inventory_position
    stock = position.assign(holding_cost_per_unit=position["unit_cost"] * 0.01)
    targets = inputs.target_stocks.assign(below_target_cost_per_unit=0.8)
    resources = inputs.capacity.drop_duplicates("resource_id")
    costs = {"overtime_maximum_hours": "overtime_maximum_hours", "regular_hours": "regular_hours"}
    return {
        "demand": demand.rename(columns=when)[
            [
                "item_id",
                "site_id",
                "channel_id",
                "period",
                "demand_units",
                "unit_price",
                "backlog_cost_per_unit",
                "backlog_maximum_units",
                "lost_sale_cost_per_unit",
            ]
        ],
        "stock": stock.rename(columns={"usable_units": "opening_units"})[
            ["item_id", "site_id", "opening_units", "holding_cost_per_unit"]
        ],
        "stock_periods": targets.rename(columns=when),
        "sources": inputs.sources.rename(columns={"lead_time_months": "lead_time_periods"})[
            [
                "source_id",
                "source_type",
                "item_id",
                "site_id",
                "from_site_id",
                "unit_cost",
                "lead_time_periods",
            ]
        ],
        "source_inputs": inputs.source_inputs,
        "source_loads": inputs.source_loads,
        "resources": resources[["resource_id", *costs, "regular_cost_per_hour", "overtime_cost_per_hour"]],
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--items", type=int, default=1000)
    parser.add_argument("--shared", type=float, default=0.05)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    for name, table in tables_of(asked.items, asked.shared).items():
        table.to_csv(asked.folder / f"{name}.csv", index=False)
        print(f"{name}.csv  {len(table):,} rows")
