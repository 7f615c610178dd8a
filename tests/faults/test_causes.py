"""What a refresh says of errors that are not ours: one line with the file and the remedy."""

from __future__ import annotations

import errno
import os
import sqlite3
from pathlib import Path

import pytest
from dagster_dbt.errors import DagsterDbtCliRuntimeError

from sop_pipeline.causes import explain
from sop_pipeline.sources.protocol import SourceError
from sop_pipeline.warehouse.reader import MissingTable

HOME = Path("/srv/sop")
FILE = "/srv/sop/lake/marts/kpis/data.parquet"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "No space left on device. Free space on the disk of /srv/sop"),
        (errno.EACCES, "Permission denied. Give that right"),
        (errno.EROFS, "Read-only file system. Give that right"),
        (errno.EFBIG, "Raise the limit of file sizes (ulimit -f)"),
        (errno.EIO, "The disk does not answer as it should"),
        (errno.EMFILE, "Look at that file and at the disk of /srv/sop"),
    ],
)
def test_the_file_system_s_errors_name_file_and_remedy(number: int, words: str) -> None:
    said = explain(OSError(number, os.strerror(number), FILE), HOME)
    assert said.startswith(FILE)
    assert words in said
    assert said.endswith("then run the same command again: nothing else is to be cleaned up.")
    assert "\n" not in said


def test_an_error_that_knows_no_file_names_the_home() -> None:
    assert explain(OSError(errno.ENOSPC, "No space left on device"), HOME).startswith("a file below /srv/sop")


def test_sqlite_s_words_become_a_remedy() -> None:
    assert "The disk of /srv/sop is full" in explain(
        sqlite3.OperationalError("database or disk is full"), HOME
    )
    said = explain(sqlite3.OperationalError("attempt to write a readonly database"), HOME)
    assert "needs the right to write below /srv/sop" in said


def dbt_error(code: int, words: str = "") -> DagsterDbtCliRuntimeError:
    log = f"\n\nErrors parsed from dbt logs:\n\n{words}" if words else ""
    return DagsterDbtCliRuntimeError(
        f"The dbt CLI process with command\n\n`dbt build`\n\nfailed with exit code `{code}`. Check the stdout in the Dagster "
        f"compute logs for the full information about the error.{log}"
    )


def test_dbt_that_was_ended_is_said_to_have_been_ended() -> None:
    assert explain(dbt_error(-9), HOME).startswith("dbt was ended from outside (signal 9)")


def test_a_model_that_fails_is_named_first_and_told_in_full_below() -> None:
    words = "Runtime Error in model fct_supply (models/core/fct_supply.sql)\n  Conversion Error: 'a dozen' is no number"
    first, *more = explain(dbt_error(1, words), HOME).splitlines()
    assert (
        first == "dbt ended with exit code 1: Runtime Error in model fct_supply (models/core/fct_supply.sql)."
    )
    assert "  Conversion Error: 'a dozen' is no number" in more


def test_dbt_s_headings_are_not_its_cause() -> None:
    words = "Encountered an error:\nRuntime Error\n  Invalid Input Error: No magic bytes found at end of file 'data.parquet'"
    first = explain(dbt_error(2, words), HOME).splitlines()[0]
    assert first.startswith("dbt ended with exit code 2: Invalid Input Error: No magic bytes")


def test_a_full_disk_that_dbt_meets_is_a_full_disk() -> None:
    words = "Runtime Error in model fct_supply\n  IO Error: Could not write file: No space left on device"
    said = explain(dbt_error(1, words), HOME)
    assert "model fct_supply" in said
    assert "The disk of /srv/sop is full: free space there" in said


def test_our_own_errors_keep_their_words() -> None:
    assert explain(SourceError("Deliver the file again."), HOME) == "Deliver the file again."
    assert (
        explain(MissingTable("marts.kpis has not been written."), HOME) == "marts.kpis has not been written."
    )
    assert explain(ValueError(), HOME) == "ValueError"
