"""What a refresh did with the data: rejected, quarantined, repaired, warned, and what each did to the totals.

Of a published cycle it reads the release; of a refresh that failed, the run's own story and what had been written when it
stopped. Add here: another thing that whoever answers for the data asks. Keep out: printing (`cli.quality`), rules
(`quality`), counting (marts.fct_data_quality).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow.parquet as pq

from sop_pipeline.release.layout import release_folder
from sop_pipeline.release.manifest import Manifest, read_manifest
from sop_pipeline.release.registry import read_registry
from sop_pipeline.settings import DBT_PROJECT_DIR, Home, Settings
from sop_pipeline.warehouse.contracts import load_contracts
from sop_pipeline.warehouse.lake import lake_file
from sop_pipeline.warehouse.reader import MissingTable, WarehouseReader, to_frame

if TYPE_CHECKING:
    from dagster import DagsterInstance, DagsterRun

QUALITY, KEPT_OUT = "marts.fct_data_quality", "marts.fct_quarantined_rows"
DELIVERIES, REPAIRS, ON_ARRIVAL, ORIGINALS = (
    "ingest.deliveries", "ingest.repairs", "ingest.quarantined_rows", "ingest.original_rows",
)  # fmt: skip
OUTCOMES = ("delivered", "quarantined", "skipped", "loaded", "repaired")
EXAMPLES = 5


class NothingKnown(LookupError):
    """The home knows nothing of the cycle: it was neither published nor tried."""


@dataclass(frozen=True)
class Stop:
    """Where a refresh stopped and why, in the words that it said then."""

    step: str
    message: str
    run_id: str
    at: str


@dataclass(frozen=True)
class QualityReport:
    """What became of what was delivered for a cycle.

    `totals`: a row per table, outcome and rule with row_count, quantity (base units), money (company currency);
    `kept_out`: rows kept out by rule, with examples as delivered; `rules`: rules that did not hold, `judged` of how many.
    """

    cycle_id: str
    release_id: str | None
    stop: Stop | None
    totals: list[dict[str, Any]]
    kept_out: list[dict[str, Any]]
    rules: list[dict[str, Any]]
    judged: int
    files: int
    tables: tuple[str, ...] = field(default=())

    def of_outcome(self, outcome: str) -> list[dict[str, Any]]:
        """Totals of one outcome."""
        return [row for row in self.totals if row["outcome"] == outcome]


def quality_report(settings: Settings, cycle_id: str, table: str | None = None) -> QualityReport:
    """The report of a cycle: of its last refresh where that failed, else of its newest release.

    `table` keeps one table, by its full name or the part after the point. Raises NothingKnown.
    """
    home = settings.paths
    manifest = read_registry(home.root).newest_of(cycle_id)
    stop, started_at = _last_failure(home, cycle_id, manifest)
    if stop is None and manifest is None:
        raise NothingKnown(
            f"Cycle {cycle_id} was neither published nor tried in {home.root}: run `sop refresh --cycle {cycle_id}`, or "
            "name a cycle that `sop status` lists."
        )
    frames = (
        _of_release(home.root, manifest)
        if stop is None and manifest
        else _of_work(home, cycle_id, started_at)
    )
    return _report(cycle_id, manifest.release_id if manifest else None, stop, frames, table)


def last_cycle(settings: Settings) -> str | None:
    """The cycle that was refreshed last, whether or not it was published."""
    newest: list[tuple[float, str]] = []
    with _instance(settings.paths) as instance:
        if instance is not None:
            for run in instance.get_run_records(limit=20):
                cycle = run.dagster_run.tags.get("dagster/partition")
                if cycle:
                    newest.append((run.create_timestamp.timestamp(), cycle))
    cycles = read_registry(settings.paths.root).cycles
    if newest:
        return max(newest)[1]
    return cycles[-1].cycle_id if cycles else None


# -- the run that failed


def _instance(home: Home) -> Any:
    """The home's Dagster instance as a context; None where the home has never run anything."""
    from contextlib import nullcontext

    if not (home.dagster / "dagster.yaml").exists():
        return nullcontext(None)
    from sop_pipeline.event_log import open_instance

    return open_instance(home)


def _last_failure(home: Home, cycle_id: str, manifest: Manifest | None) -> tuple[Stop | None, float]:
    """Why the newest run of the cycle stopped, and when it began; None where it did not, or a release came after it."""
    from dagster import DagsterRunStatus, RunsFilter

    with _instance(home) as instance:
        if instance is None:
            return None, 0.0
        records = instance.get_run_records(RunsFilter(tags={"dagster/partition": cycle_id}), limit=1)
        if not records or records[0].dagster_run.status != DagsterRunStatus.FAILURE:
            return None, 0.0
        run = records[0].dagster_run
        began = records[0].create_timestamp
        began = began if began.tzinfo else began.replace(tzinfo=UTC)
        if manifest and datetime.fromisoformat(manifest.published_at) > began:
            return None, 0.0
        return _stop_of(instance, run, began), began.timestamp()


