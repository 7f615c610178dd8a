"""The sources that `--source` can name.

Add here: an ERP whose extracts are files in a folder, by one entry in `PROFILES` (and its word in `settings.SourceName`):
its tables come from its source contract. One that needs code of its own has a module beside this one, and a line in
`open_source`. Keep out: the sources themselves, whose modules are imported only when one is opened.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sop_pipeline.sources.protocol import Source

URL_VARIABLE = "SOP_DATABASE_URL"
"""The one place where the address of a source's database, with user and password, may stand."""


@dataclass(frozen=True)
class SourceProfile:
    """What is known of a source before it is opened: whose contract it delivers in, and for which company.

    `system`: schema of its lake tables and name of its staging package. `company`, `currency` (ISO 4217): what holds
    where the settings say nothing. `reads_folder`: extracts are files that somebody puts into a folder. `has_database`:
    its tables can also be read straight from its database (`database`).
    """

    system: str
    company: str
    currency: str
    reads_folder: bool = True
    has_database: bool = False


PROFILES = {
    "demo": SourceProfile(
        system="contract", company="Nordhaus Appliances", currency="EUR", reads_folder=False
    ),
    "contract": SourceProfile(system="contract", company="The company", currency="EUR"),
    "adventureworks": SourceProfile(
        system="adventureworks", company="Adventure Works Cycles", currency="USD"
    ),
    "erpnext": SourceProfile(system="erpnext", company="The company", currency="EUR", has_database=True),
    "odoo": SourceProfile(system="odoo", company="The company", currency="EUR", has_database=True),
    "sap": SourceProfile(system="sap", company="The company", currency="EUR"),
}


def open_source(name: str, demo_scale: float = 1.0, demo_seed: int = 0) -> Source:
    """The source of a name. Raises KeyError for an unknown one."""
    if name == "demo":
        from sop_pipeline.sources.demo import DemoSource

        return DemoSource(scale=demo_scale, seed=demo_seed)
    if name == "adventureworks":
        from sop_pipeline.sources.adventureworks import AdventureWorksSource

        return AdventureWorksSource()
    if name not in PROFILES:
        raise KeyError(f"No source is called {name!r}: {', '.join(PROFILES)}.")
    from sop_pipeline.sources.extract_folder import ExtractFolderSource

    return ExtractFolderSource(name, PROFILES[name].system)


def database_sources() -> list[str]:
    """The sources whose tables can be read straight from their database."""
    return [name for name, profile in PROFILES.items() if profile.has_database]


def input_mistakes(
    source: str,
    input_dir: Path | None,
    planner_dir: Path | None,
    cycle_ids: Iterable[str],
    schema: str | None = None,
) -> list[str]:
    """What is wrong with what a source was told to read, seen without reading it: folders (`folder_mistakes`), or the
    database where `schema` (empty: the connection's own) says that it reads one."""
    if schema is None:
        return folder_mistakes(source, input_dir, planner_dir, cycle_ids)
    from sop_pipeline.sources.database import database_mistakes
    from sop_pipeline.sources.folders import folder_problems

    problems = database_mistakes(schema)
    if not PROFILES[source].has_database:
        problems = [
            f"source {source} has no database of its own. Those that have: {', '.join(database_sources())}."
        ]
    if input_dir is not None:
        problems += folder_problems("the supplement's files", input_dir, "Name it with --input DIR.")
    if planner_dir is not None:
        problems += folder_problems("planners' CSV files", planner_dir, "Name it with --planner DIR.")
    return problems


def folder_mistakes(
    source: str, input_dir: Path | None, planner_dir: Path | None, cycle_ids: Iterable[str]
) -> list[str]:
    """What is wrong with the folders that a source was told to read, seen without reading a file.

    A folder that is not there, or that holds nothing of what the source reads, in any of the cycles. Files that are
    missing beside others are a matter of the delivery. Empty where nothing is wrong.
    """
    from sop_pipeline.sources.folders import company_formats, cycle_folder, declared_files, folder_problems

    profile = PROFILES[source]
    if not profile.reads_folder:
        given = {"--input": input_dir, "--planner": planner_dir}
        return [
            f"source {source} makes its own extracts and takes no {option} ({folder}). Name another --source, or leave "
            f"{option} out."
            for option, folder in given.items()
            if folder is not None
        ]
    problems = folder_problems("delivered files", input_dir, "Name it with --input DIR.")
    if planner_dir is not None:
        problems += folder_problems("planners' CSV files", planner_dir, "Name it with --planner DIR.")
    if problems or input_dir is None:
        return problems
    for folder in dict.fromkeys(cycle_folder(input_dir, cycle_id) for cycle_id in cycle_ids):
        declared = declared_files(profile.system, company_formats(folder, profile.system)[0])
        if not any(file.found_in(folder) for file in declared):
            expected = ", ".join(file.names[0] for file in declared[:3])
            problems.append(
                f"{folder} holds no file that source {source} reads ({expected}, ...). Name the right folder with "
                "--input DIR."
            )
    return problems
