"""What a source is: something that delivers a cycle's extracts as files, exactly as the system gave them.

Add here: a fact that every source needs to know or say. Keep out: any one system (its module), typing and checking of
what was delivered (warehouse.ingest), planning.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol


class SourceError(ValueError):
    """The source cannot deliver the cycle. The message names everything that is missing or wrong, and the remedy."""


@dataclass(frozen=True)
class DeliveryRequest:
    """One cycle's delivery.

    `cycle_id`: YYYY-MM; actuals are closed through the month before. `folder`: an empty folder to write files into.
    `input_dir`: where the user's files are; `planner_dir`: where planners' CSV files are (None = the source's own).
    `released`: for each earlier published cycle, the released file of each table: the plan that was agreed, for a
    source that carries plans out. `world_dir`: a folder that the source may keep a state of its own in. `wait_minutes`: how
    long to wait for a delivery that is not whole yet. `told`: what the source noticed and delivered all the same.
    """

    cycle_id: str
    folder: Path
    input_dir: Path | None = None
    planner_dir: Path | None = None
    released: Mapping[str, Mapping[str, Path]] = field(default_factory=dict)
    world_dir: Path | None = None
    wait_minutes: float = 0
    told: list[str] = field(default_factory=list)


class Source(Protocol):
    """An ERP, or something that stands for one."""

    name: str
    """What `--source` calls it."""
    system: str
    """Whose source contract its files follow: the schema of its lake tables and the name of its staging package."""

    def deliver(self, request: DeliveryRequest) -> None:
        """Write the cycle's files into `request.folder`, bytes untouched. Raises SourceError."""
        ...
