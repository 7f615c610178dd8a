"""Short, read-only reads of one cycle: lake tables from Parquet, dbt models from the working database.

Add here: another way to read a declared table. Keep out: writes (see `lake`), joins and filters (dbt).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sop_pipeline.warehouse.contracts import Contract, Contracts
from sop_pipeline.warehouse.lake import lake_file

if TYPE_CHECKING:
    import duckdb


class UndeclaredRead(PermissionError):
    """A step read a table that it did not declare: its lineage would have a gap."""


class MissingTable(FileNotFoundError):
    """A table of the cycle has not been written yet."""


@dataclass(frozen=True)
class WarehouseReader:
    """Reads tables of one cycle by full name.

    `declared` limits it to the tables a step names as its inputs (None = all). `was_read` collects what was read, so
    that a test can hold declaration and use against each other.
    """

    contracts: Contracts
    lake_dir: Path
    work_database: Path
    cycle_id: str
    declared: frozenset[str] | None = None
    was_read: set[str] = field(default_factory=set)

    def declaring(self, tables: Iterable[str]) -> WarehouseReader:
        """The same reader, limited to these tables."""
        return WarehouseReader(
            self.contracts, self.lake_dir, self.work_database, self.cycle_id, frozenset(tables)
        )

    def read_arrow(self, table: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Read a table of the cycle as Arrow, types as in the contract.

        Raises UndeclaredRead, UnknownTable, or MissingTable where the step that writes it has not run.
        """
        if self.declared is not None and table not in self.declared:
            raise UndeclaredRead(
                f"{table} is not among the declared inputs: {', '.join(sorted(self.declared))}."
            )
        contract = self.contracts[table]
        self.was_read.add(table)
        return (
            self._read_model(contract, columns) if contract.is_model else self._read_lake(contract, columns)
        )

    def read(self, table: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Read a table of the cycle as a frame: decimals as float64, dates as datetime64, missing text as None."""
        return to_frame(self.read_arrow(table, columns))

    def _read_lake(self, contract: Contract, columns: Sequence[str] | None) -> pa.Table:
        path = lake_file(self.lake_dir, contract.table, self.cycle_id)
        if not path.exists():
            raise MissingTable(
                f"{contract.table} of cycle {self.cycle_id} has not been written: {path} is not there."
            )
        return pq.ParquetFile(path).read(columns=list(columns) if columns else None)

    def _read_model(self, contract: Contract, columns: Sequence[str] | None) -> pa.Table:
        import duckdb

        if not self.work_database.exists():
            raise MissingTable(
                f"{contract.table}: dbt has not built cycle {self.cycle_id} ({self.work_database})."
            )
        names = ", ".join(f'"{name}"' for name in (columns or [column.name for column in contract.columns]))
        order = f" order by {', '.join(contract.grain)}" if contract.grain and columns is None else ""
        with duckdb.connect(str(self.work_database), read_only=True) as connection:
            self._check_cycle(connection)
            query = f'select {names} from "{contract.schema}"."{contract.name}"{order}'
            return connection.sql(query).to_arrow_table()

    def _check_cycle(self, connection: duckdb.DuckDBPyConnection) -> None:
        """The working database holds one cycle; refuse it where that is another one."""
        found = [row[0] for row in connection.execute("select cycle_id from core.dim_cycle").fetchall()]
        if found != [self.cycle_id]:
            raise MissingTable(
                f"{self.work_database} holds cycle {', '.join(found) or 'none'}, not {self.cycle_id}. "
                f"Run the core models of {self.cycle_id} first: `sop refresh --cycle {self.cycle_id}`."
            )


def to_frame(table: pa.Table) -> pd.DataFrame:
    """An Arrow table as a planning frame: decimals become float64, dates datetime64[ns], text stays str or None."""
    fields = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        if pa.types.is_decimal(column.type):
            column = column.cast(pa.float64())
        elif pa.types.is_date(column.type) or pa.types.is_timestamp(column.type):
            column = column.cast(pa.timestamp("ns"))
        fields.append((name, column))
    frame: pd.DataFrame = pa.table(dict(fields)).to_pandas(date_as_object=False)
    return frame
