"""Workbooks of a home: what is in force for a cycle, what planners may see and name, and files that come back.

Brings together what the rooms know: the delivery that landed (sources), its typed rows (warehouse), the release of the
cycle, and the statements in the journal (workbook). The command line calls this, and nothing else.
Add here: what a workbook needs of a home. Keep out: what a workbook is (workbook), what commands say (`cli`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.release import registry
from sop_pipeline.release.layout import release_folder
from sop_pipeline.release.manifest import read_manifest
from sop_pipeline.settings import DBT_PROJECT_DIR, Settings, SettingsError
from sop_pipeline.sources.landing import accepted_delivery, deliveries_until
from sop_pipeline.sources.protocol import SourceError
from sop_pipeline.warehouse.contracts import Contract, load_contracts
from sop_pipeline.warehouse.deliveries import ingest_all
from sop_pipeline.workbook import journal
from sop_pipeline.workbook.changes import Statement
from sop_pipeline.workbook.content import Content, InputSheet
from sop_pipeline.workbook.contract import ROLES, tables_of_role
from sop_pipeline.workbook.export import write_workbook
from sop_pipeline.workbook.judge import Keys
from sop_pipeline.workbook.lake_rows import InForce, in_force, texts_of
from sop_pipeline.workbook.reference import VIEWS, columns_of, sheet_of, with_names
from sop_pipeline.workbook.rules import CHANGE_MAXIMUM_RATIO, CHANGE_PARAMETER, Context

PARAMETERS_TABLE = "planning_parameters"
KEYS_TABLE, PLAN_TABLE = "marts.dim_planner_keys", "marts.fct_demand_plan"
PLAN_COLUMNS = ["item_id", "site_id", "channel_id", "family_id", "category_id", "period_start_date", "is_history",
                "forecast_units", "override_units"]  # fmt: skip


@dataclass(frozen=True)
class Desk:
    """One cycle of a home, as planners' files see it."""

    settings: Settings
    cycle_id: str
    release_id: str
    _delivered: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def landing(self) -> Path:
        """The home's landing zone."""
        return self.settings.paths.landing

    @cached_property
    def contracts(self) -> list[Contract]:
        """Every planner input."""
        return load_contracts(DBT_PROJECT_DIR).of_schema("planner")

    @cached_property
    def folder(self) -> Path:
        """The delivery of the cycle that landed last."""
        return accepted_delivery(self.landing, self.settings.source, self.cycle_id).folder

    def delivered(self, contract: Contract) -> Any:
        """An input as the source delivered it, typed."""
        if contract.name not in self._delivered:
            history = deliveries_until(self.landing, self.settings.source, self.cycle_id)
            ratio = self.settings.quarantine_maximum_ratio
            (file,) = ingest_all([contract], self.folder, ratio, history=history)
            self._delivered[contract.name] = file.rows
        return self._delivered[contract.name]

    def in_force(
        self, statements: list[Statement] | None = None, tables: Iterable[str] | None = None
    ) -> InForce:
        """What holds for the cycle by now, or by these statements; of these inputs, or of all."""
        told = journal.statements_until(self.landing, self.cycle_id) if statements is None else statements
        chosen = (
            self.contracts if tables is None else [one for one in self.contracts if one.name in set(tables)]
        )
        return in_force(chosen, {one.name: self.delivered(one) for one in chosen}, told)

    def touched(self) -> list[str]:
        """Inputs that anybody has spoken of."""
        told = journal.entries(self.landing)
        return sorted({change.table for entry in told for change in entry.statement.changes})

    def released(self, table: str, columns: list[str]) -> pd.DataFrame:
        """Rows of the cycle's release; days as timestamps, decimals as numbers."""
        from sop_pipeline.warehouse.reader import to_frame

        folder = release_folder(self.settings.paths.root, self.release_id)
        found = next((one for one in read_manifest(folder).tables if str(one.name) == table), None)
        if found is None:
            raise SettingsError(
                f"Release {self.release_id} was published before it held {table}: run sop refresh --cycle {self.cycle_id}."
            )
        return to_frame(pq.read_table(folder / found.file, columns=columns))

    @cached_property
    def key_rows(self) -> pd.DataFrame:
        """Identifiers that may be named, with what they stand for and what they belong to."""
        return self.released(KEYS_TABLE, ["reference", "key_id", "key_name", "parent_key_id"])

    @cached_property
    def keys(self) -> Keys:
        """Identifiers that may be named, by what they refer to."""
        by_reference: dict[str, dict[str, str]] = {}
        for row in self.key_rows.itertuples(index=False):
            by_reference.setdefault(str(row.reference), {})[str(row.key_id)] = str(row.key_name)
        return Keys(by_reference)

    def context(self, found: InForce) -> Context:
        """What changed rows are held against."""
        cycle = Cycle(self.cycle_id, self.settings.horizon_months)
        months = [f"{month:%Y-%m-%d}" for month in (cycle.periods[0], cycle.periods[-1])]
        parameters = found.tables[PARAMETERS_TABLE].to_pylist()
        ratio = next(
            (float(row["parameter_value"]) for row in parameters if row["parameter_id"] == CHANGE_PARAMETER),
            CHANGE_MAXIMUM_RATIO,
        )
        return Context(self.cycle_id, months[0], months[1], self._forecast_before_overrides(), ratio)

    def _forecast_before_overrides(self) -> Callable[[str, str, str, str, str], float]:
        plan = self.released(PLAN_TABLE, PLAN_COLUMNS)
        plan = plan[~plan["is_history"].astype(bool)].copy()
        items = self.key_rows[self.key_rows["reference"] == "core.dim_items.item_id"]
        plan["subfamily_id"] = plan["item_id"].map(
            dict(zip(items["key_id"], items["parent_key_id"], strict=True))
        )
        plan["month"] = plan["period_start_date"].dt.strftime("%Y-%m-%d")
        plan["units"] = plan["forecast_units"].fillna(0) - plan["override_units"].fillna(0)

        def units(level: str, level_id: str, site: str, channel: str, month: str) -> float:
            covered = (plan[f"{level}_id"] == level_id) & (plan["month"] == month)
            covered &= (plan["site_id"] == site) | (not site)
            covered &= (plan["channel_id"] == channel) | (not channel)
            return float(plan.loc[covered, "units"].sum())

        return units

    def facts(self, exported_at: datetime) -> dict[str, str]:
        """What a workbook carries of where it comes from."""
        return {
            "source": self.settings.source,
            "release_id": self.release_id,
            "exported_at": exported_at.isoformat(timespec="seconds"),
        }


