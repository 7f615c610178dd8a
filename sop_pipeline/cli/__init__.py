"""The command line `sop`.

Add here: a module of commands, in the list below. Keep out: what a command does (the rooms below); imports that a command
does not need: each command imports what it uses when it is called, so that `sop --help` is there at once.
"""

from __future__ import annotations

import sys
from pathlib import Path

from sop_pipeline.cli import (
    agreement,
    contract,
    demo,
    forecast,
    quality,
    refresh,
    releases,
    scenario,
    solve,
    workbook,
)
from sop_pipeline.cli.terminal import BUSY, FAILED, USAGE, app, fail
from sop_pipeline.settings import SettingsError

COMMANDS = (
    refresh,
    releases,
    agreement,
    contract,
    quality,
    demo,
    forecast,
    scenario,
    solve,
    workbook,
)
"""Modules of commands, in the order of `sop --help`; a module adds its commands to the application when it is imported."""


def main() -> None:
    """Entry point: expected errors become one message and an exit code, never a traceback."""
    from sop_pipeline.preflight import HomeNotReady
    from sop_pipeline.release.lock import HomeIsBusy
    from sop_pipeline.release.problems import ReleaseError

    try:
        app()
    except SettingsError as error:
        fail(str(error), USAGE, "--json" in sys.argv)
    except HomeIsBusy as error:
        fail(str(error), BUSY, "--json" in sys.argv, {"process_id": error.pid})
    except (ReleaseError, HomeNotReady) as error:
        fail(str(error), FAILED, "--json" in sys.argv)
    except OSError as error:
        fail(_explained(error), FAILED, "--json" in sys.argv)
    except KeyboardInterrupt:
        fail("Interrupted. Nothing was published; run the same command again.", 130, "--json" in sys.argv)


def _explained(error: OSError) -> str:
    from sop_pipeline.causes import explain

    return explain(error, Path(str(error.filename or ".")))
