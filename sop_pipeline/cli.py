"""The command line `sop`: refresh a cycle, see what is published and what was found in the data, verify a release.

Exit codes: 0 done, 1 the refresh or a verification failed, 2 wrong usage or settings, 3 another refresh holds the home.
Add here: a command. Keep out: what it does (`refresh`, `release`); imports that a command does not need.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from sop_pipeline.settings import PROJECT_DIR, Settings, SettingsError, load_settings, refuse_wrong_folders

if TYPE_CHECKING:
    from sop_pipeline.release.findings import FindingCount

FAILED, USAGE, BUSY = 1, 2, 3

app = typer.Typer(
    name="sop",
    help="Sales & Operations Planning as a data pipeline.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

HomeOption = Annotated[Path | None, typer.Option("--home", help="Home folder of the company (default: .sop)")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a script.")]


@app.command()
def refresh(
    cycle: Annotated[str | None, typer.Option(help="Cycle to run, YYYY-MM (default: the one that is due)")] = None,
    through: Annotated[str | None, typer.Option(help="Run every cycle from --cycle to this one.")] = None,
    source: Annotated[str | None, typer.Option(help="demo, contract or adventureworks (default: the home's, or demo)")] = None,
    input: Annotated[Path | None, typer.Option(help="Folder of delivered files (contract, adventureworks).")] = None,
    planner: Annotated[Path | None, typer.Option(help="Folder of planner inputs as CSV.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Run a monthly cycle, from extracts to a published release."""
    settings = load_settings(home=home, source=source, input_dir=input, planner_dir=planner)
    _refuse_if_busy(settings, as_json)
    from sop_pipeline.refresh import CannotStart, RefreshFailed, choose_cycles, refresher
    from sop_pipeline.schedules import planning_now

    try:
        cycles = choose_cycles(settings, cycle, through, planning_now(settings))
        refuse_wrong_folders(settings, cycles)
    except SettingsError as error:
        _fail(str(error), USAGE, as_json)
    done = []
    out.file = sys.stdout  # keep the terminal while the run's own output goes to its log
    with _starting(as_json, CannotStart), refresher(settings) as run:
        for cycle_id in cycles:
            if not as_json:
                out.print(f"[bold]Cycle {cycle_id}[/bold]  {settings.company}, source {settings.source}")
            try:
                done.append(run(cycle_id, _say_nothing if as_json else _say_step))
            except RefreshFailed as error:
                code = BUSY if error.is_busy else FAILED
                _fail(_failure_text(error), code, as_json, {"cycle_id": cycle_id, "step": error.step})
            if not as_json:
                for warning in done[-1].warnings:
                    out.print(f"  [yellow]warning[/yellow]  {_escape(warning)}")
    if as_json:
        _print_json([asdict(result) for result in done])
    else:
        _print_summary(settings, done)