def _stop_of(instance: DagsterInstance, run: DagsterRun, began: datetime) -> Stop:
    from dagster import DagsterEventType

    step, message = "start", "The run ended before its first step."
    failed: list[str] = []
    for entry in instance.all_logs(run.run_id):
        event = entry.dagster_event
        if event is None:
            continue
        if event.event_type == DagsterEventType.STEP_FAILURE and step == "start":
            step = str(event.step_key)
            message = _cause_words(event.step_failure_data.error)
        elif event.event_type == DagsterEventType.ASSET_CHECK_EVALUATION:
            check = event.asset_check_evaluation_data
            if not check.passed and check.severity.value == "ERROR":
                failed.append(
                    f"{'.'.join(check.asset_key.path)}: {check.check_name}: {check.description or 'failed'}"
                )
    return Stop(
        step, "\n * ".join([message, *failed]), run.run_id, began.astimezone().isoformat(timespec="minutes")
    )


def _cause_words(error: Any) -> str:
    """The first cause of our own, in its words, or the last one of all."""
    told = "no cause was recorded"
    while error is not None:
        name, _, words = str(error.message).strip().partition(": ")
        told = words or name
        if name.startswith(("sop_pipeline.", "assets.", "quality.")):
            break
        error = error.cause
    return told


# -- frames of what is known


def _of_release(root: Path, manifest: Manifest) -> dict[str, pd.DataFrame]:
    folder = release_folder(root, manifest.release_id)
    manifest = read_manifest(folder)
    return {
        str(table.name): to_frame(pq.read_table(folder / table.file))
        for table in manifest.tables
        if _is_told(str(table.name))
    }


def _is_told(table: str) -> bool:
    return table in (QUALITY, KEPT_OUT, DELIVERIES) or table.startswith("quality.")


def _of_work(home: Home, cycle_id: str, started_at: float) -> dict[str, pd.DataFrame]:
    """What the run had written when it stopped; what an earlier run wrote is not its doing."""
    contracts = load_contracts(DBT_PROJECT_DIR)
    reader = WarehouseReader(contracts, home.lake, home.work_database, cycle_id)
    frames: dict[str, pd.DataFrame] = {}
    for contract in [*contracts.of_schema("ingest"), *contracts.of_schema("quality")]:
        path = lake_file(home.lake, contract.table, cycle_id)
        if path.exists() and path.stat().st_mtime >= started_at:
            frames[contract.table] = reader.read(contract.table)
    is_fresh = home.work_database.exists() and home.work_database.stat().st_mtime >= started_at
    between = (
        _between_tables(reader, [c.table for c in contracts.of_schema("quarantine")])
        if is_fresh
        else pd.DataFrame()
    )
    if DELIVERIES in frames:
        frames[KEPT_OUT] = pd.concat([_on_arrival(frames), between], ignore_index=True)
        frames[QUALITY] = _totals(frames)
    return frames


def _between_tables(reader: WarehouseReader, names: list[str]) -> pd.DataFrame:
    found = []
    for name in names:
        try:
            rows = reader.read(name)
        except (MissingTable, OSError, RuntimeError):  # the run stopped before it, or wrote another cycle
            continue
        found.append(
            rows.assign(table_name="erp." + rows["table_name"].astype(str), kept_out_where="between tables")
        )
    if not found:
        return pd.DataFrame()
    rows = pd.concat(found, ignore_index=True)
    lost = ~rows["rule_id"].isin(["repeated_row", "superseded_row"])
    return rows.assign(
        is_lost=lost,
        kept_out_quantity=rows["quantity"],
        kept_out_value=None,
        original_text=None,
        file_name=None,
    )


