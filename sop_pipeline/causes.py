"""What went wrong, in a line that names the file and the remedy, for errors that other libraries raise.

Our own errors say it themselves. Add here: an error of the file system, SQLite, DuckDB or dbt that people meet.
Keep out: errors that can be known before (`preflight`).
"""

from __future__ import annotations

import errno
import re
from pathlib import Path

from sop_pipeline.release.processes import user_name

AGAIN = "then run the same command again: nothing else is to be cleaned up."

_NOT_ALLOWED = {errno.EACCES, errno.EPERM, errno.EROFS}
_FULL = {errno.ENOSPC, errno.EDQUOT}
_FULL_WORDS = ("no space left on device", "disk is full", "disk quota exceeded", "could not write all bytes")
_TOO_LARGE_WORDS = ("file too large",)
_NOT_ALLOWED_WORDS = (
    "permission denied",
    "read-only",
    "readonly",
    "operation not permitted",
    "unable to open database",
)


_HEADINGS_OF_DBT = (
    "Errors parsed from dbt logs:",
    "Encountered an error:",
    "Runtime Error",
    "Database Error",
)


def explain(error: BaseException, home: Path) -> str:
    """The error in words for whoever runs the refresh: what, which file, the remedy. Our own errors keep their words."""
    if isinstance(error, OSError) and error.errno is not None and not _is_ours(error):
        return _explain_os_error(error, home)
    if type(error).__module__.partition(".")[0] in (
        "sqlalchemy",
        "sqlite3",
        "duckdb",
        "_duckdb",
        "dagster_dbt",
    ):
        return _explain_library(error, home)
    return str(error) or type(error).__name__


def _is_ours(error: OSError) -> bool:
    return type(error).__module__.startswith("sop_pipeline.")


def _explain_os_error(error: OSError, home: Path) -> str:
    file = error.filename if error.filename is not None else f"a file below {home}"
    what = error.strerror or type(error).__name__
    if error.errno in _FULL:
        return f"{file} could not be written: {what}. Free space on the disk of {home}; {AGAIN}"
    if error.errno == errno.EFBIG:
        return f"{file} could not be written: {what}. Raise the limit of file sizes (ulimit -f); {AGAIN}"
    if error.errno in _NOT_ALLOWED:
        return f"{file} may not be written or read by {user_name()}: {what}. Give that right; {AGAIN}"
    if error.errno == errno.EIO:
        return f"{file}: {what}. The disk does not answer as it should: look at it and at the system's log; {AGAIN}"
    return f"{file}: {what}. Look at that file and at the disk of {home}; {AGAIN}"


def _explain_library(error: BaseException, home: Path) -> str:
    """SQLite, DuckDB and dbt say in words what the file system said in numbers."""
    text = str(getattr(error, "orig", None) or error)
    spoken = text.lower()
    line = _telling_line(text)
    if any(words in spoken for words in _FULL_WORDS):
        return f"{line} The disk of {home} is full: free space there; {AGAIN}"
    if any(words in spoken for words in _TOO_LARGE_WORDS):
        return f"{line} A limit of file sizes was met: raise it (ulimit -f); {AGAIN}"
    if any(words in spoken for words in _NOT_ALLOWED_WORDS):
        return f"{line} {user_name().capitalize()} needs the right to write below {home}: give it; {AGAIN}"
    if type(error).__module__.startswith("dagster_dbt"):
        return f"{line}\n{_details_of_dbt(text)}".rstrip()
    return f"{line} Look at {home / 'work' / 'refresh.log'}; {AGAIN}"


def _telling_line(text: str) -> str:
    """The one line that says what happened: of dbt its first error, of others the first line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"\berror\b|error in model", line, re.IGNORECASE)]
    ended = re.search(r"failed with exit code `(-?\d+)`", text)
    if ended and int(ended[1]) < 0:
        return f"dbt was ended from outside (signal {-int(ended[1])}): look for whoever ended it, or for lack of memory; {AGAIN}"
    if ended:
        after = [line for line in lines[lines.index(next(x for x in lines if ended[0] in x)) + 1 :]
                 if line not in _HEADINGS_OF_DBT]  # fmt: skip
        line = next((line for line in after), "it said nothing")
        return f"dbt ended with exit code {ended[1]}: {line}{'' if line.endswith('.') else '.'}"
    line = (telling or lines or [text])[0]
    return line if line.endswith((".", "!", "?")) else f"{line}."


def _details_of_dbt(text: str) -> str:
    return text.partition("Errors parsed from dbt logs:")[2].strip()[:4000]
