"""The one resource of every asset: the home's warehouse, held under the refresh lock for as long as a run lasts.

Add here: what every step needs of the home. Keep out: what only one step needs (its module).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pandas as pd
import pyarrow as pa
from pydantic import PrivateAttr

from sop_pipeline.planning.cycle import Cycle
from sop_pipeline.preflight import check_home, remove_leftovers
from sop_pipeline.release.approvals import refuse_agreed
from sop_pipeline.release.lock import joined_lock
from sop_pipeline.settings import DBT_PROJECT_DIR, Settings, open_home
from sop_pipeline.warehouse.contracts import Contracts, load_contracts
from sop_pipeline.warehouse.ingest import file_sha256
from sop_pipeline.warehouse.lake import adopt_parquet, lake_file, write_parquet
from sop_pipeline.warehouse.reader import Scan, WarehouseReader


class Warehouse(dg.ConfigurableResource):  # type: ignore[type-arg]
    """Reads and writes of one home. A run takes the home's lock when it starts and gives it back when it ends."""

    settings_json: str
    _cycle_id: str = PrivateAttr(default="")

    @classmethod
    def of(cls, settings: Settings) -> Warehouse:
        """The warehouse of these settings."""
        return cls(settings_json=settings.model_dump_json())

    @property
    def settings(self) -> Settings:
        """Settings of the run."""
        return Settings.model_validate_json(self.settings_json)

    @property
    def contracts(self) -> Contracts:
        """Contracts of every table."""
        return load_contracts(DBT_PROJECT_DIR)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[Warehouse]:
        """Hold the refresh lock for the run.

        Raises HomeIsBusy at once where another process refreshes the home, CycleIsAgreed where the plan is agreed.
        """
        settings = self.settings
        check_home(settings.paths)
        home = open_home(settings)
        self._cycle_id = context.run.tags.get("dagster/partition", "") if context.run else ""
        purpose = f"refresh of {self._cycle_id}"
        started_at = datetime.now(ZoneInfo(settings.timezone))
        with joined_lock(home.root, purpose=purpose, started_at=started_at):
            refuse_agreed(home.root, [self._cycle_id])
            remove_leftovers(home)
            yield self

    def cycle(self, cycle_id: str) -> Cycle:
        """The cycle of a partition key."""
        return Cycle(cycle_id, self.settings.horizon_months)

    def reader(self, cycle_id: str, declared: Sequence[str] | None = None) -> WarehouseReader:
        """A reader of one cycle, limited to the declared tables (None = all)."""
        home = self.settings.paths
        reader = WarehouseReader(self.contracts, home.lake, home.work_database, cycle_id)
        return reader if declared is None else reader.declaring(declared)

    def write(self, table: str, rows: pa.Table, cycle_id: str) -> str:
        """Write a lake table of one cycle, atomically; return the sha256 of the file."""
        path = lake_file(self.settings.paths.lake, table, cycle_id)
        write_parquet(rows, path)
        return hashlib.sha256(path.read_bytes()).hexdigest()

    def adopt(self, table: str, written: Path, cycle_id: str) -> str:
        """Make a Parquet file that was written in the home's work folder a lake table; return the sha256 of the file."""
        path = lake_file(self.settings.paths.lake, table, cycle_id)
        adopt_parquet(written, path)
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def read(self, table: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """A table of the run's cycle as a frame."""
        return self.reader(self._cycle_id).read(table, columns)

    def scanning(self) -> AbstractContextManager[Scan]:
        """Tables of the run's cycle, to be counted where they lie."""
        return self.reader(self._cycle_id).scanning()

    def fingerprint(self, tables: Iterable[str], cycle_id: str) -> str:
        """sha256 over the content of tables: what a gate judged, and what a release must still find.

        Rows of the lake are the bytes of their file. Those of a model are counted and summed up by DuckDB, whatever their
        order: they may be more than memory holds.
        """
        digest = hashlib.sha256()
        with self.reader(cycle_id).scanning() as scan:
            for table in sorted(set(tables)):
                digest.update(table.encode() + b"\0")
                if not self.contracts[table].is_model:
                    digest.update(file_sha256(lake_file(self.settings.paths.lake, table, cycle_id)).encode())
                    continue
                connection, relation = scan(table, [])
                sums = "count(*), sum(md5_number_lower(cast(r as varchar))), sum(md5_number_upper(cast(r as varchar)))"
                digest.update(
                    repr(connection.execute(f"select {sums} from {relation} as r").fetchone()).encode()
                )
        return digest.hexdigest()
