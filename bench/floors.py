"""Ratios to a floor measured in the same run: ingest to bare DuckDB, the supply plan to bare HiGHS, forecasts to naive.

A ratio survives a busy machine, seconds do not. Works on a home whose last cycle is `--cycle`.
Add here: another room with a floor of its own. Keep out: the cycle as a whole (`refresh`).
"""

from __future__ import annotations

import argparse
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.settings import DBT_PROJECT_DIR, Settings, load_settings
from sop_pipeline.sources.landing import accepted_delivery
from sop_pipeline.warehouse.contracts import Column, Contract, load_contracts
from sop_pipeline.warehouse.ingest.file import delivered_file, ingest_file
from sop_pipeline.warehouse.reader import WarehouseReader


def main() -> None:
    """Print every ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--cycle", required=True)
    chosen = parser.parse_args()
    settings = load_settings(home=chosen.home)
    cycle = Cycle(chosen.cycle, settings.horizon_months)
    home = settings.paths
    read = WarehouseReader(load_contracts(DBT_PROJECT_DIR), home.lake, home.work_database, cycle.cycle_id)
    print(f"{settings.demo_scale:g}x  ratios to floors, cycle {cycle.cycle_id}, CPU seconds")
    compare_ingest(settings, cycle)
    compare_forecast(read, cycle)
    compare_plan(read, cycle)
    print(flush=True)


def _cpu_seconds(function: Callable[[], Any]) -> tuple[float, Any]:
    started = time.process_time()
    result = function()
    return time.process_time() - started, result


def _print_ratio(what: str, ours: float, floor: float, of: str) -> None:
    print(f"  {what:<44}{ours:8.2f}  floor {floor:8.2f}  ratio {ours / max(floor, 1e-3):6.1f}  ({of})")


def compare_ingest(settings: Settings, cycle: Cycle) -> None:
    """Landed file to typed Parquet, against DuckDB that reads the text, casts by name and writes."""
    contracts = load_contracts(DBT_PROJECT_DIR)
    folder = accepted_delivery(settings.paths.landing, settings.source, cycle.cycle_id).folder
    delivered = [c for c in [*contracts.of_schema(settings.system), *contracts.of_schema("planner")]
                 if delivered_file(c, folder)]  # fmt: skip
    ours = floor = 0.0
    with tempfile.TemporaryDirectory() as temporary:
        target = Path(temporary) / "data.parquet"
        for contract in delivered:
            floor += _cpu_seconds(lambda c=contract: _bare_ingest(c, folder, target))[0]
            ours += _cpu_seconds(lambda c=contract: ingest_file(c, folder, 1.0))[0]
    size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
    _print_ratio(
        "ingest: typed, checked, hashed, written", ours, floor, f"{len(delivered)} files, {size:.0f} MB"
    )


def _bare_ingest(contract: Contract, folder: Path, target: Path) -> None:
    import duckdb

    def typed(column: Column) -> str:
        return f'try_cast("{column.header}" as {column.data_type}) as "{column.name}"'

    path = delivered_file(contract, folder)
    columns = ", ".join(typed(column) for column in contract.columns)
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select {columns} from read_csv('{path}', all_varchar = true, header = true)) "
            f"to '{target}' (format parquet, compression zstd)"
        )


def compare_forecast(read: WarehouseReader, cycle: Cycle) -> None:
    """The whole statistical forecast, backtest and intervals included, against one seasonal-naive forecast."""
    import pandas as pd
    from statsforecast import StatsForecast
    from statsforecast.models import SeasonalNaive

    from sop_pipeline.planning.demand import forecast_demand

    history, items = read.read("planning.demand_history_clean"), read.read("core.dim_items")
    classes = read.read("planning.demand_classes")
    keys = ["item_id", "site_id", "channel_id"]
    frame = pd.DataFrame(
        {
            "unique_id": history[keys].agg("|".join, axis=1),
            "ds": history["period_start_date"],
            "y": history["clean_units"],
        }
    )
    naive = StatsForecast(models=[SeasonalNaive(season_length=12)], freq="MS")
    warnings.simplefilter("ignore")  # of series younger than a season
    floor, _ = _cpu_seconds(lambda: naive.forecast(df=frame, h=cycle.horizon_months))
    ours, _ = _cpu_seconds(lambda: forecast_demand(history, classes, items, cycle))
    _print_ratio(
        "forecast: backtest, weights, intervals", ours, floor, f"{frame['unique_id'].nunique()} series"
    )


def compare_plan(read: WarehouseReader, cycle: Cycle) -> None:
    """The whole supply plan, from frames to audited frames, against HiGHS on the same arrays."""
    import highspy

    from assets.supply_review import _network_inputs
    from sop_pipeline.planning.supply import plan_supply

    solving = 0.0
    run = highspy.Highs.run

    def timed_run(solver: Any) -> Any:
        nonlocal solving
        seconds, status = _cpu_seconds(lambda: run(solver))
        solving += seconds
        return status

    inputs = _network_inputs(read, cycle, read.read("planning.target_stocks"))
    highspy.Highs.run = timed_run
    try:
        ours, plan = _cpu_seconds(
            lambda: plan_supply(inputs, cycle.cycle_id, cycle.start, cycle.horizon_months)
        )
    finally:
        highspy.Highs.run = run
    size = plan.solve_log.iloc[0]
    _print_ratio(
        "supply plan: build, solve, read, audit",
        ours,
        solving,
        f"{size['variables']:,} columns, {size['constraints']:,} rows",
    )


if __name__ == "__main__":
    main()
