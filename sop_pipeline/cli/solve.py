"""`sop solve` and `sop benchmark`: a planner's case as a folder of CSV tables, solved by the model that plans a cycle.

Add here: what is said of an answer. Keep out: the model (`planning.supply`), reading files (`warehouse.case_files`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from sop_pipeline.cli.terminal import FAILED, USAGE, JsonOption, app, err, escape, fail, out, print_json
from sop_pipeline.settings import PROJECT_DIR

if TYPE_CHECKING:
    import pandas as pd

    from sop_pipeline.planning.supply.case import Answer

EXAMPLES_DIR = PROJECT_DIR / "examples" / "cases"
PRICES_SHOWN = 10
EQUAL_RATIO = 1e-6


@app.command()
def solve(
    case_dir: Annotated[Path | None, typer.Argument(help="Folder of the case's CSV files.")] = None,
    out_dir: Annotated[Path | None, typer.Option("--out", help="Write the answer's tables and summary.json here.")] = None,
    objective: Annotated[str | None, typer.Option(help="cost, margin or service (default: the case's, or cost)")] = None,
    integer: Annotated[bool, typer.Option("--integer", help="Whole units and whole people.")] = False,
    time_limit: Annotated[float | None, typer.Option(help="Seconds to look for whole numbers (default 300).")] = None,
    gap: Annotated[float | None, typer.Option(help="Gap ratio at which the search for whole numbers stops.")] = None,
    confirm: Annotated[int | None, typer.Option(help="Dearest limits to solve again with one unit more and less.")] = None,
    algorithm: Annotated[str | None, typer.Option(help="auto, interior_point or simplex: the plan is the same.")] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of the solver: the plan is the same.")] = None,
    tables: Annotated[bool, typer.Option("--tables", help="List every file and column of a case, and end.")] = False,
    template: Annotated[Path | None, typer.Option(help="Write empty files of a case into a folder, and end.")] = None,
    as_json: JsonOption = False,
) -> None:  # fmt: skip
    """Solve a case: plan, cost terms, prices of what is scarce, audit and proof of optimality."""
    if tables:
        _list_tables(as_json)
        return
    if template is not None:
        _write_template(template, as_json)
        return
    if case_dir is None:
        fail(
            "Name the folder of the case: sop solve CASE_DIR. `sop solve --template DIR` writes an empty one.",
            USAGE,
            as_json,
        )
    options: dict[str, str] = {} if objective is None else {"objective": objective}
    options |= {"integer": "yes"} if integer else {}
    options |= {} if time_limit is None else {"time_limit_seconds": str(time_limit)}
    options |= {} if confirm is None else {"confirm_prices": str(confirm)}
    options |= {} if gap is None else {"gap_ratio": str(gap)}
    options |= {} if algorithm is None else {"algorithm": algorithm}
    options |= {} if seed is None else {"seed": str(seed)}
    answer = _answer_of(case_dir, options, as_json)
    if out_dir is not None:
        _write_answer(answer, out_dir)
    if as_json:
        print_json(answer.summary())
    else:
        _say_answer(case_dir, answer, out_dir)
    if answer.violations or not answer.certificate.is_proven:
        raise typer.Exit(FAILED)


@app.command()
def benchmark(
    cases_dir: Annotated[
        Path, typer.Argument(help="Folder of cases and their published.csv.")
    ] = EXAMPLES_DIR,
    as_json: JsonOption = False,
) -> None:
    """Solve every textbook case and hold the answers against the published ones."""
    import pandas as pd

    listed = cases_dir / "published.csv"
    if not listed.is_file():
        fail(f"{listed} is missing: it lists the published figures, one row a figure.", USAGE, as_json)
    published = pd.read_csv(listed, dtype=str, keep_default_na=False)
    answers: dict[tuple[str, str, str], Answer] = {}
    rows: list[dict[str, Any]] = []
    for row in published.to_dict("records"):
        key = (row["case_id"], row["objective"], row["integer"])
        if key not in answers:
            options = {"objective": row["objective"], "integer": row["integer"]}
            answers[key] = _answer_of(cases_dir / row["case_id"], options, as_json)
        ours, said = _figure(answers[key], row["figure"]), float(row["published_value"])
        answer = answers[key]
        is_equal = abs(ours - said) <= EQUAL_RATIO * max(1.0, abs(said))
        is_sound = answer.violations == 0 and answer.certificate.is_proven
        facts = {
            "published_value": said,
            "our_value": ours,
            "is_equal": is_equal,
            "is_audited_and_proven": is_sound,
        }
        rows.append(row | facts)
    wrong = [row for row in rows if not (row["is_equal"] and row["is_audited_and_proven"])]
    if as_json:
        print_json(rows)
    else:
        table = Table("case", "objective", "figure", "published", "ours", "", box=None, pad_edge=False)
        table.columns[3].justify = table.columns[4].justify = "right"
        for row in rows:
            mark = "[red]differs[/red]" if row in wrong else "equal"
            name = row["case_id"] + (" (whole)" if row["integer"] == "yes" else "")
            values = (f"{row[column]:,.2f}" for column in ("published_value", "our_value"))
            table.add_row(name, row["objective"], row["figure"], *values, mark)
        out.print(table)
        out.print(
            f"\n{len(rows) - len(wrong)} of {len(rows)} figures of {len(answers)} cases equal to 1e-6, audited and proven."
        )
    raise typer.Exit(FAILED if wrong else 0)


def _answer_of(case_dir: Path, options: dict[str, str], as_json: bool) -> Answer:
    from sop_pipeline.planning.supply import SupplyInputError, SupplySolveError
    from sop_pipeline.planning.supply.case import read_case, solve_case
    from sop_pipeline.warehouse.case_files import CaseFolderError, read_case_folder

    try:
        with err.status(f"{escape(case_dir.name)}: reading the case") as status:  # on a terminal only
            case = read_case(read_case_folder(case_dir), options)
            status.update(f"{escape(case_dir.name)}: making the model")
            return solve_case(case, lambda step: status.update(f"{escape(case_dir.name)}: {step}"))
    except (CaseFolderError, SupplyInputError) as error:
        fail(f"{case_dir}: {error}", USAGE, as_json)
    except SupplySolveError as error:
        fail(f"{case_dir}: {error}", FAILED, as_json, {"status": error.status})


def _figure(answer: Answer, asked: str) -> float:
    """`objective_value`, or `table.column key=value ...` of the one row that the keys name."""
    where, *keys = asked.split()
    if "." not in where:
        return float(answer.summary()[where])
    table, column = where.split(".")
    frame: pd.DataFrame = answer.tables[table]
    for key in keys:
        name, value = key.split("=")
        frame = frame[frame[name].astype(str) == value]
    if len(frame) != 1:
        fail(f"published.csv: {asked!r} names {len(frame)} rows of {table}, it must be one.", USAGE, False)
    return float(frame[column].iloc[0])


def _write_answer(answer: Answer, folder: Path) -> None:
    from sop_pipeline.warehouse.case_files import write_tables

    write_tables(answer.tables | {"audit": answer.audit}, folder)
    (folder / "summary.json").write_text(json.dumps(answer.summary(), indent=2) + "\n", encoding="utf-8")


def _say_answer(case_dir: Path, answer: Answer, folder: Path | None) -> None:
    summary = answer.summary()
    what = {"cost": "Total cost", "margin": "Margin", "service": "Total cost"}[answer.objective]
    out.print(f"[bold]{escape(case_dir.name)}[/bold]  objective {answer.objective}, {answer.termination}")
    if answer.termination != "optimal" or answer.gap_ratio > 0:
        out.print(f"Gap to the best bound  {answer.gap_ratio:.4%}")
    out.print(f"{what}  [bold]{answer.objective_value:,.2f}[/bold]")
    if answer.revenue:
        out.print(
            f"Revenue {answer.revenue:,.2f}, cost {answer.total_cost:,.2f}, margin {summary['margin']:,.2f}"
        )
    for priority, units in answer.service_levels.items():
        out.print(f"Unserved at priority {priority}  {units:,.2f} unit-periods")
    for term, amount in summary["cost_terms"].items():
        out.print(f"  {term.replace('_', ' '):<20} {amount:>16,.2f}")
    demand = answer.tables["demand"]
    lost, late = demand["lost_units"].sum(), demand["backlog_units"].sum()
    out.print(
        f"Delivered {demand['delivered_units'].sum():,.2f} of {demand['demand_units'].sum():,.2f} units; lost {lost:,.2f}; "
        f"owed at period ends {late:,.2f}"
    )
    _say_prices(answer.tables["prices"])
    bad = answer.audit[answer.audit["violations"] > 0]
    checked = int(answer.audit["checked_rows"].sum())
    if len(bad):
        for row in bad.to_dict("records"):
            err.print(
                f"[red]{row['law']}: {row['violations']} violation(s), e.g. {escape(row['example'])}[/red]"
            )
    else:
        out.print(f"Audit   {checked} checks of {len(answer.audit)} laws hold")
    proof = answer.certificate
    of = "optimum" if not answer.gap_ratio else "plan with its whole numbers"
    word = (
        f"the prices prove the {of} (gap {proof.gap_ratio:.1e})"
        if proof.is_proven
        else "[red]not proven[/red]"
    )
    out.print(f"Proof   {word}")
    if folder is not None:
        out.print(f"Tables  {folder}: {', '.join(sorted(answer.tables))}, audit, summary.json")
    else:
        out.print("Tables  --out DIR writes them: " + ", ".join(sorted(answer.tables)))


def _say_prices(prices: pd.DataFrame) -> None:
    scarce = prices[~prices["limit"].isin(["material_balance", "demand_balance", "headcount"])]
    scarce = scarce.reindex(scarce["shadow_price"].abs().sort_values(ascending=False, kind="stable").index)
    if len(scarce):
        out.print(f"Scarce ({min(len(scarce), PRICES_SHOWN)} of {len(scarce)}, dearest first)")
    for row in scarce.head(PRICES_SHOWN).to_dict("records"):
        when = f" in {row['period']}" if row["period"] else ""
        name = escape(f"{row['object_id']}{when}")
        confirmed = f"  confirmed: {row['is_confirmed']}" if row["is_confirmed"] else ""
        out.print(f"  {name:<40} {row['one_unit']:<38} saves {row['shadow_price']:>12,.4f}{confirmed}")


def _list_tables(as_json: bool) -> None:
    from dataclasses import asdict

    from sop_pipeline.planning.supply.case import PARAMETERS, TABLES

    if as_json:
        known = {
            name: {"default": default, "meaning": meaning} for name, (default, meaning) in PARAMETERS.items()
        }
        print_json({"tables": [asdict(table) for table in TABLES.values()], "parameters": known})
        return
    for table in TABLES.values():
        out.print(
            f"\n[bold]{table.name}.csv[/bold]  {escape(table.description)} Key: {', '.join(table.keys)}."
        )
        for column in table.fields:
            default = (
                "" if column.default in (None, "", float("inf")) else f" [dim](empty: {column.default})[/dim]"
            )
            needed = " [yellow]required[/yellow]" if column.is_required else ""
            out.print(f"  {column.name:<30} {escape(column.description)}{default}{needed}")
    out.print("\n[bold]Parameters[/bold]")
    for name, (default, meaning) in PARAMETERS.items():
        out.print(f"  {name:<30} {escape(meaning)} [dim](default: {default})[/dim]")


def _write_template(folder: Path, as_json: bool) -> None:
    from sop_pipeline.planning.supply.case import TABLES

    folder.mkdir(parents=True, exist_ok=True)
    taken = [table.name for table in TABLES.values() if (folder / f"{table.name}.csv").exists()]
    if taken:
        fail(f"{folder} holds {', '.join(taken)} already: name an empty folder.", USAGE, as_json)
    for table in TABLES.values():
        header = ",".join(field.name for field in table.fields) + "\n"
        (folder / f"{table.name}.csv").write_text(header, encoding="utf-8")
    if as_json:
        print_json({"folder": str(folder), "files": [f"{name}.csv" for name in TABLES]})
    else:
        out.print(
            f"{len(TABLES)} empty files in {folder}. Only demand.csv is needed; delete what the case does not use."
        )
