"""A forecast of any panel of series: `sop forecast`.

Reads CSV or Parquet in long form, runs exactly what the pipeline runs, writes forecast, intervals, model and reason.
Add here: words and options of this command. Keep out: forecasting (`planning.demand.panel`).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sop_pipeline.cli.terminal import USAGE, JsonOption, app, escape, fail, out, print_json

if TYPE_CHECKING:
    import pandas as pd

    from sop_pipeline.planning.demand.panel import PanelForecast

NAMES = {
    "unique_id": (
        "unique_id",
        "series_id",
        "series",
        "id",
        "item_id",
        "item",
        "sku",
        "product_id",
        "product",
    ),
    "ds": ("ds", "date", "period_start_date", "period", "month", "week", "day", "timestamp"),
    "y": ("y", "value", "quantity", "qty", "units", "demand", "sales", "clean_units", "demand_units"),
}
"""What a column may be called, our own name first; `--id`, `--date` and `--value` say another one."""


@app.command()
def forecast(
    input_file: Annotated[Path, typer.Argument(metavar="INPUT", help="Panel in long form: CSV or Parquet")],
    horizon: Annotated[int, typer.Option(help="Periods ahead", min=1)],
    season: Annotated[
        int | None, typer.Option(help="Periods of a season (default: 12 months, 52 weeks, 7 days ...)", min=1)
    ] = None,
    is_fast: Annotated[
        bool, typer.Option("--fast/--accurate", help="Under a millisecond a series, or the best that we have")
    ] = False,
    out_file: Annotated[
        Path | None,
        typer.Option("--out", help="File to write, .parquet or .csv (default: INPUT_forecast.parquet)"),
    ] = None,
    levels: Annotated[
        str | None,
        typer.Option(
            help="Columns of INPUT to add up over, e.g. family,region: every level is forecast and all agree to the unit"
        ),
    ] = None,
    frequency: Annotated[
        str | None, typer.Option("--freq", help="Y, Q, M, W, D or h (default: as the dates say)")
    ] = None,
    gaps: Annotated[str, typer.Option(help="Period without a row: zero demand, or interpolate")] = "zero",
    id_column: Annotated[
        str | None, typer.Option("--id", help="Column(s) that name a series, comma between")
    ] = None,
    date_column: Annotated[str | None, typer.Option("--date", help="Column of the period")] = None,
    value_column: Annotated[str | None, typer.Option("--value", help="Column of the quantity")] = None,
    threads: Annotated[int | None, typer.Option(help="Cores to use (default: all)", min=1)] = None,
    as_json: JsonOption = False,
) -> None:
    """Forecast every series of a panel with intervals, its models and its reason; nothing else is needed, no home either."""
    names = _Columns(id_column, date_column, value_column)
    target = out_file or input_file.with_name(f"{input_file.stem}_forecast.parquet")
    if target.suffix not in (".parquet", ".csv"):
        fail(f"--out {target}: write to a file that ends in .parquet or .csv.", USAGE, as_json)
    if target.resolve() == input_file.resolve():
        fail(f"--out {target} is the input itself: name another file.", USAGE, as_json)
    wanted = [name.strip() for name in levels.split(",") if name.strip()] if levels else []
    frame = _read(input_file, names, wanted, as_json)
    from sop_pipeline.planning.demand.panel import (
        BrokenHierarchy,
        UnknownFrequency,
        UnreadablePanel,
        forecast_levels,
        forecast_panel,
    )

    started, busy = time.monotonic(), time.process_time()
    options: dict[str, Any] = {"is_fast": is_fast, "frequency": frequency, "gaps": gaps, "threads": threads}
    try:
        if wanted:
            made = forecast_levels(frame, wanted, horizon, season, **options)
        else:
            made = forecast_panel(frame, horizon, season, **options)
    except (UnreadablePanel, UnknownFrequency, BrokenHierarchy) as error:
        fail(f"{input_file}: {error}", USAGE, as_json)
    seconds = {"wall": round(time.monotonic() - started, 3), "cpu": round(time.process_time() - busy, 3)}
    _write(made.forecasts, target)
    facts = _summary(made, horizon, seconds, target)
    if as_json:
        print_json(facts)
    else:
        _print_summary(facts)


@dataclass(frozen=True)
class _Columns:
    id_column: str | None
    date_column: str | None
    value_column: str | None


def _read(path: Path, names: _Columns, levels: list[str], as_json: bool) -> pd.DataFrame:
    import pandas as pd

    if not path.is_file():
        fail(
            f"{path} is not there. Give a CSV or Parquet file with a row per series and period.",
            USAGE,
            as_json,
        )
    try:
        if path.suffix in (".parquet", ".pq"):
            frame = pd.read_parquet(path)
        else:
            ids = set(NAMES["unique_id"]) | set((names.id_column or "").split(",")) | set(levels)
            frame = pd.read_csv(
                path, dtype=dict.fromkeys(ids, str), keep_default_na=True, encoding_errors="replace"
            )
    except (ValueError, OSError, pd.errors.ParserError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        fail(
            f"{path} cannot be read as {'Parquet' if path.suffix in ('.parquet', '.pq') else 'CSV'}: {reason}.",
            USAGE,
            as_json,
        )
    return _renamed(frame, path, names, levels, as_json)


def _renamed(
    frame: pd.DataFrame, path: Path, names: _Columns, levels: list[str], as_json: bool
) -> pd.DataFrame:
    problems = [
        f"column '{level}' of --levels is not there" for level in levels if level not in frame.columns
    ]
    by_lower = {str(column).strip().lower(): column for column in frame.columns}
    parts: dict[str, pd.Series] = {}
    given = {"unique_id": names.id_column, "ds": names.date_column, "y": names.value_column}
    for name, known in NAMES.items():
        chosen = given[name].split(",") if given[name] else [next((k for k in known if k in by_lower), "")]
        lost = [column for column in chosen if column.strip().lower() not in by_lower]
        if lost:
            option = {"unique_id": "--id", "ds": "--date", "y": "--value"}[name]
            what = {"unique_id": "names a series", "ds": "dates a period", "y": "holds the quantity"}[name]
            problems.append(
                f"no column {what}: {', '.join(repr(c) for c in lost) if given[name] else 'none of ' + ', '.join(known[:5])}; say {option} COLUMN"
            )
            continue
        columns = [frame[by_lower[column.strip().lower()]] for column in chosen]
        joined = columns[0] if len(columns) == 1 else columns[0].astype(str)
        for column in columns[1:]:
            joined = joined + "|" + column.astype(str)
        parts[name] = joined
    if problems:
        listed = "\n".join(f" * {problem}" for problem in problems)
        fail(
            f"{path} is no panel:\n{listed}\nIts columns: {', '.join(map(str, frame.columns))}",
            USAGE,
            as_json,
        )
    import pandas as pd

    return pd.DataFrame({**parts, **{level: frame[level] for level in levels}})


def _write(forecasts: pd.DataFrame, target: Path) -> None:
    partial = target.with_name(f".{target.name}.partial")
    if target.suffix == ".csv":
        forecasts.to_csv(partial, index=False)
    else:
        forecasts.to_parquet(partial, index=False)
    partial.replace(target)


def _summary(made: PanelForecast, horizon: int, seconds: dict[str, float], target: Path) -> dict[str, Any]:
    tested = made.series["backtest_mase"].dropna()
    weights = made.errors.groupby("model")["weight"].sum() if len(made.errors) else made.errors.get("weight")
    share = (
        (weights / weights.sum()).sort_values(ascending=False) if weights is not None and len(weights) else {}
    )
    return {
        "series": len(made.series),
        "horizon": horizon,
        "series_by_class": made.series["demand_class"].value_counts().to_dict(),
        "series_by_reason": made.series["reason"].value_counts().to_dict(),
        "share_by_model": {
            str(model): round(float(value), 3) for model, value in dict(share).items() if value >= 0.005
        },
        "backtest_mase_mean": round(float(tested.mean()), 4) if len(tested) else None,
        "backtest_mase_median": round(float(tested.median()), 4) if len(tested) else None,
        "seconds": seconds,
        "notes": list(made.notes),
        "file": str(target),
    }


def _print_summary(facts: dict[str, Any]) -> None:
    from sop_pipeline.planning.demand.panel import REASONS

    seconds = facts["seconds"]
    out.print(
        f"{facts['series']:,} series, {facts['horizon']} periods ahead, {seconds['wall']:.1f} s ({seconds['cpu']:.1f} s of CPU)"
    )
    out.print(
        "By class   " + ", ".join(f"{name} {count:,}" for name, count in facts["series_by_class"].items())
    )
    for reason, count in facts["series_by_reason"].items():
        out.print(f"  {reason:<14}{count:>8,}  [dim]{escape(REASONS.get(reason, ''))}[/dim]")
    out.print(
        "Weights    " + ", ".join(f"{name} {share:.0%}" for name, share in facts["share_by_model"].items())
    )
    if facts["backtest_mase_mean"] is not None:
        out.print(
            f"Backtest   mean absolute error over the seasonal change of a series: mean {facts['backtest_mase_mean']:.3f}, "
            f"median {facts['backtest_mase_median']:.3f}"
        )
    for note in facts["notes"]:
        out.print(f"[yellow]note[/yellow]       {escape(note)}")
    out.print(f"Written to {facts['file']}")
