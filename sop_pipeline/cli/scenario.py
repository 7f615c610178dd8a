"""`sop scenario`: what the plan of the last refresh would be with a planner's own changes, without a refresh.

Solves the plan once and every scenario of the file from there; nothing is written into the home. Add here: words and options of this
command. Keep out: levers and solving (`planning.supply`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from rich.table import Table

from sop_pipeline.cli.terminal import (
    FAILED,
    USAGE,
    HomeOption,
    JsonOption,
    app,
    escape,
    fail,
    out,
    print_json,
)
from sop_pipeline.settings import DBT_PROJECT_DIR, Settings, load_settings

REQUIRED = ("lever_type", "scope", "scope_id", "operation", "lever_value")
WORDS = {
    "lever_type": ("demand", "capacity", "price", "unit_cost", "lead_time", "safety_stock"),
    "scope": ("company", "category", "family", "item", "site", "channel", "resource", "supplier"),
    "operation": ("set", "add", "multiply"),
}
MONTHS = ("first_period_start_date", "last_period_start_date")


@app.command()
def scenario(
    levers_file: Annotated[
        Path,
        typer.Argument(
            metavar="LEVERS",
            help="CSV of changes: lever_type, scope, scope_id, operation, lever_value; optional scenario_id, "
            "first_period_start_date, last_period_start_date",
        ),
    ],
    out_file: Annotated[Path | None, typer.Option("--out", help="CSV to write the comparison to")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Solve the plan of the last refresh with other inputs, and compare; nothing in the home changes."""
    levers = _read_levers(levers_file, as_json)
    settings = load_settings(home=home)
    compared = _compare(settings, levers, as_json)
    if out_file is not None:
        compared.to_csv(out_file, index=False)
    if as_json:
        print_json(compared.astype(object).where(compared.notna(), None).to_dict("records"))
    else:
        _print(compared)


def _read_levers(file: Path, as_json: bool) -> pd.DataFrame:
    """The changes; everything that is wrong with the file, at once."""
    if not file.is_file():
        fail(f"{file} is no file.", USAGE, as_json)
    try:
        levers = pd.read_csv(file, dtype=str, keep_default_na=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        fail(f"{file} cannot be read as CSV: {error}", USAGE, as_json)
    missing = [column for column in REQUIRED if column not in levers.columns]
    if missing or levers.empty:
        what = f"has no column {', '.join(missing)}" if missing else "has no row"
        fail(f"{file} {what}; a row is {', '.join(REQUIRED)}.", USAGE, as_json)
    problems = []
    for column, words in WORDS.items():
        for row in levers.index[~levers[column].isin(words)]:
            problems.append(f"line {row + 2}: {column} '{levers[column][row]}' is none of {', '.join(words)}")
    values = pd.to_numeric(levers["lever_value"], errors="coerce")
    problems += [
        f"line {row + 2}: lever_value '{levers['lever_value'][row]}' is no number"
        for row in levers.index[values.isna()]
    ]
    for column, open_end in zip(MONTHS, ("1900-01-01", "2200-01-01"), strict=True):
        told = levers[column] if column in levers.columns else pd.Series("", index=levers.index)
        dates = pd.to_datetime(told.replace("", open_end), errors="coerce", format="%Y-%m-%d")
        problems += [
            f"line {row + 2}: {column} '{told[row]}' is no day YYYY-MM-DD"
            for row in levers.index[dates.isna()]
        ]
        levers[column] = dates
    if problems:
        fail(
            f"{file}: {len(problems)} problem(s)\n" + "\n".join(f" * {one}" for one in problems),
            USAGE,
            as_json,
        )
    names = levers["scenario_id"].replace("", file.stem) if "scenario_id" in levers.columns else file.stem
    return levers.assign(lever_value=values, scenario_id=names, lever_number=range(1, len(levers) + 1))


def _compare(settings: Settings, levers: pd.DataFrame, as_json: bool) -> pd.DataFrame:
    """Figures of the plan of record and of each scenario. Ends the command where there is no refreshed cycle or no plan."""
    import duckdb

    from assets.supply_review import read_network_inputs
    from sop_pipeline.planning.cycle import Cycle
    from sop_pipeline.planning.supply import SupplyInputError, SupplySolveError, solve_scenarios
    from sop_pipeline.warehouse.contracts import load_contracts
    from sop_pipeline.warehouse.reader import MissingTable, WarehouseReader

    database = settings.paths.work_database
    if not database.is_file():
        fail(
            f"{settings.paths.root} holds no refreshed cycle: run `sop refresh`, or name another folder with --home.",
            USAGE,
            as_json,
        )
    try:
        with duckdb.connect(str(database), read_only=True) as connection:
            cycle = Cycle(
                connection.execute("select cycle_id from core.dim_cycle").fetchall()[0][0],
                settings.horizon_months,
            )
        read = WarehouseReader(load_contracts(DBT_PROJECT_DIR), settings.paths.lake, database, cycle.cycle_id)
        inputs = read_network_inputs(read, cycle, read.read("planning.target_stocks"))
        scenarios = pd.DataFrame({"scenario_id": levers["scenario_id"].unique()})
        scenarios = scenarios.assign(parent_scenario_id="base", scenario_status="active")
        return solve_scenarios(inputs, cycle.periods, scenarios, levers).assign(cycle_id=cycle.cycle_id)
    except duckdb.Error as error:
        fail(
            f"{database} cannot be read now: {str(error).splitlines()[0]}\nWait until a refresh of the home has ended.",
            FAILED,
            as_json,
        )
    except (MissingTable, SupplyInputError, SupplySolveError) as error:
        fail(str(error), FAILED, as_json)


def _print(compared: pd.DataFrame) -> None:
    base = compared[compared["scenario_id"] == "base"].iloc[0]
    out.print(
        f"[bold]Cycle {base['cycle_id']}[/bold]  over the horizon, scenarios as changes of base; money in thousands"
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Scenario", overflow="fold")
    for name in ("Delivered", "Unserved", "Service", "Revenue", "Margin", "Stock", "Cost"):
        table.add_column(name, justify="right", no_wrap=True)
    solved = compared[compared["is_solved"].astype(bool)]
    for row in solved.to_dict("records"):
        is_base = row["scenario_id"] == "base"
        table.add_row(
            *_cells(row, dict.fromkeys(FIGURES, 0.0) if is_base else base.to_dict(), "," if is_base else "+,")
        )
    out.print(table)
    for row in compared[~compared["is_solved"].astype(bool)].to_dict("records"):
        out.print(f"[red]not solved[/red] {escape(str(row['scenario_id']))}: {escape(str(row['reason']))}")


FIGURES = {
    "delivered_units": 1.0,
    "lost_units": 1.0,
    "backlog_units": 1.0,
    "revenue": 1000.0,
    "standard_margin": 1000.0,
    "stock_value": 1000.0,
    "objective_value": 1000.0,
}
"""Figures that are printed, and what they are divided by."""


def _cells(row: dict[Any, Any], base: dict[Any, Any], shown_as: str) -> list[str]:
    service = f"{row['delivered_units'] / row['demand_units'] * 100:.2f} %" if row["demand_units"] else "-"
    change = {name: (row[name] - base[name]) / scale for name, scale in FIGURES.items()}
    unserved = change.pop("lost_units") + change.pop("backlog_units")
    told = [f"{value:{shown_as}.0f}" for value in (change.pop("delivered_units"), unserved, *change.values())]
    return [escape(str(row["scenario_id"])), *told[:2], service, *told[2:]]
