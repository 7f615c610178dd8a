"""A folder of CSV or Parquet files in our own source contract: for a company whose ERP has no module of its own.

One file a table, `<table>.csv` or `<table>.parquet`, as models/staging/contract/_contract__sources.yml says; planners'
files lie beside them, or in a folder of their own.
Add here: nothing about any one company. Keep out: typing and checking of what was delivered (warehouse.ingest).
"""

from __future__ import annotations

from pathlib import Path

from sop_pipeline.sources.folders import (
    copy_files,
    declared_files,
    file_problems,
    folder_problems,
    refuse,
    unknown_file_problems,
)
from sop_pipeline.sources.protocol import DeliveryRequest


class ContractSource:
    """Files that somebody has already brought into the shape of our source contract."""

    name = "contract"
    system = "contract"

    def deliver(self, request: DeliveryRequest) -> None:
        """Copy the tables of the contract and the planners' files untouched.

        Raises SourceError, naming everything at once, for missing folders and mandatory files, for a table that is there
        as CSV and as Parquet, and for files that belong to no table.
        """
        planner_dir = request.planner_dir or request.input_dir
        problems = _problems(request.input_dir, planner_dir)
        refuse(
            f"Cycle {request.cycle_id} of source contract",
            problems,
            "The tables and their columns are listed in dbt_project/models/staging/contract/_contract__sources.yml.",
        )
        if request.input_dir is not None and planner_dir is not None:
            copy_files(request.input_dir, declared_files("contract"), request.folder)
            copy_files(planner_dir, declared_files("planner"), request.folder)


def _problems(input_dir: Path | None, planner_dir: Path | None) -> list[str]:
    problems = folder_problems("the company's extracts", input_dir, "Name it with --input DIR.")
    tables, planner_tables = declared_files("contract"), declared_files("planner")
    if input_dir is not None and not problems:
        problems += file_problems(input_dir, tables)
        problems += unknown_file_problems(input_dir, [*tables, *planner_tables])
    if planner_dir is not None and planner_dir != input_dir:
        remedy = "Name it with --planner DIR, or put the files beside the extracts."
        missing = folder_problems("planners' CSV files", planner_dir, remedy)
        problems += missing or [
            *file_problems(planner_dir, planner_tables),
            *unknown_file_problems(planner_dir, planner_tables),
        ]
    return problems
