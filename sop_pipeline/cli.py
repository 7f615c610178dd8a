"""The command line `sop`: refresh a cycle, see what is published, verify a release.

Exit codes: 0 done, 1 the refresh or a verification failed, 2 wrong usage or settings, 3 another refresh holds the home.
Add here: a command. Keep out: what it does (`refresh`, `release`); imports that a command does not need.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.table import Table

from sop_pipeline.settings import Settings, SettingsError, load_settings

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

HomeOption = Annotated[Path | None, typer.Option("--home", help="Home folder of the company [default: .sop]")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for a script.")]


@app.command()
def refresh(
    cycle: Annotated[str | None, typer.Option(help="Cycle to run, YYYY-MM [default: the one that is due]")] = None,
    through: Annotated[str | None, typer.Option(help="Run every cycle from --cycle to this one.")] = None,
    source: Annotated[str | None, typer.Option(help="demo, contract or adventureworks [default: the home's, or demo]")] = None,
    input: Annotated[Path | None, typer.Option(help="Folder of delivered files (contract, adventureworks).")] = None,
    planner: Annotated[Path | None, typer.Option(help="Folder of planner inputs as CSV.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Run a monthly cycle, from extracts to a published release."""
    settings = _settings(home=home, source=source, input_dir=input, planner_dir=planner)
    _refuse_if_busy(settings, as_json)
    from sop_pipeline.refresh import RefreshFailed, choose_cycles, planning_now, refresher

    try:
        cycles = choose_cycles(settings, cycle, through, planning_now(settings))
    except SettingsError as error:
        _fail(str(error), USAGE, as_json)
    done = []
    with refresher(settings) as run:
        for cycle_id in cycles:
            if not as_json:
                out.print(f"[bold]Cycle {cycle_id}[/bold]  {settings.company}, source {settings.source}")
            try:
                done.append(run(cycle_id, _say_nothing if as_json else _say_step))
            except RefreshFailed as error:
                code = BUSY if "already refreshing" in str(error) else FAILED
                _fail(
                    _failure_text(error, settings), code, as_json, {"cycle_id": cycle_id, "step": error.step}
                )
            if not as_json:
                for warning in done[-1].warnings:
                    out.print(f"  [yellow]warning[/yellow]  {_escape(warning)}")
    if as_json:
        _print_json([{k: v for k, v in vars(result).items()} for result in done])
    else:
        _print_summary(settings, done)


@app.command()
def status(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Show the home: its company, published cycles, the current release, a refresh under way."""
    settings = _settings(home=home)
    from sop_pipeline.release import registry
    from sop_pipeline.release.lock import holder_of

    root = settings.paths.root
    holder = holder_of(root)
    cycles = registry.list_cycles(root)
    if as_json:
        _print_json(
            {
                "home": str(root),
                "source": settings.source,
                "company": settings.company,
                "current_release": registry.current_release(root),
                "refreshing_process_id": holder.pid if holder else None,
                "cycles": [vars(entry) for entry in cycles],
            }
        )
        return
    out.print(f"Home     {root}\nCompany  {settings.company} (source {settings.source}, {settings.currency})")
    out.print(f"Current  {registry.current_release(root) or 'nothing published yet: run `sop refresh`'}")
    if holder:
        out.print(f"[yellow]A refresh is under way: process {holder.pid}.[/yellow]")
    if cycles:
        table = Table("cycle", "release", "published", "superseded", "state", box=None, pad_edge=False)
        for entry in cycles:
            state = "stale: an earlier cycle has changed since" if entry.is_stale else "ok"
            table.add_row(
                entry.cycle_id, entry.release_id, entry.published_at, str(len(entry.superseded)), state
            )
        out.print(table)


@app.command()
def tables(
    home: HomeOption = None,
    release: Annotated[str | None, typer.Option(help="Release [default: current]")] = None,
    as_json: JsonOption = False,
) -> None:
    """List the published tables: rows, grain, description."""
    settings = _settings(home=home)
    from sop_pipeline.release.manifest import read_manifest
    from sop_pipeline.release.pointer import resolve_release
    from sop_pipeline.release.problems import ReleaseError

    try:
        folder = resolve_release(settings.paths.root, release)
        published = read_manifest(folder)["tables"]
    except ReleaseError as error:
        _fail(str(error), FAILED, as_json)
    rows = [
        {"table": name, "rows": facts["rows"], "grain": facts["grain"], "description": facts["description"]}
        for name, facts in sorted(published.items())
    ]
    if as_json:
        _print_json(rows)
        return
    table = Table("table", "rows", "grain", "description", box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for row in rows:
        table.add_row(row["table"], f"{row['rows']:,}", ", ".join(row["grain"]), row["description"])
    out.print(f"{folder.name}, open {folder / 'sop.duckdb'} read-only")
    out.print(table)


@app.command()
def verify(
    release: Annotated[str | None, typer.Argument(help="Release [default: current]")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Recompute a release: every hash, its identifier, rows and control totals, and the database against the files."""
    settings = _settings(home=home)
    from sop_pipeline.release.problems import ReleaseError
    from sop_pipeline.release.verify import verify as verify_release

    try:
        report = verify_release(settings.paths.root, release)
    except ReleaseError as error:
        _fail(str(error), FAILED, as_json)
    if as_json:
        _print_json(
            {"release_id": report.release_id, "is_whole": report.is_whole, "problems": list(report.problems)}
        )
    elif report.is_whole:
        out.print(
            f"[green]{report.release_id} is whole[/green]: {report.files} files, {report.tables} tables recomputed."
        )
    else:
        err.print(
            f"[red]{report.release_id} is not what was published[/red]: {len(report.problems)} problems"
        )
        for problem in report.problems:
            err.print(f" * {_escape(problem)}")
    raise typer.Exit(0 if report.is_whole else FAILED)


def main() -> None:
    """Entry point: expected errors become one message and an exit code, never a traceback."""
    try:
        app()
    except SettingsError as error:
        _fail(str(error), USAGE, "--json" in sys.argv)
    except OSError as error:
        _fail(f"The file system refused: {error}", FAILED, "--json" in sys.argv)
    except KeyboardInterrupt:
        _fail("Interrupted. Nothing was published; run the same command again.", 130, "--json" in sys.argv)


def _settings(**chosen: Any) -> Settings:
    return load_settings(**chosen)


def _refuse_if_busy(settings: Settings, as_json: bool) -> None:
    from sop_pipeline.release.lock import holder_of

    holder = holder_of(settings.paths.root)
    if holder:
        text = (
            f"{settings.paths.root} is already refreshing: process {holder.pid}. Wait for it, then run again."
        )
        _fail(text, BUSY, as_json, {"process_id": holder.pid})


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


def _failure_text(error: Any, settings: Settings) -> str:
    return (
        f"Cycle {error.cycle_id} was not published: step '{error.step}' failed.\n\n{error}\n\n"
        f"What was published before stays current. Run {error.run_id[:8]} has the whole story: make dev."
    )


def _print_summary(settings: Settings, done: list[Any]) -> None:
    root = settings.paths.root
    out.print()
    for result in done:
        word = "published" if result.is_new else "unchanged"
        out.print(f"[bold]{result.cycle_id}[/bold]  {word} as {result.release_id} in {result.seconds:.0f} s")
    out.print(
        f"\nOpen next\n  meeting pack   {root / 'current' / 'pack.html'}\n"
        f"  tables         {root / 'current' / 'sop.duckdb'}  (read-only; `sop tables` lists them)\n"
        "  asset graph    make dev\n  check          sop verify"
    )


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
