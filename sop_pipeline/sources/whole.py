"""Is a delivery whole? Wait for its marker, and hold what was copied against what its manifest promises.

Add here: a sign that a delivery is whole. Keep out: counting rows (warehouse.ingest), what a manifest says
(delivery.promises).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from sop_pipeline.delivery.names import is_litter
from sop_pipeline.delivery.promises import (
    MANIFEST_FILE,
    SUCCESS_FILE,
    Promises,
    PromisesError,
    read_promises,
)

LOOK_SECONDS = 15


def marker_problems(
    folder: Path,
    is_required: bool,
    wait_minutes: float,
    sleep: Callable[[float], None] = time.sleep,
) -> list[str]:
    """Why a delivery is not whole yet, after having waited for its marker; nothing where it is."""
    waited = 0.0
    while is_required and not _has_marker(folder):
        left = wait_minutes * 60 - waited
        if left <= 0:
            words = f" after {wait_minutes:g} minutes" if wait_minutes else ""
            return [
                f"{folder} has no {SUCCESS_FILE} and no {MANIFEST_FILE}{words}: the delivery is not whole yet. Let the "
                "sender write one when all files are there, or wait longer with SOP_DELIVERY_WAIT_MINUTES."
            ]
        sleep(min(LOOK_SECONDS, left))
        waited += min(LOOK_SECONDS, left)
    return []


def _has_marker(folder: Path) -> bool:
    return (folder / SUCCESS_FILE).is_file() or (folder / MANIFEST_FILE).is_file()


def promises_of(folder: Path) -> tuple[Promises, list[str]]:
    """What a folder's manifest promises, and what is wrong with it: also files that it names and the folder lacks."""
    try:
        promises = read_promises(folder / MANIFEST_FILE)
    except PromisesError as error:
        return Promises(), error.problems
    missing = [
        f"{name} is in {folder / MANIFEST_FILE} and not in the folder. Deliver it, or the manifest that is meant."
        for name in promises.files
        if not (folder / name).is_file() or is_litter(name)
    ]
    return promises, missing


def broken_promises(promises: Promises, copied: Mapping[str, Mapping[str, int | str]]) -> list[str]:
    """Files whose bytes are not those that were promised. `copied`: name -> sha256 and bytes of what landed."""
    return [
        f"{name} is not the file of its manifest: sha256 {promise.sha256[:12]}... promised, "
        f"{str(copied[name]['sha256'])[:12]}... copied ({copied[name]['bytes']} bytes). It was half copied or changed: deliver "
        "it again."
        for name, promise in promises.files.items()
        if promise.sha256 and name in copied and copied[name]["sha256"] != promise.sha256
    ]
