"""A folder of extracts, one CSV or Parquet file a table: for every ERP whose tables somebody dumps into files.

Which tables a system has, and what a table's file is called, says its source contract alone
(models/staging/<system>/_*__sources.yml); what the ERP cannot carry stands there too, as tables of its supplement.
Planners' files lie beside them, or in a folder of their own. An ERP of this kind needs no module here: an entry in
`catalogue` is all. Keep out: what is one ERP's alone; typing and checking of what was delivered (warehouse.ingest).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sop_pipeline.delivery.company import FORMATS_FILE
from sop_pipeline.delivery.promises import MANIFEST_FILE, PROMISES_FILE
from sop_pipeline.sources.folders import (
    DeclaredFile,
    company_formats,
    copy_file,
    copy_files,
    declared_files,
    file_problems,
    folder_problems,
    left_lying,
    refuse,
    unknown_file_problems,
)
from sop_pipeline.sources.protocol import DeliveryRequest
from sop_pipeline.sources.whole import marker_problems, promises_of


@dataclass(frozen=True)
class ExtractFolderSource:
    """Files of a system's tables, as they were dumped. `name` is what `--source` calls it."""

    name: str
    system: str

    def deliver(self, request: DeliveryRequest) -> None:
        """Copy the tables of the system's contract, the planners' files and formats.yml untouched.

        Raises SourceError, naming everything at once, for missing folders and mandatory files, for a table that is there
        twice, for files that belong to no table, for what formats.yml cannot mean, for a delivery whose marker does not
        come, and for files that its manifest names and that are not there.
        """
        planner_dir = request.planner_dir or request.input_dir
        company, formats_file, problems = company_formats(request.input_dir, self.system)
        if request.input_dir is not None and request.input_dir.is_dir():
            is_required = company.delivery.get("marker") == "required"
            problems += marker_problems(request.input_dir, is_required, request.wait_minutes)
            problems += promises_of(request.input_dir)[1]
        tables, planner_tables = declared_files(self.system, company), declared_files("planner", company)
        refuse(
            f"Cycle {request.cycle_id} of source {self.name}",
            [*problems, *_problems(request.input_dir, planner_dir, tables, planner_tables)],
            f"The tables and their columns are listed in dbt_project/models/staging/{self.system}.",
        )
        if request.input_dir is not None and planner_dir is not None:
            copy_files(request.input_dir, tables, request.folder)
            copy_files(planner_dir, planner_tables, request.folder)
            request.told.extend(left_lying(request.input_dir, [*tables, *planner_tables]))
            if (request.input_dir / MANIFEST_FILE).is_file():
                copy_file(request.input_dir / MANIFEST_FILE, request.folder / PROMISES_FILE)
        if formats_file is not None:
            copy_file(formats_file, request.folder / FORMATS_FILE)


def _problems(
    input_dir: Path | None,
    planner_dir: Path | None,
    tables: list[DeclaredFile],
    planner_tables: list[DeclaredFile],
) -> list[str]:
    problems = folder_problems("the company's extracts", input_dir, "Name it with --input DIR.")
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
