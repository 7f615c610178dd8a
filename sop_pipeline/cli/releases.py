"""What is published: `sop status`, `tables`, `findings`, `verify`.

Add here: a command that reads releases. Keep out: reading itself (`sop_pipeline.release`).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from sop_pipeline.cli.terminal import (
    FAILED,
    USAGE,
    HomeOption,
    JsonOption,
    ReleaseOption,
    app,
    err,
    escape,
    fail,
    out,
    print_json,
)
from sop_pipeline.cli.words import count_words, found_words
from sop_pipeline.settings import load_settings


@app.command()
def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show the home: its company, published cycles, the current release, a refresh under way, files that came too late."""
    settings = load_settings(home=home)
    from sop_pipeline.release.approvals import agreement_of
    from sop_pipeline.release.lock import peek
    from sop_pipeline.release.pointer import current_release
    from sop_pipeline.release.registry import list_cycles

    root = settings.paths.root
    if not root.is_dir():
        fail(
            f"There is no home in {root}: run `sop refresh`, or name another folder with --home.",
            USAGE,
            as_json,
        )
    from sop_pipeline.sources.late import late_files

    busy, current, cycles = peek(root), current_release(root), list_cycles(root)
    agreed = {act.cycle_id: act for record in cycles if (act := agreement_of(root, record.cycle_id))}
    published = [record.cycle_id for record in cycles]
    late = late_files(settings.paths.landing, settings.source, settings.system, settings.input_dir, published)
    if as_json:
        facts = {"home": str(root), "source": settings.source, "company": settings.company}
        holder = {"refreshing_process_id": busy.pid if busy else None, "current_release": current}
        holder["late_files"] = [asdict(one) for one in late]
        shown = [
            asdict(record) | {"agreed_by": act.decided_by if (act := agreed.get(record.cycle_id)) else None}
            for record in cycles
        ]
        print_json(facts | holder | {"cycles": shown})
        return
    out.print(f"Home     {root}\nCompany  {settings.company} (source {settings.source}, {settings.currency})")
    out.print(f"Current  {current or 'nothing published yet: run `sop refresh`'}")
    if busy:
        out.print(f"[yellow]A refresh is under way: process {busy.pid}.[/yellow]")
    if cycles:
        table = Table("cycle", "release", "published", "superseded", "state", box=None, pad_edge=False)
        for record in cycles:
            state = "stale: an earlier cycle has changed since; run it again" if record.is_stale else "ok"
            superseded = str(len(record.superseded))
            table.add_row(record.cycle_id, record.release_id, record.published_at[:16], superseded, state)
        out.print(table)
    for act in agreed.values():
        out.print(
            f"Agreed   demand plan of {act.cycle_id}, by {escape(act.decided_by)} on {act.decided_at[:10]}"
        )
    for one in late:
        out.print(f"[yellow]Late     {escape(one.words)}[/yellow]")


@app.command()
def tables(
    home: HomeOption = None,
    release: ReleaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the published tables: rows, grain, description."""
    settings = load_settings(home=home)
    from sop_pipeline.release.layout import release_folder
    from sop_pipeline.release.manifest import UnreadableManifest, read_manifest
    from sop_pipeline.release.pointer import current_release

    name = release or current_release(settings.paths.root)
    if name is None:
        fail(f"Nothing is published in {settings.paths.root} yet: run `sop refresh`.", FAILED, as_json)
    folder = release_folder(settings.paths.root, name)
    try:
        manifest = read_manifest(folder)
    except UnreadableManifest as error:
        fail(str(error), FAILED, as_json)
    described = {(table.schema, table.table): table.description for table in manifest.shown}
    rows = [
        {
            "table": f"{table.schema}.{table.table}",
            "rows": table.rows,
            "grain": list(table.grain),
            "description": described[table.schema, table.table],
        }
        for table in sorted(manifest.tables, key=lambda table: (table.schema, table.table))
    ]
    if as_json:
        print_json(rows)
        return
    table = Table("table", "rows", "grain", "description", box=None, pad_edge=False)
    table.columns[0].no_wrap, table.columns[1].justify = True, "right"
    for row in rows:
        table.add_row(row["table"], f"{row['rows']:,}", ", ".join(row["grain"]), row["description"])
    out.print(
        f"Release {name}: rows of cycle {manifest.cycle_id}; {folder / 'sop.duckdb'} has every cycle.\n"
    )
    out.print(table)


@app.command()
def findings(
    home: HomeOption = None,
    release: ReleaseOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what is wrong or weak in the data: how much, what it means, what the plan does about it."""
    settings = load_settings(home=home)
    from sop_pipeline.release.findings import count_findings, findings_of
    from sop_pipeline.release.manifest import UnreadableManifest
    from sop_pipeline.release.pointer import current_release

    name = release or current_release(settings.paths.root)
    if name is None:
        fail(f"Nothing is published in {settings.paths.root} yet: run `sop refresh`.", FAILED, as_json)
    try:
        rows = findings_of(settings.paths.root, name)
    except UnreadableManifest as error:
        fail(str(error), FAILED, as_json)
    if rows is None:
        fail(f"Release {name} was published before findings were: run its cycle again.", FAILED, as_json)
    if as_json:
        print_json(rows)
        return
    out.print(f"Release {name}: {count_words(count_findings(rows))}.")
    step = None
    for row in rows:
        if row["status"] == "none":
            continue
        if row["process_step"] != step:
            step = row["process_step"]
            out.print(f"\n[bold]{step.replace('_', ' ')}[/bold]")
        out.print(f"  {escape(row['finding_name'])}: {escape(found_words(row, settings.currency))}")
        out.print(f"    [dim]means[/dim]  {escape(row['meaning'])}")
        out.print(f"    [dim]plan[/dim]   {escape(row['handling'])}")
        out.print(f"    [dim]remedy[/dim] {escape(row['remedy'])} ({escape(row['owner'])})")
        out.print(f"    [dim]e.g.[/dim]   {escape(row['examples'])}")
    clean = [row["finding_name"] for row in rows if row["status"] == "none"]
    if clean:
        out.print(f"\nLooked for and not found: {escape('; '.join(clean))}.")
    out.print("\nEach object: select * from marts.fct_data_findings (sop.duckdb of the release).")


@app.command()
def verify(
    release: Annotated[str | None, typer.Argument(help="Release (default: current)")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Recompute a release: every hash, its name, rows and control totals, and the database against the files."""
    settings = load_settings(home=home)
    from sop_pipeline.release.verify import verify as verify_release

    report = verify_release(settings.paths.root, release)
    if report.release_id is None:
        fail(f"There is no release to verify: {'; '.join(report.problems)}.", FAILED, as_json)
    if as_json:
        print_json(asdict(report) | {"is_sound": report.is_sound})
    elif report.is_sound:
        out.print(
            f"[green]{report.release_id} is whole[/green]: recomputed {report.files} files, {report.tables} tables "
            f"and {report.rows:,} rows; each is what the manifest says."
        )
    else:
        err.print(
            f"[red]{report.release_id} is not what was published[/red]: {len(report.problems)} problem(s)"
        )
        for problem in report.problems:
            err.print(f" * {escape(problem)}")
    raise typer.Exit(0 if report.is_sound else FAILED)
