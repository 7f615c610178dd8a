"""The landing zone: what a source delivered, untouched, with a manifest of sha256s, and never overwritten.

`landing/<source>/cycle=YYYY-MM/delivery=<hash>/` holds the files and `manifest.json`; `accepted.json` beside the
deliveries names the newest. The same files again are the same delivery. Add here: rules of the landing zone. Keep out:
reading what is in the files (warehouse.ingest).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from sop_pipeline.delivery.accepted import AcceptedDelivery
from sop_pipeline.delivery.promises import PROMISES_FILE, read_promises
from sop_pipeline.sources.folders import refuse
from sop_pipeline.sources.protocol import DeliveryRequest, Source, SourceError
from sop_pipeline.sources.whole import broken_promises

MANIFEST = "manifest.json"
ACCEPTED = "accepted.json"


@dataclass(frozen=True)
class Landing:
    """A delivery in the landing zone: its folder, and the sha256 and size of every file."""

    folder: Path
    sha256: str
    files: dict[str, dict[str, int | str]]


def deliveries_until(landing_dir: Path, source_name: str, cycle_id: str) -> list[AcceptedDelivery]:
    """Accepted deliveries of a cycle and all before it, oldest first, as their manifests describe them."""
    found = []
    for cycle_dir in sorted((landing_dir / source_name).glob("cycle=*")):
        cycle, pointer = cycle_dir.name.removeprefix("cycle="), cycle_dir / ACCEPTED
        if cycle <= cycle_id and pointer.exists():
            folder = cycle_dir / json.loads(pointer.read_text(encoding="utf-8"))["delivery"]
            manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
            sha256s = {name: str(file["sha256"]) for name, file in manifest["files"].items()}
            landed_at = manifest.get("landed_at")
            moment = datetime.fromisoformat(landed_at) if landed_at else None
            found.append(
                AcceptedDelivery(cycle, folder, sha256s, moment, read_promises(folder / PROMISES_FILE))
            )
    return found


def land(
    source: Source,
    request: DeliveryRequest,
    landing_dir: Path,
    put_beside: Callable[[Path], None] | None = None,
) -> Landing:
    """Let the source deliver and keep what came. Raises SourceError where it delivers nothing or cannot deliver.

    `request.folder` is replaced by a temporary folder below `landing_dir`; a delivery that landed before is kept.
    `put_beside` may add a file of its own to what the source delivered (what planners said by workbook).
    """
    cycle_dir = landing_dir / source.name / f"cycle={request.cycle_id}"
    temporary = cycle_dir / ".delivering"
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    try:
        source.deliver(replace(request, folder=temporary))
        files = _describe(temporary)
        if not files:
            raise SourceError(f"Source {source.name} delivered no file for cycle {request.cycle_id}.")
        broken = broken_promises(read_promises(temporary / PROMISES_FILE), files)
        refuse(f"Cycle {request.cycle_id} of source {source.name}", broken, "Nothing has landed.")
        if put_beside:
            put_beside(temporary)
            files = _describe(temporary)
        sha256 = hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()
        folder = cycle_dir / f"delivery={sha256[:12]}"
        if not folder.exists():
            landed_at = datetime.now(UTC).isoformat(timespec="seconds")
            content = {"source": source.name, "sha256": sha256, "files": files, "landed_at": landed_at}
            _write_json(temporary / MANIFEST, content)
            for name in files:
                _sync(temporary / name)
            os.replace(temporary, folder)
            _sync(cycle_dir)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    _write_json(cycle_dir / ACCEPTED, {"delivery": folder.name})
    return Landing(folder, sha256, files)


def accepted_delivery(landing_dir: Path, source_name: str, cycle_id: str) -> Landing:
    """The cycle's newest delivery, checked against its manifest.

    Raises SourceError where nothing has landed, or where a file is not what it was when it landed.
    """
    cycle_dir = landing_dir / source_name / f"cycle={cycle_id}"
    pointer = cycle_dir / ACCEPTED
    if not pointer.exists():
        raise SourceError(
            f"Nothing has landed for cycle {cycle_id} in {cycle_dir}. Materialize landing/delivery first."
        )
    folder = cycle_dir / json.loads(pointer.read_text(encoding="utf-8"))["delivery"]
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    found = _describe(folder)
    changed = sorted(
        name
        for name in found.keys() | manifest["files"].keys()
        if found.get(name) != manifest["files"].get(name)
    )
    if changed:
        raise SourceError(
            f"{len(changed)} landed files of {folder} are not what they were when they landed: {', '.join(changed[:5])}. "
            "Landed files are evidence: restore them, or remove the folder and deliver again."
        )
    return Landing(folder, manifest["sha256"], manifest["files"])


def _describe(folder: Path) -> dict[str, dict[str, int | str]]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST)
    described: dict[str, dict[str, int | str]] = {}
    for path in files:
        with open(path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        described[path.relative_to(folder).as_posix()] = {"sha256": digest, "bytes": path.stat().st_size}
    return described


def _write_json(path: Path, content: object) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump(content, file, indent=2, sort_keys=True)
            file.write("\n")
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