@app.command()
def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show the home: its company, published cycles, the current release, a refresh under way."""
    settings = load_settings(home=home)
    from sop_pipeline.release.lock import peek
    from sop_pipeline.release.pointer import current_release
    from sop_pipeline.release.registry import list_cycles

    root = settings.paths.root
    if not root.is_dir():
        _fail(
            f"There is no home in {root}: run `sop refresh`, or name another folder with --home.",
            USAGE,
            as_json,
        )
    busy, current, cycles = peek(root), current_release(root), list_cycles(root)
    if as_json:
        facts = {"home": str(root), "source": settings.source, "company": settings.company}
        holder = {"refreshing_process_id": busy.pid if busy else None, "current_release": current}
        _print_json(facts | holder | {"cycles": [asdict(record) for record in cycles]})
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


@app.command()
def tables(
    home: HomeOption = None,
    release: Annotated[str | None, typer.Option(help="Release (default: current)")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the published tables: rows, grain, description."""
    settings = load_settings(home=home)
    from sop_pipeline.release.layout import release_folder
    from sop_pipeline.release.manifest import UnreadableManifest, read_manifest
    from sop_pipeline.release.pointer import current_release

    name = release or current_release(settings.paths.root)
    if name is None:
        _fail(f"Nothing is published in {settings.paths.root} yet: run `sop refresh`.", FAILED, as_json)
    folder = release_folder(settings.paths.root, name)
    try:
        manifest = read_manifest(folder)
    except UnreadableManifest as error:
        _fail(str(error), FAILED, as_json)
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
        _print_json(rows)
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
    release: Annotated[str | None, typer.Option(help="Release (default: current)")] = None,
    as_json: JsonOption = False,
) -> None:
    """List what is wrong or weak in the data: how much, what it means, what the plan does about it."""
    settings = load_settings(home=home)
    from sop_pipeline.release.findings import count_findings, findings_of
    from sop_pipeline.release.manifest import UnreadableManifest
    from sop_pipeline.release.pointer import current_release

    name = release or current_release(settings.paths.root)
    if name is None:
        _fail(f"Nothing is published in {settings.paths.root} yet: run `sop refresh`.", FAILED, as_json)
    try:
        rows = findings_of(settings.paths.root, name)
    except UnreadableManifest as error:
        _fail(str(error), FAILED, as_json)
    if rows is None:
        _fail(f"Release {name} was published before findings were: run its cycle again.", FAILED, as_json)
    if as_json:
        _print_json(rows)
        return
    out.print(f"Release {name}: {_count_words(count_findings(rows))}.")
    step = None
    for row in rows:
        if row["status"] == "none":
            continue
        if row["process_step"] != step:
            step = row["process_step"]
            out.print(f"\n[bold]{step.replace('_', ' ')}[/bold]")
        out.print(f"  {_escape(row['finding_name'])}: {_escape(_found_words(row, settings.currency))}")
        out.print(f"    [dim]means[/dim]  {_escape(row['meaning'])}")
        out.print(f"    [dim]plan[/dim]   {_escape(row['handling'])}")
        out.print(f"    [dim]remedy[/dim] {_escape(row['remedy'])} ({_escape(row['owner'])})")
        out.print(f"    [dim]e.g.[/dim]   {_escape(row['examples'])}")
    clean = [row["finding_name"] for row in rows if row["status"] == "none"]
    if clean:
        out.print(f"\nLooked for and not found: {_escape('; '.join(clean))}.")
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
        _fail(f"There is no release to verify: {'; '.join(report.problems)}.", FAILED, as_json)
    if as_json:
        _print_json(asdict(report) | {"is_sound": report.is_sound})
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
            err.print(f" * {_escape(problem)}")
    raise typer.Exit(0 if report.is_sound else FAILED)


def main() -> None:
    """Entry point: expected errors become one message and an exit code, never a traceback."""
    from sop_pipeline.preflight import HomeNotReady
    from sop_pipeline.release.lock import HomeIsBusy
    from sop_pipeline.release.problems import ReleaseError

    try:
        app()
    except SettingsError as error:
        _fail(str(error), USAGE, "--json" in sys.argv)
    except HomeIsBusy as error:
        _fail(str(error), BUSY, "--json" in sys.argv, {"process_id": error.pid})
    except (ReleaseError, HomeNotReady) as error:
        _fail(str(error), FAILED, "--json" in sys.argv)
    except OSError as error:
        _fail(_explained(error), FAILED, "--json" in sys.argv)
    except KeyboardInterrupt:
        _fail("Interrupted. Nothing was published; run the same command again.", 130, "--json" in sys.argv)


def _refuse_if_busy(settings: Settings, as_json: bool) -> None:
    """Say at once that the home is held, before anything slow is loaded; the lock itself is taken later."""
    from sop_pipeline.release.lock import HomeIsBusy, peek

    holder = peek(settings.paths.root)
    if holder:
        busy = HomeIsBusy(settings.paths.root, holder)
        _fail(str(busy), BUSY, as_json, {"process_id": busy.pid})


