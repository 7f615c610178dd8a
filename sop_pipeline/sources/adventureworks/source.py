"""A folder of Parquet files, one per table, named Schema.Table: what is asked of it, and what of it lands.

An extract that closes with the month before the cycle lands untouched; one that closes later is cut back to that month's
end (cut.py). The ERP lacks what only people can say (what capacity to believe, whom to serve first), so its planners' CSV
files come with it; those under `examples/adventureworks/planner` are taken where no others are given.
Add here: what a delivery must hold. Keep out: the rules of a cut, the meaning of columns (models/staging/adventureworks).
"""

from __future__ import annotations

import csv
from datetime import date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sop_pipeline.sources.adventureworks.cut import CutError, cut_extract
from sop_pipeline.sources.folders import (
    PROJECT_DIR,
    copy_files,
    declared_files,
    file_problems,
    folder_problems,
    refuse,
    unknown_file_problems,
)
from sop_pipeline.sources.protocol import DeliveryRequest

EXAMPLE_PLANNER_DIR = PROJECT_DIR / "examples" / "adventureworks" / "planner"
ORDERS_FILE = "Sales.SalesOrderHeader.parquet"
PARAMETERS_FILE = "planning_parameters.csv"
REQUIRED_PARAMETERS = (
    "capacity_quantile",
    "overtime_maximum_ratio",
    "overtime_cost_factor",
    "reseller_price_ratio",
    "internet_budget_growth_ratio",
    "gross_margin_goal_ratio",
    "unpriced_part_cost",
)
"""What the staging package reads from planner.planning_parameters and the ERP cannot say."""


class AdventureWorksSource:
    """An extract of a month end, delivered to the cycle that starts the day after or, cut back, to an earlier one."""

    name = "adventureworks"
    system = "adventureworks"

    def deliver(self, request: DeliveryRequest) -> None:
        """Land the extract's tables as of the end of the month before the cycle, and the planners' files untouched.

        Raises SourceError, naming everything at once, for missing folders, files and planning parameters, for an
        extract that closes before that month or began after it, and for one that cannot be cut.
        """
        planner_dir = request.planner_dir or EXAMPLE_PLANNER_DIR
        problems = _extract_problems(request.input_dir, request.cycle_id) + _planner_problems(planner_dir)
        _refuse(request.cycle_id, problems)
        if request.input_dir is not None:
            _land_extract(request.input_dir, request.cycle_id, request.folder)
            copy_files(planner_dir, declared_files("planner"), request.folder)


def _refuse(cycle_id: str, problems: list[str]) -> None:
    refuse(f"AdventureWorks' cycle {cycle_id}", problems, "Correct this and run again; nothing has landed.")


def _land_extract(folder: Path, cycle_id: str, into: Path) -> None:
    closes_on = latest_order_date(folder / ORDERS_FILE)
    files = declared_files("adventureworks")
    if closes_on is None or cycle_after(closes_on) == cycle_id:
        copy_files(folder, files, into)
        return
    found = [path for file in files for path in file.found_in(folder)]
    try:
        cut_extract(folder, [path.stem for path in found], closing_day(cycle_id), closes_on, into)
    except CutError as error:
        _refuse(cycle_id, [f"cannot be cut back from {closes_on}: {problem}" for problem in error.problems])


def _extract_problems(folder: Path | None, cycle_id: str) -> list[str]:
    problems = folder_problems("AdventureWorks' Parquet files", folder, "Name it with --input DIR.")
    if problems or folder is None:
        return problems
    problems = file_problems(folder, declared_files("adventureworks"))
    if (folder / ORDERS_FILE).is_file() and (folder / ORDERS_FILE).stat().st_size:
        problems += _cycle_problems(folder / ORDERS_FILE, cycle_id)
    return problems


def _cycle_problems(orders_file: Path, cycle_id: str) -> list[str]:
    try:
        earliest, latest = order_date_range(orders_file)
    except (pa.ArrowException, OSError, KeyError) as error:
        reason = str(error.args[0] if error.args else error).splitlines()[0].rstrip(".")
        return [f"{orders_file.name} does not say what month it closes with: {reason}. Deliver it again"]
    if latest is None or earliest is None:
        return [f"{orders_file.name} holds no order. Deliver it again"]
    if cycle_id > cycle_after(latest):
        return [
            f"the extract closes with {latest:%Y-%m} (latest order {latest}), too early for cycle {cycle_id}. "
            f"Name an extract taken at the end of the month before {cycle_id} or later, or run --cycle "
            f"{cycle_after(latest)} or an earlier one"
        ]
    if cycle_id < cycle_after(earliest):
        return [
            f"the extract's first order is of {earliest}, so there is nothing to plan cycle {cycle_id} from. "
            f"Run --cycle {cycle_after(earliest)} or a later one"
        ]
    return []


def closing_day(cycle_id: str) -> date:
    """The last day before the cycle's month."""
    return date.fromisoformat(f"{cycle_id}-01") - timedelta(days=1)


def latest_order_date(orders_file: Path) -> date | None:
    """The day of the latest order. Internet orders come every day, so its month is the last closed one.

    Raises KeyError without a column OrderDate of days, pyarrow.ArrowException or OSError for a file that is not whole.
    """
    return order_date_range(orders_file)[1]


def order_date_range(orders_file: Path) -> tuple[date | None, date | None]:
    """The days of the first and the latest order; raises as `latest_order_date` does."""
    schema = pq.read_schema(orders_file)
    if "OrderDate" not in schema.names:
        raise KeyError("column OrderDate is missing")
    if not pa.types.is_date(schema.field("OrderDate").type) and not pa.types.is_timestamp(
        schema.field("OrderDate").type
    ):
        raise KeyError(f"column OrderDate is {schema.field('OrderDate').type}, not a day")
    column = pq.read_table(orders_file, columns=["OrderDate"])["OrderDate"]
    found = pc.min_max(column).as_py()
    first, last = (_day(found[name]) for name in ("min", "max"))
    return first, last


def _day(moment: datetime | date | None) -> date | None:
    return moment.date() if isinstance(moment, datetime) else moment


def cycle_after(day: date) -> str:
    """The cycle that plans from the month after a day's month."""
    return f"{day.year + day.month // 12:04d}-{day.month % 12 + 1:02d}"


def _planner_problems(folder: Path) -> list[str]:
    problems = folder_problems("planners' CSV files", folder, "Name it with --planner DIR.")
    if problems:
        return problems
    declared = declared_files("planner")
    problems = file_problems(folder, declared, also_mandatory=["planning_parameters"])
    problems += unknown_file_problems(folder, declared)
    if (folder / PARAMETERS_FILE).is_file():
        problems += _parameter_problems(folder / PARAMETERS_FILE)
    return problems


def _parameter_problems(path: Path) -> list[str]:
    with open(path, encoding="utf-8-sig", errors="replace", newline="") as file:
        try:
            given = {row.get("parameter_id") for row in csv.DictReader(file) if row.get("scope") == "company"}
        except csv.Error as error:
            return [f"{path} cannot be read as CSV: {error}. Export it again"]
    missing = [name for name in REQUIRED_PARAMETERS if name not in given]
    if not missing:
        return []
    return [
        f"{path} does not declare {', '.join(missing)} for scope company. The ERP cannot say it: copy the rows from "
        f"{EXAMPLE_PLANNER_DIR / PARAMETERS_FILE} and put your own values"
    ]
