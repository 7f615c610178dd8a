"""`sop refresh`: run monthly cycles, from extracts to a published release.

Add here: what the command says while it runs and when it is done. Keep out: running (`sop_pipeline.refresh`).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sop_pipeline.cli.terminal import (
    BUSY,
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
from sop_pipeline.cli.words import count_words, row_words
from sop_pipeline.settings import PROJECT_DIR, Settings, SettingsError, load_settings, refuse_wrong_folders
from sop_pipeline.sources.catalogue import PROFILES

if TYPE_CHECKING:
    from sop_pipeline.sources.late import LateFiles


@app.command()
def refresh(
    cycle: Annotated[str | None, typer.Option(help="Cycle to run, YYYY-MM (default: the one that is due)")] = None,
    through: Annotated[str | None, typer.Option(help="Run every cycle from --cycle to this one.")] = None,
    source: Annotated[str | None, typer.Option(help=f"{', '.join(PROFILES)} (default: the home's, or demo)")] = None,
    input: Annotated[Path | None, typer.Option(help="Folder of delivered files (every source but demo).")] = None,
    database: Annotated[bool, typer.Option("--database", help="Read the tables from the source's database (SOP_DATABASE_URL); --input then holds the supplement.")] = False,
    planner: Annotated[Path | None, typer.Option(help="Folder of planner inputs as CSV.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Run a monthly cycle, from extracts to a published release."""
    settings = load_settings(
        home=home, source=source, input_dir=input, planner_dir=planner, database=database or None
    )
    _refuse_if_busy(settings, as_json)
    from sop_pipeline.refresh import CannotStart, RefreshFailed, choose_cycles, refresher
    from sop_pipeline.release.approvals import refuse_agreed
    from sop_pipeline.schedules import planning_now

    try:
        cycles = choose_cycles(settings, cycle, through, planning_now(settings))
        refuse_wrong_folders(settings, cycles)
    except SettingsError as error:
        fail(str(error), USAGE, as_json)
    refuse_agreed(settings.paths.root, cycles)
    done = []
    out.file = sys.stdout  # keep the terminal while the run's own output goes to its log
    with _starting(as_json, CannotStart), refresher(settings) as run:
        for cycle_id in cycles:
            if not as_json:
                out.print(f"[bold]Cycle {cycle_id}[/bold]  {settings.company}, source {settings.source}")
            try:
                listeners = (_say_nothing, _say_nothing) if as_json else (_say_step, _say_closed_gate)
                done.append(run(cycle_id, *listeners))
            except RefreshFailed as error:
                code = BUSY if error.is_busy else FAILED
                fail(_failure_text(error), code, as_json, {"cycle_id": cycle_id, "step": error.step})
            if not as_json:
                for warning in done[-1].warnings:
                    out.print(f"  [yellow]warning[/yellow]  {escape(warning)}")
    if as_json:
        print_json([asdict(result) for result in done])
    else:
        _print_summary(settings, done)


def _refuse_if_busy(settings: Settings, as_json: bool) -> None:
    """Say at once that the home is held, before anything slow is loaded; the lock itself is taken later."""
    from sop_pipeline.release.lock import HomeIsBusy, peek

    holder = peek(settings.paths.root)
    if holder:
        busy = HomeIsBusy(settings.paths.root, holder)
        fail(str(busy), BUSY, as_json, {"process_id": busy.pid})


@contextmanager
def _starting(as_json: bool, cannot_start: type[Exception]) -> Iterator[None]:
    try:
        yield
    except cannot_start as error:
        fail(f"The refresh did not start.\n\n{error}", FAILED, as_json)


def _say_nothing(*_news: object) -> None:
    return None


def _say_closed_gate(gate: str, failed: str) -> None:
    out.print(
        f"  [red]closed[/red]   gate {gate}: {escape(failed)}\n"
        "           This cycle will not be published. The run goes on, so that its tables can be looked at."
    )


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


def _late_files(settings: Settings) -> list[LateFiles]:
    """Files that came after their cycle was published: this run did not take them in, and says how."""
    from sop_pipeline.release.registry import list_cycles
    from sop_pipeline.sources.late import late_files

    published = [record.cycle_id for record in list_cycles(settings.paths.root)]
    return late_files(settings.paths.landing, settings.source, settings.system, settings.input_dir, published)


def _print_summary(settings: Settings, done: list[Any]) -> None:
    root = settings.paths.root
    is_default = root == PROJECT_DIR / ".sop"
    out.print()
    for result in done:
        word = "published" if result.is_new else "unchanged"
        out.print(f"[bold]{result.cycle_id}[/bold]  {word} as {result.release_id} in {result.seconds:.0f} s")
        there = "" if is_default else f" --home {root}"
        if result.rows:
            out.print(f"         {row_words(result.rows)}: [bold]sop quality{there}[/bold]")
        count = count_words(result.findings)
        out.print(f"         {count}: [bold]sop findings{there}[/bold], or the pack")
    for one in _late_files(settings):
        out.print(f"[yellow]Late     {escape(one.words)}[/yellow]")
    out.print(
        f"\nOpen next\n  meeting pack   {root / 'current' / 'pack.html'}\n"
        f"  tables         {root / 'current' / 'sop.duckdb'}  (read-only; `sop tables` lists them)\n"
        f"  asset graph    {'' if is_default else f'SOP_HOME={root} '}make dev\n"
        f"  check          sop verify{'' if is_default else f' --home {root}'}"
    )
