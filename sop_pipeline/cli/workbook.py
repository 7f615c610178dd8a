"""`sop workbook`: planners' inputs as Excel files, out and back: export, import, list, conflicts, resolve.

Add here: what these commands say. Keep out: what they do (`sop_pipeline.planner_inputs` and the workbook room).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

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
from sop_pipeline.settings import load_settings

if TYPE_CHECKING:
    from sop_pipeline.planner_imports import Receipt
    from sop_pipeline.planner_inputs import Desk
    from sop_pipeline.workbook.merge import Conflict

LINES_SHOWN = 12

workbook = typer.Typer(no_args_is_help=True, help="Planners' inputs as Excel workbooks or CSV files.")
app.add_typer(workbook, name="workbook")

CycleOption = Annotated[str | None, typer.Option(help="Cycle, YYYY-MM (default: the newest published)")]
AuthorOption = Annotated[str, typer.Option(help="Who answers for the figures")]


@workbook.command()
def export(
    role: Annotated[str, typer.Option(help="demand, sales, marketing, supply or finance")],
    cycle: CycleOption = None,
    home: HomeOption = None,
    out_file: Annotated[
        Path | None, typer.Option("--out", help="File to write (default: <cycle>-<role>.xlsx)")
    ] = None,
    until: Annotated[
        str | None, typer.Option(help="Day or words to hand in by, shown on the first sheet")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a role's workbook: the inputs in force to change, the cycle's figures to read."""
    from sop_pipeline.planner_inputs import export as write
    from sop_pipeline.schedules import planning_now

    desk = _desk(home, cycle)
    content = write(desk, role, planning_now(desk.settings), until)
    path = out_file or Path(f"{desk.cycle_id}-{role}.xlsx")
    if path.suffix.lower() != ".xlsx":
        fail(f"--out {path}: a workbook's name ends in .xlsx.", USAGE, as_json)
    path.write_bytes(content)
    if as_json:
        print_json(
            {"file": str(path), "cycle_id": desk.cycle_id, "role": role, "release_id": desk.release_id}
        )
        return
    out.print(f"{path}: inputs of {role} for cycle {desk.cycle_id}, figures of release {desk.release_id}.")
    out.print(f"When it comes back: sop workbook import {path.name} --author NAME{_home_words(desk, home)}")


