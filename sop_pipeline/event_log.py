"""The home's Dagster event log, kept open while a refresh runs in this process.

A cycle writes some 1,200 events. Dagster opens and closes its SQLite files for each of them, and a file that nobody holds
is folded and flushed to the disk every time: measured 7.7 CPU seconds and more waiting for 1,000 events, against 1.6
here. The files and what stands in them are Dagster's own: web UI and daemon read and write them as ever.
Add here: how events are stored. Keep out: which events there are (Dagster), what is made of them (`progress`).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from dagster import DagsterInstance
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from sqlalchemy import create_engine, event
from sqlalchemy.pool import StaticPool

from sop_pipeline.settings import Home

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine

BUSY_SECONDS = 30


def open_instance(home: Home) -> DagsterInstance:
    """The home's instance; where its dagster.yaml leaves events to SQLite, their files stay open."""
    folder = str(home.dagster)
    reference = InstanceRef.from_dir(folder)
    storage = reference.storage_data
    if storage is not None and storage.class_name == DagsterSqliteStorage.__name__:
        kept = {"module": __name__, "class": OpenStorage.__name__, "config": {"base_dir": folder}}
        reference = InstanceRef.from_dir(folder, overrides={"storage": {"custom": kept}})
    return DagsterInstance.from_ref(reference)


class OpenEventLog(SqliteEventLogStorage):
    """Dagster's event log in SQLite with one open connection to the index and one to the run that is written.

    A commit is not flushed to the disk (`synchronous = normal`): a power cut may lose the last events of a run, never
    the file; a killed process loses nothing.
    """

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        self._engines: dict[str, Engine] = {}
        self._found_tables: set[str] = set()
        self._one_at_a_time = threading.Lock()
        super().__init__(base_dir, inst_data)

    def run_connection(self, run_id: str | None = None) -> Any:
        """A transaction on the events of a run."""
        return self._transaction(str(run_id))

    def index_connection(self) -> Any:
        """A transaction on the events of all runs."""
        return self._transaction(INDEX_SHARD_NAME)

    def has_table(self, table_name: str) -> bool:
        """As Dagster finds it, but asked of the file once: it asks with every event of a check."""
        if table_name not in self._found_tables and super().has_table(table_name):
            self._found_tables.add(table_name)
        return table_name in self._found_tables

    def dispose(self) -> None:
        """Close the files."""
        with self._one_at_a_time:
            self._close(list(self._engines))
        super().dispose()

    @contextmanager
    def _transaction(self, shard: str) -> Iterator[Connection]:
        with self._one_at_a_time:
            if shard not in self._engines:
                self._close([other for other in self._engines if other != INDEX_SHARD_NAME])
                with super()._connect(shard):  # makes the file where it is not there
                    pass
                self._engines[shard] = self._open(shard)
            with self._engines[shard].begin() as connection:
                yield connection
        os.utime(self.path_for_shard(shard))  # what tells a watching web UI that there is news

    def _open(self, shard: str) -> Engine:
        engine = create_engine(
            self.conn_string_for_shard(shard),
            poolclass=StaticPool,
            connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        )
        event.listen(
            engine, "connect", lambda connection, _: connection.execute("pragma synchronous = normal")
        )
        return engine

    def _close(self, shards: list[str]) -> None:
        for shard in shards:
            self._engines.pop(shard).dispose()


class OpenStorage(DagsterSqliteStorage):
    """Dagster's SQLite storage with the event log kept open."""

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        super().__init__(base_dir, inst_data)
        self._event_log_storage = OpenEventLog(self._event_log_storage._base_dir)

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> OpenStorage:
        """As Dagster makes it from configuration."""
        return cls(inst_data=inst_data, **config_value)
