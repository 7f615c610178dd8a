"""`sop contract`: what a delivery must look like, table by table, column by column, or written out into a folder.

Add here: another way to ask for a contract. Keep out: the writing out (`sop_pipeline.contract_book`).
"""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import click
import typer

from sop_pipeline.cli.terminal import USAGE, JsonOption, app, escape, fail, out, print_json

if TYPE_CHECKING:
    from sop_pipeline.warehouse.contracts import Contract

SHOW = "table"
SystemOption = Annotated[
    str | None,
    typer.Option(
        "--system",
        help="Whose tables: contract, planner, or an ERP's (default: our contract and planners' inputs).",
    ),
]


class TablesAndCommands(typer.core.TyperGroup):
    """A group whose every other word is the name of a table: `sop contract items` is `sop contract table items`."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of the first word, or the one that shows a table."""
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            args = [SHOW, *args]
        return super().resolve_command(ctx, args)


contract_app = typer.Typer(
    name="contract", cls=TablesAndCommands, invoke_without_command=True, add_help_option=True
)
app.add_typer(contract_app)


@contract_app.callback()
def contract(context: typer.Context, system: SystemOption = None, as_json: JsonOption = False) -> None:
    """What a delivery must look like. Alone: the tables. With the name of a table: its columns. `export DIR`: files of it.

    Examples: sop contract; sop contract sales_order_lines; sop contract --system sap; sop contract export my_contract
    """
    context.obj = {"system": system, "as_json": as_json}
    if context.invoked_subcommand is None:
        _list_tables(system, as_json)


@contract_app.command(SHOW)
def show_table(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="TABLE", help="Name of a table, e.g. items.")],
    system: SystemOption = None,
    as_json: JsonOption = False,
) -> None:
    """One table, column by column."""
    system, as_json = system or context.obj["system"], as_json or context.obj["as_json"]
    contracts = _contracts(system, as_json)
    found = [c for c in contracts if name in (c.name, c.table)]
    if not found:
        near = get_close_matches(name, [c.name for c in contracts], n=1)
        guess = f" Did you mean {near[0]}?" if near else ""
        fail(
            f"No table is called {name!r}.{guess} `sop contract` lists them; of an ERP: --system.",
            USAGE,
            as_json,
        )
    _print_table(found[0], as_json)


@contract_app.command()
def export(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write into: new, or empty.")],
    system: SystemOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write empty files, example rows, a JSON Schema a table, and the whole contract as one page."""
    from sop_pipeline.contract_book import write_book

    system, as_json = system or context.obj["system"], as_json or context.obj["as_json"]
    contracts = _contracts(system, as_json)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        fail(f"{folder} is not an empty folder: name another, or remove what is in it.", USAGE, as_json)
    files = write_book(contracts, folder)
    if as_json:
        print_json({"folder": str(folder), "files": [str(path.relative_to(folder)) for path in files]})
        return
    out.print(
        f"{len(contracts)} tables in {folder}:\n"
        f"  page       {folder / 'source-contract.html'}\n"
        f"  templates  {folder / 'templates'}  (the header, no row)\n"
        f"  examples   {folder / 'examples'}  (the header and one row)\n"
        f"  schemas    {folder / 'schemas'}  (JSON Schema 2020-12; index.schema.json is a delivery)"
    )


def _contracts(system: str | None, as_json: bool) -> list[Contract]:
    from sop_pipeline.settings import DBT_PROJECT_DIR
    from sop_pipeline.warehouse.contracts import load_contracts

    known = load_contracts(DBT_PROJECT_DIR)
    systems = list(dict.fromkeys(c.schema for c in known.values() if c.delivery and not c.is_model))
    if system is not None and system not in systems:
        fail(f"No source contract is called {system!r}: {', '.join(sorted(systems))}.", USAGE, as_json)
    wanted = [system] if system else ["contract", "planner"]
    return [contract for name in wanted for contract in known.of_schema(name)]


def _list_tables(system: str | None, as_json: bool) -> None:
    from sop_pipeline.contract_book import SYSTEM_TITLES, table_facts

    facts = [table_facts(contract) for contract in _contracts(system, as_json)]
    if as_json:
        print_json(facts)
        return
    area = None
    for row in facts:
        heading = row["area"] or SYSTEM_TITLES.get(row["table"].split(".")[0], row["table"].split(".")[0])
        if heading != area:
            area = heading
            out.print(f"\n[bold]{escape(heading)}[/bold]")
        needed = "mandatory" if row["is_mandatory"] else "[dim]optional [/dim]"
        out.print(f"  {row['table']:<36} {needed}  {escape(row['description'])}")
    out.print("\nOne table: sop contract TABLE. As files and a page: sop contract export DIR.")


def _print_table(contract: Contract, as_json: bool) -> None:
    from sop_pipeline.contract_book import table_facts

    facts = table_facts(contract)
    if as_json:
        print_json(facts)
        return
    out.print(f"[bold]{facts['table']}[/bold]  {escape(facts['description'])}\n")
    for label, text in _table_lines(facts):
        out.print(f"  [dim]{label:<10}[/dim] {escape(text)}")
    out.print()
    for column in facts["columns"]:
        mark = "[bold]*[/bold]" if column["is_key"] else " "
        unit = f", {column['unit']}" if column["unit"] else ""
        need = column["need"] if column["need"] == "every row" else f"[dim]{column['need']}[/dim]"
        out.print(
            f"{mark} [bold]{column['name']:<26}[/bold] {need}{' ' * (16 - len(column['need']))}{column['type']}{unit}"
        )
        example = f"  [dim]e.g. {escape(column['example'])}[/dim]" if column["example"] else ""
        out.print(f"    {escape(_meaning(column))}{example}")
    out.print("\n* part of the key")


def _table_lines(facts: dict[str, Any]) -> list[tuple[str, str]]:
    """Label and text of what holds for the whole table."""
    mode = [facts["delivery"], facts["cadence"], facts["cut_off"]]
    if facts["freshness_days"] is not None:
        mode.append(f"not older than {facts['freshness_days']} days")
    needed = "mandatory" if facts["is_mandatory"] else "optional"
    without = f"; without it, {facts['without_it']}" if facts["without_it"] else ""
    lines = [
        ("key", ", ".join(facts["key"])),
        ("file", f"{' or '.join(facts['files'])} ({needed}{without})"),
        ("delivery", ", ".join(part for part in mode if part)),
        ("owner", facts["owner"]),
        ("sign", facts["sign"]),
        ("totals", ", ".join(facts["control_totals"])),
        ("bad row", facts["on_violation"]),
        ("person", "personal data" if facts["pii"] != "none" else None),
    ]
    return [(label, text) for label, text in lines if text]


def _meaning(column: dict[str, Any]) -> str:
    if column["references"]:
        return f"{column['description']} (must stand in {column['references']})"
    if column["accepted_values"] and not column["says_values"]:
        return f"{column['description']} (one of {', '.join(column['accepted_values'])})"
    return str(column["description"])
