"""`sop quality`: what a refresh did with the data that was delivered.

Add here: how the report is printed. Keep out: what is in it (`sop_pipeline.quality_report`).
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

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
from sop_pipeline.settings import Settings, load_settings

if TYPE_CHECKING:
    from sop_pipeline.quality_report import QualityReport

SHOWN_TEXT = 160


@app.command()
def quality(
    cycle: Annotated[str | None, typer.Option(help="Cycle, YYYY-MM (default: the one refreshed last)")] = None,
    table: Annotated[str | None, typer.Option(help="One table, e.g. sales_order_lines, with all of its rows kept out.")] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Show what was rejected, quarantined, repaired and warned, and what each did to the totals."""
    settings = load_settings(home=home)
    from sop_pipeline.quality_report import NothingKnown, last_cycle, quality_report

    root = settings.paths.root
    if not root.is_dir():
        fail(
            f"There is no home in {root}: run `sop refresh`, or name another folder with --home.",
            USAGE,
            as_json,
        )
    cycle = cycle or last_cycle(settings)
    if cycle is None:
        fail(f"Nothing was refreshed in {root} yet: run `sop refresh`.", FAILED, as_json)
    try:
        report = quality_report(settings, cycle, table)
    except NothingKnown as error:
        fail(str(error), FAILED, as_json)
    if table is not None and report.tables and not report.totals and not report.kept_out:
        fail(f"Cycle {cycle} knows no table '{table}': {', '.join(report.tables)}.", USAGE, as_json)
    if as_json:
        print_json(asdict(report))
        return
    _print_head(report)
    _print_totals(report, settings, is_one=table is not None)
    _print_kept_out(report, settings)
    _print_rules(report)


def _print_head(report: QualityReport) -> None:
    if report.stop is None:
        out.print(f"[bold]Cycle {report.cycle_id}[/bold]  published as {report.release_id}")
    else:
        before = f"; {report.release_id} of before still stands" if report.release_id else ""
        out.print(f"[bold]Cycle {report.cycle_id}[/bold]  [red]not published[/red]: the refresh of {report.stop.at[:16].replace('T', ' ')} "
                  f"stopped at '{escape(report.stop.step)}'{before}\n")  # fmt: skip
        out.print(f"[bold]Rejected[/bold]\n{escape(report.stop.message)}")
    warned = [rule for rule in report.rules if rule["severity"] == "warning"]
    failed = [rule for rule in report.rules if rule["severity"] != "warning"]
    out.print(
        f"{report.judged:,} rules judged: {report.judged - len(report.rules):,} held, {len(warned)} warned, {len(failed)} "
        f"failed; {report.files} tables expected"
    )


def _print_totals(report: QualityReport, settings: Settings, is_one: bool) -> None:
    """A waterfall for each table that lost or gained something on the way; the others in one line."""
    by_table: dict[str, list[dict[str, Any]]] = {}
    for row in report.totals:
        by_table.setdefault(row["table_name"], []).append(row)
    told = {name: rows for name, rows in by_table.items() if is_one or len(rows) > 2}
    quiet = [rows for name, rows in by_table.items() if name not in told]
    if told:
        table = Table(
            "", "rows", "quantity", settings.currency, "", box=None, pad_edge=False, padding=(0, 2, 0, 0)
        )
        for column in table.columns[1:4]:
            column.justify = "right"
        for name, rows in told.items():
            table.add_row(f"[bold]{escape(name)}[/bold]")
            for row in rows:
                sign = "-" if row["outcome"] in ("quarantined", "skipped") else ""
                tone = {"quarantined": "red", "skipped": "yellow", "repaired": "green"}.get(row["outcome"])
                word = f"[{tone}]{row['outcome']}[/{tone}]" if tone else row["outcome"]
                why = " ".join(filter(None, (row["rule_id"], f"({row['kept_out_where']})" if sign else "")))
                table.add_row(f"  {word}", _figure(row["row_count"], sign), _figure(row["quantity"], sign),
                              _figure(row["money"], sign), escape(why))  # fmt: skip
        out.print("\n[bold]What became of it[/bold]")
        out.print(table)
    if quiet:
        rows_loaded = sum(row["row_count"] for rows in quiet for row in rows if row["outcome"] == "loaded")
        out.print(
            f"\n{'Other' if told else 'All'} {len(quiet)} tables: {rows_loaded:,} rows delivered, all of them loaded as they came."
        )


def _figure(value: Any, sign: str) -> str:
    return "" if value is None else f"{sign if value else ''}{value:,.0f}"


def _print_kept_out(report: QualityReport, settings: Settings) -> None:
    if not report.kept_out:
        return
    out.print("\n[bold]Kept out[/bold]")
    for group in report.kept_out:
        money = f", {group['money']:,.0f} {settings.currency}" if group["money"] else ""
        note = "" if group["is_lost"] else "; nothing lost, another row says the same"
        out.print(
            f"  {escape(group['table_name'])}: {escape(group['rule_id'])}, {group['row_count']:,} rows{money}{note}"
        )
        for example in group["examples"]:
            where = f"{example['file_name'] or 'file ' + example['source_file_sha256'][:8]}, row {example['source_row_number']}"
            text = example["original_text"]
            out.print(f"    [dim]{escape(_shown(where))}[/dim]  {escape(_shown(example['problem']))}")
            if text:
                out.print(f"      {escape(_shown(text))}")


def _print_rules(report: QualityReport) -> None:
    for rule in report.rules:
        tone = "yellow" if rule["severity"] == "warning" else "red"
        word = "warning" if rule["severity"] == "warning" else "failed "
        out.print(f"\n[{tone}]{word}[/{tone}]  {escape(rule['table_name'])}: {escape(rule['rule'])}: asked {escape(rule['expected'])}; "
                  f"found {escape(rule['observed'])}")  # fmt: skip
        if rule["examples"]:
            out.print(f"         {escape(_shown(rule['examples'], 400))}")
        out.print(f"         [dim]{escape(rule['why'])}[/dim]")
    out.print(
        "\nEvery row: select * from marts.fct_quarantined_rows; every rule: data_docs.html (both of the release)."
    )


def _shown(text: str, length: int = SHOWN_TEXT) -> str:
    """A text of data on one line: nothing in it reaches the terminal as a command."""
    plain = "".join(character if character.isprintable() else repr(character)[1:-1] for character in text)
    return plain if len(plain) <= length else f"{plain[: length - 3]}..."
