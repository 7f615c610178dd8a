"""`sop agree`, `sop reopen`, `sop approvals`: freezing a cycle's demand plan under a name, and taking that back.

Add here: a command by which people act on a published plan. Keep out: what an act needs (`sop_pipeline.release.approvals`).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer
from rich.table import Table

from sop_pipeline.cli.terminal import HomeOption, JsonOption, app, escape, out, print_json
from sop_pipeline.settings import load_settings

CycleArgument = Annotated[str, typer.Argument(help="Cycle, YYYY-MM")]
ByOption = Annotated[str, typer.Option("--by", help="Who decides: the name that stands in the record.")]


@app.command()
def agree(
    cycle: CycleArgument,
    by: ByOption,
    note: Annotated[str, typer.Option(help="What was agreed besides.")] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Agree a cycle's demand plan: it is frozen under a name, and the cycle cannot be run again."""
    settings = load_settings(home=home)
    from sop_pipeline.release import approvals
    from sop_pipeline.schedules import planning_now

    act = approvals.agree(settings.paths.root, cycle, by, planning_now(settings), note)
    if as_json:
        print_json(asdict(act))
        return
    out.print(
        f"[green]{act.cycle_id} is agreed[/green] by {escape(act.decided_by)}: {act.plan.rows:,} rows of "
        f"{act.plan.items:,} items from {act.plan.first_period[:7]} to {act.plan.last_period[:7]}, "
        f"{float(act.plan.units):,.0f} units, as {act.release_id}.\n"
        f"Content {act.plan.content_sha256}\nThe cycle is locked; `sop reopen {act.cycle_id}` takes it back."
    )


@app.command()
def reopen(
    cycle: CycleArgument,
    by: ByOption,
    reason: Annotated[str, typer.Option(help="Why: whoever relied on the plan will ask.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Reopen a cycle whose demand plan was agreed: it may be run again; the release that was agreed stays."""
    settings = load_settings(home=home)
    from sop_pipeline.release import approvals
    from sop_pipeline.schedules import planning_now

    act = approvals.reopen(settings.paths.root, cycle, by, reason, planning_now(settings))
    if as_json:
        print_json(asdict(act))
        return
    out.print(
        f"{act.cycle_id} is reopened by {escape(act.decided_by)}: its plan is a draft again. {act.release_id} stays."
    )


@app.command()
def approvals(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """List who agreed and reopened which cycle's demand plan, and why."""
    settings = load_settings(home=home)
    from sop_pipeline.release.approvals import list_approvals

    acts = list_approvals(settings.paths.root)
    if as_json:
        print_json([asdict(act) for act in acts])
        return
    if not acts:
        out.print("No demand plan has been agreed yet: `sop agree CYCLE --by NAME`.")
        return
    table = Table(
        "cycle", "act", "by", "on", "release", "units", "content", "reason", box=None, pad_edge=False
    )
    for act in acts:
        units, content = f"{float(act.plan.units):,.0f}", act.plan.content_sha256[:12]
        table.add_row(
            act.cycle_id, act.act, escape(act.decided_by), act.decided_at[:16], act.release_id, units, content,
            escape(act.reason),
        )  # fmt: skip
    out.print(table)