@workbook.command("import")
def import_files(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Workbooks, or <table>.csv")],
    author: AuthorOption,
    cycle: CycleOption = None,
    home: HomeOption = None,
    reply: Annotated[
        Path | None, typer.Option(help="Where to write the reply (one file only; default: beside it)")
    ] = None,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="A sheet without rows takes all its rows out.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Take in files that planners sent. What is good holds from the next refresh on; the rest comes back in a reply."""
    from sop_pipeline.planner_imports import take_in
    from sop_pipeline.schedules import planning_now
    from sop_pipeline.workbook.security import RefusedFile

    if reply is not None and len(files) > 1:
        fail("--reply names one file: import the files one by one, or leave it out.", USAGE, as_json)
    desk = _desk(home, cycle)
    answers: list[dict[str, Any]] = []
    for file in files:
        try:
            receipt = take_in(desk, file, author, planning_now(desk.settings), allow_empty)
        except RefusedFile as error:
            answers.append({"file": str(file), "refused": str(error), "is_clean": False})
            if not as_json:
                out.print(f"[red]{escape(str(error))}[/red]\nNothing of it was read.")
            continue
        path = reply or file.with_name(f"{file.stem}.reply.xlsx")
        if receipt.reply is not None:
            path.write_bytes(receipt.reply)
        answers.append(_answer(receipt, path))
        if not as_json:
            _tell(receipt, path, _home_words(desk, home), desk.cycle_id)
    if as_json:
        print_json(answers)
    raise typer.Exit(0 if all(answer["is_clean"] for answer in answers) else FAILED)


@workbook.command("list")
def list_imports(cycle: CycleOption = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Who imported what, when, and what became of it."""
    from sop_pipeline.workbook.journal import entries

    desk = _desk(home, cycle)
    found = entries(desk.landing)
    states = desk.in_force([entry.statement for entry in found], desk.touched()).merged.states
    rows = []
    for entry in found:
        one = entry.statement
        mine = [state for (number, _), state in states.items() if number == one.number]
        rows.append(
            {
                "number": one.number, "imported_at": one.imported_at, "author": one.author, "cycle_id": one.cycle_id,
                "role": entry.facts.get("role", ""), "file": one.file_name or _resolution_words(one),
                "changes": len(one.changes), "in_force": mine.count("in_force"), "in_conflict": mine.count("conflict"),
                "rejected": len(entry.rejected), "sha256": one.sha256,
            }
        )  # fmt: skip
    if as_json:
        print_json(rows)
        return
    if not rows:
        out.print(f"Nothing was imported into {desk.settings.paths.root} yet.")
        return
    heads = (
        "no.",
        "imported",
        "author",
        "cycle",
        "role",
        "file",
        "changes",
        "in force",
        "conflict",
        "rejected",
    )
    lines = [
        [
            str(row["number"]),
            row["imported_at"][:16],
            row["author"],
            row["cycle_id"],
            row["role"],
            row["file"],
        ]
        + [str(row[name]) for name in ("changes", "in_force", "in_conflict", "rejected")]
        for row in rows
    ]
    widths = [max(map(len, column)) for column in zip(heads, *lines, strict=True)]
    for line in [list(heads), *lines]:
        out.print(
            escape("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip())
        )
    out.print(f"\nEvery file, untouched: {desk.landing / 'planner' / 'imports'}")


@workbook.command()
def conflicts(cycle: CycleOption = None, home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Cells and rows about which people differ: none of what they say holds until it is resolved."""
    desk = _desk(home, cycle)
    found = desk.in_force(tables=desk.touched()).merged.conflicts
    if as_json:
        print_json([_conflict_facts(one) for one in found])
        return
    if not found:
        out.print(f"Nobody differs in cycle {desk.cycle_id}.")
        return
    for one in found:
        _tell_conflict(one)
    out.print(f"\nSettle it: sop workbook resolve ID --take AUTHOR --author NAME{_home_words(desk, home)}")


@workbook.command()
def resolve(
    conflict: Annotated[str, typer.Argument(metavar="ID", help="As `sop workbook conflicts` names it")],
    take: Annotated[str, typer.Option(help="Whose word holds")],
    author: AuthorOption,
    cycle: CycleOption = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Settle a conflict: one person's word holds from the next refresh on; who settled it is kept."""
    from sop_pipeline.planner_imports import settle
    from sop_pipeline.schedules import planning_now

    desk = _desk(home, cycle)
    settled = settle(desk, conflict, take, author, planning_now(desk.settings))
    if as_json:
        print_json(_conflict_facts(settled) | {"taken": take})
        return
    out.print(
        f"The word of {escape(take)} holds. Plan with it: sop refresh --cycle {desk.cycle_id}{_home_words(desk, home)}"
    )


def _desk(home: Path | None, cycle: str | None) -> Desk:
    from sop_pipeline.planner_inputs import open_desk

    return open_desk(load_settings(home=home), cycle)


def _home_words(desk: Desk, home: Path | None) -> str:
    return f" --home {desk.settings.paths.root}" if home else ""


def _answer(receipt: Receipt, path: Path) -> dict[str, Any]:
    return {
        "file": receipt.file, "number": receipt.number, "is_clean": receipt.is_clean, "is_repeated": receipt.is_repeated,
        "rows_read": receipt.rows_read, "taken": list(receipt.taken),
        "rejected": [rejection.to_json() for rejection in receipt.rejections],
        "conflicts": [_conflict_facts(one) for one in receipt.conflicts], "superseded": list(receipt.superseded),
        "warnings": list(receipt.warnings), "reply": str(path) if receipt.reply is not None else None,
    }  # fmt: skip


def _conflict_facts(conflict: Conflict) -> dict[str, Any]:
    from sop_pipeline.planner_imports import conflict_id
    from sop_pipeline.workbook.reply import claims_words

    return {
        "id": conflict_id(conflict), "table": conflict.table, "key": list(conflict.key), "column": conflict.column,
        "authors": sorted(conflict.claims), "words": claims_words(conflict),
    }  # fmt: skip


def _tell(receipt: Receipt, path: Path, home_words: str, cycle_id: str) -> None:
    if receipt.is_repeated:
        out.print(f"{escape(receipt.file)} was imported before, as no. {receipt.number}: nothing to do.")
        return
    out.print(
        f"[bold]{escape(receipt.file)}[/bold]: {receipt.rows_read} rows read, import no. {receipt.number}"
    )
    if receipt.is_clean and not receipt.taken:
        out.print("  Nothing was changed: every cell is as it was exported.")
    _lines("green", f"{len(receipt.taken)} taken", list(receipt.taken))
    for one in receipt.rejections[:LINES_SHOWN]:
        where = ", ".join(
            part for part in (one.sheet, f"row {one.row}" if one.row else "", one.column) if part
        )
        value = f" ({one.value})" if one.value else ""
        out.print(f"  [red]not taken[/red]  {escape(where)}{escape(value)}: {one.rule}. {escape(one.fix)}")
    _more(len(receipt.rejections))
    for conflict in receipt.conflicts[:LINES_SHOWN]:
        _tell_conflict(conflict)
    _more(len(receipt.conflicts))
    _lines("yellow", "not taken, the row has changed since the export", list(receipt.superseded))
    for warning in receipt.warnings:
        out.print(f"  [yellow]note[/yellow]  {escape(warning)}")
    if receipt.reply is not None:
        out.print(f"  Reply for the author: {path}")
    if receipt.taken:
        out.print(f"  Plan with it: sop refresh --cycle {cycle_id}{home_words}")


def _lines(colour: str, title: str, lines: list[str]) -> None:
    if lines:
        out.print(f"  [{colour}]{title}[/{colour}]")
    for line in lines[:LINES_SHOWN]:
        out.print(f"    {escape(line)}")
    _more(len(lines))


def _more(count: int) -> None:
    if count > LINES_SHOWN:
        out.print(f"    ... and {count - LINES_SHOWN} more")


def _tell_conflict(conflict: Conflict) -> None:
    from sop_pipeline.planner_imports import conflict_id
    from sop_pipeline.workbook.contract import label
    from sop_pipeline.workbook.reply import claims_words
    from sop_pipeline.workbook.values import key_words

    where = f"{label(conflict.table)}, {key_words(conflict.key)}"
    out.print(
        f"  [yellow]conflict[/yellow] {conflict_id(conflict)}  {escape(where)}: {escape(claims_words(conflict))}"
    )


def _resolution_words(statement: Any) -> str:
    return f"took the word of {statement.resolution.take}" if statement.resolution else ""
