"""Frames in memory as tables that rules can be counted on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager

import duckdb
import pandas as pd

from sop_pipeline.warehouse.reader import Scan


def scanning_of(
    frame_of: Callable[[str, Sequence[str]], pd.DataFrame],
) -> Callable[[], AbstractContextManager[Scan]]:
    """Tables whose rows are the frames that a function of table and columns returns."""

    @contextmanager
    def scanning() -> Iterator[Scan]:
        with duckdb.connect() as connection:

            def scan(table: str, columns: Sequence[str]) -> tuple[duckdb.DuckDBPyConnection, str]:
                name = table.replace(".", "_")
                connection.register(name, frame_of(table, list(columns)))
                return connection, name

            yield scan

    return scanning
