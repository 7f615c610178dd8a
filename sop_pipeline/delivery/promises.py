"""What a delivery promises of itself in `manifest.json`, and the marker that says that it is whole.

    {"extracted_at": "2026-01-03T04:00:00+00:00",
     "files": {"sales_order_lines.csv": {"rows": 1200, "sha256": "...", "sequence": 41,
                                         "totals": {"ordered_quantity": "48210.000"}}}}

All keys may be left out; what is promised is held to. The manifest itself is such a marker, an empty file `_SUCCESS` is
another. Landing keeps the manifest under `PROMISES_FILE`, beside its own. Add here: something a sender may promise.
Keep out: counting what came (warehouse.ingest), waiting for it (sources).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from sop_pipeline.delivery.formats import unknown_words

MANIFEST_FILE = "manifest.json"
SUCCESS_FILE = "_SUCCESS"
PROMISES_FILE = "delivered_manifest.json"
MAXIMUM_BYTES = 16 << 20
_SHA256 = re.compile("[0-9a-f]{64}")


class PromisesError(ValueError):
    """manifest.json cannot be meant as it is written. `problems`: every one of them, in words."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class FilePromise:
    """What is promised of one file: rows without the header, sha256 in hexadecimal, column -> sum over all its rows, and
    its place in the sequence of a table's deltas."""

    rows: int | None = None
    sha256: str | None = None
    sequence: int | None = None
    totals: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True)
class Promises:
    """What is promised of a delivery: when it was taken from the system (UTC), and of each file."""

    extracted_at: datetime | None = None
    files: Mapping[str, FilePromise] = field(default_factory=dict)

    def of(self, name: str) -> FilePromise:
        """What is promised of a file; nothing where it is not named."""
        return self.files.get(name, NO_PROMISE)


NOTHING_PROMISED = Promises()
NO_PROMISE = FilePromise()


def read_promises(path: Path) -> Promises:
    """The promises of a manifest; none where there is no such file. Raises PromisesError."""
    if not path.is_file():
        return NOTHING_PROMISED
    if path.stat().st_size > MAXIMUM_BYTES:
        raise PromisesError([f"{path} has {path.stat().st_size} bytes, more than a manifest needs."])
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"), parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise PromisesError(
            [f"{path} cannot be read as JSON: {error}. Was it copied whole? Deliver it again."]
        ) from None
    problems = list(_problems(str(path), document))
    if problems:
        raise PromisesError(problems)
    files = {
        name: FilePromise(
            said.get("rows"),
            said.get("sha256", "").lower() or None,
            said.get("sequence"),
            {column: Decimal(str(total)) for column, total in said.get("totals", {}).items()},
        )
        for name, said in document.get("files", {}).items()
    }
    extracted_at = document.get("extracted_at")
    return Promises(_moment(extracted_at) if extracted_at else None, files)


def _problems(where: str, document: Any) -> Iterator[str]:
    if not isinstance(document, dict) or not isinstance(document.get("files", {}), dict):
        yield f"{where}: write {{files: {{<file name>: {{rows, sha256, totals, sequence}}}}}}."
        return
    yield from unknown_words(where, document, ("extracted_at", "cut_off", "files"), "key")
    if "extracted_at" in document and _moment(document["extracted_at"]) is None:
        yield f"{where}, extracted_at: {document['extracted_at']!r} is no moment with its time zone, such as 2026-01-03T04:00:00Z."
    for name, said in document.get("files", {}).items():
        inside = f"{where}, {name}"
        if not isinstance(said, dict):
            yield f"{inside}: write {{rows, sha256, totals, sequence}}, not {said!r}."
            continue
        yield from unknown_words(inside, said, ("rows", "sha256", "totals", "sequence", "bytes"), "key")
        for key in ("rows", "sequence"):
            if key in said and (
                not isinstance(said[key], int) or isinstance(said[key], bool) or said[key] < 0
            ):
                yield f"{inside}, {key}: {said[key]!r} is no whole number."
        if "sha256" in said and not _SHA256.fullmatch(str(said["sha256"]).lower()):
            yield f"{inside}, sha256: {said['sha256']!r} is no sha256: 64 hexadecimal digits."
        totals = said.get("totals", {})
        if not isinstance(totals, dict):
            yield f"{inside}, totals: write {{column: sum}}, not {totals!r}."
            continue
        for column, total in totals.items():
            if not _is_number(total):
                yield f"{inside}, totals, {column}: {total!r} is no number."


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def _is_number(value: object) -> bool:
    try:
        return Decimal(str(value)).is_finite()
    except InvalidOperation:
        return False