def _on_arrival(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    rows = frames.get(ON_ARRIVAL, pd.DataFrame())
    if rows.empty:
        return pd.DataFrame()
    told = rows["column_name"] + ": " + rows["original_text"].fillna("empty")
    return rows.assign(
        kept_out_where="on arrival", rule_id=rows["column_name"] + " " + rows["rule_id"], row_key=rows["column_name"],
        problem=told, is_lost=True, kept_out_quantity=None, kept_out_value=None,
    )  # fmt: skip


def _totals(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Rows of fct_data_quality as far as a refresh came: what was typed counts as loaded."""
    rows: list[dict[str, Any]] = []
    for file in frames[DELIVERIES].to_dict("records"):
        skipped = file["delivered_rows"] - file["accepted_rows"] - file["quarantined_rows"]
        counts = {"delivered": file["delivered_rows"], "quarantined": file["quarantined_rows"], "skipped": skipped,
                  "loaded": file["accepted_rows"]}  # fmt: skip
        rows += [
            {"table_name": file["table_name"], "outcome": outcome, "kept_out_where": "on arrival", "rule_id": "",
             "row_count": int(count), "quantity": None, "money": None}
            for outcome, count in counts.items()
            if count or outcome in ("delivered", "loaded")
        ]  # fmt: skip
    kept = frames[KEPT_OUT]
    if len(kept):
        of_tables = kept[kept["kept_out_where"] == "between tables"]
        for (table, rule, lost), found in of_tables.groupby(["table_name", "rule_id", "is_lost"]):
            outcome = "quarantined" if lost else "skipped"
            rows.append(
                {"table_name": table, "outcome": outcome, "kept_out_where": "between tables", "rule_id": rule,
                 "row_count": len(found), "quantity": found["kept_out_quantity"].sum(min_count=1), "money": None}
            )  # fmt: skip
    for repair in frames.get(REPAIRS, pd.DataFrame()).to_dict("records"):
        rows.append(
            {"table_name": repair["table_name"], "outcome": "repaired", "kept_out_where": "on arrival",
             "rule_id": repair["repair"], "row_count": int(repair["repaired_rows"]), "quantity": None, "money": None}
        )  # fmt: skip
    return pd.DataFrame(rows)


# -- the report


def _report(
    cycle_id: str,
    release_id: str | None,
    stop: Stop | None,
    frames: Mapping[str, pd.DataFrame],
    table: str | None,
) -> QualityReport:
    results = pd.concat(
        [frame for name, frame in sorted(frames.items()) if name.startswith("quality.")] or [pd.DataFrame()]
    )
    totals = frames.get(QUALITY, pd.DataFrame(columns=["table_name", "outcome"]))
    kept_out = frames.get(KEPT_OUT, pd.DataFrame(columns=["table_name"]))
    known = tuple(sorted(set(totals["table_name"])))
    if table is not None:
        totals = totals[_is_named(totals["table_name"], table)]
        kept_out = kept_out[_is_named(kept_out["table_name"], table)]
        results = results[_is_named(results["table_name"], table)] if len(results) else results
    order = {outcome: place for place, outcome in enumerate(OUTCOMES)}
    rows = [_plain(row) for row in totals.to_dict("records")]
    rows.sort(key=lambda row: (row["table_name"], order[row["outcome"]], row["rule_id"]))
    broken = results[~results["passed"].astype(bool)] if len(results) else results
    return QualityReport(
        cycle_id, release_id, stop, rows, _groups(kept_out),
        [_plain(row) for row in broken.sort_values(["severity", "table_name", "rule"]).to_dict("records")] if len(broken) else [],
        len(results), len(frames.get(DELIVERIES, [])), known,
    )  # fmt: skip


def _is_named(tables: pd.Series, table: str) -> pd.Series:
    return (tables == table) | (tables.str.partition(".")[2] == table) if len(tables) else tables.astype(bool)


def _groups(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows kept out by table and rule, most first, with examples as delivered."""
    if rows.empty:
        return []
    groups = []
    for (table, where, rule), found in rows.groupby(["table_name", "kept_out_where", "rule_id"]):
        examples = found.sort_values("source_row_number").head(EXAMPLES)
        groups.append(
            {
                "table_name": table,
                "kept_out_where": where,
                "rule_id": rule,
                "row_count": len(found),
                "is_lost": bool(found["is_lost"].iloc[0]),
                "quantity": _number(found["kept_out_quantity"].sum(min_count=1)),
                "money": _number(found["kept_out_value"].sum(min_count=1)),
                "examples": [
                    {
                        "row_key": row["row_key"],
                        "problem": row["problem"],
                        "original_text": _text(row["original_text"]),
                        "file_name": _text(row["file_name"]),
                        "source_row_number": int(row["source_row_number"]),
                        "source_file_sha256": row["source_file_sha256"],
                    }
                    for row in examples.to_dict("records")
                ],
            }
        )
    return sorted(
        groups,
        key=lambda group: (not group["is_lost"], -group["row_count"], group["table_name"], group["rule_id"]),
    )


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        str(name): None if value is None or value is pd.NA or value != value else value
        for name, value in row.items()
    }


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
