"""Which release of which cycle: derived from the releases themselves, so that it cannot disagree with them.

Every question is answered from the manifests in `releases/`. `registry/cycles.json` is an index of the same
for people, scripts and other engines; it is written again wherever it is behind, so a kill between a release
and its entry heals by itself. It also remembers each manifest's hash: a manifest that was edited since is
refused.

* The newest release of a cycle is the one that no other supersedes.
* A cycle is stale when the earlier cycles it shows are not the newest releases of those cycles: an earlier
  one was run again, or came late. Running the stale cycle again makes it current.

Add here: a question about cycles and their releases. Keep out: the content of tables.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sop_pipeline.release import effects
from sop_pipeline.release.hashing import readable_json
from sop_pipeline.release.layout import cycle_of_release, registry_index, release_folder, releases_folder
from sop_pipeline.release.manifest import Manifest, UnreadableManifest, find_edits, read_manifest
from sop_pipeline.release.problems import DamagedReleases, examples

INDEX_VERSION = 1


@dataclass(frozen=True)
class CycleRecord:
    cycle_id: str
    release_id: str  # the newest
    published_at: str
    is_stale: bool
    superseded: tuple[str, ...]  # earlier releases of the cycle, oldest first


@dataclass(frozen=True)
class Registry:
    cycles: tuple[CycleRecord, ...]  # by cycle
    manifests: Mapping[str, Manifest]  # every release

    def newest_of(self, cycle_id: str) -> Manifest | None:
        """The newest release of a cycle, or None where the cycle was never published."""
        releases = [record.release_id for record in self.cycles if record.cycle_id == cycle_id]
        return self.manifests[releases[0]] if releases else None

    def before(self, cycle_id: str) -> list[Manifest]:
        """The newest release of every earlier cycle, oldest cycle first."""
        return [self.manifests[record.release_id] for record in self.cycles if record.cycle_id < cycle_id]


def list_cycles(home: Path) -> tuple[CycleRecord, ...]:
    """Every published cycle, oldest first."""
    return read_registry(home).cycles


def is_published(home: Path, cycle_id: str) -> bool:
    return read_registry(home).newest_of(cycle_id) is not None


def releases_before(home: Path, cycle_id: str) -> dict[str, str]:
    """Earlier cycle -> its newest release: what a run of this cycle reads and then publishes with."""
    return {manifest.cycle_id: manifest.release_id for manifest in read_registry(home).before(cycle_id)}


def released_files_before(home: Path, cycle_id: str, schema: str = "marts") -> dict[str, list[Path]]:
    """Table -> its released files of earlier cycles, one a cycle, oldest first: what `published.*` reads."""
    files: dict[str, list[Path]] = {}
    for manifest in read_registry(home).before(cycle_id):
        for table in manifest.tables:
            if table.schema == schema:
                path = release_folder(home.resolve(), manifest.release_id) / table.file
                files.setdefault(table.table, []).append(path)
    return files


def released_by_cycle(home: Path, cycle_id: str) -> dict[str, dict[str, Path]]:
    """For each cycle released before, the released file of each table of the marts."""
    released: dict[str, dict[str, Path]] = {}
    for table, paths in released_files_before(home, cycle_id).items():
        for path in paths:
            released.setdefault(path.stem.removeprefix("cycle="), {})[table] = path
    return released


def read_registry(home: Path) -> Registry:
    """The registry as the releases say it; raises where a release cannot be believed."""
    manifests, problems = read_manifests(home)
    problems += find_forgotten_edits(home, manifests)
    newest, forks = _find_newest(manifests)
    if problems or forks:
        raise DamagedReleases(
            f"{releases_folder(home)}: {len(problems) + len(forks)} problem(s) with the releases.",
            [*problems, *forks],
            "Restore what is named from a backup, or move those folders out of the releases folder and run"
            " their cycles again. `sop verify` checks a whole release.",
        )
    return Registry(cycles=_describe_cycles(newest, manifests), manifests=manifests)


def read_manifests(home: Path) -> tuple[dict[str, Manifest], list[str]]:
    """The manifest of every release folder, and what is wrong with those that cannot be believed."""
    manifests: dict[str, Manifest] = {}
    problems: list[str] = []
    folder = releases_folder(home)
    for name in sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []:
        if cycle_of_release(name) is None:
            continue
        try:
            manifest = read_manifest(folder / name)
        except UnreadableManifest as error:
            problems.append(str(error))
        else:
            problems += find_edits(manifest, folder / name)
            manifests[name] = manifest
    return manifests, problems


def find_forgotten_edits(home: Path, manifests: Mapping[str, Manifest]) -> list[str]:
    """Manifests that are consistent in themselves but not the ones that the index remembers."""
    path = registry_index(home)
    if not path.exists():
        return []
    try:
        remembered = json.loads(path.read_bytes())["manifests"]
        known = {str(release): str(sha256) for release, sha256 in remembered.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return [f"{path} is not an index of cycles; remove it, it is made again from the releases"]
    return [
        f"{release_id}: its manifest is not the one that {path.name} remembers ({known[release_id][:12]}...)"
        for release_id, manifest in manifests.items()
        if known.get(release_id, manifest.manifest_sha256) != manifest.manifest_sha256
    ]


def write_index(home: Path, registry: Registry) -> None:
    """Bring `registry/cycles.json` up to date, where it is not."""
    content = readable_json(
        {
            "schema_version": INDEX_VERSION,
            "cycles": [
                {
                    "cycle_id": record.cycle_id,
                    "release_id": record.release_id,
                    "published_at": record.published_at,
                    "is_stale": record.is_stale,
                    "superseded": record.superseded,
                }
                for record in registry.cycles
            ],
            "manifests": {name: manifest.manifest_sha256 for name, manifest in registry.manifests.items()},
        }
    )
    path = registry_index(home)
    if not path.exists() or path.read_bytes() != content:
        effects.replace_file(path, content)


def _find_newest(manifests: Mapping[str, Manifest]) -> tuple[dict[str, Manifest], list[str]]:
    """Cycle -> the release that no other supersedes; a cycle with two of them is a problem."""
    superseded = {manifest.supersedes for manifest in manifests.values()}
    heads: dict[str, list[str]] = {}
    for release_id, manifest in manifests.items():
        if release_id not in superseded:
            heads.setdefault(manifest.cycle_id, []).append(release_id)
    forks = [
        f"cycle {cycle_id} has {len(ids)} releases that no other supersedes: {examples(ids)}"
        for cycle_id, ids in heads.items()
        if len(ids) > 1
    ]
    return {cycle_id: manifests[ids[0]] for cycle_id, ids in sorted(heads.items())}, forks


def _describe_cycles(
    newest: Mapping[str, Manifest], manifests: Mapping[str, Manifest]
) -> tuple[CycleRecord, ...]:
    records = []
    shown_by_now: dict[str, str] = {}  # files of the newest releases of the cycles so far -> sha256
    for cycle_id, manifest in newest.items():
        records.append(
            CycleRecord(
                cycle_id=cycle_id,
                release_id=manifest.release_id,
                published_at=manifest.published_at,
                is_stale=manifest.history_files() != shown_by_now,
                superseded=tuple(_superseded_by(manifest, manifests)),
            )
        )
        shown_by_now |= manifest.own_files()
    return tuple(records)


def _superseded_by(newest: Manifest, manifests: Mapping[str, Manifest]) -> list[str]:
    """The releases before this one that are still kept, oldest first: the chain, followed back."""
    chain: list[str] = []
    release_id = newest.supersedes
    while release_id is not None and release_id in manifests:
        chain.insert(0, release_id)
        release_id = manifests[release_id].supersedes
    return chain
