"""What every command shares: the application, exit codes, options, and how words, JSON and errors reach the terminal.

Exit codes: 0 done, 1 the work failed, 2 wrong usage or settings, 3 another refresh holds the home.
Add here: an option that several commands have. Keep out: commands (a module each, listed in `sop_pipeline.cli`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

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
ReleaseOption = Annotated[str | None, typer.Option(help="Release (default: current)")]


def print_json(content: Any) -> None:
    """Print a command's answer for a script."""
    typer.echo(json.dumps(content, indent=2, default=str))


def escape(text: str) -> str:
    """Text of data, shown as it is: square brackets are no markup."""
    return text.replace("[", "\\[")


def fail(text: str, code: int, as_json: bool, facts: dict[str, Any] | None = None) -> NoReturn:
    """Say what went wrong, once, and end with an exit code."""
    if as_json:
        print_json({"error": text, "exit_code": code, **(facts or {})})
    else:
        err.print(f"[red]{escape(text)}[/red]")
    raise SystemExit(code)