def open_desk(settings: Settings, cycle_id: str | None) -> Desk:
    """The desk of a cycle, by default the newest that is published. Raises SettingsError where there is none."""
    published = {record.cycle_id: record.release_id for record in registry.list_cycles(settings.paths.root)}
    if not published:
        raise SettingsError(
            f"Nothing is published in {settings.paths.root} yet: workbooks show a cycle's figures, so run `sop refresh` first."
        )
    chosen = cycle_id or max(published)
    if chosen not in published:
        raise SettingsError(
            f"Cycle {chosen} is not published in {settings.paths.root}: run `sop refresh --cycle {chosen}` first. Published: {', '.join(sorted(published))}."
        )
    desk = Desk(settings, chosen, published[chosen])
    try:
        _ = desk.folder
    except SourceError as error:
        raise SettingsError(str(error)) from error
    return desk


def export(desk: Desk, role: str, exported_at: datetime, until: str | None = None) -> bytes:
    """The workbook of a role for the desk's cycle. Raises SettingsError for an unknown role."""
    if role not in ROLES:
        raise SettingsError(f"Nobody is called {role!r} here: --role is one of {', '.join(ROLES)}.")
    chosen = tables_of_role(desk.contracts, role)
    found = desk.in_force(tables=[contract.name for contract in chosen])
    inputs = [InputSheet(contract, texts_of(found.tables[contract.name], contract)) for contract in chosen]
    start = Cycle(desk.cycle_id, desk.settings.horizon_months).start
    names = desk.keys.of("core.dim_items.item_id") or {}
    references = [
        with_names(sheet_of(view, desk.released(view.table, columns_of(view)), start), names)
        for view in VIEWS[role]
    ]
    return write_workbook(
        Content(
            company=desk.settings.company,
            cycle_id=desk.cycle_id,
            role=role,
            until=until or end_of(desk.cycle_id),
            facts=desk.facts(exported_at),
            inputs=inputs,
            references=references,
            keys=desk.keys,
        )
    )


def end_of(cycle_id: str) -> str:
    """The day by which a workbook is usually handed in, in words."""
    first = date.fromisoformat(f"{cycle_id}-01")
    last = (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return f"{last:%Y-%m-%d} (the end of the cycle's month)"
