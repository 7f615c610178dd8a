"""Files that came, or changed, after their cycle was published: never taken in without a word, always offered.

Add here: another sign that a published cycle does not rest on what lies in its folder. Keep out: running it again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sop_pipeline.sources.folders import company_formats, cycle_folder, declared_files
from sop_pipeline.sources.landing import deliveries_until


@dataclass(frozen=True)
class LateFiles:
    """Of one published cycle: names of files that arrived and that changed since it landed."""

    cycle_id: str
    arrived: tuple[str, ...]
    changed: tuple[str, ...]

    @property
    def words(self) -> str:
        """What to do about it."""
        found = [
            *(f"{name} arrived" for name in self.arrived),
            *(f"{name} changed" for name in self.changed),
        ]
        shown = ", ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
        return f"after cycle {self.cycle_id} had landed: {shown}. Take it in: sop refresh --cycle {self.cycle_id}"


def late_files(
    landing_dir: Path, source_name: str, system: str, input_dir: Path | None, published: Iterable[str]
) -> list[LateFiles]:
    """Late files of each published cycle, oldest first.

    A cycle with a folder of its own (`cycle=YYYY-MM`) is always looked at; of a folder that all cycles share only what
    came within the newest published cycle's month is late, the rest is the next month's.
    """
    cycles = sorted(published)
    if input_dir is None or not input_dir.is_dir() or not cycles:
        return []
    accepted = {one.cycle_id: one for one in deliveries_until(landing_dir, source_name, cycles[-1])}
    found = []
    for cycle_id in cycles:
        folder, delivery = cycle_folder(input_dir, cycle_id), accepted.get(cycle_id)
        is_shared = folder == input_dir
        if delivery is None or delivery.landed_at is None or (is_shared and cycle_id != cycles[-1]):
            continue
        company = company_formats(folder, system)[0]
        tables = (*declared_files(system, company), *declared_files("planner", company))
        arrived, changed = [], []
        for path in dict.fromkeys(
            p for file in tables for p in (*file.found_in(folder), *file.deltas_in(folder))
        ):
            came_at = datetime.fromtimestamp(path.lstat().st_ctime, UTC)
            if (
                came_at <= delivery.landed_at
                or (is_shared and f"{came_at:%Y-%m}" != cycle_id)
                or not path.is_file()
            ):
                continue
            if path.name not in delivery.sha256s:
                arrived.append(path.name)
            elif _sha256(path) != delivery.sha256s[path.name]:
                changed.append(path.name)
        if arrived or changed:
            found.append(LateFiles(cycle_id, tuple(arrived), tuple(changed)))
    return found


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
