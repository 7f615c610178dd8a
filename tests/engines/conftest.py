"""A PostgreSQL server for the tests of the second engine.

Add here: what several of these tests need. Keep out: how a server is had (`server`), what is compared (`comparison`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from server import NoServer, Server, running_server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A running server. Where none can be had the tests are skipped with the reason; in CI they fail."""
    starting = running_server()
    try:
        server = starting.__enter__()
    except NoServer as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))
    try:
        yield server
    finally:
        starting.__exit__(None, None, None)
