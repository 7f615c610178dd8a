"""The manifest of a release: what is in it, what it was made from, and the hashes that hold it together.

Three hashes, three questions:
* `files[...].sha256`: is this file the one that was published?
* `content_hash`: do two releases say the same? It covers the cycle's tables, the earlier cycles' tables shown
  with them, the pack, the data docs, the inputs, the contract version, and the release superseded; its first 12 digits are
  in the name of the release. It does not cover versions, gates, solver facts, times, nor sop.duckdb (which
  holds the same rows).
* `manifest_sha256`: was this manifest edited? It covers every other field. The registry remembers it; an
  approval signs it.

Because the superseded release is part of the content, the releases of a cycle form one chain: the newest is
the one that no other supersedes, and going back to earlier numbers is a new release at the end of the chain.

Add here: a fact that a release states about itself (raise SCHEMA_VERSION when its readers must know). Keep
out: how the fact is computed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from sop_pipeline.release.hashing import readable_json, sha256_of_json
from sop_pipeline.release.layout import DATA_DOCS_FILE, MANIFEST_FILE, PACK_FILE, TableName, name_release

SCHEMA_VERSION = 1


class UnreadableManifest(ValueError):
    """The file is missing or is not a manifest; says why in one line."""


@dataclass(frozen=True)
class FileRecord:
    sha256: str
    bytes: int


@dataclass(frozen=True)
class ColumnRecord:
    name: str
    type: str  # as the Parquet file gives it back


@dataclass(frozen=True)
class TableRecord:
    """A table of the release's own cycle."""

    schema: str
    table: str
    file: str
    grain: tuple[str, ...]
    columns: tuple[ColumnRecord, ...]
    rows: int
    control_totals: dict[str, str]  # numeric column -> exact sum, as text

    @property
    def name(self) -> TableName:
        return TableName(self.schema, self.table)


@dataclass(frozen=True)
class ShownColumn:
    name: str
    description: str


@dataclass(frozen=True)
class ShownTable:
    """A table as sop.duckdb shows it, all cycles together, described by the newest cycle that has it."""

    schema: str
    table: str
    description: str
    columns: tuple[ShownColumn, ...]  # the newest cycle's, then those that only older cycles have
    files: tuple[str, ...]  # oldest cycle first

    @property
    def name(self) -> TableName:
        return TableName(self.schema, self.table)


@dataclass(frozen=True)
class EarlierCycle:
    """An earlier cycle shown in the release, and the release that its files come from."""

    cycle_id: str
    release_id: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class Manifest:
    schema_version: int
    release_id: str
    cycle_id: str
    content_hash: str
    manifest_sha256: str
    supersedes: str | None
    published_at: str
    contract_version: str
    tables: tuple[TableRecord, ...]
    shown: tuple[ShownTable, ...]
    history: tuple[EarlierCycle, ...]
    files: dict[str, FileRecord]  # path inside the release -> what it is; every file but the manifest
    inputs: dict[str, str]
    gates: dict[str, bool]
    solver: dict[str, Any]
    versions: dict[str, str]

    def own_files(self) -> dict[str, str]:
        """The cycle's own table files -> sha256."""
        return {table.file: self.files[table.file].sha256 for table in self.tables}

    def history_files(self) -> dict[str, str]:
        """The earlier cycles' table files -> sha256."""
        return {path: self.files[path].sha256 for earlier in self.history for path in earlier.files}


def hash_content(manifest: Manifest, supersedes: str | None) -> str:
    """The content hash that a release of this content has as the successor of `supersedes`."""
    documents = (
        {DATA_DOCS_FILE: manifest.files[DATA_DOCS_FILE].sha256} if DATA_DOCS_FILE in manifest.files else {}
    )
    return sha256_of_json(
        {
            "schema_version": manifest.schema_version,
            "cycle_id": manifest.cycle_id,
            "contract_version": manifest.contract_version,
            "tables": manifest.own_files(),
            "history": manifest.history_files(),
            "pack": manifest.files[PACK_FILE].sha256,
            "inputs": manifest.inputs,
            "supersedes": supersedes,
        }
        | ({"documents": documents} if documents else {})  # releases of before had none
    )


def hash_manifest(manifest: Manifest) -> str:
    """The hash of everything that the manifest says, its own hash apart."""
    return sha256_of_json(asdict(replace(manifest, manifest_sha256="")))


def name_content(manifest: Manifest, supersedes: str | None) -> Manifest:
    """The manifest with its content hash and the release id that follows from it."""
    content_hash = hash_content(manifest, supersedes)
    return replace(
        manifest,
        supersedes=supersedes,
        content_hash=content_hash,
        release_id=name_release(manifest.cycle_id, content_hash),
    )


def seal(manifest: Manifest) -> Manifest:
    """The manifest with its own hash: the last step before it is written."""
    return replace(manifest, manifest_sha256=hash_manifest(manifest))


def manifest_bytes(manifest: Manifest) -> bytes:
    return readable_json(asdict(manifest))


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a release folder, as it stands; whether it is true is a question for `verify`."""
    try:
        content = (folder / MANIFEST_FILE).read_bytes()
        manifest = _adapter().validate_json(content)
    except OSError as error:
        raise UnreadableManifest(
            f"{folder.name}: {MANIFEST_FILE} cannot be read: {error.strerror}"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        reason = f"{error.error_count()} problem(s), first: {place}: {first['msg']}"
        raise UnreadableManifest(f"{folder.name}: {MANIFEST_FILE} is no manifest ({reason})") from error
    if missing := _undeclared_files(manifest):
        raise UnreadableManifest(
            f"{folder.name}: {MANIFEST_FILE} does not list its own files {', '.join(missing)}"
        )
    return manifest


def find_edits(manifest: Manifest, folder: Path) -> list[str]:
    """What shows that the manifest is not the one that was published under this name."""
    problems = []
    if manifest.schema_version != SCHEMA_VERSION:
        problems.append(f"has schema version {manifest.schema_version}; this code reads {SCHEMA_VERSION}")
    if (folder / MANIFEST_FILE).read_bytes() != manifest_bytes(manifest):
        problems.append("is not written as manifests are: it was edited")
    if hash_manifest(manifest) != manifest.manifest_sha256:
        problems.append("does not have the hash it states: it was edited")
    content_hash = hash_content(manifest, manifest.supersedes)
    if content_hash != manifest.content_hash:
        problems.append(f"states the content hash {manifest.content_hash}, its content has {content_hash}")
    if not manifest.release_id == folder.name == name_release(manifest.cycle_id, content_hash):
        problems.append(f"names the release {manifest.release_id}; folder and content name another")
    return [f"{folder.name}: {MANIFEST_FILE} {problem}" for problem in problems]


def _undeclared_files(manifest: Manifest) -> list[str]:
    named = {table.file for table in manifest.tables} | {path for e in manifest.history for path in e.files}
    named |= {path for shown in manifest.shown for path in shown.files}
    return sorted((named | {PACK_FILE}) - {*manifest.files})


@cache
def _adapter() -> TypeAdapter[Manifest]:
    return TypeAdapter(Manifest)
