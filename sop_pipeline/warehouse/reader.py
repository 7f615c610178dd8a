"""Short, read-only reads of one cycle: lake tables from Parquet, dbt models from the working database.

Add here: another way to read a declared table. Keep out: writes (see `lake`), joins and filters (dbt).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
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


Scan = Callable[[str, Sequence[str]], "tuple[duckdb.DuckDBPyConnection, str]"]
"""Where a table lies: a connection, and what to select from in it. Takes the columns that will be asked for."""


class UndeclaredRead(PermissionError):
    """A step read a table that it did not declare: its lineage would have a gap."""


class MissingTable(FileNotFoundError):
    """A table of the cycle has not been written yet."""


@dataclass
class _Look:
    """The working database held open for several reads; opened by the first that needs it."""

    connection: duckdb.DuckDBPyConnection | None = None


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
    _looks: list[_Look] = field(default_factory=list, repr=False, compare=False)

    def declaring(self, tables: Iterable[str]) -> WarehouseReader:
        """The same reader, limited to these tables."""
        return WarehouseReader(
            self.contracts, self.lake_dir, self.work_database, self.cycle_id, frozenset(tables)
        )

    def read_arrow(self, table: str, columns: Sequence[str] | None = None) -> pa.Table:
        """Read a table of the cycle as Arrow, types as in the contract.

        Raises UndeclaredRead, UnknownTable, or MissingTable where the step that writes it has not run.
        """
        contract = self._declared(table)
        return (
            self._read_model(contract, columns) if contract.is_model else self._read_lake(contract, columns)
        )

    def _declared(self, table: str) -> Contract:
        if self.declared is not None and table not in self.declared:
            raise UndeclaredRead(
                f"{table} is not among the declared inputs: {', '.join(sorted(self.declared))}."
            )
        contract = self.contracts[table]
        self.was_read.add(table)
        return contract

    def read(self, table: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Read a table of the cycle as a frame: decimals as float64, dates as datetime64, missing text as None."""
        return to_frame(self.read_arrow(table, columns))

    @contextmanager
    def looking(self) -> Iterator[WarehouseReader]:
        """Reads until the end share one look at the working database, which is held for reading from the first on.

        Opening the file costs more than reading most tables.
        """
        look = _Look()
        self._looks.append(look)
        try:
            yield self
        finally:
            self._looks.remove(look)
            if look.connection is not None:
                look.connection.close()

    @contextmanager
    def scanning(self) -> Iterator[Scan]:
        """A function that says where a table of the cycle lies, so that it can be counted there; nothing is read by it.

        It takes a table and the columns that will be asked for, and returns a connection and what to select from in it.
        It raises UndeclaredRead, UnknownTable and MissingTable as `read_arrow` does. The working database is held, for
        reading, until the end.
        """
        import duckdb

        attached: list[bool] = []
        with duckdb.connect(":memory:") as connection:
            connection.execute("set autoinstall_known_extensions = false")

            def scan(table: str, columns: Sequence[str]) -> tuple[duckdb.DuckDBPyConnection, str]:
                contract = self._declared(table)
                if not contract.is_model:
                    return connection, f"read_parquet({_text(self._lake_path(contract))})"
                if not attached:
                    self._require_database(contract)
                    connection.execute(f"attach {_text(self.work_database)} as work (read_only)")
                    self._check_cycle(connection, "work.core.dim_cycle")
                    attached.append(True)
                return connection, f'work."{contract.schema}"."{contract.relation}"'

            yield scan

    def _read_lake(self, contract: Contract, columns: Sequence[str] | None) -> pa.Table:
        path = self._lake_path(contract)
        return pq.ParquetFile(path).read(columns=list(columns) if columns else None)

    def _lake_path(self, contract: Contract) -> Path:
        path = lake_file(self.lake_dir, contract.table, self.cycle_id)
        if not path.exists():
            raise MissingTable(
                f"{contract.table} of cycle {self.cycle_id} has not been written: {path} is not there."
            )
        return path

    def _require_database(self, contract: Contract) -> None:
        if not self.work_database.exists():
            raise MissingTable(
                f"{contract.table}: dbt has not built cycle {self.cycle_id} ({self.work_database})."
            )

    def _read_model(self, contract: Contract, columns: Sequence[str] | None) -> pa.Table:
        if not self._looks:
            with self.looking():
                return self._read_model(contract, columns)
        names = ", ".join(f'"{name}"' for name in (columns or [column.name for column in contract.columns]))
        order = f" order by {', '.join(contract.grain)}" if contract.grain and columns is None else ""
        query = f'select {names} from "{contract.schema}"."{contract.relation}"{order}'
        return self._connection(contract).sql(query).to_arrow_table()

    def _connection(self, contract: Contract) -> duckdb.DuckDBPyConnection:
        import duckdb

        look = self._looks[-1]
        if look.connection is None:
            self._require_database(contract)
            look.connection = duckdb.connect(str(self.work_database), read_only=True)
            self._check_cycle(look.connection)
        return look.connection

    def _check_cycle(self, connection: duckdb.DuckDBPyConnection, cycle: str = "core.dim_cycle") -> None:
        """The working database holds one cycle; refuse it where that is another one."""
        found = [row[0] for row in connection.execute(f"select cycle_id from {cycle}").fetchall()]
        if found != [self.cycle_id]:
            raise MissingTable(
                f"{self.work_database} holds cycle {', '.join(found) or 'none'}, not {self.cycle_id}. "
                f"Run the core models of {self.cycle_id} first: `sop refresh --cycle {self.cycle_id}`."
            )


def _text(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


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