@contextmanager
def _starting(as_json: bool, cannot_start: type[Exception]) -> Iterator[None]:
    try:
        yield
    except cannot_start as error:
        _fail(f"The refresh did not start.\n\n{error}", FAILED, as_json)


def _explained(error: OSError) -> str:
    from sop_pipeline.causes import explain

    return explain(error, Path(str(error.filename or ".")))


def _say_nothing(step: str, state: str, seconds: float) -> None:
    return None


def _say_step(step: str, state: str, seconds: float) -> None:
    title = step.replace("_", " ")
    if state == "started":
        if out.is_terminal:
            out.print(f"  [dim]...[/dim]     {title}", end="\r")
        return
    mark = "[green]done[/green]  " if state == "done" else "[red]failed[/red]"
    out.print(f"  {mark}   {title:<28} {seconds:6.1f} s")


def _failure_text(error: Any) -> str:
    return (
        f"Cycle {error.cycle_id} was not published: step '{error.step}' failed.\n\n{error}\n\n"
        f"What was published before stays current. Run {error.run_id[:8]} has the whole story: make dev."
    )


def _print_summary(settings: Settings, done: list[Any]) -> None:
    root = settings.paths.root
    is_default = root == PROJECT_DIR / ".sop"
    out.print()
    for result in done:
        word = "published" if result.is_new else "unchanged"
        out.print(f"[bold]{result.cycle_id}[/bold]  {word} as {result.release_id} in {result.seconds:.0f} s")
        count = _count_words(result.findings)
        out.print(
            f"         {count}: [bold]sop findings{'' if is_default else f' --home {root}'}[/bold], or the pack"
        )
    out.print(
        f"\nOpen next\n  meeting pack   {root / 'current' / 'pack.html'}\n"
        f"  tables         {root / 'current' / 'sop.duckdb'}  (read-only; `sop tables` lists them)\n"
        f"  asset graph    {'' if is_default else f'SOP_HOME={root} '}make dev\n"
        f"  check          sop verify{'' if is_default else f' --home {root}'}"
    )


def _count_words(count: FindingCount) -> str:
    """`21 findings of 45 looked for, 3 of them new or worse, 1 beyond its limit`."""
    words = f"{count.found} finding{'' if count.found == 1 else 's'} of {count.looked_for} looked for"
    compared = (
        "nothing published before to compare with"
        if count.new_or_worse is None
        else f"{count.new_or_worse} of them new or worse"
    )
    return f"{words}, {compared}" + (f", {count.over_limit} beyond limit" if count.over_limit else "")


def _found_words(row: dict[str, Any], currency: str) -> str:
    """`56 of 266 items, 12,345 of 98,765 units, 1,234,567 USD; worse (was 51)`."""
    parts = [_part_words(row["finding_count"], row["checked_count"], row["object_name"])]
    if row["finding_quantity"]:
        parts.append(_part_words(row["finding_quantity"], row["checked_quantity"], row["unit"]))
    if row["finding_value"]:
        parts.append(f"{row['finding_value']:,.0f} {currency}")
    trend = row["trend"] + (f" (was {row['prior_count']:,})" if row["trend"] in ("worse", "better") else "")
    limit = (
        f"; limit {row['limit_value']:g} on {row['measured_value']:.4g}"
        if row["limit_value"] is not None
        else ""
    )
    return ", ".join(parts) + ("" if row["trend"] == "unknown" else f"; {trend}") + limit


def _part_words(part: Any, whole: Any, unit: str) -> str:
    return f"{part:,.0f}{f' of {whole:,.0f}' if whole else ''} {unit}"


def _print_json(content: Any) -> None:
    typer.echo(json.dumps(content, indent=2, default=str))


def _escape(text: str) -> str:
    return text.replace("[", "\\[")


def _fail(text: str, code: int, as_json: bool, facts: dict[str, Any] | None = None) -> NoReturn:
    if as_json:
        _print_json({"error": text, "exit_code": code, **(facts or {})})
    else:
        err.print(f"[red]{_escape(text)}[/red]")
    raise SystemExit(code)
